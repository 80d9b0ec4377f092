/**
 * What a tenant has and what was used of it, from outside: packages, usage by the day, switches.
 */
import * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import { describe, expect, it } from "@effect/vitest"
import { BigDecimal, Effect } from "effect"
import { TestClock } from "effect/testing"
import { refused, send, start } from "./fixtures/emulatorCalls.ts"

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

const near = (value: number) => expect.closeTo(value, 6)

describe("ListTenantResources", () => {
  it.effect("lists packages with what is used of them, first what expires first", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const { count, resources } = yield* all(project)
      expect(count).toBe(resources.length)
      const times = resources.map((resource) => resource.resource_expire_time)
      expect(times).toEqual(times.toSorted())
      expect(new Set(resources.map(({ unit }) => unit))).toEqual(
        new Set(["NUM", "MIN", "HOUR", "CHANNEL", "GB", "TEN_THOUSAND_WORDS"])
      )
      for (const resource of resources) {
        expect(resource.usage).toBeLessThanOrEqual(resource.amount)
        expect(resource.status).toBe(resource.resource_expire_time < "2026-11-01T00:00:00Z" ? 1 : 0)
      }
      expect(new Set(resources.map(({ status }) => status))).toEqual(new Set([0, 1]))
      expect(resources.some(({ sub_resource_type }) => sub_resource_type === "voice_clone_flexus")).toBe(true)
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
      expect(minutes.reduce((sum, { usage }) => sum + usage, 0)).toEqual(
        near(BigDecimal.toNumberUnsafe(used))
      )
      expect(left.reduce((sum, { amount }) => sum + amount, 0)).toBeGreaterThanOrEqual(limits)
      expect(minutes[0]).toMatchObject({ status: 1, usage: minutes[0]?.amount })

      const [{ userId } = { userId: "" }] = users
      yield* emulator.use(userId, "video_time_2d_model", BigDecimal.make(125n, 2))
      const later = (yield* all(project)).resources.filter(
        ({ business_type }) => business_type === "VIDEO_2D"
      )
      const sum = later.reduce((total, { usage }) => total + usage, 0)
      expect(sum).toEqual(near(BigDecimal.toNumberUnsafe(used) + 1.25))
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
      for (const [query, keeps] of cases) expect(yield* find(query), query).toEqual(expected(keeps))
      expect((yield* project("/tenants/resources?resource_source=SP_ALLOCATED")).json.count).toBe(2)

      const pages: Array<string> = []
      for (const offset of [0, 10, 20, 30]) {
        const { json } = yield* project(`/tenants/resources?${everySource}&offset=${offset}`)
        pages.push(...json.resources.map((resource: Resource) => resource.resource_id))
      }
      expect(pages).toEqual(expected(() => true))
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
        expect(yield* project(`/tenants/resources?${query}`), query).toMatchObject(
          refused(400, "MSS.00000003", about)
        )
      }
      const path = `/v1/${MetaStudioEmulator.defaults.projectId}/tenants/resources?${everySource}`
      expect(yield* send(emulator, path)).toMatchObject(refused(401, "MSS.00000001"))
      expect(yield* send(emulator, path, { headers: { "x-auth-token": ofAccount } })).toMatchObject(
        refused(400, "MSS.00010009")
      )
      expect(
        yield* send(emulator, `/v1/another/tenants/resources?${everySource}`, {
          headers: { "x-auth-token": ofProject }
        })
      ).toMatchObject(refused(400, "MSS.00010009"))
    })
  )
})

