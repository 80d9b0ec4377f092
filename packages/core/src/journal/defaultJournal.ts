/**
 * The journal for those who chose none: the SQLite file of this user on this machine, opened when the
 * first change is about to be made and kept for the life of the process.
 */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { join } from "node:path"
import type { Journal } from "./contract.ts"
import { memoryJournal } from "./memoryJournal.ts"
import { stateDirectory } from "./stateDirectory.ts"

export const defaultJournal = (): Journal => {
  const opened = Effect.runSync(
    Effect.cached(
      Effect.gen(function* () {
        // Imported late: who only reads quotas needs no database.
        const { make } = yield* Effect.promise(() => import("./openSqlite.ts"))
        return yield* Scope.provide(make({ choice: "default" }), yield* Scope.make())
      })
    )
  )
  return {
    kind: "sqlite",
    profile: "local",
    place: place(),
    choice: "default",
    vanishes: Effect.succeed("it is the default one, of this user on this machine"),
    isDead: () => Effect.succeed(true),
    hold: (account) => Effect.flatMap(opened, (journal) => journal.hold(account)),
    intents: (filter) => Stream.unwrap(Effect.map(opened, (journal) => journal.intents(filter))),
    events: (filter) => Stream.unwrap(Effect.map(opened, (journal) => journal.events(filter)))
  }
}

const place = (): string => {
  try {
    return join(stateDirectory(), "journal.sqlite")
  } catch {
    return "no file, since this user has no home folder"
  }
}

const ofEmulators = memoryJournal()

/**
 * The journal for an account: the one that was chosen; or else, for an emulator on this machine, one
 * in memory, since pretended money needs no memory beyond the process.
 */
export const journalFor = (journal: Journal, loopback: boolean): Journal =>
  loopback && journal.choice === "default" ? ofEmulators : journal
