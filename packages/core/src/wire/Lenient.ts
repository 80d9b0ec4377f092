/**
 * Schemas of values that providers write leniently: whole numbers as text, money as fen or as yuan, times in two
 * forms, enumerations that grow. Each message names the expected form, and never repeats the value.
 *
 * They decode the values of `Json.parse`: numbers, bigints and `BigDecimal`s without lost digits.
 *
 * @example
 * import { Quantity } from "@cloud-quota/core"
 * import * as Lenient from "@cloud-quota/core/adapter/Lenient"
 * import { Schema } from "effect"
 *
 * const Member = Schema.Struct({ Id: Lenient.Whole, Amount: Lenient.nullish(Lenient.Fen) })
 *
 * String(Schema.decodeUnknownSync(Member)({ Id: "60001", Amount: 50000 }).Amount) // => "500.00 CNY"
 * Schema.encodeSync(Member)({ Id: 60001, Amount: Quantity.cny("1.50") }) // => { Id: 60001, Amount: 150n }
 */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Quantity from "../model/Quantity.ts"
import { acceptedBy } from "./directDecoder.ts"

/** A field that may be absent or `null`. `null` stays `null`. */
export const nullish = <S extends Schema.Constraint>(schema: S): Schema.optionalKey<Schema.NullOr<S>> =>
  Schema.optionalKey(Schema.NullOr(schema))

/** A value that a predicate accepts. `message` names the expected form. */
export const declare = <A>(is: (value: unknown) => value is A, message: string): Schema.declare<A> =>
  Schema.declare(is, acceptedBy(is, message))

const refused = <Wire, A>(read: (wire: Wire) => Option.Option<A>, message: string) =>
  SchemaGetter.transformEffect<A, Wire>((wire, options) =>
    Option.match(read(wire), {
      onNone: () => Effect.fail(new SchemaIssue.InvalidValue({ message }, wire, options)),
      onSome: (value) => Effect.succeed(value)
    })
  )

type Written = string | number | bigint | boolean | BigDecimal.BigDecimal | null

const written = (message: string, isWritten: (wire: unknown) => boolean): Schema.declare<Written> =>
  declare((wire): wire is Written => isWritten(wire), message)

/** The digits of a number where text belongs. */
const Digits = Schema.Union([Schema.Number, Schema.BigInt]).pipe(
  Schema.decodeTo(Schema.String, {
    decode: SchemaGetter.transform(String),
    encode: SchemaGetter.transform(Number)
  })
)

/** Text. A number is decoded to its digits; text is encoded unchanged. */
export const Text = Schema.Union([Schema.String, Digits]).annotate({ message: "expected text" })

/** Text that is not blank. */
export const Name = Text.pipe(
  Schema.check(Schema.makeFilter((text: string) => text.trim() !== "" || "expected text that is not blank"))
)

/** One of these words, or a new one. */
export const openEnum = <const Words extends ReadonlyArray<string>>(
  ..._known: Words
): Schema.Codec<Words[number] | (string & {}), string | number | bigint> => Text

/** A truth value, also as the text `true`, `false`, `yes` or `no`, in any case. */
export const Truth = written("expected true or false", (wire) => truthOf(wire) !== undefined).pipe(
  Schema.decodeTo(Schema.Boolean.annotate({ message: "give true or false" }), {
    decode: SchemaGetter.transform((wire: Written) => truthOf(wire) === true),
    encode: SchemaGetter.transform((truth: boolean): Written => truth)
  })
)

function truthOf(wire: unknown): boolean | undefined {
  const word = typeof wire === "string" ? wire.toLowerCase() : wire
  if (word === true || word === "true" || word === "yes") return true
  return word === false || word === "false" || word === "no" ? false : undefined
}

const isSafe = (value: unknown): value is number => Number.isSafeInteger(value)

const wholeWanted = "expected a whole number"

