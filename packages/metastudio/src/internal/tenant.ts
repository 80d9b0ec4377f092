/**
 * What MetaStudio tells of a tenant besides the limits of its sub-accounts. All of it is only read.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Decode from "@cloud-quota/core/Decode"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import * as ServiceConfigs from "../ServiceConfigs.ts"
import * as TenantResource from "../TenantResource.ts"
import * as UsageData from "../UsageData.ts"
import * as VoiceTraining from "../VoiceTraining.ts"
import { offsetPages, wholeRow } from "./pages.ts"
import * as Params from "./params.ts"
import type { Service } from "./session.ts"

/** Which page of a listing. */
export interface Page {
  /** Rows of one page: 1 to 100, 100 by default. */
  readonly limit?: number
  /** How many rows to skip: 0 by default. */
  readonly offset?: number
}

/** The operations about a tenant. */
export interface Tenant {
  /**
   * One page of what the tenant has bought or was given (`ListTenantResources`).
   *
   * **Gotchas**
   *
   * Packages that are charged on demand are left out: ask `BssClient.listFreeResourceInfos`.
   */
  readonly listTenantResources: (
    query?: TenantResource.TenantResourceQuery & Page
  ) => Effect.Effect<TenantResource.TenantResourcePage, CloudQuotaError>
  /** All that the tenant has bought or was given, page by page. */
  readonly allTenantResources: (
    query?: TenantResource.TenantResourceQuery
  ) => Stream.Stream<TenantResource.TenantResource, CloudQuotaError>
  /** What the tenant has and has used, summed up by kind (`ShowResourceUsage`). */
  readonly showResourceUsage: (
    query?: TenantResource.ResourceUsageQuery
  ) => Effect.Effect<TenantResource.ResourceUsages, CloudQuotaError>
  /** How many resources there are of each kind, such as those that expire soon (`CountTenantResources`). */
  readonly countTenantResources: (
    query?: TenantResource.ResourceCountQuery
  ) => Effect.Effect<TenantResource.ResourceCounts, CloudQuotaError>
  /** One page of what a service provider gave to the tenant (`ShowTenantAssginRecord`, as the vendor spells it). */
  readonly showTenantAssginRecord: (
    page?: Page
  ) => Effect.Effect<TenantResource.AssignmentRecordPage, CloudQuotaError>
  /** One page of what was used when (`ShowUsageData`). */
  readonly showUsageData: (
    query: UsageData.UsageDataQuery & Page
  ) => Effect.Effect<UsageData.UsageDataPage, CloudQuotaError>
  /** All that was used in a span of time, page by page. */
  readonly allUsageData: (
    query: UsageData.UsageDataQuery
  ) => Stream.Stream<UsageData.UsageData, CloudQuotaError>
  /** All that was used so far (`ShowSummaryUsageData`). */
  readonly showSummaryUsageData: (
    query?: UsageData.UsageSummaryQuery
  ) => Effect.Effect<UsageData.UsageSummary, CloudQuotaError>
  /** How many voices can still be trained, with one page of the packages (`ShowVoiceTrainingQuotas`). */
  readonly showVoiceTrainingQuotas: (
    page?: Page
  ) => Effect.Effect<VoiceTraining.VoiceTrainingQuotas, CloudQuotaError>
  /**
   * Whether sub-accounts are isolated, without which no limit can be written (`ShowTenantServiceConfigs`).
   * There is no way to switch it on here: that is for a person in the console.
   */
  readonly showTenantServiceConfigs: () => Effect.Effect<ServiceConfigs.ServiceConfigs, CloudQuotaError>
}

const largestPage = 100

const pageParams: Params.Params<Page, string | number> = Params.page(largestPage)

const allSources = "PURCHASED,SP_ALLOCATED,ADMIN_ALLOCATED"

const resourceParams: Params.Params<TenantResource.TenantResourceQuery & Page, string | number> = {
  resourceSource: Params.orElse(Params.words("resource_source"), allSources),
  resource: Params.words("resource"),
  business: Params.words("business"),
  resourceId: Params.text("resource_id"),
  orderId: Params.text("order_id"),
  chargingMode: Params.text("charging_mode"),
  resourceExpireStartTime: Params.time("resource_expire_start_time"),
  resourceExpireEndTime: Params.time("resource_expire_end_time"),
  subResource: Params.text("sub_resource"),
  status: Params.whole("status", 0, 1),
  ...pageParams
}

const usageParams: Params.Params<TenantResource.ResourceUsageQuery, string> = {
  resource: Params.words("resource"),
  business: Params.words("business")
}

const countParams: Params.Params<TenantResource.ResourceCountQuery, string> = {
  business: Params.words("business"),
  resourceExpireStartTime: Params.time("resource_expire_start_time"),
  resourceExpireEndTime: Params.time("resource_expire_end_time")
}

const summaryParams: Params.Params<UsageData.UsageSummaryQuery, string> = {
  userId: Params.text("user_id"),
  resourceType: Params.text("resource_type"),
  businessType: Params.text("business_type"),
  unit: Params.text("unit")
}

const usageDataParams: Params.Params<UsageData.UsageDataQuery & Page, string | number> = {
  startTime: Params.needed(Params.time("start_time")),
  endTime: Params.needed(Params.time("end_time")),
  ...summaryParams,
  ...pageParams
}

