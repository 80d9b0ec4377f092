/**
 * What surrounds single changes: vouching, settling what is open, and checking that the money is
 * where the journal says. How a conflict is resolved is in `Settle.test.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Event } from "@cloud-quota/core/Change"
import type { Baselined, Verified } from "@cloud-quota/core/Changes"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import * as Quantity from "@cloud-quota/core/Quantity"
import {
  absolute,
  ada,
  bao,
  delta,
  only,
  outage,
  outcomes,
  reading,
  run,
  sentTogether,
  timed
} from "./fixtures/clouds.ts"

const limit = (yuan: number) => Limit.finite(Quantity.cny(yuan))
const more = { allowance: { adjust: "10 CNY" } } as const
const defer = { ...run, settle: "defer" } as const

/** `m-1 500.00 CNY -> 600.00 CNY`, or `m-1 500.00 CNY` the first time. */
const vouched = (all: ReadonlyArray<Baselined>) =>
  all.map(
    ({ before, limit: now, member }) => `${member} ${before === undefined ? "" : `${before} -> `}${now}`
  )

/** `m-1 drift 510.00 CNY, 600.00 CNY seen`. */
const verdicts = (all: ReadonlyArray<Verified>) =>
  all.map(
    ({ member, observed, settled, verdict }) =>
      `${member} ${verdict} ${settled}${observed === undefined ? "" : `, ${observed} seen`}`
  )

const refused = (error: CloudQuotaError) => {
  assert.deepStrictEqual([error.reason._tag, error.money], ["PreconditionFailed", "not-moved"])
  return error.message
}

describe("vouching", () => {
  it.effect("for all members: what is there now is what was left, and before that", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      assert.deepStrictEqual(vouched(yield* cloud.changes.baseline()), [
        "m-1 500.00 CNY",
        "m-2 100.00 CNY",
        "m-3 0.00 CNY"
      ])
      yield* cloud.setByConsole(ada, "allowance", limit(600))
      yield* cloud.quotas.change("m-2", more, run)
      assert.deepStrictEqual(vouched(yield* cloud.changes.baseline()), [
        "m-1 500.00 CNY -> 600.00 CNY",
        "m-2 110.00 CNY -> 110.00 CNY",
        "m-3 0.00 CNY -> 0.00 CNY"
      ])
      assert.strictEqual((yield* cloud.writes).length, 1)
    })
  )

  it.effect("for some: of the others nothing is vouched for", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.changes.baseline()
      yield* cloud.setByConsole(ada, "allowance", limit(600))
      yield* cloud.setByConsole(bao, "allowance", limit(200))
      const asMember = yield* cloud.members.get("m-1")
      assert.deepStrictEqual(vouched(yield* cloud.changes.baseline([asMember])), [
        "m-1 500.00 CNY -> 600.00 CNY"
      ])
      const report = yield* cloud.quotas.change(["m-1", "m-2"], more, run)
      assert.deepStrictEqual(outcomes(report), ["Applied", "Drift"])
    })
  )

  it.effect("for some is not enough in a journal that has never seen the account", () =>
    Effect.gen(function* () {
      const durable = yield* delta({ journal: { ...Journal.memory(), kind: "sqlite" } })
      const message = refused(yield* Effect.flip(durable.changes.baseline(["m-1"])))
      assert.match(message, /accept the limits of all members first/)
      // Pretended money needs no vouching in the first place.
      assert.strictEqual((yield* (yield* delta()).changes.baseline(["m-1"])).length, 1)
    })
  )

  it.effect("is refused while a change is open, naming it", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.changes.baseline()
      yield* cloud.script("answer-lost")
      yield* cloud.quotas.change("m-1", more, defer)
      for (const members of [undefined, ["m-2"]]) {
        const message = refused(yield* Effect.flip(cloud.changes.baseline(members)))
        assert.match(message, /the run "test" .*adjust 10.00 CNY for m-1.*Changes\.recover/)
      }
      yield* cloud.changes.recover()
      assert.strictEqual(vouched(yield* cloud.changes.baseline())[0], "m-1 510.00 CNY -> 510.00 CNY")
    })
  )

  it.effect("is not for what cannot be a member", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const error = yield* Effect.flip(cloud.changes.baseline(["not an id"]))
      assert.strictEqual(error.reason._tag, "InvalidRequest")
      assert.match(error.message, /member: "not an id" is not a member id/)
      // The list of members.
      assert.strictEqual(yield* cloud.requests, 1)
    })
  )

  it.effect("is not for who has nothing there, and names them", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const error = yield* Effect.flip(cloud.changes.baseline(["m-1", "m-9"]))
      assert.deepStrictEqual([error.reason._tag, error.money], ["NotFound", "not-moved"])
      assert.match(error.message, /there is no member m-9/)
      assert.deepStrictEqual(yield* cloud.changes.verify, [])
    })
  )

  it.effect("does not take the place of a person's decision", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ withdrawals: "keep-limit" })
      yield* cloud.script("answer-lost")
      const less = { allowance: { adjust: "-10 CNY" } } as const
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", less, run)), ["Conflict"])
      yield* cloud.changes.baseline()
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", more, { run: "b" })), ["Blocked"])
    })
  )
})

