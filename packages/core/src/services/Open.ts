/** One thing that needs a person, or time. */
import type * as DateTime from "effect/DateTime"
import type { MemberId } from "../model/MemberInfo.ts"
import type { MetricId } from "../model/Metric.ts"
import type { Quantity } from "../model/Quantity.ts"

/**
 * The kind of an open item.
 *
 * | kind | meaning | next step |
 * |---|---|---|
 * | `conflict` | the facts contradict each other | a person decides (`Changes.resolve`) |
 * | `unsettled` | the outcome of a change is not known yet | `Changes.recover`, or the same run again |
 * | `drift` | a limit differs from the last settled one | find out why, then `Changes.baseline` |
 * | `unchecked` | drift could not be checked | look again later |
 */
export type Kind = "conflict" | "unsettled" | "drift" | "unchecked"

/** One open item. Fields that do not apply to its kind are absent. */
export interface Open {
  readonly account: string
  readonly kind: Kind
  /** The id of the change, for `Changes.resolve`. */
  readonly change?: string
  /** Absent, like `metric`, if the item concerns the whole account (`unchecked`). */
  readonly member?: MemberId
  /** The provider's name of the member. */
  readonly name?: string
  /** The member's person, if `People` knows it. */
  readonly person?: string
  readonly metric?: MetricId
  /** The difference of the change, or the amount of the drift. */
  readonly delta?: Quantity
  /** The name of the run. Absent if it was not named. */
  readonly run?: string
  /** When the change was recorded. */
  readonly since?: DateTime.Utc
  /** The situation, for people. */
  readonly message: string
  /** The next step, for people. */
  readonly next: string
}
