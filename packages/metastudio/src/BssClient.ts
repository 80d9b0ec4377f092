/**
 * What the account ordered, was charged and has left, as Huawei Cloud's billing service (BSS) tells it.
 * Only read: nothing here orders, pays or cancels.
 *
 * The service is one for all regions, and about the account as a whole. It takes 10 requests a second of
 * each operation.
 *
 * **Gotchas**
 *
 * A token that was fetched elsewhere has to be one for the account (domain), not for a project.
 *
 * Source: the API reference "customer operation capabilities" on support.huaweicloud.com, and the models
 * of the vendor's Go SDK (services/bss/v2).
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Decode from "@cloud-quota/core/Decode"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import * as AccountBalance from "./AccountBalance.ts"
import * as Bill from "./Bill.ts"
import * as CustomerOrder from "./CustomerOrder.ts"
import * as FreeResource from "./FreeResource.ts"
import { invalid } from "./internal/errors.ts"
import { checkSegment } from "./internal/ids.ts"
import { offsetPages, wholeRow } from "./internal/pages.ts"
import * as Params from "./internal/params.ts"
import type { Session } from "./internal/session.ts"

/** Which page of a listing. */
export interface Page {
  /** Rows of one page: 1 to 100, of charges and sums 1 to 1000. The most by default. */
  readonly limit?: number
  /** How many rows to skip: 0 by default. */
  readonly offset?: number
}

/** What the client offers. Every failure is a `CloudQuotaError` without anything secret in it. */
export interface Service {
  /** One page of the account's orders. */
  readonly listCustomerOrders: (
    query?: CustomerOrder.CustomerOrderQuery & Page
  ) => Effect.Effect<CustomerOrder.CustomerOrderPage, CloudQuotaError>
  /** All of the account's orders, page by page. */
  readonly allCustomerOrders: (
    query?: CustomerOrder.CustomerOrderQuery
  ) => Stream.Stream<CustomerOrder.CustomerOrder, CloudQuotaError>
  /** One order, with a page of its items. */
  readonly showCustomerOrderDetails: (
    orderId: string,
    page?: Page
  ) => Effect.Effect<CustomerOrder.CustomerOrderDetails, CloudQuotaError>
  /** What there is to pay with. */
  readonly showCustomerAccountBalances: () => Effect.Effect<AccountBalance.AccountBalances, CloudQuotaError>
  /** One page of the charges of a month. */
  readonly listCustomerselfResourceRecords: (
    query: Bill.ResourceRecordQuery & Page
  ) => Effect.Effect<Bill.ResourceRecordPage, CloudQuotaError>
  /** All charges of a month, page by page. */
  readonly allCustomerselfResourceRecords: (
    query: Bill.ResourceRecordQuery
  ) => Stream.Stream<Bill.ResourceRecord, CloudQuotaError>
  /** One page of the sums of a month. */
  readonly showCustomerMonthlySum: (
    query: Bill.MonthlySumQuery & Page
  ) => Effect.Effect<Bill.MonthlySumPage, CloudQuotaError>
  /** All sums of a month, page by page. */
  readonly allCustomerMonthlySums: (
    query: Bill.MonthlySumQuery
  ) => Stream.Stream<Bill.MonthlySum, CloudQuotaError>
  /** One page of the packages that are used up on demand. */
  readonly listFreeResourceInfos: (
    query?: FreeResource.FreeResourceQuery & Page
  ) => Effect.Effect<FreeResource.FreeResourcePackagePage, CloudQuotaError>
  /** All packages that are used up on demand, page by page. */
  readonly allFreeResourceInfos: (
    query?: FreeResource.FreeResourceQuery
  ) => Stream.Stream<FreeResource.FreeResourcePackage, CloudQuotaError>
  /** What is left of items of packages: 1 to 100 of them, by `freeResourceId`. */
  readonly listFreeResourceUsages: (
    freeResourceIds: ReadonlyArray<string>
  ) => Effect.Effect<FreeResource.FreeResourceUsages, CloudQuotaError>
}

/**
 * Huawei Cloud's billing service, read only. `MetaStudioClient.layer` provides it.
 *
 * @example
 * import { BssClient } from "@cloud-quota/metastudio"
 * import { Effect } from "effect"
 *
 * export const left = Effect.gen(function* () {
 *   const bss = yield* BssClient.BssClient
 *   const { balances } = yield* bss.showCustomerAccountBalances()
 *   return balances.map(({ accountType, amount }) => `${accountType}: ${amount}`)
 * })
 */
export class BssClient extends Context.Service<BssClient, Service>()("@cloud-quota/metastudio/BssClient") {}

const largestPage = 100
const largestBillPage = 1000

type Scalar = string | number | boolean

