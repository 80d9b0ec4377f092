/**
 * Stops reads to a provider that does not answer. After some failed reads in a row, further reads fail
 * immediately, until a single trial read gets an answer.
 *
 * Reads only. Writes are never refused here: their callers decide.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { CloudQuotaError, type Reason, Unavailable, invalid } from "../model/CloudQuotaError.ts"
import * as KnownKeys from "../model/KnownKeys.ts"

/** When reads fail immediately, and for how long; or never. */
export type Policy =
  | "off"
  | {
      /**
       * How many reads in a row, each with all its retries, must fail with `Unavailable`, `Timeout` or
       * `TransportFailed`. @default 5
       */
      readonly failures?: number
      /** How long no read is sent then, up to a day. Default: 10 seconds. */
      readonly coolDown?: Duration.Duration
    }

/** The circuit breaker of one account. */
export interface CircuitBreaker {
  /**
   * Runs a read, or fails with `Unavailable` without running it; the message says since when the provider has
   * not answered. `retryAfterMillis` is present unless a trial read is in progress.
   *
   * **Gotchas**
   *
   * `Throttled` without details counts neither as an answer nor as a failure: it comes from a rate limit that
   * sent nothing.
   */
  readonly run: <A, R>(
    read: Effect.Effect<A, CloudQuotaError, R>,
    operation: string
  ) => Effect.Effect<A, CloudQuotaError, R>
}

/**
 * Whether reads bypass the breaker, and do not report their results to it.
 *
 * **Gotchas**
 *
 * The read that settles a change is exempt. It comes once, after a long wait. If the breaker refused it
 * because of other failures, an outcome would stay unknown that the provider could have reported.
 */
export const Exempt = Context.Reference<boolean>("@cloud-quota/core/CircuitBreaker/Exempt", {
  defaultValue: () => false
})

/** Checks again, after waiting, a read that was admitted. */
const Admission = Context.Reference<Effect.Effect<void, CloudQuotaError>>(
  "@cloud-quota/core/CircuitBreaker/Admission",
  { defaultValue: () => Effect.void }
)

/** Fails a read as {@link CircuitBreaker.run} would, if the circuit has opened since it was admitted. */
export const stillAdmitted: Effect.Effect<void, CloudQuotaError> = Effect.flatten(Admission)

const longestCoolDown = Duration.days(1)

/**
 * Makes the circuit breaker of one account. Fails with `InvalidRequest` if the policy is invalid.
 *
 * @example
 * import { CircuitBreaker } from "@cloud-quota/core/adapter"
 * import { Duration } from "effect"
 *
 * export const patient = CircuitBreaker.make("compshare", { failures: 20, coolDown: Duration.seconds(5) })
 */
export const make = (
  provider: string,
  policy: Policy = {}
): Result.Result<CircuitBreaker, CloudQuotaError> => {
  if (policy === "off") return Result.succeed({ run: (read) => read })
  const refuse = (field: string, message: string) =>
    Result.fail(invalid({ provider, operation: "configure", field, message }))
  // Callers without types may pass anything.
  if (typeof policy !== "object" || policy === null)
    return refuse("circuitBreaker", 'give "off", or { failures, coolDown }')
  const unknown = KnownKeys.problem(policy, { failures: true, coolDown: true })
  if (unknown !== undefined) return refuse(`circuitBreaker.${unknown.field}`, unknown.message)
  const { coolDown = Duration.seconds(10), failures = 5 } = policy
  if (!Number.isInteger(failures) || failures < 1)
    return refuse("circuitBreaker.failures", "give a whole number above 0")
  if (
    !Duration.isDuration(coolDown) ||
    Duration.isLessThan(coolDown, Duration.millis(1)) ||
    Duration.isGreaterThan(coolDown, longestCoolDown)
  )
    return refuse("circuitBreaker.coolDown", "give a Duration from a millisecond to a day")
  return Result.succeed(breaker(provider, failures, Duration.toMillis(coolDown)))
}