describe("recovering", () => {
  it.effect("settles what is open, says while it waits, gives what it settled, and sends nothing", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("answer-lost")
      yield* cloud.quotas.change("m-1", more, defer)
      const events: Array<Event> = []
      const { seconds, value } = yield* timed(
        cloud.still.changes.recover({ onEvent: (event) => Effect.sync(() => void events.push(event)) })
      )
      assert.deepStrictEqual(
        value.map(({ evidence, member, run, state }) => [run, member, state, evidence]),
        [["test", "m-1", "applied", "read-back"]]
      )
      assert.deepStrictEqual(new Set(events.map(({ _tag }) => _tag)), new Set(["Waiting"]))
      assert.isTrue(seconds > 0 && seconds <= 90)
      assert.strictEqual((yield* cloud.writes).length, 1)
      assert.deepStrictEqual(yield* cloud.changes.pending, [])
      assert.strictEqual(only(yield* cloud.quotas.change("m-1", more, run)).outcome._tag, "Applied")
      assert.strictEqual((yield* cloud.writes).length, 1)
    })
  )

  it.effect("has nothing to do where nothing is open, not even to ask the provider", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.quotas.change("m-1", more, run)
      const before = yield* cloud.requests
      assert.deepStrictEqual(yield* cloud.changes.recover(), [])
      assert.strictEqual(yield* cloud.requests, before)
    })
  )

  it.effect("that was interrupted leaves it open", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("request-lost")
      yield* cloud.quotas.change("m-1", more, defer)
      const fiber = yield* Effect.forkChild(cloud.still.changes.recover())
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(
        (yield* cloud.changes.pending).map(({ state }) => state),
        ["sending"]
      )
      assert.deepStrictEqual(
        (yield* cloud.changes.recover()).map(({ state }) => state),
        ["not-applied"]
      )
    })
  )

  it.effect("leaves open what cannot be read, and settles the others", () =>
    Effect.gen(function* () {
      let unreadable = new Set<string>()
      const journal = Journal.memory()
      const cloud = yield* delta({
        journal,
        driver: ({ driver }) => ({
          ...driver,
          write: {
            ...driver.write,
            snapshot: (members) =>
              Effect.suspend(() =>
                members.some((id) => unreadable.has(id))
                  ? Effect.fail(outage)
                  : driver.write.snapshot(members)
              )
          }
        })
      })
      // Two are open at once only where an earlier version sent one request for several members.
      yield* sentTogether(cloud, journal, { arrived: true, answered: false })
      const states = Effect.map(cloud.changes.recover(), (intents) =>
        intents.map(({ member, state }) => `${member} ${state}`)
      )
      unreadable = new Set([ada, bao])
      assert.strictEqual((yield* Effect.flip(states)).reason._tag, "Unavailable")
      unreadable = new Set([ada])
      assert.deepStrictEqual(yield* states, ["m-1 sending", "m-2 applied"])
      unreadable = new Set()
      assert.deepStrictEqual(yield* states, ["m-1 applied"])
    })
  )

  it.effect("settles a lost put, too", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script("request-lost", "request-lost", "request-lost")
      yield* cloud.quotas.change("m-1", { "avatar-models": { set: "12" } }, defer)
      assert.strictEqual((yield* cloud.changes.pending).length, 1)
      assert.deepStrictEqual(
        (yield* cloud.changes.recover()).map(({ metric, state }) => [metric, state]),
        [["avatar-models", "not-applied"]]
      )
      assert.deepStrictEqual(yield* cloud.changes.pending, [])
    })
  )
})

