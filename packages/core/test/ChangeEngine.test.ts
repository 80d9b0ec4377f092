/**
 * What a change call does, seen through the `Quota` service: its results, batches of which a part
 * fails, runs that are called again, and the journal behind it.
 */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Stream } from "effect"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Report from "@cloud-quota/core/Report"
import * as Settlement from "@cloud-quota/core/Settlement"
import {
  absolute,
  ada,
  bao,
  delta,
  diskFull,
  failsAt,
  limitsOf,
  inTime,
  member,
  only,
  open,
  outage,
  outcomes,
  real,
  run,
  spoilt,
  timed
} from "./fixtures/clouds.ts"

describe("what a result says", () => {
  it.effect("of an absolute change: before, after, difference, and how it is known", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      const report = yield* cloud.quotas.change("m-1", { "avatar-models": { set: "12" } }, run)
      const { before, delta, evidence, message, money, next, outcome, requestId, target } = only(report)
      assert.deepStrictEqual([String(before?.limit), String(before?.available)], ["10", "6"])
      assert.deepStrictEqual([String(target), String(delta)], ["12", "2"])
      assert.deepStrictEqual([money, next, evidence], ["moved", "nothing", "read-back"])
      assert.match(requestId ?? "", /^request-\d+$/)
      assert.strictEqual(String(outcome._tag === "Applied" ? outcome.observed?.limit : outcome._tag), "12")
      assert.strictEqual(message, "Changed avatar-models of m-1 (+2). It is 12 now.")
      assert.deepStrictEqual([report.account, report.run, report.preview], ["memory-absolute", "test", false])
      assert.strictEqual(Report.exitCode(report), 0)
    })
  )

  it.effect("of a difference: what was sent, and what is there now", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const result = only(yield* cloud.quotas.change("m-2", { allowance: { adjust: "20 CNY" } }, run))
      assert.deepStrictEqual([result.money, result.next, result.evidence], ["moved", "nothing", "response"])
      assert.strictEqual(result.message, "Changed allowance of m-2 (+20.00 CNY). It is 120.00 CNY now.")
    })
  )

  it.effect("of an answer that was lost: that the money is unknown, and not to repeat it", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("request-lost")
      const wish = { allowance: { adjust: "20 CNY" } }
      const report = yield* cloud.quotas.change("m-2", wish, { ...run, settle: "defer" })
      const { message, money, next, outcome } = only(report)
      assert.deepStrictEqual([outcome._tag, money, next], ["Unknown", "unknown", "wait"])
      assert.match(
        message,
        /^No answer for allowance of m-2 \(\+20.00 CNY\): .* Money: unknown\. Do not repeat/
      )
      assert.strictEqual(Report.exitCode(report), 4)
    })
  )

  it.effect("of an answer that was lost and waited out: what is known now, and how", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const change = (name: string) =>
        cloud.quotas.change("m-2", { allowance: { adjust: "20 CNY" } }, { run: name })
      yield* cloud.script("answer-lost", "request-lost")
      const there = only(yield* change("a"))
      assert.deepStrictEqual([there.money, there.next, there.evidence], ["moved", "nothing", "read-back"])
      assert.strictEqual(there.message, "Changed allowance of m-2 (+20.00 CNY). Reading back showed it.")
      const report = yield* change("b")
      const notThere = only(report)
      assert.deepStrictEqual(
        [notThere.outcome._tag, notThere.money, notThere.next, notThere.evidence],
        ["NotApplied", "not-moved", "rerun", "read-back"]
      )
      assert.match(notThere.message, /\(\+20.00 CNY\) did not take place\. Running it again is safe\.$/)
      assert.strictEqual(Report.exitCode(report), 1)
    })
  )
})

