/**
 * Carries out changes on a cloud that takes absolute limits: reads, merges, writes all limits of the member,
 * and reads back. Writing the same limits twice is harmless, so after a lost answer the limits are read, and
 * the same ones may be sent again. Other limits are written only once no earlier request can arrive.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import { type CloudQuotaError, PreconditionFailed, Timeout } from "../model/CloudQuotaError.ts"
import { defined } from "../model/KnownKeys.ts"
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
  alreadyDone,
  aborted,
  takenOver,
  toResult,
  unknownsInARow
} from "./call.ts"
import { mayArrive, readingsShowPuts, remainingWait, waitForEarlierPuts } from "./earlierPuts.ts"
import { type Plan, plan } from "./plan.ts"
import { on } from "./rules.ts"
import { type Sent, isNotSent, sendPut } from "./sendPut.ts"
import { deadAt, settle } from "./settle.ts"
import type { Session } from "./session.ts"
import { differences, driftOf, driftText, lookAtPut, readLimits } from "./settlePut.ts"
import type { ChangeRequest } from "./decodeChanges.ts"

/** Number of members that are changed concurrently. Their requests are independent. */
const membersAtOnce = 4

export const changeByPut = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute
): Effect.fn.Return<ReadonlyArray<Result>> {
  const byMember = Map.groupBy(call.args.requests, ({ member }) => member)
  const streak: Streak = { unsettled: 0 }
  const results = yield* Effect.forEach(
    byMember,
    ([member, requests]) =>
      changeMember(call, write, member, requests, streak).pipe(
        Effect.catch((error) =>
          Effect.succeed(
            requests.map((request) => toResult(request, { _tag: "NotSent", reason: reasonOf(error) }))
          )
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
  return call.args.requests.flatMap(
    ({ member, metric }) => all.get(JSON.stringify([member, metric.id])) ?? []
  )
})

/**
 * Number of consecutive puts whose outcome stayed unknown. The batch stops when the provider seems to be
 * down.
 */
interface Streak {
  unsettled: number
}

/** A change request that is about to be written. */
interface Planned {
  readonly request: ChangeRequest
  readonly facts: Facts & { readonly before: Observed; readonly target: Limit.Limit }
}

const changeMember = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute,
  member: MemberId,
  requests: ReadonlyArray<ChangeRequest>,
  streak: Streak
): Effect.fn.Return<ReadonlyArray<Result>, JournalError | CloudQuotaError> {
  const { session } = call
  const { preview, settle: how } = call.args
  if (streak.unsettled >= unknownsInARow) return requests.map(aborted)
  const ofMember = yield* settled(call, write, member, requests)
  const open = ofMember.find(isOpen)
  // A late put would overwrite the new limits.
  if (open !== undefined && on("settle-first")) return requests.map((request) => waitsFor(request, open))
  const ofRun = ofMember.filter(({ run }) => run === call.run)
  const earlier = yield* Effect.forEach(requests, (request) => answeredEarlier(call, request, ofMember))
  const answered = earlier.flatMap((result) => result ?? [])
  const left = requests.filter((_, index) => earlier[index] === undefined)
  if (left.length === 0) return answered

  if (!preview) {
    const late = mayArrive(ofMember)
    const [first] = late
    if (first !== undefined && how === "defer" && Duration.isPositive(yield* remainingWait(session, late))) {
      return [...answered, ...left.map((request) => waitsFor(request, first))]
    }
    if (!(yield* waitForEarlierPuts(session, late))) {
      return [
        ...answered,
        ...left.map((request) => toResult(request, { _tag: "NotSent", reason: takenOver }))
      ]
    }
    yield* readingsShowPuts(session, ofMember)
  }
  const read = yield* session.driver.getQuotas(member)
  const states = new Map(read.map((state) => [state.metric.id, state]))
  const decided = yield* Effect.forEach(left, (request) =>
    decide(call, request, states.get(request.metric.id), ofRun)
  )
  const toWrite = decided.filter((one): one is Planned => "facts" in one)
  const known = [...answered, ...decided.filter((one): one is Result => "outcome" in one)]
  if (toWrite.length === 0) return known

  const before = new Map(read.map((state) => [state.metric.id, state.limit]))
  const after = new Map(before)
  for (const { facts, request } of toWrite) after.set(request.metric.id, facts.target)
  const fraction = unwritable(session.driver, after)
  const written =
    fraction === undefined
      ? yield* writeLimits(call, write, { before, after }, toWrite, ofRun, streak)
      : toWrite.map(({ facts, request }) =>
          toResult(request, { _tag: "Refused", check: "fraction" }, facts, fraction)
        )
  return [...known, ...written]
})

