/**
 * The billing service from outside: orders, balances, bills and packages, to the last digit.
 */
import * as Json from "@cloud-quota/core/Json"
import * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import { describe, expect, it } from "@effect/vitest"
import { BigDecimal, Effect, Result } from "effect"
import { refused, send, sendSigned, start } from "./fixtures/emulatorCalls.ts"

const { domain, domainId, user } = MetaStudioEmulator.defaults
const orders = "/v2/orders/customer-orders"
const fees = "/v2/bills/customer-bills/res-fee-records"
const sums = "/v2/bills/customer-bills/monthly-sum"
const balances = "/v2/accounts/customer-accounts/balances"

const may = Date.UTC(2026, 4, 20, 8, 1, 5)
const simple = (orderId: string, createTime = may): MetaStudioEmulator.Order => ({
  orderId,
  amount: "12.5",
  createTime
})

/** Every decimal of a field in a body, exactly. */
const exactly = (body: string, rows: string, field: string): BigDecimal.BigDecimal => {
  const parsed = Result.getOrThrow(Json.parse(body)) as Record<string, ReadonlyArray<Record<string, unknown>>>
  return BigDecimal.sumAll((parsed[rows] ?? []).map((row) => decimal(row[field])))
}

const decimal = (value: unknown): BigDecimal.BigDecimal =>
  BigDecimal.isBigDecimal(value) ? value : BigDecimal.fromStringUnsafe(String(value))

const months = Array.from({ length: 14 }, (_, index) =>
  new Date(Date.UTC(2025, 9 + index, 15)).toISOString().slice(0, 7)
)

describe("credentials of the billing service", () => {
  it.effect("a signature has to cover X-Domain-Id, and it has to be the account's", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      for (const path of [orders, balances, `${fees}?cycle=2026-05`, `${sums}?bill_cycle=2026-05`]) {
        expect((yield* sendSigned(emulator, path, { "x-domain-id": domainId })).status, path).toBe(200)
        expect(yield* sendSigned(emulator, path, {})).toMatchObject(refused(403, "CBC.0151"))
        expect(yield* sendSigned(emulator, path, { "x-domain-id": "other" })).toMatchObject(
          refused(403, "CBC.0151")
        )
        expect(
          yield* sendSigned(emulator, path, {}, { unsigned: { "x-domain-id": domainId } })
        ).toMatchObject(refused(401, "APIGW.0301", "verify aksk signature fail"))
      }
    })
  )

  it.effect("a token has to be for the account as a whole", () =>
    Effect.gen(function* () {
      const { account, emulator, ofProject } = yield* start()
      expect((yield* account(balances)).status).toBe(200)
      expect(yield* send(emulator, balances, { headers: { "x-auth-token": ofProject } })).toMatchObject(
        refused(403, "CBC.0151")
      )
      expect(yield* send(emulator, balances)).toMatchObject(refused(401, "APIGW.0301"))
      yield* emulator.expireTokens
      expect(yield* account(balances)).toMatchObject(refused(401, "APIGW.0307"))
    })
  )
})

