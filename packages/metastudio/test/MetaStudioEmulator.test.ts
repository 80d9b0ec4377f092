/**
 * The emulator from outside: what it accepts, what it refuses, and in which words.
 */
import * as Transport from "@cloud-quota/core/Transport"
import * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import { describe, expect, it } from "@effect/vitest"
import { BigDecimal, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { createHash, createHmac } from "node:crypto"
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
  json: { error_code: code, error_msg: expect.stringContaining(message) }
})

const refusedByGateway = (status: number, code: string, message = "") => ({
  status,
  json: {
    error_code: code,
    error_msg: expect.stringContaining(message),
    request_id: expect.stringMatching(/^[0-9a-f]{32}$/)
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
    expect(vectors.length).toBeGreaterThanOrEqual(14)
  })

  for (const vector of vectors) {
    it.effect(`${vector.id} is accepted`, () =>
      Effect.gen(function* () {
        const answer = yield* attempt(vector)
        // What comes after the signature refuses some of them: they are for other operations, or
        // lack the project. None is refused for its credentials.
        expect(answer.status).not.toBe(401)
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
          expect(yield* attempt(vector, change), JSON.stringify(change)).toMatchObject(
            refusedByGateway(401, "APIGW.0301", "verify aksk signature fail")
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
      expect(answer).toMatchObject({ status: 200, body: "" })
      expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/)
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
      for (const skew of [quarter, -quarter]) expect((yield* emulatorAt(signedAt + skew)).status).toBe(200)
      expect(yield* emulatorAt(signedAt + quarter + 1000)).toMatchObject(
        refusedByGateway(
          401,
          "APIGW.0301",
          "signature expired, signature time:20260102T030405Z,server time:20260102T031906Z"
        )
      )
      expect((yield* emulatorAt(signedAt - quarter - 1000)).status).toBe(401)
      expect((yield* emulatorAt(signedAt + quarter + 1000, { clockSkewLimit: "1 hour" })).status).toBe(200)
    })
  )

  it.effect("are for one project, which the header X-Project-Id names too", () =>
    Effect.gen(function* () {
      expect(yield* emulatorAt(signedAt, { projectId: "another" })).toMatchObject(
        refused(400, "MSS.00010009")
      )
      const withoutProject = vectors.find(({ id }) => id === "v05-no-project-id") ?? seedPut
      expect(yield* attempt(withoutProject)).toMatchObject(refused(400, "MSS.00000003", "X-Project-Id"))
    })
  )

  it.effect("are refused when temporary keys go without their security token", () =>
    Effect.gen(function* () {
      expect(yield* emulatorAt(signedAt, { securityToken: "sts" })).toMatchObject(
        refusedByGateway(401, "APIGW.0301")
      )
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
      expect((yield* sendSigning(["x-sdk-date", "x-security-token"])).status).toBe(200)
      for (const name of ["x-sdk-date", "x-security-token"]) {
        expect(yield* sendSigning([name]), name).toMatchObject(refusedByGateway(401, "APIGW.0301"))
      }
    })
  )
})

