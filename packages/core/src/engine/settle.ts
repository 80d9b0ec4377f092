/**
 * Settles changes whose answers were lost: waits until the request can no longer take effect, reads back, and
 * concludes that it was applied, was not applied, or has to be decided by a person.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as CircuitBreaker from "../transport/CircuitBreaker.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta } from "../model/Driver.ts"
import type { Intent, JournalError, State, Step } from "../journal/contract.ts"
import * as Quantity from "../model/Quantity.ts"
import { attemptKey, noteSettled } from "./attempts.ts"
import { forgetBase, gainedEntries } from "./logWitness.ts"
import { on } from "./rules.ts"
import { lookAtPut, readBackPut } from "./settlePut.ts"
import { judge, settledAfter } from "./settleTable.ts"
import { unknownText } from "./wording.ts"
import { type Session, reload, snapshotOf } from "./session.ts"

/** Interval between progress events during a wait. */
const progressInterval = Duration.seconds(5)

/**
 * Returns the open intents of the account, oldest first. While one is open, another process may still record
 * its answer, so the read barrier for other processes' changes starts at the first listing without one.
 */
export const openIntents = Effect.fnUntraced(function* ({
  barrier,
  hold
}: Session): Effect.fn.Return<ReadonlyArray<Intent>, JournalError> {
  const open = yield* hold.intents({ states: ["prepared", "sending"] })
  if (open.length === 0) barrier.since ??= (yield* Clock.Clock).monotonicTimeNanosUnsafe()
  return open
})

/**
 * Settles one open intent, and returns it in its new state. It is still `sending` only if another holder has
 * taken over.
 */
export const settle = Effect.fn("settle")(function* (
  session: Session,
  intent: Intent
): Effect.fn.Return<Intent, JournalError | CloudQuotaError> {
  const { hold } = session
  for (let current = intent; ; ) {
    if (current.state === "prepared") {
      yield* hold.advance({
        id: current.id,
        from: "prepared",
        to: "not-sent",
        fenced: true,
        detail: "it was written down, and never sent"
      })
    } else if (current.state === "sending") {
      const answer = session.attempts.answers.get(attemptKey(current)) ?? (yield* lookAtPut(session, current))
      if (answer === undefined) yield* waitOut(session, current)
      yield* hold.advance(answer ?? (yield* unhindered(readBack(session, current))))
    } else {
      if (current.unanswered === 0) noteSettled(session.attempts, current)
      return current
    }
    const next = yield* reload(hold, current)
    if (next.state === current.state && next.armed === current.armed) return next
    current = next
  }
})

/** This reading decides after a long wait, so it is made even if other reads have just failed. */
const unhindered = Effect.provideService(CircuitBreaker.Exempt, true)

/** Returns when the intent's request can no longer take effect, in monotonic nanoseconds. */
export const deadAt = (session: Session, intent: Intent, now: bigint): bigint => {
  const { attempts, timings } = session
  const key = attemptKey(intent)
  // An answered attempt is over, even if the journal could not record it.
  if (attempts.answers.has(key)) return now
  const own = attempts.ends.get(key)
  if (own !== undefined) {
    const wait = own.resetReaches === "provider" ? timings.own : timings.takeover
    return own.at + Duration.toNanosUnsafe(wait)
  }
  // On any clock, the attempt was armed before it was first seen armed.
  const seen = attempts.firstSeen.get(key)
  const first = seen?.armed === intent.armed ? seen.at : now
  if (seen?.armed !== intent.armed) attempts.firstSeen.set(key, { armed: intent.armed, at: now })
  return on("takeover-base") ? first + Duration.toNanosUnsafe(timings.takeover) : now
}

const waitOut = Effect.fnUntraced(function* (session: Session, intent: Intent) {
  if (!on("wait")) return
  const clock = yield* Clock.Clock
  for (;;) {
    const now = clock.monotonicTimeNanosUnsafe()
    const left = deadAt(session, intent, now) - now
    if (left <= 0n) return
    const remaining = Duration.nanos(left)
    const { after, delta, member, metric } = intent
    const what = delta === undefined ? `${after}` : signed(delta)
    const message = `No answer for ${metric} of ${member} (${what}). ${unknownText(delta, after, intent.before.limit)} Looking in ${clockText(remaining)}. Interrupting is safe; running it again continues.`
    const event = { _tag: "Waiting", member, metric, remaining, message } as const
    yield* session.onEvent(delta === undefined ? event : { ...event, delta })
    yield* Effect.sleep(Duration.min(remaining, progressInterval))
  }
})

const signed = (quantity: Quantity.Quantity): string =>
  `${Quantity.isPositive(quantity) ? "+" : ""}${quantity}`

/** Formats a duration as `1:30`, rounded up to seconds. */
const clockText = (duration: Duration.Duration): string => {
  const seconds = Math.ceil(Duration.toMillis(duration) / 1000)
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`
}

/** Judges a request that can no longer take effect by reading back. */
const readBack = (session: Session, intent: Intent): Effect.Effect<Step, JournalError | CloudQuotaError> => {
  const { write } = session.driver
  return write._tag === "Delta" ? readBackDelta(session, write, intent) : readBackPut(session, intent)
}

const stepOf = (intent: Intent, to: State): Step => ({
  id: intent.id,
  from: "sending",
  to,
  armed: intent.armed,
  fenced: true
})

const readBackDelta = Effect.fnUntraced(function* (
  session: Session,
  delta: Delta,
  intent: Intent
): Effect.fn.Return<Step, JournalError | CloudQuotaError> {
  const { hold, journal } = session
  // The limit is read before the log is counted, so a change in between is counted, never missed.
  const snapshot = yield* snapshotOf(delta, intent.member)
  const logged = yield* gainedEntries(delta, session, intent.audit)
  forgetBase(session)
  const conflict = (detail: string): Step => ({ ...stepOf(intent, "conflict"), detail })
  if (snapshot === undefined) return conflict(`${intent.member} is not a member any more`)
  if (snapshot.membership !== intent.membership)
    return conflict(`${intent.member} has left and joined again meanwhile`)
  if (intent.before.limit._tag === "Unlimited" || intent.delta === undefined) {
    return conflict("the journal does not have the amount that was sent")
  }
  const facts = yield* hold.account
  const moved = Quantity.subtract(snapshot.limit, intent.before.limit.quantity)
  const verdict = judge(intent.delta, {
    moved,
    available: Quantity.subtract(snapshot.available, intent.before.available ?? snapshot.available),
    withdrawal: facts.withdrawal,
    ...(logged === undefined ? {} : { logged })
  })
  if (verdict.state === "conflict") return conflict(verdict.detail)
  if (verdict.state === "not-applied" && intent.evidence === "response") {
    return conflict("the provider accepted it, and the limit did not move")
  }
  const sentHere = session.attempts.ends.has(attemptKey(intent))
  if (
    verdict.state === "not-applied" &&
    on("non-sender") &&
    !sentHere &&
    !(yield* journal.isDead(intent.owner))
  ) {
    return conflict("another machine sent it, and only that one could prove that it did not take place")
  }
  const settled = settledAfter(intent, verdict.state)
  return {
    ...stepOf(intent, verdict.state),
    evidence: verdict.evidence,
    // The limit was read at its target, so this reading is the closing look.
    ...(verdict.state === "applied" ? { closing: "as-asked" } : {}),
    ...(settled === undefined ? {} : { settled })
  }
})
