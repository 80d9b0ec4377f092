/**
 * Changes on a cloud that takes the new limit: read, merge, write all that was there, read back.
 * Writing the same limits twice is harmless, so a lost answer is followed by looking, and by sending them
 * again. Writing others has to wait until none of those can arrive any more.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import { type CloudQuotaError, PreconditionFailed, Timeout } from "../model/CloudQuotaError.ts"
import { defined } from "../wire/Decode.ts"
import type { Absolute, Driver } from "../model/Driver.ts"
import type { Intent, JournalError, PutLimits } from "../journal/contract.ts"
import * as Limit from "../model/Limit.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { MetricId } from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import type { Observed, Result } from "../model/Report.ts"
import {
  type Call,
  type Facts,
  claimed,
  factsOf,
  isOf,
  reasonOf,
  standing,
  stopped,
  takenOver,
  toResult,
  unknownsInARow
} from "./call.ts"
import { mayArrive, readingsShowPuts, untilOver, waitUntilOver } from "./earlierPuts.ts"
import { type Plan, plan } from "./plan.ts"
import { on } from "./rules.ts"
import { type Sent, isNotSent, sendPut } from "./sendPut.ts"
import { deadAt, settle } from "./settle.ts"
import type { Session } from "./session.ts"
import { differences, driftOf, driftText, lookAtPut, readLimits } from "./settlePut.ts"
import type { Wish } from "./wishes.ts"

/** How many members are changed side by side: their requests have nothing to do with each other. */
const membersAtOnce = 4

export const changeByPut = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute
): Effect.fn.Return<ReadonlyArray<Result>> {
  const byMember = Map.groupBy(call.wishes.wishes, ({ member }) => member)
  const streak: Streak = { unsettled: 0 }
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

/** How many puts in a row had to be waited out: a batch stops when the provider seems to be gone. */
interface Streak {
  unsettled: number
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
  const { session } = call
  const { preview, settle: how } = call.wishes
  if (streak.unsettled >= unknownsInARow) return wishes.map(stopped)
  const ofMember = yield* settled(call, write, member, wishes)
  const open = ofMember.find(isOpen)
  // A late put would overwrite whatever is written now.
  if (open !== undefined && on("settle-first")) return wishes.map((wish) => waitsFor(wish, open))
  const ofRun = ofMember.filter(({ run }) => run === call.run)
  const earlier = yield* Effect.forEach(wishes, (wish) => answeredEarlier(call, wish, ofMember))
  const answered = earlier.flatMap((result) => result ?? [])
  const left = wishes.filter((_, index) => earlier[index] === undefined)
  if (left.length === 0) return answered

  if (!preview) {
    const late = mayArrive(ofMember)
    const [first] = late
    if (first !== undefined && how === "defer" && Duration.isPositive(yield* untilOver(session, late))) {
      return [...answered, ...left.map((wish) => waitsFor(wish, first))]
    }
    if (!(yield* waitUntilOver(session, late))) {
      return [...answered, ...left.map((wish) => toResult(wish, { _tag: "NotSent", reason: takenOver }))]
    }
    yield* readingsShowPuts(session, ofMember)
  }
  const read = yield* session.driver.getQuotas(member)
  const states = new Map(read.map((state) => [state.metric.id, state]))
  const decided = yield* Effect.forEach(left, (wish) => decide(call, wish, states.get(wish.metric.id), ofRun))
  const toWrite = decided.filter((one): one is Planned => "facts" in one)
  const known = [...answered, ...decided.filter((one): one is Result => "outcome" in one)]
  if (toWrite.length === 0) return known

  const before = new Map(read.map((state) => [state.metric.id, state.limit]))
  const after = new Map(before)
  for (const { facts, wish } of toWrite) after.set(wish.metric.id, facts.target)
  const fraction = unwritable(session.driver, after)
  const written =
    fraction === undefined
      ? yield* writeLimits(call, write, { before, after }, toWrite, ofRun, streak)
      : toWrite.map(({ facts, wish }) =>
          toResult(wish, { _tag: "Refused", check: "fraction" }, facts, fraction)
        )
  return [...known, ...written]
})

const isOpen = ({ state }: Intent): boolean => state === "prepared" || state === "sending"

const waitsFor = (wish: Wish, intent: Intent): Result => {
  const why = isOpen(intent) ? "which is not settled yet" : "of which a request may still arrive"
  const by = `the run ${JSON.stringify(intent.run)} (${intent.request}), ${why}`
  return { ...toResult(wish, { _tag: "Blocked", by }), next: "wait" }
}

