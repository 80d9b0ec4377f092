/**
 * The eight limits of a sub-account: their names on the wire, their neutral metrics, and the codec
 * between. `-1` means unlimited, and exists only on the wire.
 *
 * **Gotchas**
 *
 * The flexus names differ: `modeling_count_2d_model_flexus` ends in it, and
 * `video_time_flexus_2d_model` has it in the middle.
 *
 * Source: UpdateUserQuotas and ListUserQuotas on support.huaweicloud.com.
 */
import * as Limit from "@cloud-quota/core/Limit"
import * as Metric from "@cloud-quota/core/Metric"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"

/** The vendor's name of a limit. */
export type FieldName =
  | "modeling_count_2d_model"
  | "modeling_count_2d_model_flexus"
  | "video_time_2d_model"
  | "video_time_flexus_2d_model"
  | "voice_clone_basic"
  | "voice_clone_middle"
  | "voice_clone_advance"
  | "voice_clone_flexus"

/** One limit: the vendor's name and the neutral metric. */
export interface Field {
  readonly name: FieldName
  readonly metric: Metric.Metric
}

/** Limits by the vendor's names. Those that the vendor does not report are absent, which may be all of them. */
export type Limits = Readonly<Partial<Record<FieldName, Limit.Limit>>>

/** What was used, by the vendor's names. Minutes may be fractional. */
export type Usage = Readonly<Partial<Record<FieldName, Quantity.Quantity>>>

/** One sub-account, as the vendor lists it. */
export interface UserQuota {
  readonly userId: string
  readonly limits: Limits
  readonly usage: Usage
  /** The row as it came, with fields that this library does not know. */
  readonly raw: Readonly<Record<string, unknown>>
}

const field = (
  name: FieldName,
  unit: "count" | "minute",
  maximum: number,
  id: Metric.MetricId,
  en: string,
  zh: string
): Field => ({
  name,
  metric: {
    id,
    kind: "ceiling",
    unit,
    step: Quantity.make(unit, 1),
    minimum: Quantity.zero(unit),
    maximum: Quantity.make(unit, maximum),
    unlimited: true,
    title: { en, zh }
  }
})

const models = 10_000_000
const minutes = 999_999_999
const voices = 10_000_000

/** All limits, in the vendor's order. */
export const fields: ReadonlyArray<Field> = [
  field(
    "modeling_count_2d_model",
    "count",
    models,
    "avatar-models",
    "Avatar models",
    "分身数字人训练模型数量"
  ),
  field(
    "modeling_count_2d_model_flexus",
    "count",
    models,
    "avatar-models-flexus",
    "Avatar models (flexus)",
    "分身数字人flexus版训练模型数量"
  ),
  field(
    "video_time_2d_model",
    "minute",
    minutes,
    "video-minutes",
    "Video minutes",
    "分身数字人视频制作内容时间"
  ),
  field(
    "video_time_flexus_2d_model",
    "minute",
    minutes,
    "video-minutes-flexus",
    "Video minutes (flexus)",
    "分身数字人视频制作flexus版内容时间"
  ),
  field("voice_clone_basic", "count", voices, "voice-clones-basic", "Voice clones (basic)", "声音克隆基础版"),
  field(
    "voice_clone_middle",
    "count",
    voices,
    "voice-clones-middle",
    "Voice clones (middle)",
    "声音克隆进阶版"
  ),
  field(
    "voice_clone_advance",
    "count",
    voices,
    "voice-clones-advance",
    "Voice clones (advanced)",
    "声音克隆高级版"
  ),
  field(
    "voice_clone_flexus",
    "count",
    voices,
    "voice-clones-flexus",
    "Voice clones (flexus)",
    "声音克隆flexus版"
  )
]

