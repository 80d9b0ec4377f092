/**
 * Orders, unpaid orders, their sums and the bill through the client: over the emulator, and over
 * answers as the vendor's pages show them.
 */
import type { Transport } from "@cloud-quota/core"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as TestTransport from "@cloud-quota/core/TestTransport"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import type { Service } from "../src/CompShareClient.ts"
import type { Order } from "../src/CompShareEmulator.ts"
import type { TeamMemberOrderQuery } from "../src/TeamOrder.ts"
import { emulated, scripted, text, untyped, withoutSigning } from "./fixtures/clients.ts"

const order = (number: number, more: Partial<Order> = {}): Order => ({
  virtualCompanyId: 60001,
  OrderNo: `order-${number}`,
  OrderType: "OT_BUY",
  OrderState: "OS_FINISHED",
  ChargeType: "Dynamic",
  Amount: "10.00",
  AmountReal: "8.50",
  AmountFree: "1.50",
  AmountCoupon: "0.00",
  ResourceId: "uhost-1",
  CreateTime: 1_700_000_000 + number,
  OrderDetail: [{ ProductName: "GPU算力", Value: "4090" }],
  ...more
})

const unpaid = { OrderState: "OS_UNPAID", Amount: "50.00", AmountReal: "0.00", AmountFree: "0.00" }

const world = {
  members: [
    { virtualCompanyId: 60001, userCompanyId: 50001, remarkName: "张三" },
    { virtualCompanyId: 60002, userCompanyId: 50002, remarkName: "李四" }
  ],
  orders: [
    order(1),
    order(2, { ChargeType: "Month", Amount: "-3.10", AmountReal: "-3.10", AmountFree: "0.00" }),
    order(3, unpaid),
    order(4, { ...unpaid, Amount: "0.07", OrderDetail: [{ ProductName: "云硬盘", Value: "60" }] }),
    order(5, { virtualCompanyId: 60002, Amount: "99.00" })
  ]
}

const zhang = { virtualCompanyId: 60001, beginTime: 1_700_000_000, endTime: 1_700_086_400 }