const isOpen = ({ state }: Intent): boolean => state === "prepared" || state === "sending"

const waitsFor = (request: ChangeRequest, intent: Intent): Result => {
  const why = isOpen(intent) ? "which is not settled yet" : "of which a request may still arrive"
  const by = `the run ${JSON.stringify(intent.run)} (${intent.request}), ${why}`
  return { ...toResult(request, { _tag: "Blocked", by }), next: "wait" }
}

/**
 * Settles the open intents of the member, and returns all its intents. Other members do not wait for this.
 */
const settled = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute,
  member: MemberId,
  requests: ReadonlyArray<ChangeRequest>
): Effect.fn.Return<ReadonlyArray<Intent>, JournalError | CloudQuotaError> {
  const { session } = call
  const { hold } = session
  const ofMember = hold.intents({ member })
  const found = yield* ofMember
  const open = found.filter(isOpen)
  const [first] = open
  if (first === undefined || call.args.preview || !on("settle-first")) return found
  // The same run asks for the same limits, so they may be sent again.
  const isAskedFor = open.every(
    (intent) =>
      intent.state === "sending" &&
      intent.run === call.run &&
      requests.some((request) => isOf(request)(intent))
  )
  if (isAskedFor && first.put !== undefined) {
    yield* sendPut(session, write, { member, limits: first.put, intents: open, state: "sending" })
  }
  for (const intent of (yield* ofMember).filter(isOpen)) {
    const now = (yield* Clock.Clock).monotonicTimeNanosUnsafe()
    const isDue = intent.state === "prepared" || deadAt(session, intent, now) <= now
    if (call.args.settle === "wait" || isDue) {
      yield* settle(session, intent)
    } else {
      const step = yield* lookAtPut(session, intent)
      if (step !== undefined) yield* hold.advance(step)
    }
  }
  return yield* ofMember
})

/**
 * Returns the run's earlier result of a change request. Makes the closing look if an earlier call did not.
 */
const answeredEarlier = Effect.fnUntraced(function* (
  { run, session, args }: Call,
  request: ChangeRequest,
  ofMember: ReadonlyArray<Intent>
): Effect.fn.Return<Result | undefined, JournalError> {
  const ofRun = ofMember.filter((intent) => intent.run === run && isOf(request)(intent))
  const answer = alreadyDone(request, ofRun)
  const due = ofRun.find(({ closing, state }) => state === "applied" && closing === "due")
  if (answer?.outcome._tag !== "Applied" || due?.put === undefined || args.preview) return answer
  // A later fence is another put, so the present limits need not be those of this one.
  if (ofMember.some(({ armed, fence }) => armed > 0 && fence > due.fence)) return answer
  const seen = yield* closingLook(session, due.put, due.member)
  return seen === undefined ? answer : yield* closed(session, request, due, due.put, seen, answer)
})

