/**
 * CompShare as a driver: one metric, the allowance, which is told differences.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Order, RefundQuote } from "@cloud-quota/core/Billing"
import { type Capabilities, derived, native, unsupported } from "@cloud-quota/core/Capabilities"
import { CloudQuotaError, MalformedResponse, NotFound } from "@cloud-quota/core/CloudQuotaError"
import type { Reason } from "@cloud-quota/core/CloudQuotaError"
import type { DeltaLine, DeltaOutcome, DeltaSnapshot, Driver } from "@cloud-quota/core/Driver"
import * as Limit from "@cloud-quota/core/Limit"
import { MemberId, type MemberInfo, type MemberStatus } from "@cloud-quota/core/Member"
import type { Metric } from "@cloud-quota/core/Metric"
import * as Quantity from "@cloud-quota/core/Quantity"
import type { QuotaState } from "@cloud-quota/core/Quota"
import type { Service } from "../CompShareClient.ts"
import type { RefundPrice } from "../InstancePrice.ts"
import * as RetCode from "../RetCode.ts"
import type { TeamRelation } from "../Team.ts"
import type { Over, TeamAmountAnswer } from "../TeamAmount.ts"
import type { TeamMemberOrder } from "../TeamOrder.ts"
import { defined } from "./decode.ts"
import { countMoves } from "./operateLog.ts"
import { provider, uint32 } from "./settings.ts"

/**
 * The one thing that CompShare limits. The bound is 2^53 - 1 fen: up to there an amount stays exact
 * even in a reader on the way that uses doubles, and nobody's allowance comes near it.
 */
export const allowance: Metric = {
  id: "allowance",
  kind: "balance",
  unit: "CNY",
  step: Quantity.cny("0.01"),
  minimum: Quantity.zero("CNY"),
  maximum: Quantity.cny("90071992547409.91"),
  unlimited: false,
  title: { en: "Allowance", zh: "额度" }
}

const capabilities: Capabilities = {
  "quotas.list": native,
  "quotas.get": derived("read from the list of the whole team"),
  "quotas.used": unsupported("the provider tells what was granted and what is left, not what was used"),
  "quotas.set": derived("the difference to what is granted is added, or taken back"),
  "quotas.set-down": derived(
    "the difference is taken back; refused until a withdrawal was seen to lower what is granted"
  ),
  "quotas.top-up": derived("the difference to what is available is added"),
  "quotas.adjust": native,
  "quotas.reclaim": native,
  "quotas.unlimited": unsupported("an allowance is always an amount"),
  "members.list": native,
  "members.get": derived("read from the list of the whole team"),
  "members.names": native,
  "members.invite": unsupported("inviting is done in the console"),
  "members.cancel-invite": unsupported("invitations are withdrawn in the console"),
  "members.rename": unsupported("renaming is done in the console"),
  "members.remove": unsupported("CompShare has no call that removes a member: it is done in the console"),
  "billing.orders": native,
  "billing.orders-by-member": native,
  "billing.totals": unsupported("the totals of the orders are not read"),
  "billing.unpaid": unsupported("unpaid orders are not listed"),
  "billing.refund-quotes": native,
  "billing.refund-quotes-by-member": unsupported("the resources of a member are not listed"),
  "billing.entitlements": unsupported("CompShare sells nothing in advance that is counted"),
  "billing.balance": unsupported("the balance is not read"),
  "billing.usage": unsupported("CompShare tells what was ordered, not what was used"),
  "billing.monthly-cost": unsupported("the bills are not read"),
  "history.provider-log": unsupported("the log of the team is counted, and not listed")
}

/** A relation of somebody who has an id. */
interface Joined extends TeamRelation {
  readonly virtualCompanyId: number
}

