/**
 * Exact amounts: how they are read, printed, rounded and combined.
 */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, BigDecimal, Equal, Hash, Result, Schema } from "effect"
import * as Quantity from "@cloud-quota/core/Quantity"

const parsed = (text: string): Quantity.Quantity => Result.getOrThrow(Quantity.parse(text))

/** Draws any amount of up to 25 digits, up to 12 of them behind the point. */
const Value = Schema.BigInt.pipe(
  Schema.check(Schema.isBetweenBigInt({ minimum: -(10n ** 25n), maximum: 10n ** 25n }))
)
const Scale = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 12 })))

const units = ["CNY", "count", "minute", "GPU-hour"] as const

describe("a whole number of decimal places", () => {
  it.prop(
    "is the same quantity as its decimal, field by field",
    [Arbitrary.schema(Value), Arbitrary.schema(Scale)],
    ([value, scale]) => {
      const quantity = Quantity.scaled("CNY", value, scale)
      const exact = BigDecimal.make(value, scale)
      assert.isTrue(BigDecimal.equals(quantity.amount, exact))
      assert.deepStrictEqual(quantity, Quantity.cny(exact))
      if (Number.isSafeInteger(Number(value))) {
        assert.deepStrictEqual(quantity, Quantity.scaled("CNY", Number(value), scale))
      }
    }
  )

  it("knows no negative zero, and refuses a number that has lost digits", () => {
    assert.deepStrictEqual(Quantity.scaled("CNY", -0, 2), Quantity.scaled("CNY", 0n, 2))
    assert.throws(() => Quantity.scaled("CNY", 2 ** 53, 2), RangeError, "give it as a bigint")
    assert.throws(() => Quantity.scaled("CNY", 0.5, 2), RangeError)
  })
})

describe("printing and reading", () => {
  it("prints money with two digits, and with more where it is finer", () => {
    assert.strictEqual(String(Quantity.cny(500)), "500.00 CNY")
    assert.strictEqual(String(Quantity.cny("235.5")), "235.50 CNY")
    assert.strictEqual(String(Quantity.cny("4.69928")), "4.69928 CNY")
    assert.strictEqual(String(Quantity.cny("4.6900")), "4.69 CNY")
    assert.strictEqual(String(Quantity.cny("-0.01")), "-0.01 CNY")
    assert.strictEqual(String(Quantity.minutes("60.50")), "60.5 min")
    assert.strictEqual(String(Quantity.count(3)), "3")
    assert.strictEqual(String(Quantity.make("GPU-hour", "1.25")), "1.25 GPU-hour")
  })

  it("never uses an exponent", () => {
    const long = "123456789012345678901234567890"
    assert.strictEqual(String(Quantity.count(BigInt(long))), long)
    assert.strictEqual(String(Quantity.cny(10n ** 30n)), `1${"0".repeat(30)}.00 CNY`)
    assert.strictEqual(String(Quantity.cny(`0.${"0".repeat(29)}1`)), `0.${"0".repeat(29)}1 CNY`)
    assert.strictEqual(
      JSON.stringify(Quantity.make("count", BigDecimal.make(7n, -25))),
      `{"unit":"count","amount":"7${"0".repeat(25)}"}`
    )
  })

  it("reads units in the spellings that people use", () => {
    for (const text of ["500 CNY", "500cny", " +500.00  Cny "])
      assert.isTrue(Equal.equals(parsed(text), Quantity.cny(500)))
    for (const text of ["60 min", "60 minute", "60 minutes"])
      assert.isTrue(Equal.equals(parsed(text), Quantity.minutes(60)))
    for (const text of ["3", "3 count"]) assert.isTrue(Equal.equals(parsed(text), Quantity.count(3)))
  })

  it("refuses what is not a plain decimal number, and says what would be one", () => {
    for (const text of [
      "",
      "CNY",
      "1e3 CNY",
      "1,000 CNY",
      "١٢ CNY",
      "1.",
      ".5",
      "--1",
      "1 2",
      "NaN",
      "1".repeat(41)
    ]) {
      const result = Quantity.parse(text)
      assert.isTrue(Result.isFailure(result), text)
      assert.match(
        Result.isFailure(result) ? result.failure.message : "",
        /is not a quantity: write a decimal number and a unit as text, as "500 CNY", "60 min" or "3"$/
      )
    }
  })

  it("refuses what is neither a quantity nor a text, as JavaScript lets through", () => {
    const untyped: ReadonlyArray<unknown> = [undefined, null, 5, {}]
    for (const wrong of untyped) {
      assert.isTrue(Result.isFailure(Quantity.from(wrong as string)), String(wrong))
    }
  })

  it("keeps a long refused text out of the message", () => {
    const result = Quantity.parse("x".repeat(1000))
    assert.isBelow(Result.isFailure(result) ? result.failure.message.length : 1000, 200)
  })

  it.prop("reads back what it prints, in every unit", [Value, Scale], ([value, scale]) => {
    for (const unit of units) {
      const quantity = Quantity.make(unit, BigDecimal.make(value, scale))
      const again = parsed(String(quantity))
      assert.isTrue(Equal.equals(again, quantity), String(quantity))
      assert.strictEqual(Hash.hash(again), Hash.hash(quantity))
    }
  })

  it.prop("keeps every digit in JSON", [Value, Scale], ([value, scale]) => {
    const quantity = Quantity.cny(BigDecimal.make(value, scale))
    const { amount, unit } = JSON.parse(JSON.stringify(quantity)) as ReturnType<Quantity.Quantity["toJSON"]>
    assert.isTrue(Equal.equals(Quantity.make(unit, amount), quantity))
  })
})

