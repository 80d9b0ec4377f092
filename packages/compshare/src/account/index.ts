/**
 * A team as an account: its layer, its settings in configuration files, and accounts for the Promise API.
 * Uses `api` and `driver`; the emulator is loaded on demand.
 */
export * as CompShare from "./CompShare.ts"
export * as CompShareProvider from "./CompShareProvider.ts"
