/**
 * What the two ways of changing a limit have in common: the call they serve, and how its results
 * are put together.
 */
import { AccountBusy, JournalFailed } from "../CloudQuotaError.ts"
import type { Driver } from "../Driver.ts"
import type * as Journal from "../Journal.ts"
import type * as Quantity from "../Quantity.ts"
import type { Outcome, Result } from "../Report.ts"
import type { Wish, Wishes } from "./wishes.ts"
import { messageOf, moneyOf, nextOf } from "./wording.ts"

/** What is known of one change besides its outcome. */
export type Facts = Pick<Result, "before" | "delta" | "target" | "evidence" | "requestId">

/** Everything that carrying out the wishes of one call needs. */
export interface Call {
  readonly account: string
  readonly driver: Driver
  readonly wishes: Wishes
  readonly run: string
  readonly hold: Journal.Hold
  /** True if the wish may be planned: the sum of what the call adds stays within its cap. */
  readonly withinCap: (delta: Quantity.Quantity | undefined) => boolean
}

/** Whether an intent is an attempt at this wish. */
export const isOf =
  ({ member, metric }: Wish) =>
  (intent: Journal.Intent): boolean =>
    intent.member === member && intent.metric === metric.id

/** The reason of a journal's failure, in the words of the caller. */
export const journalReason = (error: Journal.JournalError) =>
  error.kind === "busy"
    ? new AccountBusy({ message: error.message })
    : new JournalFailed({ message: error.message })

/** Puts an outcome and what is known of it into a result. */
export const toResult = (wish: Wish, outcome: Outcome, facts: Facts = {}, detail?: string): Result => {
  const base = { member: wish.member, metric: wish.metric.id, outcome, ...facts }
  return { ...base, money: moneyOf(outcome), next: nextOf(outcome), message: messageOf(base, detail) }
}

/** The answer that the run has for a wish already, if it has one that stands. */
export const standing = (wish: Wish, past: ReadonlyArray<Journal.Intent>): Result | undefined => {
  const last = past.filter(isOf(wish)).at(-1)
  if (last === undefined) return undefined
  const facts: Facts = {
    before: last.before,
    target: last.after,
    ...(last.delta === undefined ? {} : { delta: last.delta }),
    ...(last.evidence === undefined ? {} : { evidence: last.evidence }),
    ...(last.requestId === undefined ? {} : { requestId: last.requestId })
  }
  switch (last.state) {
    case "applied":
      return toResult(wish, { _tag: "Applied" }, facts, "It was done by an earlier call of this run.")
    case "conflict":
      return toResult(
        wish,
        { _tag: "Conflict", detail: last.detail ?? "an earlier attempt of this run is undecided." },
        facts
      )
    default:
      return undefined
  }
}
