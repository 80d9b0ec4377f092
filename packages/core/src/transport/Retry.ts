/**
 * When a failed request may be sent again. That depends on the effect of sending it twice, so every request
 * belongs to a safety class.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Semaphore from "effect/Semaphore"
import * as CircuitBreaker from "./CircuitBreaker.ts"
import { CloudQuotaError } from "../model/CloudQuotaError.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import type { Safety } from "../wire/Safety.ts"
import type { RateLimit } from "./RateLimit.ts"

export type { Safety } from "../wire/Safety.ts"

/** How often, and with which waits, requests are retried. */
export interface Policy {
  /** Upper bound on attempts of one request. @default 4 */
  readonly attempts?: number
  /**
   * Upper bound on the wait before the second attempt. It doubles with every further one. Default: 200 ms.
   */
  readonly base?: Duration.Duration
  /** Upper bound on the wait before any attempt. Default: 20 seconds. */
  readonly limit?: Duration.Duration
}

/** Retries for one account, with one budget for all its requests. */
export interface Retry {
  /**
   * Runs an attempt, and repeats it as far as its class and its failure allow. The attempt must build and
   * sign its request anew each time. `operation` names it in errors raised before it is sent.
   */
  readonly run: <A, R>(
    safety: Safety,
    attempt: Effect.Effect<A, CloudQuotaError, R>,
    operation?: string
  ) => Effect.Effect<A, CloudQuotaError, R>
  /** Takes one retry from the budget, for a caller that repeats by its own rules. False if none is left. */
  readonly spend: Effect.Effect<boolean>
}

const policyKeys: KnownKeys.Names<Policy> = { attempts: true, base: true, limit: true }

/** The budget of all retries of an account: a provider in trouble must not be flooded. */
const budget = 100
const costOfRetry = 5
const refundOfSuccess = 1

/**
 * Makes the retries of one account: waits are jittered, and `Retry-After` is honoured up to the limit. Throws
 * a `RangeError` if `attempts` is not a whole number above 0, and for an unknown key of the policy.
 */
export const make = (policy: Policy = {}): Retry => {
  KnownKeys.check(policy, policyKeys, "retry")
  const attempts = policy.attempts ?? 4
  if (!Number.isInteger(attempts) || attempts < 1)
    throw new RangeError("attempts: give a whole number above 0")
  const base = Duration.toMillis(policy.base ?? Duration.millis(200))
  const limit = Duration.toMillis(policy.limit ?? Duration.seconds(20))
  let tokens = budget

  const spendOne = () => {
    if (tokens < costOfRetry) return false
    tokens -= costOfRetry
    return true
  }

  const run = <A, R>(
    safety: Safety,
    attempt: Effect.Effect<A, CloudQuotaError, R>
  ): Effect.Effect<A, CloudQuotaError, R> =>
    Effect.suspend(() => {
      let unknown = false
      const send = (sent: number): Effect.Effect<A, CloudQuotaError, R> =>
        Effect.matchEffect(attempt, {
          onSuccess: (answer) => {
            tokens = Math.min(budget, tokens + refundOfSuccess)
            return Effect.succeed(answer)
          },
          onFailure: (failure) => {
            // A refusal of this attempt proves nothing about an earlier one that got no answer.
            unknown ||= failure.money === "unknown"
            const error = unknown ? new CloudQuotaError({ ...failure, money: "unknown" }) : failure
            const asked = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
            const mayTry = sent < attempts && asked <= limit && mayRepeat(safety, error)
            if (!mayTry || !spendOne()) return Effect.fail(error)
            return Effect.flatMap(Random.next, (share) => {
              const jittered = share * Math.min(limit, base * 2 ** (sent - 1))
              return Effect.flatMap(Effect.sleep(Duration.millis(Math.max(asked, jittered))), () =>
                send(sent + 1)
              )
            })
          }
        })
      return send(1)
    })

  return { run, spend: Effect.sync(spendOne) }
}

const mayRepeat = (safety: Safety, error: CloudQuotaError): boolean => {
  if (!error.isRetryable) return false
  if (safety === "read" || safety === "idempotent-write") return true
  // Only the classes named here: an unknown class must not repeat a request that moves money.
  return safety === "create" && error.money === "not-moved"
}

/** Upper bound on concurrent reads of an account. Browsers and the vendors' SDKs have far fewer. */
const mostReads = 64

/**
 * Returns the same retries, with the same budget, behind guards: each attempt waits for a permit, and each
 * read, with all its attempts, is refused while the provider does not answer.
 *
 * At most 64 reads run concurrently. The waiting time of the others is not the provider's: it counts neither
 * as a timeout nor for the circuit breaker.
 */
export const guarded = (
  retry: Retry,
  guards: { readonly rateLimit: RateLimit; readonly circuitBreaker: CircuitBreaker.CircuitBreaker }
): Retry => {
  const { circuitBreaker, rateLimit } = guards
  const reads = Semaphore.makeUnsafe(mostReads)
  return {
    spend: retry.spend,
    run: (safety, attempt, operation = safety) => {
      const paced = Effect.andThen(rateLimit.permit(operation), rateLimit.observe(attempt))
      if (safety !== "read") return retry.run(safety, paced, operation)
      // During the wait, other reads may have found that the provider does not answer.
      const queued = reads.withPermit(Effect.andThen(CircuitBreaker.stillAdmitted, paced))
      // The read that settles a change does not wait for other reads.
      const limited = Effect.flatMap(CircuitBreaker.Exempt, (exempt) => (exempt ? paced : queued))
      return circuitBreaker.run(retry.run(safety, limited, operation), operation)
    }
  }
}

const longestRetryAfterMillis = 24 * 3_600_000

/** The formats of a date in HTTP: the present one, and two obsolete ones that must still be accepted. */
const httpDates = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/
]

/**
 * Returns the wait of a `Retry-After` header, in milliseconds: whole seconds, or a date, measured from `now`
 * (milliseconds since 1970). A past date is 0, and more than a day is a day. Returns `undefined` for any
 * other text.
 *
 * Source: RFC 9110, 10.2.3 and 5.6.7.
 *
 * @example
 * import { Retry } from "@cloud-quota/core/adapter"
 *
 * Retry.parseRetryAfter("120", Date.now()) // => 120000
 */
export const parseRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? ""
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestRetryAfterMillis)
  if (!httpDates.some((form) => form.test(text))) return undefined
  // The oldest format is in GMT without naming it.
  const date = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`)
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), longestRetryAfterMillis)
}
