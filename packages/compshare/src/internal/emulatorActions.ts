/**
 * The actions that the emulator answers: each reads its parameters, changes the world, and gives
 * the fields of its answer.
 */
import type { Machine, WireRequest } from "@cloud-quota/core/Emulator"
import { createHash } from "node:crypto"
import * as Result from "effect/Result"
import type { Order, OperateType } from "../CompShareEmulator.ts"
import {
  type Answer,
  authenticate,
  type Credentials,
  missing,
  notAvailable,
  type Params,
  readParams,
  type Refusal,
  refuse,
  respond
} from "./emulatorWire.ts"
import { type LogEntry, logStatuses, logTypes, move, type World } from "./emulatorWorld.ts"
import { zones } from "./emulatorZones.ts"

/** What an action works on. */
interface Call {
  readonly world: World
  readonly params: Params
  /** Milliseconds since 1970. */
  readonly now: number
  readonly requestId: string
}

type Action = (call: Call) => Result.Result<Readonly<Record<string, Answer>>, Refusal>

/** The provider as a machine over one world. */
export const makeMachine = (world: World, credentials: Credentials, seed: number): Machine => {
  let answered = 0
  return {
    operation: (request) => {
      const name = Result.getOrUndefined(readParams(request))?.get("Action")
      return name !== undefined && actions.has(name) ? name : "unknown"
    },
    handle: (request, now) => {
      const requestId = uuid(`${seed}:${answered++}`)
      if (request.method !== "POST" || pathOf(request) !== "/") {
        return { status: 404, headers: { "X-UCLOUD-REQUEST-UUID": requestId }, body: "" }
      }
      const params = readParams(request)
      const name = Result.getOrUndefined(params)?.get("Action")
      const answer = Result.flatMap(params, (read) => {
        const authentic = authenticate(read, credentials)
        if (Result.isFailure(authentic)) return Result.fail(authentic.failure)
        if (name === undefined || name === "") return refuse(160, "Missing Action")
        const action = actions.get(name)
        if (action === undefined) return refuse(161, `Action [${name}] not found`)
        return Result.flatMap(checkPlace(read), () => action({ world, params: read, now, requestId }))
      })
      const envelope = name === undefined ? {} : { Action: `${name}Response` }
      return Result.isSuccess(answer)
        ? respond(requestId, { ...envelope, RetCode: 0, ...answer.success })
        : respond(requestId, {
            RetCode: answer.failure.retCode,
            Message: answer.failure.message,
            ...envelope
          })
    }
  }
}

const pathOf = (request: WireRequest): string => request.target.split("?", 1)[0] ?? ""

/** An id in the shape of the provider's, the same on every run. */
const uuid = (text: string): string => {
  const hex = createHash("sha1").update(text).digest("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-"
  )
}

/** `Region` and `Zone` are optional nearly everywhere; if given, they must exist and fit each other. */
const checkPlace = (params: Params): Result.Result<void, Refusal> => {
  const region = params.get("Region")
  const zone = params.get("Zone")
  if (region !== undefined && !zones.some((known) => known.region === region)) return notAvailable("Region")
  if (
    zone !== undefined &&
    !zones.some((known) => known.zone === zone && (region ?? known.region) === known.region)
  ) {
    return notAvailable("Zone")
  }
  return Result.void
}

const setTeamAmount: Action = ({ now, params, requestId, world }) =>
  Result.gen(function* () {
    yield* ownTeam(world, params)
    const members = yield* list(params, "VirtualCompanyId")
    if (members.length === 0) return yield* missing("VirtualCompanyId")
    const ids = yield* Result.all(members.map((text) => toInteger("VirtualCompanyId", text, uint32)))
    const amountFen = yield* integer(params, "Amount", int64)
    const type = yield* required(params, "OperateType")
    const operateType = operateTypes.find((known) => known === type)
    if (operateType === undefined) return yield* notAvailable("OperateType")

    // The amount is for each member. An id given twice is undocumented: here it counts twice.
    const failed: Record<string, Answer> = {}
    for (const id of ids) {
      const member = Number(id)
      const origin = { source: "api", requestId } as const
      const failure = move(world, { operateType, member, amountFen, at: now, origin })
      if (failure !== undefined) failed[member] = { Code: failure.code, Message: failure.message }
    }
    return { FailedMembers: failed }
  })

const operateTypes: ReadonlyArray<OperateType> = ["AllocateAmount", "WithdrawAmount"]

