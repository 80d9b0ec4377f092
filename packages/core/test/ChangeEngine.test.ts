/**
 * What a change call does, seen through the `Quota` service: on a cloud that is told new limits
 * (`absolute`) and on one that is told differences (`delta`).
 *
 * In both, m-1 and m-2 have quotas, m-3 has none, and somebody is invited without an id.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import * as Account from "../src/Account.ts"
import type { ActionInput, Change, Options, Spec } from "../src/Change.ts"
import { CloudQuotaError, Unavailable } from "../src/CloudQuotaError.ts"
import type { Driver } from "../src/Driver.ts"
import * as Journal from "../src/Journal.ts"
import * as Limit from "../src/Limit.ts"
import * as MemoryProvider from "../src/MemoryProvider.ts"
import * as Quantity from "../src/Quantity.ts"
import * as Report from "../src/Report.ts"
import type { CheckId } from "../src/SafetyCheck.ts"

const { member } = MemoryProvider
const ada = member(1)
const bao = member(2)
const run = { run: "test" }

const open = (driver: Driver, journal = Journal.memory()) =>
  Account.Account.pipe(
    Effect.provide(Account.layer(Effect.succeed(driver))),
    Effect.provideService(Journal.Journal, journal)
  )

interface Setting {
  readonly members?: ReadonlyArray<MemoryProvider.Seed>
  readonly journal?: Journal.Journal
}

const absolute = Effect.fnUntraced(function* (
  setting: Setting & {
    readonly driver?: (provider: MemoryProvider.AbsoluteProvider) => Driver
  } = {}
) {
  const provider = yield* MemoryProvider.absolute(setting)
  const account = yield* open(setting.driver?.(provider) ?? provider.driver, setting.journal)
  return { ...provider, ...account }
})

const delta = Effect.fnUntraced(function* (
  setting: Setting & {
    readonly driver?: (provider: MemoryProvider.DeltaProvider) => Driver
  } = {}
) {
  const provider = yield* MemoryProvider.delta(setting)
  const account = yield* open(setting.driver?.(provider) ?? provider.driver, setting.journal)
  return { ...provider, ...account }
})

/** What became of each change, such as `Applied` or `Refused cap`. */
const outcomes = ({ results }: Report.Report) =>
  results.map(({ outcome }) =>
    outcome._tag === "Refused"
      ? `Refused ${outcome.check}`
      : "reason" in outcome
        ? `${outcome._tag} ${outcome.reason._tag}`
        : outcome._tag
  )

const only = ({ results }: Report.Report): Report.Result => {
  const [result, ...rest] = results
  if (result === undefined || rest.length > 0) throw new Error(`${results.length} results`)
  return result
}

const limitsOf = ({ quotas }: Account.Account["Service"], id: string) =>
  Effect.map(quotas.get(id), (states) => states.map(({ limit }) => String(limit)).join(", "))

