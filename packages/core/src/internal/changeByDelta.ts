/**
 * Changes on a cloud that is told differences: each is written down, sent once over a connection of
 * its own, and never repeated.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import {
  type CloudQuotaError,
  PreconditionFailed,
  NotFound,
  Timeout,
  Unavailable
} from "../CloudQuotaError.ts"
import type { Delta, DeltaOutcome, DeltaSnapshot } from "../Driver.ts"
import type { Intent, JournalError, State } from "../Journal.ts"
import * as Limit from "../Limit.ts"
import type { MemberId } from "../Member.ts"
import type { Quantity } from "../Quantity.ts"
import type { Outcome, Result } from "../Report.ts"
import { type Call, type Facts, isOf, journalReason, standing, toResult } from "./call.ts"
import { plan } from "./plan.ts"
import type { Wish } from "./wishes.ts"
import { messageOf } from "./wording.ts"

/** From the moment an intent is armed, the request is written within this time or not at all. */
const armedForMillis = 5_000

/** A batch stops when the provider seems to be gone, rather than leave more and more open. */
const unknownsInARow = 2

export const changeByDelta = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta
): Effect.fn.Return<ReadonlyArray<Result>, CloudQuotaError> {
  const { wishes } = call.wishes
  const snapshots = new Map(
    (yield* delta.snapshot(wishes.map(({ member }) => member))).map((snapshot) => [snapshot.member, snapshot])
  )
  const results: Array<Result> = []
  let unknowns = 0
  for (const wish of wishes) {
    const result =
      unknowns < unknownsInARow
        ? yield* changeOne(call, delta, wish, snapshots.get(wish.member)).pipe(
            Effect.catchTag("JournalError", (error: JournalError) =>
              Effect.succeed(toResult(wish, { _tag: "NotSent", reason: journalReason(error) }))
            )
          )
        : toResult(wish, {
            _tag: "NotSent",
            reason: new Unavailable({
              message: `the batch stopped after ${unknownsInARow} unknown outcomes in a row.`
            })
          })
    unknowns = result.outcome._tag === "Unknown" ? unknowns + 1 : unknownsInARow === unknowns ? unknowns : 0
    results.push(result)
  }
  return yield* observed(delta, results)
})

const changeOne = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  wish: Wish,
  snapshot: DeltaSnapshot | undefined
): Effect.fn.Return<Result, JournalError> {
  const ofMember = yield* call.hold.intents({ member: wish.member })
  const ofRun = ofMember.filter((intent) => intent.run === call.run && isOf(wish)(intent))
  const answered = standing(wish, ofRun)
  if (answered !== undefined) return answered
  const open = ofMember.find(
    ({ state }) => state === "prepared" || state === "sending" || state === "conflict"
  )
  if (open !== undefined) return stillOpen(call, wish, open)

  if (snapshot === undefined) {
    const message = `there is no member ${wish.member}.`
    return toResult(wish, { _tag: "NotSent", reason: new NotFound({ message }) })
  }
  if (!snapshot.active) {
    const message = `${wish.member} has not joined, so nothing can be granted or taken back.`
    return toResult(wish, { _tag: "NotSent", reason: new PreconditionFailed({ message }) })
  }

  const before = { limit: Limit.finite(snapshot.allocated), available: snapshot.available }
  const planned = plan(
    { metric: wish.metric, byDelta: true, waived: call.wishes.waived },
    wish.action,
    before
  )
  switch (planned._tag) {
    case "NoChange":
      return toResult(wish, { _tag: "NoChange" }, { before }, planned.message)
    case "Refused":
      return toResult(wish, { _tag: "Refused", check: planned.check }, { before }, planned.message)
    case "Impossible":
      return toResult(
        wish,
        { _tag: "NotSent", reason: new PreconditionFailed({ message: planned.message }) },
        { before }
      )
    case "Change": {
      const { delta: amount, target } = planned
      if (amount === undefined) {
        const message = `${wish.metric.id} has no unlimited here.`
        return toResult(wish, { _tag: "NotSent", reason: new PreconditionFailed({ message }) }, { before })
      }
      const facts = { before, target, delta: amount }
      if (!call.withinCap(amount)) {
        return toResult(
          wish,
          { _tag: "Refused", check: "cap" },
          facts,
          `It would go beyond the cap of ${call.wishes.cap}.`
        )
      }
      if (call.wishes.preview) return toResult(wish, { _tag: "Planned" }, facts)
      return yield* sendOnce(call, delta, wish, ofRun.length + 1, snapshot, facts)
    }
  }
})

/** An attempt whose outcome is not known yet stands in the way of any other for this member. */
const stillOpen = (call: Call, wish: Wish, open: Intent): Result => {
  if (open.run !== call.run || open.metric !== wish.metric.id) {
    const by = `an open change of the run ${JSON.stringify(open.run)} (${open.request})`
    return toResult(wish, { _tag: "Blocked", by })
  }
  const reason = new Timeout({
    message: "an earlier call of this run got no answer, and sends nothing again."
  })
  return toResult(
    wish,
    { _tag: "Unknown", reason },
    { before: open.before, target: open.after, ...(open.delta === undefined ? {} : { delta: open.delta }) }
  )
}

