/**
 * Orders, unpaid orders, their sums and the bill through the client: over the emulator, and over
 * answers as the vendor's pages show them.
 */
import type { Transport } from "@cloud-quota/core"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import type { Request } from "@cloud-quota/core/adapter/Operation"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import type { Service } from "@cloud-quota/compshare/CompShareClient"
import type { Order } from "@cloud-quota/compshare/testing/CompShareEmulator"
import { accountOf } from "@cloud-quota/compshare/AccountBalance"
import type { orderOperations } from "@cloud-quota/compshare/TeamOrder"
import { emulated, scripted, text, untyped, withoutSigning } from "./fixtures/clients.ts"
import { assertLike } from "../../../test/support/like.ts"

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

const zhang = { VirtualCompanyId: 60001, BeginTime: 1_700_000_000, EndTime: 1_700_086_400 }

describe("over the emulator", () => {
  it.effect("what a member ordered is summed up exactly, under one filter or none", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated(world)
      const all = yield* client.describeTeamMemberOrderCount(zhang)
      assert.strictEqual(all.TotalCount, 4)
      const rows = yield* Stream.runCollect(client.stream.describeTeamMemberOrder(zhang))
      assert.lengthOf(rows, 4)
      assert.strictEqual(`${all.Amount}`, "56.97 CNY")
      assert.deepStrictEqual([all.AmountReal, all.AmountFree, all.AmountCoupon].map(String), [
        "5.40 CNY",
        "1.50 CNY",
        "0.00 CNY"
      ])
      const monthly = yield* client.describeTeamMemberOrderCount({ ...zhang, ChargeTypes: "Month" })
      assert.deepInclude(monthly, { TotalCount: 1 })
      assert.strictEqual(`${monthly.Amount}`, "-3.10 CNY")
      const stranger = { ...zhang, VirtualCompanyId: 60009 }
      assertLike(yield* Effect.flip(client.describeTeamMemberOrderCount(stranger)), {
        operation: "DescribeTeamMemberOrderCount",
        reason: { details: { httpStatus: 200 } }
      })
    })
  )

  it.effect("unpaid orders are listed page by page, and summed up", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* emulated(world)
      const all = yield* Stream.runCollect(
        client.stream.describeTeamMemberUnpaidOrder({
          ...zhang,
          OrderBy: "create_time",
          OrderDir: "ASC",
          Limit: 1
        })
      )
      assert.deepStrictEqual(
        all.map(({ Amount, OrderNo }) => `${OrderNo} ${Amount}`),
        ["order-3 50.00 CNY", "order-4 0.07 CNY"]
      )
      // A page of one row could not overlap the one before it.
      assert.deepStrictEqual(
        sent().map(({ Limit, Offset }) => [Offset, Limit]),
        [["0", "2"]]
      )
      const sum = yield* client.describeTeamMemberUnpaidOrderCount({ ...zhang, OrderTypes: ["OT_BUY"] })
      assert.strictEqual(sum.TotalCount, 2)
      assert.strictEqual(`${sum.Amount}`, "50.07 CNY")
    })
  )

  it.effect("times may be absent, and the words of the vendor's page are understood", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* emulated(world)
      yield* TestClock.setTime(1_800_000_000_000)
      const { VirtualCompanyId } = zhang
      const byPage = { VirtualCompanyId, OrderBy: "CreateTime", OrderDir: "Desc" } as const
      assert.deepStrictEqual(
        (yield* client.describeTeamMemberOrder(byPage)).OrderInfos.map(({ OrderNo }) => OrderNo),
        ["order-4", "order-3", "order-2", "order-1"]
      )
      // 2012-01-01 UTC, and 7 days from now.
      const all = { BeginTime: "1325376000", EndTime: "1800604800" }
      assertLike(sent(), [{ ...all, OrderBy: "create_time", OrderDir: "DESC" }])
      assert.lengthOf(
        yield* Stream.runCollect(client.stream.describeTeamMemberOrder({ VirtualCompanyId })),
        4
      )
      assert.lengthOf(
        yield* Stream.runCollect(client.stream.describeTeamMemberUnpaidOrder({ VirtualCompanyId })),
        2
      )
      assert.strictEqual((yield* client.describeTeamMemberOrderCount({ VirtualCompanyId })).TotalCount, 4)
      assert.lengthOf((yield* client.describeTeamMemberUnpaidOrder({ VirtualCompanyId })).OrderInfos, 2)
      assert.strictEqual(
        (yield* client.describeTeamMemberUnpaidOrderCount({ VirtualCompanyId })).TotalCount,
        2
      )
      assert.lengthOf((yield* client.listMemberProductType({ VirtualCompanyId })).ProductTypeList ?? [], 2)
      assert.strictEqual((yield* client.listCompShareTeamOperateLog({})).Total, 0)
      for (const params of sent()) assertLike(params, all)
      // One end may be given alone.
      yield* client.describeTeamMemberOrder({ VirtualCompanyId, BeginTime: 1_900_000_000 })
      assert.deepInclude(sent().at(-1), { BeginTime: "1900000000", EndTime: "1900604800" })
    })
  )

  it.effect("product types are told of the orders in the states that are asked for", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated(world)
      assert.deepStrictEqual((yield* client.listMemberProductType(zhang)).ProductTypeList, [
        "GPU算力",
        "云硬盘"
      ])
      const paid = yield* client.listMemberProductType({ ...zhang, OrderStates: ["OS_FINISHED"] })
      assert.deepStrictEqual(paid.ProductTypeList, ["GPU算力"])
    })
  )

  it.effect("the bill is CSV, of everybody or of one", () =>
    Effect.gen(function* () {
      const { client, requests, sent } = yield* emulated(world)
      const { csv, requestId } = yield* client.downloadTeamOrder()
      const lines = csv.trimEnd().split("\n")
      assert.strictEqual(lines[0], "订单号,订单类型,订单状态,计费类型,金额,实付金额,资源ID,创建时间")
      assert.lengthOf(lines, 6)
      assert.match(requestId ?? "", /^[0-9a-f-]{36}$/)
      const one = yield* client.downloadTeamOrder({ VirtualCompanyId: 60002, OrderStates: ["OS_FINISHED"] })
      assertLike(one.csv.trimEnd().split("\n").slice(1), [
        /^order-5,OT_BUY,OS_FINISHED,Dynamic,99\.00,8\.50,uhost-1,2023-11-15 /
      ])
      assert.deepInclude(sent()[0], { TeamId: "1001", VirtualCompanyId: "0" })
      assert.notProperty(sent()[0], "BeginTime")
      assert.include(requests[0]?.headers["accept"], "text/csv")
      const error = yield* Effect.flip(client.downloadTeamOrder({ VirtualCompanyId: 60009 }))
      assertLike(error, { operation: "DownloadTeamOrder", reason: { _tag: "PermissionDenied" } })
    })
  )

  it.effect("a balance is told in yuan", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ ...world, adminBalanceFen: 123_456n })
      assert.strictEqual(`${accountOf(yield* client.getBalance())?.AmountAvailable}`, "1234.56 CNY")
    })
  )
})