describe("what is computed from a wish", () => {
  const rows: ReadonlyArray<
    readonly [what: string, member: string, spec: Spec, outcome: string, limits: string]
  > = [
    ["set writes the limit", "m-1", { "avatar-models": { set: "12" } }, "Applied", "12, 60 min"],
    ["set to what it is", "m-1", { "avatar-models": { set: "10" } }, "NoChange", "10, 60 min"],
    ["a top-up adds what is missing", "m-1", { "avatar-models": { topUpTo: "10" } }, "Applied", "14, 60 min"],
    ["a top-up below what is left", "m-1", { "avatar-models": { topUpTo: "5" } }, "NoChange", "10, 60 min"],
    ["a top-up lands on a step", "m-1", { "video-minutes": { topUpTo: "40 min" } }, "Applied", "10, 61 min"],
    ["a top-up of unlimited", "m-2", { "avatar-models": { topUpTo: "9" } }, "NoChange", "unlimited, 30 min"],
    ["adjust raises", "m-1", { "avatar-models": { adjust: "+3" } }, "Applied", "13, 60 min"],
    ["adjust lowers", "m-1", { "avatar-models": { adjust: "-3" } }, "Applied", "7, 60 min"],
    [
      "adjust of unlimited",
      "m-2",
      { "avatar-models": { adjust: "1" } },
      "NotSent PreconditionFailed",
      "unlimited, 30 min"
    ],
    ["reclaim takes an amount", "m-1", { "avatar-models": { reclaim: "2" } }, "Applied", "8, 60 min"],
    [
      "reclaim takes no more than is left",
      "m-1",
      { "avatar-models": { reclaim: "9" } },
      "Applied",
      "4, 60 min"
    ],
    [
      "reclaim all leaves a part of a step",
      "m-1",
      { "video-minutes": { reclaim: "all" } },
      "Applied",
      "10, 21 min"
    ],
    [
      "an amount of unlimited cannot be reclaimed",
      "m-2",
      { "avatar-models": { reclaim: "1" } },
      "NotSent PreconditionFailed",
      "unlimited, 30 min"
    ],
    ["set works where nothing was", "m-3", { "video-minutes": { set: "5 min" } }, "Applied", "5 min"],
    [
      "a top-up of nothing is no guess",
      "m-3",
      { "video-minutes": { topUpTo: "5 min" } },
      "NotSent PreconditionFailed",
      ""
    ],
    [
      "several metrics at once",
      "m-1",
      { "avatar-models": { set: "11" }, "video-minutes": { adjust: "5 min" } },
      "Applied, Applied",
      "11, 65 min"
    ]
  ]
  for (const [what, who, spec, outcome, limits] of rows) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const cloud = yield* absolute()
        const report = yield* cloud.quotas.change(who, spec, run)
        assert.strictEqual(outcomes(report).join(", "), outcome)
        assert.strictEqual(yield* limitsOf(cloud, who), limits)
        assert.strictEqual((yield* cloud.writes).length, outcome.startsWith("Applied") ? 1 : 0)
      })
    )
  }

  it.effect("counts from what is used, also where that is more than the limit", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.use(ada, "avatar-models", Quantity.count(10))
      yield* cloud.quotas.change("m-1", { "avatar-models": { topUpTo: "2" } }, run)
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "16, 60 min")
      assert.strictEqual(
        outcomes(
          yield* cloud.quotas.change("m-1", { "avatar-models": { reclaim: "all" } }, { run: "back" })
        ).join(),
        "Applied"
      )
      const left = yield* cloud.quotas.change(
        "m-1",
        { "avatar-models": { reclaim: "all" } },
        { run: "back again" }
      )
      assert.deepStrictEqual(outcomes(left), ["NoChange"])
    })
  )

  it.effect("as a difference, for what is granted and spent", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const change = (action: ActionInput, name: string) =>
        cloud.quotas.change("m-1", { allowance: action }, { run: name })
      yield* change({ topUpTo: "500 CNY" }, "a")
      yield* change({ adjust: "-0.01 CNY" }, "b")
      yield* change({ set: "1000 CNY" }, "c")
      yield* change({ reclaim: "1 CNY" }, "d")
      yield* change({ reclaim: "all" }, "e")
      assert.deepStrictEqual(
        (yield* cloud.writes).map(({ amount }) => String(amount)),
        ["123.45 CNY", "-0.01 CNY", "376.56 CNY", "-1.00 CNY", "-875.55 CNY"]
      )
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "123.45 CNY")
    })
  )
})

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
      const report = yield* cloud.quotas.change("m-2", { allowance: { adjust: "20 CNY" } }, run)
      const { message, money, next, outcome } = only(report)
      assert.deepStrictEqual([outcome._tag, money, next], ["Unknown", "unknown", "wait"])
      assert.match(
        message,
        /^No answer for allowance of m-2 \(\+20.00 CNY\): .* Money: unknown\. Do not repeat/
      )
      assert.strictEqual(Report.exitCode(report), 4)
    })
  )
})