describe("a part of a batch that fails", () => {
  const all = ["m-1", "m-2", "m-3"]

  for (const [what, fates, outcome, next] of [
    ["rejected", ["rejected"], "Rejected ProviderFailed", "decide"],
    ["not sent, twice", ["not-sent", "not-sent"], "NotSent TransportFailed", "rerun"]
  ] as const) {
    it.effect(`${what}: the others are done, and the same run does what is missing`, () =>
      Effect.gen(function* () {
        const cloud = yield* delta()
        yield* cloud.script(...fates)
        const call = cloud.quotas.change(all, { allowance: { adjust: "1 CNY" } }, run)
        const first = yield* call
        assert.deepStrictEqual(outcomes(first), [outcome, "Applied", "Applied"])
        assert.deepStrictEqual([first.results[0]?.money, first.results[0]?.next], ["not-moved", next])
        assert.strictEqual(Report.exitCode(first), 3)

        assert.deepStrictEqual(outcomes(yield* call), ["Applied", "Applied", "Applied"])
        assert.deepStrictEqual(
          [yield* limitsOf(cloud, "m-1"), yield* limitsOf(cloud, "m-2"), yield* limitsOf(cloud, "m-3")],
          ["501.00 CNY", "101.00 CNY", "1.00 CNY"]
        )
      })
    )
  }

  it.effect("what was not sent is tried once more", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("not-sent")
      const report = yield* cloud.quotas.change("m-1", { allowance: { adjust: "1 CNY" } }, run)
      assert.deepStrictEqual(outcomes(report), ["Applied"])
      assert.strictEqual((yield* cloud.writes).length, 1)
    })
  )

  it.effect("a member that does not exist, or has not joined, is not sent", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        members: [
          { info: { id: ada, status: { _tag: "active" } } },
          { info: { id: bao, status: { _tag: "canceled" } } }
        ]
      })
      const report = yield* cloud.quotas.change(
        ["m-9", "m-2", "m-1"],
        { allowance: { adjust: "1 CNY" } },
        run
      )
      assert.deepStrictEqual(outcomes(report), ["NotSent NotFound", "NotSent PreconditionFailed", "Applied"])
      assert.strictEqual(Report.exitCode(report), 3)
    })
  )

  it.effect("two lost answers in a row stop it, whatever came of them", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("answer-lost", "request-lost")
      const report = yield* cloud.quotas.change(all, { allowance: { adjust: "1 CNY" } }, run)
      assert.deepStrictEqual(outcomes(report), ["Applied", "NotApplied", "NotSent Unavailable"])
      assert.match(report.results[2]?.message ?? "", /stopped, since the answers before it were lost/)
      assert.strictEqual((yield* cloud.writes).length, 2)
    })
  )

  it.effect("one lost answer does not, nor two with an answer in between", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        members: [1, 2, 3, 4].map((number) => ({
          info: { id: member(number), status: { _tag: "active" } },
          quotas: {}
        }))
      })
      yield* cloud.script("request-lost")
      const four = ["m-1", "m-2", "m-3", "m-4"]
      const once = yield* cloud.quotas.change(four, { allowance: { adjust: "1 CNY" } }, run)
      assert.deepStrictEqual(outcomes(once), ["NotApplied", "Applied", "Applied", "Applied"])
      const answers = ["answer-lost", "rejected", "answer-lost"] as const
      yield* cloud.script(...answers)
      const twice = yield* cloud.quotas.change(four, { allowance: { adjust: "2 CNY" } }, { run: "another" })
      assert.deepStrictEqual(outcomes(twice), ["Applied", "Rejected ProviderFailed", "Applied", "Applied"])
    })
  )

  it.effect("two lost answers stop it also where the second attempts cannot be read for", () =>
    Effect.gen(function* () {
      let readings = 0
      const cloud = yield* delta({
        log: true,
        driver: ({ driver }) => ({
          ...driver,
          write: {
            ...driver.write,
            // Every third reading is the one before a second attempt.
            snapshot: (members) =>
              Effect.suspend(() =>
                ++readings % 3 === 0 ? Effect.fail(outage) : driver.write.snapshot(members)
              )
          }
        })
      })
      yield* cloud.script("request-lost", "request-lost")
      const report = yield* cloud.quotas.change(all, { allowance: { adjust: "1 CNY" } }, run)
      assert.deepStrictEqual(outcomes(report), [
        "NotSent Unavailable",
        "NotSent Unavailable",
        "NotSent Unavailable"
      ])
      assert.match(report.results[2]?.message ?? "", /stopped, since the answers before it were lost/)
      assert.strictEqual((yield* cloud.writes).length, 2)
    })
  )

  it.effect("nothing is sent where the present state cannot be read", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        driver: ({ driver }) => ({
          ...driver,
          write: { ...driver.write, snapshot: () => Effect.fail(outage) }
        })
      })
      const report = yield* cloud.quotas.change("m-1", { allowance: { adjust: "1 CNY" } }, run)
      assert.deepStrictEqual(outcomes(report), ["NotSent Unavailable"])
      assert.deepStrictEqual(yield* cloud.writes, [])
    })
  )
})

