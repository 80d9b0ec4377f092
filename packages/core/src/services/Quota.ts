/**
 * How much each member may use, has used and has left; and how to change it.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type * as Change from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { MemberRef } from "../model/MemberInfo.ts"
import type { Metric } from "../model/Metric.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import type { Report } from "../model/Report.ts"
import type { QuotaFilter } from "./quotaFilter.ts"

export * from "../model/QuotaState.ts"
export { type QuotaFilter, type SortKey, arrange, sortKeys } from "./quotaFilter.ts"

/** Who is meant: one member, several, or a listing of them. */
export type Who = MemberRef | Iterable<MemberRef> | Stream.Stream<MemberRef, CloudQuotaError>

/** The quotas of one account. */
export class Quota extends Context.Service<
  Quota,
  {
    /** The metrics of this cloud. */
    readonly metrics: ReadonlyArray<Metric>
    /** The quotas of all members that have any, or of those that match a filter. */
    readonly list: (filter?: QuotaFilter) => Stream.Stream<QuotaState, CloudQuotaError>
    /** The quotas of one member. Fails with `NotFound`. */
    readonly get: (member: MemberRef) => Effect.Effect<ReadonlyArray<QuotaState>, CloudQuotaError>
    /**
     * Carries out one change request for one member or for many.
     *
     * **Gotchas**
     *
     * It fails only when nothing was attempted: bad input, or an account that another process is
     * changing. Everything else is in the report, failures too.
     *
     * @example
     * import { Quota } from "@cloud-quota/core"
     * import { Effect } from "effect"
     *
     * export const program = Effect.gen(function* () {
     *   const quota = yield* Quota.Quota
     *   return yield* quota.change("60001", { allowance: { topUpTo: "500 CNY" } }, { run: "topup/2026-12" })
     * })
     */
    readonly change: (
      who: Who,
      spec: Change.Spec,
      options?: Change.Options
    ) => Effect.Effect<Report, CloudQuotaError>
    /** Carries out a different change request for each member, as one call with one report. */
    readonly changeAll: (
      changes: Iterable<Change.Change>,
      options?: Change.Options
    ) => Effect.Effect<Report, CloudQuotaError>
  }
>()("@cloud-quota/core/Quota") {}
