/**
 * What a tenant has and what was used of it, from outside: packages, usage by the day, switches.
 */
import * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect } from "effect"
import { TestClock } from "effect/testing"
import { refused, send, start } from "./fixtures/emulatorCalls.ts"
import { assertLike } from "../../../test/support/like.ts"

interface Resource {
  readonly resource_id: string
  readonly business_type: string
  readonly resource_type: string
  readonly sub_resource_type?: string
  readonly resource_expire_time: string
  readonly resource_source: string
  readonly amount: number
  readonly usage: number
  readonly unit: string
  readonly status: number
}

const everySource = "resource_source=PURCHASED,SP_ALLOCATED,ADMIN_ALLOCATED"
const all = (project: (path: string) => Effect.Effect<{ readonly json: unknown }, unknown>) =>
  Effect.map(
    project(`/tenants/resources?${everySource}&limit=100`),
    ({ json }) => json as { readonly count: number; readonly resources: ReadonlyArray<Resource> }
  )

const assertNear = (actual: number, expected: number) => assert.closeTo(actual, expected, 5e-7)

describe("ListTenantResources", () => {
  it.effect("lists packages with what is used of them, first what expires first", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const { count, resources } = yield* all(project)
      assert.strictEqual(count, resources.length)
      const times = resources.map((resource) => resource.resource_expire_time)
      assert.deepStrictEqual(times, times.toSorted())
      assert.deepStrictEqual(
        new Set(resources.map(({ unit }) => unit)),
        new Set(["NUM", "MIN", "HOUR", "CHANNEL", "GB", "TEN_THOUSAND_WORDS"])
      )
      for (const resource of resources) {
        assert.isAtMost(resource.usage, resource.amount)
        assert.strictEqual(resource.status, resource.resource_expire_time < "2026-11-01T00:00:00Z" ? 1 : 0)
      }
      assert.deepStrictEqual(new Set(resources.map(({ status }) => status)), new Set([0, 1]))
      assert.isTrue(resources.some(({ sub_resource_type }) => sub_resource_type === "voice_clone_flexus"))
    })
  )

  it.effect("fits the quotas: enough for the limits, and used as far as the sub-accounts used it", () =>
    Effect.gen(function* () {
      const { emulator, project } = yield* start()
      const minutes = (yield* all(project)).resources.filter(
        ({ business_type }) => business_type === "VIDEO_2D"
      )
      const users = yield* emulator.users
      const used = BigDecimal.sumAll(users.map(({ usage }) => usage.video_time_2d_model))
      const limits = users.reduce((sum, { quota }) => sum + Math.max(quota.video_time_2d_model ?? 0, 0), 0)
      const left = minutes.filter(({ status }) => status === 0)
      assertNear(
        minutes.reduce((sum, { usage }) => sum + usage, 0),
        BigDecimal.toNumberUnsafe(used)
      )
      assert.isAtLeast(
        left.reduce((sum, { amount }) => sum + amount, 0),
        limits
      )
      assertLike(minutes[0], { status: 1, usage: minutes[0]?.amount })

      const [{ userId } = { userId: "" }] = users
      yield* emulator.use(userId, "video_time_2d_model", BigDecimal.make(125n, 2))
      const later = (yield* all(project)).resources.filter(
        ({ business_type }) => business_type === "VIDEO_2D"
      )
      const sum = later.reduce((total, { usage }) => total + usage, 0)
      assertNear(sum, BigDecimal.toNumberUnsafe(used) + 1.25)
    })
  )

  it.effect("filters by everything that is documented, and pages", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const { resources } = yield* all(project)
      const find = (query: string) =>
        Effect.map(project(`/tenants/resources?${everySource}&limit=100&${query}`), ({ json }) =>
          json.resources.map((resource: Resource) => resource.resource_id)
        )
      const expected = (keeps: (resource: Resource) => boolean) =>
        resources.filter(keeps).map(({ resource_id }) => resource_id)
      const middle = resources[10]?.resource_expire_time ?? ""
      const cases: ReadonlyArray<[string, (resource: Resource) => boolean]> = [
        ["business=VIDEO_2D,LIVE_2D", ({ business_type }) => /^(VIDEO|LIVE)_2D$/.test(business_type)],
        [
          "resource=hws.resource.type.metastudio.avatarmodeling.number",
          ({ business_type }) => business_type === "MODELING_2D"
        ],
        ["sub_resource=voice_clone_flexus", (one) => one.sub_resource_type === "voice_clone_flexus"],
        ["status=1", ({ status }) => status === 1],
        ["charging_mode=ON_DEMAND", () => false],
        [`resource_id=${resources[3]?.resource_id}`, (one) => one === resources[3]],
        [`resource_expire_start_time=${middle}`, (one) => one.resource_expire_time >= middle],
        [`resource_expire_end_time=${middle}`, (one) => one.resource_expire_time <= middle]
      ]
      for (const [query, keeps] of cases) assert.deepStrictEqual(yield* find(query), expected(keeps), query)
      assert.strictEqual((yield* project("/tenants/resources?resource_source=SP_ALLOCATED")).json.count, 2)

      const pages: Array<string> = []
      for (const offset of [0, 10, 20, 30]) {
        const { json } = yield* project(`/tenants/resources?${everySource}&offset=${offset}`)
        pages.push(...json.resources.map((resource: Resource) => resource.resource_id))
      }
      assert.deepStrictEqual(
        pages,
        expected(() => true)
      )
    })
  )

  it.effect("refuses what is out of range, names no source, or has another project's credentials", () =>
    Effect.gen(function* () {
      const { emulator, ofAccount, ofProject, project } = yield* start()
      const bad = [
        "limit=10",
        "resource_source=",
        "resource_source=GIFT",
        `${everySource}&limit=101`,
        `${everySource}&offset=-1`,
        `${everySource}&business=VIDEO`,
        `${everySource}&status=2`,
        `${everySource}&charging_mode=YEARLY`,
        `${everySource}&resource_expire_start_time=2026-02-30T00:00:00Z`
      ]
      for (const query of bad) {
        const field = query.split("&").at(-1)?.split("=")[0] ?? ""
        const about = field === "limit" && !query.includes("101") ? "resource_source" : field
        assertLike(yield* project(`/tenants/resources?${query}`), refused(400, "MSS.00000003", about), query)
      }
      const path = `/v1/${MetaStudioEmulator.defaults.projectId}/tenants/resources?${everySource}`
      assertLike(yield* send(emulator, path), refused(401, "MSS.00000001"))
      assertLike(
        yield* send(emulator, path, { headers: { "x-auth-token": ofAccount } }),
        refused(400, "MSS.00010009")
      )
      assertLike(
        yield* send(emulator, `/v1/another/tenants/resources?${everySource}`, {
          headers: { "x-auth-token": ofProject }
        }),
        refused(400, "MSS.00010009")
      )
    })
  )
})

