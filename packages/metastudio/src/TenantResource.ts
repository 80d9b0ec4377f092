/**
 * What a tenant of MetaStudio has bought or was given: packages with their amount, what was used of it,
 * and when they expire.
 *
 * **Gotchas**
 *
 * Packages that are charged on demand are not told here: ask the billing service for them
 * (`BssClient.listFreeResourceInfos`).
 *
 * Source: ListTenantResources, ShowResourceUsage, CountTenantResources and ShowTenantAssginRecord on
 * support.huaweicloud.com, and their models in the vendor's Go SDK.
 */
import * as Decode from "@cloud-quota/core/Decode"
import { defined, optional, required } from "@cloud-quota/core/Decode"
import type * as Quantity from "@cloud-quota/core/Quantity"
import type * as BigDecimal from "effect/BigDecimal"
import type * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"

/** Who a resource comes from. */
export type ResourceSource = "PURCHASED" | "SP_ALLOCATED" | "ADMIN_ALLOCATED" | (string & {})

/** How a resource is charged. */
export type ChargingMode = "PERIODIC" | "ONE_TIME" | "ON_DEMAND" | (string & {})

/** What a resource is for, as `VIDEO_2D`, `VOICE_CLONE`, `MODELING_2D`, `FLEXUS_2D`. */
export type BusinessType = string

