/**
 * Resource packages that are used up on demand, which MetaStudio's own listing leaves out. The vendor
 * calls them free resources, since what they cover is not charged again.
 *
 * Source: ListFreeResourceInfos and ListFreeResourceUsages on support.huaweicloud.com, and their models
 * in the vendor's Go SDK. Packages that expired more than 18 months ago are not told.
 */
import * as Decode from "@cloud-quota/core/Decode"
import { defined, optional } from "@cloud-quota/core/Decode"
import type * as BigDecimal from "effect/BigDecimal"
import type * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"

/** Which packages. */
export interface FreeResourceQuery {
  readonly regionCode?: string
  readonly orderId?: string
  readonly productId?: string
  readonly productName?: string
  readonly enterpriseProjectId?: string
  /** 0 not yet in effect, 1 in effect, 2 used up, 3 expired, 4 unsubscribed. */
  readonly status?: number
  /** As `hws.service.type.obs`. 100 at the most. */
  readonly serviceTypeCodeList?: ReadonlyArray<string>
}

/**
 * One item of a package. Its amounts are in the unit {@link measureId}, a number of the vendor's. Of a
 * package that refills they are those of the current cycle.
 */
export interface FreeResource {
  readonly freeResourceId?: string
  readonly usageTypeName?: string
  /** What is left. */
  readonly amount?: BigDecimal.BigDecimal
  readonly originalAmount?: BigDecimal.BigDecimal
  readonly measureId?: number
  /** Told by `listFreeResourceUsages` only. */
  readonly startTime?: DateTime.Utc
  /** Told by `listFreeResourceUsages` only. */
  readonly endTime?: DateTime.Utc
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** One package. */
export interface FreeResourcePackage {
  readonly orderInstanceId?: string
  readonly orderId?: string
  readonly productId?: string
  readonly productName?: string
  readonly serviceTypeCode?: string
  readonly serviceTypeName?: string
  readonly regionCode?: string
  /** 0 not yet in effect, 1 in effect, 2 used up, 3 expired, 4 unsubscribed. */
  readonly status?: number
  /** 1: it refills with every cycle, 2: it does not. */
  readonly quotaReuseMode?: number
  readonly effectiveTime?: DateTime.Utc
  readonly expireTime?: DateTime.Utc
  readonly freeResources: ReadonlyArray<FreeResource>
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** One page of packages. */
export interface FreeResourcePackagePage {
  /** The number of all packages that fit, where it is told. */
  readonly totalCount?: number
  readonly packages: ReadonlyArray<FreeResourcePackage>
  readonly requestId?: string
}

/** The items that were asked for. */
export interface FreeResourceUsages {
  readonly freeResources: ReadonlyArray<FreeResource>
  readonly requestId?: string
}

/** Reads an item of a package, or says in words what is wrong. */
export const decodeItem = (row: Decode.Fields): Result.Result<FreeResource, string> =>
  Result.gen(function* () {
    return {
      details: row,
      ...defined({
        freeResourceId: yield* optional(row, "free_resource_id", Decode.text),
        usageTypeName: yield* optional(row, "usage_type_name", Decode.text),
        amount: yield* optional(row, "amount", Decode.unlessEmpty(Decode.decimal)),
        originalAmount: yield* optional(row, "original_amount", Decode.unlessEmpty(Decode.decimal)),
        measureId: yield* optional(row, "measure_id", Decode.integer),
        startTime: yield* optional(row, "start_time", Decode.unlessEmpty(Decode.time)),
        endTime: yield* optional(row, "end_time", Decode.unlessEmpty(Decode.time))
      })
    }
  })

/** Reads a package, or says in words what is wrong. */
export const decode = (row: Decode.Fields): Result.Result<FreeResourcePackage, string> =>
  Result.gen(function* () {
    return {
      freeResources: yield* Decode.list(row, "free_resources", decodeItem),
      details: row,
      ...defined({
        orderInstanceId: yield* optional(row, "order_instance_id", Decode.text),
        orderId: yield* optional(row, "order_id", Decode.unlessEmpty(Decode.text)),
        productId: yield* optional(row, "product_id", Decode.text),
        productName: yield* optional(row, "product_name", Decode.text),
        serviceTypeCode: yield* optional(row, "service_type_code", Decode.text),
        serviceTypeName: yield* optional(row, "service_type_name", Decode.text),
        regionCode: yield* optional(row, "region_code", Decode.text),
        status: yield* optional(row, "status", Decode.integer),
        quotaReuseMode: yield* optional(row, "quota_reuse_mode", Decode.integer),
        effectiveTime: yield* optional(row, "effective_time", Decode.unlessEmpty(Decode.time)),
        expireTime: yield* optional(row, "expire_time", Decode.unlessEmpty(Decode.time))
      })
    }
  })
