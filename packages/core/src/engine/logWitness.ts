/**
 * The provider's log as a witness during one hold: one base count, and the entries of our own since.
 *
 * An entry is at most `readLag` late. So a base that is taken right after a change of ours may lack its
 * entry, and the log would then speak against the next change. It never speaks for one.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta, LogCount } from "../model/Driver.ts"
import type { Timings } from "./Settlement.ts"
import { freshAfter } from "./freshAfter.ts"

/** What one hold knows of the log. */
export interface LogWitness {
  /** Absent before the first count, and when the next change needs a new one. */
  base?: {
    /** Absent where the log turned out to be no witness. */
    readonly counted?: LogCount
  }
  /** Requests of this hold that were answered as applied since the base. */
  own: number
  /** When the last of them ended. Monotonic nanoseconds. */
  lastOwn?: bigint
  /** Entries have vanished from the log: it is no witness for the rest of the hold. */
  discredited: boolean
}

/** What of a session is needed here. */
interface Watched {
  readonly logWitness: LogWitness
  readonly timings: Timings
}

export const makeLogWitness = (): LogWitness => ({ own: 0, discredited: false })

/** After so many own entries a new base is taken: a log that is too long to be counted is no witness. */
const mostOwn = 500

/**
 * How many entries there are to be found, if nobody but this hold adds one. The count is taken before the
 * member is read: a change between the two is then counted, and never missed. Nothing of the account may
 * be open.
 */
export const expectedEntries = Effect.fnUntraced(function* (
  { log }: Delta,
  session: Watched
): Effect.fn.Return<LogCount | undefined, CloudQuotaError> {
  const { logWitness: witness } = session
  if (log === undefined || witness.discredited) return undefined
  if (witness.base === undefined || witness.own >= mostOwn) {
    // A base that lacks a late entry of ours would take it for somebody else's.
    if (witness.lastOwn !== undefined) yield* freshAfter(session, [witness.lastOwn])
    const counted = yield* log.base
    witness.base = counted === undefined ? {} : { counted }
    witness.own = 0
  }
  const counted = witness.base?.counted
  return counted === undefined ? undefined : { since: counted.since, count: counted.count + witness.own }
})

/** An own request was answered as applied: its entry is expected from now on. */
export const expectOwnEntry = Effect.fnUntraced(function* ({ logWitness }: Watched) {
  logWitness.own += 1
  logWitness.lastOwn = (yield* Clock.Clock).monotonicTimeNanosUnsafe()
})

/** The answer of an own request was lost: whether it has an entry is unknown, so the next change needs a new base. */
export const forgetBase = ({ logWitness }: Watched): void => {
  delete logWitness.base
}

/** How many entries the log has gained since a count. Absent without a log that is a witness. */
export const gainedEntries = Effect.fnUntraced(function* (
  { log }: Delta,
  { logWitness }: Watched,
  counted: LogCount | undefined
): Effect.fn.Return<number | undefined, CloudQuotaError> {
  if (log === undefined || counted === undefined) return undefined
  const count = yield* log.count(counted.since)
  if (count === undefined) return undefined
  const gained = count - counted.count
  if (gained < 0) logWitness.discredited = true
  return gained
})
