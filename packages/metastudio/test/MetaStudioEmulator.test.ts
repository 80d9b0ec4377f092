/**
 * The emulator from outside: what it accepts, what it refuses, and in which words.
 */
import * as Transport from "@cloud-quota/core/Transport"
import * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { createHash, createHmac } from "node:crypto"
import { assertLike, holding } from "../../../test/support/like.ts"
import signatureVectors from "./vectors/metastudio-signature.json" with { type: "json" }

const { projectId } = MetaStudioEmulator.defaults
const first = "8f061fa9fc75442e9d9f8a4626b03cce"
const second = "11111111111111111111111111111111"
const allFields: ReadonlyArray<MetaStudioEmulator.QuotaField> = [
  "modeling_count_2d_model",
  "modeling_count_2d_model_flexus",
  "video_time_2d_model",
  "video_time_flexus_2d_model",
  "voice_clone_basic",
  "voice_clone_middle",
  "voice_clone_advance",
  "voice_clone_flexus"
]
const users: ReadonlyArray<MetaStudioEmulator.User> = [
  { userId: first, quota: { video_time_2d_model: 600, voice_clone_basic: -1 } },
  { userId: second, quota: { voice_clone_basic: 3 } }
]

interface Options {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE"
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

/** Sends over the in-memory door; a body that is no text is sent as JSON. */
const send = (emulator: MetaStudioEmulator.MetaStudioEmulator, target: string, options: Options = {}) =>
  Effect.gen(function* () {
    const transport: Transport.Transport = emulator.transport
    const { method = "GET", headers = {}, body } = options
    const response = yield* transport.request({
      method,
      url: new URL(target, "https://metastudio.cn-north-4.myhuaweicloud.com"),
      headers,
      ...(body === undefined ? {} : { body: redactedText(body) })
    })
    const text = response.body
    return { ...response, json: text === "" ? undefined : JSON.parse(text) }
  })

const redactedText = (body: unknown) => Redacted.make(typeof body === "string" ? body : JSON.stringify(body))

const tokenRequest = (changes: { readonly password?: string; readonly scope?: unknown } = {}) => ({
  auth: {
    identity: {
      methods: ["password"],
      password: {
        user: {
          name: MetaStudioEmulator.defaults.user,
          password: changes.password ?? MetaStudioEmulator.defaults.password,
          domain: { name: MetaStudioEmulator.defaults.domain }
        }
      }
    },
    scope: changes.scope ?? { project: { name: "cn-north-4" } }
  }
})

const askToken = (emulator: MetaStudioEmulator.MetaStudioEmulator, body: unknown = tokenRequest()) =>
  send(emulator, "/v3/auth/tokens?nocatalog=true", { method: "POST", body })

/** An emulator, and a sender for it that holds a token. */
const start = (settings: MetaStudioEmulator.Settings = {}) =>
  Effect.gen(function* () {
    const emulator = yield* MetaStudioEmulator.make({ users, ...settings })
    const token = (yield* askToken(emulator)).headers["x-subject-token"] ?? ""
    const call = (path: string, options: Options = {}) =>
      send(emulator, `/v1/${projectId}${path}`, {
        ...options,
        headers: { "x-auth-token": token, ...options.headers }
      })
    const put = (quota: unknown, userId = first) =>
      call(`/user/quotas/${userId}`, { method: "PUT", body: { quota } })
    const quotaOf = (userId: string) => Effect.map(emulator.user(userId), (user) => user?.quota)
    return { emulator, token, call, put, quotaOf }
  })

const refused = (status: number, code: string, message = "") => ({
  status,
  json: { error_code: code, error_msg: holding(message) }
})

const refusedByGateway = (status: number, code: string, message = "") => ({
  status,
  json: {
    error_code: code,
    error_msg: holding(message),
    request_id: /^[0-9a-f]{32}$/
  }
})

describe("signatures made with the vendor's own clients", () => {
  // An encoded slash inside a segment is read in two ways by the vendor's own clients, and the
  // last one is another algorithm, which MetaStudio does not use.
  const vectors = signatureVectors.vectors.filter(({ id }) => !/^v2[23]-/.test(id))
  const signedAt = Date.UTC(2026, 0, 2, 3, 4, 5)

  const attempt = (
    vector: (typeof vectors)[number],
    changes: { target?: string; headers?: object; body?: string } = {}
  ) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(signedAt)
      const emulator = yield* MetaStudioEmulator.make({
        accessKey: vector.ak,
        secretKey: vector.sk,
        ...(vector.projectId === null ? {} : { projectId: vector.projectId }),
        users: [{ userId: first, quota: {} }]
      })
      const body = changes.body ?? vector.body
      return yield* send(emulator, changes.target ?? vector.wireRequestTarget_python ?? "", {
        method: vector.method as "GET",
        headers: { ...lowerCased(vector.headers), authorization: vector.authorization, ...changes.headers },
        ...(body === "" ? {} : { body })
      })
    })

