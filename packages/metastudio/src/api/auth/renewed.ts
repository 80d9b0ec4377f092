/**
 * A value that is fetched when it is needed, kept while it is good, and fetched by one caller for all.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"

/** The value as it is needed. */
export interface Renewed<A> {
  /** The value that is kept if it is good, or else a new one. */
  readonly current: Effect.Effect<A, CloudQuotaError>
  /** A value other than this one, which was refused. Whoever asks later gets the same new one. */
  readonly replace: (refused: A) => Effect.Effect<A, CloudQuotaError>
}

/**
 * Keeps what `fetch` gives. Callers that need it at the same time share one fetch, and its failure too:
 * what was refused once is not tried again for each of them.
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
        // Somebody fetched while we waited: their result is ours.
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
