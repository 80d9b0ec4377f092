/** CompShare on this machine, for tests and trials. Other rooms load it only on demand. */
export * as CompShareEmulator from "./CompShareEmulator.ts"
