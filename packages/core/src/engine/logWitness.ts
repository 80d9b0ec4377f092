/**
 * Uses the provider's log as a witness during one hold: one base count, and our own entries since.
 *
 * An entry appears up to `readLag` late. A base that is counted right after our own change may lack its
 * entry, and the log would then contradict the next change. The log never proves a change.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta, DeltaLog, LogCount } from "../model/Driver.ts"
import { freshAfter } from "./freshAfter.ts"
import { flushFirst } from "./marks.ts"
import { on } from "./rules.ts"
import type { Session } from "./session.ts"
import { forgetReading } from "./sharedReading.ts"

/**
 * How long a base is used. A later base keeps what others change meanwhile from contradicting every further
 * change, and is counted in less time.
 */
const baseAge = Duration.toNanosUnsafe(Duration.minutes(1))

/** How far before the newest entry a later base begins. The provider's clocks may differ by this. */
const leadMillis = 60_000

/**
 * Returns the number of entries to expect if only this hold adds any. The log is counted before the member is
 * read, so a change in between is counted, never missed. No intent of the account may be open, except one
 * whose answer is known and whose mark waits.
 */
export const expectedEntries = Effect.fnUntraced(function* (
  { log }: Delta,
  session: Session
): Effect.fn.Return<LogCount | undefined, CloudQuotaError> {
  const { logWitness: witness } = session
  if (log === undefined || witness.discredited) return undefined
  const now = (yield* Clock.Clock).monotonicTimeNanosUnsafe()
  const earlier = witness.base?.counted
  if (witness.base === undefined) {
    yield* flushFirst(session)
    // A late entry of ours that the base lacks would look like an entry of another process.
    if (witness.lastOwn !== undefined) yield* freshAfter(session, [witness.lastOwn])
    yield* setBase(session, yield* log.base)
  } else if (earlier !== undefined && witness.base.at + baseAge <= now) {
    yield* flushFirst(session)
    yield* countAnew(log, session, earlier)
  }
  const counted = witness.base?.counted
  if (counted === undefined || witness.discredited) return undefined
  return { since: counted.since, count: counted.count + (on("own-entries") ? witness.own : 0) }
})

/** Counts a later base. All own entries have to be in it; an entry of another process makes that uncertain. */
const countAnew = Effect.fnUntraced(function* (
  log: DeltaLog,
  session: Session,
  { count, since }: LogCount
): Effect.fn.Return<void, CloudQuotaError> {
  const { logWitness: witness } = session
  const counted = yield* log.count(since)
  const gained = counted === undefined ? witness.own : counted.count - count
  if (gained < 0 && on("shrunken-log")) {
    witness.discredited = true
    return
  }
  if (gained !== witness.own && witness.lastOwn !== undefined) {
    yield* freshAfter(session, [witness.lastOwn])
  }
  const newest = counted?.newest
  yield* setBase(
    session,
    counted === undefined ? undefined : yield* log.count(Math.max(since, (newest ?? since) - leadMillis))
  )
})

const setBase = Effect.fnUntraced(function* (session: Session, counted: LogCount | undefined) {
  const at = (yield* Clock.Clock).monotonicTimeNanosUnsafe()
  session.logWitness.base = counted === undefined ? { at } : { counted, at }
  session.logWitness.own = 0
  // A reading that is older than the base would not show what the base already counts.
  forgetReading(session)
})

/** Notes that an own request was answered as applied. Its entry is expected from now on. */
export const expectOwnEntry = Effect.fnUntraced(function* ({ logWitness }: Session) {
  logWitness.own += 1
  logWitness.lastOwn = (yield* Clock.Clock).monotonicTimeNanosUnsafe()
})

/**
 * Drops the base after the answer of an own request was lost. Whether it has an entry is unknown, so the next
 * change needs a new base.
 */
export const forgetBase = ({ logWitness }: Session): void => {
  delete logWitness.base
}

/**
 * Returns the number of entries that the log has gained since a count, or `undefined` if the log is no
 * witness. A negative number discredits the log.
 */
export const gainedEntries = Effect.fnUntraced(function* (
  { log }: Delta,
  { logWitness }: Session,
  counted: LogCount | undefined
): Effect.fn.Return<number | undefined, CloudQuotaError> {
  if (log === undefined || counted === undefined) return undefined
  const now = yield* log.count(counted.since)
  if (now === undefined) return undefined
  const gained = now.count - counted.count
  if (gained < 0 && on("shrunken-log")) logWitness.discredited = true
  return gained
})
