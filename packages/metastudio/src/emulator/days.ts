/** The days on which a sub-account used its minutes. */
import * as BigDecimal from "effect/BigDecimal"
import { draw } from "./dice.ts"
import type { UserState } from "./quota.ts"
import { day, seedTime } from "./time.ts"

/** The two fields of a quota that are minutes. */
export const minuteFields = ["video_time_2d_model", "video_time_flexus_2d_model"] as const

/** A field of a quota that is minutes. */
export type MinuteField = (typeof minuteFields)[number]

/** The usage of one field on one day. */
export interface DayUsage {
  /** The day's start in UTC, in milliseconds since 1970. */
  readonly day: number
  readonly field: MinuteField
  readonly minutes: BigDecimal.BigDecimal
  readonly videos: number
}

/** Spreads the usage of a sub-account over up to a dozen days of the invented year. It adds up exactly. */
export const spread = (seed: number, { usage, userId }: UserState): ReadonlyArray<DayUsage> =>
  minuteFields.flatMap((field) => {
    const key = `${seed}/days/${userId}/${field}`
    const days = inventDays(key)
    const { scale, value } = usage[field]
    const weights = days.map((day) => BigInt(1 + draw(`${key}/${day}/weight`, 100)))
    const whole = weights.reduce((sum, weight) => sum + weight, 0n)
    let left = value
    return days.flatMap((day, index) => {
      const part = index === days.length - 1 ? left : (value * (weights[index] ?? 0n)) / whole
      left -= part
      if (part === 0n) return []
      const videos = 1 + draw(`${key}/${day}/videos`, 4)
      return [{ day, field, minutes: BigDecimal.make(part, scale), videos }]
    })
  })

const inventDays = (key: string): ReadonlyArray<number> => {
  const count = 1 + draw(`${key}/count`, 12)
  const ago = Array.from({ length: count }, (_, index) => 1 + draw(`${key}/${index}`, 365))
  return [...new Set(ago)].sort((a, b) => b - a).map((days) => seedTime - days * day)
}
