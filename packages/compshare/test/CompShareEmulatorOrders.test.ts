/**
 * The emulator's orders on the wire: rows that come and go, totals, unpaid ones, and the CSV file.
 */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as CompShareEmulator from "../src/emulator/CompShareEmulator.ts"
import { call, type Params, refusal, send } from "./fixtures/signedCall.ts"

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
      expect(yield* call(emulator, count())).toEqual({
        Action: "DescribeTeamMemberOrderCountResponse",
        RetCode: 0,
        TotalCount: 2,
        Amount: "999.995",
        AmountReal: "999.99",
        AmountFree: "0.10",
        AmountCoupon: "0.20"
      })
      expect(yield* call(emulator, count({ BeginTime: "1", EndTime: "2" }))).toMatchObject({
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
        expect(yield* call(emulator, count({ [name]: word })), name).toMatchObject({ TotalCount: 1 })
        const rows = yield* call(emulator, ask("DescribeTeamMemberOrder", { [`${name}.0`]: word }))
        expect(rows, name).toMatchObject({ Total: 1 })
        // The lists of the rows are refused here: in silence they would give the wrong sum.
        expect(yield* call(emulator, count({ [`${name}.0`]: word }))).toEqual(
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
        expect(totals["TotalCount"]).toBe(infos.length)
        expect(BigInt(String(totals["Amount"]).replace(".", ""))).toBe(fen)
        rowsOfAll += infos.length
      }
      expect(rowsOfAll).toBeGreaterThan(50)
    })
  )
})

