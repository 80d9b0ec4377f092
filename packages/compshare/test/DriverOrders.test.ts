/**
 * The orders of a CompShare team as the neutral services give them: of one and of everybody, also while
 * they change; what they come to; what is unpaid; what a month cost.
 */
import { Period } from "@cloud-quota/core"
import type { Cost, Order } from "@cloud-quota/core/Billing"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Logger, Redacted, Stream } from "effect"
import { makeDice } from "../../../simulation/random.ts"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import * as Signature from "@cloud-quota/compshare/Signature"
import { emulated, order, over, secondsOf } from "./fixtures/accounts.ts"
import { assertLike } from "../../../test/support/like.ts"

const shanghai = { zone: "Asia/Shanghai" } as const
const october = Period.month("2026-10", shanghai)
const year = Period.between("2025-10-01", "2026-12-01", shanghai)

const members: NonNullable<CompShareEmulator.Settings["members"]> = [
  { virtualCompanyId: 60001, remarkName: "张三" },
  { virtualCompanyId: 60002, remarkName: "李四", status: "Canceled" },
  { virtualCompanyId: 0, remarkName: "王五" },
  { virtualCompanyId: 60003, remarkName: "赵六" }
]

const idsOf = (orders: ReadonlyArray<Order>) => orders.map(({ id, member }) => `${member} ${id}`)

const sentTo = (emulator: CompShareEmulator.CompShareEmulator, name: string) =>
  Effect.map(emulator.requests, (all) =>
    all
      .filter(({ operation }) => operation === name)
      .map(({ request }) => Object.fromEntries(new URLSearchParams(request.body)))
  )

const rewriting = (operation: string, from: string | RegExp, to: string, times = 1) => ({
  operation,
  times,
  fault: { _tag: "rewrite" as const, body: (body: string) => body.replaceAll(from, to) }
})

/**
 * A provider that counts in the first and the last second that it is asked for, as the emulator does, or
 * neither of them: whole seconds after the first one are those from the next one on.
 */
const countingEdges = (counted: boolean, { transport }: CompShareEmulator.CompShareEmulator) => {
  const narrowed = (body: string) => {
    const { Signature: _, ...params } = Object.fromEntries(new URLSearchParams(body))
    const [begin, end] = [Number(params["BeginTime"]) + 1, Number(params["EndTime"]) - 1]
    // Between two seconds in a row there is none, and the emulator wants some: those before all orders.
    const [BeginTime, EndTime] = begin < end ? [`${begin}`, `${end}`] : ["1", "2"]
    const inside = { ...params, BeginTime, EndTime }
    const signature = Signature.sign(inside, CompShareEmulator.privateKey)
    return `${new URLSearchParams({ ...inside, Signature: signature })}`
  }
  return counted
    ? transport
    : {
        ...transport,
        request: (request: Parameters<typeof transport.request>[0]) => {
          const body = request.body === undefined ? "" : Redacted.value(request.body)
          return transport.request(
            body.includes("BeginTime=") ? { ...request, body: Redacted.make(narrowed(body)) } : request
          )
        }
      }
}

