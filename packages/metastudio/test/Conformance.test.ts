/**
 * MetaStudio fulfils what every adapter has to: over its emulator in memory, and over real connections.
 */
import { Account, Journal, Period, Settlement, Transport } from "@cloud-quota/core"
import * as Conformance from "@cloud-quota/core/testing/Conformance"
import { MetaStudio } from "@cloud-quota/metastudio"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { people, users, whileTimePasses } from "./fixtures/accounts.ts"
import { options, origin } from "./fixtures/clients.ts"

const writes = ["CreateUserQuotas", "UpdateUserQuotas", "DeleteUserQuotas"]

const settings: MetaStudioEmulator.Settings = {
  users,
  iamUsers: people.map((user) => ({ ...user, enabled: true }))
}

const harnessOver = (
  emulator: MetaStudioEmulator.MetaStudioEmulator,
  endpoint: string,
  transport?: Transport.Transport
) => {
  const harness = Effect.gen(function* () {
    const made: Conformance.Harness = {
      account: yield* Account.Account,
      member: "lena",
      otherMember: "wei",
      missingMember: "nobody",
      malformedMember: "a/b",
      requests: Effect.map(emulator.requests, (all) => all.length),
      writes: Effect.map(
        emulator.requests,
        (all) => all.filter(({ operation }) => writes.includes(operation)).length
      ),
      loseNextAnswer: emulator.inject({ operation: "UpdateUserQuotas", fault: { _tag: "drop-after" } }),
      invitee: "new-1",
      period: Period.between("2026-01-01", "2027-01-01", { zone: "Asia/Shanghai" }),
      month: "2026-10"
    }
    return made
  }).pipe(
    Effect.provide(MetaStudio.layer({ ...options, endpoint, iamEndpoint: endpoint, bssEndpoint: endpoint })),
    Effect.provideService(Journal.Journal, Journal.memory())
  )
  return transport === undefined ? harness : Effect.provideService(harness, Transport.Transport, transport)
}

const inMemory = Effect.gen(function* () {
  const emulator = yield* MetaStudioEmulator.make(settings)
  return yield* harnessOver(emulator, origin, emulator.transport)
})

const applicable = Conformance.checks.filter((check) => Conformance.applies(check, Effect.runSync(inMemory)))

it("all checks apply but those of what MetaStudio does not have", () => {
  const others = Conformance.checks.filter((check) => !applicable.includes(check))
  assert.deepStrictEqual(
    others.map(({ name }) => name),
    [
      "orders of what cannot be an id are refused before anything is sent",
      "an invitation that was withdrawn is no longer open",
      "a new name is seen",
      "the orders of a member are those of everybody that are the member's",
      "each resource of a member is quoted once"
    ]
  )
})

describe("in memory", () => {
  for (const check of applicable) {
    it.effect(check.name, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(MetaStudioEmulator.seedTime)
        yield* whileTimePasses(check.run(yield* inMemory))
      })
    )
  }
})

describe("over real connections", () => {
  for (const check of applicable) {
    it.live(check.name, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const emulator = yield* MetaStudioEmulator.make(settings)
          const served = yield* emulator.serve()
          yield* check.run(yield* harnessOver(emulator, served.origin))
        }).pipe(
          // What an emulator tells is never old.
          Effect.provideService(Settlement.Settlement, { ...Settlement.defaults, readLag: Duration.zero })
        )
      )
    )
  }
})
