/**
 * Stops asking a provider that does not answer: after some reads in a row that failed, further ones fail
 * at once, until a single one has tried it and was answered.
 *
 * Reads only. A write is decided by whoever makes it, and is never refused here.
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

/** When reads fail at once, and for how long; or never. */
export type Policy =
  | "off"
  | {
      /**
       * How many reads in a row, each with all its retries, have to fail with `Unavailable`, `Timeout` or
       * `TransportFailed`. 5 by default.
       */
      readonly failures?: number
      /** How long nothing is asked then, up to a day. 10 seconds by default. */
      readonly coolDown?: Duration.Duration
    }

/** The circuit breaker of one account. */
export interface CircuitBreaker {
  /**
   * Runs a read; or fails with `Unavailable` without running it, telling since when the provider has not
   * answered. `retryAfterMillis` is there unless a read is finding out at the moment.
   *
   * **Gotchas**
   *
   * `Throttled` without details is no answer and no failure: it is what a rate limit says that has not sent
   * anything.
   */
  readonly run: <A, R>(
    read: Effect.Effect<A, CloudQuotaError, R>,
    operation: string
  ) => Effect.Effect<A, CloudQuotaError, R>
}

/**
 * Whether reads go through whatever the breaker thinks, and without telling it what became of them.
 *
 * **Gotchas**
 *
 * The reading that settles a change is exempt: it comes once, after a long wait, and if it failed because
 * others had failed before it, an outcome would stay unknown that the provider could have told.
 */
export const Exempt = Context.Reference<boolean>("@cloud-quota/core/CircuitBreaker/Exempt", {
  defaultValue: () => false
})

/** What a read asks that was admitted and has waited since. */
const Admission = Context.Reference<Effect.Effect<void, CloudQuotaError>>(
  "@cloud-quota/core/CircuitBreaker/Admission",
  { defaultValue: () => Effect.void }
)

/** Fails a read as {@link CircuitBreaker.run} would, if the circuit has opened since it was admitted. */
export const stillAdmitted: Effect.Effect<void, CloudQuotaError> = Effect.flatten(Admission)

const longestCoolDown = Duration.days(1)

/**
 * Makes the circuit breaker of one account. Fails with `InvalidRequest` if the policy is none.
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
  // Callers without types may write anything.
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

/** Nobody is being asked. Times are monotonic milliseconds, but for `since`, which people read. */
interface Open {
  readonly since: number
  readonly until: number
  /** Whether a read is finding out at the moment. */
  probing: boolean
}

const breaker = (provider: string, failures: number, coolDownMillis: number): CircuitBreaker => {
  let failed = 0
  /** The first failure of the row. Milliseconds since 1970. */
  let since = 0
  let open: Open | undefined

  const run = <A, R>(
    read: Effect.Effect<A, CloudQuotaError, R>,
    restore: <A1, E1, R1>(effect: Effect.Effect<A1, E1, R1>) => Effect.Effect<A1, E1, R1>,
    operation: string
  ) =>
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const monotonic = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
      const refuse = ({ since, until }: Open) =>
        refusal(provider, operation, {
          since,
          wall: clock.currentTimeMillisUnsafe(),
          left: until - monotonic()
        })
      const admitted = open
      if (admitted !== undefined) {
        if (admitted.until > monotonic() || admitted.probing) return yield* refuse(admitted)
        admitted.probing = true
      }
      const admission = Effect.suspend(() =>
        open === undefined || open === admitted ? Effect.void : Effect.fail(refuse(open))
      )
      return yield* Effect.onExit(restore(Effect.provideService(read, Admission, admission)), (exit) =>
        Effect.sync(() => {
          // What was asked before it opened, and is answered after, is no news.
          if (open !== admitted) return
          if (Exit.hasInterrupts(exit) || Exit.hasDies(exit) || isKeptBack(exit)) {
            if (admitted !== undefined) admitted.probing = false
            return
          }
          if (!isGone(exit)) {
            failed = 0
            open = undefined
            return
          }
          if (failed === 0) since = clock.currentTimeMillisUnsafe()
          failed += 1
          if (failed >= failures) open = { since, until: monotonic() + coolDownMillis, probing: false }
        })
      )
    })

  return {
    run: (read, operation) =>
      Effect.flatMap(Exempt, (exempt) =>
        // Whoever has begun to find out has to say that it has ended, whatever happens in between.
        exempt ? read : Effect.uninterruptibleMask((restore) => run(read, restore, operation))
      )
  }
}

/** Why a read failed, if it did. */
const reasonOf = (exit: Exit.Exit<unknown, CloudQuotaError>): Reason | undefined =>
  Option.getOrUndefined(Exit.findErrorOption(exit))?.reason

/** No answer, or the provider's word that it cannot give one. Any other failure is an answer. */
const isGone = (exit: Exit.Exit<unknown, CloudQuotaError>): boolean =>
  ["Unavailable", "Timeout", "TransportFailed"].includes(reasonOf(exit)?._tag ?? "")

/**
 * Kept back by the account's own rate limit, so that nothing was asked at the last: a provider's "too many
 * requests" has its details.
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
