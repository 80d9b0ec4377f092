/**
 * What a script may conclude from a report: whether all is done, and its exit code.
 */
import { assert, describe, it } from "@effect/vitest"
import { Timeout } from "@cloud-quota/core/CloudQuotaError"
import * as Limit from "@cloud-quota/core/Limit"
import { MemberId } from "@cloud-quota/core/Member"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Report from "@cloud-quota/core/Report"

const reason = new Timeout({ message: "no answer" })

const results = {
  applied: { outcome: { _tag: "Applied" }, money: "moved", next: "nothing" },
  drifted: { outcome: { _tag: "Applied", drift: true }, money: "moved", next: "decide" },
  noChange: { outcome: { _tag: "NoChange" }, money: "not-moved", next: "nothing" },
  planned: { outcome: { _tag: "Planned" }, money: "not-moved", next: "nothing" },
  refused: { outcome: { _tag: "Refused", check: "cap" }, money: "not-moved", next: "decide" },
  rejected: { outcome: { _tag: "Rejected", reason }, money: "not-moved", next: "decide" },
  notSent: { outcome: { _tag: "NotSent", reason }, money: "not-moved", next: "rerun" },
  notApplied: { outcome: { _tag: "NotApplied" }, money: "not-moved", next: "rerun" },
  blocked: { outcome: { _tag: "Blocked", by: "another run" }, money: "not-moved", next: "decide" },
  drift: {
    outcome: {
      _tag: "Drift",
      expected: Limit.finite(Quantity.cny(1)),
      observed: Limit.finite(Quantity.cny(2))
    },
    money: "not-moved",
    next: "decide"
  },
  conflict: { outcome: { _tag: "Conflict", detail: "both" }, money: "unknown", next: "decide" },
  unknown: { outcome: { _tag: "Unknown", reason }, money: "unknown", next: "wait" },
  unknownPut: { outcome: { _tag: "Unknown", reason }, money: "unknown", next: "rerun" }
} as const satisfies Record<string, Pick<Report.Result, "outcome" | "money" | "next">>

const report = (...names: ReadonlyArray<keyof typeof results>): Report.Report => ({
  account: "gpu",
  provider: "compshare",
  preview: false,
  results: names.map((name) => ({
    ...results[name],
    member: MemberId.make("m-1"),
    metric: "allowance",
    message: ""
  }))
})

describe("the exit code", () => {
  const rows: ReadonlyArray<
    readonly [names: ReadonlyArray<keyof typeof results>, code: number, why: string]
  > = [
    [[], 0, "nothing was asked for"],
    [["applied", "noChange", "planned"], 0, "all is done"],
    [["notSent"], 1, "nothing is done"],
    [["notSent", "notApplied"], 1, "nothing is done"],
    [["applied", "notSent"], 3, "some of it is done"],
    [["noChange", "notApplied"], 3, "some of it is done"],
    [["applied", "drifted"], 4, "somebody else changed it too"],
    [["applied", "refused"], 3, "some of it is refused"],
    [["refused"], 1, "all of it is refused"],
    [["rejected"], 1, "the provider said no"],
    [["blocked"], 4, "a person decides about what is in the way"],
    [["drift"], 4, "a person decides about a drift"],
    [["applied", "conflict"], 4, "the money is unknown"],
    [["applied", "applied", "unknown"], 4, "the money is unknown"],
    [["unknownPut", "notSent"], 4, "the limit is unknown"]
  ]
  for (const [names, code, why] of rows) {
    it(`is ${code} where ${why}: ${names.join(", ") || "no results"}`, () => {
      assert.strictEqual(Report.exitCode(report(...names)), code)
      assert.strictEqual(Report.isComplete(report(...names)), code === 0)
    })
  }
})
