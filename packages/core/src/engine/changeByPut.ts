/**
 * Carries out changes on a cloud that takes absolute limits: reads, merges, writes all limits of the member,
 * and reads back. Writing the same limits twice is harmless, so after a lost answer the limits are read, and
 * the same ones may be sent again. Other limits are written only once no earlier request can arrive.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import { type CloudQuotaError, Timeout } from "../model/CloudQuotaError.ts"
import type { Absolute } from "../model/Driver.ts"
import type { Intent, JournalError, PutLimits } from "../journal/contract.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { Result } from "../model/Report.ts"
import {
  type Call,
  claimed,
  factsOf,
  isOf,
  namedBy,
  reasonOf,
  alreadyDone,
  aborted,
  takenOver,
  toResult,
  unknownsInARow
} from "./call.ts"
import { type Closable, closePuts } from "./closePuts.ts"
import { mayArrive, putsVisibleFrom, remainingWait, waitForEarlierPuts } from "./earlierPuts.ts"
import { type Planned, decide, observedOf, unwritable } from "./planPut.ts"
import { type PutReadings, makePutReadings } from "./putReadings.ts"
import { on } from "./rules.ts"
import { type Sent, isNotSent, sendPut } from "./sendPut.ts"
import { deadAt, settle } from "./settle.ts"
import type { Session } from "./session.ts"
import { lookAtPut } from "./settlePut.ts"
import type { ChangeRequest } from "./decodeChanges.ts"

/** Number of members that are changed concurrently. Their requests are independent. */
const membersAtOnce = 8

export const changeByPut = Effect.fnUntraced(function* (
  call: Call,
  write: Absolute
): Effect.fn.Return<ReadonlyArray<Result>> {
  const { session } = call
  const byMember = Map.groupBy(call.args.requests, ({ member }) => member)
  const batch: Batch = {
    call,
    write,
    readings: makePutReadings(session, new Set(byMember.keys())),
    unsettled: 0
  }
  const changed = yield* Effect.forEach(
    byMember,
    ([member, requests]) =>
      changeMember(batch, member, requests).pipe(
        Effect.catch((error) =>
          Effect.succeed(
            requests.map((request) => plain(toResult(request, { _tag: "NotSent", reason: reasonOf(error) })))
          )
        ),
        Effect.tap((done) =>
          Effect.forEach(done, ({ result }) => session.onEvent({ _tag: "Finished", result }), {
            discard: true
          })
        )
      ),
    { concurrency: membersAtOnce }
  )
  const results = yield* closePuts(session, changed.flat())
  // In the order of the changes, not of the members.
  const all = new Map(results.map((result) => [JSON.stringify([result.member, result.metric]), result]))
  return call.args.requests.flatMap(
    ({ member, metric }) => all.get(JSON.stringify([member, metric.id])) ?? []
  )
})

/** What the members of a call share. */
interface Batch {
  readonly call: Call
  readonly write: Absolute
  readonly readings: PutReadings
  /**
   * Number of consecutive puts whose outcome stayed unknown. The batch stops when the provider seems to be
   * down.
   */
  unsettled: number
}

const plain = (result: Result): Closable => ({ result })

