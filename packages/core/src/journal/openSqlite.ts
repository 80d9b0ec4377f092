/** Opens the journal in a SQLite file, with its lock, its generation and its schema. */
import "../refuseOldNode.ts"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Fs from "node:fs"
import { isAbsolute, join, resolve } from "node:path"
import type * as Sqlite from "node:sqlite"
import { pathToFileURL } from "node:url"
import { accountLocks } from "./accountLock.ts"
import * as Generation from "./generation.ts"
import { groupCommit } from "./groupCommit.ts"
import { folderOf, vanishing } from "./place.ts"
import * as JournalSchema from "./schema.ts"
import {
  type Trust,
  checkCompanions,
  createPrivate,
  fileMode,
  privateDirectory,
  statusOf,
  storeFailed
} from "./sqliteFile.ts"
import { restoredNotice, settleIn, sqlJournal } from "./sqlJournal.ts"
import type { Run, SqlReader, SqlStore } from "./database.ts"
import { homeFolder, stateDirectory } from "./stateDirectory.ts"
import { type Choice, type Journal, JournalError } from "./contract.ts"
import * as KnownKeys from "../model/KnownKeys.ts"

/** The location of a SQLite journal, and the exceptions for it. */
export interface Options {
  /**
   * A directory on a local disk, created if it is missing: an absolute path, or one that begins with `./`,
   * `../` or `~/`. A relative path is resolved against the working directory.
   *
   * @default `$XDG_STATE_HOME/cloud-quota` or `~/.local/state/cloud-quota`; `%LOCALAPPDATA%\cloud-quota` on
   * Windows
   */
  readonly directory?: string
  /**
   * Whether to accept a file system that is not known to be a local disk. Locks of a disk that several
   * machines share do not prove enough.
   *
   * @default `CLOUD_QUOTA_JOURNAL_LOCAL_DISK`, or else false
   */
  readonly localDisk?: boolean
  /**
   * Whether the group of the directory shares the journal. If not, a directory or file is refused if its
   * group may write it, or if it belongs to another user than root.
   *
   * @default `CLOUD_QUOTA_JOURNAL_GROUP_WRITABLE`, or else false
   */
  readonly groupWritable?: boolean
  /** @internal How this journal was chosen. */
  readonly choice?: Choice
  /** @internal The path as it was written, if `directory` was derived from it. */
  readonly written?: string
}

const optionKeys: KnownKeys.Names<Options> = {
  directory: true,
  localDisk: true,
  groupWritable: true,
  choice: true,
  written: true
}

/**
 * Creates a journal that is closed with the scope. Only then may another process hold the accounts that this
 * one has held. Throws a `RangeError` for an unknown option.
 */
export const make = (options: Options = {}): Effect.Effect<Journal, never, Scope.Scope> => {
  KnownKeys.check(options, optionKeys)
  const { choice = "code", written = options.directory } = options
  const place = placeOf(options.directory)
  const directory = Effect.mapError(
    Effect.fromResult(place),
    (message) => new JournalError({ kind: "failed", message })
  )
  const trusted = trustOf(options)
  return sqlJournal({
    kind: "sqlite",
    profile: "local",
    place: Result.match(place, { onSuccess: fileIn, onFailure: () => "no file" }),
    choice,
    vanishes: Effect.sync(() =>
      written !== undefined && !isAbsolute(written)
        ? "its path is not absolute"
        : Result.getOrUndefined(Result.map(place, vanishing))
    ),
    // Only a holder asks, and this process is the only holder as long as it lives.
    isDead: () => Effect.succeed(true),
    open: Effect.flatMap(Effect.all([directory, trusted]), ([directory, trust]) => open(directory, trust)),
    openToRead: Effect.flatMap(directory, openToRead)
  })
}

/** Maximum wait for the writes of other processes, in milliseconds. A write takes a few. */
const patience = 2000

const fileIn = (directory: string): string => join(directory, "journal.sqlite")

/** Returns the directory as an absolute path, or the problem with it. */
const placeOf = (wanted: string | undefined): Result.Result<string, string> => {
  if (wanted !== undefined) {
    return Result.mapError(
      folderOf(wanted, resolve("."), homeFolder()),
      (problem) => `the journal's directory ${problem}`
    )
  }
  return Result.try({
    try: () => stateDirectory(),
    catch: (error) => (error instanceof JournalError ? error.message : String(error))
  })
}

