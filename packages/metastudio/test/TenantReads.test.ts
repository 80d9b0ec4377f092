/**
 * What MetaStudio tells of a tenant: packages, use, trainings, settings.
 */
import { assert, describe, it } from "@effect/vitest"
import { type CloudQuotaError, Quantity } from "@cloud-quota/core"
import * as TestTransport from "@cloud-quota/core/TestTransport"
import { MetaStudioEmulator } from "@cloud-quota/metastudio"
import { BigDecimal, DateTime, Effect, Result, Stream } from "effect"
import { answer, type Clients, cut, emulated, failureOf, listing, run, untyped } from "./fixtures/clients.ts"

const year = {
  startTime: DateTime.makeUnsafe(Date.UTC(2025, 9, 1)),
  endTime: DateTime.makeUnsafe(Date.UTC(2026, 10, 2))
}

const totalOf = (unit: Quantity.Unit, amounts: ReadonlyArray<Quantity.Quantity | undefined>) =>
  amounts.reduce<Quantity.Quantity>(
    (sum, amount) => (amount === undefined ? sum : Quantity.sum(sum, amount)),
    Quantity.zero(unit)
  )

describe("resources", () => {
  it.effect("are all there, as the counts say", () =>
    Effect.gen(function* () {
      const { metaStudio } = yield* emulated()
      const page = yield* metaStudio.listTenantResources({ limit: 3, offset: 1 })
      assert.lengthOf(page.resources, 3)
      assert.isDefined(page.requestId)
      const all = yield* Stream.runCollect(metaStudio.allTenantResources())
      assert.lengthOf(all, page.count)
      assert.deepStrictEqual(all.slice(1, 4), page.resources)
      const { counts } = yield* metaStudio.countTenantResources()
      assert.strictEqual(
        String(
          totalOf(
            "count",
            counts.map(({ count }) => count)
          )
        ),
        String(all.length)
      )
    })
  )

  it.effect("add up to what is told by kind", () =>
    Effect.gen(function* () {
      const { metaStudio } = yield* emulated()
      const { resources } = yield* metaStudio.showResourceUsage({ business: ["VIDEO_2D"] })
      const [kind] = resources
      assert.deepInclude(kind ?? {}, { businessType: "VIDEO_2D", unit: "MIN" })
      assert.strictEqual(kind?.amount?.unit, "minute")
      const all = yield* Stream.runCollect(metaStudio.allTenantResources({ business: ["VIDEO_2D"] }))
      const ofKind = all.filter(
        (resource) =>
          resource.resourceType === kind?.resourceType &&
          resource.chargingMode === kind?.chargingMode &&
          resource.resourceSource === kind?.resourceSource
      )
      assert.isNotEmpty(ofKind)
      assert.strictEqual(
        String(
          totalOf(
            "minute",
            ofKind.map(({ amount }) => amount)
          )
        ),
        String(kind?.amount)
      )
      assert.isTrue(ofKind.every(({ expiresAt }) => DateTime.isDateTime(expiresAt)))
    })
  )

  it.effect("are asked for as documented", () =>
    Effect.gen(function* () {
      const { requests } = yield* run([answer('{"count":0,"resources":null}')], ({ metaStudio }) =>
        metaStudio.listTenantResources({
          resourceSource: ["PURCHASED", "ADMIN_ALLOCATED"],
          business: ["VIDEO_2D"],
          resourceId: "r 1",
          orderId: "CS1",
          chargingMode: "ONE_TIME",
          resourceExpireStartTime: DateTime.makeUnsafe("2026-01-02T03:04:05.678+08:00"),
          subResource: "voice_clone_flexus",
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

  it.effect("keep their digits and their unit, and have no amount without one", () =>
    Effect.gen(function* () {
      const row = (unit: string) =>
        `{"amount":12345678901234567890.125,"usage":0.1,"unit":${unit},"new_field":[1]}`
      const units = ['"NUM"', '"MIN"', '"TEN_THOUSAND_WORDS"', "null", '""']
      const body = `{"count":5,"resources":[${units.map(row).join(",")}]}`
      const { result } = yield* run([answer(body)], ({ metaStudio }) => metaStudio.listTenantResources())
      const { resources } = Result.getOrThrow(result)
      assert.deepStrictEqual(
        resources.map(({ amount, usage }) => `${amount} ${usage}`),
        [
          "12345678901234567890.125 0.1",
          "12345678901234567890.125 min 0.1 min",
          "12345678901234567890.125 TEN_THOUSAND_WORDS 0.1 TEN_THOUSAND_WORDS",
          "undefined undefined",
          "undefined undefined"
        ]
      )
      assert.deepStrictEqual(resources[3]?.details["new_field"], [1])
    })
  )

  it.effect("of a shape that is not documented are an error that says where", () =>
    Effect.gen(function* () {
      for (const [body, words] of [
        ["[]", "there is no object"],
        ["{}", "count is missing"],
        ['{"count":"many"}', "count is not a whole number"],
        ['{"count":1,"resources":{}}', "resources is not a list"],
        [
          '{"count":1,"resources":[{"unit":"MIN","amount":"a lot"}]}',
          "resources[0]: amount is not a decimal"
        ],
        ['{"count":1,"resources":[{"amount":true}]}', "resources[0]: amount is not a decimal"],
        [
          '{"count":1,"resources":[{"resource_expire_time":"2026-01-01T00:00:00"}]}',
          "resources[0]: resource_expire_time is not a time"
        ]
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
      const all = ({ metaStudio }: Clients) => Stream.runCollect(metaStudio.allTenantResources())
      const whole = yield* run(listing(ids, page), all)
      assert.deepStrictEqual(
        Result.getOrThrow(whole.result).map(({ resourceId }) => resourceId),
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
      const { overview, records, resourceCount } = yield* metaStudio.showTenantAssginRecord()
      assert.strictEqual(resourceCount, records.length)
      assert.isNotEmpty(overview)
      const [record] = records
      const seconds = record?.details["resource_expire_time"]
      assert.strictEqual(typeof seconds, "number")
      assert.strictEqual(
        record?.expiresAt && DateTime.toEpochMillis(record.expiresAt),
        Number(seconds) * 1000
      )
      assert.isTrue(BigDecimal.isBigDecimal(record?.resourceNum))
      const millis = TestTransport.json({ resources: [{ resource_expire_time: 1_788_307_200_000 }] })
      const { result } = yield* run([millis], (clients) => clients.metaStudio.showTenantAssginRecord())
      assert.include(failureOf(result).message, "resource_expire_time is not a time in seconds")
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
      const query = { userId: user.userId, resourceType: "video_time_2d_model", unit: "MIN" } as const
      const days = yield* Stream.runCollect(metaStudio.allUsageData({ ...year, ...query }))
      const used = totalOf(
        "minute",
        days.flatMap(({ resourcesUsage }) => resourcesUsage.map(({ usage }) => usage))
      )
      assert.isTrue(BigDecimal.equals(used.amount, user.usage.video_time_2d_model))
      const summary = yield* metaStudio.showSummaryUsageData(query)
      assert.strictEqual(String(summary.usage), String(used))
    })
  )

  it.effect("comes page by page", () =>
    Effect.gen(function* () {
      const { metaStudio } = yield* emulated()
      const { count, timeList } = yield* metaStudio.showUsageData({ ...year, limit: 2 })
      assert.lengthOf(timeList, 2)
      assert.isAbove(count, 100)
      assert.lengthOf(yield* Stream.runCollect(metaStudio.allUsageData(year)), count)
    })
  )

  it.effect("is refused for a time that is not one", () =>
    Effect.gen(function* () {
      const { result, requests } = yield* run(
        [answer('{"count":1,"time_list":[{"time":"yesterday"}]}')],
        (clients) => clients.metaStudio.showUsageData(year)
      )
      assert.include(failureOf(result).message, "time_list[0]: time is not a time")
      assert.lengthOf(requests, 1)
      const summary = yield* run([answer('{"usage":"much","unit":"MIN"}')], (clients) =>
        clients.metaStudio.showSummaryUsageData()
      )
      assert.include(failureOf(summary.result).message, "usage is not a decimal")
    })
  )
})

describe("trainings and settings", () => {
  it.effect("tell what can still be trained", () =>
    Effect.gen(function* () {
      const { metaStudio } = yield* emulated()
      const { available, count, resources } = yield* metaStudio.showVoiceTrainingQuotas()
      assert.strictEqual(resources.length, count)
      const basic = resources.filter(({ resourceType }) => resourceType === "BASIC")
      const left = basic.reduce((sum, { resourceAvailableNums = 0 }) => sum + resourceAvailableNums, 0)
      assert.strictEqual(available.basic, left)
      const { result } = yield* run(
        [answer('{"count":0,"resource_available_nums":{"basic":"some"}}')],
        (clients) => clients.metaStudio.showVoiceTrainingQuotas()
      )
      assert.include(failureOf(result).message, "basic is not a whole number")
    })
  )

  it.effect("tell whether sub-accounts are isolated, and nothing where that is not told", () =>
    Effect.gen(function* () {
      for (const isolation of [true, false]) {
        const { emulator, metaStudio } = yield* emulated({ isolation })
        const configs = yield* metaStudio.showTenantServiceConfigs()
        assert.strictEqual(configs.separatelyControlled, isolation)
        assert.strictEqual(yield* emulator.count("UpdateTenantServiceConfigs"), 0)
      }
      const { result } = yield* run([answer('{"sub_account_control_config":null}')], (clients) =>
        clients.metaStudio.showTenantServiceConfigs()
      )
      assert.notProperty(Result.getOrThrow(result), "separatelyControlled")
      const strange = yield* run(
        [answer('{"sub_account_control_config":{"separately_controlled":1}}')],
        (clients) => clients.metaStudio.showTenantServiceConfigs()
      )
      assert.include(failureOf(strange.result).message, "separately_controlled is not a truth value")
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
        ["resourceSources", list({ resourceSources: ["PURCHASED"] })],
        ["resourceSource", list({ resourceSource: [] })],
        ["resourceSource", list({ resourceSource: "PURCHASED" })],
        ["query", ({ metaStudio }) => Stream.runCollect(metaStudio.allTenantResources(untyped(null)))],
        ["query", ({ metaStudio }) => Stream.runCollect(metaStudio.allTenantResources(untyped([])))],
        ["business", list({ business: ["VIDEO_2D,LIVE_2D"] })],
        ["business", list({ business: [5] })],
        ["resourceId", list({ resourceId: "a\nb" })],
        ["resourceId", list({ resourceId: null })],
        ["resourceExpireEndTime", list({ resourceExpireEndTime: "2026-01-01T00:00:00Z" })],
        ["status", list({ status: 7 })],
        ["limit", list({ limit: 101 })],
        ["offset", list({ offset: -1 })],
        ["query", list(null)],
        ["query", list([])],
        ["startTime", usage({ endTime: year.endTime })],
        ["endTime", usage({ ...year, endTime: new Date() })],
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
