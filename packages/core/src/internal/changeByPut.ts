/**
 * Changes on a cloud that is told the new limit: read, merge, write all that was there, read back.
 * Writing the same limits twice is harmless, so a lost answer is followed by looking.
 */
import * as Clock from "effect/Clock"
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
import { attemptKey } from "./attempts.ts"
import {
  type Call,
  type Facts,
  claimed,
  factsOf,
  isOf,
  reasonOf,
  standing,
  stopped,
  toResult,
  unknownsInARow
} from "./call.ts"
import { type Plan, plan } from "./plan.ts"
import { settle } from "./settle.ts"
import type { Wish } from "./wishes.ts"

/** How many members are changed side by side: their requests have nothing to do with each other. */
const membersAtOnce = 4

export const changeByPut = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute
): Effect.fn.Return<ReadonlyArray<Result>> {
  const byMember = Map.groupBy(call.wishes.wishes, ({ member }) => member)
  const streak: Streak = { lostAnswers: 0 }
  const results = yield* Effect.forEach(
    byMember,
    ([member, wishes]) =>
      changeMember(call, write, member, wishes, streak).pipe(
        Effect.catch((error) =>
          Effect.succeed(wishes.map((wish) => toResult(wish, { _tag: "NotSent", reason: reasonOf(error) })))
        ),
        Effect.tap((done) =>
          Effect.forEach(done, (result) => call.session.onEvent({ _tag: "Finished", result }), {
            discard: true
          })
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

/** How many answers were lost in a row: a batch stops when the provider seems to be gone. */
interface Streak {
  lostAnswers: number
}

/** A wish that is about to be written. */
interface Planned {
  readonly wish: Wish
  readonly facts: Facts & { readonly before: Observed; readonly target: Limit.Limit }
}

const changeMember = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute,
  member: MemberId,
  wishes: ReadonlyArray<Wish>,
  streak: Streak
): Effect.fn.Return<ReadonlyArray<Result>, JournalError | CloudQuotaError> {
  const { driver, hold } = call.session
  if (streak.lostAnswers >= unknownsInARow) return wishes.map(stopped)
  const ofMember = yield* hold.intents({ member })
  const open = ofMember.find(({ state }) => state === "prepared" || state === "sending")
  if (open !== undefined) {
    // A late put would overwrite whatever is written now.
    const by = `the run ${JSON.stringify(open.run)} (${open.request}), which is not settled yet`
    return wishes.map((wish) => ({ ...toResult(wish, { _tag: "Blocked", by }), next: "wait" }))
  }
  const ofRun = ofMember.filter(({ run }) => run === call.run)
  const states = new Map((yield* driver.getQuotas(member)).map((state) => [state.metric.id, state]))

  const decided = yield* Effect.forEach(wishes, (wish) =>
    decide(call, wish, states.get(wish.metric.id), ofRun)
  )
  const toWrite = decided.filter((one): one is Planned => "facts" in one)
  const answered = decided.filter((one): one is Result => "outcome" in one)
  if (toWrite.length === 0) return answered

  const limits = new Map<MetricId, Limit.Limit>(
    [...states.values()].map((state) => [state.metric.id, state.limit])
  )
  for (const { facts, wish } of toWrite) limits.set(wish.metric.id, facts.target)
  const fraction = unwritable(driver, limits)
  const written =
    fraction === undefined
      ? yield* writeLimits(call, write, member, limits, toWrite, ofRun, streak)
      : toWrite.map(({ facts, wish }) =>
          toResult(wish, { _tag: "Refused", check: "fraction" }, facts, fraction)
        )
  return [...answered, ...written]
})

/** What becomes of a wish without a request, or what is to be written for it. */
const decide = Effect.fnUntraced(function* (
  call: Call,
  wish: Wish,
  state: QuotaState | undefined,
  ofRun: ReadonlyArray<Intent>
): Effect.fn.Return<Result | Planned, JournalError> {
  const answered = standing(wish, ofRun)
  if (answered !== undefined) return answered
  const planned = planFor(call, wish, state)
  const before = state === undefined ? undefined : observedOf(state)
  const known: Facts = before === undefined ? {} : { before }
  if (wish.expected !== undefined && before === undefined) {
    const message = `The provider tells no ${wish.metric.id} of this member, and ${wish.expected} was expected.`
    return toResult(wish, { _tag: "NotSent", reason: new PreconditionFailed({ message }) })
  }
  if (wish.expected !== undefined && before !== undefined && !Limit.equals(wish.expected, before.limit)) {
    return toResult(wish, { _tag: "Drift", expected: wish.expected, observed: before.limit }, known)
  }
  switch (planned._tag) {
    case "NoChange": {
      // Written down, so that the same run gives the same answer when more was used meanwhile.
      if (!call.wishes.preview && call.wishes.run !== undefined && before !== undefined) {
        const attempt = ofRun.filter(isOf(wish)).length + 1
        const { member, metric, request } = wish
        const intent = {
          run: call.run,
          member,
          metric: metric.id,
          attempt,
          request,
          before,
          after: before.limit
        }
        yield* call.session.hold.insert([intent], "no-change")
      }
      return toResult(wish, { _tag: "NoChange" }, known, planned.message)
    }
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
      const tooMuch = call.budget(wish, { target, ...(delta === undefined ? {} : { delta }) })
      if (tooMuch !== undefined) {
        return toResult(wish, { _tag: "Refused", check: tooMuch.check }, facts, tooMuch.message)
      }
      return call.wishes.preview ? toResult(wish, { _tag: "Planned" }, facts) : { wish, facts }
    }
  }
})

const planFor = (call: Call, wish: Wish, state: QuotaState | undefined): Plan => {
  const setting = { metric: wish.metric, byDelta: false, withdrawalLowers: true, waived: call.wishes.waived }
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
  ofRun: ReadonlyArray<Intent>,
  streak: Streak
): Effect.fn.Return<ReadonlyArray<Result>, JournalError> {
  const { attempts, driver, hold } = call.session
  const lost = planned.map(({ facts, wish }) => {
    const reason = new PreconditionFailed({ message: "another holder has taken over the account." })
    return toResult(wish, { _tag: "NotSent", reason }, facts)
  })
  const intents = yield* hold.insert(
    planned.map(({ facts, wish }) => ({
      run: call.run,
      member,
      metric: wish.metric.id,
      attempt: ofRun.filter(isOf(wish)).length + 1,
      request: wish.request,
      before: facts.before,
      after: facts.target,
      ...(facts.delta === undefined ? {} : { delta: facts.delta })
    }))
  )
  if (intents === undefined) return lost
  for (const { id } of intents) {
    if (!(yield* hold.advance({ id, from: "prepared", to: "sending", fenced: true }))) return lost
  }
  for (const { facts, wish } of planned) {
    const event = { _tag: "Sending", member, metric: wish.metric.id } as const
    yield* call.session.onEvent(facts.delta === undefined ? event : { ...event, delta: facts.delta })
  }
  const answer = yield* Effect.result(write.put(member, limits)).pipe(
    Effect.ensuring(
      Effect.map(Clock.Clock, (clock) => {
        const at = clock.monotonicTimeNanosUnsafe()
        for (const intent of intents) attempts.ends.set(attemptKey(intent), { at, resetReaches: "nothing" })
      })
    )
  )
  const isLost = EffectResult.isFailure(answer) && answer.failure.money === "unknown"
  streak.lostAnswers = isLost ? streak.lostAnswers + 1 : 0
  const read = driver.getQuotas(member).pipe(Effect.orElseSucceed((): ReadonlyArray<QuotaState> => []))
  const first = yield* read
  // A reading may be a little old: only a second one that still differs speaks of somebody else.
  const differs = planned.some(({ facts, wish }) => {
    const state = first.find(({ metric }) => metric.id === wish.metric.id)
    return state !== undefined && !Limit.equals(state.limit, facts.target)
  })
  const again = EffectResult.isSuccess(answer) && differs
  const seen = again ? yield* Effect.andThen(Effect.sleep(call.session.timings.readLag), read) : first
  return yield* Effect.forEach(planned, ({ facts, wish }, index) => {
    const result = judgeAnswer(wish, facts, answer, seen)
    const intent = intents[index]
    return intent === undefined ? Effect.succeed(result) : conclude(call, wish, intent, result)
  })
})

