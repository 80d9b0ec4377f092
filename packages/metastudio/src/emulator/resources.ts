/** The bought and granted resources of the tenant, and their remaining amounts. */
import * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"
import { type BusinessType, businessTypes, type Package, totals, usedOf } from "./packages.ts"
import { makeParameters } from "./parameters.ts"
import * as Refusal from "./refusal.ts"
import type { Route } from "./route.ts"
import { parameter, type Target } from "./target.ts"
import { formatInstant, parseInstant, seedTime } from "./time.ts"
import { json } from "./wire.ts"
import type { World } from "./world.ts"

/** The owner of the resources. */
export interface ResourceRules {
  readonly projectId: string
  readonly projectName: string
  readonly domain: string
}

/** The operations on resources. They list one-time and periodic ones only. */
export const resourceRoutes = (rules: ResourceRules, world: World): ReadonlyArray<Route> => {
  /** All packages with their present usage, in order of expiry. */
  const everything = (): ReadonlyArray<Held> => {
    const used = usedOf(world.packages, totals(world.users.values()))
    return world.packages.map((held) => ({ ...held, usage: used.get(held.resourceId) ?? nothing }))
  }

  return [
    {
      operation: "ListTenantResources",
      method: "GET",
      path: "/v1/{project_id}/tenants/resources",
      access: "project",
      answer: ({ target }) =>
        Result.gen(function* () {
          const sources = yield* words(parameter(target, "resource_source") ?? "", "resource_source", [
            "PURCHASED",
            "SP_ALLOCATED",
            "ADMIN_ALLOCATED"
          ])
          const { limit, offset } = yield* readPage(target)
          const chosen = yield* readFilter(target)
          const mode = yield* word(parameter(target, "charging_mode"), "charging_mode", [
            "PERIODIC",
            "ONE_TIME",
            "ON_DEMAND"
          ])
          const status = yield* word(parameter(target, "status"), "status", ["0", "1"])
          const same = (name: string, value: string | undefined) =>
            parameter(target, name) === undefined || parameter(target, name) === value
          const found = everything().filter(
            (held) =>
              sources?.includes(held.source) &&
              chosen(held) &&
              (mode === undefined || held.chargingMode === mode) &&
              (status === undefined || String(statusOf(held)) === status) &&
              same("resource_id", held.resourceId) &&
              same("order_id", held.orderId) &&
              same("sub_resource", held.subResourceType)
          )
          return json(200, {
            count: found.length,
            resources: found.slice(offset, offset + limit).map(writeResource)
          })
        })
    },
    {
      operation: "ShowResourceUsage",
      method: "GET",
      path: "/v1/{project_id}/tenants/resources-usage",
      access: "project",
      answer: ({ target }) =>
        Result.map(readFilter(target), (chosen) => {
          const groups = Map.groupBy(everything().filter(chosen), (held) =>
            [held.resourceType, held.subResourceType, held.chargingMode, held.source].join("/")
          )
          return json(200, {
            resources: [...groups.values()].flatMap((group) =>
              group.slice(0, 1).map((first) => ({
                ...describe(first),
                amount: BigDecimal.sumAll(group.map(({ amount }) => amount)),
                usage: BigDecimal.sumAll(group.map(({ usage }) => usage))
              }))
            )
          })
        })
    },
    {
      operation: "CountTenantResources",
      method: "GET",
      path: "/v1/{project_id}/tenants/resources-count",
      access: "project",
      answer: ({ target }) =>
        Result.map(readFilter(target), (chosen) => {
          const groups = Map.groupBy(everything().filter(chosen), (held) =>
            [held.businessType, held.chargingMode, held.source].join("/")
          )
          return json(200, {
            resources_count: [...groups.values()].flatMap((group) =>
              group.slice(0, 1).map((first) => ({
                business_type: first.businessType,
                count: group.length,
                charging_mode: first.chargingMode,
                resource_source: first.source
              }))
            )
          })
        })
    },
    {
      operation: "ShowTenantAssginRecord",
      method: "GET",
      path: "/v1/{project_id}/tenants/resource/assignrecourd",
      access: "project",
      answer: ({ target }) =>
        Result.map(readPage(target), ({ limit, offset }) => {
          const given = everything().filter(({ source }) => source === "SP_ALLOCATED")
          const page = given.slice(offset, offset + limit)
          return json(200, {
            customer_project_id: rules.projectId,
            customer_name: rules.domain,
            region_id: rules.projectName,
            resource_count: given.length,
            // Documented: seconds since 1970 here, and RFC 3339 everywhere else.
            resources: page.map((held) => ({
              assignment_record_id: held.resourceId,
              resource_spec_code: held.resourceType,
              charging_mode: held.chargingMode,
              resource_num: held.amount,
              resource_used_num: held.usage,
              resource_allocate_time: held.since / 1000,
              resource_expire_time: held.expiresAt / 1000
            })),
            resources_overview: given.map((held) => ({
              resource_spec_code: held.resourceType,
              resource_num: held.amount,
              resource_used_num: held.usage,
              resource_remind_quota: BigDecimal.subtract(held.amount, held.usage)
            }))
          })
        })
    },
    {
      operation: "ShowVoiceTrainingQuotas",
      method: "GET",
      path: "/v1/{project_id}/voice-training-manage/quotas",
      access: "project",
      answer: ({ target }) =>
        Result.map(readPage(target), ({ limit, offset }) => {
          const voices = everything().filter(({ field }) => field?.startsWith("voice_clone_"))
          const left = (level: string) =>
            BigDecimal.sumAll(
              voices
                .filter((held) => held.field === `voice_clone_${level}` && statusOf(held) === 0)
                .map(leftOf)
            )
          return json(200, {
            count: voices.length,
            resource_available_nums: {
              flexus: left("flexus"),
              basic: left("basic"),
              middle: left("middle"),
              middle_on_demand: 0,
              advance: left("advance"),
              third_party_cmww: 0
            },
            resources: voices.slice(offset, offset + limit).map((held) => ({
              operation_type: "ADD",
              resource_source: held.source,
              resource_id: held.resourceId,
              resource_nums: held.amount,
              resource_available_nums: leftOf(held),
              resource_type: held.field?.replace("voice_clone_", "").toUpperCase(),
              charge_mode: held.chargingMode,
              expire_time: formatInstant(held.expiresAt),
              status: statusOf(held)
            }))
          })
        })
    }
  ]
}