/** The limits for the wire: whole numbers, -1 for unlimited; or in words what cannot be written. */
export const encode = (limits: Limits): Result.Result<Readonly<Record<string, number>>, string> => {
  if (!isRecord(limits)) return Result.fail("is missing: give limits by the vendor's names")
  const strange = Object.keys(limits).find((name) => !fields.some((field) => field.name === name))
  if (strange !== undefined) {
    const names = fields.map(({ name }) => name).join(", ")
    return Result.fail(`${JSON.stringify(strange)} is not a limit of MetaStudio: the limits are ${names}`)
  }
  const wire: Record<string, number> = {}
  for (const { name, metric } of fields) {
    const limit = limits[name]
    if (limit === undefined) continue
    if (!isLimit(limit)) {
      return Result.fail(
        `${name}: give Limit.unlimited, or Limit.finite with a quantity, as "${metric.step}"`
      )
    }
    const valid = Metric.validate(metric, limit)
    if (Result.isFailure(valid)) return Result.fail(`${name}: ${valid.failure}`)
    // Safe as a number: the metric allows whole numbers below 2^53 only.
    wire[name] = Limit.match(limit, {
      Unlimited: () => -1,
      Finite: ({ amount }) => BigDecimal.toNumberUnsafe(amount)
    })
  }
  return Result.succeed(wire)
}

/** Whether it is a limit, which a caller without types may not know. */
const isLimit = (value: unknown): value is Limit.Limit =>
  isRecord(value) &&
  (value["_tag"] === "Unlimited" || (value["_tag"] === "Finite" && Quantity.isQuantity(value["quantity"])))

/** Reads one row of a listing, or says in words what is wrong with it. */
export const decode = (row: unknown): Result.Result<UserQuota, string> => {
  if (!isRecord(row)) return Result.fail("a row of the listing is not an object")
  const { user_id: userId, quota, usage } = row
  if (typeof userId !== "string" || userId === "") return Result.fail("user_id is not a text")
  return Result.all([decodeFields("quota", quota, limitOf), decodeFields("usage", usage, amountOf)]).pipe(
    Result.map(([limits, used]) => ({ userId, limits, usage: used, raw: row }))
  )
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !BigDecimal.isBigDecimal(value)

const decodeFields = <A>(
  group: string,
  wire: unknown,
  decodeValue: (metric: Metric.Metric, value: unknown) => A | undefined
): Result.Result<Readonly<Partial<Record<FieldName, A>>>, string> => {
  // Absent limits are those of one sub-account: they must not fail the rows of the others.
  if (wire === undefined || wire === null) return Result.succeed({})
  if (!isRecord(wire)) return Result.fail(`${group} is not an object`)
  const decoded: Partial<Record<FieldName, A>> = {}
  for (const { name, metric } of fields) {
    const value = wire[name]
    if (value === undefined || value === null) continue
    const known = decodeValue(metric, value)
    if (known === undefined) return Result.fail(`${group}.${name} is not a number in its documented range`)
    decoded[name] = known
  }
  return Result.succeed(decoded)
}

const unlimited = BigDecimal.fromBigInt(-1n)

const limitOf = (metric: Metric.Metric, value: unknown): Limit.Limit | undefined => {
  const exact = decimalOf(value)
  if (exact !== undefined && BigDecimal.equals(exact, unlimited)) return Limit.unlimited
  const amount = amountOf(metric, value)
  // Only minutes are documented as fractions.
  if (amount === undefined || (metric.unit === "count" && !BigDecimal.isInteger(amount.amount)))
    return undefined
  return Limit.finite(amount)
}

const amountOf = (metric: Metric.Metric, value: unknown): Quantity.Quantity | undefined => {
  const exact = decimalOf(value)
  if (exact === undefined) return undefined
  const amount = Quantity.make(metric.unit, exact)
  return Quantity.isNegative(amount) || Quantity.isGreaterThan(amount, metric.maximum) ? undefined : amount
}

/** The exact value of a number as `Json.parse` gives it. */
const decimalOf = (value: unknown): BigDecimal.BigDecimal | undefined => {
  if (typeof value === "bigint") return BigDecimal.fromBigInt(value)
  if (typeof value === "number")
    return Number.isFinite(value) ? BigDecimal.fromNumberUnsafe(value) : undefined
  return BigDecimal.isBigDecimal(value) ? value : undefined
}