const orderParams: Params.Params<CustomerOrder.CustomerOrderQuery & Page, Scalar> = {
  orderId: Params.text("order_id"),
  createTimeBegin: Params.time("create_time_begin"),
  createTimeEnd: Params.time("create_time_end"),
  serviceTypeCode: Params.text("service_type_code"),
  status: Params.whole("status", 0, 99),
  orderType: Params.whole("order_type", 0, 99),
  orderBy: Params.text("order_by"),
  paymentTimeBegin: Params.time("payment_time_begin"),
  paymentTimeEnd: Params.time("payment_time_end"),
  method: Params.text("method"),
  ...Params.page(largestPage)
}

const recordParams: Params.Params<Bill.ResourceRecordQuery & Page, Scalar> = {
  cycle: Params.needed(Params.month("cycle")),
  cloudServiceType: Params.text("cloud_service_type"),
  region: Params.text("region"),
  chargeMode: Params.text("charge_mode"),
  billType: Params.whole("bill_type", 0, 999),
  resourceId: Params.text("resource_id"),
  enterpriseProjectId: Params.text("enterprise_project_id"),
  includeZeroRecord: Params.boolean("include_zero_record"),
  method: Params.text("method"),
  subCustomerId: Params.text("sub_customer_id"),
  tradeId: Params.text("trade_id"),
  billDateBegin: Params.day("bill_date_begin"),
  billDateEnd: Params.day("bill_date_end"),
  statisticType: Params.whole("statistic_type", 1, 3),
  ...Params.page(largestBillPage)
}

const monthlySumParams: Params.Params<Bill.MonthlySumQuery & Page, Scalar> = {
  billCycle: Params.needed(Params.month("bill_cycle")),
  serviceTypeCode: Params.text("service_type_code"),
  enterpriseProjectId: Params.text("enterprise_project_id"),
  method: Params.text("method"),
  subCustomerId: Params.text("sub_customer_id"),
  ...Params.page(largestBillPage)
}

const freeResourceParams: Params.Params<FreeResource.FreeResourceQuery & Page> = {
  regionCode: Params.text("region_code"),
  orderId: Params.text("order_id"),
  productId: Params.text("product_id"),
  productName: Params.text("product_name"),
  enterpriseProjectId: Params.text("enterprise_project_id"),
  status: Params.whole("status", 0, 99),
  serviceTypeCodeList: Params.texts("service_type_code_list", 100),
  ...Params.page(largestPage)
}

const usageParams = { freeResourceIds: Params.needed(Params.texts("free_resource_ids", 100)) }

const scope = { _tag: "Account" } as const

