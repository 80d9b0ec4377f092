/**
 * The providers' wire: an operation as one value, schemas of lenient values, exact JSON, and paging. Uses the
 * model.
 */
export * as Json from "./Json.ts"
export * as Lenient from "./Lenient.ts"
export * as OffsetPages from "./OffsetPages.ts"
export * as Operation from "./Operation.ts"
export * as Pages from "./Pages.ts"
export * as Rows from "./Rows.ts"