/** No reads are sent. Times are monotonic milliseconds, except `since`, which is for people. */
interface Open {
  readonly since: number
  readonly until: number
  /** Whether a trial read is in progress. */
  probing: boolean
}

const breaker = (provider: string, failures: number, coolDownMillis: number): CircuitBreaker => {
  let failed = 0
  /** The first failure of the series. Milliseconds since 1970. */
  let since = 0
  let open: Open | undefined

  const run = <A, R>(
    read: Effect.Effect<A, CloudQuotaError, R>,
    restore: <A1, E1, R1>(effect: Effect.Effect<A1, E1, R1>) => Effect.Effect<A1, E1, R1>,
    operation: string
  ) =>
    Effect.flatMap(Clock.Clock, (clock) => {
      const monotonic = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
      const refuse = ({ since, until }: Open) =>
        refusal(provider, operation, {
          since,
          wall: clock.currentTimeMillisUnsafe(),
          left: until - monotonic()
        })
      const admitted = open
      if (admitted !== undefined) {
        if (admitted.until > monotonic() || admitted.probing) return Effect.fail(refuse(admitted))
        admitted.probing = true
      }
      const admission = Effect.suspend(() =>
        open === undefined || open === admitted ? Effect.void : Effect.fail(refuse(open))
      )
      const settle = (exit: Exit.Exit<unknown, CloudQuotaError>) => {
        // A read that started before the circuit opened says nothing about the present state.
        if (open !== admitted) return
        if (Exit.isFailure(exit)) {
          if (Exit.hasInterrupts(exit) || Exit.hasDies(exit) || isKeptBack(exit)) {
            if (admitted !== undefined) admitted.probing = false
            return
          }
          if (isGone(exit)) {
            if (failed === 0) since = clock.currentTimeMillisUnsafe()
            failed += 1
            if (failed >= failures) open = { since, until: monotonic() + coolDownMillis, probing: false }
            return
          }
        }
        failed = 0
        open = undefined
      }
      return Effect.onExit(restore(Effect.provideService(read, Admission, admission)), (exit) =>
        Effect.sync(() => settle(exit))
      )
    })

  return {
    run: (read, operation) =>
      Effect.flatMap(Exempt, (exempt) =>
        // A trial read must always report its end, whatever happens in between.
        exempt ? read : Effect.uninterruptibleMask((restore) => run(read, restore, operation))
      )
  }
}

/** Returns why a read failed, if it did. */
const reasonOf = (exit: Exit.Exit<unknown, CloudQuotaError>): Reason | undefined =>
  Option.getOrUndefined(Exit.findErrorOption(exit))?.reason

/** No answer, or the provider's statement that it is unavailable. Any other failure is an answer. */
const isGone = (exit: Exit.Exit<unknown, CloudQuotaError>): boolean =>
  ["Unavailable", "Timeout", "TransportFailed"].includes(reasonOf(exit)?._tag ?? "")

/**
 * Held back by the account's own rate limit, so that the last attempt sent nothing: a provider's "too many
 * requests" has details.
 */
const isKeptBack = (exit: Exit.Exit<unknown, CloudQuotaError>): boolean => {
  const reason = reasonOf(exit)
  return reason?._tag === "Throttled" && reason.details === undefined
}

const refusal = (
  provider: string,
  operation: string,
  { left, since, wall }: { readonly since: number; readonly wall: number; readonly left: number }
) => {
  const at = (millis: number) => DateTime.formatIso(DateTime.makeUnsafe(millis))
  const retryAfterMillis = Math.ceil(left)
  const until =
    left > 0 ? `until ${at(wall + retryAfterMillis)}` : "while one read finds out whether it is back"
  return new CloudQuotaError({
    provider,
    operation,
    money: "not-moved",
    reason: new Unavailable({
      message: `not sent: the provider has not answered reads since ${at(since)}, and is not asked ${until}`,
      ...(left > 0 ? { retryAfterMillis } : {})
    })
  })
}
