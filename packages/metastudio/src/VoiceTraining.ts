/**
 * How many voices can still be trained.
 *
 * Source: ShowVoiceTrainingQuotas on support.huaweicloud.com, and its model in the vendor's Go SDK.
 */
import * as Decode from "@cloud-quota/core/Decode"
import { defined, optional } from "@cloud-quota/core/Decode"
import type * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"

/** How many trainings are left, by edition. What the vendor does not tell is absent. */
export interface AvailableTrainings {
  readonly flexus?: number
  readonly basic?: number
  readonly middle?: number
  readonly middleOnDemand?: number
  readonly advance?: number
  readonly thirdPartyCmww?: number
}

/** One package of trainings. Words are the vendor's own. */
export interface VoiceTrainingResource {
  readonly resourceId?: string
  readonly assetId?: string
  /** As `BASIC`, `MIDDLE`, `ADVANCE`, `FLEXUS`. */
  readonly resourceType?: string
  readonly resourceSource?: string
  readonly chargeMode?: string
  readonly resourceNums?: number
  readonly resourceAvailableNums?: number
  readonly expiresAt?: DateTime.Utc
  readonly status?: number
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** One page of the packages, with what is left on all pages. */
export interface VoiceTrainingQuotas {
  /** The number of all packages. */
  readonly count: number
  readonly available: AvailableTrainings
  readonly resources: ReadonlyArray<VoiceTrainingResource>
  readonly requestId?: string
}

/** Reads what is left, or says in words what is wrong. */
export const decodeAvailable = (row: Decode.Fields): Result.Result<AvailableTrainings, string> =>
  Result.gen(function* () {
    return defined({
      flexus: yield* optional(row, "flexus", Decode.integer),
      basic: yield* optional(row, "basic", Decode.integer),
      middle: yield* optional(row, "middle", Decode.integer),
      middleOnDemand: yield* optional(row, "middle_on_demand", Decode.integer),
      advance: yield* optional(row, "advance", Decode.integer),
      thirdPartyCmww: yield* optional(row, "third_party_cmww", Decode.integer)
    })
  })

/** Reads a package, or says in words what is wrong. */
export const decode = (row: Decode.Fields): Result.Result<VoiceTrainingResource, string> =>
  Result.gen(function* () {
    return {
      details: row,
      ...defined({
        resourceId: yield* optional(row, "resource_id", Decode.unlessEmpty(Decode.text)),
        assetId: yield* optional(row, "asset_id", Decode.unlessEmpty(Decode.text)),
        resourceType: yield* optional(row, "resource_type", Decode.text),
        resourceSource: yield* optional(row, "resource_source", Decode.text),
        chargeMode: yield* optional(row, "charge_mode", Decode.text),
        resourceNums: yield* optional(row, "resource_nums", Decode.integer),
        resourceAvailableNums: yield* optional(row, "resource_available_nums", Decode.integer),
        expiresAt: yield* optional(row, "expire_time", Decode.unlessEmpty(Decode.time)),
        status: yield* optional(row, "status", Decode.integer)
      })
    }
  })
