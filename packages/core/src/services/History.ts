/** The history of changes: the provider's own log, where it has one, joined with the journal. */
import * as Context from "effect/Context"
import type * as Stream from "effect/Stream"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { HistoryEntry } from "../model/HistoryEntry.ts"
import type { MemberRef } from "../model/MemberInfo.ts"
import type * as Period from "../model/Period.ts"

export * from "../model/HistoryEntry.ts"

/** Selects the entries that a listing returns. */
export interface HistoryFilter {
  readonly period: Period.Input
  /**
   * Only entries of this member. The provider's log names members only in its text. An entry that does not
   * name the member is listed too, with a `note` that says so.
   */
  readonly member?: MemberRef
}

/** The history of one account. */
export class History extends Context.Service<
  History,
  {
    /**
     * Lists all changes of a period, oldest first, as they are read: little of the history is held in memory.
     * Results without a change are not in it. Reading does not create a journal.
     *
     * **Gotchas**
     *
     * A provider's log has no ids that the journal knows. An entry is joined with a change only if no other
     * change and no other entry could match, and if both are in the period. An entry of source `provider` is
     * therefore no proof that another program or person made it.
     */
    readonly list: (filter: HistoryFilter) => Stream.Stream<HistoryEntry, CloudQuotaError>
  }
>()("@cloud-quota/core/History") {}
