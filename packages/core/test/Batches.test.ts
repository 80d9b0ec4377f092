/**
 * One request for several members, on a cloud that is told differences.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Change } from "../src/Change.ts"
import { Timeout } from "../src/CloudQuotaError.ts"
import type { DeltaOutcome } from "../src/Driver.ts"
import { makeMemoryStore, memoryJournal } from "../src/internal/memoryJournal.ts"
import * as Limit from "../src/Limit.ts"
import type * as MemoryProvider from "../src/MemoryProvider.ts"
import * as Quantity from "../src/Quantity.ts"
import * as Report from "../src/Report.ts"
import {
  ada,
  bao,
  connecting,
  delta,
  inTime,
  limitsOf,
  member,
  open,
  outage,
  outcomes,
  run
} from "./fixtures/clouds.ts"

const ids = ["m-1", "m-2", "m-3"]
const more = { allowance: { adjust: "10 CNY" } } as const
const together = { ...run, membersPerRequest: 50 }

const adjust = (id: string, amount: string): Change => ({
  member: id,
  metric: "allowance",
  action: { adjust: amount }
})

/** `m-1 m-2 10.00 CNY` for each request. */
const sent = (cloud: Pick<MemoryProvider.DeltaProvider, "writes">) =>
  Effect.map(cloud.writes, (writes) => writes.map(({ amount, members }) => `${members.join(" ")} ${amount}`))

const limits = (cloud: Parameters<typeof limitsOf>[0]) => Effect.forEach(ids, (id) => limitsOf(cloud, id))

