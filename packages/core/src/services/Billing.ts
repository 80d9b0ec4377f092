/**
 * The bills of an account: orders and their totals, prepaid entitlements, the balance, usage, costs and
 * refund quotes.
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
export { type OrderGroup, sumBy } from "./orders.ts"

/** The bills of one account. */
export class Billing extends Context.Service<
  Billing,
  {
    /** Lists the orders of a period, of one member or of all, oldest first for each member. */
    readonly orders: (filter: OrderFilter) => Stream.Stream<Order, CloudQuotaError>
    /**
     * Sums those orders, and compares the sums with the provider's own totals if it has any. If they differ,
     * both are read once more.
     *
     * **Gotchas**
     *
     * A provider's totals cannot be filtered by `kinds` or `statuses`. With either filter, there is no
     * comparison (`not-told`).
     */
    readonly totals: (filter: OrderFilter) => Effect.Effect<OrderTotals, CloudQuotaError>
    /** Lists the unpaid orders. */
    readonly unpaid: (filter?: UnpaidFilter) => Stream.Stream<Order, CloudQuotaError>
    /** Returns one refund quote for each requested resource, or for each resource of the member. */
    readonly refundQuotes: (
      request: RefundQuoteRequest
    ) => Effect.Effect<ReadonlyArray<RefundQuote>, CloudQuotaError>
    /** Lists prepaid entitlements and their remaining amounts. */
    readonly entitlements: Stream.Stream<Entitlement, CloudQuotaError>
    /** Returns the account's balance. */
    readonly balance: Effect.Effect<Balance, CloudQuotaError>
    /** Lists usage, by member. */
    readonly usage: (filter: UsageFilter) => Stream.Stream<Usage, CloudQuotaError>
    /** Lists the costs of a month. */
    readonly monthlyCost: (filter: CostFilter) => Stream.Stream<Cost, CloudQuotaError>
  }
>()("@cloud-quota/core/Billing") {}
