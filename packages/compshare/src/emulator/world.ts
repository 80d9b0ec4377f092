/** The state of the emulated account, and the movements of its money. Amounts are whole fen. */
import { type MemberCode, memberCodes } from "./codes.ts"
import type { Instance, LedgerEntry, Membership, MemberState, OperateType, State } from "./model.ts"
import type { OrderBook } from "./orderBook.ts"
import { yuan } from "./wire.ts"

/** An entry of the team's operate log. */
export interface LogEntry {
  readonly content: string
  readonly operateType: (typeof logTypes)[number]
  readonly status: (typeof logStatuses)[number]
  /** Unix seconds. */
  readonly createTime: number
}

/** The kinds of entries that the console lists. */
export const logTypes = [
  "创建团队",
  "更新团队",
  "分配金额",
  "提取金额",
  "发送邀请",
  "取消邀请",
  "接受邀请",
  "拒绝邀请"
] as const

export const logStatuses = ["成功", "失败"] as const

/** A team that the account administers. */
export interface Team {
  readonly id: number
  name: string
  description: string
  deleted: boolean
  /** All users who were ever invited; no two rows share a virtual company id. */
  readonly members: Array<MemberState>
  /** Oldest first. */
  readonly log: Array<LogEntry>
}

/** An instance with all its fields. */
export type KnownInstance = Instance & Required<Omit<Instance, "refundPriceYuan">>

/** The account: everything that a request can read or change. */
export interface World {
  /** The administrator's own id. */
  readonly companyId: number
  readonly withdrawLowersAllocated: boolean
  adminBalanceFen: bigint
  /** By id; the team of the settings comes first. */
  readonly teams: Map<number, Team>
  /** The teams of others to which the account was invited. */
  readonly memberships: Array<Membership>
  readonly orders: OrderBook
  readonly instances: ReadonlyArray<KnownInstance>
  readonly ledger: Array<LedgerEntry>
}

/** Returns a copy that later changes do not affect. */
export const stateOf = (world: World): State => ({
  adminBalanceFen: world.adminBalanceFen,
  members: [...world.teams.values()].flatMap((team) => team.members)
})

/** Why one member's amount was not changed. */
export interface MemberFailure {
  readonly code: MemberCode
  readonly message: string
}

/** One member's change, with its origin for the ledger. */
export interface Move {
  readonly operateType: OperateType
  readonly member: number
  readonly amountFen: bigint
  /** Milliseconds since 1970. */
  readonly at: number
  readonly origin: { readonly source: "api"; readonly requestId: string } | { readonly source: "console" }
}

/** Calls {@link moveIn} for the member's own team, or for the first team if the id is unknown. */
export const move = (world: World, change: Move): MemberFailure | undefined => {
  const [first] = world.teams.values()
  const team = teamOf(world, change.member) ?? first
  if (team === undefined) throw new Error("the emulated account has no team")
  return moveIn(world, team, change)
}

/**
 * Moves money between the admin and one member of the team, or returns the failure; the operate log records
 * both.
 *
 * Undocumented choices: the log has one entry per member; an unknown member, or one who has not joined, fails
 * with 17001, the only code of a member that the vendor documents; and a withdrawal may take `allocated`
 * below zero when refunds brought `available` above it.
 */
export const moveIn = (
  world: World,
  team: Team,
  { amountFen, at, member: id, operateType, origin }: Move
): MemberFailure | undefined => {
  const member = joinedMember(team, id)
  const allocate = operateType === "AllocateAmount"
  const purse = allocate ? world.adminBalanceFen : (member?.availableFen ?? 0n)
  const failure =
    member === undefined
      ? { code: memberCodes.SetCompShareTeamAmount, message: "成员不存在或未加入团队" }
      : amountFen > purse
        ? { code: memberCodes.SetCompShareTeamAmount, message: "额度不足" }
        : undefined
  if (member !== undefined && failure === undefined) {
    const signed = allocate ? amountFen : -amountFen
    world.adminBalanceFen -= signed
    replaceMember(team, member, {
      allocatedFen: member.allocatedFen + (allocate || world.withdrawLowersAllocated ? signed : 0n),
      availableFen: member.availableFen + signed
    })
    world.ledger.push({ at, operateType, member: id, amountFen, ...origin })
  }
  log(team, {
    content: `成员 ${member?.remarkName ?? ""}(${id}) ${yuan(amountFen)} 元`,
    operateType: allocate ? "分配金额" : "提取金额",
    failed: failure !== undefined,
    at
  })
  return failure
}

/** Changes a member's available amount: an order lowers it, a refund raises it. */
export const changeAvailable = (world: World, id: number, byFen: bigint): void => {
  const { member, team } = memberOf(world, id)
  const availableFen = member.availableFen + byFen
  if (availableFen < 0n) throw new Error(`member ${id} has only ${member.availableFen} fen left to spend`)
  replaceMember(team, member, { availableFen })
}

/** Returns the present or former team of a virtual company id. */
export const teamOf = (world: World, id: number): Team | undefined =>
  id > 0
    ? [...world.teams.values()].find((team) => team.members.some((one) => one.virtualCompanyId === id))
    : undefined

/** Returns the joined member with this virtual company id. Any other id is a mistake in the test. */
export const memberOf = (world: World, id: number): { readonly team: Team; readonly member: MemberState } => {
  const team = teamOf(world, id)
  const member = team === undefined ? undefined : joinedMember(team, id)
  if (team === undefined || member === undefined)
    throw new Error(`member ${id} has not joined the emulated team`)
  return { team, member }
}

/** Changes a member's row. Rows are never changed in place, so that a state already read stays as it was. */
export const replaceMember = (team: Team, member: MemberState, change: Partial<MemberState>): void => {
  team.members[team.members.indexOf(member)] = { ...member, ...change }
}

/** Writes an entry to the team's operate log. `at` is in milliseconds. */
export const log = (
  team: Team,
  {
    at,
    content,
    failed = false,
    operateType
  }: Pick<LogEntry, "content" | "operateType"> & { readonly at: number; readonly failed?: boolean }
): void => {
  team.log.push({
    content,
    operateType,
    status: failed ? "失败" : "成功",
    createTime: Math.floor(at / 1000)
  })
}

const joinedMember = (team: Team, id: number): MemberState | undefined =>
  team.members.find((member) => member.virtualCompanyId === id && member.status === "Joined")
