/**
 * For tests: the emulator kit, a provider in memory, scripted answers, and the conformance checks of an
 * adapter. Uses every other room; no other room uses it.
 */
export * as Conformance from "./Conformance.ts"
export * as Emulator from "./Emulator.ts"
export * as MemoryProvider from "./MemoryProvider.ts"
export * as TestTransport from "./TestTransport.ts"
