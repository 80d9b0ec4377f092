/**
 * A key that is not known: every call refuses it by its name before anything is sent, in the form of the API
 * for Effect and in the one for promises.
 */
import { assert, describe, it } from "@effect/vitest"
import { type AccountDefinition, CloudQuotaError, connect } from "@cloud-quota/core/promise"
import { DateTime, Duration, Effect, Stream } from "effect"
import * as Account from "@cloud-quota/core/Account"
import * as Definition from "@cloud-quota/core/adapter/AccountDefinition"
import * as CircuitBreaker from "@cloud-quota/core/adapter/CircuitBreaker"
import type { CloudQuotaError as CoreError } from "@cloud-quota/core/CloudQuotaError"
import * as Emulator from "@cloud-quota/core/testing/Emulator"
import * as Export from "@cloud-quota/core/Export"
import * as Focus from "@cloud-quota/core/Focus"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Period from "@cloud-quota/core/Period"
import * as RateLimit from "@cloud-quota/core/adapter/RateLimit"
import * as Retry from "@cloud-quota/core/adapter/Retry"
import * as Settlement from "@cloud-quota/core/Settlement"
import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
import * as PostgresJournal from "@cloud-quota/core/PostgresJournal"
import * as Tables from "@cloud-quota/core/Tables"
import { delta, open } from "./fixtures/clouds.ts"

const odd = { unheardOf: 1 }
const spec = { allowance: { adjust: "10 CNY" } }
const action = spec.allowance
const change = { member: "m-1", metric: "allowance", action }
const run = { run: "r" }
const member = { id: "m-1", status: { _tag: "active" } }

/** Method, arguments with one key too many, and the field that is refused where it is not the key itself. */
type Row = readonly [method: string, args: ReadonlyArray<unknown>, field?: string]

/** What both forms of the API have. `period` is what a form takes for one. */
const rows = (period: unknown, member: object): ReadonlyArray<Row> => [
  ["quotas.list", [odd]],
  ["quotas.get", [{ ...member, ...odd }], "member"],
  ["quotas.change", ["m-1", spec, { ...run, ...odd }]],
  ["quotas.change", ["m-1", { allowance: { ...action, ...odd } }, run], "allowance"],
  ["quotas.change", [{ ...member, ...odd }, spec, run], "member"],
  ["quotas.change", [[{ ...member, ...odd }], spec, run], "member"],
  ["quotas.change", ["m-1", { ...spec, unheardOf: action }, run], "metric"],
  ["quotas.changeAll", [[change], { ...run, ...odd }]],
  ["quotas.changeAll", [[{ ...change, ...odd }], run]],
  ["quotas.changeAll", [[{ ...change, expected: "0 CNY" }], run], "expected"],
  ["quotas.changeAll", [[{ ...change, action: { ...action, ...odd } }], run], "allowance"],
  ["members.list", [odd]],
  ["members.get", [{ ...member, ...odd }], "member"],
  ["members.invite", [{ user: "u-9", ...odd }]],
  ["members.invite", [[{ user: "u-9", ...odd }]]],
  ["members.cancelInvite", [{ ...member, ...odd }], "member"],
  ["members.rename", [{ ...member, ...odd }, "Ada"], "member"],
  ["members.remove", [{ ...member, ...odd }], "member"],
  ["members.offboard", ["m-1", { ...run, ...odd }]],
  ["members.offboard", [{ ...member, ...odd }, run], "member"],
  ["billing.orders", [{ period, ...odd }]],
  ["billing.totals", [{ period, ...odd }]],
  ["billing.unpaid", [odd]],
  ["billing.refundQuotes", [{ member: "m-1", ...odd }]],
  ["billing.refundQuotes", [{ zone: "z", resourceIds: ["a"], ...odd }]],
  ["billing.usage", [{ period, ...odd }]],
  ["billing.monthlyCost", [{ month: "2026-11", ...odd }]],
  ["changes.baseline", [[{ ...member, ...odd }]], "member"],
  ["changes.recover", [odd]]
]

const methodOf = (account: object, path: string): ((...args: ReadonlyArray<unknown>) => unknown) => {
  const [service = "", method = ""] = path.split(".")
  const owner: unknown = Reflect.get(account, service)
  const found: unknown = Reflect.get(Object(owner), method)
  if (typeof found !== "function") throw new Error(`there is no ${path}`)
  return (...args) => Reflect.apply(found, owner, args)
}

const callable = (owner: object): ReadonlyArray<string> =>
  Object.entries(owner).flatMap(([name, value]) => (typeof value === "function" ? [name] : []))

const machine: Emulator.Machine = {
  operation: () => "a",
  handle: () => ({ status: 200, headers: {}, body: "" })
}

