/**
 * Rules of the engine that a change of one line would break, each seen through the services.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { makeMemoryStore, memoryJournal } from "../src/journal/memoryJournal.ts"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"
import {
  ada,
  connecting,
  delta,
  failsAt,
  inTime,
  only,
  open,
  outcomes,
  reading,
  run,
  spoilt,
  timed
} from "./fixtures/clouds.ts"

const limit = (yuan: number) => Limit.finite(Quantity.cny(yuan))
const more = { allowance: { adjust: "10 CNY" } } as const
const defer = { ...run, settle: "defer" } as const

const states = (journal: Journal.Journal) =>
  Effect.map(Stream.runCollect(journal.intents()), (intents) => intents.map(({ state }) => state))

/** m-1 with a change of +10 that ended in a conflict at 777 CNY, and the conflict's id. */
const conflicted = (journal?: Journal.Journal) =>
  Effect.gen(function* () {
    const cloud = yield* delta(journal === undefined ? {} : { journal })
    yield* cloud.script("answer-lost")
    yield* cloud.quotas.change("m-1", more, defer)
    yield* cloud.setByConsole(ada, "allowance", limit(777))
    const [conflict] = yield* cloud.changes.recover()
    assert.strictEqual(conflict?.state, "conflict")
    return { ...cloud, id: conflict?.id ?? "" }
  })

describe("what a person decided to be applied", () => {
  it.effect("counts for the cap of its run", () =>
    Effect.gen(function* () {
      const cloud = yield* conflicted()
      yield* cloud.changes.resolve(cloud.id, "applied", "seen in the console")
      const report = yield* cloud.quotas.change(["m-1", "m-2"], more, { ...run, cap: "19 CNY" })
      assert.deepStrictEqual(outcomes(report), ["Applied", "Refused cap"])
    })
  )

  it.effect("keeps the read barrier up", () =>
    Effect.gen(function* () {
      const provider = yield* MemoryProvider.delta()
      const store = makeMemoryStore()
      const process = (owner: string) =>
        open(provider.driver, memoryJournal({ store, owner, profile: "strict" }))
      const first = yield* process("first")
      yield* provider.script("answer-lost")
      yield* first.quotas.change("m-1", more, defer)
      yield* provider.setByConsole(ada, "allowance", limit(777))
      const [conflict] = yield* inTime(first.changes.recover())
      yield* first.changes.resolve(conflict?.id ?? "", "applied", "seen in the console")
      yield* TestClock.adjust("1 hour")
      const second = yield* process("second")
      const { seconds, value } = yield* timed(second.quotas.change("m-1", more, { run: "b" }))
      // 5 seconds before the reading that it is planned from, and 5 before the closing look.
      assert.deepStrictEqual([outcomes(value), seconds], [["Applied"], 10])
    })
  )
})

describe("deciding about a conflict", () => {
  it.effect("settles the limit as it is then", () =>
    Effect.gen(function* () {
      const cloud = yield* conflicted()
      yield* cloud.setByConsole(ada, "allowance", limit(600))
      yield* cloud.changes.resolve(cloud.id, "applied", "seen in the console")
      assert.deepStrictEqual(
        (yield* cloud.changes.verify).map(({ settled, verdict }) => `${verdict} ${settled}`),
        ["as-settled 600.00 CNY"]
      )
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", more, { run: "b" })), ["Applied"])
    })
  )
})

/** A provider whose readings are 5 seconds old, of one member whose limit was 500. */
const lagging = (provider: MemoryProvider.DeltaProvider) => {
  let fresh = true
  const driver = connecting((line) => ({
    ...line,
    apply: (difference, check) =>
      Effect.tap(line.apply(difference, check), () =>
        Effect.andThen(
          Effect.sync(() => {
            fresh = false
          }),
          Effect.forkDetach(
            Effect.delay(
              Effect.sync(() => {
                fresh = true
              }),
              "4999 millis"
            )
          )
        )
      )
  }))(provider)
  return reading((snapshots) =>
    fresh
      ? snapshots
      : snapshots.map((one) => (one.member === ada ? { ...one, limit: Quantity.cny(500) } : one))
  )({ ...provider, driver })
}

describe("a baseline", () => {
  it.effect("reads when no reading can be older than the last change", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ driver: lagging })
      const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", more, run))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      const [first] = yield* cloud.changes.baseline(["m-1"])
      assert.strictEqual(String(first?.limit), "510.00 CNY")
    })
  )
})

