/**
 * Puts that may still arrive: what is sent again, what waits for them, and what the journal keeps of it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { CloudQuotaError, PermissionDenied } from "@cloud-quota/core/CloudQuotaError"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import { makeMemoryStore, memoryJournal } from "../src/journal/memoryJournal.ts"
import type * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import type * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"
import type { QuotaState } from "@cloud-quota/core/Quota"
import { absolute, ada, limitsOf, only, open, outcomes, run, spoilt, timed } from "./fixtures/clouds.ts"

const models = (count: number) => Limit.finite(Quantity.count(count))
const set = (count: number) => ({ "avatar-models": { set: `${count}` } })
const raise = { "avatar-models": { adjust: "1" } } as const

/** A process: a journal of its own over a store that it shares with others. */
const processes = () => {
  const store = makeMemoryStore()
  return (owner: string, profile: Journal.Journal["profile"] = "local") =>
    memoryJournal({ store, owner, profile })
}

const intentsIn = (journal: Journal.Journal) => Stream.runCollect(journal.intents())

/** A driver that tells of a put in the next reading, and not in the one after that if it comes this soon. */
const lagging =
  (millis: number) =>
  ({ driver }: MemoryProvider.AbsoluteProvider): Driver => {
    const known = new Map<string, { at: number; states: ReadonlyArray<QuotaState> }>()
    let readings = 0
    const keep = (id: Parameters<Driver["getQuotas"]>[0]) =>
      Effect.gen(function* () {
        const states = yield* Effect.orElseSucceed(driver.getQuotas(id), () => [])
        known.set(id, { at: yield* Clock.currentTimeMillis, states })
      })
    return {
      ...driver,
      getQuotas: (id) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const old = known.get(id)
          const isOld = old !== undefined && now < old.at + millis
          return isOld && readings++ % 2 === 1 ? old.states : yield* driver.getQuotas(id)
        }),
      write: {
        _tag: "Absolute",
        put: (id, limits) => Effect.andThen(keep(id), driver.write.put(id, limits))
      }
    }
  }

/** A driver whose puts go through `change`, which knows which put it is. */
const putting =
  (
    change: (put: Effect.Effect<{ readonly requestId?: string }, CloudQuotaError>, nth: number) => typeof put
  ) =>
  ({ driver }: MemoryProvider.AbsoluteProvider): Driver => {
    let puts = 0
    const { put } = driver.write
    return { ...driver, write: { _tag: "Absolute", put: (id, limits) => change(put(id, limits), ++puts) } }
  }

const denied = new CloudQuotaError({
  provider: "memory",
  operation: "put",
  money: "not-moved",
  reason: new PermissionDenied({ message: "The provider says no." })
})