describe("credentials", () => {
  it.effect("are needed", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      expect(yield* send(emulator, `/v1/${projectId}/user/quotas`)).toMatchObject(
        refused(401, "MSS.00000001")
      )
    })
  )

  it.effect("a token is given for a password, with the project, and lives for its time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5, 678))
      const { call, emulator } = yield* start({ tokenLifetime: "2 hours" })
      const answer = yield* askToken(emulator)
      expect(answer).toMatchObject({
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
      expect(answer.headers["x-subject-token"]?.length).toBeGreaterThan(1024)
      expect(answer.headers["x-request-id"]).toBeDefined()

      yield* TestClock.adjust("119 minutes")
      expect((yield* call("/user/quotas")).status).toBe(200)
      yield* TestClock.adjust("1 minute")
      expect(yield* call("/user/quotas")).toMatchObject(
        refusedByGateway(401, "APIGW.0307", "The token must be updated")
      )
    })
  )

  it.effect("a new token does not end the old one; expireTokens ends all, and a newer one works again", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* start()
      const fresh = { "x-auth-token": (yield* askToken(emulator)).headers["x-subject-token"] ?? "" }
      expect((yield* call("/user/quotas")).status).toBe(200)
      expect((yield* call("/user/quotas", { headers: fresh })).status).toBe(200)

      yield* emulator.expireTokens
      expect(yield* call("/user/quotas")).toMatchObject(refusedByGateway(401, "APIGW.0307"))
      expect(yield* call("/user/quotas", { headers: fresh })).toMatchObject(
        refusedByGateway(401, "APIGW.0307")
      )
      const newer = { "x-auth-token": (yield* askToken(emulator)).headers["x-subject-token"] ?? "" }
      expect((yield* call("/user/quotas", { headers: newer })).status).toBe(200)
    })
  )

  it.effect("a token may be asked for by the project's id", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      const answer = yield* askToken(emulator, tokenRequest({ scope: { project: { id: projectId } } }))
      expect(answer.status).toBe(201)
    })
  )

  it.effect("IAM refuses in its own shape, with a number for a code", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      expect(yield* askToken(emulator, tokenRequest({ password: "wrong" }))).toMatchObject({
        status: 401,
        json: { error: { code: 401, title: "Unauthorized", message: "The username or password is wrong." } }
      })
      expect(
        yield* askToken(emulator, tokenRequest({ scope: { project: { name: "mars-1" } } }))
      ).toMatchObject({
        status: 401,
        json: { error: { code: 401 } }
      })
      for (const body of ["", "{", { auth: {} }]) {
        expect(yield* askToken(emulator, body)).toMatchObject({ status: 400, json: { error: { code: 400 } } })
      }
    })
  )

  it.effect("a token that was never given out, or is for no or another project, opens nothing", () =>
    Effect.gen(function* () {
      const { call, emulator, token } = yield* start()
      expect(yield* call("/user/quotas", { headers: { "x-auth-token": `${token}x` } })).toMatchObject(
        refusedByGateway(401, "APIGW.0301")
      )
      const ofDomain = (yield* askToken(
        emulator,
        tokenRequest({ scope: { domain: { name: "emulator-domain" } } })
      )).headers["x-subject-token"]
      expect(yield* call("/user/quotas", { headers: { "x-auth-token": ofDomain ?? "" } })).toMatchObject(
        refused(400, "MSS.00010009")
      )
      expect(
        yield* send(emulator, "/v1/another/user/quotas", { headers: { "x-auth-token": token } })
      ).toMatchObject(refused(400, "MSS.00010009", "urlTenantId is not equal tokenTenantId"))
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
        expect(yield* call(path, options), path).toMatchObject(refusedByGateway(404, "APIGW.0101"))
      }
      expect(yield* emulator.count("unknown")).toBe(unknown.length)
      expect(yield* call("/user/quotas/%ff", { method: "DELETE" })).toMatchObject(
        refusedByGateway(400, "APIGW.0201")
      )
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
      expect(new Set(ids).size).toBe(3)
      expect(yield* run).toEqual(ids)
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
      expect(answer.json).toEqual({
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
      expect(quota).toEqual({
        ...Object.fromEntries(allFields.map((field) => [field, -1])),
        voice_clone_basic: 3
      })
    })
  )

  it.effect("pages by limit and offset, ten at a time by default, and finds everybody once", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* start({ users: manyUsers(23) })
      expect((yield* call("/user/quotas")).json).toMatchObject({ count: 23, assets: { length: 10 } })
      const seen: Array<string> = []
      for (const offset of [0, 8, 16, 24]) {
        const { json } = yield* call(`/user/quotas?offset=${offset}&limit=8`)
        expect(json.count).toBe(23)
        seen.push(...json.assets.map((asset: { user_id: string }) => asset.user_id))
      }
      expect(seen).toEqual((yield* emulator.users).map((user) => user.userId))
    })
  )

  it.effect("finds one by its id, and nobody by an unknown one", () =>
    Effect.gen(function* () {
      const { call } = yield* start()
      expect((yield* call(`/user/quotas?user_id=${second}`)).json).toMatchObject({
        count: 1,
        assets: [{ user_id: second }]
      })
      expect(yield* call("/user/quotas?user_id=nobody")).toMatchObject({
        status: 200,
        json: { count: 0, assets: [] }
      })
    })
  )

  it.effect("refuses limits and offsets out of range", () =>
    Effect.gen(function* () {
      const { call } = yield* start()
      for (const query of ["limit=100", "limit=1", "offset=2147483647"]) {
        expect((yield* call(`/user/quotas?${query}`)).status, query).toBe(200)
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
        expect(yield* call(`/user/quotas?${query}`), query).toMatchObject(
          refused(400, "MSS.00000003", query.split("=")[0])
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
      expect(yield* put({ video_time_2d_model: -1, voice_clone_flexus: 0 })).toMatchObject({
        status: 200,
        body: ""
      })
      expect(yield* quotaOf(first)).toEqual({
        video_time_2d_model: -1,
        voice_clone_basic: -1,
        voice_clone_flexus: 0
      })
      expect(yield* quotaOf(second)).toEqual({ voice_clone_basic: 3 })
      expect((yield* emulator.user(first))?.usage.voice_clone_basic).toEqual(BigDecimal.make(7n, 0))
    })
  )

  it.effect("unsets what it is not given if it is told to", () =>
    Effect.gen(function* () {
      const { put, quotaOf } = yield* start({ partialPut: "reset" })
      yield* put({ voice_clone_flexus: 0 })
      expect(yield* quotaOf(first)).toEqual({ voice_clone_flexus: 0 })
    })
  )

  it.effect("takes every field at its bounds and refuses it beyond them, and changes nothing then", () =>
    Effect.gen(function* () {
      const { emulator, put, quotaOf } = yield* start()
      for (const field of allFields) {
        const largest = field.startsWith("video_time") ? 999_999_999 : 10_000_000
        for (const good of [-1, 0, largest]) {
          expect((yield* put({ [field]: good })).status, field).toBe(200)
          expect(yield* quotaOf(first)).toMatchObject({ [field]: good })
        }
        const before = yield* quotaOf(first)
        for (const bad of [-2, largest + 1, 1.5, "1", null, true, [], 1e300]) {
          expect(yield* put({ voice_clone_basic: 9, [field]: bad }), `${field} ${bad}`).toMatchObject(
            refused(400, "MSS.00000003", `quota.${field}`)
          )
        }
        expect(yield* quotaOf(first)).toEqual(before)
      }
      expect(yield* emulator.writes).toHaveLength(allFields.length * 3)
    })
  )

  it.effect("refuses bodies that are not what is documented", () =>
    Effect.gen(function* () {
      const { call, put } = yield* start()
      const path = `/user/quotas/${first}`
      for (const body of ["", "{", "null", "[]", "1"]) {
        expect(yield* call(path, { method: "PUT", body }), body).toMatchObject(refused(400, "MSS.00000002"))
      }
      for (const body of [{}, { quota: null }, { quota: [] }, { quota: {}, user_id: first }]) {
        expect(yield* call(path, { method: "PUT", body }), JSON.stringify(body)).toMatchObject(
          refused(400, "MSS.00000003")
        )
      }
      // The order of the words in the names of the two flexus fields differs.
      expect(yield* put({ video_time_2d_model_flexus: 1 })).toMatchObject(
        refused(400, "MSS.00000003", "quota.video_time_2d_model_flexus is unknown")
      )
    })
  )

  it.effect("does not know sub-accounts without a quota", () =>
    Effect.gen(function* () {
      const { put } = yield* start()
      expect(yield* put({ voice_clone_basic: 1 }, "nobody")).toMatchObject(refused(404, "MSS.10001001"))
    })
  )
})

