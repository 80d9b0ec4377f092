/**
 * The SQL tables of a journal, and their migrations. SQLite and Postgres share the statements, except for the
 * parts in {@link Dialect}. Migrations only go forward.
 */
import * as Effect from "effect/Effect"
import { JournalError } from "./contract.ts"
import * as Names from "../model/names.ts"
import type { Run } from "./database.ts"
import { unifyAccounts } from "./unifyAccounts.ts"

/** The parts in which the databases differ. */
export interface Dialect {
  /** The type of a primary key that the database increments and never reuses. */
  readonly identity: string
  /** A query for the names of all tables and of their columns. */
  readonly columns: string
}

export const sqlite: Dialect = {
  identity: "INTEGER PRIMARY KEY AUTOINCREMENT",
  columns: `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master t, pragma_table_info(t.name) c
    WHERE t.type = 'table'`
}

export const postgres: Dialect = {
  identity: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
  columns: `SELECT table_name::text AS "table", column_name::text AS "column" FROM information_schema.columns
    WHERE table_schema = current_schema()`
}

/** Runs statements one after the other. */
const statements = (run: Run, ...all: ReadonlyArray<string>): Effect.Effect<void, JournalError> =>
  Effect.forEach(all, (statement) => run(statement), { discard: true })

/**
 * The migrations from each version to the next, run inside one transaction. The first one creates version 1.
 */
const migrations: ReadonlyArray<(run: Run, dialect: Dialect) => Effect.Effect<void, JournalError>> = [
  (run, { identity }) =>
    statements(
      run,
      // The location of this journal. It distinguishes the original from a copy or a restored backup.
      "CREATE TABLE journal (id TEXT NOT NULL, place TEXT NOT NULL)",
      `CREATE TABLE account (
      key TEXT PRIMARY KEY,
      fence BIGINT NOT NULL,
      owner TEXT NOT NULL,
      baselined_at BIGINT,
      withdrawal TEXT NOT NULL,
      withdrawal_evidence TEXT,
      notice TEXT
    )`,
      `CREATE TABLE intent (
      id ${identity},
      account TEXT NOT NULL REFERENCES account (key),
      run TEXT NOT NULL,
      member TEXT NOT NULL,
      metric TEXT NOT NULL,
      attempt BIGINT NOT NULL,
      request TEXT NOT NULL,
      before_limit TEXT NOT NULL,
      before_available TEXT,
      after_limit TEXT NOT NULL,
      delta TEXT,
      membership TEXT,
      audit_since BIGINT,
      audit_count BIGINT,
      fence BIGINT NOT NULL,
      owner TEXT NOT NULL,
      state TEXT NOT NULL,
      armed BIGINT NOT NULL,
      evidence TEXT,
      request_id TEXT,
      detail TEXT,
      created_at BIGINT NOT NULL,
      updated_at BIGINT NOT NULL
    )`,
      "CREATE UNIQUE INDEX intent_open ON intent (account, member, metric) WHERE state IN ('prepared', 'sending')",
      "CREATE INDEX intent_run ON intent (account, run)",
      `CREATE TABLE event (
      id ${identity},
      intent BIGINT NOT NULL REFERENCES intent (id),
      account TEXT NOT NULL,
      taken_at BIGINT NOT NULL,
      owner TEXT NOT NULL,
      from_state TEXT,
      to_state TEXT NOT NULL,
      evidence TEXT,
      detail TEXT
    )`,
      "CREATE INDEX event_account ON event (account)",
      `CREATE TABLE member_facts (
      account TEXT NOT NULL REFERENCES account (key),
      member TEXT NOT NULL,
      metric TEXT NOT NULL,
      settled TEXT NOT NULL,
      membership TEXT NOT NULL,
      updated_at BIGINT NOT NULL,
      PRIMARY KEY (account, member, metric)
    )`
    ),
  (run) =>
    statements(
      run,
      "ALTER TABLE intent ADD COLUMN put TEXT",
      "ALTER TABLE intent ADD COLUMN closing TEXT",
      "ALTER TABLE intent ADD COLUMN unanswered BIGINT NOT NULL DEFAULT 0",
      // A process of version 1 that has this journal open does not check the version again. It knows the
      // table by its former name, finds no account, and so can neither become a holder nor arm an intent.
      "ALTER TABLE account RENAME TO known_account"
    ).pipe(Effect.andThen(unifyAccounts(run)), Effect.andThen(addRunKeys(run))),
  // Every query of a change takes the same time, however long the journal is.
  (run) =>
    statements(
      run,
      "DROP INDEX intent_run_key",
      "DROP INDEX event_account",
      "CREATE INDEX intent_run_member ON intent (account, run_key, member)",
      "CREATE INDEX intent_member_state ON intent (account, member, state, id)",
      `CREATE INDEX intent_pending ON intent (account, member) WHERE state IN ('prepared', 'sending', 'conflict')`,
      "CREATE INDEX intent_unanswered ON intent (account, member) WHERE unanswered > 0"
    ),
  (run) => statements(run, "ALTER TABLE intent ADD COLUMN named TEXT")
]

