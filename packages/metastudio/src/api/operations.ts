/** All operations of Huawei Cloud's APIs that have their own client method, by service. */
import { bssOperations } from "./bss.ts"
import { iamOperations } from "./iam.ts"
import { quotaOperations } from "./quotas.ts"
import { tenantOperations } from "./tenant.ts"

export const operations = {
  metastudio: { ...quotaOperations, ...tenantOperations },
  iam: iamOperations,
  bss: bssOperations
}
