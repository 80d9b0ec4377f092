/**
 * One metric of one member at one moment.
 */
import type * as DateTime from "effect/DateTime"
import type * as Limit from "./Limit.ts"
import type { MemberId } from "./MemberInfo.ts"
import type { Metric } from "./Metric.ts"
import * as Quantity from "./Quantity.ts"

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
