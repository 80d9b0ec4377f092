/**
 * The parameters of the operations on teams and their members, checked before anything is sent.
 */
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Result from "effect/Result"
import * as Money from "../Money.ts"
import type * as Signature from "../Signature.ts"
import type {
  NewTeam,
  TeamDeletion,
  TeamInvitation,
  TeamInvitesQuery,
  TeamMembershipQuery,
  TeamRelationChange,
  TeamSelector,
  TeamUpdate
} from "../Team.ts"
import type { TeamAmount } from "../TeamAmount.ts"
import type { TeamOperateLogQuery } from "../TeamOperateLog.ts"
import { type Checked, changeAction, checkNames, checks, ifGiven } from "./params.ts"
import * as Names from "./queryNames.ts"
import type { Settings } from "./settings.ts"

/** The most users that one request may invite. */
const mostInvitees = 100

export const amount = (settings: Settings, change: TeamAmount) =>
  Result.gen(function* () {
    const check = checks(changeAction)
    const { operateType, virtualCompanyIds } = change
    if (!Array.isArray(virtualCompanyIds)) {
      return yield* check.fail("virtualCompanyIds", "give a list of members, as [60001]")
    }
    const members = yield* Result.all(
      virtualCompanyIds.map((member) => check.id("virtualCompanyIds", member))
    )
    if (members.length === 0 || new Set(members).size < members.length) {
      return yield* check.fail("virtualCompanyIds", "give at least one member, and none of them twice")
    }
    const OperateType = yield* check.oneOf("operateType", operateType, ["AllocateAmount", "WithdrawAmount"])
    if (!Quantity.isQuantity(change.amount)) {
      return yield* check.fail("amount", 'give a quantity, as Quantity.cny("500")')
    }
    const fen = yield* Result.orElse(Money.toFen(change.amount), (error) =>
      check.fail("amount", error.message)
    )
    if (fen < 1n || fen > BigInt(Number.MAX_SAFE_INTEGER)) {
      return yield* check.fail("amount", "give 0.01 CNY to 90071992547409.91 CNY")
    }
    return {
      TeamId: yield* check.id("teamId", change.teamId ?? settings.teamId),
      VirtualCompanyId: members,
      Amount: fen,
      OperateType
    } satisfies Signature.Params
  })

export const info = ({ teamId, virtualCompanyId }: TeamSelector): Checked => {
  const check = checks("GetCompShareTeamInfo")
  if ((teamId === undefined) === (virtualCompanyId === undefined)) {
    return check.fail("teamId", "give exactly one of teamId and virtualCompanyId")
  }
  return teamId === undefined
    ? Result.map(check.id("virtualCompanyId", virtualCompanyId), (VirtualCompanyId) => ({
        VirtualCompanyId
      }))
    : Result.map(check.id("teamId", teamId), (TeamId) => ({ TeamId }))
}

export const joined = ({ status }: TeamMembershipQuery = {}): Checked => {
  const check = checks("ListCompShareTeamJoined")
  const checked = ifGiven(status, (value) => check.text("status", value, "a status, as joined"))
  return Result.map(checked, (Status) => ({ Status }))
}

export const invites = ({ teamId }: TeamInvitesQuery = {}): Checked => {
  const check = checks("ListCompShareTeamInvite")
  return Result.map(
    ifGiven(teamId, (value) => check.id("teamId", value)),
    (TeamId) => ({ TeamId })
  )
}

export const create = ({ description, name }: NewTeam): Checked =>
  Result.gen(function* () {
    const check = checks("CreateCompShareTeam")
    return {
      Name: yield* check.text("name", name, "the team's name"),
      Description: yield* ifGiven(description, (value) => check.text("description", value, "a text"))
    }
  })

export const update = (settings: Settings, { description, name, teamId }: TeamUpdate): Checked =>
  Result.gen(function* () {
    const check = checks("UpdateCompShareTeam")
    if (name === undefined && description === undefined) {
      return yield* check.fail("name", "give a name, or a description, or both")
    }
    return {
      TeamId: yield* check.id("teamId", teamId ?? settings.teamId),
      Name: yield* ifGiven(name, (value) => check.text("name", value, "the team's name")),
      Description: yield* ifGiven(description, (value) => check.text("description", value, "a text"))
    }
  })

