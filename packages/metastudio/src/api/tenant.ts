/**
 * The tenant's resources, usage and settings. Read only.
 *
 * Amounts are exact decimals, with their unit in `unit`.
 *
 * Source: ListTenantResources, ShowResourceUsage, CountTenantResources, ShowTenantAssginRecord,
 * ShowUsageData, ShowSummaryUsageData, ShowVoiceTrainingQuotas and ShowTenantServiceConfigs on
 * support.huaweicloud.com, and their models in the vendor's Go SDK.
 */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import {
  Moment,
  Plain,
  Words,
  decimal,
  listing,
  operation,
  firstPage,
  page,
  pageFields,
  text,
  time,
  truth,
  whole,
  wholeRow
} from "./operation.ts"

const usageFields = {
  resource_type: text,
  /** As `VIDEO_2D`, `VOICE_CLONE`, `MODELING_2D`, `FLEXUS_2D`. */
  business_type: text,
  /** Only for flexus packages, as `video_time_flexus_2d_model`. */
  sub_resource_type: text,
  is_sub_resource: truth,
  /** As `PERIODIC`, `ONE_TIME`, `ON_DEMAND`. */
  charging_mode: text,
  /** As `PURCHASED`, `SP_ALLOCATED`, `ADMIN_ALLOCATED`. */
  resource_source: text,
  /** As `NUM`, `MIN`, `HOUR`, `GB`. */
  unit: text,
  /** In `unit`. */
  amount: decimal,
  /** In `unit`. */
  usage: decimal
}

/** An amount of a kind of resource, and its use. */
export const ResourceUsage = Schema.Struct(usageFields)
export interface ResourceUsage extends Schema.Schema.Type<typeof ResourceUsage> {}

/** One resource of the tenant. */
export const TenantResource = Schema.Struct({
  ...usageFields,
  resource_id: text,
  order_id: text,
  resource_expire_time: time,
  /** 0: normal, 1: frozen. */
  status: whole
})
export interface TenantResource extends Schema.Schema.Type<typeof TenantResource> {}

/** The number of resources of one kind. */
export const ResourceCount = Schema.Struct({
  count: Lenient.decimal("count"),
  business_type: text,
  charging_mode: text,
  resource_source: text
})
export interface ResourceCount extends Schema.Schema.Type<typeof ResourceCount> {}

/**
 * A grant of a service provider to the tenant. Its numbers are in the unit of the spec, which is not in the
 * answer.
 */
export const AssignmentRecord = Schema.Struct({
  assignment_record_id: text,
  resource_spec_code: text,
  charging_mode: text,
  resource_num: decimal,
  resource_used_num: decimal,
  /** Seconds since 1970. */
  resource_allocate_time: Lenient.nullish(Lenient.UnixSeconds),
  /** Seconds since 1970. */
  resource_expire_time: Lenient.nullish(Lenient.UnixSeconds)
})
export interface AssignmentRecord extends Schema.Schema.Type<typeof AssignmentRecord> {}

/** All grants of one spec. */
export const AssignmentOverview = Schema.Struct({
  resource_spec_code: text,
  resource_num: decimal,
  resource_used_num: decimal,
  resource_remind_quota: decimal
})
export interface AssignmentOverview extends Schema.Schema.Type<typeof AssignmentOverview> {}

/** The use in one interval, which starts at `time`. Its length is undocumented. */
export const UsageData = Schema.Struct({
  time: Lenient.Moment,
  resources_usage: Lenient.nullish(Schema.Array(ResourceUsage))
})
export interface UsageData extends Schema.Schema.Type<typeof UsageData> {}

/** One package of voice trainings. */
export const VoiceTrainingResource = Schema.Struct({
  resource_id: text,
  asset_id: text,
  /** As `BASIC`, `MIDDLE`, `ADVANCE`, `FLEXUS`. */
  resource_type: text,
  resource_source: text,
  charge_mode: text,
  resource_nums: whole,
  resource_available_nums: whole,
  expire_time: time,
  status: whole
})
export interface VoiceTrainingResource extends Schema.Schema.Type<typeof VoiceTrainingResource> {}

const optional = Schema.optionalKey
const largestPage = 100
const allSources = ["PURCHASED", "SP_ALLOCATED", "ADMIN_ALLOCATED"]
const get = { safety: "read", method: "GET", scope: "project" } as const

const summary = {
  /**
   * One sub-account. It has an effect only for the root account, and only with isolation of sub-accounts
   * switched on.
   */
  user_id: optional(Plain),
  /** As `video_time_2d_model`, `video_time_flexus_2d_model`. */
  resource_type: optional(Plain),
  /** As `LIVE_2D`, `VIDEO_2D`. */
  business_type: optional(Plain),
  /** As `MIN`, `HOUR`. */
  unit: optional(Plain)
}