/** Makes the client over what an account's clients share. */
export const make = ({ bss }: Session): Service => {
  /** A GET whose parameters are in the query. */
  const get = <Query extends object, A extends object>(
    call: { readonly operation: string; readonly path: ReadonlyArray<string> },
    params: Params.Params<Query, Scalar>,
    query: Query,
    decode: (answer: Decode.Fields) => Result.Result<A, string>
  ) =>
    Effect.flatMap(
      Effect.fromResult(Params.writeParams<Query, Scalar>(call.operation, params, query)),
      (wire) => bss.read({ ...call, method: "GET", query: wire, scope }, decode)
    )

  /** A POST that only asks: its parameters are in the body. */
  const ask = <Query extends object, A extends object>(
    call: { readonly operation: string; readonly path: ReadonlyArray<string> },
    params: Params.Params<Query>,
    query: Query,
    decode: (answer: Decode.Fields) => Result.Result<A, string>
  ) =>
    Effect.flatMap(Effect.fromResult(Params.writeParams(call.operation, params, query)), (wire) =>
      bss.read({ ...call, method: "POST", body: JSON.stringify(wire), scope }, decode)
    )

  const listCustomerOrders = Effect.fn("BssClient.listCustomerOrders")(
    (query: CustomerOrder.CustomerOrderQuery & Page = {}) =>
      get(
        { operation: "ListCustomerOrders", path: ["v2", "orders", "customer-orders"] },
        orderParams,
        query,
        decodeOrders
      )
  )

  const listCustomerselfResourceRecords = Effect.fn("BssClient.listCustomerselfResourceRecords")(
    (query: Bill.ResourceRecordQuery & Page) =>
      get(
        {
          operation: "ListCustomerselfResourceRecords",
          path: ["v2", "bills", "customer-bills", "res-fee-records"]
        },
        recordParams,
        query,
        Bill.decodeRecords
      )
  )

  const showCustomerMonthlySum = Effect.fn("BssClient.showCustomerMonthlySum")(
    (query: Bill.MonthlySumQuery & Page) =>
      get(
        { operation: "ShowCustomerMonthlySum", path: ["v2", "bills", "customer-bills", "monthly-sum"] },
        monthlySumParams,
        query,
        Bill.decodeMonthlySums
      )
  )

  const listFreeResourceInfos = Effect.fn("BssClient.listFreeResourceInfos")(
    (query: FreeResource.FreeResourceQuery & Page = {}) =>
      ask(
        { operation: "ListFreeResourceInfos", path: ["v3", "payments", "free-resources", "query"] },
        freeResourceParams,
        query,
        decodePackages
      )
  )

  return {
    listCustomerOrders,
    allCustomerOrders: (query = {}) =>
      offsetPages({
        operation: "ListCustomerOrders",
        pageSize: largestPage,
        key: ({ orderId }) => orderId,
        fetch: (place) =>
          Effect.map(listCustomerOrders(Params.at(query, place)), ({ orders, ...page }) => ({
            ...page,
            rows: orders,
            total: page.totalCount
          }))
      }),
    showCustomerOrderDetails: Effect.fn("BssClient.showCustomerOrderDetails")(function* (orderId, page = {}) {
      const operation = "ShowCustomerOrderDetails"
      const id = yield* Effect.mapError(Effect.fromResult(checkSegment(orderId)), (problem) =>
        invalid(operation, "order_id", problem)
      )
      return yield* get(
        { operation, path: ["v2", "orders", "customer-orders", "details", id] },
        Params.page(largestPage),
        page,
        decodeOrderDetails
      )
    }),
    showCustomerAccountBalances: Effect.fn("BssClient.showCustomerAccountBalances")(function* () {
      return yield* bss.read(
        {
          operation: "ShowCustomerAccountBalances",
          method: "GET",
          path: ["v2", "accounts", "customer-accounts", "balances"],
          scope
        },
        AccountBalance.decode
      )
    }),
    listCustomerselfResourceRecords,
    allCustomerselfResourceRecords: (query) =>
      offsetPages({
        operation: "ListCustomerselfResourceRecords",
        pageSize: largestBillPage,
        // What is no query is refused before there are rows.
        key: query?.statisticType === 1 ? monthKey : (record) => record.id ?? wholeRow(record),
        fetch: (place) =>
          Effect.map(listCustomerselfResourceRecords(Params.at(query, place)), ({ records, ...page }) => ({
            ...page,
            rows: records,
            total: page.totalCount
          }))
      }),
    showCustomerMonthlySum,
    allCustomerMonthlySums: (query) =>
      offsetPages({
        operation: "ShowCustomerMonthlySum",
        pageSize: largestBillPage,
        key: sumKey,
        fetch: (place) =>
          Effect.map(showCustomerMonthlySum(Params.at(query, place)), ({ sums, ...page }) => ({
            ...page,
            rows: sums,
            total: page.totalCount
          }))
      }),
    listFreeResourceInfos,
    allFreeResourceInfos: (query = {}) =>
      offsetPages({
        operation: "ListFreeResourceInfos",
        pageSize: largestPage,
        key: (found) => found.orderInstanceId ?? wholeRow(found),
        fetch: (place) =>
          Effect.map(listFreeResourceInfos(Params.at(query, place)), ({ packages, ...page }) => ({
            ...page,
            rows: packages,
            total: page.totalCount
          }))
      }),
    listFreeResourceUsages: Effect.fn("BssClient.listFreeResourceUsages")((freeResourceIds) =>
      ask(
        {
          operation: "ListFreeResourceUsages",
          path: ["v2", "payments", "free-resources", "usages", "details", "query"]
        },
        usageParams,
        { freeResourceIds },
        decodeUsages
      )
    )
  }
}

/** What stays the same of a resource while a month goes on and its amounts grow. Such a row has no id. */
const monthKey = (record: Bill.ResourceRecord): string =>
  record.resourceId === undefined
    ? wholeRow(record)
    : JSON.stringify([
        record.resourceId,
        record.resourceType,
        record.productName,
        record.billType,
        record.chargeMode,
        record.orderId,
        record.tradeId,
        record.customerId
      ])

/** What stays the same while a month goes on. */
const sumKey = (sum: Bill.MonthlySum): string =>
  JSON.stringify([
    sum.billCycle,
    sum.billType,
    sum.customerId,
    sum.serviceTypeCode,
    sum.resourceTypeCode,
    sum.chargingMode
  ])

const totalCount = (answer: Decode.Fields) =>
  Result.map(Decode.optional(answer, "total_count", Decode.count), (total) =>
    Decode.defined({ totalCount: total })
  )

const decodeOrders = (answer: Decode.Fields) =>
  Result.gen(function* () {
    return {
      orders: yield* Decode.list(answer, "order_infos", CustomerOrder.decode),
      ...(yield* totalCount(answer))
    }
  })

const decodeOrderDetails = (answer: Decode.Fields) =>
  Result.gen(function* () {
    const info = yield* Decode.required(answer, "order_info", Decode.fields)
    return {
      order: yield* Result.mapError(CustomerOrder.decode(info), (problem) => `order_info: ${problem}`),
      lineItems: yield* Decode.list(answer, "order_line_items", CustomerOrder.decodeLineItem),
      ...(yield* totalCount(answer))
    }
  })

const decodePackages = (answer: Decode.Fields) =>
  Result.gen(function* () {
    return {
      packages: yield* Decode.list(answer, "free_resource_packages", FreeResource.decode),
      ...(yield* totalCount(answer))
    }
  })

const decodeUsages = (answer: Decode.Fields) =>
  Result.map(Decode.list(answer, "free_resources", FreeResource.decodeItem), (freeResources) => ({
    freeResources
  }))
