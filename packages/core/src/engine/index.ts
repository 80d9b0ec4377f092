/**
 * Changes of limits: plan, check, record, send once, settle. Uses the model, the transport and the journal.
 */
export * as Settlement from "./Settlement.ts"
