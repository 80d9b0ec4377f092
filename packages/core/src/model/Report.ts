/**
 * The report of a call: one result per change, also for a single one.
 *
 * A call fails only when nothing was attempted. Whatever was attempted is in its report, so that
 * no success is lost behind another member's failure.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { CloudQuotaError, Money, Reason } from "./CloudQuotaError.ts"
import { doneOf } from "./done.ts"
import * as Limit from "./Limit.ts"
import * as LimitFields from "./limitFields.ts"
import { MemberId } from "./MemberInfo.ts"
import * as Quantities from "./Quantity.ts"
import { Quantity } from "./Quantity.ts"
import * as Row from "./row.ts"
import { CheckId } from "./SafetyCheck.ts"

/** A reading of a quota, before or after a change. */
export const Observed = Schema.Struct({
  limit: Limit.Limit,
  available: Schema.optionalKey(Quantity)
})
export interface Observed extends Schema.Schema.Type<typeof Observed> {}

/** How an outcome is known: by the provider's answer, by reading back, or by a person's word. */
export const Evidence = Schema.Literals(["response", "read-back", "read-back+log", "human"])
export type Evidence = typeof Evidence.Type

/**
 * The outcome of one change:
 * - `Applied`: it took place. `observed` is the reading after it; `drift` marks that the reading was not
 *   the target, in this limit or in another one of the member, whatever the cause. It stays with the
 *   change: the same run again gives it again.
 * - `NoChange`: it was so already; nothing was sent.
 * - `Planned`: a preview: this would be sent.
 * - `Refused`: a safety check refused it; nothing was sent.
 * - `Rejected`: the provider said no; nothing was changed.
 * - `NotSent`: the request never left; nothing was changed.
 * - `NotApplied`: it was sent, and it is proven that it did not take place.
 * - `Conflict`: the facts contradict each other; a person has to decide.
 * - `Drift`: the quota differs from its last known state; nothing was sent.
 * - `Blocked`: another change of this member waits for a decision; nothing was sent.
 * - `Unknown`: no answer, and not settled yet. It may or may not have taken place.
 */
export const Outcome = Schema.Union([
  Schema.Struct({
    _tag: Schema.Literal("Applied"),
    observed: Schema.optionalKey(Observed),
    drift: Schema.optionalKey(Schema.Boolean)
  }),
  Schema.Struct({ _tag: Schema.Literal("NoChange") }),
  Schema.Struct({ _tag: Schema.Literal("Planned") }),
  Schema.Struct({ _tag: Schema.Literal("Refused"), check: CheckId }),
  Schema.Struct({ _tag: Schema.Literal("Rejected"), reason: Reason }),
  Schema.Struct({ _tag: Schema.Literal("NotSent"), reason: Reason }),
  Schema.Struct({ _tag: Schema.Literal("NotApplied") }),
  Schema.Struct({ _tag: Schema.Literal("Conflict"), detail: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("Drift"), expected: Limit.Limit, observed: Limit.Limit }),
  Schema.Struct({ _tag: Schema.Literal("Blocked"), by: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("Unknown"), reason: Reason })
])
export type Outcome = typeof Outcome.Type

/**
 * The next step: `nothing`; `rerun` the same call; `wait` and look again; `decide`, since a
 * person has to.
 */
export const Next = Schema.Literals(["nothing", "rerun", "wait", "decide"])
export type Next = typeof Next.Type

const ResultValue = Schema.Struct({
  member: MemberId,
  /** The text by which the member was named in the call, if that was not its id. */
  named: Schema.optionalKey(Schema.String),
  metric: Schema.String,
  outcome: Outcome,
  /** The reading before the change. */
  before: Schema.optionalKey(Observed),
  /** The difference that was sent, or would be. Absent where the limit is or becomes unlimited. */
  delta: Schema.optionalKey(Quantity),
  /** The limit that was asked for. */
  target: Schema.optionalKey(Limit.Limit),
  money: Money,
  next: Next,
  evidence: Schema.optionalKey(Evidence),
  /** When an earlier call of the run did this: then this call has sent nothing for it. */
  doneAt: Schema.optionalKey(Schema.DateTimeUtc),
  requestId: Schema.optionalKey(Schema.String),
  /** For people: the effect on the money, and the next step. */
  message: Schema.String
})

