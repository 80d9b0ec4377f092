/** Filters and sorts listings of quotas. */
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { MemberRef, MemberStatus } from "../model/MemberInfo.ts"
import type { Metric, MetricId } from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"
import { type QuotaState, share } from "../model/QuotaState.ts"

/** The fields that a listing can be sorted by. */
export const sortKeys = ["available", "share", "used", "limit", "member", "name", "metric"] as const
export type SortKey = (typeof sortKeys)[number]

/**
 * Which quotas a listing gives, and in which order. A row has to match every field; of `above` and `below`, one is
 * sufficient.
 */
export interface QuotaFilter {
  readonly metric?: MetricId
  readonly member?: MemberRef | ReadonlyArray<MemberRef>
  /** The status of the member, as `active`. */
  readonly status?: MemberStatus["_tag"]
  /** Ceilings with more than this share used, as `80%`. Unlimited ones never match. */
  readonly above?: string
  /** Balances with less than this available, as `100 CNY`. */
  readonly below?: Quantity.Input
  /**
   * The lowest amount or the first name first; of `share`, the highest. Amounts of different units are kept apart, and
   * rows without the field come last.
   */
  readonly sort?: SortKey
  /** Upper bound on rows, after sorting. */
  readonly limit?: number
}

/** Why a field of a filter is invalid. */
export interface Problem {
  readonly field: keyof QuotaFilter
  readonly message: string
}

/** Decodes the thresholds of a filter: returns whether a row matches one of them. Without any, every row does. */
export const thresholds = (
  { above, below }: QuotaFilter,
  metrics: ReadonlyArray<Metric>
): Result.Result<(state: QuotaState) => boolean, Problem> => {
  const percent = above === undefined ? undefined : percentOf(above)
  if (above !== undefined && percent === undefined) {
    return Result.fail({ field: "above", message: "give a percentage, as 80%" })
  }
  const least = below === undefined ? undefined : Quantity.from(below)
  if (least !== undefined && Result.isFailure(least)) {
    return Result.fail({ field: "below", message: least.failure.message })
  }
  const floor = least?.success
  const units = metrics.filter(({ kind }) => kind === "balance").map(({ unit }) => unit)
  if (floor !== undefined && units.length > 0 && !units.includes(floor.unit)) {
    return Result.fail({ field: "below", message: `the balances here are in ${units.join(", ")}` })
  }
  if (percent === undefined && floor === undefined) return Result.succeed(() => true)
  return Result.succeed(
    ({ available, limit, metric, used }) =>
      (percent !== undefined &&
        metric.kind === "ceiling" &&
        used !== undefined &&
        limit._tag === "Finite" &&
        Quantity.isGreaterThan(Quantity.multiply(used, 100), Quantity.multiply(limit.quantity, percent))) ||
      (metric.kind === "balance" &&
        available !== undefined &&
        floor?.unit === available.unit &&
        Quantity.isLessThan(available, floor))
  )
}

/** Returns the number of a percentage, as decimal text. */
const percentOf = (text: string): string | undefined =>
  typeof text === "string" ? /^(\d{1,6}(?:\.\d{1,6})?)\s*%$/.exec(text.trim())?.[1] : undefined

/** Returns why a sort key or a limit is invalid. */
export const arrangementProblem = ({ limit, sort }: QuotaFilter): Problem | undefined => {
  if (sort !== undefined && !sortKeys.includes(sort)) {
    return { field: "sort", message: `give one of ${sortKeys.join(", ")}` }
  }
  return limit === undefined || (Number.isSafeInteger(limit) && limit > 0)
    ? undefined
    : { field: "limit", message: "give a positive whole number" }
}

const amountOf = (state: QuotaState, key: "available" | "used" | "limit"): Quantity.Quantity | undefined =>
  key === "limit" ? (state.limit._tag === "Finite" ? state.limit.quantity : undefined) : state[key]

const absentLast = <A>(order: Order.Order<A>): Order.Order<A | undefined> =>
  Order.make((a, b) => (a === undefined ? (b === undefined ? 0 : 1) : b === undefined ? -1 : order(a, b)))

const byUnitAndAmount: Order.Order<Quantity.Quantity> = Order.combine(
  Order.mapInput(Order.String, ({ unit }: Quantity.Quantity) => unit),
  Order.make((a, b) => (a.unit === b.unit ? Quantity.Order(a, b) : 0))
)

const text = absentLast<string>(Order.String)

const orders: Readonly<Record<SortKey, Order.Order<QuotaState>>> = {
  available: Order.mapInput(absentLast(byUnitAndAmount), (state) => amountOf(state, "available")),
  used: Order.mapInput(absentLast(byUnitAndAmount), (state) => amountOf(state, "used")),
  limit: Order.mapInput(absentLast(byUnitAndAmount), (state) => amountOf(state, "limit")),
  share: Order.mapInput(absentLast(Order.flip(Order.Number)), share),
  member: Order.mapInput(text, ({ member }) => member),
  name: Order.mapInput(text, ({ name, person }) => person ?? name),
  metric: Order.mapInput(text, ({ metric }) => metric.id)
}

/** Sorts all rows. Those before a failure are delivered too, and the failure comes last. */
const sortedBy = <Row, E, R>(
  rows: Stream.Stream<Row, E, R>,
  order: Order.Order<Row>
): Stream.Stream<Row, E, R> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const all: Array<Row> = []
      const read = yield* Effect.result(
        Stream.runForEachArray(rows, (some) => Effect.sync(() => void all.push(...some)))
      )
      return Stream.concat(
        Stream.fromIterable(all.sort(order)),
        Result.isSuccess(read) ? Stream.empty : Stream.fail(read.failure)
      )
    })
  )

/**
 * Sorts the rows of one or of several listings, and ends after the limit. Sorting keeps all rows in memory.
 *
 * @example
 * import { Accounts, Quota } from "@cloud-quota/core"
 * import { Effect, Stream } from "effect"
 *
 * // The ten lowest balances of all accounts.
 * export const program = Effect.gen(function* () {
 *   const { all } = yield* Accounts.Accounts
 *   const rows = Stream.flatMap(Stream.fromIterable(all), ({ quotas }) => quotas.list())
 *   return yield* Stream.runCollect(Quota.arrange(rows, { sort: "available", limit: 10 }))
 * })
 */
export const arrange = <Row extends QuotaState, E, R>(
  rows: Stream.Stream<Row, E, R>,
  { limit = Number.POSITIVE_INFINITY, sort }: Pick<QuotaFilter, "limit" | "sort">
): Stream.Stream<Row, E, R> => {
  const sorted = sort === undefined ? rows : sortedBy(rows, orders[sort])
  return Number.isFinite(limit) ? Stream.take(sorted, limit) : sorted
}
