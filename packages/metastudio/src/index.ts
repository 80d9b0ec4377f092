/**
 * Huawei Cloud MetaStudio for cloud-quota.
 */
// Before all else: core refuses a Node that is too old, in one sentence.
import "@cloud-quota/core"

export * as AkSk from "./AkSk.ts"
export * as Credentials from "./Credentials.ts"
export * as ErrorCode from "./ErrorCode.ts"
export * as IamToken from "./IamToken.ts"
export * as MetaStudio from "./MetaStudio.ts"
export * as MetaStudioClient from "./MetaStudioClient.ts"
export * as MetaStudioEmulator from "./MetaStudioEmulator.ts"
export * as Region from "./Region.ts"
export * as UserQuota from "./UserQuota.ts"
