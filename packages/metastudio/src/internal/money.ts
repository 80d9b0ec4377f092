/**
 * Amounts of money in the rows of the billing service.
 */
import * as Decode from "@cloud-quota/core/Decode"
import { optional } from "@cloud-quota/core/Decode"
import type * as Quantity from "@cloud-quota/core/Quantity"
import * as Result from "effect/Result"

/** The money of one row. */
export interface Amounts {
  /** The row's own currency, or else that of the whole answer. */
  readonly currency: string | undefined
  /** The amount of a field, exact. Absent if its currency or its measure is not known. */
  readonly amount: (field: string) => Result.Result<Quantity.Quantity | undefined, string>
}

/** The measure that amounts are documented in: whole units of the currency, as yuan. */
const wholeUnits = 1

/**
 * Reads the money of a row. An answer that has one currency for all of its rows is the second
 * argument.
 */
export const amountsOf = (row: Decode.Fields, answer: Decode.Fields = {}): Result.Result<Amounts, string> =>
  Result.gen(function* () {
    const own = yield* optional(row, "currency", Decode.unlessEmpty(Decode.text))
    const currency = own ?? (yield* optional(answer, "currency", Decode.unlessEmpty(Decode.text)))
    const measure =
      (yield* optional(row, "measure_id", Decode.integer)) ??
      (yield* optional(answer, "measure_id", Decode.integer))
    const isKnown = measure === undefined || measure === wholeUnits
    const decoder: Decode.Decoder<Quantity.Quantity | undefined> =
      currency === undefined || !isKnown
        ? (wire) => Result.map(Decode.decimal(wire), () => undefined)
        : Decode.quantity(currency)
    return { currency, amount: (field) => optional(row, field, decoder) }
  })
