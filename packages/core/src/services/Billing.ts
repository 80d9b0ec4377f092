/**
 * What was ordered and what it cost, what was bought in advance, what is left to pay with, and what
 * would come back if resources were given up.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type {
  Balance,
  Cost,
  CostFilter,
  Entitlement,
  Order,
  OrderFilter,
  OrderTotals,
  RefundQuote,
  RefundQuoteRequest,
  UnpaidFilter,
  Usage,
  UsageFilter
} from "../model/Bills.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"

export * from "../model/Bills.ts"

/** The bills of one account. */
export class Billing extends Context.Service<
  Billing,
  {
    /** The orders of a period, of one member or of everybody, oldest first for each member. */
    readonly orders: (filter: OrderFilter) => Stream.Stream<Order, CloudQuotaError>
    /**
     * What those orders come to, checked against the provider's own totals where it has some. If they
     * differ, both are read once more.
     *
     * **Gotchas**
     *
     * A provider's totals know nothing of `kinds` and `statuses`: with one of them, it is `not-told`.
     */
    readonly totals: (filter: OrderFilter) => Effect.Effect<OrderTotals, CloudQuotaError>
    /** The orders that wait to be paid. */
    readonly unpaid: (filter?: UnpaidFilter) => Stream.Stream<Order, CloudQuotaError>
    /** One quote per resource asked for, or that the member has. */
    readonly refundQuotes: (
      request: RefundQuoteRequest
    ) => Effect.Effect<ReadonlyArray<RefundQuote>, CloudQuotaError>
    /** What was bought in advance, and how much of it is left. */
    readonly entitlements: Stream.Stream<Entitlement, CloudQuotaError>
    /** What there is to pay with. */
    readonly balance: Effect.Effect<Balance, CloudQuotaError>
    /** What was used, by whom. */
    readonly usage: (filter: UsageFilter) => Stream.Stream<Usage, CloudQuotaError>
    /** What a month cost. */
    readonly monthlyCost: (filter: CostFilter) => Stream.Stream<Cost, CloudQuotaError>
  }
>()("@cloud-quota/core/Billing") {}
