/**
 * Orders, bills, balances and packages: what is asked, that amounts stay exact, and what failures mean.
 */
import { assert, describe, it } from "@effect/vitest"
import { type CloudQuotaError, Quantity } from "@cloud-quota/core"
import * as TestTransport from "@cloud-quota/core/TestTransport"
import {
  type Bill,
  type CustomerOrder,
  ErrorCode,
  type FreeResource,
  MetaStudioEmulator
} from "@cloud-quota/metastudio"
import { BigDecimal, DateTime, Effect, Redacted, Result, Stream } from "effect"
import {
  answer,
  type Clients,
  cut,
  emulated,
  failureOf,
  listing,
  passwordOf,
  run,
  untyped
} from "./fixtures/clients.ts"

type Call<A = unknown> = (clients: Clients) => Effect.Effect<A, CloudQuotaError.CloudQuotaError>

const total = (amounts: ReadonlyArray<Quantity.Quantity | undefined>) =>
  amounts.reduce<Quantity.Quantity>(
    (sum, amount) => (amount === undefined ? sum : Quantity.sum(sum, amount)),
    Quantity.zero("CNY")
  )

/** Every operation, asked as simply as can be. */
const reads: Readonly<Record<string, Call>> = {
  ListCustomerOrders: ({ bss }) => bss.listCustomerOrders(),
  ShowCustomerAccountBalances: ({ bss }) => bss.showCustomerAccountBalances(),
  ListCustomerselfResourceRecords: ({ bss }) => bss.listCustomerselfResourceRecords({ cycle: "2026-10" }),
  ShowCustomerMonthlySum: ({ bss }) => bss.showCustomerMonthlySum({ billCycle: "2026-10" }),
  ListFreeResourceInfos: ({ bss }) => bss.listFreeResourceInfos(),
  ListFreeResourceUsages: ({ bss }) => bss.listFreeResourceUsages(["i1"])
}

describe("orders", () => {
  it.effect("are all there, digit for digit", () =>
    Effect.gen(function* () {
      const { bss, emulator } = yield* emulated()
      const known = yield* emulator.orders
      const all = yield* Stream.runCollect(bss.allCustomerOrders())
      assert.deepStrictEqual(
        all.map(({ amountAfterDiscount, orderId }) => `${orderId} ${amountAfterDiscount}`).sort(),
        known.map(({ amount, orderId }) => `${orderId} ${Quantity.cny(amount)}`).sort()
      )
      assert.isAbove(all.length, 100)
      const page = yield* bss.listCustomerOrders({ limit: 2, offset: 3, orderBy: "createTime" })
      assert.strictEqual(page.totalCount, known.length)
      assert.deepStrictEqual(
        page.orders.map(({ orderId }) => orderId),
        known.slice(3, 5).map(({ orderId }) => orderId)
      )
      const unpaid = yield* Stream.runCollect(bss.allCustomerOrders({ status: 6 }))
      assert.isTrue(unpaid.every(({ paymentTime, status }) => status === 6 && paymentTime === undefined))
    })
  )

  it.effect("add up from their items", () =>
    Effect.gen(function* () {
      const { bss, emulator } = yield* emulated()
      const order = {
        orderId: "CS-exact",
        amount: "0.30000000000000000001",
        createTime: MetaStudioEmulator.seedTime - 1000,
        items: ["0.1", "0.20000000000000000001"].map((amount, index) => ({
          product: `package ${index}`,
          resourceType: "t",
          resourceId: `r${index}`,
          amount
        }))
      }
      yield* emulator.addOrder(order)
      const details = yield* bss.showCustomerOrderDetails("CS-exact")
      assert.strictEqual(String(details.order.amountAfterDiscount), "0.30000000000000000001 CNY")
      assert.strictEqual(details.totalCount, 2)
      assert.isTrue(
        BigDecimal.equals(
          total(details.lineItems.map(({ amountAfterDiscount }) => amountAfterDiscount)).amount,
          BigDecimal.fromStringUnsafe(order.amount)
        )
      )
      const missing = yield* Effect.flip(bss.showCustomerOrderDetails("CS-none"))
      assert.strictEqual(missing.reason._tag, "NotFound")
      const { result } = yield* run([], (clients) => clients.bss.showCustomerOrderDetails("a/b"))
      assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field: "order_id" })
    })
  )

  it.effect("are asked for as documented", () =>
    Effect.gen(function* () {
      const from = DateTime.makeUnsafe("2026-01-01T00:00:00+08:00")
      const { requests } = yield* run([answer('{"total_count":0,"order_infos":null}')], ({ bss }) =>
        bss.listCustomerOrders({
          orderId: "CS1",
          createTimeBegin: from,
          createTimeEnd: DateTime.add(from, { days: 1 }),
          serviceTypeCode: "hws.service.type.obs",
          status: 5,
          orderType: 1,
          orderBy: "-createTime",
          method: "oneself"
        })
      )
      const url = new URL(requests[0]?.url ?? "")
      assert.strictEqual(url.pathname, "/v2/orders/customer-orders")
      assert.deepStrictEqual(Object.fromEntries(url.searchParams), {
        order_id: "CS1",
        create_time_begin: "2025-12-31T16:00:00Z",
        create_time_end: "2026-01-01T16:00:00Z",
        service_type_code: "hws.service.type.obs",
        status: "5",
        order_type: "1",
        order_by: "-createTime",
        method: "oneself",
        limit: "100",
        offset: "0"
      })
    })
  )
})

