/**
 * The rows of CompShare's answers. Every row keeps what came besides, as `details`.
 */
import * as Result from "effect/Result"
import type {
  FailedMember,
  RefundPrice,
  RefundPrices,
  Team,
  TeamInfo,
  TeamMemberOrder,
  TeamMemberOrderPage,
  TeamRelation
} from "../CompShareClient.ts"
import * as Money from "../Money.ts"
import * as Decode from "./decode.ts"
import { defined, integer, optional, required, text } from "./decode.ts"
import { uint32 } from "./settings.ts"

const fen = Decode.money(Money.fromFen)
const yuan = Decode.money(Money.fromYuan)

export const team = (row: Decode.Fields): Result.Result<Team, string> =>
  Result.gen(function* () {
    return {
      id: yield* required(row, "Id", integer),
      details: row,
      ...defined({
        name: yield* optional(row, "Name", text),
        companyId: yield* optional(row, "CompanyId", integer),
        description: yield* optional(row, "Description", text)
      })
    }
  })

export const teamRelation = (row: Decode.Fields): Result.Result<TeamRelation, string> =>
  Result.gen(function* () {
    const id = yield* optional(row, "VirtualCompanyId", idOrZero)
    return {
      status: yield* required(row, "Status", text),
      details: row,
      ...defined({
        // Zero until the invitation is accepted.
        virtualCompanyId: id === 0 ? undefined : id,
        userCompanyId: yield* optional(row, "UserCompanyId", integer),
        remarkName: yield* optional(row, "RemarkName", text),
        allocateAmount: yield* optional(row, "AllocateAmount", fen),
        availableAmount: yield* optional(row, "AvailableAmount", fen),
        createTime: yield* optional(row, "CreateTime", text)
      })
    }
  })

export const teamMemberOrder = (row: Decode.Fields): Result.Result<TeamMemberOrder, string> =>
  Result.gen(function* () {
    return {
      orderNo: yield* required(row, "OrderNo", text),
      amount: yield* required(row, "Amount", yuan),
      createTime: yield* required(row, "CreateTime", unixSeconds),
      details: row,
      ...defined({
        orderType: yield* optional(row, "OrderType", text),
        orderState: yield* optional(row, "OrderState", text),
        chargeType: yield* optional(row, "ChargeType", text),
        amountReal: yield* optional(row, "AmountReal", yuan),
        resourceId: yield* optional(row, "ResourceId", text)
      })
    }
  })

export const refundPrice = (row: Decode.Fields): Result.Result<RefundPrice, string> =>
  Result.gen(function* () {
    const code = yield* required(row, "Code", integer)
    return {
      uHostId: yield* required(row, "UHostId", text),
      code,
      details: row,
      ...defined({
        message:
          (yield* optional(row, "Message", text)) || (yield* optional(row, "ErrMessage", text)) || undefined,
        refundPrice: yield* optional(row, "RefundPrice", yuan)
      })
    }
  })

export const teamInfo = (fields: Decode.Fields): Result.Result<Omit<TeamInfo, "requestId">, string> =>
  Result.gen(function* () {
    const wire = yield* Decode.optional(fields, "Team", Decode.fields)
    const relations = yield* Decode.list(fields, "TeamRelation", teamRelation)
    return { relations, ...(wire === undefined ? {} : { team: yield* team(wire) }) }
  })

export const teamMemberOrderPage = (
  fields: Decode.Fields
): Result.Result<Omit<TeamMemberOrderPage, "requestId">, string> =>
  Result.gen(function* () {
    const orders = yield* Decode.list(fields, "OrderInfos", teamMemberOrder)
    const total = yield* Decode.optional(fields, "Total", Decode.integer)
    const totalCount = yield* Decode.optional(fields, "TotalCount", Decode.integer)
    const limit = yield* Decode.optional(fields, "Limit", Decode.integer)
    return { orders, ...Decode.defined({ total: total ?? totalCount, limit }) }
  })

export const refundPrices = (fields: Decode.Fields): Result.Result<Omit<RefundPrices, "requestId">, string> =>
  Result.map(Decode.list(fields, "RefundPriceSet", refundPrice), (prices) => ({ refundPrices: prices }))

/**
 * The members that an allowance change failed for, by id. What is not exactly a map of asked-for ids to
 * codes other than 0 is an error: it would prove nothing about anybody.
 */
export const failedMembers = (
  row: Decode.Fields,
  asked: ReadonlyArray<number>
): Result.Result<ReadonlyMap<number, FailedMember>, string> =>
  Result.gen(function* () {
    const failed = new Map<number, FailedMember>()
    const wire = (yield* optional(row, "FailedMembers", Decode.fields)) ?? {}
    for (const [key, value] of Object.entries(wire)) {
      const id = uint32(key)
      if (id === undefined || !asked.includes(id)) {
        return yield* Result.fail(`FailedMembers names ${JSON.stringify(key)}, which was not asked for`)
      }
      const member = yield* Decode.fields(value)
      const code = yield* required(member, "Code", integer)
      if (code === 0) return yield* Result.fail(`FailedMembers gives ${id} the code of success`)
      failed.set(id, { code, ...defined({ message: yield* optional(member, "Message", text) }) })
    }
    return failed
  })

/** A member's id, or zero for none. */
const idOrZero: Decode.Decoder<number> = (wire) =>
  Result.flatMap(integer(wire), (id) =>
    id === 0 || uint32(id) !== undefined ? Result.succeed(id) : Result.fail("not an id")
  )

/** The years 1970 to 9999: what a date can show. */
const unixSeconds: Decode.Decoder<number> = (wire) =>
  Result.flatMap(integer(wire), (seconds) =>
    seconds >= 0 && seconds < 253_402_300_800
      ? Result.succeed(seconds)
      : Result.fail("not a time in seconds since 1970")
  )
