/**
 * A period of time in a time zone: a month in Shanghai is not the same as in UTC.
 *
 * A period that depends on the present, such as `lastMonth`, is a value like any other. Only {@link resolve}
 * reads the clock.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Calendar from "./calendar.ts"
import * as KnownKeys from "./KnownKeys.ts"

/** From the first instant up to, but not including, the last one. */
export interface Period {
  readonly start: DateTime.DateTime
  readonly end: DateTime.DateTime
}

/** A period that depends on the time at which it is resolved. */
export interface Relative {
  readonly _tag: "Relative"
  readonly at: (now: DateTime.Utc) => Period
  /** Such as `last month (Asia/Shanghai)`. */
  readonly description: string
}

/** A period, or one that depends on the time at which it is resolved. */
export type Input = Period | Relative

/** The time zone of the days and months. */
export interface ZoneOptions {
  /**
   * An IANA name or an offset: `Asia/Shanghai`, `UTC`, `+08:00`. The bills of both clouds use Beijing time.
   */
  readonly zone: string
}

/**
 * A day such as `2026-11-01`, an instant such as `2026-11-01T08:00:00Z` or with an offset, or a `DateTime`.
 */
export type Boundary = string | DateTime.DateTime

/** Creates a period between two instants. Throws a `RangeError` if they are not in order. */
export const make = (start: DateTime.DateTime, end: DateTime.DateTime): Period => orThrow(ordered(start, end))

/**
 * Creates the period of a whole month. Throws a `RangeError` if there is no such month or zone.
 *
 * @example
 * import { Period } from "@cloud-quota/core"
 * import { DateTime } from "effect"
 *
 * const { end, start } = Period.month("2026-11", { zone: "Asia/Shanghai" })
 * DateTime.formatIso(start) // => "2026-10-31T16:00:00.000Z"
 * DateTime.formatIso(end) // => "2026-11-30T16:00:00.000Z"
 */
export const month = (text: string, options: ZoneOptions): Period =>
  orThrow(Result.flatMap(zoneOf(options), (zone) => parseMonth(text, zone)))

/** The month before the present one. Throws a `RangeError` if there is no such zone. */
export const lastMonth = (options: ZoneOptions): Relative => relativeMonth("last month", -1, options)

/** The whole present month. Its end is still to come. Throws a `RangeError` if there is no such zone. */
export const thisMonth = (options: ZoneOptions): Relative => relativeMonth("this month", 0, options)

/**
 * The last `count` whole days, including the present one. The end is still to come. At least 1 and at most
 * 3660 days. Throws a `RangeError` if there is no such zone or number.
 */
export const lastDays = (count: number, options: ZoneOptions): Relative =>
  orThrow(Result.flatMap(zoneOf(options), (zone) => relativeDays(count, zone)))

/**
 * Creates the period from one day or instant up to, but not including, another one. Throws a `RangeError` if
 * they are not in order, or if one of them does not exist.
 *
 * @example
 * import { Period } from "@cloud-quota/core"
 *
 * export const november = Period.between("2026-11-01", "2026-12-01", { zone: "Asia/Shanghai" })
 */
export const between = (start: Boundary, end: Boundary, options: ZoneOptions): Period =>
  orThrow(Result.flatMap(zoneOf(options), (zone) => parseBetween(start, end, zone)))

/**
 * Parses `2026-11`, `last-month`, `this-month`, `30d` (see {@link lastDays}) and `2026-11-01..2026-12-01`
 * (see {@link between}), for command lines and configuration files.
 */
export const parse = (text: string, options: ZoneOptions): Result.Result<Input, string> =>
  Result.flatMap(zoneOf(options), (zone): Result.Result<Input, string> => {
    const trimmed = typeof text === "string" ? text.trim() : ""
    if (trimmed === "last-month") return Result.succeed(lastMonth(options))
    if (trimmed === "this-month") return Result.succeed(thisMonth(options))
    const count = /^(\d{1,5})d$/.exec(trimmed)?.[1]
    if (count !== undefined) return relativeDays(Number(count), zone)
    const [start, end, ...more] = trimmed.split("..")
    if (start !== undefined && end !== undefined && more.length === 0) return parseBetween(start, end, zone)
    if (/^\d{4}-\d{2}$/.test(trimmed)) return parseMonth(trimmed, zone)
    return Result.fail(
      `invalid period ${shown(text)}: write "2026-11", "last-month", "this-month", "30d", or a first day and the day after the last one, as "2026-11-01..2026-12-01"`
    )
  })

/** Whether a value is a period whose end is after its start. */
export const isPeriod = (value: unknown): value is Period =>
  isObject(value) && "start" in value && "end" in value && Result.isSuccess(ordered(value.start, value.end))

/** Whether a value is a period that depends on the time at which it is resolved. */
export const isRelative = (value: unknown): value is Relative =>
  isObject(value) &&
  "_tag" in value &&
  value._tag === "Relative" &&
  "at" in value &&
  typeof value.at === "function"