describe("making", () => {
  it("takes numbers only where they are exact integers", () => {
    assert.throws(() => Quantity.cny(0.1), RangeError, 'write the amount as text, as "0.10"')
    assert.throws(() => Quantity.count(2 ** 53), RangeError, "is not an exact integer")
    assert.throws(() => Quantity.count(Number.NaN), RangeError)
    assert.throws(() => Quantity.count(Number.POSITIVE_INFINITY), RangeError)
    assert.throws(() => Quantity.cny("1e2"), RangeError, "is not a quantity")
    assert.strictEqual(String(Quantity.count(2 ** 53 - 1)), "9007199254740991")
  })

  it("compares by value, whatever the number of digits, and never across units", () => {
    assert.isTrue(Equal.equals(Quantity.cny("1.0"), Quantity.cny(1)))
    assert.strictEqual(Hash.hash(Quantity.cny("1.0")), Hash.hash(Quantity.cny(1)))
    assert.isFalse(Equal.equals(Quantity.count(1), Quantity.minutes(1)))
  })
})

describe("arithmetic", () => {
  it("is exact where floats are not", () => {
    assert.strictEqual(String(Quantity.sum(Quantity.cny("0.1"), Quantity.cny("0.2"))), "0.30 CNY")
    assert.strictEqual(String(Quantity.subtract(Quantity.cny("0.3"), Quantity.cny("0.1"))), "0.20 CNY")
    assert.strictEqual(String(Quantity.multiply(Quantity.cny("4.69928"), "0.07")), "0.3289496 CNY")
    assert.strictEqual(String(Quantity.abs(Quantity.negate(Quantity.count(3)))), "3")
  })

  const int = (minimum: number, maximum: number) =>
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))
  const largest = Number.MAX_SAFE_INTEGER
  const unscaled = Schema.Union([
    int(-20_000, 20_000),
    int(-largest, largest),
    int(largest - 9, largest),
    Schema.BigInt
  ])
  const scale = Schema.Union([int(0, 1), int(-3, 25)])

  it.prop("is that of decimals, however an amount is held", [unscaled, scale, unscaled, scale], (drawn) => {
    const [left, leftScale, right, rightScale] = drawn
    const [self, that] = [
      BigDecimal.make(BigInt(left), leftScale),
      BigDecimal.make(BigInt(right), rightScale)
    ]
    const [some, other] = [Quantity.cny(self), Quantity.cny(that)]
    const decimals = (amount: BigDecimal.BigDecimal) => BigDecimal.normalize(amount)
    assert.deepStrictEqual(decimals(Quantity.sum(some, other).amount), decimals(BigDecimal.sum(self, that)))
    assert.deepStrictEqual(
      decimals(Quantity.subtract(some, other).amount),
      decimals(BigDecimal.subtract(self, that))
    )
    assert.strictEqual(Quantity.Order(some, other), BigDecimal.Order(self, that))
    assert.strictEqual(Quantity.isNegative(some), BigDecimal.isNegative(self))
    assert.strictEqual(Quantity.isZero(some), BigDecimal.isZero(self))
    assert.strictEqual(Quantity.isPositive(some), BigDecimal.isPositive(self))
    if (!BigDecimal.isZero(that)) {
      const share = BigDecimal.toNumberUnsafe(BigDecimal.divideUnsafe(self, that))
      assert.strictEqual(Quantity.share(some, other), share)
    }
    const { amount } = some.toJSON()
    assert.match(amount, /^-?(0|[1-9]\d*)\.\d{2}(\d*[1-9])?$/)
    assert.isTrue(BigDecimal.equals(BigDecimal.fromStringUnsafe(amount), self))
  })

  it("throws where units are mixed, and names both", () => {
    const [money, time] = [Quantity.cny(1), Quantity.minutes(1)]
    const mixed = [
      () => Quantity.sum(money, time),
      () => Quantity.subtract(money, time),
      () => Quantity.Order(money, time),
      () => Quantity.min(money, time),
      () => Quantity.isMultipleOf(money, time),
      () => Quantity.round(money, { step: time, mode: "up" }),
      () => Quantity.share(money, time)
    ]
    for (const combine of mixed)
      assert.throws(combine, Quantity.UnitMismatch, "cannot combine CNY with minute")
  })

  it("orders by value", () => {
    const [less, more] = [Quantity.cny("9.99"), Quantity.cny("10")]
    assert.strictEqual(Quantity.min(more, less), less)
    assert.strictEqual(Quantity.max(more, less), more)
    assert.isTrue(Quantity.isLessThan(less, more))
    assert.isFalse(Quantity.isGreaterThan(less, more))
    assert.strictEqual(Quantity.Order(Quantity.cny("10.00"), more), 0)
  })

  it("tells a share for people: nothing of nothing is 0, something of nothing is infinite", () => {
    assert.strictEqual(Quantity.share(Quantity.count(3), Quantity.count(4)), 0.75)
    assert.strictEqual(Quantity.share(Quantity.count(0), Quantity.count(0)), 0)
    assert.strictEqual(Quantity.share(Quantity.count(1), Quantity.count(0)), Number.POSITIVE_INFINITY)
  })
})

