/**
 * Changes on a cloud that is told new limits: one put a member, and what becomes of it when its
 * answer is lost.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Event } from "@cloud-quota/core/Change"
import * as Limit from "@cloud-quota/core/Limit"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Report from "@cloud-quota/core/Report"
import { absolute, ada, limitsOf, member, only, outage, outcomes, run, timed } from "./fixtures/clouds.ts"

/** The same limits are sent three times at the most. */
const threeLost = ["request-lost", "request-lost", "request-lost"] as const

describe("an absolute change", () => {
  it.effect("merges all metrics of a member into one put, with those that nobody asked for", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      const report = yield* cloud.quotas.changeAll([
        { member: "m-1", metric: "avatar-models", action: { set: "11" } },
        { member: "m-2", metric: "video-minutes", action: { set: "31 min" } },
        { member: "m-1", metric: "video-minutes", action: { set: "61 min" } }
      ])
      assert.deepStrictEqual(
        report.results.map(({ target }) => String(target)),
        ["11", "31 min", "61 min"]
      )
      yield* cloud.quotas.change("m-1", { "video-minutes": { set: "62 min" } })
      const sent = (yield* cloud.writes).map(
        ({ limits, member: id }) => `${id} ${[...limits.values()].join(", ")}`
      )
      assert.sameMembers(sent, ["m-1 11, 61 min", "m-2 unlimited, 31 min", "m-1 11, 62 min"])
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "11, 62 min")
    })
  )

  it.effect("without a name may be made any number of times", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      for (const limit of ["11", "12", "11", "11"])
        yield* cloud.quotas.change("m-1", { "avatar-models": { set: limit } })
      assert.strictEqual((yield* cloud.writes).length, 3)
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "11, 60 min")
    })
  )

  it.effect("says so when the limit is another one afterwards", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute({
        driver: ({ driver, setByConsole }) => ({
          ...driver,
          write: {
            _tag: "Absolute",
            put: (id, limits) =>
              Effect.tap(
                driver.write.put(id, limits),
                setByConsole(ada, "avatar-models", Limit.finite(Quantity.count(99)))
              )
          }
        })
      })
      const report = yield* cloud.quotas.change("m-1", { "avatar-models": { set: "12" } }, run)
      const { message, next, outcome } = only(report)
      assert.strictEqual(outcome._tag === "Applied" && outcome.drift, true)
      assert.strictEqual(next, "decide")
      assert.strictEqual(
        message,
        "Changed avatar-models of m-1 (+2). It is 99 now; the target was 12. Find out why before the next change. Not as written to m-1: avatar-models is 99, and 12 was written."
      )
      assert.strictEqual(Report.exitCode(report), 4)
    })
  )

  it.effect("does not suspect anybody for one old reading", () =>
    Effect.gen(function* () {
      let readings = 0
      const cloud = yield* absolute({
        driver: ({ driver }) => ({
          ...driver,
          // The second reading, right after the put, is as old as the first.
          getQuotas: (id) =>
            Effect.map(driver.getQuotas(id), (states) =>
              ++readings === 2
                ? states.map((state) =>
                    state.metric.id === "avatar-models"
                      ? { ...state, limit: Limit.finite(Quantity.count(10)) }
                      : state
                  )
                : states
            )
        })
      })
      const { seconds, value } = yield* timed(
        cloud.still.quotas.change("m-1", { "avatar-models": { set: "12" } }, run)
      )
      const { evidence, next, outcome } = only(value)
      assert.strictEqual(outcome._tag, "Applied")
      assert.notProperty(outcome, "drift")
      assert.deepStrictEqual([next, evidence, seconds], ["nothing", "read-back", 5])
    })
  )

  it.effect(
    "is told: that it is sent, how long it takes, and what came of it, also without a difference",
    () =>
      Effect.gen(function* () {
        const cloud = yield* absolute()
        const events: Array<Event> = []
        const change = (set: string, name: string) =>
          cloud.quotas.change(
            "m-1",
            { "avatar-models": { set } },
            {
              run: name,
              waive: ["finite-to-unlimited"],
              onEvent: (event) => Effect.sync(() => void events.push(event))
            }
          )
        yield* change("12", "a")
        const [sending, ...after] = events.splice(0)
        assert.strictEqual(sending?._tag === "Sending" && String(sending.delta), "2")
        assert.deepStrictEqual(
          after.map(({ _tag }) => _tag),
          ["Finished"]
        )

        yield* cloud.script(...threeLost)
        assert.deepStrictEqual(outcomes(yield* change("unlimited", "b")), ["NotApplied"])
        const waiting = Array.from({ length: 48 }, () => "Waiting")
        assert.deepStrictEqual(
          events.map(({ _tag }) => _tag),
          ["Sending", ...waiting, "Finished"]
        )
        for (const event of events) assert.notProperty(event, "delta")
        assert.strictEqual(
          events[1]?._tag === "Waiting" ? events[1].message : "",
          "No answer for avatar-models of m-1 (unlimited). Outcome: unknown. Looking in 4:00. Interrupting is safe; running it again continues."
        )
      })
  )

  it.effect("stands by the answer when reading back fails", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute({
        driver: ({ driver, writes }) => ({
          ...driver,
          getQuotas: (id) =>
            Effect.flatMap(writes, (sent) => (sent.length === 0 ? driver.getQuotas(id) : Effect.fail(outage)))
        })
      })
      const { evidence, outcome } = only(
        yield* cloud.quotas.change("m-1", { "avatar-models": { set: "12" } }, run)
      )
      assert.deepStrictEqual(outcome, { _tag: "Applied" })
      assert.strictEqual(evidence, "response")
    })
  )
})

