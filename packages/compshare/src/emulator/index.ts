/**
 * CompShare on this machine, for tests and trials. No other room uses it, except on demand.
 */
export * as CompShareEmulator from "./CompShareEmulator.ts"
