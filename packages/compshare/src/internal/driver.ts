/**
 * CompShare as a driver: one team, whose members have one metric, the allowance, which is told differences.
 */
import type { Driver } from "@cloud-quota/core/Driver"
import type { Service } from "../CompShareClient.ts"
import { capabilities } from "./capabilities.ts"
import { allowance, makeAllowance } from "./driverAllowance.ts"
import { readBalance } from "./driverBalance.ts"
import { listLog } from "./driverLog.ts"
import { makeMembers } from "./driverMembers.ts"
import { makeOrders } from "./driverOrders.ts"
import { makeRefunds } from "./driverRefunds.ts"
import { makeTeam, memberId } from "./driverTeam.ts"
import { provider } from "./settings.ts"

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
