/**
 * What a caller asks for, checked and written as the vendor wants it. A filter that is not known or
 * not of the right type would vanish, and more would be listed than was asked for: it is refused.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import { invalid } from "./errors.ts"

/** A value as it is written: a list only in a JSON body. */
export type Wire = string | number | boolean | ReadonlyArray<string>

/** One parameter: its name on the wire, and how its value is written. */
export interface Param<A extends Wire = Wire> {
  readonly name: string
  readonly write: (value: unknown) => Result.Result<A, string>
  /** Whether it has to be given. */
  readonly isRequired?: boolean
  /** What is written if it is not given. */
  readonly fallback?: A
}

/** All parameters of an operation, by the names that callers use. */
export type Params<Query, A extends Wire = Wire> = { readonly [K in keyof Query]-?: Param<A> }

/** Writes what is asked for, in the order of the table. */
export const writeParams = <Query extends object, A extends Wire>(
  operation: string,
  params: Params<Query, A>,
  query: Query
): Result.Result<Readonly<Record<string, A>>, CloudQuotaError> => {
  if (!isQuery(query)) {
    return Result.fail(invalid(operation, "query", "give an object, or leave it out"))
  }
  const known = Object.entries<Param<A>>(params)
  const strange = Object.keys(query).find((field) => !Object.hasOwn(params, field))
  if (strange !== undefined) {
    const fields = known.map(([field]) => field).join(", ")
    return Result.fail(invalid(operation, strange, `is not known here: the fields are ${fields}`))
  }
  const given: ReadonlyMap<string, unknown> = new Map(Object.entries(query))
  const written: Record<string, A> = {}
  for (const [field, { fallback, isRequired, name, write }] of known) {
    const value = given.get(field)
    if (value === undefined && fallback !== undefined) written[name] = fallback
    if (value === undefined && isRequired !== true) continue
    const wire = write(value)
    if (Result.isFailure(wire)) return Result.fail(invalid(operation, field, wire.failure))
    written[name] = wire.success
  }
  return Result.succeed(written)
}

/** The same parameter, which has to be given. */
export const needed = <A extends Wire>(param: Param<A>): Param<A> => ({ ...param, isRequired: true })

/** The same parameter, with what is written if it is not given. */
export const orElse = <A extends Wire>(param: Param<A>, fallback: A): Param<A> => ({ ...param, fallback })

/** The same question for another page. What is no question stays as it is, and is refused later. */
export const at = <Query extends object, Place extends object>(query: Query, place: Place): Query & Place =>
  (isQuery(query) ? { ...query, ...place } : query) as Query & Place

const isQuery = (query: unknown): boolean =>
  typeof query === "object" && query !== null && !Array.isArray(query)

const param = <A extends Wire>(
  name: string,
  remedy: string,
  write: (value: unknown) => A | undefined
): Param<A> => ({
  name,
  write: (value) => Result.fromNullishOr(write(value), () => remedy)
})

/** Text: an id or a name. */
export const text = (name: string): Param<string> =>
  param(name, "takes text without control characters", (value) => (isPlain(value) ? value : undefined))

/** Several words, written with commas between them. */
export const words = (name: string): Param<string> =>
  param(name, "takes a list of at least one word, without commas", (value) =>
    isListOfPlain(value) && value.every((word) => !/[\s,]/.test(word)) ? value.join(",") : undefined
  )

/** Several texts, as a list of a JSON body: at the most so many. */
export const texts = (name: string, most: number): Param<ReadonlyArray<string>> =>
  param(name, `takes a list of 1 to ${most} texts`, (value) =>
    isListOfPlain(value) && value.length <= most ? value : undefined
  )

/** A whole number in a range. */
export const whole = (name: string, least: number, most: number): Param<number> =>
  param(name, `takes a whole number from ${least} to ${most}`, (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
      ? value
      : undefined
  )

/** True or false. */
export const boolean = (name: string): Param<boolean> =>
  param(name, "takes true or false", (value) => (typeof value === "boolean" ? value : undefined))

/** A moment, written in UTC with whole seconds. */
export const time = (name: string): Param<string> =>
  param(name, "takes a DateTime", (value) =>
    DateTime.isDateTime(value) ? DateTime.formatIso(value).replace(/\.\d+Z$/, "Z") : undefined
  )

/** A month of the vendor's calendar. */
export const month = (name: string): Param<string> =>
  param(name, "takes a month, as 2026-01", (value) =>
    typeof value === "string" && /^\d{4}-(0[1-9]|1[0-2])$/.test(value) ? value : undefined
  )

/** A day of the vendor's calendar. */
export const day = (name: string): Param<string> =>
  param(name, "takes a day, as 2026-01-31", (value) =>
    typeof value === "string" && /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(value)
      ? value
      : undefined
  )

/** The rows of one page, as many as there can be if it is not said, and how many rows come before it. */
export const page = (largest: number) => ({
  limit: orElse(whole("limit", 1, largest), largest),
  offset: orElse(whole("offset", 0, 2_147_483_647), 0)
})

const isPlain = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(value)

const isListOfPlain = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.length > 0 && value.every(isPlain)
