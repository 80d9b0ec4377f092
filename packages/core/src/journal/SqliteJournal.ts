/**
 * A journal in one file on this machine, in the user's state directory: `journal.sqlite`.
 *
 * One process at a time holds an account, by an operating-system lock that lasts as long as the process. A
 * new holder therefore knows that every former holder is dead. This needs a local disk, and a network file
 * system is refused.
 *
 * Nothing is created before the first hold: an earlier query finds nothing, and leaves nothing behind. A
 * query does not change a journal that an earlier version wrote, or that belongs to another user.
 *
 * A directory or a file of the journal is refused if it is a link or if others may write it. So is a
 * directory in a parent that others may write.
 *
 * @example
 * import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
 * import { Effect } from "effect"
 *
 * declare const program: Effect.Effect<void>
 *
 * program.pipe(Effect.provide(SqliteJournal.layer()))
 */
import * as Layer from "effect/Layer"
import { Journal } from "./Journal.ts"
import { type Options, make } from "./openSqlite.ts"

export { type Options, make } from "./openSqlite.ts"

/** Provides a journal in a file on this machine. */
export const layer = (options?: Options): Layer.Layer<never> => Layer.effect(Journal, make(options))
