/**
 * How much each member may use, has used and has left; and how to change it.
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type * as Change from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type * as Limit from "../model/Limit.ts"
import type { MemberId, MemberRef } from "./Member.ts"
import type { Metric, MetricId } from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Report } from "../model/Report.ts"

/**
 * One metric of one member at one moment. What the provider does not tell is absent: never 0, and
 * never computed on a guess.
 */
export interface QuotaState {
  readonly member: MemberId
  readonly metric: Metric
  readonly limit: Limit.Limit
  /** What was used of a ceiling. May be finer than the metric's step. */
  readonly used?: Quantity.Quantity
  /** What is left; of a balance, negative where the member owes. Absent where that is without limit, or not told. */
  readonly available?: Quantity.Quantity
  readonly observedAt: DateTime.Utc
}

/** What part of a ceiling is used: 0 if unlimited. Absent for a balance, where a share would mislead. */
export const share = (self: QuotaState): number | undefined => {
  if (self.metric.kind === "balance" || self.used === undefined) return undefined
  return self.limit._tag === "Unlimited" ? 0 : Quantity.share(self.used, self.limit.quantity)
}

/** What is left of a ceiling: absent where it is unlimited, nothing where more is used than allowed. */
export const availableOf = (limit: Limit.Limit, used: Quantity.Quantity): Quantity.Quantity | undefined =>
  limit._tag === "Unlimited"
    ? undefined
    : Quantity.max(Quantity.subtract(limit.quantity, used), Quantity.zero(used.unit))

/** Which quotas a listing gives. */
export interface QuotaFilter {
  readonly metric?: MetricId
}

/** Who is meant: one member, several, or a listing of them. */
export type Who = MemberRef | Iterable<MemberRef> | Stream.Stream<MemberRef, CloudQuotaError>

/** The quotas of one account. */
export class Quota extends Context.Service<
  Quota,
  {
    /** What is limited on this cloud. */
    readonly metrics: ReadonlyArray<Metric>
    /** The quotas of all members that have any. */
    readonly list: (filter?: QuotaFilter) => Stream.Stream<QuotaState, CloudQuotaError>
    /** The quotas of one member. Fails with `NotFound`. */
    readonly get: (member: MemberRef) => Effect.Effect<ReadonlyArray<QuotaState>, CloudQuotaError>
    /**
     * Carries out one wish for one member or for many.
     *
     * **Gotchas**
     *
     * It fails only when nothing was attempted: bad input, an account that somebody else is
     * changing. Everything else is in the report, also what went wrong.
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
    /** Carries out a different wish for each member, as one call with one report. */
    readonly changeAll: (
      changes: Iterable<Change.Change>,
      options?: Change.Options
    ) => Effect.Effect<Report, CloudQuotaError>
  }
>()("@cloud-quota/core/Quota") {}