describe("a run", () => {
  const wish = { allowance: { adjust: "10 CNY" } } as const

  it.effect("pays nobody twice, however often it is called", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      for (const _ of [1, 2, 3]) {
        const report = yield* cloud.quotas.change(["m-1", "m-2"], wish, run)
        assert.deepStrictEqual(outcomes(report), ["Applied", "Applied"])
      }
      assert.strictEqual((yield* cloud.writes).length, 2)
      const again = yield* cloud.quotas.change("m-1", wish, run)
      assert.match(
        only(again).message,
        /\(\+10\.00 CNY\)\. It was done by an earlier call of this run, at 1970-01-01T[\d:.]+Z\.$/
      )
    })
  )

  it.effect("goes on with whom it has not paid yet", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.quotas.change("m-1", wish, run)
      yield* cloud.quotas.change(["m-2", "m-1", "m-3"], wish, run)
      assert.deepStrictEqual(
        (yield* cloud.writes).map(({ member }) => `${member}`),
        ["m-1", "m-2", "m-3"]
      )
    })
  )

  it.effect("is known by what was asked for, not by what came of it", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const topUp = cloud.quotas.change("m-1", { allowance: { topUpTo: "500 CNY" } }, run)
      yield* topUp
      yield* cloud.use(ada, "allowance", Quantity.cny(300))
      assert.deepStrictEqual(outcomes(yield* topUp), ["Applied"])
      assert.strictEqual((yield* cloud.writes).length, 1)
      yield* cloud.quotas.change("m-1", { allowance: { topUpTo: "500.00 CNY" } }, run)
      const other = cloud.quotas.change("m-1", { allowance: { topUpTo: "501 CNY" } }, run)
      const error = yield* Effect.flip(other)
      assert.strictEqual(error.reason._tag, "RunReused")
      assert.match(
        error.message,
        /was "topUpTo 500.00 CNY" for allowance of m-1, and is "topUpTo 501.00 CNY" now/
      )
      assert.strictEqual((yield* cloud.writes).length, 1)
    })
  )

  it.effect("remembers that nothing had to be sent, and pays nothing when the member has spent since", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const topUp = cloud.quotas.change("m-1", { allowance: { topUpTo: "300 CNY" } }, run)
      assert.deepStrictEqual(outcomes(yield* topUp), ["NoChange"])
      yield* cloud.use(ada, "allowance", Quantity.cny(200))
      assert.deepStrictEqual(outcomes(yield* topUp), ["NoChange"])
      assert.deepStrictEqual(yield* cloud.writes, [])
    })
  )

  it.effect("may not have the name of those that were given none", () =>
    Effect.gen(function* () {
      const granted = yield* delta()
      const put = yield* absolute()
      for (const [cloud, spec] of [
        [granted, wish],
        [put, { "avatar-models": { set: "12" } }]
      ] as const) {
        const error = yield* Effect.flip(cloud.quotas.change("m-1", spec, { run: "unnamed/1" }))
        assert.deepStrictEqual([error.reason._tag, error.money], ["InvalidRequest", "not-moved"])
        assert.match(error.message, /run: .*does not begin with "unnamed\/"/)
        assert.strictEqual(yield* cloud.requests, 0)
        assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", spec, { run: "unnamed" })), [
          "Applied"
        ])
      }
    })
  )

  it.effect("has one caller at a time: two at once pay once", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const call = cloud.quotas.change("m-1", wish, run)
      const both = yield* Effect.all([call, call], { concurrency: 2 })
      assert.deepStrictEqual(both.map(outcomes), [["Applied"], ["Applied"]])
      assert.strictEqual((yield* cloud.writes).length, 1)
    })
  )
})

