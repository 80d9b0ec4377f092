/**
 * The client: what it sends, what it makes of every kind of answer, and what it never tells.
 */
import { readFileSync } from "node:fs"
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { type CloudQuotaError, Limit, Quantity, Transport } from "@cloud-quota/core"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { MetaStudioClient, type Quotas } from "@cloud-quota/metastudio"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { ConfigProvider, Duration, Effect, Fiber, Random, Redacted, Result, Stream } from "effect"
import { TestClock } from "effect/testing"

const projectId = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
const userId = "8f061fa9fc75442e9d9f8a4626b03cce"
const secretKey = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"
const options: MetaStudioClient.Options = {
  region: "cn-north-4",
  projectId,
  credentials: { accessKey: "QTWAOYTTINDUT2QVKYUC", secretKey: Redacted.make(secretKey) }
}

const limits: { readonly [K in Quotas.LimitName]: Limit.Limit } = {
  modeling_count_2d_model: Limit.finite(Quantity.count(10)),
  modeling_count_2d_model_flexus: Limit.unlimited,
  video_time_2d_model: Limit.finite(Quantity.minutes(600)),
  video_time_flexus_2d_model: Limit.unlimited,
  voice_clone_basic: Limit.finite(Quantity.count(5)),
  voice_clone_middle: Limit.finite(Quantity.count(0)),
  voice_clone_advance: Limit.finite(Quantity.count(1)),
  voice_clone_flexus: Limit.unlimited
}

const empty: Transport.Response = { status: 200, headers: { "x-request-id": "r-1" }, body: "" }
const answer = (body: string, status = 200): Transport.Response => ({ status, headers: {}, body })
const refusal = (code: string, status: number, message = "x") =>
  TestTransport.json({ error_code: code, error_msg: message }, status)
const cut = new Transport.TransportError({ phase: "unknown", kind: "closed", message: "cut off" })
const refused = new Transport.TransportError({ phase: "not-sent", kind: "connect", message: "refused" })
/** What a caller without types writes. */
const untyped = (value: unknown) => value as never
const page = (count: number, ids: ReadonlyArray<string>) =>
  TestTransport.json({ count, assets: ids.map((id) => ({ user_id: id, quota: { voice_clone_basic: 1 } })) })

type Client = MetaStudioClient.MetaStudioClient["Service"]

/** A client whose requests are answered by a script, and what it sent. */
const scripted = (answers: Iterable<TestTransport.Answer>, given: Partial<MetaStudioClient.Options> = {}) => {
  const transport = TestTransport.recording(TestTransport.scripted(answers))
  const client = MetaStudioClient.make({ ...options, ...given }).pipe(
    Effect.provideService(Transport.Transport, transport)
  )
  return { requests: transport.requests, client }
}

/** Runs a call while a minute passes, so that it need not wait for its retries. */
const soon = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

/** What a call gives or fails with, and what was sent for it. */
const run = <A>(
  answers: Iterable<TestTransport.Answer>,
  call: (client: Client) => Effect.Effect<A, CloudQuotaError.CloudQuotaError>,
  given?: Partial<MetaStudioClient.Options>
) =>
  Effect.gen(function* () {
    const { client, requests } = scripted(answers, given)
    const result = yield* soon(Effect.result(Effect.flatMap(client, call)))
    return { result, requests }
  })

const failureOf = <A>(result: Result.Result<A, CloudQuotaError.CloudQuotaError>) => {
  if (Result.isSuccess(result)) throw new Error("the call succeeded")
  return result.failure
}

const update = (client: Client) => client.updateUserQuotas({ user_id: userId, quota: limits })
const create = (client: Client) => client.createUserQuotas({ user_id: userId, quota: limits })
const remove = (client: Client) => client.deleteUserQuotas({ user_id: userId })
const list = (client: Client) => client.listUserQuotas()

