/**
 * A project as an account: its layer, its settings in configuration files, and accounts for the Promise API. Uses
 * `api` and `driver`; the emulator is loaded on demand.
 */
export * as MetaStudio from "./MetaStudio.ts"
export * as MetaStudioProvider from "./MetaStudioProvider.ts"
