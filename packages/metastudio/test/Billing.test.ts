/**
 * The bills of the whole customer, packages and use, in the neutral vocabulary.
 */
import { assert, describe, it } from "@effect/vitest"
import { Quantity } from "@cloud-quota/core"
import type { Entitlement, Usage } from "@cloud-quota/core/Billing"
import type { Driver, DriverOrderFilter } from "@cloud-quota/core/adapter/Driver"
import { MemberId } from "@cloud-quota/core/Member"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { DateTime, Effect, Stream } from "effect"
import { makeDriver } from "../src/driver/driver.ts"
import {
  asked,
  emulatedAccount,
  emulatedDriver,
  scriptedDriver,
  users,
  whileTimePasses,
  withLog
} from "./fixtures/accounts.ts"
import { answer, clientsOver, options } from "./fixtures/clients.ts"

const { seedTime } = MetaStudioEmulator
const hour = 3_600_000

const between = (start: number | string, end: number | string) => ({
  start: DateTime.makeUnsafe(start),
  end: DateTime.makeUnsafe(end)
})
const always = between("2020-01-01", "2030-01-01")

const orders = (driver: Driver, filter: DriverOrderFilter) => driver.listOrders?.(filter) ?? Stream.empty

const order = (orderId: string, createTime: number, more: Partial<MetaStudioEmulator.Order> = {}) => ({
  orderId,
  createTime,
  amount: "1.5",
  officialAmount: "2",
  ...more
})

