/**
 * A journal in Postgres, which a team's machines and its CI share.
 *
 * One process at a time holds an account, by an advisory lock of a database session. Unlike the lock
 * of a file, that proves nobody dead: a session may end while its process goes on. So the profile is
 * `strict`, and the fence refuses whoever has lost the account.
 *
 * The tables are in a schema of their own. The role needs the right to create it, or has to own it.
 * Connections go to the server itself, or through a pooler in session mode: an advisory lock does
 * not outlive a transaction in others. Nothing is connected before the first hold or query.
 *
 * **Gotchas**
 *
 * An answer must not be lost once it was given: keep `fsync` on, and fail over to synchronous
 * replicas only.
 */
import "./internal/refuseOldNode.ts"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RcRef from "effect/RcRef"
import * as Reactivity from "effect/reactivity/Reactivity"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type * as SqlConnection from "effect/sql/SqlConnection"
import type * as SqlError from "effect/sql/SqlError"
import { createHash } from "node:crypto"
import * as JournalSchema from "./internal/journalSchema.ts"
import * as ProcessIdentity from "./internal/processIdentity.ts"
import { type Run, restoredNotice, type SqlStore, settleIn, sqlJournal } from "./internal/sqlJournal.ts"
import { Journal, JournalError } from "./Journal.ts"
import * as KnownKeys from "./KnownKeys.ts"

/** Where in the database the journal is. */
export interface Options {
  /** The schema of the tables, created if it is missing. `cloud_quota` if not given. */
  readonly schema?: string
}

/**
 * Keeps what is changed in the database that the URL names. Throws a `RangeError` for an option that it does
 * not know.
 *
 * @example
 * import * as PostgresJournal from "@cloud-quota/core/PostgresJournal"
 * import { Redacted } from "effect"
 *
 * const journal = PostgresJournal.layer({
 *   url: Redacted.make("postgres://quota@db.example.com/ops?sslmode=require")
 * })
 */
export const layer = (options: Options & { readonly url: Redacted.Redacted<string> }): Layer.Layer<never> => {
  KnownKeys.check(options, { schema: true, url: true })
  return Layer.effect(
    Journal,
    make(
      PgClient.make({ url: options.url, applicationName: "cloud-quota", keepAlive: "30 seconds" }).pipe(
        Effect.provide(Reactivity.layer),
        Effect.mapError(storeFailed)
      ),
      options
    )
  )
}

/**
 * Keeps what is changed in the database of a client that the program has already. The client needs
 * at least two connections: one keeps the locks.
 */
export const fromClient = (options: Options = {}): Layer.Layer<never, never, PgClient.PgClient> => {
  KnownKeys.check(options, { schema: true })
  return Layer.effect(
    Journal,
    Effect.flatMap(PgClient.PgClient, (client) => make(Effect.succeed(client), options))
  )
}

const make = (
  client: Effect.Effect<PgClient.PgClient, JournalError, Scope.Scope>,
  { schema = "cloud_quota" }: Options
): Effect.Effect<Journal, never, Scope.Scope> =>
  sqlJournal({
    kind: "postgres",
    profile: "strict",
    chosen: true,
    isDead: ProcessIdentity.isDead,
    open: Effect.flatMap(client, (client) => open(client, schema))
  })

const name = "the journal in Postgres"

/** What failed, for people. No other text of the error is repeated, since one may hold the URL. */
const storeFailed = ({ reason }: SqlError.SqlError): JournalError => {
  const { cause } = reason
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  const known = typeof code === "string" && /^[A-Z0-9_]{3,40}$/.test(code) ? ` (${code})` : ""
  return new JournalError({ kind: "failed", message: `${name} failed: ${reasons[reason._tag]}${known}` })
}

const reasons: Readonly<Record<SqlError.SqlErrorReason["_tag"], string>> = {
  ConnectionError: "there is no connection to the server; look at its URL, and whether it runs",
  AuthenticationError: "the server refused the user or the password",
  AuthorizationError:
    "the role lacks a right: it has to own the journal's schema, or to be allowed to create it",
  SqlSyntaxError: "the tables are not as they should be",
  UniqueViolation: "a row is there already",
  ConstraintError: "a row contradicts another",
  DeadlockError: "two transactions waited for each other",
  SerializationError: "two transactions met; run this again",
  LockTimeoutError: "another process has kept a row locked for too long; run this again",
  StatementTimeoutError: "the server took too long",
  UnknownError: "the server reported an error"
}

const runOn =
  (connection: SqlConnection.Connection): Run =>
  (statement, ...values) => {
    let count = 0
    const numbered = statement.replaceAll("?", () => `$${++count}`)
    return Effect.mapError(connection.execute(numbered, values, undefined), storeFailed)
  }

