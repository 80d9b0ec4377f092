/**
 * Orders and their sums, refund quotes, prepaid packages, balances, use and costs.
 */
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { exact } from "./decimal.ts"
import { MemberId, type MemberRef } from "./MemberInfo.ts"
import type { MetricId } from "./Metric.ts"
import type * as Period from "./Period.ts"
import { Quantity } from "./Quantity.ts"
import * as Row from "./row.ts"

/**
 * The kind of an order: `buy`, `renew`, `change` (up or down), `refund`, `usage` (charged after the
 * fact), or `other` where the provider's word says none of these.
 */
export const OrderKind = Schema.Literals(["buy", "renew", "change", "refund", "usage", "other"])
export type OrderKind = typeof OrderKind.Type

/** Where an order stands: `other` where the provider's word says none of these. */
export const OrderStatus = Schema.Literals(["unpaid", "processing", "done", "canceled", "other"])
export type OrderStatus = typeof OrderStatus.Type

const OrderValue = Schema.Struct({
  id: Schema.String,
  /** Absent if the provider does not report it. */
  member: Schema.optionalKey(MemberId),
  /** The provider's name of the member. */
  name: Schema.optionalKey(Schema.String),
  /** Who that is, where a mapping of people names the member. */
  person: Schema.optionalKey(Schema.String),
  kind: OrderKind,
  status: OrderStatus,
  /** The provider's own words for kind, status and how it is charged. */
  type: Schema.optionalKey(Schema.String),
  state: Schema.optionalKey(Schema.String),
  chargeType: Schema.optionalKey(Schema.String),
  /** The price before reductions. */
  amount: Schema.optionalKey(Quantity),
  /** The paid amount. Negative for a refund. */
  paid: Schema.optionalKey(Quantity),
  resourceId: Schema.optionalKey(Schema.String),
  /** The provider's name of the ordered product. */
  product: Schema.optionalKey(Schema.String),
  createdAt: Schema.DateTimeUtc,
  /** The provider's whole row. Adapters read it with types: `CompShare.orderDetails`, `MetaStudio.orderDetails`. */
  details: Schema.Record(Schema.String, Schema.Unknown)
})

/**
 * One order. Amounts are exact; fields that the provider does not report are absent.
 *
 * Its encoded form is the row that `Export` and the command write: every field in every row, `null` where it is
 * not known. Details are in it only where they were asked for: a row without them decodes to none.
 *
 * **Gotchas**
 *
 * In a row, the long numbers of details are decimal text, and stay that when it is decoded.
 */
export const Order = Row.schemaOf(
  OrderValue,
  Schema.Struct({
    ...Row.printed,
    id: Schema.String.annotate({ description: "The provider's id of the order." }),
    member: Row.orNull(MemberId, "Whose it is, by the provider's id of the member."),
    name: Row.orNull(Schema.String, "The provider's name of the member."),
    person: Row.orNull(Schema.String, "Who that is, where people are mapped."),
    kind: OrderKind.annotate({ description: "What the order is about." }),
    status: OrderStatus.annotate({ description: "Where the order stands." }),
    type: Row.orNull(Schema.String, "The provider's own word for the kind."),
    state: Row.orNull(Schema.String, "The provider's own word for the status."),
    chargeType: Row.orNull(Schema.String, "The provider's own word for how it is charged."),
    amount: Row.orNull(Quantity, "The price before reductions."),
    paid: Row.orNull(Quantity, "What was paid. Negative for a refund."),
    resourceId: Row.orNull(Schema.String, "The provider's id of what was ordered."),
    product: Row.orNull(Schema.String, "The provider's own name of what was ordered."),
    createdAt: Row.time("When the order was made."),
    details: Schema.optionalKey(
      Schema.Record(Schema.String, Schema.Unknown).annotate({
        description: "The provider's whole row, its long numbers as decimal text. Only where asked for."
      })
    )
  }),
  {
    unchecked: ["details"],
    encode: ({ createdAt, details, id, kind, status, ...order }) => ({
      id,
      member: order.member ?? null,
      name: order.name ?? null,
      person: order.person ?? null,
      kind,
      status,
      type: order.type ?? null,
      state: order.state ?? null,
      chargeType: order.chargeType ?? null,
      amount: order.amount ?? null,
      paid: order.paid ?? null,
      resourceId: order.resourceId ?? null,
      product: order.product ?? null,
      createdAt,
      details: exact(details)
    }),
    decode: ({ account: _, details = {}, ...row }) => Effect.succeed({ ...Row.present(row), details })
  }
)
export interface Order extends Schema.Schema.Type<typeof Order> {}

