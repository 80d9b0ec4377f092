/** Conformance of quotas: their listing, and the effect of every change. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ActionInput, Change, Options } from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import * as Limit from "../model/Limit.ts"
import type { MemberInfo, MemberRef } from "../model/MemberInfo.ts"
import * as Metric from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import type { Outcome, Report } from "../model/Report.ts"
import {
  type Check,
  ConformanceFailure,
  type Harness,
  type Verdict,
  check,
  expect,
  failsWith,
  isSupported,
  refusedUnsent
} from "./conformanceKit.ts"
import { moneyOf } from "../engine/wording.ts"

/** Carries out changes, and checks that the report is consistent. */
const change = (
  { account }: Harness,
  changes: ReadonlyArray<Change>,
  options: Options
): Effect.Effect<Report, ConformanceFailure | CloudQuotaError> =>
  Effect.tap(account.quotas.changeAll(changes, options), (report) => inOrder(report, changes))

/**
 * Expects one result per change, in the order of the changes, with the same statement in its tag and its
 * money.
 */
const inOrder = (report: Report, changes: ReadonlyArray<Change>): Verdict =>
  Effect.gen(function* () {
    yield* expect(
      "the results of a report",
      report.results.map(({ member, metric }) => `${member} ${metric}`).join(", "),
      changes.map(({ member, metric }) => `${idOf(member)} ${metric}`).join(", ")
    )
    for (const { money, next, outcome } of report.results) {
      yield* expect(`money of ${outcome._tag}`, money, moneyOf(outcome))
      const unfinished: ReadonlyArray<Outcome["_tag"]> = ["Unknown", "Conflict", "NotSent", "NotApplied"]
      if (unfinished.includes(outcome._tag))
        yield* expect(`${outcome._tag} needs a next step`, next !== "nothing", true)
    }
  })

const idOf = (member: MemberRef): string | undefined => (typeof member === "string" ? member : member.id)

const tags = (report: Report): string => report.results.map(({ outcome }) => outcome._tag).join(", ")

/** Expects a report of one result, with this tag. */
const expectTag = (
  what: string,
  report: Report,
  tag: Outcome["_tag"]
): Effect.Effect<void, ConformanceFailure> =>
  expect(`${what} (${report.results[0]?.message ?? "no result"})`, tags(report), tag)

const states = (harness: Harness) => harness.account.quotas.get(harness.member)

/** Returns a quota of the member that can be raised by a few steps, and has a remaining amount. */
export const roomy = (harness: Harness) =>
  Effect.gen(function* () {
    for (const state of yield* states(harness)) {
      const { available, limit, metric } = state
      if (limit._tag === "Unlimited" || available === undefined) continue
      const raised = Quantity.sum(limit.quantity, Quantity.multiply(metric.step, 3))
      if (Quantity.isGreaterThan(raised, metric.maximum) || Quantity.isLessThan(available, metric.step))
        continue
      return { metric, limit: limit.quantity, available }
    }
    return yield* new ConformanceFailure({
      what: "the harness's member",
      expected: "a finite quota with room for three more steps and at least one left",
      seen: "none"
    })
  })

/** Reads the metric of the member again. */
const again = (harness: Harness, metric: Metric.Metric) =>
  Effect.flatMap(states(harness), (all) => {
    const state = all.find((one) => one.metric.id === metric.id)
    return state === undefined
      ? Effect.fail(new ConformanceFailure({ what: metric.id, expected: "still there", seen: "gone" }))
      : Effect.succeed(state)
  })

const expectLimit = (harness: Harness, metric: Metric.Metric, expected: Quantity.Quantity): Verdict =>
  Effect.flatMap(again(harness, metric), ({ limit }) => expect(`the limit of ${metric.id}`, limit, expected))

/** Returns how many writes the effect sends. */
const writesOf = <A, E>(harness: Harness, effect: Effect.Effect<A, E>): Effect.Effect<number, E> =>
  Effect.gen(function* () {
    const before = yield* harness.writes
    yield* effect
    return (yield* harness.writes) - before
  })

const steps = (metric: Metric.Metric, count: number) => Quantity.multiply(metric.step, count)

const onMember = ({ member }: Harness, metric: Metric.Metric, action: ActionInput): ReadonlyArray<Change> => [
  { member, metric: metric.id, action }
]