/** Notes what became of one limit; where that is not known yet, waits it out and looks. */
const conclude = Effect.fnUntraced(function* (
  { session, wishes }: Call,
  wish: Wish,
  intent: Intent,
  result: Result
): Effect.fn.Return<Result> {
  const to = stateOf(result.outcome)
  if (to !== undefined) {
    const { evidence, message, requestId } = result
    const step = { id: intent.id, from: "sending", to, fenced: false, detail: message } as const
    // What became of the limit is a fact, whether or not it can be written down.
    yield* session.hold
      .advance({
        ...step,
        ...(evidence === undefined ? {} : { evidence }),
        ...(requestId === undefined ? {} : { requestId })
      })
      .pipe(Effect.ignore)
    return result
  }
  if (wishes.settle === "defer") return result
  const now = yield* Effect.result(settle(session, { ...intent, state: "sending", armed: intent.armed + 1 }))
  if (EffectResult.isFailure(now)) return result
  if (now.success.state === "not-applied") return toResult(wish, { _tag: "NotApplied" }, factsOf(now.success))
  return claimed(wish, now.success) ?? result
})

/** What the answer and the look afterwards say about one limit. */
const judgeAnswer = (
  wish: Wish,
  facts: Planned["facts"],
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
  if (money === "not-moved") {
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
  return toResult(wish, { _tag: "Unknown", reason }, known)
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
