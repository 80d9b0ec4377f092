/**
 * Amounts of MetaStudio's resources as quantities.
 */
import * as Quantity from "@cloud-quota/core/Quantity"
import type * as BigDecimal from "effect/BigDecimal"
import { known } from "../api/known.ts"

/** The vendor's words for units with a neutral name. Other words stay. */
const units: Readonly<Record<string, Quantity.Unit>> = { NUM: "count", MIN: "minute" }

/**
 * Returns an amount in the unit beside it; `undefined` without a unit, because such an amount has no meaning.
 */
export const inUnit = (
  unit: string | null | undefined,
  amount: BigDecimal.BigDecimal | "" | null | undefined
): Quantity.Quantity | undefined => {
  const word = known(unit)
  const exact = known(amount)
  return word === undefined || exact === undefined ? undefined : Quantity.make(units[word] ?? word, exact)
}
