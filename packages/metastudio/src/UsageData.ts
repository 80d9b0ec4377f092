/**
 * How much was used when: video and live minutes, of one sub-account or of all.
 *
 * Source: ShowUsageData and ShowSummaryUsageData on support.huaweicloud.com, and their models in the
 * vendor's Go SDK.
 */
import * as Decode from "@cloud-quota/core/Decode"
import { defined, optional, required } from "@cloud-quota/core/Decode"
import type * as Quantity from "@cloud-quota/core/Quantity"
import type * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import { type BusinessType, decodeUsage, type ResourceUsage, unitOf } from "./TenantResource.ts"

/** Whose use, and of what. */
export interface UsageSummaryQuery {
  /** One sub-account. Of effect for the root account alone, and with sub-account isolation switched on. */
  readonly userId?: string
  readonly resourceType?: "video_time_2d_model" | "video_time_flexus_2d_model" | (string & {})
  readonly businessType?: "LIVE_2D" | "VIDEO_2D" | (string & {})
  readonly unit?: "MIN" | "HOUR" | (string & {})
}

/** Whose use, of what, and when. */
export interface UsageDataQuery extends UsageSummaryQuery {
  readonly startTime: DateTime.DateTime
  readonly endTime: DateTime.DateTime
}

/** What was used in one span of time, which starts at `time`. Its length is not documented. */
export interface UsageData {
  readonly time: DateTime.Utc
  readonly resourcesUsage: ReadonlyArray<ResourceUsage>
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** One page of what was used. `count` is the number of all spans. */
export interface UsageDataPage {
  readonly count: number
  readonly timeList: ReadonlyArray<UsageData>
  readonly requestId?: string
}

/** All that was used of one kind of resource. */
export interface UsageSummary {
  readonly resourceType?: string
  readonly businessType?: BusinessType
  /** How many videos or broadcasts. */
  readonly number?: number
  readonly unit?: string
  /** Absent if the unit is not told. */
  readonly usage?: Quantity.Quantity
  /** The whole answer, as it came. */
  readonly details: Decode.Fields
  readonly requestId?: string
}

/** Reads what was used in one span of time, or says in words what is wrong. */
export const decode = (row: Decode.Fields): Result.Result<UsageData, string> =>
  Result.gen(function* () {
    return {
      time: yield* required(row, "time", Decode.time),
      resourcesUsage: yield* Decode.list(row, "resources_usage", decodeUsage),
      details: row
    }
  })

/** Reads a summary, or says in words what is wrong. */
export const decodeSummary = (row: Decode.Fields): Result.Result<UsageSummary, string> =>
  Result.gen(function* () {
    const unit = yield* optional(row, "unit", Decode.unlessEmpty(Decode.text))
    const usage =
      unit === undefined ? undefined : yield* optional(row, "usage", Decode.quantity(unitOf(unit)))
    return {
      details: row,
      ...defined({
        unit,
        usage,
        resourceType: yield* optional(row, "resource_type", Decode.text),
        businessType: yield* optional(row, "business_type", Decode.text),
        number: yield* optional(row, "number", Decode.count)
      })
    }
  })