const ResultRow = Schema.Struct({
  ...Row.printed,
  ...Row.printedOfResults,
  member: MemberId,
  named: Row.orNull(Schema.String, "The text by which the member was named, if that was not its id."),
  metric: Row.metric,
  outcome: Schema.Literals([
    "Applied",
    "NoChange",
    "Planned",
    "Refused",
    "Rejected",
    "NotSent",
    "NotApplied",
    "Conflict",
    "Drift",
    "Blocked",
    "Unknown"
  ]).annotate({ description: "What became of the change." }),
  done: Row.orNull(
    Schema.Literals(["now", "already done"]),
    "Whether this call changed it, or an earlier one of its run."
  ),
  doneAt: Schema.NullOr(Row.time("When an earlier call of the run did this.")),
  drift: Row.orNull(Schema.Boolean, "Of what is Applied: whether a later reading was not the target."),
  money: Money.annotate({ description: "What is known about the money." }),
  next: Next.annotate({ description: "What to do next: decide is for a person." }),
  before: Row.orNull(Quantity, "The limit before: null if unlimited, or not known."),
  beforeUnlimited: Row.orNull(Schema.Boolean, "Whether it was unlimited before: null if not known."),
  beforeAvailable: Row.orNull(Quantity, "What was left before."),
  delta: Row.orNull(Quantity, "The difference that was sent, or would be."),
  target: Row.orNull(Quantity, "The limit that was asked for: null if unlimited, or not known."),
  targetUnlimited: Row.orNull(Schema.Boolean, "Whether unlimited was asked for: null if not known."),
  observed: Row.orNull(Quantity, "The limit as it was read afterwards, or of a Drift instead."),
  observedUnlimited: Row.orNull(Schema.Boolean, "Whether it was read as unlimited: null if it was not read."),
  observedAvailable: Row.orNull(Quantity, "What was left at that reading."),
  expected: Row.orNull(Quantity, "Of a Drift: the limit that was last known."),
  expectedUnlimited: Row.orNull(Schema.Boolean, "Of a Drift: whether it was last known as unlimited."),
  check: Row.orNull(CheckId, "The safety check that Refused it."),
  reason: Row.orNull(Reason, "Why it was Rejected or NotSent, or its outcome is Unknown."),
  detail: Row.orNull(Schema.String, "Of a Conflict: which facts contradict each other."),
  by: Row.orNull(Schema.String, "What it is Blocked by."),
  evidence: Row.orNull(Evidence, "How the outcome is known."),
  requestId: Row.orNull(Schema.String, "The provider's id of the request."),
  message: Schema.String.annotate({
    description: "For people: what happened to the money, and what to do."
  })
})

/** Fields of the row that this outcome has, of those that any outcome has. */
const outcomeFields = (outcome: Outcome) => {
  const { observed } = outcome._tag === "Applied" ? outcome : {}
  const isDrift = outcome._tag === "Drift"
  const seen = LimitFields.toFields(isDrift ? outcome.observed : observed?.limit)
  const expected = LimitFields.toFields(isDrift ? outcome.expected : undefined)
  return {
    observed: seen.amount,
    observedUnlimited: seen.unlimited,
    observedAvailable: observed?.available ?? null,
    expected: expected.amount,
    expectedUnlimited: expected.unlimited,
    check: outcome._tag === "Refused" ? outcome.check : null,
    reason: "reason" in outcome ? outcome.reason : null,
    detail: outcome._tag === "Conflict" ? outcome.detail : null,
    by: outcome._tag === "Blocked" ? outcome.by : null
  }
}