describe("orders", () => {
  it.effect("are all orders of the customer, oldest first, each once, over years", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulatedDriver()
      // One on every seam of the parts in which a long period is read, and one a second before each.
      const seams = Array.from({ length: 10 }, (_, part) => Date.UTC(2020, 0, 1) + part * 360 * 24 * hour)
      for (const [index, seam] of seams.entries()) {
        yield* emulator.addOrder(order(`seam-${index}`, seam))
        yield* emulator.addOrder(order(`before-${index}`, seam - 1000))
      }
      const found = yield* Stream.runCollect(orders(driver, { period: always }))
      const known = (yield* emulator.orders).filter(({ orderId }) => orderId !== "before-0")
      assert.deepStrictEqual(
        found.map(({ id }) => id),
        known.map(({ orderId }) => orderId)
      )
    })
  )

  it.effect("are of the period: its start belongs to it, and its end does not", () =>
    Effect.gen(function* () {
      const times = [seedTime - 1000, seedTime, seedTime + hour - 1000, seedTime + hour]
      const { driver } = yield* emulatedDriver({
        orders: times.map((time, index) => order(`o-${index}`, time))
      })
      const found = yield* Stream.runCollect(orders(driver, { period: between(seedTime, seedTime + hour) }))
      assert.deepStrictEqual(
        found.map(({ id }) => id),
        ["o-1", "o-2"]
      )
      const within = between(seedTime - 999, seedTime + 1)
      assert.lengthOf(yield* Stream.runCollect(orders(driver, { period: within })), 1)
    })
  )

  it.effect("are asked for with a second more at both ends, and never for more than a year", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulatedDriver()
      yield* Stream.runDrain(orders(driver, { period: between("2024-01-01", "2026-01-01") }))
      const spans = (yield* emulator.requests).map(({ request }) => {
        const query = new URL(request.target, "http://localhost").searchParams
        return `${query.get("create_time_begin")} ${query.get("create_time_end")}`
      })
      assert.deepStrictEqual(
        [...new Set(spans)],
        [
          "2023-12-31T23:59:59Z 2024-12-26T00:00:01Z",
          "2024-12-25T23:59:59Z 2025-12-21T00:00:01Z",
          "2025-12-20T23:59:59Z 2026-01-01T00:00:01Z"
        ]
      )
    })
  )

  it.effect("say what they are about, where they stand, and what was paid", () =>
    Effect.gen(function* () {
      const of = (orderType: number, status: number) =>
        order(`${orderType}-${status}`, seedTime + orderType * 1000 + status, {
          orderType,
          status,
          ...(orderType === 4 ? { amount: "-1.5", officialAmount: "-1.5" } : {})
        })
      const { driver } = yield* emulatedDriver({
        orders: [of(1, 5), of(2, 6), of(3, 4), of(4, 5), of(10, 3), of(15, 9), of(99, 77)].map(
          (row, index) => ({
            ...row,
            createTime: seedTime + index * 1000
          })
        )
      })
      const found = yield* Stream.runCollect(orders(driver, { period: always }))
      assert.deepStrictEqual(
        found.map(({ amount, kind, paid, state, status, type }) =>
          [type, kind, state, status, amount, paid].join(" ")
        ),
        [
          "1 buy 5 done 2.00 CNY 1.50 CNY",
          "2 renew 6 unpaid 2.00 CNY ",
          "3 change 4 canceled 2.00 CNY ",
          "4 refund 5 done -1.50 CNY -1.50 CNY",
          "10 other 3 processing 2.00 CNY ",
          "15 other 9 processing 2.00 CNY ",
          "99 other 77 other 2.00 CNY "
        ]
      )
      assert.isTrue(found.every(({ product }) => product === "数字内容生产线 MetaStudio"))
      assert.isTrue(found.every((row) => !("member" in row)))
    })
  )

  it.effect("have refunds below nothing, however the vendor writes them", () =>
    Effect.gen(function* () {
      const row = {
        order_id: "CS1",
        order_type: 4,
        status: 5,
        currency: "CNY",
        create_time: "2026-10-01T00:00:00Z",
        payment_time: "2026-10-01T00:00:01Z"
      }
      const { driver } = yield* scriptedDriver([
        answer(
          `{"total_count":1,"order_infos":[${JSON.stringify(row).slice(0, -1)},"amount_after_discount":0.10000000000000000001,"official_amount":0.1}]}`
        )
      ])
      const [refund] = yield* Stream.runCollect(
        orders(driver, { period: between("2026-10-01", "2026-11-01") })
      )
      assert.strictEqual(String(refund?.paid), "-0.10000000000000000001 CNY")
      assert.strictEqual(String(refund?.amount), "-0.10 CNY")
    })
  )

  it.effect("without a time of creation are no answer", () =>
    Effect.gen(function* () {
      const { driver } = yield* scriptedDriver([
        TestTransport.json({ total_count: 1, order_infos: [{ order_id: "CS1" }] })
      ])
      const period = between("2026-10-01", "2026-11-01")
      const error = yield* Effect.flip(Stream.runCollect(orders(driver, { period })))
      assert.strictEqual(error.reason._tag, "MalformedResponse")
      assert.include(error.message, "CS1")
    })
  )

  it.effect("can be narrowed to states and kinds, by the provider where it can", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulatedAccount()
      const known = yield* emulator.orders
      for (const states of [["6"], ["6", "4"], ["paid"]]) {
        const found = yield* Stream.runCollect(account.billing.orders({ period: always, states }))
        const meant = known.filter(({ status = 5 }) => states.includes(String(status)))
        assert.deepStrictEqual(
          found.map(({ id }) => id),
          meant.map(({ orderId }) => orderId)
        )
      }
      const targets = (yield* emulator.requests).map(({ request }) => request.target)
      assert.isTrue(targets.some((target) => /[?&]status=6(&|$)/.test(target)))
      const unpaid = yield* Stream.runCollect(account.billing.unpaid())
      assert.deepStrictEqual(
        unpaid.map(({ id, paid, status }) => [id, status, paid]),
        known.filter(({ status }) => status === 6).map(({ orderId }) => [orderId, "unpaid", undefined])
      )
      const totals = yield* account.billing.totals({ period: always, kinds: ["refund"] })
      const refunds = known.filter(({ orderType }) => orderType === 4)
      assert.strictEqual(totals.count, refunds.length)
      assert.strictEqual(totals.verdict, "not-told")
    })
  )

  it.effect("that were there throughout come once, while others come and go between the pages", () =>
    Effect.gen(function* () {
      const first = Array.from({ length: 350 }, (_, index) => order(`o-${index}`, seedTime + index * 1000))
      const { driver, emulator } = yield* emulatedDriver({ orders: first })
      let seen = 0
      const found = yield* orders(driver, { period: always }).pipe(
        Stream.tap(() =>
          Effect.gen(function* () {
            seen += 1
            // After the first page and the second: some before the place are gone, some are new.
            if (seen === 50 || seen === 150) {
              for (const index of [3, 4, 5]) yield* emulator.removeOrder(`o-${seen - 50 + index}`)
              yield* emulator.addOrder(order(`new-${seen}`, seedTime + 500))
              yield* emulator.addOrder(order(`late-${seen}`, seedTime + 1_000_000))
            }
          })
        ),
        Stream.runCollect
      )
      const ids = found.map(({ id }) => id)
      assert.strictEqual(new Set(ids).size, ids.length)
      const still = new Set((yield* emulator.orders).map(({ orderId }) => orderId))
      const throughout = first.map(({ orderId }) => orderId).filter((id) => still.has(id))
      assert.lengthOf(throughout, 344)
      assert.deepStrictEqual(
        ids.filter((id) => throughout.includes(id)),
        throughout
      )
    })
  )
})

