/**
 * The safety checks that stand between a wish and a request. Each has a name, is reported by it,
 * and can be waived by it alone.
 */
import * as Schema from "effect/Schema"

/**
 * - `below-usage`: the new limit is below what is used already.
 * - `large-decrease`: the limit falls by more than half.
 * - `finite-to-unlimited`: a limited member would become unlimited.
 * - `unlimited-to-finite`: an unlimited member would become limited.
 * - `out-of-range`: the new limit is outside of what the metric takes.
 * - `more-than-available`: more would be taken back than is left.
 * - `cap`: the call would add more than its `cap`.
 * - `pool`: all members together would be allowed more than the call's `pool`.
 * - `fraction`: a limit that the request has to repeat is finer than can be written back.
 * - `set-down-unproven`: whether a withdrawal lowers the limit is not proven for this account.
 */
export const all = [
  "below-usage",
  "large-decrease",
  "finite-to-unlimited",
  "unlimited-to-finite",
  "out-of-range",
  "more-than-available",
  "cap",
  "pool",
  "fraction",
  "set-down-unproven"
] as const

export const CheckId = Schema.Literals(all)
export type CheckId = typeof CheckId.Type

/** The checks that guard against a rash wish: a caller who means it waives them by name. */
export const waivable: ReadonlyArray<CheckId> = [
  "below-usage",
  "large-decrease",
  "finite-to-unlimited",
  "unlimited-to-finite"
]
