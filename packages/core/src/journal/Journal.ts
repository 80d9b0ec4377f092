/**
 * The record of every change, written before its request leaves, so that nothing is sent without a record. It
 * is also the audit log.
 *
 * Every step is a compare-and-set on the state of an intent and, where it matters, on the account's fence.
 * The fence is a number that grows with every new holder, so that a former holder cannot continue by mistake.
 * A journal holds no secrets.
 */
import * as Context from "effect/Context"
import * as Stream from "effect/Stream"
import { defaultJournal } from "./defaultJournal.ts"
import { memoryJournal } from "./memoryJournal.ts"
import type { Choice, Journal as Contract, JournalError } from "./contract.ts"

export * from "./contract.ts"

/** A store of intents. */
export type Journal = Contract

/**
 * The journal in use. Unless a program provides another, it is a SQLite file of this user on this machine.
 * Nothing is opened before the first change. Emulators on this machine get a journal in memory instead.
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

/** Describes the location of a journal and how it was chosen, for people. */
export const describe = ({ choice, place }: Pick<Journal, "choice" | "place">): string =>
  `${place} (${choices[choice]})`

/** Creates a journal that does not outlive the process. */
export const memory: () => Journal = memoryJournal

/**
 * Exports a journal as NDJSON, for one account or for all: a line for each intent in its present state, then
 * a line for each step. Amounts are decimal text, so that no digit is lost; a limit is an amount or `null`, beside
 * `unlimited`.
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
