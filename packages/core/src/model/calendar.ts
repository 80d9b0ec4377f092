/** The days and months of a time zone. Only this module converts a date into an instant. */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

/** From the first instant up to, but not including, the last one. */
export interface Span {
  readonly start: DateTime.Zoned
  readonly end: DateTime.Zoned
}

/** A day of the calendar, without a time zone. */
export interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** Parses a time zone: an IANA name such as `Asia/Shanghai`, or an offset such as `+08:00`. */
export const zone = (text: unknown): Result.Result<DateTime.TimeZone, string> => {
  const invalidZone = () =>
    `${typeof text === "string" ? JSON.stringify(text.slice(0, 60)) : `this ${typeof text}`} is no time zone: give its IANA name or its offset, as "Asia/Shanghai", "UTC" or "+08:00"`
  if (typeof text !== "string") return Result.fail(invalidZone())
  // Effect accepts offsets of 99 hours and more.
  if (/^(GMT)?[+-]/.test(text) && !/^[+-](0\d|1[0-4]):[0-5]\d$/.test(text)) return Result.fail(invalidZone())
  return Result.fromOption(DateTime.zoneFromString(text), invalidZone)
}

/**
 * Returns the first instant of a day: midnight, or the next instant if the clocks skip it. Days beyond the
 * end of a month, and months beyond the end of a year, count into the following ones.
 */
export const startOfDay = ({ day, month, year }: Day, timeZone: DateTime.TimeZone): DateTime.Zoned =>
  DateTime.makeZonedUnsafe(new Date(Date.UTC(year, month - 1, day)), { timeZone, adjustForTimeZone: true })

/** Returns the day in a zone at an instant. */
export const dayOf = (at: DateTime.DateTime, timeZone: DateTime.TimeZone): Day =>
  DateTime.toParts(DateTime.setZone(at, timeZone))

/**
 * Returns the span from the start of day `from` to the start of day `to`, both counted from the given day.
 * Negative numbers count back.
 */
export const days = (
  { day, ...from }: Day,
  timeZone: DateTime.TimeZone,
  range: { readonly from: number; readonly to: number }
): Span => ({
  start: startOfDay({ ...from, day: day + range.from }, timeZone),
  end: startOfDay({ ...from, day: day + range.to }, timeZone)
})

/** Returns a whole month, counted from that of the given day. */
export const month = ({ month, year }: Day, timeZone: DateTime.TimeZone, offset = 0): Span => ({
  start: startOfDay({ year, month: month + offset, day: 1 }, timeZone),
  end: startOfDay({ year, month: month + offset + 1, day: 1 }, timeZone)
})

/** Parses a day such as `2026-11-05`, if the calendar has it. */
export const parseDay = (text: string): Option.Option<Day> => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return Option.none()
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number)
  const date = new Date(Date.UTC(year, month - 1, day))
  // A day that the month does not have falls into another month.
  const isThere = year >= firstYear && date.getUTCMonth() === month - 1
  return isThere ? Option.some({ year, month, day }) : Option.none()
}

/** No cloud has data from before this year, when clocks followed the sun. */
const firstYear = 1970
