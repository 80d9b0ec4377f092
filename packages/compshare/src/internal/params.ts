/**
 * The parameters of each operation, checked before anything is sent.
 */
import * as Result from "effect/Result"
import { type CloudQuotaError, invalid } from "@cloud-quota/core/CloudQuotaError"
import * as Quantity from "@cloud-quota/core/Quantity"
import type { Safety } from "@cloud-quota/core/Retry"
import type { RefundPriceQuery, TeamAmount, TeamMemberOrderQuery, TeamSelector } from "../CompShareClient.ts"
import * as Money from "../Money.ts"
import type * as Signature from "../Signature.ts"
import { type Settings, provider, uint32 } from "./settings.ts"

/** The one action that moves money. */
export const changeAction = "SetCompShareTeamAmount"

/** The most rows that the provider puts on a page. */
export const largestPage = 100

/** Callers without types may write anything. What is none of these would be sent again like a harmless one. */
const safeties: ReadonlyArray<Safety> = ["read", "idempotent-write", "create", "delta"]

/** What the client itself puts into a request. */
const reserved = ["Action", "PublicKey", "Signature", "SecurityToken"]

const refuse = (action: string, field: string, message: string): Result.Result<never, CloudQuotaError> =>
  Result.fail(invalid({ provider, operation: action, field, message }))

export const checkCall = (
  action: string,
  params: Signature.Params,
  safety: Safety
): Result.Result<void, CloudQuotaError> => {
  if (typeof action !== "string" || !/^[A-Za-z][A-Za-z0-9]{0,127}$/.test(action)) {
    return refuse("call", "action", "give the name of an action, as ListCompShareTeam")
  }
  if (!safeties.includes(safety)) {
    return refuse(action, "safety", `give one of ${safeties.join(", ")}`)
  }
  if (action.toLowerCase() === changeAction.toLowerCase() && safety !== "delta") {
    return refuse(action, "safety", `must be delta: sent twice, ${changeAction} moves the money twice`)
  }
  const own = reserved.find((key) => params[key] !== undefined)
  return own === undefined
    ? Result.void
    : refuse(action, own, "is written by the client itself: leave it out")
}

const id = (
  action: string,
  field: string,
  value: number | undefined
): Result.Result<number, CloudQuotaError> => {
  const decoded = uint32(value)
  return decoded === undefined
    ? refuse(action, field, "give a whole number from 1 to 4294967295")
    : Result.succeed(decoded)
}

export const amountParams = (settings: Settings, change: TeamAmount) =>
  Result.gen(function* () {
    const { amount, operateType, virtualCompanyIds } = change
    if (!Array.isArray(virtualCompanyIds)) {
      return yield* refuse(changeAction, "virtualCompanyIds", "give a list of members, as [60001]")
    }
    const members = yield* Result.all(
      virtualCompanyIds.map((member) => id(changeAction, "virtualCompanyIds", member))
    )
    if (members.length === 0 || new Set(members).size < members.length) {
      return yield* refuse(
        changeAction,
        "virtualCompanyIds",
        "give at least one member, and none of them twice"
      )
    }
    if (operateType !== "AllocateAmount" && operateType !== "WithdrawAmount") {
      return yield* refuse(changeAction, "operateType", "give AllocateAmount or WithdrawAmount")
    }
    if (!Quantity.isQuantity(amount)) {
      return yield* refuse(changeAction, "amount", 'give a quantity, as Quantity.cny("500")')
    }
    const fen = yield* Result.orElse(Money.toFen(amount), (error) =>
      refuse(changeAction, "amount", error.message)
    )
    if (fen < 1n || fen > BigInt(Number.MAX_SAFE_INTEGER)) {
      return yield* refuse(changeAction, "amount", "give 0.01 CNY to 90071992547409.91 CNY")
    }
    return {
      TeamId: yield* id(changeAction, "teamId", change.teamId ?? settings.teamId),
      VirtualCompanyId: members,
      Amount: fen,
      OperateType: operateType
    } satisfies Signature.Params
  })

export const teamParams = ({
  teamId,
  virtualCompanyId
}: TeamSelector): Result.Result<Signature.Params, CloudQuotaError> => {
  const action = "GetCompShareTeamInfo"
  if ((teamId === undefined) === (virtualCompanyId === undefined)) {
    return refuse(action, "teamId", "give exactly one of teamId and virtualCompanyId")
  }
  return teamId === undefined
    ? Result.map(id(action, "virtualCompanyId", virtualCompanyId), (VirtualCompanyId) => ({
        VirtualCompanyId
      }))
    : Result.map(id(action, "teamId", teamId), (TeamId) => ({ TeamId }))
}

export const orderParams = (
  settings: Settings,
  query: TeamMemberOrderQuery & { readonly offset?: number }
): Result.Result<Signature.Params, CloudQuotaError> =>
  Result.gen(function* () {
    const action = "DescribeTeamMemberOrder"
    const { beginTime, endTime, limit = largestPage, offset = 0 } = query
    const TeamId = yield* id(action, "teamId", query.teamId ?? settings.teamId)
    const VirtualCompanyId = yield* id(action, "virtualCompanyId", query.virtualCompanyId)
    if (!isCount(beginTime)) {
      return yield* refuse(action, "beginTime", "give whole seconds since 1970")
    }
    if (!isCount(endTime) || endTime <= beginTime) {
      return yield* refuse(action, "endTime", "give whole seconds since 1970, after beginTime")
    }
    if (!isCount(limit) || limit < 1 || limit > largestPage) {
      return yield* refuse(action, "limit", `give 1 to ${largestPage}`)
    }
    if (!isCount(offset)) return yield* refuse(action, "offset", "give 0 or more")
    return {
      TeamId,
      VirtualCompanyId,
      BeginTime: beginTime,
      EndTime: endTime,
      Limit: limit,
      Offset: offset,
      OrderBy: query.orderBy,
      OrderDir: query.orderDir,
      ChargeTypes: query.chargeTypes,
      OrderStates: query.orderStates,
      OrderTypes: query.orderTypes,
      OrderNos: query.orderNos,
      ResourceIds: query.resourceIds,
      ResourceTypes: query.resourceTypes,
      Regions: query.regions
    }
  })

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== ""

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

export const refundParams = (query: RefundPriceQuery): Result.Result<Signature.Params, CloudQuotaError> => {
  const { region, uHostIds, zone } = query
  const action = "GetCompShareRefundPrice"
  if (!isText(zone)) return refuse(action, "zone", "give the zone of the instances, as cn-wlcb-01")
  if (!Array.isArray(uHostIds) || uHostIds.length === 0 || !uHostIds.every(isText)) {
    return refuse(action, "uHostIds", "give at least one instance, as uhost-xxxx")
  }
  return Result.succeed({
    Zone: zone,
    UHostIds: uHostIds,
    ...(region === undefined ? {} : { Region: region })
  })
}