describe("orders", () => {
  it.effect.each<[OrderType: string, OrderState: string, kind: string, status: string]>([
    ["Buy", "Paid", "buy", "done"],
    ["OT_BUY", "OS_FINISHED", "buy", "done"],
    ["OT_RENEW", "Unpaid", "renew", "unpaid"],
    ["OT_UPGRADE", "OS_UNPAID", "change", "other"],
    ["OT_DOWNGRADE", "OS_CANCELED", "change", "other"],
    ["OT_ADDITIONAL", "paid", "change", "other"],
    ["OT_REFUND", "", "refund", "other"],
    ["OT_POSTPAID_PAYMENT", "constructor", "usage", "other"],
    ["OT_POSTPAID_RENEW", "Paid", "usage", "done"],
    ["OT_SUSPEND", "Paid", "other", "done"],
    ["__proto__", "Paid", "other", "done"]
  ])("of type %s in state %s", ([OrderType, OrderState, kind, status]) =>
    Effect.gen(function* () {
      const orders = [order("o-1", "2026-10-02T00:00:00Z", { OrderType, OrderState })]
      const { account } = yield* emulated({ members, orders })
      const [one] = yield* Stream.runCollect(account.billing.orders({ period: october }))
      assertLike(one, { kind, status, type: OrderType, state: OrderState })
    })
  )

  it.effect("of everybody are read member by member, of former ones too, oldest first", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({
        members,
        orders: [
          order("o-4", "2026-10-09T00:00:00Z", { virtualCompanyId: 60003 }),
          order("o-2", "2026-10-08T00:00:00Z"),
          order("o-1", "2026-10-07T00:00:00Z"),
          order("o-3", "2026-10-01T00:00:00Z", { virtualCompanyId: 60002 })
        ]
      })
      const all = yield* Stream.runCollect(account.billing.orders({ period: october }))
      assert.deepStrictEqual(idsOf(all), ["60001 o-1", "60001 o-2", "60002 o-3", "60003 o-4"])
      const sent = yield* sentTo(emulator, "DescribeTeamMemberOrder")
      assert.deepStrictEqual(
        sent.map(({ VirtualCompanyId }) => VirtualCompanyId),
        ["60001", "60002", "60003"]
      )
      // An order of one member needs no list of the team but for the name.
      const [member] = (yield* Stream.runCollect(account.members.list())).slice(-1)
      assert.isDefined(member)
      const before = yield* emulator.count("GetCompShareTeamInfo")
      const [only] = yield* Stream.runCollect(account.billing.orders({ member, period: october }))
      assert.strictEqual(only?.id, "o-4")
      assert.strictEqual(yield* emulator.count("GetCompShareTeamInfo"), before + 1)
    })
  )

  it.effect("are narrowed by the provider itself, in its own words", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({
        members,
        orders: [
          order("o-1", "2026-10-07T00:00:00Z"),
          order("o-2", "2026-10-08T00:00:00Z", { ChargeType: "Month", ResourceId: "uhost-b" }),
          order("o-3", "2026-10-09T00:00:00Z", { ChargeType: "Month", OrderState: "OS_UNPAID" })
        ]
      })
      const filter = {
        member: "60001",
        period: october,
        states: ["OS_FINISHED", "Paid"],
        chargeTypes: ["Month"],
        resourceIds: ["uhost-b"]
      }
      assert.deepStrictEqual(idsOf(yield* Stream.runCollect(account.billing.orders(filter))), ["60001 o-2"])
      assertLike(yield* sentTo(emulator, "DescribeTeamMemberOrder"), [
        {
          "OrderStates.0": "OS_FINISHED",
          "OrderStates.1": "Paid",
          "ChargeTypes.0": "Month",
          "ResourceIds.0": "uhost-b",
          BeginTime: `${secondsOf("2026-09-30T15:59:59Z")}`,
          EndTime: `${secondsOf("2026-10-31T16:00:00Z")}`
        }
      ])
    })
  )

  it.effect("tell what was ordered, if it is one thing, and nothing in place of what is empty", () =>
    Effect.gen(function* () {
      const several = [
        { ProductName: "GPU算力", Value: "NVIDIA A100" },
        { ProductName: "磁盘", Value: "100" }
      ]
      const { account } = yield* emulated({
        members,
        orders: [
          order("o-1", "2026-10-07T00:00:00Z"),
          order("o-2", "2026-10-08T00:00:00Z", { OrderDetail: several, ResourceId: "" })
        ]
      })
      const [one, two] = yield* Stream.runCollect(account.billing.orders({ period: october }))
      assert.deepInclude(one, { product: "GPU算力", resourceId: "uhost-a" })
      assert.notInclude(Object.keys(two ?? {}), "product")
      assert.notInclude(Object.keys(two ?? {}), "resourceId")
    })
  )

  it.effect("of a time before there was one are none, and not an error", () =>
    Effect.gen(function* () {
      const { account } = yield* emulated({ members, orders: [order("o-1", "1970-01-01T00:00:01Z")] })
      for (const end of ["1969-02-01T00:00:00Z", "1970-01-01T00:00:00.500Z"]) {
        const period = { start: DateTime.makeUnsafe("1969-01-01"), end: DateTime.makeUnsafe(end) }
        assert.deepStrictEqual(yield* Stream.runCollect(account.billing.orders({ period })), [])
        assert.strictEqual((yield* account.billing.totals({ period })).count, 0)
      }
    })
  )
})

