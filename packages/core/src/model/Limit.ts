/**
 * How much a member may use: without limit, or up to a quantity.
 *
 * Order and arithmetic are total: `Unlimited` is above every finite limit, and stays unlimited
 * whatever is added to it. A provider's own sign for it (such as -1) exists only on its wire.
 */
import * as Order_ from "effect/Order"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Quantity from "./Quantity.ts"

interface Printed {
  /** `unlimited`, or as the quantity prints. */
  toString(): string
  /** Of one form, whatever the limit is: an amount or `null`, and whether it is unlimited. */
  toJSON(): typeof Written.Encoded
}

/** No limit at all. */
export interface Unlimited extends Printed {
  readonly _tag: "Unlimited"
}

/** Up to this much. */
export interface Finite extends Printed {
  readonly _tag: "Finite"
  readonly quantity: Quantity.Quantity
}

/** Without limit, or up to a quantity. */
export type Limit = Unlimited | Finite

/** Shared by all limits, so that comparing their parts finds equal limits equal. */
const printed = {
  toString(this: Limit): string {
    return this._tag === "Unlimited" ? "unlimited" : Quantity.format(this.quantity)
  },
  toJSON(this: Limit): typeof Written.Encoded {
    return this._tag === "Unlimited"
      ? { limit: null, unlimited: true }
      : { limit: this.quantity.toJSON(), unlimited: false }
  }
}

/** No limit at all. Prints as `unlimited`. */
export const unlimited: Limit = { _tag: "Unlimited", ...printed }

/** Up to this much. */
export const finite = (quantity: Quantity.Quantity): Limit => ({
  _tag: "Finite",
  quantity,
  toString: printed.toString,
  toJSON: printed.toJSON
})

/** True for a limit, which a caller without types may not know. */
export const isLimit = (value: unknown): value is Limit =>
  typeof value === "object" &&
  value !== null &&
  "_tag" in value &&
  (value._tag === "Unlimited" ||
    (value._tag === "Finite" && "quantity" in value && Quantity.isQuantity(value.quantity)))

const Written = Schema.Union([
  Schema.Struct({ limit: Quantity.Quantity, unlimited: Schema.Literal(false) }),
  Schema.Struct({ limit: Schema.Null, unlimited: Schema.Literal(true) })
])

const written = SchemaTransformation.transform({
  decode: ({ limit }: typeof Written.Type): Limit => (limit === null ? unlimited : finite(limit)),
  encode: (self: Limit): typeof Written.Type =>
    self._tag === "Unlimited" ? { limit: null, unlimited: true } : { limit: self.quantity, unlimited: false }
})

/**
 * A limit as JSON has it, in one form: `{ "limit": { "unit": "CNY", "amount": "500.00" }, "unlimited": false }`
 * or `{ "limit": null, "unlimited": true }`. Rows have the same two fields among their own; beside another name,
 * as `target`, the second one is `targetUnlimited`.
 */
export const Limit = Written.pipe(
  Schema.decodeTo(
    Schema.declare(isLimit, {
      message: "give a limit, as Limit.unlimited",
      toCodec: () => Schema.link<Limit>()(Written, written)
    }),
    written
  )
)

/** Branches on the kind of a limit. */
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

/** Adds a quantity to a limit (subtracts, if it is negative); `Unlimited` stays unlimited. */
export const add = (self: Limit, quantity: Quantity.Quantity): Limit =>
  match(self, {
    Unlimited: () => unlimited,
    Finite: (limit) => finite(Quantity.sum(limit, quantity))
  })
