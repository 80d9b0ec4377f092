/**
 * Huawei Cloud MetaStudio for cloud-quota.
 */
import "@cloud-quota/core"

// Accounts.
export { MetaStudio, MetaStudioProvider } from "./account/index.ts"

// The vendor's APIs: MetaStudio, IAM and billing (BSS).
export { BssClient, ErrorCode, IamClient, MetaStudioClient, Operations, Region } from "./api/index.ts"

// Credentials.
export { AkSk, CredentialChain, Credentials, IamToken, TemporaryKey } from "./api/index.ts"

// The APIs' operations by subject, and the types of their rows.
export { Bss, Iam, Quotas, Tenant } from "./api/index.ts"
