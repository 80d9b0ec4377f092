/**
 * How fast an account sends: by what the provider says, by a known limit, in the order of asking.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import * as CircuitBreaker from "@cloud-quota/core/adapter/CircuitBreaker"
import {
  CloudQuotaError,
  NotFound,
  type Reason,
  Throttled,
  Unavailable
} from "@cloud-quota/core/CloudQuotaError"
import * as RateLimit from "@cloud-quota/core/adapter/RateLimit"
import * as Retry from "@cloud-quota/core/adapter/Retry"

const limitOf = (policy?: RateLimit.Policy) => Result.getOrThrow(RateLimit.make("p", policy))

const failure = (reason: Reason) =>
  new CloudQuotaError({ provider: "p", operation: "o", money: "not-moved", reason })

const throttled = (retryAfterMillis?: number) =>
  failure(new Throttled({ message: "x", ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }) }))

/** A provider that says what it is told to, and notes when it was asked, and by whom. */
const provider = (limit: RateLimit.RateLimit) => {
  const asked: Array<{ readonly at: number; readonly who: string }> = []
  const ask = (who = "", answer: Effect.Effect<void, CloudQuotaError> = Effect.void) =>
    Effect.andThen(
      limit.permit(who),
      limit.observe(
        Effect.andThen(
          Effect.map(Clock.currentTimeMillis, (at) => asked.push({ at, who })),
          answer
        )
      )
    )
  return { asked, ask, times: () => asked.map(({ at }) => at), names: () => asked.map(({ who }) => who) }
}

const many = (ask: (who: string) => Effect.Effect<unknown, CloudQuotaError>, count: number) =>
  Effect.forkChild(
    Effect.forEach(
      Array.from({ length: count }, (_, index) => `${index}`),
      (who) => ask(who),
      { concurrency: "unbounded" }
    )
  )

/** The most that were asked in any time of this length. */
const mostWithin = (times: ReadonlyArray<number>, millis: number) =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + millis).length))

describe("a known limit", () => {
  it.effect("is kept in any window, wherever it is laid", () =>
    Effect.gen(function* () {
      const { ask, times } = provider(limitOf({ requests: 5, per: Duration.seconds(1) }))
      yield* many(ask, 3)
      yield* TestClock.adjust(900)
      yield* many(ask, 20)
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(times(), 23)
      assert.strictEqual(mostWithin(times(), 1000), 5)
      // No slower than it may be.
      assert.deepStrictEqual(times().slice(0, 11), [0, 0, 0, 900, 900, 1000, 1000, 1000, 1900, 1900, 2000])
    })
  )

  it.effect("is first come, first served; who is interrupted while waiting uses up nothing", () =>
    Effect.gen(function* () {
      const { ask, asked } = provider(limitOf({ requests: 1, per: Duration.seconds(1) }))
      const fibers: Array<Fiber.Fiber<void, CloudQuotaError>> = []
      for (const who of ["a", "b", "c", "d", "e"]) {
        fibers.push(yield* Effect.forkChild(ask(who)))
        yield* TestClock.adjust(1)
      }
      // b is the next one, d waits behind c.
      for (const index of [1, 3]) {
        const fiber = fibers[index]
        if (fiber !== undefined) yield* Fiber.interrupt(fiber)
      }
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(asked, [
        { at: 0, who: "a" },
        { at: 1000, who: "c" },
        { at: 2000, who: "e" }
      ])
    })
  )
})

