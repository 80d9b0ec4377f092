/**
 * What the members of a CompShare team ordered: orders, unpaid orders, their sums, and the bill.
 */
import type * as Quantity from "@cloud-quota/core/Quantity"

/** One order. Amounts are exact yuan, negative for a refund. */
export interface TeamMemberOrder {
  readonly orderNo: string
  readonly orderType?: string
  readonly orderState?: string
  readonly chargeType?: string
  readonly amount: Quantity.Quantity
  readonly amountReal?: Quantity.Quantity
  readonly resourceId?: string
  /** Seconds since 1970. */
  readonly createTime: number
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/**
 * One member, and a time in seconds since 1970. The vendor's page calls both times optional, and its SDKs
 * require both, so both are always sent.
 */
export interface TeamMemberPeriod {
  /** The client's own team if absent. */
  readonly teamId?: number
  readonly virtualCompanyId: number
  /** @default 2012-01-01 UTC, before there was anything */
  readonly beginTime?: number
  /**
   * After `beginTime`.
   *
   * @default 7 days from now, in case the provider's clock is ahead
   */
  readonly endTime?: number
}

/**
 * Which orders of one member. A filter that is there names at least one value: an empty one would
 * not be sent, and so let everything through.
 */
export interface TeamMemberOrderQuery extends TeamMemberPeriod {
  /** `CreateTime`, as the vendor's page writes it, is sent as `create_time`, as its own client sends it. */
  readonly orderBy?: "create_time" | "order_start_time" | "order_end_time" | "CreateTime"
  /** `Asc` and `Desc`, as on the vendor's page, are sent as `ASC` and `DESC`. */
  readonly orderDir?: "ASC" | "DESC" | "Asc" | "Desc"
  readonly chargeTypes?: ReadonlyArray<string>
  readonly orderStates?: ReadonlyArray<string>
  readonly orderTypes?: ReadonlyArray<string>
  readonly orderNos?: ReadonlyArray<string>
  readonly resourceIds?: ReadonlyArray<string>
  readonly resourceTypes?: ReadonlyArray<number>
  readonly regions?: ReadonlyArray<number>
  /** Rows of one page, 1 to 100. 100 if absent. */
  readonly limit?: number
}

/** One page of orders. */
export interface TeamMemberOrderPage {
  readonly requestId?: string
  readonly orders: ReadonlyArray<TeamMemberOrder>
  /** How many orders there are on all pages, where it is told. */
  readonly total?: number
  /** The page size that the provider used, where it is told. */
  readonly limit?: number
}

/** An order that waits to be paid. */
export interface TeamMemberUnpaidOrder {
  readonly orderNo: string
  readonly orderType?: string
  readonly orderState?: string
  readonly chargeType?: string
  /**
   * Yuan, where it came as text with a decimal point. The vendor's SDKs have a whole number here and
   * do not say of what: such a number stays in `details`, and is not converted.
   */
  readonly amount?: Quantity.Quantity
  readonly resourceId?: string
  /** Seconds since 1970. */
  readonly createTime: number
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** One page of unpaid orders. */
export interface TeamMemberUnpaidOrderPage {
  readonly requestId?: string
  readonly orders: ReadonlyArray<TeamMemberUnpaidOrder>
  /** How many there are on all pages. The vendor's page knows of no total here, its SDKs do. */
  readonly total?: number
  /** The page size that the provider used, where it is told. */
  readonly limit?: number
}

/**
 * Which orders are summed up. Unlike elsewhere, every filter is one text (vendor's SDKs): one value
 * is safe; how to write several of them is undocumented.
 */
export interface TeamMemberOrderCountQuery extends TeamMemberPeriod {
  readonly chargeTypes?: string
  readonly orderStates?: string
  readonly orderTypes?: string
  readonly resourceTypes?: string
  readonly regions?: string
}

/** What the orders of one member come to. Amounts are exact yuan. */
export interface TeamMemberOrderCount {
  readonly requestId?: string
  readonly totalCount: number
  readonly amount: Quantity.Quantity
  /** What was really paid. */
  readonly amountReal?: Quantity.Quantity
  /** What was paid from a gift. */
  readonly amountFree?: Quantity.Quantity
  /** What was paid by coupon. */
  readonly amountCoupon?: Quantity.Quantity
  /** The whole answer, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Which unpaid orders are summed up. */
export interface TeamMemberUnpaidOrderCountQuery extends TeamMemberPeriod {
  readonly chargeTypes?: ReadonlyArray<string>
  readonly orderStates?: ReadonlyArray<string>
  readonly orderTypes?: ReadonlyArray<string>
}

/** What the unpaid orders of one member come to. */
export interface TeamMemberUnpaidOrderCount {
  readonly requestId?: string
  readonly totalCount: number
  /** Yuan, where it came as text with a decimal point; as in {@link TeamMemberUnpaidOrder}. */
  readonly amount?: Quantity.Quantity
  /** The whole answer, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Whose product types. */
export interface MemberProductTypeQuery extends TeamMemberPeriod {
  readonly orderStates?: ReadonlyArray<string>
}

/** What kinds of things one member has ordered, in the provider's words. */
export interface MemberProductTypes {
  readonly requestId?: string
  readonly productTypes: ReadonlyArray<string>
}

/** Whose bill. */
export interface TeamOrderDownload {
  /** The client's own team if absent. */
  readonly teamId?: number
  /** 0, or absent: all members. */
  readonly virtualCompanyId?: number
  /** Seconds since 1970, as `endTime`. */
  readonly beginTime?: number
  /** After `beginTime`. */
  readonly endTime?: number
  readonly orderStates?: ReadonlyArray<string>
}

/** A bill. */
export interface TeamOrderFile {
  readonly requestId?: string
  /** CSV with a line of titles, as the provider wrote it: its columns are not fixed. */
  readonly csv: string
}