describe("what is sent", () => {
  it.effect("is the vendor's example request, signed as the vendor signs it", () =>
    Effect.gen(function* () {
      const file = readFileSync(new URL("./vectors/metastudio-signature.json", import.meta.url), "utf8")
      const [vector] = JSON.parse(file).vectors
      yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5))
      const { result, requests } = yield* run([empty], update)
      assert.deepStrictEqual(Result.getOrThrow(result), { raw: {}, requestId: "r-1" })
      const [sent] = requests
      assert.strictEqual(sent?.method, "PUT")
      assert.strictEqual(sent?.url, vector.url)
      assert.strictEqual(sent?.body, vector.body)
      assert.deepStrictEqual(sent?.headers, {
        "content-type": "application/json",
        "x-project-id": projectId,
        "x-sdk-date": "20260102T030405Z",
        authorization: vector.authorization
      })
    })
  )

  it.effect("has the query in one encoding, and no body where there is none", () =>
    Effect.gen(function* () {
      const { requests } = yield* run([page(0, [])], (client) => client.listUserQuotas({ user_id: "a b+c" }))
      assert.strictEqual(
        requests[0]?.url,
        `https://metastudio.cn-north-4.myhuaweicloud.com/v1/${projectId}/user/quotas?limit=100&offset=0&user_id=a%20b%2Bc`
      )
      assert.isUndefined(requests[0]?.body)
    })
  )

  it.effect("creates and removes as documented", () =>
    Effect.gen(function* () {
      const one = { voice_clone_basic: Limit.finite(Quantity.count(5)) }
      const created = yield* run([empty], (client) =>
        client.createUserQuotas({ user_id: userId, quota: one })
      )
      assert.strictEqual(created.requests[0]?.method, "POST")
      assert.strictEqual(created.requests[0]?.body, `{"user_id":"${userId}","quota":{"voice_clone_basic":5}}`)
      const removed = yield* run([empty], remove)
      assert.strictEqual(removed.requests[0]?.method, "DELETE")
      assert.isTrue(removed.requests[0]?.url.endsWith(`/user/quotas/${userId}`))
      assert.isUndefined(removed.requests[0]?.body)
    })
  )

  it.effect("keeps an id inside its segment", () =>
    Effect.gen(function* () {
      const { requests } = yield* run([empty], (client) =>
        client.deleteUserQuotas({ user_id: "子账户 100%?#&$&x" })
      )
      assert.isTrue(
        requests[0]?.url.endsWith("/user/quotas/%E5%AD%90%E8%B4%A6%E6%88%B7%20100%25%3F%23%26%24%26x")
      )
      const strange = [undefined, null, 5, {}, ["u"]].map(untyped)
      for (const id of ["", ".", "..", "a/b", "a\\b", "a\nb", "a\u0000", "\u202eb", ...strange]) {
        // Without a user a listing is of everybody.
        const list = (client: Client) => client.listUserQuotas({ user_id: id })
        for (const call of [
          (client: Client) => client.updateUserQuotas({ user_id: id, quota: limits }),
          (client: Client) => client.createUserQuotas({ user_id: id, quota: limits }),
          (client: Client) => client.deleteUserQuotas({ user_id: id }),
          ...(id === undefined ? [] : [list])
        ]) {
          const { result, requests } = yield* run<unknown>([], call)
          const error = failureOf(result)
          assert.deepInclude(error.reason, { _tag: "InvalidRequest", field: "user_id" })
          assert.strictEqual(error.money, "not-moved")
          assert.lengthOf(requests, 0)
        }
      }
    })
  )

  it.effect("never has limits that cannot be set", () =>
    Effect.gen(function* () {
      const strange = [null, 5, "unlimited", { _tag: "Nope" }, { _tag: "Finite", quantity: "5" }]
      for (const bad of [
        {},
        { video_time_2d_model: Limit.finite(Quantity.minutes("0.5")) },
        untyped(undefined),
        untyped(null),
        ...strange.map((limit) => ({ voice_clone_basic: untyped(limit) }))
      ]) {
        const { requests, result } = yield* run([], (client) =>
          client.updateUserQuotas({ user_id: userId, quota: bad })
        )
        const { reason } = failureOf(result)
        assert.strictEqual(reason._tag, "InvalidRequest")
        assert.match(
          "field" in reason ? String(reason.field) : "",
          /^quota(\.(video_time_2d_model|voice_clone_basic))?$/
        )
        assert.lengthOf(requests, 0)
      }
    })
  )

  it.effect("is any other call, below the project", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* run([answer('{"big":9007199254740993}')], (client) =>
        client.request({ method: "GET", path: "/tenants/resources", query: { resource_source: "A,B" } })
      )
      assert.deepStrictEqual(Result.getOrThrow(result).body, { big: 9007199254740993n })
      assert.isTrue(requests[0]?.url.endsWith(`/v1/${projectId}/tenants/resources?resource_source=A%2CB`))
      for (const path of ["tenants", "/a//b", "/../p2/user", "/a/%2e%2e/b", "/a%2Fb", "/100%", "/a/"]) {
        const { requests, result } = yield* run([], (client) => client.request({ method: "GET", path }))
        assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field: "path" })
        assert.lengthOf(requests, 0)
      }
    })
  )

  it.effect("is no other call with a method, path or safety that there is not", () =>
    Effect.gen(function* () {
      for (const [field, wrong] of [
        ["method", "get"],
        ["method", "GET /x HTTP/1.1\r\nX: y"],
        ["method", undefined],
        ["path", undefined],
        ["path", 5],
        ["safety", "idempotent"],
        ["safety", null]
      ] as const) {
        const { requests, result } = yield* run([], (client) =>
          client.request({ method: "POST", path: "/x", ...{ [field]: untyped(wrong) } })
        )
        assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field })
        assert.lengthOf(requests, 0)
      }
    })
  )
})