  it("are all there", () => {
    assert.isAtLeast(vectors.length, 14)
  })

  for (const vector of vectors) {
    it.effect(`${vector.id} is accepted`, () =>
      Effect.gen(function* () {
        const answer = yield* attempt(vector)
        // What comes after the signature refuses some of them: they are for other operations, or
        // lack the project. None is refused for its credentials.
        assert.notStrictEqual(answer.status, 401)
      })
    )

    it.effect(`${vector.id} is refused with one thing changed`, () =>
      Effect.gen(function* () {
        const target = vector.wireRequestTarget_python ?? ""
        const changes = [
          {
            headers: {
              authorization: vector.authorization.replace(/.$/, (last) => (last === "0" ? "1" : "0"))
            }
          },
          { headers: { authorization: vector.authorization.replace("Access=Q", "Access=R") } },
          { headers: { "content-type": "application/jsonx" } },
          { headers: { "x-sdk-date": "20260102T030406Z" } },
          { headers: { "x-security-token": "stray" } },
          { target: target.replace(/^(\/[^?]*)/, "$1x") },
          { target: target.includes("?") ? `${target}1` : `${target}?a=1` },
          { body: `${vector.body} ` }
        ]
        for (const change of changes) {
          assertLike(
            yield* attempt(vector, change),
            refusedByGateway(401, "APIGW.0301", "verify aksk signature fail"),
            JSON.stringify(change)
          )
        }
      })
    )
  }

  const seedPut = vectors.find(({ id }) => id.startsWith("v01-"))
  if (seedPut === undefined) throw new Error("the vendor page's own request is missing from the vectors")

  it.effect("does what the vendor page's request says, with an empty answer and a request id", () =>
    Effect.gen(function* () {
      const answer = yield* attempt(seedPut)
      assert.deepInclude(answer, { status: 200, body: "" })
      assert.match(answer.headers["x-request-id"] ?? "", /^[0-9a-f]{32}$/)
    })
  )