describe("over the emulator", () => {
  it.effect("what a member ordered is summed up exactly, under one filter or none", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated(world)
      const all = yield* client.describeTeamMemberOrderCount(zhang)
      expect(all.totalCount).toBe(4)
      const rows = yield* Stream.runCollect(client.teamMemberOrders(zhang))
      expect(rows).toHaveLength(4)
      expect(`${all.amount}`).toBe("56.97 CNY")
      expect([all.amountReal, all.amountFree, all.amountCoupon].map(String)).toEqual([
        "5.40 CNY",
        "1.50 CNY",
        "0.00 CNY"
      ])
      const monthly = yield* client.describeTeamMemberOrderCount({ ...zhang, chargeTypes: "Month" })
      expect(monthly).toMatchObject({ totalCount: 1 })
      expect(`${monthly.amount}`).toBe("-3.10 CNY")
      const stranger = { ...zhang, virtualCompanyId: 60009 }
      expect(yield* Effect.flip(client.describeTeamMemberOrderCount(stranger))).toMatchObject({
        operation: "DescribeTeamMemberOrderCount",
        reason: { details: { httpStatus: 200 } }
      })
    })
  )

  it.effect("unpaid orders are listed page by page, and summed up", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* emulated(world)
      const all = yield* Stream.runCollect(
        client.teamMemberUnpaidOrders({ ...zhang, orderBy: "create_time", orderDir: "ASC", limit: 1 })
      )
      expect(all.map(({ amount, orderNo }) => `${orderNo} ${amount}`)).toEqual([
        "order-3 50.00 CNY",
        "order-4 0.07 CNY"
      ])
      // A page of one row could not overlap the one before it.
      expect(sent().map(({ Limit, Offset }) => [Offset, Limit])).toEqual([["0", "2"]])
      const sum = yield* client.describeTeamMemberUnpaidOrderCount({ ...zhang, orderTypes: ["OT_BUY"] })
      expect(sum.totalCount).toBe(2)
      expect(`${sum.amount}`).toBe("50.07 CNY")
    })
  )

  it.effect("times may be absent, and the words of the vendor's page are understood", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* emulated(world)
      yield* TestClock.setTime(1_800_000_000_000)
      const { virtualCompanyId } = zhang
      const byPage = { virtualCompanyId, orderBy: "CreateTime", orderDir: "Desc" } as const
      expect((yield* client.describeTeamMemberOrder(byPage)).orders.map(({ orderNo }) => orderNo)).toEqual([
        "order-4",
        "order-3",
        "order-2",
        "order-1"
      ])
      // 2012-01-01 UTC, and 7 days from now.
      const all = { BeginTime: "1325376000", EndTime: "1800604800" }
      expect(sent()).toMatchObject([{ ...all, OrderBy: "create_time", OrderDir: "DESC" }])
      expect(yield* Stream.runCollect(client.teamMemberOrders({ virtualCompanyId }))).toHaveLength(4)
      expect(yield* Stream.runCollect(client.teamMemberUnpaidOrders({ virtualCompanyId }))).toHaveLength(2)
      expect((yield* client.describeTeamMemberOrderCount({ virtualCompanyId })).totalCount).toBe(4)
      expect((yield* client.describeTeamMemberUnpaidOrder({ virtualCompanyId })).orders).toHaveLength(2)
      expect((yield* client.describeTeamMemberUnpaidOrderCount({ virtualCompanyId })).totalCount).toBe(2)
      expect((yield* client.listMemberProductType({ virtualCompanyId })).productTypes).toHaveLength(2)
      expect((yield* client.listCompShareTeamOperateLog({})).total).toBe(0)
      for (const params of sent()) expect(params).toMatchObject(all)
      // One end may be given alone.
      yield* client.describeTeamMemberOrder({ virtualCompanyId, beginTime: 1_900_000_000 })
      expect(sent().at(-1)).toMatchObject({ BeginTime: "1900000000", EndTime: "1900604800" })
    })
  )

  it.effect("product types are told of the orders in the states that are asked for", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated(world)
      expect((yield* client.listMemberProductType(zhang)).productTypes).toEqual(["GPU算力", "云硬盘"])
      const paid = yield* client.listMemberProductType({ ...zhang, orderStates: ["OS_FINISHED"] })
      expect(paid.productTypes).toEqual(["GPU算力"])
    })
  )

  it.effect("the bill is CSV, of everybody or of one", () =>
    Effect.gen(function* () {
      const { client, requests, sent } = yield* emulated(world)
      const { csv, requestId } = yield* client.downloadTeamOrder()
      const lines = csv.trimEnd().split("\n")
      expect(lines[0]).toBe("订单号,订单类型,订单状态,计费类型,金额,实付金额,资源ID,创建时间")
      expect(lines).toHaveLength(6)
      expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
      const one = yield* client.downloadTeamOrder({ virtualCompanyId: 60002, orderStates: ["OS_FINISHED"] })
      expect(one.csv.trimEnd().split("\n").slice(1)).toEqual([
        expect.stringMatching(/^order-5,OT_BUY,OS_FINISHED,Dynamic,99\.00,8\.50,uhost-1,2023-11-15 /)
      ])
      expect(sent()[0]).toMatchObject({ TeamId: "1001", VirtualCompanyId: "0" })
      expect(sent()[0]).not.toHaveProperty("BeginTime")
      expect(requests[0]?.headers["accept"]).toContain("text/csv")
      const error = yield* Effect.flip(client.downloadTeamOrder({ virtualCompanyId: 60009 }))
      expect(error).toMatchObject({ operation: "DownloadTeamOrder", reason: { _tag: "PermissionDenied" } })
    })
  )

  it.effect("a balance is told in yuan", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ ...world, adminBalanceFen: 123_456n })
      expect(`${(yield* client.getBalance).amountAvailable}`).toBe("1234.56 CNY")
    })
  )
})

