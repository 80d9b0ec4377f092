/**
 * A limit as two fields of a row: the amount or nothing, and whether it is unlimited. A limit that is not known is
 * nothing in both.
 */
import * as Limit from "./Limit.ts"
import type { Quantity } from "./Quantity.ts"

/** The two fields of a limit. */
export const toFields = <Known extends Limit.Limit | undefined>(limit: Known) => ({
  amount: limit?._tag === "Finite" ? limit.quantity : null,
  unlimited: (limit === undefined ? null : limit._tag === "Unlimited") as Known extends Limit.Limit
    ? boolean
    : boolean | null
})

/** The limit that two fields say; none if they say nothing, or contradict each other. */
export const fromFields = (amount: Quantity | null, isUnlimited: boolean | null): Limit.Limit | undefined => {
  if (amount === null) return isUnlimited === true ? Limit.unlimited : undefined
  return isUnlimited === false ? Limit.finite(amount) : undefined
}