describe("the vendor's own examples", () => {
  const query = { TeamId: 100001, VirtualCompanyId: 300001, BeginTime: 1_700_000_000, EndTime: 1_700_086_400 }
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
      const sum = yield* client.describeTeamMemberOrderCount({ ...query, OrderStates: "Paid" })
      assertLike(sum, { TotalCount: 128, raw: { Amount: "1500.00" } })
      assert.deepStrictEqual([sum.Amount, sum.AmountReal, sum.AmountFree, sum.AmountCoupon].map(String), [
        "1500.00 CNY",
        "1200.00 CNY",
        "100.00 CNY",
        "200.00 CNY"
      ])
      assert.deepStrictEqual(sent().map(withoutSigning), [
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
      const { OrderInfos: orders, Total: total } = yield* client.describeTeamMemberUnpaidOrder({
        ...query,
        Limit: 25
      })
      assertLike(orders, [
        {
          OrderNo: "order-20231115002",
          OrderType: "Buy",
          OrderState: "Unpaid",
          ChargeType: "Month",
          ResourceId: "uhost-yyy",
          CreateTime: 1_700_000_000
        }
      ])
      assert.strictEqual(String(orders[0]?.Amount), "50.00 CNY")
      assert.isUndefined(total)
      assert.deepStrictEqual(sent().map(withoutSigning), [
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
      const sum = yield* client.describeTeamMemberUnpaidOrderCount({ ...query, ChargeTypes: ["Month"] })
      assert.strictEqual(sum.TotalCount, 3)
      assert.strictEqual(String(sum.Amount), "150.00 CNY")
      const { ProductTypeList: productTypes } = yield* client.listMemberProductType({
        ...query,
        OrderStates: ["Paid"]
      })
      assert.deepStrictEqual(productTypes, ["GPU算力", "云硬盘", "弹性IP"])
      assert.isNull((yield* client.listMemberProductType(query)).ProductTypeList)
      assert.deepStrictEqual(sent().map(withoutSigning), [
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
        TeamId: 100001,
        VirtualCompanyId: 0,
        BeginTime: 1_700_000_000,
        EndTime: 1_700_086_400
      })
      assert.strictEqual(csv, file)
      assert.deepStrictEqual(sent().map(withoutSigning), [
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
      const balance = accountOf(yield* client.getBalance())
      assert.strictEqual(String(balance?.Amount), "10.50 CNY")
      assert.strictEqual(
        balance?.AmountAvailable === undefined ? undefined : `${balance.AmountAvailable}`,
        available
      )
      assert.deepStrictEqual(sent().map(withoutSigning), [{ Action: "GetBalance", Region: "cn-wlcb" }])
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
      const page = yield* client.describeTeamMemberUnpaidOrder({ TeamId: 1, ...zhang })
      const sum = yield* client.describeTeamMemberUnpaidOrderCount({ TeamId: 1, ...zhang })
      assert.deepStrictEqual(page.unreadable, [])
      for (const amount of [page.OrderInfos[0]?.Amount, sum.Amount]) {
        if (Quantity.isQuantity(amount)) assert.strictEqual(`${amount}`, shown)
        else {
          assert.isUndefined(shown)
          assert.strictEqual(amount, wire === "null" ? null : "5000")
        }
      }
      assert.deepStrictEqual(sum.raw["Amount"], JSON.parse(wire))
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
      assertLike(error, { money: "not-moved", reason: { _tag: tag } })
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
      assert.deepStrictEqual(yield* Fiber.join(fiber), { csv: "a\n" })
      assert.lengthOf(requests, 3)
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
      assert.include(shown, "<redacted>")
      assert.notMatch(shown, /my_private_key|my_public_key|[0-9a-f]{40}/)
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
    readonly [string, (client: Service) => Stream.Stream<{ readonly OrderNo: string }, CloudQuotaError>]
  > = [
    ["orders", (client) => client.stream.describeTeamMemberOrder({ TeamId: 1, ...zhang, Limit: 2 })],
    [
      "unpaid orders",
      (client) => client.stream.describeTeamMemberUnpaidOrder({ TeamId: 1, ...zhang, Limit: 2 })
    ]
  ]

  it.effect.each(streams)("of %s do not go on for ever where Offset is ignored", ([, stream]) =>
    Effect.gen(function* () {
      const { client, requests } = yield* scripted(Array.from({ length: 9 }, () => page([1, 2])))
      const error = yield* Effect.flip(Stream.runDrain(stream(client)))
      assertLike(error, {
        money: "not-moved",
        operation: /DescribeTeam/,
        reason: { _tag: "MalformedResponse", message: /is the one before it/ }
      })
      assert.lengthOf(requests, 4)
    })
  )

  it.effect.each(streams)("of %s give every row once", ([, stream]) =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([page([1, 2]), page([2, 3]), page([3, 4]), page([4])])
      const rows = yield* Stream.runCollect(stream(client))
      assert.deepStrictEqual(
        rows.map(({ OrderNo }) => OrderNo),
        ["o-1", "o-2", "o-3", "o-4"]
      )
      assert.deepStrictEqual(
        sent().map(({ Offset }) => Offset),
        ["0", "1", "2", "3"]
      )
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
      assert.deepStrictEqual(
        rows.map(({ OrderNo }) => OrderNo),
        ["o-1", "o-2", "o-3", "o-4", "o-5"]
      )
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
    assertLike(error, { money: "not-moved", reason: { _tag: "InvalidRequest", field } })
    assert.deepStrictEqual(requests, [])
  })

  const wrongFilters: ReadonlyArray<readonly [object, string]> = [
    [{ ChargeTypes: "Month" }, "ChargeTypes"],
    [{ ChargeTypes: {} }, "ChargeTypes"],
    [{ ChargeTypes: null }, "ChargeTypes"],
    [{ ChargeTypes: [] }, "ChargeTypes"],
    [{ ChargeTypes: [""] }, "ChargeTypes[0]"],
    [{ OrderStates: [1] }, "OrderStates[0]"],
    [{ OrderTypes: [["OT_BUY"]] }, "OrderTypes[0]"],
    [{ OrderNos: [undefined] }, "OrderNos[0]"],
    [{ ResourceIds: "uhost-1" }, "ResourceIds"],
    [{ ResourceTypes: ["1"] }, "ResourceTypes[0]"],
    [{ Regions: 1 }, "Regions"],
    [{ OrderBy: "createTime" }, "OrderBy"],
    [{ OrderDir: "desc" }, "OrderDir"],
    [{ BeginTime: null }, "BeginTime"],
    [{ EndTime: null }, "EndTime"],
    [{ Limit: null }, "Limit"]
  ]

  it.effect.each(wrongFilters)("orders with %j", ([wrong, field]) =>
    Effect.gen(function* () {
      const query: Request<typeof orderOperations.describeTeamMemberOrder> = untyped({ ...zhang, ...wrong })
      yield* refused((client) => client.describeTeamMemberOrder(query), field)
      yield* refused((client) => client.describeTeamMemberUnpaidOrder(query), field)
      yield* refused((client) => Stream.runDrain(client.stream.describeTeamMemberOrder(query)), field)
    })
  )

  it.effect("sums and product types with a filter of the wrong kind, or without a period", () =>
    Effect.gen(function* () {
      const list = untyped(["Month"])
      yield* refused(
        (client) => client.describeTeamMemberOrderCount({ ...zhang, ChargeTypes: list }),
        "ChargeTypes"
      )
      yield* refused((client) => client.describeTeamMemberOrderCount({ ...zhang, EndTime: 1 }), "EndTime")
      yield* refused(
        (client) => client.describeTeamMemberUnpaidOrderCount({ ...zhang, OrderStates: untyped("Unpaid") }),
        "OrderStates"
      )
      yield* refused(
        (client) => client.listMemberProductType({ ...zhang, OrderStates: untyped("Paid") }),
        "OrderStates"
      )
      yield* refused(
        (client) => client.listMemberProductType({ ...zhang, VirtualCompanyId: 0 }),
        "VirtualCompanyId"
      )
    })
  )

  it.effect.each<[object, string]>([
    [{ VirtualCompanyId: -1 }, "VirtualCompanyId"],
    [{ VirtualCompanyId: null }, "VirtualCompanyId"],
    [{ BeginTime: 2, EndTime: 1 }, "EndTime"],
    [{ BeginTime: "2" }, "BeginTime"],
    [{ EndTime: 1.5 }, "EndTime"],
    [{ OrderStates: "Paid" }, "OrderStates"],
    [{ TeamId: 0 }, "TeamId"]
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
      "an unpaid amount of another kind",
      (client) => client.describeTeamMemberUnpaidOrderCount(zhang),
      `"TotalCount": 1, "Amount": {}`
    ],
    [
      "product types that are no list",
      (client) => client.listMemberProductType(zhang),
      `"ProductTypeList": "GPU"`
    ],
    ["a balance without any amount", (client) => client.getBalance(), `"AccountInfo": {}`],
    [
      "a balance of two accounts",
      (client) => client.getBalance(),
      `"AccountInfo": [{"Amount": "1"}, {"Amount": "2"}]`
    ],
    ["a balance of none", (client) => client.getBalance(), `"AccountInfo": []`]
  ])("%s", ([, use, body]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([text(`{"RetCode": 0, ${body}}`)], { teamId: 1 })
      const error = yield* Effect.flip(use(client))
      assertLike(error, { reason: { _tag: "MalformedResponse" }, money: "not-moved" })
    })
  )
})

describe("a row that is not as documented", () => {
  it.effect("leaves the others readable, and a stream fails at its end", () =>
    Effect.gen(function* () {
      const good = { OrderNo: "o-2", Amount: "1.00", CreateTime: 2 }
      const answer = TestTransport.json({ RetCode: 0, TotalCount: 2, OrderInfos: [{ OrderNo: "o-1" }, good] })
      const { client } = yield* scripted([answer, answer], { teamId: 1 })
      const page = yield* client.describeTeamMemberUnpaidOrder(zhang)
      assert.deepStrictEqual(
        page.OrderInfos.map(({ OrderNo }) => OrderNo),
        ["o-2"]
      )
      assert.deepStrictEqual(page.unreadable, [{ index: 0, problem: "CreateTime: is missing" }])
      const seen: Array<string> = []
      const rows = client.stream
        .describeTeamMemberUnpaidOrder(zhang)
        .pipe(
          Stream.tap(({ OrderNo, raw }) => Effect.sync(() => seen.push(`${OrderNo} ${raw["CreateTime"]}`)))
        )
      const error = yield* Effect.flip(Stream.runDrain(rows))
      assert.deepStrictEqual(seen, ["o-2 2"])
      assertLike(error, { money: "not-moved", reason: { _tag: "MalformedResponse" } })
      assert.include(error.message, "OrderInfos[0]: CreateTime: is missing")
    })
  )
})
