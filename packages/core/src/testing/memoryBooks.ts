/** The billing of a reference provider, read from its books through the driver interface. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Order, RefundQuote } from "../model/Bills.ts"
import type { Driver, DriverFilter, DriverOrderFilter } from "../model/Driver.ts"
import type { Books } from "./memoryContract.ts"
import { addOrder, isMeant, noSums, totalsOf } from "../services/orders.ts"

type Reading = Required<
  Pick<
    Driver,
    | "listOrders"
    | "orderSums"
    | "listUnpaid"
    | "refundQuotes"
    | "memberRefundQuotes"
    | "listEntitlements"
    | "balance"
    | "listUsage"
    | "listCosts"
  >
>

/** `request` counts the requests. */
export const readBooks = (books: Books, request: Effect.Effect<void>): Reading => {
  const { balance, costs, entitlements, orders, usage } = books
  const listed = <Row>(rows: ReadonlyArray<Row>) => Stream.onStart(Stream.fromIterable(rows), request)
  const isOf =
    (member: string | undefined) =>
    (row: { readonly member?: string }): boolean =>
      member === undefined || row.member === member
  const meant = (filter: DriverOrderFilter): ReadonlyArray<Order> => orders.filter(isMeant(filter, filter))
  const within = ({ member, period }: DriverFilter) =>
    usage.filter(
      (row) =>
        isOf(member)(row) &&
        row.at !== undefined &&
        DateTime.isGreaterThanOrEqualTo(row.at, period.start) &&
        DateTime.isLessThan(row.at, period.end)
    )

  const quote = (resourceId: string): RefundQuote => {
    const order = orders.find((one) => one.resourceId === resourceId)
    if (order === undefined) return { resourceId, refundable: false, message: "there is no such resource" }
    return order.amount === undefined || order.status !== "done"
      ? { resourceId, refundable: false, message: "it was not paid" }
      : { resourceId, refundable: true, amount: order.amount }
  }

  return {
    listOrders: (filter) => listed(meant(filter)),
    orderSums: (filter) =>
      Effect.map(request, () => {
        const { amount, count, paid } = totalsOf(meant(filter).reduce(addOrder, noSums), undefined)
        return { amount, count, paid }
      }),
    listUnpaid: (member) => listed(orders.filter(({ status }) => status === "unpaid").filter(isOf(member))),
    refundQuotes: ({ resourceIds }) => Effect.as(request, resourceIds.map(quote)),
    memberRefundQuotes: (member) =>
      Effect.map(request, () => {
        const resources = orders.filter(isOf(member)).flatMap(({ resourceId }) => resourceId ?? [])
        return Array.from(new Set(resources)).map(quote)
      }),
    listEntitlements: listed(entitlements),
    balance: Effect.andThen(
      request,
      Effect.map(DateTime.now, (observedAt) => ({ ...balance, observedAt }))
    ),
    listUsage: (filter) => listed(within(filter)),
    listCosts: ({ member, month }) =>
      listed(costs.filter((cost) => cost.month === month).filter(isOf(member)))
  }
}