describe("orders that come and go while they are read", () => {
  const first = secondsOf("2026-10-02T00:00:00Z")
  const orders = Array.from({ length: 350 }, (_, index) =>
    order(`o-${1000 + index}`, "2026-10-02T00:00:00Z", { CreateTime: first + 10 * index })
  )

  it.effect.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "are there exactly once if they were there throughout (seed %d)",
    (seed) =>
      Effect.gen(function* () {
        const dice = makeDice(seed)
        const { account, emulator } = yield* emulated({ members, orders })
        const throughout = new Set(orders.map(({ OrderNo }) => OrderNo))
        const present = [...throughout]
        let added = 0
        const disturb = Effect.gen(function* () {
          if (dice.between(1, 6) > 1) return
          if (dice.between(1, 3) === 1) {
            const CreateTime = first + dice.between(0, 3500)
            yield* emulator.addOrder(order(`new-${added++}`, "2026-10-02T00:00:00Z", { CreateTime }))
          } else {
            const [OrderNo] = present.splice(dice.between(0, present.length - 1), 1)
            if (OrderNo === undefined) return
            throughout.delete(OrderNo)
            yield* emulator.removeOrder(OrderNo)
          }
        })
        const rows = yield* account.billing.orders({ member: "60001", period: october }).pipe(
          Stream.tap(() => disturb),
          Stream.runCollect
        )
        const ids = rows.map(({ id }) => id)
        assert.strictEqual(new Set(ids).size, ids.length)
        assert.deepStrictEqual(
          [...throughout].filter((id) => !ids.includes(id)),
          []
        )
        assert.isBelow(throughout.size, orders.length)
        assert.isAbove(yield* emulator.count("DescribeTeamMemberOrder"), 3)
      })
  )
})

