/**
 * What was charged: one row for each charge of a resource, and sums by month.
 *
 * Months and days are those of UTC+8. The vendor's figures of the current month are not final: it settles
 * them on the third or fourth day of the next one.
 *
 * Source: ListCustomerselfResourceRecords and ShowCustomerMonthlySum on support.huaweicloud.com, and
 * their models in the vendor's Go SDK.
 */
import * as Decode from "@cloud-quota/core/Decode"
import { defined, optional } from "@cloud-quota/core/Decode"
import type * as Quantity from "@cloud-quota/core/Quantity"
import type * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"
import { amountsOf } from "./internal/money.ts"

/** Which charges, all of one month. */
export interface ResourceRecordQuery {
  /** The month, as `2026-01`. */
  readonly cycle: string
  readonly cloudServiceType?: string
  readonly region?: string
  /** 1 yearly or monthly, 3 on demand, 10 reserved, 11 savings plan. */
  readonly chargeMode?: "1" | "3" | "10" | "11" | (string & {})
  readonly billType?: number
  readonly resourceId?: string
  readonly enterpriseProjectId?: string
  readonly includeZeroRecord?: boolean
  /** Whose: `all` if absent. */
  readonly method?: "oneself" | "sub_customer" | "all"
  readonly subCustomerId?: string
  readonly tradeId?: string
  /** The first day, as `2026-01-05`. Of effect only together with the last one. */
  readonly billDateBegin?: string
  readonly billDateEnd?: string
  /** 1 by month, 3 by charge: 3 if absent. */
  readonly statisticType?: 1 | 3
}

