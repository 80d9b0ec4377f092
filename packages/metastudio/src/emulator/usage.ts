/** Usage by day, and in total. */
import * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"
import { type DayUsage, type MinuteField, minuteFields } from "./days.ts"
import { makeParameters } from "./parameters.ts"
import * as Refusal from "./refusal.ts"
import type { Route } from "./route.ts"
import { parameter, type Target } from "./target.ts"
import { formatInstant, parseInstant } from "./time.ts"
import { json } from "./wire.ts"
import type { World } from "./world.ts"

/** The operations of data analysis. */
export const usageRoutes = (world: World): ReadonlyArray<Route> => {
  /**
   * The parameters of both operations. `user_id` has an effect only with isolation, as documented. The header
   * `X-App-UserId` is ignored: with isolation the vendor replaces it by the caller, which here is the account
   * itself.
   */
  const select = (target: Target) =>
    Result.gen(function* () {
      const type = yield* word(parameter(target, "resource_type"), "resource_type", minuteFields)
      const business = yield* word(parameter(target, "business_type"), "business_type", [
        "LIVE_2D",
        "VIDEO_2D"
      ])
      const unit = (yield* word(parameter(target, "unit"), "unit", ["MIN", "HOUR"])) ?? "MIN"
      const userId = world.isolation ? parameter(target, "user_id") : undefined
      const all = userId === undefined ? [...world.days.values()].flat() : (world.days.get(userId) ?? [])
      // The emulator has no live streams.
      const used = all.filter(({ field }) => business !== "LIVE_2D" && (type === undefined || field === type))
      return { type, unit, used }
    })

  return [
    {
      operation: "ShowUsageData",
      method: "GET",
      path: "/v1/{project_id}/data-analysis",
      access: "project",
      answer: ({ target }) =>
        Result.gen(function* () {
          const limit = yield* whole(parameter(target, "limit"), "limit", 1, 1000, 10)
          const offset = yield* whole(parameter(target, "offset"), "offset", 0, 2_147_483_647, 0)
          const start = yield* instant(parameter(target, "start_time") ?? "", "start_time")
          const end = yield* instant(parameter(target, "end_time") ?? "", "end_time")
          if (start > end) {
            return yield* Result.fail(Refusal.invalidParameter("start_time must not be after end_time"))
          }
          const { unit, used } = yield* select(target)
          // One row per day, oldest first, without days of no use. Undocumented choices: how fine the rows
          // are, and which end of the period is included.
          const days = Map.groupBy(
            used.filter(({ day }) => day >= start && day <= end),
            ({ day }) => day
          )
          const times = [...days.keys()].sort((a, b) => a - b)
          return json(200, {
            count: times.length,
            time_list: times.slice(offset, offset + limit).map((time) => ({
              time: formatInstant(time),
              resources_usage: minuteFields.flatMap((field) => {
                const rows = (days.get(time) ?? []).filter((row) => row.field === field)
                return rows.length === 0 ? [] : [writeUsage(field, rows, unit)]
              })
            }))
          })
        })
    },
    {
      operation: "ShowSummaryUsageData",
      method: "GET",
      path: "/v1/{project_id}/data-analysis-summary",
      access: "project",
      answer: ({ target }) =>
        Result.map(select(target), ({ type, unit, used }) =>
          json(200, {
            // The vendor's answer without a requested type is undocumented: omitted here.
            resource_type: type,
            business_type: parameter(target, "business_type"),
            number: used.reduce((sum, { videos }) => sum + videos, 0),
            usage: amountOf(used, unit),
            unit
          })
        )
    }
  ]
}

const { parsed, whole, word } = makeParameters(Refusal.invalidParameter)

const instant = (text: string, name: string): Result.Result<number, Refusal.Refusal> =>
  Result.map(parsed(text, name, parseInstant, "a time as 2021-01-10T08:43:17Z"), (millis) => millis ?? 0)

const writeUsage = (field: MinuteField, rows: ReadonlyArray<DayUsage>, unit: "MIN" | "HOUR") => ({
  resource_type: field,
  business_type: "VIDEO_2D",
  usage: amountOf(rows, unit),
  unit
})

/**
 * Minutes are exact. Hours are truncated to six decimals, because the vendor does not document its rounding.
 */
const amountOf = (rows: ReadonlyArray<DayUsage>, unit: "MIN" | "HOUR"): BigDecimal.BigDecimal => {
  const minutes = BigDecimal.sumAll(rows.map((row) => row.minutes))
  if (unit === "MIN") return minutes
  const scale = Math.max(minutes.scale, 0)
  return BigDecimal.make(
    (BigDecimal.scale(minutes, scale).value * 10n ** 6n) / (60n * 10n ** BigInt(scale)),
    6
  )
}
