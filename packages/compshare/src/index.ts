/**
 * UCloud CompShare team allowances.
 */
import "@cloud-quota/core"

export * as AccountBalance from "./api/balance.ts"
export * as CompShare from "./CompShare.ts"
export * as CompShareClient from "./CompShareClient.ts"
export * as CompShareEmulator from "./CompShareEmulator.ts"
export * as CompShareProvider from "./CompShareProvider.ts"
export * as CredentialChain from "./CredentialChain.ts"
export * as Instance from "./api/instance.ts"
export * as InstancePrice from "./api/price.ts"
export * as Operations from "./api/operations.ts"
export * as RetCode from "./RetCode.ts"
export * as Signature from "./Signature.ts"
export * as Team from "./api/team.ts"
export * as TeamOperateLog from "./api/log.ts"
export * as TeamOrder from "./api/order.ts"