/** One charge. Amounts are exact, negative for a refund, and absent if their currency is not told. */
export interface ResourceRecord {
  /** Absent from sums by month. */
  readonly id?: string
  /** As `2026-01-05`. */
  readonly billDate?: string
  /** 1 bought, 2 renewed, 3 changed, 4 unsubscribed, 5 used; others in the vendor's documents. */
  readonly billType?: number
  readonly customerId?: string
  readonly region?: string
  readonly cloudServiceType?: string
  readonly cloudServiceTypeName?: string
  readonly resourceType?: string
  readonly resourceTypeName?: string
  readonly resourceId?: string
  readonly resourceName?: string
  readonly productName?: string
  readonly chargeMode?: string
  readonly orderId?: string
  readonly tradeId?: string
  /** Its unit is {@link usageMeasureId}, a number of the vendor's. */
  readonly usage?: BigDecimal.BigDecimal
  readonly usageMeasureId?: number
  /** The list price. */
  readonly officialAmount?: Quantity.Quantity
  readonly discountAmount?: Quantity.Quantity
  /** What is to be paid, by whatever means. */
  readonly amount?: Quantity.Quantity
  readonly cashAmount?: Quantity.Quantity
  readonly creditAmount?: Quantity.Quantity
  readonly couponAmount?: Quantity.Quantity
  readonly debtAmount?: Quantity.Quantity
  readonly currency?: string
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** One page of charges. */
export interface ResourceRecordPage {
  /** The number of all charges that fit, where it is told. */
  readonly totalCount?: number
  readonly records: ReadonlyArray<ResourceRecord>
  readonly currency?: string
  readonly requestId?: string
}

/** Which sums, all of one month. */
export interface MonthlySumQuery {
  /** The month, as `2026-01`. */
  readonly billCycle: string
  readonly serviceTypeCode?: string
  readonly enterpriseProjectId?: string
  /** Whose: `all` if absent. */
  readonly method?: "oneself" | "sub_customer" | "all"
  readonly subCustomerId?: string
}

/** What one kind of resource came to. Amounts are exact, and absent if their currency is not told. */
export interface MonthlySum {
  /** The month, as `2026-01`. */
  readonly billCycle?: string
  /** 1 consumption, 2 refund, 3 adjustment. */
  readonly billType?: number
  readonly customerId?: string
  readonly serviceTypeCode?: string
  readonly serviceTypeName?: string
  readonly resourceTypeCode?: string
  readonly resourceTypeName?: string
  readonly chargingMode?: number
  readonly officialAmount?: Quantity.Quantity
  readonly officialDiscountAmount?: Quantity.Quantity
  readonly truncatedAmount?: Quantity.Quantity
  /** What is to be paid: the list price less discounts and what was cut off. */
  readonly consumeAmount?: Quantity.Quantity
  readonly cashAmount?: Quantity.Quantity
  readonly creditAmount?: Quantity.Quantity
  readonly couponAmount?: Quantity.Quantity
  readonly debtAmount?: Quantity.Quantity
  readonly currency?: string
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** One page of sums, with the total of all pages. */
export interface MonthlySumPage {
  /** The number of all sums that fit, where it is told. */
  readonly totalCount?: number
  readonly sums: ReadonlyArray<MonthlySum>
  /** What all of them come to, refunds included. */
  readonly consumeAmount?: Quantity.Quantity
  readonly debtAmount?: Quantity.Quantity
  readonly currency?: string
  readonly requestId?: string
}

/** Reads a page of charges, or says in words what is wrong. */
export const decodeRecords = (
  answer: Decode.Fields
): Result.Result<Omit<ResourceRecordPage, "requestId">, string> =>
  Result.gen(function* () {
    const { currency } = yield* amountsOf(answer)
    return {
      records: yield* Decode.list(answer, "fee_records", (row) => decodeRecord(row, answer)),
      ...defined({ currency, totalCount: yield* optional(answer, "total_count", Decode.count) })
    }
  })

const decodeRecord = (row: Decode.Fields, answer: Decode.Fields): Result.Result<ResourceRecord, string> =>
  Result.gen(function* () {
    const { amount, currency } = yield* amountsOf(row, answer)
    return {
      details: row,
      ...defined({
        currency,
        id: yield* optional(row, "id", Decode.unlessEmpty(Decode.text)),
        billDate: yield* optional(row, "bill_date", Decode.text),
        billType: yield* optional(row, "bill_type", Decode.integer),
        customerId: yield* optional(row, "customer_id", Decode.text),
        region: yield* optional(row, "region", Decode.text),
        cloudServiceType: yield* optional(row, "cloud_service_type", Decode.text),
        cloudServiceTypeName: yield* optional(row, "cloud_service_type_name", Decode.text),
        resourceType: yield* optional(row, "resource_type", Decode.text),
        resourceTypeName: yield* optional(row, "resource_type_name", Decode.text),
        resourceId: yield* optional(row, "resource_id", Decode.unlessEmpty(Decode.text)),
        resourceName: yield* optional(row, "resource_name", Decode.text),
        productName: yield* optional(row, "product_name", Decode.text),
        chargeMode: yield* optional(row, "charge_mode", Decode.text),
        orderId: yield* optional(row, "order_id", Decode.unlessEmpty(Decode.text)),
        tradeId: yield* optional(row, "trade_id", Decode.unlessEmpty(Decode.text)),
        usage: yield* optional(row, "usage", Decode.unlessEmpty(Decode.decimal)),
        usageMeasureId: yield* optional(row, "usage_measure_id", Decode.integer),
        officialAmount: yield* amount("official_amount"),
        discountAmount: yield* amount("discount_amount"),
        amount: yield* amount("amount"),
        cashAmount: yield* amount("cash_amount"),
        creditAmount: yield* amount("credit_amount"),
        couponAmount: yield* amount("coupon_amount"),
        debtAmount: yield* amount("debt_amount")
      })
    }
  })

/** Reads a page of sums, or says in words what is wrong. */
export const decodeMonthlySums = (
  answer: Decode.Fields
): Result.Result<Omit<MonthlySumPage, "requestId">, string> =>
  Result.gen(function* () {
    const { amount, currency } = yield* amountsOf(answer)
    return {
      sums: yield* Decode.list(answer, "bill_sums", (row) => decodeMonthlySum(row, answer)),
      ...defined({
        currency,
        totalCount: yield* optional(answer, "total_count", Decode.count),
        consumeAmount: yield* amount("consume_amount"),
        debtAmount: yield* amount("debt_amount")
      })
    }
  })

const decodeMonthlySum = (row: Decode.Fields, answer: Decode.Fields): Result.Result<MonthlySum, string> =>
  Result.gen(function* () {
    const { amount, currency } = yield* amountsOf(row, answer)
    return {
      details: row,
      ...defined({
        currency,
        billCycle: yield* optional(row, "bill_cycle", Decode.text),
        billType: yield* optional(row, "bill_type", Decode.integer),
        customerId: yield* optional(row, "customer_id", Decode.text),
        serviceTypeCode: yield* optional(row, "service_type_code", Decode.text),
        serviceTypeName: yield* optional(row, "service_type_name", Decode.text),
        resourceTypeCode: yield* optional(row, "resource_type_code", Decode.text),
        resourceTypeName: yield* optional(row, "resource_type_name", Decode.text),
        chargingMode: yield* optional(row, "charging_mode", Decode.integer),
        officialAmount: yield* amount("official_amount"),
        officialDiscountAmount: yield* amount("official_discount_amount"),
        truncatedAmount: yield* amount("truncated_amount"),
        consumeAmount: yield* amount("consume_amount"),
        cashAmount: yield* amount("cash_amount"),
        creditAmount: yield* amount("credit_amount"),
        couponAmount: yield* amount("coupon_amount"),
        debtAmount: yield* amount("debt_amount")
      })
    }
  })