describe("the vendor's own examples", () => {
  const query = { teamId: 100001, virtualCompanyId: 300001, beginTime: 1_700_000_000, endTime: 1_700_086_400 }
  const params = {
    TeamId: "100001",
    VirtualCompanyId: "300001",
    BeginTime: "1700000000",
    EndTime: "1700086400",
    Region: "cn-wlcb"
  }

  it.effect("DescribeTeamMemberOrderCount", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{
  "Action": "DescribeTeamMemberOrderCountResponse", "RetCode": 0, "TotalCount": 128,
  "Amount": "1500.00", "AmountReal": "1200.00", "AmountFree": "100.00", "AmountCoupon": "200.00"
}`)
      ])
      const sum = yield* client.describeTeamMemberOrderCount({ ...query, orderStates: "Paid" })
      expect(sum).toMatchObject({ totalCount: 128, details: { Amount: "1500.00" } })
      expect([sum.amount, sum.amountReal, sum.amountFree, sum.amountCoupon].map(String)).toEqual([
        "1500.00 CNY",
        "1200.00 CNY",
        "100.00 CNY",
        "200.00 CNY"
      ])
      expect(sent().map(withoutSigning)).toEqual([
        { Action: "DescribeTeamMemberOrderCount", ...params, OrderStates: "Paid" }
      ])
    })
  )

  it.effect("DescribeTeamMemberUnpaidOrder", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{
  "Action": "DescribeTeamMemberUnpaidOrderResponse", "RetCode": 0,
  "OrderInfos": [
    {
      "OrderNo": "order-20231115002", "OrderType": "Buy", "OrderState": "Unpaid", "Amount": "50.00",
      "ChargeType": "Month", "ResourceId": "uhost-yyy", "CreateTime": 1700000000
    }
  ]
}`)
      ])
      const { orders, total } = yield* client.describeTeamMemberUnpaidOrder({ ...query, limit: 25 })
      expect(orders).toMatchObject([
        {
          orderNo: "order-20231115002",
          orderType: "Buy",
          orderState: "Unpaid",
          chargeType: "Month",
          resourceId: "uhost-yyy",
          createTime: 1_700_000_000
        }
      ])
      expect(String(orders[0]?.amount)).toBe("50.00 CNY")
      expect(total).toBeUndefined()
      expect(sent().map(withoutSigning)).toEqual([
        { Action: "DescribeTeamMemberUnpaidOrder", ...params, Limit: "25", Offset: "0" }
      ])
    })
  )

  it.effect("DescribeTeamMemberUnpaidOrderCount and ListMemberProductType", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(
          `{"Action": "DescribeTeamMemberUnpaidOrderCountResponse", "RetCode": 0, "TotalCount": 3, "Amount": "150.00"}`
        ),
        text(
          `{"Action": "ListMemberProductTypeResponse", "RetCode": 0, "ProductTypeList": ["GPU算力", "云硬盘", "弹性IP"]}`
        ),
        text(`{"RetCode": 0, "ProductTypeList": null}`)
      ])
      const sum = yield* client.describeTeamMemberUnpaidOrderCount({ ...query, chargeTypes: ["Month"] })
      expect(sum.totalCount).toBe(3)
      expect(String(sum.amount)).toBe("150.00 CNY")
      const { productTypes } = yield* client.listMemberProductType({ ...query, orderStates: ["Paid"] })
      expect(productTypes).toEqual(["GPU算力", "云硬盘", "弹性IP"])
      expect((yield* client.listMemberProductType(query)).productTypes).toEqual([])
      expect(sent().map(withoutSigning)).toEqual([
        { Action: "DescribeTeamMemberUnpaidOrderCount", ...params, "ChargeTypes.0": "Month" },
        { Action: "ListMemberProductType", ...params, "OrderStates.0": "Paid" },
        { Action: "ListMemberProductType", ...params }
      ])
    })
  )

  it.effect("DownloadTeamOrder", () =>
    Effect.gen(function* () {
      const file = `订单号,订单类型,订单状态,计费类型,金额,实付金额,资源ID,创建时间
order-20231115001,Buy,Paid,Dynamic,10.00,8.50,uhost-xxx,2023-11-15 00:00:00
order-20231115002,Buy,Unpaid,Month,50.00,50.00,uhost-yyy,2023-11-15 01:00:00
`
      const { client, sent } = yield* scripted([
        text(file, 200, {
          "content-type": "text/csv; charset=utf-8",
          "content-disposition": "attachment; filename=team_order.csv"
        })
      ])
      const { csv } = yield* client.downloadTeamOrder({
        teamId: 100001,
        virtualCompanyId: 0,
        beginTime: 1_700_000_000,
        endTime: 1_700_086_400
      })
      expect(csv).toBe(file)
      expect(sent().map(withoutSigning)).toEqual([
        { Action: "DownloadTeamOrder", ...params, VirtualCompanyId: "0" }
      ])
    })
  )

  it.effect.each<[string, string, string | undefined]>([
    [
      "as the SDK has it",
      `{"AccountInfo": {"Amount": "10.50", "AmountAvailable": "8.25", "AmountCredit": "0", "AmountFree": "1.00", "AmountFreeze": "2.25"}`,
      "8.25 CNY"
    ],
    ["as the page has it", `{"AccountInfo": [{"Amount": "10.50", "AmountFreeze": 6.51374}]`, undefined],
    ["as its example has it", `{"Amount": 10.50, "AmountFree": 1.18659`, undefined]
  ])("GetBalance %s", ([, body, available]) =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([text(`${body}, "RetCode": 0}`)])
      const balance = yield* client.getBalance
      expect(String(balance.amount)).toBe("10.50 CNY")
      expect(balance.amountAvailable === undefined ? undefined : `${balance.amountAvailable}`).toBe(available)
      expect(sent().map(withoutSigning)).toEqual([{ Action: "GetBalance", Region: "cn-wlcb" }])
    })
  )
})

