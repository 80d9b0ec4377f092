/**
 * Orders on the wire: rows, totals, product types and the CSV file.
 */
import * as Result from "effect/Result"
import {
  type Action,
  type Actions,
  type Call,
  list,
  noPermission,
  optionalInteger,
  ownTeam,
  page,
  period,
  teamMember,
  uint32
} from "./call.ts"
import { type Order, amounts, sum } from "./orderBook.ts"
import { notAvailable, type Params, type Refusal } from "./wire.ts"

/** A filter: its name on the wire, and the value it compares. */
type Filters = ReadonlyArray<readonly [name: string, valueOf: (order: Order) => string | number | undefined]>

type Predicate = (order: Order) => boolean

const chargeTypes: Filters[number] = ["ChargeTypes", (order) => order.ChargeType]
const orderStates: Filters[number] = ["OrderStates", (order) => order.OrderState]
const orderTypes: Filters[number] = ["OrderTypes", (order) => order.OrderType]
const regions: Filters[number] = ["Regions", (order) => order.RegionId]
const resourceIds: Filters[number] = ["ResourceIds", (order) => order.ResourceId]
const resourceTypes: Filters[number] = ["ResourceTypes", (order) => order.ResourceType]
const orderNos: Filters[number] = ["OrderNos", (order) => order.OrderNo]
const transactionNos: Filters[number] = ["TransactionNos", (order) => order.TradeNo]

/** Filters that each take a list, `Name.0`. An unknown word finds nothing: the vocabularies are open. */
const inLists = (params: Params, filters: Filters): Result.Result<Predicate, Refusal> =>
  Result.gen(function* () {
    const wanted: Array<Predicate> = []
    for (const [name, valueOf] of filters) {
      const words = yield* list(params, name)
      if (words.length > 0) wanted.push((order) => words.includes(String(valueOf(order))))
    }
    return every(wanted)
  })

/** Filters that each take one word, `Name`, where the rows take a list. A list is refused. */
const asText = (params: Params, filters: Filters): Result.Result<Predicate, Refusal> =>
  Result.gen(function* () {
    const wanted: Array<Predicate> = []
    for (const [name, valueOf] of filters) {
      const numbered = [...params.keys()].find((key) => key.startsWith(`${name}.`))
      if (numbered !== undefined) return yield* notAvailable(numbered)
      const word = params.get(name) ?? ""
      if (word !== "") wanted.push((order) => word === String(valueOf(order)))
    }
    return every(wanted)
  })

const every =
  (predicates: ReadonlyArray<Predicate>): Predicate =>
  (order) =>
    predicates.every((holds) => holds(order))

/** The vendor's page has `Unpaid`. `OS_UNPAID`, modelled on the known states, is an undocumented choice. */
const isUnpaid: Predicate = (order) => order.OrderState === "OS_UNPAID" || order.OrderState === "Unpaid"

/** One page of one member's orders. The result is cached for the following pages. */
const pageOfOrders = ({ params, world }: Call, among: Predicate) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    const member = yield* teamMember(team, params)
    const isInPeriod = yield* period(params)
    const { cut, limit, offset } = yield* page(params)
    const time = orderTimes.get(params.get("OrderBy") ?? "create_time")
    if (time === undefined) return yield* notAvailable("OrderBy")
    const sign = orderDirections.get(params.get("OrderDir") ?? "DESC")
    if (sign === undefined) return yield* notAvailable("OrderDir")
    const matches = yield* inLists(params, rowFilters)

    const found = world.orders.view(viewKey(params), () =>
      world.orders
        .of(member)
        .filter((order) => among(order) && isInPeriod(order.CreateTime) && matches(order))
        // The sort is stable: orders of one second keep their order, so that pages neither repeat nor skip
        // any.
        .sort((one, two) => sign * (time(one) - time(two)))
    )
    return { rows: cut(found), paging: { Total: found.length, Limit: limit, Offset: offset } }
  })

const rowFilters: Filters = [
  chargeTypes,
  orderStates,
  resourceIds,
  orderTypes,
  orderNos,
  regions,
  resourceTypes
]

/** All parameters except those that differ from page to page. */
const viewKey = (params: Params): string =>
  JSON.stringify([...params].filter(([name]) => !["Limit", "Offset", "Signature"].includes(name)))

/** `CreateTime` and `Desc` are the words of the vendor's page; the others are those of its own client. */
const orderDirections: ReadonlyMap<string, 1 | -1> = new Map([
  ["ASC", 1],
  ["Asc", 1],
  ["DESC", -1],
  ["Desc", -1]
])

const orderTimes: ReadonlyMap<string, (order: Order) => number> = new Map([
  ["CreateTime", (order: Order) => order.CreateTime],
  ["create_time", (order: Order) => order.CreateTime],
  ["order_start_time", (order: Order) => order.StartTime ?? order.CreateTime],
  ["order_end_time", (order: Order) => order.EndTime ?? order.CreateTime]
])