describe("safety checks", () => {
  interface Row {
    readonly check: CheckId
    readonly member?: string
    readonly metric?: string
    readonly action: ActionInput
    readonly told: RegExp
    /** The limits when it is waived; absent where it cannot be. */
    readonly waived?: string
  }
  const onAbsolute: ReadonlyArray<Row> = [
    {
      check: "below-usage",
      metric: "video-minutes",
      action: { set: "20 min" },
      told: /20.5 min is used already, and the limit would be 20 min. .*waive the check "below-usage"/
    },
    {
      check: "large-decrease",
      metric: "video-minutes",
      action: { set: "25 min" },
      told: /by more than half, from 60 min to 25 min/,
      waived: "10, 25 min"
    },
    {
      check: "large-decrease",
      metric: "video-minutes",
      action: { adjust: "-35 min" },
      told: /by more than half/,
      waived: "10, 25 min"
    },
    {
      check: "finite-to-unlimited",
      action: { set: "unlimited" },
      told: /10 would become unlimited/,
      waived: "unlimited, 60 min"
    },
    {
      check: "unlimited-to-finite",
      member: "m-2",
      action: { set: "8" },
      told: /Unlimited would become 8/,
      waived: "8, 30 min"
    },
    {
      check: "unlimited-to-finite",
      member: "m-2",
      action: { reclaim: "all" },
      told: /Unlimited would become 7/,
      waived: "7, 30 min"
    },
    { check: "out-of-range", action: { adjust: "991" }, told: /1001 is out of range .* it takes 0 to 1000/ },
    { check: "out-of-range", action: { topUpTo: "1000" }, told: /1004 is out of range/ }
  ]
  for (const { action, check, member: who = "m-1", metric = "avatar-models", told, waived } of onAbsolute) {
    it.effect(`${check}: ${JSON.stringify(action)} of ${who}`, () =>
      Effect.gen(function* () {
        const cloud = yield* absolute()
        const before = yield* limitsOf(cloud, who)
        const result = only(yield* cloud.quotas.change(who, { [metric]: action }, run))
        assert.deepStrictEqual(result.outcome, { _tag: "Refused", check })
        assert.match(result.message, told)
        assert.deepStrictEqual([result.money, result.next], ["not-moved", "decide"])
        assert.strictEqual(yield* limitsOf(cloud, who), before)
        assert.deepStrictEqual(yield* cloud.writes, [])
        if (waived === undefined) return
        const again = yield* cloud.quotas.change(who, { [metric]: action }, { ...run, waive: [check] })
        assert.deepStrictEqual(outcomes(again), ["Applied"])
        assert.strictEqual(yield* limitsOf(cloud, who), waived)
      })
    )
  }

  it.effect("below-usage alone is waived by its own name, and by no other", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.use(ada, "avatar-models", Quantity.count(3))
      const set = (waive: ReadonlyArray<CheckId>) =>
        cloud.quotas.change("m-1", { "avatar-models": { set: "6" } }, { waive })
      assert.deepStrictEqual(outcomes(yield* set(["large-decrease"])), ["Refused below-usage"])
      assert.deepStrictEqual(outcomes(yield* set(["below-usage"])), ["Applied"])
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "6, 60 min")
    })
  )

  it.effect("at the edge: down to what is used, and down to a half, need no waiver", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.use(ada, "avatar-models", Quantity.count(1))
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", { "avatar-models": { set: "5" } })), [
        "Applied"
      ])
    })
  )

  it.effect("those that guard what the provider can do cannot be waived", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      for (const check of [
        "cap",
        "fraction",
        "set-down-unproven",
        "out-of-range",
        "more-than-available"
      ] as const) {
        const call = cloud.quotas.change("m-1", { allowance: { set: "600 CNY" } }, { waive: [check] })
        assert.match(
          (yield* Effect.flip(call)).message,
          /cannot be waived: these can, below-usage, large-decrease/
        )
      }
      assert.strictEqual(yield* cloud.requests, 0)
    })
  )

  it.effect("more-than-available: no more is taken back than is left", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const result = only(yield* cloud.quotas.change("m-1", { allowance: { adjust: "-376.56 CNY" } }, run))
      assert.deepStrictEqual(result.outcome, { _tag: "Refused", check: "more-than-available" })
      assert.match(result.message, /Only 376.55 CNY is left, so 376.56 CNY cannot be taken back/)
      assert.deepStrictEqual(yield* cloud.writes, [])
    })
  )

  it.effect("set-down-unproven: a lower limit is not set where taking back may not lower it", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const report = yield* cloud.quotas.change("m-1", { allowance: { set: "499.99 CNY" } }, run)
      assert.deepStrictEqual(outcomes(report), ["Refused set-down-unproven"])
      assert.deepStrictEqual(yield* cloud.writes, [])
    })
  )

  it.effect("fraction: what cannot be written back is not rounded, and can be set in the same call", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.setByConsole(ada, "video-minutes", Limit.finite(Quantity.minutes("60.5")))
      const report = yield* cloud.quotas.change("m-1", { "avatar-models": { set: "12" } })
      assert.deepStrictEqual(outcomes(report), ["Refused fraction"])
      assert.match(only(report).message, /video-minutes is 60.5 min, .* set video-minutes in the same call/)
      assert.deepStrictEqual(yield* cloud.writes, [])
      yield* cloud.quotas.change("m-1", {
        "avatar-models": { set: "12" },
        "video-minutes": { set: "61 min" }
      })
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "12, 61 min")
    })
  )
})

