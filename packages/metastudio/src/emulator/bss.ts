/** The billing service: orders, balances, and payments by month. */
import * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"
import { inventId } from "./dice.ts"
import type { ItemState, OrderState } from "./orderBook.ts"
import { makeParameters } from "./parameters.ts"
import * as Refusal from "./refusal.ts"
import type { Route } from "./route.ts"
import { parameter, type Target } from "./target.ts"
import { beijingDay, formatInstant, isDay, parseUtcSecond } from "./time.ts"
import { json } from "./wire.ts"
import type { World } from "./world.ts"

/** The owner of the orders. */
export interface BssRules {
  readonly domainId: string
  readonly domain: string
  readonly user: string
  readonly projectName: string
}

/** The operations on orders, balances and bills. */
export const bssRoutes = (rules: BssRules, world: World): ReadonlyArray<Route> => [
  {
    operation: "ListCustomerOrders",
    method: "GET",
    path: "/v2/orders/customer-orders",
    access: "domain",
    answer: ({ target }) =>
      Result.gen(function* () {
        const { limit, offset } = yield* readPage(target, 100)
        const created = yield* readPeriod(target, "create_time")
        const paid = yield* readPeriod(target, "payment_time")
        const status = yield* filter(target, "status", (text) => /^\d{1,2}$/.test(text))
        const orderType = yield* filter(target, "order_type", (text) => /^\d{1,2}$/.test(text))
        const method = yield* filter(target, "method", (text) => /^(oneself|sub_customer)$/.test(text))
        const orderBy = yield* filter(target, "order_by", (text) => /^-?createTime$/i.test(text))
        const orderId = given(target, "order_id")?.toLowerCase()
        const service = given(target, "service_type_code")?.toLowerCase()
        const customer = given(target, "customer_id") ?? rules.domainId

        const keeps = (state: OrderState): boolean =>
          customer === rules.domainId &&
          method !== "sub_customer" &&
          (orderId === undefined || state.order.orderId.toLowerCase() === orderId) &&
          (service === undefined || state.serviceType.code === service) &&
          (status === undefined || String(state.status) === status) &&
          (orderType === undefined || String(state.orderType) === orderType) &&
          within(created, state.order.createTime) &&
          within(paid, state.paymentTime)
        const name = [created, paid, status, orderType, method, orderId, service, customer]
        const found = world.orders.filtered(JSON.stringify(name), keeps)
        // Newest first by default: the order without `order_by` is undocumented.
        const ascending = orderBy?.startsWith("-") === false
        const page = ascending
          ? found.slice(offset, offset + limit)
          : found
              .slice(Math.max(found.length - offset - limit, 0), Math.max(found.length - offset, 0))
              .reverse()
        return json(200, {
          total_count: found.length,
          order_infos: page.map((state) => ({
            ...writeOrder(state, rules),
            enterprise_projects: null,
            sub_order_infos: null
          }))
        })
      })
  },
  {
    operation: "ShowCustomerOrderDetails",
    method: "GET",
    path: "/v2/orders/customer-orders/details/{order_id}",
    access: "domain",
    answer: ({ path, target }) =>
      Result.gen(function* () {
        const { limit, offset } = yield* readPage(target, 100)
        const state = world.orders.find(path["order_id"] ?? "")
        if (state === undefined) return yield* Result.fail(Refusal.noSuchOrder)
        return json(200, {
          total_count: state.items.length,
          order_info: {
            ...writeOrder(state, rules),
            user_name: rules.user,
            pending_payment_end_time: null,
            sub_order_infos: null
          },
          order_line_items: state.items.slice(offset, offset + limit).map((item) => writeItem(item, state))
        })
      })
  },
  {
    operation: "ShowCustomerAccountBalances",
    method: "GET",
    path: "/v2/accounts/customer-accounts/balances",
    access: "domain",
    answer: () => {
      const id = inventId(`${rules.domainId}/account`).toUpperCase()
      const account = (
        type: number,
        amount: BigDecimal.BigDecimal,
        credit: BigDecimal.BigDecimal | null
      ) => ({
        account_id: `AT0010${type}${id.slice(0, 11)}`,
        account_type: type,
        amount,
        currency: "CNY",
        designated_amount: nothing,
        credit_amount: credit,
        measure_id: 1
      })
      return Result.succeed(
        json(200, {
          account_balances: [
            account(1, BigDecimal.make(20_810_92n, 2), null),
            account(2, BigDecimal.make(5_000n, 0), BigDecimal.make(10_000n, 0)),
            account(5, BigDecimal.make(12_345_678_9n, 7), null)
          ],
          debt_amount: nothing,
          measure_id: 1,
          currency: "CNY"
        })
      )
    }
  },
  {
    operation: "ListCustomerselfResourceRecords",
    method: "GET",
    path: "/v2/bills/customer-bills/res-fee-records",
    access: "domain",
    answer: ({ target }) =>
      Result.gen(function* () {
        const { limit, offset } = yield* readPage(target, 1000)
        const cycle = yield* readCycle(target, "cycle")
        const { begin, end } = yield* readDays(target, cycle)
        const billType = yield* filter(target, "bill_type", (text) => /^\d{1,3}$/.test(text))
        const zeros = yield* filter(target, "include_zero_record", (text) => /^(true|false)$/.test(text))
        const method = yield* filter(target, "method", (text) => /^(oneself|sub_customer|all)$/.test(text))
        const statistic = (yield* filter(target, "statistic_type", (text) => /^[13]$/.test(text))) ?? "3"
        // Documented: an empty value of these parameters is a filter like any other.
        const same = (name: string, value: string) =>
          parameter(target, name) === undefined || parameter(target, name) === value
        const found = world.orders
          .paidIn(cycle)
          .flatMap((state) => state.items.map((item) => ({ item, state, day: beijingDay(paidAt(state)) })))
          .filter(
            ({ day, item, state }) =>
              method !== "sub_customer" &&
              begin <= day &&
              day <= end &&
              (billType === undefined || String(billTypeOf(state)) === billType) &&
              (zeros !== "false" || !BigDecimal.isZero(item.amount)) &&
              same("cloud_service_type", state.serviceType.code) &&
              same("resource_id", item.resourceId) &&
              same("trade_id", state.order.orderId) &&
              same("region", rules.projectName) &&
              same("enterprise_project_id", "0") &&
              same("charge_mode", "1")
          )
        return json(200, {
          fee_records: found.slice(offset, offset + limit).map(({ day, item, state }) => ({
            ...writeFee(state, item, rules, day),
            // Documented: a bill by period has no id.
            ...(statistic === "1" ? {} : { id: inventId(`${item.id}/fee`) })
          })),
          total_count: found.length,
          currency: "CNY"
        })
      })
  },
  {
    operation: "ShowCustomerMonthlySum",
    method: "GET",
    path: "/v2/bills/customer-bills/monthly-sum",
    access: "domain",
    answer: ({ target }) =>
      Result.gen(function* () {
        const { limit, offset } = yield* readPage(target, 1000)
        const cycle = yield* readCycle(target, "bill_cycle")
        const method = yield* filter(target, "method", (text) => /^(oneself|sub_customer|all)$/.test(text))
        const service = given(target, "service_type_code")
        const chosen = world.orders
          .paidIn(cycle)
          .filter(
            (state) =>
              method !== "sub_customer" &&
              (given(target, "enterprise_project_id") ?? "0") === "0" &&
              (service === undefined || state.serviceType.code === service)
          )
        const fees = chosen.flatMap((state) => state.items.map((item) => ({ item, state })))
        // Documented: one row for each service, or for each kind of resource if the request names a service.
        const groups = Map.groupBy(fees, ({ item, state }) =>
          [state.serviceType.code, service === undefined ? "" : item.resourceType, kindOf(state)].join("/")
        )
        return json(200, {
          total_count: groups.size,
          bill_sums: [...groups.values()].slice(offset, offset + limit).flatMap((group) =>
            group.slice(0, 1).map(({ item, state }) => ({
              bill_cycle: cycle,
              resource_type_code: service === undefined ? null : item.resourceType,
              resource_type_name: service === undefined ? null : item.product,
              service_type_code: state.serviceType.code,
              service_type_name: state.serviceType.name,
              charging_mode: 1,
              bill_type: kindOf(state),
              official_amount: BigDecimal.sumAll(group.map((fee) => fee.item.officialAmount)),
              official_discount_amount: BigDecimal.sumAll(group.map((fee) => discountOf(fee.item))),
              truncated_amount: nothing,
              ...writePayment(group.map((fee) => fee.item)),
              measure_id: 1,
              customer_id: rules.domainId,
              account_name: rules.domain
            }))
          ),
          ...writePayment(fees.map(({ item }) => item)),
          measure_id: 1,
          currency: "CNY"
        })
      })
  }
]

