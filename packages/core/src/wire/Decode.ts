/**
 * Reading what came over the wire, field by field: strict about values, lenient about the ways in
 * which providers write them. `null` is the same as absent, and numbers may be text.
 *
 * Every decoder takes what `Json.parse` gives, and fails with the words for what the value is not, as
 * `not a whole number`; {@link required}, {@link optional} and {@link list} put the field's name before.
 *
 * @example
 * import { Decode } from "@cloud-quota/core/adapter"
 * import { Result } from "effect"
 *
 * const order = (row: Decode.Fields) =>
 *   Result.gen(function* () {
 *     return {
 *       id: yield* Decode.required(row, "order_id", Decode.text),
 *       details: row,
 *       ...Decode.defined({ status: yield* Decode.optional(row, "status", Decode.integer) })
 *     }
 *   })
 *
 * Result.getOrThrow(order({ order_id: "CS1", status: null })).id // => "CS1"
 */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Quantity from "../model/Quantity.ts"

/** An object of an answer, as it came. */
export type Fields = Readonly<Record<string, unknown>>

/** Reads one value, or says what it should have been. */
export type Decoder<A> = (wire: unknown) => Result.Result<A, string>

/** Text. A number where text belongs is taken as its digits. */
export const text: Decoder<string> = (wire) =>
  typeof wire === "string" || typeof wire === "number" || typeof wire === "bigint"
    ? Result.succeed(`${wire}`)
    : Result.fail("not text")

/** Text that is not empty: an id. */
export const id: Decoder<string> = (wire) =>
  Result.filterOrFail(
    text(wire),
    (it) => it !== "",
    () => "empty"
  )

/** A truth value, also as the text `true`, `false`, `yes` or `no`. */
export const boolean: Decoder<boolean> = (wire) => {
  const word = typeof wire === "string" ? wire.toLowerCase() : wire
  if (word === true || word === "true" || word === "yes") return Result.succeed(true)
  return word === false || word === "false" || word === "no"
    ? Result.succeed(false)
    : Result.fail("not a truth value")
}

/** A whole number that a double holds exactly, also as text. */
export const integer: Decoder<number> = (wire) => {
  const number = typeof wire === "string" && /^-?\d{1,16}$/.test(wire) ? Number(wire) : wire
  return typeof number === "number" && Number.isSafeInteger(number)
    ? Result.succeed(number)
    : Result.fail("not a whole number")
}

/** A number of rows: whole and not negative. */
export const count: Decoder<number> = (wire) =>
  Result.filterOrFail(
    integer(wire),
    (number) => number >= 0,
    () => "negative"
  )

/** A decimal with all its digits, also as text. */
export const decimal: Decoder<BigDecimal.BigDecimal> = (wire) => {
  if (BigDecimal.isBigDecimal(wire)) return Result.succeed(wire)
  if (typeof wire === "bigint") return Result.succeed(BigDecimal.fromBigInt(wire))
  // A number from `Json.parse` is the decimal that it prints as.
  const written =
    typeof wire === "number" && Number.isFinite(wire) ? `${wire}` : typeof wire === "string" ? wire : ""
  return /^[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?$/.test(written)
    ? Result.fromOption(BigDecimal.fromString(written.replace(/^\+/, "")), () => "not a decimal")
    : Result.fail("not a decimal")
}

/** A decimal as an amount of a unit. */
export const quantity =
  (unit: Quantity.Unit): Decoder<Quantity.Quantity> =>
  (wire) =>
    Result.map(decimal(wire), (amount) => Quantity.make(unit, amount))

/**
 * A moment as RFC 3339 writes it, `2021-01-10T08:43:17Z`. Without a zone it is no moment: it is refused,
 * and never taken for the time of this machine. So is a day that its month has not.
 */
export const time: Decoder<DateTime.Utc> = (wire) => {
  const isMoment =
    typeof wire === "string" &&
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/i.test(wire) &&
    isDay(wire.slice(0, 10))
  return Result.fromOption(
    isMoment ? Option.map(DateTime.make(wire), DateTime.toUtc) : Option.none(),
    () => "not a time with a zone, as 2021-01-10T08:43:17Z"
  )
}

/** `Date` makes the second of March of the thirtieth of February. */
const isDay = (day: string): boolean => {
  const date = new Date(day)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

/** A moment in whole seconds since 1970, up to the year 9999. */
export const unixSeconds: Decoder<DateTime.Utc> = (wire) =>
  Result.flatMap(integer(wire), (seconds) =>
    seconds >= 0 && seconds < 253_402_300_800
      ? Result.succeed(DateTime.makeUnsafe(seconds * 1000))
      : Result.fail("not a time in seconds since 1970")
  )

/** An object. A decimal of `Json.parse` is none. */
export const fields: Decoder<Fields> = (wire) =>
  typeof wire === "object" && wire !== null && !Array.isArray(wire) && !BigDecimal.isBigDecimal(wire)
    ? Result.succeed({ ...wire })
    : Result.fail("not an object")

/** The same, but empty text is the same as absent: for providers that write a time they do not have as `""`. */
export const unlessEmpty =
  <A>(decode: Decoder<A>): Decoder<A | undefined> =>
  (wire) =>
    wire === "" ? Result.succeed(undefined) : decode(wire)

/** A field that must be there. */
export const required = <A>(row: Fields, key: string, decode: Decoder<A>): Result.Result<A, string> =>
  isAbsent(row[key])
    ? Result.fail(`${key} is missing`)
    : Result.mapError(decode(row[key]), (problem) => `${key} is ${problem}`)

/** A field that may be absent. */
export const optional = <A>(
  row: Fields,
  key: string,
  decode: Decoder<A>
): Result.Result<A | undefined, string> =>
  isAbsent(row[key]) ? Result.succeed(undefined) : required(row, key, decode)

/** A list of objects, each read as a row. An absent list is empty. */
export const list = <A>(
  row: Fields,
  key: string,
  decodeRow: (row: Fields) => Result.Result<A, string>
): Result.Result<ReadonlyArray<A>, string> =>
  listOf(row, key, (item) => Result.flatMap(fields(item), decodeRow))

/** A list of values. An absent list is empty. */
export const listOf = <A>(
  row: Fields,
  key: string,
  decode: Decoder<A>
): Result.Result<ReadonlyArray<A>, string> => {
  const wire = row[key]
  if (isAbsent(wire)) return Result.succeed([])
  if (!Array.isArray(wire)) return Result.fail(`${key} is not a list`)
  const items: Array<A> = []
  for (const [index, item] of wire.entries()) {
    const decoded = decode(item)
    if (Result.isFailure(decoded)) return Result.fail(`${key}[${index}]: ${decoded.failure}`)
    items.push(decoded.success)
  }
  return Result.succeed(items)
}

const isAbsent = (wire: unknown): boolean => wire === null || wire === undefined

/** The same without the fields that are `undefined`. */
export const defined = <T extends object>(row: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
