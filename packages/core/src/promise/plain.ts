/**
 * Converts core's values to plain ones, without Effect's types.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Core from "../model/Limit.ts"
import type { MemberInfo as CoreMember } from "../model/MemberInfo.ts"
import { setField } from "../model/setField.ts"
import * as CoreQuantity from "../model/Quantity.ts"
import type { MemberInfo, Quantity } from "./model.ts"
import { fromCore } from "./quantity.ts"

/** The type that {@link plain} returns for a value. */
export type Plain<T> = T extends CoreQuantity.Quantity
  ? Quantity
  : T extends Core.Unlimited
    ? "unlimited"
    : T extends Core.Finite
      ? Quantity
      : T extends DateTime.DateTime
        ? Date
        : T extends BigDecimal.BigDecimal | bigint
          ? string
          : T extends string | number | boolean | undefined | null
            ? T
            : T extends ReadonlyArray<infer A>
              ? ReadonlyArray<Plain<A>>
              : T extends object
                ? { readonly [Key in keyof T]: Plain<T[Key]> }
                : T

/**
 * Gives a value a line for people as its text: its message, or else its fields in order. The text is not part
 * of the data, so that neither JSON nor a comparison sees it.
 */
export const withLine = <A extends object>(value: A): A => Object.defineProperty(value, "toString", lineText)

const lineText: PropertyDescriptor = {
  configurable: true,
  writable: true,
  value(this: object): string {
    return lineOf(this)
  }
}

/** A provider's whole row says too much for a line. */
const left = "details"

const lineOf = (value: unknown): string => {
  if (value === undefined || value === null) return ""
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(lineOf).join(", ")
  if (typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return String(value)
  if ("message" in value && typeof value.message === "string") return value.message
  return Object.entries(value)
    .flatMap(([name, inner]) => {
      if (name === left) return []
      return typeof inner === "boolean" ? [inner ? name : `not ${name}`] : [lineOf(inner)]
    })
    .filter((text) => text !== "")
    .join(" ")
}

/**
 * The value with quantities, limits and times of the Promise API in it, all the way down. Numbers that a
 * `number` would not hold exactly are decimal text.
 */
export const plain = <T>(value: T): Plain<T> => convert(value) as Plain<T>

const convert = (value: unknown): unknown => {
  if (typeof value === "bigint") return `${value}`
  if (typeof value !== "object" || value === null) return value
  if (CoreQuantity.isQuantity(value)) return fromCore(value)
  if (Core.isLimit(value)) return value._tag === "Unlimited" ? "unlimited" : fromCore(value.quantity)
  if (DateTime.isDateTime(value)) return DateTime.toDateUtc(value)
  if (BigDecimal.isBigDecimal(value)) return CoreQuantity.format(CoreQuantity.make("count", value))
  if (Array.isArray(value)) return value.map(convert)
  const fields: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) setField(fields, key, convert(inner))
  return withLine(fields)
}

export const memberOf =
  (account: string) =>
  ({ status, ...member }: CoreMember): MemberInfo =>
    withLine({
      account,
      ...plain(member),
      status: status._tag,
      ...(status._tag === "unknown" ? { rawStatus: status.raw } : {})
    })