describe("the other views of the same packages", () => {
  it.effect("ShowResourceUsage adds up what is of one kind", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const { resources } = yield* all(project)
      const sums: ReadonlyArray<Resource> = (yield* project("/tenants/resources-usage")).json.resources
      expect(sums.length).toBeLessThan(resources.length)
      for (const sum of sums) {
        const same = resources.filter(
          (one) =>
            one.resource_type === sum.resource_type &&
            one.sub_resource_type === sum.sub_resource_type &&
            one.resource_source === sum.resource_source
        )
        expect(same.length).toBeGreaterThan(0)
        expect(sum.amount).toEqual(near(same.reduce((total, { amount }) => total + amount, 0)))
        expect(sum.usage).toEqual(near(same.reduce((total, { usage }) => total + usage, 0)))
      }
      const live = (yield* project("/tenants/resources-usage?business=LIVE_2D")).json.resources
      expect(live).toMatchObject([{ unit: "HOUR", amount: 100, usage: 37.25 }])
      expect(yield* project("/tenants/resources-usage?business=LIVE")).toMatchObject(
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
      expect(soon.length).toBeGreaterThan(0)
      expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(soon.length)
      expect(counts).toContainEqual({
        business_type: "VIDEO_2D",
        count: 1,
        charging_mode: "PERIODIC",
        resource_source: "PURCHASED"
      })
      expect(yield* project("/tenants/resources-count?resource_expire_start_time=soon")).toMatchObject(
        refused(400, "MSS.00000003", "resource_expire_start_time")
      )
    })
  )

  it.effect("ShowTenantAssginRecord tells what was given, with its times in seconds", () =>
    Effect.gen(function* () {
      const { project } = yield* start()
      const { json } = yield* project("/tenants/resource/assignrecourd?limit=1&offset=1")
      expect(json).toMatchObject({
        customer_project_id: MetaStudioEmulator.defaults.projectId,
        resource_count: 2,
        resources: [{ charging_mode: "PERIODIC", resource_num: 3, resource_used_num: 1 }],
        resources_overview: [
          { resource_num: 100, resource_used_num: 37.25, resource_remind_quota: 62.75 },
          {}
        ]
      })
      const [{ resource_allocate_time, resource_expire_time }] = json.resources
      expect(resource_allocate_time * 1000).toBeLessThan(MetaStudioEmulator.seedTime)
      expect(resource_expire_time * 1000).toBeGreaterThan(MetaStudioEmulator.seedTime)
      expect(yield* project("/tenants/resource/assignrecourd?limit=0")).toMatchObject(
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
      expect(json.count).toBe(json.resources.length)
      expect(left("BASIC")).toBeGreaterThan(0)
      expect(json.resource_available_nums).toEqual({
        flexus: left("FLEXUS"),
        basic: left("BASIC"),
        middle: left("MIDDLE"),
        middle_on_demand: 0,
        advance: left("ADVANCE"),
        third_party_cmww: 0
      })
      expect(yield* project("/voice-training-manage/quotas?offset=x")).toMatchObject(
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
        expect(json.count).toBe(json.time_list.length)
        const times = json.time_list.map(({ time }: Day) => time)
        expect(times).toEqual([...new Set(times)].sort())
        for (const field of ["video_time_2d_model", "video_time_flexus_2d_model"] as const) {
          const used = BigDecimal.toNumberUnsafe(usage[field])
          expect(sumOf(json.time_list, field)).toEqual(near(used))
          const summary = yield* project(`/data-analysis-summary?user_id=${userId}&resource_type=${field}`)
          expect(summary.json).toMatchObject({ resource_type: field, usage: used, unit: "MIN" })
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
      expect(christmas.json).toEqual({
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
      expect((yield* project(`/data-analysis?${period}`)).json).toEqual({ count: 0, time_list: [] })
      expect((yield* project("/data-analysis-summary")).json).toEqual({ number: 2, usage: 0.3, unit: "MIN" })
      expect((yield* project("/data-analysis-summary?unit=HOUR")).json).toMatchObject({
        usage: 0.005,
        unit: "HOUR"
      })
      expect((yield* project("/data-analysis-summary?business_type=LIVE_2D")).json).toMatchObject({
        usage: 0
      })

      yield* emulator.set({ userId: "one", quota: {}, usage: { video_time_2d_model: 7.5 } })
      expect((yield* project("/data-analysis-summary")).json).toMatchObject({ usage: 7.5 })
      expect((yield* project("/user/quotas/one", { method: "DELETE" })).status).toBe(200)
      expect((yield* project("/data-analysis-summary")).json).toMatchObject({ usage: 0, number: 0 })
    })
  )

  it.effect("without isolation, user_id has no effect", () =>
    Effect.gen(function* () {
      const { emulator, project } = yield* start({ isolation: false })
      const [{ userId } = { userId: "" }] = yield* emulator.users
      const everybody = (yield* project(`/data-analysis?${period}&limit=1000`)).json
      expect((yield* project(`/data-analysis?${period}&limit=1000&user_id=${userId}`)).json).toEqual(
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
        expect(yield* project(`/data-analysis?${query}`), query).toMatchObject(
          refused(400, "MSS.00000003", field)
        )
      }
      expect(yield* project("/data-analysis-summary?unit=DAY")).toMatchObject(
        refused(400, "MSS.00000003", "unit")
      )
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
      expect((yield* project("/tenants/service-configs")).json).toMatchObject(switches(false))
      expect(yield* put()).toMatchObject(refused(403, "MSS.00000005"))

      const answer = yield* project("/tenants/service-configs", { method: "PUT", body: switches(true) })
      expect(answer).toMatchObject({
        status: 200,
        json: { ...switches(true), is_ai_mark_on: true, tenant_id: MetaStudioEmulator.defaults.projectId }
      })
      expect((yield* project("/tenants/service-configs")).json).toMatchObject(switches(true))
      expect((yield* put()).status).toBe(200)
      expect(yield* emulator.count("UpdateTenantServiceConfigs")).toBe(1)
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
        expect(
          yield* project("/tenants/service-configs", { method: "PUT", body }),
          JSON.stringify(body)
        ).toMatchObject(refused(400, "MSS.00000003"))
      }
      expect((yield* project("/tenants/service-configs")).json).toMatchObject({
        sub_account_control_config: { separately_controlled: true },
        is_ai_mark_on: true
      })
    })
  )
})
