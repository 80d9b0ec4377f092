/**
 * Readings of members to plan differences from. Where the provider's log is a witness, one reading serves all
 * members of a call that it may serve. Without the log, each change reads for itself: a change by another
 * between the reading and the write would stay unnoticed.
 */
import * as BigInteger from "effect/BigInt"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta, DeltaSnapshot } from "../model/Driver.ts"
import type { Intent } from "../journal/contract.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import { flushFirst } from "./marks.ts"
import { on } from "./rules.ts"
import type { LatestReading } from "./sessionState.ts"
import { type Session, snapshotOf, visibleFrom } from "./session.ts"
import { instant, isWithin } from "./twoClocks.ts"

/** The members of a call, and whether a reading may serve several of them. */
export interface Wanted {
  readonly members: ReadonlyArray<MemberId>
  readonly shares: boolean
}

/**
 * Returns a reading that shows the member's earlier changes, or `undefined` if the member does not exist.
 * `changes` are its last changes.
 */
export const readMember = Effect.fnUntraced(function* (
  session: Session,
  delta: Delta,
  member: MemberId,
  changes: ReadonlyArray<Intent>,
  wanted: Wanted
): Effect.fn.Return<DeltaSnapshot | undefined, CloudQuotaError> {
  const { sharedReading, timings } = session
  const clock = yield* Clock.Clock
  const earliest = on("read-barrier") ? visibleFrom(session, changes, clock.monotonicTimeNanosUnsafe()) : 0n
  const { latest } = sharedReading
  const mayServe = ({ begun }: LatestReading) =>
    (isWithin(timings.readingAge, begun, instant(clock)) || !on("reading-age")) && begun.monotonic >= earliest
  if (wanted.shares && latest !== undefined && mayServe(latest)) return latest.snapshots.get(member)

  yield* flushFirst(session)
  const now = clock.monotonicTimeNanosUnsafe()
  yield* Effect.sleep(Duration.nanos(BigInteger.max(0n, earliest - now)))
  if (!wanted.shares || sharedReading.isRefused) return yield* snapshotOf(delta, member)
  const begun = instant(clock)
  const all = yield* Effect.catchIf(
    Effect.asSome(delta.snapshot(wanted.members)),
    ({ reason }) => reason._tag === "MalformedResponse" && wanted.members.length > 1,
    () => Effect.succeedNone
  )
  if (all._tag === "None") {
    sharedReading.isRefused = true
    return yield* snapshotOf(delta, member)
  }
  const snapshots = new Map(all.value.map((snapshot) => [snapshot.member, snapshot]))
  sharedReading.latest = { begun, snapshots }
  return snapshots.get(member)
})

/** Drops the latest reading: the next one begins after this moment. */
export const forgetReading = ({ sharedReading }: Session): void => {
  delete sharedReading.latest
}