/** Settles what is open of the member, and gives all its intents. Other members do not wait for that. */
const settled = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute,
  member: MemberId,
  wishes: ReadonlyArray<Wish>
): Effect.fn.Return<ReadonlyArray<Intent>, JournalError | CloudQuotaError> {
  const { session } = call
  const { hold } = session
  const ofMember = hold.intents({ member })
  const found = yield* ofMember
  const open = found.filter(isOpen)
  const [first] = open
  if (first === undefined || call.wishes.preview || !on("settle-first")) return found
  // The same run asks for the same limits, so they may be sent again.
  const isAskedFor = open.every(
    (intent) =>
      intent.state === "sending" && intent.run === call.run && wishes.some((wish) => isOf(wish)(intent))
  )
  if (isAskedFor && first.put !== undefined) {
    yield* sendPut(session, write, { member, limits: first.put, intents: open, state: "sending" })
  }
  for (const intent of (yield* ofMember).filter(isOpen)) {
    const now = (yield* Clock.Clock).monotonicTimeNanosUnsafe()
    const isDue = intent.state === "prepared" || deadAt(session, intent, now) <= now
    if (call.wishes.settle === "wait" || isDue) {
      yield* settle(session, intent)
    } else {
      const step = yield* lookAtPut(session, intent)
      if (step !== undefined) yield* hold.advance(step)
    }
  }
  return yield* ofMember
})

/** The answer that the run has for a wish already, with the closing look if an earlier call did not get to it. */
const answeredEarlier = Effect.fnUntraced(function* (
  { run, session, wishes }: Call,
  wish: Wish,
  ofMember: ReadonlyArray<Intent>
): Effect.fn.Return<Result | undefined, JournalError> {
  const ofRun = ofMember.filter((intent) => intent.run === run && isOf(wish)(intent))
  const answer = standing(wish, ofRun)
  const due = ofRun.find(({ closing, state }) => state === "applied" && closing === "due")
  if (answer?.outcome._tag !== "Applied" || due?.put === undefined || wishes.preview) return answer
  // A later fence is another put: what is there now need not be what this one left.
  if (ofMember.some(({ armed, fence }) => armed > 0 && fence > due.fence)) return answer
  const seen = yield* closingLook(session, due.put, due.member)
  return seen === undefined ? answer : yield* closed(session, wish, due, due.put, seen, answer)
})