describe("the journal", () => {
  const wish = { allowance: { adjust: "10 CNY" } } as const

  const unusable = {
    "cannot be written": spoilt(() => ({ insert: () => Effect.fail(diskFull) })),
    "cannot be armed": failsAt("sending")
  }
  for (const [what, journal] of Object.entries(unusable)) {
    it.effect(`that ${what}: nothing is sent`, () =>
      Effect.gen(function* () {
        const cloud = yield* delta({ journal })
        const { message, money, next, outcome } = only(yield* cloud.quotas.change("m-1", wish, run))
        assert.strictEqual(outcome._tag === "NotSent" && outcome.reason._tag, "JournalFailed")
        assert.deepStrictEqual([money, next], ["not-moved", "rerun"])
        assert.match(message, /The disk is full\. Nothing was changed/)
        assert.deepStrictEqual(yield* cloud.writes, [])
      })
    )
    it.effect(`that ${what}: nothing is put`, () =>
      Effect.gen(function* () {
        const cloud = yield* absolute({ journal })
        const report = yield* cloud.quotas.change("m-1", { "avatar-models": { set: "12" } }, run)
        assert.deepStrictEqual(outcomes(report), ["NotSent JournalFailed"])
        assert.deepStrictEqual(yield* cloud.writes, [])
      })
    )
  }

  it.effect("that cannot note the answer: the change is a fact, and is not sent again", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const cloud = yield* delta({ journal: failsAt("applied", "before", journal) })
      const { message, money, outcome } = only(yield* cloud.quotas.change("m-1", wish, run))
      assert.deepStrictEqual([outcome._tag, money], ["Applied", "moved"])
      assert.match(message, /\+10\.00 CNY/)
      assert.match(message, /The journal could not be written, so it still counts this change as open\./)
      const error = yield* Effect.flip(cloud.quotas.change("m-1", wish, run))
      assert.deepStrictEqual([error.reason._tag, error.money], ["JournalFailed", "unknown"])

      const mended = yield* open(cloud.driver, journal)
      const again = only(yield* inTime(mended.quotas.change("m-1", wish, run)))
      assert.deepStrictEqual([again.outcome._tag, again.evidence], ["Applied", "read-back"])
      assert.strictEqual((yield* cloud.writes).length, 1)
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "510.00 CNY")
    })
  )

  it.effect("that is busy for a moment is asked again, and notes the answer", () =>
    Effect.gen(function* () {
      let failures = 0
      const cloud = yield* delta({
        journal: spoilt((hold) => ({
          advance: (step) =>
            step.to === "applied" && ++failures < 4 ? Effect.fail(diskFull) : hold.advance(step)
        }))
      })
      const { message, outcome } = only(yield* cloud.quotas.change("m-1", wish, run))
      assert.strictEqual(outcome._tag, "Applied")
      assert.notMatch(message, /The journal could not be written/)
      assert.deepStrictEqual(yield* cloud.changes.pending, [])
    })
  )

  for (const [fate, state] of [
    ["answered", "applied"],
    ["rejected", "rejected"]
  ] as const) {
    it.effect(`that could not note the answer ${state} notes it later, without waiting or reading`, () =>
      Effect.gen(function* () {
        let full = true
        const cloud = yield* delta({
          journal: spoilt((hold) => ({
            advance: (step) => (full && step.to === state ? Effect.fail(diskFull) : hold.advance(step))
          }))
        })
        if (fate === "rejected") yield* cloud.script(fate)
        const { message, outcome } = only(yield* cloud.quotas.change("m-1", wish, run))
        assert.strictEqual(outcome._tag.toLowerCase(), state)
        assert.match(message, /The journal could not be written/)

        full = false
        const before = yield* cloud.requests
        const { seconds, value } = yield* timed(cloud.still.changes.recover())
        assert.deepStrictEqual(
          [value.map((intent) => `${intent.state} ${intent.evidence}`), seconds],
          [[`${state} response`], 0]
        )
        assert.strictEqual(yield* cloud.requests, before)
        assert.deepStrictEqual(yield* cloud.changes.pending, [])
      })
    )
  }

  it.effect("that could not note the answer notes it in the next call, also in one that does not wait", () =>
    Effect.gen(function* () {
      for (const settle of ["wait", "defer"] as const) {
        let full = true
        const cloud = yield* delta({
          journal: spoilt((hold) => ({
            advance: (step) => (full && step.to === "applied" ? Effect.fail(diskFull) : hold.advance(step))
          }))
        })
        yield* cloud.quotas.change("m-1", wish, run)
        full = false
        const before = yield* cloud.requests
        const { seconds, value } = yield* timed(cloud.still.quotas.change("m-1", wish, { ...run, settle }))
        assert.deepStrictEqual(
          [only(value).outcome._tag, only(value).evidence, seconds],
          // The closing look of the first call could not be noted, so it is made up.
          ["Applied", "response", 0]
        )
        // The list of members, and the closing look.
        assert.strictEqual(yield* cloud.requests, before + 2)
      }
    })
  )

  it.effect("that cannot note what became of a put: the change is a fact", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute({ journal: failsAt("applied") })
      const report = yield* cloud.quotas.change("m-1", { "avatar-models": { set: "12" } }, run)
      assert.deepStrictEqual(outcomes(report), ["Applied"])
    })
  )

  it.effect("that somebody else has taken over meanwhile: nothing is sent", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ journal: spoilt(() => ({ insert: () => Effect.succeed(undefined) })) })
      const report = yield* cloud.quotas.change("m-1", wish, run)
      assert.deepStrictEqual(outcomes(report), ["NotSent PreconditionFailed"])
      assert.deepStrictEqual(yield* cloud.writes, [])
    })
  )

  it.effect("that somebody else holds: the call fails, with nothing sent", () =>
    Effect.gen(function* () {
      const busy = new Journal.JournalError({
        kind: "busy",
        message: "Process 4711 is changing this account."
      })
      const cloud = yield* delta({ journal: { ...Journal.memory(), hold: () => Effect.fail(busy) } })
      const error = yield* Effect.flip(cloud.quotas.change("m-1", wish, run))
      assert.deepStrictEqual([error.reason._tag, error.money], ["AccountBusy", "not-moved"])
      assert.strictEqual(yield* cloud.requests, 0)
    })
  )
})

