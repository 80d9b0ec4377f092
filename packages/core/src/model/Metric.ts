/**
 * A limited quantity, as data: unit, steps and bounds.
 *
 * Metrics come from the provider's adapter, under neutral ids: a script asks a metric for its unit
 * and kind, and never for its cloud.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { inUnit } from "./units.ts"
import type * as Limit from "./Limit.ts"
import * as Quantity from "./Quantity.ts"
import * as Row from "./row.ts"

/** The neutral name of a metric, such as `allowance` or `video-minutes`. */
export type MetricId = string

/**
 * - `ceiling`: used up to a limit. A share of it makes sense.
 * - `balance`: granted and spent. The *available* amount makes sense; a share would mislead, since
 *   grants accumulate.
 */
export const MetricKind = Schema.Literals(["ceiling", "balance"]).annotate({
  description: "ceiling: used up to a limit. balance: granted and spent."
})
export type MetricKind = typeof MetricKind.Type

const Value = Schema.Struct({
  id: Schema.String,
  kind: MetricKind,
  unit: Schema.String,
  /** The smallest difference that the provider takes. Always positive. */
  step: Quantity.Quantity,
  /** The smallest finite limit. */
  minimum: Quantity.Quantity,
  /** The largest finite limit. */
  maximum: Quantity.Quantity,
  /** Whether a member may have no limit at all. */
  unlimited: Schema.Boolean,
  /** The name for people. */
  title: Schema.Struct({ en: Schema.String, zh: Schema.String })
})

/** One thing that is limited. A row names it `metric`, and has its titles beside each other. */
export const Metric = Row.schemaOf(
  Value,
  Schema.Struct({
    ...Row.printed,
    metric: Row.metric,
    kind: MetricKind,
    unit: Schema.String.annotate({ description: "CNY, minute, count; others are open." }),
    step: Quantity.Quantity,
    minimum: Quantity.Quantity,
    maximum: Quantity.Quantity,
    unlimited: Schema.Boolean.annotate({ description: "Whether a member may have no limit at all." }),
    title: Schema.String.annotate({ description: "What people call it." }),
    titleZh: Schema.String.annotate({ description: "The same in Chinese." })
  }),
  {
    encode: ({ id, title: { en, zh }, ...same }) => ({ metric: id, ...same, title: en, titleZh: zh }),
    decode: ({ account: _, metric, title, titleZh, ...same }) =>
      Effect.succeed({ id: metric, ...same, title: { en: title, zh: titleZh } })
  }
)
export interface Metric extends Schema.Schema.Type<typeof Metric> {}

/**
 * The metrics that rows name by their ids: those of `Quota.metrics`, of one account or several. Decoding a row of
 * a quota asks for them, since the row does not repeat their steps and bounds.
 */
export class Metrics extends Context.Service<Metrics, ReadonlyArray<Metric>>()(
  "@cloud-quota/core/Metric/Metrics"
) {}

/** Rounds up to the metric's step: a raise computed as a share lands on a limit that can be set. */
export const roundUp = (self: Metric, quantity: Quantity.Quantity): Quantity.Quantity =>
  Quantity.round(quantity, { step: self.step, mode: "up" })

/** Why this limit cannot be set, in words that name the remedy; or the limit itself. */
export const validate = (self: Metric, limit: Limit.Limit): Result.Result<Limit.Limit, string> => {
  if (limit._tag === "Unlimited") {
    return self.unlimited
      ? Result.succeed(limit)
      : Result.fail(`${self.id} cannot be unlimited: give a quantity of ${unitName(self)}`)
  }
  const { quantity } = limit
  return Result.flatMap(validateStep(self, quantity), () =>
    Quantity.isLessThan(quantity, self.minimum) || Quantity.isGreaterThan(quantity, self.maximum)
      ? Result.fail(
          `${quantity} is out of range for ${self.id}: it takes ${self.minimum} to ${self.maximum}${self.unlimited ? ", or unlimited" : ""}`
        )
      : Result.succeed(limit)
  )
}

/** Why this amount cannot be a difference or a target of the metric; or the amount itself. */
export const validateStep = (
  self: Metric,
  quantity: Quantity.Quantity
): Result.Result<Quantity.Quantity, string> => {
  if (quantity.unit !== self.unit) {
    const what = `${self.id} is counted in ${unitName(self)}, not in ${quantity.unit}`
    return Result.fail(`${what}: ${remedy(self, String(quantity))}`)
  }
  return Quantity.isMultipleOf(quantity, self.step)
    ? Result.succeed(quantity)
    : Result.fail(`${quantity} is finer than ${self.id} can be set: it goes in steps of ${self.step}`)
}

/**
 * Reads the text of a quantity for the metric. A text in other units, such as `500 fen` or `500元`, is refused
 * with the same amount in the metric's unit, if it is known exactly.
 */
export const parseQuantity = (
  self: Metric,
  input: Quantity.Input | number
): Result.Result<Quantity.Quantity, string> => {
  if (typeof input === "number") {
    const isWhole = Number.isSafeInteger(input)
    if (isWhole && self.unit === "count") return Result.succeed(Quantity.count(input))
    const meant = isWhole ? Quantity.make(self.unit, input) : self.step
    return Result.fail(`${input} has no unit: write the amount as text, as "${meant}"`)
  }
  return Result.mapError(Quantity.from(input), ({ message }) => {
    const meant = typeof input === "string" ? suggestion(self, input) : undefined
    return meant === undefined
      ? message
      : `${JSON.stringify(input)} is no quantity here: write it as "${meant}"`
  })
}

const remedy = (self: Metric, text: string): string => {
  const meant = suggestion(self, text)
  return meant === undefined ? `give an amount of ${unitName(self)}` : `write it as "${meant}"`
}

/** The same amount in the metric's unit, if it can be set. */
const suggestion = (self: Metric, text: string): Quantity.Quantity | undefined => {
  const meant = inUnit(text, self.unit)
  return meant !== undefined && Quantity.isMultipleOf(meant, self.step) ? meant : undefined
}

const unitName = (self: Metric): string => (self.unit === "minute" ? "minutes" : self.unit)