interface Held extends Package {
  readonly usage: BigDecimal.BigDecimal
}

const nothing = BigDecimal.make(0n, 0)
const { parsed, whole, word, words } = makeParameters(Refusal.invalidParameter)

const readPage = (target: Target) =>
  Result.gen(function* () {
    const limit = yield* whole(parameter(target, "limit"), "limit", 1, 100, 10)
    const offset = yield* whole(parameter(target, "offset"), "offset", 0, 2_147_483_647, 0)
    return { limit, offset }
  })

/** The filters that several operations share. Both ends of the expiry period are included. */
const readFilter = (target: Target) =>
  Result.gen(function* () {
    const types = parameter(target, "resource")?.split(",")
    const business: ReadonlyArray<BusinessType> | undefined = yield* words(
      parameter(target, "business"),
      "business",
      businessTypes
    )
    const from = (yield* instant(target, "resource_expire_start_time")) ?? Number.NEGATIVE_INFINITY
    const to = (yield* instant(target, "resource_expire_end_time")) ?? Number.POSITIVE_INFINITY
    return ({ businessType, expiresAt, resourceType }: Package): boolean =>
      (types?.includes(resourceType) ?? true) &&
      (business?.includes(businessType) ?? true) &&
      from <= expiresAt &&
      expiresAt <= to
  })

const instant = (target: Target, name: string) =>
  parsed(parameter(target, name), name, parseInstant, "a time as 2021-01-10T08:43:17Z")

/** 0 is normal, 1 is frozen: a package that has expired when the invented data ends. */
const statusOf = ({ expiresAt }: Package): 0 | 1 => (expiresAt < seedTime ? 1 : 0)

const leftOf = ({ amount, usage }: Held): BigDecimal.BigDecimal => BigDecimal.subtract(amount, usage)

const describe = (held: Package) => ({
  resource_type: held.resourceType,
  business_type: held.businessType,
  ...(held.subResourceType === undefined ? {} : { sub_resource_type: held.subResourceType }),
  is_sub_resource: held.subResourceType !== undefined,
  charging_mode: held.chargingMode,
  resource_source: held.source,
  unit: held.unit
})

const writeResource = (held: Held) => ({
  resource_id: held.resourceId,
  order_id: held.orderId,
  resource_expire_time: formatInstant(held.expiresAt),
  ...describe(held),
  amount: held.amount,
  usage: held.usage,
  status: statusOf(held)
})
