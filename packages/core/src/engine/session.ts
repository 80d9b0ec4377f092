/** One account while it is held, and its readings. Shared by settling and sending. */
import * as BigInteger from "effect/BigInt"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Change from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta, DeltaSnapshot, Driver } from "../model/Driver.ts"
import type { Journal } from "../journal/Journal.ts"
import { type Hold, type Intent, JournalError } from "../journal/contract.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { Timings } from "./Settlement.ts"
import { type Attempts, type Barrier, attemptKey } from "./attempts.ts"
import type { SessionState } from "./sessionState.ts"
import { freshAfter } from "./freshAfter.ts"

/** A held account, with everything that settling needs. */
export interface Session extends SessionState {
  readonly account: string
  readonly driver: Driver
  readonly journal: Journal
  readonly hold: Hold
  readonly timings: Timings
  readonly attempts: Attempts
  readonly barrier: Barrier
  readonly onEvent: (event: Change.Event) => Effect.Effect<void>
}

/** Waits until no reading can be older than the last attempt of this process. */
export const readingsAreFresh = (session: Session): Effect.Effect<void> =>
  freshAfter(
    session,
    [...session.attempts.ends.values()].map(({ at }) => at)
  )

/**
 * Returns the time, in monotonic nanoseconds, from which a reading cannot be older than these changes. The
 * changes of other processes took effect before this holder found no open intent.
 */
export const visibleFrom = (
  { attempts, barrier, timings }: Session,
  changes: ReadonlyArray<Intent>,
  now: bigint
): bigint =>
  changes
    .map((intent) => attempts.ends.get(attemptKey(intent))?.at ?? barrier.since ?? now)
    .map((end) => end + Duration.toNanosUnsafe(timings.readLag))
    .reduce(BigInteger.max, 0n)

/** Waits until no reading can be older than these changes. */
export const untilSeen = (session: Session, changes: ReadonlyArray<Intent>): Effect.Effect<void> =>
  Effect.flatMap(Clock.Clock, (clock) => {
    const now = clock.monotonicTimeNanosUnsafe()
    return Effect.sleep(Duration.nanos(BigInteger.max(0n, visibleFrom(session, changes, now) - now)))
  })

/** Reads one member. Returns `undefined` if it does not exist. */
export const snapshotOf = (
  delta: Delta,
  member: MemberId
): Effect.Effect<DeltaSnapshot | undefined, CloudQuotaError> =>
  Effect.map(delta.snapshot([member]), ([snapshot]) => snapshot)

/** Returns an intent as it is in the journal now. */
export const reload = Effect.fnUntraced(function* (
  hold: Hold,
  { id }: Intent
): Effect.fn.Return<Intent, JournalError> {
  const [found] = yield* hold.intents({ id })
  return (
    found ?? (yield* new JournalError({ kind: "failed", message: `the journal has lost its intent ${id}` }))
  )
})
