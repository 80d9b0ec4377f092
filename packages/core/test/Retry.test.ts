/**
 * What may be sent again, how often and how patiently: under a clock that only the test moves.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import {
  CloudQuotaError,
  InvalidRequest,
  type Money,
  type Reason,
  Throttled,
  Timeout,
  TransportFailed,
  Unavailable
} from "@cloud-quota/core/CloudQuotaError"
import * as Retry from "@cloud-quota/core/adapter/Retry"

const failure = (reason: Reason, money: Money = "not-moved") =>
  new CloudQuotaError({ provider: "p", operation: "o", money, reason })

const passing = failure(new Unavailable({ message: "busy" }))
const lasting = failure(new InvalidRequest({ message: "wrong" }))
const unsettled = failure(new Timeout({ message: "no answer" }), "unknown")
const unsent = failure(new TransportFailed({ message: "refused", phase: "not-sent" }))

/** Runs an attempt that fails with these errors in turn and then succeeds; tells when each attempt began. */
const attempts = (retry: Retry.Retry, safety: Retry.Safety, errors: ReadonlyArray<CloudQuotaError>) =>
  Effect.gen(function* () {
    const startedAt = yield* Clock.currentTimeMillis
    const at: Array<number> = []
    const attempt = Effect.gen(function* () {
      const error = errors[at.length]
      at.push((yield* Clock.currentTimeMillis) - startedAt)
      if (error !== undefined) return yield* error
      return "done"
    })
    const fiber = yield* Effect.forkChild(Effect.exit(retry.run(safety, attempt)))
    yield* TestClock.adjust(Duration.hours(1))
    return { at, succeeded: Exit.isSuccess(yield* Fiber.join(fiber)) }
  })

describe("the safety class", () => {
  const rows: ReadonlyArray<readonly [Retry.Safety, string, CloudQuotaError, sent: number]> = [
    ["read", "a passing failure", passing, 2],
    ["read", "a lost answer", unsettled, 2],
    ["read", "a lasting failure", lasting, 1],
    ["idempotent-write", "a passing failure", passing, 2],
    ["idempotent-write", "a lost answer", unsettled, 2],
    ["idempotent-write", "a lasting failure", lasting, 1],
    ["create", "a failure that proves that nothing happened", unsent, 2],
    ["create", "a lost answer", unsettled, 1],
    ["create", "a lasting failure", lasting, 1],
    ["delta", "a passing failure", passing, 1],
    ["delta", "a lost answer", unsettled, 1],
    ["delta", "a failure that proves that nothing was sent", unsent, 1]
  ]
  for (const [safety, what, error, sent] of rows) {
    it.effect(`${safety}: ${what} is sent ${sent === 1 ? "once" : "again"}`, () =>
      Effect.gen(function* () {
        const { at, succeeded } = yield* attempts(Retry.make(), safety, [error])
        assert.strictEqual(at.length, sent)
        assert.strictEqual(succeeded, sent === 2)
      })
    )
  }
})

describe("patience", () => {
  it.effect("gives up after the attempts that it has", () =>
    Effect.gen(function* () {
      const always = Array.from({ length: 10 }, () => passing)
      assert.strictEqual((yield* attempts(Retry.make(), "read", always)).at.length, 4)
      assert.strictEqual((yield* attempts(Retry.make({ attempts: 2 }), "read", always)).at.length, 2)
      assert.strictEqual((yield* attempts(Retry.make({ attempts: 1 }), "read", always)).at.length, 1)
    })
  )

  it.effect("waits up to twice as long each time, and never beyond the limit", () =>
    Effect.gen(function* () {
      const policy = { attempts: 8, base: Duration.millis(100), limit: Duration.millis(1000) }
      const always = Array.from({ length: 7 }, () => passing)
      const { at } = yield* attempts(Retry.make(policy), "read", always)
      assert.strictEqual(at.length, 8)
      for (const [index, longest] of [100, 200, 400, 800, 1000, 1000, 1000].entries()) {
        const waited = (at[index + 1] ?? 0) - (at[index] ?? 0)
        assert.isTrue(waited >= 0 && waited <= longest, `${waited} ms before attempt ${index + 2}`)
      }
    })
  )

  it.effect("waits at least as long as the provider asks", () =>
    Effect.gen(function* () {
      const asked = failure(new Throttled({ message: "slow down", retryAfterMillis: 7000 }))
      const { at, succeeded } = yield* attempts(Retry.make(), "read", [asked])
      assert.deepStrictEqual([at, succeeded], [[0, 7000], true])
    })
  )

  it.effect("does not wait where the provider asks for more than the limit", () =>
    Effect.gen(function* () {
      const asked = failure(new Throttled({ message: "tomorrow", retryAfterMillis: 86_400_000 }))
      const { at, succeeded } = yield* attempts(Retry.make(), "read", [asked])
      assert.deepStrictEqual([at, succeeded], [[0], false])
    })
  )
})