describe("what an answer means", () => {
  it.effect("is told for the four errors of the vendor's page", () =>
    Effect.gen(function* () {
      const cases = [
        [400, "MSS.00000003", "Invalid parameter", "InvalidRequest", "not-moved"],
        [401, "MSS.00000001", "Unauthorized", "Unauthenticated", "not-moved"],
        [403, "MSS.00000005", "Forbidden", "PermissionDenied", "not-moved"],
        [500, "MSS.00000004", "Internal Error", "Unavailable", "unknown"]
      ] as const
      for (const [httpStatus, code, message, reason, money] of cases) {
        const failed = { ...refusal(code, httpStatus, message), headers: { "x-request-id": "r-7" } }
        const { result } = yield* run([failed], update, { retry: { attempts: 1 } })
        const error = failureOf(result)
        assert.strictEqual(error.reason._tag, reason)
        assert.deepStrictEqual({ ...error.reason.details }, { code, message, httpStatus })
        assert.strictEqual(error.money, money)
        assert.strictEqual(error.requestId, "r-7")
        assert.strictEqual(error.operation, "UpdateUserQuotas")
        assert.include(error.message, `${code}: ${message}`)
      }
    })
  )

  it.effect("is success for any empty answer or JSON object to a write", () =>
    Effect.gen(function* () {
      const none = yield* run([answer("", 204)], remove)
      assert.deepStrictEqual(Result.getOrThrow(none.result), { raw: {} })
      const inBody = yield* run([TestTransport.json({ request_id: "r-9" }, 201)], create)
      assert.deepStrictEqual(Result.getOrThrow(inBody.result), {
        raw: { request_id: "r-9" },
        requestId: "r-9"
      })
    })
  )

  it.effect("is unknown for an answer to a write that is no JSON, or says that it failed", () =>
    Effect.gen(function* () {
      for (const body of ["<html>welcome</html>", '{"a":', "5", '"ok"', "[]", "true", "null"]) {
        const { result, requests } = yield* run([answer(body)], update)
        assert.strictEqual(failureOf(result).reason._tag, "MalformedResponse")
        assert.strictEqual(failureOf(result).money, "unknown")
        assert.lengthOf(requests, 1)
      }
      const { result } = yield* run([refusal("MSS.77777777", 200)], update)
      assert.strictEqual(failureOf(result).reason._tag, "ProviderFailed")
      assert.strictEqual(failureOf(result).money, "unknown")
    })
  )

  it.effect("is an empty listing where nothing is listed as null", () =>
    Effect.gen(function* () {
      const { result } = yield* run([answer('{"count":0,"assets":null}')], list)
      assert.deepStrictEqual(Result.getOrThrow(result), {
        count: 0,
        assets: [],
        unreadable: [],
        raw: { count: 0, assets: null }
      })
    })
  )

  it.effect("is nothing if a listing is not what is documented", () =>
    Effect.gen(function* () {
      const bodies = [
        "",
        "<html>",
        '{"count":1,"assets":[{"user_id":"u',
        "null",
        "[]",
        "{}",
        '{"count":0}',
        '{"count":1,"assets":null}',
        '{"count":"0","assets":[]}',
        '{"count":-1,"assets":[]}',
        '{"count":1.5,"assets":[]}',
        '{"count":1,"assets":{}}'
      ]
      for (const body of bodies) {
        const { result } = yield* run([answer(body)], list)
        const error = failureOf(result)
        assert.strictEqual(error.reason._tag, "MalformedResponse", body)
        assert.strictEqual(error.money, "not-moved")
      }
    })
  )

  it.effect("is all rows but those that cannot be read, and a stream fails at its end", () =>
    Effect.gen(function* () {
      for (const [row, problem] of [
        ["null", /./],
        ['{"user_id":"u","quota":{"voice_clone_basic":-7}}', /^quota\.voice_clone_basic: expected a limit/],
        ['{"user_id":"","quota":{}}', /^user_id: /]
      ] as const) {
        const body = answer(`{"count":2,"assets":[${row},{"user_id":"v"}]}`)
        const page = yield* run([body], list)
        const { assets, unreadable } = Result.getOrThrow(page.result)
        assert.deepStrictEqual(assets, [{ user_id: "v" }])
        assert.strictEqual(unreadable[0]?.index, 0)
        assert.match(unreadable[0]?.problem ?? "", problem)
        const seen: Array<string> = []
        const { result } = yield* run([body, body], (client) =>
          Stream.runForEach(client.stream.listUserQuotas(), (found) =>
            Effect.sync(() => void seen.push(found.user_id))
          )
        )
        assert.deepStrictEqual(seen, ["v"])
        assert.strictEqual(failureOf(result).reason._tag, "MalformedResponse")
        assert.strictEqual(failureOf(result).money, "not-moved")
      }
    })
  )

  it.effect("is said to come from something on the way where it does", () =>
    Effect.gen(function* () {
      for (const [sent, words] of [
        [
          answer("<html>Sign in</html>"),
          /the answer is a web page, as a proxy's or a network's login page is/
        ],
        [answer("", 302), /status 302, which leads to another page/],
        [answer("<html>", 407), /a proxy on the way answered 407/]
      ] as const) {
        const { result } = yield* run([sent], update)
        assert.match(failureOf(result).message, words)
        assert.strictEqual(failureOf(result).money, "unknown")
      }
    })
  )

  it.effect("is not 'no such member' if the server is not MetaStudio", () =>
    Effect.gen(function* () {
      const { result } = yield* run([answer("<html>not found</html>", 404)], list)
      assert.strictEqual(failureOf(result).reason._tag, "MalformedResponse")
      assert.include(failureOf(result).message, "check the endpoint")
      const gateway = yield* run([refusal("APIGW.0101", 404)], remove)
      assert.strictEqual(failureOf(gateway.result).reason._tag, "InvalidRequest")
    })
  )

  it.effect("tells how wrong the clock is, and what to do", () =>
    Effect.gen(function* () {
      const message =
        "Incorrect IAM authentication information: verify aksk signature fail, signature expired, signature time:20211217T064303Z,server time:20211217T065804Z"
      const { result, requests } = yield* run([refusal("APIGW.0301", 401, message)], update)
      const { reason } = failureOf(result)
      assert.strictEqual(reason._tag, "Unauthenticated")
      assert.include(reason.message, "15 min 1 s behind")
      assert.include(reason.message, "set the clock")
      assert.lengthOf(requests, 1)
    })
  )
})

