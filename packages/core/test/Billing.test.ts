/**
 * What was ordered, what it comes to, and what else the books have.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Order, OrderFilter } from "@cloud-quota/core/Billing"
import type { Capability } from "@cloud-quota/core/Capabilities"
import { unsupported } from "@cloud-quota/core/Capabilities"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { Driver, DriverOrderFilter } from "@cloud-quota/core/adapter/Driver"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Period from "@cloud-quota/core/Period"
import * as Quantity from "@cloud-quota/core/Quantity"
import { open } from "./fixtures/clouds.ts"

const zone = { zone: "Asia/Shanghai" }
const period = Period.between("2026-01-01", "2027-01-01", zone)

const cloud = Effect.fnUntraced(function* (
  change: (driver: Driver) => Driver = (driver) => driver,
  books: Partial<MemoryProvider.Books> = {}
) {
  const provider = yield* MemoryProvider.delta({ books })
  const { billing } = yield* open(change(provider.driver))
  return { ...provider, billing }
})

const ids = (orders: Stream.Stream<Order, CloudQuotaError>) =>
  Effect.map(Stream.runCollect(orders), (all) => all.map(({ id }) => id).join(" "))

type Rows = Stream.Stream<unknown, CloudQuotaError>

const fieldOf = ({ reason }: CloudQuotaError) =>
  reason._tag === "InvalidRequest" ? reason.field : reason._tag

const sums = (quantities: ReadonlyArray<Quantity.Quantity>) => quantities.map(String).join(" ")

/** As a listing would give it, which needs no lookup. */
const malformed = { id: "not an id", status: { _tag: "active" } }

describe("orders", () => {
  const filters: ReadonlyArray<readonly [filter: Omit<OrderFilter, "period">, ids: string]> = [
    [{}, "order-1 order-2 order-3 order-4"],
    [{ member: "m-1" }, "order-1 order-2"],
    [{ member: "m-9" }, "order-3"],
    [{ kinds: ["renew", "refund"] }, "order-2 order-3"],
    [{ statuses: ["unpaid"] }, "order-4"],
    [{ states: ["finished"] }, "order-1 order-2 order-3"],
    [{ chargeTypes: ["hour"] }, "order-2"],
    [{ resourceIds: ["gpu-1", "gpu-4"] }, "order-1 order-4"],
    [{ member: "m-1", kinds: ["buy"], chargeTypes: ["month"] }, "order-1"],
    [{ member: "m-1", kinds: ["refund"] }, ""]
  ]
  /** Filters nothing itself, as a provider may. */
  const careless = ({ listOrders, ...driver }: Driver): Driver => ({
    ...driver,
    listOrders: () => listOrders?.({ period: yearOf(2026) }) ?? Stream.empty
  })
  const yearOf = (year: number) => ({
    start: DateTime.makeUnsafe(Date.UTC(year, 0)),
    end: DateTime.makeUnsafe(Date.UTC(year + 1, 0))
  })
  for (const [filter, expected] of filters) {
    it.effect(`${JSON.stringify(filter)} are ${expected || "none"}, whoever filters`, () =>
      Effect.gen(function* () {
        const able = yield* cloud()
        assert.strictEqual(yield* ids(able.billing.orders({ ...filter, period })), expected)
        const unable = yield* cloud(careless)
        assert.strictEqual(yield* ids(unable.billing.orders({ ...filter, period })), expected)
      })
    )
  }

  it.effect("of a month are those of it alone, to the millisecond", () =>
    Effect.gen(function* () {
      const { billing } = yield* cloud(careless)
      const month = (text: string) => ids(billing.orders({ period: Period.month(text, zone) }))
      assert.strictEqual(yield* month("2026-11"), "order-1")
      assert.strictEqual(yield* month("2026-12"), "order-2 order-3 order-4")
    })
  )

  it.effect("of last month are those of the month before they are asked for", () =>
    Effect.gen(function* () {
      const { billing } = yield* cloud()
      const orders = billing.orders({ period: Period.lastMonth(zone) })
      yield* TestClock.setTime(Date.parse("2026-12-31T15:59:59Z"))
      assert.strictEqual(yield* ids(orders), "order-1")
      yield* TestClock.setTime(Date.parse("2026-12-31T16:00:00Z"))
      assert.strictEqual(yield* ids(orders), "order-2 order-3 order-4")
    })
  )

  it.effect("ask the provider for what it can filter itself", () =>
    Effect.gen(function* () {
      const asked: Array<DriverOrderFilter> = []
      const { billing } = yield* cloud((driver) => ({
        ...driver,
        listOrders: (filter) => {
          asked.push(filter)
          return Stream.empty
        }
      }))
      yield* Stream.runDrain(billing.orders({ period, member: "m-1", states: ["x"], kinds: ["buy"] }))
      assert.deepStrictEqual(asked, [{ period, member: MemoryProvider.member(1), states: ["x"] }])
    })
  )

  const wrong: ReadonlyArray<readonly [field: string, filter: unknown]> = [
    ["filter", null],
    ["filter", "m-1"],
    ["period", {}],
    ["period", { period: "2026-11" }],
    ["period", { period: { start: period.end, end: period.start } }],
    ["member", { period, member: malformed }],
    ["member", { period, member: null }],
    ["kinds", { period, kinds: "buy" }],
    ["kinds", { period, kinds: ["purchase"] }],
    ["statuses", { period, statuses: [null] }],
    ["states", { period, states: [] }],
    ["chargeTypes", { period, chargeTypes: [5] }],
    ["resourceIds", { period, resourceIds: [""] }]
  ]
  for (const [field, filter] of wrong) {
    it.effect(`refuse ${JSON.stringify(filter)} unsent, naming ${field}`, () =>
      Effect.gen(function* () {
        const { billing, requests } = yield* cloud()
        const orders = Reflect.apply(billing.orders, billing, [filter]) as Rows
        assert.strictEqual(fieldOf(yield* Effect.flip(Stream.runDrain(orders))), field)
        const totals = Reflect.apply(billing.totals, billing, [filter]) as Effect.Effect<
          unknown,
          CloudQuotaError
        >
        assert.strictEqual(fieldOf(yield* Effect.flip(totals)), field)
        assert.strictEqual(yield* requests, 0)
      })
    )
  }
})

