/** Maps periods of the Promise API to core's. */
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Core from "../model/Period.ts"
import type { Period } from "./model.ts"

const cores = new WeakMap<object, Core.Input>()

/** Makes a period of the Promise API. */
export const make = (core: Core.Input): Period => {
  const text =
    "description" in core
      ? core.description
      : `${DateTime.formatIsoZoned(zoned(core.start))} to ${DateTime.formatIsoZoned(zoned(core.end))}`
  const period = Object.freeze({ toString: () => text }) as Period
  cores.set(period, core)
  return period
}

const zoned = (at: DateTime.DateTime): DateTime.Zoned =>
  DateTime.isZoned(at) ? at : DateTime.setZone(at, DateTime.zoneMakeOffset(0))

/** Returns core's period for a caller's period or text, or a message about the problem. */
export const toCore = (input: unknown, zone: string): Result.Result<Core.Input, string> => {
  if (typeof input === "string") return Core.parse(input, { zone })
  const core = typeof input === "object" && input !== null ? cores.get(input) : undefined
  return core === undefined
    ? Result.fail(
        'give a period as "2026-11" or "last-month", or make one with Period.month, Period.between …'
      )
    : Result.succeed(core)
}
