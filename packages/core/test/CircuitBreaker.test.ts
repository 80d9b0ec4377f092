/**
 * When reads are not even sent: after failures in a row, until one of them has found out.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import * as CircuitBreaker from "@cloud-quota/core/adapter/CircuitBreaker"
import {
  CloudQuotaError,
  MalformedResponse,
  NotFound,
  type Reason,
  Throttled,
  Timeout,
  TransportFailed,
  Unavailable
} from "@cloud-quota/core/CloudQuotaError"
import * as RateLimit from "@cloud-quota/core/adapter/RateLimit"
import * as Retry from "@cloud-quota/core/adapter/Retry"
import { ada, delta, only, run } from "./fixtures/clouds.ts"

const breakerOf = (policy?: CircuitBreaker.Policy) => Result.getOrThrow(CircuitBreaker.make("p", policy))

const failure = (reason: Reason) =>
  new CloudQuotaError({ provider: "p", operation: "o", money: "not-moved", reason })

const gone = failure(new Unavailable({ message: "gone" }))

const policy = { failures: 3, coolDown: Duration.seconds(10) }

/** Reads through a breaker, and how often the provider was really asked. */
const reading = (breaker = breakerOf(policy)) => {
  let asked = 0
  const read = (answer: Effect.Effect<void, CloudQuotaError> = Effect.void) =>
    breaker.run(
      Effect.suspend(() => {
        asked += 1
        return answer
      }),
      "ListThings"
    )
  const fail = Effect.flip(read(Effect.fail(gone)))
  return { read, fail, asked: () => asked }
}

const isRefused = ({ message }: CloudQuotaError) => message.includes("not sent")

describe("failures in a row", () => {
  it.effect("are answered here after the third, without asking, saying since when and until when", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-12-01T00:00:00Z"))
      const { asked, fail, read } = reading()
      for (let failed = 0; failed < 3; failed++) {
        assert.isFalse(isRefused(yield* fail))
        yield* TestClock.adjust("1 second")
      }
      yield* TestClock.adjust("4 seconds")
      const error = yield* Effect.flip(read())
      assert.strictEqual(asked(), 3)
      assert.deepInclude(error.reason, { _tag: "Unavailable", retryAfterMillis: 5000 })
      assert.strictEqual(error.money, "not-moved")
      assert.strictEqual(
        error.message,
        "p ListThings: not sent: the provider has not answered reads since 2026-12-01T00:00:00.000Z, and is not asked until 2026-12-01T00:00:12.000Z"
      )
    })
  )

  it.effect("are not in a row if any other answer came in between", () =>
    Effect.gen(function* () {
      const answers = [
        Effect.void,
        ...[
          new NotFound({ message: "x" }),
          new Throttled({ message: "x", details: { httpStatus: 429 } }),
          new MalformedResponse({ message: "x" })
        ].map((reason) => Effect.fail(failure(reason)))
      ]
      for (const answer of answers) {
        const { asked, fail, read } = reading()
        yield* fail
        yield* fail
        yield* Effect.exit(read(answer))
        yield* fail
        yield* fail
        yield* Effect.exit(read())
        assert.strictEqual(asked(), 6)
      }
    })
  )

  it.effect("are of three kinds", () =>
    Effect.gen(function* () {
      for (const reason of [
        new Unavailable({ message: "x" }),
        new Timeout({ message: "x" }),
        new TransportFailed({ message: "x", phase: "unknown" })
      ]) {
        const { asked, read } = reading()
        for (let failed = 0; failed < 5; failed++) yield* Effect.exit(read(Effect.fail(failure(reason))))
        assert.strictEqual(asked(), 3)
      }
    })
  )
})

describe("what our own rate limit keeps back", () => {
  it.effect("does not interrupt a row of failures, and is none of them", () =>
    Effect.gen(function* () {
      const { asked, fail, read } = reading()
      const keptBack = Effect.exit(read(Effect.fail(failure(new Throttled({ message: "not sent" })))))
      for (let time = 0; time < 4; time++) yield* keptBack
      yield* fail
      yield* fail
      yield* keptBack
      yield* fail
      assert.strictEqual(asked(), 8)
      yield* keptBack
      assert.strictEqual(asked(), 8)
    })
  )
})

