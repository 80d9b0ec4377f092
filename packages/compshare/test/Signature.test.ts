/**
 * Signing: everything that the vendor's own signer gave, and everything that must be refused.
 */
import { Json } from "@cloud-quota/core"
import { assert, describe, it } from "@effect/vitest"
import { Redacted, Result } from "effect"
import { readFileSync } from "node:fs"
import * as Signature from "@cloud-quota/compshare/Signature"
import { assertLike } from "../../../test/support/like.ts"

interface Vector {
  readonly name: string
  readonly params: Signature.Params
  readonly publicKey: string | null
  readonly privateKey: string
  readonly encoded: Readonly<Record<string, string>> | null
  readonly stringToSign: string
  readonly expectedSignature: string
}

const file = readFileSync(new URL("vectors/compshare-signature.json", import.meta.url), "utf8")
const { vectors } = Result.getOrThrow(Json.parse(file)) as { readonly vectors: ReadonlyArray<Vector> }

describe("the vendor's vectors", () => {
  it.each(vectors)("$name", ({ encoded, expectedSignature, params, privateKey, publicKey, stringToSign }) => {
    const signed = { ...params, PublicKey: publicKey }
    if (encoded !== null) assert.deepStrictEqual(Signature.flatten(signed), encoded)
    assert.strictEqual(Signature.stringToSign(signed) + privateKey, stringToSign)
    assert.strictEqual(Signature.sign(signed, privateKey), expectedSignature)
    assert.strictEqual(Signature.sign(signed, Redacted.make(privateKey)), expectedSignature)
    // What is sent is what was signed.
    assert.strictEqual(Signature.sign(Signature.flatten(signed), privateKey), expectedSignature)
  })

  it("are all there, and keep their digits", () => {
    assert.isAtLeast(vectors.length, 23)
    assert.strictEqual(vectors.find(({ name }) => name === "int64-max")?.params["Big"], 9223372036854775807n)
  })
})

describe("flatten", () => {
  it.each([
    [1e21, "1000000000000000000000"],
    [1e-7, "0.0000001"],
    [-1.5e-10, "-0.00000000015"],
    [0.1, "0.1"],
    [-0, "0"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    [-7, "-7"],
    [9223372036854775807n, "9223372036854775807"],
    [true, "true"],
    [false, "false"],
    ["", ""],
    ["张三 +&=", "张三 +&="]
  ])("writes %s as %s", (value, text) => {
    assert.deepStrictEqual(Signature.flatten({ X: value }), { X: text })
  })

  it("counts lists from zero, leaves absent parameters out, and lets empty lists vanish", () => {
    assert.deepStrictEqual(
      Signature.flatten({ A: [1, 2], B: null, C: undefined, D: [], E: {}, F: [{ G: "x", H: { I: true } }] }),
      { "A.0": "1", "A.1": "2", "F.0.G": "x", "F.0.H.I": "true" }
    )
  })

  it.each<[string, unknown, string]>([
    ["NaN", { X: Number.NaN }, "X"],
    ["Infinity", { X: { Y: Number.POSITIVE_INFINITY } }, "X.Y"],
    ["a number that may have lost digits", { X: 2 ** 53 + 2 }, "X"],
    ["a nested null", { X: [1, null] }, "X.1"],
    ["a nested undefined", { X: { Y: undefined } }, "X.Y"],
    ["a hole in a list", { X: new Array(1) }, "X.0"],
    ["a list in a list", { X: [["a", "b"]] }, "X.0"],
    ["a date", { X: new Date(0) }, "X"],
    ["a map", { X: new Map() }, "X"],
    ["a function", { X: () => 1 }, "X"],
    ["a symbol", { X: Symbol("s") }, "X"],
    ["one name in two spellings", { "X.0": "a", X: ["b"] }, "X.0"]
  ])("refuses %s and names it", (_, params, key) => {
    let thrown: unknown
    try {
      Signature.flatten(params as Signature.Params)
    } catch (error) {
      thrown = error
    }
    assert.instanceOf(thrown, Signature.ParamError)
    assert.instanceOf(thrown, Error)
    assertLike(thrown, { key })
    assert.include(thrown.message, `${key}: `)
  })
})

describe("stringToSign", () => {
  it("sorts by the bytes of the key", () => {
    // UTF-16 order would put the emoji (a surrogate pair) before the private-use letter.
    const privateUse = String.fromCodePoint(0xe000)
    assert.strictEqual(
      Signature.stringToSign({ "😀": "4", [privateUse]: "3", b: "2", B: "1" }),
      `B1b2${privateUse}3😀4`
    )
    assert.match(
      Signature.stringToSign({ A: Array.from({ length: 11 }, () => "x") }),
      /^A\.0xA\.1xA\.10xA\.2x/
    )
  })
})