describe("what is pending", () => {
  it.effect("is what is open and what waits for a decision, of this account alone", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const cloud = yield* delta({ journal, withdrawals: "keep-limit" })
      const other = yield* absolute({ journal })
      assert.deepStrictEqual(yield* cloud.changes.pending, [])
      yield* cloud.script("answer-lost", "request-lost")
      yield* cloud.quotas.change("m-1", { allowance: { adjust: "-10 CNY" } }, run)
      yield* cloud.quotas.change("m-2", more, { ...defer, run: "b" })
      yield* cloud.quotas.change("m-3", more, { ...defer, run: "c" })
      assert.deepStrictEqual(
        (yield* cloud.changes.pending).map(({ member, run, state }) => [run, member, state]),
        [
          ["test", "m-1", "conflict"],
          ["b", "m-2", "sending"]
        ]
      )
      assert.deepStrictEqual(yield* other.changes.pending, [])
    })
  )
})

describe("verifying", () => {
  it.effect("compares what was settled with what is there", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      assert.deepStrictEqual(verdicts(yield* cloud.changes.verify), [])
      yield* cloud.changes.baseline()
      yield* cloud.quotas.change("m-1", more, run)
      yield* cloud.setByConsole(bao, "allowance", limit(90))
      yield* cloud.script("answer-lost")
      yield* cloud.quotas.change("m-3", more, { ...defer, run: "b" })
      assert.deepStrictEqual(verdicts(yield* cloud.changes.verify), [
        "m-1 as-settled 510.00 CNY, 510.00 CNY seen",
        "m-2 drift 100.00 CNY, 90.00 CNY seen",
        "m-3 open 0.00 CNY, 10.00 CNY seen"
      ])
      yield* cloud.changes.recover()
      assert.strictEqual(verdicts(yield* cloud.changes.verify)[2], "m-3 as-settled 10.00 CNY, 10.00 CNY seen")
    })
  )

  it.effect("sees a change that took effect after everybody had given it up", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("request-lost")
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", more, run)), ["NotApplied"])
      yield* cloud.setByConsole(ada, "allowance", limit(510))
      assert.deepStrictEqual(verdicts(yield* cloud.changes.verify), ["m-1 drift 500.00 CNY, 510.00 CNY seen"])
    })
  )

  it.effect("tells who has left, or has left and joined again", () =>
    Effect.gen(function* () {
      let later = false
      const cloud = yield* delta({
        driver: reading((snapshots) =>
          later
            ? snapshots.filter(({ member }) => member !== ada).map((one) => ({ ...one, membership: "2" }))
            : snapshots
        )
      })
      yield* cloud.changes.baseline(undefined)
      later = true
      assert.deepStrictEqual(verdicts(yield* cloud.changes.verify), [
        "m-1 gone 500.00 CNY",
        "m-2 gone 100.00 CNY",
        "m-3 gone 0.00 CNY"
      ])
    })
  )

  it.effect("is clean where withdrawals keep the limit", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ withdrawals: "keep-limit" })
      yield* cloud.quotas.change("m-1", { allowance: { adjust: "-10 CNY" } }, run)
      yield* cloud.quotas.change("m-1", { allowance: { adjust: "-5 CNY" } }, { run: "b" })
      assert.deepStrictEqual(verdicts(yield* cloud.changes.verify), [
        "m-1 as-settled 500.00 CNY, 500.00 CNY seen"
      ])
    })
  )
})