/** Reads the outcome of a row; none if the row lacks one of its fields. */
const outcomeOf = (row: typeof ResultRow.Type): Outcome | undefined => {
  const { by, check, detail, outcome: _tag, reason } = row
  const seen = LimitFields.fromFields(row.observed, row.observedUnlimited)
  switch (_tag) {
    case "NoChange":
    case "Planned":
    case "NotApplied":
      return { _tag }
    case "Applied":
      return {
        _tag,
        ...(seen && { observed: observedOf(seen, row.observedAvailable) }),
        ...(row.drift === true ? { drift: true } : {})
      }
    case "Refused":
      return check === null ? undefined : { _tag, check }
    case "Rejected":
    case "NotSent":
    case "Unknown":
      return reason === null ? undefined : { _tag, reason }
    case "Conflict":
      return detail === null ? undefined : { _tag, detail }
    case "Drift": {
      const expected = LimitFields.fromFields(row.expected, row.expectedUnlimited)
      return expected && seen && { _tag, expected, observed: seen }
    }
    case "Blocked":
      return by === null ? undefined : { _tag, by }
  }
}

const observedOf = (limit: Limit.Limit, available: Quantity | null): Observed => ({
  limit,
  ...Row.present({ available })
})

/**
 * One change and its outcome.
 *
 * Its encoded form is the row that `Export` and the command write: every field in every row, `null` where it is
 * not known or does not belong to the outcome; a limit as an amount or `null`, beside its name with `Unlimited`.
 */
export const Result = Row.schemaOf(ResultValue, ResultRow, {
  encode: (result) => {
    const { before, message, outcome, target } = result
    const was = LimitFields.toFields(before?.limit)
    const wanted = LimitFields.toFields(target)
    return {
      member: result.member,
      named: result.named ?? null,
      metric: result.metric,
      outcome: outcome._tag,
      done: doneOf(result) ?? null,
      doneAt: result.doneAt ?? null,
      drift: outcome._tag === "Applied" ? outcome.drift === true : null,
      money: result.money,
      next: result.next,
      before: was.amount,
      beforeUnlimited: was.unlimited,
      beforeAvailable: before?.available ?? null,
      delta: result.delta ?? null,
      target: wanted.amount,
      targetUnlimited: wanted.unlimited,
      ...outcomeFields(outcome),
      evidence: result.evidence ?? null,
      requestId: result.requestId ?? null,
      message
    }
  },
  decode: (row) => {
    const outcome = outcomeOf(row)
    if (outcome === undefined) return Effect.fail(`a result that is ${row.outcome} lacks a field of its own`)
    const before = LimitFields.fromFields(row.before, row.beforeUnlimited)
    const target = LimitFields.fromFields(row.target, row.targetUnlimited)
    const { delta, doneAt, evidence, member, message, metric, money, named, next, requestId } = row
    return Effect.succeed({
      member,
      metric,
      outcome,
      ...(before && { before: observedOf(before, row.beforeAvailable) }),
      ...(target && { target }),
      ...Row.present({ named, delta, evidence, doneAt, requestId }),
      money,
      next,
      message
    })
  }
})
export interface Result extends Schema.Schema.Type<typeof Result> {}

/** A field that is `null` in JSON where it is absent in the program. */
const orAbsent = <A, E>(field: Schema.Codec<A, E>) =>
  Schema.NullOr(field).pipe(
    Schema.decodeTo(Schema.optionalKey(Schema.toType(field)), {
      decode: SchemaGetter.transformOptional(Option.filter((value: A | null) => value !== null)),
      encode: SchemaGetter.transformOptional(Option.orElseSome((): A | null => null))
    })
  )

