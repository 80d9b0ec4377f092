/**
 * Carries out changes on a cloud that takes differences. Each is recorded, sent once over a dedicated
 * connection, and never repeated while its outcome is unknown.
 *
 * The changes of an account are sent one at a time: the provider's log counts all members together, so a
 * second change would blur the trace of the first. Different accounts run in parallel.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta } from "../model/Driver.ts"
import type { Intent, JournalError, MemberFacts, Standing } from "../journal/contract.ts"
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
import { type ConnectionsAhead, connectionsAhead } from "./connectionsAhead.ts"
import { flush, flushBeforeWaiting, showNoted } from "./marks.ts"
import type { Mark } from "./sessionState.ts"
import { type Sent, send } from "./sendDelta.ts"
import { reload } from "./session.ts"
import { settle } from "./settle.ts"
import type { ChangeRequest } from "./decodeChanges.ts"

/** Maximum attempts of one call at a change that provably did not happen. */
const attemptsPerCall = 2

export const changeByDelta = (call: Call, delta: Delta): Effect.Effect<ReadonlyArray<Result>> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { session } = call
      const ahead = yield* connectionsAhead(delta)
      if (on("mark-at-end")) yield* Effect.addFinalizer(() => flush(session))
      const done: Array<Done> = []
      let unknowns = 0
      let waiting: Mark | undefined
      const showEarlier = Effect.suspend(() => (waiting === undefined ? Effect.void : showNoted(waiting)))
      const finish = (one: Done) => {
        done.push(one)
        return session.onEvent({ _tag: "Finished", result: one.result })
      }
      for (const [index, request] of call.args.requests.entries()) {
        const left = call.args.requests.length - index - 1
        const next =
          unknowns < unknownsInARow
            ? yield* changeOne(call, delta, ahead, request, left)
            : { result: aborted(request), lostAnswer: true }
        if ("result" in next) {
          yield* flush(session)
          yield* showEarlier
          unknowns = next.lostAnswer ? unknowns + 1 : 0
          yield* finish(next)
        } else {
          // The mark before this one was recorded with this change. A slow watcher must not keep this one waiting.
          yield* flushBeforeWaiting(session, showEarlier)
          unknowns = 0
          waiting = next.mark
          if (waiting) waiting.show = Effect.suspend(() => finish({ ...afterMark(next), lostAnswer: false }))
        }
      }
      if (on("mark-at-end")) yield* flush(session)
      yield* showEarlier
      return yield* closingLook(session, delta, done)
    })
  )

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

/** Returns the result of a change, or the change itself if its mark waits. */
const changeOne = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  ahead: ConnectionsAhead,
  request: ChangeRequest,
  changesLeft: number
): Effect.fn.Return<Done | Sent> {
  const { session } = call
  let lostAnswer = false
  for (let attempt = 1; ; attempt++) {
    const sent = yield* ready(call, delta, request).pipe(
      Effect.flatMap(
        (prepared): Effect.Effect<Closable | Sent, JournalError> =>
          "result" in prepared
            ? Effect.succeed(prepared)
            : send(session, ahead, prepared, lostAnswer ? 0 : changesLeft)
      ),
      Effect.catch((error) => Effect.succeed(notSent(request, error)))
    )
    if ("result" in sent) return { ...sent, lostAnswer }
    if (sent.mark !== undefined && session.marks.waiting === sent.mark) return sent
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
  const { session } = call
  if (session.marks.waiting?.intent.member === request.member) yield* flush(session)
  const standing = yield* session.hold.standing(request.member, call.run)
  const ofRun = standing.intents.filter((intent) => intent.run === call.run && isOf(request)(intent))
  const alreadyDone = yield* done(call, request, intentAlreadyDone(request, ofRun), standing.facts)
  if (alreadyDone !== undefined) return alreadyDone
  const inTheWay = yield* blocked(call, request, standing)
  if (inTheWay !== undefined) return { result: inTheWay }
  const prepared = yield* prepare(call, delta, request, standing, ofRun.length + 1)
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
  facts: ReadonlyArray<MemberFacts>
): Effect.fn.Return<Closable | undefined, JournalError> {
  if (intent === undefined) return undefined
  const isDue = intent.state === "applied" && intent.closing === "due"
  const isLate =
    isDue && isChangedSince(intent, yield* session.hold.intents({ member: request.member }), facts)
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
  { intents, othersOpen }: Standing
): Effect.fn.Return<Result | undefined> {
  const undecided = intents.find(({ state }) => state === "conflict")
  if (undecided !== undefined && on("conflict-freezes")) {
    const by = `a person's decision about the run ${JSON.stringify(undecided.run)} (${undecided.request})`
    return toResult(request, { _tag: "Blocked", by })
  }
  const { barrier, marks } = call.session
  // An intent whose mark waits is answered.
  const open = [...intents.filter(isOpen), ...othersOpen].filter(({ id }) => id !== marks.waiting?.intent.id)
  if (open.length === 0) barrier.since ??= (yield* Clock.Clock).monotonicTimeNanosUnsafe()
  const [first] = on("settle-first") ? open : []
  if (first === undefined) return undefined
  const by = `the run ${JSON.stringify(first.run)} (${first.request} for ${first.member}), which is not settled yet`
  return { ...toResult(request, { _tag: "Blocked", by }), next: "wait" }
})

const isOpen = ({ state }: Intent): boolean => state === "prepared" || state === "sending"

/** Whether a change that provably did not happen may be retried. */
const mayTryAgain = ({ delta, evidence, outcome }: Result): boolean =>
  // Without the provider's log, a person may have undone our change meanwhile, so a person decides. A
  // withdrawal may leave no trace outside the log, which is too weak a proof to repeat it.
  (outcome._tag === "NotApplied" &&
    (evidence === "read-back+log" || !on("retry-needs-log")) &&
    delta !== undefined &&
    Quantity.isPositive(delta)) ||
  (outcome._tag === "NotSent" && outcome.reason._tag === "TransportFailed")

/** The outcome for the money is known, even if it cannot be recorded. */
const notNoted = "The journal could not be written, so it still counts this change as open."

/** Returns the result of an answered change once its mark was tried to record. */
const afterMark = ({ facts, intent, mark, outcome, request }: Sent): Closable => {
  const noted = mark?.noted
  if (noted?._tag === "Contradicted") {
    return { result: toResult(request, { _tag: "Conflict", detail: noted.detail }, facts) }
  }
  const result = toResult(request, outcome, facts, noted?._tag === "Failed" ? notNoted : undefined)
  return outcome._tag === "Applied" && intent !== undefined ? { result, due: intent } : { result }
}

/** Waits out a lost answer, reads back, and returns the result. With `defer`, the change stays unknown. */
const settled = Effect.fnUntraced(function* (call: Call, sent: Sent): Effect.fn.Return<Closable> {
  const { session } = call
  const { intent, request } = sent
  const answer = afterMark(sent)
  if (intent === undefined) return answer
  if (answer.result.outcome._tag === "Applied") yield* Effect.ignore(learnWithdrawal(session, intent))
  if (sent.outcome._tag !== "Unknown") return answer
  forgetBase(session)
  yield* flush(session)
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
