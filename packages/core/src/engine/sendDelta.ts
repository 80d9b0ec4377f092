/**
 * Sends a difference: records and arms the intent, writes it once over a dedicated connection, and marks the
 * outcome.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { DeltaConnection, DeltaOutcome } from "../model/Driver.ts"
import type { AccountFacts, Intent, JournalError, NewIntent, Step } from "../journal/contract.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Outcome } from "../model/Report.ts"
import { type Facts, journalReason, takenOver } from "./call.ts"
import type { Prepared } from "./prepareDelta.ts"
import { attemptKey, noteSettled } from "./attempts.ts"
import { expectOwnEntry } from "./logWitness.ts"
import type { ConnectionsAhead } from "./connectionsAhead.ts"
import { flush, flushBeforeWaiting, mayWait, record } from "./marks.ts"
import type { Session } from "./session.ts"
import type { Mark } from "./sessionState.ts"
import { instant, isWithin } from "./twoClocks.ts"
import type { ChangeRequest } from "./decodeChanges.ts"

/** An attempt and its outcome. */
export interface Sent {
  readonly request: ChangeRequest
  /** Absent if the intent was not recorded. */
  readonly intent?: Intent
  readonly facts: Facts
  readonly outcome: Extract<
    Outcome,
    { readonly _tag: "Applied" | "Rejected" | "NotSent" | "Unknown" | "Conflict" }
  >
  /** The mark of a proven outcome. It may still wait. */
  readonly mark?: Mark
}

const factsOfDraft = ({ intent }: Prepared): Facts => ({
  before: intent.before,
  target: intent.after,
  delta: intent.delta
})

/** Connects, records and arms the intent, writes once, and marks the outcome. */
export const send = (
  session: Session,
  { prepare, take }: ConnectionsAhead,
  prepared: Prepared,
  changesLeft: number
): Effect.Effect<Sent, JournalError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { member, metric } = prepared.intent
      const notSent = (reason: CloudQuotaError["reason"]): Sent => ({
        request: prepared.request,
        facts: factsOfDraft(prepared),
        outcome: { _tag: "NotSent", reason }
      })
      const connection = yield* Effect.result(flushBeforeWaiting(session, take))
      if (EffectResult.isFailure(connection)) return notSent(connection.failure.reason)
      const event = { _tag: "Sending", member, metric, delta: prepared.intent.delta } as const
      yield* flushBeforeWaiting(session, session.onEvent(event))
      yield* prepare(changesLeft)
      // From here on an interruption cancels nothing: the intent stays open, and can be settled.
      return yield* Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const clock = yield* Clock.Clock
          const armedAt = instant(clock)
          const armed = yield* Effect.result(arm(session, prepared.intent))
          if (EffectResult.isFailure(armed)) return notSent(journalReason(armed.failure))
          const intent = armed.success
          if (intent === undefined) return notSent(takenOver)
          const inTime = () => isWithin(session.timings.armedFor, armedAt, instant(clock))
          const outcome = yield* restore(
            connection.success.apply({ member, delta: prepared.intent.delta }, inTime)
          ).pipe(Effect.ensuring(ended(session, intent, connection.success)))
          // An applied change has an entry in the provider's log, even if the journal cannot record the
          // answer.
          if (outcome._tag === "Applied") yield* expectOwnEntry(session)
          return yield* marked(session, prepared, intent, outcome, changesLeft)
        })
      )
    })
  )

/**
 * Records and arms an intent together with the mark that waits. Returns `undefined` if another holder has
 * taken over. Fails if it is uncertain whether the intent was recorded. Nothing was written then, and nothing
 * will be, which is recorded if possible: a second intent of the same change could be taken for applied.
 */