describe("totals", () => {
  const print = (sums: { readonly count: number; readonly amount: unknown; readonly paid: unknown }) =>
    `${sums.count}: ${sums.amount}, ${sums.paid}`

  it.effect("agree with what the provider says of everybody, of one, and under one word", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({ size: 12, seed: 5 })
      const { billing } = account
      const some = (yield* emulator.state).members.find(({ status }) => status === "Joined")
      const all = yield* billing.totals({ period: year })
      assert.deepInclude(all, { verdict: "agrees" })
      assert.isAbove(all.count, 20)
      assert.strictEqual(print(all), print(all.told ?? { count: 0, amount: 0, paid: 0 }))
      for (const filter of [
        { member: `${some?.virtualCompanyId}` },
        { states: ["OS_FINISHED"] },
        { states: ["OS_FINISHED"], chargeTypes: ["Dynamic"] }
      ]) {
        const part = yield* billing.totals({ ...filter, period: year })
        assert.strictEqual(part.verdict, "agrees")
        assert.isAbove(part.count, 0)
        assert.isBelow(part.count, all.count)
      }
    })
  )

  it.effect.each([true, false])(
    "are those of the period to the second, whether the provider counts in its edges (%s) or not",
    (counted) =>
      Effect.gen(function* () {
        const { emulator } = yield* emulated({
          members,
          orders: [
            order("o-1", "2026-09-30T15:59:59Z", { Amount: "3.00" }),
            order("o-2", "2026-09-30T16:00:00Z"),
            order("o-3", "2026-10-31T15:59:59Z"),
            order("o-4", "2026-10-31T16:00:00Z", { Amount: "7.00" })
          ]
        })
        const { billing } = yield* over(countingEdges(counted, emulator))
        const rows = yield* Stream.runCollect(billing.orders({ period: october }))
        assert.deepStrictEqual(idsOf(rows), ["60001 o-2", "60001 o-3"])
        const totals = yield* billing.totals({ period: october })
        assert.strictEqual(print(totals), "2: 20.00 CNY, 17.00 CNY")
        assert.strictEqual(totals.verdict, "agrees")
        assert.strictEqual(yield* emulator.count("DescribeTeamMemberOrderCount"), 3)
        const costs = yield* Stream.runCollect(billing.monthlyCost({ month: "2026-10" }))
        assert.deepStrictEqual(
          costs.map(({ cost }) => `${cost}`),
          ["17.00 CNY"]
        )
      })
  )

  it.effect("are those of a single second", () =>
    Effect.gen(function* () {
      const at = secondsOf("2026-10-02T00:00:00Z")
      const { account } = yield* emulated({
        members,
        orders: [-1, 0, 1].map((offset) =>
          order(`o${offset}`, "2026-10-02T00:00:00Z", { CreateTime: at + offset, Amount: `${4 + offset}.00` })
        )
      })
      const period = Period.between("2026-10-02T00:00:00Z", "2026-10-02T00:00:01Z", shanghai)
      const totals = yield* account.billing.totals({ period })
      assert.strictEqual(print(totals), "1: 4.00 CNY, 8.50 CNY")
      assert.strictEqual(totals.verdict, "agrees")
    })
  )

  it.effect.each([
    { resourceIds: ["uhost-a"] },
    { states: ["OS_FINISHED", "Paid"] },
    { chargeTypes: ["Dynamic", "Month"] },
    { kinds: ["buy" as const] },
    { period: { start: DateTime.makeUnsafe("2026-10-01T00:00:00.001Z"), end: october.end } }
  ])("are not told for %j, and nothing is asked for in vain", (filter) =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({
        members,
        orders: [order("o-1", "2026-10-02T00:00:00Z")]
      })
      const { count, verdict } = yield* account.billing.totals({ period: october, ...filter })
      assert.deepStrictEqual([count, verdict], [1, "not-told"])
      assert.strictEqual(yield* emulator.count("DescribeTeamMemberOrderCount"), 0)
    })
  )

  it.effect("differ where the provider says something else, and are not told where it says half of it", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({
        members,
        orders: [order("o-1", "2026-10-02T00:00:00Z")]
      })
      const counting = "DescribeTeamMemberOrderCount"
      yield* emulator.inject(rewriting(counting, '"TotalCount":1', '"TotalCount":2', 6))
      assert.strictEqual((yield* account.billing.totals({ period: october })).verdict, "differs")
      assert.strictEqual(yield* emulator.count(counting), 6)
      yield* emulator.inject(rewriting(counting, "AmountReal", "Other", 3))
      assert.strictEqual((yield* account.billing.totals({ period: october })).verdict, "not-told")
    })
  )
})

