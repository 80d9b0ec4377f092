/**
 * What became of a call: one result per change, also for a single one.
 *
 * A call fails only when nothing was attempted. Whatever was attempted is in its report, so that
 * no success is lost behind somebody else's failure.
 */
import type * as DateTime from "effect/DateTime"
import type { CloudQuotaError, Money, Reason } from "./CloudQuotaError.ts"
import type { Limit } from "./Limit.ts"
import type { MemberId } from "./MemberInfo.ts"
import type { MetricId } from "./Metric.ts"
import type { Quantity } from "./Quantity.ts"
import type { CheckId } from "./SafetyCheck.ts"

/** What was seen of a quota after or before a change. */
export interface Observed {
  readonly limit: Limit
  readonly available?: Quantity
}

/** How an outcome is known: by the provider's answer, by reading back, or by a person's word. */
export type Evidence = "response" | "read-back" | "read-back+log" | "human"

/**
 * What became of one change:
 * - `Applied`: it took place. `observed` is the reading after it; `drift` marks that the reading was not
 *   the target, in this limit or in another one of the member, whatever the cause. It stays with the
 *   change: the same run again gives it again.
 * - `NoChange`: it was so already; nothing was sent.
 * - `Planned`: a preview: this would be sent.
 * - `Refused`: a safety check refused it; nothing was sent.
 * - `Rejected`: the provider said no; nothing was changed.
 * - `NotSent`: the request never left; nothing was changed.
 * - `NotApplied`: it was sent, and it is proven that it did not take place.
 * - `Conflict`: the facts contradict each other; a person has to decide.
 * - `Drift`: the quota is not what was last known; nothing was sent.
 * - `Blocked`: another change of this member waits for a decision; nothing was sent.
 * - `Unknown`: no answer, and not settled yet. It may or may not have taken place.
 */
export type Outcome =
  | { readonly _tag: "Applied"; readonly observed?: Observed; readonly drift?: boolean }
  | { readonly _tag: "NoChange" }
  | { readonly _tag: "Planned" }
  | { readonly _tag: "Refused"; readonly check: CheckId }
  | { readonly _tag: "Rejected"; readonly reason: Reason }
  | { readonly _tag: "NotSent"; readonly reason: Reason }
  | { readonly _tag: "NotApplied" }
  | { readonly _tag: "Conflict"; readonly detail: string }
  | { readonly _tag: "Drift"; readonly expected: Limit; readonly observed: Limit }
  | { readonly _tag: "Blocked"; readonly by: string }
  | { readonly _tag: "Unknown"; readonly reason: Reason }

/**
 * What to do next: `nothing`; `rerun` the same call; `wait` and look again; `decide`, since a
 * person has to.
 */
export type Next = "nothing" | "rerun" | "wait" | "decide"

/** One change and what became of it. */
export interface Result {
  readonly member: MemberId
  readonly metric: MetricId
  readonly outcome: Outcome
  /** What was known of the quota before. */
  readonly before?: Observed
  /** The difference that was sent, or would be. Absent where the limit is or becomes unlimited. */
  readonly delta?: Quantity
  /** The limit that was asked for. */
  readonly target?: Limit
  readonly money: Money
  readonly next: Next
  readonly evidence?: Evidence
  /** When an earlier call of the run did this: then this call has sent nothing for it. */
  readonly doneAt?: DateTime.Utc
  readonly requestId?: string
  /** For people: what happened to the money, and what to do. */
  readonly message: string
}

/** The results of one call, in the order of its changes. */
export interface Report {
  readonly account: string
  readonly provider: string
  readonly run?: string
  readonly preview: boolean
  readonly results: ReadonlyArray<Result>
  /** Of a preview: why the call itself would fail now, whatever its results say. A missing baseline, as a rule. */
  readonly obstacle?: CloudQuotaError
}

const done = new Set<Outcome["_tag"]>(["Applied", "NoChange", "Planned"])

/** A change that took place and whose limit is not the target is not as it was asked for. */
const isAsAsked = ({ next, outcome }: Result): boolean => done.has(outcome._tag) && next === "nothing"

/** True if every change is as it was asked for. */
export const isComplete = (self: Pick<Report, "obstacle" | "results">): boolean =>
  self.obstacle === undefined && self.results.every(isAsAsked)

/**
 * The exit code of a script that did nothing else: 0 all done, 1 nothing done, 3 partly done,
 * 4 something is unknown or needs a decision.
 */
export const exitCode = (self: Pick<Report, "obstacle" | "results">): 0 | 1 | 3 | 4 => {
  if (isComplete(self)) return 0
  if (self.results.some((result) => result.money === "unknown" || result.next === "decide")) return 4
  return self.obstacle === undefined && self.results.some(isAsAsked) ? 3 : 1
}
