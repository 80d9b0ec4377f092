/**
 * Amounts of the billing service as quantities.
 */
import * as Quantity from "@cloud-quota/core/Quantity"
import type * as BigDecimal from "effect/BigDecimal"
import { known } from "../api/known.ts"

/** The currency and the measure of a row's amounts. */
export interface Money {
  readonly currency?: string | null
  readonly measure_id?: number | null
}

/** The documented measure of amounts: whole units of the currency, such as yuan. */
const wholeUnits = 1

/**
 * Returns an amount in the currency of its row, or else of the whole answer; `undefined` if its currency or
 * its measure is unknown.
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
