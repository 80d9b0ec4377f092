/**
 * Reading fields: what is taken, what is refused, and that no digit is lost.
 */
import { assert, describe, it } from "@effect/vitest"
import { Json, Quantity } from "@cloud-quota/core"
import { Decode } from "@cloud-quota/core/adapter"
import { Arbitrary, BigDecimal, DateTime, Equal, Result, Schema } from "effect"

const parsed = (text: string) => Result.getOrThrow(Json.parse(text))
const value = <A>(decoder: Decode.Decoder<A>, wire: unknown): A => Result.getOrThrow(decoder(wire))
const refuses = (decoder: Decode.Decoder<unknown>, wires: ReadonlyArray<unknown>) => {
  for (const wire of wires) assert.isTrue(Result.isFailure(decoder(wire)), String(wire))
}

describe("Decode", () => {
  it("keeps every digit of a decimal, however it is written", () => {
    for (const text of [
      "0.1",
      "-0.30",
      "123456789012345678901.123456789012345678",
      "1e-7",
      "9007199254740993"
    ]) {
      const exact = BigDecimal.fromStringUnsafe(text)
      for (const wire of [parsed(text), text, `+${text}`.replace("+-", "-")]) {
        assert.isTrue(BigDecimal.equals(value(Decode.decimal, wire), exact), text)
      }
    }
    refuses(Decode.decimal, ["", " ", "1,5", "1.", ".5", "0x10", "NaN", "1e999", Number.NaN, null, {}, true])
  })

  it.prop(
    "takes every amount of money as it stands in the JSON",
    [Arbitrary.schema(Schema.String.check(Schema.isPattern(/^-?[1-9]\d{0,25}\.\d{1,20}$/)))],
    ([text]) => {
      const amount = value(Decode.quantity("CNY"), parsed(text))
      assert.isTrue(Equal.equals(amount, Quantity.cny(text)))
    }
  )

  it("takes a moment with its zone, and none without", () => {
    const iso = (wire: unknown) => DateTime.formatIso(value(Decode.time, wire))
    assert.strictEqual(iso("2021-01-10T08:43:17Z"), "2021-01-10T08:43:17.000Z")
    assert.strictEqual(iso("2021-01-10T08:43:17.5+08:00"), "2021-01-10T00:43:17.500Z")
    assert.strictEqual(iso("2024-02-29T00:00:00+08:00"), "2024-02-28T16:00:00.000Z")
    refuses(Decode.time, [
      "2021-01-10T08:43:17",
      "2021-01-10",
      "2021-13-10T08:43:17Z",
      "2021-02-29T08:43:17Z",
      "soon",
      "",
      1_600_000_000,
      null
    ])
    assert.strictEqual(
      DateTime.formatIso(value(Decode.unixSeconds, 1_788_307_200)),
      "2026-09-02T00:00:00.000Z"
    )
    refuses(Decode.unixSeconds, [-1, 1.5, 1_788_307_200_000, "soon"])
  })

  it("takes whole numbers as numbers and as text, and no others", () => {
    assert.strictEqual(value(Decode.integer, "-7"), -7)
    assert.strictEqual(value(Decode.count, 0), 0)
    refuses(Decode.integer, [1.5, "1.5", "7a", 2 ** 53, 9007199254740993n, true, null])
    refuses(Decode.count, [-1, "-1"])
  })

  it("tells truth values, texts and objects from what is like them", () => {
    assert.deepStrictEqual(
      [true, "true", "No"].map((wire) => value(Decode.boolean, wire)),
      [true, true, false]
    )
    refuses(Decode.boolean, [1, 0, "1", "", null])
    assert.strictEqual(value(Decode.text, 9007199254740993n), "9007199254740993")
    refuses(Decode.text, [true, null, {}, []])
    refuses(Decode.id, ["", null])
    refuses(Decode.fields, [null, [], "x", parsed("123456789012345678901.5")])
  })

  it("takes null for absent, and says which field is wrong", () => {
    const row = { a: null, b: "x" }
    assert.isUndefined(Result.getOrThrow(Decode.optional(row, "a", Decode.integer)))
    assert.isUndefined(Result.getOrThrow(Decode.optional(row, "c", Decode.integer)))
    assert.deepStrictEqual(Decode.optional(row, "b", Decode.integer), Result.fail("b is not a whole number"))
    assert.deepStrictEqual(Decode.required(row, "a", Decode.text), Result.fail("a is missing"))
    assert.deepStrictEqual(Decode.defined({ x: undefined, y: 0 }), { y: 0 })
    assert.isUndefined(value(Decode.unlessEmpty(Decode.time), ""))
  })

  it("takes an absent list for an empty one, and says which item is wrong", () => {
    const item = (row: Decode.Fields) => Decode.required(row, "id", Decode.id)
    assert.deepStrictEqual(Decode.list({ rows: null }, "rows", item), Result.succeed([]))
    assert.deepStrictEqual(Decode.list({ rows: [{ id: "a" }] }, "rows", item), Result.succeed(["a"]))
    assert.deepStrictEqual(
      Decode.list({ rows: [{ id: "a" }, {}] }, "rows", item),
      Result.fail("rows[1]: id is missing")
    )
    assert.deepStrictEqual(Decode.list({ rows: {} }, "rows", item), Result.fail("rows is not a list"))
    assert.deepStrictEqual(Decode.listOf({ rows: ["a", 5] }, "rows", Decode.text), Result.succeed(["a", "5"]))
  })

  it("gives amounts their unit", () => {
    assert.isTrue(Quantity.isQuantity(value(Decode.quantity("minute"), 17.48)))
    assert.strictEqual(String(value(Decode.quantity("minute"), 17.48)), "17.48 min")
  })
})