/** An amount of a kind of resource, and what was used of it. Words are the vendor's own. */
export interface ResourceUsage {
  readonly resourceType?: string
  readonly businessType?: BusinessType
  /** Of flexus packages only, as `video_time_flexus_2d_model`. */
  readonly subResourceType?: string
  readonly isSubResource?: boolean
  readonly chargingMode?: ChargingMode
  readonly resourceSource?: ResourceSource
  /** The vendor's word, as `NUM`, `MIN`, `HOUR`, `GB`. See {@link unitOf}. */
  readonly unit?: string
  /** Absent if the unit is not told. */
  readonly amount?: Quantity.Quantity
  /** Absent if the unit is not told. */
  readonly usage?: Quantity.Quantity
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** One resource of the tenant. */
export interface TenantResource extends ResourceUsage {
  readonly resourceId?: string
  readonly orderId?: string
  readonly expiresAt?: DateTime.Utc
  /** 0: normal, 1: frozen. */
  readonly status?: number
}

/** Which resources. Lists give whatever one of their words fits. */
export interface TenantResourceQuery {
  /** From all three sources if absent. */
  readonly resourceSource?: ReadonlyArray<ResourceSource>
  readonly resource?: ReadonlyArray<string>
  readonly business?: ReadonlyArray<BusinessType>
  readonly resourceId?: string
  readonly orderId?: string
  readonly chargingMode?: ChargingMode
  readonly resourceExpireStartTime?: DateTime.DateTime
  readonly resourceExpireEndTime?: DateTime.DateTime
  readonly subResource?: string
  /** 0: normal, 1: frozen. */
  readonly status?: number
}

/** One page of a tenant's resources. `count` is the number of all of them. */
export interface TenantResourcePage {
  readonly count: number
  readonly resources: ReadonlyArray<TenantResource>
  readonly requestId?: string
}

/** Which kinds of resources. */
export interface ResourceUsageQuery {
  readonly resource?: ReadonlyArray<string>
  readonly business?: ReadonlyArray<BusinessType>
}

/** Resources bought once or for a period, summed up by kind. */
export interface ResourceUsages {
  readonly resources: ReadonlyArray<ResourceUsage>
  readonly requestId?: string
}

/** Which resources are counted. */
export interface ResourceCountQuery {
  readonly business?: ReadonlyArray<BusinessType>
  readonly resourceExpireStartTime?: DateTime.DateTime
  readonly resourceExpireEndTime?: DateTime.DateTime
}

/** How many resources there are of one kind. */
export interface ResourceCount {
  readonly businessType?: BusinessType
  readonly chargingMode?: ChargingMode
  readonly resourceSource?: ResourceSource
  readonly count: Quantity.Quantity
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** How many resources there are of each kind. */
export interface ResourceCounts {
  readonly counts: ReadonlyArray<ResourceCount>
  readonly requestId?: string
}

/** What a service provider gave to the tenant. The numbers are in the unit of the spec, which is not told. */
export interface AssignmentRecord {
  readonly assignmentRecordId?: string
  readonly resourceSpecCode?: string
  readonly chargingMode?: ChargingMode
  readonly resourceNum?: BigDecimal.BigDecimal
  readonly resourceUsedNum?: BigDecimal.BigDecimal
  readonly allocatedAt?: DateTime.Utc
  readonly expiresAt?: DateTime.Utc
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** All that was given of one spec. The numbers are in the unit of the spec, which is not told. */
export interface AssignmentOverview {
  readonly resourceSpecCode?: string
  readonly resourceNum?: BigDecimal.BigDecimal
  readonly resourceUsedNum?: BigDecimal.BigDecimal
  readonly resourceRemindQuota?: BigDecimal.BigDecimal
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** One page of what a service provider gave to the tenant. */
export interface AssignmentRecordPage {
  readonly customerProjectId?: string
  readonly customerName?: string
  readonly regionId?: string
  /** The number of all records, where it is told. */
  readonly resourceCount?: number
  readonly records: ReadonlyArray<AssignmentRecord>
  readonly overview: ReadonlyArray<AssignmentOverview>
  readonly requestId?: string
}

/** The unit of the vendor's word for one: things are counted, minutes are minutes, other words stay. */
export const unitOf = (word: string): Quantity.Unit =>
  word === "NUM" ? "count" : word === "MIN" ? "minute" : word

/** Reads an amount and what was used, or says in words what is wrong. */
export const decodeUsage = (row: Decode.Fields): Result.Result<ResourceUsage, string> =>
  Result.gen(function* () {
    const unit = yield* optional(row, "unit", Decode.unlessEmpty(Decode.text))
    // An amount of no unit means nothing: it stays in the details.
    const quantity: Decode.Decoder<Quantity.Quantity | undefined> =
      unit === undefined
        ? (wire) => Result.map(Decode.decimal(wire), () => undefined)
        : Decode.quantity(unitOf(unit))
    return {
      details: row,
      ...defined({
        unit,
        resourceType: yield* optional(row, "resource_type", Decode.text),
        businessType: yield* optional(row, "business_type", Decode.text),
        subResourceType: yield* optional(row, "sub_resource_type", Decode.text),
        isSubResource: yield* optional(row, "is_sub_resource", Decode.boolean),
        chargingMode: yield* optional(row, "charging_mode", Decode.text),
        resourceSource: yield* optional(row, "resource_source", Decode.text),
        amount: yield* optional(row, "amount", quantity),
        usage: yield* optional(row, "usage", quantity)
      })
    }
  })

/** Reads a resource of the tenant, or says in words what is wrong. */
export const decode = (row: Decode.Fields): Result.Result<TenantResource, string> =>
  Result.gen(function* () {
    return {
      ...(yield* decodeUsage(row)),
      ...defined({
        resourceId: yield* optional(row, "resource_id", Decode.unlessEmpty(Decode.text)),
        orderId: yield* optional(row, "order_id", Decode.unlessEmpty(Decode.text)),
        expiresAt: yield* optional(row, "resource_expire_time", Decode.unlessEmpty(Decode.time)),
        status: yield* optional(row, "status", Decode.integer)
      })
    }
  })

/** Reads a number of resources, or says in words what is wrong. */
export const decodeCount = (row: Decode.Fields): Result.Result<ResourceCount, string> =>
  Result.gen(function* () {
    return {
      count: yield* required(row, "count", Decode.quantity("count")),
      details: row,
      ...defined({
        businessType: yield* optional(row, "business_type", Decode.text),
        chargingMode: yield* optional(row, "charging_mode", Decode.text),
        resourceSource: yield* optional(row, "resource_source", Decode.text)
      })
    }
  })

/** Reads what was given once, or says in words what is wrong. Its times are in seconds, as nowhere else. */
export const decodeAssignment = (row: Decode.Fields): Result.Result<AssignmentRecord, string> =>
  Result.gen(function* () {
    return {
      details: row,
      ...defined({
        assignmentRecordId: yield* optional(row, "assignment_record_id", Decode.text),
        resourceSpecCode: yield* optional(row, "resource_spec_code", Decode.text),
        chargingMode: yield* optional(row, "charging_mode", Decode.text),
        resourceNum: yield* optional(row, "resource_num", Decode.decimal),
        resourceUsedNum: yield* optional(row, "resource_used_num", Decode.decimal),
        allocatedAt: yield* optional(row, "resource_allocate_time", Decode.unixSeconds),
        expiresAt: yield* optional(row, "resource_expire_time", Decode.unixSeconds)
      })
    }
  })

/** Reads all that was given of one spec, or says in words what is wrong. */
export const decodeOverview = (row: Decode.Fields): Result.Result<AssignmentOverview, string> =>
  Result.gen(function* () {
    return {
      details: row,
      ...defined({
        resourceSpecCode: yield* optional(row, "resource_spec_code", Decode.text),
        resourceNum: yield* optional(row, "resource_num", Decode.decimal),
        resourceUsedNum: yield* optional(row, "resource_used_num", Decode.decimal),
        resourceRemindQuota: yield* optional(row, "resource_remind_quota", Decode.decimal)
      })
    }
  })