describe("what is sent again", () => {
  it.effect("is an update, with a signature of its own", () =>
    Effect.gen(function* () {
      const { result, requests } = yield* run(
        [refusal("MSS.00000004", 500), cut, answer("", 502), empty],
        update,
        {
          retry: { base: Duration.seconds(10) }
        }
        // Dates have whole seconds, so the waits must not be shorter by chance.
      ).pipe(Random.withSeed("three waits of more than a second"))
      assert.isTrue(Result.isSuccess(result))
      assert.lengthOf(requests, 4)
      assert.strictEqual(new Set(requests.map(({ body }) => body)).size, 1)
      assert.strictEqual(new Set(requests.map(({ headers }) => headers["x-sdk-date"])).size, 4)
      assert.strictEqual(new Set(requests.map(({ headers }) => headers["authorization"])).size, 4)
    })
  )

  it.effect("is a creation only if it is proven that nothing happened", () =>
    Effect.gen(function* () {
      const unknown = yield* run([cut], create)
      assert.strictEqual(failureOf(unknown.result).money, "unknown")
      assert.lengthOf(unknown.requests, 1)
      const failed = yield* run([answer("", 503)], create)
      assert.lengthOf(failed.requests, 1)
      const proven = yield* run([refused, refusal("APIGW.0308", 429), empty], create)
      assert.isTrue(Result.isSuccess(proven.result))
      assert.lengthOf(proven.requests, 3)
    })
  )

  it.effect("is any other call than GET only like a creation", () =>
    Effect.gen(function* () {
      const put = { method: "PUT", path: "/tenants/x", body: {} } as const
      const unsafe = yield* run([cut], (client) => client.request(put))
      assert.lengthOf(unsafe.requests, 1)
      const safe = yield* run([cut, empty], (client) =>
        client.request({ ...put, safety: "idempotent-write" })
      )
      assert.isTrue(Result.isSuccess(safe.result))
    })
  )

  it.effect("is a removal; gone after an attempt without an answer is done", () =>
    Effect.gen(function* () {
      const gone = refusal("MSS.10001001", 404)
      assert.isTrue(Result.isSuccess((yield* run([cut, gone], remove)).result))
      assert.strictEqual(failureOf((yield* run([gone], remove)).result).reason._tag, "NotFound")
      const throttled = yield* run([answer("", 429), gone], remove)
      assert.strictEqual(failureOf(throttled.result).reason._tag, "NotFound")
    })
  )

  it.effect("is not forgotten: after an attempt without an answer the money stays unknown", () =>
    Effect.gen(function* () {
      const { result } = yield* run([cut, refusal("MSS.00000003", 400)], update)
      assert.strictEqual(failureOf(result).reason._tag, "InvalidRequest")
      assert.strictEqual(failureOf(result).money, "unknown")
    })
  )

  it.effect("waits as long as the provider asks", () =>
    Effect.gen(function* () {
      const throttled = { ...refusal("APIGW.0308", 429), headers: { "retry-after": "7" } }
      const { client, requests } = scripted([throttled, empty])
      const fiber = yield* Effect.forkChild(Effect.flatMap(client, update))
      yield* TestClock.adjust("6 seconds")
      assert.lengthOf(requests, 1)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.lengthOf(requests, 2)
    })
  )
})

