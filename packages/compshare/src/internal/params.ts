/**
 * What the parameters of all operations share: how a value is checked before anything is sent.
 */
import * as Result from "effect/Result"
import * as KnownKeys from "@cloud-quota/core/KnownKeys"
import { type CloudQuotaError, invalid } from "@cloud-quota/core/CloudQuotaError"
import type { Safety } from "@cloud-quota/core/Retry"
import type * as Signature from "../Signature.ts"
import { provider, uint32 } from "./settings.ts"

/** The one action that moves money. */
export const changeAction = "SetCompShareTeamAmount"

/** The most rows that the provider puts on a page. */
export const largestPage = 100

/** Parameters, or why there are none. */
export type Checked<A = Signature.Params> = Result.Result<A, CloudQuotaError>

/** Callers without types may write anything. What is none of these would be sent again like a harmless one. */
const safeties: ReadonlyArray<Safety> = ["read", "idempotent-write", "create", "delta"]

/** What the client itself puts into a request. */
const reserved = ["Action", "PublicKey", "Signature", "SecurityToken"]

export const refuse = (action: string, field: string, message: string): Checked<never> =>
  Result.fail(invalid({ provider, operation: action, field, message }))

/** Refuses a query with a field that the operation does not have. */
export const checkNames = (
  action: string,
  query: unknown,
  names: Readonly<Record<string, true>>,
  what = "query"
): Checked<void> => {
  const problem = query === undefined ? undefined : KnownKeys.problem(query, names, what)
  return problem === undefined ? Result.void : refuse(action, problem.field, problem.message)
}

export const checkCall = (action: string, params: Signature.Params, safety: Safety): Checked<void> => {
  if (typeof action !== "string" || !/^[A-Za-z][A-Za-z0-9]{0,127}$/.test(action)) {
    return refuse("call", "action", "give the name of an action, as ListCompShareTeam")
  }
  if (!safeties.includes(safety)) {
    return refuse(action, "safety", `give one of ${safeties.join(", ")}`)
  }
  if (action.toLowerCase() === changeAction.toLowerCase() && safety !== "delta") {
    return refuse(action, "safety", `must be delta: sent twice, ${changeAction} moves the money twice`)
  }
  const own = reserved.find((key) => params[key] !== undefined)
  return own === undefined
    ? Result.void
    : refuse(action, own, "is written by the client itself: leave it out")
}

/** The checks of one operation's parameters. They take any value, since callers without types exist. */
export const checks = (action: string) => {
  const fail = (field: string, message: string) => refuse(action, field, message)

  const id = (field: string, value: unknown): Checked<number> => {
    const decoded = uint32(value)
    return decoded === undefined
      ? fail(field, "give a whole number from 1 to 4294967295")
      : Result.succeed(decoded)
  }

  const text = (field: string, value: unknown, what: string): Checked<string> =>
    isText(value) ? Result.succeed(value) : fail(field, `give ${what}`)

  const count = (field: string, value: unknown, what: string): Checked<number> =>
    isCount(value) ? Result.succeed(value) : fail(field, `give ${what}`)

  const whole = (field: string, value: unknown, what: string): Checked<number> =>
    value === 0 ? fail(field, `give ${what}`) : count(field, value, what)

  /** Whole GB, written in MB: whoever means GB by mistake is told. */
  const megabytes = (field: string, value: unknown): Checked<number> =>
    isCount(value) && value > 0 && value % 1024 === 0
      ? Result.succeed(value)
      : fail(field, "give MB, a multiple of 1024: 65536 for 64 GB")

  const oneOf = <A extends string>(field: string, value: unknown, words: ReadonlyArray<A>): Checked<A> => {
    const found = words.find((word) => word === value)
    return found === undefined ? fail(field, `give one of ${words.join(", ")}`) : Result.succeed(found)
  }

  /** At least one value: an empty list would vanish on its way, and a filter with it. */
  const listOf =
    <A>(isItem: (item: unknown) => item is A, what: string) =>
    (field: string, value: unknown): Checked<ReadonlyArray<A>> =>
      Array.isArray(value) && value.length > 0 && Array.from(value, isItem).every(Boolean)
        ? Result.succeed(value)
        : fail(field, `give a list of ${what}, at least one of them, or leave it out`)

  /** A time of any year up to 5138: above that it is in milliseconds, and would find nothing. */
  const seconds = (field: string, value: unknown): Checked<number> => {
    if (!isCount(value)) return fail(field, "give whole seconds since 1970")
    return value < 100_000_000_000
      ? Result.succeed(value)
      : fail(field, `is in milliseconds: give seconds since 1970, as ${Math.floor(value / 1000)}`)
  }

  const times = (beginTime: unknown, endTime: unknown): Checked<{ BeginTime: number; EndTime: number }> =>
    Result.gen(function* () {
      const BeginTime = yield* seconds("beginTime", beginTime)
      const EndTime = yield* seconds("endTime", endTime)
      if (EndTime > BeginTime) return { BeginTime, EndTime }
      return yield* fail("endTime", "give whole seconds since 1970, after beginTime")
    })

  const page = (
    limit: unknown = largestPage,
    offset: unknown = 0
  ): Checked<{ Limit: number; Offset: number }> => {
    if (!isCount(limit) || limit < 1 || limit > largestPage) return fail("limit", `give 1 to ${largestPage}`)
    return isCount(offset)
      ? Result.succeed({ Limit: limit, Offset: offset })
      : fail("offset", "give 0 or more")
  }

  return {
    fail,
    id,
    text,
    count,
    whole,
    megabytes,
    oneOf,
    seconds,
    times,
    page,
    texts: listOf(isText, "texts"),
    numbers: listOf(isCount, "whole numbers")
  }
}

/** Checks a value that may be absent. */
export const ifGiven = <A>(value: unknown, check: (value: unknown) => Checked<A>): Checked<A | undefined> =>
  value === undefined ? Result.succeed(undefined) : check(value)

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== ""

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0