describe("a put whose answer was lost", () => {
  const wish = { "avatar-models": { adjust: "1" } } as const
  const deferred = { ...run, settle: "defer" } as const

  it.effect("and another one after it stop the batch if both have to be waited out", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 20 }, (_, index) => member(index + 1))
      const cloud = yield* absolute({
        members: many.map((id) => ({
          info: { id, status: { _tag: "active" } },
          quotas: { "avatar-models": { limit: Limit.finite(Quantity.count(10)) } }
        }))
      })
      yield* cloud.script(...many.flatMap(() => threeLost))
      const report = yield* cloud.quotas.change(many, wish, run)
      // A few are on their way at once, and none follows them.
      const sent = new Set((yield* cloud.writes).map(({ member: id }) => id)).size
      assert.isTrue(sent >= 2 && sent < many.length / 2, `${sent} were sent`)
      const stopped = report.results.filter(({ message }) => /the batch stopped/.test(message))
      assert.strictEqual(stopped.length, many.length - sent)
      assert.deepStrictEqual(
        new Set(stopped.map(({ money, next, outcome }) => `${outcome._tag} ${money} ${next}`)),
        new Set(["NotSent not-moved rerun"])
      )
    })
  )

  it.effect("is looked up at once, and that is all if it took place", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script("answer-lost")
      const { seconds, value } = yield* timed(cloud.still.quotas.change("m-1", wish, run))
      assert.deepStrictEqual(
        [only(value).outcome._tag, only(value).evidence, seconds],
        ["Applied", "read-back", 0]
      )
    })
  )

  it.effect("and no batch if looking and sending again decide it", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 20 }, (_, index) => member(index + 1))
      const cloud = yield* absolute({
        members: many.map((id) => ({
          info: { id, status: { _tag: "active" } },
          quotas: { "avatar-models": { limit: Limit.finite(Quantity.count(10)) } }
        }))
      })
      yield* cloud.script(...many.map(() => "answer-lost" as const))
      const { seconds, value } = yield* timed(cloud.still.quotas.change(many, wish, run))
      assert.deepStrictEqual(new Set(outcomes(value)), new Set(["Applied"]))
      assert.strictEqual(seconds, 0)
      assert.strictEqual((yield* cloud.writes).length, many.length)
    })
  )

  it.effect("is sent again where all is as before, and that is all", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script("request-lost", "request-lost")
      const { seconds, value } = yield* timed(cloud.still.quotas.change("m-1", wish, run))
      assert.deepStrictEqual(
        [only(value).outcome._tag, only(value).evidence, seconds],
        ["Applied", "read-back", 3]
      )
      const sent = (yield* cloud.writes).map(({ limits }) => [...limits.values()].join(", "))
      assert.deepStrictEqual(sent, ["11, 60 min", "11, 60 min", "11, 60 min"])
    })
  )

  it.effect("and that was lost three times is waited out: 240 seconds, and it did not take place", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script(...threeLost)
      const { seconds, value } = yield* timed(cloud.still.quotas.change("m-1", wish, run))
      const { evidence, money, next, outcome } = only(value)
      assert.deepStrictEqual(
        [outcome._tag, money, next, evidence, seconds],
        ["NotApplied", "not-moved", "rerun", "read-back", 243]
      )
      assert.strictEqual((yield* cloud.writes).length, 3)
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), ["Applied"])
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "11, 60 min")
    })
  )

  for (const [what, count, outcome] of [
    ["took place at the last moment", 11, "Applied"],
    ["and whose limit somebody else moved", 30, "Conflict"]
  ] as const) {
    it.effect(`${what}: ${outcome}`, () =>
      Effect.gen(function* () {
        const cloud = yield* absolute()
        yield* cloud.script(...threeLost)
        const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", wish, run))
        yield* TestClock.adjust("242 seconds")
        yield* cloud.setByConsole(ada, "avatar-models", Limit.finite(Quantity.count(count)))
        yield* TestClock.adjust("1 second")
        const report = yield* Fiber.join(fiber)
        assert.deepStrictEqual(outcomes(report), [outcome])
        assert.strictEqual((yield* cloud.writes).length, 3)
        assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), [outcome])
        assert.strictEqual((yield* cloud.writes).length, 3)
      })
    )
  }

  it.effect("keeps its member from other changes while it is put off, and nobody else", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script(...threeLost)
      const first = only(yield* cloud.quotas.change("m-1", wish, deferred))
      assert.deepStrictEqual([first.outcome._tag, first.money, first.next], ["Unknown", "unknown", "wait"])
      for (const name of ["test", "another"]) {
        const minutes = { "video-minutes": { adjust: "1 min" } } as const
        const report = yield* cloud.quotas.change(["m-1", "m-2"], minutes, { ...deferred, run: name })
        assert.deepStrictEqual(outcomes(report), ["Blocked", "Applied"])
        assert.match(
          report.results[0]?.message ?? "",
          /waits for the run "test" \(adjust 1\), which is not settled yet/
        )
        assert.strictEqual(report.results[0]?.next, "wait")
      }
    })
  )

  it.effect("is settled by the next call that waits, and by one that does not when it is due", () =>
    Effect.gen(function* () {
      for (const settle of ["wait", "defer"] as const) {
        const cloud = yield* absolute()
        yield* cloud.script(...threeLost)
        yield* cloud.quotas.change("m-1", wish, deferred)
        if (settle === "defer") yield* TestClock.adjust("240 seconds")
        assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, { ...run, settle })), [
          "Applied"
        ])
        assert.strictEqual(yield* limitsOf(cloud, "m-1"), "11, 60 min")
        assert.strictEqual((yield* cloud.writes).length, 4)
      }
    })
  )

  it.effect("is looked up the same way where the limit was unlimited, or was to be", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script("answer-lost")
      const unlimited = yield* cloud.quotas.change(
        "m-1",
        { "avatar-models": { set: "unlimited" } },
        { ...run, waive: ["finite-to-unlimited"] }
      )
      assert.deepStrictEqual(outcomes(unlimited), ["Applied"])
      yield* cloud.script(...threeLost)
      const limited = yield* cloud.quotas.change(
        "m-1",
        { "avatar-models": { set: "9" } },
        { run: "back", waive: ["unlimited-to-finite"] }
      )
      assert.deepStrictEqual(outcomes(limited), ["NotApplied"])
    })
  )

  for (const [fate, outcome] of [
    ["rejected", "Rejected ProviderFailed"],
    ["not-sent", "NotSent TransportFailed"]
  ] as const) {
    it.effect(`but ${fate}, is nothing to wait for, and the same run puts it again`, () =>
      Effect.gen(function* () {
        const cloud = yield* absolute()
        yield* cloud.script(fate)
        const { seconds, value } = yield* timed(cloud.still.quotas.change("m-1", wish, run))
        assert.deepStrictEqual([outcomes(value), seconds], [[outcome], 0])
        assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), ["Applied"])
        assert.strictEqual(yield* limitsOf(cloud, "m-1"), "11, 60 min")
      })
    )
  }

  it.effect("because the call was interrupted, is settled by the next one", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script("no-answer")
      const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", wish, run))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual((yield* cloud.writes).length, 1)
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), ["Applied"])
      assert.strictEqual((yield* cloud.writes).length, 1)
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "11, 60 min")
    })
  )
})
