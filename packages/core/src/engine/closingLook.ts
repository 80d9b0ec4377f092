/**
 * The closing look: reads every changed member again at the end of a call, and reports a limit that differs
 * from its target as drift. It reports the reading, and guesses no cause.
 *
 * The journal records whether the look took place. An interrupted run makes it up on its next call.
 */
import * as Effect from "effect/Effect"
import type { Delta, DeltaSnapshot } from "../model/Driver.ts"
import type { Amendment, Intent, MemberFacts, State, Withdrawal } from "../journal/contract.ts"
import * as Limit from "../model/Limit.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Outcome, Result } from "../model/Report.ts"
import { on } from "./rules.ts"
import { type Session, untilSeen } from "./session.ts"
import { messageOf, moneyOf, nextOf } from "./wording.ts"

/** A result, with the change whose limit still has to be read, if any. */
export interface Closable {
  readonly result: Result
  readonly due?: Intent
}

/** Reads all members with a due look at once, then those again whose limits differ. */
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
  const isTarget = (intent: Intent, { limit }: DeltaSnapshot) =>
    targetsOf(intent, withdrawal).some((target) => Quantity.Order(target, limit) === 0)
  const read = (intents: ReadonlyArray<Intent>) =>
    delta.snapshot(intents.map(({ member }) => member)).pipe(
      // A failed reading shows nothing, and the look stays due.
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
  const off = new Set(
    due.filter((intent) => {
      const seen = first.get(intent.member)
      return seen !== undefined && !isTarget(intent, seen)
    })
  )
  if (off.size > 0) yield* Effect.sleep(session.timings.readLag)
  const second = off.size > 0 ? yield* read([...off]) : first

  const amendments: Array<Amendment> = []
  const results = all.map(({ due: intent, result }) => {
    const seen = intent && (off.has(intent) ? second : first).get(intent.member)
    if (intent === undefined || seen === undefined) return result
    const closing = isTarget(intent, seen) ? "as-asked" : "drift"
    amendments.push({ id: intent.id, state: "applied", fenced: true, closing })
    return seenResult(result, seen, closing === "drift" ? targetsOf(intent, withdrawal) : [])
  })
  // If this cannot be recorded, the looks stay due, and the run makes them up.
  yield* Effect.ignore(session.hold.amend(amendments))
  return results
})

/**
 * Returns the limits that a change may have left. A withdrawal may leave either one until its effect is
 * known.
 */
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
 * Whether the limit of a member may rightly differ by now: this journal has changed it again, or a person has
 * accepted another limit. A reading would then show nothing about this change.
 */
export const isChangedSince = (
  intent: Intent,
  ofMember: ReadonlyArray<Intent>,
  facts: ReadonlyArray<MemberFacts>
): boolean => {
  const index = ofMember.findIndex(({ id }) => id === intent.id)
  const known = facts.find(({ member, metric }) => member === intent.member && metric === intent.metric)
  // Withdrawals whose effect was not learned leave the settled limit of an earlier change.
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
  { available, limit }: DeltaSnapshot,
  missed: ReadonlyArray<Quantity.Quantity>
): Result => {
  const outcome: Outcome = {
    _tag: "Applied",
    observed: { limit: Limit.finite(limit), available },
    ...(missed.length > 0 ? { drift: true } : {})
  }
  // The rest of the message stays.
  const sentence = messageOf({ ...result, outcome }, undefined, missed.join(" or "))
  return {
    ...result,
    outcome,
    money: moneyOf(outcome),
    next: nextOf(outcome),
    message: result.message.replace(messageOf(result), () => sentence)
  }
}
