/**
 * Changes on a cloud that is told the new limit: read, merge, write all that was there, read back.
 * Writing the same limits twice is harmless, so a lost answer is followed by looking.
 */
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import { type CloudQuotaError, PreconditionFailed } from "../CloudQuotaError.ts"
import type { Absolute, Driver } from "../Driver.ts"
import type { Intent, JournalError, State } from "../Journal.ts"
import * as Limit from "../Limit.ts"
import type { MemberId } from "../Member.ts"
import type { MetricId } from "../Metric.ts"
import * as Quantity from "../Quantity.ts"
import type { QuotaState } from "../Quota.ts"
import type { Observed, Outcome, Result } from "../Report.ts"
import { type Call, type Facts, isOf, journalReason, standing, toResult } from "./call.ts"
import { type Plan, plan } from "./plan.ts"
import type { Wish } from "./wishes.ts"

/** How many members are changed side by side: their requests have nothing to do with each other. */
const membersAtOnce = 4

export const changeByPut = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute
): Effect.fn.Return<ReadonlyArray<Result>> {
  const byMember = Map.groupBy(call.wishes.wishes, ({ member }) => member)
  const results = yield* Effect.forEach(
    byMember,
    ([member, wishes]) =>
      changeMember(call, write, member, wishes).pipe(
        Effect.catchTag("JournalError", (error: JournalError) =>
          Effect.succeed(
            wishes.map((wish) => toResult(wish, { _tag: "NotSent", reason: journalReason(error) }))
          )
        )
      ),
    { concurrency: membersAtOnce }
  )
  // In the order of the changes, not of the members.
  const all = new Map(
    results.flat().map((result) => [JSON.stringify([result.member, result.metric]), result])
  )
  return call.wishes.wishes.flatMap(
    ({ member, metric }) => all.get(JSON.stringify([member, metric.id])) ?? []
  )
})

/** A wish that is about to be written. */
interface Planned {
  readonly wish: Wish
  readonly facts: Facts & { readonly before: Observed; readonly target: Limit.Limit }
  /** The attempt of unknown outcome that is made again. */
  readonly open?: Intent
}

const changeMember = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute,
  member: MemberId,
  wishes: ReadonlyArray<Wish>
): Effect.fn.Return<ReadonlyArray<Result>, JournalError> {
  const { driver, hold } = call
  const ofMember = yield* hold.intents({ member })
  const ofRun = ofMember.filter(({ run }) => run === call.run)
  const read = yield* Effect.result(driver.getQuotas(member))
  if (EffectResult.isFailure(read)) {
    return wishes.map((wish) => toResult(wish, { _tag: "NotSent", reason: read.failure.reason }))
  }
  const states = new Map(read.success.map((state) => [state.metric.id, state]))

  const decided = wishes.map((wish) => decide(call, wish, states.get(wish.metric.id), ofMember))
  const toWrite = decided.filter((one): one is Planned => "facts" in one)
  if (toWrite.length === 0) return decided.filter((one): one is Result => "outcome" in one)

  const limits = new Map<MetricId, Limit.Limit>(
    [...states.values()].map((state) => [state.metric.id, state.limit])
  )
  for (const { facts, wish } of toWrite) limits.set(wish.metric.id, facts.target)
  const fraction = unwritable(driver, limits)
  const written =
    fraction === undefined
      ? yield* writeLimits(call, write, member, limits, toWrite, ofRun)
      : toWrite.map(({ facts, wish }) =>
          toResult(wish, { _tag: "Refused", check: "fraction" }, facts, fraction)
        )
  return [...decided.filter((one): one is Result => "outcome" in one), ...written]
})

/** What becomes of a wish without a request, or what is to be written for it. */
const decide = (
  call: Call,
  wish: Wish,
  state: QuotaState | undefined,
  ofMember: ReadonlyArray<Intent>
): Result | Planned => {
  const answered = standing(
    wish,
    ofMember.filter(({ run }) => run === call.run)
  )
  if (answered !== undefined) return answered
  const open = ofMember.find((intent) => isOf(wish)(intent) && intent.state === "sending")
  if (open !== undefined) return continued(call, wish, open)
  const planned = planFor(call, wish, state)
  const before = state === undefined ? undefined : observedOf(state)
  const known: Facts = before === undefined ? {} : { before }
  switch (planned._tag) {
    case "NoChange":
      return toResult(wish, { _tag: "NoChange" }, known, planned.message)
    case "Refused":
      return toResult(wish, { _tag: "Refused", check: planned.check }, known, planned.message)
    case "Impossible":
      return toResult(
        wish,
        { _tag: "NotSent", reason: new PreconditionFailed({ message: planned.message }) },
        known
      )
    case "Change": {
      const { delta, target } = planned
      const facts = {
        before: before ?? { limit: Limit.finite(Quantity.zero(wish.metric.unit)) },
        target,
        ...(delta === undefined ? {} : { delta })
      }
      const unbounded = target._tag === "Unlimited" && call.wishes.cap !== undefined
      if (unbounded || !call.withinCap(delta)) {
        return toResult(
          wish,
          { _tag: "Refused", check: "cap" },
          facts,
          `It would go beyond the cap of ${call.wishes.cap}.`
        )
      }
      return call.wishes.preview ? toResult(wish, { _tag: "Planned" }, facts) : { wish, facts }
    }
  }
}

/**
 * An open attempt of this run is made again with the very limit that it asked for: one computed anew
 * would add to what may have arrived. An open attempt of another run stands in the way, since it may
 * still arrive.
 */
