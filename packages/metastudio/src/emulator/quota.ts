/** The limits and usage of a sub-account in the emulator, and the vendor's rules for a quota in a request. */
import type * as BigDecimal from "effect/BigDecimal"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import { invalidParameter, type Refusal } from "./refusal.ts"

/** The largest limit of each field. The smallest is -1, which is unlimited. */
const largestLimit = {
  modeling_count_2d_model: 10_000_000,
  modeling_count_2d_model_flexus: 10_000_000,
  video_time_2d_model: 999_999_999,
  video_time_flexus_2d_model: 999_999_999,
  voice_clone_basic: 10_000_000,
  voice_clone_middle: 10_000_000,
  voice_clone_advance: 10_000_000,
  voice_clone_flexus: 10_000_000
} as const

/** The vendor's name of a limit; `video_time_` is in minutes, the rest are counts. */
export type QuotaField = keyof typeof largestLimit

/** Limits as whole numbers; -1 is unlimited, and a field that was never set is absent. */
export type Limits = Partial<Readonly<Record<QuotaField, number>>>

/** The usage so far: never negative, and fractional for minutes. */
export type Usage = Readonly<Record<QuotaField, BigDecimal.BigDecimal>>

/** A sub-account of the emulator. */
export interface UserState {
  readonly userId: string
  readonly quota: Limits
  readonly usage: Usage
}

/** A record of all eight fields, in the vendor's order. */
export const everyField = <A>(value: (field: QuotaField) => A): Readonly<Record<QuotaField, A>> =>
  Record.map(largestLimit, (_, field) => value(field))

/**
 * Decodes the `quota` of a request: any of the eight fields, each a whole number in its range.
 *
 * The vendor's treatment of other fields is undocumented. They are refused here, because they are likely
 * misspellings: `flexus` is in the middle of one name and at the end of another.
 */
export const decodeLimits = (value: unknown): Result.Result<Limits, Refusal> => {
  if (!isRecord(value)) return Result.fail(invalidParameter("quota must be an object"))
  for (const [field, limit] of Object.entries(value)) {
    if (!isQuotaField(field)) return Result.fail(invalidParameter(`quota.${field} is unknown`))
    const largest = largestLimit[field]
    if (typeof limit !== "number" || !Number.isInteger(limit) || limit < -1 || limit > largest) {
      return Result.fail(invalidParameter(`quota.${field} must be a whole number from -1 to ${largest}`))
    }
  }
  return Result.succeed(value as Limits)
}

/** A JSON object that is not a list. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isQuotaField = (name: string): name is QuotaField => Object.hasOwn(largestLimit, name)
