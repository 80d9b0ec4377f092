/**
 * Other people's text: no character of it misleads, and none that is harmless is changed.
 */
import { assert, describe, it } from "@effect/vitest"
import { CloudQuotaError, ProviderFailed } from "@cloud-quota/core/CloudQuotaError"
import { ConfigFileError } from "@cloud-quota/core/ConfigFileError"
import * as SafeText from "@cloud-quota/core/SafeText"

const misleading = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index),
  ...[0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028],
  ...[0x2029, 0x202a, 0x202e, 0x2060, 0x2064, 0x2066, 0x2069, 0x3164, 0xfeff, 0xffa0, 0xfff9, 0xe0041]
]

describe("text", () => {
  it("shows what has no shape of its own, breaks lines or turns them around", () => {
    for (const code of misleading) {
      const shown = SafeText.visible(`a${String.fromCodePoint(code)}b`)
      assert.match(shown, /^a\\[\x21-\x7e]+b$/, `U+${code.toString(16)}`)
    }
    assert.strictEqual(SafeText.visible("a\r\nb\t\u0085\ud800"), String.raw`a\r\nb\t\u0085\ud800`)
    assert.strictEqual(SafeText.visible("\u{e0041}"), String.raw`\udb40\udc41`)
  })

  it("leaves everything else as it is", () => {
    for (const text of [
      "王思远 Ada",
      "é e\u0301",
      "👩‍👧 ❤️ 👩🏽‍💻",
      "می‌خواهم",
      "葛\u{e0100}",
      "क्‍ष",
      "\u00a0 €",
      ""
    ]) {
      assert.strictEqual(SafeText.visible(text), text)
      assert.strictEqual(SafeText.json(JSON.stringify(text)), JSON.stringify(text))
    }
  })

  it("is the same value in JSON, without such a character in it", () => {
    const value = {
      name: misleading.map((code) => `x${String.fromCodePoint(code)}`).join(""),
      list: ["\u2028"]
    }
    const json = SafeText.json(JSON.stringify(value, undefined, 2))
    assert.deepStrictEqual(JSON.parse(json), value)
    assert.match(json, /^[\n\x20-\x7e]*$/)
    assert.include(json, "\n")
  })

  it("of several lines keeps its lines", () => {
    assert.strictEqual(SafeText.document("a\tb\r\n\u001b\u202e\n"), "a\tb\r\n\\u001b\\u202e\n")
  })

  it("takes time that grows with its length alone", () => {
    const text = "\u200d\u200b a\u0301\u200d".repeat(200_000)
    assert.isAbove(SafeText.visible(text).length, text.length)
  })
})

describe("errors", () => {
  it("are one line, whatever a provider says", () => {
    const reason = new ProviderFailed({ message: "no\nmoney: moved\u202e" })
    const error = new CloudQuotaError({
      provider: "a",
      operation: "b",
      money: "not-moved",
      requestId: "\u009b2J",
      reason
    })
    assert.strictEqual(error.message, String.raw`a b: no\nmoney: moved\u202e (request \u009b2J)`)
  })

  it("have a line for each issue of a configuration, and no other", () => {
    const issues = [{ field: "people.a\nb", message: "no", line: 1, column: 2 }]
    assert.strictEqual(
      new ConfigFileError({ file: "x\ny", issues }).message,
      String.raw`x\ny:1:2 people.a\nb: no`
    )
  })
})
