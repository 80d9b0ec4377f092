/**
 * The emulator's orders on the wire: rows that come and go, totals, unpaid ones, and the CSV file.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { call, type Params, refusal, send } from "./fixtures/signedCall.ts"
import { assertLike } from "../../../test/support/like.ts"

const order = (number: number, change: Partial<CompShareEmulator.Order> = {}): CompShareEmulator.Order => ({
  virtualCompanyId: 300001,
  OrderNo: `order-2023111500${number}`,
  OrderType: "Buy",
  OrderState: "Paid",
  ChargeType: "Dynamic",
  Amount: "10.00",
  AmountReal: "8.50",
  ResourceId: "uhost-xxx",
  CreateTime: 1_700_000_000 + number,
  OrderDetail: [{ ProductName: "GPU算力", Value: "NVIDIA A100" }],
  ...change
})

const unpaid = order(2, {
  OrderState: "Unpaid",
  Amount: "50.00",
  AmountReal: "50.00",
  ChargeType: "Month",
  ResourceId: "uhost-yyy"
})

const example: CompShareEmulator.Settings = {
  teamId: 100001,
  members: [{ virtualCompanyId: 300001, remarkName: "张三" }, { virtualCompanyId: 300002 }],
  orders: [order(1), unpaid]
}

const ask = (Action: string, change: Params = {}): Params => ({
  Action,
  TeamId: "100001",
  VirtualCompanyId: "300001",
  BeginTime: "1700000000",
  EndTime: "1700086400",
  ...change
})

const numbers = (answer: Readonly<Record<string, unknown>>) =>
  (answer["OrderInfos"] as ReadonlyArray<CompShareEmulator.Order>).map((row) => row.OrderNo)

describe("totals", () => {
  const count = (change: Params = {}) => ask("DescribeTeamMemberOrderCount", change)

  it.effect("are the exact sums of the rows, refunds and fractions of a fen included", () =>
    Effect.gen(function* () {
      const orders = [
        order(1, { Amount: "1200.00", AmountReal: "1000", AmountFree: "0.1", AmountCoupon: "0.2" }),
        order(2, { Amount: "-200.005", AmountReal: "-0.01" }),
        order(3, { virtualCompanyId: 300002, Amount: "7.00" })
      ]
      const emulator = yield* CompShareEmulator.make({ ...example, orders })
      assert.deepStrictEqual(yield* call(emulator, count()), {
        Action: "DescribeTeamMemberOrderCountResponse",
        RetCode: 0,
        TotalCount: 2,
        Amount: "999.995",
        AmountReal: "999.99",
        AmountFree: "0.10",
        AmountCoupon: "0.20"
      })
      assert.deepInclude(yield* call(emulator, count({ BeginTime: "1", EndTime: "2" })), {
        TotalCount: 0,
        Amount: "0.00"
      })
    })
  )

  it.effect("follow the filters of the rows, each given as one word", () =>
    Effect.gen(function* () {
      const orders = [
        order(1, { RegionId: 3001, ResourceType: 1 }),
        order(2, { OrderState: "OS_UNPAID", ChargeType: "Month", OrderType: "OT_RENEW" })
      ]
      const emulator = yield* CompShareEmulator.make({ ...example, orders })
      for (const [name, word] of [
        ["OrderStates", "OS_UNPAID"],
        ["ChargeTypes", "Month"],
        ["OrderTypes", "OT_RENEW"],
        ["Regions", "3001"],
        ["ResourceTypes", "1"]
      ] as const) {
        assert.deepInclude(yield* call(emulator, count({ [name]: word })), { TotalCount: 1 }, name)
        const rows = yield* call(emulator, ask("DescribeTeamMemberOrder", { [`${name}.0`]: word }))
        assert.deepInclude(rows, { Total: 1 }, name)
        // The lists of the rows are refused here: in silence they would give the wrong sum.
        assert.deepStrictEqual(
          yield* call(emulator, count({ [`${name}.0`]: word })),
          refusal("DescribeTeamMemberOrderCount", 230, `Params [${name}.0] not available`)
        )
      }
    })
  )

  it.effect("of generated members are what their rows add up to", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ size: 20 })
      const year = {
        TeamId: "1001",
        BeginTime: String(CompShareEmulator.seedTime - 365 * 86_400),
        EndTime: String(CompShareEmulator.seedTime)
      }
      let rowsOfAll = 0
      for (const { virtualCompanyId } of (yield* emulator.state).members) {
        if (virtualCompanyId === 0) continue
        const change = { ...year, VirtualCompanyId: String(virtualCompanyId) }
        const rows = yield* call(emulator, ask("DescribeTeamMemberOrder", { ...change, Limit: "100" }))
        const infos = rows["OrderInfos"] as ReadonlyArray<CompShareEmulator.Order>
        const fen = infos.reduce((sum, { Amount }) => sum + BigInt(Amount.replace(".", "")), 0n)
        const totals = yield* call(emulator, count(change))
        assert.strictEqual(totals["TotalCount"], infos.length)
        assert.strictEqual(BigInt(String(totals["Amount"]).replace(".", "")), fen)
        rowsOfAll += infos.length
      }
      assert.isAbove(rowsOfAll, 50)
    })
  )
})

describe("unpaid orders", () => {
  it.effect("are listed and counted", () =>
    Effect.gen(function* () {
      const old = order(3, { OrderState: "OS_UNPAID", Amount: "100.00", TradeNo: "trade-3" })
      const emulator = yield* CompShareEmulator.make({ ...example, orders: [order(1), unpaid, old] })
      const rows = ask("DescribeTeamMemberUnpaidOrder")
      assert.deepStrictEqual(yield* call(emulator, { ...rows, "ChargeTypes.0": "Month" }), {
        Action: "DescribeTeamMemberUnpaidOrderResponse",
        RetCode: 0,
        Total: 1,
        Limit: 25,
        Offset: 0,
        OrderInfos: [
          {
            OrderNo: "order-20231115002",
            OrderType: "Buy",
            OrderState: "Unpaid",
            Amount: "50.00",
            ChargeType: "Month",
            ResourceId: "uhost-yyy",
            CreateTime: 1_700_000_002
          }
        ]
      })
      const second = yield* call(emulator, { ...rows, Limit: "1", Offset: "1", OrderDir: "ASC" })
      assertLike(second, { Total: 2, OrderInfos: [{ OrderNo: old.OrderNo }] })

      const count = (change: Params = {}) => call(emulator, ask("DescribeTeamMemberUnpaidOrderCount", change))
      assert.deepStrictEqual(yield* count(), {
        Action: "DescribeTeamMemberUnpaidOrderCountResponse",
        RetCode: 0,
        TotalCount: 2,
        Amount: "150.00"
      })
      assert.deepInclude(yield* count({ ResourceIds: "uhost-yyy" }), { TotalCount: 1, Amount: "50.00" })
      assert.deepInclude(yield* count({ "TransactionNos.0": "trade-3" }), { Amount: "100.00" })
      assert.deepInclude(yield* count({ "ChargeTypes.0": "Day" }), { TotalCount: 0, Amount: "0.00" })
      assert.deepInclude(yield* count({ "ResourceIds.0": "uhost-yyy" }), { RetCode: 230 })
    })
  )
})

describe("product types", () => {
  it.effect("are told once each, of the orders in the period", () =>
    Effect.gen(function* () {
      const detail = (...names: ReadonlyArray<string>) => ({
        OrderDetail: names.map((ProductName) => ({ ProductName, Value: "" }))
      })
      const orders = [
        order(1, detail("GPU算力", "云硬盘")),
        order(2, detail("GPU算力")),
        order(3, { ...detail("弹性IP"), OrderState: "Unpaid" })
      ]
      const emulator = yield* CompShareEmulator.make({ ...example, orders })
      const types = (change: Params = {}) => call(emulator, ask("ListMemberProductType", change))
      assert.deepStrictEqual(yield* types(), {
        Action: "ListMemberProductTypeResponse",
        RetCode: 0,
        ProductTypeList: ["GPU算力", "云硬盘", "弹性IP"]
      })
      assertLike(yield* types({ "OrderStates.0": "Paid" }), {
        ProductTypeList: ["GPU算力", "云硬盘"]
      })
      assertLike(yield* types({ VirtualCompanyId: "300002" }), { ProductTypeList: [] })
    })
  )
})

describe("the CSV file", () => {
  const header = "订单号,订单类型,订单状态,计费类型,金额,实付金额,资源ID,创建时间"
  const download: Params = { Action: "DownloadTeamOrder", TeamId: "100001" }

  it.effect("has the rows of one member or of all, oldest first, and is no JSON", () =>
    Effect.gen(function* () {
      const other = order(0, { virtualCompanyId: 300002, OrderNo: "order-other" })
      const emulator = yield* CompShareEmulator.make({ ...example, orders: [unpaid, order(1), other] })
      const rows = [
        "order-20231115001,Buy,Paid,Dynamic,10.00,8.50,uhost-xxx,2023-11-15 06:13:21",
        "order-20231115002,Buy,Unpaid,Month,50.00,50.00,uhost-yyy,2023-11-15 06:13:22"
      ]
      const all = ["order-other,Buy,Paid,Dynamic,10.00,8.50,uhost-xxx,2023-11-15 06:13:20", ...rows]
      const lines = (change: Params) =>
        Effect.map(send(emulator, { ...download, ...change }), ({ body, headers, status }) => {
          assert.strictEqual(status, 200)
          assert.deepInclude(headers, {
            "content-type": "text/csv",
            "content-disposition": "attachment; filename=team_order.csv"
          })
          assert.strictEqual(body.split("\n").at(-1), "")
          return body.split("\n").slice(0, -1)
        })
      assert.deepStrictEqual(yield* lines({ VirtualCompanyId: "0" }), [header, ...all])
      assert.deepStrictEqual(yield* lines({}), [header, ...all])
      assert.deepStrictEqual(yield* lines({ VirtualCompanyId: "300001" }), [header, ...rows])
      assert.deepStrictEqual(yield* lines({ BeginTime: "1700000001" }), [header, ...rows])
      assert.deepStrictEqual(yield* lines({ EndTime: "1700000000" }), [header, ...all.slice(0, 1)])
      assert.deepStrictEqual(yield* lines({ "OrderStates.0": "Unpaid" }), [header, ...rows.slice(1)])
    })
  )

  it.effect("quotes what would break a line", () =>
    Effect.gen(function* () {
      const odd = order(1, { ResourceId: 'a,"b"\nc' })
      const emulator = yield* CompShareEmulator.make({ ...example, orders: [odd] })
      assert.include((yield* send(emulator, download)).body, ',"a,""b""\nc",2023-11-15')
    })
  )

  it.effect("is JSON if it is refused", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const { body, headers } = yield* send(emulator, { ...download, VirtualCompanyId: "5" })
      assert.include(headers["content-type"], "application/json")
      assert.deepStrictEqual(JSON.parse(body), refusal("DownloadTeamOrder", 200, "No Permission"))
    })
  )
})

describe("what is wrong is refused", () => {
  for (const action of [
    "DescribeTeamMemberOrderCount",
    "DescribeTeamMemberUnpaidOrder",
    "DescribeTeamMemberUnpaidOrderCount",
    "ListMemberProductType"
  ]) {
    const cases: ReadonlyArray<readonly [what: string, change: Params, retCode: number, message: string]> = [
      ["an empty begin", { BeginTime: "" }, 220, "Missing params [BeginTime]"],
      ["an empty period", { EndTime: "1700000000" }, 230, "Params [EndTime] not available"],
      ["somebody else's member", { VirtualCompanyId: "300009" }, 200, "No Permission"],
      ["all members at once", { VirtualCompanyId: "0" }, 200, "No Permission"],
      ["somebody else's team", { TeamId: "1001" }, 200, "No Permission"]
    ]
    for (const [what, change, retCode, message] of cases) {
      it.effect(`${action}: ${what}`, () =>
        Effect.gen(function* () {
          const emulator = yield* CompShareEmulator.make(example)
          assert.deepStrictEqual(
            yield* call(emulator, ask(action, change)),
            refusal(action, retCode, message)
          )
        })
      )
    }
  }
})

describe("orders that come and go between two pages", () => {
  const page = (Offset: number) =>
    ask("DescribeTeamMemberOrder", { Limit: "2", Offset: String(Offset), OrderDir: "DESC" })
  const number = (index: number) => order(index).OrderNo

  it.effect("move what follows, in the rows and in the total", () =>
    Effect.gen(function* () {
      const orders = [1, 2, 3, 4].map((index) => order(index))
      const emulator = yield* CompShareEmulator.make({ ...example, orders })
      assert.deepStrictEqual(numbers(yield* call(emulator, page(0))), [number(4), number(3)])
      yield* emulator.addOrder(order(5))
      const repeated = yield* call(emulator, page(2))
      assert.deepStrictEqual(numbers(repeated), [number(3), number(2)])
      assert.deepInclude(repeated, { Total: 5 })
      yield* emulator.removeOrder(number(5))
      yield* emulator.removeOrder(number(4))
      const skipped = yield* call(emulator, page(2))
      assert.deepStrictEqual(numbers(skipped), [number(1)])
      assert.deepInclude(skipped, { Total: 3 })
      assert.deepInclude(yield* call(emulator, ask("DescribeTeamMemberOrderCount")), { TotalCount: 3 })
    })
  )

  it.effect("are refused where they cannot be", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      for (const impossible of [
        emulator.addOrder(order(1)),
        emulator.addOrder(order(9, { virtualCompanyId: 300009 })),
        emulator.addOrder(order(9, { Amount: "ten" })),
        emulator.removeOrder("order-none")
      ]) {
        assert.strictEqual((yield* Effect.exit(impossible))._tag, "Failure")
      }
      assert.deepStrictEqual(numbers(yield* call(emulator, page(0))), [number(2), number(1)])
    })
  )

  it.effect("are another list for every question that differs in more than the page", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const first = Effect.map(call(emulator, page(0)), numbers)
      assert.lengthOf(yield* first, 2)
      assert.deepStrictEqual(numbers(yield* call(emulator, { ...page(0), "OrderStates.0": "Unpaid" })), [
        number(2)
      ])
      assert.deepStrictEqual(numbers(yield* call(emulator, { ...page(0), OrderDir: "ASC" })), [
        number(1),
        number(2)
      ])
      assert.deepStrictEqual(numbers(yield* call(emulator, { ...page(0), VirtualCompanyId: "300002" })), [])
      assert.deepStrictEqual(
        numbers(yield* call(emulator, { ...page(0), Action: "DescribeTeamMemberUnpaidOrder" })),
        [number(2)]
      )
      assert.lengthOf(yield* first, 2)
    })
  )
})

describe("a large year", () => {
  it.effect("is spread evenly over who has joined, and can be read to its end", () =>
    Effect.gen(function* () {
      const settings = { size: 30, seed: 3, orderCount: 1_000 }
      const emulator = yield* CompShareEmulator.make(settings)
      const ids = (yield* emulator.state).members.map((one) => one.virtualCompanyId).filter((id) => id > 0)
      const seen: Array<string> = []
      for (const id of ids) {
        const change = {
          TeamId: "1001",
          VirtualCompanyId: String(id),
          BeginTime: String(CompShareEmulator.seedTime - 365 * 86_400),
          EndTime: String(CompShareEmulator.seedTime - 1),
          Limit: "100"
        }
        const found = numbers(yield* call(emulator, ask("DescribeTeamMemberOrder", change)))
        assert.include([Math.floor(1_000 / ids.length), Math.ceil(1_000 / ids.length)], found.length)
        seen.push(...found)
      }
      assert.strictEqual(new Set(seen).size, 1_000)

      const again = yield* CompShareEmulator.make(settings)
      const file = { Action: "DownloadTeamOrder", TeamId: "1001" }
      assert.strictEqual((yield* send(again, file)).body, (yield* send(emulator, file)).body)
      assert.deepStrictEqual(
        yield* again.state,
        yield* (yield* CompShareEmulator.make({ size: 30, seed: 3 })).state
      )
    })
  )

  it.effect("excludes orders given one by one, and needs somebody who joined", () =>
    Effect.gen(function* () {
      for (const settings of [
        { ...example, orderCount: 5 },
        { members: [], orderCount: 5 }
      ]) {
        assert.strictEqual((yield* Effect.exit(CompShareEmulator.make(settings)))._tag, "Failure")
      }
    })
  )
})
