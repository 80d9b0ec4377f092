/**
 * The orders of the whole account, from the billing service.
 */
import type { Order, OrderKind, OrderStatus } from "@cloud-quota/core/Billing"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import * as Quantity from "@cloud-quota/core/Quantity"
import type * as Pages from "@cloud-quota/core/adapter/Pages"
import * as Rows from "@cloud-quota/core/adapter/Rows"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { bssOperations } from "../api/bss.ts"
import type * as BssClient from "../api/BssClient.ts"
import { malformed } from "../api/errors.ts"
import { known } from "../api/known.ts"
import { amountOf } from "./money.ts"
import { isWithin, parts, widened } from "./spans.ts"

/** Upper bound on the days of one request. The vendor allows a year. */
const daysAtOnce = 360

const unpaid = 6

/** The orders of a driver. */
export const makeOrders = (bss: BssClient.Service): Required<Pick<Driver, "listOrders" | "listUnpaid">> => ({
  // One part of the period after the other, so that at most one page is held in memory.
  listOrders: ({ period, states }) =>
    Stream.fromIterable(parts(period, daysAtOnce)).pipe(
      Stream.flatMap((part) => {
        const { end, start } = widened(part)
        return bss.stream
          .listCustomerOrders({
            create_time_begin: start,
            create_time_end: end,
            order_by: "createTime",
            ...onlyStatus(states)
          })
          .pipe(
            ordersOf,
            Stream.filter(({ createdAt }) => isWithin(part)(createdAt))
          )
      })
    ),
  listUnpaid: () =>
    bss.stream.listCustomerOrders({ status: unpaid, order_by: "createTime" }).pipe(
      ordersOf,
      Stream.filter(({ status }) => status === "unpaid")
    )
})

/** The billing service filters by one status. Core applies any other filter. */
const onlyStatus = (states: ReadonlyArray<string> = []): { readonly status?: number } => {
  const [only, ...others] = states
  return only !== undefined && others.length === 0 && /^[1-9]?\d$/.test(only) ? { status: Number(only) } : {}
}

const kinds: Readonly<Record<number, OrderKind>> = { 1: "buy", 2: "renew", 3: "change", 4: "refund" }

const statuses: Readonly<Record<number, OrderStatus>> = {
  // Awaiting approval or refund, processing, awaiting confirmation; 10 to 13 are in delivery.
  1: "processing",
  2: "processing",
  3: "processing",
  9: "processing",
  10: "processing",
  11: "processing",
  12: "processing",
  13: "processing",
  4: "canceled",
  5: "done",
  [unpaid]: "unpaid"
}

const ordersOf = (rows: Stream.Stream<OrderRow, CloudQuotaError>): Stream.Stream<Order, CloudQuotaError> =>
  Rows.flatMap(rows, (row) => Effect.mapEager(orderOf(row), (order) => [order]))

type OrderRow = Pages.Row<typeof bssOperations.listCustomerOrders>

const orderOf = (row: OrderRow): Effect.Effect<Order, CloudQuotaError> => {
  const { order_id: id, order_type: type, raw, status: state } = row
  const createdAt = known(row.create_time)
  if (createdAt === undefined) {
    const message = `the listing is not what is documented: order ${id} has no create_time`
    return Effect.fail(malformed({ operation: "ListCustomerOrders", money: "not-moved", message }))
  }
  const kind = kinds[type ?? 0] ?? "other"
  const status = statuses[state ?? 0] ?? "other"
  // The price of an unpaid order was not paid.
  const isPaid = known(row.payment_time) !== undefined || status === "done"
  return Effect.succeed({
    id,
    kind,
    status,
    createdAt,
    details: raw,
    ...defined({
      type: type?.toString(),
      state: state?.toString(),
      amount: signed(kind, amountOf(row.official_amount, row)),
      paid: isPaid ? signed(kind, amountOf(row.amount_after_discount, row)) : undefined,
      product: known(row.service_type_name) ?? known(row.service_type_code)
    })
  })
}

/** Refunds are negative, whatever sign the vendor writes, which is not documented. */
const signed = (kind: OrderKind, amount: Quantity.Quantity | undefined): Quantity.Quantity | undefined =>
  kind === "refund" && amount !== undefined && Quantity.isPositive(amount) ? Quantity.negate(amount) : amount
