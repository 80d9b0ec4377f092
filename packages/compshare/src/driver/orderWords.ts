/** Translates CompShare's words about orders into neutral ones. Only documented words are translated. */
import * as Result from "effect/Result"
import type { Order, OrderKind, OrderStatus } from "@cloud-quota/core/Billing"
import type { MemberId } from "@cloud-quota/core/Member"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import * as Quantity from "@cloud-quota/core/Quantity"
import type { Order as TeamOrder, UnpaidOrder } from "../api/order.ts"
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"

/**
 * `Buy` is on CompShare's page; the others are those of UCloud's billing service (ListUBillDetail), which
 * also has OT_SUSPEND (settled) and OT_RECOVER (taken back after a deletion).
 */
const kinds: Readonly<Record<string, OrderKind>> = {
  Buy: "buy",
  OT_BUY: "buy",
  OT_RENEW: "renew",
  OT_UPGRADE: "change",
  OT_DOWNGRADE: "change",
  OT_ADDITIONAL: "change",
  OT_REFUND: "refund",
  OT_POSTPAID_PAYMENT: "usage",
  OT_POSTPAID_RENEW: "usage"
}

/** `Paid` and `Unpaid` are on CompShare's page, OS_FINISHED is in the example of UCloud's API page. */
const statuses: Readonly<Record<string, OrderStatus>> = {
  Paid: "done",
  OS_FINISHED: "done",
  Unpaid: "unpaid"
}

const meaningOf = <A>(words: Readonly<Record<string, A>>, word: string | null | undefined, otherwise: A): A =>
  (typeof word === "string" && Object.hasOwn(words, word) ? words[word] : undefined) ?? otherwise

/**
 * Converts an order of either listing. Presence in the listing of unpaid orders outranks the order's own
 * state.
 */
export const neutralOrder = (
  member: MemberId,
  order: (TeamOrder | UnpaidOrder) & { readonly raw: Operation.Fields },
  status: OrderStatus = meaningOf(statuses, order.OrderState, "other")
): Order => ({
  id: order.OrderNo,
  member,
  kind: meaningOf(kinds, order.OrderType, "other"),
  status,
  createdAt: DateTime.makeUnsafe(order.CreateTime * 1000),
  details: order.raw,
  ...defined({
    type: order.OrderType ?? undefined,
    state: order.OrderState ?? undefined,
    chargeType: order.ChargeType ?? undefined,
    // A number of an unknown unit is not converted.
    amount: Quantity.isQuantity(order.Amount) ? order.Amount : undefined,
    paid: "AmountReal" in order ? (order.AmountReal ?? undefined) : undefined,
    // An order without a resource has an empty id.
    resourceId: order.ResourceId || undefined,
    product: productOf(order.raw)
  })
})

/** The shape of details is not documented. */
const readDetails = Operation.reader(
  Schema.Struct({ OrderDetail: Schema.Array(Schema.Struct({ ProductName: Lenient.Text })) })
)

/** Returns the product of an order, if all its details name the same one. */
const productOf = (row: Operation.Fields): string | undefined => {
  const details = Result.getOrUndefined(readDetails(row))?.OrderDetail ?? []
  const names = new Set(details.map(({ ProductName }) => ProductName))
  const [first] = names
  return names.size === 1 && first !== "" ? first : undefined
}