/** Write down, connect, arm, write once, note what became of it. */
const sendOnce = (
  call: Call,
  delta: Delta,
  wish: Wish,
  attempt: number,
  snapshot: DeltaSnapshot,
  facts: Facts & { readonly target: Limit.Limit; readonly delta: Quantity }
): Effect.Effect<Result, JournalError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { hold } = call
      const lostAccount = toResult(
        wish,
        {
          _tag: "NotSent",
          reason: new PreconditionFailed({ message: "another holder has taken over the account." })
        },
        facts
      )
      const inserted = yield* hold.insert([
        {
          run: call.run,
          member: wish.member,
          metric: wish.metric.id,
          attempt,
          request: wish.request,
          before: { limit: Limit.finite(snapshot.allocated), available: snapshot.available },
          after: facts.target,
          delta: facts.delta,
          membership: snapshot.membership
        }
      ])
      const intent = inserted?.[0]
      if (intent === undefined) return lostAccount

      const line = yield* Effect.result(delta.connect)
      if (EffectResult.isFailure(line)) {
        const { reason } = line.failure
        yield* hold.advance({
          id: intent.id,
          from: "prepared",
          to: "not-sent",
          fenced: false,
          detail: reason.message
        })
        return toResult(wish, { _tag: "NotSent", reason }, facts)
      }

      // From here on an interruption cancels nothing: the intent stays open, and can be settled.
      return yield* Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const clock = yield* Clock.Clock
          const armedAt = readings(clock)
          if (!(yield* hold.advance({ id: intent.id, from: "prepared", to: "sending", fenced: true })))
            return lostAccount
          const outcomes = yield* restore(
            line.success.apply({ members: [wish.member], amount: facts.delta }, () =>
              inTime(armedAt, readings(clock))
            )
          )
          const outcome = outcomeOf(outcomes, wish.member)
          const to = stateOf(outcome)
          const { requestId } = outcome
          const known = { ...facts, ...(requestId === undefined ? {} : { requestId }) }
          if (to === undefined) return toResult(wish, toOutcome(outcome), known)
          const noted = yield* Effect.result(
            hold.advance({
              id: intent.id,
              from: "sending",
              to,
              fenced: false,
              evidence: "response",
              ...(requestId === undefined ? {} : { requestId }),
              ...("reason" in outcome ? { detail: outcome.reason.message } : {})
            })
          )
          return toResult(
            wish,
            toOutcome(outcome),
            { ...known, evidence: "response" },
            EffectResult.isFailure(noted) ? notNoted : undefined
          )
        })
      )
    })
  )

/** What happened to the money is a fact, whether or not it could be written down. */
const notNoted = "The journal could not be written, so it still counts this change as open."

interface Readings {
  readonly wall: number
  readonly monotonic: bigint
}

const readings = (clock: Clock.Clock): Readings => ({
  wall: clock.currentTimeMillisUnsafe(),
  monotonic: clock.monotonicTimeNanosUnsafe()
})

/** By the clock that says more: the wall clock sees a sleeping laptop, the monotonic one a wall clock set back. */
const inTime = (armedAt: Readings, now: Readings): boolean => {
  const wall = now.wall - armedAt.wall
  const monotonic = Number((now.monotonic - armedAt.monotonic) / 1_000_000n)
  return wall >= 0 && Math.max(wall, monotonic) <= armedForMillis
}

const outcomeOf = (outcomes: ReadonlyArray<DeltaOutcome>, member: MemberId): DeltaOutcome =>
  outcomes.find((outcome) => outcome.member === member) ?? {
    _tag: "Unknown",
    member,
    reason: new Unavailable({ message: "the answer says nothing about this member." })
  }

/** The claim that an outcome allows. An unknown one allows none. */
const stateOf = (outcome: DeltaOutcome): State | undefined => {
  const states = {
    Applied: "applied",
    Rejected: "rejected",
    NotSent: "not-sent",
    Unknown: undefined
  } as const
  return states[outcome._tag]
}

const toOutcome = (outcome: DeltaOutcome): Outcome =>
  outcome._tag === "Applied" ? { _tag: "Applied" } : { _tag: outcome._tag, reason: outcome.reason }

/** Reads the changed members once more, for people. What cannot be read changes no outcome. */
const observed = (delta: Delta, results: ReadonlyArray<Result>) =>
  Effect.gen(function* () {
    const changed = results.filter(
      ({ evidence, outcome }) => outcome._tag === "Applied" && evidence === "response"
    )
    if (changed.length === 0) return results
    const snapshots = yield* delta
      .snapshot(changed.map(({ member }) => member))
      .pipe(Effect.orElseSucceed(() => []))
    const byMember = new Map(snapshots.map((snapshot) => [snapshot.member, snapshot]))
    return results.map((result) => {
      const seen = byMember.get(result.member)
      if (seen === undefined || result.outcome._tag !== "Applied") return result
      const outcome: Outcome = {
        _tag: "Applied",
        observed: { limit: Limit.finite(seen.allocated), available: seen.available }
      }
      // What was said behind the sentence itself still holds.
      const detail = result.message.slice(messageOf(result).length).trim()
      return {
        ...result,
        outcome,
        message: messageOf({ ...result, outcome }, detail === "" ? undefined : detail)
      }
    })
  })
