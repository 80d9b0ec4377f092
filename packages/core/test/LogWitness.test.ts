/**
 * The provider's log as a witness: one base for a hold, our own entries, entries that come late, and
 * withdrawals that teach nothing where somebody else is at work.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { DeltaLog, LogCount } from "@cloud-quota/core/adapter/Driver"
import * as Limit from "@cloud-quota/core/Limit"
import type * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"
import type { Report } from "@cloud-quota/core/Report"
import {
  ada,
  bao,
  connecting,
  delta,
  member,
  only,
  outcomes,
  reading,
  run,
  timed
} from "./fixtures/clouds.ts"

const limit = (yuan: number) => Limit.finite(Quantity.cny(yuan))
const more = { allowance: { adjust: "10 CNY" } } as const
const less = { allowance: { adjust: "-10 CNY" } } as const
const all = ["m-1", "m-2", "m-3"]

type Driver = MemoryProvider.DeltaProvider["driver"]

const withLog = (driver: Driver, change: (log: DeltaLog) => DeltaLog): Driver => {
  const { log, ...write } = driver.write
  return log === undefined ? driver : { ...driver, write: { ...write, log: change(log) } }
}

/** A log whose entries of our own appear 5 seconds late. */
const lagging = (provider: MemoryProvider.DeltaProvider): Driver => {
  const answeredAt: Array<number> = []
  const driver = connecting((line) => ({
    ...line,
    apply: (difference, check) =>
      Effect.tap(line.apply(difference, check), () =>
        Effect.map(Clock.currentTimeMillis, (now) => void answeredAt.push(now))
      )
  }))(provider)
  const late = (counted: LogCount | undefined) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      const missing = answeredAt.filter((at) => at > now - 5000).length
      return counted === undefined ? counted : { ...counted, count: counted.count - missing }
    })
  return withLog(driver, ({ base, count }) => ({
    base: Effect.flatMap(base, late),
    count: (since) => Effect.flatMap(count(since), late)
  }))
}

/** `Applied read-back+log` for each change. */
const known = ({ results }: Report) => results.map(({ evidence, outcome }) => `${outcome._tag} ${evidence}`)

describe("one base for a hold", () => {
  it.effect("is counted once, and our own answered changes are expected, however late their entries", () =>
    Effect.gen(function* () {
      let bases = 0
      const cloud = yield* delta({
        log: true,
        driver: (provider) =>
          withLog(lagging(provider), ({ base, count }) => ({
            base: Effect.tap(
              base,
              Effect.sync(() => {
                bases += 1
              })
            ),
            count
          }))
      })
      yield* cloud.changes.baseline()
      // The first one is answered, the second one's answer is lost.
      const losing = yield* Effect.forkChild(cloud.still.quotas.change(all, more, run))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(outcomes(yield* Fiber.join(losing)), ["Applied", "Applied", "Applied"])
      assert.strictEqual(bases, 1)
    })
  )

  it.effect("tells a lost answer from those before it in the same call", () =>
    Effect.gen(function* () {
      for (const [fate, outcome] of [
        ["answer-lost", "Applied read-back+log"],
        // It is sent again by itself, which only the log's silence allows.
        ["request-lost", "Applied response"]
      ] as const) {
        let sent = 0
        const cloud = yield* delta({
          log: true,
          driver: (provider) =>
            connecting((line) => ({
              ...line,
              apply: (difference, check) =>
                Effect.andThen(
                  ++sent === 2 ? provider.script(fate) : Effect.void,
                  line.apply(difference, check)
                )
            }))({ ...provider, driver: lagging(provider) })
        })
        const report = yield* cloud.quotas.change(all, more, run)
        assert.deepStrictEqual(known(report), ["Applied response", outcome, "Applied response"])
      }
    })
  )

  it.effect("does not expect an entry of what was rejected or not sent", () =>
    Effect.gen(function* () {
      for (const fate of ["rejected", "not-sent"] as const) {
        const cloud = yield* delta({ log: true })
        yield* cloud.script(...(fate === "rejected" ? [fate] : [fate, fate]), "request-lost")
        const fiber = yield* Effect.forkChild(cloud.still.quotas.change(["m-1", "m-2"], more, run))
        yield* TestClock.adjust("30 seconds")
        yield* cloud.setByConsole(ada, "allowance", limit(600))
        yield* TestClock.adjust("5 minutes")
        assert.strictEqual(outcomes(yield* Fiber.join(fiber))[1], "Conflict")
      }
    })
  )

  it.effect("is counted anew after a lost answer, once no entry of our own can be late", () =>
    Effect.gen(function* () {
      const bases: Array<number> = []
      const cloud = yield* delta({
        log: true,
        driver: (provider) =>
          withLog(lagging(provider), (log) => ({
            ...log,
            base: Effect.tap(log.base, (counted) => Effect.sync(() => void bases.push(counted?.count ?? -1)))
          }))
      })
      yield* cloud.quotas.change(all, more, run)
      yield* cloud.script("answer-lost")
      yield* cloud.quotas.change(["m-1", "m-2"], more, { run: "b" })
      assert.deepStrictEqual(bases, [0, 3, 4])
    })
  )

  for (const [after, outcome] of [
    ["half a minute", "Conflict"],
    ["more than a minute", "Applied response"]
  ] as const) {
    it.effect(`is counted anew each minute: what a colleague did ${after} ago ends in ${outcome}`, () =>
      Effect.gen(function* () {
        const many = Array.from({ length: 40 }, (_, index) => member(index + 1))
        const counted: Array<number> = []
        let sent = 0
        const cloud = yield* delta({
          log: true,
          members: many.map((id) => ({ info: { id, status: { _tag: "active" } }, quotas: {} })),
          driver: (provider) =>
            withLog(
              connecting((line) => ({
                ...line,
                // Each change takes 3 seconds. A colleague comes in between, and later a request is lost.
                apply: (difference, check) =>
                  Effect.gen(function* () {
                    sent += 1
                    if (sent === 2) yield* provider.setByConsole(member(40), "allowance", limit(7))
                    if (sent === (after === "half a minute" ? 12 : 24)) yield* provider.script("request-lost")
                    yield* Effect.sleep("3 seconds")
                    return yield* line.apply(difference, check)
                  })
              }))(provider),
              (log) => ({
                ...log,
                count: (since) =>
                  Effect.tap(log.count(since), (found) =>
                    Effect.sync(() => void counted.push(found?.count ?? -1))
                  )
              })
            )
        })
        const report = yield* cloud.quotas.change(many.slice(0, 39), more, run)
        const others = new Set(known(report))
        assert.isTrue(others.has("Applied response"))
        others.delete("Applied response")
        assert.deepStrictEqual([...others], outcome === "Conflict" ? ["Conflict undefined"] : [])
      })
    )
  }
})

