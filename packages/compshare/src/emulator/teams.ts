/** Teams on the wire: those that the account administers, their money, and their operate log. */
import * as Result from "effect/Result"
import {
  type Action,
  type Actions,
  anyTeam,
  integer,
  int64,
  list,
  listOf,
  noPermission,
  optionalBoolean,
  ownTeam,
  page,
  period,
  required,
  toInteger,
  uint32
} from "./call.ts"
import type { MemberState, OperateType } from "./model.ts"
import { type Answer, missing, notAvailable } from "./wire.ts"
import { type LogEntry, log, logStatuses, logTypes, moveIn, type Team, teamOf } from "./world.ts"

const listTeams: Action = ({ world }) =>
  Result.succeed({
    Teams: [...world.teams.values()]
      .filter((team) => !team.deleted)
      .map((team) => ({
        Id: team.id,
        Name: team.name,
        CompanyId: world.companyId,
        Description: team.description,
        MemberCount: joined(team).length
      }))
  })

/** Undocumented choice: invited users do not count as members, and neither does the administrator. */
const joined = (team: Team): ReadonlyArray<MemberState> =>
  team.members.filter((member) => member.status === "Joined")

/** The answer has no id: the vendor documents none. Undocumented choice: two teams may have the same name. */
const createTeam: Action = ({ now, params, world }) =>
  Result.gen(function* () {
    const name = yield* required(params, "Name")
    const id = Math.max(...world.teams.keys()) + 1
    const description = params.get("Description") ?? ""
    const team: Team = { id, name, description, deleted: false, members: [], log: [] }
    world.teams.set(id, team)
    log(team, { content: `团队 ${name}`, operateType: "创建团队", at: now })
    return {}
  })

/** Undocumented choice: a request without fields changes nothing. */
const updateTeam: Action = ({ now, params, world }) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    const name = params.get("Name")
    if (name === "") return yield* notAvailable("Name")
    team.name = name ?? team.name
    team.description = params.get("Description") ?? team.description
    log(team, { content: `团队 ${team.name}`, operateType: "更新团队", at: now })
    return {}
  })

/**
 * Refused while the team has members. Undocumented choices: the code, and that a pending invitation does not
 * prevent it.
 */
const deleteTeam: Action = ({ params, world }) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    if (joined(team).length > 0) return yield* notAvailable("TeamId")
    team.deleted = true
    return {}
  })

const getTeamInfo: Action = ({ params, world }) =>
  Result.gen(function* () {
    if (params.has("TeamId") && params.has("VirtualCompanyId")) return yield* notAvailable("VirtualCompanyId")
    // Undocumented choices: a member's id returns the whole team of that member, and a deleted team can still
    // be read, because the answer has a field for it.
    const team = params.has("VirtualCompanyId")
      ? teamOf(world, Number(yield* integer(params, "VirtualCompanyId", uint32)))
      : yield* anyTeam(world, params)
    if (team === undefined) return yield* noPermission
    return {
      Team: {
        Id: team.id,
        Name: team.name,
        CompanyId: world.companyId,
        Description: team.description,
        Deleted: team.deleted ? 1 : 0
      },
      TeamRelation: team.members.map((member) => ({
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

const setTeamAmount: Action = ({ now, params, requestId, world }) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    const members = yield* list(params, "VirtualCompanyId")
    if (members.length === 0) return yield* missing("VirtualCompanyId")
    const ids = yield* Result.all(members.map((text) => toInteger("VirtualCompanyId", text, uint32)))
    const amountFen = yield* integer(params, "Amount", int64)
    const type = yield* required(params, "OperateType")
    const operateType = operateTypes.find((known) => known === type)
    if (operateType === undefined) return yield* notAvailable("OperateType")

    // The amount is for each member. A repeated id is undocumented: here it counts twice.
    const failed: Record<string, Answer> = {}
    for (const id of ids) {
      const member = Number(id)
      const origin = { source: "api", requestId } as const
      const failure = moveIn(world, team, { operateType, member, amountFen, at: now, origin })
      if (failure !== undefined) failed[member] = { Code: failure.code, Message: failure.message }
    }
    return { FailedMembers: failed }
  })

const operateTypes: ReadonlyArray<OperateType> = ["AllocateAmount", "WithdrawAmount"]

const listOperateLog: Action = ({ params, world }) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    const isInPeriod = yield* period(params)
    const { cut } = yield* page(params)
    const types = yield* listOf(params, "OperateType", logTypes)
    const statuses = yield* listOf(params, "Status", logStatuses)
    const oldestFirst = yield* optionalBoolean(params, "OrderByASC")

    const wanted = (entry: LogEntry) =>
      isInPeriod(entry.createTime) && types.includes(entry.operateType) && statuses.includes(entry.status)
    const found = team.log.filter(wanted)
    return {
      Total: found.length,
      OperateTypeList: logTypes,
      StatusList: logStatuses,
      Logs: cut(oldestFirst ? found : found.toReversed()).map((entry) => ({
        Content: entry.content,
        OperateType: entry.operateType,
        CreateTime: entry.createTime,
        Status: entry.status
      }))
    }
  })

export const teamActions: Actions = [
  ["ListCompShareTeam", listTeams],
  ["CreateCompShareTeam", createTeam],
  ["UpdateCompShareTeam", updateTeam],
  ["DeleteCompShareTeam", deleteTeam],
  ["GetCompShareTeamInfo", getTeamInfo],
  ["SetCompShareTeamAmount", setTeamAmount],
  ["ListCompShareTeamOperateLog", listOperateLog]
]
