/** The parts of a database that a journal needs. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { JournalError } from "./contract.ts"

/** The value of a column. Integers are 64 bits wide; amounts are decimal text. */
export type Value = string | bigint | null

export type Row = Readonly<Record<string, unknown>>

/** Runs one statement, with `?` for each value. */
export type Run = (
  statement: string,
  ...values: ReadonlyArray<Value>
) => Effect.Effect<ReadonlyArray<Row>, JournalError>

/** A database that is only read. */
export interface SqlReader {
  /** The name of the database in messages. */
  readonly name: string
  /** Runs queries. Takes no lock of a writer. */
  readonly read: <A>(work: (run: Run) => Effect.Effect<A, JournalError>) => Effect.Effect<A, JournalError>
}

/** A database with the parts that a journal needs. */
export interface SqlStore extends SqlReader {
  /**
   * Runs statements, all or none, durable before it returns. If the work returns `undefined`, a condition
   * does not hold, and everything is rolled back.
   */
  readonly transaction: <A>(
    work: (run: Run) => Effect.Effect<A | undefined, JournalError>
  ) => Effect.Effect<A | undefined, JournalError>
  /** A transaction after which a request may leave: it also marks, as {@link SqlStore.mark} does. */
  readonly arm: SqlStore["transaction"]
  /**
   * Locks the account against other processes until the scope closes. Waits for other holders of this
   * process. Fails with `busy` if another process has the lock.
   */
  readonly lock: (
    account: string,
    busy: Effect.Effect<JournalError>
  ) => Effect.Effect<void, JournalError, Scope.Scope>
  /**
   * Records outside the database how far it has come, and fails if the database is not where it was opened.
   * It runs when a hold begins and ends, and between arming and sending: nothing leaves if it fails.
   */
  readonly mark: Effect.Effect<void, JournalError>
  /** Checks the same inside the transaction that arms, if the check takes a statement. */
  readonly isInPlace: (run: Run) => Effect.Effect<void, JournalError>
}

/** Runs a transaction without conditions, which always takes place. */
export const inTransaction = <A>(
  store: Pick<SqlStore, "transaction">,
  work: (run: Run) => Effect.Effect<A, JournalError>
): Effect.Effect<A, JournalError> =>
  Effect.flatMap(
    store.transaction((run) => Effect.map(work(run), (value) => ({ value }))),
    (done) =>
      done === undefined
        ? Effect.die("a transaction without conditions was refused")
        : Effect.succeed(done.value)
  )
