/**
 * The closing look of a cloud that takes differences: every changed member is read again at the end, and a
 * limit that is not the target is reported, kept, and given again by the same run.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { ActionInput } from "@cloud-quota/core/Change"
import * as Export from "@cloud-quota/core/Export"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import type * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Report from "@cloud-quota/core/Report"
import * as Tables from "@cloud-quota/core/Tables"
import {
  ada,
  bao,
  connecting,
  delta,
  failsAt,
  limitsOf,
  only,
  outage,
  outcomes,
  reading,
  run,
  timed
} from "./fixtures/clouds.ts"

const limit = (yuan: number) => Limit.finite(Quantity.cny(yuan))
const more = { allowance: { adjust: "10 CNY" } } as const
const less = { allowance: { adjust: "-10 CNY" } } as const

/** A provider that carries out every request twice. */
const twice = (provider: MemoryProvider.DeltaProvider): MemoryProvider.DeltaProvider["driver"] =>
  connecting((line) => ({
    ...line,
    apply: (difference, check) =>
      Effect.tap(line.apply(difference, check), () =>
        Effect.gen(function* () {
          const [state] = yield* Effect.orDie(provider.driver.getQuotas(difference.member))
          if (state === undefined) return
          yield* provider.setByConsole(
            difference.member,
            "allowance",
            Limit.add(state.limit, difference.delta)
          )
        })
      )
  }))(provider)

const closings = (journal: Journal.Journal) =>
  Effect.map(Stream.runCollect(journal.intents()), (intents) => intents.map(({ closing }) => closing))

describe("a limit that is not the target", () => {
  const actions: ReadonlyArray<readonly [ActionInput, target: string, seen: string]> = [
    [{ adjust: "10 CNY" }, "510.00 CNY", "520.00 CNY"],
    [{ topUpTo: "400 CNY" }, "523.45 CNY", "546.90 CNY"],
    [{ set: "510 CNY" }, "510.00 CNY", "520.00 CNY"],
    [{ adjust: "-10 CNY" }, "490.00 CNY or 500.00 CNY", "480.00 CNY"],
    [{ reclaim: "10 CNY" }, "490.00 CNY or 500.00 CNY", "480.00 CNY"]
  ]
  for (const [action, target, seen] of actions) {
    it.effect(`is drift for a person to decide about, after ${JSON.stringify(action)}`, () =>
      Effect.gen(function* () {
        const cloud = yield* delta({ driver: twice })
        const report = yield* cloud.quotas.change("m-1", { allowance: action }, run)
        const { evidence, message, money, next, outcome } = only(report)
        assert.deepStrictEqual(
          [outcome._tag, money, next, evidence],
          ["Applied", "moved", "decide", "response"]
        )
        assert.isTrue(outcome._tag === "Applied" && outcome.drift)
        assert.include(message, `It is ${seen} now; the target was ${target}.`)
        assert.notMatch(message, /somebody/)
        assert.deepStrictEqual([Report.isComplete(report), Report.exitCode(report)], [false, 4])
      })
    )
  }

  it.effect("is kept with the change, and given again by the same run, which sends nothing", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const cloud = yield* delta({ journal, driver: twice })
      yield* cloud.quotas.change("m-1", more, run)
      assert.deepStrictEqual(yield* closings(journal), ["drift"])
      // Whatever the limit is by now: this is about the change.
      yield* cloud.setByConsole(ada, "allowance", limit(510))
      const report = yield* cloud.quotas.change("m-1", more, run)
      const { message, next, outcome } = only(report)
      assert.deepStrictEqual(
        [outcome, next, Report.exitCode(report)],
        [{ _tag: "Applied", drift: true }, "decide", 4]
      )
      assert.match(message, /A reading after it was not the target\..*earlier call of this run/)
      assert.lengthOf(yield* cloud.writes, 1)
    })
  )

  it.effect("is a column of its own in tables", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ driver: twice })
      const { results } = yield* cloud.quotas.change(["m-1", "m-9"], more, run)
      const csv = yield* Stream.mkString(Export.csv(Tables.results)(Stream.fromIterable(results)))
      const [titles = "", ...rows] = csv.trim().split("\r\n")
      const at = titles.split(",").indexOf("drift")
      assert.deepStrictEqual(
        rows.map((row) => row.split(",")[at]),
        ["true", ""]
      )
    })
  )
})