describe("unpaid orders", () => {
  const orders = [
    order("o-1", "2013-01-01T00:00:00Z", { OrderState: "OS_UNPAID" }),
    order("o-2", "2026-10-02T00:00:00Z"),
    order("o-3", "2026-10-03T00:00:00Z", { OrderState: "Unpaid", virtualCompanyId: 60003 })
  ]

  it.effect("are those of all times, of everybody or of one", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({ members, orders })
      const all = yield* Stream.runCollect(account.billing.unpaid())
      assert.deepStrictEqual(
        all.map(({ id, member, status }) => [id, member, status]),
        [
          ["o-1", "60001", "unpaid"],
          ["o-3", "60003", "unpaid"]
        ]
      )
      assert.deepStrictEqual(
        all.map(({ amount }) => `${amount}`),
        ["10.00 CNY", "10.00 CNY"]
      )
      assert.deepStrictEqual(idsOf(yield* Stream.runCollect(account.billing.unpaid({ member: "60003" }))), [
        "60003 o-3"
      ])
      assert.strictEqual(yield* emulator.count("DescribeTeamMemberUnpaidOrder"), 4)
    })
  )

  it.effect("have no amount where it is a whole number of nobody says what", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({ members, orders })
      yield* emulator.inject(rewriting("DescribeTeamMemberUnpaidOrder", '"Amount":"10.00"', '"Amount":1000'))
      const [one] = yield* Stream.runCollect(account.billing.unpaid({ member: "60001" }))
      assertLike(one, { id: "o-1", details: { Amount: 1000 } })
      assert.notInclude(Object.keys(one ?? {}), "amount")
    })
  )

  it.effect("can be of a provider whose clock is ahead", () =>
    Effect.gen(function* () {
      const { account } = yield* emulated({
        members,
        orders: [order("o-1", "2026-11-03T00:00:00Z", { OrderState: "Unpaid" })]
      })
      assert.strictEqual((yield* Stream.runCollect(account.billing.unpaid())).length, 1)
    })
  )
})

