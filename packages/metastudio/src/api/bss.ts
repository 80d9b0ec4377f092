/**
 * Orders, charges, balances and packages of the account, from Huawei Cloud's billing service (BSS). Read
 * only. All regions share one service, which accepts 10 requests per second for each operation.
 *
 * Amounts are exact decimals. Their currency is in the row, or else in the answer; they are whole units of it
 * if `measure_id` is 1 or absent. Months and days are in UTC+8, and the figures of the current month are not
 * final.
 *
 * Source: the API reference "customer operation capabilities" on support.huaweicloud.com, and the models
 * of the vendor's Go SDK (services/bss/v2).
 */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Schema from "effect/Schema"
import {
  Day,
  Moment,
  Month,
  Plain,
  Segment,
  decimal,
  listing,
  operation,
  firstPage,
  page,
  pageFields,
  text,
  texts,
  time,
  whole,
  wholeRow
} from "./operation.ts"

/** The currency of the amounts beside it, as `CNY`. */
const money = {
  currency: text,
  /** 1: whole units of the currency, such as yuan. */
  measure_id: whole
}

/** One order. */
export const CustomerOrder = Schema.Struct({
  order_id: Schema.NonEmptyString,
  service_type_code: text,
  service_type_name: text,
  /**
   * 1 awaiting approval, 2 awaiting refund, 3 processing, 4 canceled, 5 completed, 6 unpaid, 9 awaiting
   * confirmation, 10 to 13 for hardware.
   */
  status: whole,
  /**
   * 1 bought, 2 renewed, 3 changed, 4 unsubscribed, 10 from yearly to on demand, 11 from on demand to
   * yearly, 13 trial, 14 made commercial, 15 fee adjusted.
   */
  order_type: whole,
  /** After discounts, and before coupons and cards. */
  amount_after_discount: decimal,
  /** The list price. For an unsubscription the same as `amount_after_discount`. */
  official_amount: decimal,
  ...money,
  create_time: time,
  payment_time: time
})
export interface CustomerOrder extends Schema.Schema.Type<typeof CustomerOrder> {}

/** One item of an order. */
export const OrderLineItem = Schema.Struct({
  order_line_item_id: text,
  service_type_code: text,
  service_type_name: text,
  product_id: text,
  product_spec_desc: text,
  /** 0 days, 1 weeks, 2 months, 3 years, 4 hours, 5 once. */
  period_type: whole,
  period_num: whole,
  subscription_num: whole,
  effective_time: time,
  expire_time: time,
  amount_after_discount: decimal,
  official_amount: decimal,
  ...money
})
export interface OrderLineItem extends Schema.Schema.Type<typeof OrderLineItem> {}

/** One account of money. */
export const AccountBalance = Schema.Struct({
  account_id: text,
  /** 1 balance, 2 credit, 5 bonus, 7 deposit, 8 budget that can be passed on to sub-customers. */
  account_type: whole,
  amount: decimal,
  /** The part reserved for one purpose. */
  designated_amount: decimal,
  /** The whole credit line, for credit only. */
  credit_amount: decimal,
  ...money
})
export interface AccountBalance extends Schema.Schema.Type<typeof AccountBalance> {}

/** One charge. Negative for a refund. */
export const ResourceRecord = Schema.Struct({
  /** Absent from sums by month. */
  id: text,
  /** As `2026-01-05`. */
  bill_date: text,
  /** 1 bought, 2 renewed, 3 changed, 4 unsubscribed, 5 used; others in the vendor's documents. */
  bill_type: whole,
  customer_id: text,
  region: text,
  cloud_service_type: text,
  cloud_service_type_name: text,
  resource_type: text,
  resource_type_name: text,
  resource_id: text,
  resource_name: text,
  product_name: text,
  /** 1 yearly or monthly, 3 on demand, 10 reserved, 11 savings plan. */
  charge_mode: text,
  order_id: text,
  trade_id: text,
  /** In the unit of `usage_measure_id`, a number of the vendor's. */
  usage: decimal,
  usage_measure_id: whole,
  /** The list price. */
  official_amount: decimal,
  discount_amount: decimal,
  /** The amount due, whatever the means of payment. */
  amount: decimal,
  cash_amount: decimal,
  credit_amount: decimal,
  coupon_amount: decimal,
  debt_amount: decimal,
  ...money
})
export interface ResourceRecord extends Schema.Schema.Type<typeof ResourceRecord> {}

