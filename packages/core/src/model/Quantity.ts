/**
 * An exact amount of one unit: money, a count, minutes.
 *
 * The amount is a `BigDecimal`, never a float. A price finer than a fen keeps its digits; rounding is
 * a choice of the caller.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Order_ from "effect/Order"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { floorSteps, placesText, plainText, wholeAt } from "./decimal.ts"

/** The unit. `CNY` is yuan; other currencies and units are open. */
export type Unit = "CNY" | "count" | "minute" | (string & {})

/** An exact amount of one unit. Compares by value with `Equal.equals`, prints as `500.00 CNY`. */
export interface Quantity extends Equal.Equal {
  readonly unit: Unit
  readonly amount: BigDecimal.BigDecimal
  /** The text that {@link parse} reads back to an equal quantity. */
  toString(): string
  /**
   * `{ unit, amount }` with the amount as decimal text, so that JSON loses no digit. It has at least the digits
   * of its unit, as {@link format} does: equal quantities have equal texts.
   */
  toJSON(): { readonly unit: string; readonly amount: string }
}

/** A quantity, or the text of one: `"500 CNY"`, `"60 min"`, `"3"`. */
export type Input = Quantity | string

/** A text that is not a quantity, with a remedy. */
export interface QuantityError {
  readonly _tag: "QuantityError"
  readonly message: string
}

/** Thrown when quantities of different units meet: a mistake in the program, never of the data. */
export class UnitMismatch extends TypeError {
  override readonly name = "UnitMismatch"
  constructor(left: Unit, right: Unit) {
    super(`cannot combine ${left} with ${right}: convert one of the quantities first`)
  }
}

const TypeId = "~cloud-quota/core/Quantity"

/** How a unit is written: the digits that money is always shown with, and its short name. */
const notations: Readonly<Record<string, { readonly label: string; readonly digits: number }>> = {
  CNY: { label: "CNY", digits: 2 },
  count: { label: "", digits: 0 },
  minute: { label: "min", digits: 0 }
}

/** The spellings that {@link parse} takes for a unit. */
const spellings: Readonly<Record<string, Unit>> = {
  "": "count",
  count: "count",
  min: "minute",
  minute: "minute",
  minutes: "minute",
  cny: "CNY"
}

/**
 * A class, and a decimal that is made when it is asked for: listings make hundreds of thousands of quantities, and
 * look at few of them.
 */
class Exact implements Quantity {
  readonly unit: Unit
  readonly unscaled: bigint | number
  readonly scale: number
  #amount: BigDecimal.BigDecimal | undefined
  constructor(unit: Unit, unscaled: bigint | number, scale: number) {
    this.unit = unit
    this.unscaled = unscaled
    this.scale = scale
  }
  get amount(): BigDecimal.BigDecimal {
    this.#amount ??= BigDecimal.make(BigInt(this.unscaled), this.scale)
    return this.#amount
  }
  get [TypeId]() {
    return TypeId
  }
  [Equal.symbol](that: unknown): boolean {
    return isQuantity(that) && this.unit === that.unit && BigDecimal.equals(this.amount, that.amount)
  }
  [Hash.symbol](): number {
    return Hash.string(`${this.unit}:${plainText(BigDecimal.normalize(this.amount))}`)
  }
  toString(): string {
    return format(this)
  }
  toJSON() {
    return { unit: this.unit, amount: amountText(this) }
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return format(this)
  }
}

/**
 * Makes a quantity. A `number` is taken only where it is an exact integer; write fractions as text.
 *
 * @example
 * import { Quantity } from "@cloud-quota/core"
 *
 * String(Quantity.make("CNY", "4.69928")) // => "4.69928 CNY"
 */
export const make = (unit: Unit, amount: BigDecimal.BigDecimal | bigint | number | string): Quantity =>
  ofDecimal(unit, toBigDecimal(amount))

const ofDecimal = (unit: Unit, { scale, value }: BigDecimal.BigDecimal): Quantity =>
  new Exact(unit, compact(value), scale)

const largest = BigInt(Number.MAX_SAFE_INTEGER)

