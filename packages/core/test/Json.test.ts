/**
 * JSON without losing a digit: what a double cannot give back comes as a bigint or a BigDecimal.
 */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Equal, Result, Schema } from "effect"
import * as Json from "@cloud-quota/core/Json"

const parsed = (text: string): unknown => Result.getOrThrow(Json.parse(text))
const refusal = (text: string): string => {
  const result = Json.parse(text)
  return Result.isFailure(result) ? result.failure.message : `parsed ${text.slice(0, 40)}`
}
const decimal = (text: string) => BigDecimal.fromStringUnsafe(text)

describe("integers", () => {
  it("are numbers as far as a double is exact, and bigints beyond", () => {
    assert.strictEqual(parsed("0"), 0)
    assert.strictEqual(parsed("-42"), -42)
    assert.strictEqual(parsed("9007199254740991"), 9007199254740991)
    assert.strictEqual(parsed("9007199254740992"), 9007199254740992n)
    assert.strictEqual(parsed("9007199254740993"), 9007199254740993n)
    assert.strictEqual(parsed("-9007199254740993"), -9007199254740993n)
    assert.strictEqual(parsed("9223372036854775807"), 9223372036854775807n)
    assert.strictEqual(parsed("1e20"), 100000000000000000000n)
    assert.strictEqual(parsed("1e3"), 1000)
  })

  it.prop("of 64 bits keep every digit", [Schema.BigInt], ([drawn]) => {
    const value = BigInt.asIntN(64, drawn * 0x9e3779b97f4a7c15n)
    const seen = parsed(`{"Amount": ${value}}`) as { readonly Amount: number | bigint }
    assert.strictEqual(BigInt(seen.Amount), value)
    assert.strictEqual(typeof seen.Amount, Number.isSafeInteger(Number(value)) ? "number" : "bigint")
  })
})

describe("fractions", () => {
  it("are numbers where the double prints as what was written", () => {
    assert.strictEqual(parsed("4.69928"), 4.69928)
    assert.strictEqual(parsed("235.50"), 235.5)
    assert.strictEqual(parsed("0.1"), 0.1)
    assert.strictEqual(parsed("1.0"), 1)
  })

  it("are decimals where the double would lose digits", () => {
    for (const text of ["0.1000000000000000055", "12345678901234567.89", "1e-400"]) {
      assert.isTrue(Equal.equals(parsed(text), decimal(text)), text)
    }
  })

  it.prop("keep every digit, as numbers or as decimals", [Schema.Int, Schema.Int], ([left, right]) => {
    const text = `${left}.${Math.abs(right)}`
    const seen = parsed(text)
    const exact = typeof seen === "number" ? decimal(String(seen)) : seen
    assert.isTrue(BigDecimal.isBigDecimal(exact) && BigDecimal.equals(exact, decimal(text)), text)
  })
})

describe("what a double cannot hold", () => {
  it("is exact up to 400 digits, rather than Infinity", () => {
    assert.strictEqual(parsed("1e400"), 10n ** 400n)
  })

  it("is refused beyond, before it costs memory", () => {
    for (const text of [
      "1e401",
      "[1e999999999]",
      "-1e-999999999",
      "1e99999999999999999999",
      "9".repeat(401)
    ]) {
      assert.strictEqual(refusal(text), "a number in the JSON has too many digits to be read exactly")
    }
  })
})

describe("everything else", () => {
  it("is as it always was", () => {
    assert.deepStrictEqual(parsed('{"a":[true,null,"1e999",{}],"b":"é"}'), {
      a: [true, null, "1e999", {}],
      b: "é"
    })
  })

  it("does not touch a prototype", () => {
    const seen = parsed('{"__proto__": {"admin": true}}')
    assert.isUndefined((seen as { readonly admin?: boolean }).admin)
  })

  it("tells the kind of the mistake, and never quotes the text", () => {
    assert.strictEqual(refusal('{"Signature":"s3cret"'), "not valid JSON (21 characters)")
    assert.strictEqual(refusal(""), "not valid JSON (0 characters)")
    assert.strictEqual(refusal("<html>s3cret</html>"), "not valid JSON (19 characters)")
  })
})

describe("a text that would keep the process busy", () => {
  const many = (part: string, count: number) => `[${part.repeat(count)}0]`

  it("is refused for its shape, before it is parsed", () => {
    assert.strictEqual(refusal("[".repeat(10_000_000)), "the JSON is nested more than 100 levels deep")
    assert.strictEqual(refusal(many('{"a":', 101)), "the JSON is nested more than 100 levels deep")
    assert.strictEqual(refusal(many("{},", 2_500_001)), "the JSON has more than 5000000 values")
    assert.strictEqual(refusal(many("1,", 5_000_001)), "the JSON has more than 5000000 values")
    assert.strictEqual(refusal(many("1e399,", 25_000)), "the JSON has too many long numbers")
    assert.strictEqual(refusal(many(`${"1".repeat(399)},`, 25_063)), "the JSON has too many long numbers")
  })

  it("is read where it is as large as an answer can be, with one number that has to be exact", () => {
    const row = '{"id":"60001","amount":235.50,"used":0,"name":"\\"\\\\"},'
    const rows = parsed(`[${row.repeat(500_000)}{"id":12345678901234567890}]`) as ReadonlyArray<
      Readonly<Record<string, unknown>>
    >
    assert.strictEqual(rows.length, 500_001)
    assert.deepStrictEqual(rows[0], { id: "60001", amount: 235.5, used: 0, name: '"\\' })
    assert.strictEqual(rows.at(-1)?.["id"], 12345678901234567890n)
  })
})

describe("numbers that have to be exact", () => {
  it("are found wherever a number can be, and nowhere else", () => {
    const long = "12345678901234567890"
    assert.deepStrictEqual(parsed(`{"a":[${long},-${long}],"__proto__":${long},"b\\"":"${long}, \\\\"}`), {
      a: [12345678901234567890n, -12345678901234567890n],
      ["__proto__"]: 12345678901234567890n,
      'b"': `${long}, \\`
    })
    assert.strictEqual(parsed(` ${long} `), 12345678901234567890n)
    for (const text of [
      `{${long}:1}`,
      `[${long}${'"a"'}]`,
      `[0${long}]`,
      `[${long}.]`,
      `[+${long}]`,
      `"${long}`
    ]) {
      assert.match(refusal(text), /^not valid JSON/, text)
    }
  })

  it.prop("are all that differs from JSON.parse", [Schema.Json], ([value]) => {
    const text = JSON.stringify(value)
    const plain: unknown = JSON.parse(text, (_key, item) => (typeof item === "number" ? "a number" : item))
    const exact = JSON.stringify(parsed(text), (_key, item) =>
      typeof item === "number" || typeof item === "bigint" || BigDecimal.isBigDecimal(item)
        ? "a number"
        : item
    )
    assert.deepStrictEqual(JSON.parse(exact), plain)
  })
})
