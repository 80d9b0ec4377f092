/**
 * What callers without types may hand in: each gets an error that names the field, and nothing is sent.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { delta } from "./fixtures/clouds.ts"

/** Calls a method as JavaScript would. */
const untyped = (target: object, method: string, ...args: ReadonlyArray<unknown>) =>
  Reflect.apply(Reflect.get(target, method), target, args) as Effect.Effect<unknown, CloudQuotaError>

const spec = { allowance: { adjust: "10 CNY" } }
const run = { run: "test" }

const calls: ReadonlyArray<readonly [field: string, ...args: ReadonlyArray<unknown>]> = [
  ["member", null, spec, run],
  ["member", 5, spec, run],
  ["member", {}, spec, run],
  ["member", [null], spec, run],
  ["spec", "m-1", null, run],
  ["spec", "m-1", 5, run],
  ["spec", "m-1", {}, run],
  ["allowance", "m-1", { allowance: null }, run],
  ["allowance", "m-1", { allowance: "10 CNY" }, run],
  ["allowance", "m-1", { allowance: { adjust: 10 } }, run],
  ["allowance", "m-1", { allowance: { adjust: "5 constructor" } }, run],
  ["allowance", "m-1", { allowance: { set: { _tag: "Finite", quantity: "5 CNY" } } }],
  ["expected", "m-1", { allowance: { adjust: "1 CNY", expected: { _tag: "Nope" } } }, run],
  ["expected", "m-1", { allowance: { adjust: "1 CNY", expected: "0.001 CNY" } }, run],
  ["expected", "m-1", { allowance: { adjust: "1 CNY", expected: "unlimited" } }, run],
  ["run", "m-1", spec, { run: 5 }],
  ["run", "m-1", spec, { run: " " }],
  ["run", "m-1", spec, { run: "top\u202eup" }],
  ["run", "m-1", spec, { run: "unnamed/1" }],
  ["waive", "m-1", spec, { ...run, waive: "cap" }],
  ["waive", "m-1", spec, { ...run, waive: ["cap"] }],
  ["preview", "m-1", spec, { ...run, preview: null }],
  ["preview", "m-1", spec, { ...run, preview: 0 }],
  ["settle", "m-1", spec, { ...run, settle: "later" }],
  ["onEvent", "m-1", spec, { ...run, onEvent: 5 }],
  ["cap", "m-1", spec, { ...run, cap: 500 }],
  ["pool", "m-1", spec, { ...run, pool: "-1 CNY" }],
  ["maxMembers", "m-1", spec, { ...run, maxMembers: Number.NaN }],
  ["maxMembers", "m-1", spec, { ...run, maxMembers: "x" }],
  ["maxMembers", "m-1", spec, { ...run, maxMembers: 0 }]
]

describe("a change", () => {
  for (const [field, ...args] of calls) {
    it.effect(`names ${field}: ${JSON.stringify(args)}`, () =>
      Effect.gen(function* () {
        const cloud = yield* delta()
        const { money, reason } = yield* Effect.flip(untyped(cloud.still.quotas, "change", ...args))
        assert.strictEqual(reason._tag, "InvalidRequest")
        assert.strictEqual("field" in reason ? reason.field : undefined, field)
        assert.strictEqual(money, "not-moved")
        assert.deepStrictEqual(yield* cloud.writes, [])
      })
    )
  }

  for (const changes of [5, null, {}, "m-1", [null], [{}]]) {
    it.effect(`of ${JSON.stringify(changes)} is no list of changes`, () =>
      Effect.gen(function* () {
        const cloud = yield* delta()
        const { reason } = yield* Effect.flip(untyped(cloud.still.quotas, "changeAll", changes, run))
        assert.strictEqual(reason._tag, "InvalidRequest")
      })
    )
  }

  it.effect("goes on when whoever watches it fails", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      for (const onEvent of [() => Effect.die("oops"), () => undefined]) {
        const options = { run: `watched by ${String(onEvent)}`, onEvent }
        yield* untyped(cloud.quotas, "change", "m-1", spec, options)
      }
      assert.strictEqual((yield* cloud.writes).length, 2)
    })
  )
})

describe("a reading", () => {
  it.effect("of nobody, or of no filter, is refused", () =>
    Effect.gen(function* () {
      const { still } = yield* delta()
      for (const ref of [null, undefined, 5, {}]) {
        for (const target of [still.quotas, still.members]) {
          const { reason } = yield* Effect.flip(untyped(target, "get", ref))
          assert.strictEqual(reason._tag, "InvalidRequest")
        }
      }
      const orders = Reflect.apply(Reflect.get(still.billing, "orders"), still.billing, [
        null
      ]) as Stream.Stream<unknown, CloudQuotaError>
      const { reason } = yield* Effect.flip(Stream.runCollect(orders))
      assert.strictEqual(reason._tag, "InvalidRequest")
    })
  )
})