const getTeamInfo: Action = ({ params, world }) =>
  Result.gen(function* () {
    if (params.has("TeamId") && params.has("VirtualCompanyId")) return yield* notAvailable("VirtualCompanyId")
    if (params.has("VirtualCompanyId")) {
      // Undocumented choice: a member's id gives the whole team that the member is in.
      yield* teamMember(world, params)
    } else {
      yield* ownTeam(world, params)
    }
    const { team } = world
    return {
      Team: {
        Id: team.id,
        Name: team.name,
        CompanyId: team.companyId,
        Description: team.description,
        Deleted: 0
      },
      TeamRelation: world.members.map((member) => ({
        TeamId: team.id,
        TeamName: team.name,
        UserCompanyId: member.userCompanyId,
        VirtualCompanyId: member.virtualCompanyId,
        Status: member.status,
        RemarkName: member.remarkName,
        AllocateAmount: member.allocatedFen,
        AvailableAmount: member.availableFen,
        CreateTime: member.createTime
      }))
    }
  })

const describeOrders: Action = ({ params, world }) =>
  Result.gen(function* () {
    yield* ownTeam(world, params)
    const member = yield* teamMember(world, params)
    const isInPeriod = yield* period(params)
    const limit = yield* pageLimit(params)
    const offset = yield* optionalInteger(params, "Offset", uint32, 0n)
    const orderBy = params.get("OrderBy") ?? "create_time"
    const time = orderTimes.get(orderBy)
    if (time === undefined) return yield* notAvailable("OrderBy")
    const direction = params.get("OrderDir") ?? "DESC"
    if (direction !== "ASC" && direction !== "DESC") return yield* notAvailable("OrderDir")
    const filters: Array<(order: Order) => boolean> = []
    for (const [name, valueOf] of orderFilters) {
      const wanted = yield* list(params, name)
      if (wanted.length > 0) filters.push((order) => wanted.includes(String(valueOf(order))))
    }

    const sign = direction === "ASC" ? 1 : -1
    const found = world.orders
      .filter((order) => order.virtualCompanyId === member && isInPeriod(order.CreateTime))
      .filter((order) => filters.every((matches) => matches(order)))
      // The sort is stable: orders of one second stay as they are, so that pages neither repeat nor skip any.
      .sort((one, two) => sign * (time(one) - time(two)))
    const rows = found.slice(Number(offset), Number(offset + limit))
    return {
      Total: found.length,
      Limit: limit,
      Offset: offset,
      OrderInfos: rows.map(({ virtualCompanyId: _, OrderDetail, ...row }) => ({
        ...row,
        OrderDetail: OrderDetail.map((detail) => ({ ...detail }))
      }))
    }
  })

const orderTimes: ReadonlyMap<string, (order: Order) => number> = new Map([
  ["create_time", (order: Order) => order.CreateTime],
  ["order_start_time", (order: Order) => order.StartTime ?? order.CreateTime],
  ["order_end_time", (order: Order) => order.EndTime ?? order.CreateTime]
])

/** An unknown word in a filter finds nothing: the vocabularies are open. */
const orderFilters: ReadonlyArray<
  readonly [name: string, valueOf: (order: Order) => string | number | undefined]
> = [
  ["ChargeTypes", (order) => order.ChargeType],
  ["OrderStates", (order) => order.OrderState],
  ["ResourceIds", (order) => order.ResourceId],
  ["OrderTypes", (order) => order.OrderType],
  ["OrderNos", (order) => order.OrderNo],
  ["Regions", (order) => order.RegionId],
  ["ResourceTypes", (order) => order.ResourceType]
]

const getRefundPrice: Action = ({ params, world }) =>
  Result.gen(function* () {
    const region = yield* required(params, "Region")
    const zone = yield* required(params, "Zone")
    const ids = yield* list(params, "UHostIds")
    if (ids.length === 0) return yield* missing("UHostIds")
    return {
      RefundPriceSet: ids.map((id) => {
        const instance = world.instances.find(
          (one) => one.uHostId === id && one.region === region && one.zone === zone
        )
        // Undocumented choice: an instance that is not in this zone is an error of its own line.
        if (instance === undefined)
          return { UHostId: id, Code: 230, Message: "Params [UHostId] not available" }
        const { code, message, refundPriceYuan } = instance
        return {
          UHostId: id,
          Code: code,
          Message: message,
          RefundPrice:
            refundPriceYuan === undefined ? undefined : { _tag: "ExactNumber", text: refundPriceYuan }
        }
      })
    }
  })

const listOperateLog: Action = ({ params, world }) =>
  Result.gen(function* () {
    yield* ownTeam(world, params)
    const isInPeriod = yield* period(params)
    const limit = yield* pageLimit(params)
    const offset = yield* optionalInteger(params, "Offset", uint32, 0n)
    const types = yield* listOf(params, "OperateType", logTypes)
    const statuses = yield* listOf(params, "Status", logStatuses)
    const oldestFirst = params.get("OrderByASC") ?? "false"
    if (oldestFirst !== "true" && oldestFirst !== "false") return yield* notAvailable("OrderByASC")

    const wanted = (entry: LogEntry) =>
      isInPeriod(entry.createTime) && types.includes(entry.operateType) && statuses.includes(entry.status)
    const found = world.log.filter(wanted)
    const rows = (oldestFirst === "true" ? found : found.toReversed()).slice(
      Number(offset),
      Number(offset + limit)
    )
    return {
      Total: found.length,
      OperateTypeList: logTypes,
      StatusList: logStatuses,
      Logs: rows.map((entry) => ({
        Content: entry.content,
        OperateType: entry.operateType,
        CreateTime: entry.createTime,
        Status: entry.status
      }))
    }
  })

