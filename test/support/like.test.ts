import { assert, describe, it } from "@effect/vitest"
import { assertLike, holding } from "./like.ts"

describe("assertLike", () => {
  const there = { id: "a-1", rows: [{ n: 1, more: true }, { n: 2 }], reason: new Error("no such row") }

  it("takes the parts that are named, at any depth", () => {
    assertLike(there, {})
    assertLike(there, { id: "a-1", rows: [{ n: 1 }, {}], gone: undefined })
    assertLike(there, { id: /^a-\d$/, reason: { message: holding("row") } })
  })

  it("refuses what differs", () => {
    const others: ReadonlyArray<unknown> = [
      { id: "a-2" },
      { id: /^b/ },
      { id: holding("b") },
      { gone: {} },
      { rows: [{ n: 1 }] },
      { rows: [{ n: 1 }, { n: 2 }, {}] },
      { rows: { length: 3 } },
      { rows: [{ n: 1 }, { n: 2, more: true }] },
      { reason: { message: "no such column" } },
      []
    ]
    for (const expected of others) assert.throws(() => assertLike(there, expected), /to deeply equal/)
    assert.throws(() => assertLike(undefined, {}), /to deeply equal/)
  })
})