/**
 * Adds the keys of the runs' names. Runs are found by them, since earlier versions allowed names that look
 * alike.
 */
const addRunKeys = Effect.fnUntraced(function* (run: Run): Effect.fn.Return<void, JournalError> {
  yield* statements(
    run,
    "ALTER TABLE intent ADD COLUMN run_key TEXT NOT NULL DEFAULT ''",
    "UPDATE intent SET run_key = run"
  )
  for (const row of yield* run("SELECT DISTINCT run FROM intent")) {
    const name = String(row["run"])
    const key = Names.key(name)
    if (key !== name) yield* run("UPDATE intent SET run_key = ? WHERE run = ?", key, name)
  }
  yield* statements(run, "DROP INDEX intent_run", "CREATE INDEX intent_run_key ON intent (account, run_key)")
})

/** The columns of the current version, to detect a damaged journal. */
const tables: Readonly<Record<string, string>> = {
  schema_version: "version",
  journal: "id place",
  known_account: "key fence owner baselined_at withdrawal withdrawal_evidence notice",
  intent: `id account run run_key member named metric attempt request before_limit before_available after_limit delta
    membership audit_since audit_count put closing unanswered fence owner state armed evidence request_id detail created_at updated_at`,
  event: "id intent account taken_at owner from_state to_state evidence detail",
  member_facts: "account member metric settled membership updated_at"
}

/** The version that this code writes. */
export const currentVersion = migrations.length

/** A condition in SQL: no newer version has taken the journal over while this process has it open. */
export const isCurrent = `(SELECT version FROM schema_version) = ${currentVersion}`

/** Returns the error for a journal that cannot be trusted. The caller must not have written to it. */
export const damaged = (journal: string, why: string): JournalError =>
  new JournalError({
    kind: "failed",
    message: `${journal} is damaged (${why.replaceAll(/\s+/g, " ")}). It is left untouched: move it away and start a new journal, which asks for a baseline before the first change.`
  })

/**
 * Returns the version of the tables, or 0 if there are none. Writes nothing. Fails for a newer version, and
 * for a damaged one.
 */
export const inspect = Effect.fnUntraced(function* (
  run: Run,
  dialect: Dialect,
  journal: string
): Effect.fn.Return<number, JournalError> {
  const found = new Set((yield* run(dialect.columns)).map((row) => `${row["table"]}.${row["column"]}`))
  if (!found.has("schema_version.version")) return 0
  const versions = yield* run("SELECT version FROM schema_version")
  const version = Number(versions[0]?.["version"])
  if (versions.length !== 1 || !Number.isSafeInteger(version) || version < 1) {
    return yield* damaged(journal, "its version cannot be read")
  }
  if (version > currentVersion) {
    return yield* new JournalError({
      kind: "failed",
      message: `${journal} has version ${version}, and this cloud-quota knows versions up to ${currentVersion}: use a newer cloud-quota`
    })
  }
  const missing = Object.entries(tables)
    .flatMap(([table, columns]) => columns.split(/\s+/).map((column) => `${table}.${column}`))
    .find((column) => !found.has(column))
  if (version === currentVersion && missing !== undefined) {
    return yield* damaged(journal, `${missing} is missing`)
  }
  return version
})

/** Migrates the tables to the current version, inside a transaction that no other process runs beside. */
export const migrate = Effect.fnUntraced(function* (
  run: Run,
  dialect: Dialect,
  journal: string
): Effect.fn.Return<void, JournalError> {
  const version = yield* inspect(run, dialect, journal)
  if (version === currentVersion) return
  for (const migration of migrations.slice(version)) {
    yield* migration(run, dialect)
  }
  if (version === 0) {
    yield* run("CREATE TABLE schema_version (version BIGINT NOT NULL)")
    yield* run("INSERT INTO schema_version (version) VALUES (?)", BigInt(currentVersion))
  } else {
    yield* run("UPDATE schema_version SET version = ?", BigInt(currentVersion))
  }
})