const describeZones: Action = () =>
  Result.succeed({
    ZoneInfo: zones.map((zone) => ({
      Region: zone.region,
      RegionId: zone.regionId,
      Zone: zone.zone,
      ZoneId: zone.zoneId,
      Describe: zone.name,
      IsPod: false
    }))
  })

const actions: ReadonlyMap<string, Action> = new Map([
  ["SetCompShareTeamAmount", setTeamAmount],
  ["GetCompShareTeamInfo", getTeamInfo],
  ["DescribeTeamMemberOrder", describeOrders],
  ["GetCompShareRefundPrice", getRefundPrice],
  ["ListCompShareTeamOperateLog", listOperateLog],
  ["DescribeCompShareSupportZone", describeZones]
])

/** The team must be the one whose administrator signs. */
const ownTeam = (world: World, params: Params): Result.Result<void, Refusal> =>
  Result.flatMap(integer(params, "TeamId", uint32), (id) =>
    Number(id) === world.team.id ? Result.void : refuse(200, "No Permission")
  )

/** A member of the team, by the id that those who joined have. */
const teamMember = (world: World, params: Params): Result.Result<number, Refusal> =>
  Result.flatMap(integer(params, "VirtualCompanyId", uint32), (id) =>
    id > 0n && world.members.some((member) => member.virtualCompanyId === Number(id))
      ? Result.succeed(Number(id))
      : refuse(200, "No Permission")
  )

/**
 * `BeginTime` and `EndTime` in Unix seconds. The vendor's clients require both, its page neither;
 * that both ends belong to the period is an undocumented choice.
 */
const period = (params: Params): Result.Result<(time: number) => boolean, Refusal> =>
  Result.gen(function* () {
    const begin = yield* integer(params, "BeginTime", int64)
    const end = yield* integer(params, "EndTime", int64)
    if (end <= begin) return yield* notAvailable("EndTime")
    return (time: number) => begin <= time && time <= end
  })

const pageLimit = (params: Params) => optionalInteger(params, "Limit", { least: 1n, most: 100n }, 25n)

interface Bounds {
  readonly least: bigint
  readonly most: bigint
}

const uint32: Bounds = { least: 0n, most: 2n ** 32n - 1n }

/** Times and amounts: nothing here is below zero. */
const int64: Bounds = { least: 0n, most: 2n ** 63n - 1n }

const required = (params: Params, name: string): Result.Result<string, Refusal> => {
  const text = params.get(name)
  return text === undefined || text === "" ? missing(name) : Result.succeed(text)
}

const toInteger = (name: string, text: string, { least, most }: Bounds): Result.Result<bigint, Refusal> => {
  if (!/^\d{1,20}$/.test(text)) return notAvailable(name)
  const value = BigInt(text)
  return least <= value && value <= most ? Result.succeed(value) : notAvailable(name)
}

const integer = (params: Params, name: string, bounds: Bounds) =>
  Result.flatMap(required(params, name), (text) => toInteger(name, text, bounds))

const optionalInteger = (params: Params, name: string, bounds: Bounds, otherwise: bigint) => {
  const text = params.get(name)
  return text === undefined ? Result.succeed(otherwise) : toInteger(name, text, bounds)
}

/** The values of `Name.0`, `Name.1` and so on, by number. */
const list = (params: Params, name: string): Result.Result<ReadonlyArray<string>, Refusal> => {
  if (params.has(name)) return notAvailable(name)
  const found: Array<readonly [index: number, text: string]> = []
  for (const [key, text] of params) {
    if (!key.startsWith(`${name}.`)) continue
    const index = key.slice(name.length + 1)
    if (!/^(0|[1-9]\d{0,8})$/.test(index)) return notAvailable(key)
    found.push([Number(index), text])
  }
  return Result.succeed(found.sort(([one], [two]) => one - two).map(([, text]) => text))
}

/** A filter over a closed vocabulary: all of it, unless told otherwise. */
const listOf = <A extends string>(params: Params, name: string, known: ReadonlyArray<A>) =>
  Result.flatMap(list(params, name), (texts): Result.Result<ReadonlyArray<A>, Refusal> => {
    const chosen = known.filter((word) => texts.includes(word))
    if (texts.some((text) => !known.some((word) => word === text))) return notAvailable(name)
    return Result.succeed(texts.length === 0 ? known : chosen)
  })
