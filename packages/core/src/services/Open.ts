/**
 * One thing that needs a person, or time.
 */
import type * as DateTime from "effect/DateTime"
import type { MemberId } from "../model/MemberInfo.ts"
import type { MetricId } from "../model/Metric.ts"
import type { Quantity } from "../model/Quantity.ts"

/**
 * - `conflict`: the facts contradict each other, and a person has to decide (`Changes.resolve`).
 * - `unsettled`: a change has begun, and its outcome is not known yet (`Changes.recover`, or the same run).
 * - `drift`: a limit is not the last settled one: look why, then accept it (`Changes.baseline`).
 * - `unchecked`: whether there is drift could not be looked at.
 */
export type Kind = "conflict" | "unsettled" | "drift" | "unchecked"

/** One thing that is open. What does not apply to its kind is absent. */
export interface Open {
  readonly account: string
  readonly kind: Kind
  /** The id of the change, as `Changes.resolve` takes it. */
  readonly change?: string
  /** Absent if it is about the whole account (`unchecked`), as is `metric`. */
  readonly member?: MemberId
  /** Who that is, where `People` knows. */
  readonly person?: string
  readonly metric?: MetricId
  /** The difference that is in question, or by which the limit has drifted. */
  readonly delta?: Quantity
  /** Absent where nobody named one. */
  readonly run?: string
  /** When the change was written down. */
  readonly since?: DateTime.Utc
  /** For people: what there is. */
  readonly message: string
  /** For people: what to do about it. */
  readonly next: string
}
