/**
 * The lock that makes this process the one holder of an account on this machine: an exclusive transaction in
 * a separate, empty SQLite file. The system releases it when the process ends, for any reason. A paused
 * process keeps it.
 *
 * On POSIX systems, closing any handle of a locked file frees the lock of the whole process. So the file is
 * opened only here, once for all journals of the process, and stays open.
 */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { createHash } from "node:crypto"
import { join } from "node:path"
import type * as Sqlite from "node:sqlite"
import type { JournalError } from "./contract.ts"
import { type Trust, createPrivate, isBusy, storeFailed } from "./sqliteFile.ts"

interface Lock {
  /** Admits the holders of this process one after the other. */
  readonly semaphore: Semaphore.Semaphore
  /** The number of journals of this process that use the lock. */
  users: number
  file: Sqlite.DatabaseSync | undefined
}

/** All locks of this process, by file. */
const locks = new Map<string, Lock>()

const enter = (path: string): Lock => {
  const lock = locks.get(path) ?? { semaphore: Semaphore.makeUnsafe(1), users: 0, file: undefined }
  locks.set(path, lock)
  lock.users += 1
  return lock
}

const leave = (path: string, lock: Lock): void => {
  lock.users -= 1
  if (lock.users > 0) return
  locks.delete(path)
  lock.file?.close()
}

/**
 * Returns a function that takes the locks of one journal. A lock is taken at the first hold of its account,
 * and freed when the scope closes or the process ends.
 */
export const accountLocks = Effect.fnUntraced(function* (
  DatabaseSync: typeof Sqlite.DatabaseSync,
  directory: string,
  trust: Trust
) {
  const scope = yield* Effect.scope
  const joined = new Map<string, Lock>()

  const lockFor = (path: string): Effect.Effect<Lock> =>
    Effect.uninterruptible(
      Effect.suspend(() => {
        const known = joined.get(path)
        if (known !== undefined) return Effect.succeed(known)
        const lock = enter(path)
        joined.set(path, lock)
        return Effect.as(
          Scope.addFinalizer(
            scope,
            Effect.sync(() => leave(path, lock))
          ),
          lock
        )
      })
    )

  return Effect.fnUntraced(function* (
    account: string,
    busy: Effect.Effect<JournalError>
  ): Effect.fn.Return<void, JournalError, Scope.Scope> {
    const path = join(directory, `${createHash("sha256").update(account).digest("hex").slice(0, 32)}.lock`)
    const lock = yield* lockFor(path)
    yield* Semaphore.takeScoped(lock.semaphore, 1)
    if (lock.file !== undefined) return
    const taken = yield* Effect.try({
      try: () => take(DatabaseSync, path, trust),
      catch: (error) => storeFailed(`the lock ${path}`, error)
    })
    if (taken === undefined) return yield* Effect.flatMap(busy, Effect.fail)
    lock.file = taken
  })
})

/** Returns the locked file, or `undefined` if another process has the lock. */
const take = (
  DatabaseSync: typeof Sqlite.DatabaseSync,
  path: string,
  trust: Trust
): Sqlite.DatabaseSync | undefined => {
  createPrivate(path, trust)
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    file.exec("BEGIN EXCLUSIVE")
    return file
  } catch (error) {
    file.close()
    if (isBusy(error)) return undefined
    throw error
  }
}