const describeOrders: Action = (call) =>
  Result.map(
    pageOfOrders(call, () => true),
    ({ paging, rows }) => ({
      ...paging,
      OrderInfos: rows.map(({ virtualCompanyId: _, OrderDetail, ...row }) => ({
        ...row,
        OrderDetail: OrderDetail.map((detail) => ({ ...detail }))
      }))
    })
  )

/**
 * The columns that the vendor's page and the documents of its clients share. They differ about `Amount`: as
 * on the page, it is yuan as text.
 */
const describeUnpaidOrders: Action = (call) =>
  Result.map(pageOfOrders(call, isUnpaid), ({ paging, rows }) => ({
    ...paging,
    OrderInfos: rows.map((order) => ({
      OrderNo: order.OrderNo,
      OrderType: order.OrderType,
      OrderState: order.OrderState,
      Amount: order.Amount,
      ChargeType: order.ChargeType,
      ResourceId: order.ResourceId,
      ResourceType: order.ResourceType,
      RegionId: order.RegionId,
      Quantity: order.Quantity,
      CreateTime: order.CreateTime,
      UpdateTime: order.UpdateTime,
      StartTime: order.StartTime,
      EndTime: order.EndTime,
      TradeNo: order.TradeNo
    }))
  }))

/** All of one member's orders in the period. */
const memberOrders = ({ params, world }: Call) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    const member = yield* teamMember(team, params)
    const isInPeriod = yield* period(params)
    return world.orders.of(member).filter((order) => isInPeriod(order.CreateTime))
  })

const countOrders: Action = (call) =>
  Result.gen(function* () {
    const orders = yield* memberOrders(call)
    const matches = yield* asText(call.params, [regions, resourceTypes, orderTypes, chargeTypes, orderStates])
    const found = orders.filter(matches)
    const totals = amounts.map((name) => [name, sum(found.map((order) => order[name] ?? "0"))] as const)
    return { TotalCount: found.length, ...Object.fromEntries(totals) }
  })

const countUnpaidOrders: Action = (call) =>
  Result.gen(function* () {
    const orders = yield* memberOrders(call)
    const inText = yield* asText(call.params, [resourceIds, resourceTypes])
    const inList = yield* inLists(call.params, [
      orderTypes,
      orderStates,
      chargeTypes,
      regions,
      transactionNos
    ])
    const found = orders.filter((order) => isUnpaid(order) && inText(order) && inList(order))
    return { TotalCount: found.length, Amount: sum(found.map((order) => order.Amount)) }
  })

/** Undocumented choice: a product type is the `ProductName` of an order's detail, each listed once. */
const listProductTypes: Action = (call) =>
  Result.gen(function* () {
    const orders = yield* memberOrders(call)
    const matches = yield* inLists(call.params, [orderStates])
    const names = orders.filter(matches).flatMap((order) => order.OrderDetail.map((one) => one.ProductName))
    return { ProductTypeList: [...new Set(names)] }
  })

/**
 * The columns of the vendor's example. Undocumented choices: oldest first, times in China Standard Time,
 * commas and quotes as in RFC 4180, and a line break after every line.
 */
const downloadOrders: Action = ({ params, world }) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    const member = Number(yield* optionalInteger(params, "VirtualCompanyId", uint32, 0n))
    const isInPeriod = yield* period(params)
    const matches = yield* inLists(params, [orderStates])
    const ids = team.members.map((one) => one.virtualCompanyId).filter((id) => id > 0)
    if (member !== 0 && !ids.includes(member)) return yield* noPermission
    const rows = (member === 0 ? ids : [member])
      .flatMap((id) => world.orders.of(id))
      .filter((order) => isInPeriod(order.CreateTime) && matches(order))
      .sort((one, two) => one.CreateTime - two.CreateTime)
      .map((order) => [
        order.OrderNo,
        order.OrderType,
        order.OrderState,
        order.ChargeType,
        order.Amount,
        order.AmountReal,
        order.ResourceId,
        chinaTime(order.CreateTime)
      ])
    return {
      _tag: "Download" as const,
      fileName: "team_order.csv",
      contentType: "text/csv",
      text: [csvHeader, ...rows].map((row) => `${row.map(csvField).join(",")}\n`).join("")
    }
  })

const csvHeader = ["订单号", "订单类型", "订单状态", "计费类型", "金额", "实付金额", "资源ID", "创建时间"]

const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const chinaTime = (seconds: number): string =>
  new Date((seconds + 8 * 3600) * 1000).toISOString().slice(0, 19).replace("T", " ")

export const orderActions: Actions = [
  ["DescribeTeamMemberOrder", describeOrders],
  ["DescribeTeamMemberOrderCount", countOrders],
  ["DescribeTeamMemberUnpaidOrder", describeUnpaidOrders],
  ["DescribeTeamMemberUnpaidOrderCount", countUnpaidOrders],
  ["ListMemberProductType", listProductTypes],
  ["DownloadTeamOrder", downloadOrders]
]
