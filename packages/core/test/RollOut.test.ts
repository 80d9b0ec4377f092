/**
 * A roll-out over many members: what its changes share, and what each has for itself.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Event } from "@cloud-quota/core/Change"
import { CloudQuotaError, MalformedResponse } from "@cloud-quota/core/CloudQuotaError"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import type * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"
import { connecting, delta, member, outcomes, run, spoilt } from "./fixtures/clouds.ts"

const more = { allowance: { adjust: "10 CNY" } } as const
const many = Array.from({ length: 20 }, (_, index) => member(index + 1))
const seeds = many.map((id) => ({
  info: { id, status: { _tag: "active" as const } },
  quotas: { allowance: { limit: Limit.finite(Quantity.cny(100)) } }
}))
const allApplied = many.map(() => "Applied")

/** Runs a call. Time passes only where everything waits for it. */
const inTurn = <A, E, R>(call: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(call)
    while (fiber.pollUnsafe() === undefined) {
      for (let turn = 0; turn < 200; turn++) yield* Effect.yieldNow
      yield* TestClock.adjust("1 second")
    }
    return yield* Fiber.join(fiber)
  })

type Delta = MemoryProvider.DeltaProvider["driver"]

/** A driver that tells how many members each of its readings was for. */
const watched = (readings: Array<number>, driver: Delta): Delta => ({
  ...driver,
  write: {
    ...driver.write,
    snapshot: (members) =>
      Effect.suspend(() => {
        readings.push(members.length)
        return driver.write.snapshot(members)
      })
  }
})

describe("a reading", () => {
  it.effect(
    "serves all members where the provider's log is a witness, and one more looks at all of them",
    () =>
      Effect.gen(function* () {
        const readings: Array<number> = []
        const cloud = yield* delta({
          log: true,
          members: seeds,
          driver: ({ driver }) => watched(readings, driver)
        })
        assert.deepStrictEqual(
          outcomes(yield* inTurn(cloud.still.quotas.change(many, more, run))),
          allApplied
        )
        assert.deepStrictEqual(readings, [20, 20])
        // One list of the members, one count of the log, and nothing else.
        assert.strictEqual(yield* cloud.requests, many.length + 4)
      })
  )

  it.effect("is made for each change without the log, which would show what another changes meanwhile", () =>
    Effect.gen(function* () {
      const readings: Array<number> = []
      const cloud = yield* delta({ members: seeds, driver: ({ driver }) => watched(readings, driver) })
      assert.deepStrictEqual(outcomes(yield* inTurn(cloud.still.quotas.change(many, more, run))), allApplied)
      assert.deepStrictEqual(readings, [...many.map(() => 1), 20])
    })
  )

  it.effect("is made anew once it is older than it may be", () =>
    Effect.gen(function* () {
      const readings: Array<number> = []
      const cloud = yield* delta({
        log: true,
        members: seeds,
        driver: (provider) =>
          watched(
            readings,
            connecting((line) => ({
              ...line,
              apply: (difference, check) => Effect.delay(line.apply(difference, check), "1 second")
            }))(provider)
          )
      })
      assert.deepStrictEqual(outcomes(yield* inTurn(cloud.still.quotas.change(many, more, run))), allApplied)
      // 20 seconds of changes, with readings of up to 5 seconds, and the closing look.
      assert.deepStrictEqual(readings, [20, 20, 20, 20, 20])
    })
  )

  it.effect("of all that one odd row fails is made for each member alone", () =>
    Effect.gen(function* () {
      const malformed = new CloudQuotaError({
        provider: "memory",
        operation: "read",
        money: "not-moved",
        reason: new MalformedResponse({ message: "A row is odd." })
      })
      const odd = ({ driver }: { readonly driver: Delta }): Driver => ({
        ...driver,
        write: {
          ...driver.write,
          snapshot: (members) =>
            members.includes(member(3)) ? Effect.fail(malformed) : driver.write.snapshot(members)
        }
      })
      const cloud = yield* delta({ log: true, members: seeds, driver: odd })
      const report = yield* inTurn(cloud.still.quotas.change(many.slice(0, 4), more, run))
      assert.deepStrictEqual(outcomes(report), ["Applied", "Applied", "NotSent MalformedResponse", "Applied"])
    })
  )

  it.effect("serves a whole preview", () =>
    Effect.gen(function* () {
      const readings: Array<number> = []
      const cloud = yield* delta({ members: seeds, driver: ({ driver }) => watched(readings, driver) })
      const report = yield* inTurn(cloud.still.quotas.change(many, more, { ...run, preview: true }))
      assert.deepStrictEqual(
        outcomes(report),
        many.map(() => "Planned")
      )
      assert.deepStrictEqual(readings, [20])
    })
  )
})

describe("connections", () => {
  it.effect("are opened ahead, at most two, and all of them are closed", () =>
    Effect.gen(function* () {
      let [opened, closed, unused, mostUnused] = [0, 0, 0, 0]
      const counting = ({ driver }: { readonly driver: Delta }): Delta => ({
        ...driver,
        write: {
          ...driver.write,
          connect: Effect.acquireRelease(
            Effect.map(driver.write.connect, (line) => {
              opened += 1
              unused += 1
              mostUnused = Math.max(mostUnused, unused)
              return {
                ...line,
                apply: (...call: Parameters<typeof line.apply>) =>
                  Effect.suspend(() => {
                    unused -= 1
                    return Effect.delay(line.apply(...call), "10 millis")
                  })
              }
            }),
            () =>
              Effect.sync(() => {
                closed += 1
              })
          )
        }
      })
      const cloud = yield* delta({ log: true, members: seeds, driver: counting })
      assert.deepStrictEqual(outcomes(yield* inTurn(cloud.still.quotas.change(many, more, run))), allApplied)
      assert.deepStrictEqual([opened, closed], [20, 20])
      assert.isAtMost(mostUnused, 3)
      assert.isAtLeast(mostUnused, 2)
    })
  )
})