/** A number wherever it is exact, so that equal amounts have equal fields. */
const compact = (unscaled: bigint): bigint | number =>
  unscaled >= -largest && unscaled <= largest ? Number(unscaled) : unscaled

/**
 * Makes a quantity from a whole number of decimal places.
 *
 * @example
 * import { Quantity } from "@cloud-quota/core"
 *
 * String(Quantity.scaled("CNY", 150, 2)) // => "1.50 CNY"
 */
export const scaled = (unit: Unit, unscaled: bigint | number, scale: number): Quantity => {
  if (typeof unscaled === "bigint") return new Exact(unit, compact(unscaled), scale)
  if (!Number.isSafeInteger(unscaled)) {
    throw new RangeError(`${unscaled} is not an exact integer: give it as a bigint`)
  }
  // No negative zero.
  return new Exact(unit, unscaled === 0 ? 0 : unscaled, scale)
}

/** An amount of yuan. */
export const cny = (amount: BigDecimal.BigDecimal | bigint | number | string): Quantity => make("CNY", amount)

/** A number of things. */
export const count = (amount: bigint | number | string): Quantity => make("count", amount)

/** A number of minutes. */
export const minutes = (amount: BigDecimal.BigDecimal | bigint | number | string): Quantity =>
  make("minute", amount)

/** Nothing of a unit. */
export const zero = (unit: Unit): Quantity => make(unit, 0n)

const toBigDecimal = (amount: BigDecimal.BigDecimal | bigint | number | string): BigDecimal.BigDecimal => {
  if (BigDecimal.isBigDecimal(amount)) return amount
  if (typeof amount === "bigint") return BigDecimal.fromBigInt(amount)
  if (typeof amount === "number") {
    if (!Number.isSafeInteger(amount)) {
      throw new RangeError(`${amount} is not an exact integer: write the amount as text, as "0.10"`)
    }
    return BigDecimal.fromBigInt(BigInt(amount))
  }
  return Result.getOrThrowWith(decimal(amount), (error) => new RangeError(error.message))
}

/** Plain decimal text: an optional sign, digits, an optional fraction. No exponents, no separators. */
const decimal = (text: string): Result.Result<BigDecimal.BigDecimal, QuantityError> =>
  /^[+-]?\d{1,40}(\.\d{1,40})?$/.test(text)
    ? Result.fromOption(BigDecimal.fromString(text.replace(/^\+/, "")), () => notAQuantity(text))
    : Result.fail(notAQuantity(text))

const notAQuantity = (input: unknown): QuantityError => {
  const isShort = typeof input === "number" || typeof input === "bigint" || typeof input === "boolean"
  const shown =
    typeof input === "string"
      ? JSON.stringify(input.slice(0, 60))
      : isShort
        ? `${input}`
        : `this ${typeof input}`
  return {
    _tag: "QuantityError",
    message: `${shown} is not a quantity: write a decimal number and a unit as text, as "500 CNY", "60 min" or "3"`
  }
}

/** True for a quantity made by this module. */
export const isQuantity = (value: unknown): value is Quantity =>
  typeof value === "object" && value !== null && TypeId in value

const Written = Schema.Struct({
  unit: Schema.String.annotate({ description: "CNY, minute, count; others are open." }),
  amount: Schema.String.check(Schema.isPattern(/^-?\d{1,40}(\.\d{1,40})?$/u)).annotate({
    description: "Exact decimal text, with at least the digits of the unit."
  })
}).annotate({ identifier: "Quantity" })

const written = SchemaTransformation.transform({
  decode: ({ amount, unit }: typeof Written.Type) => make(unit, amount),
  encode: (quantity: Quantity) => quantity.toJSON()
})

/**
 * A quantity as JSON has it: `{ "unit": "CNY", "amount": "500.00" }`, the amount as decimal text that a number
 * would not hold exactly. All rows have their amounts in this form.
 *
 * @example
 * import { Quantity } from "@cloud-quota/core"
 * import { Schema } from "effect"
 *
 * Schema.encodeSync(Quantity.Quantity)(Quantity.cny("12.5")) // => { unit: "CNY", amount: "12.50" }
 */