describe("ListCustomerOrders", () => {
  it.effect("an order has all its documented fields, and its digits as they are", () =>
    Effect.gen(function* () {
      const amount = "9007199254740993.123456789012345678"
      const order = { ...simple("CS1"), amount, officialAmount: "9007199254740994.123456789012345678" }
      const { account } = yield* start({ orders: [order, { ...simple("CS2", may + 1000), status: 6 }] })
      const answer = yield* account(orders)
      expect(answer.body).toContain(`"amount_after_discount":${amount},`)
      expect(answer.json).toMatchObject({
        total_count: 2,
        order_infos: [
          { order_id: "CS2", status: 6, payment_time: null },
          {
            order_id: "CS1",
            customer_id: domainId,
            service_type_code: "hws.service.type.metastudio",
            source_type: 1,
            status: 5,
            order_type: 1,
            measure_id: 1,
            create_time: "2026-05-20T08:01:05Z",
            payment_time: "2026-05-20T08:01:05Z",
            currency: "CNY",
            contract_id: null,
            amount_info: { discounts: [{ discount_type: "605", discount_amount: 1 }] }
          }
        ]
      })
    })
  )

  it.effect("a year of invented ones: of every kind, the same for a seed, finer than a double", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start()
      const invented = yield* emulator.orders
      const { json } = yield* account(`${orders}?limit=100`)
      expect(json.total_count).toBe(invented.length)
      expect(invented.length).toBeGreaterThan(120)
      expect(yield* (yield* MetaStudioEmulator.make({ size: 12 })).orders).toEqual(invented)
      expect(yield* (yield* MetaStudioEmulator.make({ size: 12, seed: 2 })).orders).not.toEqual(invented)
      const times = invented.map(({ createTime }) => createTime)
      expect(Math.min(...times)).toBeGreaterThan(MetaStudioEmulator.seedTime - 366 * 86_400_000)
      expect(Math.max(...times)).toBeLessThan(MetaStudioEmulator.seedTime)
      const kinds = (key: "orderType" | "status") => new Set(invented.map((order) => order[key]))
      expect(kinds("orderType")).toEqual(new Set([undefined, 1, 2, 3, 4]))
      expect(kinds("status")).toEqual(new Set([undefined, 1, 3, 4, 5, 6, 9]))
      expect(invented.some(({ amount }) => String(Number(amount)).length + 3 < amount.length)).toBe(true)
      expect(invented.some(({ amount }) => amount.startsWith("-"))).toBe(true)
    })
  )

  it.effect("the packages of the tenant are among them", () =>
    Effect.gen(function* () {
      const { account, project } = yield* start()
      const { json } = yield* project("/tenants/resources?resource_source=PURCHASED&limit=100")
      for (const { order_id, resource_type } of json.resources) {
        const details = yield* account(`${orders}/details/${order_id}`)
        expect(details.json.order_line_items).toMatchObject([{ commercial_resource: resource_type }])
      }
    })
  )

  it.effect("filters by everything that is documented; an empty value filters nothing", () =>
    Effect.gen(function* () {
      const { account } = yield* start({
        orders: [
          { ...simple("CSa", may), orderType: 2 },
          { ...simple("CSb", may + 60_000), serviceType: { code: "hws.service.type.obs", name: "OBS" } },
          { ...simple("CSc", may + 120_000), status: 4 },
          { ...simple("CSd", may + 180_000), paymentTime: may + 3_600_000 }
        ]
      })
      const find = (query: string) =>
        Effect.map(account(`${orders}?${query}`), ({ json }) => {
          expect(json.total_count).toBe(json.order_infos.length)
          return json.order_infos.map((order: { order_id: string }) => order.order_id.slice(2)).join("")
        })
      const at = (millis: number) => new Date(millis).toISOString().replace(".000", "")
      const cases: ReadonlyArray<[string, string]> = [
        ["", "dcba"],
        ["order_by=createTime", "abcd"],
        ["order_by=-createTime", "dcba"],
        ["order_id=csB", "b"],
        ["order_id=", "dcba"],
        ["order_type=2", "a"],
        ["status=4", "c"],
        ["status=&limit=&offset=", "dcba"],
        ["service_type_code=HWS.service.type.obs", "b"],
        [`create_time_begin=${at(may + 60_000)}&create_time_end=${at(may + 120_000)}`, "cb"],
        [`create_time_end=${at(may)}`, "a"],
        [`payment_time_begin=${at(may + 60_000)}`, "db"],
        ["method=sub_customer", ""],
        [`customer_id=${domainId}`, "dcba"],
        ["customer_id=other", ""]
      ]
      for (const [query, expected] of cases) expect(yield* find(query), query).toBe(expected)
    })
  )

  it.effect("refuses what is out of range", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      const bad: ReadonlyArray<[string, string]> = [
        ["limit=0", "limit"],
        ["limit=101", "limit"],
        ["offset=-1", "offset"],
        ["status=done", "status"],
        ["order_by=price", "order_by"],
        ["method=all", "method"],
        ["create_time_begin=2026-01-01", "create_time_begin"],
        ["create_time_begin=2026-01-01T00:00:00%2B08:00", "create_time_begin"],
        ["create_time_begin=2025-01-01T00:00:00Z&create_time_end=2026-01-01T00:00:01Z", "create_time_end"],
        ["payment_time_begin=2026-01-02T00:00:00Z&payment_time_end=2026-01-01T00:00:00Z", "payment_time_end"]
      ]
      for (const [query, field] of bad) {
        expect(yield* account(`${orders}?${query}`), query).toMatchObject(refused(400, "CBC.0100", field))
      }
      const year = "create_time_begin=2025-01-01T00:00:00Z&create_time_end=2026-01-01T00:00:00Z"
      expect((yield* account(`${orders}?${year}`)).status).toBe(200)
    })
  )

  it.effect("orders that come and go shift the pages, as they do at the vendor's", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start({
        orders: Array.from({ length: 6 }, (_, index) => simple(`CS${index}`, may + index * 1000))
      })
      const page = (offset: number) =>
        Effect.map(account(`${orders}?limit=3&offset=${offset}`), ({ json }) =>
          [json.total_count, ...json.order_infos.map((order: { order_id: string }) => order.order_id)].join(
            " "
          )
        )
      expect(yield* page(0)).toBe("6 CS5 CS4 CS3")
      yield* emulator.addOrder(simple("CS6", may + 6000))
      expect(yield* page(3)).toBe("7 CS3 CS2 CS1")
      yield* emulator.removeOrder("cs6")
      yield* emulator.removeOrder("CS5")
      expect(yield* page(3)).toBe("5 CS1 CS0")
      yield* emulator.addOrder({ ...simple("cs0", may + 9000), amount: "1" })
      expect(yield* page(0)).toBe("5 cs0 CS4 CS3")
      expect((yield* emulator.orders).map(({ orderId }) => orderId)).toEqual([
        "CS1",
        "CS2",
        "CS3",
        "CS4",
        "cs0"
      ])
      expect((yield* Effect.exit(emulator.removeOrder("CS5")))._tag).toBe("Failure")
      const item = {
        product: "P",
        resourceType: "T",
        resourceId: "R",
        amount: "12.5",
        officialAmount: "12.5"
      }
      for (const wrong of [{ amount: "12.4" }, { officialAmount: "12.6" }]) {
        const order = { ...simple("CS7"), items: [{ ...item, ...wrong }] }
        expect((yield* Effect.exit(emulator.addOrder(order)))._tag).toBe("Failure")
      }
      expect((yield* Effect.exit(emulator.addOrder({ ...simple("CS8"), amount: "1e3" })))._tag).toBe(
        "Failure"
      )
    })
  )

  it.effect("a hundred thousand are paged through, each once", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 100_000 }, (_, index) =>
        simple(`CS${index}`, may + (index % 999) * 1000)
      )
      const { account } = yield* start({ orders: many })
      const seen = new Set<string>()
      for (let offset = 0; offset < many.length; offset += 100) {
        const { json } = yield* account(`${orders}?status=5&limit=100&offset=${offset}`)
        for (const order of json.order_infos) seen.add(order.order_id)
      }
      expect(seen.size).toBe(many.length)
      expect((yield* account(`${orders}?offset=${many.length}`)).json.order_infos).toEqual([])
    })
  )
})

