/**
 * CompShare as a driver: one team, whose members have one metric, the allowance, which is changed by deltas.
 */
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import type { Service } from "../api/CompShareClient.ts"
import { capabilities } from "./capabilities.ts"
import { allowance, makeAllowance } from "./allowance.ts"
import { readBalance } from "./balance.ts"
import { listLog } from "./log.ts"
import { makeMembers } from "./members.ts"
import { makeOrders } from "./orders.ts"
import { makeRefunds } from "./refunds.ts"
import { makeTeam, memberId } from "./team.ts"
import { provider } from "../api/settings.ts"

/** Makes the driver of one team. */
export const makeDriver = (client: Service, teamId: number): Driver => {
  const team = makeTeam(client, teamId)
  return {
    identity: { provider, endpoint: client.endpoint, scope: `${teamId}` },
    capabilities,
    metrics: [allowance],
    memberId,
    ...makeMembers(client, team),
    ...makeAllowance(client, team),
    ...makeOrders(client, team),
    ...makeRefunds(client, team),
    balance: readBalance(client),
    listLog: listLog(client, teamId)
  }
}