describe("totals", () => {
  it.effect("are exact, per currency, and checked against the provider's own", () =>
    Effect.gen(function* () {
      const abroad: Order = {
        id: "order-5",
        kind: "buy",
        status: "done",
        paid: Quantity.make("USD", "0.1"),
        createdAt: DateTime.makeUnsafe("2026-12-05T00:00:00Z"),
        details: {}
      }
      const many = Array.from({ length: 10 }, (_, index) => ({ ...abroad, id: `usd-${index}` }))
      const { billing } = yield* cloud(undefined, { orders: many })
      const usd = yield* billing.totals({ period })
      assert.deepStrictEqual([usd.count, sums(usd.amount), sums(usd.paid)], [10, "", "1 USD"])
      assert.strictEqual(usd.verdict, "agrees")

      const all = yield* (yield* cloud()).billing.totals({ period })
      assert.deepStrictEqual(
        [all.count, sums(all.amount), sums(all.paid), all.verdict],
        [4, "104.69928 CNY", "54.69928 CNY", "agrees"]
      )
      assert.deepStrictEqual([all.told?.count, sums(all.told?.paid ?? [])], [4, "54.69928 CNY"])
    })
  )

  it.effect("take no sum for the same as a sum of nothing", () =>
    Effect.gen(function* () {
      const nothing = { count: 0, amount: [Quantity.cny(0)], paid: [] }
      const { billing } = yield* cloud(
        (driver) => ({ ...driver, orderSums: () => Effect.succeed(nothing) }),
        {
          orders: []
        }
      )
      assert.strictEqual((yield* billing.totals({ period })).verdict, "agrees")
    })
  )

  const told = (count: number, amount: string, paid: string) => ({
    count,
    amount: [Quantity.cny(amount)],
    paid: [Quantity.cny(paid)]
  })
  for (const [what, sums] of [
    ["a count", told(5, "104.69928", "54.69928")],
    ["an amount", told(4, "104.69929", "54.69928")],
    ["what was paid", told(4, "104.69928", "54.69927")],
    ["a currency", { ...told(4, "104.69928", "54.69928"), paid: [Quantity.make("USD", "54.69928")] }]
  ] as const) {
    it.effect(`differ by ${what}, after a second look at both`, () =>
      Effect.gen(function* () {
        const { billing, requests } = yield* cloud((driver) => ({
          ...driver,
          orderSums: () => Effect.succeed(sums)
        }))
        const totals = yield* billing.totals({ period })
        assert.strictEqual(totals.verdict, "differs")
        assert.deepStrictEqual(totals.told, sums)
        assert.strictEqual(yield* requests, 2)
      })
    )
  }

  it.effect("agree at the second look where an order came in between", () =>
    Effect.gen(function* () {
      let looks = 0
      const { billing } = yield* cloud((driver) => ({
        ...driver,
        listOrders: (filter) => {
          looks += 1
          const rows = driver.listOrders?.(filter) ?? Stream.empty
          return looks === 1 ? Stream.drop(rows, 1) : rows
        }
      }))
      assert.deepInclude(yield* billing.totals({ period }), { count: 4, verdict: "agrees" })
      assert.strictEqual(looks, 2)
    })
  )

  it.effect("are not compared where the provider cannot filter alike, or has none", () =>
    Effect.gen(function* () {
      const { billing, requests } = yield* cloud()
      const refunds = yield* billing.totals({ period, kinds: ["refund"] })
      assert.deepStrictEqual([refunds.verdict, refunds.count, refunds.told], ["not-told", 1, undefined])
      assert.strictEqual((yield* billing.totals({ period, statuses: ["done"] })).verdict, "not-told")
      assert.strictEqual(yield* requests, 2)
      assert.strictEqual((yield* billing.totals({ period, states: ["finished"] })).verdict, "agrees")
      const { billing: silent } = yield* cloud((driver) => ({
        ...driver,
        orderSums: () => Effect.succeed(undefined)
      }))
      assert.strictEqual((yield* silent.totals({ period })).verdict, "not-told")
      const { billing: without } = yield* cloud(({ orderSums: _, ...driver }) => driver)
      assert.strictEqual((yield* without.totals({ period })).verdict, "not-told")
    })
  )
})

