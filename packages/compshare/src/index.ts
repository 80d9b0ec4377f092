/**
 * UCloud CompShare team allowances.
 */
import "@cloud-quota/core"

export * as AccountBalance from "./AccountBalance.ts"
export * as CompShare from "./CompShare.ts"
export * as CompShareClient from "./CompShareClient.ts"
export * as CompShareEmulator from "./CompShareEmulator.ts"
export * as CompShareProvider from "./CompShareProvider.ts"
export * as CredentialChain from "./CredentialChain.ts"
export * as Instance from "./Instance.ts"
export * as InstancePrice from "./InstancePrice.ts"
export * as Money from "./Money.ts"
export * as RetCode from "./RetCode.ts"
export * as Signature from "./Signature.ts"
export * as Team from "./Team.ts"
export * as TeamAmount from "./TeamAmount.ts"
export * as TeamOperateLog from "./TeamOperateLog.ts"
export * as TeamOrder from "./TeamOrder.ts"