describe("after the cool-down", () => {
  const opened = Effect.gen(function* () {
    const all = reading()
    for (let failed = 0; failed < 3; failed++) yield* all.fail
    yield* TestClock.adjust("10 seconds")
    return all
  })

  it.effect("one read finds out, and the others do not wait for it", () =>
    Effect.gen(function* () {
      const { asked, read } = yield* opened
      const answer = yield* Deferred.make<void, CloudQuotaError>()
      const probe = yield* Effect.forkChild(read(Deferred.await(answer)))
      yield* TestClock.adjust(0)
      const other = yield* Effect.flip(read())
      assert.include(other.message, "while one read finds out")
      assert.isUndefined(other.retryAfter)
      assert.strictEqual(asked(), 4)
      yield* Deferred.succeed(answer, undefined)
      yield* Fiber.join(probe)
      yield* read()
      assert.strictEqual(asked(), 5)
    })
  )

  it.effect("it is closed by success, and three more have to fail", () =>
    Effect.gen(function* () {
      const { asked, fail, read } = yield* opened
      yield* read()
      for (let failed = 0; failed < 5; failed++) yield* fail
      assert.strictEqual(asked(), 3 + 1 + 3)
    })
  )

  it.effect("it stays open after another failure", () =>
    Effect.gen(function* () {
      const { asked, fail, read } = yield* opened
      yield* fail
      yield* TestClock.adjust("9 seconds")
      assert.isTrue(isRefused(yield* Effect.flip(read())))
      yield* TestClock.adjust("1 second")
      yield* read()
      assert.strictEqual(asked(), 5)
    })
  )

  it.effect("an interrupted or dying read leaves the place to the next one", () =>
    Effect.gen(function* () {
      for (const end of [Effect.never, Effect.die("bug")]) {
        const { asked, read } = yield* opened
        const probe = yield* Effect.forkChild(Effect.exit(read(end)))
        yield* TestClock.adjust(0)
        yield* Fiber.interrupt(probe)
        yield* read()
        assert.strictEqual(asked(), 5)
      }
    })
  )

  it.effect("a read that our own rate limit keeps back finds nothing out, and the next one may", () =>
    Effect.gen(function* () {
      const rateLimit = Result.getOrThrow(RateLimit.make("p"))
      const retry = Retry.guarded(Retry.make({ attempts: 1 }), {
        circuitBreaker: breakerOf(policy),
        rateLimit
      })
      let asked = 0
      const answering = (answer: Effect.Effect<void, CloudQuotaError>) =>
        Effect.suspend(() => {
          asked += 1
          return answer
        })
      const read = (answer: Effect.Effect<void, CloudQuotaError> = Effect.void) =>
        Effect.result(retry.run("read", answering(answer), "ListThings"))
      const last = failure(new Unavailable({ message: "gone", retryAfterMillis: 60_000 }))
      for (const answer of [gone, gone, last]) yield* read(Effect.fail(answer))
      // The breaker would try again after 10 seconds, and the provider wants 60.
      yield* TestClock.adjust("15 seconds")
      for (let kept = 0; kept < 4; kept++) {
        assert.strictEqual(Result.getOrThrow(Result.flip(yield* read())).reason._tag, "Throttled")
      }
      assert.strictEqual(asked, 3)
      // Were it closed, one failure would not open it again; were it open for longer, nothing would be asked.
      yield* TestClock.adjust("45 seconds")
      yield* read(Effect.fail(gone))
      assert.strictEqual(asked, 4)
      assert.isTrue(isRefused(Result.getOrThrow(Result.flip(yield* read()))))
      yield* TestClock.adjust("10 seconds")
      assert.isTrue(Result.isSuccess(yield* read()))
      assert.strictEqual(asked, 5)
    })
  )

  it.effect("what was asked before it opened, and ends after, changes nothing", () =>
    Effect.gen(function* () {
      const { asked, fail, read } = reading()
      const slow = (answer: Effect.Effect<void, CloudQuotaError>) =>
        Effect.forkChild(Effect.exit(read(Effect.andThen(Effect.sleep("5 seconds"), answer))))
      yield* slow(Effect.fail(gone))
      yield* slow(Effect.void)
      yield* TestClock.adjust(0)
      for (let failed = 0; failed < 3; failed++) yield* fail
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* Effect.flip(read())).retryAfter?.pipe(Duration.toMillis), 5000)
      assert.strictEqual(asked(), 5)
    })
  )
})