describe("refund quotes", () => {
  it.effect("are asked for once per resource, or for all that a member has", () =>
    Effect.gen(function* () {
      const { billing } = yield* cloud()
      const ofZone = yield* billing.refundQuotes({ zone: "z", resourceIds: ["gpu-2", "gpu-2"] })
      assert.deepStrictEqual(
        ofZone.map(({ resourceId }) => resourceId),
        ["gpu-2"]
      )
      const ofMember = yield* billing.refundQuotes({ member: "m-1" })
      assert.deepStrictEqual(
        ofMember.map(({ amount, resourceId }) => `${resourceId} ${amount}`),
        ["gpu-1 120.00 CNY", "gpu-2 4.69928 CNY"]
      )
    })
  )

  const wrong: ReadonlyArray<readonly [field: string, request: unknown]> = [
    ["request", null],
    ["request", "m-1"],
    ["request", { member: "m-1", zone: "z", resourceIds: ["gpu-1"] }],
    ["member", { member: malformed }],
    ["member", { member: undefined }],
    ["zone", { resourceIds: ["gpu-1"] }],
    ["region", { zone: "z", region: 5, resourceIds: ["gpu-1"] }],
    ["resourceIds", { zone: "z" }],
    ["resourceIds", { zone: "z", resourceIds: [] }],
    ["resourceIds", { zone: "z", resourceIds: "gpu-1" }],
    ["resourceIds", { zone: "z", resourceIds: [5] }]
  ]
  for (const [field, request] of wrong) {
    it.effect(`refuse ${JSON.stringify(request)} unsent, naming ${field}`, () =>
      Effect.gen(function* () {
        const { billing, requests } = yield* cloud()
        const call = Reflect.apply(billing.refundQuotes, billing, [request]) as Effect.Effect<
          unknown,
          CloudQuotaError
        >
        assert.strictEqual(fieldOf(yield* Effect.flip(call)), field)
        assert.strictEqual(yield* requests, 0)
      })
    )
  }
})