describe("pages", () => {
  const all = (client: Client) => Stream.runCollect(client.stream.listUserQuotas())

  it.effect("are asked for until all are there", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* run(
        [page(5, ["a", "b"]), page(5, ["b", "c", "d"]), page(5, ["d", "e"])],
        all
      )
      assert.deepStrictEqual(
        Result.getOrThrow(result).map((user) => user.user_id),
        ["a", "b", "c", "d", "e"]
      )
      assert.deepStrictEqual(
        requests.map(({ url }) => new URL(url).searchParams.get("offset")),
        ["0", "1", "3"]
      )
    })
  )

  it.effect("that end too early are an error, not the end", () =>
    Effect.gen(function* () {
      const { result } = yield* run([page(3, ["a", "b"]), page(3, [])], all)
      assert.strictEqual(failureOf(result).reason._tag, "MalformedResponse")
    })
  )

  it.effect("leave nobody out while sub-accounts come and go", () =>
    Effect.gen(function* () {
      const { result } = yield* run(
        [
          page(4, ["b", "c"]),
          // b is gone, so that d has moved to where c was: it must not pass for the next one.
          page(3, ["d", "e"]),
          page(3, ["c", "d", "e"])
        ],
        all
      )
      assert.deepStrictEqual(
        Result.getOrThrow(result).map((user) => user.user_id),
        ["b", "c", "d", "e"]
      )
    })
  )

  it.effect("that come again are an error, not a listing without end", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* run(
        Array.from({ length: 9 }, () => page(9, ["a", "b"])),
        all
      )
      assert.strictEqual(failureOf(result).reason._tag, "MalformedResponse")
      assert.include(failureOf(result).message, "is the one before it")
      assert.lengthOf(requests, 4)
    })
  )

  it.effect("can be asked for one by one, in range", () =>
    Effect.gen(function* () {
      const { result } = yield* run([page(9, ["a"])], (client) =>
        client.listUserQuotas({ limit: 1, offset: 8 })
      )
      assert.strictEqual(Result.getOrThrow(result).count, 9)
      for (const [field, wrong] of [
        ["limit", { limit: 0 }],
        ["limit", { limit: 101 }],
        ["limit", { limit: 1.5 }],
        ["offset", { offset: -1 }]
      ] as const) {
        const { result } = yield* run([], (client) => client.listUserQuotas(wrong))
        assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field })
      }
    })
  )
})

