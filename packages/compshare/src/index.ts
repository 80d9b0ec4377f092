/**
 * UCloud CompShare team allowances.
 */
import "@cloud-quota/core"

// Accounts.
export { CompShare, CompShareProvider } from "./account/index.ts"

// The vendor's API.
export { CompShareClient, CredentialChain, Operations, RetCode, Signature } from "./api/index.ts"

// The API's operations by subject, and the types of their rows.
export { AccountBalance, Instance, InstancePrice, Team, TeamOperateLog, TeamOrder } from "./api/index.ts"
