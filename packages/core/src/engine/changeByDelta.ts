/**
 * Changes on a cloud that is told differences: each is written down, sent once over a connection of
 * its own, and never repeated while its outcome is unknown.
 *
 * One change of an account is on its way at a time. The provider's log counts all members together,
 * so a second one would blur the first one's traces; different accounts go side by side.
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

/** How often one call tries what provably did not happen. */
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

/** A result, and whether an answer was lost on the way to it: settled or not, the provider may be gone. */
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

/** What to send for a change request; or its result, where there is one already or something is in the way. */
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

/** The answer that the run has for a change request already. A closing look that it lacks is made up, if it can be. */
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

/** What stands in the way of any change of this member. */
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

/** What has happened provably not, and may well happen the next time. */
const mayTryAgain = ({ delta, evidence, outcome }: Result): boolean =>
  // Without the provider's log, a person may have undone our change meanwhile: then people decide. And
  // what was taken back may leave no trace but in the log, which is a thin thread to pay by.
  (outcome._tag === "NotApplied" &&
    (evidence === "read-back+log" || !on("retry-needs-log")) &&
    delta !== undefined &&
    Quantity.isPositive(delta)) ||
  (outcome._tag === "NotSent" && outcome.reason._tag === "TransportFailed")

/** Waits a lost answer out, looks what became of it, and says so; unless that is put off. */
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
  // Nothing is concluded from a look that failed: the intent stays open.
  if (EffectResult.isFailure(now)) return answer
  const result = settledResult(request, now.success)
  if (result === undefined) return answer
  return now.success.closing === "due" ? { result, due: now.success } : { result }
})

/** The result of an intent that was just settled. */
const settledResult = (request: ChangeRequest, intent: Intent): Result | undefined => {
  if (intent.state === "not-applied") return toResult(request, { _tag: "NotApplied" }, factsOf(intent))
  return claimed(request, intent)
}
