/**
 * The driver of MetaStudio: absolute limits, all of a member written in one request; members with their names
 * from IAM; bills from the billing service.
 */
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import { metrics } from "../api/quotas.ts"
import type * as BssClient from "../api/BssClient.ts"
import type * as IamClient from "../api/IamClient.ts"
import type { MetaStudioClient } from "../api/MetaStudioClient.ts"
import { capabilities } from "./capabilities.ts"
import { makeDirectory } from "./directory.ts"
import { makeBills } from "./bills.ts"
import { listEntitlements } from "./entitlements.ts"
import { makeMembers } from "./members.ts"
import { makeOrders } from "./orders.ts"
import { makeQuotas } from "./quotas.ts"
import { makeUsage } from "./usage.ts"
import { provider } from "../api/errors.ts"
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
