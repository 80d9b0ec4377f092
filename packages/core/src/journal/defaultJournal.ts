/**
 * The journal if none is chosen: the SQLite file of this user on this machine. It is opened just before the
 * first change and kept for the life of the process.
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
        // Imported lazily: a program that only reads quotas needs no database.
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
 * Returns the journal for an account: the chosen one. If none was chosen, an emulator on this machine gets a
 * journal in memory, since emulated money needs no record beyond the process.
 */
export const journalFor = (journal: Journal, loopback: boolean): Journal =>
  loopback && journal.choice === "default" ? ofEmulators : journal