const changeMember = Effect.fnUntraced(function* (
  batch: Batch,
  member: MemberId,
  requests: ReadonlyArray<ChangeRequest>
): Effect.fn.Return<ReadonlyArray<Closable>, JournalError | CloudQuotaError> {
  const { call, readings, write } = batch
  const { session } = call
  const { preview, settle: how } = call.args
  if (batch.unsettled >= unknownsInARow) return requests.map((request) => plain(aborted(request)))
  const ofMember = yield* settled(call, write, member, requests)
  const open = ofMember.find(isOpen)
  // A late put would overwrite the new limits.
  if (open !== undefined && on("settle-first"))
    return requests.map((request) => plain(waitsFor(request, open)))
  const ofRun = ofMember.filter(({ run }) => run === call.run)
  const earlier = requests.map((request) => answeredEarlier(call, request, ofMember))
  const answered = earlier.flatMap((one) => one ?? [])
  const left = requests.filter((_, index) => earlier[index] === undefined)
  if (left.length === 0) return answered

  if (!preview) {
    const late = mayArrive(ofMember)
    const [first] = late
    if (first !== undefined && how === "defer" && Duration.isPositive(yield* remainingWait(session, late))) {
      return [...answered, ...left.map((request) => plain(waitsFor(request, first)))]
    }
    if (!(yield* waitForEarlierPuts(session, late))) {
      return [
        ...answered,
        ...left.map((request) => plain(toResult(request, { _tag: "NotSent", reason: takenOver })))
      ]
    }
  }
  const read = yield* readings.read(member, preview ? 0n : yield* putsVisibleFrom(session, ofMember))
  const states = new Map(read.map((state) => [state.metric.id, state]))
  const decided = yield* Effect.forEach(left, (request) =>
    decide(call, request, states.get(request.metric.id), ofRun)
  )
  const toWrite = decided.filter((one): one is Planned => "facts" in one)
  const known = [...answered, ...decided.flatMap((one) => ("outcome" in one ? plain(one) : []))]
  if (toWrite.length === 0) return known

  const before = new Map(read.map((state) => [state.metric.id, state.limit]))
  const after = new Map(before)
  for (const { facts, request } of toWrite) after.set(request.metric.id, facts.target)
  const fraction = unwritable(session.driver, after)
  const written =
    fraction === undefined
      ? yield* writeLimits(batch, { before, after }, toWrite, ofRun)
      : toWrite.map(({ facts, request }) =>
          plain(toResult(request, { _tag: "Refused", check: "fraction" }, facts, fraction))
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
  const ofMember = Effect.map(hold.standing(member, call.run), ({ intents }) => intents)
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
    yield* sendPut(session, write, { _tag: "Again", member, limits: first.put, intents: open })
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
 * Returns the run's earlier result of a change request. The closing look is due if an earlier call did not make
 * it.
 */
const answeredEarlier = (
  { run, args }: Call,
  request: ChangeRequest,
  ofMember: ReadonlyArray<Intent>
): Closable | undefined => {
  const ofRun = ofMember.filter((intent) => intent.run === run && isOf(request)(intent))
  const result = alreadyDone(request, ofRun)
  if (result === undefined) return undefined
  const intent = ofRun.find(({ closing, state }) => state === "applied" && closing === "due")
  if (result.outcome._tag !== "Applied" || intent?.put === undefined || args.preview) return { result }
  // A later fence is another put, so the present limits need not be those of this one.
  if (ofMember.some(({ armed, fence }) => armed > 0 && fence > intent.fence)) return { result }
  return { result, due: { request, intent, put: intent.put } }
}

const writeLimits = Effect.fnUntraced(function* (
  batch: Batch,
  put: PutLimits,
  planned: ReadonlyArray<Planned>,
  ofRun: ReadonlyArray<Intent>
): Effect.fn.Return<ReadonlyArray<Closable>, JournalError> {
  const { call, write } = batch
  const { session } = call
  const [first] = planned
  // Other members may have lost their answers while this one was read.
  if (first === undefined || batch.unsettled >= unknownsInARow) {
    return planned.map(({ request }) => plain(aborted(request)))
  }
  const { member } = first.request
  const drafts = planned.map(({ facts, request }) => ({
    run: call.run,
    member,
    ...namedBy(request),
    metric: request.metric.id,
    attempt: ofRun.filter(isOf(request)).length + 1,
    request: request.text,
    before: facts.before,
    after: facts.target,
    put,
    ...(facts.delta === undefined ? {} : { delta: facts.delta })
  }))
  yield* Effect.forEach(
    planned,
    ({ facts, request }) => {
      const event = { _tag: "Sending", member, metric: request.metric.id } as const
      return session.onEvent(facts.delta === undefined ? event : { ...event, delta: facts.delta })
    },
    { discard: true }
  )
  const sent = yield* sendPut(session, write, { _tag: "New", member, limits: put, drafts })
  // Only an outcome that reading back and sending again could not decide suggests that the provider is down.
  batch.unsettled = sent._tag === "Unknown" ? batch.unsettled + 1 : 0
  return yield* Effect.forEach(planned, (one, index): Effect.Effect<Closable> => {
    const result = resultOf(one, sent)
    const intent = "intents" in sent ? sent.intents[index] : undefined
    if (intent === undefined) return Effect.succeed({ result })
    if (sent._tag === "Answered")
      return Effect.succeed({ result, due: { request: one.request, intent, put } })
    return sent._tag === "Unknown" && call.args.settle === "wait"
      ? Effect.map(waitedOut(session, one.request, intent, result), plain)
      : Effect.succeed({ result })
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
