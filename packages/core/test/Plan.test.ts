/**
 * What is computed from a wish, and what the safety checks and the cap have against it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ActionInput, Change, Options, Spec } from "@cloud-quota/core/Change"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import type { Metric } from "@cloud-quota/core/Metric"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Report from "@cloud-quota/core/Report"
import type { CheckId } from "@cloud-quota/core/SafetyCheck"
import { absolute, ada, connecting, delta, limitsOf, only, outcomes, real, run } from "./fixtures/clouds.ts"

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
        (yield* cloud.writes).map(({ delta }) => String(delta)),
        ["123.45 CNY", "-0.01 CNY", "376.56 CNY", "-1.00 CNY", "-875.55 CNY"]
      )
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "123.45 CNY")
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
      assert.strictEqual(Report.exitCode(report), 3)
    })
  )

  it.effect("counts all calls of the run, what is undecided as spent", () =>
    Effect.gen(function* () {
      // Whoever gets something loses a part of it at once, so that a lost answer stays undecided.
      const cloud = yield* delta({
        driver: (provider) =>
          connecting((line) => ({
            ...line,
            apply: (difference, check) =>
              Effect.tap(
                line.apply(difference, check),
                provider.setByConsole(ada, "allowance", Limit.finite(Quantity.cny(501)))
              )
          }))(provider)
      })
      yield* cloud.script("answer-lost")
      const first = yield* cloud.quotas.changeAll([more("m-1", "60 CNY")], cap)
      assert.deepStrictEqual(outcomes(first), ["Conflict"])
      const later = yield* cloud.quotas.changeAll([more("m-2", "60 CNY")], cap)
      assert.deepStrictEqual(outcomes(later), ["Refused cap"])
      const elsewhere = yield* cloud.quotas.changeAll([more("m-2", "60 CNY")], { ...cap, run: "another" })
      assert.deepStrictEqual(outcomes(elsewhere), ["Applied"])
    })
  )

  it.effect("does not count what provably did not take place", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("request-lost")
      const first = yield* cloud.quotas.changeAll([more("m-1", "60 CNY")], cap)
      assert.deepStrictEqual(outcomes(first), ["NotApplied"])
      const later = yield* cloud.quotas.changeAll([more("m-2", "60 CNY")], cap)
      assert.deepStrictEqual(outcomes(later), ["Applied"])
    })
  )

  it.effect("counts a second attempt once", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("not-sent")
      const report = yield* cloud.quotas.changeAll([more("m-1", "60 CNY"), more("m-2", "40.01 CNY")], cap)
      assert.deepStrictEqual(outcomes(report), ["Applied", "Refused cap"])
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

describe("the cap of a run for several metrics of one unit", () => {
  const pieces = (limit: number) => ({
    limit: Limit.finite(Quantity.count(limit)),
    used: Quantity.count(0)
  })

  it.effect("counts them together, over all calls", () =>
    Effect.gen(function* () {
      // The reference provider, whose videos are counted in pieces here instead of minutes.
      const counted = (metric: Metric): Metric => ({
        ...metric,
        unit: "count",
        step: Quantity.count(1),
        minimum: Quantity.count(0),
        maximum: Quantity.count(1000)
      })
      const cloud = yield* absolute({
        members: [
          {
            info: { id: ada, status: { _tag: "active" } },
            quotas: { "avatar-models": pieces(10), "video-minutes": pieces(20) }
          }
        ],
        driver: ({ driver }) => ({
          ...driver,
          metrics: driver.metrics.map(counted),
          getQuotas: (id) =>
            Effect.map(driver.getQuotas(id), (states) =>
              states.map((state) => ({ ...state, metric: counted(state.metric) }))
            )
        })
      })
      const adjust = (metric: string, amount: string) =>
        cloud.quotas.change("m-1", { [metric]: { adjust: amount } }, { ...run, cap: "5" })
      assert.deepStrictEqual(outcomes(yield* adjust("avatar-models", "3")), ["Applied"])
      assert.deepStrictEqual(outcomes(yield* adjust("video-minutes", "3")), ["Refused cap"])
      assert.deepStrictEqual(outcomes(yield* adjust("video-minutes", "2")), ["Applied"])
      assert.strictEqual(yield* limitsOf(cloud, "m-1"), "13, 22")
    })
  )
})

describe("the pool", () => {
  const raise = (id: string, amount: string): Change => ({
    member: id,
    metric: "allowance",
    action: { adjust: amount }
  })

  it.effect("is what all members together may have", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const pool = { ...run, pool: "650 CNY" }
      const report = yield* cloud.quotas.changeAll([raise("m-1", "30 CNY"), raise("m-2", "20.01 CNY")], pool)
      assert.deepStrictEqual(outcomes(report), ["Applied", "Refused pool"])
      assert.match(report.results[1]?.message ?? "", /more than the pool of 650.00 CNY/)
      const fits = yield* cloud.quotas.changeAll([raise("m-2", "20 CNY")], { ...pool, run: "b" })
      assert.deepStrictEqual(outcomes(fits), ["Applied"])
    })
  )

  it.effect("is kept nowhere where somebody is unlimited: nothing is sent", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      const models = yield* cloud.quotas.change(
        "m-1",
        { "avatar-models": { adjust: "1" } },
        { ...run, pool: "1000" }
      )
      assert.deepStrictEqual(outcomes(models), ["Refused pool"])
      assert.deepStrictEqual(yield* cloud.writes, [])
      // Nobody's minutes are unlimited.
      const minutes = yield* cloud.quotas.change(
        "m-1",
        { "video-minutes": { adjust: "1 min" } },
        { ...run, pool: "1000 min" }
      )
      assert.deepStrictEqual(outcomes(minutes), ["Applied"])
    })
  )

  it.effect("has room again for what is taken back, also where it is exceeded already", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const report = yield* cloud.quotas.changeAll([raise("m-1", "-50 CNY"), raise("m-2", "10 CNY")], {
        ...run,
        pool: "570 CNY"
      })
      assert.deepStrictEqual(outcomes(report), ["Applied", "Applied"])
      const beyond = yield* cloud.quotas.changeAll([raise("m-1", "-1 CNY"), raise("m-3", "1 CNY")], {
        run: "b",
        pool: "100 CNY"
      })
      assert.deepStrictEqual(outcomes(beyond), ["Applied", "Refused pool"])
    })
  )
})

describe("what a caller expects", () => {
  it.effect("of the limit, is compared with what is there, and nothing is sent if it is another", () =>
    Effect.gen(function* () {
      const granted = yield* delta()
      const adjust = (expected: string, name: string) =>
        granted.quotas.change("m-1", { allowance: { adjust: "1 CNY", expected } }, { run: name })
      const result = only(yield* adjust("499 CNY", "a"))
      assert.deepStrictEqual(
        [result.outcome._tag, result.money, result.next],
        ["Drift", "not-moved", "decide"]
      )
      assert.match(result.message, /is 500.00 CNY; 499.00 CNY was expected\. Nothing was sent\./)
      assert.deepStrictEqual(outcomes(yield* adjust("500 CNY", "b")), ["Applied"])
      assert.strictEqual((yield* granted.writes).length, 1)

      const put = yield* absolute()
      const set = (expected: string) =>
        put.quotas.change(
          "m-2",
          { "avatar-models": { set: "9", expected } },
          { waive: ["unlimited-to-finite"] }
        )
      assert.deepStrictEqual(outcomes(yield* set("10")), ["Drift"])
      assert.deepStrictEqual(outcomes(yield* set("unlimited")), ["Applied"])
      assert.strictEqual((yield* put.writes).length, 1)
    })
  )

  it.effect("of a limit that the provider does not tell, is not met, and nothing is sent", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      const wish = { "avatar-models": { set: "5", expected: "3" } } as const
      const result = only(yield* cloud.quotas.change("m-3", wish))
      assert.deepStrictEqual([result.outcome._tag, result.money], ["NotSent", "not-moved"])
      assert.match(result.message, /tells no avatar-models of this member, and 3 was expected/)
      assert.deepStrictEqual(yield* cloud.writes, [])
    })
  )

  it.effect("of the limit, is refused in another unit", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const call = cloud.quotas.change("m-1", { allowance: { adjust: "1 CNY", expected: "5 min" } }, run)
      assert.match((yield* Effect.flip(call)).message, /expected: allowance is counted in CNY, not in minute/)
      assert.strictEqual(yield* cloud.requests, 0)
    })
  )

  it.effect("of how many are meant: more are a mistake, and nothing is sent", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      const wish = { "avatar-models": { set: "9" }, "video-minutes": { set: "50 min" } }
      const call = (maxMembers: number) => cloud.quotas.change(["m-1", "m-3"], wish, { maxMembers })
      assert.match((yield* Effect.flip(call(1))).message, /at most 1 members were expected, and 2 are meant/)
      assert.strictEqual(yield* cloud.requests, 0)
      assert.strictEqual((yield* call(2)).results.length, 4)
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
      assert.isTrue(report.preview)
      assert.deepStrictEqual(
        [report.obstacle?.reason._tag, Report.exitCode(report)],
        ["PreconditionFailed", 1]
      )
      assert.deepStrictEqual(yield* cloud.writes, [])
      const other = cloud.quotas.change("m-1", { allowance: { topUpTo: "1 CNY" } }, { ...run, preview: true })
      assert.deepStrictEqual(outcomes(yield* other), ["NoChange"])
    })
  )

  it.effect("needs no baseline, and says that the change itself does", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({ driver: real, journal: { ...Journal.memory(), kind: "sqlite" } })
      const preview = cloud.quotas.change(
        "m-1",
        { allowance: { topUpTo: "500 CNY" } },
        { ...run, preview: true }
      )
      const before = yield* preview
      assert.deepStrictEqual(outcomes(before), ["Planned"])
      assert.match(before.obstacle?.message ?? "", /never seen this account.*Changes\.baseline/)
      assert.deepStrictEqual([Report.isComplete(before), Report.exitCode(before)], [false, 1])
      yield* cloud.changes.baseline()
      const after = yield* preview
      assert.deepStrictEqual(
        [outcomes(after), after.obstacle, Report.exitCode(after)],
        [["Planned"], undefined, 0]
      )
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