/**
 * Resolves a period at the present time. Fails with a message that names the remedy if the value is not a
 * period.
 */
export const resolve = (input: Input): Effect.Effect<Period, string> =>
  Effect.flatMap(DateTime.now, (now) => {
    const period: unknown = isRelative(input) ? input.at(now) : input
    if (isPeriod(period)) return Effect.succeed(period)
    const isSpan = isObject(period) && "start" in period && "end" in period
    if (isSpan) return Effect.fromResult(ordered(period.start, period.end))
    return Effect.fail(
      `invalid period ${shown(input)}: make one with Period.month, Period.lastMonth, Period.lastDays or Period.between`
    )
  })

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const orThrow = <A>(result: Result.Result<A, string>): A =>
  Result.getOrThrowWith(result, (message) => new RangeError(message))

const shown = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value.slice(0, 60))
    : `this ${value === null ? "null" : typeof value}`

const zoneOf = (options: ZoneOptions): Result.Result<DateTime.TimeZone, string> => {
  const unknown = isObject(options) ? KnownKeys.problem(options, { zone: true }) : undefined
  if (unknown !== undefined) return Result.fail(`${unknown.field}: ${unknown.message}`)
  return Calendar.zone(isObject(options) ? options.zone : undefined)
}

const ordered = (start: unknown, end: unknown): Result.Result<Period, string> => {
  if (!DateTime.isDateTime(start) || !DateTime.isDateTime(end)) {
    return Result.fail("give the start and the end of the period as values of DateTime")
  }
  const wrongUnit = inOtherUnits(start) ?? inOtherUnits(end)
  if (wrongUnit !== undefined) return Result.fail(wrongUnit)
  return DateTime.isLessThan(start, end)
    ? Result.succeed({ start, end })
    : Result.fail("the end of the period must be after its start")
}

/**
 * Returns why an instant cannot be intended. Seconds of the years 2008 to 2286, read as milliseconds, are in
 * early 1970.
 */
const inOtherUnits = (at: DateTime.DateTime): string | undefined => {
  const millis = DateTime.toEpochMillis(at)
  if (millis >= 1.2e9 && millis < 1e10) {
    return `${DateTime.formatIso(at)} was made of seconds, and a time is made of milliseconds since 1970: multiply them by 1000`
  }
  return millis >= 253_402_300_800_000
    ? "a time after the year 9999 was not made of milliseconds since 1970: look at how it was made"
    : undefined
}

const parseMonth = (text: unknown, zone: DateTime.TimeZone): Result.Result<Period, string> => {
  const first = typeof text === "string" ? Calendar.parseDay(`${text}-01`) : Option.none()
  return Option.isSome(first)
    ? Result.succeed(Calendar.month(first.value, zone))
    : Result.fail(`${shown(text)} is no month: write its year and its number, as "2026-11"`)
}

const mostDays = 3660

const relativeDays = (count: number, zone: DateTime.TimeZone): Result.Result<Relative, string> => {
  if (!Number.isInteger(count) || count < 1 || count > mostDays) {
    return Result.fail(`${shown(`${count}`)} is no number of days: give a whole number from 1 to ${mostDays}`)
  }
  return Result.succeed({
    _tag: "Relative",
    at: (now) => Calendar.days(Calendar.dayOf(now, zone), zone, { from: 1 - count, to: 1 }),
    description: `last ${count} days (${DateTime.zoneToString(zone)})`
  })
}

const relativeMonth = (name: string, offset: number, options: ZoneOptions): Relative => {
  const zone = orThrow(zoneOf(options))
  return {
    _tag: "Relative",
    at: (now) => Calendar.month(Calendar.dayOf(now, zone), zone, offset),
    description: `${name} (${DateTime.zoneToString(zone)})`
  }
}

const parseBetween = (start: Boundary, end: Boundary, zone: DateTime.TimeZone) =>
  Result.flatMap(parseBoundary(start, zone), (from) =>
    Result.flatMap(parseBoundary(end, zone), (to) => ordered(from, to))
  )

const instant = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/

const parseBoundary = (
  boundary: unknown,
  zone: DateTime.TimeZone
): Result.Result<DateTime.DateTime, string> => {
  if (DateTime.isDateTime(boundary)) return Result.succeed(boundary)
  const text = typeof boundary === "string" ? boundary.trim() : ""
  const day = Calendar.parseDay(text)
  if (Option.isSome(day)) return Result.succeed(Calendar.startOfDay(day.value, zone))
  const date = instant.exec(text)?.[1]
  const at = Option.flatMap(Calendar.parseDay(date ?? ""), () => DateTime.make(text))
  return Result.fromOption(
    Option.map(at, (utc) => DateTime.setZone(utc, zone)),
    () =>
      `${shown(boundary)} is no day and no instant: write "2026-11-01", or "2026-11-01T08:00:00Z" with its offset`
  )
}
