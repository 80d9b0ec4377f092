/**
 * What needs a person, or time, over all accounts.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { readdirSync } from "node:fs"
import * as Account from "@cloud-quota/core/Account"
import * as Accounts from "@cloud-quota/core/Accounts"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import * as People from "@cloud-quota/core/People"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Review from "@cloud-quota/core/Review"
import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
import { absolute, ada, delta, inTime, outage, outcomes, real, run } from "./fixtures/clouds.ts"
import { folder } from "./fixtures/configured.ts"

const more = { allowance: { adjust: "10 CNY" } } as const
const defer = { ...run, settle: "defer" } as const
const openOf = ({ still }: { readonly still: Account.Account["Service"] }) =>
  inTime(Stream.runCollect(still.changes.review))

/** `unsettled m-1 allowance 10.00 CNY`. */
const brief = (all: ReadonlyArray<Review.Open>) =>
  all.map(({ delta, kind, member, metric }) => [kind, member, metric, delta].filter(Boolean).join(" "))

describe("what is open", () => {
  it.effect("is nothing where nothing was done, or all is settled", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      assert.deepStrictEqual(yield* openOf(cloud), [])
      yield* cloud.quotas.change("m-1", more, run)
      assert.deepStrictEqual(yield* openOf(cloud), [])
    })
  )

  it.effect("is a change without an outcome: whose, how much, of which run, since when, and what to do", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      const cloud = yield* delta()
      yield* cloud.script("answer-lost")
      yield* cloud.quotas.change("m-1", more, defer)
      const [open, ...rest] = yield* openOf(cloud)
      const [pending] = yield* cloud.changes.pending
      assert.deepStrictEqual(rest, [])
      assert.deepStrictEqual(
        [open?.kind, open?.account, open?.member, open?.metric, open?.run, open?.change],
        ["unsettled", "memory-delta", "m-1", "allowance", "test", pending?.id]
      )
      assert.strictEqual(`${open?.delta}`, "10.00 CNY")
      assert.isTrue(open?.since !== undefined && DateTime.toEpochMillis(open.since) >= 3_600_000)
      assert.strictEqual(
        open?.message,
        'The outcome of changing allowance of m-1 (+10.00 CNY, run "test") is not known. Money: unknown.'
      )
      assert.match(open?.next ?? "", /Changes\.recover, or by the same run again\. Do not repeat it by hand/)
      yield* cloud.changes.recover()
      assert.deepStrictEqual(yield* openOf(cloud), [])
    })
  )

  it.effect("is a conflict, until a person decides", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ withdrawals: "keep-limit" })
      yield* cloud.script("answer-lost")
      const less = { allowance: { adjust: "-10 CNY" } } as const
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", less, run)), ["Conflict"])
      const all = yield* openOf(cloud)
      assert.deepStrictEqual(brief(all), ["conflict m-1 allowance -10.00 CNY"])
      const [{ change = "", message = "", next = "" } = {}] = all
      assert.match(message, /^It cannot be told whether allowance of m-1 .* was changed: ./)
      assert.include(next, `Changes.resolve("${change}", "applied" or "not-applied", a note)`)
      yield* cloud.changes.resolve(change, "applied", "asked in the console")
      assert.deepStrictEqual(yield* openOf(cloud), [])
    })
  )

  it.effect("is drift, by how much, until somebody vouches for it", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.quotas.change("m-1", more, run)
      yield* cloud.setByConsole(ada, "allowance", Limit.finite(Quantity.cny(600)))
      const all = yield* openOf(cloud)
      assert.deepStrictEqual(brief(all), ["drift m-1 allowance 90.00 CNY"])
      assert.strictEqual(
        all[0]?.message,
        "allowance of m-1 is 600.00 CNY; the last settled limit is 510.00 CNY."
      )
      yield* cloud.changes.baseline(["m-1"])
      assert.deepStrictEqual(yield* openOf(cloud), [])
    })
  )

  it.effect("is told beside drift that could not be looked at", () =>
    Effect.gen(function* () {
      let isDown = false
      const cloud = yield* delta({
        driver: ({ driver }) => ({
          ...driver,
          write: {
            ...driver.write,
            snapshot: (members) =>
              Effect.suspend(() => (isDown ? Effect.fail(outage) : driver.write.snapshot(members)))
          }
        })
      })
      yield* cloud.script("answer-lost")
      yield* cloud.quotas.change("m-1", more, defer)
      isDown = true
      const all = yield* openOf(cloud)
      assert.deepStrictEqual(brief(all), ["unsettled m-1 allowance 10.00 CNY", "unchecked"])
      assert.match(
        all[1]?.message ?? "",
        /could not be compared with the last settled ones: The provider is out of order/
      )
    })
  )

  it.effect("is what a lost put left, where a cloud is told limits; and there is no drift", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.quotas.change("m-2", { "video-minutes": { set: "61 min" } }, run)
      yield* cloud.setByConsole(ada, "video-minutes", Limit.finite(Quantity.minutes(99)))
      assert.deepStrictEqual(yield* openOf(cloud), [])
      yield* cloud.script("request-lost", "request-lost", "request-lost")
      yield* cloud.quotas.change("m-1", { "video-minutes": { set: "100 min" } }, { settle: "defer" })
      const all = yield* openOf(cloud)
      assert.deepStrictEqual(brief(all), ["unsettled m-1 video-minutes 1 min"])
      assert.isUndefined(all[0]?.run)
      assert.include(all[0]?.message, "(+1 min)")
      assert.notInclude(all[0]?.next, "run")
    })
  )

  it.effect("does not make a journal where there is none", () =>
    Effect.gen(function* () {
      const directory = yield* folder()
      const journal = yield* SqliteJournal.make({ directory })
      const cloud = yield* delta({ journal, driver: real })
      assert.deepStrictEqual(yield* openOf(cloud), [])
      assert.deepStrictEqual(readdirSync(directory), [])
    }).pipe(Effect.scoped)
  )
})