describe("a put that was sent again", () => {
  const sentTwice = Effect.fnUntraced(function* (journal: Journal.Journal) {
    const cloud = yield* absolute({ journal })
    yield* cloud.script("request-lost")
    assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", set(12), run)), ["Applied"])
    return cloud
  })

  it.effect("counts the send without an answer, also as applied", () =>
    Effect.gen(function* () {
      const journal = processes()("a")
      yield* sentTwice(journal)
      const [intent] = yield* intentsIn(journal)
      assert.deepInclude(intent, { state: "applied", unanswered: 1, closing: "as-asked", armed: 2 })
    })
  )

  it.effect("counts none where every send was answered, and keeps the whole request", () =>
    Effect.gen(function* () {
      const journal = processes()("a")
      const cloud = yield* absolute({ journal })
      yield* cloud.quotas.change("m-1", set(12), run)
      const [intent] = yield* intentsIn(journal)
      assert.deepInclude(intent, { state: "applied", unanswered: 0, closing: "as-asked" })
      assert.deepStrictEqual(
        [intent?.put?.before, intent?.put?.after].map((limits) => [...(limits ?? [])].map(String)),
        [
          ["avatar-models,10", "video-minutes,60 min"],
          ["avatar-models,12", "video-minutes,60 min"]
        ]
      )
    })
  )

  for (const [what, count] of [
    ["a different limit", 15],
    ["a limit that is there already", 14]
  ] as const) {
    it.effect(`keeps ${what} waiting until no send can arrive any more, once, and no other member`, () =>
      Effect.gen(function* () {
        const journal = processes()("a")
        const cloud = yield* sentTwice(journal)
        yield* cloud.setByConsole(ada, "avatar-models", models(14))
        const other = yield* timed(
          cloud.still.quotas.change("m-2", { "video-minutes": { adjust: "1 min" } }, run)
        )
        assert.deepStrictEqual([outcomes(other.value), other.seconds], [["Applied"], 0])
        const { seconds, value } = yield* timed(cloud.still.quotas.change("m-1", set(count), { run: "b" }))
        // The second send ended after one second, and a minute has passed since the first.
        assert.deepStrictEqual([outcomes(value), seconds], [[count === 14 ? "NoChange" : "Applied"], 181])
        assert.strictEqual(yield* limitsOf(cloud, "m-1"), `${count}, 60 min`)
        const [intent] = yield* intentsIn(journal)
        assert.deepInclude(intent, { run: "test", unanswered: 0 })
        const again = yield* timed(cloud.still.quotas.change("m-1", set(20), { run: "c" }))
        assert.deepStrictEqual([outcomes(again.value), again.seconds <= 5], [["Applied"], true])
      })
    )
  }

  it.effect("is waited for from the takeover on by another process, with a word every five seconds", () =>
    Effect.gen(function* () {
      const start = processes()
      const cloud = yield* sentTwice(start("a"))
      yield* TestClock.adjust("1 hour")
      const next = yield* open(cloud.driver, start("b"))
      const words: Array<string> = []
      const { seconds, value } = yield* timed(
        next.quotas.change("m-1", set(15), {
          run: "b",
          onEvent: (event) => Effect.sync(() => void (event._tag === "Waiting" && words.push(event.message)))
        })
      )
      assert.deepStrictEqual([outcomes(value), seconds], [["Applied"], 240])
      assert.strictEqual(words.length, 48)
      assert.strictEqual(
        words[0],
        'An earlier request for m-1 (run "test") had no answer and may still arrive. Going on in 240 s. Interrupting is safe; running it again continues.'
      )
    })
  )

  it.effect("blocks what will not wait, and answers its own run at once", () =>
    Effect.gen(function* () {
      const cloud = yield* sentTwice(processes()("a"))
      const deferred = only(yield* cloud.quotas.change("m-1", set(15), { run: "b", settle: "defer" }))
      assert.deepStrictEqual([deferred.outcome._tag, deferred.next], ["Blocked", "wait"])
      assert.match(
        deferred.message,
        /waits for the run "test" \(set 12\), of which a request may still arrive/
      )
      const { seconds, value } = yield* timed(cloud.still.quotas.change("m-1", set(12), run))
      assert.deepStrictEqual([outcomes(value), seconds], [["Applied"], 0])
      yield* TestClock.adjust("240 seconds")
      const due = yield* cloud.quotas.change("m-1", set(15), { run: "b", settle: "defer" })
      assert.deepStrictEqual(outcomes(due), ["Applied"])
    })
  )

  it.effect("does not let another holder's count be cleared", () =>
    Effect.gen(function* () {
      const start = processes()
      const cloud = yield* sentTwice(start("a", "strict"))
      const waiting = yield* Effect.forkChild(cloud.still.quotas.change("m-1", set(15), { run: "b" }))
      yield* TestClock.adjust("100 seconds")
      // Another machine has become the holder meanwhile.
      const other = start("b", "strict")
      yield* Effect.scoped(other.hold((yield* intentsIn(other))[0]?.account ?? ""))
      yield* TestClock.adjust("200 seconds")
      const { message, outcome } = only(yield* Fiber.join(waiting))
      assert.strictEqual(outcome._tag, "NotSent")
      assert.match(message, /another holder has taken over/)
      assert.deepInclude((yield* intentsIn(other))[0], { unanswered: 1 })
    })
  )
})