describe("the cap", () => {
  const more = (id: string, amount: string): Change => ({
    member: id,
    metric: "allowance",
    action: { adjust: amount }
  })
  const cap = { ...run, cap: "100 CNY" }

  it.effect("counts the whole call", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const report = yield* cloud.quotas.changeAll(
        [more("m-1", "60 CNY"), more("m-2", "40.01 CNY"), more("m-3", "40 CNY")],
        cap
      )
      assert.deepStrictEqual(outcomes(report), ["Applied", "Refused cap", "Applied"])
      assert.match(report.results[1]?.message ?? "", /beyond the cap of 100.00 CNY/)
      assert.strictEqual(Report.exitCode(report), 4)
    })
  )

  it.effect("counts all calls of the run, what is unknown as spent", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("request-lost")
      yield* cloud.quotas.changeAll([more("m-1", "60 CNY")], cap)
      const later = yield* cloud.quotas.changeAll([more("m-2", "60 CNY")], cap)
      assert.deepStrictEqual(outcomes(later), ["Refused cap"])
      const elsewhere = yield* cloud.quotas.changeAll([more("m-2", "60 CNY")], { ...cap, run: "another" })
      assert.deepStrictEqual(outcomes(elsewhere), ["Applied"])
    })
  )

  it.effect("gives no room back for what was rejected later, nor for what is taken back", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const report = yield* cloud.quotas.changeAll([more("m-1", "-60 CNY"), more("m-2", "100.01 CNY")], cap)
      assert.deepStrictEqual(outcomes(report), ["Applied", "Refused cap"])
    })
  )

  it.effect("is exceeded by what is unlimited, and counts all of a first limit", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      const options = { cap: "5", waive: ["finite-to-unlimited"] } as const
      const set = (id: string, limit: string) =>
        cloud.quotas.change(id, { "avatar-models": { set: limit } }, options)
      assert.deepStrictEqual(outcomes(yield* set("m-1", "unlimited")), ["Refused cap"])
      assert.deepStrictEqual(outcomes(yield* set("m-3", "6")), ["Refused cap"])
      assert.deepStrictEqual(outcomes(yield* set("m-3", "5")), ["Applied"])
      assert.strictEqual((yield* cloud.writes).length, 1)
    })
  )

  it.effect("holds on an absolute cloud, and in a preview", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      const wish = { "avatar-models": { set: "13" } }
      for (const preview of [true, false]) {
        const report = yield* cloud.quotas.change("m-1", wish, { ...run, preview, cap: "2" })
        assert.deepStrictEqual(outcomes(report), ["Refused cap"])
      }
      assert.deepStrictEqual(yield* cloud.writes, [])
    })
  )
})

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

  it.effect("looks whether it took place when the answer is lost", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script("answer-lost")
      const result = only(yield* cloud.quotas.change("m-1", { "avatar-models": { set: "12" } }, run))
      assert.deepStrictEqual(
        [result.outcome._tag, result.evidence, result.money],
        ["Applied", "read-back", "moved"]
      )
    })
  )

  it.effect(
    "is unknown when the answer is lost and nothing is to be seen of it, and can be asked for again",
    () =>
      Effect.gen(function* () {
        const cloud = yield* absolute()
        yield* cloud.script("request-lost")
        const wish = cloud.quotas.change("m-1", { "avatar-models": { set: "12" } }, run)
        const { money, next, outcome } = only(yield* wish)
        assert.deepStrictEqual([outcome._tag, money, next], ["Unknown", "unknown", "rerun"])
        assert.deepStrictEqual(outcomes(yield* wish), ["Applied"])
        assert.strictEqual(yield* limitsOf(cloud, "m-1"), "12, 60 min")
      })
  )

  it.effect("asks again for the same limit, and not for more, when the lost request arrived late", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script("request-lost")
      const wish = cloud.quotas.change("m-1", { "avatar-models": { adjust: "1" } }, run)
      assert.deepStrictEqual(outcomes(yield* wish), ["Unknown Timeout"])
      yield* cloud.setByConsole(ada, "avatar-models", Limit.finite(Quantity.count(11)))
      assert.deepStrictEqual(outcomes(yield* wish), ["Applied"])
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "11, 60 min")
    })
  )

  it.effect("stays unknown when asking again is not sent, and lets no other run in between", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.script("request-lost", "not-sent", "rejected")
      const wish = { "avatar-models": { adjust: "1" } } as const
      const call = cloud.quotas.change("m-1", wish, run)
      for (const reason of ["Timeout", "TransportFailed", "ProviderFailed"]) {
        const report = yield* call
        assert.deepStrictEqual(outcomes(report), [`Unknown ${reason}`])
        assert.strictEqual(only(report).money, "unknown")
        const another = yield* cloud.quotas.change("m-1", wish, { run: "another" })
        assert.deepStrictEqual(outcomes(another), ["Blocked"])
      }
      assert.deepStrictEqual(outcomes(yield* call), ["Applied"])
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
      assert.match(message, /It is 99 now. That is not what was asked for: somebody else changes it too/)
      assert.strictEqual(Report.exitCode(report), 4)
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

const outage = new CloudQuotaError({
  provider: "memory",
  operation: "read",
  money: "not-moved",
  reason: new Unavailable({ message: "The provider is out of order." })
})

describe("a part of a batch that fails", () => {
  const all = ["m-1", "m-2", "m-3"]

  for (const [fate, outcome, next] of [
    ["rejected", "Rejected ProviderFailed", "decide"],
    ["not-sent", "NotSent TransportFailed", "rerun"]
  ] as const) {
    it.effect(`${fate}: the others are done, and the same run does what is missing`, () =>
      Effect.gen(function* () {
        const cloud = yield* delta()
        yield* cloud.script(fate)
        const call = cloud.quotas.change(all, { allowance: { adjust: "1 CNY" } }, run)
        const first = yield* call
        assert.deepStrictEqual(outcomes(first), [outcome, "Applied", "Applied"])
        assert.deepStrictEqual([first.results[0]?.money, first.results[0]?.next], ["not-moved", next])
        assert.strictEqual(Report.exitCode(first), fate === "rejected" ? 4 : 3)

        assert.deepStrictEqual(outcomes(yield* call), ["Applied", "Applied", "Applied"])
        assert.deepStrictEqual(
          [yield* limitsOf(cloud, "m-1"), yield* limitsOf(cloud, "m-2"), yield* limitsOf(cloud, "m-3")],
          ["501.00 CNY", "101.00 CNY", "1.00 CNY"]
        )
      })
    )

    it.effect(`${fate}, where limits are put`, () =>
      Effect.gen(function* () {
        const cloud = yield* absolute()
        yield* cloud.script(fate)
        const call = cloud.quotas.change("m-1", { "avatar-models": { adjust: "1" } }, run)
        assert.deepStrictEqual(outcomes(yield* call), [outcome])
        assert.deepStrictEqual(outcomes(yield* call), ["Applied"])
        assert.strictEqual(yield* limitsOf(cloud, "m-1"), "11, 60 min")
      })
    )
  }

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

  it.effect("two unknown outcomes in a row stop it", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("answer-lost", "request-lost")
      const report = yield* cloud.quotas.change(all, { allowance: { adjust: "1 CNY" } }, run)
      assert.deepStrictEqual(outcomes(report), ["Unknown Timeout", "Unknown Timeout", "NotSent Unavailable"])
      assert.match(report.results[2]?.message ?? "", /stopped after 2 unknown outcomes in a row/)
      assert.strictEqual((yield* cloud.writes).length, 2)
    })
  )

  it.effect("one unknown outcome does not", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("request-lost")
      const report = yield* cloud.quotas.change(all, { allowance: { adjust: "1 CNY" } }, run)
      assert.deepStrictEqual(outcomes(report), ["Unknown Timeout", "Applied", "Applied"])
    })
  )

  it.effect("the whole call fails where not even the present state can be read", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        driver: ({ driver }) => ({
          ...driver,
          write: { ...driver.write, snapshot: () => Effect.fail(outage) }
        })
      })
      const error = yield* Effect.flip(cloud.quotas.change("m-1", { allowance: { adjust: "1 CNY" } }, run))
      assert.deepStrictEqual([error.reason._tag, error.account], ["Unavailable", "memory-delta"])
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
        /It is 510.00 CNY now\. It was done by an earlier call of this run\.$/
      )
    })
  )

  it.effect("goes on with whom it has not paid yet", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.quotas.change("m-1", wish, run)
      yield* cloud.quotas.change(["m-2", "m-1", "m-3"], wish, run)
      assert.deepStrictEqual(
        (yield* cloud.writes).map(({ members }) => members.join()),
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

  for (const fate of ["answer-lost", "request-lost"] as const) {
    it.effect(`does not send again after ${fate}, and blocks other changes of that member`, () =>
      Effect.gen(function* () {
        const cloud = yield* delta()
        yield* cloud.script(fate)
        yield* cloud.quotas.change("m-1", wish, run)
        assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), ["Unknown Timeout"])
        assert.strictEqual((yield* cloud.writes).length, 1)

        const others = yield* cloud.quotas.change(["m-1", "m-2"], wish, { run: "another" })
        assert.deepStrictEqual(outcomes(others), ["Blocked", "Applied"])
        assert.match(
          others.results[0]?.message ?? "",
          /waits for an open change of the run "test" \(adjust 10.00 CNY\)/
        )
        assert.strictEqual(
          yield* limitsOf(cloud, "m-1"),
          fate === "answer-lost" ? "510.00 CNY" : "500.00 CNY"
        )
      })
    )
  }

  it.effect("that was interrupted with a difference on its way does not send it again", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("no-answer")
      const fiber = yield* Effect.forkChild(cloud.quotas.change("m-1", wish, run))
      while ((yield* cloud.writes).length === 0) yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)

      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, run)), ["Unknown Timeout"])
      assert.deepStrictEqual(outcomes(yield* cloud.quotas.change("m-1", wish, { run: "another" })), [
        "Blocked"
      ])
      assert.strictEqual((yield* cloud.writes).length, 1)
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "510.00 CNY")
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

