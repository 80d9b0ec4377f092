/**
 * A value that is fetched on demand, cached while it is good, and fetched once for all concurrent callers.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"

/** The cached value. */
export interface Renewed<A> {
  /** The cached value if it is good, or else a new one. */
  readonly current: Effect.Effect<A, CloudQuotaError>
  /** Returns a value other than this one, which was refused. Later callers get the same new value. */
  readonly replace: (refused: A) => Effect.Effect<A, CloudQuotaError>
}

/**
 * Caches the result of `fetch`. Concurrent callers share one fetch, and its failure too: a refused request is
 * not repeated for each of them.
 */
export const makeRenewed = <A>(options: {
  readonly fetch: Effect.Effect<A, CloudQuotaError>
  readonly isGood: (value: A, now: DateTime.Utc) => boolean
}): Renewed<A> => {
  const oneAtATime = Semaphore.makeUnsafe(1)
  let fetched = 0
  let last: Result.Result<A, CloudQuotaError> | undefined

  const get = Effect.fnUntraced(function* (refused?: A) {
    const before = fetched
    const now = yield* DateTime.now
    if (last !== undefined && Result.isSuccess(last)) {
      const kept = last.success
      if (kept !== refused && options.isGood(kept, now)) return kept
    }
    const result = yield* oneAtATime.withPermit(
      Effect.gen(function* () {
        // Another caller fetched during the wait: this one uses the same result.
        if (last !== undefined && fetched !== before) return last
        last = yield* Effect.result(options.fetch)
        fetched += 1
        return last
      })
    )
    return yield* Effect.fromResult(result)
  })

  return { current: get(), replace: get }
}
