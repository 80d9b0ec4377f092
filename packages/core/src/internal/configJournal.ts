/**
 * The journal that a configuration chooses.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import { type CloudQuotaError, invalid } from "../CloudQuotaError.ts"
import { variable } from "../CredentialChain.ts"
import * as CredentialFile from "../CredentialFile.ts"
import { Journal, JournalError } from "../Journal.ts"
import * as SqliteJournal from "../SqliteJournal.ts"
import { provider } from "./configSearch.ts"

/**
 * Where the journal is: nobody chose (`Default`: a file in the user's state directory), in a folder, or in
 * the database whose URL an environment variable has.
 */
export type JournalChoice =
  | { readonly _tag: "Default" }
  | { readonly _tag: "Sqlite"; readonly directory: string }
  | { readonly _tag: "Postgres"; readonly variable: string; readonly schema?: string }

const overriding = "CLOUD_QUOTA_JOURNAL"
const isPostgres = /^postgres(?:ql)?:\/\//i

/** What `CLOUD_QUOTA_JOURNAL` chooses, if it is set: the URL of a database, or a folder. */
export const journalOfEnvironment = (
  directory: string
): Effect.Effect<JournalChoice | undefined, CloudQuotaError> =>
  Effect.gen(function* () {
    const value = yield* variable(provider, overriding)
    if (!value) return undefined
    if (isPostgres.test(value)) return { _tag: "Postgres", variable: overriding }
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(value)) {
      const message = "is of no kind that is known: give postgres://… or a folder"
      return yield* invalid({ provider, operation: "configure", field: overriding, message })
    }
    return { _tag: "Sqlite", directory: yield* folder(value, directory) }
  })

/** The folder that somebody wrote, with `~` for the user's own, from another one. */
export const folder = (written: string, from: string): Effect.Effect<string, CloudQuotaError> =>
  Effect.map(CredentialFile.home(provider), (home) =>
    resolve(from, CredentialFile.expand(written, home) ?? written)
  )

/**
 * The journal as a layer, which opens nothing by itself. A database that cannot be reached for want of its
 * URL or of its driver fails whoever needs the journal, and nobody who only reads quotas.
 */
export const journalLayer = (choice: JournalChoice): Layer.Layer<never> => {
  if (choice._tag === "Default") return Layer.empty
  if (choice._tag === "Sqlite") return SqliteJournal.layer({ directory: choice.directory })
  return Layer.unwrap(
    Effect.gen(function* () {
      const url = yield* Effect.orElseSucceed(variable(provider, choice.variable), () => undefined)
      if (!url || !isPostgres.test(url)) {
        const problem = url ? "has no URL as postgres://…" : "is not set"
        return unusable(`${choice.variable} ${problem}: the configuration says that the journal is there`)
      }
      const PostgresJournal = yield* Effect.option(
        // Imported late: it needs a package that nobody else has to install.
        Effect.tryPromise(() => import("../PostgresJournal.ts"))
      )
      if (PostgresJournal._tag === "None") {
        return unusable("a journal in Postgres needs the package @effect/sql-pg: install it")
      }
      const schema = choice.schema === undefined ? {} : { schema: choice.schema }
      return PostgresJournal.value.layer({ url: Redacted.make(url), ...schema })
    })
  )
}

const unusable = (message: string): Layer.Layer<never> => {
  const error = new JournalError({ kind: "failed", message })
  return Layer.succeed(Journal, {
    kind: "postgres",
    profile: "strict",
    chosen: true,
    isDead: () => Effect.succeed(false),
    hold: () => Effect.fail(error),
    intents: () => Stream.fail(error),
    events: () => Stream.fail(error)
  })
}