describe("an unpaid amount", () => {
  it.effect.each<[string, string | undefined]>([
    [`"50.00"`, "50.00 CNY"],
    [`"-0.07"`, "-0.07 CNY"],
    ["5000", undefined],
    [`"5000"`, undefined],
    ["null", undefined]
  ])("of %s is %s", ([wire, shown]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([
        text(`{"RetCode": 0, "OrderInfos": [{"OrderNo": "a", "CreateTime": 1, "Amount": ${wire}}]}`),
        text(`{"RetCode": 0, "TotalCount": 1, "Amount": ${wire}}`)
      ])
      const { orders } = yield* client.describeTeamMemberUnpaidOrder({ teamId: 1, ...zhang })
      const sum = yield* client.describeTeamMemberUnpaidOrderCount({ teamId: 1, ...zhang })
      const [order] = orders
      expect(order).toBeDefined()
      for (const { amount, details } of order === undefined ? [] : [order, sum]) {
        expect(amount === undefined ? undefined : `${amount}`).toBe(shown)
        expect(details["Amount"]).toEqual(JSON.parse(wire))
      }
    })
  )
})

describe("a bill", () => {
  const csv = { "content-type": "text/csv" }
  const json = { "content-type": "application/json" }

  it.effect.each<[string, Transport.Response, string]>([
    ["refused as JSON", text(`{"RetCode": 200}`, 200, json), "PermissionDenied"],
    ["refused as JSON that says that it is CSV", text(`{"RetCode": 200}`, 200, csv), "PermissionDenied"],
    ["that is JSON after all", text(`{"RetCode": 0, "Amount": "1.00"}`, 200, json), "MalformedResponse"],
    ["that is cut off JSON", text(`{"RetCode": 20`, 200, csv), "MalformedResponse"],
    [
      "that is a page of some gateway",
      text("<html>", 200, { "content-type": "text/html" }),
      "MalformedResponse"
    ],
    ["that does not say what it is", text("a,b\n1,2\n"), "MalformedResponse"],
    ["without even its titles", text("\n", 200, csv), "MalformedResponse"],
    ["in another encoding", text("\uFFFD\uFFFD,a\n", 200, csv), "MalformedResponse"],
    ["with a status that fails", text("a,b\n", 500, csv), "Unavailable"]
  ])("%s is a failure", ([, answer, tag]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([answer], { teamId: 1, retry: { attempts: 1 } })
      const error = yield* Effect.flip(client.downloadTeamOrder())
      expect(error).toMatchObject({ money: "not-moved", reason: { _tag: tag } })
    })
  )

  it.effect("is asked for again after a passing failure", () =>
    Effect.gen(function* () {
      const { client, requests } = yield* scripted(
        [TestTransport.json({ RetCode: 153 }), text("", 503, csv), text("a\n", 200, csv)],
        { teamId: 1 }
      )
      const fiber = yield* Effect.forkChild(client.downloadTeamOrder())
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toEqual({ csv: "a\n" })
      expect(requests).toHaveLength(3)
    })
  )

  it.effect("shows no secret in its failure", () =>
    Effect.gen(function* () {
      const { client } = yield* scripted(
        [
          ({ body = "" }) =>
            text(JSON.stringify({ RetCode: 171, Message: `${body} my_private_key` }), 200, json)
        ],
        { teamId: 1 }
      )
      const shown = inspect(yield* Effect.flip(client.downloadTeamOrder()), { depth: 9 })
      expect(shown).toContain("<redacted>")
      expect(shown).not.toMatch(/my_private_key|my_public_key|[0-9a-f]{40}/)
    })
  )
})