/** Locks of the server are numbers. One that two accounts shared would only make one wait for the other. */
const lockNumber = (...names: ReadonlyArray<string>): bigint =>
  createHash("sha256").update(JSON.stringify(names)).digest().readBigInt64BE()

const open = Effect.fnUntraced(function* (
  client: PgClient.PgClient,
  schema: string
): Effect.fn.Return<SqlStore, JournalError, Scope.Scope> {
  const reserve = Effect.map(Effect.mapError(client.reserve, storeFailed), runOn)

  // Whatever the server's or the role's defaults are: what is written is on disk when COMMIT returns,
  // each statement sees what others have committed, and nobody is waited for without end.
  const settings = `SELECT set_config('search_path', ?, true), set_config('lock_timeout', '10s', true),
    set_config('synchronous_commit',
      CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)`

  const transaction: SqlStore["transaction"] = (work) =>
    Effect.scoped(
      Effect.flatMap(reserve, (run) =>
        Effect.uninterruptible(
          Effect.flatMap(run("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"), () =>
            run(settings, `"${schema.replaceAll('"', '""')}"`).pipe(
              Effect.andThen(work(run)),
              Effect.onError(() => Effect.ignore(run("ROLLBACK"))),
              Effect.tap((done) => run(done === undefined ? "ROLLBACK" : "COMMIT"))
            )
          )
        )
      )
    )

  const restored = yield* transaction(
    Effect.fnUntraced(function* (run) {
      yield* run("SELECT pg_advisory_xact_lock(?)", lockNumber("cloud-quota", schema))
      const [exists] = yield* run("SELECT 1 FROM pg_namespace WHERE nspname = ?", schema)
      // Not IF NOT EXISTS, which asks for the right to create even where there is nothing to create.
      if (exists === undefined) yield* run(`CREATE SCHEMA "${schema.replaceAll('"', '""')}"`)
      yield* JournalSchema.migrate(run, JournalSchema.postgres, name)
      const place = yield* placeOf(run)
      return yield* settleIn(run, name, place, (known) => known !== place)
    })
  )
  if (restored) yield* Effect.logWarning(`${name}: ${restoredNotice}`)

  // One session has the locks of all accounts, for as long as there is a holder.
  const session = yield* RcRef.make({ acquire: reserve })
  const turns = new Map<string, Semaphore.Semaphore>()
  const turnOf = (account: string): Semaphore.Semaphore => {
    const turn = turns.get(account) ?? Semaphore.makeUnsafe(1)
    turns.set(account, turn)
    return turn
  }

  const lock = Effect.fnUntraced(function* (
    account: string,
    busy: Effect.Effect<JournalError>
  ): Effect.fn.Return<void, JournalError, Scope.Scope> {
    yield* Semaphore.takeScoped(turnOf(account), 1)
    const run = yield* RcRef.get(session)
    const number = lockNumber("cloud-quota", schema, account)
    const taken = yield* Effect.acquireRelease(
      // The server looks after a silent holder, lest the lock of a lost machine stays for hours.
      run(
        `SELECT pg_try_advisory_lock(?) AS taken, set_config('tcp_keepalives_idle', '30', false),
          set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)`,
        number
      ).pipe(
        Effect.map(([row]) => row?.["taken"] === true),
        // A session that has broken is not asked again.
        Effect.tapError(() => RcRef.invalidate(session))
      ),
      (taken) => (taken ? Effect.ignore(run("SELECT pg_advisory_unlock(?)", number)) : Effect.void)
    )
    if (!taken) return yield* Effect.flatMap(busy, Effect.fail)
  })

  return { name, transaction, lock, mark: Effect.void }
})

/**
 * Which database this is: the cluster and its history where the role may know them, and the table
 * itself, which is another one after it was restored from a dump.
 */
const placeOf = Effect.fnUntraced(function* (run: Run): Effect.fn.Return<string, JournalError> {
  const [table] = yield* run(
    `SELECT 'journal'::regclass::oid::text AS id,
      has_function_privilege('pg_control_system()', 'EXECUTE')
        AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE') AS "mayAsk"`
  )
  const [cluster] =
    table?.["mayAsk"] === true
      ? yield* run(
          `SELECT s.system_identifier::text AS id, c.timeline_id::text AS timeline
            FROM pg_control_system() s, pg_control_checkpoint() c`
        )
      : []
  return [cluster?.["id"], cluster?.["timeline"], table?.["id"]].map((part) => part ?? "").join(":")
})