/** A whole number that a double holds exactly. */
const Safe = Schema.Number.pipe(
  Schema.check(Schema.makeFilter((number: number) => isSafe(number) || wholeWanted))
)

/** A whole number that a double holds exactly, also as text. Encoded as a number. */
export const Whole = Schema.Union([
  Safe,
  Schema.String.pipe(
    Schema.check(Schema.makeFilter((text: string) => /^-?\d{1,16}$/.test(text) || wholeWanted)),
    Schema.decodeTo(Safe, { decode: SchemaGetter.transform(Number), encode: SchemaGetter.transform(String) })
  )
]).annotate({ message: wholeWanted })

/** A whole number in these bounds, both included. */
export const between = (minimum: number, maximum: number) =>
  Whole.pipe(
    Schema.check(
      Schema.makeFilter(
        (number: number) =>
          (number >= minimum && number <= maximum) || `give a whole number from ${minimum} to ${maximum}`
      )
    )
  )

/** A number of rows: whole and not negative. */
export const Count = Whole.pipe(
  Schema.check(
    Schema.makeFilter((number: number) => number >= 0 || "expected a count, not a negative number")
  )
)

/** The last second of the year 9999. */
const lastSecond = 253_402_300_799

/** Whole seconds since 1970, up to the year 9999. Milliseconds are refused, since they are beyond it. */
export const UnixSeconds = Whole.pipe(
  Schema.check(
    Schema.makeFilter(
      (seconds: number) =>
        (seconds >= 0 && seconds <= lastSecond) ||
        (seconds > lastSecond
          ? "expected whole seconds since 1970: this looks like milliseconds, divide it by 1000"
          : "expected whole seconds since 1970")
    )
  )
)

/** An RFC 3339 time with a zone, as `2021-01-10T08:43:17Z`. Days that do not exist are refused. */
export const Moment = written("expected a time with a zone, as 2021-01-10T08:43:17Z", isMoment).pipe(
  Schema.decodeTo(
    declare(
      (value): value is DateTime.Utc => DateTime.isDateTime(value) && DateTime.isUtc(value),
      "give a DateTime in UTC"
    ),
    {
      decode: SchemaGetter.transform((wire: Written) => DateTime.toUtc(DateTime.makeUnsafe(String(wire)))),
      encode: SchemaGetter.transform((time: DateTime.Utc): Written => DateTime.formatIso(time))
    }
  )
)

function isMoment(wire: unknown): boolean {
  if (typeof wire !== "string") return false
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/i.test(wire)) return false
  const day = new Date(wire.slice(0, 10))
  // `Date` turns February 30 into March 2.
  return (
    !Number.isNaN(day.getTime()) &&
    day.toISOString().startsWith(wire.slice(0, 10)) &&
    Option.isSome(DateTime.make(wire))
  )
}

/** An exact amount, as a `Quantity`. */
export const Amount = declare(Quantity.isQuantity, 'give a quantity, as Quantity.cny("500")')

type Exact = string | number | bigint | BigDecimal.BigDecimal