  const emulatorAt = (millis: number, settings: MetaStudioEmulator.Settings = {}) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(millis)
      const emulator = yield* MetaStudioEmulator.make({
        accessKey: seedPut.ak,
        secretKey: seedPut.sk,
        projectId: seedPut.projectId ?? "",
        users,
        ...settings
      })
      return yield* send(emulator, seedPut.path, {
        method: "PUT",
        headers: { ...lowerCased(seedPut.headers), authorization: seedPut.authorization },
        body: seedPut.body
      })
    })

  it.effect("are refused when signed more than 15 minutes ago or ahead, with the server's time", () =>
    Effect.gen(function* () {
      const quarter = 15 * 60_000
      for (const skew of [quarter, -quarter])
        assert.strictEqual((yield* emulatorAt(signedAt + skew)).status, 200)
      assertLike(
        yield* emulatorAt(signedAt + quarter + 1000),
        refusedByGateway(
          401,
          "APIGW.0301",
          "signature expired, signature time:20260102T030405Z,server time:20260102T031906Z"
        )
      )
      assert.strictEqual((yield* emulatorAt(signedAt - quarter - 1000)).status, 401)
      assert.strictEqual(
        (yield* emulatorAt(signedAt + quarter + 1000, { clockSkewLimit: "1 hour" })).status,
        200
      )
    })
  )

  it.effect("are for one project, which the header X-Project-Id names too", () =>
    Effect.gen(function* () {
      assertLike(yield* emulatorAt(signedAt, { projectId: "another" }), refused(400, "MSS.00010009"))
      const withoutProject = vectors.find(({ id }) => id === "v05-no-project-id") ?? seedPut
      assertLike(yield* attempt(withoutProject), refused(400, "MSS.00000003", "X-Project-Id"))
    })
  )

  it.effect("are refused when temporary keys go without their security token", () =>
    Effect.gen(function* () {
      assertLike(yield* emulatorAt(signedAt, { securityToken: "sts" }), refusedByGateway(401, "APIGW.0301"))
    })
  )

  it.effect("are refused when they leave out the date or the security token", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(signedAt)
      const emulator = yield* MetaStudioEmulator.make({ securityToken: "sts", users })
      const headers: Record<string, string> = {
        "x-project-id": projectId,
        "x-sdk-date": "20260102T030405Z",
        "x-security-token": "sts"
      }
      const sendSigning = (names: ReadonlyArray<string>) => {
        const canonical = [
          `GET\n/v1/${projectId}/user/quotas/\n`,
          ...names.map((name) => `${name}:${headers[name]}`),
          `\n${names.join(";")}`,
          createHash("sha256").update("").digest("hex")
        ].join("\n")
        const hash = createHash("sha256").update(canonical).digest("hex")
        const signature = createHmac("sha256", MetaStudioEmulator.defaults.secretKey)
          .update(`SDK-HMAC-SHA256\n20260102T030405Z\n${hash}`)
          .digest("hex")
        const access = `SDK-HMAC-SHA256 Access=${MetaStudioEmulator.defaults.accessKey}`
        const authorization = `${access}, SignedHeaders=${names.join(";")}, Signature=${signature}`
        return send(emulator, `/v1/${projectId}/user/quotas`, { headers: { ...headers, authorization } })
      }
      assert.strictEqual((yield* sendSigning(["x-sdk-date", "x-security-token"])).status, 200)
      for (const name of ["x-sdk-date", "x-security-token"]) {
        assertLike(yield* sendSigning([name]), refusedByGateway(401, "APIGW.0301"), name)
      }
    })
  )
})

