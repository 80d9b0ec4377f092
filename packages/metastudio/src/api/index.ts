/**
 * Huawei Cloud's APIs for MetaStudio, IAM and billing (BSS), in the vendor's words: operations, clients, signing,
 * tokens, error codes and credentials. Uses `@cloud-quota/core` alone.
 */
export * as AkSk from "./auth/AkSk.ts"
export * as Bss from "./bss.ts"
export * as BssClient from "./BssClient.ts"
export * as CredentialChain from "./auth/CredentialChain.ts"
export * as Credentials from "./auth/Credentials.ts"
export * as ErrorCode from "./ErrorCode.ts"
export * as Iam from "./iam.ts"
export * as IamClient from "./IamClient.ts"
export * as IamToken from "./auth/IamToken.ts"
export * as MetaStudioClient from "./MetaStudioClient.ts"
export * as Operations from "./operations.ts"
export * as Quotas from "./quotas.ts"
export * as Region from "./Region.ts"
export * as TemporaryKey from "./auth/TemporaryKey.ts"
export * as Tenant from "./tenant.ts"