describe("the balance", () => {
  it.effect("has the purses that are told, and no sum", () =>
    Effect.gen(function* () {
      const { driver } = yield* emulatedDriver()
      const { parts, ...balance } = yield* driver.balance ?? Effect.die("no balance")
      assert.notProperty(balance, "available")
      assert.deepStrictEqual(
        parts.map(({ amount, kind, name }) => `${kind} ${name} ${amount}`),
        [
          "cash balance 20810.92 CNY",
          "credit credit 5000.00 CNY",
          "gift bonus 12.3456789 CNY",
          "debt debt 0.00 CNY"
        ]
      )
    })
  )

  it.effect("has debts below nothing, and words for purses that it does not know", () =>
    Effect.gen(function* () {
      const purse = (account_type: number, amount: number | null) => ({
        account_type,
        amount,
        currency: "CNY"
      })
      const { driver } = yield* scriptedDriver([
        TestTransport.json({
          account_balances: [purse(7, 3), purse(9, 1), purse(1, null)],
          debt_amount: 12.5,
          currency: "CNY"
        })
      ])
      const { parts } = yield* driver.balance ?? Effect.die("no balance")
      assert.deepStrictEqual(
        parts.map(({ amount, kind, name }) => `${kind} ${name} ${amount}`),
        ["other deposit 3.00 CNY", "other account type 9 1.00 CNY", "debt debt -12.50 CNY"]
      )
    })
  )
})

describe("what a month cost", () => {
  it.effect("is what was paid in it, by resource", () =>
    Effect.gen(function* () {
      const paid = {
        product: "视频",
        resourceType: "t",
        resourceId: "r-1",
        amount: "0.1",
        officialAmount: "0.3"
      }
      const { account, emulator } = yield* emulatedAccount({
        orders: [
          // 2026-10-01 and 2026-11-01 begin in Beijing while it is still the month before in UTC.
          order("in", Date.UTC(2026, 8, 30, 16), { amount: "0.1", officialAmount: "0.3", items: [paid] }),
          order("out", Date.UTC(2026, 9, 31, 16))
        ]
      })
      const rows = yield* Stream.runCollect(account.billing.monthlyCost({ month: "2026-10" }))
      assert.deepStrictEqual(
        rows.map(({ amount, cost, month, product, resourceId }) =>
          [month, product, resourceId, amount, cost].join(" ")
        ),
        ["2026-10 视频 r-1 0.30 CNY 0.10 CNY"]
      )
      const [member] = yield* Stream.runCollect(account.members.search("lena"))
      const before = (yield* asked(emulator)).length
      const error = yield* Effect.flip(
        Stream.runCollect(account.billing.monthlyCost({ month: "2026-10", ...(member && { member }) }))
      )
      assert.deepInclude(error.reason, { _tag: "Unsupported", capability: "billing.monthly-cost" })
      assert.lengthOf(yield* asked(emulator), before)
    })
  )

  it.effect("is no answer without an amount", () =>
    Effect.gen(function* () {
      const { driver } = yield* scriptedDriver([
        TestTransport.json({ fee_records: [{ amount: 1 }], total_count: 1 })
      ])
      const costs = driver.listCosts?.({ month: "2026-10" }) ?? Stream.empty
      assert.strictEqual((yield* Effect.flip(Stream.runCollect(costs))).reason._tag, "MalformedResponse")
    })
  )
})

const shownEntitlement = ({ available, id, metric, product, status, total, used }: Entitlement) =>
  [id, product, metric, status, total, used, available].join(" | ")