describe("the budget", () => {
  const always = Array.from({ length: 10 }, () => passing)

  it.effect("ends retries where everything fails, for all requests of the account", () =>
    Effect.gen(function* () {
      const retry = Retry.make()
      let retries = 0
      for (let call = 0; call < 20; call++) retries += (yield* attempts(retry, "read", always)).at.length - 1
      assert.strictEqual(retries, 20)
      assert.strictEqual((yield* attempts(retry, "idempotent-write", [passing])).at.length, 1)
    })
  )

  it.effect("comes back with successes", () =>
    Effect.gen(function* () {
      const retry = Retry.make()
      for (let call = 0; call < 20; call++) yield* attempts(retry, "read", always)
      for (let call = 0; call < 4; call++) yield* attempts(retry, "read", [])
      assert.strictEqual((yield* attempts(retry, "read", [passing])).at.length, 1)
      yield* attempts(retry, "read", [])
      assert.strictEqual((yield* attempts(retry, "read", [passing])).at.length, 2)
    })
  )

  it.effect("is one per account", () =>
    Effect.gen(function* () {
      const spent = Retry.make()
      for (let call = 0; call < 20; call++) yield* attempts(spent, "read", always)
      assert.strictEqual((yield* attempts(Retry.make(), "read", always)).at.length, 4)
    })
  )
})

describe("Retry-After", () => {
  const now = Date.parse("2026-12-01T00:00:00Z")
  const rows: ReadonlyArray<readonly [string | undefined, number | undefined]> = [
    ["7", 7000],
    [" 7 ", 7000],
    ["0", 0],
    ["86400", 86_400_000],
    // More than a day is a day, however long the number.
    ["86401", 86_400_000],
    ["9".repeat(400), 86_400_000],
    ["Tue, 01 Dec 2026 00:00:09 GMT", 9000],
    ["Tuesday, 01-Dec-26 00:00:09 GMT", 9000],
    ["Tue Dec  1 00:00:09 2026", 9000],
    ["Mon, 30 Nov 2026 00:00:00 GMT", 0],
    ["Fri, 01 Jan 2100 00:00:00 GMT", 86_400_000],
    [undefined, undefined],
    ["", undefined],
    ["soon", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["1e3", undefined],
    ["7, 8", undefined],
    ["2026-12-01T00:00:09Z", undefined],
    ["Tue, 01 Dec 2026 00:00:09", undefined],
    ["Tue, 01 Dec 2026 00:00:09 +0800", undefined],
    ["Tue, 99 Dec 2026 00:00:09 GMT", undefined]
  ]
  for (const [header, millis] of rows) {
    it(`${header?.slice(0, 40)} is ${millis}`, () => {
      assert.strictEqual(Retry.parseRetryAfter(header, now), millis)
    })
  }
})

describe("a caller that repeats by its own rules", () => {
  it.effect("draws on the same budget, until it is used up", () =>
    Effect.gen(function* () {
      const retry = Retry.make()
      let spent = 0
      while (yield* retry.spend) spent += 1
      assert.strictEqual(spent, 20)
      const { at, succeeded } = yield* attempts(retry, "read", [passing])
      assert.deepStrictEqual([at.length, succeeded], [1, false])
      // Successes fill it again, five for a retry.
      for (let index = 0; index < 5; index++) yield* retry.run("read", Effect.void)
      assert.deepStrictEqual([yield* retry.spend, yield* retry.spend], [true, false])
    })
  )
})
