/**
 * Which orders are meant, and what they come to (pure).
 */
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import type { Order, OrderFilter, OrderKind, OrderStatus, OrderSums, OrderTotals } from "../model/Bills.ts"
import type { DriverOrderFilter } from "../model/Driver.ts"
import * as Quantity from "../model/Quantity.ts"

const kinds: ReadonlyArray<OrderKind> = ["buy", "renew", "change", "refund", "usage", "other"]
const statuses: ReadonlyArray<OrderStatus> = ["unpaid", "processing", "done", "canceled", "other"]

/** The lists of a filter, checked. */
export type Lists = Pick<OrderFilter, "kinds" | "statuses" | "states" | "chargeTypes" | "resourceIds">

/** Understands the lists of a filter, or says which field is wrong and what would be right. */
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
      // An empty list might mean none or all, so it is neither.
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

/** Whether a provider can apply the lists itself: it knows its own words, and not ours. */
export const isProviderSide = ({ kinds, statuses }: Lists): boolean =>
  kinds === undefined && statuses === undefined

/**
 * Whether an order is meant. Applied to every row, also where the provider has filtered already: what it
 * makes of a filter, and of the last instant of a period, is not always documented.
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

/** Sums that grow order by order, so that no more than one of them is held. */
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

/** What the rows come to, beside what the provider says they do. */
export const totalsOf = (sums: Sums, told: OrderSums | undefined): OrderTotals => {
  const own: OrderSums = {
    count: sums.count,
    amount: Array.from(sums.amount.values()),
    paid: Array.from(sums.paid.values())
  }
  if (told === undefined) return { ...own, verdict: "not-told" }
  const agrees = own.count === told.count && isSame(own.amount, told.amount) && isSame(own.paid, told.paid)
  return { ...own, told, verdict: agrees ? "agrees" : "differs" }
}

/** Whether two lists of sums are the same in each currency: no sum is the same as a sum of nothing. */
const isSame = (
  some: ReadonlyArray<Quantity.Quantity>,
  others: ReadonlyArray<Quantity.Quantity>
): boolean => {
  const difference = [...some, ...others.map(Quantity.negate)].reduce(added, new Map())
  return Array.from(difference.values()).every(Quantity.isZero)
}