describe("amounts", () => {
  const orders = (row: string) =>
    run([answer(`{"order_infos":[{"order_id":"CS1",${row}}]}`)], ({ bss }) => bss.listCustomerOrders())

  it.effect("have the currency of their row, and all their digits", () =>
    Effect.gen(function* () {
      for (const [wire, shown] of [
        ["12345678901234567.12345678", "12345678901234567.12345678 EUR"],
        ['"-0.1"', "-0.1 EUR"],
        ["1E-8", "0.00000001 EUR"]
      ]) {
        const { result } = yield* orders(`"amount_after_discount":${wire},"currency":"EUR","measure_id":1`)
        const [order] = Result.getOrThrow(result).orders
        assert.strictEqual(String(order?.amountAfterDiscount), shown)
      }
    })
  )

  it.effect("are absent without a currency, and in a measure that is not documented", () =>
    Effect.gen(function* () {
      for (const row of [
        '"amount_after_discount":5',
        '"amount_after_discount":5,"currency":""',
        '"amount_after_discount":5,"currency":"CNY","measure_id":3'
      ]) {
        const { result } = yield* orders(row)
        const [order] = Result.getOrThrow(result).orders
        assert.isDefined(order)
        assert.notProperty(order, "amountAfterDiscount")
        assert.strictEqual(order.details["amount_after_discount"], 5)
      }
      const { result } = yield* orders('"amount_after_discount":"five","currency":"CNY"')
      assert.include(failureOf(result).message, "order_infos[0]: amount_after_discount is not a decimal")
    })
  )

  it.effect("of a bill have the currency of the whole answer", () =>
    Effect.gen(function* () {
      const body = '{"currency":"CNY","fee_records":[{"amount":0.10,"cash_amount":0.1,"usage":"3.25"}]}'
      const { result } = yield* run([answer(body)], ({ bss }) =>
        bss.listCustomerselfResourceRecords({ cycle: "2026-10" })
      )
      const [record] = Result.getOrThrow(result).records
      assert.strictEqual(String(record?.amount), "0.10 CNY")
      assert.strictEqual(record?.usage && BigDecimal.format(record.usage), "3.25")
    })
  )
})

