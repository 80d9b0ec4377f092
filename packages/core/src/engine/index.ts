/**
 * Changes limits: plans, checks, records, sends once, and settles. Uses the model, the transport and the
 * journal.
 */
export * as Settlement from "./Settlement.ts"
