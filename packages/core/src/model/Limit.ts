/**
 * How much a member may use: without limit, or up to a quantity.
 *
 * Order and arithmetic are total: `Unlimited` is above every finite limit, and stays unlimited
 * whatever is added to it. A provider's own sign for it (such as -1) exists only on its wire.
 */
import * as Order_ from "effect/Order"
import * as Quantity from "./Quantity.ts"

/** No limit at all. */
export interface Unlimited {
  readonly _tag: "Unlimited"
  toString(): string
  toJSON(): unknown
}

/** Up to this much. */
export interface Finite {
  readonly _tag: "Finite"
  readonly quantity: Quantity.Quantity
  toString(): string
  toJSON(): unknown
}

/** Without limit, or up to a quantity. */
export type Limit = Unlimited | Finite

/** No limit at all. Prints as `unlimited`. */
export const unlimited: Limit = {
  _tag: "Unlimited",
  toString: () => "unlimited",
  toJSON: () => "unlimited"
}

/** Up to this much. */
export const finite = (quantity: Quantity.Quantity): Limit => ({
  _tag: "Finite",
  quantity,
  toString: () => Quantity.format(quantity),
  toJSON: () => quantity.toJSON()
})

/** True for a limit, which a caller without types may not know. */
export const isLimit = (value: unknown): value is Limit =>
  typeof value === "object" &&
  value !== null &&
  "_tag" in value &&
  (value._tag === "Unlimited" ||
    (value._tag === "Finite" && "quantity" in value && Quantity.isQuantity(value.quantity)))

/** Where a limit may be told apart by its value. */
export const match = <A>(
  self: Limit,
  cases: { readonly Unlimited: () => A; readonly Finite: (quantity: Quantity.Quantity) => A }
): A => (self._tag === "Unlimited" ? cases.Unlimited() : cases.Finite(self.quantity))

/** Orders limits of one unit, `Unlimited` last. Throws `UnitMismatch`. */
export const Order: Order_.Order<Limit> = Order_.make((self, that) => {
  if (self._tag === "Unlimited") return that._tag === "Unlimited" ? 0 : 1
  return that._tag === "Unlimited" ? -1 : Quantity.Order(self.quantity, that.quantity)
})

/** True if both limit the same. Throws `UnitMismatch`. */
export const equals = (self: Limit, that: Limit): boolean => Order(self, that) === 0

/** True if this one allows less. Throws `UnitMismatch`. */
export const isLessThan = (self: Limit, that: Limit): boolean => Order(self, that) < 0

/** A limit with so much more (or, with a negative quantity, less); `Unlimited` stays what it is. */
export const add = (self: Limit, quantity: Quantity.Quantity): Limit =>
  match(self, {
    Unlimited: () => unlimited,
    Finite: (limit) => finite(Quantity.sum(limit, quantity))
  })