describe("bills", () => {
  it.effect("add up to the sums of the month", () =>
    Effect.gen(function* () {
      const { bss } = yield* emulated()
      const sums = yield* Stream.runCollect(bss.allCustomerMonthlySums({ billCycle: "2026-10" }))
      const records = yield* Stream.runCollect(bss.allCustomerselfResourceRecords({ cycle: "2026-10" }))
      const whole = yield* bss.showCustomerMonthlySum({ billCycle: "2026-10", limit: 1 })
      assert.isAbove(records.length, 1)
      const charged = total(records.map(({ amount }) => amount))
      assert.isTrue(Quantity.isPositive(charged))
      for (const sum of [total(sums.map(({ consumeAmount }) => consumeAmount)), whole.consumeAmount]) {
        assert.strictEqual(String(sum), String(charged))
      }
      const [record] = records
      assert.isDefined(record?.orderId)
      const order = yield* bss.showCustomerOrderDetails(record.orderId)
      assert.strictEqual(order.order.orderId, record.orderId)
      assert.deepStrictEqual((yield* bss.listCustomerselfResourceRecords({ cycle: "2020-01" })).records, [])
    })
  )

  it.effect("by month have each resource once, also while its amount grows between the pages", () =>
    Effect.gen(function* () {
      const resources = Array.from({ length: 1500 }, (_, index) => `resource ${index}`)
      let pages = 0
      const growing = listing(resources, (rows, total_count) => {
        pages += 1
        const fee_records = rows.map((resource_id) => ({ resource_id, bill_type: 5, amount: pages }))
        return TestTransport.json({ fee_records, total_count, currency: "CNY" })
      })
      const { result } = yield* run(growing, ({ bss }) =>
        Stream.runCollect(bss.allCustomerselfResourceRecords({ cycle: "2026-10", statisticType: 1 }))
      )
      const found = Result.getOrThrow(result).map(({ resourceId }) => resourceId)
      assert.deepStrictEqual(found, resources)
      assert.strictEqual(pages, 2)
    })
  )
})

describe("balances", () => {
  it.effect("are read as the vendor's example has them", () =>
    Effect.gen(function* () {
      const { bss } = yield* emulated()
      const { balances, currency, debtAmount } = yield* bss.showCustomerAccountBalances()
      assert.strictEqual(
        String(balances.find(({ accountType }) => accountType === 1)?.amount),
        "20810.92 CNY"
      )
      assert.strictEqual(currency, "CNY")
      assert.strictEqual(String(debtAmount), "0.00 CNY")
      const none = yield* run([answer("{}")], (clients) => clients.bss.showCustomerAccountBalances())
      assert.deepStrictEqual(Result.getOrThrow(none.result), { balances: [], details: {} })
    })
  )
})

describe("packages that are used up on demand", () => {
  it.effect("are asked for with a POST that is a read", () =>
    Effect.gen(function* () {
      const query = { regionCode: "cn-north-4", status: 1, serviceTypeCodeList: ["a", "b"] }
      const { requests, result } = yield* run(
        [cut, answer("", 503), answer('{"total_count":0,"free_resource_packages":[]}')],
        ({ bss }) => bss.listFreeResourceInfos(query)
      )
      assert.isTrue(Result.isSuccess(result))
      assert.lengthOf(requests, 3)
      const [sent] = requests
      assert.strictEqual(sent?.method, "POST")
      assert.strictEqual(new URL(sent?.url ?? "").pathname, "/v3/payments/free-resources/query")
      assert.deepStrictEqual(JSON.parse(sent?.body ?? ""), {
        region_code: "cn-north-4",
        status: 1,
        service_type_code_list: ["a", "b"],
        limit: 100,
        offset: 0
      })
    })
  )

  it.effect("tell what is left of each of their items, to the last digit", () =>
    Effect.gen(function* () {
      const { bss } = yield* emulated()
      const packages = yield* Stream.runCollect(bss.allFreeResourceInfos())
      const page = yield* bss.listFreeResourceInfos({ limit: 1 })
      assert.strictEqual(page.totalCount, packages.length)
      const items = packages.flatMap(({ freeResources }) => freeResources)
      assert.isNotEmpty(items)
      const ids = items.flatMap(({ freeResourceId }) => freeResourceId ?? [])
      const { freeResources } = yield* bss.listFreeResourceUsages(ids)
      const left = (rows: ReadonlyArray<FreeResource.FreeResource>) =>
        rows.map(({ amount, freeResourceId }) => `${freeResourceId} ${amount && BigDecimal.format(amount)}`)
      assert.deepStrictEqual(left(freeResources).sort(), left(items).sort())
      assert.isTrue(freeResources.every(({ endTime }) => DateTime.isDateTime(endTime)))
    })
  )
})

