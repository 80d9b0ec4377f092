/**
 * How users join a team and leave it. A row stays when its user leaves. A user who comes back gets another
 * row, with another virtual company id.
 */
import { memberCodes } from "./codes.ts"
import type { MemberState } from "./model.ts"
import { log, type MemberFailure, memberOf, replaceMember, type Team, type World } from "./world.ts"

/** Whether the user is in the team or may still join. All other rows are history. */
export const isCurrent = ({ status }: MemberState): boolean => status === "Joined" || status === "Pending"

/**
 * Invites a user, or returns the failure; the operate log records both. Undocumented choice: a user with an
 * open invitation counts as being in the team, and so does the administrator.
 */
export const invite = (
  world: World,
  team: Team,
  { at, remarkName, userCompanyId }: Pick<MemberState, "userCompanyId" | "remarkName"> & At
): MemberFailure | undefined => {
  const isIn = team.members.some((one) => one.userCompanyId === userCompanyId && isCurrent(one))
  const failure =
    isIn || userCompanyId === world.companyId
      ? { code: memberCodes.CreateCompShareTeamRelation, message: "用户已在团队中" }
      : undefined
  if (failure === undefined) {
    const createTime = Math.floor(at / 1000)
    const nothing = { virtualCompanyId: 0, allocatedFen: 0n, availableFen: 0n }
    team.members.push({ ...nothing, userCompanyId, remarkName, status: "Pending", createTime })
  }
  log(team, { content: `成员 ${remarkName}`, operateType: "发送邀请", failed: failure !== undefined, at })
  return failure
}

/** Withdraws an open invitation. Returns whether there was one. */
export const cancel = (
  team: Team,
  { at, userCompanyId }: Pick<MemberState, "userCompanyId"> & At
): boolean => {
  const member = pending(team, userCompanyId)
  if (member === undefined) return false
  replaceMember(team, member, { status: "Canceled" })
  log(team, { content: `成员 ${member.remarkName}`, operateType: "取消邀请", at })
  return true
}

/** The user accepts the oldest open invitation. Returns the new virtual company id. */
export const accept = (world: World, userCompanyId: number, at: number): number => {
  const { member, team } = invitation(world, userCompanyId)
  const virtualCompanyId = nextVirtualCompanyId(world)
  replaceMember(team, member, { status: "Joined", virtualCompanyId })
  log(team, { content: `成员 ${member.remarkName}`, operateType: "接受邀请", at })
  return virtualCompanyId
}

/** The user rejects the oldest open invitation. */
export const reject = (world: World, userCompanyId: number, at: number): void => {
  const { member, team } = invitation(world, userCompanyId)
  replaceMember(team, member, { status: "Rejected" })
  log(team, { content: `成员 ${member.remarkName}`, operateType: "拒绝邀请", at })
}

/**
 * Removes a member in the console. Undocumented choices: it is refused until all available money has been
 * withdrawn, so that no money moves; and the operate log has no entry, because it lists no such type.
 */
export const remove = (world: World, virtualCompanyId: number): void => {
  const { member, team } = memberOf(world, virtualCompanyId)
  if (member.availableFen > 0n)
    throw new Error(`member ${virtualCompanyId} still has ${member.availableFen} fen`)
  replaceMember(team, member, { status: "Canceled" })
}

/** Returns an id that no user has or had. */
export const nextVirtualCompanyId = (world: World): number => {
  const rows = [...world.teams.values()].flatMap((team) => team.members)
  return (
    [...rows, ...world.memberships].reduce((most, one) => Math.max(most, one.virtualCompanyId), 60_000) + 1
  )
}

interface At {
  /** Milliseconds since 1970. */
  readonly at: number
}

const pending = (team: Team, userCompanyId: number): MemberState | undefined =>
  team.members.find((one) => one.userCompanyId === userCompanyId && one.status === "Pending")

const invitation = (
  world: World,
  userCompanyId: number
): { readonly team: Team; readonly member: MemberState } => {
  for (const team of world.teams.values()) {
    const member = team.deleted ? undefined : pending(team, userCompanyId)
    if (member !== undefined) return { team, member }
  }
  throw new Error(`user ${userCompanyId} has no open invitation to an emulated team`)
}