/** Makes the driver of one team. */
export const makeDriver = (client: Service, teamId: number): Driver => {
  const fail = (operation: string, reason: Reason, requestId?: string) =>
    new CloudQuotaError({ provider, operation, money: "not-moved", reason, ...defined({ requestId }) })

  /** Everybody in the team; those with an id at most once each. */
  const relations = Effect.gen(function* () {
    const info = yield* client.getCompShareTeamInfo({ teamId })
    const { requestId, team } = info
    if (team === undefined && info.relations.length === 0) {
      const message = `there is no team ${teamId} for these keys: check the team's id, and whose keys these are`
      return yield* fail("GetCompShareTeamInfo", new NotFound({ message }), requestId)
    }
    if (team !== undefined && team.id !== teamId) {
      const message = `asked for team ${teamId}, and the answer is about team ${team.id}: check the endpoint and the keys`
      return yield* fail("GetCompShareTeamInfo", new MalformedResponse({ message }), requestId)
    }
    const current = currentOnes(info.relations)
    if (Result.isSuccess(current)) return current.success
    return yield* fail("GetCompShareTeamInfo", new MalformedResponse({ message: current.failure }), requestId)
  })

  const withIds = Effect.map(relations, (all) => all.filter(hasId))

  const relationOf = Effect.fnUntraced(function* (operation: string, member: MemberId) {
    const found = (yield* withIds).find((relation) => idOf(relation) === member)
    if (found !== undefined) return found
    const message = `team ${teamId} has no member ${member}`
    return yield* fail(operation, new NotFound({ message }))
  })

  const amounts = (relation: Joined) => {
    const { allocateAmount, availableAmount } = relation
    if (allocateAmount !== undefined && availableAmount !== undefined) {
      return Effect.succeed({ allocated: allocateAmount, available: availableAmount })
    }
    const message = `the answer does not tell AllocateAmount and AvailableAmount of member ${idOf(relation)}`
    return Effect.fail(fail("GetCompShareTeamInfo", new MalformedResponse({ message })))
  }

  const quota = Effect.fnUntraced(function* (relation: Joined) {
    const { allocated, available } = yield* amounts(relation)
    const state: QuotaState = {
      member: idOf(relation),
      metric: allowance,
      limit: Limit.finite(allocated),
      // Somebody who owes something has nothing left.
      available: Quantity.max(available, Quantity.zero("CNY")),
      observedAt: yield* DateTime.now
    }
    return state
  })

  const snapshot = (members: ReadonlyArray<MemberId>) =>
    Effect.flatMap(withIds, (all) =>
      Effect.forEach(
        all.filter((relation) => members.includes(idOf(relation)) && hasAmounts(relation)),
        Effect.fnUntraced(function* (relation) {
          const read: DeltaSnapshot = {
            member: idOf(relation),
            active: isActive(relation),
            ...(yield* amounts(relation)),
            membership: `${relation.userCompanyId ?? ""}/${relation.createTime ?? ""}`
          }
          return read
        })
      )
    )

  return {
    identity: { provider, endpoint: client.endpoint, scope: `${teamId}` },
    capabilities,
    metrics: [allowance],
    memberId,
    listQuotas: Stream.fromIterableEffect(withIds).pipe(Stream.filter(hasAmounts), Stream.mapEffect(quota)),
    getQuotas: (member) =>
      relationOf("quotas.get", member).pipe(
        Effect.flatMap(quota),
        Effect.map((state) => [state])
      ),
    listMembers: Stream.map(Stream.fromIterableEffect(relations), memberInfo),
    getMember: (member) => Effect.map(relationOf("members.get", member), memberInfo),
    listOrders: ({ chargeTypes, member, period, resourceIds, states }) => {
      const start = DateTime.toEpochMillis(period.start)
      const end = DateTime.toEpochMillis(period.end)
      return client
        .teamMemberOrders({
          teamId,
          // For the file of all orders 0 means the whole team; for this listing that is not documented.
          virtualCompanyId: Number(member ?? 0),
          beginTime: Math.floor(start / 1000),
          endTime: Math.ceil(end / 1000),
          // Oldest first: an order that arrives meanwhile does not shift the pages.
          orderBy: "create_time",
          orderDir: "ASC",
          ...defined({ orderStates: states, chargeTypes, resourceIds })
        })
        .pipe(
          // Whether the provider counts the last second in is undocumented. Ours is not.
          Stream.filter(({ createTime }) => createTime * 1000 >= start && createTime * 1000 < end),
          Stream.map((order) => neutralOrder(member, order))
        )
    },
    refundQuotes: Effect.fnUntraced(function* ({ region, resourceIds, zone }) {
      const { refundPrices, requestId } = yield* client.getCompShareRefundPrice({
        zone,
        uHostIds: resourceIds,
        ...defined({ region })
      })
      return yield* Effect.forEach(resourceIds, (resourceId) => {
        const price = refundPrices.find(({ uHostId }) => uHostId === resourceId)
        if (price !== undefined) return Effect.succeed(refundQuote(price))
        const message = `the answer has no quote for ${resourceId}: check its id, and that it is in ${zone}`
        return Effect.fail(fail("billing.refund-quotes", new NotFound({ message }), requestId))
      })
    }),
    write: {
      _tag: "Delta",
      metric: allowance.id,
      snapshot,
      countLogged: (since) => countMoves(client, teamId, since),
      connect: Effect.map(
        client.connect,
        (line): DeltaLine => ({
          resetReaches: line.resetReaches,
          apply: (delta, check) => apply(client, teamId, delta, { line, check })
        })
      )
    }
  }
}

/**
 * Whoever left and came back may be listed once per membership: the active one counts, or else the
 * last one.
 */
