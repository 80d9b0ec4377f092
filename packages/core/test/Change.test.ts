/**
 * Wishes as callers write them: what is understood, and what a wrong one is told.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Change from "@cloud-quota/core/Change"
import * as Limit from "@cloud-quota/core/Limit"
import { MemberId } from "@cloud-quota/core/Member"
import type { Metric } from "@cloud-quota/core/Metric"
import * as Quantity from "@cloud-quota/core/Quantity"

const minutes: Metric = {
  id: "video-minutes",
  kind: "ceiling",
  unit: "minute",
  step: Quantity.minutes(5),
  minimum: Quantity.minutes(0),
  maximum: Quantity.minutes(100),
  unlimited: true,
  title: { en: "Video minutes", zh: "视频时长" }
}

const understood = (input: Change.ActionInput) => {
  const action = Result.getOrThrow(Change.decodeAction(minutes, input))
  return `${action._tag} ${action._tag === "Set" ? action.limit : action.quantity}`
}

describe("a wish that is understood", () => {
  it("may be a value or a text", () => {
    assert.strictEqual(understood({ set: "60 min" }), "Set 60 min")
    assert.strictEqual(understood({ set: Quantity.minutes(60) }), "Set 60 min")
    assert.strictEqual(understood({ set: Limit.finite(Quantity.minutes(60)) }), "Set 60 min")
    assert.strictEqual(understood({ set: "0 min" }), "Set 0 min")
    assert.strictEqual(understood({ set: "unlimited" }), "Set unlimited")
    assert.strictEqual(understood({ set: Limit.unlimited }), "Set unlimited")
    assert.strictEqual(understood({ topUpTo: "5 min" }), "TopUpTo 5 min")
    assert.strictEqual(understood({ adjust: "-5 min" }), "Adjust -5 min")
    assert.strictEqual(understood({ adjust: "+100 min" }), "Adjust 100 min")
    assert.strictEqual(understood({ reclaim: Quantity.minutes(5) }), "Reclaim 5 min")
    assert.strictEqual(understood({ reclaim: "all" }), "Reclaim all")
  })
})

describe("a wish that is wrong", () => {
  /** Also what the types forbid: a script in JavaScript or a file may say it. */
  const rows: ReadonlyArray<readonly [wish: object, told: RegExp]> = [
    [{}, /^give exactly one of set, topUpTo, adjust and reclaim, not none$/],
    [{ set: "5 min", adjust: "5 min" }, /^give exactly one of .*, not set and adjust$/],
    [{ raise: "5 min" }, /^raise is not known here: the keys are set, topUpTo, adjust, reclaim, expected$/],
    [{ set: "lots" }, /^"lots" is not a quantity: write a decimal number and a unit as text/],
    [{ set: "5 CNY" }, /^video-minutes is counted in minutes, not in CNY: give an amount of minutes$/],
    [{ set: "1 h" }, /^video-minutes is counted in minutes, not in h: write it as "60 min"$/],
    [{ set: "1 hours" }, /: write it as "60 min"$/],
    [{ set: "300 s" }, /: write it as "5 min"$/],
    [{ set: "300 seconds" }, /: write it as "5 min"$/],
    [{ set: "5分钟" }, /^"5分钟" is no quantity here: write it as "5 min"$/],
    [{ set: "5分" }, /: write it as "5 min"$/],
    [{ set: "1小时" }, /: write it as "60 min"$/],
    // A suggestion that cannot be set is none.
    [{ set: "90 s" }, /not in s: give an amount of minutes$/],
    [{ set: "100 s" }, /not in s: give an amount of minutes$/],
    [{ set: "5 fen" }, /not in fen: give an amount of minutes$/],
    [{ set: "5" }, /not in count: write it as "5 min"$/],
    [{ set: "7 min" }, /it goes in steps of 5 min$/],
    [{ set: "105 min" }, /it takes 0 min to 100 min, or unlimited$/],
    [{ set: "-5 min" }, /it takes 0 min to 100 min, or unlimited$/],
    [{ set: undefined }, /is not a quantity: write/],
    [{ set: null }, /is not a quantity: write/],
    [{ set: 60 }, /^60 has no unit: write the amount as text, as "60 min"$/],
    [{ topUpTo: "0 min" }, /^0 min changes nothing: give an amount of at least 5 min$/],
    [{ topUpTo: "-5 min" }, /^-5 min is negative: give a positive amount, or use adjust for a signed one$/],
    [{ topUpTo: "105 min" }, /^105 min is out of range for video-minutes: at most 100 min$/],
    [{ topUpTo: "unlimited" }, /^"unlimited" is not a quantity/],
    [{ topUpTo: 60 }, /as "60 min"$/],
    [{ adjust: "0 min" }, /changes nothing/],
    [{ adjust: "2 min" }, /it goes in steps of 5 min$/],
    [{ adjust: "-105 min" }, /^-105 min is out of range for video-minutes: at most 100 min$/],
    [{ reclaim: "-5 min" }, /is negative/],
    [{ reclaim: "everything" }, /is not a quantity/],
    [{ reclaim: null }, /is not a quantity/]
  ]
  for (const [wish, told] of rows) {
    const name = JSON.stringify(wish, (_key, value: unknown) => (value === undefined ? "undefined" : value))
    it(`is told what would be right: ${name}`, () => {
      const result = Change.decodeAction(minutes, wish as Change.ActionInput)
      assert.match(Result.isFailure(result) ? result.failure : "understood", told)
    })
  }
})

describe("a wish for several members", () => {
  it("is one change per member and metric, member by member", () => {
    const changes = Change.forMembers(["m-1", "m-2"], { models: { set: "1" }, minutes: { adjust: "5 min" } })
    assert.deepStrictEqual(changes, [
      { member: "m-1", metric: "models", action: { set: "1" } },
      { member: "m-1", metric: "minutes", action: { adjust: "5 min" } },
      { member: "m-2", metric: "models", action: { set: "1" } },
      { member: "m-2", metric: "minutes", action: { adjust: "5 min" } }
    ])
  })

  it("knows members by id or by what a listing gave", () => {
    assert.deepStrictEqual(Change.decodeMember("m-1"), Result.succeed("m-1"))
    const info = { id: MemberId.make("m-2"), status: { _tag: "active" } } as const
    assert.deepStrictEqual(Change.decodeMember(info), Result.succeed("m-2"))
    const invited = Change.decodeMember({ email: "new@example.com", status: { _tag: "invited" } })
    assert.isTrue(Result.isFailure(invited))
  })
})
