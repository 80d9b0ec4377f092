/** MetaStudio, IAM and billing on this machine, for tests and trials. Other rooms load it only on demand. */
export * as MetaStudioEmulator from "./MetaStudioEmulator.ts"
