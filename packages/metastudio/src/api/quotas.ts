/**
 * The eight limits of a sub-account. `-1` on the wire is `Limit.unlimited`.
 *
 * **Gotchas**
 *
 * The flexus names differ: `modeling_count_2d_model_flexus` has the word at its end, and
 * `video_time_flexus_2d_model` in its middle.
 *
 * Source: UpdateUserQuotas, CreateUserQuotas, DeleteUserQuotas and ListUserQuotas on
 * support.huaweicloud.com.
 */
import * as Limit from "@cloud-quota/core/Limit"
import * as Metric from "@cloud-quota/core/Metric"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as BigDecimal from "effect/BigDecimal"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import { Segment, listing, operation, page, pageFields } from "./operation.ts"

const metric = (
  unit: "count" | "minute",
  maximum: number,
  id: Metric.MetricId,
  en: string,
  zh: string
): Metric.Metric => ({
  id,
  kind: "ceiling",
  unit,
  step: Quantity.make(unit, 1),
  minimum: Quantity.zero(unit),
  maximum: Quantity.make(unit, maximum),
  unlimited: true,
  title: { en, zh }
})

const models = 10_000_000
const minutes = 999_999_999
const voices = 10_000_000

/** The neutral metric of each limit, by the vendor's name, in the vendor's order. */
export const metrics = {
  modeling_count_2d_model: metric(
    "count",
    models,
    "avatar-models",
    "Avatar models",
    "分身数字人训练模型数量"
  ),
  modeling_count_2d_model_flexus: metric(
    "count",
    models,
    "avatar-models-flexus",
    "Avatar models (flexus)",
    "分身数字人flexus版训练模型数量"
  ),
  video_time_2d_model: metric(
    "minute",
    minutes,
    "video-minutes",
    "Video minutes",
    "分身数字人视频制作内容时间"
  ),
  video_time_flexus_2d_model: metric(
    "minute",
    minutes,
    "video-minutes-flexus",
    "Video minutes (flexus)",
    "分身数字人视频制作flexus版内容时间"
  ),
  voice_clone_basic: metric("count", voices, "voice-clones-basic", "Voice clones (basic)", "声音克隆基础版"),
  voice_clone_middle: metric(
    "count",
    voices,
    "voice-clones-middle",
    "Voice clones (middle)",
    "声音克隆进阶版"
  ),
  voice_clone_advance: metric(
    "count",
    voices,
    "voice-clones-advance",
    "Voice clones (advanced)",
    "声音克隆高级版"
  ),
  voice_clone_flexus: metric(
    "count",
    voices,
    "voice-clones-flexus",
    "Voice clones (flexus)",
    "声音克隆flexus版"
  )
} as const satisfies Readonly<Record<string, Metric.Metric>>

/** The vendor's name of a limit. */
export type LimitName = keyof typeof metrics

const isLimitName = (name: string): name is LimitName => Object.hasOwn(metrics, name)

/** The vendor's names of all limits, in the vendor's order. */
export const limitNames: ReadonlyArray<LimitName> = Object.keys(metrics).filter(isLimitName)

/** Returns the neutral metric of a limit, or `undefined` for any other name. */
export const metricOf = (name: string | null | undefined): Metric.Metric | undefined =>
  typeof name === "string" && isLimitName(name) ? metrics[name] : undefined

type Exact = number | bigint | BigDecimal.BigDecimal

/** A number without lost digits. Text is refused. */
const Exact = Lenient.declare(
  (wire): wire is Exact => Number.isFinite(wire) || typeof wire === "bigint" || BigDecimal.isBigDecimal(wire),
  "expected a number"
)

const refused = (message: string, value: unknown, options: SchemaAST.ParseOptions) =>
  Effect.fail(new SchemaIssue.InvalidValue({ message }, value, options))

/** Returns the amount on the wire, if it is in the documented range. */
const amountOf = (of: Metric.Metric) => {
  // Exact as a double: the maxima are whole numbers below 2^53.
  const maximum = BigDecimal.toNumberUnsafe(of.maximum.amount)
  return (wire: Exact): Quantity.Quantity | undefined => {
    if (typeof wire === "number" && !(wire >= 0 && wire <= maximum)) return undefined
    const amount = Lenient.quantityOf(of.unit, wire)
    const isOutside =
      typeof wire !== "number" && (Quantity.isNegative(amount) || Quantity.isGreaterThan(amount, of.maximum))
    return isOutside ? undefined : amount
  }
}

const isMinusOne = (wire: Exact): boolean =>
  typeof wire === "number" ? wire === -1 : Quantity.Order(Lenient.quantityOf("count", wire), minusOne) === 0

const minusOne = Quantity.count(-1)

const isWhole = (wire: Exact): boolean =>
  BigDecimal.isBigDecimal(wire)
    ? BigDecimal.isInteger(wire)
    : typeof wire === "bigint" || Number.isInteger(wire)