describe("entitlements", () => {
  it.effect("are enough for the quotas, of every source, with the packages of the billing service", () =>
    Effect.gen(function* () {
      const { account } = yield* emulatedAccount()
      const all = yield* Stream.runCollect(account.billing.entitlements)
      assert.strictEqual(new Set(all.map(({ id }) => id)).size, all.length)
      const minutes = all.filter(({ metric }) => metric === "video-minutes")
      assert.deepStrictEqual([...new Set(minutes.map(({ status }) => status))].sort(), ["active", "expired"])
      const used = minutes.reduce(
        (sum, one) => Quantity.sum(sum, one.used ?? Quantity.minutes(0)),
        Quantity.minutes(0)
      )
      assert.strictEqual(String(used), "89.25 min")
      const words = all.filter(({ product }) => product === "声音合成套餐包")
      assert.deepStrictEqual(
        words.map(({ available, status, total, used: gone }) => [status, total, gone, available].join(" ")),
        [
          "active 200 measure-34 76.5433 measure-34 123.4567 measure-34",
          "other 50 measure-34 50 measure-34 0 measure-34"
        ]
      )
      const units = new Set(all.map(({ total }) => total?.unit))
      for (const unit of ["count", "minute", "hour", "CHANNEL", "GB"]) assert.isTrue(units.has(unit), unit)
      const sources = new Set(all.map(({ details }) => details["resource_source"]))
      assert.isTrue(sources.has("SP_ALLOCATED") && sources.has("ADMIN_ALLOCATED") && sources.has("PURCHASED"))
    })
  )

  const resource = (resource_id: string, more: object = {}) => ({
    resource_id,
    resource_type: "type",
    unit: "MIN",
    amount: 10,
    usage: 4,
    status: 0,
    ...more
  })
  const both = (packages: ReadonlyArray<object>, resources: ReadonlyArray<object>) => [
    TestTransport.json({ free_resource_packages: packages, total_count: packages.length }),
    TestTransport.json({ resources, count: resources.length })
  ]
  const listed = Effect.fnUntraced(function* (
    packages: ReadonlyArray<object>,
    resources: ReadonlyArray<object>
  ) {
    const { driver } = yield* scriptedDriver(both(packages, resources))
    return yield* Stream.runCollect(driver.listEntitlements ?? Stream.empty)
  })

  it.effect("serve a metric where the vendor says so, in its unit", () =>
    Effect.gen(function* () {
      const rows = yield* listed(
        [],
        [
          resource("a", { business_type: "VIDEO_2D" }),
          resource("b", { business_type: "VIDEO_2D", unit: "HOUR" }),
          resource("c", { business_type: "MODELING_2D", unit: "NUM" }),
          resource("d", { business_type: "FLEXUS_2D", sub_resource_type: "video_time_flexus_2d_model" }),
          resource("e", { business_type: "VOICE_CLONE", unit: "NUM" }),
          resource("f", { business_type: "VIDEO_2D", unit: "" }),
          resource("g", { usage: 11, status: 1 })
        ]
      )
      assert.deepStrictEqual(rows.map(shownEntitlement), [
        "a | type | video-minutes | active | 10 min | 4 min | 6 min",
        "b | type |  | active | 10 hour | 4 hour | 6 hour",
        "c | type | avatar-models | active | 10 | 4 | 6",
        "d | video_time_flexus_2d_model | video-minutes-flexus | active | 10 min | 4 min | 6 min",
        "e | type |  | active | 10 | 4 | 6",
        "f | type |  | active |  |  | ",
        "g | type |  | frozen | 10 min | 11 min | 0 min"
      ])
    })
  )

  it.effect("are not there twice where both services tell of them", () =>
    Effect.gen(function* () {
      const item = { free_resource_id: "i-1", amount: "3", original_amount: "40", measure_id: 10 }
      const rows = yield* listed(
        [
          {
            order_instance_id: "p-1",
            order_id: "CS1",
            product_name: "pack",
            status: 1,
            free_resources: [item]
          },
          { order_instance_id: "p-2", order_id: "CS2", product_name: "bare", status: 4, free_resources: null }
        ],
        [
          resource("i-1"),
          resource("x", { order_id: "CS1", charging_mode: "ON_DEMAND" }),
          resource("y", { order_id: "CS1", charging_mode: "ONE_TIME" })
        ]
      )
      assert.deepStrictEqual(rows.map(shownEntitlement), [
        "i-1 | pack |  | active | 40 GB | 37 GB | 3 GB",
        "p-2 | bare |  | other |  |  | ",
        "y | type |  | active | 10 min | 4 min | 6 min"
      ])
    })
  )

  it.effect("are MetaStudio's own where the billing service refuses, and the rest is noted", () =>
    Effect.gen(function* () {
      const resources = TestTransport.json({ resources: [resource("a")], count: 1 })
      for (const [status, body] of [
        [403, '{"error_code":"CBC.0151","error_msg":"Access denied."}'],
        [404, '{"error_code":"APIGW.0101","error_msg":"The API does not exist"}'],
        [404, "404 page not found"]
      ] as const) {
        const { driver } = yield* scriptedDriver([answer(body, status), resources])
        const { lines, value } = yield* withLog(Stream.runCollect(driver.listEntitlements ?? Stream.empty))
        assert.deepStrictEqual(value.map(shownEntitlement), ["a | type |  | active | 10 min | 4 min | 6 min"])
        assert.lengthOf(lines, 1)
        assert.match(
          lines[0] ?? "",
          /^Warn entitlements are listed without the packages of the billing service/
        )
      }
    })
  )

  it.effect("are MetaStudio's own where no billing service is beside the endpoint, and that is noted", () =>
    Effect.gen(function* () {
      const { bssEndpoint: _, ...elsewhere } = options
      const emulator = yield* MetaStudioEmulator.make({ users })
      const { clients } = clientsOver(emulator.transport, {}, elsewhere)
      const driver = makeDriver(yield* clients)
      const { lines, value } = yield* withLog(Stream.runCollect(driver.listEntitlements ?? Stream.empty))
      assert.isNotEmpty(value)
      assert.lengthOf(lines, 1)
    })
  )

  it.effect("are not shortened by an outage of the billing service, or by a refusal of MetaStudio", () =>
    Effect.gen(function* () {
      for (const [operation, answers] of [
        ["ListFreeResourceInfos", Array.from({ length: 9 }, () => answer("{}", 503))],
        [
          "ListTenantResources",
          [
            TestTransport.json({ free_resource_packages: [], total_count: 0 }),
            answer('{"error_code":"MSS.00000005","error_msg":"Forbidden"}', 403)
          ]
        ]
      ] as const) {
        const { driver } = yield* scriptedDriver(answers)
        const error = yield* Effect.flip(
          whileTimePasses(Stream.runCollect(driver.listEntitlements ?? Stream.empty))
        )
        assert.strictEqual(error.operation, operation)
      }
    })
  )

  it.effect("without any id are no answer", () =>
    Effect.gen(function* () {
      for (const call of [
        listed([{ free_resources: [] }], []),
        listed([], [resource("", { order_id: "" })])
      ]) {
        assert.strictEqual((yield* Effect.flip(call)).reason._tag, "MalformedResponse")
      }
    })
  )
})

