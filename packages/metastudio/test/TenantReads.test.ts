/**
 * What MetaStudio tells of a tenant: packages, use, trainings, settings.
 */
import { assert, describe, it } from "@effect/vitest"
import { type CloudQuotaError, Quantity } from "@cloud-quota/core"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { BigDecimal, DateTime, Effect, Result, Stream } from "effect"
import { answer, type Clients, cut, emulated, failureOf, listing, run, untyped } from "./fixtures/clients.ts"

const year = {
  start_time: DateTime.makeUnsafe(Date.UTC(2025, 9, 1)),
  end_time: DateTime.makeUnsafe(Date.UTC(2026, 10, 2))
}

type Decimal = BigDecimal.BigDecimal | "" | null | undefined

const totalOf = (amounts: ReadonlyArray<Decimal>): BigDecimal.BigDecimal =>
  amounts.reduce<BigDecimal.BigDecimal>(
    (sum, amount) => (amount ? BigDecimal.sum(sum, amount) : sum),
    BigDecimal.fromBigInt(0n)
  )

/** All digits of a decimal. */
const digits = (amount: Decimal) => amount && String(Quantity.make("count", amount)).replace(" count", "")

describe("resources", () => {
  it.effect("are all there, as the counts say", () =>
    Effect.gen(function* () {
      const { metaStudio } = yield* emulated()
      const page = yield* metaStudio.listTenantResources({ limit: 3, offset: 1 })
      assert.lengthOf(page.resources, 3)
      assert.isDefined(page.requestId)
      const all = yield* Stream.runCollect(metaStudio.stream.listTenantResources())
      assert.lengthOf(all, page.count)
      assert.deepStrictEqual(
        all.slice(1, 4).map(({ raw: _, ...row }) => row),
        page.resources
      )
      assert.deepStrictEqual(
        all.slice(1, 4).map(({ raw }) => raw),
        page.raw["resources"]
      )
      const { resources_count } = yield* metaStudio.countTenantResources()
      assert.strictEqual(
        digits(totalOf(resources_count.map(({ count }) => count.amount))),
        String(all.length)
      )
    })
  )

  it.effect("add up to what is told by kind", () =>
    Effect.gen(function* () {
      const { metaStudio } = yield* emulated()
      const { resources } = yield* metaStudio.showResourceUsage({ business: ["VIDEO_2D"] })
      const [kind] = resources
      assert.deepInclude(kind ?? {}, { business_type: "VIDEO_2D", unit: "MIN" })
      const all = yield* Stream.runCollect(metaStudio.stream.listTenantResources({ business: ["VIDEO_2D"] }))
      const ofKind = all.filter(
        (resource) =>
          resource.resource_type === kind?.resource_type &&
          resource.charging_mode === kind?.charging_mode &&
          resource.resource_source === kind?.resource_source
      )
      assert.isNotEmpty(ofKind)
      assert.strictEqual(digits(totalOf(ofKind.map(({ amount }) => amount))), digits(kind?.amount))
      assert.isTrue(ofKind.every((row) => DateTime.isDateTime(row.resource_expire_time)))
    })
  )

  it.effect("are asked for as documented", () =>
    Effect.gen(function* () {
      const { requests } = yield* run([answer('{"count":0,"resources":null}')], ({ metaStudio }) =>
        metaStudio.listTenantResources({
          resource_source: ["PURCHASED", "ADMIN_ALLOCATED"],
          business: ["VIDEO_2D"],
          resource_id: "r 1",
          order_id: "CS1",
          charging_mode: "ONE_TIME",
          resource_expire_start_time: DateTime.makeUnsafe("2026-01-02T03:04:05.678+08:00"),
          sub_resource: "voice_clone_flexus",
          status: 0
        })
      )
      const [sent] = requests
      assert.strictEqual(sent?.method, "GET")
      const url = new URL(sent?.url ?? "")
      assert.strictEqual(url.pathname, `/v1/${MetaStudioEmulator.defaults.projectId}/tenants/resources`)
      assert.deepStrictEqual(Object.fromEntries(url.searchParams), {
        resource_source: "PURCHASED,ADMIN_ALLOCATED",
        business: "VIDEO_2D",
        resource_id: "r 1",
        order_id: "CS1",
        charging_mode: "ONE_TIME",
        resource_expire_start_time: "2026-01-01T19:04:05Z",
        sub_resource: "voice_clone_flexus",
        status: "0",
        limit: "100",
        offset: "0"
      })
    })
  )

  it.effect("keep their digits, and stand beside their unit", () =>
    Effect.gen(function* () {
      const row = (unit: string) =>
        `{"amount":12345678901234567890.125,"usage":0.1,"unit":${unit},"new_field":[1]}`
      const units = ['"NUM"', '"MIN"', '"TEN_THOUSAND_WORDS"', "null", '""']
      const body = `{"count":5,"resources":[${units.map(row).join(",")}]}`
      const { result } = yield* run([answer(body)], ({ metaStudio }) => metaStudio.listTenantResources())
      const { resources, ...listed } = Result.getOrThrow(result)
      assert.deepStrictEqual(
        resources.map(({ amount, unit, usage }) => [digits(amount), digits(usage), unit]),
        ["NUM", "MIN", "TEN_THOUSAND_WORDS", null, ""].map((unit) => [
          "12345678901234567890.125",
          "0.1",
          unit
        ])
      )
      assert.deepStrictEqual(Operation.rawRows(listed, "resources")[3]?.["new_field"], [1])
    })
  )

  it.effect("of a shape that is not documented are an error that says where", () =>
    Effect.gen(function* () {
      for (const [body, words] of [
        ["[]", "it is no JSON object"],
        ["{}", "count: is missing"],
        ['{"count":"many"}', "count: expected a whole number"],
        ['{"count":-1}', "count: expected a count"],
        ['{"count":1,"resources":{}}', "resources: expected a list"]
      ] as const) {
        const { result } = yield* run([answer(body)], ({ metaStudio }) => metaStudio.listTenantResources())
        const error = failureOf(result)
        assert.strictEqual(error.reason._tag, "MalformedResponse", body)
        assert.strictEqual(error.operation, "ListTenantResources")
        assert.strictEqual(error.money, "not-moved")
        assert.include(error.message, words)
      }
    })
  )

  it.effect("that cannot be read are named, and fail a stream at its end", () =>
    Effect.gen(function* () {
      for (const [row, problem] of [
        ['{"unit":"MIN","amount":"a lot"}', "amount: expected a number that can be read exactly"],
        ['{"amount":true}', "amount: expected a number that can be read exactly"],
        [
          '{"resource_expire_time":"2026-01-01T00:00:00"}',
          "resource_expire_time: expected a time with a zone, as 2021-01-10T08:43:17Z"
        ]
      ] as const) {
        const body = answer(`{"count":2,"resources":[${row},{"resource_id":"r1"}]}`)
        const page = yield* run([body], ({ metaStudio }) => metaStudio.listTenantResources())
        const { resources, unreadable } = Result.getOrThrow(page.result)
        assert.deepStrictEqual(resources, [{ resource_id: "r1" }])
        assert.strictEqual(unreadable[0]?.problem.split("; ")[0], problem)
        const seen: Array<unknown> = []
        const { result } = yield* run([body, body], ({ metaStudio }) =>
          Stream.runForEach(metaStudio.stream.listTenantResources(), (found) =>
            Effect.sync(() => void seen.push(found.resource_id))
          )
        )
        assert.deepStrictEqual(seen, ["r1"])
        assert.strictEqual(failureOf(result).reason._tag, "MalformedResponse")
        assert.include(failureOf(result).message, `resources[0]: ${problem}`)
      }
    })
  )

  it.effect("are never listed short, or without end", () =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 250 }, (_, index) => `r${index}`)
      let asked = 0
      // They are used up meanwhile, which does not make them others.
      const page = (rows: ReadonlyArray<string>, count: number) =>
        TestTransport.json({
          count,
          resources: rows.map((id) => ({ resource_id: id, usage: asked++, unit: "MIN" }))
        })
      const all = ({ metaStudio }: Clients) => Stream.runCollect(metaStudio.stream.listTenantResources())
      const whole = yield* run(listing(ids, page), all)
      assert.deepStrictEqual(
        Result.getOrThrow(whole.result).map(({ resource_id }) => resource_id),
        ids
      )
      for (const answers of [
        listing(ids.slice(0, 150), (rows) => page(rows, 250)),
        listing(ids, () => page(ids.slice(0, 100), 250))
      ]) {
        const { result } = yield* run(answers, all)
        assert.strictEqual(failureOf(result).reason._tag, "MalformedResponse")
        assert.strictEqual(failureOf(result).operation, "ListTenantResources")
      }
    })
  )

  it.effect("that were given by a service provider have times in seconds", () =>
    Effect.gen(function* () {
      const { metaStudio } = yield* emulated()
      const answered = yield* metaStudio.showTenantAssginRecord()
      assert.strictEqual(answered.resource_count, answered.resources.length)
      assert.isNotEmpty(answered.resources_overview)
      const [record] = answered.resources
      const [raw] = Operation.rawRows(answered, "resources")
      assert.strictEqual(typeof raw?.["resource_expire_time"], "number")
      assert.strictEqual(record?.resource_expire_time, raw?.["resource_expire_time"])
      assert.isTrue(BigDecimal.isBigDecimal(record?.resource_num))
      const millis = TestTransport.json({ resources: [{ resource_expire_time: 1_788_307_200_000 }] })
      const { result } = yield* run([millis], (clients) => clients.metaStudio.showTenantAssginRecord())
      const { resources, unreadable } = Result.getOrThrow(result)
      assert.deepStrictEqual(resources, [])
      assert.match(unreadable[0]?.problem ?? "", /^resource_expire_time: .* looks like milliseconds/)
    })
  )
})

