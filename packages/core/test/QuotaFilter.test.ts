/** Filters of listings of quotas: who is low, and in which order. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { CloudQuotaError, MalformedResponse } from "@cloud-quota/core/CloudQuotaError"
import type { MemberInfo } from "@cloud-quota/core/Member"
import * as Limit from "@cloud-quota/core/Limit"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Quota from "@cloud-quota/core/Quota"
import { open } from "./fixtures/clouds.ts"

const info = (number: number, name: string, status: MemberInfo["status"]["_tag"] = "active"): MemberInfo => ({
  id: MemoryProvider.member(number),
  user: `u-${number}`,
  name,
  status: status === "unknown" ? { _tag: status, raw: "odd" } : { _tag: status }
})

const minutes = (limit: number | "unlimited", used: number | string) => ({
  "video-minutes": {
    limit: limit === "unlimited" ? Limit.unlimited : Limit.finite(Quantity.minutes(limit)),
    used: Quantity.minutes(used)
  }
})

const ceilings = Effect.flatMap(
  MemoryProvider.absolute({
    members: [
      { info: info(1, "Chen"), quotas: minutes(60, "48") },
      { info: info(2, "Ada"), quotas: minutes(60, "48.1") },
      { info: info(3, "Bao", "disabled"), quotas: minutes(100, 100) },
      { info: info(4, "Dora"), quotas: minutes("unlimited", 5000) },
      { info: info(5, "Emil"), quotas: minutes(0, 1) },
      { info: info(6, "Finn"), quotas: minutes(0, 0) }
    ]
  }),
  ({ driver }) => open(driver)
)

const money = (granted: number, used: number | string) => ({
  allowance: { limit: Limit.finite(Quantity.cny(granted)), used: Quantity.cny(used) }
})

const balances = Effect.flatMap(
  MemoryProvider.delta({
    members: [
      { info: info(1, "Chen"), quotas: money(500, 400) },
      { info: info(2, "Ada"), quotas: money(100, "100.5") },
      { info: info(3, "Bao"), quotas: money(99, 0) }
    ]
  }),
  ({ driver }) => open(driver)
)

const membersOf = (account: typeof ceilings, filter: Quota.QuotaFilter) =>
  Effect.flatMap(account, ({ quotas }) =>
    Effect.map(Stream.runCollect(quotas.list(filter)), (rows) => rows.map(({ member }) => member as string))
  )

describe("a listing of quotas", () => {
  it.effect("has ceilings above a share, exactly", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* membersOf(ceilings, { above: "80%" }), ["m-2", "m-3", "m-5"])
      assert.deepStrictEqual(yield* membersOf(ceilings, { above: "79.99 %" }), ["m-1", "m-2", "m-3", "m-5"])
      assert.deepStrictEqual(yield* membersOf(ceilings, { above: "100%" }), ["m-5"])
      assert.deepStrictEqual(yield* membersOf(balances, { above: "1%" }), [])
    })
  )

  it.effect("has balances below an amount, debts among them", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* membersOf(balances, { below: "100 CNY" }), ["m-2", "m-3"])
      assert.deepStrictEqual(yield* membersOf(balances, { below: "100.01 CNY" }), ["m-1", "m-2", "m-3"])
      assert.deepStrictEqual(yield* membersOf(ceilings, { below: "100 CNY" }), [])
    })
  )

  it.effect("has what matches either", () =>
    Effect.gen(function* () {
      const filter = { above: "80%", below: "1 CNY" }
      assert.deepStrictEqual(yield* membersOf(ceilings, filter), ["m-2", "m-3", "m-5"])
      assert.deepStrictEqual(yield* membersOf(balances, filter), ["m-2"])
    })
  )

  it.effect("has the quotas of members by name and status", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* membersOf(ceilings, { member: ["Ada", "m-3"] }), ["m-2", "m-3"])
      assert.deepStrictEqual(yield* membersOf(ceilings, { above: "80%", status: "active" }), ["m-2", "m-5"])
      assert.deepStrictEqual(yield* membersOf(ceilings, { member: "Ada", metric: "avatar-models" }), [])
    })
  )

  it.effect("is sorted, and ends after a number of rows", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* membersOf(balances, { sort: "available" }), ["m-2", "m-3", "m-1"])
      assert.deepStrictEqual(yield* membersOf(balances, { sort: "available", limit: 1 }), ["m-2"])
      assert.deepStrictEqual(yield* membersOf(balances, { sort: "name" }), ["m-2", "m-3", "m-1"])
      assert.deepStrictEqual(yield* membersOf(ceilings, { sort: "share", limit: 3 }), ["m-5", "m-3", "m-2"])
      // What is unlimited has nothing to sort by.
      assert.strictEqual((yield* membersOf(ceilings, { sort: "limit" })).at(-1), "m-4")
    })
  )

  it.effect.each([
    ["above", { above: "0.8" }, /give a percentage, as 80%/],
    ["above", { above: 0.8 }, /give a percentage/],
    ["below", { below: "100" }, /below: /],
    ["below", { below: "100 USD" }, /the balances here are in CNY/],
    ["status", { status: "joined" }, /give one of active, invited/],
    ["sort", { sort: "age" }, /give one of available, share/],
    ["limit", { limit: 0 }, /give a positive whole number/],
    ["member", { member: "Nobody" }, /no active member has the name/],
    ["filter", { metrics: "allowance" }, /metrics/]
  ] as const)("is refused where %s is %j", ([, filter, message]) =>
    Effect.gen(function* () {
      const { quotas } = yield* balances
      const error = yield* Effect.flip(Stream.runDrain(quotas.list(filter as Quota.QuotaFilter)))
      assert.match(error.message, message)
    })
  )
})

it.effect("a listing by status says where the status of members cannot be read", () =>
  Effect.gen(function* () {
    const { driver } = yield* MemoryProvider.absolute()
    const unreadable = new CloudQuotaError({
      provider: "memory-absolute",
      operation: "list",
      money: "not-moved",
      reason: new MalformedResponse({ message: "1 row cannot be read", unreadableRows: 1 })
    })
    const listMembers = Stream.concat(driver.listMembers, Stream.fail(unreadable))
    const { quotas } = yield* open({ ...driver, listMembers })
    const seen: Array<string> = []
    const error = yield* Effect.flip(
      Stream.runForEach(quotas.list({ status: "active" }), ({ member }) =>
        Effect.sync(() => void seen.push(member))
      )
    )
    assert.strictEqual(error.reason._tag, "MalformedResponse")
    assert.isNotEmpty(seen)
  })
)

it.effect("rows that were read come sorted before the failure of the others", () =>
  Effect.gen(function* () {
    const { quotas } = yield* balances
    const rows = Stream.concat(quotas.list(), Stream.fail("the rest"))
    const seen: Array<string> = []
    const error = yield* Effect.flip(
      Stream.runForEach(Quota.arrange(rows, { sort: "available" }), ({ member }) =>
        Effect.sync(() => void seen.push(member))
      )
    )
    assert.deepStrictEqual([seen, error], [["m-2", "m-3", "m-1"], "the rest"])
  })
)