describe("pages", () => {
  const page = (numbers: ReadonlyArray<number>, more: object = {}) =>
    TestTransport.json({
      RetCode: 0,
      OrderInfos: numbers.map((number) => ({ OrderNo: `o-${number}`, Amount: "1.00", CreateTime: number })),
      ...more
    })
  const streams: ReadonlyArray<
    readonly [string, (client: Service) => Stream.Stream<{ readonly orderNo: string }, CloudQuotaError>]
  > = [
    ["orders", (client) => client.teamMemberOrders({ teamId: 1, ...zhang, limit: 2 })],
    ["unpaid orders", (client) => client.teamMemberUnpaidOrders({ teamId: 1, ...zhang, limit: 2 })]
  ]

  it.effect.each(streams)("of %s do not go on for ever where Offset is ignored", ([, stream]) =>
    Effect.gen(function* () {
      const { client, requests } = yield* scripted(Array.from({ length: 9 }, () => page([1, 2])))
      const error = yield* Effect.flip(Stream.runDrain(stream(client)))
      expect(error).toMatchObject({
        money: "not-moved",
        operation: expect.stringContaining("DescribeTeam"),
        reason: { _tag: "MalformedResponse", message: expect.stringContaining("is the one before it") }
      })
      expect(requests).toHaveLength(4)
    })
  )

  it.effect.each(streams)("of %s give every row once", ([, stream]) =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([page([1, 2]), page([2, 3]), page([3, 4]), page([4])])
      const rows = yield* Stream.runCollect(stream(client))
      expect(rows.map(({ orderNo }) => orderNo)).toEqual(["o-1", "o-2", "o-3", "o-4"])
      expect(sent().map(({ Offset }) => Offset)).toEqual(["0", "1", "2", "3"])
    })
  )

  it.effect.each(streams)("of %s leave nobody out while rows come and go", ([, stream]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([
        page([1, 2], { TotalCount: 5 }),
        // Order 1 is gone, so that order 3 has moved to where order 2 was.
        page([3, 4], { TotalCount: 4 }),
        page([2, 3], { TotalCount: 4 }),
        // Order 0 is new, and has pushed them down again.
        page([2, 3], { TotalCount: 5 }),
        page([3, 4], { TotalCount: 5 }),
        page([4, 5], { TotalCount: 5 })
      ])
      const rows = yield* Stream.runCollect(stream(client))
      expect(rows.map(({ orderNo }) => orderNo)).toEqual(["o-1", "o-2", "o-3", "o-4", "o-5"])
    })
  )
})