const currentOnes = (
  relations: ReadonlyArray<TeamRelation>
): Result.Result<ReadonlyArray<TeamRelation>, string> => {
  const chosen = new Map<number, TeamRelation>()
  for (const relation of relations.filter(hasId)) {
    const earlier = chosen.get(relation.virtualCompanyId)
    if (earlier === undefined || !isActive(earlier)) chosen.set(relation.virtualCompanyId, relation)
    else if (isActive(relation)) {
      return Result.fail(`the answer names member ${relation.virtualCompanyId} twice`)
    }
  }
  return Result.succeed(
    relations.filter((relation) => !hasId(relation) || chosen.get(relation.virtualCompanyId) === relation)
  )
}

/** Sends a difference once, and says of every member what is proven. */
const apply = (
  client: Service,
  teamId: number,
  delta: { readonly members: ReadonlyArray<MemberId>; readonly amount: Quantity.Quantity },
  over: Over
): Effect.Effect<ReadonlyArray<DeltaOutcome>> =>
  client
    .setCompShareTeamAmount(
      {
        teamId,
        virtualCompanyIds: delta.members.map(Number),
        amount: Quantity.abs(delta.amount),
        operateType: Quantity.isNegative(delta.amount) ? "WithdrawAmount" : "AllocateAmount"
      },
      over
    )
    .pipe(
      Effect.match({
        onSuccess: (answer) => delta.members.map((member) => outcome(member, answer)),
        onFailure: (error) => delta.members.map((member) => failedOutcome(member, error))
      })
    )

const outcome = (member: MemberId, answer: TeamAmountAnswer): DeltaOutcome => {
  const common = { member, ...defined({ requestId: answer.requestId }) }
  const failed = answer.failedMembers.get(Number(member))
  if (failed === undefined) return { _tag: "Applied", ...common }
  const { code, message } = failed
  const row = RetCode.find(code, { action: "SetCompShareTeamAmount", scope: "member" })
  const meaning = row?.meaning ?? "CompShare refused it, with a code that has no known meaning"
  const reason = RetCode.toReason(row, {
    message: `${meaning} (code ${code}${message === undefined ? "" : `: ${message}`})`,
    details: { code: `${code}`, httpStatus: answer.httpStatus, ...defined({ message }) }
  })
  return { _tag: "Rejected", reason, ...common }
}

/** A refusal that came with an answer was rejected; any other proven failure never left this machine. */
const failedOutcome = (member: MemberId, error: CloudQuotaError): DeltaOutcome => {
  const { money, reason, requestId } = error
  const wasAnswered = reason.details?.httpStatus !== undefined
  const _tag = money !== "not-moved" ? "Unknown" : wasAnswered ? "Rejected" : "NotSent"
  return { _tag, member, reason, ...defined({ requestId }) }
}

const decodeMemberId = Schema.decodeUnknownOption(MemberId)

/** A member's id is the decimal number of its virtual company. */
const memberId = (text: string): Result.Result<MemberId, string> =>
  Result.fromOption(
    uint32(text) === undefined ? Option.none() : decodeMemberId(text),
    () =>
      `${JSON.stringify(text.slice(0, 60))} is not a member of CompShare: give the VirtualCompanyId, a number as 60001`
  )

const idOf = (relation: Joined): MemberId => MemberId.make(`${relation.virtualCompanyId}`)

const hasId = (relation: TeamRelation): relation is Joined => relation.virtualCompanyId !== undefined

/** Whether there are amounts to be read: who left, or never came, may have an id without any. */
const hasAmounts = (relation: TeamRelation): boolean =>
  isActive(relation) || relation.allocateAmount !== undefined

const isActive = (relation: TeamRelation): boolean => statusOf(relation.status)._tag === "active"

const statuses: Readonly<Record<string, Exclude<MemberStatus["_tag"], "unknown">>> = {
  joined: "active",
  pending: "invited",
  rejected: "rejected",
  canceled: "canceled"
}

const statusOf = (raw: string): MemberStatus => {
  const _tag = Object.hasOwn(statuses, raw.toLowerCase()) ? statuses[raw.toLowerCase()] : undefined
  return _tag === undefined ? { _tag: "unknown", raw } : { _tag }
}

const memberInfo = (relation: TeamRelation): MemberInfo => ({
  status: statusOf(relation.status),
  ...(hasId(relation) ? { id: idOf(relation) } : {}),
  ...defined({ name: relation.remarkName })
})

const neutralOrder = (member: MemberId | undefined, order: TeamMemberOrder): Order => ({
  id: order.orderNo,
  kind: "other",
  status: "other",
  ...defined({ member }),
  amount: order.amount,
  createdAt: DateTime.makeUnsafe(order.createTime * 1000),
  details: order.details,
  ...defined({
    type: order.orderType,
    state: order.orderState,
    chargeType: order.chargeType,
    paid: order.amountReal,
    resourceId: order.resourceId
  })
})

const refundQuote = ({ code, message, refundPrice, uHostId }: RefundPrice): RefundQuote => ({
  resourceId: uHostId,
  refundable: code === 0,
  ...defined({ message, amount: code === 0 ? refundPrice : undefined })
})
