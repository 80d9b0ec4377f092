/** Filters and sums orders. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Order, OrderFilter, OrderKind, OrderStatus, OrderSums, OrderTotals } from "../model/Bills.ts"
import type { DriverOrderFilter } from "../model/Driver.ts"
import * as Quantity from "../model/Quantity.ts"

const kinds: ReadonlyArray<OrderKind> = ["buy", "renew", "change", "refund", "usage", "other"]
const statuses: ReadonlyArray<OrderStatus> = ["unpaid", "processing", "done", "canceled", "other"]

/** The decoded lists of a filter. */
export type Lists = Pick<OrderFilter, "kinds" | "statuses" | "states" | "chargeTypes" | "resourceIds">

/** Decodes the lists of a filter. An error names the invalid field and its valid values. */
export const decodeLists = (
  filter: Lists
): Result.Result<Lists, { readonly field: string; readonly message: string }> => {
  const { chargeTypes, kinds: ofKinds, resourceIds, states, statuses: ofStatuses } = filter
  const lists = { chargeTypes, kinds: ofKinds, resourceIds, states, statuses: ofStatuses }
  const known: Readonly<Record<string, ReadonlyArray<string>>> = { kinds, statuses }
  for (const [field, list] of Object.entries(lists)) {
    if (list === undefined) continue
    if (
      !Array.isArray(list) ||
      list.length === 0 ||
      list.some((word) => typeof word !== "string" || word === "")
    ) {
      // An empty list might mean none or all, so it is refused.
      return Result.fail({ field, message: "give a list of one or more words, or leave it out for all" })
    }
    const words = known[field]
    const strange = list.find((word) => words !== undefined && !words.includes(word))
    if (words !== undefined && strange !== undefined) {
      return Result.fail({ field, message: `${JSON.stringify(strange)} is none of ${words.join(", ")}` })
    }
  }
  return Result.succeed(Object.fromEntries(Object.entries(lists).filter(([, list]) => list !== undefined)))
}

/** Whether a provider can apply the lists itself. It knows its own words, but not ours. */
export const isProviderSide = ({ kinds, statuses }: Lists): boolean =>
  kinds === undefined && statuses === undefined

/**
 * Returns a predicate for the orders that match a filter. It is applied to every row, even if the provider
 * has filtered already: its treatment of a filter, and of the last instant of a period, is not always
 * documented.
 */
export const isMeant = ({ member, period }: DriverOrderFilter, lists: Lists) => {
  const start = DateTime.toEpochMillis(period.start)
  const end = DateTime.toEpochMillis(period.end)
  const within = (list: ReadonlyArray<string> | undefined, word: string | undefined): boolean =>
    list === undefined || (word !== undefined && list.includes(word))
  return (order: Order): boolean => {
    const at = DateTime.toEpochMillis(order.createdAt)
    return (
      (member === undefined || order.member === member) &&
      at >= start &&
      at < end &&
      within(lists.kinds, order.kind) &&
      within(lists.statuses, order.status) &&
      within(lists.states, order.state) &&
      within(lists.chargeTypes, order.chargeType) &&
      within(lists.resourceIds, order.resourceId)
    )
  }
}

/** Sums that grow order by order, so that no more than one order is held in memory. */
export interface Sums {
  readonly count: number
  readonly amount: ReadonlyMap<Quantity.Unit, Quantity.Quantity>
  readonly paid: ReadonlyMap<Quantity.Unit, Quantity.Quantity>
}

export const noSums: Sums = { count: 0, amount: new Map(), paid: new Map() }

export const addOrder = (sums: Sums, { amount, paid }: Order): Sums => ({
  count: sums.count + 1,
  amount: added(sums.amount, amount),
  paid: added(sums.paid, paid)
})

const added = (sums: Sums["amount"], quantity: Quantity.Quantity | undefined): Sums["amount"] => {
  if (quantity === undefined) return sums
  const before = sums.get(quantity.unit)
  return new Map(sums).set(quantity.unit, before === undefined ? quantity : Quantity.sum(before, quantity))
}

/** The sums of the orders with one key. */
export interface OrderGroup<Row> extends OrderSums {
  readonly key: string
  /** The first of the orders. */
  readonly first: Row
}

/**
 * Sums orders by a key, one group after the other as their first orders come. No more than one order of each group is
 * held in memory.
 *
 * @example
 * import { Accounts, Billing, Period } from "@cloud-quota/core"
 * import { Effect, Stream } from "effect"
 *
 * // The month of each person, over all clouds.
 * export const program = Effect.gen(function* () {
 *   const { all } = yield* Accounts.Accounts
 *   const period = Period.lastMonth({ zone: "Asia/Shanghai" })
 *   const orders = Stream.flatMap(Stream.fromIterable(all), ({ billing }) => billing.orders({ period }))
 *   return yield* Billing.sumBy(orders, ({ member = "", person = member }) => person)
 * })
 */
export const sumBy = <Row extends Order, E, R>(
  orders: Stream.Stream<Row, E, R>,
  keyOf: (order: Row) => string
): Effect.Effect<ReadonlyArray<OrderGroup<Row>>, E, R> =>
  Effect.gen(function* () {
    const groups = new Map<string, { readonly first: Row; readonly sums: Sums }>()
    yield* Stream.runForEachArray(orders, (rows) =>
      Effect.sync(() => {
        for (const row of rows) {
          const key = keyOf(row)
          const { first, sums } = groups.get(key) ?? { first: row, sums: noSums }
          groups.set(key, { first, sums: addOrder(sums, row) })
        }
      })
    )
    return Array.from(groups, ([key, { first, sums }]) => ({
      key,
      first,
      count: sums.count,
      amount: Array.from(sums.amount.values()),
      paid: Array.from(sums.paid.values())
    }))
  })

/** Returns the totals of the rows, compared with those that the provider reports. */
export const totalsOf = (sums: Sums, reported: OrderSums | undefined): OrderTotals => {
  const own: OrderSums = {
    count: sums.count,
    amount: Array.from(sums.amount.values()),
    paid: Array.from(sums.paid.values())
  }
  if (reported === undefined) return { ...own, verdict: "not-told" }
  const agrees =
    own.count === reported.count && isSame(own.amount, reported.amount) && isSame(own.paid, reported.paid)
  return { ...own, told: reported, verdict: agrees ? "agrees" : "differs" }
}

/** Whether two lists of sums are equal in each currency. A missing sum equals a sum of zero. */
const isSame = (
  some: ReadonlyArray<Quantity.Quantity>,
  others: ReadonlyArray<Quantity.Quantity>
): boolean => {
  const difference = [...some, ...others.map(Quantity.negate)].reduce(added, new Map())
  return Array.from(difference.values()).every(Quantity.isZero)
}