describe("ShowCustomerOrderDetails", () => {
  it.effect("tells the items, which add up to the order", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start()
      for (const { amount, orderId } of (yield* emulator.orders).slice(0, 30)) {
        const { body, json } = yield* account(`${orders}/details/${orderId}?limit=100`)
        expect(json).toMatchObject({
          total_count: json.order_line_items.length,
          order_info: { order_id: orderId, user_name: user, currency: "CNY" }
        })
        const items = exactly(body, "order_line_items", "amount_after_discount")
        expect(BigDecimal.equals(items, BigDecimal.fromStringUnsafe(amount)), orderId).toBe(true)
      }
    })
  )

  it.effect("pages the items, and does not know other orders", () =>
    Effect.gen(function* () {
      const item = (resourceId: string) => ({ product: "P", resourceType: "T", resourceId, amount: "1.25" })
      const order = { ...simple("CS1"), amount: "2.50", items: [item("a"), item("b")] }
      const { account } = yield* start({ orders: [order] })
      expect((yield* account(`${orders}/details/cs1?limit=1&offset=1`)).json).toMatchObject({
        total_count: 2,
        order_line_items: [{ order_line_item_id: "CS1-000002", order_id: "CS1", amount_after_discount: 1.25 }]
      })
      expect(yield* account(`${orders}/details/CS2`)).toMatchObject(refused(400, "CBC.30000010"))
      expect(yield* account(`${orders}/details/CS1?limit=0`)).toMatchObject(refused(400, "CBC.0100", "limit"))
    })
  )
})

