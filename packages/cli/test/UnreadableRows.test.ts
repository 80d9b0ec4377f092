/**
 * A listing with a row that is not as documented: the others come, the end names it, and a change of that
 * member is refused.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { world } from "./support/Cli.ts"

const odd = {
  operation: "GetCompShareTeamInfo",
  // The limit of the first member is a text that is no amount.
  fault: {
    _tag: "rewrite",
    body: (body: string) => body.replace(/"AllocateAmount":\d+/, '"AllocateAmount":"odd"')
  },
  times: Number.POSITIVE_INFINITY
} as const

describe("a row that cannot be read", () => {
  it.live("leaves the others readable, and ends with 3", () =>
    Effect.gen(function* () {
      const cloud = yield* world({ gpu: { size: 5 } })
      const run = (...args: ReadonlyArray<string>) => Effect.promise(() => cloud.run(args))
      const all = yield* run("quota", "list", "-a", "gpu", "--ndjson")
      assert.strictEqual(all.code, 0, all.stderr)
      yield* cloud.gpu.inject(odd)
      const some = yield* run("quota", "list", "-a", "gpu", "--ndjson")
      assert.strictEqual(some.code, 3, some.stderr)
      assert.strictEqual(some.stdout.split("\n").length, all.stdout.split("\n").length - 1)
      assert.match(
        some.stderr,
        /1 rows could not be read, the others are complete: TeamRelation\[0\] of member 60001: AllocateAmount: /
      )
      const both = yield* run("quota", "list", "--csv")
      assert.strictEqual(both.code, 3, both.stderr)
    }).pipe(Effect.scoped)
  )

  it.live("refuses a change of that member", () =>
    Effect.gen(function* () {
      const cloud = yield* world({ gpu: { size: 5 } })
      const baseline = yield* Effect.promise(() => cloud.run(["baseline", "-a", "gpu", "--yes"]))
      assert.strictEqual(baseline.code, 0, baseline.stderr)
      const before = yield* cloud.gpu.ledger
      yield* cloud.gpu.inject(odd)
      const change = ["quota", "topup", "5000CNY", "60001", "-a", "gpu", "--run", "odd", "--yes"]
      const ended = yield* Effect.promise(() => cloud.run(change))
      assert.notStrictEqual(ended.code, 0, ended.stdout)
      assert.match(ended.stderr, /AllocateAmount: expected a whole number of fen/)
      assert.deepStrictEqual(yield* cloud.gpu.ledger, before)
    }).pipe(Effect.scoped)
  )
})