describe("use", () => {
  const period = between("2025-10-01", "2026-11-02")
  const usage = (driver: Driver, member?: string) =>
    Stream.runCollect(
      driver.listUsage?.({ period, ...(member === undefined ? {} : { member: MemberId.make(member) }) }) ??
        Stream.empty
    )
  const minutesOf = (rows: ReadonlyArray<Usage>) =>
    String(rows.reduce((sum, { used }) => Quantity.sum(sum, used), Quantity.minutes(0)))

  it.effect("is told of each member, and adds up", () =>
    Effect.gen(function* () {
      const { driver } = yield* emulatedDriver()
      const all = yield* usage(driver)
      const of = (id: string) => all.filter(({ member }) => member === id)
      assert.strictEqual(minutesOf(of("lena")), "59.25 min")
      assert.strictEqual(minutesOf(of("wei")), "30 min")
      assert.strictEqual(minutesOf(all), "89.25 min")
      assert.deepStrictEqual(yield* usage(driver, "lena"), of("lena"))
      assert.isTrue(
        all.every(({ metric, product }) => metric === "video-minutes" && product === "video_time_2d_model")
      )
    })
  )

  it.effect("is of the period", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulatedDriver()
      yield* emulator.use("lena", "video_time_2d_model", 1)
      const until = (end: number) =>
        Stream.runCollect(driver.listUsage?.({ period: between(seedTime - 1, end) }) ?? Stream.empty)
      // The day's row begins at its first moment.
      assert.lengthOf(yield* until(seedTime), 0)
      assert.strictEqual(minutesOf(yield* until(seedTime + 1)), "1 min")
    })
  )

  it.effect("is of nobody in particular without isolation", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulatedDriver({ isolation: false })
      const all = yield* usage(driver)
      assert.strictEqual(minutesOf(all), "89.25 min")
      assert.isTrue(all.every((row) => !("member" in row)))
      const error = yield* Effect.flip(usage(driver, "lena"))
      assert.strictEqual(error.reason._tag, "PreconditionFailed")
      assert.strictEqual(error.money, "not-moved")
      assert.strictEqual(yield* emulator.count("ShowUsageData"), 1)
    })
  )

  it.effect("of a member is refused to whoever is not the root account", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulatedDriver()
      const response = {
        status: 403,
        headers: {},
        body: '{"error_code":"MSS.00000005","error_msg":"Forbidden"}'
      }
      yield* emulator.inject({
        operation: "ListUserQuotas",
        fault: { _tag: "answer", effect: false, response },
        times: 2
      })
      for (const member of ["lena", undefined]) {
        assert.strictEqual((yield* Effect.flip(usage(driver, member))).reason._tag, "PermissionDenied")
      }
      assert.strictEqual(yield* emulator.count("ShowUsageData"), 0)
    })
  )
})
