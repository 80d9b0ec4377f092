/**
 * Huawei Cloud MetaStudio for cloud-quota.
 */
// Before all else: core refuses a Node that is too old, in one sentence.
import "@cloud-quota/core"

export * as AkSk from "./AkSk.ts"
export * as Bss from "./api/bss.ts"
export * as BssClient from "./BssClient.ts"
export * as CredentialChain from "./CredentialChain.ts"
export * as Credentials from "./Credentials.ts"
export * as ErrorCode from "./ErrorCode.ts"
export * as Iam from "./api/iam.ts"
export * as IamClient from "./IamClient.ts"
export * as IamToken from "./IamToken.ts"
export * as MetaStudio from "./MetaStudio.ts"
export * as MetaStudioClient from "./MetaStudioClient.ts"
export * as MetaStudioEmulator from "./MetaStudioEmulator.ts"
export * as MetaStudioProvider from "./MetaStudioProvider.ts"
export * as Quotas from "./api/quotas.ts"
export * as Region from "./Region.ts"
export * as TemporaryKey from "./TemporaryKey.ts"
export * as Tenant from "./api/tenant.ts"