describe("one request for several members", () => {
  it.effect("gives each the amount, which is believed when each limit shows it", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const report = yield* cloud.quotas.change(ids, more, together)
      assert.deepStrictEqual(outcomes(report), ["Applied", "Applied", "Applied"])
      assert.deepStrictEqual(
        report.results.map(({ evidence, member, money }) => `${member} ${money} ${evidence}`),
        ids.map((id) => `${id} moved read-back`)
      )
      assert.deepStrictEqual(yield* sent(cloud), ["m-1 m-2 m-3 10.00 CNY"])
      assert.deepStrictEqual(yield* limits(cloud), ["510.00 CNY", "110.00 CNY", "10.00 CNY"])
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change(ids, more, together)), [
        "Applied",
        "Applied",
        "Applied"
      ])
      assert.strictEqual((yield* cloud.writes).length, 1)
    })
  )

  it.effect("holds equal amounts, and no more members than was said, in the order of the changes", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const changes = [adjust("m-3", "5 CNY"), adjust("m-1", "10 CNY"), adjust("m-2", "5 CNY")]
      const report = yield* cloud.quotas.changeAll(changes, together)
      assert.deepStrictEqual(
        report.results.map(({ member }) => member),
        ["m-3", "m-1", "m-2"]
      )
      assert.isTrue(Report.isComplete(report))
      assert.sameMembers(yield* sent(cloud), ["m-3 m-2 5.00 CNY", "m-1 10.00 CNY"])

      const pairs = yield* delta()
      yield* pairs.quotas.change(ids, more, { ...run, membersPerRequest: 2 })
      assert.deepStrictEqual(yield* sent(pairs), ["m-1 m-2 10.00 CNY", "m-3 10.00 CNY"])
    })
  )

  it.effect("is a conflict for whom the limit shows another amount", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        // A provider that shares the amount out instead of giving it to each.
        driver: (provider) =>
          connecting((line) => ({
            ...line,
            apply: (difference, check) =>
              Effect.tap(
                line.apply(difference, check),
                provider.setByConsole(bao, "allowance", Limit.finite(Quantity.cny(105)))
              )
          }))(provider)
      })
      const report = yield* cloud.quotas.change(["m-1", "m-2"], more, together)
      assert.deepStrictEqual(outcomes(report), ["Applied", "Conflict"])
      assert.match(report.results[1]?.message ?? "", /the limit is 105.00 CNY instead of 110.00 CNY/)
    })
  )

  it.effect("whose answer was lost is waited out and looked up for each, and nobody is paid twice", () =>
    Effect.gen(function* () {
      for (const [fate, outcome] of [
        ["answer-lost", "Applied"],
        ["request-lost", "NotApplied"]
      ] as const) {
        const cloud = yield* delta({ log: true })
        yield* cloud.script(fate)
        const report = yield* cloud.quotas.change(ids, more, together)
        assert.deepStrictEqual(outcomes(report), [outcome, outcome, outcome])
        assert.strictEqual((yield* cloud.writes).length, 1)
        assert.deepStrictEqual(outcomes(yield* cloud.quotas.change(ids, more, together)), [
          "Applied",
          "Applied",
          "Applied"
        ])
        assert.deepStrictEqual(yield* limits(cloud), ["510.00 CNY", "110.00 CNY", "10.00 CNY"])
      }
    })
  )

  it.effect("takes nothing back until it is proven that this shows: then each goes on its own", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const less = { allowance: { adjust: "-10 CNY" } } as const
      const first = yield* cloud.quotas.change(["m-1", "m-2"], less, together)
      assert.deepStrictEqual(outcomes(first), ["Applied", "Applied"])
      yield* cloud.quotas.change(["m-1", "m-2"], less, { ...together, run: "b" })
      assert.deepStrictEqual(yield* sent(cloud), ["m-1 -10.00 CNY", "m-2 -10.00 CNY", "m-1 m-2 -10.00 CNY"])
    })
  )

  it.effect("that was refused, or never left, changed nothing for anybody", () =>
    Effect.gen(function* () {
      for (const [fate, outcome] of [
        ["rejected", "Rejected ProviderFailed"],
        ["not-sent", "NotSent TransportFailed"]
      ] as const) {
        const cloud = yield* delta()
        yield* cloud.script(fate)
        const report = yield* cloud.quotas.change(["m-1", "m-2"], more, together)
        assert.deepStrictEqual(outcomes(report), [outcome, outcome])
        assert.deepStrictEqual(yield* limits(cloud), ["500.00 CNY", "100.00 CNY", ""])
        assert.deepStrictEqual(outcomes(yield* cloud.quotas.change(["m-1", "m-2"], more, together)), [
          "Applied",
          "Applied"
        ])
      }
    })
  )

  it.effect("leaves out who cannot be changed, and does not go on while something is unknown", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("request-lost")
      const finished: Array<string> = []
      const report = yield* cloud.quotas.changeAll(
        [adjust("m-9", "10 CNY"), adjust("m-1", "10 CNY"), adjust("m-2", "10 CNY"), adjust("m-3", "5 CNY")],
        {
          ...together,
          settle: "defer",
          onEvent: (event) =>
            Effect.sync(() => void (event._tag === "Finished" && finished.push(event.result.member)))
        }
      )
      assert.deepStrictEqual(outcomes(report), [
        "NotSent NotFound",
        "Unknown Timeout",
        "Unknown Timeout",
        "NotSent Unavailable"
      ])
      assert.strictEqual((yield* cloud.writes).length, 1)
      assert.deepStrictEqual(finished, ["m-9", "m-1", "m-2", "m-3"])
    })
  )

  it.effect("does not make the log speak against whoever comes after it", () =>
    Effect.gen(function* () {
      // Whoever goes alone loses the answer.
      const reason = new Timeout({ message: "No answer came in time." })
      const cloud = yield* delta({
        log: true,
        driver: connecting((line) => ({
          ...line,
          apply: (difference, check) =>
            Effect.map(line.apply(difference, check), (answers) =>
              difference.members.length > 1
                ? answers
                : answers.map(({ member }): DeltaOutcome => ({ _tag: "Unknown", member, reason }))
            )
        }))
      })
      const changes = [adjust("m-1", "10 CNY"), adjust("m-2", "10 CNY"), adjust("m-3", "5 CNY")]
      const report = yield* cloud.quotas.changeAll(changes, together)
      assert.deepStrictEqual(
        report.results.map(({ evidence, outcome }) => `${outcome._tag} ${evidence}`),
        ["Applied read-back", "Applied read-back", "Applied read-back+log"]
      )
    })
  )

  it.effect(
    "is for those whose limits are still as they were planned with: the others are looked at anew",
    () =>
      Effect.gen(function* () {
        let changed = false
        const cloud = yield* delta({
          members: [1, 2, 3, 4].map((number) => ({
            info: { id: member(number), status: { _tag: "active" } },
            quotas: {}
          })),
          driver: (provider) =>
            connecting((line) => ({
              ...line,
              apply: (difference, check) =>
                Effect.tap(line.apply(difference, check), () => {
                  if (changed) return Effect.void
                  changed = true
                  return provider.setByConsole(ada, "allowance", Limit.finite(Quantity.cny(400)))
                })
            }))(provider)
        })
        yield* cloud.changes.baseline()
        const changes = [
          adjust("m-2", "10 CNY"),
          adjust("m-3", "10 CNY"),
          adjust("m-1", "5 CNY"),
          adjust("m-4", "5 CNY")
        ]
        const finished: Array<string> = []
        const report = yield* cloud.quotas.changeAll(changes, {
          ...together,
          onEvent: (event) =>
            Effect.sync(() => void (event._tag === "Finished" && finished.push(event.result.member)))
        })
        assert.deepStrictEqual(outcomes(report), ["Applied", "Applied", "Drift", "Applied"])
        assert.deepStrictEqual(yield* sent(cloud), ["m-2 m-3 10.00 CNY", "m-4 5.00 CNY"])
        assert.sameMembers(finished, ["m-1", "m-2", "m-3", "m-4"])
      })
  )
})

