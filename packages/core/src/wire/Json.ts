/**
 * JSON that loses no digits.
 *
 * `JSON.parse` turns every number into a double, so a fen amount above 2^53 is silently wrong. Here a number
 * that a double represents exactly stays a `number`; other integers become `bigint`s, other fractions
 * `BigDecimal`s.
 *
 * Parsing cannot be interrupted, so the shape of the text is checked first, in time proportional to its length:
 * at most 100 levels, 5,000,000 values, 400 digits in a number, and 10,000,000 digits in all numbers that a
 * double cannot hold.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { randomUUID } from "node:crypto"
import { setField } from "../model/setField.ts"
import { plainText } from "../model/decimal.ts"

/** Longer numbers, and larger exponents, are refused: writing such a number out would take unbounded memory. */
const maxExponent = 400
const deepest = 100
const mostValues = 5_000_000
const mostExactDigits = 10_000_000

/** The text is not JSON, or cannot be read exactly. */
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
    const marked = markExact(text)
    return Result.succeed(
      marked === undefined ? JSON.parse(text) : withExact(JSON.parse(marked.text), marked.mark)
    )
  } catch (error) {
    // The engine's own message quotes the text, which may contain secrets: only its kind is kept.
    const message = error instanceof RangeError ? error.message : `not valid JSON (${text.length} characters)`
    return Result.fail({ _tag: "JsonError", message })
  }
}

/** Returns the end of the string that begins at `start`. A quote ends it after an even number of backslashes. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === 0x5c) before -= 1
    if ((end - before) % 2 === 1) return end
  }
  return text.length
}

/**
 * Replaces the numbers that a double may not hold by `["mark", "number"]`; unlike a string, an array cannot be a
 * key. A reviver would make `JSON.parse` many times slower. Returns `undefined` if there are no such numbers.
 */
const markExact = (text: string): { readonly text: string; readonly mark: string } | undefined => {
  let mark = ""
  const pieces: Array<string> = []
  let [copied, depth, values, digits] = [0, 0, 0, 0]
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 0x22) {
      index = endOfString(text, index)
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1
      values += 1
      if (depth > deepest) throw new RangeError(`the JSON is nested more than ${deepest} levels deep`)
    } else if (code === 0x5d || code === 0x7d) {
      depth -= 1
    } else if (code === 0x2c) {
      values += 1
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      let end = endOfDigits(text, index)
      // Up to 15 digits are exact in a double, with or without a point.
      if (end - index > 15 || isPartOfExponent(text.charCodeAt(end))) {
        while (isPartOfExponent(text.charCodeAt(end))) end = endOfDigits(text, end)
        const source = text.slice(index, end)
        const exponent = exponentOf(source)
        digits += source.length + Math.abs(exponent)
        if (source.length > maxExponent || !(Math.abs(exponent) <= maxExponent)) {
          throw new RangeError("a number in the JSON has too many digits to be read exactly")
        }
        if (digits > mostExactDigits) throw new RangeError("the JSON has too many long numbers")
        if (number.test(source)) {
          mark ||= randomUUID()
          pieces.push(text.slice(copied, index), `["${mark}","${source}"]`)
          copied = end
        }
      }
      index = end - 1
    }
    if (values > mostValues) throw new RangeError(`the JSON has more than ${mostValues} values`)
  }
  return mark === "" ? undefined : { text: pieces.join("") + text.slice(copied), mark }
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** Returns the end of the digits and points after the first character. */
const endOfDigits = (text: string, start: number): number => {
  let end = start + 1
  for (let code = text.charCodeAt(end); (code >= 0x30 && code <= 0x39) || code === 0x2e; ) {
    end += 1
    code = text.charCodeAt(end)
  }
  return end
}

const isPartOfExponent = (code: number): boolean =>
  code === 0x65 || code === 0x45 || code === 0x2b || code === 0x2d

/** Returns 0 if there is none. `JSON.parse` refuses invalid numbers afterwards. */
const exponentOf = (source: string): number => {
  const at = Math.max(source.indexOf("e"), source.indexOf("E"))
  return at === -1 ? 0 : Number(source.slice(at + 1))
}

/** Restores the marked numbers in place. The nesting is bounded. */
const withExact = (value: unknown, mark: string): unknown => {
  if (Array.isArray(value)) {
    if (value.length === 2 && value[0] === mark) return exactNumber(String(value[1]))
    for (const [index, inner] of value.entries()) {
      const exact = withExact(inner, mark)
      if (exact !== inner) value[index] = exact
    }
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      const inner = value[key]
      const exact = withExact(inner, mark)
      if (exact !== inner) setField(value, key, exact)
    }
  }
  return value
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null

const exactNumber = (source: string): number | bigint | BigDecimal.BigDecimal => {
  const value = Number(source)
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source)
  const exact = Option.getOrThrow(BigDecimal.fromString(source))
  const shortest = Number.isFinite(value) ? BigDecimal.fromString(String(value)) : Option.none()
  if (Option.isSome(shortest) && BigDecimal.equals(shortest.value, exact) && !isUnsafeInteger(value))
    return value
  return BigDecimal.isInteger(exact) ? BigInt(plainText(BigDecimal.scale(exact, 0))) : exact
}

const isUnsafeInteger = (value: number): boolean => Number.isInteger(value) && !Number.isSafeInteger(value)
