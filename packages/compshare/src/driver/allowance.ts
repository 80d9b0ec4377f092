/** The only metric of CompShare, the allowance: reads it, and changes it by deltas. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type CloudQuotaError, MalformedResponse, NotFound } from "@cloud-quota/core/CloudQuotaError"
import type {
  Delta,
  DeltaConnection,
  DeltaOutcome,
  DeltaSnapshot,
  Driver
} from "@cloud-quota/core/adapter/Driver"
import * as Limit from "@cloud-quota/core/Limit"
import type { MemberId } from "@cloud-quota/core/Member"
import type { Metric } from "@cloud-quota/core/Metric"
import * as Quantity from "@cloud-quota/core/Quantity"
import type { QuotaState } from "@cloud-quota/core/Quota"
import * as Rows from "@cloud-quota/core/adapter/Rows"
import type { TeamRelation } from "../api/team.ts"
import type { Over, Service, TeamAmountAnswer } from "../api/CompShareClient.ts"
import { changeAction } from "../api/calls.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { type DriverTeam, type Joined, failure, idOf, isActive } from "./team.ts"
import { refusalOf } from "./memberRefusal.ts"
import { moneyLog } from "./operateLog.ts"

/**
 * The only quota on CompShare. Maximum: 2^53 - 1 fen. Up to there an amount stays exact even if some reader
 * on the way uses doubles, and no real allowance comes near it.
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

/** Reads and changes the allowances of a team. */
export const makeAllowance = (
  client: Service,
  team: DriverTeam
): Pick<Driver, "listQuotas" | "getQuotas"> & { readonly write: Delta } => {
  const amounts = (relation: Joined) => {
    const limit = relation.AllocateAmount ?? undefined
    const available = relation.AvailableAmount ?? undefined
    if (limit !== undefined && available !== undefined) return Result.succeed({ available, limit })
    const message = `the answer does not tell AllocateAmount and AvailableAmount of member ${idOf(relation)}`
    return Result.fail(failure("GetCompShareTeamInfo", new MalformedResponse({ message })))
  }

  const quotas = (relation: Joined, clock: Clock.Clock) =>
    Effect.fromResult(
      Result.map(amounts(relation), ({ available, limit }): ReadonlyArray<QuotaState> => {
        // An empty name is none.
        const name = relation.RemarkName || undefined
        const observedAt = DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())
        const member = idOf(relation)
        const state = { member, metric: allowance, limit: Limit.finite(limit), available, observedAt }
        return [name === undefined ? state : { ...state, name }]
      })
    )

  const snapshot = (members: ReadonlyArray<MemberId>) =>
    Effect.flatMap(team.relationsOf(members), (found) =>
      Effect.forEach(
        found.filter(hasAmounts),
        Effect.fnUntraced(function* (relation) {
          const read: DeltaSnapshot = {
            member: idOf(relation),
            active: isActive(relation),
            ...(yield* Effect.fromResult(amounts(relation))),
            membership: `${relation.UserCompanyId ?? ""}/${relation.CreateTime ?? ""}`
          }
          return read
        })
      )
    )

  return {
    listQuotas: Stream.unwrap(
      Effect.map(Clock.Clock, (clock) =>
        Rows.flatMap(Stream.filter(team.withIds, hasAmounts), (relation) => quotas(relation, clock))
      )
    ),
    getQuotas: (member) =>
      team.relationOf("quotas.get", member).pipe(
        Effect.filterOrFail(hasAmounts, ({ Status }) => {
          const message = `member ${member} has no allowance: in team ${team.teamId} their status is ${Status}`
          return failure("quotas.get", new NotFound({ message }))
        }),
        Effect.flatMap((relation) => Effect.flatMap(Clock.Clock, (clock) => quotas(relation, clock)))
      ),
    write: {
      _tag: "Delta",
      metric: allowance.id,
      snapshot,
      log: moneyLog(client, team.teamId),
      permit: client.permit,
      connect: Effect.map(
        client.connect,
        (dedicated): DeltaConnection => ({
          resetReaches: dedicated.resetReaches,
          apply: (delta, check) => apply(client, team.teamId, delta, { line: dedicated, check })
        })
      )
    }
  }
}

/** Whether the amounts must be readable: a member who left or never joined may have an id without amounts. */
const hasAmounts = (relation: TeamRelation): boolean =>
  isActive(relation) || (relation.AllocateAmount ?? undefined) !== undefined

/** Sends a delta once, and returns the proven outcome. */
const apply = (
  client: Service,
  teamId: number,
  { delta, member }: { readonly member: MemberId; readonly delta: Quantity.Quantity },
  over: Over
): Effect.Effect<DeltaOutcome> =>
  client
    .setCompShareTeamAmount(
      {
        TeamId: teamId,
        VirtualCompanyId: [Number(member)],
        Amount: Quantity.abs(delta),
        OperateType: Quantity.isNegative(delta) ? "WithdrawAmount" : "AllocateAmount"
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

/** Rejected if the proven failure came with an answer; any other proven failure never left this machine. */
const failedOutcome = (error: CloudQuotaError): DeltaOutcome => {
  const { money, reason, requestId } = error
  const wasAnswered = reason.details?.httpStatus !== undefined
  const _tag = money !== "not-moved" ? "Unknown" : wasAnswered ? "Rejected" : "NotSent"
  return { _tag, reason, ...defined({ requestId }) }
}
