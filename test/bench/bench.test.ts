/** What `pnpm bench` makes of its samples. */
import { assert, describe, it } from "@effect/vitest"
import { type Row, missesIn, rowsOf, verdictOf } from "../../bench/frame/rows.ts"
import { difference, exactly, over, ratio, spreadOf } from "../../bench/frame/samples.ts"
import { goalText, numberText, rowLine } from "../../bench/frame/table.ts"
import { targets } from "../../bench/targets.ts"

const row = (goal: Row["goal"], measured: Row["measured"]): Row => ({
  bench: "calls",
  what: "one",
  unit: "x",
  ...(goal === undefined ? {} : { goal }),
  ...(measured === undefined ? {} : { measured })
})

describe("samples", () => {
  it("are a median between the 10th and the 90th percentile", () => {
    const samples = [9, 1, 8, 2, 7, 3, 6, 4, 5, 10, 0]
    assert.deepStrictEqual(spreadOf(samples), { low: 1, median: 5, high: 9 })
    assert.deepStrictEqual(spreadOf([7]), { low: 7, median: 7, high: 7 })
    assert.deepStrictEqual(exactly(3), { low: 3, median: 3, high: 3 })
    assert.isNaN(spreadOf([]).median)
  })

  it("are compared round by round", () => {
    assert.deepStrictEqual(ratio([2, 40, 6], [1, 10, 2]), { low: 2, median: 3, high: 4 })
    assert.deepStrictEqual(difference([2, 40, 6], [1, 10, 2]), { low: 1, median: 4, high: 30 })
    assert.deepStrictEqual(over({ low: 2, median: 4, high: 8 }, 2), { low: 1, median: 2, high: 4 })
  })
})

describe("verdicts", () => {
  const range = { low: 1.9, median: 2.1, high: 2.3 }

  it("say whether a goal is met, missed, or within the range", () => {
    assert.strictEqual(verdictOf(row({ atMost: 2.1 }, range)), "meets")
    assert.strictEqual(verdictOf(row({ atMost: 2 }, range)), "near")
    assert.strictEqual(verdictOf(row({ atMost: 1.8 }, range)), "misses")
    assert.strictEqual(verdictOf(row({ atLeast: 2 }, range)), "meets")
    assert.strictEqual(verdictOf(row({ atLeast: 2.2 }, range)), "near")
    assert.strictEqual(verdictOf(row({ atLeast: 4 }, range)), "misses")
  })

  it("need a goal and a measurement", () => {
    assert.isUndefined(verdictOf(row(undefined, range)))
    assert.isUndefined(verdictOf(row({ atMost: 2 }, undefined)))
  })

  it("count what misses by more than its range", () => {
    const missed = row({ atMost: 1 }, range)
    const all = [row({ atMost: 2 }, range), missed, row({ atMost: 1 }, undefined), row(undefined, range)]
    assert.deepStrictEqual(missesIn(all), [missed])
  })

  it("take a measurement that is no number as missed", () => {
    assert.strictEqual(verdictOf(row({ atMost: 2 }, spreadOf([]))), "misses")
  })
})

describe("the table", () => {
  it("has each target in order, measured or not", () => {
    const goals = { first: { what: "first", unit: "x" }, second: { what: "second", unit: "ms" } } as const
    assert.deepStrictEqual(rowsOf("one", goals, { second: exactly(1) }), [
      { bench: "one", what: "first", unit: "x" },
      { bench: "one", what: "second", unit: "ms", measured: { low: 1, median: 1, high: 1 } }
    ])
  })

  it("is at most 80 columns wide", () => {
    const measured = { low: 1111.1, median: 99.99, high: 2222.2 }
    for (const [bench, goals] of Object.entries(targets))
      for (const one of rowsOf(bench, goals, {}))
        assert.isAtMost(rowLine({ ...one, goal: { atMost: 0.01 }, measured }).length, 80, one.what)
  })

  it("has three digits of a number", () => {
    assert.deepStrictEqual([0.5, 2, 1.234, 12.34, 123.4, Number.NaN].map(numberText), [
      "0.50",
      "2",
      "1.23",
      "12.3",
      "123",
      "?"
    ])
    assert.strictEqual(goalText({ goal: { atMost: 1.3 } }), "<= 1.30")
    assert.strictEqual(goalText({ goal: { atLeast: 4 } }), ">= 4")
    assert.strictEqual(goalText({}), "")
  })
})