/** Makes the operations about the tenant of one project. */
export const makeTenant = (metaStudio: Service, projectId: string): Tenant => {
  const scope = { _tag: "Project", id: projectId } as const
  const get = <Query extends object, A extends object>(
    operation: string,
    path: ReadonlyArray<string>,
    params: Params.Params<Query, string | number>,
    query: Query,
    decode: (answer: Decode.Fields) => Result.Result<A, string>
  ) =>
    Effect.flatMap(
      Effect.fromResult(Params.writeParams<Query, string | number>(operation, params, query)),
      (wire) =>
        metaStudio.read(
          { operation, method: "GET", path: ["v1", projectId, ...path], query: wire, scope },
          decode
        )
    )

  const listTenantResources = Effect.fn("MetaStudioClient.listTenantResources")(
    (query: TenantResource.TenantResourceQuery & Page = {}) =>
      get("ListTenantResources", ["tenants", "resources"], resourceParams, query, decodeResources)
  )

  const showUsageData = Effect.fn("MetaStudioClient.showUsageData")(
    (query: UsageData.UsageDataQuery & Page) =>
      get("ShowUsageData", ["data-analysis"], usageDataParams, query, decodeUsageData)
  )

  return {
    listTenantResources,
    allTenantResources: (query = {}) =>
      offsetPages({
        operation: "ListTenantResources",
        pageSize: largestPage,
        key: resourceKey,
        fetch: (place) =>
          Effect.map(listTenantResources(Params.at(query, place)), ({ count, resources, ...page }) => ({
            ...page,
            rows: resources,
            total: count
          }))
      }),
    showResourceUsage: Effect.fn("MetaStudioClient.showResourceUsage")((query = {}) =>
      get("ShowResourceUsage", ["tenants", "resources-usage"], usageParams, query, decodeUsages)
    ),
    countTenantResources: Effect.fn("MetaStudioClient.countTenantResources")((query = {}) =>
      get("CountTenantResources", ["tenants", "resources-count"], countParams, query, decodeCounts)
    ),
    showTenantAssginRecord: Effect.fn("MetaStudioClient.showTenantAssginRecord")((page = {}) =>
      get(
        "ShowTenantAssginRecord",
        ["tenants", "resource", "assignrecourd"],
        pageParams,
        page,
        decodeAssignments
      )
    ),
    showUsageData,
    allUsageData: (query) =>
      offsetPages({
        operation: "ShowUsageData",
        pageSize: largestPage,
        key: ({ time }) => DateTime.formatIso(time),
        fetch: (place) =>
          Effect.map(showUsageData(Params.at(query, place)), ({ count, timeList, ...page }) => ({
            ...page,
            rows: timeList,
            total: count
          }))
      }),
    showSummaryUsageData: Effect.fn("MetaStudioClient.showSummaryUsageData")((query = {}) =>
      get("ShowSummaryUsageData", ["data-analysis-summary"], summaryParams, query, UsageData.decodeSummary)
    ),
    showVoiceTrainingQuotas: Effect.fn("MetaStudioClient.showVoiceTrainingQuotas")((page = {}) =>
      get("ShowVoiceTrainingQuotas", ["voice-training-manage", "quotas"], pageParams, page, decodeTrainings)
    ),
    showTenantServiceConfigs: Effect.fn("MetaStudioClient.showTenantServiceConfigs")(() =>
      get("ShowTenantServiceConfigs", ["tenants", "service-configs"], {}, {}, ServiceConfigs.decode)
    )
  }
}

/** What stays the same while a resource is used up. The parts of a package share its id. */
const resourceKey = (resource: TenantResource.TenantResource): string =>
  resource.resourceId === undefined
    ? wholeRow(resource)
    : JSON.stringify([resource.resourceId, resource.resourceType, resource.subResourceType])

const decodeResources = (answer: Decode.Fields) =>
  Result.gen(function* () {
    return {
      count: yield* Decode.required(answer, "count", Decode.count),
      resources: yield* Decode.list(answer, "resources", TenantResource.decode)
    }
  })

const decodeUsages = (answer: Decode.Fields) =>
  Result.map(Decode.list(answer, "resources", TenantResource.decodeUsage), (resources) => ({ resources }))

const decodeCounts = (answer: Decode.Fields) =>
  Result.map(Decode.list(answer, "resources_count", TenantResource.decodeCount), (counts) => ({ counts }))

const decodeAssignments = (answer: Decode.Fields) =>
  Result.gen(function* () {
    return {
      records: yield* Decode.list(answer, "resources", TenantResource.decodeAssignment),
      overview: yield* Decode.list(answer, "resources_overview", TenantResource.decodeOverview),
      ...Decode.defined({
        customerProjectId: yield* Decode.optional(answer, "customer_project_id", Decode.text),
        customerName: yield* Decode.optional(answer, "customer_name", Decode.text),
        regionId: yield* Decode.optional(answer, "region_id", Decode.text),
        resourceCount: yield* Decode.optional(answer, "resource_count", Decode.count)
      })
    }
  })

const decodeUsageData = (answer: Decode.Fields) =>
  Result.gen(function* () {
    return {
      count: yield* Decode.required(answer, "count", Decode.count),
      timeList: yield* Decode.list(answer, "time_list", UsageData.decode)
    }
  })

const decodeTrainings = (answer: Decode.Fields) =>
  Result.gen(function* () {
    const available = (yield* Decode.optional(answer, "resource_available_nums", Decode.fields)) ?? {}
    return {
      count: yield* Decode.required(answer, "count", Decode.count),
      available: yield* VoiceTraining.decodeAvailable(available),
      resources: yield* Decode.list(answer, "resources", VoiceTraining.decode)
    }
  })
