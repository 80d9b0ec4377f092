/**
 * Keys that a call, the options or the credentials do not have: refused by name, and nothing is sent.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { connect } from "@cloud-quota/core/promise"
import { MetaStudioClient } from "@cloud-quota/metastudio"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { metastudio } from "@cloud-quota/metastudio/promise"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Stream } from "effect"
import { type Clients, emulated, key, options, passwordOf, role, untyped } from "./fixtures/clients.ts"

const odd = { unheardOf: 1 }

type Row = readonly [client: keyof Clients, method: string, args: ReadonlyArray<unknown>]

const rows: ReadonlyArray<Row> = [
  ["metaStudio", "listUserQuotas", [odd]],
  ["metaStudio", "stream.listUserQuotas", [odd]],
  ["metaStudio", "updateUserQuotas", [{ user_id: "u1", quota: {} }, odd]],
  ["metaStudio", "updateUserQuotas", [{ user_id: "u1", quota: {}, ...odd }]],
  ["metaStudio", "createUserQuotas", [{ user_id: "u1", quota: {}, ...odd }]],
  ["metaStudio", "deleteUserQuotas", [{ user_id: "u1", ...odd }]],
  ["metaStudio", "request", [{ method: "GET", path: "/a", ...odd }]],
  ["metaStudio", "listTenantResources", [odd]],
  ["metaStudio", "showResourceUsage", [odd]],
  ["metaStudio", "countTenantResources", [odd]],
  ["metaStudio", "showTenantAssginRecord", [odd]],
  ["metaStudio", "showVoiceTrainingQuotas", [odd]],
  ["metaStudio", "showTenantServiceConfigs", [odd]],
  ["metaStudio", "showUsageData", [odd]],
  ["metaStudio", "showSummaryUsageData", [odd]],
  ["iam", "stream.listUsersV5", [odd]],
  ["bss", "stream.listCustomerOrders", [odd]],
  ["iam", "keystoneListUsers", [odd]],
  ["iam", "keystoneShowUser", [{ user_id: "u1", ...odd }]],
  ["iam", "keystoneListAuthDomains", [odd]],
  ["iam", "listUsersV5", [odd]],
  ["iam", "keystoneListProjects", [odd]],
  ["bss", "listCustomerOrders", [odd]],
  ["bss", "showCustomerOrderDetails", [{ order_id: "CS1", ...odd }]],
  ["bss", "listCustomerselfResourceRecords", [{ cycle: "2026-11", ...odd }]],
  ["bss", "showCustomerMonthlySum", [{ bill_cycle: "2026-11", ...odd }]],
  ["bss", "listFreeResourceInfos", [odd]],
  ["bss", "listFreeResourceUsages", [{ free_resource_ids: ["f1"], ...odd }]],
  ["bss", "showCustomerAccountBalances", [odd]]
]

const credentials: ReadonlyArray<object> = [
  { ...key, ...odd },
  { ...passwordOf, ...odd },
  { ...role, ...odd },
  { ...role, source: { ...key, ...odd } },
  { ...key, ...passwordOf }
]

describe("a key that is not known", () => {
  for (const [name, method, args] of rows) {
    it.effect(`is refused by ${method}: ${JSON.stringify(args)}`, () =>
      Effect.gen(function* () {
        const clients = yield* emulated()
        const client = clients[name]
        const found = method.split(".").reduce<object>((value, step) => Reflect.get(value, step), client)
        const called: unknown = Reflect.apply(untyped(found), client, args)
        const effect = (
          Stream.isStream(called) ? Stream.runCollect(untyped(called)) : called
        ) as Effect.Effect<unknown, CloudQuotaError>
        const { money, reason } = yield* Effect.flip(effect)
        assert.strictEqual(reason._tag, "InvalidRequest")
        assert.strictEqual("field" in reason ? reason.field : "", "unheardOf")
        assert.strictEqual(money, "not-moved")
        assert.deepStrictEqual(clients.requests, [])
      })
    )
  }

  it.effect("is refused in options, policies and credentials", () =>
    Effect.gen(function* () {
      const wrong = [
        { ...options, ...odd },
        { ...options, retry: odd },
        { ...options, circuitBreaker: odd },
        { ...options, rateLimit: odd },
        ...credentials.map((given) => ({ ...options, credentials: given }))
      ]
      for (const given of wrong) {
        const built = Effect.scoped(Layer.build(MetaStudioClient.layer(untyped(given))))
        const { reason } = yield* Effect.flip(built)
        assert.strictEqual(reason._tag, "InvalidRequest")
        assert.match(reason.message, /is not known here/)
      }
      assert.isTrue(Exit.hasDies(yield* Effect.exit(MetaStudioEmulator.make(untyped(odd)))))
    })
  )

  it("is refused in the credentials of the Promise form", async () => {
    const plain = { accessKey: "AK", secretKey: "secret-of-a-test" }
    for (const given of [
      { ...plain, ...odd },
      { token: "token-of-a-test", ...odd },
      { domain: "d", user: "u", password: "password-of-a-test", ...odd },
      { agencyName: "a", domainName: "d", source: { ...plain, ...odd } },
      { agencyName: "a", domainName: "d", source: plain, ...odd }
    ]) {
      const studio = metastudio({ region: "cn-north-4", projectId: "p", credentials: untyped(given) })
      const error: unknown = await connect({ accounts: { studio } }).then(
        () => assert.fail("it connected"),
        (reason: unknown) => reason
      )
      assert.match(String(error), /unheardOf: is not known here/)
    }
  })
})
