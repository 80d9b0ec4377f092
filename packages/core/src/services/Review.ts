/**
 * What needs a person, or time: on all accounts, what was begun and is not certain, and what somebody else
 * has changed.
 */
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Accounts } from "./Accounts.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { MemberId } from "./Member.ts"
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

/**
 * Everything that is open, account by account: first what the journal has, then drift.
 *
 * It sends nothing but reads, and where an account has no journal yet, it makes none. To look for drift it
 * becomes the holder of the account, as a change does, and waits until what
 * this process has just changed shows; where another process is the holder, that is `unchecked`.
 *
 * @example
 * import { Review } from "@cloud-quota/core"
 * import { Console, Stream } from "effect"
 *
 * export const program = Stream.runForEach(Review.list, ({ account, message, next }) =>
 *   Console.log(`${account}: ${message} ${next}`)
 * )
 */
export const list: Stream.Stream<Open, CloudQuotaError, Accounts> = Stream.unwrap(
  Effect.map(Accounts, ({ all }) => Stream.flatMap(Stream.fromIterable(all), ({ changes }) => changes.review))
)