describe("rounding", () => {
  const fen = Quantity.cny("0.01")
  const rounded = (text: string, mode: Quantity.RoundingMode) =>
    String(Quantity.round(Quantity.cny(text), { step: fen, mode }))

  it("goes where the caller says", () => {
    const rows: ReadonlyArray<readonly [string, up: string, down: string, halfUp: string, halfEven: string]> =
      [
        ["4.69928", "4.70", "4.69", "4.70", "4.70"],
        ["4.691", "4.70", "4.69", "4.69", "4.69"],
        ["4.695", "4.70", "4.69", "4.70", "4.70"],
        ["4.685", "4.69", "4.68", "4.69", "4.68"],
        ["4.69", "4.69", "4.69", "4.69", "4.69"],
        ["-4.691", "-4.69", "-4.70", "-4.69", "-4.69"],
        ["-4.695", "-4.69", "-4.70", "-4.69", "-4.70"],
        ["-4.699", "-4.69", "-4.70", "-4.70", "-4.70"]
      ]
    for (const [amount, ...expected] of rows) {
      const modes = ["up", "down", "half-up", "half-even"] as const
      assert.deepStrictEqual(
        modes.map((mode) => rounded(amount, mode)),
        expected.map((text) => `${text} CNY`),
        amount
      )
    }
  })

  it.prop("lands on a step, less than one step away", [Value, Scale], ([value, scale]) => {
    const step = Quantity.cny("0.25")
    const exact = Quantity.cny(BigDecimal.make(value, scale))
    for (const mode of ["up", "down", "half-up", "half-even"] as const) {
      const onStep = Quantity.round(exact, { step, mode })
      assert.isTrue(Quantity.isMultipleOf(onStep, step))
      assert.isTrue(Quantity.isLessThan(Quantity.abs(Quantity.subtract(onStep, exact)), step))
      if (mode === "up") assert.isFalse(Quantity.isLessThan(onStep, exact))
      if (mode === "down") assert.isFalse(Quantity.isGreaterThan(onStep, exact))
    }
  })
})
