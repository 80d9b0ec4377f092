/**
 * What the two ways of changing a limit have in common: the call they serve, and how its results
 * are put together.
 */
import * as DateTime from "effect/DateTime"
import {
  AccountBusy,
  type CloudQuotaError,
  JournalFailed,
  PreconditionFailed,
  Timeout,
  Unavailable
} from "../model/CloudQuotaError.ts"
import type * as Journal from "../journal/Journal.ts"
import type { Evidence, Outcome, Result } from "../model/Report.ts"
import type { Budget } from "./budget.ts"
import { on } from "./rules.ts"
import type { Session } from "./session.ts"
import type { ChangeRequest, ChangeArguments } from "./decodeChanges.ts"
import { messageOf, moneyOf, nextOf } from "./wording.ts"

/** What is known of one change besides its outcome. */
export type Facts = Pick<Result, "before" | "delta" | "target" | "evidence" | "requestId">

/** Everything that carrying out the change requests of one call needs. */
export interface Call {
  readonly session: Session
  readonly args: ChangeArguments
  readonly run: string
  readonly budget: Budget
}

/** Whether an intent is an attempt at this change request. */
export const isOf =
  ({ member, metric }: ChangeRequest) =>
  (intent: Journal.Intent): boolean =>
    intent.member === member && intent.metric === metric.id

/** Why nothing was sent or noted under a fence that has moved. */
export const takenOver = new PreconditionFailed({ message: "another holder has taken over the account." })

/** The reason of a journal's failure, in the words of the caller. */
export const journalReason = (error: Journal.JournalError) =>
  error.kind === "busy"
    ? new AccountBusy({ message: error.message })
    : new JournalFailed({ message: error.message })

/** Why nothing was sent, whichever way it failed. */
export const reasonOf = (error: Journal.JournalError | CloudQuotaError) =>
  error._tag === "JournalError" ? journalReason(error) : error.reason

/** Puts an outcome and what is known of it into a result. */
export const toResult = (
  request: ChangeRequest,
  outcome: Outcome,
  facts: Facts = {},
  detail?: string
): Result => {
  const base = { member: request.member, metric: request.metric.id, outcome, ...facts }
  return { ...base, money: moneyOf(outcome), next: nextOf(outcome), message: messageOf(base, detail) }
}

/** What is known of a change from its intent. */
export const factsOf = ({ after, before, delta, evidence, requestId }: Journal.Intent): Facts => ({
  before,
  target: after,
  ...(delta === undefined ? {} : { delta }),
  ...(evidence === undefined ? {} : { evidence }),
  ...(requestId === undefined ? {} : { requestId })
})

/** How an outcome is known, for people. */
const evidenceText: Readonly<Record<Evidence, string>> = {
  response: "The provider said so.",
  "read-back": "Reading back showed it.",
  "read-back+log": "Reading back showed it, and the provider's log does not contradict it.",
  human: "A person decided so."
}

/**
 * The result that an intent stands for, or `undefined` where it stands for none: what was rejected,
 * not sent or not applied may be attempted again.
 */
export const claimed = (
  request: ChangeRequest,
  intent: Journal.Intent,
  detail?: string
): Result | undefined => {
  const facts = factsOf(intent)
  const known = detail ?? (intent.evidence === undefined ? undefined : evidenceText[intent.evidence])
  switch (intent.state) {
    case "applied":
    case "resolved-applied":
      return toResult(
        request,
        { _tag: "Applied", ...(intent.closing === "drift" ? { drift: true } : {}) },
        facts,
        intent.closing === "drift" && detail === undefined ? intent.detail : known
      )
    case "no-change":
      return toResult(request, { _tag: "NoChange" }, facts, detail)
    case "conflict":
      return toResult(
        request,
        { _tag: "Conflict", detail: intent.detail ?? "an earlier attempt is undecided" },
        facts
      )
    case "prepared":
    case "sending": {
      const reason = new Timeout({ message: intent.detail ?? "no answer came, and it is not settled yet" })
      return toResult(request, { _tag: "Unknown", reason }, facts)
    }
    default:
      return undefined
  }
}

/** The attempt of a run that stands for a change request already, if there is one. */
export const intentAlreadyDone = (
  request: ChangeRequest,
  intents: ReadonlyArray<Journal.Intent>
): Journal.Intent | undefined => {
  if (!on("deduplicate")) return undefined
  const answers = intents.filter((intent) => isOf(request)(intent) && claimed(request, intent) !== undefined)
  // Any attempt that took place, or may have, stands above one that found nothing to do.
  return answers.findLast(({ state }) => state !== "no-change") ?? answers.at(-1)
}

/** The answer that the run has for a change request already, if it has one that stands. */
export const alreadyDone = (
  request: ChangeRequest,
  intents: ReadonlyArray<Journal.Intent>
): Result | undefined => {
  const intent = intentAlreadyDone(request, intents)
  return intent && claimedBefore(request, intent)
}

const done: ReadonlySet<Journal.State> = new Set(["applied", "resolved-applied", "no-change"])

/** The result of an attempt of an earlier call of the run; where it did something, with the time. */
export const claimedBefore = (
  request: ChangeRequest,
  intent: Journal.Intent,
  more?: string
): Result | undefined => {
  const doneAt = DateTime.makeUnsafe(intent.updatedAt)
  const before = `It was done by an earlier call of this run, at ${DateTime.formatIso(doneAt)}.`
  const result = claimed(request, intent, more === undefined ? before : `${before} ${more}`)
  return result === undefined || !done.has(intent.state) ? result : { ...result, doneAt }
}

/** A batch stops when the provider seems to be gone, rather than leave more and more unknown. */
export const unknownsInARow = 2

/** The result of a change request that was left alone, since the batch has stopped. */
export const aborted = (request: ChangeRequest): Result => {
  const message = "the batch stopped, since the answers before it were lost."
  return toResult(request, { _tag: "NotSent", reason: new Unavailable({ message }) })
}