describe("credentials", () => {
  it.effect("are needed", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      assertLike(yield* send(emulator, `/v1/${projectId}/user/quotas`), refused(401, "MSS.00000001"))
    })
  )

  it.effect("a token is given for a password, with the project, and lives for its time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5, 678))
      const { call, emulator } = yield* start({ tokenLifetime: "2 hours" })
      const answer = yield* askToken(emulator)
      assertLike(answer, {
        status: 201,
        json: {
          token: {
            expires_at: "2026-01-02T05:04:05.678000Z",
            issued_at: "2026-01-02T03:04:05.678000Z",
            methods: ["password"],
            catalog: [],
            project: { id: projectId, name: "cn-north-4", domain: { name: "emulator-domain" } },
            user: { name: "emulator-user", domain: { name: "emulator-domain" }, password_expires_at: "" }
          }
        }
      })
      assert.isAbove(answer.headers["x-subject-token"]?.length ?? Number.NaN, 1024)
      assert.isDefined(answer.headers["x-request-id"])

      yield* TestClock.adjust("119 minutes")
      assert.strictEqual((yield* call("/user/quotas")).status, 200)
      yield* TestClock.adjust("1 minute")
      assertLike(
        yield* call("/user/quotas"),
        refusedByGateway(401, "APIGW.0307", "The token must be updated")
      )
    })
  )

  it.effect("a new token does not end the old one; expireTokens ends all, and a newer one works again", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* start()
      const fresh = { "x-auth-token": (yield* askToken(emulator)).headers["x-subject-token"] ?? "" }
      assert.strictEqual((yield* call("/user/quotas")).status, 200)
      assert.strictEqual((yield* call("/user/quotas", { headers: fresh })).status, 200)

      yield* emulator.expireTokens
      assertLike(yield* call("/user/quotas"), refusedByGateway(401, "APIGW.0307"))
      assertLike(yield* call("/user/quotas", { headers: fresh }), refusedByGateway(401, "APIGW.0307"))
      const newer = { "x-auth-token": (yield* askToken(emulator)).headers["x-subject-token"] ?? "" }
      assert.strictEqual((yield* call("/user/quotas", { headers: newer })).status, 200)
    })
  )

  it.effect("a token may be asked for by the project's id", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      const answer = yield* askToken(emulator, tokenRequest({ scope: { project: { id: projectId } } }))
      assert.strictEqual(answer.status, 201)
    })
  )

  it.effect("IAM refuses in its own shape, with a number for a code", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      assertLike(yield* askToken(emulator, tokenRequest({ password: "wrong" })), {
        status: 401,
        json: { error: { code: 401, title: "Unauthorized", message: "The username or password is wrong." } }
      })
      assertLike(yield* askToken(emulator, tokenRequest({ scope: { project: { name: "mars-1" } } })), {
        status: 401,
        json: { error: { code: 401 } }
      })
      for (const body of ["", "{", { auth: {} }]) {
        assertLike(yield* askToken(emulator, body), { status: 400, json: { error: { code: 400 } } })
      }
    })
  )

  it.effect("a token that was never given out, or is for no or another project, opens nothing", () =>
    Effect.gen(function* () {
      const { call, emulator, token } = yield* start()
      assertLike(
        yield* call("/user/quotas", { headers: { "x-auth-token": `${token}x` } }),
        refusedByGateway(401, "APIGW.0301")
      )
      const ofDomain = (yield* askToken(
        emulator,
        tokenRequest({ scope: { domain: { name: "emulator-domain" } } })
      )).headers["x-subject-token"]
      assertLike(
        yield* call("/user/quotas", { headers: { "x-auth-token": ofDomain ?? "" } }),
        refused(400, "MSS.00010009")
      )
      assertLike(
        yield* send(emulator, "/v1/another/user/quotas", { headers: { "x-auth-token": token } }),
        refused(400, "MSS.00010009", "urlTenantId is not equal tokenTenantId")
      )
    })
  )
})

describe("paths", () => {
  it.effect("that do not exist, or not with this method, are unknown", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* start()
      const unknown: ReadonlyArray<[string, Options]> = [
        ["/user/quotas/", {}],
        ["/user/quotas/", { method: "DELETE" }],
        ["/user/quotas", { method: "PUT", body: { quota: {} } }],
        [`/user/quotas/${first}`, {}],
        [`/user/quotas/${first}/x`, { method: "DELETE" }],
        ["/user/quota", {}]
      ]
      for (const [path, options] of unknown) {
        assertLike(yield* call(path, options), refusedByGateway(404, "APIGW.0101"), path)
      }
      assert.strictEqual(yield* emulator.count("unknown"), unknown.length)
      assertLike(yield* call("/user/quotas/%ff", { method: "DELETE" }), refusedByGateway(400, "APIGW.0201"))
    })
  )

  it.effect("every answer has a request id of its own, the same ones in every run", () =>
    Effect.gen(function* () {
      const run = Effect.gen(function* () {
        const { call } = yield* start()
        const answers = [yield* call("/user/quotas"), yield* call("/nothing"), yield* call("/user/quotas")]
        return answers.map((answer) => answer.headers["x-request-id"])
      })
      const ids = yield* run
      assert.strictEqual(new Set(ids).size, 3)
      assert.deepStrictEqual(yield* run, ids)
    })
  )
})

