/**
 * The rows of CompShare's answers about orders. Every row keeps what came besides, as `details`.
 */
import type * as Quantity from "@cloud-quota/core/Quantity"
import * as Result from "effect/Result"
import type { AccountBalance } from "../AccountBalance.ts"
import type {
  MemberProductTypes,
  TeamMemberOrder,
  TeamMemberOrderCount,
  TeamMemberOrderPage,
  TeamMemberUnpaidOrder,
  TeamMemberUnpaidOrderCount,
  TeamMemberUnpaidOrderPage
} from "../TeamOrder.ts"
import * as Decode from "./decode.ts"
import { defined, optional, required } from "./decode.ts"

/** What paid and unpaid orders have in common. */
const common = (row: Decode.Fields) =>
  Result.gen(function* () {
    return {
      orderNo: yield* required(row, "OrderNo", Decode.text),
      createTime: yield* required(row, "CreateTime", Decode.unixSeconds),
      details: row,
      ...defined({
        orderType: yield* optional(row, "OrderType", Decode.text),
        orderState: yield* optional(row, "OrderState", Decode.text),
        chargeType: yield* optional(row, "ChargeType", Decode.text),
        resourceId: yield* optional(row, "ResourceId", Decode.text)
      })
    }
  })

const order = (row: Decode.Fields): Result.Result<TeamMemberOrder, string> =>
  Result.gen(function* () {
    return {
      ...(yield* common(row)),
      amount: yield* required(row, "Amount", Decode.yuan),
      ...defined({ amountReal: yield* optional(row, "AmountReal", Decode.yuan) })
    }
  })

const unpaidOrder = (row: Decode.Fields): Result.Result<TeamMemberUnpaidOrder, string> =>
  Result.gen(function* () {
    return { ...(yield* common(row)), ...defined({ amount: yield* unpaidAmount(row) }) }
  })

/**
 * Yuan as text with a decimal point (the vendor's page), or a whole number of nobody says what (its
 * SDKs): that one is not told, since a guess could be wrong a hundredfold.
 */
const unpaidAmount = (row: Decode.Fields): Result.Result<Quantity.Quantity | undefined, string> =>
  typeof row["Amount"] === "string" && row["Amount"].includes(".")
    ? required(row, "Amount", Decode.yuan)
    : Result.map(optional(row, "Amount", Decode.text), () => undefined)

const page = <A>(fields: Decode.Fields, decodeRow: (row: Decode.Fields) => Result.Result<A, string>) =>
  Result.gen(function* () {
    const orders = yield* Decode.list(fields, "OrderInfos", decodeRow)
    const total = yield* optional(fields, "Total", Decode.integer)
    const totalCount = yield* optional(fields, "TotalCount", Decode.integer)
    const limit = yield* optional(fields, "Limit", Decode.integer)
    return { orders, ...defined({ total: total ?? totalCount, limit }) }
  })

export const orderPage = (
  fields: Decode.Fields
): Result.Result<Omit<TeamMemberOrderPage, "requestId">, string> => page(fields, order)

export const unpaidOrderPage = (
  fields: Decode.Fields
): Result.Result<Omit<TeamMemberUnpaidOrderPage, "requestId">, string> => page(fields, unpaidOrder)

export const orderCount = (
  fields: Decode.Fields
): Result.Result<Omit<TeamMemberOrderCount, "requestId">, string> =>
  Result.gen(function* () {
    return {
      totalCount: yield* required(fields, "TotalCount", Decode.integer),
      amount: yield* required(fields, "Amount", Decode.yuan),
      details: fields,
      ...defined({
        amountReal: yield* optional(fields, "AmountReal", Decode.yuan),
        amountFree: yield* optional(fields, "AmountFree", Decode.yuan),
        amountCoupon: yield* optional(fields, "AmountCoupon", Decode.yuan)
      })
    }
  })

export const unpaidOrderCount = (
  fields: Decode.Fields
): Result.Result<Omit<TeamMemberUnpaidOrderCount, "requestId">, string> =>
  Result.gen(function* () {
    return {
      totalCount: yield* required(fields, "TotalCount", Decode.integer),
      details: fields,
      ...defined({ amount: yield* unpaidAmount(fields) })
    }
  })

export const productTypes = (
  fields: Decode.Fields
): Result.Result<Omit<MemberProductTypes, "requestId">, string> =>
  Result.map(Decode.listOf(fields, "ProductTypeList", Decode.text), (types) => ({ productTypes: types }))

/**
 * The vendor's SDK has `AccountInfo` as an object, its page as a list of them, and the page's example
 * none at all, with the amounts beside the `RetCode`.
 */
export const accountBalance = (
  fields: Decode.Fields
): Result.Result<Omit<AccountBalance, "requestId">, string> =>
  Result.gen(function* () {
    const wire = fields["AccountInfo"]
    const rows = Array.isArray(wire)
      ? yield* Decode.listOf(fields, "AccountInfo", Decode.fields)
      : [(yield* optional(fields, "AccountInfo", Decode.fields)) ?? fields]
    const [row, ...others] = rows
    if (row === undefined || others.length > 0) return yield* Result.fail("AccountInfo is not one account")
    const amounts = defined({
      amount: yield* optional(row, "Amount", Decode.yuan),
      amountAvailable: yield* optional(row, "AmountAvailable", Decode.yuan),
      amountCredit: yield* optional(row, "AmountCredit", Decode.yuan),
      amountFree: yield* optional(row, "AmountFree", Decode.yuan),
      amountFreeze: yield* optional(row, "AmountFreeze", Decode.yuan)
    })
    if (Object.keys(amounts).length === 0) return yield* Result.fail("it tells no amount")
    return { ...amounts, details: row }
  })