const nothing = BigDecimal.make(0n, 0)
const { parsed, whole } = makeParameters(Refusal.invalidBssParameter)

/** A parameter's value. Documented: an empty one counts as absent. */
const given = (target: Target, name: string): string | undefined => {
  const text = parameter(target, name)
  return text === "" ? undefined : text
}

const filter = (target: Target, name: string, isGood: (text: string) => boolean) =>
  parsed(
    given(target, name),
    name,
    (text) => (isGood(text) ? text : undefined),
    "one of the documented values"
  )

// The upper bound on rows per page is a choice: 100 for orders, 1000 for bills.
const readPage = (target: Target, largest: number) =>
  Result.gen(function* () {
    const limit = yield* whole(given(target, "limit"), "limit", 1, largest, 10)
    const offset = yield* whole(given(target, "offset"), "offset", 0, 2_147_483_647, 0)
    return { limit, offset }
  })

interface Period {
  readonly begin: number | undefined
  readonly end: number | undefined
}

/** Documented: at most a year. Undocumented choice: both ends belong to it. */
const readPeriod = (
  target: Target,
  name: "create_time" | "payment_time"
): Result.Result<Period, Refusal.Refusal> =>
  Result.gen(function* () {
    const read = (end: string) =>
      parsed(
        given(target, `${name}_${end}`),
        `${name}_${end}`,
        parseUtcSecond,
        "a time as 2019-05-06T08:05:01Z"
      )
    const begin = yield* read("begin")
    const end = yield* read("end")
    if (begin !== undefined && end !== undefined) {
      const latest = new Date(begin)
      latest.setUTCFullYear(latest.getUTCFullYear() + 1)
      if (end < begin || end > latest.getTime()) {
        return yield* Result.fail(
          Refusal.invalidBssParameter(
            `${name}_end must be at most a year after ${name}_begin, and not before it`
          )
        )
      }
    }
    return { begin, end }
  })

