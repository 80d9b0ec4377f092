/** Periods as CompShare accepts them: whole seconds since 1970. */
import type { Period } from "@cloud-quota/core/Period"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

/** The requested seconds, which may cover a little more than the period. */
export interface Seconds {
  readonly BeginTime: number
  readonly EndTime: number
}

/**
 * Returns whole seconds that cover the period; nothing before 1970 can be requested. Whether the provider
 * includes the first and the last requested second is undocumented. So the request begins one second before
 * the period and ends one second after it, and {@link sideOf} selects the entries within it.
 */
export const secondsOf = (period: Period): Seconds => {
  const BeginTime = Math.max(0, Math.floor(DateTime.toEpochMillis(period.start) / 1000) - 1)
  const end = Math.ceil(DateTime.toEpochMillis(period.end) / 1000)
  return { BeginTime, EndTime: Math.max(BeginTime + 1, end) }
}

/** Returns where a second begins: before the period, within it, or after it. */
export const sideOf = (period: Period): ((seconds: number) => "before" | "within" | "after") => {
  const start = DateTime.toEpochMillis(period.start)
  const end = DateTime.toEpochMillis(period.end)
  return (seconds) => (seconds * 1000 < start ? "before" : seconds * 1000 < end ? "within" : "after")
}

/** Whether a second begins in the period. */
export const isWithin = (period: Period): ((seconds: number) => boolean) => {
  const side = sideOf(period)
  return (seconds) => side(seconds) === "within"
}

/** UCloud was founded in 2012. Zero might be read as an absent time. */
const firstSecond = Date.UTC(2012, 0, 1) / 1000

/** The provider's clock may be ahead of ours. */
const aheadSeconds = 7 * 24 * 3600

/**
 * Returns the request with both times: an absent `BeginTime` is 2012-01-01 UTC, an absent `EndTime` is 7 days
 * from now. The vendor's page calls both optional, and its SDKs require both.
 */
export const withTimes = (
  request: Readonly<Record<string, unknown>>
): Effect.Effect<Readonly<Record<string, unknown>>> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const { BeginTime = firstSecond } = request
    const begin = typeof BeginTime === "number" ? BeginTime : firstSecond
    const end = Math.max(begin, Math.floor(now / 1000)) + aheadSeconds
    return { EndTime: end, ...request, BeginTime }
  })