describe("tokens", () => {
  const password = { domain: "D", user: "U", password: Redacted.make("hunter2-hunter2") }
  const issued = (token: string): Transport.Response => ({
    ...TestTransport.json(
      { token: { expires_at: "2030-01-04T09:05:22.701000Z", project: { id: "p9" } } },
      201
    ),
    headers: { "x-subject-token": token }
  })

  it.effect("go without a signature", () =>
    Effect.gen(function* () {
      const { requests } = yield* run([empty], update, {
        credentials: { token: Redacted.make("ready-token") }
      })
      assert.deepStrictEqual(requests[0]?.headers, {
        "content-type": "application/json",
        "x-auth-token": "ready-token"
      })
    })
  )

  it.effect("tell the project, and are reused", () =>
    Effect.gen(function* () {
      const transport = TestTransport.recording(TestTransport.scripted([issued("t1"), empty, empty]))
      const { projectId: _, ...rest } = options
      const client = yield* MetaStudioClient.make({ ...rest, credentials: password }).pipe(
        Effect.provideService(Transport.Transport, transport)
      )
      assert.strictEqual(client.projectId, "p9")
      yield* update(client)
      yield* update(client)
      assert.lengthOf(transport.requests, 3)
      assert.strictEqual(
        new URL(transport.requests[0]?.url ?? "").origin,
        "https://iam.cn-north-4.myhuaweicloud.com"
      )
      assert.isTrue(transport.requests[2]?.url.includes("/v1/p9/"))
      assert.strictEqual(transport.requests[2]?.headers["x-auth-token"], "t1")
    })
  )

  for (const [code, status] of [
    ["APIGW.0307", 401],
    ["APIGW.0301", 401],
    ["MSS.00000001", 401],
    ["MSS.00010008", 400]
  ] as const) {
    it.effect(`that are refused with ${code} are replaced once, not for ever`, () =>
      Effect.gen(function* () {
        const stale = refusal(code, status)
        const renewed = yield* run([issued("t1"), stale, issued("t2"), empty], create, {
          credentials: password
        })
        assert.isTrue(Result.isSuccess(renewed.result))
        assert.strictEqual(renewed.requests[3]?.headers["x-auth-token"], "t2")
        const { requests, result } = yield* run([issued("t1"), stale, issued("t2"), stale], create, {
          credentials: password
        })
        assert.strictEqual(failureOf(result).reason._tag, "Unauthenticated")
        assert.strictEqual(failureOf(result).money, "not-moved")
        assert.lengthOf(requests, 4)
      })
    )
  }
})

describe("secrets", () => {
  const temporary = "temporary-security-token"
  const password = "hunter2-hunter2"
  const credentialsOf = {
    key: {
      accessKey: "QTWAOYTTINDUT2QVKYUC",
      secretKey: Redacted.make(secretKey),
      securityToken: Redacted.make(temporary)
    },
    token: { token: Redacted.make("ready-token") },
    password: { domain: "D", user: "U", password: Redacted.make(password) }
  }
  const token = "fetched-token"
  const issued: Transport.Response = {
    ...TestTransport.json(
      { token: { expires_at: "2030-01-04T09:05:22.701000Z", project: { id: "p9" } } },
      201
    ),
    headers: { "x-subject-token": token }
  }
  /** What a server knows of those who ask with these credentials. */
  const known: Readonly<Record<string, ReadonlyArray<string>>> = {
    key: [secretKey, temporary, "QTWAOYTTINDUT2QVKYUC"],
    token: ["ready-token"],
    password: [token, password]
  }
  const signatureOf = (sent: TestTransport.SentRequest | undefined) =>
    /Signature=(\w+)/.exec(sent?.headers["authorization"] ?? "")?.[1]
  /** A server that repeats all it knows and was sent, in every place that it has. */
  const echo = (status: number, secrets: ReadonlyArray<string>) => (sent: TestTransport.SentRequest) => {
    const all = [...secrets, signatureOf(sent), JSON.stringify(sent)].join(" ")
    const answered = TestTransport.json({ error_code: all, error_msg: all }, status)
    return { ...answered, headers: { "x-request-id": all } }
  }
  const html = (sent: TestTransport.SentRequest) => answer(`<html>${JSON.stringify(sent)}</html>`)
  const failing = (sent: TestTransport.SentRequest) =>
    new Transport.TransportError({ phase: "unknown", kind: "closed", message: JSON.stringify(sent.headers) })

  const forms = (error: unknown) =>
    [String(error), JSON.stringify(error), inspect(error, { depth: 20, showHidden: true })].join("\n")

  for (const [name, credentials] of Object.entries(credentialsOf)) {
    it.effect(`of a ${name} are in no error`, () =>
      Effect.gen(function* () {
        const secrets = known[name] ?? []
        const steps = [echo(400, secrets), echo(401, secrets), echo(500, secrets), html, failing]
        for (const step of steps) {
          const answers = name === "password" ? [issued, step] : [step]
          const { requests, result } = yield* run(answers, create, { credentials, retry: { attempts: 1 } })
          const text = forms(failureOf(result))
          const signature = name === "key" ? [signatureOf(requests.at(-1)) ?? "no signature was sent"] : []
          assert.isNotEmpty(secrets)
          for (const secret of [...secrets, ...signature]) assert.notInclude(text, secret)
        }
      })
    )
  }

  it.effect("are in no error about the options", () =>
    Effect.gen(function* () {
      const broken = { accessKey: "A", secretKey: Redacted.make("secret\nwith a line break") }
      const { result } = yield* run([], update, { credentials: broken })
      assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field: "secretKey" })
      assert.notInclude(forms(failureOf(result)), "line break\n")
      assert.notInclude(forms(failureOf(result)), "secret\nwith")
      for (const [field, wrong] of [
        ["secretKey", { accessKey: "A", secretKey: untyped(secretKey) }],
        ["securityToken", { ...credentialsOf.key, securityToken: untyped(secretKey) }],
        ["token", { token: untyped(secretKey) }],
        ["token", { token: Redacted.make(`密${secretKey}`) }],
        ["password", { domain: "D", user: "U", password: untyped(secretKey) }],
        ["credentials", untyped(secretKey)],
        ["credentials", untyped(undefined)]
      ] as const) {
        const { result } = yield* run([], update, { credentials: wrong })
        assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field })
        assert.notInclude(forms(failureOf(result)), secretKey)
      }
    })
  )
})

