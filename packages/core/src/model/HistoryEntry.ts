/**
 * One thing that happened to an account.
 */
import type * as DateTime from "effect/DateTime"
import type { MemberId } from "./MemberInfo.ts"
import type { MetricId } from "./Metric.ts"
import type { Quantity } from "./Quantity.ts"

/** The kind of event: `other` for further words of the provider. */
export type HistoryKind =
  | "grant"
  | "withdraw"
  | "set"
  | "invite"
  | "cancel-invite"
  | "join"
  | "decline"
  | "team"
  | "other"

/** One thing that happened. */
export interface HistoryEntry {
  readonly at: DateTime.Utc
  /** The source: the provider's log, the journal, or both, for the same change. */
  readonly source: "provider" | "journal" | "both"
  readonly kind: HistoryKind
  readonly outcome: "succeeded" | "failed" | "open" | "unknown"
  readonly member?: MemberId
  /** The provider's name of the member. */
  readonly name?: string
  readonly person?: string
  readonly metric?: MetricId
  readonly delta?: Quantity
  /** The run and the change in the journal, where it is one of ours. */
  readonly run?: string
  readonly change?: string
  /** For people: the provider's own words, or the journal's change. */
  readonly text: string
  /** For people: why an entry is listed that may be about another member than the one asked for. */
  readonly note?: string
}