/** The sum of one kind of resource in a month. */
export const MonthlySum = Schema.Struct({
  /** As `2026-01`. */
  bill_cycle: text,
  /** 1 consumption, 2 refund, 3 adjustment. */
  bill_type: whole,
  customer_id: text,
  service_type_code: text,
  service_type_name: text,
  resource_type_code: text,
  resource_type_name: text,
  charging_mode: whole,
  official_amount: decimal,
  official_discount_amount: decimal,
  truncated_amount: decimal,
  /** The amount due: the list price less discounts and truncation. */
  consume_amount: decimal,
  cash_amount: decimal,
  credit_amount: decimal,
  coupon_amount: decimal,
  debt_amount: decimal,
  ...money
})
export interface MonthlySum extends Schema.Schema.Type<typeof MonthlySum> {}

/** One item of a package, in the unit `measure_id`. For a package that refills: in the current cycle. */
export const FreeResource = Schema.Struct({
  free_resource_id: text,
  usage_type_name: text,
  /** The remaining amount. */
  amount: decimal,
  original_amount: decimal,
  measure_id: whole,
  /** In `listFreeResourceUsages` only. */
  start_time: time,
  /** In `listFreeResourceUsages` only. */
  end_time: time
})
export interface FreeResource extends Schema.Schema.Type<typeof FreeResource> {}

/** One package for on-demand use. */
export const FreeResourcePackage = Schema.Struct({
  order_instance_id: text,
  order_id: text,
  product_id: text,
  product_name: text,
  service_type_code: text,
  service_type_name: text,
  region_code: text,
  /** 0 not yet in effect, 1 in effect, 2 used up, 3 expired, 4 unsubscribed. */
  status: whole,
  /** 1: it refills with every cycle, 2: it does not. */
  quota_reuse_mode: whole,
  effective_time: time,
  expire_time: time,
  free_resources: Lenient.nullish(Schema.Array(FreeResource))
})
export interface FreeResourcePackage extends Schema.Schema.Type<typeof FreeResourcePackage> {}

/** One currency may apply to all rows. */
const inherits = ["currency", "measure_id"]

const optional = Schema.optionalKey
const largestPage = 100
const largestBillPage = 1000
const get = { safety: "read", method: "GET", scope: "account" } as const
/** A POST that only reads. */
const ask = { safety: "read", method: "POST", scope: "account" } as const
const code = optional(Lenient.between(0, 99))
const total = { total_count: Lenient.nullish(Lenient.Count) }

/** The accounts included. @default "all" */
const whose = optional(Schema.Literals(["oneself", "sub_customer", "all"]))

