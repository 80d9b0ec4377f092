/**
 * Reading what came over the wire, field by field: strict about values, lenient about the ways in
 * which this provider writes them. `null` is the same as absent, and whole numbers may be text.
 */
import * as Result from "effect/Result"
import type { MoneyError } from "../Money.ts"

/** An object of an answer, as it came. */
export type Fields = Readonly<Record<string, unknown>>

/** Reads one value, or says what it should have been. */
export type Decoder<A> = (wire: unknown) => Result.Result<A, string>

/** Text. A number where text belongs is taken as its digits. */
export const text: Decoder<string> = (wire) =>
  typeof wire === "string" || typeof wire === "number" || typeof wire === "bigint"
    ? Result.succeed(`${wire}`)
    : Result.fail("not text")

/** A whole number that a double holds exactly, also as text. */
export const integer: Decoder<number> = (wire) => {
  const number = typeof wire === "string" && /^-?\d{1,16}$/.test(wire) ? Number(wire) : wire
  return typeof number === "number" && Number.isSafeInteger(number)
    ? Result.succeed(number)
    : Result.fail("not a whole number")
}

/** An object. */
export const fields: Decoder<Fields> = (wire) =>
  typeof wire === "object" && wire !== null && !Array.isArray(wire)
    ? Result.succeed({ ...wire })
    : Result.fail("not an object")

/** Money, read with one of the readers of `Money`. */
export const money =
  <A>(read: (wire: unknown) => Result.Result<A, MoneyError>): Decoder<A> =>
  (wire) =>
    Result.mapError(read(wire), (error) => error.message)

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
): Result.Result<ReadonlyArray<A>, string> => {
  const wire = row[key]
  if (isAbsent(wire)) return Result.succeed([])
  if (!Array.isArray(wire)) return Result.fail(`${key} is not a list`)
  const items: Array<A> = []
  for (const [index, item] of wire.entries()) {
    const decoded = Result.flatMap(fields(item), decodeRow)
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
