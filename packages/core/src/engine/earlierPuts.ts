/** Waits until earlier puts of a member can neither overwrite a new one nor be missing from a reading. */
import * as BigInteger from "effect/BigInt"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Intent, JournalError, State } from "../journal/contract.ts"
import { attemptKey, noteSettled, settledKey } from "./attempts.ts"
import { on } from "./rules.ts"
import { deadAt } from "./settle.ts"
import type { Session } from "./session.ts"

/** Interval between progress events during a wait. */
const progressInterval = Duration.seconds(5)

/** Returns the settled intents of a member with a send that may still arrive. */
export const mayArrive = (intents: ReadonlyArray<Intent>): ReadonlyArray<Intent> =>
  on("put-wait") ? intents.filter(({ unanswered }) => unanswered > 0) : []

/** Returns the time until no send of these intents can arrive. */
export const remainingWait = (
  session: Session,
  intents: ReadonlyArray<Intent>
): Effect.Effect<Duration.Duration> =>
  Effect.map(Clock.Clock, (clock) => {
    const now = clock.monotonicTimeNanosUnsafe()
    const last = intents.map((intent) => deadAt(session, intent, now)).reduce(BigInteger.max, now)
    return Duration.nanos(last - now)
  })

/**
 * Waits until no send of these intents can arrive, and records that. Returns false if another holder has
 * taken over.
 */
export const waitForEarlierPuts = Effect.fnUntraced(function* (
  session: Session,
  intents: ReadonlyArray<Intent>
): Effect.fn.Return<boolean, JournalError> {
  const [first] = intents
  if (first === undefined) return true
  const { member, metric, run } = first
  for (;;) {
    const remaining = yield* remainingWait(session, intents)
    if (!Duration.isPositive(remaining)) break
    const seconds = Math.ceil(Duration.toSeconds(remaining))
    const message = `An earlier request for ${member} (run ${JSON.stringify(run)}) had no answer and may still arrive. Going on in ${seconds} s. Interrupting is safe; running it again continues.`
    yield* session.onEvent({ _tag: "Waiting", member, metric, remaining, message })
    yield* Effect.sleep(Duration.min(remaining, progressInterval))
  }
  const isHeld = yield* session.hold.amend(
    intents.map(({ id, state }) => ({ id, state, fenced: true, unanswered: 0 }))
  )
  if (isHeld) for (const intent of intents) noteSettled(session.attempts, intent)
  return isHeld
})

/** The states of a put that may have changed a limit. */
const mayHaveChanged: ReadonlySet<State> = new Set([
  "sending",
  "applied",
  "conflict",
  "resolved-applied",
  "resolved-not-applied"
])

/** Returns the time from which a reading of the member shows its last put, in monotonic nanoseconds. */
export const putsVisibleFrom = (session: Session, intents: ReadonlyArray<Intent>): Effect.Effect<bigint> =>
  Effect.map(Clock.Clock, (clock) => {
    if (!on("put-read-barrier")) return 0n
    const now = clock.monotonicTimeNanosUnsafe()
    const readLag = Duration.toNanosUnsafe(session.timings.readLag)
    return intents
      .filter(({ state }) => mayHaveChanged.has(state))
      .map((intent) => endOf(session, intent, now) + readLag)
      .reduce(BigInteger.max, 0n)
  })

/** Returns the latest time at which a put can have ended, in monotonic nanoseconds. */
const endOf = ({ attempts, barrier, journal }: Session, intent: Intent, now: bigint): bigint => {
  const key = attemptKey(intent)
  const own = attempts.ends.get(key)
  if (own !== undefined) return own.at
  // On one host the sender was dead before this process became the holder.
  if (journal.profile === "local") return barrier.held
  // On several hosts its answer may have come later, but before the holder found no open intent. If that has
  // not happened, before it was first seen as settled.
  if (barrier.since !== undefined) return barrier.since
  const settled = settledKey(intent)
  const at = attempts.firstSeen.get(settled)?.at ?? now
  attempts.firstSeen.set(settled, { armed: intent.armed, at })
  return at
}
