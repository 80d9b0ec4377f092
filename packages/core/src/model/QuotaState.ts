/**
 * One metric of one member at one moment.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Limit from "./Limit.ts"
import * as LimitFields from "./limitFields.ts"
import { MemberId } from "./MemberInfo.ts"
import { Metric, MetricKind, Metrics } from "./Metric.ts"
import * as Quantity from "./Quantity.ts"
import * as Row from "./row.ts"

const Value = Schema.Struct({
  member: MemberId,
  /** The provider's name of the member. Absent where names cannot be read. */
  name: Schema.optionalKey(Schema.String),
  /** Who this is, where a mapping of people names the member: see `People`. */
  person: Schema.optionalKey(Schema.String),
  metric: Metric,
  limit: Limit.Limit,
  /** The used part of a ceiling. May be finer than the metric's step. */
  used: Schema.optionalKey(Quantity.Quantity),
  /** The remaining amount; negative for a debt. Absent if it is unlimited, or not reported. */
  available: Schema.optionalKey(Quantity.Quantity),
  observedAt: Schema.DateTimeUtc
})

/**
 * One metric of one member at one moment. Fields that the provider does not report are absent: never 0, and
 * never computed on a guess.
 *
 * Its encoded form is the row that `Export` and the command write: every field in every row, `null` where it is
 * not known, a limit as an amount or `null` beside `unlimited`.
 *
 * **Gotchas**
 *
 * A row names its metric by id and kind alone. Decoding asks for the metrics, and refuses a row of any other.
 * `share` is for people: it is written, and not read.
 *
 * @example
 * import { Metric, Quota } from "@cloud-quota/core"
 * import { Effect, Schema } from "effect"
 *
 * // Rows that `cloud-quota quota list --json` has written.
 * export const read = (rows: unknown) =>
 *   Effect.gen(function* () {
 *     const { metrics } = yield* Quota.Quota
 *     const decode = Schema.decodeUnknownEffect(Schema.Array(Quota.QuotaState))
 *     return yield* Effect.provideService(decode(rows), Metric.Metrics, metrics)
 *   })
 */
export const QuotaState = Row.schemaOf(
  Value,
  Schema.Struct({
    ...Row.printed,
    member: MemberId,
    name: Row.orNull(Schema.String, "What the provider calls the member."),
    person: Row.orNull(Schema.String, "Who this is, where people are mapped."),
    metric: Row.metric,
    kind: MetricKind,
    limit: Row.orNull(Quantity.Quantity, "How much the member may use: null if unlimited."),
    unlimited: Schema.Boolean.annotate({ description: "Whether the member may use any amount." }),
    used: Row.orNull(Quantity.Quantity, "What was used of a ceiling."),
    available: Row.orNull(Quantity.Quantity, "What is left; of a balance, negative where the member owes."),
    share: Row.orNull(
      Schema.Finite,
      "What part of a ceiling is used, as a number for people; 0 if unlimited. Null for a balance, and where something is used of nothing."
    ),
    observedAt: Row.time("When it was read.")
  }),
  {
    unchecked: ["share"],
    encode: (state) => {
      const { available = null, limit, member, metric, name = null, observedAt, person = null } = state
      const { amount, unlimited } = LimitFields.toFields(limit)
      const { used = null } = state
      return {
        member,
        name,
        person,
        metric: metric.id,
        kind: metric.kind,
        limit: amount,
        unlimited,
        used,
        available,
        share: finiteShare(state) ?? null,
        observedAt
      }
    },
    decode: Effect.fnUntraced(function* ({ available, limit, metric: id, name, person, used, ...row }) {
      const { member, observedAt, unlimited } = row
      const known = (yield* Metrics).find((one) => one.id === id)
      if (known === undefined) {
        return yield* Effect.fail(`metric: ${JSON.stringify(id)} is none of the metrics that were given`)
      }
      for (const [name, amount] of Object.entries({ limit, used, available })) {
        if (amount !== null && amount.unit !== known.unit) {
          return yield* Effect.fail(`${name}: the unit of ${id} is ${known.unit}`)
        }
      }
      const said = LimitFields.fromFields(limit, unlimited)
      if (said === undefined) return yield* Effect.fail("limit: give an amount, or null and unlimited: true")
      return {
        member,
        ...Row.present({ name, person }),
        metric: known,
        limit: said,
        ...Row.present({ used, available }),
        observedAt
      }
    })
  }
)
export interface QuotaState extends Schema.Schema.Type<typeof QuotaState> {}

/** Returns the used share of a ceiling: 0 if unlimited. Absent for a balance, where a share would mislead. */
export const share = (self: QuotaState): number | undefined => shareOf(self)

/** The share as rows have it: JSON has no number for something that is used of nothing. */
const finiteShare = (self: typeof Value.Type): number | undefined => {
  const known = shareOf(self)
  return Number.isFinite(known) ? known : undefined
}

function shareOf(self: typeof Value.Type): number | undefined {
  if (self.metric.kind === "balance" || self.used === undefined) return undefined
  return self.limit._tag === "Unlimited" ? 0 : Quantity.share(self.used, self.limit.quantity)
}

/** Returns the remaining part of a ceiling: absent if unlimited, zero if more is used than allowed. */
export const availableOf = (limit: Limit.Limit, used: Quantity.Quantity): Quantity.Quantity | undefined =>
  limit._tag === "Unlimited"
    ? undefined
    : Quantity.max(Quantity.subtract(limit.quantity, used), Quantity.zero(used.unit))
