/**
 * When the vendor's official SDKs send a request again, as they were read and measured: Python
 * 0.11.100, Go 0.22.98 and JavaScript 0.2.4. Facts as tables, and nothing of their code.
 *
 * None of them asks what the request does: moving money is repeated like any reading.
 */
import * as Duration from "effect/Duration"

/** How one send ended, as far as an SDK can tell. A send that ended with RetCode 0 is none of these. */
export type Failure =
  | { readonly _tag: "RetCode"; readonly code: number }
  | { readonly _tag: "Status"; readonly status: number }
  /** No connection: nothing was sent. */
  | { readonly _tag: "Refused" }
  /** The connection broke, or the time was up: nobody knows what happened. */
  | { readonly _tag: "Unanswered" }

/** What one SDK does about a failure. */
export interface RetryRule {
  /** How long it waits for an answer. */
  readonly timeout: Duration.Duration
  /** Whether it sends again, as long as it has retries left. */
  readonly repeats: (failure: Failure) => boolean
  /** How long it waits before the given retry, the first being 0. `random` is from 0 up to but not 1. */
  readonly pause: (failure: Failure, retry: number, random: number) => Duration.Duration
}

const busyStatuses = [429, 502, 503, 504]

/**
 * Off unless the configuration has `max_retries`. Codes above 2000 are taken for passing ones. Only
 * connecting is repeated below, by urllib3, and with a pause; a lost answer is not.
 */
export const python: RetryRule = {
  timeout: Duration.seconds(30),
  repeats: (failure) => {
    switch (failure._tag) {
      case "RetCode":
        return failure.code > 2000
      case "Status":
        return busyStatuses.includes(failure.status)
      case "Refused":
        return true
      case "Unanswered":
        return false
    }
  },
  pause: (failure, retry) => (failure._tag === "Refused" ? Duration.millis(300 * 2 ** retry) : Duration.zero)
}

/**
 * Off unless a request, or `WithRetry`, switches it on. Every network error is repeated, a timeout
 * too. `WithRetry` makes any request repeatable, also one that was marked as not to be repeated.
 */
export const go: RetryRule = {
  timeout: Duration.seconds(30),
  repeats: (failure) => {
    switch (failure._tag) {
      case "RetCode":
        return failure.code >= 2000
      case "Status":
        return busyStatuses.includes(failure.status)
      case "Refused":
      case "Unanswered":
        return true
    }
  },
  pause: (_, retry, random) => Duration.millis(4 ** Math.min(retry, 7) * (100 + Math.floor(random * 100)))
}

/** Repeats whatever failed, at once, and never stops waiting. `maxRetries: 0` is taken for the default of 3. */
export const javascript: RetryRule = {
  timeout: Duration.infinity,
  repeats: () => true,
  pause: () => Duration.zero
}