describe("a decision about a conflict", () => {
  it.effect("reads when no reading can be older than the last change", () =>
    Effect.gen(function* () {
      // The answer comes, and contradicts what another process has settled meanwhile.
      const provider = yield* MemoryProvider.delta()
      const store = makeMemoryStore()
      const own = yield* open(
        lagging(provider),
        spoilt(
          (hold) => ({
            advance: (step) =>
              step.to === "applied"
                ? Effect.andThen(
                    hold.advance({ id: step.id, from: "sending", to: "not-applied", fenced: false }),
                    hold.advance(step)
                  )
                : hold.advance(step)
          }),
          memoryJournal({ store })
        )
      )
      assert.deepStrictEqual(outcomes(yield* own.quotas.change("m-1", more, run)), ["Conflict"])
      const [conflict] = yield* own.changes.pending
      const resolved = yield* Effect.forkChild(own.changes.resolve(conflict?.id ?? "", "applied", "seen"))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(resolved)
      assert.deepStrictEqual(
        [...store.accounts.values()].flatMap(({ members }) =>
          [...members.values()].map(({ settled }) => String(settled))
        ),
        ["510.00 CNY"]
      )
    })
  )
})

describe("the fact of an answer", () => {
  for (const [fate, state] of [
    ["answered", "applied"],
    ["rejected", "rejected"]
  ] as const) {
    it.effect(`is noted as ${state} also by a holder that was replaced meanwhile`, () =>
      Effect.gen(function* () {
        const provider = yield* MemoryProvider.delta()
        const store = makeMemoryStore()
        const journal = memoryJournal({ store, profile: "strict" })
        if (fate === "rejected") yield* provider.script(fate)
        const driver = connecting((line) => ({
          ...line,
          apply: (difference, check) =>
            Effect.tap(line.apply(difference, check), () =>
              // Another process becomes the holder while the answer is on its way.
              Effect.sync(() => {
                for (const account of store.accounts.values()) account.fence += 1
              })
            )
        }))(provider)
        const account = yield* open(driver, journal)
        yield* inTime(account.quotas.change("m-1", more, run))
        assert.deepStrictEqual(yield* states(journal), [state])
      })
    )
  }
})

describe("settling", () => {
  it.effect("claims nothing of an intent that was armed again while it was read", () =>
    Effect.gen(function* () {
      let held: Journal.Hold | undefined
      const journal = spoilt((hold) => {
        held = hold
        return {}
      })
      let readings = 0
      const cloud = yield* delta({
        journal,
        driver: (provider) => {
          const { write } = provider.driver
          return {
            ...provider.driver,
            write: {
              ...write,
              // What was read is over when its sender wakes up and sends after all.
              snapshot: (members) =>
                Effect.tap(write.snapshot(members), () =>
                  ++readings === 2
                    ? Effect.orDie(
                        Effect.gen(function* () {
                          for (const { id } of yield* held?.intents({ states: ["sending"] }) ??
                            Effect.succeed([]))
                            yield* held?.advance({ id, from: "sending", to: "sending", fenced: false }) ??
                              Effect.void
                          yield* provider.setByConsole(ada, "allowance", limit(510))
                        })
                      )
                    : Effect.void
                )
            }
          }
        }
      })
      yield* cloud.script("request-lost")
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", more, run)), ["Applied"])
      assert.deepStrictEqual(yield* states(journal), ["applied"])
    })
  )
})

describe("an arming that fails", () => {
  it.effect("after it took place is noted as not sent, so that nothing is waited out", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const cloud = yield* delta({ journal: failsAt("sending", "after", journal) })
      const { seconds, value } = yield* timed(cloud.still.quotas.change("m-1", more, run))
      assert.deepStrictEqual([outcomes(value), seconds], [["NotSent JournalFailed"], 0])
      assert.deepStrictEqual(yield* states(journal), ["not-sent"])
    })
  )
})

describe("the read barrier for another process", () => {
  it.effect("begins when nothing open is found: its answer may come after the taking over", () =>
    Effect.gen(function* () {
      const provider = yield* MemoryProvider.delta()
      const store = makeMemoryStore()
      const inner = memoryJournal({ store, owner: "second", profile: "strict" })
      const first = memoryJournal({ store, owner: "first", profile: "strict" })
      // The first process has sent, and its answer is noted while the second one is already the holder.
      yield* provider.script("answer-lost")
      yield* (yield* open(provider.driver, first)).quotas.change("m-1", more, defer)
      let listings = 0
      const slow = spoilt(
        (hold) => ({
          intents: (filter) =>
            filter?.states?.includes("sending") && ++listings === 1
              ? Effect.gen(function* () {
                  yield* Effect.sleep("4 seconds")
                  for (const { id } of yield* hold.intents({ states: ["sending"] }))
                    yield* hold.advance({ id, from: "sending", to: "applied", fenced: false })
                  return yield* hold.intents(filter)
                })
              : hold.intents(filter)
        }),
        inner
      )
      const second = yield* open(provider.driver, slow)
      const { seconds, value } = yield* timed(second.quotas.change("m-1", more, { run: "b" }))
      // 4 until the answer was noted, 5 from then on, and 5 for the closing look.
      assert.deepStrictEqual([only(value).outcome._tag, seconds], ["Applied", 14])
    })
  )
})
