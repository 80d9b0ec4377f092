/** The context of a call and the construction of its results, shared by both ways of changing a limit. */
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

/** The facts about one change, besides its outcome. */
export type Facts = Pick<Result, "before" | "delta" | "target" | "evidence" | "requestId">

/** The context in which the change requests of one call are carried out. */
export interface Call {
  readonly session: Session
  readonly args: ChangeArguments
  readonly run: string
  readonly budget: Budget
}

/** Returns the text by which the member of a change request was named, as a field. */
export const namedBy = ({ named }: ChangeRequest): Pick<Result, "named"> =>
  named === undefined ? {} : { named }

/** Whether an intent is an attempt at this change request. */
export const isOf =
  ({ member, metric }: ChangeRequest) =>
  (intent: Journal.Intent): boolean =>
    intent.member === member && intent.metric === metric.id

/** The reason why nothing was sent or recorded: the fence has moved. */
export const takenOver = new PreconditionFailed({ message: "another holder has taken over the account." })

/** Returns the reason of a journal failure, as the caller's error reports it. */
export const journalReason = (error: Journal.JournalError) =>
  error.kind === "busy"
    ? new AccountBusy({ message: error.message })
    : new JournalFailed({ message: error.message })

/** Returns the reason why nothing was sent. */
export const reasonOf = (error: Journal.JournalError | CloudQuotaError) =>
  error._tag === "JournalError" ? journalReason(error) : error.reason

/** Builds a result from an outcome and its facts. */
export const toResult = (
  request: ChangeRequest,
  outcome: Outcome,
  facts: Facts = {},
  detail?: string
): Result => {
  const base = { member: request.member, ...namedBy(request), metric: request.metric.id, outcome, ...facts }
  return { ...base, money: moneyOf(outcome), next: nextOf(outcome), message: messageOf(base, detail) }
}

/** Returns the facts about a change from its intent. */
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
 * Returns the result of an intent, or `undefined` if it was rejected, not sent or not applied, and may be
 * attempted again.
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

/** Returns the attempt of a run that already answers a change request, if there is one. */
export const intentAlreadyDone = (
  request: ChangeRequest,
  intents: ReadonlyArray<Journal.Intent>
): Journal.Intent | undefined => {
  if (!on("deduplicate")) return undefined
  const answers = intents.filter((intent) => isOf(request)(intent) && claimed(request, intent) !== undefined)
  // An attempt that took place, or may have, takes precedence over one that found nothing to do.
  return answers.findLast(({ state }) => state !== "no-change") ?? answers.at(-1)
}

/** Returns the result that the run already has for a change request, if any. */
export const alreadyDone = (
  request: ChangeRequest,
  intents: ReadonlyArray<Journal.Intent>
): Result | undefined => {
  const intent = intentAlreadyDone(request, intents)
  return intent && claimedBefore(request, intent)
}

const done: ReadonlySet<Journal.State> = new Set(["applied", "resolved-applied", "no-change"])

/** Returns the result of an attempt of an earlier call of the run, with its time if it is done. */
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

/**
 * The number of consecutive lost answers after which a batch stops. The provider seems to be down, and going
 * on would leave more outcomes unknown.
 */
export const unknownsInARow = 2

/** Returns the result of a change request that was skipped because the batch stopped. */
export const aborted = (request: ChangeRequest): Result => {
  const message = "the batch stopped, since the answers before it were lost."
  return toResult(request, { _tag: "NotSent", reason: new Unavailable({ message }) })
}