describe("the adaptive limit", () => {
  it.effect("is none until the provider throttles", () =>
    Effect.gen(function* () {
      const { ask, times } = provider(limitOf())
      yield* many((who) => Effect.ignore(ask(who, Effect.fail(failure(new NotFound({ message: "x" }))))), 500)
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(
        times(),
        Array.from({ length: 500 }, () => 0)
      )
    })
  )

  it.effect("slows down to 0.7 of what was sent, is back after ten seconds, and then goes beyond", () =>
    Effect.gen(function* () {
      const { ask, times } = provider(limitOf())
      for (let sent = 0; sent < 10; sent++) {
        yield* ask()
        yield* TestClock.adjust(100)
      }
      yield* Effect.exit(ask("", Effect.fail(throttled())))
      const from = yield* Clock.currentTimeMillis
      yield* many(ask, 5000)
      yield* TestClock.adjust("1 minute")
      const later = times()
        .filter((at) => at > from)
        .map((at) => at - from)
      const rate = (second: number) =>
        later.filter((at) => at >= second * 1000 && at < (second + 1) * 1000).length
      assert.approximately(later[0] ?? 0, 1000 / 7, 15)
      assert.approximately(rate(0), 7, 1)
      assert.approximately(rate(9), 10, 1)
      assert.approximately(rate(12), 10, 1)
      assert.isAbove(rate(30), 20)
      assert.isAbove(rate(50), 150)
    })
  )

  it.effect("counts what is throttled at once as one event, and the next time as another", () =>
    Effect.gen(function* () {
      const { ask, times } = provider(limitOf())
      const slow = (who: string) =>
        Effect.ignore(ask(who, Effect.andThen(Effect.sleep(50), Effect.fail(throttled()))))
      yield* many(slow, 100)
      yield* TestClock.adjust(50)
      yield* many(ask, 100)
      yield* TestClock.adjust(1000)
      // 0.7 of 100 a second, not 0.7 to the hundredth.
      assert.approximately(times().length - 100, 70, 5)
      yield* TestClock.adjust("2 seconds")
      const before = times().length
      yield* Effect.exit(ask("", Effect.fail(throttled())))
      yield* many(ask, 10)
      yield* TestClock.adjust("1 second")
      // Nearly nothing was sent in the last second, and that is what is slowed down.
      assert.isAtMost(times().length - before, 3)
    })
  )

  it.effect("never stops altogether", () =>
    Effect.gen(function* () {
      const { ask, times } = provider(limitOf())
      const fiber = yield* many((who) => Effect.ignore(ask(who, Effect.fail(throttled()))), 20)
      yield* TestClock.adjust("40 seconds")
      yield* Fiber.join(fiber)
      assert.lengthOf(times(), 20)
      assert.isTrue(times().every((at, index) => at - (times()[index - 1] ?? 0) <= 2000))
    })
  )
})

describe("a wait that the provider asks for", () => {
  for (const policy of ["adaptive", { requests: 100, per: Duration.seconds(1) }] as const) {
    it.effect(`holds for all requests of the account, in their order (${JSON.stringify(policy)})`, () =>
      Effect.gen(function* () {
        const { ask, asked, names } = provider(limitOf(policy))
        yield* Effect.exit(
          ask("first", Effect.fail(failure(new Unavailable({ message: "x", retryAfterMillis: 7000 }))))
        )
        yield* Effect.forkChild(ask("a"))
        yield* TestClock.adjust(3000)
        yield* Effect.forkChild(ask("b"))
        yield* TestClock.adjust(3999)
        assert.deepStrictEqual(names(), ["first"])
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(asked.slice(1), [
          { at: 7000, who: "a" },
          { at: 7000, who: "b" }
        ])
      })
    )
  }

  it.effect("holds also for who is waiting already, and is not shortened by a later wish", () =>
    Effect.gen(function* () {
      const { ask, times } = provider(limitOf({ requests: 2, per: Duration.seconds(1) }))
      const answer = (after: number, millis: number) =>
        Effect.andThen(Effect.sleep(after), Effect.fail(throttled(millis)))
      yield* Effect.forkChild(Effect.ignore(ask("", answer(500, 9000))))
      yield* Effect.forkChild(Effect.ignore(ask("", answer(600, 1000))))
      yield* Effect.forkChild(ask())
      yield* TestClock.adjust("9499 millis")
      assert.deepStrictEqual(times(), [0, 0])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(times(), [0, 0, 9500])
    })
  )

  it.effect("is not waited out if it is long: what is not sent says so", () =>
    Effect.gen(function* () {
      const { ask, asked } = provider(limitOf())
      yield* Effect.exit(ask("", Effect.fail(throttled(3_600_000))))
      yield* TestClock.adjust("10 minutes")
      const error = yield* Effect.flip(ask("ListThings"))
      assert.deepInclude(error.reason, { _tag: "Throttled", retryAfterMillis: 3_000_000 })
      assert.strictEqual(error.money, "not-moved")
      assert.strictEqual(
        error.message,
        "p ListThings: not sent: the provider asked this account to wait, for another 3000 s"
      )
      assert.lengthOf(asked, 1)
      yield* TestClock.adjust("50 minutes")
      yield* ask()
      assert.lengthOf(asked, 2)
    })
  )

  it.effect("is nobody's business if the limit is off", () =>
    Effect.gen(function* () {
      const { ask, times } = provider(limitOf("off"))
      yield* Effect.exit(ask("", Effect.fail(throttled(3_600_000))))
      yield* ask()
      assert.deepStrictEqual(times(), [0, 0])
    })
  )
})