export const bssOperations = {
  /** One page of the account's orders. A period between two times is limited to a year. */
  listCustomerOrders: listing({
    ...get,
    name: "ListCustomerOrders",
    path: "/v2/orders/customer-orders",
    request: Schema.Struct({
      order_id: optional(Plain),
      create_time_begin: optional(Moment),
      create_time_end: optional(Moment),
      /** As `hws.service.type.obs`. */
      service_type_code: optional(Plain),
      status: code,
      order_type: code,
      /** By creation time; `-createTime` is newest first. */
      order_by: optional(Schema.Literals(["createTime", "-createTime"])),
      payment_time_begin: optional(Moment),
      payment_time_end: optional(Moment),
      /** @default "oneself" */
      method: optional(Schema.Literals(["oneself", "sub_customer"])),
      ...pageFields(largestPage)
    }),
    answer: Schema.Struct(total),
    rows: { field: "order_infos", row: CustomerOrder },
    page: page({
      rows: "order_infos",
      largest: largestPage,
      total: "total_count",
      key: ({ order_id }: CustomerOrder) => order_id
    }),
    doc: "One page of the account's orders.",
    source: "ListCustomerOrders"
  }),
  /** One order, with a page of its items. */
  showCustomerOrderDetails: listing({
    ...get,
    name: "ShowCustomerOrderDetails",
    path: "/v2/orders/customer-orders/details/{order_id}",
    request: Schema.Struct({ order_id: Segment, ...pageFields(largestPage) }),
    answer: Schema.Struct({ order_info: CustomerOrder, ...total }),
    rows: { field: "order_line_items", row: OrderLineItem },
    defaults: firstPage(largestPage),
    doc: "One order, with a page of its items.",
    source: "ShowCustomerOrderDetails"
  }),
  /** The account's balances, and its debt. */
  showCustomerAccountBalances: operation({
    ...get,
    name: "ShowCustomerAccountBalances",
    path: "/v2/accounts/customer-accounts/balances",
    request: Schema.Struct({}),
    answer: Schema.Struct({
      account_balances: Lenient.nullish(Schema.Array(AccountBalance)),
      debt_amount: decimal,
      ...money
    }),
    doc: "The account's balances, and its debt.",
    source: "ShowCustomerAccountBalances"
  }),
  /** One page of the charges of a month. */
  listCustomerselfResourceRecords: listing({
    ...get,
    name: "ListCustomerselfResourceRecords",
    path: "/v2/bills/customer-bills/res-fee-records",
    request: Schema.Struct({
      /** As `2026-01`. */
      cycle: Month,
      cloud_service_type: optional(Plain),
      region: optional(Plain),
      /** 1 yearly or monthly, 3 on demand, 10 reserved, 11 savings plan. */
      charge_mode: optional(Plain),
      bill_type: optional(Lenient.between(0, 999)),
      resource_id: optional(Plain),
      enterprise_project_id: optional(Plain),
      include_zero_record: optional(Schema.Boolean),
      method: whose,
      sub_customer_id: optional(Plain),
      trade_id: optional(Plain),
      /** The first day, as `2026-01-05`. It has an effect only together with the last day. */
      bill_date_begin: optional(Day),
      bill_date_end: optional(Day),
      /** 1 by month, 3 by charge. @default 3 */
      statistic_type: optional(Lenient.between(1, 3)),
      ...pageFields(largestBillPage)
    }),
    answer: Schema.Struct({ ...total, ...money }),
    rows: { field: "fee_records", row: ResourceRecord },
    page: page({ rows: "fee_records", largest: largestBillPage, total: "total_count", key: recordKey }),
    inherits,
    doc: "One page of the charges of a month.",
    source: "ListCustomerselfResourceRecords"
  }),
  /** One page of the sums of a month, with the total of all pages. */
  showCustomerMonthlySum: listing({
    ...get,
    name: "ShowCustomerMonthlySum",
    path: "/v2/bills/customer-bills/monthly-sum",
    request: Schema.Struct({
      /** As `2026-01`. */
      bill_cycle: Month,
      service_type_code: optional(Plain),
      enterprise_project_id: optional(Plain),
      method: whose,
      sub_customer_id: optional(Plain),
      ...pageFields(largestBillPage)
    }),
    answer: Schema.Struct({
      ...total,
      /** The sum of all pages, refunds included. */
      consume_amount: decimal,
      debt_amount: decimal,
      ...money
    }),
    rows: { field: "bill_sums", row: MonthlySum },
    page: page({
      rows: "bill_sums",
      largest: largestBillPage,
      total: "total_count",
      // Without amounts, because they grow during the month.
      key: (sum: MonthlySum) =>
        JSON.stringify([
          sum.bill_cycle,
          sum.bill_type,
          sum.customer_id,
          sum.service_type_code,
          sum.resource_type_code,
          sum.charging_mode
        ])
    }),
    inherits,
    doc: "One page of the sums of a month.",
    source: "ShowCustomerMonthlySum"
  }),
  /**
   * One page of the packages that are used up on demand. Packages that expired over 18 months ago are not
   * listed.
   */
  listFreeResourceInfos: listing({
    ...ask,
    name: "ListFreeResourceInfos",
    path: "/v3/payments/free-resources/query",
    request: Schema.Struct({
      region_code: optional(Plain),
      order_id: optional(Plain),
      product_id: optional(Plain),
      product_name: optional(Plain),
      enterprise_project_id: optional(Plain),
      /** 0 not yet in effect, 1 in effect, 2 used up, 3 expired, 4 unsubscribed. */
      status: code,
      /** As `hws.service.type.obs`. */
      service_type_code_list: optional(texts(100)),
      ...pageFields(largestPage)
    }),
    answer: Schema.Struct(total),
    rows: { field: "free_resource_packages", row: FreeResourcePackage },
    page: page({
      rows: "free_resource_packages",
      largest: largestPage,
      total: "total_count",
      key: (found: FreeResourcePackage) => found.order_instance_id || wholeRow(found)
    }),
    doc: "One page of the packages that are used up on demand.",
    source: "ListFreeResourceInfos"
  }),
  /** The remaining amounts of items of packages: 1 to 100 of them. */
  listFreeResourceUsages: listing({
    ...ask,
    name: "ListFreeResourceUsages",
    path: "/v2/payments/free-resources/usages/details/query",
    request: Schema.Struct({ free_resource_ids: texts(100) }),
    answer: Schema.Struct({}),
    rows: { field: "free_resources", row: FreeResource },
    doc: "The remaining amounts of items of packages.",
    source: "ListFreeResourceUsages"
  })
}

/** A sum by month has no id, and its amounts grow during the month. */
function recordKey(record: ResourceRecord): string {
  if (record.id) return record.id
  return record.resource_id
    ? JSON.stringify([
        record.resource_id,
        record.resource_type,
        record.product_name,
        record.bill_type,
        record.charge_mode,
        record.order_id,
        record.trade_id,
        record.customer_id
      ])
    : wholeRow(record)
}