describe("unpaid orders", () => {
  it.effect("are listed and counted", () =>
    Effect.gen(function* () {
      const old = order(3, { OrderState: "OS_UNPAID", Amount: "100.00", TradeNo: "trade-3" })
      const emulator = yield* CompShareEmulator.make({ ...example, orders: [order(1), unpaid, old] })
      const rows = ask("DescribeTeamMemberUnpaidOrder")
      expect(yield* call(emulator, { ...rows, "ChargeTypes.0": "Month" })).toEqual({
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
      expect(second).toMatchObject({ Total: 2, OrderInfos: [{ OrderNo: old.OrderNo }] })

      const count = (change: Params = {}) => call(emulator, ask("DescribeTeamMemberUnpaidOrderCount", change))
      expect(yield* count()).toEqual({
        Action: "DescribeTeamMemberUnpaidOrderCountResponse",
        RetCode: 0,
        TotalCount: 2,
        Amount: "150.00"
      })
      expect(yield* count({ ResourceIds: "uhost-yyy" })).toMatchObject({ TotalCount: 1, Amount: "50.00" })
      expect(yield* count({ "TransactionNos.0": "trade-3" })).toMatchObject({ Amount: "100.00" })
      expect(yield* count({ "ChargeTypes.0": "Day" })).toMatchObject({ TotalCount: 0, Amount: "0.00" })
      expect(yield* count({ "ResourceIds.0": "uhost-yyy" })).toMatchObject({ RetCode: 230 })
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
      expect(yield* types()).toEqual({
        Action: "ListMemberProductTypeResponse",
        RetCode: 0,
        ProductTypeList: ["GPU算力", "云硬盘", "弹性IP"]
      })
      expect(yield* types({ "OrderStates.0": "Paid" })).toMatchObject({
        ProductTypeList: ["GPU算力", "云硬盘"]
      })
      expect(yield* types({ VirtualCompanyId: "300002" })).toMatchObject({ ProductTypeList: [] })
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
          expect(status).toBe(200)
          expect(headers).toMatchObject({
            "content-type": "text/csv",
            "content-disposition": "attachment; filename=team_order.csv"
          })
          expect(body.split("\n").at(-1)).toBe("")
          return body.split("\n").slice(0, -1)
        })
      expect(yield* lines({ VirtualCompanyId: "0" })).toEqual([header, ...all])
      expect(yield* lines({})).toEqual([header, ...all])
      expect(yield* lines({ VirtualCompanyId: "300001" })).toEqual([header, ...rows])
      expect(yield* lines({ BeginTime: "1700000001" })).toEqual([header, ...rows])
      expect(yield* lines({ EndTime: "1700000000" })).toEqual([header, ...all.slice(0, 1)])
      expect(yield* lines({ "OrderStates.0": "Unpaid" })).toEqual([header, ...rows.slice(1)])
    })
  )

  it.effect("quotes what would break a line", () =>
    Effect.gen(function* () {
      const odd = order(1, { ResourceId: 'a,"b"\nc' })
      const emulator = yield* CompShareEmulator.make({ ...example, orders: [odd] })
      expect((yield* send(emulator, download)).body).toContain(',"a,""b""\nc",2023-11-15')
    })
  )

  it.effect("is JSON if it is refused", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const { body, headers } = yield* send(emulator, { ...download, VirtualCompanyId: "5" })
      expect(headers["content-type"]).toContain("application/json")
      expect(JSON.parse(body)).toEqual(refusal("DownloadTeamOrder", 200, "No Permission"))
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
          expect(yield* call(emulator, ask(action, change))).toEqual(refusal(action, retCode, message))
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
      expect(numbers(yield* call(emulator, page(0)))).toEqual([number(4), number(3)])
      yield* emulator.addOrder(order(5))
      const repeated = yield* call(emulator, page(2))
      expect(numbers(repeated)).toEqual([number(3), number(2)])
      expect(repeated).toMatchObject({ Total: 5 })
      yield* emulator.removeOrder(number(5))
      yield* emulator.removeOrder(number(4))
      const skipped = yield* call(emulator, page(2))
      expect(numbers(skipped)).toEqual([number(1)])
      expect(skipped).toMatchObject({ Total: 3 })
      expect(yield* call(emulator, ask("DescribeTeamMemberOrderCount"))).toMatchObject({ TotalCount: 3 })
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
        expect((yield* Effect.exit(impossible))._tag).toBe("Failure")
      }
      expect(numbers(yield* call(emulator, page(0)))).toEqual([number(2), number(1)])
    })
  )

  it.effect("are another list for every question that differs in more than the page", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const first = Effect.map(call(emulator, page(0)), numbers)
      expect(yield* first).toHaveLength(2)
      expect(numbers(yield* call(emulator, { ...page(0), "OrderStates.0": "Unpaid" }))).toEqual([number(2)])
      expect(numbers(yield* call(emulator, { ...page(0), OrderDir: "ASC" }))).toEqual([number(1), number(2)])
      expect(numbers(yield* call(emulator, { ...page(0), VirtualCompanyId: "300002" }))).toEqual([])
      expect(numbers(yield* call(emulator, { ...page(0), Action: "DescribeTeamMemberUnpaidOrder" }))).toEqual(
        [number(2)]
      )
      expect(yield* first).toHaveLength(2)
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
        expect(found.length).toBeOneOf([Math.floor(1_000 / ids.length), Math.ceil(1_000 / ids.length)])
        seen.push(...found)
      }
      expect(new Set(seen).size).toBe(1_000)

      const again = yield* CompShareEmulator.make(settings)
      const file = { Action: "DownloadTeamOrder", TeamId: "1001" }
      expect((yield* send(again, file)).body).toBe((yield* send(emulator, file)).body)
      expect(yield* again.state).toEqual(yield* (yield* CompShareEmulator.make({ size: 30, seed: 3 })).state)
    })
  )

  it.effect("excludes orders given one by one, and needs somebody who joined", () =>
    Effect.gen(function* () {
      for (const settings of [
        { ...example, orderCount: 5 },
        { members: [], orderCount: 5 }
      ]) {
        expect((yield* Effect.exit(CompShareEmulator.make(settings)))._tag).toBe("Failure")
      }
    })
  )
})