/** A provider whose answers take a while, so that the next connection is ready. */
const distant = connecting((line) => ({
  ...line,
  apply: (difference, check) => Effect.delay(line.apply(difference, check), "10 millis")
}))

/** A journal that tells its writes in order. */
const telling = (writes: Array<string>, journal = Journal.memory()) =>
  spoilt(
    (hold) => ({
      insert: (intents, state, marks = []) => {
        writes.push([state, ...marks.map(({ to }) => to)].join(" "))
        return hold.insert(intents, state, marks)
      },
      advance: (step) => {
        writes.push(step.to)
        return hold.advance(step)
      },
      amend: (all) => {
        writes.push(`amend ${all.length}`)
        return hold.amend(all)
      }
    }),
    journal
  )

describe("the mark of an answered change", () => {
  const three = many.slice(0, 3)

  it.effect("travels with the next change, and the last one with none", () =>
    Effect.gen(function* () {
      const writes: Array<string> = []
      const cloud = yield* delta({ log: true, members: seeds, journal: telling(writes), driver: distant })
      yield* inTurn(cloud.still.quotas.change(three, more, run))
      assert.deepStrictEqual(writes, ["sending", "sending applied", "sending applied", "applied", "amend 3"])
    })
  )

  it.effect("does not wait without the log, nor where a withdrawal is not proven to lower the limit", () =>
    Effect.gen(function* () {
      const less = { allowance: { adjust: "-10 CNY" } } as const
      for (const [log, spec] of [
        [false, more],
        [true, less]
      ] as const) {
        const writes: Array<string> = []
        const cloud = yield* delta({
          log,
          members: seeds,
          journal: telling(writes),
          withdrawals: "keep-limit",
          driver: distant
        })
        yield* inTurn(cloud.still.quotas.change(three, spec, run))
        assert.deepStrictEqual(writes, [...three.flatMap(() => ["sending", "applied"]), "amend 3"])
      }
    })
  )

  it.effect("is durable before its result is shown", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const shown: Array<string> = []
      const cloud = yield* delta({ log: true, members: seeds, journal, driver: distant })
      const onEvent = (event: Event) =>
        event._tag !== "Finished"
          ? Effect.void
          : Effect.map(
              Effect.orDie(Stream.runCollect(journal.intents({ member: event.result.member }))),
              (intents) => {
                shown.push(intents.map(({ state }) => state).join())
              }
            )
      yield* inTurn(cloud.still.quotas.change(many, more, { ...run, onEvent }))
      assert.deepStrictEqual(
        shown,
        many.map(() => "applied")
      )
    })
  )

  it.effect("is recorded before anything is waited for", () =>
    Effect.gen(function* () {
      const writes: Array<string> = []
      let answered = 0
      const cloud = yield* delta({
        log: true,
        members: seeds,
        journal: telling(writes),
        driver: (provider) => ({
          ...provider.driver,
          write: {
            ...distant(provider).write,
            permit: Effect.suspend(() => {
              answered += 1
              return answered === 2 ? Effect.sleep("1 second") : Effect.void
            })
          }
        })
      })
      yield* inTurn(cloud.still.quotas.change(three, more, run))
      assert.deepStrictEqual(writes, [
        "sending",
        "applied",
        "sending",
        "sending applied",
        "applied",
        "amend 3"
      ])
    })
  )

  it.effect("is recorded although another has taken over, and the next change is not sent", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const lost = spoilt(
        (hold) => ({
          insert: (intents, state, marks = []) =>
            intents[0]?.member === member(1) ? hold.insert(intents, state, marks) : Effect.succeed(undefined)
        }),
        journal
      )
      const cloud = yield* delta({ log: true, members: seeds, journal: lost })
      const report = yield* inTurn(cloud.still.quotas.change(many.slice(0, 2), more, run))
      assert.deepStrictEqual(outcomes(report), ["Applied", "NotSent PreconditionFailed"])
      const intents = yield* Stream.runCollect(journal.intents())
      assert.deepStrictEqual(
        intents.map(({ state }) => state),
        ["applied"]
      )
    })
  )

  it.effect("is recorded if the call is interrupted while it waits", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      let permits = 0
      const cloud = yield* delta({
        log: true,
        members: seeds,
        journal,
        driver: (provider) => ({
          ...provider.driver,
          write: {
            ...distant(provider).write,
            permit: Effect.suspend(() => (++permits === 3 ? Effect.interrupt : Effect.void))
          }
        })
      })
      yield* Effect.exit(inTurn(cloud.still.quotas.change(three, more, run)))
      const intents = yield* Stream.runCollect(journal.intents())
      assert.deepStrictEqual(
        intents.map(({ state }) => state),
        ["applied", "applied"]
      )
    })
  )
})