export const Quantity = Written.pipe(
  Schema.decodeTo(
    Schema.declare(isQuantity, {
      message: 'give a quantity, as Quantity.cny("500")',
      toCodec: () => Schema.link<Quantity>()(Written, written)
    }),
    written
  )
)

/**
 * Reads `"500 CNY"`, `"60 min"`, `"-1.5 CNY"`, `"3"` (a count).
 *
 * @example
 * import { Quantity } from "@cloud-quota/core"
 * import { Result } from "effect"
 *
 * String(Result.getOrThrow(Quantity.parse("500 CNY"))) // => "500.00 CNY"
 */
export const parse = (text: string): Result.Result<Quantity, QuantityError> => {
  const match = /^\s*([+-]?[\d.]+)\s*([A-Za-z][A-Za-z0-9-]{0,31})?\s*$/.exec(text)
  const [, digits, name = ""] = match ?? []
  if (digits === undefined) return Result.fail(notAQuantity(text))
  return Result.map(decimal(digits), (amount) => make(unitOf(name), amount))
}

const unitOf = (name: string): Unit => {
  const spelling = name.toLowerCase()
  return Object.hasOwn(spellings, spelling) ? (spellings[spelling] ?? name) : name
}

/** Accepts a quantity or its text. Anything else, such as a bare number, is refused. */
export const from = (input: Input): Result.Result<Quantity, QuantityError> => {
  if (typeof input === "string") return parse(input)
  return isQuantity(input) ? Result.succeed(input) : Result.fail(notAQuantity(input))
}

/** `500.00 CNY`, `60 min`, `3`. Money has at least two digits, and more where it is finer. */
export const format = (self: Quantity): string => {
  const { label } = notationOf(self.unit)
  return label === "" ? amountText(self) : `${amountText(self)} ${label}`
}

const notationOf = (unit: Unit) =>
  (Object.hasOwn(notations, unit) ? notations[unit] : undefined) ?? { digits: 0, label: unit }

const amountText = (self: Quantity): string => {
  const { digits } = notationOf(self.unit)
  if (self instanceof Exact && typeof self.unscaled === "number") {
    let { scale, unscaled } = self
    for (; scale > digits && unscaled % 10 === 0; scale -= 1) unscaled /= 10
    const shown = Math.max(scale, digits)
    const value = wholeAt(shown, unscaled, scale)
    if (value !== undefined) return placesText(value, shown)
  }
  const exact = BigDecimal.normalize(self.amount)
  return plainText(exact.scale < digits ? BigDecimal.scale(exact, digits) : exact)
}

const sameUnit = (self: Quantity, that: Quantity): void => {
  if (self.unit !== that.unit) throw new UnitMismatch(self.unit, that.unit)
}

/** Computes with the whole numbers of two amounts at one scale, if doubles hold them exactly. */
const withWholes = <A>(
  self: Quantity,
  that: Quantity,
  compute: (left: number, right: number, scale: number) => A | undefined
): A | undefined => {
  sameUnit(self, that)
  if (!(self instanceof Exact && that instanceof Exact)) return undefined
  const scale = Math.max(self.scale, that.scale)
  const left = wholeAt(scale, self.unscaled, self.scale)
  const right = wholeAt(scale, that.unscaled, that.scale)
  return left === undefined || right === undefined ? undefined : compute(left, right, scale)
}

const ifSafe = (unit: Unit, unscaled: number, scale: number): Quantity | undefined =>
  Number.isSafeInteger(unscaled) ? new Exact(unit, unscaled, scale) : undefined

/** The sum. Throws {@link UnitMismatch}. */
export const sum = (self: Quantity, that: Quantity): Quantity =>
  withWholes(self, that, (left, right, scale) => ifSafe(self.unit, left + right, scale)) ??
  make(self.unit, BigDecimal.sum(self.amount, that.amount))

/** The difference. Throws {@link UnitMismatch}. */
export const subtract = (self: Quantity, that: Quantity): Quantity =>
  withWholes(self, that, (left, right, scale) => ifSafe(self.unit, left - right, scale)) ??
  make(self.unit, BigDecimal.subtract(self.amount, that.amount))

