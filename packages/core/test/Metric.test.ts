/**
 * What a metric takes: units, steps, bounds; and what it answers to anything else.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Limit from "@cloud-quota/core/Limit"
import * as Metric from "@cloud-quota/core/Metric"
import * as Quantity from "@cloud-quota/core/Quantity"

const minutes: Metric.Metric = {
  id: "video-minutes",
  kind: "ceiling",
  unit: "minute",
  step: Quantity.minutes(5),
  minimum: Quantity.minutes(0),
  maximum: Quantity.minutes(100),
  unlimited: true,
  title: { en: "Video minutes", zh: "视频时长" }
}
const allowance: Metric.Metric = {
  id: "allowance",
  kind: "balance",
  unit: "CNY",
  step: Quantity.cny("0.01"),
  minimum: Quantity.cny("0.01"),
  maximum: Quantity.cny(100),
  unlimited: false,
  title: { en: "Allowance", zh: "额度" }
}

const said = (result: Result.Result<unknown, string>): string =>
  Result.isFailure(result) ? result.failure : "fine"
const limit = (metric: Metric.Metric, text: string) =>
  said(
    Metric.validate(
      metric,
      text === "unlimited" ? Limit.unlimited : Limit.finite(Result.getOrThrow(Quantity.parse(text)))
    )
  )

describe("limits", () => {
  it("are taken from the smallest to the largest, in steps", () => {
    for (const text of ["0 min", "5 min", "100 min", "unlimited"])
      assert.strictEqual(limit(minutes, text), "fine")
    for (const text of ["0.01 CNY", "99.99 CNY", "100 CNY"])
      assert.strictEqual(limit(allowance, text), "fine")
  })

  it("are refused with what would be right", () => {
    const rows: ReadonlyArray<readonly [Metric.Metric, text: string, said: string]> = [
      [
        minutes,
        "-5 min",
        "-5 min is out of range for video-minutes: it takes 0 min to 100 min, or unlimited"
      ],
      [
        minutes,
        "105 min",
        "105 min is out of range for video-minutes: it takes 0 min to 100 min, or unlimited"
      ],
      [minutes, "7 min", "7 min is finer than video-minutes can be set: it goes in steps of 5 min"],
      [minutes, "5", 'video-minutes is counted in minutes, not in count: write it as "5 min"'],
      [minutes, "60", 'video-minutes is counted in minutes, not in count: write it as "60 min"'],
      [allowance, "0 CNY", "0.00 CNY is out of range for allowance: it takes 0.01 CNY to 100.00 CNY"],
      [allowance, "1.005 CNY", "1.005 CNY is finer than allowance can be set: it goes in steps of 0.01 CNY"],
      [allowance, "unlimited", "allowance cannot be unlimited: give a quantity of CNY"]
    ]
    for (const [metric, text, expected] of rows) assert.strictEqual(limit(metric, text), expected)
  })
})

describe("differences", () => {
  it("may be negative, and go in steps too", () => {
    assert.strictEqual(said(Metric.validateStep(minutes, Quantity.minutes(-10))), "fine")
    assert.match(said(Metric.validateStep(minutes, Quantity.minutes(-7))), /steps of 5 min$/)
  })
})

it("rounds up to what can be set", () => {
  assert.strictEqual(String(Metric.roundUp(minutes, Quantity.minutes("20.5"))), "25 min")
  assert.strictEqual(String(Metric.roundUp(minutes, Quantity.minutes(20))), "20 min")
  assert.strictEqual(String(Metric.roundUp(allowance, Quantity.cny("-4.699"))), "-4.69 CNY")
})

describe("an amount in a unit that is not the metric's", () => {
  const rows: ReadonlyArray<readonly [text: string, said: string]> = [
    ["500 fen", 'allowance is counted in CNY, not in fen: write it as "5.00 CNY"'],
    ["5 jiao", 'allowance is counted in CNY, not in jiao: write it as "0.50 CNY"'],
    ["50 RMB", 'allowance is counted in CNY, not in RMB: write it as "50.00 CNY"'],
    ["50 yuan", 'allowance is counted in CNY, not in yuan: write it as "50.00 CNY"'],
    ["50元", '"50元" is no quantity here: write it as "50.00 CNY"'],
    ["￥50", '"￥50" is no quantity here: write it as "50.00 CNY"'],
    ["¥ 50.5", '"¥ 50.5" is no quantity here: write it as "50.50 CNY"'],
    ["5角", '"5角" is no quantity here: write it as "0.50 CNY"'],
    ["500分", '"500分" is no quantity here: write it as "5.00 CNY"'],
    // Nobody knows how much that is.
    ["50 USD", "allowance is counted in CNY, not in USD: give an amount of CNY"],
    ["5 h", "allowance is counted in CNY, not in h: give an amount of CNY"],
    ["1 fen", 'allowance is counted in CNY, not in fen: write it as "0.01 CNY"'],
    ["0.5 fen", "allowance is counted in CNY, not in fen: give an amount of CNY"]
  ]
  for (const [text, words] of rows) {
    it(`is suggested only where it is known exactly: ${text}`, () => {
      const read = Metric.parseQuantity(allowance, text)
      assert.strictEqual(
        said(Result.flatMap(read, (quantity) => Metric.validateStep(allowance, quantity))),
        words
      )
    })
  }
})
