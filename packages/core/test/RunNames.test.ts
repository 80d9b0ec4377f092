/**
 * Names of runs that look alike: nobody is paid again for another spelling, also with a journal in which an
 * earlier version has taken one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Stream } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as AccountIdentity from "@cloud-quota/core/AccountIdentity"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
import { ada, delta, inTime, only, open } from "./fixtures/clouds.ts"
import { toVersion1 } from "./fixtures/version1.ts"

const spec = { allowance: { adjust: "10 CNY" } }
const decomposed = "cafe\u0301/1"
const composed = "caf\u00e9/1"

/** Writes down that a run has paid m-1 10 CNY, whatever its name. */
const paid = (journal: Journal.Journal, account: string, run: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const hold = yield* journal.hold(account)
      const limit = Limit.finite(Quantity.cny(100))
      const after = Limit.finite(Quantity.cny(110))
      const intent = { run, member: ada, metric: "allowance", attempt: 1, request: "adjust 10.00 CNY" }
      const given = { ...intent, before: { limit }, after, delta: Quantity.cny(10), membership: "1" }
      const [written] = (yield* hold.insert([given])) ?? []
      const id = written?.id ?? ""
      yield* hold.advance({ id, from: "prepared", to: "sending", fenced: true })
      yield* hold.advance({ id, from: "sending", to: "applied", fenced: true, evidence: "response" })
    })
  )

const fieldOf = (reason: object) => ("field" in reason ? reason.field : undefined)

describe("the name of a run", () => {
  for (const odd of [
    decomposed,
    "top\u00a0up",
    "topup/2026\u201112",
    "top\u200bup",
    "t\u043epup",
    "\ue000topup"
  ]) {
    it.effect(`is refused as ${JSON.stringify(odd)}, and nothing is sent`, () =>
      Effect.gen(function* () {
        const cloud = yield* delta()
        const { money, reason } = yield* Effect.flip(cloud.quotas.change("m-1", spec, { run: odd }))
        assert.strictEqual(reason._tag, "InvalidRequest")
        assert.strictEqual(fieldOf(reason), "run")
        assert.match(reason.message, /write "/)
        assert.strictEqual(money, "not-moved")
        const offboarding = yield* Effect.flip(cloud.still.members.offboard("m-1", { run: odd }))
        assert.strictEqual(fieldOf(offboarding.reason), "run")
        assert.deepStrictEqual(yield* cloud.writes, [])
      })
    )
  }

  it.effect("finds what an earlier version has done under another spelling", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const cloud = yield* delta({ journal })
      yield* paid(journal, AccountIdentity.key(cloud.driver.identity), decomposed)
      const result = only(yield* cloud.quotas.change("m-1", spec, { run: composed }))
      assert.strictEqual(result.outcome._tag, "Applied")
      assert.isDefined(result.doneAt)
      assert.deepStrictEqual(yield* cloud.writes, [])
      const other = yield* Effect.flip(
        cloud.quotas.change("m-1", { allowance: { adjust: "20 CNY" } }, { run: composed })
      )
      assert.strictEqual(other.reason._tag, "RunReused")
      // What is still to be done goes on under the spelling that is there.
      yield* cloud.quotas.change("m-2", spec, { run: composed })
      const runs = yield* Stream.runCollect(Stream.map(journal.intents(), ({ run }) => run))
      assert.deepStrictEqual([...new Set(runs)], [decomposed])
      assert.strictEqual((yield* cloud.writes).length, 1)
    })
  )

  for (const [first, second] of [
    [decomposed, composed],
    ["top\u200bup", "topup"]
  ] as const) {
    it.effect(`is refused with both where two look alike: ${JSON.stringify([first, second])}`, () =>
      Effect.gen(function* () {
        const journal = Journal.memory()
        const cloud = yield* delta({ journal })
        const key = AccountIdentity.key(cloud.driver.identity)
        yield* paid(journal, key, first)
        yield* paid(journal, key, second)
        const { reason } = yield* Effect.flip(cloud.quotas.change("m-2", spec, { run: second }))
        assert.strictEqual(reason._tag, "RunReused")
        assert.match(reason.message, /\\u\{.*look alike/)
        assert.include(reason.message, second)
        assert.deepStrictEqual(yield* cloud.writes, [])
      })
    )
  }

  it.effect("is refused where an earlier one has the same look in another alphabet", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.quotas.change("m-1", spec, { run: "\u0441\u043e\u0440/1" })
      const { reason } = yield* Effect.flip(cloud.quotas.change("m-1", spec, { run: "cop/1" }))
      assert.strictEqual(reason._tag, "RunReused")
      assert.match(reason.message, /"\\u\{441\}\\u\{43e\}\\u\{440\}\/1" and "cop\/1" look alike/)
      assert.strictEqual((yield* cloud.writes).length, 1)
      yield* cloud.quotas.change("m-1", spec, { run: "зарплата/1" })
      assert.strictEqual((yield* cloud.writes).length, 2)
    })
  )

  it.live("is found in a SQLite journal of version 1, which is migrated", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const directory = mkdtempSync(join(tmpdir(), "cloud-quota-runs-"))
        yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(directory, { recursive: true })))
        const { driver, writes } = yield* MemoryProvider.delta()
        const key = AccountIdentity.key(driver.identity)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const journal = yield* SqliteJournal.make({ directory })
            yield* paid(journal, key, decomposed)
            yield* paid(journal, key, "plain/1")
            yield* Effect.scoped(Effect.flatMap(journal.hold(key), (hold) => hold.baseline([])))
          })
        )
        const database = new DatabaseSync(join(directory, "journal.sqlite"))
        for (const statement of toVersion1) database.exec(statement.replaceAll("~.", ""))
        database.close()
        const journal = yield* SqliteJournal.make({ directory })
        const { quotas } = yield* open(driver, journal)
        for (const run of [composed, "plain/1"]) {
          assert.isDefined(only(yield* quotas.change("m-1", spec, { run })).doneAt)
        }
        assert.deepStrictEqual(yield* writes, [])
      })
    )
  )
})

describe("a change that an earlier call has done", () => {
  it.effect("says so, and when, and warns where a call has done nothing new", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const options = { run: "topup" }
      const first = yield* cloud.quotas.change(["m-1"], spec, options)
      assert.isUndefined(only(first).doneAt)
      const both = yield* cloud.quotas.change(["m-1", "m-2"], spec, options)
      assert.deepStrictEqual(
        both.results.map(({ doneAt }) => doneAt !== undefined),
        [true, false]
      )
      const warnings: Array<string> = []
      const logger = Logger.make<unknown, void>(
        ({ message }) => void warnings.push(String([message].flat()[0]))
      )
      const again = yield* inTime(cloud.still.quotas.change(["m-1", "m-2"], spec, options)).pipe(
        Effect.provide(Logger.layer([logger]))
      )
      assert.match(warnings.join("\n"), /^memory-delta: the run "topup" was done by earlier calls/)
      for (const { doneAt, message } of again.results) {
        assert.isDefined(doneAt)
        assert.match(message, /done by an earlier call of this run, at 1970-01-01T/)
      }
      assert.strictEqual((yield* cloud.writes).length, 2)
    })
  )
})