const print = ({ available, limit, metric, used }: QuotaState): string =>
  `${metric.id}: ${limit}, used ${used ?? "not told"}, available ${available ?? "not told"}`

export const quotaChecks: ReadonlyArray<Check> = [
  check("every quota listed belongs to a known metric, in its unit", ["quotas.list"], (harness) =>
    harness.account.quotas.list().pipe(
      Stream.runForEach(
        Effect.fnUntraced(function* ({ available, limit, metric, used }) {
          const known = harness.account.quotas.metrics.find(({ id }) => id === metric.id)
          yield* expect(`${metric.id} is a known metric`, known !== undefined, true)
          const finite = limit._tag === "Finite" ? [limit.quantity] : []
          for (const quantity of [...finite, used, available]) {
            if (quantity !== undefined) yield* expect(`the unit of ${metric.id}`, quantity.unit, metric.unit)
          }
          yield* expect(
            `${metric.id} takes an unlimited limit`,
            limit._tag === "Unlimited" && !metric.unlimited,
            false
          )
          if (!isSupported(harness, "quotas.used"))
            yield* expect("used, which is not supported", used, undefined)
        })
      )
    )
  ),

  check("get gives of a member what list gives of it", ["quotas.list", "quotas.get"], (harness) =>
    Effect.gen(function* () {
      const listed = yield* Stream.runCollect(harness.account.quotas.list())
      const ofMember = listed.filter(({ member }) => member === harness.member)
      yield* expect(
        `the quotas of ${harness.member}`,
        (yield* states(harness)).map(print).sort().join("; "),
        ofMember.map(print).sort().join("; ")
      )
      yield* expect(`${harness.member} has quotas`, ofMember.length > 0, true)
    })
  ),

  check("a listing can be narrowed to a metric", ["quotas.list"], (harness) =>
    Effect.gen(function* () {
      for (const { id } of harness.account.quotas.metrics) {
        const listed = yield* Stream.runCollect(harness.account.quotas.list({ metric: id }))
        yield* expect(
          `only ${id}`,
          listed.every(({ metric }) => metric.id === id),
          true
        )
      }
    })
  ),

  check("a member that does not exist has no quotas: NotFound", ["quotas.get"], (harness) =>
    failsWith("quotas.get", "NotFound", harness.account.quotas.get(harness.missingMember))
  ),

  check("a member without an id is refused before anything is sent", ["quotas.top-up"], (harness) =>
    Effect.gen(function* () {
      const { metric } = yield* roomy(harness)
      const invited: MemberInfo = { email: "new@example.com", status: { _tag: "invited" } }
      const { quotas } = harness.account
      const spec = { [metric.id]: { topUpTo: metric.step } }
      yield* refusedUnsent(harness, "quotas.get", "InvalidRequest", quotas.get(invited))
      yield* refusedUnsent(
        harness,
        "quotas.change",
        "InvalidRequest",
        quotas.change(invited, spec, { run: "id" })
      )
    })
  ),

  check("a wrong wish is refused before anything is sent", ["quotas.get", "quotas.top-up"], (harness) =>
    Effect.gen(function* () {
      const { metric } = yield* roomy(harness)
      const { maximum, step } = metric
      const changesTo = (id: string, action: ActionInput) => [{ member: harness.member, metric: id, action }]
      const run = { run: "wrong" }
      const invalidChanges: ReadonlyArray<readonly [what: string, ReadonlyArray<Change>, Options?]> = [
        ["an unknown metric", changesTo("no-such-metric", { topUpTo: step }), run],
        ["another unit", changesTo(metric.id, { topUpTo: Quantity.make("parsec", 1) }), run],
        ["half a step", changesTo(metric.id, { topUpTo: Quantity.multiply(step, "0.5") }), run],
        ["zero", changesTo(metric.id, { topUpTo: Quantity.zero(metric.unit) }), run],
        ["a negative amount", changesTo(metric.id, { topUpTo: Quantity.negate(step) }), run],
        ["too much", changesTo(metric.id, { topUpTo: Quantity.sum(maximum, step) }), run],
        ["no quantity", changesTo(metric.id, { topUpTo: "a lot" }), run],
        ["no run", changesTo(metric.id, { topUpTo: step })],
        [
          "a member twice",
          [...changesTo(metric.id, { topUpTo: step }), ...changesTo(metric.id, { topUpTo: step })],
          run
        ],
        [
          "a cap in another unit",
          changesTo(metric.id, { topUpTo: step }),
          { ...run, cap: Quantity.make("parsec", 1) }
        ]
      ]
      for (const [what, changes, options] of invalidChanges) {
        yield* refusedUnsent(
          harness,
          what,
          "InvalidRequest",
          harness.account.quotas.changeAll(changes, options)
        )
      }
    })
  ),

  check("setting what is set already sends nothing", ["quotas.get", "quotas.set"], (harness) =>
    Effect.gen(function* () {
      const { limit, metric } = yield* roomy(harness)
      const call = Effect.flatMap(change(harness, onMember(harness, metric, { set: limit }), {}), (report) =>
        expectTag("setting the present limit", report, "NoChange")
      )
      yield* expect("writes", yield* writesOf(harness, call), 0)
    })
  ),

  check("set raises to the limit that was asked for", ["quotas.get", "quotas.set"], (harness) =>
    Effect.gen(function* () {
      const { limit, metric } = yield* roomy(harness)
      const target = Quantity.sum(limit, steps(metric, 2))
      const report = yield* change(harness, onMember(harness, metric, { set: target }), {})
      yield* expectTag("setting a higher limit", report, "Applied")
      yield* expectLimit(harness, metric, target)
    })
  ),

  check(
    "set lowers to the limit that was asked for",
    ["quotas.get", "quotas.set", "quotas.set-down"],
    (harness) =>
      Effect.gen(function* () {
        const { limit, metric } = yield* roomy(harness)
        const target = Quantity.subtract(limit, metric.step)
        const waive = ["large-decrease"] as const
        const report = yield* change(harness, onMember(harness, metric, { set: target }), { waive })
        yield* expectTag("setting a lower limit", report, "Applied")
        yield* expectLimit(harness, metric, target)
      })
  ),

  check(
    "unlimited has to be meant, and a top-up leaves it",
    ["quotas.get", "quotas.unlimited", "quotas.top-up"],
    (harness) =>
      Effect.gen(function* () {
        const { limit, metric } = yield* roomy(harness)
        if (!metric.unlimited) return
        const set = onMember(harness, metric, { set: "unlimited" })
        yield* expectTag("unlimited unasked", yield* change(harness, set, {}), "Refused")
        yield* expectLimit(harness, metric, limit)
        yield* expectTag(
          "unlimited",
          yield* change(harness, set, { waive: ["finite-to-unlimited"] }),
          "Applied"
        )
        yield* expect(`the limit of ${metric.id}`, (yield* again(harness, metric)).limit, Limit.unlimited)
        const topUp = change(harness, onMember(harness, metric, { topUpTo: limit }), { run: "unlimited" })
        yield* expectTag("a top-up of what is unlimited", yield* topUp, "NoChange")
      })
  ),

  check(
    "a top-up raises what is available to its target, and never lowers",
    ["quotas.get", "quotas.top-up"],
    (harness) =>
      Effect.gen(function* () {
        const { available, limit, metric } = yield* roomy(harness)
        const target = Metric.roundUp(metric, Quantity.sum(available, metric.step))
        const up = yield* change(harness, onMember(harness, metric, { topUpTo: target }), { run: "top-up" })
        yield* expectTag("a top-up", up, "Applied")
        const raised = yield* again(harness, metric)
        const enough = raised.available !== undefined && !Quantity.isLessThan(raised.available, target)
        yield* expect(`at least ${target} available (${raised.available})`, enough, true)
        yield* expect("the limit is not lowered", Limit.isLessThan(raised.limit, Limit.finite(limit)), false)

        const less = change(harness, onMember(harness, metric, { topUpTo: metric.step }), { run: "less" })
        const writes = yield* writesOf(
          harness,
          Effect.flatMap(less, (report) => expectTag("a top-up to less", report, "NoChange"))
        )
        yield* expect("writes of a top-up to less", writes, 0)
        yield* expect("the limit", (yield* again(harness, metric)).limit, raised.limit)
      })
  ),

  check("the same run again changes nothing again", ["quotas.get", "quotas.adjust"], (harness) =>
    Effect.gen(function* () {
      const { limit, metric } = yield* roomy(harness)
      const more = change(harness, onMember(harness, metric, { adjust: metric.step }), { run: "once" })
      yield* expectTag("the first call", yield* more, "Applied")
      const writes = yield* writesOf(
        harness,
        Effect.flatMap(more, (report) => expectTag("the same run again", report, "Applied"))
      )
      yield* expect("writes of the same run again", writes, 0)
      yield* expectLimit(harness, metric, Quantity.sum(limit, metric.step))
    })
  ),

  check("another wish under the same run is refused", ["quotas.get", "quotas.adjust"], (harness) =>
    Effect.gen(function* () {
      const { limit, metric } = yield* roomy(harness)
      const run = { run: "reused" }
      yield* change(harness, onMember(harness, metric, { adjust: metric.step }), run)
      const other = harness.account.quotas.changeAll(
        onMember(harness, metric, { adjust: steps(metric, 2) }),
        run
      )
      yield* expect("writes", yield* writesOf(harness, failsWith("another wish", "RunReused", other)), 0)
      yield* expectLimit(harness, metric, Quantity.sum(limit, metric.step))
    })
  ),

  check(
    "a reclaim takes back what is asked, and never more than is left",
    ["quotas.get", "quotas.reclaim"],
    (harness) =>
      Effect.gen(function* () {
        const { limit, metric } = yield* roomy(harness)
        const some = yield* change(harness, onMember(harness, metric, { reclaim: metric.step }), {
          run: "some"
        })
        yield* expectTag("a reclaim of one step", some, "Applied")
        yield* expectLimit(harness, metric, Quantity.subtract(limit, metric.step))
        yield* change(harness, onMember(harness, metric, { reclaim: "all" }), { run: "all" })
        const { available } = yield* again(harness, metric)
        const little = available !== undefined && Quantity.isLessThan(available, metric.step)
        yield* expect(`less than a step is left (${available})`, little, true)
      })
  ),

  check("a preview sends no write, and says what would be done", ["quotas.get", "quotas.top-up"], (harness) =>
    Effect.gen(function* () {
      const { available, limit, metric } = yield* roomy(harness)
      const target = Metric.roundUp(metric, Quantity.sum(available, metric.step))
      const preview = change(harness, onMember(harness, metric, { topUpTo: target }), {
        run: "preview",
        preview: true
      })
      const writes = yield* writesOf(
        harness,
        Effect.flatMap(preview, (report) => expectTag("a preview", report, "Planned"))
      )
      yield* expect("writes of a preview", writes, 0)
      yield* expectLimit(harness, metric, limit)
    })
  ),

  check("nothing is added beyond the cap", ["quotas.get", "quotas.adjust"], (harness) =>
    Effect.gen(function* () {
      const { limit, metric } = yield* roomy(harness)
      const options = { run: "cap", cap: metric.step }
      const call = Effect.flatMap(
        change(harness, onMember(harness, metric, { adjust: steps(metric, 2) }), options),
        (report) => expectTag("more than the cap", report, "Refused")
      )
      yield* expect("writes beyond the cap", yield* writesOf(harness, call), 0)
      yield* expectLimit(harness, metric, limit)
    })
  ),

  check("a report has one result per change, in their order", ["quotas.get", "quotas.top-up"], (harness) =>
    Effect.gen(function* () {
      const { available, metric } = yield* roomy(harness)
      const action = { topUpTo: Metric.roundUp(metric, Quantity.sum(available, metric.step)) }
      const members = [harness.otherMember, harness.missingMember, harness.member]
      const changes = members.map((member) => ({ member, metric: metric.id, action }))
      const report = yield* change(harness, changes, { run: "order" })
      yield* expect("the outcome of a member that does not exist", report.results[1]?.outcome._tag, "NotSent")
      yield* expect("the outcome of one that does", report.results[2]?.outcome._tag, "Applied")
    })
  ),

  check(
    "a lost answer never leads to a second change",
    ["quotas.get", "quotas.adjust"],
    (harness) =>
      Effect.gen(function* () {
        const { limit, metric } = yield* roomy(harness)
        const more = change(harness, onMember(harness, metric, { adjust: metric.step }), { run: "lost" })
        yield* harness.loseNextAnswer ?? Effect.void
        const writes = yield* writesOf(harness, Effect.andThen(more, more))
        yield* expect("writes of two calls after a lost answer", writes, 1)
        yield* expectLimit(harness, metric, Quantity.sum(limit, metric.step))
      }),
    { losesAnswer: true }
  )
]