describe("the closing look", () => {
  it.effect("is one reading for all, as long after the last change as a reading may be old", () =>
    Effect.gen(function* () {
      const asked: Array<ReadonlyArray<string>> = []
      const cloud = yield* delta({
        driver: ({ driver }) => ({
          ...driver,
          write: {
            ...driver.write,
            snapshot: (members) =>
              Effect.suspend(() => {
                asked.push(members)
                return driver.write.snapshot(members)
              })
          }
        })
      })
      const { seconds, value } = yield* timed(cloud.still.quotas.change(["m-1", "m-2"], more, run))
      assert.deepStrictEqual([outcomes(value), seconds], [["Applied", "Applied"], 5])
      assert.deepStrictEqual(asked, [["m-1"], ["m-2"], ["m-1", "m-2"]])
      assert.match(value.results[1]?.message ?? "", /It is 110\.00 CNY now\.$/)
    })
  )

  it.effect("looks once more where a reading is off, at those alone", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        driver: reading((snapshots, nth) =>
          nth === 3
            ? snapshots.map((one) => (one.member === ada ? { ...one, limit: Quantity.cny(500) } : one))
            : snapshots
        )
      })
      const { seconds, value } = yield* timed(cloud.still.quotas.change(["m-1", "m-2"], more, run))
      assert.strictEqual(seconds, 10)
      assert.isTrue(Report.isComplete(value))
    })
  )

  it.effect("takes a withdrawal for what the account is known to do with it", () =>
    Effect.gen(function* () {
      for (const withdrawals of ["lower-limit", "keep-limit"] as const) {
        const journal = Journal.memory()
        const cloud = yield* delta({ journal, withdrawals })
        for (const name of ["a", "b"]) {
          const report = yield* cloud.quotas.change("m-1", less, { run: name })
          assert.isTrue(Report.isComplete(report))
        }
        // Known by now: the other way is not the target.
        const wrong = withdrawals === "lower-limit" ? 480 : 490
        const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", less, { run: "c" }))
        yield* TestClock.adjust("1 second")
        yield* cloud.setByConsole(ada, "allowance", limit(wrong))
        yield* TestClock.adjust("1 minute")
        const last = yield* Fiber.join(fiber)
        assert.deepStrictEqual([outcomes(last), only(last).next], [["Applied"], "decide"])
        assert.deepStrictEqual(yield* closings(journal), ["as-asked", "as-asked", "drift"])
      }
    })
  )

  it.effect("is the reading that settled a lost answer, where that was the target", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const cloud = yield* delta({ journal })
      yield* cloud.script("answer-lost")
      const { seconds } = yield* timed(cloud.still.quotas.change("m-1", more, run))
      assert.deepStrictEqual([yield* closings(journal), seconds], [["as-asked"], 90])
    })
  )

  it.effect("that fails, or does not find the member, claims nothing and stays due", () =>
    Effect.gen(function* () {
      for (const look of ["fails", "finds nobody", "finds another membership"] as const) {
        let closing = false
        const journal = Journal.memory()
        const cloud = yield* delta({
          journal,
          driver: (provider) => {
            const driver = twice(provider)
            return {
              ...driver,
              write: {
                ...driver.write,
                snapshot: (members) =>
                  Effect.suspend(() =>
                    closing && look === "fails"
                      ? Effect.fail(outage)
                      : Effect.map(driver.write.snapshot(members), (snapshots) =>
                          !closing
                            ? snapshots
                            : look === "finds nobody"
                              ? []
                              : snapshots.map((one) => ({ ...one, membership: "2" }))
                        )
                  )
              }
            }
          }
        })
        const onEvent = (event: { readonly _tag: string }) =>
          Effect.sync(() => {
            closing ||= event._tag === "Finished"
          })
        const first = only(yield* cloud.quotas.change("m-1", more, { ...run, onEvent }))
        assert.deepStrictEqual(first.outcome, { _tag: "Applied" })
        assert.strictEqual(first.message, "Changed allowance of m-1 (+10.00 CNY).")
        assert.deepStrictEqual(yield* closings(journal), ["due"])
        closing = false
        const again = only(yield* cloud.quotas.change("m-1", more, run))
        assert.deepStrictEqual([again.next, yield* closings(journal)], ["decide", ["drift"]])
        assert.lengthOf(yield* cloud.writes, 1)
      }
    })
  )

  it.effect("that was cut short is made up by the same run", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const cloud = yield* delta({ journal, driver: twice })
      const fiber = yield* Effect.forkChild(cloud.still.quotas.change(["m-1", "m-2"], more, run))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* closings(journal), ["due", "due"])
      yield* TestClock.adjust("1 hour")
      const preview = yield* cloud.quotas.change("m-1", more, { ...run, preview: true })
      assert.deepStrictEqual([only(preview).next, yield* closings(journal)], ["nothing", ["due", "due"]])
      const { seconds, value } = yield* timed(cloud.still.quotas.change("m-1", more, run))
      assert.deepStrictEqual([only(value).next, seconds], ["decide", 5])
      assert.match(
        only(value).message,
        /It is 520\.00 CNY now.*It was done by an earlier call of this run, at [^ ]+Z\.$/
      )
      assert.deepStrictEqual(yield* closings(journal), ["drift", "due"])
    })
  )

  it.effect("is made up after withdrawals of which nothing was learnt", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const cloud = yield* delta({ journal })
      const less = { allowance: { adjust: "-10 CNY" } }
      yield* cloud.changes.baseline()
      for (const name of ["a", "b"]) {
        const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", less, { run: name }))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        yield* TestClock.adjust("1 hour")
      }
      assert.deepStrictEqual(yield* closings(journal), ["due", "due"])
      yield* timed(cloud.still.quotas.change("m-1", less, { run: "b" }))
      assert.deepStrictEqual(yield* closings(journal), ["due", "as-asked"])
    })
  )

  it.effect("is not made up where the member was changed or accepted since, and says so", () =>
    Effect.gen(function* () {
      for (const since of ["changed", "accepted"] as const) {
        const journal = Journal.memory()
        const cloud = yield* delta({ journal })
        const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", more, run))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        if (since === "changed") {
          yield* cloud.quotas.change("m-1", more, { run: "b" })
        } else {
          yield* cloud.setByConsole(ada, "allowance", limit(700))
          yield* cloud.changes.baseline(["m-1"])
        }
        const requests = yield* cloud.requests
        const again = only(yield* cloud.quotas.change("m-1", more, run))
        assert.deepStrictEqual([again.outcome, again.next], [{ _tag: "Applied" }, "nothing"])
        assert.match(again.message, /No reading was compared with its target/)
        // The list of members.
        assert.strictEqual(yield* cloud.requests, requests + 1)
      }
    })
  )

  it.effect("tells the truth also where the journal cannot note it", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ driver: twice, journal: failsAt("applied") })
      assert.strictEqual(only(yield* cloud.quotas.change("m-1", more, run)).next, "decide")
    })
  )

  it.effect("says nothing of the present limit before a reading can tell", () =>
    Effect.gen(function* () {
      // What is read within 5 seconds of the change is the limit before it.
      let changed = false
      const cloud = yield* delta({
        driver: (provider) => {
          const driver = connecting((line) => ({
            ...line,
            apply: (difference, check) =>
              Effect.tap(line.apply(difference, check), () =>
                Effect.gen(function* () {
                  changed = true
                  yield* Effect.forkDetach(
                    Effect.delay(
                      Effect.sync(() => {
                        changed = false
                      }),
                      "4900 millis"
                    )
                  )
                })
              )
          }))(provider)
          return reading((snapshots) =>
            changed ? snapshots.map((one) => ({ ...one, limit: Quantity.cny(100) })) : snapshots
          )({ ...provider, driver })
        }
      })
      const result = only(yield* cloud.quotas.change("m-2", more, run))
      assert.strictEqual(result.message, "Changed allowance of m-2 (+10.00 CNY). It is 110.00 CNY now.")
      assert.strictEqual(yield* limitsOf(cloud, bao), "110.00 CNY")
    })
  )
})
