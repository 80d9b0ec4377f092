/**
 * JSON that loses no digits.
 *
 * `JSON.parse` turns every number into a double: a fen amount above 2^53 comes out wrong, and
 * nothing says so. Here a number that a double can give back exactly stays a `number`; any other
 * integer becomes a `bigint`, any other fraction a `BigDecimal`.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { plainText } from "./internal/decimal.ts"

/** Exponents beyond this are refused: writing such a number out would take unbounded memory. */
const maxExponent = 400

/** Why a text is not JSON that can be read exactly. */
export interface JsonError {
  readonly _tag: "JsonError"
  readonly message: string
}

/**
 * Parses JSON without losing a digit.
 *
 * @example
 * import { Json } from "@cloud-quota/core"
 * import { Result } from "effect"
 *
 * Result.getOrThrow(Json.parse("[1, 9007199254740993, 235.50]"))
 * // => [1, 9007199254740993n, 235.5]
 */
export const parse = (text: string): Result.Result<unknown, JsonError> => {
  try {
    return Result.succeed(JSON.parse(text, exactNumber as (key: string, value: unknown) => unknown))
  } catch (error) {
    // The engine's own message quotes the text, which may hold anything: only its kind is kept.
    const message = error instanceof RangeError ? error.message : `not valid JSON (${text.length} characters)`
    return Result.fail({ _tag: "JsonError", message })
  }
}

const exactNumber = (_key: string, value: unknown, context: { readonly source?: string }): unknown => {
  if (typeof value !== "number" || context.source === undefined) return value
  const source = context.source
  if (Number.isSafeInteger(value) && /^-?\d{1,15}$/.test(source)) return value
  const exponent = /[eE]([+-]?\d+)$/.exec(source)?.[1]
  if ((exponent !== undefined && Math.abs(Number(exponent)) > maxExponent) || source.length > maxExponent) {
    throw new RangeError("a number in the JSON has too many digits to be read exactly")
  }
  const exact = Option.getOrThrow(BigDecimal.fromString(source))
  const shortest = Number.isFinite(value) ? BigDecimal.fromString(String(value)) : Option.none()
  if (Option.isSome(shortest) && BigDecimal.equals(shortest.value, exact) && !isUnsafeInteger(value))
    return value
  return BigDecimal.isInteger(exact) ? BigInt(plainText(BigDecimal.scale(exact, 0))) : exact
}

const isUnsafeInteger = (value: number): boolean => Number.isInteger(value) && !Number.isSafeInteger(value)
