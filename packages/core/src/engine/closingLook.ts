/**
 * The closing look: every changed member is read again at the end of a call, and a limit that is not the
 * target is reported as drift. It says what was read, and guesses no cause.
 *
 * The journal keeps whether it took place: a run that was cut short makes it up when it is called again.
 */
import * as Effect from "effect/Effect"
import type { Delta, DeltaSnapshot } from "../model/Driver.ts"
import type { Intent, MemberFacts, State, Withdrawal } from "../journal/contract.ts"
import * as Limit from "../model/Limit.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Outcome, Result } from "../model/Report.ts"
import { on } from "./rules.ts"
import { type Session, untilSeen } from "./session.ts"
import { messageOf, moneyOf, nextOf } from "./wording.ts"

/** A result, and the change that it is about where its limit has to be looked at. */
export interface Closable {
  readonly result: Result
  readonly due?: Intent
}

/** Reads the members whose limits have to be looked at, once for all, and again those that are off. */
export const closingLook = Effect.fnUntraced(function* (
  session: Session,
  delta: Delta,
  all: ReadonlyArray<Closable>
): Effect.fn.Return<ReadonlyArray<Result>> {
  const due = all.flatMap((one) => (one.due === undefined ? [] : [one.due]))
  if (due.length === 0 || !on("closing-look")) return all.map(({ result }) => result)
  const { withdrawal } = yield* Effect.orElseSucceed(session.hold.account, () => ({
    withdrawal: "unknown" as const
  }))
  const isTarget = (intent: Intent, { allocated }: DeltaSnapshot) =>
    targetsOf(intent, withdrawal).some((target) => Quantity.Order(target, allocated) === 0)
  const read = (intents: ReadonlyArray<Intent>) =>
    delta.snapshot(intents.map(({ member }) => member)).pipe(
      // A reading that failed shows nothing, and the look stays due.
      Effect.orElseSucceed((): ReadonlyArray<DeltaSnapshot> => []),
      Effect.map(
        (snapshots) =>
          new Map(
            intents.flatMap((intent): ReadonlyArray<readonly [MemberId, DeltaSnapshot]> => {
              const seen = snapshots.find(({ member }) => member === intent.member)
              return seen === undefined || seen.membership !== intent.membership
                ? []
                : [[intent.member, seen]]
            })
          )
      )
    )

  yield* untilSeen(session, due)
  const first = yield* read(due)
  const off = due.filter((intent) => {
    const seen = first.get(intent.member)
    return seen !== undefined && !isTarget(intent, seen)
  })
  if (off.length > 0) yield* Effect.sleep(session.timings.readLag)
  const second = off.length > 0 ? yield* read(off) : first

  return yield* Effect.forEach(all, ({ due: intent, result }) => {
    if (intent === undefined) return Effect.succeed(result)
    const seen = (off.includes(intent) ? second : first).get(intent.member)
    if (seen === undefined) return Effect.succeed(result)
    const closing = isTarget(intent, seen) ? "as-asked" : "drift"
    // If it cannot be noted, the look stays due, and the run makes it up.
    return session.hold
      .amend({ id: intent.id, state: "applied", fenced: true, closing })
      .pipe(
        Effect.ignore,
        Effect.as(seenResult(result, seen, closing === "drift" ? targetsOf(intent, withdrawal) : []))
      )
  })
})

/** The limits that a change may have left: a withdrawal leaves either, until it is known which. */
const targetsOf = (
  { after, before, delta }: Intent,
  withdrawal: Withdrawal
): ReadonlyArray<Quantity.Quantity> => {
  const [moved, kept] = [after, before.limit].flatMap((limit) =>
    limit._tag === "Finite" ? [limit.quantity] : []
  )
  if (moved === undefined || kept === undefined) return []
  if (delta === undefined || !Quantity.isNegative(delta) || withdrawal === "lowers-limit") return [moved]
  return withdrawal === "keeps-limit" ? [kept] : [moved, kept]
}

/**
 * Whether the limit of a member may be another one by now, and rightly so: this journal has changed it
 * again, or a person has accepted another limit. Then a reading would show nothing of the change.
 */
export const isChangedSince = (
  intent: Intent,
  ofMember: ReadonlyArray<Intent>,
  facts: ReadonlyArray<MemberFacts>
): boolean => {
  const index = ofMember.findIndex(({ id }) => id === intent.id)
  const known = facts.find(({ member, metric }) => member === intent.member && metric === intent.metric)
  // Withdrawals of which nothing is learnt leave the settled limit of an earlier change.
  const isNew = !ofMember
    .slice(0, index + 1)
    .flatMap((change) => targetsOf(change, "unknown"))
    .some((target) => known !== undefined && Quantity.Order(target, known.settled) === 0)
  return (
    ofMember.slice(index + 1).some(({ state }) => mayHaveMoved.has(state)) || (known !== undefined && isNew)
  )
}

const mayHaveMoved = new Set<State>(["sending", "applied", "conflict", "resolved-applied"])

const seenResult = (
  result: Result,
  { allocated, available }: DeltaSnapshot,
  missed: ReadonlyArray<Quantity.Quantity>
): Result => {
  const outcome: Outcome = {
    _tag: "Applied",
    observed: { limit: Limit.finite(allocated), available },
    ...(missed.length > 0 ? { drift: true } : {})
  }
  // Whatever else the message says stays in it.
  const said = messageOf({ ...result, outcome }, undefined, missed.join(" or "))
  return {
    ...result,
    outcome,
    money: moneyOf(outcome),
    next: nextOf(outcome),
    message: result.message.replace(messageOf(result), () => said)
  }
}
