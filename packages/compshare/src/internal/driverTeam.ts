/**
 * The team of a driver: who is in it, and what their relations to it are in neutral words.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { CloudQuotaError, MalformedResponse, NotFound } from "@cloud-quota/core/CloudQuotaError"
import type { Reason } from "@cloud-quota/core/CloudQuotaError"
import { MemberId, type MemberStatus } from "@cloud-quota/core/Member"
import type { Service } from "../CompShareClient.ts"
import type { TeamRelation } from "../Team.ts"
import { defined } from "./decode.ts"
import { provider, uint32 } from "./settings.ts"

/** A relation of somebody who has an id. */
export interface Joined extends TeamRelation {
  readonly virtualCompanyId: number
}

/** One team, read anew whenever it is asked for. */
export interface DriverTeam {
  readonly teamId: number
  /** Everybody in the team; those with an id at most once each. */
  readonly relations: Effect.Effect<ReadonlyArray<TeamRelation>, CloudQuotaError>
  /** Those who have an id, former members too. */
  readonly withIds: Effect.Effect<ReadonlyArray<Joined>, CloudQuotaError>
  /** The relation of one member. Fails with `NotFound`. */
  readonly relationOf: (operation: string, member: MemberId) => Effect.Effect<Joined, CloudQuotaError>
}

export const makeTeam = (client: Service, teamId: number): DriverTeam => {
  const read = "GetCompShareTeamInfo"

  const relations = Effect.gen(function* () {
    const info = yield* client.getCompShareTeamInfo({ teamId })
    const { requestId, team } = info
    if (team === undefined && info.relations.length === 0) {
      const message = `there is no team ${teamId} for these keys: check the team's id, and whose keys these are`
      return yield* failure(read, new NotFound({ message }), requestId)
    }
    if (team !== undefined && team.id !== teamId) {
      const message = `asked for team ${teamId}, and the answer is about team ${team.id}: check the endpoint and the keys`
      return yield* failure(read, new MalformedResponse({ message }), requestId)
    }
    const current = currentOnes(info.relations)
    if (Result.isSuccess(current)) return current.success
    return yield* failure(read, new MalformedResponse({ message: current.failure }), requestId)
  })

  const withIds = Effect.map(relations, (all) => all.filter(hasId))

  const relationOf = (operation: string, member: MemberId) =>
    Effect.flatMap(withIds, (all) => {
      const found = all.find((relation) => idOf(relation) === member)
      if (found !== undefined) return Effect.succeed(found)
      const message = `team ${teamId} has no member ${member}`
      return Effect.fail(failure(operation, new NotFound({ message })))
    })

  return { teamId, relations, withIds, relationOf }
}

/** A failure after which nothing has changed. */
export const failure = (operation: string, reason: Reason, requestId?: string): CloudQuotaError =>
  new CloudQuotaError({ provider, operation, money: "not-moved", reason, ...defined({ requestId }) })

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

const decodeMemberId = Schema.decodeUnknownOption(MemberId)

/** A member's id is the decimal number of its virtual company. */
export const memberId = (text: string): Result.Result<MemberId, string> =>
  Result.fromOption(
    uint32(text) === undefined ? Option.none() : decodeMemberId(text),
    () =>
      `${JSON.stringify(text.slice(0, 60))} is not a member of CompShare: give the VirtualCompanyId, a number as 60001`
  )

export const idOf = (relation: Joined): MemberId => MemberId.make(`${relation.virtualCompanyId}`)

export const hasId = (relation: TeamRelation): relation is Joined => relation.virtualCompanyId !== undefined

export const isActive = (relation: TeamRelation): boolean => statusOf(relation.status)._tag === "active"

const statuses: Readonly<Record<string, Exclude<MemberStatus["_tag"], "unknown">>> = {
  joined: "active",
  pending: "invited",
  rejected: "rejected",
  canceled: "canceled"
}

export const statusOf = (raw: string): MemberStatus => {
  const _tag = Object.hasOwn(statuses, raw.toLowerCase()) ? statuses[raw.toLowerCase()] : undefined
  return _tag === undefined ? { _tag: "unknown", raw } : { _tag }
}