describe("ListUserQuotas", () => {
  it.effect("gives the quotas as they were set, usage of every field, and how many there are", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* start()
      yield* emulator.use(second, "video_time_flexus_2d_model", 0.1)
      yield* emulator.use(second, "video_time_flexus_2d_model", BigDecimal.make(2n, 1))
      const none = Object.fromEntries(allFields.map((field) => [field, 0]))
      const answer = yield* call("/user/quotas")
      assert.deepStrictEqual(answer.json, {
        count: 2,
        assets: [
          { user_id: first, quota: { video_time_2d_model: 600, voice_clone_basic: -1 }, usage: none },
          {
            user_id: second,
            quota: { voice_clone_basic: 3 },
            usage: { ...none, video_time_flexus_2d_model: 0.3 }
          }
        ]
      })
    })
  )

  it.effect("shows fields that were never set as unlimited if it is told to", () =>
    Effect.gen(function* () {
      const { call } = yield* start({ unsetFields: "unlimited" })
      const { quota } = (yield* call(`/user/quotas?user_id=${second}`)).json.assets[0]
      assert.deepStrictEqual(quota, {
        ...Object.fromEntries(allFields.map((field) => [field, -1])),
        voice_clone_basic: 3
      })
    })
  )

  it.effect("pages by limit and offset, ten at a time by default, and finds everybody once", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* start({ users: manyUsers(23) })
      assertLike((yield* call("/user/quotas")).json, { count: 23, assets: { length: 10 } })
      const seen: Array<string> = []
      for (const offset of [0, 8, 16, 24]) {
        const { json } = yield* call(`/user/quotas?offset=${offset}&limit=8`)
        assert.strictEqual(json.count, 23)
        seen.push(...json.assets.map((asset: { user_id: string }) => asset.user_id))
      }
      assert.deepStrictEqual(
        seen,
        (yield* emulator.users).map((user) => user.userId)
      )
    })
  )

  it.effect("finds one by its id, and nobody by an unknown one", () =>
    Effect.gen(function* () {
      const { call } = yield* start()
      assertLike((yield* call(`/user/quotas?user_id=${second}`)).json, {
        count: 1,
        assets: [{ user_id: second }]
      })
      assertLike(yield* call("/user/quotas?user_id=nobody"), {
        status: 200,
        json: { count: 0, assets: [] }
      })
    })
  )

  it.effect("refuses limits and offsets out of range", () =>
    Effect.gen(function* () {
      const { call } = yield* start()
      for (const query of ["limit=100", "limit=1", "offset=2147483647"]) {
        assert.strictEqual((yield* call(`/user/quotas?${query}`)).status, 200, query)
      }
      for (const query of [
        "limit=0",
        "limit=101",
        "limit=",
        "limit=1.5",
        "offset=-1",
        "offset=2147483648",
        "user_id="
      ]) {
        assertLike(
          yield* call(`/user/quotas?${query}`),
          refused(400, "MSS.00000003", query.split("=")[0]),
          query
        )
      }
    })
  )
})

