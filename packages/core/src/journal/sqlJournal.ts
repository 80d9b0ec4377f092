/**
 * A journal over SQL, for SQLite and Postgres alike. The {@link SqlStore} provides the parts that differ:
 * transactions, and the lock that keeps other processes away from an account.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import * as AccountIdentity from "../model/AccountIdentity.ts"
import { type Journal, JournalError } from "./contract.ts"
import { isCurrent } from "./schema.ts"
import * as ProcessIdentity from "./processIdentity.ts"
import { type Row, type Run, type SqlStore, type SqlReader, inTransaction } from "./database.ts"
import { readFences, readPlaces } from "./rows.ts"
import { pageSize, pages, selectIntents, selectEvents } from "./statements.ts"
import { makeHold } from "./sqlHold.ts"

/** The notice of each account after its journal was restored. */
export const restoredNotice =
  "the journal was moved or restored from a copy, and what happened since the copy was made is not in it: give each account a new baseline before its next change"

/**
 * Records the location of the journal, and drops every baseline if the journal was restored from a copy.
 * Returns whether it was.
 */
export const settleIn = Effect.fnUntraced(function* (
  run: Run,
  journal: string,
  place: string,
  isRestored: (knownPlace: string) => boolean
): Effect.fn.Return<boolean, JournalError> {
  const [known] = yield* readPlaces(
    journal,
    yield* run("SELECT place, (SELECT COUNT(*) FROM known_account) AS accounts FROM journal")
  )
  if (known === undefined) {
    yield* run("INSERT INTO journal (id, place) VALUES (?, ?)", randomUUID(), place)
    return false
  }
  // If no account was ever held, a copy lacks nothing.
  const restored = known.accounts > 0 && isRestored(known.place)
  if (restored) yield* run("UPDATE known_account SET baselined_at = NULL, notice = ?", restoredNotice)
  yield* run("UPDATE journal SET place = ?", place)
  return restored
})

/** Creates a journal over a store. The store is opened at the first use, and closed with the scope. */
export const sqlJournal = Effect.fnUntraced(function* (
  options: Omit<Journal, "hold" | "intents" | "events"> & {
    readonly open: Effect.Effect<SqlStore, JournalError, Scope.Scope>
    /**
     * Opens the store for queries before the first hold. Writes nothing. Returns `undefined` if there is no
     * journal.
     */
    readonly openToRead: Effect.Effect<SqlReader | undefined, JournalError>
  }
): Effect.fn.Return<Journal, never, Scope.Scope> {
  const { open, openToRead, ...about } = options
  let opened: SqlStore | undefined
  const store = yield* openOnce(
    Effect.tap(open, (store) =>
      Effect.sync(() => {
        opened = store
      })
    )
  )

  const hold = Effect.fnUntraced(function* (account: string) {
    const opened = yield* store
    // A process of an earlier version may be running, which knows the account by another key.
    for (const key of AccountIdentity.equivalentKeys(account)) {
      yield* opened.lock(key, busy(opened, account))
    }
    const owner = ProcessIdentity.owner()
    const [held] = yield* inTransaction(opened, (run) =>
      Effect.flatMap(
        run(
          `INSERT INTO known_account (key, fence, owner, withdrawal) SELECT ?, 1, ?, 'unknown' WHERE ${isCurrent}
          ON CONFLICT (key) DO UPDATE SET fence = known_account.fence + 1, owner = excluded.owner
          RETURNING fence`,
          account,
          owner
        ),
        (rows) => readFences(opened.name, rows)
      )
    )
    if (held === undefined) {
      const message = `${opened.name} was taken over by a newer cloud-quota while it was open: start the program again, with that version`
      return yield* new JournalError({ kind: "failed", message })
    }
    yield* Effect.acquireRelease(opened.mark, () => Effect.ignore(opened.mark))
    return makeHold({ store: opened, account, fence: held.fence, owner })
  })

  const reader = Effect.suspend(
    (): Effect.Effect<SqlReader | undefined, JournalError> =>
      opened === undefined ? openToRead : Effect.succeed(opened)
  )
  // A reader may find keys of an earlier version, so accounts are selected here, not by the database.
  const ofAccount =
    (account: string | undefined) =>
    (row: { readonly account: string }): boolean =>
      account === undefined || row.account === account

  return {
    ...about,
    hold,
    intents: ({ account, ...filter } = {}) =>
      pages(reader, (opened, after) => selectIntents(opened, { ...filter, after, atMost: pageSize })).pipe(
        Stream.map(withCurrentKey),
        Stream.filter(ofAccount(account))
      ),
    events: ({ account } = {}) =>
      pages(reader, selectEvents).pipe(
        Stream.map(({ event }) => withCurrentKey(event)),
        Stream.filter(ofAccount(account))
      )
  }
})

const withCurrentKey = <A extends { readonly account: string }>(row: A): A => ({
  ...row,
  account: AccountIdentity.canonicalKey(row.account)
})

/** Opens at the first use. After a failure, the next use tries again. */
export const openOnce = <A, E>(
  open: Effect.Effect<A, E, Scope.Scope>
): Effect.Effect<Effect.Effect<A, E>, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    const semaphore = Semaphore.makeUnsafe(1)
    let opened: { readonly value: A } | undefined
    return semaphore.withPermit(
      Effect.uninterruptible(
        Effect.gen(function* () {
          if (opened !== undefined) return opened.value
          const attempt = yield* Scope.fork(scope)
          const value = yield* open.pipe(
            Scope.provide(attempt),
            Effect.onError((cause) => Scope.close(attempt, Exit.failCause(cause)))
          )
          opened = { value }
          return value
        })
      )
    )
  })

/** Returns the error that names the holder of the account, as far as the journal knows it. */
const busy = (store: SqlStore, account: string): Effect.Effect<JournalError> =>
  store
    .read((run) => run("SELECT owner FROM known_account WHERE key = ?", account))
    .pipe(
      Effect.orElseSucceed((): ReadonlyArray<Row> => []),
      Effect.map(
        ([row]) =>
          new JournalError({
            kind: "busy",
            message: `${ProcessIdentity.describe(String(row?.["owner"]))} holds the account: let it finish, or end it, and run this again`
          })
      )
    )