const decimalText = /^[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?$/

/** Whether a value is a decimal without lost digits. */
const isExact = (wire: unknown): wire is Exact => {
  if (typeof wire === "string") return decimalText.test(wire)
  if (typeof wire !== "number") return typeof wire === "bigint" || BigDecimal.isBigDecimal(wire)
  // A number from `Json.parse` prints exactly its decimal.
  return isSafe(wire) || (!Number.isInteger(wire) && decimalText.test(`${wire}`))
}

const decimalOf = (wire: Exact): BigDecimal.BigDecimal => {
  if (typeof wire === "bigint") return BigDecimal.fromBigInt(wire)
  return BigDecimal.isBigDecimal(wire) ? wire : BigDecimal.fromStringUnsafe(`${wire}`.replace(/^\+/, ""))
}

/** Returns an amount without lost digits: a number has to come from `Json.parse`. */
export const quantityOf = (unit: Quantity.Unit, wire: Exact): Quantity.Quantity => {
  if (typeof wire === "bigint" || isSafe(wire)) return Quantity.scaled(unit, wire, 0)
  if (typeof wire === "number") {
    // No two decimals of up to 15 digits have the same double, so this one is the one that it prints as.
    for (const [scale, power] of fewPlaces) {
      const unscaled = Math.round(wire * power)
      if (Math.abs(unscaled) < 1e15 && unscaled / power === wire)
        return Quantity.scaled(unit, unscaled, scale)
    }
  }
  return Quantity.make(unit, decimalOf(wire))
}

const fewPlaces = [1, 2, 3, 4].map((scale) => [scale, 10 ** scale] as const)

/** Returns the amount as a whole number of decimal places; none if it is finer, or of another unit. */
const wholePlaces = (
  quantity: Quantity.Quantity,
  unit: Quantity.Unit,
  scale: number
): Option.Option<bigint> => {
  const exact = BigDecimal.normalize(quantity.amount)
  return quantity.unit === unit && exact.scale <= scale
    ? Option.some(BigDecimal.scale(exact, scale).value)
    : Option.none()
}

const fenWanted = "expected a whole number of fen"

/** Whole fen on the wire: a number, a bigint, or digits as text. */
const WrittenFen = Schema.Union([
  Schema.Number.pipe(Schema.check(Schema.makeFilter((fen: number) => isSafe(fen) || fenWanted))),
  Schema.BigInt,
  Schema.String.pipe(
    Schema.check(Schema.makeFilter((digits: string) => /^-?\d{1,40}$/.test(digits) || fenWanted))
  )
]).annotate({ message: fenWanted })

/** Money in whole fen: a number, a bigint, or digits as text. Encoded as a bigint; a finer amount is refused. */
export const Fen = WrittenFen.pipe(
  Schema.decodeTo(
    Amount.annotate({ message: 'give a quantity, as Quantity.cny("500"), not a number of fen' }),
    {
      decode: SchemaGetter.transform((fen: typeof WrittenFen.Type) =>
        Quantity.scaled("CNY", typeof fen === "string" ? BigInt(fen) : fen, 2)
      ),
      encode: refused(
        (quantity: Quantity.Quantity): Option.Option<typeof WrittenFen.Type> =>
          wholePlaces(quantity, "CNY", 2),
        "give CNY in whole fen: round it to 0.01 CNY first"
      )
    }
  )
)

/** A decimal as an amount of a unit: text, or a number without lost digits. Encoded as decimal text. */
export const decimal = (unit: Quantity.Unit) =>
  declare(isExact, "expected an amount that can be read exactly").pipe(
    Schema.decodeTo(Amount, {
      decode: SchemaGetter.transform((wire: Exact) => quantityOf(unit, wire)),
      encode: refused(
        (quantity: Quantity.Quantity): Option.Option<Exact> =>
          quantity.unit === unit ? Option.some(BigDecimal.format(quantity.amount)) : Option.none(),
        `give an amount of ${unit}`
      )
    })
  )

/** An exact decimal whose unit is in another field. */
export const Decimal = declare(isExact, "expected a number that can be read exactly").pipe(
  Schema.decodeTo(declare(BigDecimal.isBigDecimal, "give a BigDecimal"), {
    decode: SchemaGetter.transform(decimalOf),
    encode: SchemaGetter.transform((decimal: BigDecimal.BigDecimal): Exact => BigDecimal.format(decimal))
  })
)

/** A value, or empty text for an absent one. */
export const orBlank = <S extends Schema.Constraint>(schema: S) => Schema.Union([schema, Schema.Literal("")])

/** Money in yuan, possibly finer than a fen. */
export const Yuan = decimal("CNY")

/** Secret text. The operation has to list its field under `secret`. */
export const Secret = declare(
  (value): value is Redacted.Redacted<string> =>
    Redacted.isRedacted(value) && typeof Redacted.value(value) === "string",
  "expected a secret text"
)