describe("what is not sent", () => {
  const refused = Effect.fnUntraced(function* (
    use: (client: Service) => Effect.Effect<unknown, CloudQuotaError>,
    field: string
  ) {
    const { client, requests } = yield* scripted([], { teamId: 1 })
    const error = yield* Effect.flip(use(client))
    expect(error).toMatchObject({ money: "not-moved", reason: { _tag: "InvalidRequest", field } })
    expect(requests).toEqual([])
  })

  const wrongFilters: ReadonlyArray<readonly [object, string]> = [
    [{ chargeTypes: "Month" }, "chargeTypes"],
    [{ chargeTypes: {} }, "chargeTypes"],
    [{ chargeTypes: null }, "chargeTypes"],
    [{ chargeTypes: [] }, "chargeTypes"],
    [{ chargeTypes: [""] }, "chargeTypes"],
    [{ orderStates: [1] }, "orderStates"],
    [{ orderTypes: [["OT_BUY"]] }, "orderTypes"],
    [{ orderNos: [undefined] }, "orderNos"],
    [{ resourceIds: "uhost-1" }, "resourceIds"],
    [{ resourceTypes: ["1"] }, "resourceTypes"],
    [{ regions: 1 }, "regions"],
    [{ orderBy: "createTime" }, "orderBy"],
    [{ orderDir: "desc" }, "orderDir"],
    [{ beginTime: null }, "beginTime"],
    [{ endTime: null }, "endTime"],
    [{ limit: null }, "limit"]
  ]

  it.effect.each(wrongFilters)("orders with %j", ([wrong, field]) =>
    Effect.gen(function* () {
      const query: TeamMemberOrderQuery = untyped({ ...zhang, ...wrong })
      yield* refused((client) => client.describeTeamMemberOrder(query), field)
      yield* refused((client) => client.describeTeamMemberUnpaidOrder(query), field)
      yield* refused((client) => Stream.runDrain(client.teamMemberOrders(query)), field)
    })
  )

  it.effect("sums and product types with a filter of the wrong kind, or without a period", () =>
    Effect.gen(function* () {
      const list = untyped(["Month"])
      yield* refused(
        (client) => client.describeTeamMemberOrderCount({ ...zhang, chargeTypes: list }),
        "chargeTypes"
      )
      yield* refused((client) => client.describeTeamMemberOrderCount({ ...zhang, endTime: 1 }), "endTime")
      yield* refused(
        (client) => client.describeTeamMemberUnpaidOrderCount({ ...zhang, orderStates: untyped("Unpaid") }),
        "orderStates"
      )
      yield* refused(
        (client) => client.listMemberProductType({ ...zhang, orderStates: untyped("Paid") }),
        "orderStates"
      )
      yield* refused(
        (client) => client.listMemberProductType({ ...zhang, virtualCompanyId: 0 }),
        "virtualCompanyId"
      )
    })
  )

  it.effect.each<[object, string]>([
    [{ virtualCompanyId: -1 }, "virtualCompanyId"],
    [{ virtualCompanyId: null }, "virtualCompanyId"],
    [{ beginTime: 2, endTime: 1 }, "endTime"],
    [{ beginTime: "2" }, "beginTime"],
    [{ endTime: 1.5 }, "endTime"],
    [{ orderStates: "Paid" }, "orderStates"],
    [{ teamId: 0 }, "teamId"]
  ])("a bill with %j", ([wrong, field]) =>
    refused((client) => client.downloadTeamOrder(untyped(wrong)), field)
  )
})

describe("answers that are not as documented", () => {
  it.effect.each<[string, (client: Service) => Effect.Effect<unknown, CloudQuotaError>, string]>([
    ["a sum without a count", (client) => client.describeTeamMemberOrderCount(zhang), `"Amount": "1.00"`],
    [
      "a sum of no amount",
      (client) => client.describeTeamMemberOrderCount(zhang),
      `"TotalCount": 1, "Amount": "1,00"`
    ],
    [
      "an unpaid order of nobody knows when",
      (client) => client.describeTeamMemberUnpaidOrder(zhang),
      `"OrderInfos": [{"OrderNo": "a"}]`
    ],
    [
      "an unpaid amount of another kind",
      (client) => client.describeTeamMemberUnpaidOrderCount(zhang),
      `"TotalCount": 1, "Amount": {}`
    ],
    [
      "product types that are no list",
      (client) => client.listMemberProductType(zhang),
      `"ProductTypeList": "GPU"`
    ],
    ["a balance without any amount", (client) => client.getBalance, `"AccountInfo": {}`],
    [
      "a balance of two accounts",
      (client) => client.getBalance,
      `"AccountInfo": [{"Amount": "1"}, {"Amount": "2"}]`
    ],
    ["a balance of none", (client) => client.getBalance, `"AccountInfo": []`]
  ])("%s", ([, use, body]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([text(`{"RetCode": 0, ${body}}`)], { teamId: 1 })
      const error = yield* Effect.flip(use(client))
      expect(error).toMatchObject({ reason: { _tag: "MalformedResponse" }, money: "not-moved" })
    })
  )
})