/** Returns the limit to write for a change request, or a result that needs no request. */
const decide = Effect.fnUntraced(function* (
  call: Call,
  request: ChangeRequest,
  state: QuotaState | undefined,
  ofRun: ReadonlyArray<Intent>
): Effect.fn.Return<Result | Planned, JournalError> {
  const planned = planFor(call, request, state)
  const before = state === undefined ? undefined : observedOf(state)
  const known: Facts = before === undefined ? {} : { before }
  if (request.expected !== undefined && before === undefined) {
    const message = `The provider tells no ${request.metric.id} of this member, and ${request.expected} was expected.`
    return toResult(request, { _tag: "NotSent", reason: new PreconditionFailed({ message }) })
  }
  if (
    request.expected !== undefined &&
    before !== undefined &&
    !Limit.equals(request.expected, before.limit)
  ) {
    return toResult(request, { _tag: "Drift", expected: request.expected, observed: before.limit }, known)
  }
  switch (planned._tag) {
    case "NoChange": {
      // Recorded, so that the same run returns the same result after further use.
      const isNamed = call.args.run !== undefined && on("put-no-change")
      if (!call.args.preview && isNamed && before !== undefined) {
        const attempt = ofRun.filter(isOf(request)).length + 1
        const intent = {
          run: call.run,
          member: request.member,
          metric: request.metric.id,
          attempt,
          request: request.text,
          before,
          after: before.limit
        }
        // An unrecorded result must not be promised to the run.
        const written = yield* call.session.hold.insert([intent], "no-change")
        if (written === undefined) return toResult(request, { _tag: "NotSent", reason: takenOver }, known)
      }
      return toResult(request, { _tag: "NoChange" }, known, planned.message)
    }
    case "Refused":
      return toResult(request, { _tag: "Refused", check: planned.check }, known, planned.message)
    case "Impossible":
      return toResult(
        request,
        { _tag: "NotSent", reason: new PreconditionFailed({ message: planned.message }) },
        known
      )
    case "Change": {
      const { delta, target } = planned
      const facts = {
        before: before ?? { limit: Limit.finite(Quantity.zero(request.metric.unit)) },
        target,
        ...(delta === undefined ? {} : { delta })
      }
      const tooMuch = call.budget(request, { target, ...(delta === undefined ? {} : { delta }) })
      if (tooMuch !== undefined) {
        return toResult(request, { _tag: "Refused", check: tooMuch.check }, facts, tooMuch.message)
      }
      return call.args.preview ? toResult(request, { _tag: "Planned" }, facts) : { request, facts }
    }
  }
})

const planFor = (call: Call, request: ChangeRequest, state: QuotaState | undefined): Plan => {
  const setting = { metric: request.metric, byDelta: false, withdrawalLowers: true, waived: call.args.waived }
  if (state !== undefined) return plan(setting, request.action, state)
  // The provider reports no such limit of this member. It can be set, but nothing can be computed from it.
  if (request.action._tag !== "Set") {
    const message = `The provider tells no ${request.metric.id} of this member: set a limit first.`
    return { _tag: "Impossible", message }
  }
  const { limit } = request.action
  return { _tag: "Change", target: limit, ...(limit._tag === "Finite" ? { delta: limit.quantity } : {}) }
}