const continued = (call: Call, wish: Wish, open: Intent): Result | Planned => {
  if (open.run !== call.run) {
    const by = `an open change of the run ${JSON.stringify(open.run)} (${open.request})`
    return toResult(wish, { _tag: "Blocked", by })
  }
  const facts = {
    before: open.before,
    target: open.after,
    ...(open.delta === undefined ? {} : { delta: open.delta })
  }
  return call.wishes.preview ? toResult(wish, { _tag: "Planned" }, facts) : { wish, facts, open }
}

const planFor = (call: Call, wish: Wish, state: QuotaState | undefined): Plan => {
  const setting = { metric: wish.metric, byDelta: false, waived: call.wishes.waived }
  if (state !== undefined) return plan(setting, wish.action, state)
  // The provider tells no such limit of this member: it can be set, and nothing can be computed from it.
  if (wish.action._tag !== "Set") {
    const message = `The provider tells no ${wish.metric.id} of this member: set a limit first.`
    return { _tag: "Impossible", message }
  }
  const { limit } = wish.action
  return { _tag: "Change", target: limit, ...(limit._tag === "Finite" ? { delta: limit.quantity } : {}) }
}

/** Everything that was there is written again, so all of it has to be something that can be written. */
const unwritable = (driver: Driver, limits: ReadonlyMap<MetricId, Limit.Limit>): string | undefined => {
  for (const metric of driver.metrics) {
    const limit = limits.get(metric.id)
    if (limit?._tag === "Finite" && !Quantity.isMultipleOf(limit.quantity, metric.step)) {
      return `${metric.id} is ${limit}, which is finer than can be written back, and is not rounded behind your back: set ${metric.id} in the same call.`
    }
  }
  return undefined
}

const writeLimits = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute,
  member: MemberId,
  limits: ReadonlyMap<MetricId, Limit.Limit>,
  planned: ReadonlyArray<Planned>,
  ofRun: ReadonlyArray<Intent>
): Effect.fn.Return<ReadonlyArray<Result>, JournalError> {
  const { hold } = call
  const fresh = yield* hold.insert(
    planned.flatMap(({ facts, open, wish }) =>
      open !== undefined
        ? []
        : {
            run: call.run,
            member,
            metric: wish.metric.id,
            attempt: ofRun.filter(isOf(wish)).length + 1,
            request: wish.request,
            before: facts.before,
            after: facts.target,
            ...(facts.delta === undefined ? {} : { delta: facts.delta })
          }
    )
  )
  const lost = planned.map(({ facts, wish }) => {
    const reason = new PreconditionFailed({ message: "another holder has taken over the account." })
    return toResult(wish, { _tag: "NotSent", reason }, facts)
  })
  if (fresh === undefined) return lost
  for (const { id } of fresh) {
    if (!(yield* hold.advance({ id, from: "prepared", to: "sending", fenced: true }))) return lost
  }
  const answer = yield* Effect.result(write.put(member, limits))
  const seen = yield* call.driver
    .getQuotas(member)
    .pipe(Effect.orElseSucceed((): ReadonlyArray<QuotaState> => []))
  const results: Array<Result> = []
  for (const one of planned) {
    const result = judge(one, answer, seen)
    results.push(result)
    const intent = one.open ?? fresh.find(isOf(one.wish))
    const to = stateOf(result.outcome)
    if (intent === undefined || to === undefined) continue
    // What became of the limit is a fact, whether or not it can be written down.
    yield* hold
      .advance({
        id: intent.id,
        from: "sending",
        to,
        fenced: false,
        detail: result.message,
        ...(result.evidence === undefined ? {} : { evidence: result.evidence }),
        ...(result.requestId === undefined ? {} : { requestId: result.requestId })
      })
      .pipe(Effect.ignore)
  }
  return results
})

/** What the answer and the look afterwards say about one limit. */
const judge = (
  { facts, open, wish }: Planned,
  answer: EffectResult.Result<{ readonly requestId?: string }, CloudQuotaError>,
  seen: ReadonlyArray<QuotaState>
): Result => {
  const state = seen.find(({ metric }) => metric.id === wish.metric.id)
  const asAsked = state !== undefined && Limit.equals(state.limit, facts.target)
  if (EffectResult.isSuccess(answer)) {
    const { requestId } = answer.success
    const outcome: Outcome = {
      _tag: "Applied",
      ...(state === undefined ? {} : { observed: observedOf(state) }),
      ...(state === undefined || asAsked ? {} : { drift: true })
    }
    return toResult(wish, outcome, {
      ...facts,
      evidence: asAsked ? "read-back" : "response",
      ...(requestId === undefined ? {} : { requestId })
    })
  }
  const { money, reason, requestId } = answer.failure
  const known = { ...facts, ...(requestId === undefined ? {} : { requestId }) }
  // Of an attempt that was made before, this answer proves nothing: the former one may have arrived.
  if (money === "not-moved" && open === undefined) {
    const notSent = reason._tag === "TransportFailed" && reason.phase === "not-sent"
    return toResult(wish, { _tag: notSent ? "NotSent" : "Rejected", reason }, known)
  }
  if (asAsked) {
    return toResult(
      wish,
      { _tag: "Applied", observed: observedOf(state) },
      { ...known, evidence: "read-back" }
    )
  }
  // It may still arrive. Asking for the same limit again is harmless.
  return { ...toResult(wish, { _tag: "Unknown", reason }, known), next: "rerun" }
}

const stateOf = (outcome: Outcome): State | undefined => {
  switch (outcome._tag) {
    case "Applied":
      return "applied"
    case "Rejected":
      return "rejected"
    case "NotSent":
      return "not-sent"
    default:
      return undefined
  }
}

const observedOf = ({ available, limit }: QuotaState): Observed => ({
  limit,
  ...(available === undefined ? {} : { available })
})