describe("bills", () => {
  it.effect("fee records and monthly sums add up to the orders that were paid, to the last digit", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start()
      const paid = (yield* emulator.orders).filter(({ status = 5 }) => status === 5)
      const total = BigDecimal.sumAll(paid.map(({ amount }) => BigDecimal.fromStringUnsafe(amount)))
      let ofRecords = BigDecimal.make(0n, 0)
      let ofSums = BigDecimal.make(0n, 0)
      for (const month of months) {
        const records = (yield* account(`${fees}?cycle=${month}&limit=1000`)).body
        const monthly = (yield* account(`${sums}?bill_cycle=${month}&limit=1000`)).body
        const whole = decimal(
          (Result.getOrThrow(Json.parse(monthly)) as Record<string, unknown>)["consume_amount"]
        )
        const inRecords = exactly(records, "fee_records", "amount")
        expect(BigDecimal.equals(inRecords, whole), month).toBe(true)
        expect(BigDecimal.equals(exactly(monthly, "bill_sums", "consume_amount"), whole), month).toBe(true)
        ofRecords = BigDecimal.sum(ofRecords, inRecords)
        ofSums = BigDecimal.sum(ofSums, whole)
      }
      expect(BigDecimal.equals(ofRecords, total)).toBe(true)
      expect(BigDecimal.equals(ofSums, total)).toBe(true)
    })
  )

  const item = (resourceId: string, amount: string, resourceType = "T") => ({
    product: "P",
    resourceType,
    resourceId,
    amount
  })
  const billed: ReadonlyArray<MetaStudioEmulator.Order> = [
    // In Beijing this is the first of May.
    {
      ...simple("CSa", Date.UTC(2026, 3, 30, 16)),
      amount: "3",
      items: [item("r1", "1"), item("r2", "2", "U")]
    },
    { ...simple("CSb", may), orderType: 4, amount: "-0.5", items: [item("r1", "-0.5")] },
    { ...simple("CSc", may), amount: "0", items: [item("r3", "0")] },
    { ...simple("CSd", Date.UTC(2026, 4, 31, 16)), amount: "9" },
    { ...simple("CSe", may), status: 6, amount: "100" }
  ]

  it.effect("a month is Beijing's, and only what was paid is in it", () =>
    Effect.gen(function* () {
      const { account } = yield* start({ orders: billed })
      const { json } = yield* account(`${fees}?cycle=2026-05`)
      expect(json).toMatchObject({ total_count: 4, currency: "CNY" })
      expect(json.fee_records[0]).toMatchObject({
        bill_date: "2026-05-01",
        bill_type: 1,
        customer_id: domainId,
        account_name: domain,
        resource_id: "r1",
        trade_id: "CSa",
        charge_mode: "1",
        amount: 1,
        official_amount: 1,
        discount_amount: 0,
        measure_id: 1,
        usage: null,
        id: expect.stringMatching(/^[0-9a-f]{32}$/)
      })
      expect((yield* account(`${fees}?cycle=2026-06`)).json.total_count).toBe(1)
      expect((yield* account(`${fees}?cycle=2026-04`)).json).toEqual({
        fee_records: [],
        total_count: 0,
        currency: "CNY"
      })
      const byPeriod = yield* account(`${fees}?cycle=2026-05&statistic_type=1`)
      expect(byPeriod.json.fee_records[0].id).toBeUndefined()
    })
  )

  it.effect("records are filtered by everything that is documented, and paged", () =>
    Effect.gen(function* () {
      const { account } = yield* start({ orders: billed })
      const find = (query: string) =>
        Effect.map(account(`${fees}?cycle=2026-05&${query}`), ({ json }) =>
          json.fee_records.map((record: { amount: number }) => record.amount)
        )
      const cases: ReadonlyArray<[string, ReadonlyArray<number>]> = [
        ["", [1, 2, -0.5, 0]],
        ["include_zero_record=false", [1, 2, -0.5]],
        ["bill_type=4", [-0.5]],
        ["resource_id=r1", [1, -0.5]],
        ["resource_id=", []],
        ["trade_id=CSb", [-0.5]],
        ["cloud_service_type=hws.service.type.obs", []],
        ["charge_mode=3", []],
        ["method=sub_customer", []],
        ["bill_date_begin=2026-05-01&bill_date_end=2026-05-19", [1, 2]],
        ["bill_date_begin=2026-05-20", [1, 2, -0.5, 0]],
        ["limit=2&offset=1", [2, -0.5]]
      ]
      for (const [query, expected] of cases) expect(yield* find(query), query).toEqual(expected)
    })
  )

  it.effect("a monthly sum is by the service, or by the kind of resource of one service", () =>
    Effect.gen(function* () {
      const { account } = yield* start({ orders: billed })
      const { json } = yield* account(`${sums}?bill_cycle=2026-05`)
      expect(json).toMatchObject({
        total_count: 2,
        consume_amount: 2.5,
        cash_amount: 2.5,
        debt_amount: 0,
        measure_id: 1,
        currency: "CNY",
        bill_sums: [
          {
            bill_cycle: "2026-05",
            resource_type_code: null,
            bill_type: 1,
            charging_mode: 1,
            consume_amount: 3
          },
          { resource_type_code: null, bill_type: 2, consume_amount: -0.5 }
        ]
      })
      const one = yield* account(`${sums}?bill_cycle=2026-05&service_type_code=hws.service.type.metastudio`)
      expect(one.json.bill_sums).toMatchObject([
        { resource_type_code: "T", bill_type: 1, consume_amount: 1 },
        { resource_type_code: "U", bill_type: 1, consume_amount: 2 },
        { resource_type_code: "T", bill_type: 2, consume_amount: -0.5 }
      ])
      expect((yield* account(`${sums}?bill_cycle=2026-05&limit=1&offset=1`)).json).toMatchObject({
        total_count: 2,
        consume_amount: 2.5,
        bill_sums: [{ bill_type: 2 }]
      })
      expect((yield* account(`${sums}?bill_cycle=2020-01`)).json).toMatchObject({
        total_count: 0,
        bill_sums: [],
        consume_amount: 0
      })
    })
  )

  it.effect("follow orders that come and go", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start({ orders: billed })
      const sum = Effect.map(account(`${sums}?bill_cycle=2026-05`), ({ json }) => json.consume_amount)
      expect(yield* sum).toBe(2.5)
      yield* emulator.addOrder(simple("CSf"))
      expect(yield* sum).toBe(15)
      yield* emulator.removeOrder("CSa")
      expect(yield* sum).toBe(12)
    })
  )

  it.effect("refuse a month that is none, and what is out of range", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      const bad: ReadonlyArray<[string, string]> = [
        [fees, "cycle"],
        [`${fees}?cycle=2026-13`, "cycle"],
        [`${fees}?cycle=2026-05&limit=1001`, "limit"],
        [`${fees}?cycle=2026-05&bill_date_begin=2026-06-01&bill_date_end=2026-06-02`, "bill_date_begin"],
        [`${fees}?cycle=2026-05&include_zero_record=1`, "include_zero_record"],
        [`${fees}?cycle=2026-05&statistic_type=2`, "statistic_type"],
        [sums, "bill_cycle"],
        [`${sums}?bill_cycle=202605`, "bill_cycle"],
        [`${sums}?bill_cycle=2026-05&offset=x`, "offset"]
      ]
      for (const [path, field] of bad) {
        expect(yield* account(path), path).toMatchObject(refused(400, "CBC.0100", field))
      }
    })
  )
})

