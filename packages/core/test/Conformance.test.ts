/**
 * The conformance checks, on both reference providers; and that they notice an adapter that does
 * not do what it has to.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Account from "@cloud-quota/core/Account"
import { all } from "@cloud-quota/core/Capabilities"
import * as Conformance from "@cloud-quota/core/testing/Conformance"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import * as Journal from "@cloud-quota/core/Journal"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Period from "@cloud-quota/core/Period"
import * as Quantity from "@cloud-quota/core/Quantity"

const kinds = {
  absolute: MemoryProvider.absolute(),
  delta: MemoryProvider.delta(),
  "delta, with a log": MemoryProvider.delta({ log: true })
} as const

interface Provider extends MemoryProvider.Controls<unknown> {
  readonly driver: Driver
}

const harnessOf = (
  { driver, requests, script, writes }: Provider,
  journal = Journal.memory()
): Effect.Effect<Conformance.Harness> =>
  Effect.gen(function* () {
    return {
      account: yield* Account.Account,
      member: "m-1",
      otherMember: "m-2",
      missingMember: "m-404",
      malformedMember: "not an id",
      requests,
      writes: Effect.map(writes, (all) => all.length),
      loseNextAnswer: script("answer-lost"),
      invitee: "u-5",
      period: Period.between("2026-01-01", "2027-01-01", { zone: "Asia/Shanghai" }),
      month: "2026-12"
    }
  }).pipe(
    Effect.provide(Account.layer(Effect.succeed(driver))),
    Effect.provideService(Journal.Journal, journal)
  )

/** Time passes while the effect runs, so that whatever it waits for comes. */
const whileTimePasses = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const passing = yield* Effect.forkChild(Effect.forever(TestClock.adjust("10 seconds")))
    return yield* Effect.ensuring(effect, Fiber.interrupt(passing))
  })

const runCheck = (name: string, harness: Conformance.Harness) => {
  const check = Conformance.checks.find((one) => one.name === name)
  if (check === undefined) throw new Error(`there is no check "${name}"`)
  return whileTimePasses(check.run(harness))
}

const applicable = (provider: Effect.Effect<Provider>): ReadonlyArray<Conformance.Check> => {
  const harness = Effect.runSync(Effect.flatMap(provider, (made) => harnessOf(made)))
  return Conformance.checks.filter((check) => Conformance.applies(check, harness))
}

for (const [kind, provider] of Object.entries(kinds)) {
  describe(`memory, ${kind}`, () => {
    for (const { name } of applicable(provider)) {
      it.effect(name, () =>
        Effect.gen(function* () {
          yield* runCheck(name, yield* harnessOf(yield* provider))
        })
      )
    }
  })
}

const withdrawn = "an invitation that was withdrawn is no longer open"

describe("which checks apply", () => {
  const without = (provider: Effect.Effect<Provider>) => {
    const names = applicable(provider).map(({ name }) => name)
    return Conformance.checks.map(({ name }) => name).filter((name) => !names.includes(name))
  }

  it("goes by the capabilities", () => {
    // Who is invited by it has joined at once, so that there is no invitation to withdraw.
    assert.deepStrictEqual(without(kinds.absolute), [withdrawn])
    assert.deepStrictEqual(without(kinds.delta), [
      "set lowers to the limit that was asked for",
      "unlimited has to be meant, and a top-up leaves it"
    ])
  })

  it.effect("goes by whether an answer can be lost", () =>
    Effect.gen(function* () {
      const { loseNextAnswer: _, ...harness } = yield* harnessOf(yield* kinds.delta)
      const left = Conformance.checks.filter((check) => !Conformance.applies(check, harness))
      assert.include(
        left.map(({ name }) => name),
        "a lost answer never leads to a second change"
      )
    })
  )
})

it.effect("an adapter that lacks actions fulfils what is left, and refuses the rest unsent", () =>
  Effect.gen(function* () {
    const { driver, ...doors } = yield* MemoryProvider.absolute()
    const lacking = { support: "unsupported", note: "left out" } as const
    const lacks = all.filter(
      (name) => !["quotas.get", "quotas.list", "quotas.used", "members.list", "members.get"].includes(name)
    )
    const capabilities = {
      ...driver.capabilities,
      ...Object.fromEntries(lacks.map((name) => [name, lacking]))
    }
    const harness = yield* harnessOf({ ...doors, driver: { ...driver, capabilities } })
    const left = Conformance.checks.filter((check) => Conformance.applies(check, harness))
    for (const { name } of left) yield* runCheck(name, harness)
    assert.isTrue(
      left.some(({ name }) => name === "what is not supported is refused before anything is sent")
    )
    assert.isFalse(left.some(({ needs }) => needs.some((need) => lacks.some((lack) => lack === need))))
  })
)