export const tenantOperations = {
  /**
   * One page of the tenant's resources.
   *
   * **Gotchas**
   *
   * Packages that are charged on demand are not included: use `BssClient.listFreeResourceInfos`.
   */
  listTenantResources: listing({
    ...get,
    name: "ListTenantResources",
    path: "/v1/{project_id}/tenants/resources",
    request: Schema.Struct({
      /** Default: all three sources. */
      resource_source: optional(Words),
      resource: optional(Words),
      business: optional(Words),
      resource_id: optional(Plain),
      order_id: optional(Plain),
      charging_mode: optional(Plain),
      resource_expire_start_time: optional(Moment),
      resource_expire_end_time: optional(Moment),
      sub_resource: optional(Plain),
      /** 0: normal, 1: frozen. */
      status: optional(Lenient.between(0, 1)),
      ...pageFields(largestPage)
    }),
    answer: Schema.Struct({ count: Lenient.Count }),
    rows: { field: "resources", row: TenantResource },
    page: page({
      rows: "resources",
      largest: largestPage,
      total: "count",
      // The parts of a package share its id, and amounts may change during a listing.
      key: (row: TenantResource) =>
        row.resource_id
          ? JSON.stringify([row.resource_id, row.resource_type, row.sub_resource_type])
          : wholeRow(row)
    }),
    defaults: { resource_source: allSources },
    doc: "One page of the tenant's resources.",
    source: "ListTenantResources"
  }),
  /** The tenant's resources and their use, summed up by kind. */
  showResourceUsage: listing({
    ...get,
    name: "ShowResourceUsage",
    path: "/v1/{project_id}/tenants/resources-usage",
    request: Schema.Struct({ resource: optional(Words), business: optional(Words) }),
    answer: Schema.Struct({}),
    rows: { field: "resources", row: ResourceUsage },
    doc: "The tenant's resources and their use, summed up by kind.",
    source: "ShowResourceUsage"
  }),
  /** The number of resources of each kind, such as those that expire soon. */
  countTenantResources: listing({
    ...get,
    name: "CountTenantResources",
    path: "/v1/{project_id}/tenants/resources-count",
    request: Schema.Struct({
      business: optional(Words),
      resource_expire_start_time: optional(Moment),
      resource_expire_end_time: optional(Moment)
    }),
    answer: Schema.Struct({}),
    rows: { field: "resources_count", row: ResourceCount },
    doc: "The number of resources of each kind.",
    source: "CountTenantResources"
  }),
  /** One page of a service provider's grants to the tenant. The spelling is the vendor's. */
  showTenantAssginRecord: listing({
    ...get,
    name: "ShowTenantAssginRecord",
    path: "/v1/{project_id}/tenants/resource/assignrecourd",
    request: Schema.Struct(pageFields(largestPage)),
    answer: Schema.Struct({
      customer_project_id: text,
      customer_name: text,
      region_id: text,
      /** The number of all records. */
      resource_count: Lenient.nullish(Lenient.Count),
      resources_overview: Lenient.nullish(Schema.Array(AssignmentOverview))
    }),
    rows: { field: "resources", row: AssignmentRecord },
    defaults: firstPage(largestPage),
    doc: "One page of a service provider's grants to the tenant.",
    source: "ShowTenantAssginRecord"
  }),
  /** One page of the use by time. */
  showUsageData: listing({
    ...get,
    name: "ShowUsageData",
    path: "/v1/{project_id}/data-analysis",
    request: Schema.Struct({
      start_time: Moment,
      end_time: Moment,
      ...summary,
      ...pageFields(largestPage)
    }),
    answer: Schema.Struct({ count: Lenient.Count }),
    rows: { field: "time_list", row: UsageData },
    page: page({
      rows: "time_list",
      largest: largestPage,
      total: "count",
      key: ({ time }: UsageData) => DateTime.formatIso(time)
    }),
    doc: "One page of the use by time.",
    source: "ShowUsageData"
  }),
  /** All use so far. */
  showSummaryUsageData: operation({
    ...get,
    name: "ShowSummaryUsageData",
    path: "/v1/{project_id}/data-analysis-summary",
    request: Schema.Struct(summary),
    answer: Schema.Struct({
      resource_type: text,
      business_type: text,
      /** The number of videos or broadcasts. */
      number: Lenient.nullish(Lenient.Count),
      unit: text,
      /** In `unit`. */
      usage: decimal
    }),
    doc: "All use so far.",
    source: "ShowSummaryUsageData"
  }),
  /** The voices that can still be trained, with one page of the packages. */
  showVoiceTrainingQuotas: listing({
    ...get,
    name: "ShowVoiceTrainingQuotas",
    path: "/v1/{project_id}/voice-training-manage/quotas",
    request: Schema.Struct(pageFields(largestPage)),
    answer: Schema.Struct({
      count: Lenient.Count,
      resource_available_nums: Lenient.nullish(
        Schema.Struct({
          flexus: whole,
          basic: whole,
          middle: whole,
          middle_on_demand: whole,
          advance: whole,
          third_party_cmww: whole
        })
      )
    }),
    rows: { field: "resources", row: VoiceTrainingResource },
    defaults: firstPage(largestPage),
    doc: "The voices that can still be trained.",
    source: "ShowVoiceTrainingQuotas"
  }),
  /**
   * Whether sub-accounts are isolated, without which no limit can be written. Isolation can be switched on
   * only by a person, in the console.
   */
  showTenantServiceConfigs: operation({
    ...get,
    name: "ShowTenantServiceConfigs",
    path: "/v1/{project_id}/tenants/service-configs",
    request: Schema.Struct({}),
    answer: Schema.Struct({
      sub_account_control_config: Lenient.nullish(
        Schema.Struct({
          /** The vendor's default is false. */
          separately_controlled: truth,
          /** As `IAM_USER`. */
          sub_account_type: text
        })
      ),
      is_ai_mark_on: truth
    }),
    doc: "Whether sub-accounts are isolated.",
    source: "ShowTenantServiceConfigs"
  })
}
