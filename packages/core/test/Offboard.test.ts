/**
 * Somebody leaves: what is left is taken back, and only then the membership ends.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { unsupported } from "@cloud-quota/core/Capabilities"
import type { DeltaConnection } from "@cloud-quota/core/adapter/Driver"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"
import type { QuotaState } from "@cloud-quota/core/Quota"
import { absolute, ada, bao, connecting, delta, inTime, open, outage, outcomes } from "./fixtures/clouds.ts"

const run = "offboard/ada"
const left = (quotas: ReadonlyArray<{ readonly available?: Quantity.Quantity }>) =>
  quotas.map(({ available }) => String(available))

describe("offboard", () => {
  it.effect("takes everything back, reads it back, and keeps the membership unless told otherwise", () =>
    Effect.gen(function* () {
      const { members, writes } = yield* delta()
      const result = yield* inTime(members.offboard("m-1", { run }))
      assert.deepStrictEqual(outcomes(result.report), ["Applied"])
      assert.deepStrictEqual(left(result.quotas), ["0.00 CNY"])
      assert.deepStrictEqual([result.membership, result.complete], ["kept", true])
      assert.strictEqual(result.message, "m-1: nothing left to reclaim.")
      assert.strictEqual((yield* members.get("m-1")).status._tag, "active")
      assert.deepStrictEqual(
        (yield* writes).map(({ delta }) => String(delta)),
        ["-376.55 CNY"]
      )
    })
  )

  it.effect("removes the member, if that is asked for and nothing is left", () =>
    Effect.gen(function* () {
      const { members } = yield* delta()
      const result = yield* inTime(members.offboard("m-1", { run, remove: true }))
      assert.deepStrictEqual([result.membership, result.complete], ["removed", true])
      assert.strictEqual(result.message, "m-1: nothing left to reclaim, and the membership has ended.")
      assert.strictEqual((yield* Effect.flip(members.get("m-1"))).reason._tag, "NotFound")
    })
  )

  it.effect("limits an unlimited member to what is used, and mentions what is less than a step", () =>
    Effect.gen(function* () {
      const { members, quotas, use } = yield* absolute()
      yield* use(bao, "video-minutes", Quantity.minutes("12.25"))
      const result = yield* inTime(members.offboard("m-2", { run, remove: true }))
      assert.deepStrictEqual(outcomes(result.report), ["Applied", "Applied"])
      assert.deepStrictEqual(
        result.quotas.map(({ limit }) => String(limit)),
        ["7", "13 min"]
      )
      assert.deepStrictEqual([result.membership, result.complete], ["removed", true])
      assert.match(result.message, /0\.75 min of video-minutes remains; the step is 1 min\.$/)
      assert.strictEqual((yield* Effect.flip(quotas.get("m-2"))).reason._tag, "NotFound")
    })
  )

  it.effect("is not complete where somebody is granted something meanwhile, and keeps the member", () =>
    Effect.gen(function* () {
      const { members, setByConsole, writes } = yield* delta()
      const refund = setByConsole(ada, "allowance", Limit.finite(Quantity.cny(130)))
      const onEvent = (event: { readonly _tag: string }) => (event._tag === "Finished" ? refund : Effect.void)
      const result = yield* inTime(members.offboard("m-1", { run, remove: true, onEvent }))
      assert.deepStrictEqual(outcomes(result.report), ["Applied"])
      assert.deepStrictEqual(left(result.quotas), ["6.55 CNY"])
      assert.deepStrictEqual([result.membership, result.complete], ["kept", false])
      assert.match(
        result.message,
        /^Offboarding of m-1 is not complete\. .*6\.55 CNY of allowance is still left/
      )
      assert.match(result.message, /So the member was not removed\. .*needs a new name\.$/)
      assert.lengthOf(yield* writes, 1)
      assert.strictEqual((yield* members.get("m-1")).status._tag, "active")
    })
  )

  it.effect("is not complete where the member spends meanwhile, and goes on when run again", () =>
    Effect.gen(function* () {
      const { members, use } = yield* delta()
      const spend = use(ada, "allowance", Quantity.cny(50))
      const onEvent = (event: { readonly _tag: string }) => (event._tag === "Sending" ? spend : Effect.void)
      const first = yield* inTime(members.offboard("m-1", { run, remove: true, onEvent }))
      assert.deepStrictEqual(outcomes(first.report), ["Rejected InsufficientBalance"])
      assert.deepStrictEqual([first.membership, first.complete], ["kept", false])
      assert.match(first.message, /The provider refused to change allowance of m-1 \(-376\.55 CNY\)/)
      const again = yield* inTime(members.offboard("m-1", { run, remove: true }))
      assert.deepStrictEqual(outcomes(again.report), ["Applied"])
      assert.deepStrictEqual([again.membership, again.complete], ["removed", true])
    })
  )

  it.effect("waits a lost answer out, and takes back once", () =>
    Effect.gen(function* () {
      const { members, script, writes } = yield* delta()
      yield* script("answer-lost")
      const result = yield* inTime(members.offboard("m-1", { run }))
      assert.deepStrictEqual([outcomes(result.report), result.complete], [["Applied"], true])
      assert.lengthOf(yield* writes, 1)
    })
  )

  it.effect("goes on where it was killed, and takes back once", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const { driver, script, writes } = yield* MemoryProvider.delta()
      yield* script("no-answer")
      const killed = yield* open(driver, journal)
      const fiber = yield* Effect.forkChild(killed.members.offboard("m-1", { run, remove: true }))
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* writes, 1)
      yield* Fiber.interrupt(fiber)
      const next = yield* open(driver, journal)
      const result = yield* inTime(next.members.offboard("m-1", { run, remove: true }))
      assert.deepStrictEqual(outcomes(result.report), ["Applied"])
      assert.deepStrictEqual([result.membership, result.complete], ["removed", true])
      assert.lengthOf(yield* writes, 1)
    })
  )

  it.effect("of somebody whom the same run has removed says so again, and sends nothing", () =>
    Effect.gen(function* () {
      const { members, writes } = yield* delta()
      yield* inTime(members.offboard("m-1", { run, remove: true }))
      const again = yield* inTime(members.offboard("m-1", { run, remove: true }))
      assert.deepStrictEqual([again.membership, again.complete], ["removed", true])
      assert.lengthOf(yield* writes, 1)
      const other = yield* Effect.flip(members.offboard("m-1", { run: "another", remove: true }))
      assert.strictEqual(other.reason._tag, "NotFound")
    })
  )

  it.effect("of a member without any quota is complete at once; of nobody it is NotFound", () =>
    Effect.gen(function* () {
      const { members, writes } = yield* delta()
      const result = yield* inTime(members.offboard("m-3", { run, remove: true }))
      assert.deepStrictEqual([result.report.results, result.quotas], [[], []])
      assert.match(result.message, /^The provider reports no quota of m-3 to take back, and the membership/)
      assert.deepStrictEqual([result.membership, result.complete], ["removed", true])
      assert.lengthOf(yield* writes, 0)
      const nobody = yield* Effect.flip(members.offboard("m-404", { run }))
      assert.strictEqual(nobody.reason._tag, "NotFound")
    })
  )

  it.effect("of somebody who has left already is complete if nothing is left, and else is not", () =>
    Effect.gen(function* () {
      const allowance = (used: number) => ({
        allowance: { limit: Limit.finite(Quantity.cny(500)), used: Quantity.cny(used) }
      })
      const { members, writes } = yield* delta({
        members: [
          { info: { id: ada, status: { _tag: "canceled" } }, quotas: allowance(500) },
          { info: { id: bao, status: { _tag: "canceled" } }, quotas: allowance(380) }
        ]
      })
      const done = yield* inTime(members.offboard("m-1", { run }))
      assert.deepStrictEqual([outcomes(done.report), done.complete], [["NoChange"], true])
      const open = yield* inTime(members.offboard("m-2", { run }))
      assert.deepStrictEqual([outcomes(open.report), open.complete], [["NotSent PreconditionFailed"], false])
      assert.match(open.message, /m-2 is no member at present.* 120\.00 CNY of allowance is still left/)
      assert.lengthOf(yield* writes, 0)
    })
  )

  it.effect("says what is known of the membership where no answer came, or the provider refused", () =>
    Effect.gen(function* () {
      for (const [fate, membership, message] of [
        ["request-lost", "unknown", /it is not known whether the member was removed: No answer came in time/],
        ["rejected", "kept", /the member could not be removed: The provider says no/]
      ] as const) {
        const { members, script } = yield* delta()
        yield* inTime(members.offboard("m-1", { run }))
        yield* script(fate)
        const result = yield* inTime(members.offboard("m-1", { run, remove: true }))
        assert.deepStrictEqual([result.membership, result.complete], [membership, false])
        assert.match(result.message, message)
      }
    })
  )

  it.effect("keeps its report where what is left cannot be read again", () =>
    Effect.gen(function* () {
      let readings = 0
      const { members } = yield* delta({
        driver: ({ driver }) => ({
          ...driver,
          getQuotas: (member) => (readings++ === 0 ? driver.getQuotas(member) : Effect.fail(outage))
        })
      })
      const result = yield* inTime(members.offboard("m-1", { run, remove: true }))
      assert.deepStrictEqual(outcomes(result.report), ["Applied"])
      assert.deepStrictEqual([result.membership, result.complete], ["kept", false])
      assert.match(result.message, /could not be read again: The provider is out of order/)
    })
  )

  it.effect("of a quota of which nothing is told what is left is never complete", () =>
    Effect.gen(function* () {
      const { members } = yield* absolute({
        driver: ({ driver }) => ({
          ...driver,
          getQuotas: (member) =>
            Effect.map(driver.getQuotas(member), (states) =>
              states.map(({ available: _, used: __, ...state }) => state)
            )
        })
      })
      const result = yield* inTime(members.offboard("m-1", { run }))
      assert.isFalse(result.complete)
      assert.match(result.message, /An unreported amount of avatar-models is still left/)
    })
  )

  /** A provider that shows limits as they were until readLag after a change. */
  const lagging = (provider: MemoryProvider.DeltaProvider) => {
    const { driver } = provider
    let old: { readonly states: ReadonlyArray<QuotaState>; readonly until: number } | undefined
    const getQuotas: typeof driver.getQuotas = (member) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        return old !== undefined && now < old.until ? old.states : yield* driver.getQuotas(member)
      })
    const change = (line: DeltaConnection): DeltaConnection => ({
      ...line,
      apply: (...delta) =>
        Effect.gen(function* () {
          const states = yield* Effect.orDie(driver.getQuotas(ada))
          const answer = yield* line.apply(...delta)
          old = { states, until: (yield* Clock.currentTimeMillis) + 5000 }
          return answer
        })
    })
    return { ...connecting(change)(provider), getQuotas }
  }

  it.effect("is complete where a reading at once still shows what was taken back", () =>
    Effect.gen(function* () {
      const { members, quotas, writes } = yield* delta({ driver: lagging })
      // The first withdrawal of an account is watched, which takes longer than readings may be old.
      yield* quotas.change("m-2", { allowance: { reclaim: "1 CNY" } }, { run: "first" })
      const result = yield* inTime(members.offboard("m-1", { run, remove: true }))
      assert.deepStrictEqual(left(result.quotas), ["0.00 CNY"])
      assert.deepStrictEqual([result.membership, result.complete], ["removed", true])
      assert.lengthOf(yield* writes, 2)
    })
  )

  it.effect("looks again also when a later process runs it, and so soon that readings are old", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const provider = yield* MemoryProvider.delta()
      const driver = lagging(provider)
      const first = yield* open(driver, journal)
      yield* inTime(first.quotas.change("m-1", { allowance: { reclaim: "all" } }, { run }))
      const stale = (yield* provider.driver.getQuotas(ada)).map((state) => ({
        ...state,
        available: Quantity.cny("376.55")
      }))
      let readings = 0
      const next = yield* open(
        {
          ...driver,
          getQuotas: (member) =>
            Effect.suspend(() => (readings++ < 2 ? Effect.succeed(stale) : provider.driver.getQuotas(member)))
        },
        journal
      )
      const result = yield* inTime(next.members.offboard("m-1", { run }))
      assert.deepStrictEqual([outcomes(result.report), result.complete], [["Applied"], true])
      assert.lengthOf(yield* provider.writes, 1)
    })
  )

  it.effect("takes back all the same where the cloud removes nobody, and leaves that to do by hand", () =>
    Effect.gen(function* () {
      const { members, writes } = yield* delta({
        driver: ({ driver: { remove: _, ...driver } }) => ({
          ...driver,
          capabilities: { ...driver.capabilities, "members.remove": unsupported("only in the console") }
        })
      })
      const result = yield* inTime(members.offboard("m-1", { run, remove: true }))
      assert.deepStrictEqual(outcomes(result.report), ["Applied"])
      assert.deepStrictEqual(left(result.quotas), ["0.00 CNY"])
      assert.deepStrictEqual([result.membership, result.complete], ["kept", false])
      assert.strictEqual(
        result.message,
        "m-1: nothing left to reclaim. Left to do by hand: remove the member, which is not supported by memory-delta: only in the console."
      )
      assert.lengthOf(yield* writes, 1)
      const kept = yield* inTime(members.offboard("m-1", { run }))
      assert.deepStrictEqual([kept.complete, kept.message], [true, "m-1: nothing left to reclaim."])
    })
  )

  const wrong: ReadonlyArray<readonly [field: string, options: unknown]> = [
    ["run", undefined],
    ["run", null],
    ["run", {}],
    ["run", { run: "" }],
    ["run", { run: "unnamed/1" }],
    ["remove", { run, remove: "yes" }],
    ["onEvent", { run, onEvent: 5 }]
  ]
  for (const [field, options] of wrong) {
    it.effect(`refuses ${JSON.stringify(options)} unsent, naming ${field}`, () =>
      Effect.gen(function* () {
        const { members, requests } = yield* delta()
        const call = Reflect.apply(members.offboard, members, ["m-1", options]) as Effect.Effect<
          unknown,
          CloudQuotaError
        >
        const { reason } = yield* Effect.flip(call)
        assert.strictEqual("field" in reason ? reason.field : reason._tag, field)
        assert.strictEqual(yield* requests, 0)
      })
    )
  }
})
