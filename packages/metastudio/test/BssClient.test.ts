/**
 * Orders, bills, balances and packages: what is asked, that amounts stay exact, and what failures mean.
 */
import { assert, describe, it } from "@effect/vitest"
import { type CloudQuotaError, Quantity } from "@cloud-quota/core"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { type Bss, ErrorCode } from "@cloud-quota/metastudio"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
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

type Decimal = BigDecimal.BigDecimal | "" | null | undefined

const total = (amounts: ReadonlyArray<Decimal>): BigDecimal.BigDecimal =>
  amounts.reduce<BigDecimal.BigDecimal>(
    (sum, amount) => (amount ? BigDecimal.sum(sum, amount) : sum),
    BigDecimal.fromBigInt(0n)
  )

/** All digits of a decimal. */
const digits = (amount: Decimal | string): string | null | undefined =>
  amount && String(Quantity.make("count", amount)).replace(" count", "")

/** Every operation, asked as simply as can be. */
const reads: Readonly<Record<string, Call>> = {
  ListCustomerOrders: ({ bss }) => bss.listCustomerOrders(),
  ShowCustomerAccountBalances: ({ bss }) => bss.showCustomerAccountBalances(),
  ListCustomerselfResourceRecords: ({ bss }) => bss.listCustomerselfResourceRecords({ cycle: "2026-10" }),
  ShowCustomerMonthlySum: ({ bss }) => bss.showCustomerMonthlySum({ bill_cycle: "2026-10" }),
  ListFreeResourceInfos: ({ bss }) => bss.listFreeResourceInfos(),
  ListFreeResourceUsages: ({ bss }) => bss.listFreeResourceUsages({ free_resource_ids: ["i1"] })
}