describe("use", () => {
  it.effect("of one sub-account adds up to what its quota says", () =>
    Effect.gen(function* () {
      const { emulator, metaStudio } = yield* emulated()
      const users = yield* emulator.users
      const user = users.find(({ usage }) => BigDecimal.isPositive(usage.video_time_2d_model))
      assert.isDefined(user)
      const query = { user_id: user.userId, resource_type: "video_time_2d_model", unit: "MIN" } as const
      const days = yield* Stream.runCollect(metaStudio.stream.showUsageData({ ...year, ...query }))
      const used = totalOf(days.flatMap((day) => (day.resources_usage ?? []).map(({ usage }) => usage)))
      assert.isTrue(BigDecimal.equals(used, user.usage.video_time_2d_model))
      const summary = yield* metaStudio.showSummaryUsageData(query)
      assert.strictEqual(digits(summary.usage), digits(used))
      assert.strictEqual(summary.unit, "MIN")
    })
  )

  it.effect("comes page by page", () =>
    Effect.gen(function* () {
      const { metaStudio } = yield* emulated()
      const { count, time_list } = yield* metaStudio.showUsageData({ ...year, limit: 2 })
      assert.lengthOf(time_list, 2)
      assert.isAbove(count, 100)
      assert.lengthOf(yield* Stream.runCollect(metaStudio.stream.showUsageData(year)), count)
    })
  )

  it.effect("is refused for a time that is not one", () =>
    Effect.gen(function* () {
      const { result, requests } = yield* run(
        [answer('{"count":1,"time_list":[{"time":"yesterday"}]}')],
        (clients) => clients.metaStudio.showUsageData(year)
      )
      const { time_list, unreadable } = Result.getOrThrow(result)
      assert.deepStrictEqual(time_list, [])
      assert.strictEqual(unreadable[0]?.problem, "time: expected a time with a zone, as 2021-01-10T08:43:17Z")
      assert.lengthOf(requests, 1)
      const summary = yield* run([answer('{"usage":"much","unit":"MIN"}')], (clients) =>
        clients.metaStudio.showSummaryUsageData()
      )
      assert.include(failureOf(summary.result).message, "usage: expected a number that can be read exactly")
    })
  )
})

