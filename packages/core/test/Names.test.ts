/**
 * The names of runs and persons: which spelling each has, and which look alike.
 */
import { assert, describe, it } from "@effect/vitest"
import { key, problem, suggested } from "../src/model/names.ts"

describe("a name", () => {
  const odd: ReadonlyArray<readonly [what: string, odd: string, normal: string]> = [
    ["NFD", "cafe\u0301/1", "caf\u00e9/1"],
    ["NBSP", "top\u00a0up", "top up"],
    ["ideographic space", "top\u3000up", "top up"],
    ["line break", "top\nup", "top up"],
    ["blank at an end", "topup ", "topup"],
    ["non-breaking hyphen", "topup/2026\u201112", "topup/2026-12"],
    ["minus sign", "topup/2026\u221212", "topup/2026-12"],
    ["zero width space", "top\u200bup", "topup"],
    ["zero width joiner", "top\u200dup", "topup"],
    ["byte order mark", "\ufefftopup", "topup"],
    ["soft hyphen", "top\u00adup", "topup"],
    ["right-to-left override", "top\u202eup", "topup"],
    ["variation selector", "topup\ufe0f", "topup"],
    ["Hangul filler", "top\u3164up", "topup"],
    ["Braille blank", "top\u2800up", "topup"],
    ["tag character", "topup\u{e0061}", "topup"],
    ["private use", "topup\ue000", "topup"],
    ["half of a pair", "topup\ud800", "topup"],
    ["not assigned", "topup\u0378", "topup"],
    ["Cyrillic o", "t\u043epup", "topup"],
    ["Greek omicron", "t\u03bfpup", "topup"],
    ["full width", "\uff54\uff4f\uff50\uff55\uff50\uff0f\uff12\uff10\uff12\uff16", "topup/2026"],
    ["mathematical letters", "\u{1d42d}opup", "topup"],
    ["ligature", "o\ufb03ce", "office"]
  ]
  for (const [what, text, normal] of odd) {
    it(`is not ${what}`, () => {
      assert.strictEqual(suggested(text), normal)
      assert.include(problem(text), `write ${JSON.stringify(normal)}`)
      assert.strictEqual(key(text), key(normal))
      assert.strictEqual(problem(normal), undefined)
    })
  }

  for (const text of [
    "topup/2026-12",
    "caf\u00e9 Ω",
    "充值（12月）",
    "зарплата/2026-12",
    "Ada (ops)",
    "a  b",
    "😀",
    "2026–12"
  ]) {
    it(`can be ${text}`, () => {
      assert.strictEqual(problem(text), undefined)
      assert.strictEqual(suggested(text), text)
    })
  }

  it("is in one alphabet word by word, where no spelling can be suggested", () => {
    assert.match(problem("topжup") ?? "", /mixes alphabets in the word "top\\u\{436\}up"/)
  })

  it("shows what cannot be seen", () => {
    assert.match(problem("top\u200bup") ?? "", /^"top\\u\{200b\}up" holds/)
    assert.match(problem("t\u043epup") ?? "", /^"t\\u\{43e\}pup" holds/)
  })

  it("looks like another one that has a whole word in look-alike letters", () => {
    assert.strictEqual(problem("\u0441\u043e\u0440/1"), undefined)
    assert.strictEqual(key("\u0441\u043e\u0440/1"), key("cop/1"))
    assert.notStrictEqual(key("зарплата"), key("зарплаты"))
  })

  it("tells case and punctuation apart", () => {
    assert.notStrictEqual(key("Topup"), key("topup"))
    assert.notStrictEqual(key("topup（1）"), key("topup(1)"))
  })

  it("has a suggestion that is its own suggestion", () => {
    for (const [, text] of odd) assert.strictEqual(suggested(suggested(text)), suggested(text))
    for (let code = 0x20; code < 0x30000; code += 1) {
      if (code >= 0xd800 && code < 0xe000) continue
      const once = suggested(`a${String.fromCodePoint(code)}b`)
      if (suggested(once) !== once) assert.fail(`U+${code.toString(16)}: ${once}`)
    }
  })

  it("has a length", () => {
    assert.match(problem("") ?? "", /1 to 200/)
    assert.match(problem("a".repeat(201)) ?? "", /1 to 200/)
    assert.match(problem("\u200b") ?? "", /1 to 200/)
    assert.match(problem(5) ?? "", /as text/)
  })
})