describe("a put without an answer", () => {
  it.effect("is sent again only where every limit is as before", () =>
    Effect.gen(function* () {
      const ninety = Limit.finite(Quantity.make("minute", 90))
      const cloud = yield* absolute({
        // A colleague changes the other limit before the look; the same body again would undo that.
        driver: ({ driver, setByConsole }) => ({
          ...driver,
          write: {
            _tag: "Absolute",
            put: (id, limits) =>
              Effect.ensuring(driver.write.put(id, limits), setByConsole(ada, "video-minutes", ninety))
          }
        })
      })
      yield* cloud.script("request-lost")
      const { message, outcome } = only(yield* cloud.quotas.change("m-1", raise, run))
      assert.strictEqual(outcome._tag, "Conflict")
      assert.match(
        message,
        /the limit is 10 as before, and video-minutes changed too, so the request may have/
      )
      assert.strictEqual((yield* cloud.writes).length, 1)
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "10, 90 min")
    })
  )

  it.effect("and refused when it is sent again, is unknown and waited out", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute({
        driver: putting((put, nth) => (nth === 1 ? put : Effect.fail(denied)))
      })
      yield* cloud.script("request-lost")
      const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", raise, run))
      yield* TestClock.adjust("100 seconds")
      // The first send arrives after all.
      yield* cloud.setByConsole(ada, "avatar-models", models(11))
      yield* TestClock.adjust("200 seconds")
      const { evidence, outcome } = only(yield* Fiber.join(fiber))
      assert.deepStrictEqual([outcome._tag, evidence], ["Applied", "read-back"])
    })
  )

  it.effect("is not sent again by a process that is no longer the holder", () =>
    Effect.gen(function* () {
      const start = processes()
      const cloud = yield* absolute({ journal: start("a", "strict") })
      yield* cloud.script("request-lost")
      const fiber = yield* Effect.forkChild(
        cloud.still.quotas.change("m-1", raise, { ...run, settle: "defer" })
      )
      yield* TestClock.adjust("500 millis")
      const other = start("b", "strict")
      yield* Effect.scoped(other.hold((yield* intentsIn(other))[0]?.account ?? ""))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(outcomes(yield* Fiber.join(fiber)), ["Unknown Timeout"])
      assert.strictEqual((yield* cloud.writes).length, 1)
      assert.deepInclude((yield* intentsIn(other))[0], { state: "sending", armed: 1, unanswered: 1 })
    })
  )

  it.effect("of a process that was killed is looked at first: as asked is applied, and stays counted", () =>
    Effect.gen(function* () {
      const start = processes()
      const cloud = yield* absolute({ journal: start("a") })
      yield* cloud.script("no-answer")
      yield* Effect.forkChild(cloud.still.quotas.change("m-1", raise, run))
      yield* TestClock.adjust("1 second")
      const journal = start("b")
      const next = yield* open(cloud.driver, journal)
      const { seconds, value } = yield* timed(next.quotas.change("m-1", raise, run))
      assert.deepStrictEqual([outcomes(value), seconds], [["Applied"], 0])
      assert.strictEqual((yield* cloud.writes).length, 1)
      assert.deepInclude((yield* intentsIn(journal))[0], { state: "applied", unanswered: 1 })
    })
  )

  it.effect("of a process that was killed is sent again by the same run, and by no other", () =>
    Effect.gen(function* () {
      const killed = Effect.fnUntraced(function* (start: ReturnType<typeof processes>) {
        const cloud = yield* absolute({
          journal: start("a"),
          driver: putting((put, nth) => (nth === 1 ? Effect.never : put))
        })
        yield* Effect.forkChild(cloud.still.quotas.change("m-1", raise, run))
        yield* TestClock.adjust("1 second")
        return cloud
      })
      const start = processes()
      const cloud = yield* killed(start)
      const journal = start("b")
      const same = yield* timed(
        Effect.flatMap(open(cloud.driver, journal), ({ quotas }) => quotas.change("m-1", raise, run))
      )
      assert.deepStrictEqual([outcomes(same.value), same.seconds], [["Applied"], 1])
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "11, 60 min")
      assert.deepInclude((yield* intentsIn(journal))[0], { state: "applied", armed: 2, unanswered: 1 })

      const restart = processes()
      const second = yield* killed(restart)
      const last = restart("b")
      const recovered = yield* timed(
        Effect.flatMap(open(second.driver, last), ({ changes }) => changes.recover())
      )
      assert.deepStrictEqual(
        [recovered.value.map(({ state }) => state), recovered.seconds],
        [["not-applied"], 240]
      )
      assert.strictEqual(yield* limitsOf(second, "m-1"), "10, 60 min")
      assert.deepInclude((yield* intentsIn(last))[0], { unanswered: 0 })
    })
  )

  it.effect("of another machine, which may only sleep, is never called not applied", () =>
    Effect.gen(function* () {
      const start = processes()
      const cloud = yield* absolute({
        journal: start("a", "strict"),
        driver: putting((put, nth) => (nth === 1 ? Effect.never : put))
      })
      yield* Effect.forkChild(cloud.still.quotas.change("m-1", raise, run))
      yield* TestClock.adjust("1 second")
      const next = yield* open(cloud.driver, start("b", "strict"))
      const { value } = yield* timed(next.changes.recover())
      assert.deepStrictEqual(
        value.map(({ detail, state }) => `${state}: ${detail}`),
        ["conflict: another machine sent it, and only that one could prove that it did not take place"]
      )
    })
  )

  it.effect("of an older version, whose journal does not have the whole request, is waited out", () =>
    Effect.gen(function* () {
      const start = processes()
      const withoutPut = spoilt(
        (hold) => ({
          insert: (intents, state) =>
            hold.insert(
              intents.map(({ put: _, ...intent }) => intent),
              state
            ),
          advance: ({ unanswered: _, ...step }) => hold.advance(step)
        }),
        start("a")
      )
      const cloud = yield* absolute({
        journal: withoutPut,
        driver: putting((put, nth) => (nth === 1 ? Effect.never : put))
      })
      yield* Effect.forkChild(cloud.still.quotas.change("m-1", raise, run))
      yield* TestClock.adjust("1 second")
      const next = yield* open(cloud.driver, start("b"))
      const { seconds, value } = yield* timed(next.quotas.change("m-1", raise, run))
      assert.deepStrictEqual([outcomes(value), seconds], [["Applied"], 240])
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "11, 60 min")
    })
  )
})

