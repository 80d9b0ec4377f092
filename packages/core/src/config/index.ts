/**
 * `cloud-quota.yaml`, credentials and their files, trust in found files, and diagnosis. Uses the services and
 * everything below.
 */
export * as ConfigFile from "./ConfigFile.ts"
export * as ConfigFileError from "./ConfigFileError.ts"
export * as ConfigTrust from "./ConfigTrust.ts"
export * as CredentialChain from "./CredentialChain.ts"
export * as CredentialFile from "./CredentialFile.ts"
export * as Diagnose from "./Diagnose.ts"
export * as Provider from "./Provider.ts"
export * as Settings from "./Settings.ts"
