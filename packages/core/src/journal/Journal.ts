/**
 * The memory of what was intended, sent and settled: written before a request leaves, so that
 * nothing is ever sent that nobody remembers. It is also the audit log.
 *
 * Every step is a compare-and-set on the state of an intent, and where it matters on the account's
 * fence: a number that grows with every new holder, so that a former holder cannot go on by mistake.
 * A journal holds no secrets.
 */
import * as Context from "effect/Context"
import * as Stream from "effect/Stream"
import { defaultJournal } from "./defaultJournal.ts"
import { memoryJournal } from "./memoryJournal.ts"
import type { Choice, Journal as Contract, JournalError } from "./contract.ts"

export * from "./contract.ts"

/** Where intents are kept. */
export type Journal = Contract

/**
 * The journal in use, unless a program provides another: a SQLite file of this user on this machine.
 * Nothing is opened before the first change. Emulators on this machine get one in memory instead.
 */
export const Journal = Context.Reference<Contract>("@cloud-quota/core/Journal", {
  defaultValue: () => defaultJournal()
})

const choices: Readonly<Record<Choice, string>> = {
  default: "the default, since none was chosen",
  environment: "chosen by CLOUD_QUOTA_JOURNAL",
  configuration: "chosen by cloud-quota.yaml",
  code: "chosen in code"
}

/** Where a journal is and how it was chosen, for people. */
export const describe = ({ choice, place }: Pick<Journal, "choice" | "place">): string =>
  `${place} (${choices[choice]})`

/** A journal that forgets with the process. */
export const memory: () => Journal = memoryJournal

/**
 * Everything that a journal has of an account, or of all, as NDJSON: a line for each intent as it stands
 * now, then a line for each step that was taken. Amounts are decimal text, so that no digit is lost; a limit is
 * an amount or `null`, beside `unlimited`.
 *
 * @example
 * import { Journal } from "@cloud-quota/core"
 * import { Effect, Stream } from "effect"
 *
 * export const program = Effect.gen(function* () {
 *   const journal = yield* Journal.Journal
 *   yield* Stream.runForEach(Journal.exportLines(journal), (line) => Effect.sync(() => console.log(line)))
 * })
 */
export const exportLines = (
  journal: Journal,
  filter: { readonly account?: string } = {}
): Stream.Stream<string, JournalError> =>
  Stream.concat(
    Stream.map(journal.intents(filter), ({ after, before, put, ...intent }) =>
      JSON.stringify({
        kind: "intent",
        ...intent,
        before: { ...before.limit.toJSON(), available: before.available },
        after: after.toJSON().limit,
        afterUnlimited: after.toJSON().unlimited,
        ...(put && {
          put: { before: Object.fromEntries(put.before), after: Object.fromEntries(put.after) }
        })
      })
    ),
    Stream.map(journal.events(filter), (event) => JSON.stringify({ kind: "step", ...event }))
  )
