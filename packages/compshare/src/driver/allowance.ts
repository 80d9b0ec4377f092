/**
 * The one metric of CompShare, the allowance: how it is read, and told differences.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type CloudQuotaError, MalformedResponse, NotFound } from "@cloud-quota/core/CloudQuotaError"
import type { Delta, DeltaLine, DeltaOutcome, DeltaSnapshot, Driver } from "@cloud-quota/core/adapter/Driver"
import * as Limit from "@cloud-quota/core/Limit"
import type { MemberId } from "@cloud-quota/core/Member"
import type { Metric } from "@cloud-quota/core/Metric"
import * as Quantity from "@cloud-quota/core/Quantity"
import type { QuotaState } from "@cloud-quota/core/Quota"
import type { TeamRelation } from "../api/team.ts"
import type { Over, Service, TeamAmountAnswer } from "../api/CompShareClient.ts"
import { changeAction } from "../api/calls.ts"
import { defined } from "@cloud-quota/core/adapter/Decode"
import { type DriverTeam, type Joined, failure, idOf, isActive } from "./team.ts"
import { refusalOf } from "./memberRefusal.ts"
import { moneyLog } from "./operateLog.ts"

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

/** Reading and changing the allowances of a team. */
export const makeAllowance = (
  client: Service,
  team: DriverTeam
): Pick<Driver, "listQuotas" | "getQuotas"> & { readonly write: Delta } => {
  const amounts = (relation: Joined) => {
    const allocated = relation.AllocateAmount ?? undefined
    const available = relation.AvailableAmount ?? undefined
    if (allocated !== undefined && available !== undefined) return Effect.succeed({ allocated, available })
    const message = `the answer does not tell AllocateAmount and AvailableAmount of member ${idOf(relation)}`
    return Effect.fail(failure("GetCompShareTeamInfo", new MalformedResponse({ message })))
  }

  const quota = Effect.fnUntraced(function* (relation: Joined) {
    const { allocated, available } = yield* amounts(relation)
    const state: QuotaState = {
      member: idOf(relation),
      metric: allowance,
      limit: Limit.finite(allocated),
      available,
      observedAt: yield* DateTime.now,
      // An empty name is none.
      ...defined({ name: relation.RemarkName || undefined })
    }
    return state
  })

  const snapshot = (members: ReadonlyArray<MemberId>) =>
    Effect.flatMap(team.relationsOf(members), (found) =>
      Effect.forEach(
        found.filter(hasAmounts),
        Effect.fnUntraced(function* (relation) {
          const read: DeltaSnapshot = {
            member: idOf(relation),
            active: isActive(relation),
            ...(yield* amounts(relation)),
            membership: `${relation.UserCompanyId ?? ""}/${relation.CreateTime ?? ""}`
          }
          return read
        })
      )
    )

  return {
    listQuotas: team.withIds.pipe(Stream.filter(hasAmounts), Stream.mapEffect(quota)),
    getQuotas: (member) =>
      team.relationOf("quotas.get", member).pipe(
        Effect.filterOrFail(hasAmounts, ({ Status }) => {
          const message = `member ${member} has no allowance: in team ${team.teamId} their status is ${Status}`
          return failure("quotas.get", new NotFound({ message }))
        }),
        Effect.flatMap(quota),
        Effect.map((state) => [state])
      ),
    write: {
      _tag: "Delta",
      metric: allowance.id,
      snapshot,
      log: moneyLog(client, team.teamId),
      turn: client.turn,
      connect: Effect.map(
        client.connect,
        (line): DeltaLine => ({
          resetReaches: line.resetReaches,
          apply: (delta, check) => apply(client, team.teamId, delta, { line, check })
        })
      )
    }
  }
}

/** Whether there are amounts to be read: who left, or never came, may have an id without any. */
const hasAmounts = (relation: TeamRelation): boolean =>
  isActive(relation) || (relation.AllocateAmount ?? undefined) !== undefined

/** Sends a difference once, and returns what is proven of it. */
const apply = (
  client: Service,
  teamId: number,
  { amount, member }: { readonly member: MemberId; readonly amount: Quantity.Quantity },
  over: Over
): Effect.Effect<DeltaOutcome> =>
  client
    .setCompShareTeamAmount(
      {
        TeamId: teamId,
        VirtualCompanyId: [Number(member)],
        Amount: Quantity.abs(amount),
        OperateType: Quantity.isNegative(amount) ? "WithdrawAmount" : "AllocateAmount"
      },
      over
    )
    .pipe(
      Effect.match({
        onSuccess: (answer) => outcome(member, answer),
        onFailure: failedOutcome
      })
    )

const outcome = (member: MemberId, answer: TeamAmountAnswer): DeltaOutcome => {
  const common = defined({ requestId: answer.requestId })
  const failed = answer.FailedMembers?.[member]
  return failed === undefined
    ? { _tag: "Applied", ...common }
    : { _tag: "Rejected", reason: refusalOf(changeAction, failed, answer.httpStatus), ...common }
}

/** A refusal that came with an answer was rejected; any other proven failure never left this machine. */
const failedOutcome = (error: CloudQuotaError): DeltaOutcome => {
  const { money, reason, requestId } = error
  const wasAnswered = reason.details?.httpStatus !== undefined
  const _tag = money !== "not-moved" ? "Unknown" : wasAnswered ? "Rejected" : "NotSent"
  return { _tag, reason, ...defined({ requestId }) }
}