describe("orders", () => {
  it.effect("are all there, digit for digit", () =>
    Effect.gen(function* () {
      const { bss, emulator } = yield* emulated()
      const known = yield* emulator.orders
      const all = yield* Stream.runCollect(bss.stream.listCustomerOrders())
      assert.deepStrictEqual(
        all.map((row) => `${row.order_id} ${digits(row.amount_after_discount)} ${row.currency}`).sort(),
        known.map(({ amount, orderId }) => `${orderId} ${digits(amount)} CNY`).sort()
      )
      assert.isAbove(all.length, 100)
      const page = yield* bss.listCustomerOrders({ limit: 2, offset: 3, order_by: "createTime" })
      assert.strictEqual(page.total_count, known.length)
      assert.deepStrictEqual(
        page.order_infos.map(({ order_id }) => order_id),
        known.slice(3, 5).map(({ orderId }) => orderId)
      )
      const unpaid = yield* Stream.runCollect(bss.stream.listCustomerOrders({ status: 6 }))
      assert.isTrue(unpaid.every(({ payment_time, status }) => status === 6 && !payment_time))
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
      const details = yield* bss.showCustomerOrderDetails({ order_id: "CS-exact" })
      assert.strictEqual(digits(details.order_info.amount_after_discount), "0.30000000000000000001")
      assert.strictEqual(details.order_info.currency, "CNY")
      assert.strictEqual(details.total_count, 2)
      assert.isTrue(
        BigDecimal.equals(
          total(details.order_line_items.map((item) => item.amount_after_discount)),
          BigDecimal.fromStringUnsafe(order.amount)
        )
      )
      const missing = yield* Effect.flip(bss.showCustomerOrderDetails({ order_id: "CS-none" }))
      assert.strictEqual(missing.reason._tag, "NotFound")
      const { result } = yield* run([], (clients) =>
        clients.bss.showCustomerOrderDetails({ order_id: "a/b" })
      )
      assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field: "order_id" })
    })
  )

  it.effect("are asked for as documented", () =>
    Effect.gen(function* () {
      const from = DateTime.makeUnsafe("2026-01-01T00:00:00+08:00")
      const { requests } = yield* run([answer('{"total_count":0,"order_infos":null}')], ({ bss }) =>
        bss.listCustomerOrders({
          order_id: "CS1",
          create_time_begin: from,
          create_time_end: DateTime.add(from, { days: 1 }),
          service_type_code: "hws.service.type.obs",
          status: 5,
          order_type: 1,
          order_by: "-createTime",
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

  it.effect("have all their digits, and stand beside the currency of their row", () =>
    Effect.gen(function* () {
      for (const [wire, shown] of [
        ["12345678901234567.12345678", "12345678901234567.12345678"],
        ['"-0.1"', "-0.1"],
        ["1E-8", "0.00000001"]
      ]) {
        const { result } = yield* orders(`"amount_after_discount":${wire},"currency":"EUR","measure_id":1`)
        const [order] = Result.getOrThrow(result).order_infos
        assert.strictEqual(digits(order?.amount_after_discount), shown)
        assert.strictEqual(order?.currency, "EUR")
      }
    })
  )

  it.effect("that are absent stay so, in either way that the vendor writes it", () =>
    Effect.gen(function* () {
      for (const [wire, expected] of [
        ["null", null],
        ['""', ""]
      ] as const) {
        const { result } = yield* orders(`"amount_after_discount":${wire},"currency":${wire}`)
        const [order] = Result.getOrThrow(result).order_infos
        assert.strictEqual(order?.amount_after_discount, expected)
        assert.strictEqual(order?.currency, expected)
      }
    })
  )

  it.effect("that cannot be read are those of their row alone", () =>
    Effect.gen(function* () {
      const { result } = yield* orders(
        '"amount_after_discount":"five"},{"order_id":"CS2","amount_after_discount":"5"'
      )
      const { order_infos, raw, unreadable } = Result.getOrThrow(result)
      assert.deepStrictEqual(
        order_infos.map(({ order_id }) => order_id),
        ["CS2"]
      )
      assert.deepStrictEqual(unreadable, [
        { index: 0, problem: "amount_after_discount: expected a number that can be read exactly" }
      ])
      assert.deepInclude(raw, {
        order_infos: [
          { order_id: "CS1", amount_after_discount: "five" },
          { order_id: "CS2", amount_after_discount: "5" }
        ]
      })
    })
  )

  it.effect("of a bill have the currency of the whole answer, unless they have their own", () =>
    Effect.gen(function* () {
      const body =
        '{"currency":"CNY","measure_id":1,"fee_records":[{"amount":0.10,"cash_amount":0.1,"usage":"3.25"},{"amount":1,"currency":"EUR","measure_id":3},{"amount":2,"currency":""}]}'
      const { result } = yield* run([answer(body)], ({ bss }) =>
        bss.listCustomerselfResourceRecords({ cycle: "2026-10" })
      )
      const { fee_records: records, raw } = Result.getOrThrow(result)
      assert.deepStrictEqual(
        records.map(({ amount, currency, measure_id }) => [digits(amount), currency, measure_id]),
        [
          ["0.1", "CNY", 1],
          ["1", "EUR", 3],
          ["2", "CNY", 1]
        ]
      )
      assert.strictEqual(digits(records[0]?.usage), "3.25")
      assert.deepStrictEqual(Object.keys(raw), ["currency", "measure_id", "fee_records"])
    })
  )
})

describe("bills", () => {
  it.effect("add up to the sums of the month", () =>
    Effect.gen(function* () {
      const { bss } = yield* emulated()
      const sums = yield* Stream.runCollect(bss.stream.showCustomerMonthlySum({ bill_cycle: "2026-10" }))
      const records = yield* Stream.runCollect(
        bss.stream.listCustomerselfResourceRecords({ cycle: "2026-10" })
      )
      const whole = yield* bss.showCustomerMonthlySum({ bill_cycle: "2026-10", limit: 1 })
      assert.isAbove(records.length, 1)
      const charged = total(records.map(({ amount }) => amount))
      assert.isTrue(BigDecimal.isPositive(charged))
      for (const sum of [total(sums.map((row) => row.consume_amount)), whole.consume_amount]) {
        assert.strictEqual(digits(sum), digits(charged))
      }
      assert.isTrue([...sums, ...records].every(({ currency }) => currency === "CNY"))
      const [record] = records
      const order_id = record?.order_id ?? ""
      const order = yield* bss.showCustomerOrderDetails({ order_id })
      assert.strictEqual(order.order_info.order_id, order_id)
      const none = yield* bss.listCustomerselfResourceRecords({ cycle: "2020-01" })
      assert.deepStrictEqual(none.fee_records, [])
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
        Stream.runCollect(bss.stream.listCustomerselfResourceRecords({ cycle: "2026-10", statistic_type: 1 }))
      )
      const found = Result.getOrThrow(result).map(({ resource_id }) => resource_id)
      assert.deepStrictEqual(found, resources)
      assert.strictEqual(pages, 2)
    })
  )
})

describe("balances", () => {
  it.effect("are read as the vendor's example has them", () =>
    Effect.gen(function* () {
      const { bss } = yield* emulated()
      const answered = yield* bss.showCustomerAccountBalances()
      const purse = answered.account_balances?.find(({ account_type }) => account_type === 1)
      assert.strictEqual(digits(purse?.amount), "20810.92")
      assert.strictEqual(answered.currency, "CNY")
      assert.strictEqual(digits(answered.debt_amount), "0")
      const none = yield* run([answer("{}")], (clients) => clients.bss.showCustomerAccountBalances())
      assert.deepStrictEqual(Result.getOrThrow(none.result), { raw: {} })
    })
  )
})

describe("packages that are used up on demand", () => {
  it.effect("are asked for with a POST that is a read", () =>
    Effect.gen(function* () {
      const query = { region_code: "cn-north-4", status: 1, service_type_code_list: ["a", "b"] } as const
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
      const packages = yield* Stream.runCollect(bss.stream.listFreeResourceInfos())
      const page = yield* bss.listFreeResourceInfos({ limit: 1 })
      assert.strictEqual(page.total_count, packages.length)
      const items = packages.flatMap((found) => found.free_resources ?? [])
      assert.isNotEmpty(items)
      const free_resource_ids = items.flatMap((item) => item.free_resource_id ?? [])
      const { free_resources } = yield* bss.listFreeResourceUsages({ free_resource_ids })
      const left = (rows: ReadonlyArray<Bss.FreeResource>) =>
        rows.map((item) => `${item.free_resource_id} ${digits(item.amount)}`)
      assert.deepStrictEqual(left(free_resources).sort(), left(items).sort())
      assert.isTrue(free_resources.every(({ end_time }) => DateTime.isDateTime(end_time)))
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
      assert.isNotEmpty((yield* bss.showCustomerAccountBalances()).account_balances ?? [])
      yield* emulator.expireTokens
      assert.isNotEmpty((yield* bss.listCustomerOrders()).order_infos)
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
  const all: Call<ReadonlyArray<Bss.CustomerOrder>> = ({ bss }) =>
    Stream.runCollect(bss.stream.listCustomerOrders())
  const sums: Call<ReadonlyArray<Bss.MonthlySum>> = ({ bss }) =>
    Stream.runCollect(bss.stream.showCustomerMonthlySum({ bill_cycle: "2026-10" }))

  it.effect("are never short, or without end", () =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 250 }, (_, index) => `CS${index}`)
      const page = (rows: ReadonlyArray<string>, total?: number) =>
        TestTransport.json({ order_infos: rows.map((id) => ({ order_id: id })), total_count: total })
      const told = yield* run(listing(ids, page), all)
      assert.deepStrictEqual(
        Result.getOrThrow(told.result).map(({ order_id }) => order_id),
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
        Result.getOrThrow(result).map(({ resource_type_code }) => resource_type_code),
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
        ({ bss }) => Stream.runCollect(bss.stream.listCustomerselfResourceRecords({ cycle: "2026-10" }))
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
          "bill_date_begin",
          ({ bss }) => bss.listCustomerselfResourceRecords({ cycle: "2026-10", bill_date_begin: "1.10." })
        ],
        ["limit", ({ bss }) => bss.listCustomerselfResourceRecords({ cycle: "2026-10", limit: 1001 })],
        ["bill_cycle", ({ bss }) => bss.showCustomerMonthlySum({ bill_cycle: untyped(202610) })],
        ["limit", ({ bss }) => bss.listCustomerOrders({ limit: 101 })],
        [
          "create_time_begin",
          ({ bss }) => bss.listCustomerOrders({ create_time_begin: untyped("2026-01-01") })
        ],
        ["statuss", ({ bss }) => bss.listCustomerOrders(untyped({ statuss: 5 }))],
        ["offset", ({ bss }) => bss.showCustomerOrderDetails({ order_id: "CS1", offset: -1 })],
        ["status", ({ bss }) => bss.listFreeResourceInfos({ status: untyped("1") })],
        ["service_type_code_list", ({ bss }) => bss.listFreeResourceInfos({ service_type_code_list: [] })],
        ["free_resource_ids", ({ bss }) => bss.listFreeResourceUsages({ free_resource_ids: [] })],
        ["free_resource_ids[0]", ({ bss }) => bss.listFreeResourceUsages({ free_resource_ids: [""] })],
        ["free_resource_ids", ({ bss }) => bss.listFreeResourceUsages({ free_resource_ids: untyped("i1") })],
        [
          "free_resource_ids",
          ({ bss }) =>
            bss.listFreeResourceUsages({
              free_resource_ids: Array.from({ length: 101 }, () => "i")
            })
        ],
        ["request", ({ bss }) => Stream.runCollect(bss.stream.listCustomerOrders(untyped(null)))],
        ["request", ({ bss }) => Stream.runCollect(bss.stream.listFreeResourceInfos(untyped([])))]
      ]
      for (const [field, call] of cases) {
        const { requests, result } = yield* run([], call)
        assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field })
        assert.lengthOf(requests, 0)
      }
    })
  )
})