describe("UpdateUserQuotas", () => {
  it.effect("sets what it is given and keeps the rest, -1 and 0 too", () =>
    Effect.gen(function* () {
      const { emulator, put, quotaOf } = yield* start()
      yield* emulator.use(first, "voice_clone_basic", 7)
      assert.deepInclude(yield* put({ video_time_2d_model: -1, voice_clone_flexus: 0 }), {
        status: 200,
        body: ""
      })
      assert.deepStrictEqual(yield* quotaOf(first), {
        video_time_2d_model: -1,
        voice_clone_basic: -1,
        voice_clone_flexus: 0
      })
      assert.deepStrictEqual(yield* quotaOf(second), { voice_clone_basic: 3 })
      assert.deepStrictEqual((yield* emulator.user(first))?.usage.voice_clone_basic, BigDecimal.make(7n, 0))
    })
  )

  it.effect("unsets what it is not given if it is told to", () =>
    Effect.gen(function* () {
      const { put, quotaOf } = yield* start({ partialPut: "reset" })
      yield* put({ voice_clone_flexus: 0 })
      assert.deepStrictEqual(yield* quotaOf(first), { voice_clone_flexus: 0 })
    })
  )

  it.effect("takes every field at its bounds and refuses it beyond them, and changes nothing then", () =>
    Effect.gen(function* () {
      const { emulator, put, quotaOf } = yield* start()
      for (const field of allFields) {
        const largest = field.startsWith("video_time") ? 999_999_999 : 10_000_000
        for (const good of [-1, 0, largest]) {
          assert.strictEqual((yield* put({ [field]: good })).status, 200, field)
          assertLike(yield* quotaOf(first), { [field]: good })
        }
        const before = yield* quotaOf(first)
        for (const bad of [-2, largest + 1, 1.5, "1", null, true, [], 1e300]) {
          assertLike(
            yield* put({ voice_clone_basic: 9, [field]: bad }),
            refused(400, "MSS.00000003", `quota.${field}`),
            `${field} ${bad}`
          )
        }
        assert.deepStrictEqual(yield* quotaOf(first), before)
      }
      assert.lengthOf(yield* emulator.writes, allFields.length * 3)
    })
  )

  it.effect("refuses bodies that are not what is documented", () =>
    Effect.gen(function* () {
      const { call, put } = yield* start()
      const path = `/user/quotas/${first}`
      for (const body of ["", "{", "null", "[]", "1"]) {
        assertLike(yield* call(path, { method: "PUT", body }), refused(400, "MSS.00000002"), body)
      }
      for (const body of [{}, { quota: null }, { quota: [] }, { quota: {}, user_id: first }]) {
        assertLike(
          yield* call(path, { method: "PUT", body }),
          refused(400, "MSS.00000003"),
          JSON.stringify(body)
        )
      }
      // The order of the words in the names of the two flexus fields differs.
      assertLike(
        yield* put({ video_time_2d_model_flexus: 1 }),
        refused(400, "MSS.00000003", "quota.video_time_2d_model_flexus is unknown")
      )
    })
  )

  it.effect("does not know sub-accounts without a quota", () =>
    Effect.gen(function* () {
      const { put } = yield* start()
      assertLike(yield* put({ voice_clone_basic: 1 }, "nobody"), refused(404, "MSS.10001001"))
    })
  )
})

describe("CreateUserQuotas and DeleteUserQuotas", () => {
  const create = { method: "POST", body: { user_id: "new", quota: { voice_clone_basic: 1 } } } as const

  it.effect("a new sub-account comes last; once deleted it is gone", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* start()
      assert.deepInclude(yield* call("/user/quotas", create), { status: 200, body: "" })
      assert.deepStrictEqual(
        (yield* emulator.users).map((user) => user.userId),
        [first, second, "new"]
      )
      assert.deepInclude(yield* call("/user/quotas/new", { method: "DELETE" }), { status: 200, body: "" })
      assert.deepStrictEqual(
        (yield* emulator.users).map((user) => user.userId),
        [first, second]
      )
      assertLike(yield* call("/user/quotas/new", { method: "DELETE" }), refused(404, "MSS.10001001"))
    })
  )

  it.effect("an existing one is refused, or replaced if it is told to", () =>
    Effect.gen(function* () {
      const again = { method: "POST", body: { user_id: first, quota: { voice_clone_basic: 1 } } } as const
      const careful = yield* start()
      assertLike(yield* careful.call("/user/quotas", again), refused(409, "MSS.00000003"))
      assert.deepStrictEqual(yield* careful.quotaOf(first), users[0]?.quota)
      const overwriting = yield* start({ createExisting: "overwrite" })
      assert.strictEqual((yield* overwriting.call("/user/quotas", again)).status, 200)
      assert.deepStrictEqual(yield* overwriting.quotaOf(first), { voice_clone_basic: 1 })
    })
  )

  it.effect("a user_id is needed", () =>
    Effect.gen(function* () {
      const { call } = yield* start()
      for (const user_id of [undefined, null, "", 7]) {
        const body = { user_id, quota: {} }
        assertLike(
          yield* call("/user/quotas", { method: "POST", body }),
          refused(400, "MSS.00000003", "user_id")
        )
      }
    })
  )

  it.effect("nothing is written, but everything listed, while isolation is off", () =>
    Effect.gen(function* () {
      const { call, emulator, put } = yield* start({ isolation: false })
      assertLike(yield* call("/user/quotas", create), refused(403, "MSS.00000005", "Forbidden"))
      assertLike(yield* put({ voice_clone_basic: 1 }), refused(403, "MSS.00000005"))
      assertLike(yield* call(`/user/quotas/${first}`, { method: "DELETE" }), refused(403, "MSS.00000005"))
      assert.strictEqual((yield* call("/user/quotas")).json.count, 2)
      assert.deepStrictEqual(yield* emulator.writes, [])
    })
  )

  it.effect("the log of writes tells when, what and the request's id", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000)
      const { call, emulator } = yield* start()
      const created = yield* call("/user/quotas", create)
      const deleted = yield* call("/user/quotas/new", { method: "DELETE" })
      assert.deepStrictEqual<unknown>(yield* emulator.writes, [
        {
          at: 1_000,
          operation: "CreateUserQuotas",
          userId: "new",
          quota: { voice_clone_basic: 1 },
          requestId: created.headers["x-request-id"]
        },
        {
          at: 1_000,
          operation: "DeleteUserQuotas",
          userId: "new",
          requestId: deleted.headers["x-request-id"]
        }
      ])
    })
  )
})

