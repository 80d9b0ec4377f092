/**
 * Orders of the account, as Huawei Cloud's billing service has them: packages bought, renewed, changed
 * and refunded.
 *
 * Source: ListCustomerOrders and ShowCustomerOrderDetails on support.huaweicloud.com, and their models
 * in the vendor's Go SDK.
 */
import * as Decode from "@cloud-quota/core/Decode"
import { defined, optional, required } from "@cloud-quota/core/Decode"
import type * as Quantity from "@cloud-quota/core/Quantity"
import type * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import { amountsOf } from "./internal/money.ts"

/** Which orders. A span between two times is a year at the most. */
export interface CustomerOrderQuery {
  readonly orderId?: string
  readonly createTimeBegin?: DateTime.DateTime
  readonly createTimeEnd?: DateTime.DateTime
  /** As `hws.service.type.obs`. */
  readonly serviceTypeCode?: string
  /** See {@link CustomerOrder}. */
  readonly status?: number
  /** See {@link CustomerOrder}. */
  readonly orderType?: number
  /** By the time of creation; `-` is the newest first. */
  readonly orderBy?: "createTime" | "-createTime"
  readonly paymentTimeBegin?: DateTime.DateTime
  readonly paymentTimeEnd?: DateTime.DateTime
  /** Of oneself, or paid for sub-customers of an enterprise. `oneself` if absent. */
  readonly method?: "oneself" | "sub_customer"
}

/** One order. Amounts are exact, in the currency of the row, and absent if it is not told. */
export interface CustomerOrder {
  readonly orderId: string
  readonly serviceTypeCode?: string
  readonly serviceTypeName?: string
  /**
   * 1 to be approved, 2 to be refunded, 3 processing, 4 canceled, 5 completed, 6 to be paid, 9 to be
   * confirmed, 10 to 13 of hardware.
   */
  readonly status?: number
  /**
   * 1 bought, 2 renewed, 3 changed, 4 unsubscribed, 10 from yearly to on demand, 11 from on demand to
   * yearly, 13 trial, 14 made commercial, 15 fee adjusted.
   */
  readonly orderType?: number
  /** After discounts, and before coupons and cards. */
  readonly amountAfterDiscount?: Quantity.Quantity
  /** The list price. Of an unsubscription the same as `amountAfterDiscount`. */
  readonly officialAmount?: Quantity.Quantity
  readonly currency?: string
  readonly createTime?: DateTime.Utc
  readonly paymentTime?: DateTime.Utc
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** One page of orders. */
export interface CustomerOrderPage {
  /** The number of all orders that fit, where it is told. */
  readonly totalCount?: number
  readonly orders: ReadonlyArray<CustomerOrder>
  readonly requestId?: string
}

/** One item of an order. */
export interface OrderLineItem {
  readonly orderLineItemId?: string
  readonly serviceTypeCode?: string
  readonly serviceTypeName?: string
  readonly productId?: string
  readonly productSpecDesc?: string
  /** 0 days, 1 weeks, 2 months, 3 years, 4 hours, 5 once. */
  readonly periodType?: number
  readonly periodNum?: number
  readonly subscriptionNum?: number
  readonly effectiveTime?: DateTime.Utc
  readonly expireTime?: DateTime.Utc
  readonly amountAfterDiscount?: Quantity.Quantity
  readonly officialAmount?: Quantity.Quantity
  readonly currency?: string
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** An order with one page of its items. */
export interface CustomerOrderDetails {
  readonly order: CustomerOrder
  readonly lineItems: ReadonlyArray<OrderLineItem>
  /** The number of all items, where it is told. */
  readonly totalCount?: number
  readonly requestId?: string
}

/** Reads an order, or says in words what is wrong. */
export const decode = (row: Decode.Fields): Result.Result<CustomerOrder, string> =>
  Result.gen(function* () {
    const { amount, currency } = yield* amountsOf(row)
    return {
      orderId: yield* required(row, "order_id", Decode.id),
      details: row,
      ...defined({
        currency,
        serviceTypeCode: yield* optional(row, "service_type_code", Decode.text),
        serviceTypeName: yield* optional(row, "service_type_name", Decode.text),
        status: yield* optional(row, "status", Decode.integer),
        orderType: yield* optional(row, "order_type", Decode.integer),
        amountAfterDiscount: yield* amount("amount_after_discount"),
        officialAmount: yield* amount("official_amount"),
        createTime: yield* optional(row, "create_time", Decode.unlessEmpty(Decode.time)),
        paymentTime: yield* optional(row, "payment_time", Decode.unlessEmpty(Decode.time))
      })
    }
  })

/** Reads an item of an order, or says in words what is wrong. */
export const decodeLineItem = (row: Decode.Fields): Result.Result<OrderLineItem, string> =>
  Result.gen(function* () {
    const { amount, currency } = yield* amountsOf(row)
    return {
      details: row,
      ...defined({
        currency,
        orderLineItemId: yield* optional(row, "order_line_item_id", Decode.text),
        serviceTypeCode: yield* optional(row, "service_type_code", Decode.text),
        serviceTypeName: yield* optional(row, "service_type_name", Decode.text),
        productId: yield* optional(row, "product_id", Decode.text),
        productSpecDesc: yield* optional(row, "product_spec_desc", Decode.text),
        periodType: yield* optional(row, "period_type", Decode.integer),
        periodNum: yield* optional(row, "period_num", Decode.integer),
        subscriptionNum: yield* optional(row, "subscription_num", Decode.integer),
        effectiveTime: yield* optional(row, "effective_time", Decode.unlessEmpty(Decode.time)),
        expireTime: yield* optional(row, "expire_time", Decode.unlessEmpty(Decode.time)),
        amountAfterDiscount: yield* amount("amount_after_discount"),
        officialAmount: yield* amount("official_amount")
      })
    }
  })
