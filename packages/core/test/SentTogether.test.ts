/**
 * One request for several members: earlier versions could send them, and left them open in their journals.
 * The provider's log is no witness of a single one, and the answer alone was not believed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Journal from "@cloud-quota/core/Journal"
import { delta, limitsOf, outcomes, run, sentTogether } from "./fixtures/clouds.ts"

const more = { allowance: { adjust: "10 CNY" } } as const
const pair = ["m-1", "m-2"]

describe("a request for several members in an old journal", () => {
  for (const [arrived, answered, outcome] of [
    [true, true, "Applied"],
    [true, false, "Applied"],
    [false, true, "Conflict"],
    [false, false, "NotApplied"]
  ] as const) {
    const what = `${arrived ? "arrived" : "was lost"}${answered ? " and was accepted" : ""}`
    it.effect(`that ${what} is settled by each limit: ${outcome}`, () =>
      Effect.gen(function* () {
        const journal = Journal.memory()
        const cloud = yield* delta({ journal, log: true })
        yield* sentTogether(cloud, journal, { arrived, answered })
        const settled = yield* cloud.changes.recover()
        const state = { Applied: "applied", Conflict: "conflict", NotApplied: "not-applied" }[outcome]
        assert.deepStrictEqual(
          settled.map((intent) => `${intent.member} ${intent.state}`),
          pair.map((id) => `${id} ${state}`)
        )
        // Only those of which it is proven that they were not paid are paid now.
        const again = outcome === "NotApplied" ? "Applied" : outcome
        const report = yield* cloud.quotas.change(pair, more, run)
        assert.deepStrictEqual(outcomes(report), [again, again])
        assert.lengthOf(yield* cloud.writes, outcome === "NotApplied" ? 2 : 0)
        const paid = outcome === "Conflict" ? ["500.00 CNY", "100.00 CNY"] : ["510.00 CNY", "110.00 CNY"]
        assert.deepStrictEqual(yield* Effect.forEach(pair, (id) => limitsOf(cloud, id)), paid)
        for (const { message } of report.results) assert.notMatch(message, /answer was lost/)
      })
    )
  }
})