/** A limit on the wire: a whole number, -1 for unlimited. */
const limitOf = (of: Metric.Metric) => {
  const read = amountOf(of)
  return Exact.pipe(
    Schema.decodeTo(
      Lenient.declare(
        Limit.isLimit,
        `give Limit.unlimited, or Limit.finite with a quantity, as "${of.step}"`
      ),
      {
        decode: SchemaGetter.transformEffect<Limit.Limit, Exact>((wire, options) => {
          if (isMinusOne(wire)) return Effect.succeed(Limit.unlimited)
          const amount = read(wire)
          // Only minutes are documented as fractions.
          return amount !== undefined && (of.unit !== "count" || isWhole(wire))
            ? Effect.succeed(Limit.finite(amount))
            : refused("expected a limit in its documented range", wire, options)
        }),
        encode: SchemaGetter.transformEffect<Exact, Limit.Limit>((limit, options) => {
          const valid = Metric.validate(of, limit)
          if (Result.isFailure(valid)) return refused(valid.failure, limit, options)
          // Exact as a double: the metric allows only whole numbers below 2^53.
          return Effect.succeed(
            limit._tag === "Unlimited" ? -1 : BigDecimal.toNumberUnsafe(limit.quantity.amount)
          )
        })
      }
    )
  )
}

/** A used amount on the wire. */
const usedOf = (of: Metric.Metric) => {
  const read = amountOf(of)
  return Exact.pipe(
    Schema.decodeTo(Lenient.Amount, {
      decode: SchemaGetter.transformEffect<Quantity.Quantity, Exact>((wire, options) => {
        const amount = read(wire)
        return amount === undefined
          ? refused("expected an amount in its documented range", wire, options)
          : Effect.succeed(amount)
      }),
      encode: SchemaGetter.transform<Exact, Quantity.Quantity>(({ amount }) => amount)
    })
  )
}

const each = <A>(make: (of: Metric.Metric) => A): { readonly [K in LimitName]: A } => ({
  modeling_count_2d_model: make(metrics.modeling_count_2d_model),
  modeling_count_2d_model_flexus: make(metrics.modeling_count_2d_model_flexus),
  video_time_2d_model: make(metrics.video_time_2d_model),
  video_time_flexus_2d_model: make(metrics.video_time_flexus_2d_model),
  voice_clone_basic: make(metrics.voice_clone_basic),
  voice_clone_middle: make(metrics.voice_clone_middle),
  voice_clone_advance: make(metrics.voice_clone_advance),
  voice_clone_flexus: make(metrics.voice_clone_flexus)
})

/** One sub-account with quotas. An absent or `null` limit is unreported. */
export const Asset = Schema.Struct({
  user_id: Schema.NonEmptyString,
  quota: Lenient.nullish(Schema.Struct(each((of) => Lenient.nullish(limitOf(of))))),
  /** Minutes may be fractional. */
  usage: Lenient.nullish(Schema.Struct(each((of) => Lenient.nullish(usedOf(of)))))
})
export interface Asset extends Schema.Schema.Type<typeof Asset> {}

/** The limits of a request: at least one, by the vendor's names. */
const Quota = Schema.Struct(each((of) => Schema.optionalKey(limitOf(of)))).pipe(
  Schema.check(
    Schema.makeFilter((quota) => Object.keys(quota).length > 0 || "is empty: give at least one limit")
  )
)

/** An empty list may be written as `null`. With a positive count, `null` means that the list is missing. */
const Listed = Schema.Struct({
  count: Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0))),
  assets: Schema.NullOr(Schema.Array(Schema.Unknown))
}).pipe(
  Schema.check(
    Schema.makeFilter(
      ({ assets, count }) => assets !== null || count === 0 || { path: ["assets"], issue: "is missing" }
    )
  )
)

/** The answer to a write is empty, or an object without documented fields. */
const Written = Schema.Struct({})

const largestPage = 100

export const quotaOperations = {
  /**
   * Sets limits of a sub-account.
   *
   * **Gotchas**
   *
   * The effect on absent limits is undocumented: give all limits of the user. There is no version or expected
   * value, so the later of two writers wins.
   */
  updateUserQuotas: operation({
    name: "UpdateUserQuotas",
    safety: "idempotent-write",
    method: "PUT",
    path: "/v1/{project_id}/user/quotas/{user_id}",
    scope: "project",
    request: Schema.Struct({ user_id: Segment, quota: Quota }),
    answer: Written,
    doc: "Sets limits of a sub-account.",
    source: "UpdateUserQuotas"
  }),
  /** One page of the sub-accounts that have quotas. */
  listUserQuotas: listing({
    name: "ListUserQuotas",
    safety: "read",
    method: "GET",
    path: "/v1/{project_id}/user/quotas",
    scope: "project",
    request: Schema.Struct({
      ...pageFields(largestPage),
      /** One sub-account only. */
      user_id: Schema.optionalKey(Segment)
    }),
    answer: Listed,
    rows: { field: "assets", row: Asset },
    page: page({
      rows: "assets",
      largest: largestPage,
      total: "count",
      key: ({ user_id }: Asset) => user_id
    }),
    doc: "One page of the sub-accounts that have quotas.",
    source: "ListUserQuotas"
  }),
  /** Gives a sub-account its first limits. Not sent again if its outcome is unknown. */
  createUserQuotas: operation({
    name: "CreateUserQuotas",
    safety: "create",
    method: "POST",
    path: "/v1/{project_id}/user/quotas",
    scope: "project",
    request: Schema.Struct({ user_id: Segment, quota: Quota }),
    answer: Written,
    doc: "Gives a sub-account its first limits.",
    source: "CreateUserQuotas"
  }),
  /** Removes the limits of a sub-account. Fails with `NotFound`. */
  deleteUserQuotas: operation({
    name: "DeleteUserQuotas",
    safety: "idempotent-write",
    method: "DELETE",
    path: "/v1/{project_id}/user/quotas/{user_id}",
    scope: "project",
    request: Schema.Struct({ user_id: Segment }),
    answer: Written,
    doc: "Removes the limits of a sub-account.",
    source: "DeleteUserQuotas"
  })
}
