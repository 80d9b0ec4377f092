/**
 * Periods of the Promise API. What depends on the present, as `lastMonth`, is read from the clock when
 * somebody asks for it. Each function throws a `RangeError` for what does not exist.
 */
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Core from "../model/Period.ts"
import { make } from "./corePeriod.ts"
import type { Period } from "./model.ts"

export type { Period } from "./model.ts"

/** Whose days and months are meant: an IANA name or an offset, as `Asia/Shanghai` or `+08:00`. */
export interface ZoneOptions {
  readonly zone: string
}

/** A day as `2026-11-01`, an instant as `2026-11-01T08:00:00Z` or with an offset, or a `Date`. */
export type Boundary = string | Date

/** A whole month, as `2026-11`. */
export const month = (text: string, options: ZoneOptions): Period => make(Core.month(text, options))

/** The month before the one that it is when somebody asks. */
export const lastMonth = (options: ZoneOptions): Period => make(Core.lastMonth(options))

/** The whole month that it is when somebody asks. */
export const thisMonth = (options: ZoneOptions): Period => make(Core.thisMonth(options))

/** So many whole days, of which the last is the day that it is when somebody asks: 1 to 3660. */
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