describe("the cost of a month", () => {
  const print = ({ amount, cost, ...row }: Cost) => ({ ...row, amount: `${amount}`, cost: `${cost}` })

  it.effect("is what the finished orders of the month in Beijing come to, by member and resource", () =>
    Effect.gen(function* () {
      const disk = [{ ProductName: "磁盘", Value: "100" }]
      const { account } = yield* emulated({
        members,
        orders: [
          // The last second of September and the first one of November, in Beijing.
          order("o-0", "2026-09-30T15:59:59Z", { AmountReal: "100.00" }),
          order("o-1", "2026-09-30T16:00:00Z"),
          order("o-2", "2026-10-31T15:59:59Z", { OrderState: "Paid", Amount: "0.10", AmountReal: "0.0005" }),
          order("o-3", "2026-10-31T16:00:00Z", { AmountReal: "200.00" }),
          order("o-4", "2026-10-05T00:00:00Z", {
            OrderType: "OT_REFUND",
            Amount: "-4.00",
            AmountReal: "-4.00"
          }),
          order("o-5", "2026-10-06T00:00:00Z", { OrderState: "OS_UNPAID" }),
          order("o-6", "2026-10-06T00:00:00Z", { ResourceId: "uhost-b", OrderDetail: disk }),
          order("o-7", "2026-10-07T00:00:00Z", { ResourceId: "uhost-b" }),
          order("o-8", "2026-10-07T00:00:00Z", { virtualCompanyId: 60002, ResourceId: "" })
        ]
      })
      const month = "2026-10"
      const rows = yield* Stream.runCollect(account.billing.monthlyCost({ month }))
      const a = { month, member: "60001", name: "张三", resourceId: "uhost-a", product: "GPU算力" }
      assert.deepStrictEqual<unknown>(rows.map(print), [
        { ...a, amount: "6.10 CNY", cost: "4.5005 CNY", details: { orders: 3 } },
        {
          month,
          member: "60001",
          name: "张三",
          resourceId: "uhost-b",
          amount: "20.00 CNY",
          cost: "17.00 CNY",
          details: { orders: 2 }
        },
        {
          month,
          member: "60002",
          name: "李四",
          product: "GPU算力",
          amount: "10.00 CNY",
          cost: "8.50 CNY",
          details: { orders: 1 }
        }
      ])
      const own = yield* Stream.runCollect(account.billing.monthlyCost({ month, member: "60002" }))
      assert.deepStrictEqual<unknown>(
        own.map(({ member }) => member),
        ["60002"]
      )
    })
  )

  /** The costs of October, and the warnings that came with them. */
  const warned = Effect.fnUntraced(function* (
    orders: ReadonlyArray<CompShareEmulator.Order>,
    fault?: ReturnType<typeof rewriting>
  ) {
    const { account, emulator } = yield* emulated({ members, orders })
    if (fault !== undefined) yield* emulator.inject(fault)
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => lines.push(`${logLevel} ${message}`))
    const rows = yield* Stream.runCollect(account.billing.monthlyCost({ month: "2026-10" })).pipe(
      Effect.provide(Logger.layer([logger]))
    )
    return { lines, costs: rows.map(({ cost }) => `${cost}`) }
  })

  it.effect("leaves out what is in states that are not documented, and says so, once", () =>
    Effect.gen(function* () {
      const { costs, lines } = yield* warned([
        order("o-1", "2026-10-02T00:00:00Z"),
        order("o-2", "2026-10-03T00:00:00Z", { OrderState: "OS_UNPAID" }),
        order("o-3", "2026-10-04T00:00:00Z", { OrderState: "OS_CANCELED", AmountReal: "0.0005" }),
        order("o-4", "2026-10-04T00:00:00Z", { OrderState: "OS_UNPAID", virtualCompanyId: 60003 }),
        // It is known what that means.
        order("o-5", "2026-10-05T00:00:00Z", { OrderState: "Unpaid" }),
        order("o-6", "2026-10-31T16:00:00Z", { OrderState: "OS_OTHER" })
      ])
      assert.deepStrictEqual(costs, ["8.50 CNY"])
      assert.deepStrictEqual(lines, [
        "Warn compshare: the cost of 2026-10 in team 1001 leaves out 3 orders over 17.0005 CNY in states that CompShare does not document (OS_UNPAID, OS_CANCELED)"
      ])
    })
  )

  it.effect("leaves out what has no state, or does not tell what was paid, and invents nothing", () =>
    Effect.gen(function* () {
      const orders = [order("o-1", "2026-10-03T00:00:00Z", { OrderState: "" })]
      const { costs, lines } = yield* warned(
        orders,
        rewriting("DescribeTeamMemberOrder", "AmountReal", "Other")
      )
      assert.deepStrictEqual(costs, [])
      assert.deepStrictEqual(lines, [
        "Warn compshare: the cost of 2026-10 in team 1001 leaves out 1 order over 0.00 CNY, of which 1 without a word of what was paid, in states that CompShare does not document (no state at all)"
      ])
    })
  )

  it.effect("leaves out nothing else, and then says nothing", () =>
    Effect.gen(function* () {
      const { lines } = yield* warned([
        order("o-1", "2026-10-02T00:00:00Z"),
        order("o-2", "2026-10-05T00:00:00Z", { OrderState: "Unpaid" }),
        order("o-3", "2026-10-31T16:00:00Z", { OrderState: "OS_OTHER" })
      ])
      assert.deepStrictEqual(lines, [])
    })
  )

  it.effect("is of a month that there was", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({ members })
      const error = yield* Effect.flip(Stream.runDrain(account.billing.monthlyCost({ month: "0000-10" })))
      assert.deepInclude(error.reason, { _tag: "InvalidRequest", field: "month" })
      assert.deepStrictEqual(yield* emulator.requests, [])
    })
  )

  it.effect("is not known of an order that does not tell what was paid", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({
        members,
        orders: [order("o-1", "2026-10-02T00:00:00Z")]
      })
      yield* emulator.inject(rewriting("DescribeTeamMemberOrder", "AmountReal", "Other"))
      const error = yield* Effect.flip(Stream.runDrain(account.billing.monthlyCost({ month: "2026-10" })))
      assertLike(error.reason, {
        _tag: "MalformedResponse",
        message: /AmountReal of order o-1/
      })
    })
  )
})
