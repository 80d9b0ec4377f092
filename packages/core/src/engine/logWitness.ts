/**
 * Uses the provider's log as a witness during one hold: one base count, and our own entries since.
 *
 * An entry appears up to `readLag` late. A base that is counted right after our own change may lack its
 * entry, and the log would then contradict the next change. The log never proves a change.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta, LogCount } from "../model/Driver.ts"
import type { Timings } from "./Settlement.ts"
import { freshAfter } from "./freshAfter.ts"

/** The state of the log during one hold. */
export interface LogWitness {
  /** Absent before the first count, and when the next change needs a new one. */
  base?: {
    /** Absent if the log is no witness. */
    readonly counted?: LogCount
  }
  /** The number of requests of this hold that were answered as applied since the base. */
  own: number
  /** When the last of them ended, in monotonic nanoseconds. */
  lastOwn?: bigint
  /** Whether entries have vanished from the log. It is then no witness for the rest of the hold. */
  discredited: boolean
}

/** The parts of a session that are needed here. */
interface Watched {
  readonly logWitness: LogWitness
  readonly timings: Timings
}

export const makeLogWitness = (): LogWitness => ({ own: 0, discredited: false })

/**
 * The number of own entries after which a new base is counted. A log that is too long to be counted is no
 * witness.
 */
const mostOwn = 500

/**
 * Returns the number of entries to expect if only this hold adds any. The log is counted before the member is
 * read, so a change in between is counted, never missed. No intent of the account may be open.
 */
export const expectedEntries = Effect.fnUntraced(function* (
  { log }: Delta,
  session: Watched
): Effect.fn.Return<LogCount | undefined, CloudQuotaError> {
  const { logWitness: witness } = session
  if (log === undefined || witness.discredited) return undefined
  if (witness.base === undefined || witness.own >= mostOwn) {
    // A late entry of ours that the base lacks would look like an entry of another process.
    if (witness.lastOwn !== undefined) yield* freshAfter(session, [witness.lastOwn])
    const counted = yield* log.base
    witness.base = counted === undefined ? {} : { counted }
    witness.own = 0
  }
  const counted = witness.base?.counted
  return counted === undefined ? undefined : { since: counted.since, count: counted.count + witness.own }
})

/** Notes that an own request was answered as applied. Its entry is expected from now on. */
export const expectOwnEntry = Effect.fnUntraced(function* ({ logWitness }: Watched) {
  logWitness.own += 1
  logWitness.lastOwn = (yield* Clock.Clock).monotonicTimeNanosUnsafe()
})

/**
 * Drops the base after the answer of an own request was lost. Whether it has an entry is unknown, so the next
 * change needs a new base.
 */
export const forgetBase = ({ logWitness }: Watched): void => {
  delete logWitness.base
}

/**
 * Returns the number of entries that the log has gained since a count, or `undefined` if the log is no
 * witness. A negative number discredits the log.
 */
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
