/** The initial state of an emulated account: from its settings, with generated data for the rest. */
import type { Instance, MemberState } from "./model.ts"
import { makeOrderBook } from "./orderBook.ts"
import { makeYearOfOrders, seedTime, seedWorld } from "./seed.ts"
import type { Settings } from "./settings.ts"
import type { KnownInstance, Team, World } from "./world.ts"

/** Makes the account that the settings describe, or a generated one. */
export const makeWorld = (settings: Settings): World => {
  const seed = settings.seed ?? 1
  const generated = settings.members === undefined ? seedWorld(seed, settings.size ?? 300) : undefined
  const members = generated?.members ?? (settings.members ?? []).map(withDefaults)
  const ids = members.map((member) => member.virtualCompanyId).filter((id) => id > 0)
  if (new Set(ids).size < ids.length)
    throw new Error("two members of the emulator have the same virtualCompanyId")
  for (const { refundPriceYuan = "0" } of settings.instances ?? []) {
    if (!/^(0|[1-9]\d*)(\.\d+)?$/.test(refundPriceYuan)) throw new Error("refundPriceYuan must be as 235.50")
  }
  if (settings.orders !== undefined && settings.orderCount !== undefined)
    throw new Error("orders and orderCount exclude each other")
  const team: Team = {
    id: settings.teamId ?? 1001,
    name: settings.team?.name ?? "my-team",
    description: settings.team?.description ?? "AI研发团队",
    deleted: false,
    members: [...members],
    log: [...(generated?.log ?? [])]
  }
  const orders =
    settings.orderCount === undefined
      ? (settings.orders ?? generated?.orders ?? [])
      : makeYearOfOrders(seed, ids, settings.orderCount)
  return {
    companyId: settings.team?.companyId ?? 50001,
    withdrawLowersAllocated: settings.withdrawLowersAllocated ?? true,
    adminBalanceFen: settings.adminBalanceFen ?? 1_000_000_00n,
    teams: new Map([[team.id, team]]),
    memberships: [...(settings.memberships ?? generated?.memberships ?? [])],
    orders: makeOrderBook(orders),
    instances: settings.instances?.map(withDefaultSpecs) ?? generated?.instances ?? [],
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

/** The machine of the vendor's examples. */
const withDefaultSpecs = (instance: Instance): KnownInstance => ({
  name: instance.uHostId,
  state: "Running",
  chargeType: "Month",
  gpuType: "4090",
  gpu: 1,
  cpu: 16,
  memoryMb: 65_536,
  bootDiskGb: 60,
  dataDiskGb: 100,
  createTime: seedTime,
  expireTime: seedTime + 30 * 86_400,
  ...instance
})
