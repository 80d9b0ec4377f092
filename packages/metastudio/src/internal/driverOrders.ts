/**
 * The orders of the whole account, from the billing service.
 */
import type { Order, OrderKind, OrderStatus } from "@cloud-quota/core/Billing"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/Decode"
import type { Driver } from "@cloud-quota/core/Driver"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as BssClient from "../BssClient.ts"
import type { CustomerOrder } from "../CustomerOrder.ts"
import { malformed } from "./errors.ts"
import { isWithin, parts, widened } from "./spans.ts"

/** A question may span a year at the most. */
const daysAtOnce = 360

const unpaid = 6

/** What a driver tells of orders. */
export const makeOrders = (bss: BssClient.Service): Required<Pick<Driver, "listOrders" | "listUnpaid">> => ({
  // One part of the period after the other, so that no more than a page is held.
  listOrders: ({ period, states }) =>
    Stream.fromIterable(parts(period, daysAtOnce)).pipe(
      Stream.flatMap((part) => {
        const { end, start } = widened(part)
        return bss
          .allCustomerOrders({
            createTimeBegin: start,
            createTimeEnd: end,
            orderBy: "createTime",
            ...onlyStatus(states)
          })
          .pipe(
            Stream.mapEffect(orderOf),
            Stream.filter(({ createdAt }) => isWithin(part)(createdAt))
          )
      })
    ),
  listUnpaid: () =>
    bss.allCustomerOrders({ status: unpaid, orderBy: "createTime" }).pipe(
      Stream.mapEffect(orderOf),
      Stream.filter(({ status }) => status === "unpaid")
    )
})

/** The billing service filters by one status. Core filters by any others. */
const onlyStatus = (states: ReadonlyArray<string> = []): { readonly status?: number } => {
  const [only, ...others] = states
  return only !== undefined && others.length === 0 && /^[1-9]?\d$/.test(only) ? { status: Number(only) } : {}
}

const kinds: Readonly<Record<number, OrderKind>> = { 1: "buy", 2: "renew", 3: "change", 4: "refund" }

const statuses: Readonly<Record<number, OrderStatus>> = {
  // To be approved, to be refunded, processing, to be confirmed; 10 to 13 are on the way.
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

const orderOf = (row: CustomerOrder): Effect.Effect<Order, CloudQuotaError> => {
  const { createTime, orderType, paymentTime, serviceTypeCode, serviceTypeName, status } = row
  if (createTime === undefined) {
    const message = `the listing is not what is documented: order ${row.orderId} has no create_time`
    return Effect.fail(malformed({ operation: "ListCustomerOrders", money: "not-moved", message }))
  }
  const kind = (orderType !== undefined && kinds[orderType]) || "other"
  const state = (status !== undefined && statuses[status]) || "other"
  // What an order would cost was not paid yet.
  const isPaid = paymentTime !== undefined || state === "done"
  return Effect.succeed({
    id: row.orderId,
    kind,
    status: state,
    createdAt: createTime,
    details: row.details,
    ...defined({
      type: orderType?.toString(),
      state: status?.toString(),
      amount: signed(kind, row.officialAmount),
      paid: isPaid ? signed(kind, row.amountAfterDiscount) : undefined,
      product: serviceTypeName ?? serviceTypeCode
    })
  })
}

/** What comes back is negative, whichever sign the vendor writes it with: that is not documented. */
const signed = (kind: OrderKind, amount: Quantity.Quantity | undefined): Quantity.Quantity | undefined =>
  kind === "refund" && amount !== undefined && Quantity.isPositive(amount) ? Quantity.negate(amount) : amount
