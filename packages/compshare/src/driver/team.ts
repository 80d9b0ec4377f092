/** The team of a driver: its members, and their relations to it in neutral words. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { CloudQuotaError, MalformedResponse, NotFound } from "@cloud-quota/core/CloudQuotaError"
import type { Reason } from "@cloud-quota/core/CloudQuotaError"
import { MemberId, type MemberStatus } from "@cloud-quota/core/Member"
import * as Pages from "@cloud-quota/core/adapter/Pages"
import type { TeamRelation } from "../api/team.ts"
import type { Service } from "../api/CompShareClient.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { provider, uint32 } from "../api/settings.ts"

/** A relation with an id. */
export interface Joined extends TeamRelation {
  readonly VirtualCompanyId: number
}

/**
 * One team, read anew on each use. A row that cannot be read leaves the others readable. While there is such
 * a row, an absent member counts as unreadable, never as gone.
 */
export interface DriverTeam {
  readonly teamId: number
  /**
   * All relations, those with an id at most once each. Fails at the end if there are rows that cannot be
   * read.
   */
  readonly relations: Stream.Stream<TeamRelation, CloudQuotaError>
  /** All members with an id, former members too. Fails at the end as `relations` does. */
  readonly withIds: Stream.Stream<Joined, CloudQuotaError>
  /**
   * The relation of one member. Fails with `NotFound`, or with `MalformedResponse` if it may be unreadable.
   */
  readonly relationOf: (operation: string, member: MemberId) => Effect.Effect<Joined, CloudQuotaError>
  /** The relations of these members, without those who have none. Fails if one of them may be unreadable. */
  readonly relationsOf: (
    members: ReadonlyArray<MemberId>
  ) => Effect.Effect<ReadonlyArray<Joined>, CloudQuotaError>
}

/** A row that could not be read. */
interface Odd {
  /** The member's id, if it can be read. */
  readonly id: number | undefined
  readonly problem: string
}

interface Reading {
  readonly relations: ReadonlyArray<TeamRelation>
  readonly byId: ReadonlyMap<MemberId, Joined>
  readonly odd: ReadonlyArray<Odd>
}

const read = "GetCompShareTeamInfo"

export const makeTeam = (client: Service, teamId: number): DriverTeam => {
  const reading = Effect.gen(function* () {
    const info = yield* client.getCompShareTeamInfo({ TeamId: teamId })
    const { Team, TeamRelation, raw, requestId, unreadable } = info
    const isAbout = Team ?? undefined
    if (isAbout === undefined && TeamRelation.length === 0 && unreadable.length === 0) {
      const message = `there is no team ${teamId} for these keys: check the team's id, and whose keys these are`
      return yield* failure(read, new NotFound({ message }), requestId)
    }
    if (isAbout !== undefined && isAbout.Id !== teamId) {
      const message = `asked for team ${teamId}, and the answer is about team ${isAbout.Id}: check the endpoint and the keys`
      return yield* failure(read, new MalformedResponse({ message }), requestId)
    }
    const current = currentOnes(TeamRelation)
    if (Result.isFailure(current)) {
      return yield* failure(read, new MalformedResponse({ message: current.failure }), requestId)
    }
    const rows = raw["TeamRelation"]
    const odd = unreadable.map(({ index, problem }): Odd => {
      const row: unknown = Array.isArray(rows) ? rows[index] : undefined
      const id =
        typeof row === "object" && row !== null && "VirtualCompanyId" in row ? row.VirtualCompanyId : 0
      const known = uint32(id)
      const whose = known === undefined ? "" : ` of member ${known}`
      return { id: known, problem: `TeamRelation[${index}]${whose}: ${problem}` }
    })
    const byId = new Map(current.success.filter(hasId).map((relation) => [idOf(relation), relation]))
    const complete: Reading = { relations: current.success, byId, odd }
    return complete
  })

  const relations = Stream.unwrap(
    Effect.map(reading, ({ odd, relations: all }) => {
      if (odd.length === 0) return Stream.fromArray(all)
      const problems = odd.map(({ problem }) => problem)
      return Stream.concat(Stream.fromArray(all), Stream.fail(Pages.unreadable(provider, read, problems)))
    })
  )

  const find = (operation: string, { byId, odd }: Reading, member: MemberId) => {
    const found = byId.get(member)
    const doubt = odd.find(
      ({ id }) =>
        found === undefined || id === found.VirtualCompanyId || (id === undefined && !isActive(found))
    )
    if (doubt === undefined) return Effect.succeed(found)
    const message = `member ${member} cannot be read for certain, since a row of the team's list is not what CompShare documents: ${doubt.problem}`
    return Effect.fail(failure(operation, new MalformedResponse({ message })))
  }

  const relationOf = Effect.fnUntraced(function* (operation: string, member: MemberId) {
    const found = yield* find(operation, yield* reading, member)
    if (found !== undefined) return found
    const message = `team ${teamId} has no member ${member}`
    return yield* failure(operation, new NotFound({ message }))
  })

  const relationsOf = Effect.fnUntraced(function* (members: ReadonlyArray<MemberId>) {
    const all = yield* reading
    const found = yield* Effect.forEach(new Set(members), (member) => find(read, all, member))
    return found.filter((relation) => relation !== undefined)
  })

  return { teamId, relations, withIds: Stream.filter(relations, hasId), relationOf, relationsOf }
}

/** A failure that changed nothing. */
export const failure = (operation: string, reason: Reason, requestId?: string): CloudQuotaError =>
  new CloudQuotaError({ provider, operation, money: "not-moved", reason, ...defined({ requestId }) })

/**
 * Chooses one relation per member. A member who left and came back may be listed once per membership: the
 * active one counts, or else the last one.
 */
const currentOnes = (
  relations: ReadonlyArray<TeamRelation>
): Result.Result<ReadonlyArray<TeamRelation>, string> => {
  const chosen = new Map<number, TeamRelation>()
  for (const relation of relations.filter(hasId)) {
    const earlier = chosen.get(relation.VirtualCompanyId)
    if (earlier === undefined || !isActive(earlier)) chosen.set(relation.VirtualCompanyId, relation)
    else if (isActive(relation)) {
      return Result.fail(`the answer names member ${relation.VirtualCompanyId} twice`)
    }
  }
  return Result.succeed(
    relations.filter((relation) => !hasId(relation) || chosen.get(relation.VirtualCompanyId) === relation)
  )
}

const decodeMemberId = Schema.decodeUnknownOption(MemberId)

/** Reads a member's id: the decimal number of its virtual company. */
export const memberId = (text: string): Result.Result<MemberId, string> =>
  Result.fromOption(
    uint32(text) === undefined ? Option.none() : decodeMemberId(text),
    () =>
      `${JSON.stringify(text.slice(0, 60))} is not a member of CompShare: give the VirtualCompanyId, a number as 60001`
  )

export const idOf = (relation: Joined): MemberId => MemberId.make(`${relation.VirtualCompanyId}`)

export const hasId = (relation: TeamRelation): relation is Joined =>
  typeof relation.VirtualCompanyId === "number" && relation.VirtualCompanyId !== 0

export const isActive = (relation: TeamRelation): boolean => statusOf(relation.Status)._tag === "active"

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
