/**
 * MetaStudio, IAM and billing on this machine, for tests and trials. No other room uses it, except on demand.
 */
export * as MetaStudioEmulator from "./MetaStudioEmulator.ts"
