/** One account while it is held, and its readings. Shared by settling and sending. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Change from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta, DeltaSnapshot, Driver } from "../model/Driver.ts"
import type { Journal } from "../journal/Journal.ts"
import type { Hold, Intent } from "../journal/contract.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { Timings } from "./Settlement.ts"
import { type Attempts, type Barrier, attemptKey } from "./attempts.ts"
import type { LogWitness } from "./logWitness.ts"
import { freshAfter } from "./freshAfter.ts"

/** A held account, with everything that settling needs. */
export interface Session {
  readonly account: string
  readonly driver: Driver
  readonly journal: Journal
  readonly hold: Hold
  readonly timings: Timings
  readonly attempts: Attempts
  readonly barrier: Barrier
  readonly logWitness: LogWitness
  readonly onEvent: (event: Change.Event) => Effect.Effect<void>
}

/** Waits until no reading can be older than the last attempt of this process. */
export const readingsAreFresh = (session: Session): Effect.Effect<void> =>
  freshAfter(
    session,
    [...session.attempts.ends.values()].map(({ at }) => at)
  )

/**
 * Waits until no reading can be older than these changes. The changes of other processes took effect before
 * this holder found no open intent.
 */
export const untilSeen = (session: Session, changes: ReadonlyArray<Intent>): Effect.Effect<void> =>
  Effect.flatMap(Clock.Clock, (clock) =>
    freshAfter(
      session,
      changes.map(
        (intent) =>
          session.attempts.ends.get(attemptKey(intent))?.at ??
          session.barrier.since ??
          clock.monotonicTimeNanosUnsafe()
      )
    )
  )

/** Reads one member. Returns `undefined` if it does not exist. */
export const snapshotOf = (
  delta: Delta,
  member: MemberId
): Effect.Effect<DeltaSnapshot | undefined, CloudQuotaError> =>
  Effect.map(delta.snapshot([member]), ([snapshot]) => snapshot)
