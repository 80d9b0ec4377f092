/**
 * Who changed what: the provider's own log, where there is one, joined with the journal.
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Stream from "effect/Stream"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { MemberId, MemberRef } from "./Member.ts"
import type { MetricId } from "../model/Metric.ts"
import type * as Period from "../model/Period.ts"
import type { Quantity } from "../model/Quantity.ts"

/** What happened: `other` where the provider's word says none of these. */
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
  /** Who tells it: the provider's log, the journal, or both of the same change. */
  readonly source: "provider" | "journal" | "both"
  readonly kind: HistoryKind
  readonly outcome: "succeeded" | "failed" | "open" | "unknown"
  readonly member?: MemberId
  readonly person?: string
  readonly metric?: MetricId
  readonly delta?: Quantity
  /** The run and the change in the journal, where it is one of ours. */
  readonly run?: string
  readonly change?: string
  /** For people: the provider's own words, or what the journal's change was. */
  readonly text: string
  /** For people: why an entry is listed that may be about another member than the one asked for. */
  readonly note?: string
}

/** What a listing gives. */
export interface HistoryFilter {
  readonly period: Period.Input
  /**
   * Only this member. The provider's log has no member but in its text: an entry whose text has the id is
   * listed, and so is one whose text has not, with a `note` that says so.
   */
  readonly member?: MemberRef
}

/** What happened in one account. */
export class History extends Context.Service<
  History,
  {
    /**
     * Everything in a period, oldest first, as it is read: little of it is held in memory. What was so
     * already, and changed nothing, is not in it. Reading makes no journal where there is none.
     *
     * **Gotchas**
     *
     * A provider's log has no ids that the journal knows: an entry is joined with a change only where no
     * other change and no other entry could be meant, and where both are in the period. An entry of source
     * `provider` is therefore not proof that somebody else made it.
     */
    readonly list: (filter: HistoryFilter) => Stream.Stream<HistoryEntry, CloudQuotaError>
  }
>()("@cloud-quota/core/History") {}
