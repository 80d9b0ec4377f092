/**
 * What members ordered, and what would come back if their resources were given up.
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { CloudQuotaError } from "./CloudQuotaError.ts"
import type { MemberId, MemberRef } from "./Member.ts"
import type { Quantity } from "./Quantity.ts"

/** From the first instant, up to but not including the last one. */
export interface Period {
  readonly start: DateTime.DateTime
  readonly end: DateTime.DateTime
}

/** One order of one member. Amounts are exact; `details` holds what only this provider tells. */
export interface Order {
  readonly id: string
  readonly member?: MemberId
  /** The provider's own words for what kind of order it is, its state and how it is charged. */
  readonly type?: string
  readonly state?: string
  readonly chargeType?: string
  /** The price before reductions. */
  readonly amount: Quantity
  /** What was paid. Negative for a refund. */
  readonly paid?: Quantity
  readonly resourceId?: string
  readonly createdAt: DateTime.Utc
  readonly details: Readonly<Record<string, unknown>>
}

/** Which orders a listing gives. */
export interface OrderFilter {
  readonly member: MemberRef
  readonly period: Period
  readonly states?: ReadonlyArray<string>
  readonly chargeTypes?: ReadonlyArray<string>
  readonly resourceIds?: ReadonlyArray<string>
}

/** Resources in one zone, to ask for their refund quotes. */
export interface RefundQuoteRequest {
  readonly region?: string
  readonly zone: string
  readonly resourceIds: ReadonlyArray<string>
}

/** What would come back if the resource were given up now. A quote, not a charge. */
export interface RefundQuote {
  readonly resourceId: string
  /** Exact as the provider quotes it, which may be finer than a fen. Absent if not refundable. */
  readonly amount?: Quantity
  readonly refundable: boolean
  readonly message?: string
}

/** The bills of one account. */
export class Billing extends Context.Service<
  Billing,
  {
    /** The orders of one member in a period, in the provider's order. */
    readonly orders: (filter: OrderFilter) => Stream.Stream<Order, CloudQuotaError>
    /** One quote per resource asked for. */
    readonly refundQuotes: (
      request: RefundQuoteRequest
    ) => Effect.Effect<ReadonlyArray<RefundQuote>, CloudQuotaError>
  }
>()("@cloud-quota/core/Billing") {}
