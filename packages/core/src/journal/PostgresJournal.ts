/**
 * A journal in Postgres, shared by a team's machines and its CI.
 *
 * One process at a time holds an account, by an advisory lock of a database session. Unlike the lock of a
 * file, it does not prove a former holder dead: a session may end while its process continues. So the profile
 * is `strict`, and the fence refuses a process that has lost the account.
 *
 * The tables are in a schema of their own. The role must own it, or have the right to create it. Connect to
 * the server itself, or through a pooler in session mode. A pooler in transaction mode gives each transaction
 * to another session, so a lock excludes no other program there: the first hold detects this, and is refused.
 * Nothing is connected before the first hold or query, and a query changes nothing.
 *
 * **Gotchas**
 *
 * A commit must not be lost once it was acknowledged: keep `fsync` on, and fail over to synchronous replicas
 * only.
 */
import "../refuseOldNode.ts"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RcRef from "effect/RcRef"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type * as SqlConnection from "effect/sql/SqlConnection"
import type * as SqlError from "effect/sql/SqlError"
import { createHash } from "node:crypto"
import { groupCommit } from "./groupCommit.ts"
import { databaseOf, describeDatabase } from "./place.ts"
import * as JournalSchema from "./schema.ts"
import * as ProcessIdentity from "./processIdentity.ts"
import { openOnce, restoredNotice, settleIn, sqlJournal } from "./sqlJournal.ts"
import type { Run, SqlReader, SqlStore } from "./database.ts"
import { Journal } from "./Journal.ts"
import { type Choice, JournalError } from "./contract.ts"
import * as KnownKeys from "../model/KnownKeys.ts"

const name = "the journal in Postgres"

/** The location of the journal in the database. */
export interface Options {
  /**
   * The schema of the tables, created if it is missing.
   *
   * @default `cloud_quota`
   */
  readonly schema?: string
  /** @internal How this journal was chosen. */
  readonly choice?: Choice
}

/**
 * Provides a journal in the database that the URL names. Throws a `RangeError` for an unknown option.
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
  KnownKeys.check(options, { choice: true, schema: true, url: true })
  const database = databaseOf(Redacted.value(options.url))
  return Layer.effect(
    Journal,
    make(
      Result.isFailure(database)
        ? Effect.fail(new JournalError({ kind: "failed", message: `the URL of ${name} ${database.failure}` }))
        : PgClient.make({ url: options.url, applicationName: "cloud-quota", keepAlive: "30 seconds" }).pipe(
            Effect.provide(Reactivity.layer),
            Effect.mapError(storeFailed)
          ),
      Result.match(database, {
        onSuccess: describeDatabase,
        onFailure: () => "a database that is not known"
      }),
      options
    )
  )
}

/**
 * Provides a journal in the database of a client that the program already has. The client needs at least two
 * connections: one keeps the locks.
 */
export const fromClient = (options: Options = {}): Layer.Layer<never, never, PgClient.PgClient> => {
  KnownKeys.check(options, { schema: true })
  return Layer.effect(
    Journal,
    Effect.flatMap(PgClient.PgClient, (client) =>
      make(Effect.succeed(client), "the database of the program's own client", options)
    )
  )
}

const make = Effect.fnUntraced(function* (
  connect: Effect.Effect<PgClient.PgClient, JournalError, Scope.Scope>,
  place: string,
  { choice = "code", schema = "cloud_quota" }: Options
): Effect.fn.Return<Journal, never, Scope.Scope> {
  const client = yield* openOnce(connect)
  return yield* sqlJournal({
    kind: "postgres",
    profile: "strict",
    place: `${place}, schema ${schema}`,
    choice,
    isDead: ProcessIdentity.isDead,
    open: Effect.flatMap(client, (client) => open(client, schema)),
    openToRead: Effect.flatMap(client, (client) => openToRead(client, schema))
  })
})

/**
 * Converts a failure into an error for people. Only the code is taken from it, since its text may hold the
 * URL.
 */
