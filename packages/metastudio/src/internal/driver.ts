/**
 * MetaStudio for core: limits that are set absolutely, all of a member in one request; its members with
 * what IAM knows of them; its bills with what the billing service knows.
 */
import type { Driver } from "@cloud-quota/core/Driver"
import { metrics } from "../api/quotas.ts"
import type * as BssClient from "../BssClient.ts"
import type * as IamClient from "../IamClient.ts"
import type { MetaStudioClient } from "../MetaStudioClient.ts"
import { capabilities } from "./capabilities.ts"
import { makeDirectory } from "./directory.ts"
import { makeBills } from "./driverBills.ts"
import { listEntitlements } from "./driverEntitlements.ts"
import { makeMembers } from "./driverMembers.ts"
import { makeOrders } from "./driverOrders.ts"
import { makeQuotas } from "./driverQuotas.ts"
import { makeUsage } from "./driverUsage.ts"
import { provider } from "./errors.ts"
import { makeIsolation } from "./isolation.ts"
import { memberId } from "./memberId.ts"

/** The clients of one account. */
export interface Clients {
  readonly metaStudio: MetaStudioClient["Service"]
  readonly iam: IamClient.Service
  readonly bss: BssClient.Service
}

/** Makes the driver of one project. */
export const makeDriver = ({ bss, iam, metaStudio }: Clients): Driver => {
  const isolation = makeIsolation(metaStudio)
  return {
    identity: { provider, endpoint: metaStudio.endpoint, scope: metaStudio.projectId },
    capabilities,
    metrics: Object.values(metrics),
    memberId,
    ...makeQuotas(metaStudio, isolation),
    ...makeMembers(metaStudio, makeDirectory(iam), isolation),
    ...makeOrders(bss),
    ...makeBills(bss),
    ...makeUsage(metaStudio, isolation),
    listEntitlements: listEntitlements(metaStudio, bss)
  }
}