export const remove = ({ teamId }: TeamDeletion): Checked =>
  Result.map(checks("DeleteCompShareTeam").id("teamId", teamId), (TeamId) => ({ TeamId }))

export const invite = (settings: Settings, { teamId, users }: TeamInvitation) =>
  Result.gen(function* () {
    const check = checks("CreateCompShareTeamRelation")
    if (!Array.isArray(users) || users.length === 0 || users.length > mostInvitees) {
      return yield* check.fail(
        "users",
        `give a list of 1 to ${mostInvitees} users, as [{ userCompanyId: 50001 }]`
      )
    }
    const UserInfo = yield* Result.all(
      users.map((user, index) =>
        Result.gen(function* () {
          const field = `users.${index}`
          if (typeof user !== "object" || user === null) {
            return yield* check.fail(field, "give a user, as { userCompanyId: 50001 }")
          }
          yield* checkNames("CreateCompShareTeamRelation", user, Names.invitee, field)
          const UserCompanyId = yield* check.id(`${field}.userCompanyId`, user.userCompanyId)
          if (user.remarkName === undefined) return { UserCompanyId }
          const RemarkName = yield* check.text(
            `${field}.remarkName`,
            user.remarkName,
            "a name, or leave it out"
          )
          return { UserCompanyId, RemarkName }
        })
      )
    )
    if (new Set(UserInfo.map(({ UserCompanyId }) => UserCompanyId)).size < UserInfo.length) {
      return yield* check.fail("users", "give nobody twice")
    }
    return {
      TeamId: yield* check.id("teamId", teamId ?? settings.teamId),
      UserInfo
    } satisfies Signature.Params
  })

export const relation = (settings: Settings, change: TeamRelationChange): Checked =>
  Result.gen(function* () {
    const check = checks("SetCompShareTeamRelation")
    // Callers without types may give what another status takes: it would be dropped without a word.
    const given: Readonly<Record<string, unknown>> = { ...change }
    const words = ["Agree", "Reject", "Cancel", "Send", "UpdateRemarkName"] as const
    const Status = yield* check.oneOf("status", change.status, words)
    const unused = (field: "userCompanyId" | "remarkName") =>
      given[field] === undefined ? Result.void : check.fail(field, `${Status} takes none: leave it out`)
    const TeamId = yield* check.id("teamId", change.teamId ?? settings.teamId)
    if (Status === "Agree" || Status === "Reject") {
      yield* unused("userCompanyId")
      yield* unused("remarkName")
      return { TeamId, Status }
    }
    const UserCompanyId = yield* check.id("userCompanyId", given["userCompanyId"])
    if (Status === "Cancel") {
      yield* unused("remarkName")
      return { TeamId, Status, UserCompanyId }
    }
    if (Status === "Send" && given["remarkName"] === undefined) return { TeamId, Status, UserCompanyId }
    const RemarkName = yield* check.text("remarkName", given["remarkName"], "the member's name")
    return { TeamId, Status, UserCompanyId, RemarkName }
  })

export const operateLog = (
  settings: Settings,
  query: TeamOperateLogQuery & { readonly offset?: number }
): Checked =>
  Result.gen(function* () {
    const check = checks("ListCompShareTeamOperateLog")
    const { ascending, limit, offset, operateTypes, statuses } = query
    if (ascending !== undefined && typeof ascending !== "boolean") {
      return yield* check.fail("ascending", "give true or false, or leave it out")
    }
    return {
      TeamId: yield* check.id("teamId", query.teamId ?? settings.teamId),
      ...(yield* check.times(query.beginTime, query.endTime)),
      ...(yield* check.page(limit, offset)),
      OrderByASC: ascending,
      OperateType: yield* ifGiven(operateTypes, (value) => check.texts("operateTypes", value)),
      Status: yield* ifGiven(statuses, (value) => check.texts("statuses", value))
    }
  })