describe("a first withdrawal that taught nothing", () => {
  const less = { allowance: { adjust: "-10 CNY" } } as const

  /** The limits of m-1 are vouched for, and a withdrawal follows; of two readings after it one is old. */
  const untaught = (withdrawals: "lower-limit" | "keep-limit") =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        withdrawals,
        driver: reading((snapshots, nth) =>
          nth === 3
            ? snapshots.map((one) => ({
                ...one,
                limit: Quantity.cny(withdrawals === "lower-limit" ? 500 : 490)
              }))
            : snapshots
        )
      })
      yield* cloud.changes.baseline(["m-1"])
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", less, run)), ["Applied"])
      return cloud
    })

  for (const [withdrawals, seen] of [
    ["lower-limit", "490.00 CNY"],
    ["keep-limit", "500.00 CNY"]
  ] as const) {
    it.effect(`goes on from ${seen}, where withdrawals ${withdrawals}`, () =>
      Effect.gen(function* () {
        const cloud = yield* untaught(withdrawals)
        assert.deepStrictEqual(verdicts(yield* cloud.changes.verify), [
          `m-1 as-settled 500.00 CNY, ${seen} seen`
        ])
        assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", more, { run: "b" })), ["Applied"])
      })
    )
  }

  it.effect("goes on from nowhere else", () =>
    Effect.gen(function* () {
      const cloud = yield* untaught("lower-limit")
      yield* cloud.setByConsole(ada, "allowance", limit(480))
      assert.deepStrictEqual(verdicts(yield* cloud.changes.verify), ["m-1 drift 500.00 CNY, 480.00 CNY seen"])
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", more, { run: "b" })), ["Drift"])
    })
  )

  it.effect("counts no more once somebody has vouched for the limit", () =>
    Effect.gen(function* () {
      const cloud = yield* untaught("lower-limit")
      assert.deepStrictEqual(vouched(yield* cloud.changes.baseline()).slice(0, 1), [
        "m-1 500.00 CNY -> 490.00 CNY"
      ])
      // As much again is gone, and this time it was not us.
      yield* cloud.setByConsole(ada, "allowance", limit(480))
      assert.strictEqual(verdicts(yield* cloud.changes.verify)[0], "m-1 drift 490.00 CNY, 480.00 CNY seen")
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", more, { run: "b" })), ["Drift"])
      assert.strictEqual((yield* cloud.writes).length, 1)
    })
  )
})

describe("where limits are put", () => {
  it.effect("there is nothing to vouch for and nothing to verify", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      for (const call of [cloud.changes.baseline(), cloud.changes.baseline(["m-1"]), cloud.changes.verify]) {
        assert.match(
          refused(yield* Effect.flip<unknown, CloudQuotaError, never>(call)),
          /takes absolute limits/
        )
      }
      assert.strictEqual(yield* cloud.requests, 0)
    })
  )

  it.effect("a conflict is resolved, after which the run answers as it was decided", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script("request-lost", "request-lost", "request-lost")
      const wish = { "avatar-models": { adjust: "1" } } as const
      yield* cloud.quotas.change("m-1", wish, defer)
      yield* cloud.setByConsole(ada, "avatar-models", Limit.finite(Quantity.count(30)))
      const [settled] = yield* cloud.changes.recover()
      assert.strictEqual(settled?.state, "conflict")
      const resolved = yield* cloud.changes.resolve(settled?.id ?? "", "not-applied", "the console says so")
      assert.strictEqual(resolved.state, "resolved-not-applied")
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), ["Applied"])
    })
  )

  it.effect("a word that is no decision decides nothing, so that the run stays stopped", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("answer-lost")
      const wish = { allowance: { adjust: "10 CNY" } } as const
      yield* cloud.quotas.change("m-1", wish, defer)
      yield* cloud.setByConsole(ada, "allowance", Limit.finite(Quantity.cny(777)))
      const [conflict] = yield* cloud.changes.recover()
      assert.strictEqual(conflict?.state, "conflict")
      for (const word of ["Applied", "yes", "", true, undefined]) {
        const resolved = cloud.changes.resolve(conflict?.id ?? "", word as "applied", "the console says so")
        const error = yield* Effect.flip(resolved)
        assert.strictEqual(error.reason._tag === "InvalidRequest" && error.reason.field, "as")
      }
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), ["Conflict"])
      assert.lengthOf(yield* cloud.writes, 1)
    })
  )
})