describe("who asks", () => {
  it.effect("has to sign for the right account", () =>
    Effect.gen(function* () {
      const wrong = yield* emulated({}, { domainId: "another-account" })
      for (const [operation, call] of Object.entries(reads)) {
        const error = yield* Effect.flip(call(wrong))
        assert.strictEqual(error.reason._tag, "PermissionDenied", operation)
        assert.strictEqual(error.operation, operation)
        assert.strictEqual(error.reason.details?.code, "CBC.0151")
      }
    })
  )

  it.effect("may be a user with a password, who gets a token for the account", () =>
    Effect.gen(function* () {
      const { bss, emulator } = yield* emulated({}, { credentials: passwordOf })
      assert.isNotEmpty((yield* bss.showCustomerAccountBalances()).balances)
      yield* emulator.expireTokens
      assert.isNotEmpty((yield* bss.listCustomerOrders()).orders)
      assert.strictEqual(yield* emulator.count("KeystoneCreateUserTokenByPassword"), 2)
    })
  )

  it.effect("is in no error, whatever the service repeats", () =>
    Effect.gen(function* () {
      const echo = (sent: TestTransport.SentRequest) =>
        TestTransport.json({ error_code: "CBC.0999", error_msg: JSON.stringify(sent.headers) }, 500)
      const { requests, result } = yield* run([echo], ({ bss }) => bss.listCustomerOrders(), {
        domainId: "d1",
        credentials: { accessKey: "AK-of-somebody", secretKey: Redacted.make("S") },
        retry: { attempts: 1 }
      })
      const signature = /Signature=(\w+)/.exec(requests[0]?.headers["authorization"] ?? "")?.[1]
      assert.isDefined(signature)
      assert.notInclude(String(failureOf(result)), signature)
      assert.notInclude(String(failureOf(result)), "AK-of-somebody")
    })
  )
})

describe("failures", () => {
  it.effect("of every operation are what the code says, and reads are sent again after passing ones", () =>
    Effect.gen(function* () {
      const refusal = (code: string, status: number) =>
        TestTransport.json({ error_code: code, error_msg: "x" }, status)
      for (const [operation, call] of Object.entries(reads)) {
        const invalid = yield* run([refusal("CBC.0100", 400)], call)
        assert.strictEqual(failureOf(invalid.result).reason._tag, "InvalidRequest")
        assert.strictEqual(failureOf(invalid.result).operation, operation)
        assert.strictEqual(failureOf(invalid.result).money, "not-moved")
        assert.lengthOf(invalid.requests, 1)
        const passing = yield* run([refusal("APIG.0308", 429), refusal("CBC.0999", 500), answer("{}")], call)
        assert.isTrue(Result.isSuccess(passing.result), operation)
        assert.lengthOf(passing.requests, 3)
        const html = yield* run([answer("<html>")], call)
        assert.strictEqual(failureOf(html.result).reason._tag, "MalformedResponse")
      }
    })
  )

  it.effect("come with status 200 too, and the code of success is none", () =>
    Effect.gen(function* () {
      const failed = yield* run([TestTransport.json({ error_code: "CBC.0101", error_msg: "x" })], ({ bss }) =>
        bss.showCustomerAccountBalances()
      )
      assert.strictEqual(failureOf(failed.result).reason._tag, "InvalidRequest")
      const succeeded = yield* run(
        [TestTransport.json({ error_code: "CBC.0000", error_msg: "success", account_balances: [] })],
        ({ bss }) => bss.showCustomerAccountBalances()
      )
      assert.isTrue(Result.isSuccess(succeeded.result))
    })
  )

  it("that the vendor lists are known by their code", () => {
    const reasonOf = (code: string, httpStatus: number) => ErrorCode.find(code, httpStatus)?.reason
    assert.strictEqual(reasonOf("CBC.0156", 403), "PermissionDenied")
    assert.strictEqual(reasonOf("CBC.0154", 401), "Unauthenticated")
    assert.strictEqual(reasonOf("Iam.0004", 404), "NotFound")
    assert.strictEqual(reasonOf("IAM.0011", 400), "InvalidRequest")
    assert.strictEqual(reasonOf("PAP5.0001", 403), "PermissionDenied")
    assert.isUndefined(ErrorCode.find("CBC.99999999", 400))
  })
})

