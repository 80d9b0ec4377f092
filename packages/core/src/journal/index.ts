/**
 * The record of every change, written before its request is sent: the contract, and journals in memory, in
 * SQLite and in PostgreSQL. Uses the model. `PostgresJournal` has a subpath only, since it needs
 * `@effect/sql-pg`.
 */
export * as Journal from "./Journal.ts"
export * as SqliteJournal from "./SqliteJournal.ts"
