/**
 * UCloud CompShare team allowances.
 */
import "@cloud-quota/core"

export * as CompShare from "./CompShare.ts"
export * as CompShareClient from "./CompShareClient.ts"
export * as CompShareEmulator from "./CompShareEmulator.ts"
export * as Money from "./Money.ts"
export * as RetCode from "./RetCode.ts"
export * as Signature from "./Signature.ts"
