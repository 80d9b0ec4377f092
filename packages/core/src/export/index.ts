/**
 * Listings as CSV, NDJSON and JSON, and orders as FOCUS cost data. Uses the services and the model.
 */
export * as Export from "./Export.ts"
export * as Focus from "./Focus.ts"
export * as Tables from "./Tables.ts"