describe("the order of reading", () => {
  it.effect("is the log first when planning: a change between the two is counted", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        log: true,
        driver: (provider) => {
          let readings = 0
          const { write } = provider.driver
          return {
            ...provider.driver,
            write: {
              ...write,
              snapshot: (members) =>
                Effect.andThen(
                  ++readings === 1 ? provider.setByConsole(bao, "allowance", limit(200)) : Effect.void,
                  write.snapshot(members)
                )
            }
          }
        }
      })
      yield* cloud.script("answer-lost")
      const result = only(yield* cloud.quotas.change("m-1", more, run))
      assert.match(result.message, /log has 2 new entries instead of 1/)
    })
  )

  it.effect("is the limit first when settling: a change between the two is counted", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        log: true,
        driver: (provider) => {
          let readings = 0
          const { write } = provider.driver
          return {
            ...provider.driver,
            write: {
              ...write,
              snapshot: (members) =>
                Effect.tap(write.snapshot(members), () =>
                  ++readings === 2 ? provider.setByConsole(bao, "allowance", limit(200)) : Effect.void
                )
            }
          }
        }
      })
      yield* cloud.script("answer-lost")
      const result = only(yield* cloud.quotas.change("m-1", more, run))
      assert.match(result.message, /log has 2 new entries instead of 1/)
    })
  )
})

describe("a log that is no witness", () => {
  it.effect("is left out: a lost answer is judged by the limit, and nothing is sent again by itself", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        log: true,
        driver: ({ driver }) => withLog(driver, (log) => ({ ...log, base: Effect.succeed(undefined) }))
      })
      yield* cloud.script("request-lost")
      assert.deepStrictEqual(known(yield* cloud.quotas.change("m-1", more, run)), ["NotApplied read-back"])
      assert.lengthOf(yield* cloud.writes, 1)
    })
  )

  it.effect("is one whose entries vanish: a conflict first, and left out for the rest of the call", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        log: true,
        driver: ({ driver }) =>
          withLog(driver, (log) => ({
            ...log,
            count: (since: number) => Effect.succeed({ since, count: -1 })
          }))
      })
      yield* cloud.script("answer-lost", "answer-lost")
      assert.deepStrictEqual(known(yield* cloud.quotas.change(["m-1", "m-2"], more, run)), [
        "Conflict undefined",
        "Applied read-back"
      ])
    })
  )
})