const within = ({ begin, end }: Period, time: number | undefined): boolean =>
  time === undefined
    ? begin === undefined && end === undefined
    : (begin ?? time) <= time && time <= (end ?? time)

const readCycle = (target: Target, name: string): Result.Result<string, Refusal.Refusal> => {
  const cycle = parameter(target, name) ?? ""
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(cycle)
    ? Result.succeed(cycle)
    : Result.fail(Refusal.invalidBssParameter(`${name} must be a month as 2026-01`))
}

/** Documented: days have an effect only if both are given, and must be in the bill's month. */
const readDays = (target: Target, cycle: string) =>
  Result.gen(function* () {
    const inCycle = (text: string) => (isDay(text) && text.startsWith(cycle) ? text : undefined)
    const read = (name: string) => parsed(given(target, name), name, inCycle, `a day of ${cycle}`)
    const begin = yield* read("bill_date_begin")
    const end = yield* read("bill_date_end")
    return begin === undefined || end === undefined
      ? { begin: `${cycle}-01`, end: `${cycle}-31` }
      : { begin, end }
  })

const instantOrNull = (millis: number | undefined): string | null =>
  millis === undefined ? null : formatInstant(millis)

const writeOrder = (state: OrderState, rules: BssRules) => ({
  order_id: state.order.orderId,
  customer_id: rules.domainId,
  service_type_code: state.serviceType.code,
  service_type_name: state.serviceType.name,
  source_type: 1,
  status: state.status,
  order_type: state.orderType,
  amount_after_discount: state.amount,
  official_amount: state.officialAmount,
  measure_id: 1,
  create_time: formatInstant(state.order.createTime),
  payment_time: instantOrNull(state.paymentTime),
  currency: state.currency,
  contract_id: null,
  amount_info: {
    discounts: writeDiscounts(state),
    flexipurchase_coupon_amount: nothing,
    coupon_amount: nothing,
    stored_card_amount: nothing,
    commission_amount: nothing,
    consumed_amount: nothing
  }
})

