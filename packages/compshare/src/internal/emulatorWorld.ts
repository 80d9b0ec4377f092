/**
 * What the emulated account holds, and how money moves in it. Amounts are whole fen.
 */
import type {
  Instance,
  LedgerEntry,
  MemberState,
  OperateType,
  Order,
  Settings,
  State
} from "../CompShareEmulator.ts"
import { seedTime, seedWorld } from "./emulatorSeed.ts"
import { yuan } from "./emulatorWire.ts"

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

/** The account: everything that a request can read or change. */
export interface World {
  readonly team: {
    readonly id: number
    readonly name: string
    readonly companyId: number
    readonly description: string
  }
  readonly withdrawLowersAllocated: boolean
  adminBalanceFen: bigint
  readonly members: Array<MemberState>
  readonly orders: ReadonlyArray<Order>
  readonly instances: ReadonlyArray<Instance>
  readonly log: Array<LogEntry>
  readonly ledger: Array<LedgerEntry>
}

/** The account as the settings describe it, or a generated one. */
export const makeWorld = (settings: Settings): World => {
  const generated =
    settings.members === undefined ? seedWorld(settings.seed ?? 1, settings.size ?? 300) : undefined
  const members = generated?.members ?? (settings.members ?? []).map(withDefaults)
  const ids = members.map((member) => member.virtualCompanyId).filter((id) => id > 0)
  if (new Set(ids).size < ids.length)
    throw new Error("two members of the emulator have the same virtualCompanyId")
  for (const { refundPriceYuan = "0" } of settings.instances ?? []) {
    if (!/^(0|[1-9]\d*)(\.\d+)?$/.test(refundPriceYuan)) throw new Error("refundPriceYuan must be as 235.50")
  }
  return {
    team: {
      id: settings.teamId ?? 1001,
      name: settings.team?.name ?? "my-team",
      companyId: settings.team?.companyId ?? 50001,
      description: settings.team?.description ?? "AI研发团队"
    },
    withdrawLowersAllocated: settings.withdrawLowersAllocated ?? true,
    adminBalanceFen: settings.adminBalanceFen ?? 1_000_000_00n,
    members: [...members],
    orders: settings.orders ?? generated?.orders ?? [],
    instances: settings.instances ?? generated?.instances ?? [],
    log: [...(generated?.log ?? [])],
    ledger: []
  }
}

const withDefaults = (member: NonNullable<Settings["members"]>[number], index: number): MemberState => ({
  userCompanyId: 50002 + index,
  remarkName: `member-${index + 1}`,
  status: member.virtualCompanyId > 0 ? "Joined" : "Pending",
  allocatedFen: 0n,
  availableFen: member.allocatedFen ?? 0n,
  createTime: seedTime,
  ...member
})

/** A copy that later changes leave alone. */
export const stateOf = (world: World): State => ({
  adminBalanceFen: world.adminBalanceFen,
  members: [...world.members]
})

/** Why one member's amount was not changed. */
export interface MemberFailure {
  readonly code: number
  readonly message: string
}

/** One member's change, as it is to be recorded. */
export interface Move {
  readonly operateType: OperateType
  readonly member: number
  readonly amountFen: bigint
  /** Milliseconds since 1970. */
  readonly at: number
  readonly origin: { readonly source: "api"; readonly requestId: string } | { readonly source: "console" }
}

/**
 * Moves money between the admin and one member, or says why not; either way the operate log tells.
 *
 * Undocumented choices: the log has one entry a member; a member who is unknown or has not joined
 * fails with 17001, the only code of a member that the vendor documents; and a withdraw may take `allocated` below zero
 * when refunds brought `available` above it.
 */
export const move = (
  world: World,
  { amountFen, at, member: id, operateType, origin }: Move
): MemberFailure | undefined => {
  const member = joinedMember(world, id)
  const allocate = operateType === "AllocateAmount"
  const purse = allocate ? world.adminBalanceFen : (member?.availableFen ?? 0n)
  const failure =
    member === undefined
      ? { code: 17001, message: "成员不存在或未加入团队" }
      : amountFen > purse
        ? { code: 17001, message: "额度不足" }
        : undefined
  if (member !== undefined && failure === undefined) {
    const signed = allocate ? amountFen : -amountFen
    world.adminBalanceFen -= signed
    replace(world, {
      ...member,
      allocatedFen: member.allocatedFen + (allocate || world.withdrawLowersAllocated ? signed : 0n),
      availableFen: member.availableFen + signed
    })
    world.ledger.push({ at, operateType, member: id, amountFen, ...origin })
  }
  world.log.push({
    content: `成员 ${member?.remarkName ?? ""}(${id}) ${yuan(amountFen)} 元`,
    operateType: allocate ? "分配金额" : "提取金额",
    status: failure === undefined ? "成功" : "失败",
    createTime: Math.floor(at / 1000)
  })
  return failure
}

/** Changes what a member has left: an order lowers it, the refund of one raises it. */
export const changeAvailable = (world: World, id: number, byFen: bigint): void => {
  const member = joinedMember(world, id)
  if (member === undefined) throw new Error(`member ${id} has not joined the emulated team`)
  const availableFen = member.availableFen + byFen
  if (availableFen < 0n) throw new Error(`member ${id} has only ${member.availableFen} fen left to spend`)
  replace(world, { ...member, availableFen })
}

const joinedMember = (world: World, id: number): MemberState | undefined =>
  world.members.find((member) => member.virtualCompanyId === id && member.status === "Joined")

const replace = (world: World, changed: MemberState): void => {
  const index = world.members.findIndex((member) => member.virtualCompanyId === changed.virtualCompanyId)
  world.members[index] = changed
}
