/**
 * Amounts of the billing service as quantities.
 */
import * as Quantity from "@cloud-quota/core/Quantity"
import type * as BigDecimal from "effect/BigDecimal"
import { known } from "../api/known.ts"

/** What the amounts of a row are in. */
export interface Money {
  readonly currency?: string | null
  readonly measure_id?: number | null
}

/** The measure that amounts are documented in: whole units of the currency, as yuan. */
const wholeUnits = 1

/**
 * An amount in the currency of its row, or else in that of the whole answer. Nothing if its currency or its
 * measure is not known.
 */
export const amountOf = (
  amount: BigDecimal.BigDecimal | "" | null | undefined,
  row: Money,
  answer: Money = {}
): Quantity.Quantity | undefined => {
  const exact = known(amount)
  const currency = known(row.currency) ?? known(answer.currency)
  const measure = row.measure_id ?? answer.measure_id ?? wholeUnits
  return exact === undefined || currency === undefined || measure !== wholeUnits
    ? undefined
    : Quantity.make(currency, exact)
}