describe("the other views of the same packages", () => {
  it.effect("ShowResourceUsage adds up what is of one kind", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const { resources } = yield* all(project)
      const sums: ReadonlyArray<Resource> = (yield* project("/tenants/resources-usage")).json.resources
      assert.isBelow(sums.length, resources.length)
      for (const sum of sums) {
        const same = resources.filter(
          (one) =>
            one.resource_type === sum.resource_type &&
            one.sub_resource_type === sum.sub_resource_type &&
            one.resource_source === sum.resource_source
        )
        assert.isAbove(same.length, 0)
        assertNear(
          sum.amount,
          same.reduce((total, { amount }) => total + amount, 0)
        )
        assertNear(
          sum.usage,
          same.reduce((total, { usage }) => total + usage, 0)
        )
      }
      const live = (yield* project("/tenants/resources-usage?business=LIVE_2D")).json.resources
      assertLike(live, [{ unit: "HOUR", amount: 100, usage: 37.25 }])
      assertLike(
        yield* project("/tenants/resources-usage?business=LIVE"),
        refused(400, "MSS.00000003", "business")
      )
    })
  )

  it.effect("CountTenantResources counts what expires in a time", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const { resources } = yield* all(project)
      const [from, to] = ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"]
      const soon = resources.filter(
        (one) => from <= one.resource_expire_time && one.resource_expire_time <= to
      )
      const query = `resource_expire_start_time=${from}&resource_expire_end_time=${to}`
      const counts: ReadonlyArray<{ readonly count: number; readonly business_type: string }> =
        (yield* project(`/tenants/resources-count?${query}`)).json.resources_count
      assert.isAbove(soon.length, 0)
      assert.strictEqual(
        counts.reduce((sum, { count }) => sum + count, 0),
        soon.length
      )
      assert.deepInclude<unknown>(counts, {
        business_type: "VIDEO_2D",
        count: 1,
        charging_mode: "PERIODIC",
        resource_source: "PURCHASED"
      })
      assertLike(
        yield* project("/tenants/resources-count?resource_expire_start_time=soon"),
        refused(400, "MSS.00000003", "resource_expire_start_time")
      )
    })
  )

  it.effect("ShowTenantAssginRecord tells what was given, with its times in seconds", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const { json } = yield* project("/tenants/resource/assignrecourd?limit=1&offset=1")
      assertLike(json, {
        customer_project_id: MetaStudioEmulator.defaults.projectId,
        resource_count: 2,
        resources: [{ charging_mode: "PERIODIC", resource_num: 3, resource_used_num: 1 }],
        resources_overview: [
          { resource_num: 100, resource_used_num: 37.25, resource_remind_quota: 62.75 },
          {}
        ]
      })
      const [{ resource_allocate_time, resource_expire_time }] = json.resources
      assert.isBelow(resource_allocate_time * 1000, MetaStudioEmulator.seedTime)
      assert.isAbove(resource_expire_time * 1000, MetaStudioEmulator.seedTime)
      assertLike(
        yield* project("/tenants/resource/assignrecourd?limit=0"),
        refused(400, "MSS.00000003", "limit")
      )
    })
  )

  it.effect("ShowVoiceTrainingQuotas tells how many voices are left", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const { json } = yield* project("/voice-training-manage/quotas?limit=100")
      const left = (type: string): number =>
        json.resources
          .filter(
            (one: { resource_type: string; status: number }) => one.resource_type === type && one.status === 0
          )
          .reduce(
            (sum: number, one: { resource_available_nums: number }) => sum + one.resource_available_nums,
            0
          )
      assert.strictEqual(json.count, json.resources.length)
      assert.isAbove(left("BASIC"), 0)
      assert.deepStrictEqual(json.resource_available_nums, {
        flexus: left("FLEXUS"),
        basic: left("BASIC"),
        middle: left("MIDDLE"),
        middle_on_demand: 0,
        advance: left("ADVANCE"),
        third_party_cmww: 0
      })
      assertLike(
        yield* project("/voice-training-manage/quotas?offset=x"),
        refused(400, "MSS.00000003", "offset")
      )
    })
  )
})

