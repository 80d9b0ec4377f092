import { assert, describe, it } from "@effect/vitest"
import stringWidth from "string-width"
import * as Bar from "../src/Bar.ts"
import * as Colour from "../src/Colour.ts"
import * as Table from "../src/Table.ts"
import * as Text from "../src/Text.ts"
import { makeDice } from "../../../simulation/random.ts"

const column = (
  name: string,
  cells: ReadonlyArray<string>,
  more: Partial<Table.Column> = {}
): Table.Column => ({
  name,
  cells,
  align: "left",
  cuttable: true,
  ...more
})

const amount = (name: string, cells: ReadonlyArray<string>) =>
  column(name, cells, { align: "right", cuttable: false })

const lines = (text: string): ReadonlyArray<string> => text.split("\n").slice(0, -1)

describe("Table", () => {
  it("lines columns up by the width that terminals give to characters", () => {
    const { text } = Table.render([
      column("name", ["王思远", "Jack", "é👩‍👧"]),
      amount("limit", ["700.00 CNY", "2.00 CNY", ""])
    ])
    assert.deepStrictEqual(lines(text), [
      "name         limit",
      "王思远  700.00 CNY",
      "Jack      2.00 CNY",
      "é👩‍👧"
    ])
  })

  it("cuts texts before anything else, the longest first, and never an amount", () => {
    const { spared, text } = Table.render(
      [
        column("id", ["0123456789abcdef0123456789abcdef"]),
        column("short", ["short"]),
        amount("sum", ["123456789.00 CNY"])
      ],
      { width: 42, spare: ["short"] }
    )
    assert.deepStrictEqual(spared, [])
    assert.deepStrictEqual(lines(text)[1], "0123456789abcdef…  short  123456789.00 CNY")
  })

  it("spares columns in their order when cutting is not enough", () => {
    const columns = [
      column("a", ["x".repeat(40)]),
      column("b", ["y".repeat(40)]),
      amount("c", ["1234567890"])
    ]
    const { spared, text } = Table.render(columns, { width: 20, spare: ["missing", "b"] })
    assert.deepStrictEqual(spared, ["b"])
    assert.deepStrictEqual(lines(text), ["a                  c", "xxxxxxx…  1234567890"])
  })

  it("writes each row below itself where nothing else fits", () => {
    const columns = [column("a", ["x".repeat(40), "y"]), amount("limit", ["123456789012345.00 CNY", ""])]
    const { text } = Table.render(columns, { width: 20 })
    assert.deepStrictEqual(lines(text), [
      "a      xxxxxxxxxxxx…",
      "limit  123456789012345.00 CNY",
      "",
      "a      y"
    ])
  })

  it("fits every width that its amounts leave room for", () => {
    const dice = makeDice(7)
    const words: readonly [string, ...Array<string>] = [
      "王思远(Robotics)",
      "a",
      "0123456789abcdef0123456789abcdef",
      "",
      "徐梓萱",
      "👍🏽 ok"
    ]
    for (let round = 0; round < 500; round++) {
      const rows = dice.between(1, 5)
      const columns = Array.from({ length: dice.between(1, 6) }, (_, index) =>
        dice.between(0, 2) === 0
          ? amount(
              `n${index}`,
              Array.from({ length: rows }, () => String(dice.between(0, 1_000_000)))
            )
          : column(
              `t${index}`,
              Array.from({ length: rows }, () => dice.pick(words))
            )
      )
      const width = dice.between(40, 120)
      const { text } = Table.render(columns, { width, spare: columns.map(({ name }) => name) })
      for (const line of lines(text)) assert.isAtMost(stringWidth(line), width, `round ${round}: ${line}`)
    }
  })
})

describe("Text", () => {
  it("lets no text steer the terminal", () => {
    assert.strictEqual(
      Text.oneLine("a\u001b[2Jb\r\nc\u202ed\u0000"),
      String.raw`a\u001b[2Jb\r\nc\u202ed\u0000`
    )
    assert.strictEqual(Text.lines("a\u001b]0;x\u0007\nb\rc"), "a\\u001b]0;x\\u0007\nb\\rc")
  })

  it("cuts between characters, and counts wide ones twice", () => {
    assert.strictEqual(Text.truncate("王思远", 6), "王思远")
    assert.strictEqual(Text.truncate("王思远", 5), "王思…")
    assert.strictEqual(Text.truncate("王思远", 4), "王…")
    assert.strictEqual(Text.truncate("👩‍👧👩‍👧", 3), "👩‍👧…")
  })
})

describe("Bar", () => {
  it("is full, and says 100%, only when everything is used", () => {
    assert.strictEqual(Bar.bar(0), "░░░░░░░░░░   0%")
    assert.strictEqual(Bar.bar(0.58), "██████░░░░  58%")
    assert.strictEqual(Bar.bar(0.9999), "█████████░  99%")
    assert.strictEqual(Bar.bar(1), "██████████ 100%")
    assert.strictEqual(Bar.bar(1.5), "██████████ 150%")
    assert.strictEqual(Bar.bar(Number.POSITIVE_INFINITY), "██████████>999%")
    for (const share of [0, 0.3, 0.999, 1, 7, 1e9]) assert.strictEqual(stringWidth(Bar.bar(share)), Bar.width)
  })
})

describe("Colour", () => {
  it("is for terminals, unless somebody says otherwise", () => {
    assert.isTrue(Colour.isWanted(true, {}))
    assert.isFalse(Colour.isWanted(false, {}))
    assert.isFalse(Colour.isWanted(true, { NO_COLOR: "1", FORCE_COLOR: "1" }))
    assert.isTrue(Colour.isWanted(true, { NO_COLOR: "" }))
    assert.isTrue(Colour.isWanted(false, { FORCE_COLOR: "1" }))
    assert.isFalse(Colour.isWanted(false, { FORCE_COLOR: "0" }))
    assert.isFalse(Colour.isWanted(true, { TERM: "dumb" }))
  })
})