describe("a preview", () => {
  it.effect("says what would be done, also on a provider's real endpoint, and leaves no trace", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ driver: real })
      const topUp = (options: Options) =>
        cloud.quotas.change("m-1", { allowance: { topUpTo: "500 CNY" } }, options)
      const report = yield* topUp({ ...run, preview: true })
      const { delta: amount, message, money, outcome } = only(report)
      assert.deepStrictEqual([outcome._tag, String(amount), money], ["Planned", "123.45 CNY", "not-moved"])
      assert.strictEqual(message, "Would change allowance of m-1 (+123.45 CNY). Nothing was sent.")
      assert.deepStrictEqual([Report.exitCode(report), report.preview], [0, true])
      assert.deepStrictEqual(yield* cloud.writes, [])
      const other = cloud.quotas.change("m-1", { allowance: { topUpTo: "1 CNY" } }, { ...run, preview: true })
      assert.deepStrictEqual(outcomes(yield* other), ["NoChange"])
    })
  )

  it.effect("shows what the checks would refuse", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      const report = yield* cloud.quotas.change(
        "m-1",
        { "avatar-models": { set: "unlimited" } },
        { preview: true }
      )
      assert.deepStrictEqual(outcomes(report), ["Refused finite-to-unlimited"])
    })
  )
})

