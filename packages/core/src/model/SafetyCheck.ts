/**
 * The safety checks between a change request and its sending. Each has a name, is reported by it, and can be
 * waived only by it.
 */
import * as Schema from "effect/Schema"

/**
 * The names of the safety checks.
 *
 * | check | refuses because |
 * |---|---|
 * | `below-usage` | the new limit is below the used amount |
 * | `large-decrease` | the limit falls by more than half |
 * | `finite-to-unlimited` | a limited member would become unlimited |
 * | `unlimited-to-finite` | an unlimited member would become limited |
 * | `out-of-range` | the new limit is outside the range of the metric |
 * | `more-than-available` | more would be taken back than remains |
 * | `cap` | the run would add more than its `cap` |
 * | `pool` | all members together would be allowed more than the call's `pool` |
 * | `fraction` | a limit that the request has to repeat is finer than can be written back |
 * | `set-down-unproven` | withdrawals are not proven to lower the limit on this account |
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

/** The checks against unintended requests. A caller who intends the change waives them by name. */
export const waivable: ReadonlyArray<CheckId> = [
  "below-usage",
  "large-decrease",
  "finite-to-unlimited",
  "unlimited-to-finite"
]