const trustOf = ({ groupWritable, localDisk }: Options): Effect.Effect<Trust, JournalError> => {
  const setting = (chosen: boolean | undefined, name: string) =>
    chosen === undefined
      ? Effect.mapBoth(Config.option(Config.Boolean(name)), {
          onSuccess: Option.getOrElse(() => false),
          onFailure: () => new JournalError({ kind: "failed", message: `${name}: give true or false` })
        })
      : Effect.succeed(chosen)
  return Effect.all({
    localDisk: setting(localDisk, "CLOUD_QUOTA_JOURNAL_LOCAL_DISK"),
    groupWritable: setting(groupWritable, "CLOUD_QUOTA_JOURNAL_GROUP_WRITABLE")
  })
}

const nameOf = (file: string): string => `the journal ${file}`

const attemptOn =
  (name: string) =>
  <A>(work: () => A): Effect.Effect<A, JournalError> =>
    Effect.try({ try: work, catch: (error) => storeFailed(name, error) })

const prepare = (database: Sqlite.DatabaseSync, statement: string): Sqlite.StatementSync => {
  const prepared = database.prepare(statement)
  prepared.setReadBigInts(true)
  return prepared
}

const sqlite = Effect.promise(() => import("node:sqlite"))

const open = Effect.fnUntraced(function* (
  wanted: string,
  trust: Trust
): Effect.fn.Return<SqlStore, JournalError, Scope.Scope> {
  const directory = yield* privateDirectory(wanted, trust)
  const file = fileIn(directory)
  const generationFile = join(directory, "journal.generation")
  const name = nameOf(file)
  const { DatabaseSync } = yield* sqlite
  const attempt = attemptOn(name)
  const connect = (readOnly: boolean) =>
    Effect.acquireRelease(
      attempt(() => new DatabaseSync(file, { timeout: patience, readOnly })),
      (database) => Effect.sync(() => database.close())
    )
  const runOn = (database: Sqlite.DatabaseSync): Run => {
    const known = new Map<string, Sqlite.StatementSync>()
    return (statement, ...values) =>
      attempt(() => {
        const prepared = known.get(statement) ?? prepare(database, statement)
        known.set(statement, prepared)
        return prepared.all(...values)
      })
  }

  yield* attempt(() => {
    createPrivate(file, trust)
    checkCompanions([`${file}-wal`, `${file}-shm`, generationFile], trust)
  })
  // Checked over a read-only connection, since a file that is not a sound journal is left untouched.
  yield* Effect.scoped(Effect.flatMap(connect(true), (database) => check(runOn(database), name)))

  const database = yield* connect(false)
  const run = runOn(database)
  // Two processes that create the journal at the same moment may refuse each other immediately.
  yield* Effect.retry(run("PRAGMA journal_mode = WAL"), { schedule: Schedule.spaced("20 millis"), times: 50 })
  yield* run("PRAGMA synchronous = FULL")
  // Without these, macOS reports data as written that is still in the disk's own memory.
  yield* run("PRAGMA fullfsync = ON")
  yield* run("PRAGMA checkpoint_fullfsync = ON")
  yield* run("PRAGMA foreign_keys = ON")

  const within = <A>(begin: string, work: (run: Run) => Effect.Effect<A, JournalError>) =>
    Effect.flatMap(run(begin), () =>
      work(run).pipe(
        Effect.tap(() => run("COMMIT")),
        Effect.onError(() => (database.isTransaction ? Effect.ignore(run("ROLLBACK")) : Effect.void))
      )
    )
  const transact = <A>(work: (run: Run) => Effect.Effect<A, JournalError>) => within("BEGIN IMMEDIATE", work)

  const place = yield* attempt(() => Generation.placeOf(file))
  const restored = yield* transact(
    Effect.fnUntraced(function* (run) {
      yield* JournalSchema.migrate(run, JournalSchema.sqlite, name)
      const reached = yield* Generation.reached(run)
      const noted = Generation.read(generationFile)
      return yield* settleIn(
        run,
        name,
        place,
        (known) => Generation.isBehind(reached, noted) || !Generation.isSamePlace(known, place)
      )
    })
  )
  if (restored) {
    yield* Effect.logWarning(`${name}: ${restoredNotice}`)
  }

  const becameOf = yield* attempt(() => Generation.watch(file))
  const isInPlace = Effect.flatMap(attempt(becameOf), (problem) =>
    problem === undefined
      ? Effect.void
      : Effect.fail(
          new JournalError({
            kind: "failed",
            message: `${problem} while it was open, so nothing is sent: put it back if it is whole, and start the program again`
          })
        )
  )

  // Inside a transaction, so that no other process records an older state after this one.
  const note = transact((run) =>
    Effect.flatMap(Generation.reached(run), (reached) =>
      attempt(() => Generation.write(generationFile, reached, fileMode(trust)))
    )
  )
  // The files come last: between this check and the request there is only the last check of the clocks.
  const noteInPlace = Effect.andThen(note, isInPlace)
  yield* noteInPlace

  const semaphore = Semaphore.makeUnsafe(1)
  const mark = semaphore.withPermit(Effect.uninterruptible(noteInPlace))
  const read: SqlStore["read"] = (work) => semaphore.withPermit(Effect.uninterruptible(within("BEGIN", work)))

  const takeLock = yield* accountLocks(DatabaseSync, directory, trust)
  const lock: SqlStore["lock"] = (account, busy) => Effect.andThen(isInPlace, takeLock(account, busy))

  return {
    name,
    read,
    ...groupCommit({ transact, mark: noteInPlace, semaphore }),
    lock,
    mark,
    isInPlace: () => Effect.void
  }
})

