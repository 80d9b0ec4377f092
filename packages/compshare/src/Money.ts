/**
 * CompShare's ways to write money, and the exact quantities they mean.
 *
 * Allowances are whole fen (1/100 yuan), orders are yuan as text, and refund prices are yuan as JSON
 * numbers that can be finer than a fen. None of them ever passes through a float computation.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Quantity from "@cloud-quota/core/Quantity"

/** An amount that cannot be read or written exactly, in words that name the remedy. */
export interface MoneyError {
  readonly _tag: "MoneyError"
  readonly message: string
}

const failure = (message: string): Result.Result<never, MoneyError> =>
  Result.fail({ _tag: "MoneyError", message })

const digitsPerFen = 2

/**
 * Reads whole fen: a number, a bigint, or the digits as text. A number above 2^53 is refused, since
 * it may have lost digits; core's `Json.parse` gives such numbers as bigints.
 *
 * @example
 * import { Money } from "@cloud-quota/compshare"
 * import { Result } from "effect"
 *
 * String(Result.getOrThrow(Money.fromFen(100000))) // => "1000.00 CNY"
 */
export const fromFen = (wire: unknown): Result.Result<Quantity.Quantity, MoneyError> => {
  const fen = wholeNumber(wire)
  return fen === undefined
    ? failure("not a whole number of fen")
    : Result.succeed(Quantity.cny(BigDecimal.make(fen, digitsPerFen)))
}

const wholeNumber = (wire: unknown): bigint | undefined => {
  if (typeof wire === "bigint") return wire
  if (typeof wire === "number") return Number.isSafeInteger(wire) ? BigInt(wire) : undefined
  return typeof wire === "string" && /^-?\d{1,40}$/.test(wire) ? BigInt(wire) : undefined
}

/**
 * Reads yuan: decimal text, or a JSON number as core's `Json.parse` gives it. Exponents are
 * understood, up to two digits long.
 *
 * @example
 * import { Money } from "@cloud-quota/compshare"
 * import { Result } from "effect"
 *
 * String(Result.getOrThrow(Money.fromYuan("8.50"))) // => "8.50 CNY"
 */
export const fromYuan = (wire: unknown): Result.Result<Quantity.Quantity, MoneyError> => {
  if (BigDecimal.isBigDecimal(wire)) return Result.succeed(Quantity.cny(wire))
  const isText = typeof wire === "string" || typeof wire === "bigint"
  const text = isText || (typeof wire === "number" && isExact(wire)) ? `${wire}` : ""
  const amount = /^-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?$/.test(text)
    ? BigDecimal.fromString(text)
    : Option.none()
  return Option.match(amount, {
    onNone: () => failure("not an amount of yuan that can be read exactly"),
    onSome: (yuan) => Result.succeed(Quantity.cny(yuan))
  })
}

const isExact = (value: number): boolean => Number.isSafeInteger(value) || !Number.isInteger(value)

/**
 * Whole fen. Refuses another unit than CNY, and what is finer than a fen: round it first, in a
 * direction of your choice, with `Quantity.round`.
 *
 * @example
 * import { Quantity } from "@cloud-quota/core"
 * import { Money } from "@cloud-quota/compshare"
 * import { Result } from "effect"
 *
 * Result.getOrThrow(Money.toFen(Quantity.cny("235.50"))) // => 23550n
 */
export const toFen = (quantity: Quantity.Quantity): Result.Result<bigint, MoneyError> => {
  if (quantity.unit !== "CNY") return failure(`${quantity} is not money: give an amount of CNY`)
  const exact = BigDecimal.normalize(quantity.amount)
  return exact.scale > digitsPerFen
    ? failure(`${quantity} is finer than a fen: round it to 0.01 CNY first`)
    : Result.succeed(BigDecimal.scale(exact, digitsPerFen).value)
}
