/**
 * A roll-out of new limits over many members: one listing to plan from, and one to look at what was written.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import type * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"
import { absolute, member, outcomes, run, spoilt } from "./fixtures/clouds.ts"

const models = (count: number) => Limit.finite(Quantity.make("count", count))
const many = Array.from({ length: 20 }, (_, index) => member(index + 1))
const seeds = many.map((id) => ({
  info: { id, status: { _tag: "active" as const } },
  quotas: { "avatar-models": { limit: models(1) }, "video-minutes": { limit: Limit.unlimited } }
}))
const set = { "avatar-models": { set: "3" } } as const
const allApplied = many.map(() => "Applied")

type Driver = MemoryProvider.AbsoluteProvider["driver"]

/** Tells the listings and the readings of single members. */
const watched = (seen: Array<string>, driver: Driver): Driver => ({
  ...driver,
  listQuotas: Stream.unwrap(
    Effect.sync(() => {
      seen.push("list")
      return driver.listQuotas
    })
  ),
  getQuotas: (id) =>
    Effect.suspend(() => {
      seen.push(id)
      return driver.getQuotas(id)
    })
})

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

describe("a put roll-out", () => {
  it.effect("plans from one listing, and looks at all members in another", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const cloud = yield* absolute({ members: seeds, driver: ({ driver }) => watched(seen, driver) })
      const report = yield* inTurn(cloud.still.quotas.change(many, set, run))
      assert.deepStrictEqual(outcomes(report), allApplied)
      assert.deepStrictEqual(
        report.results.map(({ member: id }) => id),
        many
      )
      assert.deepStrictEqual(seen, ["list", "list"])
      const [write] = yield* cloud.writes
      assert.deepStrictEqual([...(write?.limits.keys() ?? [])].sort(), ["avatar-models", "video-minutes"])
    })
  )

  it.effect("of few members reads each alone", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const cloud = yield* absolute({ members: seeds, driver: ({ driver }) => watched(seen, driver) })
      yield* inTurn(cloud.still.quotas.change(many.slice(0, 2), set, run))
      assert.deepStrictEqual(seen, ["m-1", "m-2", "m-1", "m-2"])
    })
  )

  it.effect("lists anew once a listing is older than it may be", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const slow = ({ driver }: { readonly driver: Driver }): Driver => ({
        ...watched(seen, driver),
        write: { ...driver.write, put: (...call) => Effect.delay(driver.write.put(...call), "4 seconds") }
      })
      const cloud = yield* absolute({ members: seeds, driver: slow })
      const report = yield* inTurn(cloud.still.quotas.change(many, set, run))
      assert.deepStrictEqual(outcomes(report), allApplied)
      // Three rounds of 8 members, 4 seconds each: the third one needs a new listing.
      assert.deepStrictEqual(seen, ["list", "list", "list"])
    })
  )

  it.effect("reads alone whom a listing does not have whole", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      // The rows of m-1 come in two parts, and m-2 is missing.
      const torn = ({ driver }: { readonly driver: Driver }): Driver => {
        const found = watched(seen, driver)
        return {
          ...found,
          listQuotas: Stream.concat(
            found.listQuotas.pipe(
              Stream.filter((state) => state.member !== member(2) && state.metric.id === "avatar-models")
            ),
            found.listQuotas.pipe(
              Stream.filter((state) => state.member === member(1) && state.metric.id !== "avatar-models")
            )
          )
        }
      }
      const cloud = yield* absolute({ members: seeds, driver: torn })
      const report = yield* inTurn(cloud.still.quotas.change(many.slice(0, 8), set, run))
      assert.isTrue(outcomes(report).every((outcome) => outcome === "Applied"))
      const written = (yield* cloud.writes).find((write) => write.member === member(1))
      assert.isTrue(written?.limits.has("video-minutes"))
      assert.includeMembers(seen, ["m-1", "m-2"])
    })
  )

  it.effect("of members that were just changed waits for a listing that shows it", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const cloud = yield* absolute({ members: seeds, driver: ({ driver }) => watched(seen, driver) })
      yield* inTurn(cloud.still.quotas.change(many, set, run))
      seen.length = 0
      const more = { "avatar-models": { set: "4" } } as const
      const report = yield* inTurn(cloud.still.quotas.change(many, more, { run: "b" }))
      assert.deepStrictEqual(outcomes(report), allApplied)
      assert.deepStrictEqual(seen, ["list", "list"])
    })
  )

  it.effect("writes at most eight members at once", () =>
    Effect.gen(function* () {
      let [now, most] = [0, 0]
      const counting = ({ driver }: { readonly driver: Driver }): Driver => ({
        ...driver,
        write: {
          ...driver.write,
          put: (...call) =>
            Effect.suspend(() => {
              now += 1
              most = Math.max(most, now)
              return Effect.ensuring(
                Effect.delay(driver.write.put(...call), "10 millis"),
                Effect.sync(() => {
                  now -= 1
                })
              )
            })
        }
      })
      const cloud = yield* absolute({ members: seeds, driver: counting })
      yield* inTurn(cloud.still.quotas.change(many, set, run))
      assert.strictEqual(most, 8)
    })
  )

  it.effect("takes two writes of the journal for each member, and one for all looks", () =>
    Effect.gen(function* () {
      const writes: Array<string> = []
      const journal = spoilt((hold) => ({
        insert: (intents, state, marks) => {
          writes.push(`${state}`)
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
      }))
      const cloud = yield* absolute({ members: seeds, journal })
      yield* inTurn(cloud.still.quotas.change(many, set, run))
      const count = (word: string) => writes.filter((write) => write === word).length
      assert.deepStrictEqual([count("sending"), count("applied"), count("amend 20")], [20, 20, 1])
      assert.lengthOf(writes, 41)
    })
  )

  it.effect("whose recording fails sends nothing, and leaves nothing open", () =>
    Effect.gen(function* () {
      const inner = Journal.memory()
      const failed = new Journal.JournalError({
        kind: "failed",
        message: "The answer of the database was lost."
      })
      const journal = spoilt(
        (hold) => ({
          insert: (...call) => Effect.andThen(hold.insert(...call), Effect.fail(failed))
        }),
        inner
      )
      const cloud = yield* absolute({ members: seeds, journal })
      const report = yield* inTurn(cloud.still.quotas.change(many.slice(0, 2), set, run))
      assert.deepStrictEqual(outcomes(report), ["NotSent JournalFailed", "NotSent JournalFailed"])
      assert.deepStrictEqual(yield* cloud.writes, [])
      const intents = yield* Stream.runCollect(inner.intents())
      assert.deepStrictEqual(
        intents.map(({ state, unanswered }) => `${state} ${unanswered}`),
        ["not-sent 0", "not-sent 0"]
      )
    })
  )
})