describe("a change is planned from a reading", () => {
  it.effect("that the member's last put is in: two metrics set in turn do not undo each other", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute({ driver: lagging(4_900) })
      const { change } = cloud.still.quotas
      yield* timed(
        Effect.andThen(
          change("m-1", set(12), run),
          change("m-1", { "video-minutes": { set: "90 min" } }, run)
        )
      )
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "12, 90 min")
    })
  )

  it.effect("also where another process has sent the last put", () =>
    Effect.gen(function* () {
      const start = processes()
      const cloud = yield* absolute({ driver: lagging(4_900), journal: start("a") })
      const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", set(12), run))
      yield* TestClock.adjust("0 seconds")
      const next = yield* open(cloud.driver, start("b"))
      const { value } = yield* timed(next.quotas.change("m-1", { "video-minutes": { set: "90 min" } }))
      assert.deepStrictEqual(outcomes(value), ["Applied"])
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "12, 90 min")
    })
  )

  it.effect("and a member without an earlier put does not wait", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.quotas.change("m-1", set(12), run)
      const { seconds } = yield* timed(
        cloud.still.quotas.change("m-2", { "video-minutes": { set: "90 min" } }, run)
      )
      assert.strictEqual(seconds, 0)
    })
  )
})

describe("the closing look", () => {
  /** A provider that loses the limits that a put does not change. */
  const forgetful = ({ driver }: MemoryProvider.AbsoluteProvider): Driver => ({
    ...driver,
    write: {
      _tag: "Absolute",
      put: (id, limits) =>
        driver.write.put(id, new Map([...limits].filter(([metric]) => metric === "avatar-models")))
    }
  })

  it.effect("compares every limit that was written: one that is lost is drift, now and in a repeat", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute({ driver: forgetful })
      const { message, money, next, outcome } = only(yield* cloud.quotas.change("m-1", set(12), run))
      assert.deepStrictEqual(
        [outcome._tag === "Applied" && outcome.drift, money, next],
        [true, "moved", "decide"]
      )
      assert.strictEqual(
        message,
        "Changed avatar-models of m-1 (+2). It is 12 now. Not as written to m-1: video-minutes is not reported any more, and 60 min was written."
      )
      const again = only(yield* cloud.quotas.change("m-1", set(12), run))
      assert.deepStrictEqual(
        [again.outcome._tag === "Applied" && again.outcome.drift, again.next],
        [true, "decide"]
      )
    })
  )

  it.effect("says of an accepted put that shows the old limit what was read, and no cause", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute({ driver: putting(() => Effect.succeed({})) })
      const { message, next, outcome } = only(yield* cloud.quotas.change("m-1", set(12), run))
      assert.deepStrictEqual([outcome._tag === "Applied" && outcome.drift, next], [true, "decide"])
      assert.strictEqual(
        message,
        "Changed avatar-models of m-1 (+2). It is 10 now; the target was 12. Find out why before the next change. Not as written to m-1: avatar-models is 10, and 12 was written."
      )
    })
  )

  it.effect("that failed is made up by the same run", () =>
    Effect.gen(function* () {
      const journal = processes()("a")
      const lookFails = ({ driver, writes }: MemoryProvider.AbsoluteProvider): Driver => {
        let failures = 1
        return {
          ...driver,
          getQuotas: (id) =>
            Effect.flatMap(writes, (sent) =>
              sent.length > 0 && failures-- > 0 ? Effect.fail(denied) : driver.getQuotas(id)
            )
        }
      }
      const cloud = yield* absolute({ journal, driver: lookFails })
      const first = only(yield* cloud.quotas.change("m-1", set(12), run))
      assert.deepStrictEqual(first.outcome, { _tag: "Applied" })
      assert.deepInclude((yield* intentsIn(journal))[0], { state: "applied", closing: "due" })
      yield* cloud.setByConsole(ada, "avatar-models", models(99))
      const again = only(yield* cloud.quotas.change("m-1", set(12), run))
      assert.deepStrictEqual(
        [again.outcome._tag === "Applied" && again.outcome.drift, again.next],
        [true, "decide"]
      )
      assert.deepInclude((yield* intentsIn(journal))[0], { closing: "drift" })
    })
  )

  it.effect("is not made up where the member was changed since", () =>
    Effect.gen(function* () {
      const journal = processes()("a")
      let failures = 1
      const cloud = yield* absolute({
        journal,
        driver: ({ driver, writes }) => ({
          ...driver,
          getQuotas: (id) =>
            Effect.flatMap(writes, (sent) =>
              sent.length > 0 && failures-- > 0 ? Effect.fail(denied) : driver.getQuotas(id)
            )
        })
      })
      yield* cloud.quotas.change("m-1", set(12), run)
      yield* cloud.quotas.change("m-1", set(14), { run: "later" })
      assert.deepStrictEqual(only(yield* cloud.quotas.change("m-1", set(12), run)).outcome, {
        _tag: "Applied"
      })
      assert.deepInclude((yield* intentsIn(journal))[0], { closing: "due" })
    })
  )
})

describe("nothing to change", () => {
  it.effect("is written down for a named run, which then changes nothing either", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      const topUp = { "video-minutes": { topUpTo: "10 min" } } as const
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", topUp, run)), ["NoChange"])
      yield* cloud.use(ada, "video-minutes", Quantity.make("minute", 60))
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", topUp, run)), ["NoChange"])
      assert.strictEqual((yield* cloud.writes).length, 0)
    })
  )

  it.effect("is not said where another holder keeps it from being written down", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute({
        journal: spoilt(() => ({ insert: () => Effect.succeed(undefined) }))
      })
      const { message, outcome } = only(yield* cloud.quotas.change("m-1", set(10), run))
      assert.strictEqual(outcome._tag, "NotSent")
      assert.match(message, /another holder has taken over/)
    })
  )
})
