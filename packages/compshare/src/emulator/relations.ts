/** Team membership on the wire: invitations sent by the account, and those it received. */
import * as Result from "effect/Result"
import {
  type Action,
  type Actions,
  integer,
  noPermission,
  ownTeam,
  records,
  required,
  uint32
} from "./call.ts"
import { cancel, invite, isCurrent, nextVirtualCompanyId } from "./members.ts"
import type { MemberState, Membership } from "./model.ts"
import { type Answer, missing, notAvailable } from "./wire.ts"
import { replaceMember, type World } from "./world.ts"

/**
 * The teams that the account is a member of. The vendor's page filters by `joined`, its clients' documents by
 * `Joined`: both are accepted. Undocumented choice: without a filter, every status is listed.
 */
const listJoined: Action = ({ params, world }) =>
  Result.gen(function* () {
    const wanted = params.get("Status")?.toLowerCase()
    if (wanted !== undefined && !statuses.some((status) => status.toLowerCase() === wanted)) {
      return yield* notAvailable("Status")
    }
    return {
      JoinedTeams: world.memberships
        .filter(({ status }) => wanted === undefined || status.toLowerCase() === wanted)
        .map((membership) => ({ ...toRelation(world, membership), IsPersonalAccount: false }))
    }
  })

const statuses: ReadonlyArray<MemberState["status"]> = ["Pending", "Joined", "Rejected", "Canceled"]

/**
 * The vendor documents this action in two ways. Its page lists the invitations received. Its clients'
 * documents add `TeamId`, and list the invited users. Undocumented choice: without `TeamId` the former, with
 * the id of an own team the latter.
 */
const listInvites: Action = ({ params, world }) =>
  Result.gen(function* () {
    if (!params.has("TeamId")) {
      return {
        Invites: world.memberships.map((membership) => ({
          ...toRelation(world, membership),
          TeamUseCompanyId: membership.teamCompanyId
        }))
      }
    }
    const { id, members, name } = yield* ownTeam(world, params)
    return {
      Invites: members.map((member) => ({
        TeamId: id,
        TeamName: name,
        TeamUseCompanyId: world.companyId,
        UserCompanyId: member.userCompanyId,
        VirtualCompanyId: member.virtualCompanyId,
        Status: member.status,
        RemarkName: member.remarkName,
        CreateTime: member.createTime
      }))
    }
  })

const toRelation = (world: World, membership: Membership) => ({
  TeamId: membership.teamId,
  TeamName: membership.teamName,
  UserCompanyId: world.companyId,
  VirtualCompanyId: membership.virtualCompanyId,
  Status: membership.status,
  RemarkName: membership.remarkName,
  CreateTime: membership.createTime
})

const createRelation: Action = ({ now, params, world }) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    const users = yield* records(params, "UserInfo")
    if (users.length === 0) return yield* missing("UserInfo")
    if (users.length > 100) return yield* notAvailable("UserInfo")
    const invited = yield* Result.all(
      users.map((user) =>
        Result.map(integer(user, "UserCompanyId", companyId), (id) => ({
          userCompanyId: Number(id),
          remarkName: user.get("RemarkName") ?? ""
        }))
      )
    )
    const failed: Record<string, Answer> = {}
    for (const user of invited) {
      const failure = invite(world, team, { ...user, at: now })
      if (failure !== undefined) failed[user.userCompanyId] = { Code: failure.code, Message: failure.message }
    }
    return { ErrorMap: failed }
  })

const companyId = { ...uint32, least: 1n }

/**
 * `Agree` and `Reject` are replies of an invited account. Undocumented choice: the account replies to the
 * invitations that it received itself; for the users it invited, the emulator has its own methods.
 */
const setRelation: Action = (call) =>
  Result.flatMap(required(call.params, "Status"), (status) => {
    const change = changes.get(status)
    return change === undefined ? notAvailable("Status") : change(call)
  })

const replyWith =
  (status: "Joined" | "Rejected"): Action =>
  ({ params, world }) =>
    Result.gen(function* () {
      const teamId = Number(yield* integer(params, "TeamId", uint32))
      const index = world.memberships.findIndex((one) => one.teamId === teamId && one.status === "Pending")
      const pending = world.memberships[index]
      if (pending === undefined) return yield* noPermission
      const virtualCompanyId = status === "Joined" ? nextVirtualCompanyId(world) : pending.virtualCompanyId
      world.memberships[index] = { ...pending, status, virtualCompanyId }
      return {}
    })

/** Undocumented choices: it invites one user, and fails as a whole. */
const send: Action = ({ now, params, world }) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    const userCompanyId = Number(yield* integer(params, "UserCompanyId", companyId))
    const remarkName = params.get("RemarkName") ?? ""
    const failure = invite(world, team, { userCompanyId, remarkName, at: now })
    return failure === undefined ? {} : yield* notAvailable("UserCompanyId")
  })

/**
 * Withdraws an invitation. The page's title mentions the removal of members too, but its table only
 * unanswered invitations: here, only those are canceled.
 */
const cancelInvitation: Action = ({ now, params, world }) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    const userCompanyId = Number(yield* integer(params, "UserCompanyId", companyId))
    return cancel(team, { userCompanyId, at: now }) ? {} : yield* notAvailable("UserCompanyId")
  })

/** The operate log has no type for a new name. */
const rename: Action = ({ params, world }) =>
  Result.gen(function* () {
    const team = yield* ownTeam(world, params)
    const userCompanyId = Number(yield* integer(params, "UserCompanyId", companyId))
    const remarkName = yield* required(params, "RemarkName")
    const member = team.members.find((one) => one.userCompanyId === userCompanyId && isCurrent(one))
    if (member === undefined) return yield* notAvailable("UserCompanyId")
    replaceMember(team, member, { remarkName })
    return {}
  })

const changes: ReadonlyMap<string, Action> = new Map([
  ["Agree", replyWith("Joined")],
  ["Reject", replyWith("Rejected")],
  ["Send", send],
  ["Cancel", cancelInvitation],
  ["UpdateRemarkName", rename]
])

export const relationActions: Actions = [
  ["ListCompShareTeamJoined", listJoined],
  ["ListCompShareTeamInvite", listInvites],
  ["CreateCompShareTeamRelation", createRelation],
  ["SetCompShareTeamRelation", setRelation]
]