describe("a request for several members that was accepted", () => {
  /** A provider that accepts every request, gives nobody anything, and cannot be read right afterwards. */
  const accepting = (provider: MemoryProvider.DeltaProvider): MemoryProvider.DeltaProvider["driver"] => {
    let blind = false
    const driver = connecting((line) => ({
      ...line,
      apply: ({ members }) =>
        Effect.sync(() => {
          blind = true
          return members.map((id): DeltaOutcome => ({ _tag: "Applied", member: id }))
        })
    }))(provider)
    const snapshot: typeof driver.write.snapshot = (members) =>
      Effect.suspend(() => {
        if (!blind) return driver.write.snapshot(members)
        blind = false
        return Effect.fail(outage)
      })
    return { ...driver, write: { ...driver.write, snapshot } }
  }
  const pair = ["m-1", "m-2"]

  it.effect("is a conflict where the limit did not move, whenever that is looked at", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ driver: accepting })
      const report = yield* cloud.quotas.change(pair, more, together)
      assert.deepStrictEqual(outcomes(report), ["Conflict", "Conflict"])
      assert.match(report.results[0]?.message ?? "", /the provider accepted it, and the limit did not move/)

      const later = yield* delta({ driver: accepting })
      const first = yield* later.quotas.change(pair, more, { ...together, settle: "defer" })
      assert.deepStrictEqual(outcomes(first), ["Unknown Unavailable", "Unknown Unavailable"])
      const second = yield* later.quotas.change(pair, more, together)
      assert.deepStrictEqual(outcomes(second), ["Conflict", "Conflict"])
    })
  )

  it.effect("is a conflict also for another process, if this one dies before it has looked", () =>
    Effect.gen(function* () {
      const store = makeMemoryStore()
      const cloud = yield* delta({ driver: accepting, journal: memoryJournal({ store, owner: "first" }) })
      const fiber = yield* Effect.forkChild(cloud.still.quotas.change(pair, more, together))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      const second = yield* open(cloud.driver, memoryJournal({ store, owner: "second" }))
      // The first look of the second process falls into the outage, and the next one does not.
      yield* Effect.ignore(inTime(second.changes.recover()))
      const settled = yield* inTime(second.changes.recover())
      assert.isNotEmpty(settled)
      assert.deepStrictEqual(
        (yield* second.changes.pending).map(({ state }) => state),
        ["conflict", "conflict"]
      )
    })
  )
})

describe("requests for several members", () => {
  it.effect("end after two lost answers in a row, whatever came of them", () =>
    Effect.gen(function* () {
      const all = Array.from({ length: 6 }, (_, index) => member(index + 1))
      const cloud = yield* delta({
        members: all.map((id) => ({ info: { id, status: { _tag: "active" } }, quotas: {} }))
      })
      yield* cloud.script("answer-lost", "request-lost")
      const report = yield* cloud.quotas.change(all, more, { ...run, membersPerRequest: 2 })
      assert.deepStrictEqual(outcomes(report), [
        "Applied",
        "Applied",
        "NotApplied",
        "NotApplied",
        "NotSent Unavailable",
        "NotSent Unavailable"
      ])
      assert.strictEqual((yield* cloud.writes).length, 2)
    })
  )
})
