/**
 * CompShare fulfils what every adapter has to: over its emulator in memory, and over real connections.
 */
import { Account, Journal, Period, Settlement, Transport } from "@cloud-quota/core"
import * as Conformance from "@cloud-quota/core/testing/Conformance"
import type { Emulator } from "@cloud-quota/core/testing/Emulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as CompShare from "@cloud-quota/compshare/CompShare"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { options, order, whileTimePasses } from "./fixtures/accounts.ts"
import { timings } from "./fixtures/lossyCloud.ts"

const quote = { region: "cn-wlcb", zone: "cn-wlcb-01", code: 0, message: "", refundPriceYuan: "4.69928" }

const team: CompShareEmulator.Settings = {
  members: [
    { virtualCompanyId: 60001, remarkName: "Lin Xiao", allocatedFen: 100_000n, availableFen: 80_000n },
    { virtualCompanyId: 60002, remarkName: "李四", allocatedFen: 50_000n },
    { virtualCompanyId: 0, remarkName: "王五" },
    { virtualCompanyId: 60004, remarkName: "赵六", status: "Canceled" }
  ],
  orders: [
    order("o-1", "2026-10-02T00:00:00Z"),
    order("o-2", "2026-10-03T00:00:00Z", { OrderState: "OS_UNPAID" }),
    order("o-3", "2026-10-01T00:00:00Z", { virtualCompanyId: 60002, ResourceId: "uhost-b" }),
    order("o-4", "2026-10-04T00:00:00Z", {
      virtualCompanyId: 60004,
      OrderType: "OT_REFUND",
      Amount: "-1.00"
    }),
    // The first moment that is outside.
    order("o-5", "2026-10-31T16:00:00Z")
  ],
  instances: [
    { uHostId: "uhost-a", ...quote },
    { uHostId: "uhost-b", ...quote, zone: "cn-wlcb-01" }
  ]
}

const harnessOver = (emulator: Emulator, endpoint: string, transport?: Transport.Transport) => {
  const harness = Effect.gen(function* () {
    const account = yield* Account.Account
    const made: Conformance.Harness = {
      account,
      member: "60001",
      otherMember: "60002",
      missingMember: "60404",
      malformedMember: "not an id",
      requests: Effect.map(emulator.requests, (all) => all.length),
      writes: emulator.count("SetCompShareTeamAmount"),
      loseNextAnswer: emulator.inject({
        operation: "SetCompShareTeamAmount",
        fault: { _tag: "drop-after" }
      }),
      invitee: "50099",
      period: Period.month("2026-10", { zone: "Asia/Shanghai" }),
      month: "2026-10"
    }
    return made
  }).pipe(
    Effect.provide(CompShare.layer({ ...options, endpoint })),
    Effect.provideService(Journal.Journal, Journal.memory())
  )
  return transport === undefined
    ? Effect.provideService(harness, Settlement.Settlement, timings)
    : Effect.provideService(harness, Transport.Transport, transport)
}

const inMemory = Effect.gen(function* () {
  const emulator = yield* CompShareEmulator.make(team)
  return yield* harnessOver(emulator, "http://127.0.0.1:1", emulator.transport)
})

const applicable = Conformance.checks.filter((check) => Conformance.applies(check, Effect.runSync(inMemory)))

it("all checks apply but those of what CompShare does not have", () => {
  const others = Conformance.checks.filter((check) => !applicable.includes(check))
  assert.deepStrictEqual(
    others.map(({ name }) => name),
    [
      "unlimited has to be meant, and a top-up leaves it",
      "who was removed is no member any more",
      "offboarding removes the member if it is asked to",
      "of what was bought in advance no more is used than there is",
      "use is of the period that was asked for"
    ]
  )
})

/** Runs a check on an account that saw a withdrawal lower what is granted: before that, none is set down. */
const run = Effect.fnUntraced(function* (check: Conformance.Check, harness: Conformance.Harness) {
  const { quotas } = harness.account
  yield* quotas.change(harness.otherMember, { allowance: { adjust: "-0.01 CNY" } }, { run: "first" })
  yield* check.run(harness)
})

describe("in memory", () => {
  for (const check of applicable) {
    it.effect(check.name, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(CompShareEmulator.seedTime * 1000)
        yield* whileTimePasses(run(check, yield* inMemory))
      })
    )
  }
})

describe("over real connections", () => {
  for (const check of applicable) {
    it.live(check.name, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const emulator = yield* CompShareEmulator.make(team)
          const { origin } = yield* emulator.serve()
          yield* run(check, yield* harnessOver(emulator, origin))
        })
      )
    )
  }
})