/**
 * Opens the journal for queries, which change nothing: no file is created, made private, or migrated. Returns
 * `undefined` if there is no journal.
 */
const openToRead = (directory: string): Effect.Effect<SqlReader | undefined, JournalError> =>
  Effect.gen(function* () {
    const file = fileIn(directory)
    const name = nameOf(file)
    const attempt = attemptOn(name)
    const found = yield* attempt(() => {
      statusOf(directory)
      return statusOf(file)
    })
    // A file that was just created is still empty.
    if (found === undefined || found.size === 0) return undefined
    const { DatabaseSync } = yield* sqlite
    const run: Run = (statement, ...values) =>
      attempt(() => readOnce(DatabaseSync, file, (database) => prepare(database, statement).all(...values)))
    const version = yield* JournalSchema.inspect(run, JournalSchema.sqlite, name)
    return version === 0 ? undefined : { name, read: (work) => work(run) }
  })

/**
 * Opens, reads and closes synchronously. While a writer has the journal open, its files for readers exist.
 * Otherwise a reader would create them, so the file is read as immutable, and read again if it has changed.
 * An immutable read knows no locks, so nothing of this process may run in between: closing the file frees
 * them all.
 */
const readOnce = <A>(
  DatabaseSync: typeof Sqlite.DatabaseSync,
  file: string,
  read: (database: Sqlite.DatabaseSync) => A
): A => {
  const reading = (path: string | URL) => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: patience })
    try {
      return read(database)
    } finally {
      database.close()
    }
  }
  const state = () => {
    const { ctimeNs, mtimeNs, size } = Fs.statSync(file, { bigint: true })
    return `${ctimeNs} ${mtimeNs} ${size}`
  }
  const log = `${file}-wal`
  for (let tries = 0; tries < 100 && statusOf(log) === undefined; tries++) {
    const before = state()
    const unchanging = pathToFileURL(file)
    unchanging.searchParams.set("immutable", "1")
    const rows = reading(unchanging)
    if (statusOf(log) === undefined && state() === before) return rows
  }
  return reading(file)
}

/** Fails unless the file is a sound journal of a known version. */
const check = Effect.fnUntraced(function* (run: Run, name: string): Effect.fn.Return<void, JournalError> {
  const [found] = yield* run("PRAGMA quick_check(1)")
  if (found?.["quick_check"] !== "ok") {
    return yield* JournalSchema.damaged(name, String(found?.["quick_check"]))
  }
  const version = yield* JournalSchema.inspect(run, JournalSchema.sqlite, name)
  const others = version === 0 ? yield* run("SELECT name FROM sqlite_master LIMIT 1") : []
  if (others.length > 0) return yield* JournalSchema.damaged(name, "it is another program's database")
})