/** What becomes of a wish without a request, or what is to be written for it. */
const decide = Effect.fnUntraced(function* (
  call: Call,
  wish: Wish,
  state: QuotaState | undefined,
  ofRun: ReadonlyArray<Intent>
): Effect.fn.Return<Result | Planned, JournalError> {
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
      const isNamed = call.wishes.run !== undefined && on("put-no-change")
      if (!call.wishes.preview && isNamed && before !== undefined) {
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
        // What is not written down must not be promised to the run.
        const written = yield* call.session.hold.insert([intent], "no-change")
        if (written === undefined) return toResult(wish, { _tag: "NotSent", reason: takenOver }, known)
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
  put: PutLimits,
  planned: ReadonlyArray<Planned>,
  ofRun: ReadonlyArray<Intent>,
  streak: Streak
): Effect.fn.Return<ReadonlyArray<Result>, JournalError> {
  const { session } = call
  const { hold, onEvent } = session
  const each = (result: (one: Planned) => Result) => planned.map(result)
  // Others may have been waited out while this member was read.
  if (streak.unsettled >= unknownsInARow) return each(({ wish }) => stopped(wish))
  const notSent = ({ facts, wish }: Planned) => toResult(wish, { _tag: "NotSent", reason: takenOver }, facts)
  const intents = yield* hold.insert(
    planned.map(({ facts, wish }) => ({
      run: call.run,
      member: wish.member,
      metric: wish.metric.id,
      attempt: ofRun.filter(isOf(wish)).length + 1,
      request: wish.request,
      before: facts.before,
      after: facts.target,
      put,
      ...(facts.delta === undefined ? {} : { delta: facts.delta })
    }))
  )
  const [first] = intents ?? []
  if (intents === undefined || first === undefined) return each(notSent)
  const { member } = first
  const announced = Effect.forEach(
    planned,
    ({ facts, wish }) => {
      const event = { _tag: "Sending", member, metric: wish.metric.id } as const
      return onEvent(facts.delta === undefined ? event : { ...event, delta: facts.delta })
    },
    { discard: true }
  )
  const sent = yield* sendPut(session, write, { member, limits: put, intents, state: "prepared" }, announced)
  // Only what looking and sending again could not decide speaks of a provider that is gone.
  streak.unsettled = sent._tag === "Unknown" ? streak.unsettled + 1 : 0
  const seen = sent._tag === "Answered" ? yield* closingLook(session, put, member) : undefined
  return yield* Effect.forEach(planned, (one, index) => {
    const intent = intents[index]
    if (intent === undefined) return Effect.succeed(notSent(one))
    const result = resultOf(one, sent)
    if (sent._tag === "Answered" && seen !== undefined) {
      return closed(session, one.wish, intent, put, seen, result)
    }
    const open = sent._tag === "Unknown" ? sent.intents[index] : undefined
    return open === undefined || call.wishes.settle === "defer"
      ? Effect.succeed(result)
      : waitedOut(session, one.wish, open, result)
  })
})

/** What sending and looking say about one change. */
const resultOf = ({ facts, wish }: Planned, sent: Sent): Result => {
  switch (sent._tag) {
    case "TakenOver":
      return toResult(wish, { _tag: "NotSent", reason: takenOver }, facts)
    case "Answered": {
      const { requestId } = sent
      const known = { ...facts, evidence: "response" as const }
      return toResult(wish, { _tag: "Applied" }, requestId === undefined ? known : { ...known, requestId })
    }
    case "Seen": {
      const state = sent.states.find(({ metric }) => metric.id === wish.metric.id)
      const observed = state === undefined ? {} : { observed: observedOf(state) }
      return toResult(wish, { _tag: "Applied", ...observed }, { ...facts, evidence: "read-back" })
    }
    case "Refused":
    case "Unknown": {
      const { error } = sent
      const known = error?.requestId === undefined ? facts : { ...facts, requestId: error.requestId }
      const reason = error?.reason ?? new Timeout({ message: "no answer came." })
      if (sent._tag === "Unknown") return toResult(wish, { _tag: "Unknown", reason }, known)
      const isUnsent = error !== undefined && isNotSent(error)
      return toResult(wish, { _tag: isUnsent ? "NotSent" : "Rejected", reason }, known)
    }
  }
}

/** Waits until the request can no longer take effect, and looks. */
const waitedOut = Effect.fnUntraced(function* (
  session: Session,
  wish: Wish,
  intent: Intent,
  unknown: Result
): Effect.fn.Return<Result> {
  const now = yield* Effect.result(settle(session, intent))
  // Nothing is concluded from a look that failed: the intent stays open.
  if (EffectResult.isFailure(now)) return unknown
  if (now.success.state === "not-applied") return toResult(wish, { _tag: "NotApplied" }, factsOf(now.success))
  return claimed(wish, now.success) ?? unknown
})

/** The limits after an answered put. A reading may be a little old, so one that differs is repeated. */
const closingLook = Effect.fnUntraced(function* (
  session: Session,
  put: PutLimits,
  member: MemberId
): Effect.fn.Return<ReadonlyArray<QuotaState> | undefined> {
  const read = Effect.orElseSucceed(readLimits(session, member), () => undefined)
  const first = yield* read
  if (first !== undefined && differences(put.after, first).length === 0) return first
  return first && (yield* Effect.andThen(Effect.sleep(session.timings.readLag), read))
})

/** Adds to an `Applied` what the closing look showed, and notes it. */
const closed = Effect.fnUntraced(function* (
  { hold }: Session,
  wish: Wish,
  { id }: Intent,
  put: PutLimits,
  seen: ReadonlyArray<QuotaState>,
  { delta, before, requestId, target }: Result
): Effect.fn.Return<Result> {
  const drift = driftOf(put, wish.metric.id, seen)
  const closing = drift.length === 0 ? "as-asked" : "drift"
  yield* Effect.ignore(hold.amend({ id, state: "applied", fenced: false, closing }))
  const state = seen.find(({ metric }) => metric.id === wish.metric.id)
  return toResult(
    wish,
    {
      _tag: "Applied",
      ...(state === undefined ? {} : { observed: observedOf(state) }),
      ...(drift.length === 0 ? {} : { drift: true })
    },
    {
      ...defined({ before, delta, requestId, target }),
      evidence: drift.length === 0 ? "read-back" : "response"
    },
    drift.length === 0 ? undefined : driftText(wish.member, drift)
  )
})

const observedOf = ({ available, limit }: QuotaState): Observed => ({
  limit,
  ...(available === undefined ? {} : { available })
})
