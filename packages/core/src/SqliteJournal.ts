/**
 * A journal in one file on this machine, in the user's state directory: `journal.sqlite`.
 *
 * One process at a time holds an account, by an operating-system lock that lasts as long as the
 * process: whoever gets it knows that every former holder is dead. That needs a local disk, and a
 * network file system is refused.
 *
 * Nothing is created before the first hold: a query before it finds nothing, and leaves nothing behind.
 *
 * @example
 * import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
 * import { Effect } from "effect"
 *
 * declare const program: Effect.Effect<void>
 *
 * program.pipe(Effect.provide(SqliteJournal.layer()))
 */
import "./internal/refuseOldNode.ts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { statSync } from "node:fs"
import { join } from "node:path"
import type * as Sqlite from "node:sqlite"
import { accountLocks } from "./internal/accountLock.ts"
import * as Generation from "./internal/journalGeneration.ts"
import * as JournalSchema from "./internal/journalSchema.ts"
import { createPrivate, localDirectory, storeFailed } from "./internal/sqliteFile.ts"
import { type Run, restoredNotice, type SqlStore, settleIn, sqlJournal } from "./internal/sqlJournal.ts"
import { stateDirectory } from "./internal/stateDirectory.ts"
import { Journal, JournalError } from "./Journal.ts"
import * as KnownKeys from "./KnownKeys.ts"

/** Where the journal is kept. */
export interface Options {
  /**
   * A directory on a local disk, created if it is missing. The default is the user's state
   * directory: `$XDG_STATE_HOME/cloud-quota` or `~/.local/state/cloud-quota`, and
   * `%LOCALAPPDATA%\cloud-quota` on Windows.
   */
  readonly directory?: string
  /** @internal Whether somebody chose this journal, rather than getting it for lack of a choice. */
  readonly chosen?: boolean
}

const optionKeys: KnownKeys.Names<Options> = { directory: true, chosen: true }

/**
 * A journal that is closed with the scope: only then may another process hold the accounts that
 * this one has held. Throws a `RangeError` for an option that it does not know.
 */
export const make = (options: Options = {}): Effect.Effect<Journal, never, Scope.Scope> => {
  KnownKeys.check(options, optionKeys)
  const { chosen = true, directory } = options
  return Effect.suspend(() => {
    let isOpen = false
    const ifThere = <A>(stream: Stream.Stream<A, JournalError>) =>
      Stream.suspend(() => (isOpen || mayBeThere(directory) ? stream : Stream.empty))
    const journal = sqlJournal({
      kind: "sqlite",
      profile: "local",
      chosen,
      // Only a holder asks, and there is no holder but this process as long as it lives.
      isDead: () => Effect.succeed(true),
      open: Effect.tap(open(directory), () =>
        Effect.sync(() => {
          isOpen = true
        })
      )
    })
    return Effect.map(journal, ({ events, intents, ...rest }) => ({
      ...rest,
      intents: (filter) => ifThere(intents(filter)),
      events: (filter) => ifThere(events(filter))
    }))
  })
}

/** Keeps what is changed in a file of this machine. */
export const layer = (options?: Options): Layer.Layer<never> => Layer.effect(Journal, make(options))

/** How long other processes' writes are waited for, in milliseconds. They take a few. */
const patience = 2000

const fileIn = (directory: string): string => join(directory, "journal.sqlite")

/** False only if there certainly is no journal yet. What else is wrong, opening it tells. */
const mayBeThere = (wanted: string | undefined): boolean => {
  try {
    return statSync(fileIn(wanted ?? stateDirectory()), { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}

const open = Effect.fnUntraced(function* (
  wanted: string | undefined
): Effect.fn.Return<SqlStore, JournalError, Scope.Scope> {
  const directory = yield* localDirectory(wanted ?? stateDirectory())
  const file = fileIn(directory)
  const generationFile = join(directory, "journal.generation")
  const name = `the journal ${file}`
  const { DatabaseSync } = yield* Effect.promise(() => import("node:sqlite"))
  const attempt = <A>(work: () => A): Effect.Effect<A, JournalError> =>
    Effect.try({ try: work, catch: (error) => storeFailed(name, error) })
  const connect = (readOnly: boolean) =>
    Effect.acquireRelease(
      attempt(() => new DatabaseSync(file, { timeout: patience, readOnly })),
      (database) => Effect.sync(() => database.close())
    )
  const runOn =
    (database: Sqlite.DatabaseSync): Run =>
    (statement, ...values) =>
      attempt(() => {
        const prepared = database.prepare(statement)
        prepared.setReadBigInts(true)
        return prepared.all(...values)
      })

  yield* attempt(() => createPrivate(file))
  // Looked at without being able to write, since what is not a sound journal is left untouched.
  yield* Effect.scoped(Effect.flatMap(connect(true), (database) => check(runOn(database), name)))

  const database = yield* connect(false)
  const run = runOn(database)
  // Two processes that both make the journal at the same moment may refuse each other at once.
  yield* Effect.retry(run("PRAGMA journal_mode = WAL"), { schedule: Schedule.spaced("20 millis"), times: 50 })
  yield* run("PRAGMA synchronous = FULL")
  // Without these, macOS calls written what is still in the disk's own memory.
  yield* run("PRAGMA fullfsync = ON")
  yield* run("PRAGMA checkpoint_fullfsync = ON")
  yield* run("PRAGMA foreign_keys = ON")

  const turn = Semaphore.makeUnsafe(1)
  const transaction: SqlStore["transaction"] = (work) =>
    turn.withPermit(
      Effect.uninterruptible(
        Effect.flatMap(run("BEGIN IMMEDIATE"), () =>
          work(run).pipe(
            Effect.tap((done) => run(done === undefined ? "ROLLBACK" : "COMMIT")),
            Effect.onError(() => (database.isTransaction ? Effect.ignore(run("ROLLBACK")) : Effect.void))
          )
        )
      )
    )

  const place = yield* attempt(() => Generation.placeOf(file))
  const restored = yield* transaction(
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

  // Inside a transaction, so that no other process notes an older state after this one.
  const mark = Effect.asVoid(
    transaction((run) =>
      Effect.flatMap(Generation.reached(run), (reached) =>
        Effect.as(
          attempt(() => Generation.write(generationFile, reached)),
          true
        )
      )
    )
  )
  yield* mark

  const takeLock = yield* accountLocks(DatabaseSync, directory)
  const lock: SqlStore["lock"] = (account, busy) =>
    Effect.flatMap(
      attempt(() => Generation.isSamePlace(Generation.placeOf(file), place)),
      (same) =>
        same
          ? takeLock(account, busy)
          : Effect.fail(
              new JournalError({
                kind: "failed",
                message: `${name} was replaced while it was open: start the program again`
              })
            )
    )

  return { name, transaction, lock, mark }
})

/** Fails for what is not a sound journal of a known version. */
const check = Effect.fnUntraced(function* (run: Run, name: string): Effect.fn.Return<void, JournalError> {
  const [found] = yield* run("PRAGMA quick_check(1)")
  if (found?.["quick_check"] !== "ok") {
    return yield* JournalSchema.damaged(name, String(found?.["quick_check"]))
  }
  const version = yield* JournalSchema.inspect(run, JournalSchema.sqlite, name)
  const others = version === 0 ? yield* run("SELECT name FROM sqlite_master LIMIT 1") : []
  if (others.length > 0) return yield* JournalSchema.damaged(name, "it is another program's database")
})