const storeFailed = ({ reason }: SqlError.SqlError): JournalError => {
  const { cause } = reason
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  if (typeof code === "string" && lostStatement.has(code)) return pooled
  const known = typeof code === "string" && /^[A-Z0-9_]{3,40}$/.test(code) ? ` (${code})` : ""
  return new JournalError({ kind: "failed", message: `${name} failed: ${reasons[reason._tag]}${known}` })
}

/** The codes of a server that received a statement of another session, which only a pooler causes. */
const lostStatement: ReadonlySet<string> = new Set(["26000", "42P05"])

const pooled = new JournalError({
  kind: "failed",
  message: `${name} is reached through a connection pooler that gives each transaction to another session, so that no program can hold an account: connect to the server itself, or to the pooler in session mode (pool_mode = session)`
})

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

/** Returns the number of an advisory lock. If two accounts shared one, one would only wait for the other. */
const lockNumber = (...names: ReadonlyArray<string>): bigint =>
  createHash("sha256").update(JSON.stringify(names)).digest().readBigInt64BE()

const open = Effect.fnUntraced(function* (
  client: PgClient.PgClient,
  schema: string
): Effect.fn.Return<SqlStore, JournalError, Scope.Scope> {
  const reserve = Effect.map(Effect.mapError(client.reserve, storeFailed), runOn)

  const transact = transactionOf(reserve, schema, "READ WRITE")

  let place = ""
  const restored = yield* transact(
    Effect.fnUntraced(function* (run) {
      yield* run("SELECT pg_advisory_xact_lock(?)", lockNumber("cloud-quota", schema))
      const [exists] = yield* run("SELECT 1 FROM pg_namespace WHERE nspname = ?", schema)
      // Not IF NOT EXISTS, which requires the right to create even if there is nothing to create.
      if (exists === undefined) yield* run(`CREATE SCHEMA "${schema.replaceAll('"', '""')}"`)
      yield* JournalSchema.migrate(run, JournalSchema.postgres, name)
      place = yield* placeOf(run)
      return yield* settleIn(run, name, place, (known) => known !== place)
    })
  )
  if (restored) yield* Effect.logWarning(`${name}: ${restoredNotice}`)

  // One session has the locks of all accounts, for as long as there is a holder.
  const session = yield* RcRef.make({
    acquire: Effect.tap(reserve, (run) => proveSession(run, reserve))
  })
  const semaphores = new Map<string, Semaphore.Semaphore>()
  const semaphoreOf = (account: string): Semaphore.Semaphore => {
    const semaphore = semaphores.get(account) ?? Semaphore.makeUnsafe(1)
    semaphores.set(account, semaphore)
    return semaphore
  }

  const lock = Effect.fnUntraced(function* (
    account: string,
    busy: Effect.Effect<JournalError>
  ): Effect.fn.Return<void, JournalError, Scope.Scope> {
    yield* Semaphore.takeScoped(semaphoreOf(account), 1)
    const run = yield* RcRef.get(session)
    const number = lockNumber("cloud-quota", schema, account)
    const taken = yield* Effect.acquireRelease(
      // The server checks on a silent holder, so that the lock of a lost machine does not stay for hours.
      run(
        `SELECT pg_try_advisory_lock(?) AS taken, set_config('tcp_keepalives_idle', '30', false),
          set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)`,
        number
      ).pipe(
        Effect.map(([row]) => row?.["taken"] === true),
        // A broken session is not used again.
        Effect.tapError(() => RcRef.invalidate(session))
      ),
      (taken) => (taken ? Effect.ignore(run("SELECT pg_advisory_unlock(?)", number)) : Effect.void)
    )
    if (!taken) return yield* Effect.flatMap(busy, Effect.fail)
  })

  // Checked in the transaction that arms: a database that was dropped and restored meanwhile has other
  // tables.
  const isInPlace: SqlStore["isInPlace"] = (run) =>
    Effect.flatMap(placeOf(run), (now) =>
      now === place
        ? Effect.void
        : Effect.fail(
            new JournalError({
              kind: "failed",
              message: `${name} was replaced while it was open, so nothing is sent: start the program again`
            })
          )
    )

  return {
    name,
    read: transactionOf(reserve, schema, "READ ONLY"),
    ...groupCommit({ transact, mark: Effect.void, semaphore: Semaphore.makeUnsafe(1) }),
    lock,
    mark: Effect.void,
    isInPlace
  }
})