describe("the other books", () => {
  it.effect("are given as the provider has them", () =>
    Effect.gen(function* () {
      const { billing } = yield* cloud()
      assert.strictEqual(yield* ids(billing.unpaid()), "order-4")
      assert.strictEqual(yield* ids(billing.unpaid({ member: "m-1" })), "")
      const [entitlement] = yield* Stream.runCollect(billing.entitlements)
      assert.strictEqual(String(entitlement?.available), "79.5 min")
      const { available, observedAt, parts } = yield* billing.balance
      assert.deepStrictEqual(
        [String(available), sums(parts.map(({ amount }) => amount))],
        ["1050.00 CNY", "900.00 CNY 200.00 CNY -50.00 CNY"]
      )
      assert.strictEqual(DateTime.toEpochMillis(observedAt), 0)
      const used = yield* Stream.runCollect(billing.usage({ period, member: "m-2" }))
      assert.strictEqual(sums(used.map(({ used }) => used)), "8 min")
      const costs = yield* Stream.runCollect(billing.monthlyCost({ month: "2026-12" }))
      assert.strictEqual(sums(costs.map(({ cost }) => cost)), "4.69928 CNY 0.30 CNY")
      assert.lengthOf(yield* Stream.runCollect(billing.monthlyCost({ month: "2026-11" })), 0)
    })
  )

  it.effect("of a member have no row that may be anybody's", () =>
    Effect.gen(function* () {
      const { billing } = yield* cloud((driver) => ({
        ...driver,
        listUnpaid: () => driver.listUnpaid?.() ?? Stream.empty,
        listUsage: ({ period }) => driver.listUsage?.({ period }) ?? Stream.empty,
        listCosts: ({ month }) => driver.listCosts?.({ month }) ?? Stream.empty
      }))
      const member = "m-1"
      assert.lengthOf(yield* Stream.runCollect(billing.unpaid({ member })), 0)
      assert.lengthOf(yield* Stream.runCollect(billing.usage({ period, member })), 1)
      assert.lengthOf(yield* Stream.runCollect(billing.monthlyCost({ month: "2026-12", member })), 1)
    })
  )

  const wrong: ReadonlyArray<readonly [method: string, field: string, filter: unknown]> = [
    ["unpaid", "filter", null],
    ["unpaid", "member", { member: malformed }],
    ["usage", "filter", undefined],
    ["usage", "period", { period: "last month" }],
    ["usage", "member", { period, member: 5 }],
    ["monthlyCost", "filter", undefined],
    ["monthlyCost", "month", { month: "2026-13" }],
    ["monthlyCost", "month", { month: "2026-1" }],
    ["monthlyCost", "month", { month: new Date(0) }],
    ["monthlyCost", "member", { month: "2026-12", member: "" }]
  ]
  for (const [method, field, filter] of wrong) {
    it.effect(`${method} refuses ${JSON.stringify(filter)} unsent, naming ${field}`, () =>
      Effect.gen(function* () {
        const { billing, requests } = yield* cloud()
        const rows = Reflect.apply(Reflect.get(billing, method), billing, [filter]) as Rows
        assert.strictEqual(fieldOf(yield* Effect.flip(Stream.runDrain(rows))), field)
        assert.strictEqual(yield* requests, 0)
      })
    )
  }
})

describe("what a cloud does not offer is refused unsent", () => {
  type Billing = Effect.Success<ReturnType<typeof cloud>>["billing"]
  const drain =
    (stream: (billing: Billing) => Stream.Stream<unknown, CloudQuotaError>) => (billing: Billing) =>
      Stream.runDrain(stream(billing))
  const calls: ReadonlyArray<
    readonly [Capability, (billing: Billing) => Effect.Effect<unknown, CloudQuotaError>]
  > = [
    ["billing.orders", drain((billing) => billing.orders({ period }))],
    ["billing.orders", (billing) => billing.totals({ period })],
    ["billing.orders-by-member", drain((billing) => billing.orders({ period, member: "m-1" }))],
    ["billing.orders-by-member", (billing) => billing.totals({ period, member: "m-1" })],
    ["billing.orders-by-member", drain((billing) => billing.unpaid({ member: "m-1" }))],
    ["billing.unpaid", drain((billing) => billing.unpaid())],
    ["billing.refund-quotes", (billing) => billing.refundQuotes({ zone: "z", resourceIds: ["gpu-1"] })],
    ["billing.refund-quotes-by-member", (billing) => billing.refundQuotes({ member: "m-1" })],
    ["billing.entitlements", drain((billing) => billing.entitlements)],
    ["billing.balance", (billing) => billing.balance],
    ["billing.usage", drain((billing) => billing.usage({ period }))],
    ["billing.monthly-cost", drain((billing) => billing.monthlyCost({ month: "2026-12" }))]
  ]
  for (const [index, [capability, call]] of calls.entries()) {
    it.effect(`${capability} (${index})`, () =>
      Effect.gen(function* () {
        const { billing, requests } = yield* cloud((driver) => ({
          ...driver,
          capabilities: { ...driver.capabilities, [capability]: unsupported("not here") }
        }))
        const error = yield* Effect.flip(call(billing))
        assert.deepInclude(error.reason, { _tag: "Unsupported", capability })
        assert.strictEqual(error.money, "not-moved")
        assert.strictEqual(yield* requests, 0)
      })
    )
  }
})