describe("what the checks notice", () => {
  /** Runs one check, which has to fail with this message. */
  const noticed = (name: string, message: RegExp, harness: Effect.Effect<Conformance.Harness>) =>
    it.effect(name, () =>
      Effect.gen(function* () {
        const failure = yield* Effect.flip(runCheck(name, yield* harness))
        assert.match(failure.message, message)
      })
    )

  const withDriver = (change: (driver: Driver) => Driver) =>
    Effect.flatMap(MemoryProvider.absolute(), (provider) =>
      harnessOf({ ...provider, driver: change(provider.driver) })
    )

  const withDelta = (change: (driver: Driver) => Driver) =>
    Effect.flatMap(MemoryProvider.delta(), (provider) =>
      harnessOf({ ...provider, driver: change(provider.driver) })
    )

  const period = { start: DateTime.makeUnsafe("2026-01-01"), end: DateTime.makeUnsafe("2027-01-01") }

  const answering =
    (answer: "joined" | "unknown"): NonNullable<Driver["invite"]> =>
    (invitations) =>
      Effect.succeed(invitations.map(({ user }) => ({ user, answer })))

  /** Remembers nothing from one call to the next. */
  const forgetful: Journal.Journal = {
    ...Journal.memory(),
    hold: (account) => Journal.memory().hold(account)
  }
  const forgetting = Effect.flatMap(MemoryProvider.delta(), (provider) => harnessOf(provider, forgetful))

  noticed(
    "every unsupported capability says what is lacking",
    /^a note on quotas.reclaim/,
    withDriver((driver) => ({
      ...driver,
      capabilities: { ...driver.capabilities, "quotas.reclaim": { support: "unsupported" } }
    }))
  )
  noticed(
    "every quota listed belongs to a known metric, in its unit",
    /^avatar-models is a known metric: expected true, and saw false$/,
    withDriver((driver) => ({ ...driver, metrics: driver.metrics.slice(1) }))
  )
  noticed(
    "get gives of a member what list gives of it",
    /^the quotas of m-1: expected .*video-minutes/,
    withDriver((driver) => ({
      ...driver,
      getQuotas: (member) => Effect.map(driver.getQuotas(member), (all) => all.slice(0, 1))
    }))
  )
  noticed(
    "a member that does not exist has no quotas: NotFound",
    /^quotas.get: expected NotFound, and saw success$/,
    withDriver((driver) => ({ ...driver, getQuotas: () => Effect.succeed([]) }))
  )
  noticed(
    "what cannot be an id is refused before anything is sent",
    /^members.get: expected InvalidRequest, and saw NotFound$/,
    withDriver((driver) => ({ ...driver, memberId: () => driver.memberId("m-9") }))
  )
  noticed(
    "a member is the same by itself and in the listing",
    /^m-1: expected /,
    withDriver((driver) => ({ ...driver, listMembers: Stream.drop(driver.listMembers, 1) }))
  )
  noticed(
    "set raises to the limit that was asked for",
    /^the limit of avatar-models: expected 12, and saw 10$/,
    withDriver((driver) => ({ ...driver, write: { _tag: "Absolute", put: () => Effect.succeed({}) } }))
  )
  noticed(
    "the same run again changes nothing again",
    /^writes of the same run again: expected 0, and saw 1$/,
    forgetting
  )
  noticed(
    "another wish under the same run is refused",
    /^another wish: expected RunReused, and saw success$/,
    forgetting
  )
  noticed(
    "a lost answer never leads to a second change",
    /^writes of two calls .*: expected 1, and saw 2$/,
    forgetting
  )
  noticed(
    "a member is found by name, whatever the case",
    /^m-1 has a name: expected true, and saw false$/,
    withDriver((driver) => ({
      ...driver,
      listMembers: Stream.map(driver.listMembers, ({ name: _, ...info }) => info),
      getMember: (member) => Effect.map(driver.getMember(member), ({ name: _, ...info }) => info)
    }))
  )
  noticed(
    "who is invited is listed so, and is not invited again",
    /^listed once as u-5: expected 1, and saw 0$/,
    withDriver((driver) => ({ ...driver, invite: answering("joined") }))
  )
  noticed(
    "who is invited is listed so, and is not invited again",
    /^u-5 is invited or has joined .*: expected true, and saw false$/,
    withDriver((driver) => ({ ...driver, invite: answering("unknown") }))
  )
  noticed(
    "who is invited is listed so, and is not invited again",
    /^invitee of the harness: expected given, and saw absent$/,
    Effect.map(
      withDriver((driver) => driver),
      ({ invitee: _, ...harness }) => harness
    )
  )
  noticed(
    withdrawn,
    /^still listed as u-5: expected 0, and saw 1$/,
    withDelta((driver) => ({ ...driver, cancelInvite: () => Effect.void }))
  )
  noticed(
    "a new name is seen",
    /^the name: expected 林晓 .*, and saw Ada$/,
    withDriver((driver) => ({ ...driver, rename: () => Effect.void }))
  )
  noticed(
    "who was removed is no member any more",
    /^still listed: expected 0, and saw 1$/,
    withDriver((driver) => ({ ...driver, remove: () => Effect.void }))
  )
  noticed(
    "offboarding leaves nothing, and the member",
    /^complete .*: expected true, and saw false$/,
    withDriver((driver) => ({ ...driver, write: { _tag: "Absolute", put: () => Effect.succeed({}) } }))
  )
  noticed(
    "offboarding removes the member if it is asked to",
    /^still listed: expected 0, and saw 1$/,
    withDriver((driver) => ({ ...driver, remove: () => Effect.void }))
  )
  noticed(
    "every order is of the period that was asked for, and is there once",
    /^orders that are there twice: expected 0, and saw 4$/,
    withDriver(({ listOrders, ...driver }) => ({
      ...driver,
      listOrders: (filter) => {
        const rows = listOrders?.(filter) ?? Stream.empty
        return Stream.concat(rows, rows)
      }
    }))
  )
  noticed(
    "the orders of a member are those of everybody that are the member's",
    /^the member's orders: expected order-1 .*, and saw $/,
    withDriver(({ listOrders, ...driver }) => ({
      ...driver,
      listOrders: (filter) =>
        filter.member === undefined ? (listOrders?.(filter) ?? Stream.empty) : Stream.empty
    }))
  )
  noticed(
    "totals are what the orders come to, and what the provider says",
    /^the verdict: expected agrees, and saw differs$/,
    withDriver((driver) => ({
      ...driver,
      orderSums: () => Effect.succeed({ count: 4, amount: [Quantity.cny(1)], paid: [] })
    }))
  )
  noticed(
    "unpaid orders are unpaid",
    /^the status of order-1: expected unpaid, and saw done$/,
    withDriver((driver) => ({
      ...driver,
      listUnpaid: () => driver.listOrders?.({ period }) ?? Stream.empty
    }))
  )
  noticed(
    "each resource of a member is quoted once",
    /^what comes back for gpu-1: expected undefined, and saw 1.00 CNY$/,
    withDriver((driver) => ({
      ...driver,
      memberRefundQuotes: () =>
        Effect.succeed([{ resourceId: "gpu-1", refundable: false, amount: Quantity.cny(1) }])
    }))
  )
  noticed(
    "of what was bought in advance no more is used than there is",
    /^101 min of 100 min in package-1: expected false, and saw true$/,
    withDriver(({ listEntitlements, ...driver }) => ({
      ...driver,
      listEntitlements: Stream.map(listEntitlements ?? Stream.empty, (one) => ({
        ...one,
        used: Quantity.minutes(101)
      }))
    }))
  )
  noticed(
    "a balance has parts with names, or a sum",
    /^something is told: expected true, and saw false$/,
    withDriver((driver) => ({
      ...driver,
      balance: Effect.succeed({ parts: [], observedAt: period.start })
    }))
  )
  noticed(
    "use is of the period that was asked for",
    /^Video at .* is in it: expected true, and saw false$/,
    withDriver(({ listUsage, ...driver }) => ({
      ...driver,
      listUsage: (filter) =>
        Stream.map(listUsage?.(filter) ?? Stream.empty, (row) => ({ ...row, at: period.end }))
    }))
  )
  noticed(
    "costs are of the month that was asked for",
    /^the month of a cost: expected 2026-12, and saw 2026-11$/,
    withDriver(({ listCosts, ...driver }) => ({
      ...driver,
      listCosts: (filter) =>
        Stream.map(listCosts?.(filter) ?? Stream.empty, (row) => ({ ...row, month: "2026-11" }))
    }))
  )
  noticed(
    "a history has what was changed, oldest first",
    /^entries of the change: expected m-1 succeeded, and saw $/,
    Effect.map(
      withDriver((driver) => driver),
      (harness) => ({
        ...harness,
        account: { ...harness.account, history: { list: () => Stream.empty } }
      })
    )
  )
})
