/**
 * The operations as they were reviewed: what may be done with each when no answer comes.
 */
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { operations } from "@cloud-quota/metastudio/Operations"
import { assertRowsAsSchema, listingsOf } from "../../../test/support/rows.ts"

const safeties = {
  BssClient: {
    ListCustomerOrders: "GET read account",
    ShowCustomerOrderDetails: "GET read account",
    ShowCustomerAccountBalances: "GET read account",
    ListCustomerselfResourceRecords: "GET read account",
    ShowCustomerMonthlySum: "GET read account",
    // A POST that only asks.
    ListFreeResourceInfos: "POST read account",
    ListFreeResourceUsages: "POST read account"
  },
  IamClient: {
    KeystoneListUsers: "GET read account",
    KeystoneShowUser: "GET read account",
    ListUsersV5: "GET read account",
    KeystoneListProjects: "GET read account",
    KeystoneListAuthDomains: "GET read any"
  },
  MetaStudioClient: {
    // Harmless to repeat by itself: the same limits twice are the same limits.
    UpdateUserQuotas: "PUT idempotent-write project",
    ListUserQuotas: "GET read project",
    // It may overwrite limits that another writer has set meanwhile.
    CreateUserQuotas: "POST create project",
    DeleteUserQuotas: "DELETE idempotent-write project",
    ListTenantResources: "GET read project",
    ShowResourceUsage: "GET read project",
    CountTenantResources: "GET read project",
    ShowTenantAssginRecord: "GET read project",
    ShowUsageData: "GET read project",
    ShowSummaryUsageData: "GET read project",
    ShowVoiceTrainingQuotas: "GET read project",
    ShowTenantServiceConfigs: "GET read project"
  }
}

describe("operations", () => {
  it("have the safety classes that were reviewed", () => {
    const table = (service: (typeof operations)[keyof typeof operations]) =>
      Object.fromEntries(
        Object.values(service).map(({ method, name, safety, scope }) => [
          name,
          `${method} ${safety} ${scope}`
        ])
      )
    assert.deepStrictEqual(
      {
        BssClient: table(operations.bss),
        IamClient: table(operations.iam),
        MetaStudioClient: table(operations.metastudio)
      },
      safeties
    )
  })

  it("have the vendor's names in camelCase as methods, a sentence and a source", () => {
    for (const service of Object.values(operations)) {
      for (const [key, { doc, name, source }] of Object.entries(service)) {
        assert.strictEqual(key, `${name.charAt(0).toLowerCase()}${name.slice(1)}`)
        assert.match(doc, /^[A-Z].*\.$/)
        assert.isNotEmpty(source)
      }
    }
  })
})

describe("the emulator", () => {
  it.effect("answers every operation", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ size: 1 })
      for (const { method, name, path } of Object.values(operations).flatMap((some) => Object.values(some))) {
        const filled = path.replaceAll(/\{\w+\}/g, "0123456789abcdef")
        const url = new URL(filled, "https://metastudio.cn-north-4.myhuaweicloud.com")
        yield* emulator.transport.request({ method, url, headers: {}, body: Redacted.make("{}") })
        assert.strictEqual(yield* emulator.count(name), 1, name)
      }
    })
  )
})

describe("the rows of a listing", () => {
  const all = { ...operations.metastudio, ...operations.iam, ...operations.bss }
  it.each(listingsOf(all))("are what the schema says: $name", assertRowsAsSchema)
})