describe("where money is money", () => {
  const wish = { allowance: { adjust: "1 CNY" } } as const
  const refused = (
    setting: Parameters<typeof delta>[0],
    message: RegExp,
    config: Readonly<Record<string, string>> = {}
  ) =>
    Effect.gen(function* () {
      const cloud = yield* delta(setting)
      for (const who of ["m-1", ["m-1", "m-2"]]) {
        const error = yield* Effect.flip(cloud.quotas.change(who, wish, run))
        assert.deepStrictEqual([error.reason._tag, error.money], ["PreconditionFailed", "not-moved"])
        assert.match(error.message, message)
      }
      assert.strictEqual(yield* cloud.requests, 0)
    }).pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(config)))

  it.effect("a journal in memory is refused, with nothing sent", () =>
    refused({ driver: real }, /SqliteJournal\.layer\(\) or PostgresJournal\.layer\(\)/)
  )

  const durable: Journal.Journal = { ...Journal.memory(), kind: "sqlite" }

  it.effect("a journal that has never seen the account asks to vouch for it first", () =>
    refused(
      { driver: real, journal: durable },
      /never seen this account; the journal is the memory of this process \(chosen in code\).*Changes\.baseline/
    )
  )

  it.effect("a journal that nobody chose is refused in CI, where it would vanish with the runner", () => {
    const journal: Journal.Journal = {
      ...durable,
      choice: "default",
      vanishes: Effect.succeed("it is there")
    }
    return Effect.forEach(["true", "TRUE", "1", "woodpecker"], (CI) =>
      refused({ driver: real, journal }, /this is CI.*PostgresJournal\.layer\(\)/, { CI })
    )
  })

  it.effect("a journal that was chosen is refused in CI if it would vanish, and is named", () =>
    refused(
      {
        driver: real,
        journal: {
          ...durable,
          choice: "environment",
          place: "/builds/ops/journal.sqlite",
          vanishes: Effect.succeed("it is in the checkout")
        }
      },
      /this is CI.*\/builds\/ops\/journal\.sqlite \(chosen by CLOUD_QUOTA_JOURNAL\).*in the checkout.*absolute path/,
      { CI: "true" }
    )
  )

  it.effect("an account on this machine is exempt from that", () =>
    Effect.gen(function* () {
      const journal = { ...durable, vanishes: Effect.succeed("it is in the checkout") }
      const cloud = yield* delta({ journal })
      yield* cloud.changes.baseline()
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), ["Applied"])
    }).pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({ CI: "true" })))
  )

  it.effect("a journal that nobody chose will do where CI says that it is none", () =>
    Effect.forEach(["", "0", "false", "False"], (CI) =>
      Effect.gen(function* () {
        const journal: Journal.Journal = { ...Journal.memory(), kind: "sqlite", choice: "default" }
        const cloud = yield* delta({ driver: real, journal })
        yield* cloud.changes.baseline()
        assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), ["Applied"])
      }).pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({ CI })))
    )
  )

  it.effect("waiting times that prove nothing are refused, with nothing sent", () =>
    Effect.gen(function* () {
      const call = Effect.fnUntraced(function* (timings: Partial<Settlement.Timings>) {
        const provider = yield* MemoryProvider.delta()
        const account = yield* Effect.provideService(open(real(provider), durable), Settlement.Settlement, {
          ...Settlement.defaults,
          ...timings
        })
        const error = yield* Effect.flip(account.quotas.change("m-1", wish, run))
        assert.strictEqual(error.money, "not-moved")
        assert.strictEqual(yield* provider.requests, 0)
        return `${error.reason._tag} ${error.message}`
      })
      const wrong: ReadonlyArray<Partial<Settlement.Timings>> = [
        { own: Duration.seconds(75) },
        // A reading may be 5 seconds old, so it could miss what took effect after 75.
        { own: Duration.millis(79_999) },
        { own: Duration.seconds(90), readLag: Duration.seconds(16) },
        { own: Duration.seconds(75), readLag: Duration.zero },
        { own: Duration.seconds(90), readLag: Duration.seconds(-60) },
        { own: Duration.infinity, takeover: Duration.infinity },
        { takeover: Duration.infinity },
        { takeover: Duration.seconds(89) },
        { readLag: Duration.infinity }
      ]
      for (const timings of wrong) assert.match(yield* call(timings), /^InvalidRequest .*Settlement: /)
      // These are long enough, so the next question is whether the account was vouched for.
      for (const timings of [
        { own: Duration.seconds(80), takeover: Duration.seconds(80) },
        { readLag: Duration.zero, own: Duration.millis(75_001) }
      ]) {
        assert.match(yield* call(timings), /^PreconditionFailed .*Changes\.baseline/)
      }
    })
  )

  it.effect("nothing is settled after waiting times that prove nothing, whichever call would settle it", () =>
    Effect.gen(function* () {
      const hasty = { ...Settlement.defaults, own: Duration.seconds(1), takeover: Duration.seconds(1) }
      const defer = { ...run, settle: "defer" } as const
      const clouds = [
        { provider: yield* MemoryProvider.delta(), spec: wish },
        { provider: yield* MemoryProvider.absolute(), spec: { "avatar-models": { set: "12" } } }
      ] as const
      for (const { provider, spec } of clouds) {
        const driver = real<Driver>(provider)
        const journal: Journal.Journal = { ...Journal.memory(), kind: "sqlite" }
        const patient = yield* open(driver, journal)
        if (driver.write._tag === "Delta") yield* inTime(patient.changes.baseline())
        // A put is sent three times before it is put off.
        const sends = driver.write._tag === "Delta" ? 1 : 3
        yield* provider.script(...Array.from({ length: sends }, () => "request-lost" as const))
        yield* inTime(patient.quotas.change("m-1", spec, defer))
        const account = yield* Effect.provideService(open(driver, journal), Settlement.Settlement, hasty)
        for (const call of [
          account.changes.recover(),
          account.quotas.change("m-1", spec, { run: "other" })
        ]) {
          const error = yield* inTime(Effect.flip<unknown, CloudQuotaError, never>(call))
          assert.match(`${error.reason._tag} ${error.message}`, /^InvalidRequest .*Settlement: /)
        }
        assert.deepStrictEqual(
          (yield* account.changes.pending).map(({ state }) => state),
          ["sending"]
        )
        assert.lengthOf(yield* provider.writes, sends)
      }
    })
  )

  it.effect("once it is vouched for, money moves, in CI with a journal that was chosen", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ driver: real, journal: { ...Journal.memory(), kind: "sqlite" } })
      yield* cloud.changes.baseline()
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), ["Applied"])
    }).pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({ CI: "true" })))
  )

  it.effect("a new limit needs none of this", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute({ driver: real, journal: { ...Journal.memory(), choice: "default" } })
      const report = yield* cloud.quotas.change("m-1", { "avatar-models": { set: "12" } })
      assert.deepStrictEqual(outcomes(report), ["Applied"])
    }).pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({ CI: "true" })))
  )
})