describe("options", () => {
  it.effect("that are wrong are refused by name", () =>
    Effect.gen(function* () {
      const key = { accessKey: "A", secretKey: Redacted.make("S") }
      const password = { domain: "D", user: "U", password: Redacted.make("P") }
      const cases: ReadonlyArray<readonly [string, MetaStudioClient.Options, string?]> = [
        ["region", { credentials: key, projectId: "p" }, "cn-north-4 or cn-east-3"],
        ["region", { credentials: key, projectId: "p", region: "eu-1" }, "cn-north-4 and cn-east-3"],
        ["project_id", { credentials: key, endpoint: "http://127.0.0.1:1" }],
        ["iamEndpoint", { credentials: key, endpoint: "http://127.0.0.1:1", region: "cn-north-4" }],
        ["bssEndpoint", { ...options, bssEndpoint: "bss.example.com" }],
        ["domainId", { ...options, domainId: "" }],
        ["project_id", { credentials: key, region: "cn-north-4", projectId: "" }],
        ["project_id", { credentials: key, region: "cn-north-4", projectId: "a/b" }],
        ["accessKey", { credentials: { ...key, accessKey: "" }, region: "cn-north-4", projectId: "p" }],
        [
          "secretKey",
          { credentials: { ...key, secretKey: Redacted.make("") }, region: "cn-north-4", projectId: "p" }
        ],
        ["token", { credentials: { token: Redacted.make("") }, region: "cn-north-4", projectId: "p" }],
        ["domain", { credentials: { ...password, domain: "" }, region: "cn-north-4" }],
        ["iamEndpoint", { credentials: password, endpoint: "http://127.0.0.1:1", projectId: "p" }],
        ["iamEndpoint", { credentials: password, endpoint: "http://127.0.0.1:1", region: "cn-north-4" }],
        [
          "project_id",
          { credentials: password, endpoint: "http://127.0.0.1:1", iamEndpoint: "http://127.0.0.1:1" }
        ],
        [
          "endpoint",
          { credentials: key, projectId: "p", endpoint: "http://metastudio.example.com" },
          "https://"
        ],
        ["endpoint", { credentials: key, projectId: "p", endpoint: "metastudio.example.com" }],
        ["endpoint", { credentials: key, projectId: "p", endpoint: "https://metastudio.example.com/v1" }],
        ["timeout", { ...options, timeout: untyped(5000) }, "Duration.seconds"],
        ["timeout", { ...options, timeout: Duration.infinity }],
        ["project_id", { ...options, projectId: untyped(5) }]
      ]
      for (const [field, wrong, words = ""] of cases) {
        const error = yield* Effect.flip(MetaStudioClient.make(wrong))
        assert.deepInclude(error.reason, { _tag: "InvalidRequest", field }, JSON.stringify(wrong))
        assert.include(error.message, words)
      }
    })
  )

  it.effect("take an endpoint with or without a slash at its end", () =>
    Effect.gen(function* () {
      for (const endpoint of ["https://metastudio.example.com", "https://metastudio.example.com/"]) {
        const { requests } = yield* run([empty], update, { endpoint })
        assert.strictEqual(
          requests[0]?.url,
          `https://metastudio.example.com/v1/${projectId}/user/quotas/${userId}`
        )
      }
    })
  )

  it.effect("come from the environment", () => {
    const optionsOf = (env: Readonly<Record<string, string>>) =>
      Effect.provide(MetaStudioClient.optionsConfig, ConfigProvider.layer(ConfigProvider.fromUnknown(env)))
    return Effect.gen(function* () {
      const vendor = yield* optionsOf({
        HUAWEICLOUD_SDK_AK: "A",
        HUAWEICLOUD_SDK_SK: "S",
        HUAWEICLOUD_SDK_SECURITY_TOKEN: "T",
        HUAWEICLOUD_SDK_PROJECT_ID: "p1",
        METASTUDIO_REGION: "cn-east-3"
      })
      assert.deepStrictEqual(vendor, {
        credentials: { accessKey: "A", secretKey: Redacted.make("S"), securityToken: Redacted.make("T") },
        projectId: "p1",
        region: "cn-east-3"
      })
      const example = yield* optionsOf({
        CLOUD_SDK_AK: "A2",
        CLOUD_SDK_SK: "S2",
        HUAWEICLOUD_SDK_SK: "of another key",
        HUAWEICLOUD_SDK_PROJECT_ID: "p1",
        METASTUDIO_PROJECT_ID: "p2",
        METASTUDIO_ENDPOINT: "http://127.0.0.1:1"
      })
      assert.deepStrictEqual(example, {
        credentials: { accessKey: "A2", secretKey: Redacted.make("S2") },
        projectId: "p2",
        endpoint: "http://127.0.0.1:1"
      })
      const error = yield* Effect.flip(optionsOf({ HUAWEICLOUD_SDK_AK: "A" }))
      assert.include(error.message, "HUAWEICLOUD_SDK_SK")
    })
  })
})