/** Which orders a listing gives: those created in the period that fit every list. A list is never empty. */
export interface OrderFilter {
  /** All members, former ones too, if absent. */
  readonly member?: MemberRef
  readonly period: Period.Input
  readonly kinds?: ReadonlyArray<OrderKind>
  readonly statuses?: ReadonlyArray<OrderStatus>
  /** In the provider's own words. */
  readonly states?: ReadonlyArray<string>
  readonly chargeTypes?: ReadonlyArray<string>
  readonly resourceIds?: ReadonlyArray<string>
}

/** The sums of several orders, one for each currency. */
export interface OrderSums {
  readonly count: number
  readonly amount: ReadonlyArray<Quantity>
  readonly paid: ReadonlyArray<Quantity>
}

/** The totals of orders, checked against the provider's own. */
export interface OrderTotals extends OrderSums {
  /** The provider's totals of the same orders, if it has some. */
  readonly told?: OrderSums
  /**
   * `agrees`; `differs`: orders came in while they were read, or rows are missing, so do not book them
   * before they agree; `not-told`: the provider reports no totals.
   */
  readonly verdict: "agrees" | "differs" | "not-told"
}

/** Which unpaid orders a listing gives. */
export interface UnpaidFilter {
  readonly member?: MemberRef
}

/** Resources in one zone, or all resources of a member, to ask for their refund quotes. */
export type RefundQuoteRequest =
  | { readonly region?: string; readonly zone: string; readonly resourceIds: ReadonlyArray<string> }
  | { readonly member: MemberRef }

/** The refund for giving up the resource now. A quote, not a charge. */
export interface RefundQuote {
  readonly resourceId: string
  /** Exact as the provider quotes it, which may be finer than a fen. Absent if not refundable. */
  readonly amount?: Quantity
  readonly refundable: boolean
  readonly message?: string
}

/** Something bought in advance: a package of minutes, of trainings, of storage. */
export interface Entitlement {
  readonly id: string
  /** The provider's name of the product. */
  readonly product: string
  /** The metric that it serves, where it does. */
  readonly metric?: MetricId
  readonly total?: Quantity
  readonly used?: Quantity
  readonly available?: Quantity
  readonly status: "active" | "frozen" | "expired" | "other"
  readonly startsAt?: DateTime.Utc
  readonly expiresAt?: DateTime.Utc
  readonly orderId?: string
  readonly details: Readonly<Record<string, unknown>>
}

/** The funds of an account. */
export interface Balance {
  /** The amount that can be spent, if the provider reports it as one number. */
  readonly available?: Quantity
  /** The parts that the provider names. A debt is negative. */
  readonly parts: ReadonlyArray<{
    readonly kind: "cash" | "credit" | "gift" | "frozen" | "debt" | "other"
    readonly amount: Quantity
    /** The provider's own name of the part. */
    readonly name: string
  }>
  readonly observedAt: DateTime.Utc
}

/** Which use a listing gives. */
export interface UsageFilter {
  readonly member?: MemberRef
  readonly period: Period.Input
}

/** Use at one time. */
export interface Usage {
  readonly member?: MemberId
  /** The provider's name of the member. */
  readonly name?: string
  readonly person?: string
  readonly metric?: MetricId
  /** The provider's name of the used product. */
  readonly product: string
  readonly used: Quantity
  readonly at?: DateTime.Utc
  readonly details: Readonly<Record<string, unknown>>
}

/** Which month. */
export interface CostFilter {
  /** As `2026-11`: a month in the time of the provider's bills, which is Beijing's for both clouds. */
  readonly month: string
  readonly member?: MemberRef
}

/** The cost of one item in a month. */
export interface Cost {
  readonly month: string
  readonly member?: MemberId
  /** The provider's name of the member. */
  readonly name?: string
  readonly person?: string
  /** The provider's own name of what it was for. */
  readonly product?: string
  readonly resourceId?: string
  /** The price before reductions. */
  readonly amount?: Quantity
  /** The amount paid or due. */
  readonly cost: Quantity
  readonly details: Readonly<Record<string, unknown>>
}
