/**
 * Limits: a total order with unlimited on top, and arithmetic that never leaves it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Limit from "@cloud-quota/core/Limit"
import * as Quantity from "@cloud-quota/core/Quantity"

const count = (amount: number) => Limit.finite(Quantity.count(amount))

/** 0 stands for unlimited, so that it is drawn often. */
const Drawn = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 9 })))
const limit = (drawn: number) => (drawn === 0 ? Limit.unlimited : count(drawn))

describe("order", () => {
  it("has unlimited above everything, and equal to itself", () => {
    assert.isTrue(Limit.isLessThan(count(1_000_000), Limit.unlimited))
    assert.isFalse(Limit.isLessThan(Limit.unlimited, count(1_000_000)))
    assert.isFalse(Limit.isLessThan(Limit.unlimited, Limit.unlimited))
    assert.isTrue(Limit.equals(Limit.unlimited, Limit.unlimited))
    assert.isTrue(Limit.equals(Limit.finite(Quantity.cny("1.0")), Limit.finite(Quantity.cny(1))))
  })

  it.prop("is total", [Drawn, Drawn, Drawn], ([first, second, third]) => {
    const [a, b, c] = [limit(first), limit(second), limit(third)]
    assert.strictEqual(Limit.Order(a, b) + Limit.Order(b, a), 0)
    if (Limit.Order(a, b) <= 0 && Limit.Order(b, c) <= 0) assert.isTrue(Limit.Order(a, c) <= 0)
    assert.strictEqual(Limit.equals(a, b), first === second)
  })

  it("throws where units are mixed", () => {
    assert.throws(() => Limit.Order(count(1), Limit.finite(Quantity.minutes(1))), Quantity.UnitMismatch)
  })
})

describe("adding", () => {
  it("keeps unlimited what is unlimited", () => {
    assert.strictEqual(Limit.add(Limit.unlimited, Quantity.count(-5)), Limit.unlimited)
  })

  it.prop("moves a finite limit by as much", [Schema.Int, Schema.Int], ([start, more]) => {
    const moved = Limit.add(Limit.finite(Quantity.count(BigInt(start))), Quantity.count(BigInt(more)))
    assert.strictEqual(String(moved), String(BigInt(start) + BigInt(more)))
  })
})

describe("printing", () => {
  it("is for people and for JSON", () => {
    assert.strictEqual(`${Limit.unlimited}`, "unlimited")
    assert.strictEqual(`${Limit.finite(Quantity.cny(5))}`, "5.00 CNY")
    assert.strictEqual(
      JSON.stringify([Limit.unlimited, Limit.finite(Quantity.cny("4.69928"))]),
      '[{"limit":null,"unlimited":true},{"limit":{"unit":"CNY","amount":"4.69928"},"unlimited":false}]'
    )
  })

  it("tells the cases apart", () => {
    const print = (self: Limit.Limit) => Limit.match(self, { Unlimited: () => "no limit", Finite: String })
    assert.deepStrictEqual([Limit.unlimited, count(2)].map(print), ["no limit", "2"])
  })
})