/** 605 is a discount by contract. */
const writeDiscounts = (amounts: Pick<OrderState, "amount" | "officialAmount">) => {
  const discount = discountOf(amounts)
  return BigDecimal.isZero(discount) ? [] : [{ discount_type: "605", discount_amount: discount }]
}

const discountOf = ({ amount, officialAmount }: Pick<OrderState, "amount" | "officialAmount">) =>
  BigDecimal.subtract(officialAmount, amount)

const writeItem = (item: ItemState, state: OrderState) => ({
  order_line_item_id: item.id,
  order_id: state.order.orderId,
  service_type_code: state.serviceType.code,
  service_type_name: state.serviceType.name,
  product_id: inventId(item.product),
  product_spec_desc: item.product,
  period_type: 3,
  // Documented: null for an unsubscription.
  period_num: state.orderType === 4 ? null : 1,
  effective_time: instantOrNull(state.paymentTime),
  expire_time: null,
  subscription_num: 1,
  amount_after_discount: item.amount,
  official_amount: item.officialAmount,
  amount_info: { discounts: writeDiscounts(item) },
  currency: state.currency,
  category_code: null,
  product_owner_service: state.serviceType.code,
  commercial_resource: item.resourceType,
  base_product_info: null
})

const paidAt = ({ order, paymentTime }: OrderState): number => paymentTime ?? order.createTime

/** New, renewal, change and unsubscription have the same numbers on a bill as in an order. */
const billTypeOf = ({ orderType }: OrderState): number => orderType

/** On a monthly bill: 1 is spending, 2 is a refund. */
const kindOf = ({ orderType }: OrderState): 1 | 2 => (orderType === 4 ? 2 : 1)

/** All of it is paid from the account's balance here. */
const writePayment = (items: ReadonlyArray<ItemState>) => {
  const amount = BigDecimal.sumAll(items.map((item) => item.amount))
  return {
    consume_amount: amount,
    coupon_amount: nothing,
    flexipurchase_coupon_amount: nothing,
    stored_value_card_amount: nothing,
    debt_amount: nothing,
    writeoff_amount: nothing,
    cash_amount: amount,
    credit_amount: nothing
  }
}

const writeFee = (state: OrderState, item: ItemState, rules: BssRules, day: string) => ({
  bill_date: day,
  bill_type: billTypeOf(state),
  customer_id: rules.domainId,
  account_name: rules.domain,
  region: rules.projectName,
  region_name: rules.projectName,
  cloud_service_type: state.serviceType.code,
  cloud_service_type_name: state.serviceType.name,
  resource_type: item.resourceType,
  resource_type_name: item.product,
  resource_id: item.resourceId,
  resource_name: item.product,
  product_id: inventId(item.product),
  product_name: item.product,
  product_spec_desc: item.product,
  trade_id: state.order.orderId,
  trade_time: formatInstant(paidAt(state)),
  consume_time: formatInstant(paidAt(state)),
  order_id: state.order.orderId,
  enterprise_project_id: "0",
  enterprise_project_name: "default",
  charge_mode: "1",
  period_type: "19",
  // Documented: no usage and no unit for periodic purchases.
  usage: null,
  usage_measure_id: null,
  official_amount: item.officialAmount,
  discount_amount: discountOf(item),
  // The vendor documents two decimals here. Orders are finer, and bills add up to them.
  amount: item.amount,
  cash_amount: item.amount,
  credit_amount: nothing,
  coupon_amount: nothing,
  flexipurchase_coupon_amount: nothing,
  stored_card_amount: nothing,
  bonus_amount: nothing,
  debt_amount: nothing,
  adjustment_amount: nothing,
  measure_id: 1
})