describe("with retries", () => {
  const untold = Result.getOrThrow(CircuitBreaker.make("p", "off"))

  it.effect("each attempt waits for its turn", () =>
    Effect.gen(function* () {
      const rateLimit = limitOf({ requests: 1, per: Duration.seconds(60) })
      const retry = Retry.guarded(Retry.make({ base: Duration.zero }), { rateLimit, circuitBreaker: untold })
      const at: Array<number> = []
      const attempt = Effect.gen(function* () {
        at.push(yield* Clock.currentTimeMillis)
        if (at.length < 3) return yield* failure(new Unavailable({ message: "x" }))
      })
      for (const safety of ["read", "idempotent-write"] as const) {
        at.length = 0
        const from = yield* Clock.currentTimeMillis
        const fiber = yield* Effect.forkChild(retry.run(safety, attempt))
        yield* TestClock.adjust("10 minutes")
        yield* Fiber.join(fiber)
        assert.deepStrictEqual(
          at.map((time) => time - from),
          [0, 60_000, 120_000]
        )
      }
    })
  )

  it.effect("what was not sent leaves the money as unknown as it was", () =>
    Effect.gen(function* () {
      const retry = Retry.guarded(Retry.make(), { rateLimit: limitOf(), circuitBreaker: untold })
      const asked = throttled(30_000)
      const lost = new CloudQuotaError({ ...asked, money: "unknown" })
      assert.strictEqual(
        (yield* Effect.flip(retry.run("idempotent-write", Effect.fail(lost)))).money,
        "unknown"
      )
      const next = yield* Effect.flip(retry.run("create", Effect.die("it was sent"), "CreateIt"))
      assert.strictEqual(next.money, "not-moved")
      assert.strictEqual(next.operation, "CreateIt")
    })
  )
})

describe("a policy that cannot be", () => {
  const second = Duration.seconds(1)
  const untyped = (value: unknown) => value as RateLimit.Policy
  for (const [wrong, field] of [
    [untyped("fast"), "rateLimit"],
    [untyped(null), "rateLimit"],
    [untyped(5), "rateLimit"],
    [{ requests: 0, per: second }, "rateLimit.requests"],
    [{ requests: 1.5, per: second }, "rateLimit.requests"],
    [{ requests: 10_001, per: second }, "rateLimit.requests"],
    [untyped({ requests: "5", per: second }), "rateLimit.requests"],
    [untyped({ requests: 5 }), "rateLimit.per"],
    [untyped({ requests: 5, per: 1000 }), "rateLimit.per"],
    [{ requests: 5, per: Duration.zero }, "rateLimit.per"],
    [{ requests: 5, per: Duration.infinity }, "rateLimit.per"]
  ] as const) {
    it(`is refused by name: ${JSON.stringify(wrong)}`, () => {
      const error = Result.getOrThrow(Result.flip(RateLimit.make("p", wrong)))
      assert.deepInclude(error.reason, { _tag: "InvalidRequest", field })
    })
  }
})