const emulated = <A, E, R>(use: (emulator: Emulator.Emulator) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(Emulator.make(machine), use)

describe("a key that is not known, with Effect", () => {
  const period = Period.month("2026-11", { zone: "Asia/Shanghai" })
  const all: ReadonlyArray<Row> = [...rows(period, member), ["history.list", [{ period, ...odd }]]]
  for (const [method, args, field = "unheardOf"] of all) {
    it.effect(`is refused by ${method}: ${JSON.stringify(args)}`, () =>
      Effect.gen(function* () {
        const cloud = yield* delta()
        const called = methodOf(cloud.still, method)(...args)
        const effect = (
          Stream.isStream(called) ? Stream.runCollect(called as Stream.Stream<unknown, unknown>) : called
        ) as Effect.Effect<unknown, CoreError>
        const { money, reason } = yield* Effect.flip(effect)
        assert.strictEqual(reason._tag, "InvalidRequest")
        assert.strictEqual("field" in reason ? reason.field : "", field)
        assert.strictEqual(money, "not-moved")
        assert.strictEqual(yield* cloud.requests, 0)
      })
    )
  }

  it.effect("is tried with every method that takes an object", () =>
    Effect.gen(function* () {
      const { still } = yield* delta()
      const tried = new Set(all.map(([method]) => method))
      const { billing, changes, history, members, quotas } = still
      const methods = Object.entries({ billing, changes, history, members, quotas }).flatMap(
        ([service, owner]) => callable(owner).map((method) => `${service}.${method}`)
      )
      // These take texts alone.
      const texts = ["changes.resolve", "members.find", "members.search"]
      assert.deepStrictEqual(methods.filter((method) => !tried.has(method)).sort(), texts)
    })
  )

  it.effect("is refused in the waiting times of Settlement", () =>
    Effect.gen(function* () {
      const { driver, requests } = yield* MemoryProvider.delta()
      const timings = { ...Settlement.defaults, takover: Duration.seconds(1) }
      const { changes, quotas } = yield* Effect.provideService(open(driver), Settlement.Settlement, timings)
      for (const call of [quotas.change("m-1", spec, run), changes.recover()]) {
        const { reason } = yield* Effect.flip<unknown, CoreError, never>(call)
        assert.match(reason.message, /takover is not known here: did you mean takeover\?/)
      }
      assert.strictEqual(yield* requests, 0)
    })
  )

  const refused: ReadonlyArray<readonly [what: string, make: () => unknown]> = [
    ["SqliteJournal.make", () => SqliteJournal.make(odd as object)],
    ["SqliteJournal.layer", () => SqliteJournal.layer({ directory: "/x", ...odd } as object)],
    ["PostgresJournal.layer", () => PostgresJournal.layer({ ...odd } as never)],
    ["PostgresJournal.fromClient", () => PostgresJournal.fromClient(odd as object)],
    ["Retry.make", () => Retry.make(odd as object)],
    ["Export.csv", () => Export.csv(Tables.orders, odd as object)],
    ["Export.json", () => Export.json(Tables.orders, odd as object)],
    ["Export.ndjson", () => Export.ndjson(Tables.orders, odd as object)],
    ["Export.csv of a table", () => Export.csv({ ...Tables.orders, ...odd })],
    [
      "Export.csv of a column",
      () => Export.csv({ columns: [{ name: "a", kind: "text", value: () => "", ...odd } as never] })
    ],
    ["Focus.rows", () => Focus.rows(odd as never)],
    ["MemoryProvider.delta", () => Effect.runSync(MemoryProvider.delta(odd as object))],
    ["MemoryProvider.absolute", () => Effect.runSync(MemoryProvider.absolute(odd as object))],
    ["Emulator.make", () => Effect.runSync(Emulator.make(machine, odd as object))],
    [
      "Emulator.serve",
      () => Effect.runSync(Effect.scoped(emulated((emulator) => emulator.serve(odd as object))))
    ],
    [
      "Emulator.inject",
      () => Effect.runSync(emulated((one) => one.inject({ operation: "a", fault: { _tag: "hang" }, ...odd })))
    ],
    ["Period.month", () => Period.month("2026-11", { zone: "UTC", ...odd } as never)],
    ["Period.lastMonth", () => Period.lastMonth({ zone: "UTC", ...odd } as never)]
  ]
  for (const [what, make] of refused) {
    it(`is refused by ${what}`, () => {
      assert.throws(make, /unheardOf: is not known here/)
    })
  }

  it("is refused in policies", () => {
    const rate = RateLimit.make("memory", { requests: 1, per: Duration.seconds(1), ...odd } as never)
    const breaker = CircuitBreaker.make("memory", odd as never)
    for (const made of [rate, breaker]) {
      assert.match(made._tag === "Failure" ? made.failure.message : "made", /unheardOf: is not known here/)
    }
  })
})

describe("a key that is not known, with promises", () => {
  const opened = async () => {
    const { driver, requests } = await Effect.runPromise(MemoryProvider.delta())
    const team: AccountDefinition = Definition.make("memory-delta", Account.layer(Effect.succeed(driver)))
    return { team, requests: () => Effect.runPromise(requests) }
  }

  const failureOf = async (called: unknown): Promise<CloudQuotaError> => {
    const list =
      typeof called === "object" && called !== null && "toArray" in called ? called.toArray : undefined
    const promise = typeof list === "function" ? Reflect.apply(list, called, []) : called
    const error: unknown = await Promise.resolve(promise).then(
      (value) => assert.fail(`it resolved with ${String(value)}`),
      (reason: unknown) => reason
    )
    assert.instanceOf(error, CloudQuotaError)
    return error
  }

  const month = { period: "2026-11" }
  const ofPromises: ReadonlyArray<Row> = [
    ...rows("2026-11", { id: "m-1", status: "active" }),
    ["quotas.get", ["m-1", odd]],
    ["members.get", ["m-1", odd]],
    ["members.find", ["Ada", odd]],
    ["members.search", ["Ada", odd]],
    ["members.invite", [{ user: "u-9" }, odd]],
    ["members.cancelInvite", ["m-1", odd]],
    ["members.rename", ["m-1", "Ada", odd]],
    ["members.remove", ["m-1", odd]],
    ["billing.refundQuotes", [{ member: "m-1" }, odd]],
    ["billing.entitlements", [odd]],
    ["billing.balance", [odd]],
    ["changes.baseline", [["m-1"], odd]],
    ["changes.pending", [odd]],
    ["changes.resolve", ["1", "applied", "seen", odd]],
    ["changes.verify", [odd]],
    ["changes.review", [odd]]
  ]
  for (const [method, args, field = "unheardOf"] of ofPromises) {
    it(`is refused by ${method}: ${JSON.stringify(args)}`, async () => {
      const { requests, team } = await opened()
      await using cloud = await connect({ accounts: { team } })
      const error = await failureOf(methodOf(cloud.account("team"), method)(...args))
      assert.strictEqual(error.reason, "InvalidRequest")
      assert.strictEqual(error.field, field)
      assert.strictEqual(error.money, "not-moved")
      assert.strictEqual(await requests(), 0)
    })
  }

  it("is tried with every method", async () => {
    const { team } = await opened()
    await using cloud = await connect({ accounts: { team } })
    const tried = new Set(ofPromises.map(([method]) => method))
    const { billing, changes, members, quotas } = cloud.account("team")
    const methods = Object.entries({ billing, changes, members, quotas }).flatMap(([service, owner]) =>
      callable(owner).map((method) => `${service}.${method}`)
    )
    assert.deepStrictEqual(
      methods.filter((method) => !tried.has(method)),
      []
    )
  })

  it("is refused by the cloud as a whole, and by history", async () => {
    const { requests, team } = await opened()
    await using cloud = await connect({ accounts: { team } })
    const { history } = cloud.account("team")
    const lists = [
      cloud.quotas(odd as object),
      cloud.members(odd as object),
      cloud.orders({ ...month, ...odd } as typeof month),
      cloud.review(odd as object),
      history({ ...month, ...odd } as typeof month)
    ]
    for (const list of lists) assert.strictEqual((await failureOf(list)).field, "unheardOf")
    assert.strictEqual(await requests(), 0)
  })

  it("is refused by connect, in every object of its options", async () => {
    const { team } = await opened()
    const accounts = { team }
    const nobody = () => undefined
    const wrong: ReadonlyArray<readonly [options: object, field: string]> = [
      [{ accounts, ...odd }, "unheardOf"],
      [{ accounts, journal: { sqlite: "/x", ...odd } }, "journal.unheardOf"],
      [{ accounts, journal: { postgres: { url: "postgres://x" }, ...odd } }, "journal.unheardOf"],
      [{ accounts, journal: { postgres: { url: "postgres://x", ...odd } } }, "journal.unheardOf"],
      [{ accounts, people: { memberOf: nobody, personOf: nobody, ...odd } }, "people.unheardOf"]
    ]
    for (const [options, field] of wrong) {
      const error = await failureOf(connect(options as { accounts: typeof accounts }))
      assert.strictEqual(error.reason, "InvalidRequest")
      assert.strictEqual(error.field, field)
    }
  })
})

describe("a time in other units", () => {
  const zone = { zone: "Asia/Shanghai" }
  it("is refused, and it is said which it is", () => {
    const seconds = DateTime.makeUnsafe(1_764_547_200)
    const millis = DateTime.makeUnsafe(1_764_547_200_000)
    const micros = DateTime.makeUnsafe(1_764_547_200_000_000)
    assert.throws(() => Period.between(seconds, millis, zone), /1970-01-21.* was made of seconds/)
    assert.throws(() => Period.make(seconds, millis), /was made of seconds/)
    assert.throws(() => Period.make(millis, micros), /after the year 9999/)
    assert.doesNotThrow(() => Period.make(DateTime.makeUnsafe(0), millis))
  })
})
