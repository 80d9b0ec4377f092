/**
 * The billing service from outside: orders, balances, bills and packages, to the last digit.
 */
import * as Json from "@cloud-quota/core/Json"
import * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Result } from "effect"
import { refused, send, sendSigned, start } from "./fixtures/emulatorCalls.ts"
import { assertLike } from "../../../test/support/like.ts"

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
        assert.strictEqual((yield* sendSigned(emulator, path, { "x-domain-id": domainId })).status, 200, path)
        assertLike(yield* sendSigned(emulator, path, {}), refused(403, "CBC.0151"))
        assertLike(yield* sendSigned(emulator, path, { "x-domain-id": "other" }), refused(403, "CBC.0151"))
        assertLike(
          yield* sendSigned(emulator, path, {}, { unsigned: { "x-domain-id": domainId } }),
          refused(401, "APIGW.0301", "verify aksk signature fail")
        )
      }
    })
  )

  it.effect("a token has to be for the account as a whole", () =>
    Effect.gen(function* () {
      const { account, emulator, ofProject } = yield* start()
      assert.strictEqual((yield* account(balances)).status, 200)
      assertLike(
        yield* send(emulator, balances, { headers: { "x-auth-token": ofProject } }),
        refused(403, "CBC.0151")
      )
      assertLike(yield* send(emulator, balances), refused(401, "APIGW.0301"))
      yield* emulator.expireTokens
      assertLike(yield* account(balances), refused(401, "APIGW.0307"))
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
      assert.include(answer.body, `"amount_after_discount":${amount},`)
      assertLike(answer.json, {
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
      assert.strictEqual(json.total_count, invented.length)
      assert.isAbove(invented.length, 120)
      assert.deepStrictEqual(yield* (yield* MetaStudioEmulator.make({ size: 12 })).orders, invented)
      assert.notDeepEqual(yield* (yield* MetaStudioEmulator.make({ size: 12, seed: 2 })).orders, invented)
      const times = invented.map(({ createTime }) => createTime)
      assert.isAbove(Math.min(...times), MetaStudioEmulator.seedTime - 366 * 86_400_000)
      assert.isBelow(Math.max(...times), MetaStudioEmulator.seedTime)
      const kinds = (key: "orderType" | "status") => new Set(invented.map((order) => order[key]))
      assert.deepStrictEqual(kinds("orderType"), new Set([undefined, 1, 2, 3, 4]))
      assert.deepStrictEqual(kinds("status"), new Set([undefined, 1, 3, 4, 5, 6, 9]))
      assert.isTrue(invented.some(({ amount }) => String(Number(amount)).length + 3 < amount.length))
      assert.isTrue(invented.some(({ amount }) => amount.startsWith("-")))
    })
  )

  it.effect("the packages of the tenant are among them", () =>
    Effect.gen(function* () {
      const { account, project } = yield* start()
      const { json } = yield* project("/tenants/resources?resource_source=PURCHASED&limit=100")
      for (const { order_id, resource_type } of json.resources) {
        const details = yield* account(`${orders}/details/${order_id}`)
        assertLike(details.json.order_line_items, [{ commercial_resource: resource_type }])
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
          assert.strictEqual(json.total_count, json.order_infos.length)
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
      for (const [query, expected] of cases) assert.strictEqual(yield* find(query), expected, query)
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
        assertLike(yield* account(`${orders}?${query}`), refused(400, "CBC.0100", field), query)
      }
      const year = "create_time_begin=2025-01-01T00:00:00Z&create_time_end=2026-01-01T00:00:00Z"
      assert.strictEqual((yield* account(`${orders}?${year}`)).status, 200)
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
      assert.strictEqual(yield* page(0), "6 CS5 CS4 CS3")
      yield* emulator.addOrder(simple("CS6", may + 6000))
      assert.strictEqual(yield* page(3), "7 CS3 CS2 CS1")
      yield* emulator.removeOrder("cs6")
      yield* emulator.removeOrder("CS5")
      assert.strictEqual(yield* page(3), "5 CS1 CS0")
      yield* emulator.addOrder({ ...simple("cs0", may + 9000), amount: "1" })
      assert.strictEqual(yield* page(0), "5 cs0 CS4 CS3")
      assert.deepStrictEqual(
        (yield* emulator.orders).map(({ orderId }) => orderId),
        ["CS1", "CS2", "CS3", "CS4", "cs0"]
      )
      assert.strictEqual((yield* Effect.exit(emulator.removeOrder("CS5")))._tag, "Failure")
      const item = {
        product: "P",
        resourceType: "T",
        resourceId: "R",
        amount: "12.5",
        officialAmount: "12.5"
      }
      for (const wrong of [{ amount: "12.4" }, { officialAmount: "12.6" }]) {
        const order = { ...simple("CS7"), items: [{ ...item, ...wrong }] }
        assert.strictEqual((yield* Effect.exit(emulator.addOrder(order)))._tag, "Failure")
      }
      assert.strictEqual(
        (yield* Effect.exit(emulator.addOrder({ ...simple("CS8"), amount: "1e3" })))._tag,
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
      assert.strictEqual(seen.size, many.length)
      assert.deepStrictEqual((yield* account(`${orders}?offset=${many.length}`)).json.order_infos, [])
    })
  )
})

describe("ShowCustomerOrderDetails", () => {
  it.effect("tells the items, which add up to the order", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start()
      for (const { amount, orderId } of (yield* emulator.orders).slice(0, 30)) {
        const { body, json } = yield* account(`${orders}/details/${orderId}?limit=100`)
        assertLike(json, {
          total_count: json.order_line_items.length,
          order_info: { order_id: orderId, user_name: user, currency: "CNY" }
        })
        const items = exactly(body, "order_line_items", "amount_after_discount")
        assert.strictEqual(BigDecimal.equals(items, BigDecimal.fromStringUnsafe(amount)), true, orderId)
      }
    })
  )

  it.effect("pages the items, and does not know other orders", () =>
    Effect.gen(function* () {
      const item = (resourceId: string) => ({ product: "P", resourceType: "T", resourceId, amount: "1.25" })
      const order = { ...simple("CS1"), amount: "2.50", items: [item("a"), item("b")] }
      const { account } = yield* start({ orders: [order] })
      assertLike((yield* account(`${orders}/details/cs1?limit=1&offset=1`)).json, {
        total_count: 2,
        order_line_items: [{ order_line_item_id: "CS1-000002", order_id: "CS1", amount_after_discount: 1.25 }]
      })
      assertLike(yield* account(`${orders}/details/CS2`), refused(400, "CBC.30000010"))
      assertLike(yield* account(`${orders}/details/CS1?limit=0`), refused(400, "CBC.0100", "limit"))
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
        assert.strictEqual(BigDecimal.equals(inRecords, whole), true, month)
        assert.strictEqual(
          BigDecimal.equals(exactly(monthly, "bill_sums", "consume_amount"), whole),
          true,
          month
        )
        ofRecords = BigDecimal.sum(ofRecords, inRecords)
        ofSums = BigDecimal.sum(ofSums, whole)
      }
      assert.isTrue(BigDecimal.equals(ofRecords, total))
      assert.isTrue(BigDecimal.equals(ofSums, total))
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
      assert.deepInclude(json, { total_count: 4, currency: "CNY" })
      assertLike(json.fee_records[0], {
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
        id: /^[0-9a-f]{32}$/
      })
      assert.strictEqual((yield* account(`${fees}?cycle=2026-06`)).json.total_count, 1)
      assert.deepStrictEqual((yield* account(`${fees}?cycle=2026-04`)).json, {
        fee_records: [],
        total_count: 0,
        currency: "CNY"
      })
      const byPeriod = yield* account(`${fees}?cycle=2026-05&statistic_type=1`)
      assert.isUndefined(byPeriod.json.fee_records[0].id)
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
      for (const [query, expected] of cases) assert.deepStrictEqual(yield* find(query), expected, query)
    })
  )

  it.effect("a monthly sum is by the service, or by the kind of resource of one service", () =>
    Effect.gen(function* () {
      const { account } = yield* start({ orders: billed })
      const { json } = yield* account(`${sums}?bill_cycle=2026-05`)
      assertLike(json, {
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
      assertLike(one.json.bill_sums, [
        { resource_type_code: "T", bill_type: 1, consume_amount: 1 },
        { resource_type_code: "U", bill_type: 1, consume_amount: 2 },
        { resource_type_code: "T", bill_type: 2, consume_amount: -0.5 }
      ])
      assertLike((yield* account(`${sums}?bill_cycle=2026-05&limit=1&offset=1`)).json, {
        total_count: 2,
        consume_amount: 2.5,
        bill_sums: [{ bill_type: 2 }]
      })
      assertLike((yield* account(`${sums}?bill_cycle=2020-01`)).json, {
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
      assert.strictEqual(yield* sum, 2.5)
      yield* emulator.addOrder(simple("CSf"))
      assert.strictEqual(yield* sum, 15)
      yield* emulator.removeOrder("CSa")
      assert.strictEqual(yield* sum, 12)
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
        assertLike(yield* account(path), refused(400, "CBC.0100", field), path)
      }
    })
  )
})

describe("ShowCustomerAccountBalances", () => {
  it.effect("tells every kind of account, in yuan", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      const { body, json } = yield* account(balances)
      assert.deepInclude(json, { debt_amount: 0, measure_id: 1, currency: "CNY" })
      assertLike(json.account_balances, [
        { account_type: 1, amount: 20810.92, currency: "CNY", credit_amount: null, measure_id: 1 },
        { account_type: 2, amount: 5000, credit_amount: 10000 },
        { account_type: 5 }
      ])
      assert.include(body, '"amount":12.3456789')
      assert.deepInclude(yield* account(balances, { method: "POST", body: {} }), { status: 404 })
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
      assert.strictEqual(json.total_count, 3)
      assertLike(json.free_resource_packages[1], {
        product_name: "资产存储套餐包",
        status: 1,
        quota_reuse_mode: 1,
        effective_time: /Z$/,
        free_resources: [{ amount: "39.999999999999999", original_amount: "40", measure_id: 10 }]
      })
      const id = json.free_resource_packages[1].free_resources[0].free_resource_id
      const usage = yield* account(details, { method: "POST", body: { free_resource_ids: [id, "unknown"] } })
      assert.include(usage.body, '"amount":39.999999999999999,')
      assertLike(usage.json.free_resources, [
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
      assert.deepStrictEqual(
        yield* find({ order_id: null, product_name: "", status: null, limit: null }),
        [1, 1, 2]
      )
      assert.deepStrictEqual(yield* find({ status: 2 }), [2])
      assert.deepStrictEqual(yield* find({ product_name: "资产存储套餐包" }), [1])
      assert.deepStrictEqual(yield* find({ region_code: "cn-east-3" }), [])
      assert.deepStrictEqual(
        yield* find({ service_type_code_list: ["HWS.SERVICE.TYPE.METASTUDIO"] }),
        [1, 1, 2]
      )
      assert.deepStrictEqual(yield* find({ service_type_code_list: ["hws.service.type.obs"] }), [])
      assert.deepStrictEqual(yield* find({ limit: 1, offset: 2 }), [2])
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
        assertLike(
          yield* account(path, { method: "POST", body }),
          refused(400, "CBC.0100", field),
          JSON.stringify(body)
        )
      }
    })
  )
})
