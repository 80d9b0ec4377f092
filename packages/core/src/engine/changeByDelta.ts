/**
 * Carries out changes on a cloud that takes differences. Each is recorded, sent once over a dedicated
 * connection, and never repeated while its outcome is unknown.
 *
 * The changes of an account are sent one at a time: the provider's log counts all members together, so a
 * second change would blur the trace of the first. Different accounts run in parallel.
 */
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta } from "../model/Driver.ts"
import type { Intent, JournalError } from "../journal/contract.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Result } from "../model/Report.ts"
import {
  type Call,
  claimed,
  claimedBefore,
  factsOf,
  isOf,
  reasonOf,
  intentAlreadyDone,
  aborted,
  toResult,
  unknownsInARow
} from "./call.ts"
import { type Closable, closingLook, isChangedSince } from "./closingLook.ts"
import { learnWithdrawal } from "./learnWithdrawal.ts"
import { forgetBase } from "./logWitness.ts"
import { type Prepared, prepare } from "./prepareDelta.ts"
import { on } from "./rules.ts"
import { type Sent, send } from "./sendDelta.ts"
import { openIntents, reload, settle } from "./settle.ts"
import type { ChangeRequest } from "./decodeChanges.ts"

/** Maximum attempts of one call at a change that provably did not happen. */
const attemptsPerCall = 2

export const changeByDelta = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta
): Effect.fn.Return<ReadonlyArray<Result>> {
  const done: Array<Done> = []
  let unknowns = 0
  for (const request of call.args.requests) {
    const one: Done =
      unknowns < unknownsInARow
        ? yield* changeOne(call, delta, request)
        : { result: aborted(request), lostAnswer: true }
    unknowns = one.lostAnswer ? unknowns + 1 : 0
    done.push(one)
    yield* call.session.onEvent({ _tag: "Finished", result: one.result })
  }
  return yield* closingLook(call.session, delta, done)
})

/**
 * A result, and whether an answer was lost before it. Even if the change was settled, the provider may be
 * down.
 */
interface Done extends Closable {
  readonly lostAnswer: boolean
}

const notSent = (request: ChangeRequest, error: JournalError | CloudQuotaError): Closable => ({
  result: toResult(request, { _tag: "NotSent", reason: reasonOf(error) })
})

const changeOne = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  request: ChangeRequest
): Effect.fn.Return<Done> {
  let lostAnswer = false
  for (let attempt = 1; ; attempt++) {
    const sent = yield* ready(call, delta, request).pipe(
      Effect.flatMap(
        (prepared): Effect.Effect<Closable | Sent, JournalError> =>
          "result" in prepared ? Effect.succeed(prepared) : send(call.session, delta, prepared)
      ),
      Effect.catch((error) => Effect.succeed(notSent(request, error)))
    )
    if ("result" in sent) return { ...sent, lostAnswer }
    lostAnswer ||= sent.outcome._tag === "Unknown"
    const ended = yield* settled(call, sent)
    if (attempt >= attemptsPerCall || !mayTryAgain(ended.result)) return { ...ended, lostAnswer }
  }
})

/** Returns the change to send, or a result if the request is already done or blocked. */
const ready = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  request: ChangeRequest
): Effect.fn.Return<Prepared | Closable, JournalError | CloudQuotaError> {
  const ofMember = yield* call.session.hold.intents({ member: request.member })
  const ofRun = ofMember.filter((intent) => intent.run === call.run && isOf(request)(intent))
  const alreadyDone = yield* done(call, request, intentAlreadyDone(request, ofRun), ofMember)
  if (alreadyDone !== undefined) return alreadyDone
  const inTheWay = yield* blocked(call, request, ofMember)
  if (inTheWay !== undefined) return { result: inTheWay }
  const permit = call.args.preview ? Effect.void : (delta.permit ?? Effect.void)
  const prepared = yield* prepare(call, delta, request, ofRun.length + 1, permit)
  return "outcome" in prepared ? { result: prepared } : prepared
})

/**
 * Returns the run's earlier result of a change request. If its closing look is missing, it is made now where
 * it can still show something.
 */
const done = Effect.fnUntraced(function* (
  { session, args }: Call,
  request: ChangeRequest,
  intent: Intent | undefined,
  ofMember: ReadonlyArray<Intent>
): Effect.fn.Return<Closable | undefined, JournalError> {
  if (intent === undefined) return undefined
  const isDue = intent.state === "applied" && intent.closing === "due"
  const isLate = isDue && isChangedSince(intent, ofMember, yield* session.hold.members)
  const result = claimedBefore(
    request,
    intent,
    isLate ? "No reading was compared with its target before the next change." : undefined
  )
  if (result === undefined) return undefined
  return isDue && !isLate && !args.preview ? { result, due: intent } : { result }
})

/** Returns a result if the member must not be changed now. */
const blocked = Effect.fnUntraced(function* (
  call: Call,
  request: ChangeRequest,
  ofMember: ReadonlyArray<Intent>
): Effect.fn.Return<Result | undefined, JournalError> {
  const undecided = ofMember.find(({ state }) => state === "conflict")
  if (undecided !== undefined && on("conflict-freezes")) {
    const by = `a person's decision about the run ${JSON.stringify(undecided.run)} (${undecided.request})`
    return toResult(request, { _tag: "Blocked", by })
  }
  const [open] = on("settle-first") ? yield* openIntents(call.session) : []
  if (open === undefined) return undefined
  const by = `the run ${JSON.stringify(open.run)} (${open.request} for ${open.member}), which is not settled yet`
  return { ...toResult(request, { _tag: "Blocked", by }), next: "wait" }
})

/** Whether a change that provably did not happen may be retried. */
const mayTryAgain = ({ delta, evidence, outcome }: Result): boolean =>
  // Without the provider's log, a person may have undone our change meanwhile, so a person decides. A
  // withdrawal may leave no trace outside the log, which is too weak a proof to repeat it.
  (outcome._tag === "NotApplied" &&
    (evidence === "read-back+log" || !on("retry-needs-log")) &&
    delta !== undefined &&
    Quantity.isPositive(delta)) ||
  (outcome._tag === "NotSent" && outcome.reason._tag === "TransportFailed")

/** Waits out a lost answer, reads back, and returns the result. With `defer`, the change stays unknown. */
const settled = Effect.fnUntraced(function* (call: Call, sent: Sent): Effect.fn.Return<Closable> {
  const { session } = call
  const { intent, request } = sent
  const answer: Closable = { result: toResult(request, sent.outcome, sent.facts, sent.detail) }
  if (intent === undefined) return answer
  if (sent.outcome._tag === "Applied") {
    yield* Effect.ignore(learnWithdrawal(session, intent))
    return { ...answer, due: intent }
  }
  if (sent.outcome._tag !== "Unknown") return answer
  forgetBase(session)
  const open = yield* Effect.result(reload(session.hold, intent))
  if (EffectResult.isFailure(open) || (call.args.settle === "defer" && open.success.state === "sending"))
    return answer
  const now = yield* Effect.result(settle(session, open.success))
  // A failed reading proves nothing: the intent stays open.
  if (EffectResult.isFailure(now)) return answer
  const result = settledResult(request, now.success)
  if (result === undefined) return answer
  return now.success.closing === "due" ? { result, due: now.success } : { result }
})

/** Returns the result of an intent that was just settled. */
const settledResult = (request: ChangeRequest, intent: Intent): Result | undefined => {
  if (intent.state === "not-applied") return toResult(request, { _tag: "NotApplied" }, factsOf(intent))
  return claimed(request, intent)
}
