/**
 * Periods of the Promise API. Relative periods, such as `lastMonth`, are resolved by the clock when they are
 * used. Each function throws a `RangeError` for a period that does not exist.
 */
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Core from "../model/Period.ts"
import { make } from "./corePeriod.ts"
import type { Period } from "./model.ts"

export type { Period } from "./model.ts"

/** The time zone of days and months: an IANA name or an offset, as `Asia/Shanghai` or `+08:00`. */
export interface ZoneOptions {
  readonly zone: string
}

/** A day as `2026-11-01`, an instant as `2026-11-01T08:00:00Z` or with an offset, or a `Date`. */
export type Boundary = string | Date

/** A whole month, as `2026-11`. */
export const month = (text: string, options: ZoneOptions): Period => make(Core.month(text, options))

/** The month before the current one, at the time of use. */
export const lastMonth = (options: ZoneOptions): Period => make(Core.lastMonth(options))

/** The whole current month, at the time of use. */
export const thisMonth = (options: ZoneOptions): Period => make(Core.thisMonth(options))

/** This many whole days, the last of which is the current day at the time of use: 1 to 3660. */
export const lastDays = (count: number, options: ZoneOptions): Period => make(Core.lastDays(count, options))

/** From one day or instant up to, but not including, another one. */
export const between = (start: Boundary, end: Boundary, options: ZoneOptions): Period =>
  make(Core.between(toCoreBoundary(start), toCoreBoundary(end), options))

/** Reads `2026-11`, `last-month`, `this-month`, `30d` and `2026-11-01..2026-12-01`. */
export const parse = (text: string, options: ZoneOptions): Period =>
  make(Result.getOrThrowWith(Core.parse(text, options), (message) => new RangeError(message)))

const toCoreBoundary = (boundary: Boundary): Core.Boundary => {
  if (!(boundary instanceof Date)) return boundary
  if (Number.isNaN(boundary.getTime()))
    throw new RangeError("this Date is no instant: look at how it was made")
  return DateTime.fromDateUnsafe(boundary)
}
