/** Periods, months and zones on the command line. */
import * as Period from "@cloud-quota/core/Period"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { Usage } from "./Failure.ts"

/** Returns the zone of `--zone`, or else of the configuration. */
export const zoneOf = (
  flag: Option.Option<string>,
  configured: DateTime.TimeZone
): Result.Result<DateTime.TimeZone, Usage> => {
  if (Option.isNone(flag)) return Result.succeed(configured)
  // Accepts exactly the zones that core accepts.
  const known = Period.parse("this-month", { zone: flag.value })
  const zone = Result.isFailure(known) ? Option.none() : DateTime.zoneFromString(flag.value)
  return Result.fromOption(
    zone,
    () => new Usage({ message: `--zone: ${Result.isFailure(known) ? known.failure : "is no time zone"}` })
  )
}

/** The period of `--period`. */
export const periodOf = (text: string, zone: DateTime.TimeZone): Result.Result<Period.Input, Usage> =>
  Result.mapError(
    Period.parse(text, { zone: DateTime.zoneToString(zone) }),
    (message) => new Usage({ message: `--period: ${message}` })
  )

/** The time zone of both clouds' bills. */
const zoneOfBills = "Asia/Shanghai"

/** Returns the month of `--month` as `2026-11`. Relative months are resolved by the present time. */
export const monthOf = (text: string, now: DateTime.Utc): Result.Result<string, Usage> => {
  const relative = { "last-month": Period.lastMonth, "this-month": Period.thisMonth } as const
  if (text === "last-month" || text === "this-month") {
    const { start } = relative[text]({ zone: zoneOfBills }).at(now)
    return Result.succeed(DateTime.formatIsoDate(start).slice(0, 7))
  }
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text)
    ? Result.succeed(text)
    : Result.fail(
        new Usage({
          message: `--month: ${JSON.stringify(text.slice(0, 60))} is no month: write 2026-11, last-month or this-month`
        })
      )
}