/** A multiple or a share: `multiply(q, "0.5")`. The factor is decimal text, so that it is exact. */
export const multiply = (self: Quantity, factor: bigint | number | string): Quantity =>
  make(self.unit, BigDecimal.multiply(self.amount, toBigDecimal(factor)))

/** The same amount with the other sign. */
export const negate = (self: Quantity): Quantity => make(self.unit, BigDecimal.negate(self.amount))

/** The amount without its sign. */
export const abs = (self: Quantity): Quantity => make(self.unit, BigDecimal.abs(self.amount))

/** Orders quantities of one unit. Throws {@link UnitMismatch}. */
export const Order: Order_.Order<Quantity> = Order_.make(
  (self, that) =>
    withWholes(self, that, (left, right) => Order_.Number(left, right)) ??
    BigDecimal.Order(self.amount, that.amount)
)

/** Throws {@link UnitMismatch}. */
export const isLessThan = (self: Quantity, that: Quantity): boolean => Order(self, that) < 0

/** Throws {@link UnitMismatch}. */
export const isGreaterThan = (self: Quantity, that: Quantity): boolean => Order(self, that) > 0

/** The smaller one. Throws {@link UnitMismatch}. */
export const min = (self: Quantity, that: Quantity): Quantity => (Order(self, that) <= 0 ? self : that)

/** The larger one. Throws {@link UnitMismatch}. */
export const max = (self: Quantity, that: Quantity): Quantity => (Order(self, that) >= 0 ? self : that)

export const isZero = (self: Quantity): boolean => signOf(self) === 0

export const isNegative = (self: Quantity): boolean => signOf(self) < 0

export const isPositive = (self: Quantity): boolean => signOf(self) > 0

const signOf = (self: Quantity): number =>
  self instanceof Exact && typeof self.unscaled === "number"
    ? Math.sign(self.unscaled)
    : BigDecimal.sign(self.amount)

/** True for a currency, which has a code of three capitals: counts and minutes are no money. */
export const isMoney = (self: Quantity): boolean => /^[A-Z]{3}$/.test(self.unit)

/** True if the amount is a whole number of steps. */
export const isMultipleOf = (self: Quantity, step: Quantity): boolean => {
  sameUnit(self, step)
  return floorSteps(self.amount, step.amount).remainder === 0n
}

/** How {@link round} treats a remainder: `up` and `down` are towards plus and minus infinity. */
export type RoundingMode = "up" | "down" | "half-up" | "half-even"

/**
 * Rounds to a whole number of steps, in a direction that the caller names.
 *
 * @example
 * import { Quantity } from "@cloud-quota/core"
 *
 * String(Quantity.round(Quantity.cny("4.69928"), { step: Quantity.cny("0.01"), mode: "down" })) // => "4.69 CNY"
 */
export const round = (
  self: Quantity,
  options: { readonly step: Quantity; readonly mode: RoundingMode }
): Quantity => {
  sameUnit(self, options.step)
  const { remainder, size, steps } = floorSteps(self.amount, options.step.amount)
  const above = {
    up: remainder > 0n,
    down: false,
    "half-up": remainder * 2n >= size,
    "half-even": remainder * 2n > size || (remainder * 2n === size && steps % 2n !== 0n)
  }
  return multiply(options.step, steps + (above[options.mode] ? 1n : 0n))
}

/**
 * Returns the share of the whole, as a number for people and for thresholds: it is not exact, and
 * is never used to compute an amount. Nothing of nothing is 0; something of nothing is `Infinity`.
 */
export const share = (self: Quantity, whole: Quantity): number => {
  sameUnit(self, whole)
  if (isZero(whole)) return isZero(self) ? 0 : Number.POSITIVE_INFINITY
  const known = withWholes(self, whole, (part, all) => part / all)
  if (known !== undefined) return known
  return BigDecimal.toNumberUnsafe(BigDecimal.divideUnsafe(self.amount, whole.amount))
}