describe("trainings and settings", () => {
  it.effect("tell what can still be trained", () =>
    Effect.gen(function* () {
      const { metaStudio } = yield* emulated()
      const { count, resource_available_nums, resources } = yield* metaStudio.showVoiceTrainingQuotas()
      assert.strictEqual(resources.length, count)
      const basic = resources.filter((row) => row.resource_type === "BASIC")
      const left = basic.reduce((sum, row) => sum + (row.resource_available_nums ?? 0), 0)
      assert.strictEqual(resource_available_nums?.basic, left)
      const { result } = yield* run(
        [answer('{"count":0,"resource_available_nums":{"basic":"some"}}')],
        (clients) => clients.metaStudio.showVoiceTrainingQuotas()
      )
      assert.include(failureOf(result).message, "resource_available_nums.basic: expected a whole number")
    })
  )

  it.effect("tell whether sub-accounts are isolated, and nothing where that is not told", () =>
    Effect.gen(function* () {
      for (const isolation of [true, false]) {
        const { emulator, metaStudio } = yield* emulated({ isolation })
        const configs = yield* metaStudio.showTenantServiceConfigs()
        assert.strictEqual(configs.sub_account_control_config?.separately_controlled, isolation)
        assert.strictEqual(yield* emulator.count("UpdateTenantServiceConfigs"), 0)
      }
      const { result } = yield* run([answer('{"sub_account_control_config":null}')], (clients) =>
        clients.metaStudio.showTenantServiceConfigs()
      )
      assert.isNull(Result.getOrThrow(result).sub_account_control_config)
      const strange = yield* run(
        [answer('{"sub_account_control_config":{"separately_controlled":1}}')],
        (clients) => clients.metaStudio.showTenantServiceConfigs()
      )
      assert.include(failureOf(strange.result).message, "separately_controlled: expected true or false")
    })
  )
})