describe("faults and direct doors", () => {
  it.effect("an update whose answer is lost has taken effect, once", () =>
    Effect.gen(function* () {
      const { emulator, put, quotaOf } = yield* start()
      yield* emulator.inject({ operation: "UpdateUserQuotas", fault: { _tag: "drop-after" } })
      const error = yield* Effect.flip(put({ voice_clone_basic: 4 }))
      assert.instanceOf(error, Transport.TransportError)
      assert.deepInclude(yield* quotaOf(first), { voice_clone_basic: 4 })
      assert.lengthOf(yield* emulator.writes, 1)
      assert.strictEqual(yield* emulator.count("UpdateUserQuotas"), 1)
    })
  )

  it.effect("set replaces a sub-account; use adds up exactly", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ users })
      yield* emulator.set({
        userId: first,
        quota: { voice_clone_basic: 2 },
        usage: { video_time_2d_model: 12.5 }
      })
      for (let count = 0; count < 3; count++) yield* emulator.use(first, "video_time_2d_model", 0.1)
      const user = yield* emulator.user(first)
      assert.deepStrictEqual(user?.quota, { voice_clone_basic: 2 })
      assert.strictEqual(BigDecimal.format(user?.usage.video_time_2d_model ?? BigDecimal.make(0n, 0)), "12.8")
      assert.isUndefined(yield* emulator.user("nobody"))
    })
  )

  it.effect("invented sub-accounts: the same for a seed, within the rules, of every kind", () =>
    Effect.gen(function* () {
      const invented = yield* (yield* MetaStudioEmulator.make()).users
      assert.deepStrictEqual(yield* (yield* MetaStudioEmulator.make({ seed: 1, size: 200 })).users, invented)
      assert.notDeepEqual((yield* (yield* MetaStudioEmulator.make({ seed: 2 })).users)[0], invented[0])
      assert.strictEqual(new Set(invented.map((user) => user.userId)).size, 200)
      const limits = invented.flatMap((user) => allFields.map((field) => user.quota[field] ?? Number.NaN))
      assert.isTrue(limits.every((limit) => Number.isInteger(limit) && limit >= -1))
      assert.includeMembers(limits, [-1, 0, 5])
      for (const { userId, quota, usage } of invented) {
        assert.match(userId, /^[0-9a-f]{32}$/)
        for (const field of allFields) {
          const used = BigDecimal.toNumberUnsafe(usage[field])
          assert.isAtLeast(used, 0)
          if (quota[field] !== -1) assert.isAtMost(used, quota[field] ?? Number.NaN)
          if (!field.startsWith("video_time")) assert.isTrue(Number.isInteger(used))
        }
      }
      assert.isTrue(invented.some(({ usage }) => !BigDecimal.isInteger(usage.video_time_2d_model)))
    })
  )
})

const lowerCased = (headers: object): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))

const manyUsers = (count: number): ReadonlyArray<MetaStudioEmulator.User> =>
  Array.from({ length: count }, (_, index) => ({
    userId: `user-${index}`,
    quota: { voice_clone_basic: index }
  }))
