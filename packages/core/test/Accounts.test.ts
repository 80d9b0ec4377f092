/**
 * Several accounts side by side, each under its own name.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import * as Account from "@cloud-quota/core/Account"
import * as AccountIdentity from "@cloud-quota/core/AccountIdentity"
import * as Accounts from "@cloud-quota/core/Accounts"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quota from "@cloud-quota/core/Quota"
import { inTime } from "./fixtures/clouds.ts"

const absolute = Account.layer(Effect.map(MemoryProvider.absolute(), ({ driver }) => driver))
const delta = Account.layer(Effect.map(MemoryProvider.delta(), ({ driver }) => driver))

const limits = (account: Account.Account["Service"]) =>
  Effect.map(account.quotas.get("m-1"), (states) => states.map(({ limit }) => String(limit)))

describe("accounts", () => {
  it.effect("are given in the order of their configuration, each under its name", () =>
    Effect.gen(function* () {
      const { all, get } = yield* Accounts.Accounts
      assert.deepStrictEqual(
        all.map(({ identity, name }) => [name, identity.provider]),
        [
          ["studio", "memory-absolute"],
          ["gpu", "memory-delta"]
        ]
      )
      assert.strictEqual((yield* get("gpu")).identity.provider, "memory-delta")
      const listed = yield* Stream.runCollect(
        Stream.flatMap(Stream.fromIterable(all), ({ quotas }) => quotas.list())
      )
      assert.deepStrictEqual(
        [...new Set(listed.map(({ metric }) => metric.id))],
        ["avatar-models", "video-minutes", "allowance"]
      )
    }).pipe(Effect.provide(Accounts.layer({ studio: absolute, gpu: delta })))
  )

  it.effect("are two where one layer stands under two names", () =>
    Effect.gen(function* () {
      const { get } = yield* Accounts.Accounts
      const [test, live] = [yield* get("test"), yield* get("live")]
      yield* test.quotas.change("m-1", { "video-minutes": { set: "61 min" } })
      assert.deepStrictEqual(yield* limits(test), ["10", "61 min"])
      assert.deepStrictEqual(yield* limits(live), ["10", "60 min"])
    }).pipe(Effect.provide(Accounts.layer({ test: absolute, live: absolute })))
  )

  it.effect("are accounts of their own, also where the layer is provided beside them", () =>
    Effect.gen(function* () {
      const { get } = yield* Accounts.Accounts
      const studio = yield* get("studio")
      // Another test may have changed the member on the same journal, which is the process's own.
      yield* inTime(studio.quotas.change("m-1", { "video-minutes": { set: "61 min" } }))
      assert.deepStrictEqual(yield* limits(studio), ["10", "61 min"])
      assert.deepStrictEqual(yield* limits(yield* Account.Account), ["10", "60 min"])
    }).pipe(Effect.provide(Layer.provideMerge(Accounts.layer({ studio: absolute }), absolute)))
  )

  it.effect("that do not exist are NotFound, naming those that do", () =>
    Effect.gen(function* () {
      const { get } = yield* Accounts.Accounts
      const error = yield* Effect.flip(get("gpus"))
      assert.strictEqual(error.reason._tag, "NotFound")
      assert.strictEqual(
        error.message,
        'cloud-quota accounts.get: there is no account "gpus": the accounts are studio, gpu'
      )
    }).pipe(Effect.provide(Accounts.layer({ studio: absolute, gpu: delta })))
  )

  it.effect("may be none", () =>
    Effect.gen(function* () {
      const { all, get } = yield* Accounts.Accounts
      assert.deepStrictEqual(all, [])
      assert.match((yield* Effect.flip(get("gpu"))).message, /the accounts are none$/)
    }).pipe(Effect.provide(Accounts.layer({})))
  )

  it.effect("have their name on every error and report", () =>
    Effect.gen(function* () {
      const { get } = yield* Accounts.Accounts
      const { billing, members, quotas } = yield* get("studio")
      const missing = yield* Effect.flip(quotas.get("m-404"))
      assert.strictEqual(missing.message, "memory-absolute/studio getQuotas: there is no member m-404.")
      assert.strictEqual((yield* Effect.flip(members.get("not an id"))).account, "studio")
      const quotes = billing.refundQuotes({ zone: "z", resourceIds: [] })
      assert.strictEqual((yield* Effect.flip(quotes)).account, "studio")
      assert.strictEqual(
        (yield* inTime(quotas.change("m-1", { "video-minutes": { set: "60 min" } }))).account,
        "studio"
      )
    }).pipe(Effect.provide(Accounts.layer({ studio: absolute })))
  )

  it.effect("that cannot be made fail the layer", () =>
    Effect.gen(function* () {
      const broken = Account.layer(Effect.fail("no credentials"))
      const built = Effect.scoped(Layer.build(Accounts.layer({ studio: absolute, gpu: broken })))
      assert.strictEqual(yield* Effect.flip(built), "no credentials")
    })
  )
})

describe("one account", () => {
  it.effect("has the provider's name where nobody named it, and its services by themselves", () =>
    Effect.gen(function* () {
      const account = yield* Account.Account
      assert.strictEqual(account.name, "memory-delta")
      assert.strictEqual(yield* Quota.Quota, account.quotas)
    }).pipe(Effect.provide(delta))
  )

  it("is known by provider, endpoint and scope, in a key that nothing can run together", () => {
    const identity = { provider: "p", endpoint: "https://api.example.com", scope: "a|b" }
    assert.strictEqual(AccountIdentity.key(identity), "p|https%3A%2F%2Fapi.example.com|a%7Cb")
  })

  it("has one key, however its host is written", () => {
    const keyOf = (endpoint: string) => AccountIdentity.key({ provider: "p", endpoint, scope: "1" })
    for (const [one, ...others] of [
      [
        "https://api.compshare.cn",
        "https://api.compshare.cn:443",
        "https://API.COMPSHARE.CN/",
        "https://api.compshare.cn.",
        "https://api.compshare.cn.:443"
      ],
      ["https://api.compshare.cn:8443", "https://api.compshare.cn.:8443"],
      [
        "http://127.0.0.1:8765",
        "http://localhost:8765",
        "http://LOCALHOST.:8765",
        "http://[::1]:8765",
        "http://127.1.2.3:8765",
        "http://2130706433:8765",
        "http://[::ffff:127.0.0.1]:8765",
        "http://0.0.0.0:8765"
      ]
    ] as const) {
      for (const other of others) assert.strictEqual(keyOf(other), keyOf(one), other)
    }
    const different = [
      "http://127.0.0.1:1",
      "http://127.0.0.1:2",
      "https://127.0.0.1:1",
      "https://localhost.cn"
    ]
    assert.strictEqual(new Set(different.map(keyOf)).size, different.length)
  })

  it("is found under the keys that an earlier version gave it", () => {
    const now = AccountIdentity.key({ provider: "p", endpoint: "http://localhost:1", scope: "a|b" })
    assert.strictEqual(AccountIdentity.canonicalKey("p|http%3A%2F%2Flocalhost%3A1|a%7Cb"), now)
    assert.strictEqual(AccountIdentity.canonicalKey("a|%|b"), "a|%|b")
    assert.deepStrictEqual(AccountIdentity.equivalentKeys(now), [
      now,
      "p|http%3A%2F%2Flocalhost%3A1|a%7Cb",
      "p|http%3A%2F%2F%5B%3A%3A1%5D%3A1|a%7Cb"
    ])
    assert.deepStrictEqual(AccountIdentity.equivalentKeys("p|https%3A%2F%2Fapi.example.com|1"), [
      "p|https%3A%2F%2Fapi.example.com|1"
    ])
  })

  it("is on this machine only at a loopback address", () => {
    for (const endpoint of ["http://localhost:1", "http://127.0.0.1", "https://[::1]:8443"]) {
      assert.isTrue(AccountIdentity.isLoopback(endpoint), endpoint)
    }
    for (const endpoint of [
      "https://api.compshare.cn",
      "http://127.0.0.1.example.com",
      "http://localhost.example.com",
      "localhost",
      ""
    ]) {
      assert.isFalse(AccountIdentity.isLoopback(endpoint), endpoint)
    }
  })
})