describe("over the emulator", () => {
  const { accessKey, secretKey, ...defaults } = MetaStudioEmulator.defaults
  const key = { accessKey, secretKey: Redacted.make<string>(secretKey) }

  const roundTrip = Effect.fnUntraced(function* (client: Client) {
    yield* client.createUserQuotas({
      user_id: "new-user",
      quota: { voice_clone_basic: Limit.finite(Quantity.count(1)) }
    })
    yield* client.updateUserQuotas({ user_id: "new-user", quota: limits })
    const [user] = yield* Stream.runCollect(client.stream.listUserQuotas({ user_id: "new-user" }))
    assert.deepStrictEqual(JSON.stringify(user?.quota), JSON.stringify(limits))
    yield* client.deleteUserQuotas({ user_id: "new-user" })
    const error = yield* Effect.flip(client.deleteUserQuotas({ user_id: "new-user" }))
    assert.strictEqual(error.reason._tag, "NotFound")
    assert.isDefined(error.requestId)
    assert.lengthOf(yield* Stream.runCollect(client.stream.listUserQuotas()), 250)
  })

  it.live("does everything over real HTTP, with a key and with a token", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ size: 250 })
      const { origin } = yield* emulator.serve()
      const { domain, password, projectId, user } = defaults
      yield* roundTrip(yield* MetaStudioClient.make({ endpoint: `${origin}/`, projectId, credentials: key }))
      const credentials = { domain, user, password: Redacted.make<string>(password) }
      const client = yield* MetaStudioClient.make({
        endpoint: origin,
        iamEndpoint: origin,
        projectId,
        credentials
      })
      yield* roundTrip(client)
      yield* emulator.expireTokens
      yield* roundTrip(client)
      assert.strictEqual(yield* emulator.count("KeystoneCreateUserTokenByPassword"), 2)
    })
  )

  it.effect("is refused with a wrong secret", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make()
      const clientOf = (secret: string) =>
        MetaStudioClient.make({
          endpoint: "http://127.0.0.1:1",
          projectId: defaults.projectId,
          credentials: { accessKey, secretKey: Redacted.make(secret) }
        }).pipe(Effect.provideService(Transport.Transport, emulator.transport))
      const wrong = yield* Effect.flip(Effect.flatMap(clientOf("another-secret"), list))
      assert.strictEqual(wrong.reason._tag, "Unauthenticated")
      assert.isNotEmpty((yield* Effect.flatMap(clientOf(secretKey), list)).assets)
    })
  )
})