describe("CreateUserQuotas and DeleteUserQuotas", () => {
  const create = { method: "POST", body: { user_id: "new", quota: { voice_clone_basic: 1 } } } as const

  it.effect("a new sub-account comes last; once deleted it is gone", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* start()
      expect(yield* call("/user/quotas", create)).toMatchObject({ status: 200, body: "" })
      expect((yield* emulator.users).map((user) => user.userId)).toEqual([first, second, "new"])
      expect(yield* call("/user/quotas/new", { method: "DELETE" })).toMatchObject({ status: 200, body: "" })
      expect((yield* emulator.users).map((user) => user.userId)).toEqual([first, second])
      expect(yield* call("/user/quotas/new", { method: "DELETE" })).toMatchObject(
        refused(404, "MSS.10001001")
      )
    })
  )

  it.effect("an existing one is refused, or replaced if it is told to", () =>
    Effect.gen(function* () {
      const again = { method: "POST", body: { user_id: first, quota: { voice_clone_basic: 1 } } } as const
      const careful = yield* start()
      expect(yield* careful.call("/user/quotas", again)).toMatchObject(refused(409, "MSS.00000003"))
      expect(yield* careful.quotaOf(first)).toEqual(users[0]?.quota)
      const overwriting = yield* start({ createExisting: "overwrite" })
      expect((yield* overwriting.call("/user/quotas", again)).status).toBe(200)
      expect(yield* overwriting.quotaOf(first)).toEqual({ voice_clone_basic: 1 })
    })
  )

  it.effect("a user_id is needed", () =>
    Effect.gen(function* () {
      const { call } = yield* start()
      for (const user_id of [undefined, null, "", 7]) {
        const body = { user_id, quota: {} }
        expect(yield* call("/user/quotas", { method: "POST", body })).toMatchObject(
          refused(400, "MSS.00000003", "user_id")
        )
      }
    })
  )

  it.effect("nothing is written, but everything listed, while isolation is off", () =>
    Effect.gen(function* () {
      const { call, emulator, put } = yield* start({ isolation: false })
      expect(yield* call("/user/quotas", create)).toMatchObject(refused(403, "MSS.00000005", "Forbidden"))
      expect(yield* put({ voice_clone_basic: 1 })).toMatchObject(refused(403, "MSS.00000005"))
      expect(yield* call(`/user/quotas/${first}`, { method: "DELETE" })).toMatchObject(
        refused(403, "MSS.00000005")
      )
      expect((yield* call("/user/quotas")).json.count).toBe(2)
      expect(yield* emulator.writes).toEqual([])
    })
  )

  it.effect("the log of writes tells when, what and the request's id", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000)
      const { call, emulator } = yield* start()
      const created = yield* call("/user/quotas", create)
      const deleted = yield* call("/user/quotas/new", { method: "DELETE" })
      expect(yield* emulator.writes).toEqual([
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
      expect(error).toBeInstanceOf(Transport.TransportError)
      expect(yield* quotaOf(first)).toMatchObject({ voice_clone_basic: 4 })
      expect(yield* emulator.writes).toHaveLength(1)
      expect(yield* emulator.count("UpdateUserQuotas")).toBe(1)
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
      expect(user?.quota).toEqual({ voice_clone_basic: 2 })
      expect(BigDecimal.format(user?.usage.video_time_2d_model ?? BigDecimal.make(0n, 0))).toBe("12.8")
      expect(yield* emulator.user("nobody")).toBeUndefined()
    })
  )

  it.effect("invented sub-accounts: the same for a seed, within the rules, of every kind", () =>
    Effect.gen(function* () {
      const invented = yield* (yield* MetaStudioEmulator.make()).users
      expect(yield* (yield* MetaStudioEmulator.make({ seed: 1, size: 200 })).users).toEqual(invented)
      expect((yield* (yield* MetaStudioEmulator.make({ seed: 2 })).users)[0]).not.toEqual(invented[0])
      expect(new Set(invented.map((user) => user.userId)).size).toBe(200)
      const limits = invented.flatMap((user) => allFields.map((field) => user.quota[field] ?? Number.NaN))
      expect(limits.every((limit) => Number.isInteger(limit) && limit >= -1)).toBe(true)
      expect(limits).toEqual(expect.arrayContaining([-1, 0, 5]))
      for (const { userId, quota, usage } of invented) {
        expect(userId).toMatch(/^[0-9a-f]{32}$/)
        for (const field of allFields) {
          const used = BigDecimal.toNumberUnsafe(usage[field])
          expect(used).toBeGreaterThanOrEqual(0)
          if (quota[field] !== -1) expect(used).toBeLessThanOrEqual(quota[field] ?? Number.NaN)
          if (!field.startsWith("video_time")) expect(Number.isInteger(used)).toBe(true)
        }
      }
      expect(invented.some(({ usage }) => !BigDecimal.isInteger(usage.video_time_2d_model))).toBe(true)
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
