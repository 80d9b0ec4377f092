/**
 * How fast an account sends its requests. A provider's "too many requests" covers all of them, so the reads,
 * the writes and the money changes of an account share one limit.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import { CloudQuotaError, Throttled, invalid } from "../model/CloudQuotaError.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import { type Pace, adaptivePace, slidingWindow } from "./pace.ts"

/**
 * - `adaptive`: no limit until the provider throttles; then immediately slower, and gradually faster again.
 * - `requests` in any period of length `per`: if the provider's limit is known. 1 to 10,000 requests in up to
 *   a day.
 * - `off`: requests do not wait for each other, whatever the provider answers.
 */
export type Policy = "adaptive" | "off" | { readonly requests: number; readonly per: Duration.Duration }

/** The rate limit of one account. */
export interface RateLimit {
  /**
   * Waits for a permit: first come, first served. An interrupted wait uses up nothing.
   *
   * Fails with `Throttled`, money `not-moved`, if the provider asked to wait longer than 20 seconds: nothing
   * was sent then.
   */
  readonly permit: (operation: string) => Effect.Effect<void, CloudQuotaError>
  /** Runs a request that has a permit, and adapts to the provider's answer. It never waits. */
  readonly observe: <A, R>(
    request: Effect.Effect<A, CloudQuotaError, R>
  ) => Effect.Effect<A, CloudQuotaError, R>
}

/** A longer wait requested by the provider fails instead of blocking silently. */
const longestPauseMillis = 20_000

const mostRequests = 10_000
const longestWindow = Duration.days(1)

/**
 * Makes the rate limit of one account. Fails with `InvalidRequest` if the policy is invalid.
 *
 * `Retry-After` applies to every request of the account, not only to the throttled one.
 *
 * @example
 * import { RateLimit } from "@cloud-quota/core/adapter"
 * import { Duration } from "effect"
 *
 * export const known = RateLimit.make("metastudio", { requests: 60, per: Duration.minutes(1) })
 */
export const make = (
  provider: string,
  policy: Policy = "adaptive"
): Result.Result<RateLimit, CloudQuotaError> => {
  if (policy === "off") return Result.succeed({ permit: () => Effect.void, observe: (request) => request })
  return Result.map(paceOf(provider, policy), (pace) => paced(provider, pace))
}

const paceOf = (provider: string, policy: Exclude<Policy, "off">): Result.Result<Pace, CloudQuotaError> => {
  if (policy === "adaptive") return Result.succeed(adaptivePace())
  const refuse = (field: string, message: string) =>
    Result.fail(invalid({ provider, operation: "configure", field, message }))
  // Callers without types may pass anything.
  const given: { readonly requests?: unknown; readonly per?: unknown } | null =
    typeof policy === "object" ? policy : null
  if (given === null) return refuse("rateLimit", 'give "adaptive", "off", or { requests, per }')
  const unknown = KnownKeys.problem(given, { requests: true, per: true })
  if (unknown !== undefined) return refuse(`rateLimit.${unknown.field}`, unknown.message)
  const { per, requests } = given
  if (typeof requests !== "number" || !Number.isInteger(requests) || requests < 1 || requests > mostRequests)
    return refuse("rateLimit.requests", `give a whole number from 1 to ${mostRequests}`)
  if (
    !Duration.isDuration(per) ||
    Duration.isLessThan(per, Duration.millis(1)) ||
    Duration.isGreaterThan(per, longestWindow)
  )
    return refuse("rateLimit.per", "give a Duration from a millisecond to a day, as Duration.seconds(1)")
  return Result.succeed(slidingWindow(requests, Duration.toMillis(per)))
}

/** Monotonic milliseconds, so that setting the wall clock back delays no request. */
const monotonic = Effect.map(Clock.Clock, (clock) => Number(clock.monotonicTimeNanosUnsafe()) / 1e6)

const paced = (provider: string, pace: Pace): RateLimit => {
  // Holding it means being first in the queue: the holder is the next to be sent.
  const headOfLine = Semaphore.makeUnsafe(1)
  /** How many requests are in the queue. */
  let queued = 0
  let pausedUntil = Number.NEGATIVE_INFINITY

  /** Starts a request if it may start now, and returns how long it has to wait otherwise. */
  const start = (now: number): number => {
    const wait = Math.max(pausedUntil, pace.readyAt(now)) - now
    if (wait <= 0) pace.started(now)
    return wait
  }

  const first = (operation: string) =>
    Effect.gen(function* () {
      for (;;) {
        const now = yield* monotonic
        const pause = pausedUntil - now
        if (pause > longestPauseMillis) return yield* tooLong(provider, operation, Math.ceil(pause))
        // Checked again after each wait: meanwhile the provider may have asked for a longer one.
        const wait = start(now)
        if (wait <= 0) return
        yield* Effect.sleep(Duration.millis(Math.ceil(wait)))
      }
    })

  const inQueue = (operation: string) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        queued += 1
      }),
      () => headOfLine.withPermit(first(operation)),
      () =>
        Effect.sync(() => {
          queued -= 1
        })
    )

  const permit = (operation: string) =>
    // Nobody is overtaken: a request that finds others waiting goes behind them.
    Effect.flatMap(monotonic, (now) => (queued === 0 && start(now) <= 0 ? Effect.void : inQueue(operation)))

  const learn = (error: CloudQuotaError, generation: number) =>
    Effect.map(monotonic, (now) => {
      if (error.retryAfter !== undefined)
        pausedUntil = Math.max(pausedUntil, now + Duration.toMillis(error.retryAfter))
      if (error.reason._tag === "Throttled") pace.throttled(now, generation)
    })

  return {
    permit,
    observe: (request) =>
      Effect.suspend(() => {
        const generation = pace.generation()
        return Effect.tapError(request, (error) => learn(error, generation))
      })
  }
}

const tooLong = (provider: string, operation: string, retryAfterMillis: number) =>
  new CloudQuotaError({
    provider,
    operation,
    money: "not-moved",
    reason: new Throttled({
      message: `not sent: the provider asked this account to wait, for another ${Math.ceil(retryAfterMillis / 1000)} s`,
      retryAfterMillis
    })
  })