/** The results of one call, in the order of its changes. Encoded, it has each result as a row. */
export const Report = Row.strict(
  Schema.Struct({
    account: Schema.String,
    provider: Schema.String,
    run: orAbsent(Schema.String),
    preview: Schema.Boolean,
    results: Schema.Array(Result),
    /** Of a preview: why the call itself would fail now, whatever its results say. A missing baseline, as a rule. */
    obstacle: orAbsent(CloudQuotaError)
  })
)
export interface Report extends Schema.Schema.Type<typeof Report> {}

const done = new Set<Outcome["_tag"]>(["Applied", "NoChange", "Planned"])

/** A change that took place and whose limit is not the target is not as it was asked for. */
const isAsAsked = ({ next, outcome }: Result): boolean => done.has(outcome._tag) && next === "nothing"

/** Returns the results that are not as they were asked for: each says what to do next. */
export const attention = ({ results }: Pick<Report, "results">): ReadonlyArray<Result> =>
  results.filter((result) => !isAsAsked(result))

/** True if every change is as it was asked for. */
export const isComplete = (self: Pick<Report, "obstacle" | "results">): boolean =>
  self.obstacle === undefined && self.results.every(isAsAsked)

/**
 * The exit code of a script that did nothing else: 0 all done, 1 nothing done, 3 partly done,
 * 4 something is unknown or needs a decision.
 */
export const exitCode = (self: Pick<Report, "obstacle" | "results">): 0 | 1 | 3 | 4 => {
  if (isComplete(self)) return 0
  if (self.results.some(needsPerson)) return 4
  return self.obstacle === undefined && self.results.some(isAsAsked) ? 3 : 1
}

/** Whether an outcome is unknown or to be decided. After a refusal, nothing is: it was not sent, or not done. */
const needsPerson = ({ money, next, outcome }: Result): boolean =>
  money === "unknown" || (next === "decide" && outcome._tag !== "Refused" && outcome._tag !== "Rejected")

const words: Readonly<Record<Outcome["_tag"], string>> = {
  Applied: "changed",
  NoChange: "already at target",
  Planned: "to be changed",
  Refused: "refused",
  Rejected: "rejected by the provider",
  NotSent: "not sent",
  NotApplied: "did not take place",
  Conflict: "to be decided",
  Drift: "changed by somebody else",
  Blocked: "blocked",
  Unknown: "unknown"
}

/**
 * Summarizes results for people as `3 changed, 1 refused; +1200.00 CNY`: only those of this call, without earlier calls
 * of its run.
 */
export const summary = (results: ReadonlyArray<Result>): string => {
  const wordOf = ({ doneAt, outcome }: Result): string =>
    doneAt === undefined ? words[outcome._tag] : "already done"
  const counts = Array.from(Map.groupBy(results, wordOf), ([word, some]) => `${some.length} ${word}`)
  const moved = sums(
    results.filter((result) => result.outcome._tag === "Planned" || (isApplied(result) && isNow(result)))
  )
  const unknown = sums(results.filter(({ money }) => money === "unknown"))
  return [
    counts.join(", "),
    ...(moved === "" ? [] : [moved]),
    ...(unknown === "" ? [] : [`outcome unknown: ${unknown}`])
  ].join("; ")
}

const isNow = ({ doneAt }: Result): boolean => doneAt === undefined

const isApplied = ({ outcome }: Result): boolean => outcome._tag === "Applied"

/** Sums deltas per unit: additions and withdrawals separately. */
const sums = (results: ReadonlyArray<Result>): string => {
  const deltas = results.flatMap(({ delta }) => (delta === undefined ? [] : [delta]))
  return [deltas.filter(Quantities.isPositive), deltas.filter(Quantities.isNegative)]
    .flatMap((some) => Array.from(Map.groupBy(some, ({ unit }) => unit).values()))
    .map((some) => some.reduce(Quantities.sum))
    .map((sum) => `${Quantities.isPositive(sum) ? "+" : ""}${sum}`)
    .join(", ")
}
