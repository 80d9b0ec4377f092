/**
 * UCloud's API for CompShare teams, in the vendor's words: operations, the client, signing, return codes and
 * credentials. Uses `@cloud-quota/core` alone.
 */
export * as AccountBalance from "./balance.ts"
export * as CompShareClient from "./CompShareClient.ts"
export * as CredentialChain from "./CredentialChain.ts"
export * as Instance from "./instance.ts"
export * as InstancePrice from "./price.ts"
export * as Operations from "./operations.ts"
export * as RetCode from "./RetCode.ts"
export * as Signature from "./Signature.ts"
export * as Team from "./team.ts"
export * as TeamOperateLog from "./log.ts"
export * as TeamOrder from "./order.ts"
