/**
 * Money on the wire: fen and yuan, exact in both directions.
 */
import { Json, Quantity } from "@cloud-quota/core"
import { assert, describe, it } from "@effect/vitest"
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import { Result, Schema } from "effect"
import { readFileSync } from "node:fs"

interface Vector {
  readonly text: string
  readonly exactFen: string | null
}

const file = readFileSync(new URL("vectors/money.json", import.meta.url), "utf8")
const { vectors } = JSON.parse(file) as { readonly vectors: ReadonlyArray<Vector> }

const fromYuan = Schema.decodeUnknownResult(Lenient.Yuan)
const fromFen = Schema.decodeUnknownResult(Lenient.Fen)
const toFen = Schema.encodeUnknownResult(Lenient.Fen)

const fenOf = (wire: unknown) =>
  fromYuan(wire).pipe(
    Result.getOrThrow,
    toFen,
    Result.getOrElse(() => null)
  )

describe("yuan", () => {
  it.each(vectors)("$text is $exactFen fen, as text and as a JSON number", ({ exactFen, text }) => {
    const fen = exactFen === null ? null : BigInt(exactFen)
    assert.strictEqual(fenOf(text), fen)
    assert.strictEqual(fenOf(Result.getOrThrow(Json.parse(text))), fen)
  })

  it("keeps what is finer than a fen", () => {
    assert.strictEqual(String(Result.getOrThrow(fromYuan("4.69928"))), "4.69928 CNY")
    assert.strictEqual(String(Result.getOrThrow(fromYuan(4.69928))), "4.69928 CNY")
  })

  it.each(["", " ", "abc", "1,000.00", "0x10", "1.", ".5", "--1", "1e999", "NaN", "十"])(
    "refuses %j",
    (text) => {
      assert.isTrue(Result.isFailure(fromYuan(text)))
    }
  )

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53 + 2, null, undefined, {}, [], true])(
    "refuses %s",
    (wire) => {
      assert.isTrue(Result.isFailure(fromYuan(wire)))
    }
  )
})

describe("fen", () => {
  it.each([
    [100000, "1000.00 CNY"],
    [0, "0.00 CNY"],
    [-1, "-0.01 CNY"],
    [9223372036854775807n, "92233720368547758.07 CNY"],
    ["80000", "800.00 CNY"]
  ])("%s fen are %s", (wire, text) => {
    const quantity = Result.getOrThrow(fromFen(wire))
    assert.strictEqual(String(quantity), text)
    assert.strictEqual(Result.getOrThrow(toFen(quantity)), BigInt(wire))
  })

  it.each([0.5, 2 ** 53, Number.NaN, "1.5", "1e2", "", " 1", null, {}, true])("refuses %s", (wire) => {
    assert.isTrue(Result.isFailure(fromFen(wire)))
  })

  it("refuses to round, and names the remedy", () => {
    const refused = toFen(Quantity.cny("4.699"))
    assert.include(
      Result.isFailure(refused) && `${refused.failure}`,
      "give CNY in whole fen: round it to 0.01 CNY first"
    )
    assert.isTrue(Result.isFailure(toFen(Quantity.minutes(1n))))
  })
})