const real = ({ driver }: MemoryProvider.DeltaProvider): Driver => ({
  ...driver,
  identity: { ...driver.identity, endpoint: "https://api.example.com" }
})

describe("the journal", () => {
  const wish = { allowance: { adjust: "10 CNY" } } as const
  const failed = new Journal.JournalError({ kind: "failed", message: "The disk is full." })

  /** A journal whose holds are changed by `spoil`. */
  const spoilt = (spoil: (hold: Journal.Hold) => Partial<Journal.Hold>): Journal.Journal => {
    const journal = Journal.memory()
    return {
      ...journal,
      hold: (account) => Effect.map(journal.hold(account), (hold) => ({ ...hold, ...spoil(hold) }))
    }
  }
  const failsAt = (to: Journal.State) =>
    spoilt((hold) => ({ advance: (step) => (step.to === to ? Effect.fail(failed) : hold.advance(step)) }))

  const unusable = {
    "cannot be written": spoilt(() => ({ insert: () => Effect.fail(failed) })),
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
      const cloud = yield* delta({ journal: failsAt("applied") })
      const { message, money, outcome } = only(yield* cloud.quotas.change("m-1", wish, run))
      assert.deepStrictEqual([outcome._tag, money], ["Applied", "moved"])
      assert.match(message, /\+10\.00 CNY/)
      assert.match(message, /The journal could not be written, so it still counts this change as open\./)
      yield* cloud.quotas.change("m-1", wish, run)
      assert.strictEqual((yield* cloud.writes).length, 1)
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "510.00 CNY")
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
      const taken = [
        spoilt(() => ({ insert: () => Effect.succeed(undefined) })),
        spoilt((hold) => ({ advance: (step) => (step.fenced ? Effect.succeed(false) : hold.advance(step)) }))
      ]
      for (const journal of taken) {
        const cloud = yield* delta({ journal })
        const report = yield* cloud.quotas.change("m-1", wish, run)
        assert.deepStrictEqual(outcomes(report), ["NotSent PreconditionFailed"])
        assert.deepStrictEqual(yield* cloud.writes, [])
      }
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

describe("a difference on a provider's real endpoint", () => {
  it.effect("is refused with nothing sent, since lost answers are not settled yet", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ driver: real })
      const error = yield* Effect.flip(cloud.quotas.change("m-1", { allowance: { adjust: "1 CNY" } }, run))
      assert.deepStrictEqual([error.reason._tag, error.money], ["PreconditionFailed", "not-moved"])
      assert.strictEqual(yield* cloud.requests, 0)
    })
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
        (yield* cloud.writes).flatMap(({ members }) => members),
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
