/**
 * What only the reference providers have: their orders, and the doors that tests use.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Stream } from "effect"
import * as Account from "@cloud-quota/core/Account"
import * as Limit from "@cloud-quota/core/Limit"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"

const delta = Effect.gen(function* () {
  const provider = yield* MemoryProvider.delta()
  const account = yield* Account.Account.pipe(Effect.provide(Account.layer(Effect.succeed(provider.driver))))
  return { ...provider, ...account }
})

const zone = "Asia/Shanghai"
const month = (start: string, end: string) => ({
  start: DateTime.makeZonedUnsafe(start, { timeZone: zone, adjustForTimeZone: true }),
  end: DateTime.makeZonedUnsafe(end, { timeZone: zone, adjustForTimeZone: true })
})

describe("billing", () => {
  it.effect("gives the orders of a member from the first instant up to the last one", () =>
    Effect.gen(function* () {
      const { billing } = yield* delta
      const ids = (member: string, period: ReturnType<typeof month>) =>
        Effect.map(Stream.runCollect(billing.orders({ member, period })), (orders) =>
          orders.map(({ id }) => id)
        )
      assert.deepStrictEqual(yield* ids("m-1", month("2026-11-01", "2026-12-01")), ["order-1"])
      assert.deepStrictEqual(yield* ids("m-1", month("2026-12-01", "2027-01-01")), ["order-2"])
      assert.deepStrictEqual(yield* ids("m-3", month("2026-01-01", "2027-01-01")), [])
    })
  )

  it.effect("quotes each resource exactly, and says which cannot be given back", () =>
    Effect.gen(function* () {
      const { billing } = yield* delta
      const quotes = yield* billing.refundQuotes({ zone: "z", resourceIds: ["gpu-2", "gpu-9"] })
      assert.deepStrictEqual(
        quotes.map(({ amount, refundable }) => [String(amount), refundable]),
        [
          ["4.69928 CNY", true],
          ["undefined", false]
        ]
      )
    })
  )
})

describe("the doors", () => {
  it.effect("spending shows in what is left, a console in the limit", () =>
    Effect.gen(function* () {
      const { quotas, setByConsole, use } = yield* delta
      yield* use(MemoryProvider.member(2), "allowance", Quantity.cny(30))
      yield* setByConsole(MemoryProvider.member(2), "allowance", Limit.finite(Quantity.cny(80)))
      const [state] = yield* quotas.get("m-2")
      assert.deepStrictEqual([String(state?.limit), String(state?.available)], ["80.00 CNY", "50.00 CNY"])
      assert.isUndefined(state?.used)
    })
  )

  it.effect("a script says for each write whether it takes effect, and counts what left", () =>
    Effect.gen(function* () {
      const { driver, requests, script, writes } = yield* MemoryProvider.absolute()
      const limits = (count: number) => new Map([["avatar-models", Limit.finite(Quantity.count(count))]])
      yield* script("not-sent", "rejected", "request-lost", "answer-lost")
      const money: Array<string> = []
      for (const count of [11, 12, 13, 14]) {
        const error = yield* Effect.flip(driver.write.put(MemoryProvider.member(1), limits(count)))
        const [state] = yield* driver.getQuotas(MemoryProvider.member(1))
        money.push(`${error.money} ${state?.limit}`)
      }
      assert.deepStrictEqual(money, ["not-moved 10", "not-moved 10", "unknown 10", "unknown 14"])
      assert.strictEqual((yield* writes).length, 3)
      assert.strictEqual(yield* requests, 7)
    })
  )
})
