/**
 * Core's values as plain ones: what is of Effect goes, and nothing else changes.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Core from "../../Limit.ts"
import type { MemberInfo as CoreMember } from "../../Member.ts"
import * as CoreQuantity from "../../Quantity.ts"
import type { MemberInfo, Quantity } from "./model.ts"
import { fromCore } from "./quantity.ts"

/** What {@link plain} makes of a value. */
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
 * The value with quantities, limits and times of the Promise door in it, all the way down. Numbers that a
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
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, convert(inner)]))
}

export const memberOf =
  (account: string) =>
  ({ status, ...member }: CoreMember): MemberInfo => ({
    account,
    ...plain(member),
    status: status._tag,
    ...(status._tag === "unknown" ? { rawStatus: status.raw } : {})
  })