describe("who is meant", () => {
  it.effect("may be an id, a member, several of them, or a listing", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const active = cloud.members.list({ status: "active" })
      const ids = (yield* Stream.runCollect(active)).map(({ id }) => id)
      assert.deepStrictEqual(ids, [ada, bao, member(3)])
      const preview = { run: "who", preview: true }
      const whom = (report: Report.Report) => report.results.map((result) => result.member)
      const wish = { allowance: { adjust: "1 CNY" } } as const
      assert.deepStrictEqual(whom(yield* cloud.quotas.change("m-2", wish, preview)), [bao])
      assert.deepStrictEqual(
        whom(yield* cloud.quotas.change(yield* cloud.members.get("m-2"), wish, preview)),
        [bao]
      )
      assert.deepStrictEqual(whom(yield* cloud.quotas.change(new Set(["m-2", "m-1"]), wish, preview)), [
        bao,
        ada
      ])
      assert.deepStrictEqual(whom(yield* cloud.quotas.change(active, wish, preview)), ids)
      assert.deepStrictEqual(whom(yield* cloud.quotas.change([], wish, preview)), [])
    })
  )

  it.effect("may not be somebody without an id", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const call = cloud.quotas.change(cloud.members.list(), { allowance: { adjust: "1 CNY" } }, run)
      const error = yield* Effect.flip(call)
      assert.match(error.message, /member: this member has no id yet, since the invitation was not accepted/)
      assert.deepStrictEqual(yield* cloud.writes, [])
    })
  )

  const many = Array.from({ length: 50 }, (_, index) => member(index + 1))
  const seeds = (quotas: MemoryProvider.Seed["quotas"] = {}) =>
    many.map((id): MemoryProvider.Seed => ({ info: { id, status: { _tag: "active" } }, quotas }))
  const backwards = many.toReversed()

  it.effect("may be fifty, each with one difference, in their order", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ members: seeds() })
      const report = yield* cloud.quotas.change(backwards, { allowance: { topUpTo: "2 CNY" } }, run)
      assert.deepStrictEqual(
        report.results.map((result) => result.member),
        backwards
      )
      assert.isTrue(Report.isComplete(report))
      assert.deepStrictEqual(
        (yield* cloud.writes).map(({ member }) => member),
        backwards
      )
    })
  )

  it.effect("may be fifty, each with one put, in their order", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute({
        members: seeds({ "avatar-models": { limit: Limit.finite(Quantity.count(1)) } })
      })
      const wish = { "avatar-models": { set: "2" }, "video-minutes": { set: "5 min" } }
      const report = yield* cloud.quotas.change(backwards, wish, run)
      assert.deepStrictEqual(
        report.results.map((result) => `${result.member} ${result.metric}`),
        backwards.flatMap((id) => [`${id} avatar-models`, `${id} video-minutes`])
      )
      assert.isTrue(Report.isComplete(report))
      assert.strictEqual((yield* cloud.writes).length, 50)
    })
  )
})