describe("ShowCustomerAccountBalances", () => {
  it.effect("tells every kind of account, in yuan", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      const { body, json } = yield* account(balances)
      expect(json).toMatchObject({ debt_amount: 0, measure_id: 1, currency: "CNY" })
      expect(json.account_balances).toMatchObject([
        { account_type: 1, amount: 20810.92, currency: "CNY", credit_amount: null, measure_id: 1 },
        { account_type: 2, amount: 5000, credit_amount: 10000 },
        { account_type: 5 }
      ])
      expect(body).toContain('"amount":12.3456789')
      expect(yield* account(balances, { method: "POST", body: {} })).toMatchObject({ status: 404 })
    })
  )
})

describe("packages of on-demand resources", () => {
  const query = "/v3/payments/free-resources/query"
  const details = "/v2/payments/free-resources/usages/details/query"

  it.effect("are listed with amounts as text, and told one by one with amounts as numbers", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      const { json } = yield* account(query, { method: "POST", body: {} })
      expect(json.total_count).toBe(3)
      expect(json.free_resource_packages[1]).toMatchObject({
        product_name: "资产存储套餐包",
        status: 1,
        quota_reuse_mode: 1,
        effective_time: expect.stringMatching(/Z$/),
        free_resources: [{ amount: "39.999999999999999", original_amount: "40", measure_id: 10 }]
      })
      const id = json.free_resource_packages[1].free_resources[0].free_resource_id
      const usage = yield* account(details, { method: "POST", body: { free_resource_ids: [id, "unknown"] } })
      expect(usage.body).toContain('"amount":39.999999999999999,')
      expect(usage.json.free_resources).toMatchObject([
        { free_resource_id: id, quota_reuse_cycle: 4, original_amount: 40, measure_id: 10 }
      ])
    })
  )

  it.effect("are filtered and paged; null and the empty text filter nothing", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      const find = (body: object) =>
        Effect.map(account(query, { method: "POST", body }), ({ json }) =>
          json.free_resource_packages.map((one: { status: number }) => one.status)
        )
      expect(yield* find({ order_id: null, product_name: "", status: null, limit: null })).toEqual([1, 1, 2])
      expect(yield* find({ status: 2 })).toEqual([2])
      expect(yield* find({ product_name: "资产存储套餐包" })).toEqual([1])
      expect(yield* find({ region_code: "cn-east-3" })).toEqual([])
      expect(yield* find({ service_type_code_list: ["HWS.SERVICE.TYPE.METASTUDIO"] })).toEqual([1, 1, 2])
      expect(yield* find({ service_type_code_list: ["hws.service.type.obs"] })).toEqual([])
      expect(yield* find({ limit: 1, offset: 2 })).toEqual([2])
    })
  )

  it.effect("refuse bodies that are not what is documented", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      const bad: ReadonlyArray<[string, unknown, string]> = [
        [query, "[]", "body"],
        [query, { limits: 1 }, "limits"],
        [query, { limit: 0 }, "limit"],
        [query, { limit: "10" }, "limit"],
        [query, { status: 5 }, "status"],
        [query, { order_id: 1 }, "order_id"],
        [query, { service_type_code_list: "x" }, "service_type_code_list"],
        [details, {}, "free_resource_ids"],
        [details, { free_resource_ids: [] }, "free_resource_ids"],
        [details, { free_resource_ids: [1] }, "free_resource_ids"],
        [details, { free_resource_ids: Array.from({ length: 101 }, String) }, "free_resource_ids"]
      ]
      for (const [path, body, field] of bad) {
        expect(yield* account(path, { method: "POST", body }), JSON.stringify(body)).toMatchObject(
          refused(400, "CBC.0100", field)
        )
      }
    })
  )
})
