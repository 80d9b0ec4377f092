/**
 * Tokens: fetched once for all who ask, renewed in time, replaced when refused.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Transport } from "@cloud-quota/core"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { IamToken } from "@cloud-quota/metastudio"
import { DateTime, Duration, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"

const secret = 'hunter2"\\'
const credentials = { domain: "IAMDomain", user: "IAMUser", password: Redacted.make(secret) }

interface Fetches {
  readonly transport: Transport.Transport
  readonly count: () => number
}

/** An IAM that takes a second for every token, `token-1`, `token-2` …, each good for a day. */
const iam = (answer?: (count: number) => Transport.Response): Fetches => {
  let count = 0
  return {
    count: () => count,
    transport: {
      ...TestTransport.scripted([]),
      request: () =>
        Effect.gen(function* () {
          const mine = ++count
          yield* Effect.sleep("1 second")
          if (answer !== undefined) return answer(mine)
          const expires = DateTime.addDuration(yield* DateTime.now, Duration.hours(24))
          return issued(`token-${mine}`, DateTime.formatIso(expires))
        })
    }
  }
}

const issued = (token: string, expiresAt: string): Transport.Response => ({
  ...TestTransport.json({ token: { expires_at: expiresAt, project: { id: "p1" } } }, 201),
  headers: { "x-subject-token": token }
})

const tokensOf = (transport: Transport.Transport) =>
  IamToken.make({
    credentials,
    transport,
    iamEndpoint: new URL("https://iam.cn-north-4.myhuaweicloud.com"),
    project: { name: "cn-north-4" }
  })

const text = ({ token }: IamToken.IamToken) => Redacted.value(token)

/** Runs it while the clock goes on, since every fetch takes a second. */
const soon = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })

describe("IamToken", () => {
  it.effect("asks as the vendor documents", () =>
    Effect.gen(function* () {
      const transport = TestTransport.recording(
        TestTransport.scripted([issued("t1", "2020-01-04T09:05:22.701000Z")])
      )
      const token = yield* tokensOf(transport).current
      assert.strictEqual(text(token), "t1")
      assert.strictEqual(token.projectId, "p1")
      assert.strictEqual(DateTime.formatIso(token.expiresAt), "2020-01-04T09:05:22.701Z")
      const [sent] = transport.requests
      assert.strictEqual(sent?.method, "POST")
      assert.strictEqual(sent?.url, "https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens?nocatalog=true")
      assert.deepStrictEqual(JSON.parse(sent?.body ?? ""), {
        auth: {
          identity: {
            methods: ["password"],
            password: {
              user: { name: "IAMUser", password: secret, domain: { name: "IAMDomain" } }
            }
          },
          scope: { project: { name: "cn-north-4" } }
        }
      })
    })
  )

  it.effect("is fetched once for all who ask at the same time", () =>
    Effect.gen(function* () {
      const { count, transport } = iam()
      const tokens = tokensOf(transport)
      const all = yield* soon(
        Effect.all([tokens.current, tokens.current, tokens.current], { concurrency: 3 })
      )
      assert.deepStrictEqual(all.map(text), ["token-1", "token-1", "token-1"])
      assert.strictEqual(text(yield* tokens.current), "token-1")
      assert.strictEqual(count(), 1)
    })
  )

  it.effect("is asked for once if it is refused, however many wait; and again later", () =>
    Effect.gen(function* () {
      const refusal = {
        error: { code: 401, message: "The username or password is wrong.", title: "Unauthorized" }
      }
      const { count, transport } = iam(() => TestTransport.json(refusal, 401))
      const tokens = tokensOf(transport)
      const asked = Effect.flip(tokens.current)
      const errors = yield* soon(Effect.all([asked, asked, asked], { concurrency: 3 }))
      assert.strictEqual(count(), 1)
      for (const { money, operation, reason } of errors) {
        assert.strictEqual(reason._tag, "Unauthenticated")
        assert.strictEqual(reason.details?.code, "401")
        assert.strictEqual(money, "not-moved")
        assert.strictEqual(operation, "KeystoneCreateUserTokenByPassword")
      }
      yield* soon(asked)
      assert.strictEqual(count(), 2)
    })
  )

  it.effect("survives that the one who fetches is interrupted", () =>
    Effect.gen(function* () {
      const { transport } = iam()
      const tokens = tokensOf(transport)
      const first = yield* Effect.forkChild(tokens.current)
      const second = yield* Effect.forkChild(tokens.current)
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(text(yield* Fiber.join(second)), "token-2")
    })
  )

  it.effect("is renewed when less than half an hour is left", () =>
    Effect.gen(function* () {
      const { count, transport } = iam()
      const tokens = tokensOf(transport)
      yield* soon(tokens.current)
      yield* TestClock.adjust(Duration.minutes(23 * 60 + 30))
      assert.strictEqual(text(yield* tokens.current), "token-1")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(text(yield* soon(tokens.current)), "token-2")
      assert.strictEqual(count(), 2)
    })
  )

  it.effect("is replaced once for all whose token was refused", () =>
    Effect.gen(function* () {
      const { count, transport } = iam()
      const tokens = tokensOf(transport)
      const refused = yield* soon(tokens.current)
      const replaced = yield* soon(
        Effect.all([tokens.replace(refused), tokens.replace(refused)], { concurrency: 2 })
      )
      assert.deepStrictEqual(replaced.map(text), ["token-2", "token-2"])
      assert.strictEqual(text(yield* tokens.replace(refused)), "token-2")
      assert.strictEqual(count(), 2)
    })
  )

  it.effect("is not made up of an answer that lacks a part", () =>
    Effect.gen(function* () {
      const whole = issued("t1", "2020-01-04T09:05:22.701000Z")
      const answers = [
        { ...whole, headers: {} },
        { ...whole, body: "" },
        { ...whole, body: "<html>" },
        { ...whole, body: JSON.stringify({ token: { expires_at: "soon", project: { id: "p1" } } }) },
        { ...whole, body: JSON.stringify({ token: { expires_at: "2020-01-04T09:05:22Z" } }) }
      ]
      for (const answer of answers) {
        const error = yield* Effect.flip(tokensOf(TestTransport.scripted([answer])).current)
        assert.strictEqual(error.reason._tag, "MalformedResponse")
      }
    })
  )

  it.effect("reads the other shapes of a refusal", () =>
    Effect.gen(function* () {
      const answers = [
        TestTransport.json(
          { error_code: "IAM.9999", error_msg: `${secret} is wrong, ${JSON.stringify(secret)} too` },
          403
        ),
        TestTransport.json({ error_code: "APIGW.0301", error_msg: "x", request_id: "r1" }, 401)
      ]
      const [first, second] = yield* Effect.forEach(answers, (answer) =>
        Effect.flip(tokensOf(TestTransport.scripted([answer])).current)
      )
      assert.strictEqual(first?.reason._tag, "PermissionDenied")
      assert.notInclude(String(first), "hunter2")
      assert.strictEqual(second?.reason._tag, "Unauthenticated")
      assert.strictEqual(second?.requestId, "r1")
    })
  )
})
