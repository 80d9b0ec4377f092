/**
 * Who changed what: the provider's own log, where there is one, joined with the journal.
 */
import * as Context from "effect/Context"
import type * as Stream from "effect/Stream"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { HistoryEntry } from "../model/HistoryEntry.ts"
import type { MemberRef } from "../model/MemberInfo.ts"
import type * as Period from "../model/Period.ts"

export * from "../model/HistoryEntry.ts"

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
