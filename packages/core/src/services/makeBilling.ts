/**
 * The `Billing` service of one account.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type {
  CostFilter,
  OrderFilter,
  RefundQuoteRequest,
  UnpaidFilter,
  UsageFilter
} from "../model/Bills.ts"
import type { Billing } from "./Billing.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { DriverFilter, DriverOrderFilter } from "../model/Driver.ts"
import type { Names } from "../model/KnownKeys.ts"
import type { MemberId, MemberRef } from "../model/MemberInfo.ts"
import * as Rows from "../wire/Rows.ts"
import * as Period from "../model/Period.ts"
import type { ResolveMember } from "./memberRef.ts"
import { makeWithNames } from "./withNames.ts"
import { addOrder, decodeLists, isMeant, isProviderSide, noSums, totalsOf } from "./orders.ts"
import { type ServiceContext, withAccount, supported } from "./serviceContext.ts"
import { checkKeys, invalidArgument } from "../engine/invalidArgument.ts"
import { isName } from "../model/text.ts"

export const makeBilling = (context: ServiceContext, resolveMember: ResolveMember): Billing["Service"] => {
  const { account, driver } = context

  /** Adds names and persons, the account's name on errors, and a span to a listing. */
  const listing = <
    Row extends { readonly member?: string; readonly name?: string; readonly person?: string }
  >(
    span: string,
    rows: Effect.Effect<Stream.Stream<Row, CloudQuotaError>, CloudQuotaError>
  ): Stream.Stream<Row, CloudQuotaError> =>
    Stream.suspend(() => {
      const withNames = makeWithNames(context)
      return Rows.flatMap(Stream.unwrap(rows), (row) =>
        Effect.mapEager(withNames(row.member, row), (named) => [named])
      )
    }).pipe(Stream.mapError(withAccount(account)), Stream.withSpan(span, { attributes: { account } }))

  /** Refuses a value that is not a filter, which callers without types may pass. */
  const checkFilter = (
    operation: string,
    filter: unknown,
    names: Readonly<Record<string, true>>,
    message: string
  ) =>
    typeof filter === "object" && filter !== null
      ? checkKeys(context, operation, filter, names, "filter")
      : Effect.fail(invalidArgument(context, operation, "filter", message))

  const decodeMember = (operation: string, { member }: { readonly member?: MemberRef }) =>
    member === undefined
      ? Effect.succeed<{ readonly member?: MemberId }>({})
      : Effect.map(resolveMember(operation, member), (id) => ({ member: id }))

  const decodePeriod = (operation: string, period: Period.Input) =>
    Effect.mapError(Period.resolve(period), (message) =>
      invalidArgument(context, operation, "period", message)
    )

  /** A filter by member needs a provider that knows the member of an order. */
  const byMember = (member: MemberRef | undefined) =>
    member === undefined ? Effect.void : supported(context, "billing.orders-by-member", driver.listOrders)

  const decodeOrders = Effect.fnUntraced(function* (operation: string, filter: OrderFilter) {
    yield* checkFilter(operation, filter, orderKeys, "give the period whose orders are wanted")
    yield* byMember(filter.member)
    const lists = decodeLists(filter)
    if (Result.isFailure(lists)) {
      return yield* invalidArgument(context, operation, lists.failure.field, lists.failure.message)
    }
    const { chargeTypes, resourceIds, states } = lists.success
    const period = yield* decodePeriod(operation, filter.period)
    const query: DriverOrderFilter = {
      ...(yield* decodeMember(operation, filter)),
      period,
      ...(chargeTypes && { chargeTypes }),
      ...(resourceIds && { resourceIds }),
      ...(states && { states })
    }
    return { query, isMeant: isMeant(query, lists.success), providerSide: isProviderSide(lists.success) }
  })

  const orders: Billing["Service"]["orders"] = (filter) =>
    listing(
      "Billing.orders",
      Effect.gen(function* () {
        const list = yield* supported(context, "billing.orders", driver.listOrders)
        const { isMeant, query } = yield* decodeOrders("billing.orders", filter)
        return Stream.filter(list(query), isMeant)
      })
    )

  const totals: Billing["Service"]["totals"] = Effect.fn("Billing.totals")(function* (filter) {
    const list = yield* supported(context, "billing.orders", driver.listOrders)
    const { isMeant, providerSide, query } = yield* decodeOrders("billing.totals", filter)
    const reported =
      providerSide && driver.orderSums !== undefined ? driver.orderSums(query) : Effect.undefined
    const read = Effect.gen(function* () {
      const sums = yield* Stream.runFold(Stream.filter(list(query), isMeant), () => noSums, addOrder)
      return totalsOf(sums, yield* reported)
    })
    const first = yield* Effect.mapError(read, withAccount(account))
    // An order that came in between the two readings is in both of the next ones.
    return first.verdict === "differs" ? yield* Effect.mapError(read, withAccount(account)) : first
  })

  const unpaid: Billing["Service"]["unpaid"] = (filter = {}) =>
    listing(
      "Billing.unpaid",
      Effect.gen(function* () {
        const operation = "billing.unpaid"
        const list = yield* supported(context, operation, driver.listUnpaid)
        const message = "give the member whose unpaid orders are wanted, or nothing"
        yield* checkFilter(operation, filter, unpaidKeys, message)
        yield* byMember(filter.member)
        const { member } = yield* decodeMember(operation, filter)
        return Stream.filter(list(member), isOf(member))
      })
    )

  const decodeResources = Effect.fnUntraced(function* (request: ByResource) {
    const refuse = (field: string, message: string) =>
      invalidArgument(context, "billing.refund-quotes", field, message)
    const { region, resourceIds, zone } = request
    if (!isName(zone)) return yield* refuse("zone", "give the zone that the resources are in, as text")
    if (region !== undefined && !isName(region)) {
      return yield* refuse("region", "give the region that the zone is in, as text, or leave it out")
    }
    if (!Array.isArray(resourceIds) || resourceIds.length === 0 || !resourceIds.every(isName)) {
      return yield* refuse("resourceIds", "give a list of the ids of one or more resources")
    }
    // A resource that is listed twice is quoted once.
    const ids = Array.from(new Set<string>(resourceIds))
    return { zone, resourceIds: ids, ...(region === undefined ? {} : { region }) }
  })

  const refundQuotes: Billing["Service"]["refundQuotes"] = Effect.fn("Billing.refundQuotes")(
    function* (request) {
      if (typeof request !== "object" || request === null) {
        const message = "give a zone and resources, as { zone, resourceIds }, or a member, as { member }"
        return yield* invalidArgument(context, "billing.refund-quotes", "request", message)
      }
      yield* checkKeys(context, "billing.refund-quotes", request, quoteKeys, "request")
      if (!("member" in request)) {
        const ask = yield* supported(context, "billing.refund-quotes", driver.refundQuotes)
        return yield* Effect.mapError(ask(yield* decodeResources(request)), withAccount(account))
      }
      const operation = "billing.refund-quotes-by-member"
      const ask = yield* supported(context, operation, driver.memberRefundQuotes)
      if ("resourceIds" in request || "zone" in request) {
        const message = "give either a member or resources in a zone, not both"
        return yield* invalidArgument(context, operation, "request", message)
      }
      return yield* Effect.mapError(
        ask(yield* resolveMember(operation, request.member)),
        withAccount(account)
      )
    }
  )

  const entitlements: Billing["Service"]["entitlements"] = Stream.unwrap(
    supported(context, "billing.entitlements", driver.listEntitlements)
  ).pipe(
    Stream.mapError(withAccount(account)),
    Stream.withSpan("Billing.entitlements", { attributes: { account } })
  )

  const balance: Billing["Service"]["balance"] = Effect.flatten(
    supported(context, "billing.balance", driver.balance)
  ).pipe(
    Effect.mapError(withAccount(account)),
    Effect.withSpan("Billing.balance", { attributes: { account } })
  )

  const usage: Billing["Service"]["usage"] = (filter) =>
    listing(
      "Billing.usage",
      Effect.gen(function* () {
        const operation = "billing.usage"
        const list = yield* supported(context, operation, driver.listUsage)
        yield* checkFilter(operation, filter, usageKeys, "give the period whose use is wanted")
        const member = yield* decodeMember(operation, filter)
        const query: DriverFilter = { ...member, period: yield* decodePeriod(operation, filter.period) }
        return Stream.filter(list(query), isOf(query.member))
      })
    )

  const monthlyCost: Billing["Service"]["monthlyCost"] = (filter) =>
    listing(
      "Billing.monthlyCost",
      Effect.gen(function* () {
        const operation = "billing.monthly-cost"
        const list = yield* supported(context, operation, driver.listCosts)
        yield* checkFilter(operation, filter, costKeys, "give the month whose cost is wanted")
        const { month } = filter
        if (typeof month !== "string" || !/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
          return yield* invalidArgument(context, operation, "month", 'give a year and a month, as "2026-11"')
        }
        const { member } = yield* decodeMember(operation, filter)
        return Stream.filter(list({ month, ...(member && { member }) }), isOf(member))
      })
    )

  return { orders, totals, unpaid, refundQuotes, entitlements, balance, usage, monthlyCost }
}

const orderKeys: Names<OrderFilter> = {
  member: true,
  period: true,
  kinds: true,
  statuses: true,
  states: true,
  chargeTypes: true,
  resourceIds: true
}

const unpaidKeys: Names<UnpaidFilter> = { member: true }

const usageKeys: Names<UsageFilter> = { member: true, period: true }

const costKeys: Names<CostFilter> = { member: true, month: true }

const quoteKeys: Names<RefundQuoteRequest> = { member: true, region: true, zone: true, resourceIds: true }

type ByResource = Extract<RefundQuoteRequest, { readonly zone: string }>

/** Selects the rows that are known to be the member's. A row without a member could be any member's. */
const isOf =
  (member: MemberId | undefined) =>
  (row: { readonly member?: MemberId }): boolean =>
    member === undefined || row.member === member