describe("what goes through whatever was before", () => {
  it.effect("is what is exempt, and it says nothing about the others", () =>
    Effect.gen(function* () {
      const { asked, fail, read } = reading()
      const exempt = Effect.provideService(CircuitBreaker.Exempt, true)
      for (let failed = 0; failed < 5; failed++) yield* exempt(fail)
      yield* read()
      for (let failed = 0; failed < 3; failed++) yield* fail
      yield* exempt(read())
      assert.strictEqual(asked(), 10)
      assert.isTrue(isRefused(yield* Effect.flip(read())))
    })
  )

  it.effect("is the reading that settles a change whose answer was lost", () =>
    Effect.gen(function* () {
      const breaker = breakerOf({ failures: 1, coolDown: Duration.hours(1) })
      const cloud = yield* delta({
        driver: ({ driver }) => ({
          ...driver,
          write: {
            ...driver.write,
            snapshot: (members) => breaker.run(driver.write.snapshot(members), "snapshot"),
            // While the change is on its way, somebody else's read fails.
            connect: Effect.andThen(Effect.exit(breaker.run(Effect.fail(gone), "list")), driver.write.connect)
          }
        })
      })
      yield* cloud.script("answer-lost")
      const report = yield* cloud.quotas.change(ada, { allowance: { adjust: "10 CNY" } }, run)
      assert.deepInclude(only(report), { money: "moved", evidence: "read-back" })
      // Its planning is not exempt: there is nothing to lose yet.
      const next = yield* cloud.quotas.change(ada, { allowance: { adjust: "10 CNY" } }, { run: "next" })
      assert.strictEqual(only(next).outcome._tag, "NotSent")
      assert.include(only(next).message, "has not answered reads since")
    })
  )

  it.effect("is every write, and reads count with all their retries", () =>
    Effect.gen(function* () {
      const circuitBreaker = breakerOf(policy)
      const retry = Retry.guarded(Retry.make({ attempts: 2, base: Duration.zero }), {
        circuitBreaker,
        rateLimit: Result.getOrThrow(RateLimit.make("p", "off"))
      })
      let sent = 0
      const send = (safety: Retry.Safety) =>
        Effect.exit(
          retry.run(
            safety,
            Effect.suspend(() => {
              sent += 1
              return Effect.fail(gone)
            })
          )
        )
      for (let call = 0; call < 5; call++) yield* send("read")
      assert.strictEqual(sent, 3 * 2)
      sent = 0
      for (const safety of ["idempotent-write", "create", "delta"] as const) yield* send(safety)
      assert.strictEqual(sent, 2 + 2 + 1)
    })
  )

  it.effect("is everything if it is off", () =>
    Effect.gen(function* () {
      const { asked, fail } = reading(breakerOf("off"))
      for (let failed = 0; failed < 20; failed++) yield* fail
      assert.strictEqual(asked(), 20)
    })
  )
})

describe("a policy that cannot be", () => {
  const untyped = (value: unknown) => value as CircuitBreaker.Policy
  for (const [wrong, field] of [
    [untyped("on"), "circuitBreaker"],
    [untyped(null), "circuitBreaker"],
    [{ failures: 0 }, "circuitBreaker.failures"],
    [{ failures: 1.5 }, "circuitBreaker.failures"],
    [untyped({ failures: "3" }), "circuitBreaker.failures"],
    [untyped({ coolDown: 1000 }), "circuitBreaker.coolDown"],
    [{ coolDown: Duration.zero }, "circuitBreaker.coolDown"],
    [{ coolDown: Duration.infinity }, "circuitBreaker.coolDown"]
  ] as const) {
    it(`is refused by name: ${JSON.stringify(wrong)}`, () => {
      const error = Result.getOrThrow(Result.flip(CircuitBreaker.make("p", wrong)))
      assert.deepInclude(error.reason, { _tag: "InvalidRequest", field })
    })
  }
})
