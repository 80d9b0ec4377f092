/**
 * Sends a difference: records and arms the intent, writes it once over a dedicated connection, and records
 * the outcome.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import * as Schedule from "effect/Schedule"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta, DeltaConnection, DeltaOutcome } from "../model/Driver.ts"
import type { AccountFacts, Intent, JournalError, State, Step } from "../journal/contract.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Outcome } from "../model/Report.ts"
import { type Facts, journalReason, takenOver } from "./call.ts"
import type { Prepared } from "./prepareDelta.ts"
import { attemptKey } from "./attempts.ts"
import { expectOwnEntry } from "./logWitness.ts"
import { reload } from "./settle.ts"
import type { Session } from "./session.ts"
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
  readonly detail?: string
}

const factsOfDraft = ({ intent }: Prepared): Facts => ({
  before: intent.before,
  target: intent.after,
  delta: intent.delta
})

/** Records the intent, connects, arms, writes once, and records the outcome. */
export const send = (session: Session, delta: Delta, prepared: Prepared): Effect.Effect<Sent, JournalError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { hold } = session
      const notSent = (reason: CloudQuotaError["reason"]): Sent => ({
        request: prepared.request,
        facts: factsOfDraft(prepared),
        outcome: { _tag: "NotSent", reason }
      })
      const [intent] = (yield* hold.insert([prepared.intent])) ?? []
      if (intent === undefined) return notSent(takenOver)
      const { id, member, metric } = intent
      const note = (from: State, detail?: string) =>
        hold.advance({
          id,
          from,
          to: "not-sent",
          fenced: false,
          ...(detail === undefined ? {} : { detail })
        })

      const connection = yield* Effect.result(delta.connect)
      if (EffectResult.isFailure(connection)) {
        const { reason } = connection.failure
        yield* note("prepared", reason.message)
        return notSent(reason)
      }
      yield* session.onEvent({ _tag: "Sending", member, metric, delta: prepared.intent.delta })
      // From here on an interruption cancels nothing: the intent stays open, and can be settled.
      return yield* Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const clock = yield* Clock.Clock
          const armedAt = readings(clock)
          const armed = yield* Effect.result(
            hold.advance({ id, from: "prepared", to: "sending", fenced: true })
          )
          if (EffectResult.isFailure(armed) || !armed.success) {
            // Armed or not, nothing was written and nothing will be. This is recorded if possible.
            yield* Effect.ignore(note("sending"))
            return notSent(EffectResult.isFailure(armed) ? journalReason(armed.failure) : takenOver)
          }
          const inTime = () => withinWindow(session, armedAt, readings(clock))
          const outcome = yield* restore(
            connection.success.apply({ member, delta: prepared.intent.delta }, inTime)
          ).pipe(Effect.ensuring(ended(session, intent, connection.success)))
          // An applied change has an entry in the provider's log, even if the journal cannot record the
          // answer.
          if (outcome._tag === "Applied") yield* expectOwnEntry(session)
          return yield* mark(session, prepared, intent, outcome)
        })
      )
    })
  )

/** Notes the end of our own attempt. The waiting time starts here. */
const ended = ({ attempts }: Session, intent: Intent, { resetReaches }: DeltaConnection) =>
  Effect.map(Clock.Clock, (clock) => {
    attempts.ends.set(attemptKey(intent), { at: clock.monotonicTimeNanosUnsafe(), resetReaches })
  })

interface Readings {
  readonly wall: number
  readonly monotonic: bigint
}

const readings = (clock: Clock.Clock): Readings => ({
  wall: clock.currentTimeMillisUnsafe(),
  monotonic: clock.monotonicTimeNanosUnsafe()
})

/**
 * Whether the request is still written in time, by the clock that shows more: the wall clock counts a
 * suspended laptop, and the monotonic clock is immune to a wall clock that is set back.
 */
const withinWindow = ({ timings }: Session, armedAt: Readings, now: Readings): boolean => {
  const wall = now.wall - armedAt.wall
  const monotonic = Number((now.monotonic - armedAt.monotonic) / 1_000_000n)
  return wall >= 0 && Math.max(wall, monotonic) <= Duration.toMillis(timings.armedFor)
}

/** The outcome for the money is known, even if it cannot be recorded. */
const notNoted = "The journal could not be written, so it still counts this change as open."

/** Records the outcome. An unknown outcome leaves the intent open. */
const mark = Effect.fnUntraced(function* (
  session: Session,
  prepared: Prepared,
  intent: Intent,
  outcome: DeltaOutcome
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
  const noted = yield* Effect.result(Effect.retry(claim(session, intent, step), patience))
  const known = { request, intent, facts: { ...facts, evidence: "response" as const } }
  if (EffectResult.isSuccess(noted) && noted.success !== undefined) {
    return { ...known, outcome: { _tag: "Conflict", detail: noted.success } }
  }
  if (EffectResult.isFailure(noted)) session.attempts.answers.set(attemptKey(intent), step)
  return {
    ...known,
    outcome:
      outcome._tag === "Applied" ? { _tag: "Applied" } : { _tag: outcome._tag, reason: outcome.reason },
    ...(EffectResult.isFailure(noted) ? { detail: notNoted } : {})
  }
})

/** Retries a journal that is briefly busy, since the outcome is a fact. */
const patience = { times: 3, schedule: Schedule.spaced(Duration.millis(200)) }

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

/**
 * Records a fact. If the intent was settled as the opposite meanwhile, records a conflict instead of
 * overwriting it, and returns the contradiction.
 */
const claim = Effect.fnUntraced(function* (
  { hold }: Session,
  intent: Intent,
  step: Step
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