describe("ShowUsageData and ShowSummaryUsageData", () => {
  const period = "start_time=2025-11-01T00:00:00Z&end_time=2026-11-01T00:00:00Z"
  interface Day {
    readonly time: string
    readonly resources_usage: ReadonlyArray<{ readonly resource_type: string; readonly usage: number }>
  }
  const sumOf = (days: ReadonlyArray<Day>, type: string): number =>
    days
      .flatMap(({ resources_usage }) => resources_usage)
      .filter(({ resource_type }) => resource_type === type)
      .reduce((sum, { usage }) => sum + usage, 0)

  it.effect("the days of a sub-account add up to its usage, of both kinds of minutes", () =>
    Effect.gen(function* () {
      const { emulator, project } = yield* start()
      for (const { usage, userId } of yield* emulator.users) {
        const { json } = yield* project(`/data-analysis?${period}&limit=1000&user_id=${userId}`)
        assert.strictEqual(json.count, json.time_list.length)
        const times = json.time_list.map(({ time }: Day) => time)
        assert.deepStrictEqual(times, [...new Set(times)].sort())
        for (const field of ["video_time_2d_model", "video_time_flexus_2d_model"] as const) {
          const used = BigDecimal.toNumberUnsafe(usage[field])
          assertNear(sumOf(json.time_list, field), used)
          const summary = yield* project(`/data-analysis-summary?user_id=${userId}&resource_type=${field}`)
          assertLike(summary.json, { resource_type: field, usage: used, unit: "MIN" })
        }
      }
    })
  )

  it.effect("what is used now is of today, and the period decides whether it is told", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 11, 24, 12))
      const { emulator, project } = yield* start({ users: [{ userId: "one", quota: {} }] })
      yield* emulator.use("one", "video_time_2d_model", 0.1)
      yield* emulator.use("one", "video_time_2d_model", 0.2)
      yield* emulator.use("one", "voice_clone_basic", 1)
      const christmas = yield* project(
        "/data-analysis?start_time=2026-12-24T00:00:00Z&end_time=2026-12-24T23:59:59Z&user_id=one"
      )
      assert.deepStrictEqual(christmas.json, {
        count: 1,
        time_list: [
          {
            time: "2026-12-24T00:00:00Z",
            resources_usage: [
              { resource_type: "video_time_2d_model", business_type: "VIDEO_2D", usage: 0.3, unit: "MIN" }
            ]
          }
        ]
      })
      assert.deepStrictEqual((yield* project(`/data-analysis?${period}`)).json, { count: 0, time_list: [] })
      assert.deepStrictEqual((yield* project("/data-analysis-summary")).json, {
        number: 2,
        usage: 0.3,
        unit: "MIN"
      })
      assert.deepInclude((yield* project("/data-analysis-summary?unit=HOUR")).json, {
        usage: 0.005,
        unit: "HOUR"
      })
      assert.deepInclude((yield* project("/data-analysis-summary?business_type=LIVE_2D")).json, {
        usage: 0
      })

      yield* emulator.set({ userId: "one", quota: {}, usage: { video_time_2d_model: 7.5 } })
      assert.deepInclude((yield* project("/data-analysis-summary")).json, { usage: 7.5 })
      assert.strictEqual((yield* project("/user/quotas/one", { method: "DELETE" })).status, 200)
      assert.deepInclude((yield* project("/data-analysis-summary")).json, { usage: 0, number: 0 })
    })
  )

  it.effect("without isolation, user_id has no effect", () =>
    Effect.gen(function* () {
      const { emulator, project } = yield* start({ isolation: false })
      const [{ userId } = { userId: "" }] = yield* emulator.users
      const everybody = (yield* project(`/data-analysis?${period}&limit=1000`)).json
      assert.deepStrictEqual(
        (yield* project(`/data-analysis?${period}&limit=1000&user_id=${userId}`)).json,
        everybody
      )
    })
  )

  it.effect("refuses a period that is none, and what is out of range", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const bad: ReadonlyArray<[string, string]> = [
        ["", "start_time"],
        ["start_time=2026-01-01T00:00:00Z", "end_time"],
        ["start_time=2026-01-01&end_time=2026-02-01T00:00:00Z", "start_time"],
        ["start_time=2026-02-01T00:00:00Z&end_time=2026-01-01T00:00:00Z", "start_time"],
        [`${period}&limit=1001`, "limit"],
        [`${period}&unit=DAY`, "unit"],
        [`${period}&resource_type=voice_clone_basic`, "resource_type"],
        [`${period}&business_type=FLEXUS_2D`, "business_type"]
      ]
      for (const [query, field] of bad) {
        assertLike(yield* project(`/data-analysis?${query}`), refused(400, "MSS.00000003", field), query)
      }
      assertLike(yield* project("/data-analysis-summary?unit=DAY"), refused(400, "MSS.00000003", "unit"))
    })
  )
})