describe("listings", () => {
  const all: Call<ReadonlyArray<CustomerOrder.CustomerOrder>> = ({ bss }) =>
    Stream.runCollect(bss.allCustomerOrders())
  const sums: Call<ReadonlyArray<Bill.MonthlySum>> = ({ bss }) =>
    Stream.runCollect(bss.allCustomerMonthlySums({ billCycle: "2026-10" }))

  it.effect("are never short, or without end", () =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 250 }, (_, index) => `CS${index}`)
      const page = (rows: ReadonlyArray<string>, total?: number) =>
        TestTransport.json({ order_infos: rows.map((id) => ({ order_id: id })), total_count: total })
      const told = yield* run(listing(ids, page), all)
      assert.deepStrictEqual(
        Result.getOrThrow(told.result).map(({ orderId }) => orderId),
        ids
      )
      const untold = yield* run(
        listing(ids, (rows) => page(rows)),
        all
      )
      assert.lengthOf(Result.getOrThrow(untold.result), 250)
      for (const answers of [
        listing(ids.slice(0, 150), (rows) => page(rows, 250)),
        listing(ids, () => page(ids.slice(0, 100), 250)),
        listing(ids, () => page(ids.slice(0, 100)))
      ]) {
        const { result } = yield* run(answers, all)
        assert.strictEqual(failureOf(result).reason._tag, "MalformedResponse")
        assert.strictEqual(failureOf(result).operation, "ListCustomerOrders")
      }
    })
  )

  it.effect("go on while the amounts of a month change", () =>
    Effect.gen(function* () {
      const types = Array.from({ length: 1500 }, (_, index) => `type-${index}`)
      let asked = 0
      const { result } = yield* run(
        listing(types, (rows, total) => {
          asked += 1
          const sums = rows.map((type) => ({ resource_type_code: type, consume_amount: asked }))
          return TestTransport.json({ total_count: total, bill_sums: sums })
        }),
        sums
      )
      assert.deepStrictEqual(
        Result.getOrThrow(result).map(({ resourceTypeCode }) => resourceTypeCode),
        types
      )
    })
  )

  it.effect("of charges without an id are told apart to the last digit", () =>
    Effect.gen(function* () {
      // A double would make these rows the same.
      const amounts = Array.from({ length: 1500 }, (_, index) => `0.1234567890123456789${index}`)
      const { result } = yield* run(
        listing(amounts, (rows, total) =>
          answer(`{"total_count":${total},"fee_records":[${rows.map((amount) => `{"amount":${amount}}`)}]}`)
        ),
        ({ bss }) => Stream.runCollect(bss.allCustomerselfResourceRecords({ cycle: "2026-10" }))
      )
      assert.lengthOf(Result.getOrThrow(result), 1500)
    })
  )

  it.effect("are asked for rightly, or not at all", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [string, Call]> = [
        ["cycle", ({ bss }) => bss.listCustomerselfResourceRecords({ cycle: "2026-13" })],
        ["cycle", ({ bss }) => bss.listCustomerselfResourceRecords(untyped({}))],
        [
          "billDateBegin",
          ({ bss }) => bss.listCustomerselfResourceRecords({ cycle: "2026-10", billDateBegin: "1.10." })
        ],
        ["limit", ({ bss }) => bss.listCustomerselfResourceRecords({ cycle: "2026-10", limit: 1001 })],
        ["billCycle", ({ bss }) => bss.showCustomerMonthlySum({ billCycle: untyped(202610) })],
        ["limit", ({ bss }) => bss.listCustomerOrders({ limit: 101 })],
        ["createTimeBegin", ({ bss }) => bss.listCustomerOrders({ createTimeBegin: untyped("2026-01-01") })],
        ["statuss", ({ bss }) => bss.listCustomerOrders(untyped({ statuss: 5 }))],
        ["offset", ({ bss }) => bss.showCustomerOrderDetails("CS1", { offset: -1 })],
        ["status", ({ bss }) => bss.listFreeResourceInfos({ status: untyped("1") })],
        ["serviceTypeCodeList", ({ bss }) => bss.listFreeResourceInfos({ serviceTypeCodeList: [] })],
        ["freeResourceIds", ({ bss }) => bss.listFreeResourceUsages([])],
        ["freeResourceIds", ({ bss }) => bss.listFreeResourceUsages(untyped("i1"))],
        ["freeResourceIds", ({ bss }) => bss.listFreeResourceUsages(Array.from({ length: 101 }, () => "i"))],
        ["query", ({ bss }) => Stream.runCollect(bss.allCustomerOrders(untyped(null)))],
        ["query", ({ bss }) => Stream.runCollect(bss.allFreeResourceInfos(untyped([])))]
      ]
      for (const [field, call] of cases) {
        const { requests, result } = yield* run([], call)
        assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field })
        assert.lengthOf(requests, 0)
      }
    })
  )
})
