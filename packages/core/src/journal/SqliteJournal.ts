/**
 * A journal in one file on this machine, in the user's state directory: `journal.sqlite`.
 *
 * One process at a time holds an account, by an operating-system lock that lasts as long as the
 * process: whoever gets it knows that every former holder is dead. That needs a local disk, and a
 * network file system is refused.
 *
 * Nothing is created before the first hold: a query before it finds nothing, and leaves nothing behind. A
 * query of a journal that an earlier version wrote, or that belongs to another user, changes nothing of it.
 *
 * A directory or a file of the journal that is a link, or that others may write, is refused, and so is a
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

/** Keeps what is changed in a file of this machine. */
export const layer = (options?: Options): Layer.Layer<never> => Layer.effect(Journal, make(options))