describe("the tenant's switches", () => {
  it.effect("tell whether isolation is on, and switching it decides whether quotas can be written", () =>
    Effect.gen(function* () {
      const { emulator, project } = yield* start({ isolation: false, users: [{ userId: "one", quota: {} }] })
      const put = () =>
        project("/user/quotas/one", { method: "PUT", body: { quota: { voice_clone_basic: 1 } } })
      const switches = (isolation: boolean) => ({
        sub_account_control_config: { separately_controlled: isolation, sub_account_type: "IAM_USER" }
      })
      assertLike((yield* project("/tenants/service-configs")).json, switches(false))
      assertLike(yield* put(), refused(403, "MSS.00000005"))

      const answer = yield* project("/tenants/service-configs", { method: "PUT", body: switches(true) })
      assertLike(answer, {
        status: 200,
        json: { ...switches(true), is_ai_mark_on: true, tenant_id: MetaStudioEmulator.defaults.projectId }
      })
      assertLike((yield* project("/tenants/service-configs")).json, switches(true))
      assert.strictEqual((yield* put()).status, 200)
      assert.strictEqual(yield* emulator.count("UpdateTenantServiceConfigs"), 1)
    })
  )

  it.effect("refuse what is no switch, and change nothing then", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const bad = [
        { isolation: false },
        { sub_account_control_config: [] },
        { sub_account_control_config: { separately_controlled: "false" } },
        { sub_account_control_config: { separately_controlled: false, sub_account_type: "OTHER" } },
        { sub_account_control_config: { separately_controlled: false }, is_ai_mark_on: 1 }
      ]
      for (const body of bad) {
        assertLike(
          yield* project("/tenants/service-configs", { method: "PUT", body }),
          refused(400, "MSS.00000003"),
          JSON.stringify(body)
        )
      }
      assertLike((yield* project("/tenants/service-configs")).json, {
        sub_account_control_config: { separately_controlled: true },
        is_ai_mark_on: true
      })
    })
  )
})