describe("what is asked wrongly", () => {
  it.effect("is refused by its name, and not sent", () =>
    Effect.gen(function* () {
      type Call = (clients: Clients) => Effect.Effect<unknown, CloudQuotaError.CloudQuotaError>
      const list =
        (query: unknown): Call =>
        ({ metaStudio }) =>
          metaStudio.listTenantResources(untyped(query))
      const usage =
        (query: unknown): Call =>
        ({ metaStudio }) =>
          metaStudio.showUsageData(untyped(query))
      const cases: ReadonlyArray<readonly [string, Call]> = [
        ["resource_sources", list({ resource_sources: ["PURCHASED"] })],
        ["resource_source", list({ resource_source: [] })],
        ["resource_source", list({ resource_source: "PURCHASED" })],
        [
          "request",
          ({ metaStudio }) => Stream.runCollect(metaStudio.stream.listTenantResources(untyped(null)))
        ],
        [
          "request",
          ({ metaStudio }) => Stream.runCollect(metaStudio.stream.listTenantResources(untyped([])))
        ],
        ["business", list({ business: ["VIDEO_2D,LIVE_2D"] })],
        ["business[0]", list({ business: [5] })],
        ["resource_id", list({ resource_id: "a\nb" })],
        ["resource_id", list({ resource_id: null })],
        ["resource_expire_end_time", list({ resource_expire_end_time: "2026-01-01T00:00:00Z" })],
        ["status", list({ status: 7 })],
        ["limit", list({ limit: 101 })],
        ["offset", list({ offset: -1 })],
        ["request", list(null)],
        ["request", list([])],
        ["start_time", usage({ end_time: year.end_time })],
        ["end_time", usage({ ...year, end_time: new Date() })],
        ["unit", usage({ ...year, unit: "" })],
        ["user", ({ metaStudio }) => metaStudio.showSummaryUsageData(untyped({ user: "u" }))],
        ["limit", ({ metaStudio }) => metaStudio.showTenantAssginRecord({ limit: 0 })],
        ["offset", ({ metaStudio }) => metaStudio.showVoiceTrainingQuotas({ offset: 0.5 })],
        ["resource", ({ metaStudio }) => metaStudio.showResourceUsage({ resource: ["a b"] })]
      ]
      for (const [field, call] of cases) {
        const { requests, result } = yield* run([], call)
        assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field })
        assert.lengthOf(requests, 0)
      }
    })
  )
})

describe("every read", () => {
  it.effect("is sent again after a passing failure, and fails as the vendor's code says", () =>
    Effect.gen(function* () {
      const calls: ReadonlyArray<
        (clients: Clients) => Effect.Effect<unknown, CloudQuotaError.CloudQuotaError>
      > = [
        ({ metaStudio }) => metaStudio.listTenantResources(),
        ({ metaStudio }) => metaStudio.showResourceUsage(),
        ({ metaStudio }) => metaStudio.countTenantResources(),
        ({ metaStudio }) => metaStudio.showTenantAssginRecord(),
        ({ metaStudio }) => metaStudio.showUsageData(year),
        ({ metaStudio }) => metaStudio.showSummaryUsageData(),
        ({ metaStudio }) => metaStudio.showVoiceTrainingQuotas(),
        ({ metaStudio }) => metaStudio.showTenantServiceConfigs()
      ]
      const forbidden = TestTransport.json({ error_code: "MSS.00000005", error_msg: "Forbidden" }, 403)
      for (const call of calls) {
        const again = yield* run([cut, answer('{"count":0}')], call)
        assert.isTrue(Result.isSuccess(again.result))
        assert.lengthOf(again.requests, 2)
        const { requests, result } = yield* run([forbidden], call)
        assert.strictEqual(failureOf(result).reason._tag, "PermissionDenied")
        assert.strictEqual(failureOf(result).money, "not-moved")
        assert.lengthOf(requests, 1)
      }
    })
  )
})