/** Opens the journal for queries, which change nothing. Returns `undefined` if there is no journal. */
const openToRead = (
  client: PgClient.PgClient,
  schema: string
): Effect.Effect<SqlReader | undefined, JournalError> => {
  const reserve = Effect.map(Effect.mapError(client.reserve, storeFailed), runOn)
  const read = transactionOf(reserve, schema, "READ ONLY")
  return Effect.map(
    read((run) =>
      Effect.flatMap(JournalSchema.inspect(run, JournalSchema.postgres, name), (version) =>
        version === 0 ? Effect.as(refuseHidden(run, schema), version) : Effect.succeed(version)
      )
    ),
    (version) => (version === 0 ? undefined : { name, read })
  )
}

/** Fails if there is a journal that the role may not read. That differs from no journal. */
const refuseHidden = Effect.fnUntraced(function* (
  run: Run,
  schema: string
): Effect.fn.Return<void, JournalError> {
  const [hidden] = yield* run(
    `SELECT 1 FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace
      WHERE s.nspname = ? AND t.relname = 'schema_version'`,
    schema
  )
  if (hidden !== undefined) {
    const message = `${name} is there, and the role may not read it: grant it USAGE of the schema and SELECT on its tables`
    return yield* new JournalError({ kind: "failed", message })
  }
})

const transactionOf =
  (
    reserve: Effect.Effect<Run, JournalError, Scope.Scope>,
    schema: string,
    access: "READ WRITE" | "READ ONLY"
  ): SqlReader["read"] =>
  (work) =>
    Effect.scoped(
      Effect.flatMap(reserve, (run) =>
        Effect.uninterruptible(
          Effect.flatMap(run(`BEGIN ISOLATION LEVEL READ COMMITTED ${access}`), () =>
            run(settings, `"${schema.replaceAll('"', '""')}"`).pipe(
              Effect.andThen(work(run)),
              Effect.onError(() => Effect.ignore(run("ROLLBACK"))),
              Effect.tap(() => run("COMMIT"))
            )
          )
        )
      )
    )

// Independent of the defaults of the server and of the role: writes are on disk when COMMIT returns, each
// statement sees the commits of others, and no wait for a lock is endless.
const settings = `SELECT set_config('search_path', ?, true), set_config('lock_timeout', '10s', true),
  set_config('synchronous_commit',
    CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)`

/**
 * Maximum time for a session to answer while another connection is in a transaction. A direct one answers
 * immediately.
 */
const patience = "10 seconds"

/**
 * Fails unless a connection stays one session of the server, regardless of other connections. Meanwhile
 * another connection is in a transaction, for which a pooler would take the idle session.
 */
const proveSession = Effect.fnUntraced(function* (
  run: Run,
  reserve: Effect.Effect<Run, JournalError, Scope.Scope>
): Effect.fn.Return<void, JournalError> {
  const who = (connection: Run) =>
    Effect.map(connection("SELECT pg_backend_pid()::text AS session"), ([row]) => row?.["session"])
  const own = yield* who(run)
  const rounds = Effect.scoped(
    Effect.gen(function* () {
      const other = yield* reserve
      for (const _ of [1, 2, 3]) {
        const theirs = yield* Effect.acquireUseRelease(
          other("BEGIN READ ONLY"),
          () => Effect.all([who(other), who(run)]),
          () => Effect.ignore(other("ROLLBACK"))
        )
        if (theirs[0] === own || theirs[1] !== own || (yield* who(run)) !== own) return yield* pooled
      }
    })
  )
  yield* Effect.catchTag(Effect.timeout(rounds, patience), "TimeoutError", () => Effect.fail(pooled))
})

/**
 * Identifies the database: the cluster and its history, where the role may read them, and the table itself,
 * which is another one after a restore from a dump.
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
