/**
 * A database, as far as a journal needs one.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { JournalError } from "./contract.ts"

/** What a column holds. Integers are 64 bits wide; amounts are decimal text. */
export type Value = string | bigint | null

export type Row = Readonly<Record<string, unknown>>

/** Runs one statement, with `?` for each value. */
export type Run = (
  statement: string,
  ...values: ReadonlyArray<Value>
) => Effect.Effect<ReadonlyArray<Row>, JournalError>

/** A database, as far as a journal needs one. */
export interface SqlStore {
  /** What it is called in messages. */
  readonly name: string
  /**
   * Runs statements all or none, durable before it returns. `undefined` says that a condition does
   * not hold: everything is taken back.
   */
  readonly transaction: <A>(
    work: (run: Run) => Effect.Effect<A | undefined, JournalError>
  ) => Effect.Effect<A | undefined, JournalError>
  /**
   * Keeps everybody else away from the account until the scope closes. Waits for others of this
   * process; `busy` ends with this message if another process has it.
   */
  readonly lock: (
    account: string,
    busy: Effect.Effect<JournalError>
  ) => Effect.Effect<void, JournalError, Scope.Scope>
  /**
   * Notes outside the database how far it has come, and fails if the database is not where it was opened. It
   * runs when a hold begins and ends, and between arming and sending: nothing leaves if it fails.
   */
  readonly mark: Effect.Effect<void, JournalError>
  /** The same question, where it takes a statement in the transaction that arms. */
  readonly isInPlace: (run: Run) => Effect.Effect<void, JournalError>
}

/** A database that is only read. */
export type SqlReader = Pick<SqlStore, "name" | "transaction">

/** A transaction that always takes place. */
export const inTransaction = <A>(
  store: SqlReader,
  work: (run: Run) => Effect.Effect<A, JournalError>
): Effect.Effect<A, JournalError> =>
  Effect.flatMap(
    store.transaction((run) => Effect.map(work(run), (value) => ({ value }))),
    (done) =>
      done === undefined
        ? Effect.die("a transaction without conditions was refused")
        : Effect.succeed(done.value)
  )
