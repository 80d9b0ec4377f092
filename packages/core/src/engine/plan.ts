/** Computes the new limit from a change request and a reading. Pure, and the same for every cloud. */
import type { Action } from "../model/Change.ts"
import * as Limit from "../model/Limit.ts"
import * as Metric from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"
import * as Result from "effect/Result"
import type { CheckId } from "../model/SafetyCheck.ts"
import { on } from "./rules.ts"

/** A reading of one metric of one member. */
export interface Seen {
  readonly limit: Limit.Limit
  readonly used?: Quantity.Quantity
  readonly available?: Quantity.Quantity
}

export type Plan =
  /** The limit becomes `target`. `delta` is the difference, present if both limits are finite. */
  | { readonly _tag: "Change"; readonly target: Limit.Limit; readonly delta?: Quantity.Quantity }
  | { readonly _tag: "NoChange"; readonly message: string }
  | { readonly _tag: "Refused"; readonly check: CheckId; readonly message: string }
  /** The change cannot be computed from the reading. */
  | { readonly _tag: "Impossible"; readonly message: string }

/** The circumstances of a plan. */
export interface Setting {
  readonly metric: Metric.Metric
  /**
   * Whether this cloud takes a difference. A limit can then be lowered only by withdrawing the available
   * amount.
   */
  readonly byDelta: boolean
  /** Whether withdrawals are proven to lower the limit. */
  readonly withdrawalLowers: boolean
  readonly waived: ReadonlySet<CheckId>
}

export const plan = (setting: Setting, action: Action, seen: Seen): Plan => {
  const planned = request(setting, action, seen)
  if (planned._tag !== "Change") return planned
  return check(setting, action, seen, planned.target) ?? planned
}

const noChange = (message: string): Plan => ({ _tag: "NoChange", message })
const refused = (check: CheckId, message: string): Plan => ({ _tag: "Refused", check, message })
const impossible = (message: string): Plan => ({ _tag: "Impossible", message })

/** Computes the change from the action, before any safety check. */
const request = ({ metric }: Setting, action: Action, seen: Seen): Plan => {
  switch (action._tag) {
    case "Set":
      return Limit.equals(action.limit, seen.limit)
        ? noChange(`The limit is ${seen.limit} already.`)
        : changeTo(seen.limit, action.limit)
    case "TopUpTo": {
      if (seen.limit._tag === "Unlimited") return noChange("It is unlimited, and stays so.")
      const left = leftOf(seen)
      if (left === undefined)
        return impossible("The provider does not tell what is left, so nothing can be topped up.")
      const missing = Metric.roundUp(metric, Quantity.subtract(action.quantity, left))
      return Quantity.isPositive(missing)
        ? changeBy(seen.limit, missing)
        : noChange(`${left} is available already, and ${action.quantity} was asked for.`)
    }
    case "Adjust":
      return seen.limit._tag === "Unlimited"
        ? impossible("It is unlimited, so there is nothing to adjust: set a limit instead.")
        : changeBy(seen.limit, action.quantity)
    case "Reclaim":
      return reclaim(metric, action.quantity, seen)
  }
}

const reclaim = (metric: Metric.Metric, asked: Quantity.Quantity | "all", seen: Seen): Plan => {
  if (seen.limit._tag === "Unlimited") {
    return asked === "all" && seen.used !== undefined
      ? changeTo(seen.limit, Limit.finite(Metric.roundUp(metric, seen.used)))
      : impossible("It is unlimited, so there is no amount to take back: set a limit instead.")
  }
  const left = leftOf(seen)
  if (left === undefined)
    return impossible("The provider does not tell what is left, so nothing can be taken back.")
  const wanted = asked === "all" ? left : Quantity.min(asked, left)
  const taken = Quantity.round(wanted, { step: metric.step, mode: "down" })
  return Quantity.isPositive(taken)
    ? changeBy(seen.limit, Quantity.negate(taken))
    : noChange("Nothing is left to take back.")
}

/** Returns the remaining amount; negative if the use exceeds the limit. */
const leftOf = ({ available, limit, used }: Seen): Quantity.Quantity | undefined =>
  used !== undefined && limit._tag === "Finite" ? Quantity.subtract(limit.quantity, used) : available

const changeBy = (limit: Limit.Finite, delta: Quantity.Quantity): Plan => ({
  _tag: "Change",
  target: Limit.finite(Quantity.sum(limit.quantity, delta)),
  delta
})

const changeTo = (limit: Limit.Limit, target: Limit.Limit): Plan =>
  limit._tag === "Finite" && target._tag === "Finite"
    ? { _tag: "Change", target, delta: Quantity.subtract(target.quantity, limit.quantity) }
    : { _tag: "Change", target }

/** Returns the refusal of the first safety check that fails. */
const check = (setting: Setting, action: Action, seen: Seen, target: Limit.Limit): Plan | undefined => {
  const { byDelta, metric, waived } = setting
  const { limit } = seen
  const inRange = Metric.validate(metric, target)
  if (Result.isFailure(inRange)) return refused("out-of-range", `${inRange.failure}.`)
  if (byDelta && Limit.isLessThan(target, limit)) {
    if (action._tag === "Set" && !setting.withdrawalLowers && on("set-down")) {
      return refused(
        "set-down-unproven",
        "It is not proven that taking back lowers the limit on this account, so setting a lower one could take back again and again. Use adjust or reclaim with the amount to take back."
      )
    }
    const taken =
      limit._tag === "Finite" && target._tag === "Finite"
        ? Quantity.subtract(limit.quantity, target.quantity)
        : undefined
    if (
      taken !== undefined &&
      seen.available !== undefined &&
      Quantity.isGreaterThan(taken, seen.available)
    ) {
      return refused(
        "more-than-available",
        `Only ${seen.available} is left, so ${taken} cannot be taken back. Use reclaim to take back what is left.`
      )
    }
  }
  if (target._tag === "Unlimited") {
    return waived.has("finite-to-unlimited")
      ? undefined
      : refused("finite-to-unlimited", `${limit} would become unlimited.${waiver("finite-to-unlimited")}`)
  }
  if (limit._tag === "Unlimited" && !waived.has("unlimited-to-finite")) {
    return refused("unlimited-to-finite", `Unlimited would become ${target}.${waiver("unlimited-to-finite")}`)
  }
  if (
    seen.used !== undefined &&
    Quantity.isLessThan(target.quantity, seen.used) &&
    !waived.has("below-usage")
  ) {
    return refused(
      "below-usage",
      `${seen.used} is used already, and the limit would be ${target}.${waiver("below-usage")}`
    )
  }
  if (
    action._tag !== "Reclaim" &&
    metric.kind === "ceiling" &&
    limit._tag === "Finite" &&
    Quantity.isLessThan(Quantity.multiply(target.quantity, 2n), limit.quantity) &&
    !waived.has("large-decrease")
  ) {
    return refused(
      "large-decrease",
      `The limit would fall by more than half, from ${limit} to ${target}.${waiver("large-decrease")}`
    )
  }
  return undefined
}

const waiver = (check: CheckId): string => ` If that is meant, waive the check "${check}".`
