/**
 * Marks of answered changes. A mark may wait for the transaction of the next change, which saves one: the
 * intent stays `sending` until then, and would be settled by reading back if the process died. So a mark may
 * wait only where reading back could not mistake it.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as EffectResult from "effect/Result"
import * as Schedule from "effect/Schedule"
import type { AccountFacts, Intent, JournalError, State } from "../journal/contract.ts"
import * as Quantity from "../model/Quantity.ts"
import { attemptKey, noteSettled } from "./attempts.ts"
import { on } from "./rules.ts"
import { type Session, reload } from "./session.ts"
import type { Mark, Noted } from "./sessionState.ts"

/**
 * Whether the mark of a change may wait. Without the log, a person may undo the change before it is read
 * back, and it would be paid twice. An unmoved limit must not be able to prove a withdrawal undone.
 */
export const mayWait = ({ audit, delta }: Intent, { withdrawal }: AccountFacts): boolean =>
  audit !== undefined &&
  (delta === undefined ||
    Quantity.isPositive(delta) ||
    withdrawal === "lowers-limit" ||
    !on("waiting-mark-needs-proof"))

/** Records a mark now. */
export const record = Effect.fnUntraced(function* (session: Session, mark: Mark): Effect.fn.Return<Noted> {
  const claimed = yield* Effect.result(Effect.retry(claim(session, mark), patience))
  if (EffectResult.isFailure(claimed)) session.attempts.answers.set(attemptKey(mark.intent), mark.step)
  else noteSettled(session.attempts, mark.intent)
  const noted: Noted = EffectResult.match(claimed, {
    onFailure: () => ({ _tag: "Failed" }),
    onSuccess: (detail) => (detail === undefined ? { _tag: "Recorded" } : { _tag: "Contradicted", detail })
  })
  mark.noted = noted
  return noted
})

/** Records the mark that waits, if any, and shows its result. */
export const flush = (session: Session): Effect.Effect<void> =>
  Effect.uninterruptible(
    Effect.suspend(() => {
      const { waiting } = session.marks
      if (waiting === undefined) return Effect.void
      delete session.marks.waiting
      return Effect.andThen(record(session, waiting), showNoted(waiting))
    })
  )

/** Records the mark that waits before anything else is waited for. */
export const flushFirst = (session: Session): Effect.Effect<void> =>
  on("mark-before-waiting") ? flush(session) : Effect.void

/** Shows the result of a change, once, after its mark was tried to record. */
export const showNoted = (mark: Mark): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { noted, show = Effect.void } = mark
    if (noted === undefined) return Effect.void
    delete mark.show
    return show
  })

/** Records the mark that waits before an effect waits for anything. */
export const flushBeforeWaiting = <A, E, R>(
  session: Session,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  session.marks.waiting === undefined
    ? effect
    : Effect.flatMap(Effect.forkChild(effect, { startImmediately: true }), (fiber) =>
        fiber.pollUnsafe() === undefined
          ? Effect.andThen(flushFirst(session), Fiber.join(fiber))
          : Fiber.join(fiber)
      )

/** Retries a journal that is briefly busy, since the outcome is a fact. */
const patience = { times: 3, schedule: Schedule.spaced(Duration.millis(200)) }

/**
 * Records a fact. If the intent was settled as the opposite meanwhile, records a conflict instead of
 * overwriting it, and returns the contradiction.
 */
const claim = Effect.fnUntraced(function* (
  { hold }: Session,
  { intent, step }: Mark
): Effect.fn.Return<string | undefined, JournalError> {
  if (yield* hold.advance(step)) return undefined
  const { detail, state } = yield* reload(hold, intent)
  if (state === "conflict") return detail ?? "it was settled as a conflict before the answer came"
  if (tookPlace(state) === tookPlace(step.to)) return undefined
  const contradiction = `the provider's answer says ${step.to}, and it was settled as ${state}`
  yield* hold.advance({ id: intent.id, from: state, to: "conflict", fenced: false, detail: contradiction })
  return contradiction
})

const tookPlace = (state: State): boolean => state === "applied" || state === "resolved-applied"