const arm = Effect.fnUntraced(function* (
  session: Session,
  draft: NewIntent
): Effect.fn.Return<Intent | undefined, JournalError> {
  const { hold, marks } = session
  const { waiting } = marks
  const record = (steps: ReadonlyArray<Step>) =>
    Effect.result(Effect.map(hold.insert([draft], "sending", steps), (intents) => intents?.[0]))
  const first = yield* record(waiting === undefined ? [] : [waiting.step])
  if (waiting !== undefined && EffectResult.isSuccess(first) && first.success !== undefined) {
    waiting.noted = { _tag: "Recorded" }
    noteSettled(session.attempts, waiting.intent)
    delete marks.waiting
  }
  if (EffectResult.isFailure(first)) {
    yield* flush(session)
    yield* Effect.ignore(disarm(session, draft))
    return yield* first.failure
  }
  if (first.success !== undefined || waiting === undefined) return first.success
  // The mark may be what does not hold any more.
  yield* flush(session)
  const second = yield* record([])
  if (EffectResult.isFailure(second)) yield* Effect.ignore(disarm(session, draft))
  return yield* Effect.fromResult(second)
})

/** Records that nothing was written, if the intent was recorded. */
const disarm = Effect.fnUntraced(function* ({ hold }: Session, { member, metric }: NewIntent) {
  const open = yield* hold.intents({ member, states: ["sending"] })
  for (const { id } of open.filter((one) => one.fence === hold.fence && one.metric === metric)) {
    yield* hold.advance({ id, from: "sending", to: "not-sent", fenced: false })
  }
})

/** Notes the end of our own attempt. The waiting time starts here. */
const ended = ({ attempts }: Session, intent: Intent, { resetReaches }: DeltaConnection) =>
  Effect.map(Clock.Clock, (clock) => {
    attempts.ends.set(attemptKey(intent), { at: clock.monotonicTimeNanosUnsafe(), resetReaches })
  })

/** Marks the outcome. An unknown outcome leaves the intent open. */
const marked = Effect.fnUntraced(function* (
  session: Session,
  prepared: Prepared,
  intent: Intent,
  outcome: DeltaOutcome,
  changesLeft: number
): Effect.fn.Return<Sent> {
  const { requestId } = outcome
  const facts: Facts = { ...factsOfDraft(prepared), ...(requestId === undefined ? {} : { requestId }) }
  const { request } = prepared
  if (outcome._tag === "Unknown") {
    return { request, intent, facts, outcome: { _tag: "Unknown", reason: outcome.reason } }
  }
  const settled = settledBy(intent, outcome, prepared.account)
  const step: Step = {
    id: intent.id,
    from: "sending",
    to: claimOf[outcome._tag],
    fenced: false,
    evidence: "response",
    ...(outcome._tag === "Applied" ? { closing: "due" } : {}),
    ...(requestId === undefined ? {} : { requestId }),
    ...("reason" in outcome ? { detail: outcome.reason.message } : {}),
    ...(settled === undefined ? {} : { settled })
  }
  const mark: Mark = { intent, step }
  if (outcome._tag === "Applied" && changesLeft > 0 && mayWait(intent, prepared.account)) {
    session.marks.waiting = mark
  } else {
    yield* record(session, mark)
  }
  return {
    request,
    intent,
    mark,
    facts: { ...facts, evidence: "response" },
    outcome: outcome._tag === "Applied" ? { _tag: "Applied" } : { _tag: outcome._tag, reason: outcome.reason }
  }
})

const claimOf = { Applied: "applied", Rejected: "rejected", NotSent: "not-sent" } as const

/**
 * Returns the settled limit after the answer, where it is known. After a withdrawal whose effect is not yet
 * learned, the limit has to be read.
 */
const settledBy = (
  { before, delta }: Intent,
  outcome: DeltaOutcome,
  { withdrawal }: AccountFacts
): Quantity.Quantity | undefined => {
  if (before.limit._tag === "Unlimited" || delta === undefined) return undefined
  const { quantity } = before.limit
  if (outcome._tag !== "Applied") return quantity
  if (Quantity.isPositive(delta) || withdrawal === "lowers-limit") return Quantity.sum(quantity, delta)
  return withdrawal === "keeps-limit" ? quantity : undefined
}