/**
 * Returns a message if a limit cannot be written back. All limits are written, also those that stay the same.
 */
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
  // Other members may have lost their answers while this one was read.
  if (streak.unsettled >= unknownsInARow) return each(({ request }) => aborted(request))
  const notSent = ({ facts, request }: Planned) =>
    toResult(request, { _tag: "NotSent", reason: takenOver }, facts)
  const intents = yield* hold.insert(
    planned.map(({ facts, request }) => ({
      run: call.run,
      member: request.member,
      metric: request.metric.id,
      attempt: ofRun.filter(isOf(request)).length + 1,
      request: request.text,
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
    ({ facts, request }) => {
      const event = { _tag: "Sending", member, metric: request.metric.id } as const
      return onEvent(facts.delta === undefined ? event : { ...event, delta: facts.delta })
    },
    { discard: true }
  )
  const sent = yield* sendPut(session, write, { member, limits: put, intents, state: "prepared" }, announced)
  // Only an outcome that reading back and sending again could not decide suggests that the provider is down.
  streak.unsettled = sent._tag === "Unknown" ? streak.unsettled + 1 : 0
  const seen = sent._tag === "Answered" ? yield* closingLook(session, put, member) : undefined
  return yield* Effect.forEach(planned, (one, index) => {
    const intent = intents[index]
    if (intent === undefined) return Effect.succeed(notSent(one))
    const result = resultOf(one, sent)
    if (sent._tag === "Answered" && seen !== undefined) {
      return closed(session, one.request, intent, put, seen, result)
    }
    const open = sent._tag === "Unknown" ? sent.intents[index] : undefined
    return open === undefined || call.args.settle === "defer"
      ? Effect.succeed(result)
      : waitedOut(session, one.request, open, result)
  })
})

/** Returns the result of one change after its put. */
const resultOf = ({ facts, request }: Planned, sent: Sent): Result => {
  switch (sent._tag) {
    case "TakenOver":
      return toResult(request, { _tag: "NotSent", reason: takenOver }, facts)
    case "Answered": {
      const { requestId } = sent
      const known = { ...facts, evidence: "response" as const }
      return toResult(request, { _tag: "Applied" }, requestId === undefined ? known : { ...known, requestId })
    }
    case "Seen": {
      const state = sent.states.find(({ metric }) => metric.id === request.metric.id)
      const observed = state === undefined ? {} : { observed: observedOf(state) }
      return toResult(request, { _tag: "Applied", ...observed }, { ...facts, evidence: "read-back" })
    }
    case "Refused":
    case "Unknown": {
      const { error } = sent
      const known = error?.requestId === undefined ? facts : { ...facts, requestId: error.requestId }
      const reason = error?.reason ?? new Timeout({ message: "no answer came." })
      if (sent._tag === "Unknown") return toResult(request, { _tag: "Unknown", reason }, known)
      const isUnsent = error !== undefined && isNotSent(error)
      return toResult(request, { _tag: isUnsent ? "NotSent" : "Rejected", reason }, known)
    }
  }
}

/** Waits until the request can no longer take effect, then reads back. */
const waitedOut = Effect.fnUntraced(function* (
  session: Session,
  request: ChangeRequest,
  intent: Intent,
  unknown: Result
): Effect.fn.Return<Result> {
  const now = yield* Effect.result(settle(session, intent))
  // A failed reading proves nothing: the intent stays open.
  if (EffectResult.isFailure(now)) return unknown
  if (now.success.state === "not-applied")
    return toResult(request, { _tag: "NotApplied" }, factsOf(now.success))
  return claimed(request, now.success) ?? unknown
})

/**
 * Reads the limits after an answered put. A reading may be up to `readLag` old, so one that differs is
 * repeated.
 */
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

/** Adds the closing look to an `Applied` result, and records it. */
const closed = Effect.fnUntraced(function* (
  { hold }: Session,
  request: ChangeRequest,
  { id }: Intent,
  put: PutLimits,
  seen: ReadonlyArray<QuotaState>,
  { delta, before, requestId, target }: Result
): Effect.fn.Return<Result> {
  const drift = driftOf(put, request.metric.id, seen)
  const closing = drift.length === 0 ? "as-asked" : "drift"
  yield* Effect.ignore(hold.amend([{ id, state: "applied", fenced: false, closing }]))
  const state = seen.find(({ metric }) => metric.id === request.metric.id)
  return toResult(
    request,
    {
      _tag: "Applied",
      ...(state === undefined ? {} : { observed: observedOf(state) }),
      ...(drift.length === 0 ? {} : { drift: true })
    },
    {
      ...defined({ before, delta, requestId, target }),
      evidence: drift.length === 0 ? "read-back" : "response"
    },
    drift.length === 0 ? undefined : driftText(request.member, drift)
  )
})

const observedOf = ({ available, limit }: QuotaState): Observed => ({
  limit,
  ...(available === undefined ? {} : { available })
})
