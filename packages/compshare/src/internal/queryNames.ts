/**
 * The fields of each operation's query, by the vendor's name of the operation. Any other is refused: a
 * misspelled filter would vanish, and more would be listed than was asked for.
 */
import type { Names } from "@cloud-quota/core/KnownKeys"
import type { InstanceQuery } from "../Instance.ts"
import type * as InstancePrice from "../InstancePrice.ts"
import type * as Team from "../Team.ts"
import type { TeamAmount } from "../TeamAmount.ts"
import type { TeamOperateLogQuery } from "../TeamOperateLog.ts"
import type * as TeamOrder from "../TeamOrder.ts"

interface Offset {
  readonly offset?: number
}

const period: Names<TeamOrder.TeamMemberPeriod> = {
  teamId: true,
  virtualCompanyId: true,
  beginTime: true,
  endTime: true
}

export const orders: Names<TeamOrder.TeamMemberOrderQuery & Offset> = {
  ...period,
  orderBy: true,
  orderDir: true,
  chargeTypes: true,
  orderStates: true,
  orderTypes: true,
  orderNos: true,
  resourceIds: true,
  resourceTypes: true,
  regions: true,
  limit: true,
  offset: true
}

const place = { region: true, zone: true } as const

export const userPrice: Names<InstancePrice.InstanceUserPriceQuery> = {
  ...place,
  gpuType: true,
  gpu: true,
  cpu: true,
  memory: true,
  chargeType: true
}

export const amount: Names<TeamAmount> = {
  teamId: true,
  virtualCompanyIds: true,
  amount: true,
  operateType: true
}

export const joined: Names<Team.TeamMembershipQuery> = { status: true }

export const invites: Names<Team.TeamInvitesQuery> = { teamId: true }

export const info: Names<Team.TeamSelector> = { teamId: true, virtualCompanyId: true }

export const newTeam: Names<Team.NewTeam> = { name: true, description: true }

export const update: Names<Team.TeamUpdate> = { teamId: true, name: true, description: true }

export const deletion: Names<Team.TeamDeletion> = { teamId: true }

export const invitation: Names<Team.TeamInvitation> = { teamId: true, users: true }

export const invitee: Names<Team.Invitee> = { userCompanyId: true, remarkName: true }

export const relation: Names<Team.TeamRelationChange> = {
  teamId: true,
  status: true,
  userCompanyId: true,
  remarkName: true
}

export const operateLog: Names<TeamOperateLogQuery & Offset> = {
  teamId: true,
  beginTime: true,
  endTime: true,
  operateTypes: true,
  statuses: true,
  ascending: true,
  limit: true,
  offset: true
}

export const orderCount: Names<TeamOrder.TeamMemberOrderCountQuery> = {
  ...period,
  chargeTypes: true,
  orderStates: true,
  orderTypes: true,
  resourceTypes: true,
  regions: true
}

export const unpaidOrderCount: Names<TeamOrder.TeamMemberUnpaidOrderCountQuery> = {
  ...period,
  chargeTypes: true,
  orderStates: true,
  orderTypes: true
}

export const productTypes: Names<TeamOrder.MemberProductTypeQuery> = { ...period, orderStates: true }

export const download: Names<TeamOrder.TeamOrderDownload> = { ...period, orderStates: true }

export const instances: Names<InstanceQuery & Offset> = {
  ...place,
  uHostIds: true,
  limit: true,
  offset: true
}

export const price: Names<InstancePrice.InstancePriceQuery> = {
  ...userPrice,
  disks: true,
  volumes: true,
  compShareImageId: true,
  quantity: true
}

export const upgradePrice: Names<InstancePrice.InstanceUpgradePriceQuery> = {
  ...place,
  uHostId: true,
  cpu: true,
  gpu: true,
  memory: true
}

export const diskUpgradePrice: Names<InstancePrice.AttachedDiskUpgradePriceQuery> = {
  ...place,
  uHostId: true,
  diskId: true,
  diskSpace: true,
  backupMode: true
}

export const refundPrice: Names<InstancePrice.RefundPriceQuery> = { ...place, uHostIds: true }