describe("a withdrawal", () => {
  it.effect(
    "whose limit did not move is a conflict, whatever the log has: a colleague granted somebody else",
    () =>
      Effect.gen(function* () {
        const cloud = yield* delta({ log: true })
        yield* cloud.script("request-lost")
        const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", less, run))
        yield* TestClock.adjust("30 seconds")
        yield* cloud.setByConsole(bao, "allowance", limit(200))
        yield* TestClock.adjust("5 minutes")
        assert.deepStrictEqual(outcomes(yield* Fiber.join(fiber)), ["Conflict"])
      })
  )

  it.effect("is not taken for applied by the late entry of the one before it", () =>
    Effect.gen(function* () {
      let sent = 0
      const cloud = yield* delta({
        log: true,
        driver: (provider) =>
          connecting((line) => ({
            ...line,
            apply: (difference, check) =>
              Effect.andThen(
                ++sent === 3 ? provider.script("request-lost") : Effect.void,
                line.apply(difference, check)
              )
          }))({ ...provider, driver: lagging(provider) })
      })
      yield* cloud.quotas.change("m-2", less, { run: "prove" })
      const report = yield* cloud.quotas.change(["m-2", "m-1"], less, run)
      assert.deepStrictEqual(known(report), ["Applied response", "NotApplied read-back+log"])
    })
  )

  const setDown = { allowance: { set: "450 CNY" } } as const

  it.effect("teaches nothing where the log has another entry, and the next one does", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ log: true })
      const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", less, run))
      yield* TestClock.adjust("7 seconds")
      yield* cloud.setByConsole(bao, "allowance", limit(200))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(outcomes(yield* Fiber.join(fiber)), ["Applied"])
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", setDown)), [
        "Refused set-down-unproven"
      ])
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", less, { run: "b" })), ["Applied"])
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", setDown)), ["Applied"])
    })
  )

  it.effect("teaches nothing by what is read within 5 seconds of its answer", () =>
    Effect.gen(function* () {
      let withdrawnAt = Number.POSITIVE_INFINITY
      const cloud = yield* delta({
        withdrawals: "keep-limit",
        driver: (provider) => {
          const driver = connecting((line) => ({
            ...line,
            apply: (difference, check) =>
              Effect.tap(line.apply(difference, check), () =>
                Effect.map(Clock.currentTimeMillis, (now) => {
                  withdrawnAt = now
                })
              )
          }))(provider)
          return {
            ...driver,
            write: {
              ...driver.write,
              // An old reading, from before somebody raised the limit to where it is.
              snapshot: (members) =>
                Effect.flatMap(driver.write.snapshot(members), (snapshots) =>
                  Effect.map(Clock.currentTimeMillis, (now) =>
                    now >= withdrawnAt && now < withdrawnAt + 5000
                      ? snapshots.map((one) => ({ ...one, limit: Quantity.cny(490) }))
                      : snapshots
                  )
                )
            }
          }
        }
      })
      const { value } = yield* timed(cloud.still.quotas.change("m-1", less, run))
      assert.deepStrictEqual(outcomes(value), ["Applied"])
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", setDown)), [
        "Refused set-down-unproven"
      ])
    })
  )

  it.effect("teaches nothing where its member has left and joined again meanwhile", () =>
    Effect.gen(function* () {
      let withdrawn = false
      const cloud = yield* delta({
        withdrawals: "keep-limit",
        driver: (provider) => {
          const driver = connecting((line) => ({
            ...line,
            apply: (difference, check) =>
              Effect.tap(line.apply(difference, check), () =>
                Effect.sync(() => {
                  withdrawn = true
                })
              )
          }))(provider)
          return {
            ...driver,
            write: {
              ...driver.write,
              // The new membership has a limit of its own, by chance the one that would teach.
              snapshot: (members) =>
                Effect.map(driver.write.snapshot(members), (snapshots) =>
                  snapshots.map((one) =>
                    withdrawn && one.member === "m-1"
                      ? { ...one, membership: "another one", limit: Quantity.cny(490) }
                      : one
                  )
                )
            }
          }
        }
      })
      assert.deepStrictEqual(outcomes((yield* timed(cloud.still.quotas.change("m-1", less, run))).value), [
        "Applied"
      ])
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-2", { allowance: { set: "1 CNY" } })), [
        "Refused set-down-unproven"
      ])
    })
  )

  it.effect("that taught nothing goes on from the limit that it left, once others have taught it", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        driver: reading((snapshots, nth) =>
          nth === 2 ? snapshots.map((one) => ({ ...one, limit: Quantity.cny(500) })) : snapshots
        )
      })
      yield* cloud.changes.baseline(["m-1", "m-2"])
      yield* cloud.quotas.change("m-1", less, run)
      yield* cloud.quotas.change("m-2", less, { run: "b" })
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", more, { run: "c" })), ["Applied"])
    })
  )

  it.effect("that taught nothing may be followed by another one, and the next change goes on from both", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ log: true })
      yield* cloud.changes.baseline(["m-1"])
      for (const [index, name] of ["a", "b"].entries()) {
        const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", less, { run: name }))
        yield* TestClock.adjust("7 seconds")
        yield* cloud.setByConsole(bao, "allowance", limit(200 + index))
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(outcomes(yield* Fiber.join(fiber)), ["Applied"])
      }
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", more, { run: "c" })), ["Applied"])
    })
  )
})