describe("over all accounts", () => {
  it.effect("it is told account by account, with the persons", () =>
    Effect.gen(function* () {
      const [gpu, lab] = [yield* delta(), yield* delta()]
      const layer = Accounts.layer({
        gpu: Account.layer(Effect.succeed(gpu.driver)),
        lab: Account.layer(
          Effect.succeed({ ...lab.driver, identity: { ...lab.driver.identity, scope: "team-2" } })
        )
      }).pipe(
        Layer.provide(People.layer(People.fromRecord({ "ada@example.com": { lab: "m-1" } }))),
        Layer.provide(Layer.succeed(Journal.Journal, Journal.memory()))
      )
      yield* Effect.gen(function* () {
        const accounts = yield* Accounts.Accounts
        for (const name of ["lab", "gpu"]) {
          yield* (name === "gpu" ? gpu : lab).script("answer-lost")
          yield* inTime((yield* accounts.get(name)).quotas.change("m-1", more, defer))
        }
        const all = yield* inTime(Stream.runCollect(Review.list))
        assert.deepStrictEqual(
          all.map(({ account, kind, person }) => [account, kind, person]),
          [
            ["gpu", "unsettled", undefined],
            ["lab", "unsettled", "ada@example.com"]
          ]
        )
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("a journal that cannot be read is an error, and never an empty answer", () =>
    Effect.gen(function* () {
      const error = new Journal.JournalError({ kind: "failed", message: "the disk is gone" })
      const broken = { ...Journal.memory(), chosen: true, intents: () => Stream.fail(error) }
      const failure = yield* Effect.flip(openOf(yield* delta({ journal: broken })))
      assert.deepStrictEqual([failure.reason._tag, failure.account], ["JournalFailed", "memory-delta"])
    })
  )
})
