/** The journal that a configuration chooses. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type CloudQuotaError, invalid } from "../model/CloudQuotaError.ts"
import { variable } from "./CredentialChain.ts"
import * as CredentialFile from "./CredentialFile.ts"
import { Journal } from "../journal/Journal.ts"
import { type Choice, JournalError } from "../journal/contract.ts"
import * as SqliteJournal from "../journal/SqliteJournal.ts"
import { provider } from "./search.ts"
import * as JournalPlace from "../journal/place.ts"

/** Settings of a SQLite journal besides its folder. */
export type SqliteSettings = Pick<SqliteJournal.Options, "localDisk" | "groupWritable">

/** The source of the choice. The environment takes precedence over the file. */
type By = Exclude<Choice, "default" | "code">

/**
 * The place of the journal: no choice (`Default`: a file in the user's state directory), a folder, or the
 * database whose URL is in an environment variable.
 */
export type JournalChoice =
  | { readonly _tag: "Default" }
  | ({
      readonly _tag: "Sqlite"
      readonly by: By
      readonly directory: string
      /** The path as it was written. */
      readonly written: string
    } & SqliteSettings)
  | { readonly _tag: "Postgres"; readonly by: By; readonly variable: string; readonly schema?: string }

const overriding = "CLOUD_QUOTA_JOURNAL"

/** Returns the choice of `CLOUD_QUOTA_JOURNAL`, if it is set: the URL of a database, or a folder. */
export const journalOfEnvironment = (
  directory: string
): Effect.Effect<JournalChoice | undefined, CloudQuotaError> =>
  Effect.gen(function* () {
    const refuse = (message: string) =>
      invalid({ provider, operation: "configure", field: overriding, message })
    const value = yield* variable(provider, overriding)
    if (value === undefined) {
      // A ConfigProvider treats empty text as absent. In a process it means that a secret did not arrive.
      return process.env[overriding] === "" ? yield* refuse(JournalPlace.empty) : undefined
    }
    if (!JournalPlace.isUrl(value)) {
      const chosen = yield* folder(value, directory)
      return yield* Effect.mapError(Effect.fromResult(chosen), refuse).pipe(
        Effect.map(
          (path) => ({ _tag: "Sqlite", by: "environment", directory: path, written: value }) as const
        )
      )
    }
    yield* Effect.mapError(Effect.fromResult(JournalPlace.databaseOf(value)), refuse)
    return { _tag: "Postgres", by: "environment", variable: overriding }
  })

/** Returns a folder as an absolute path, with `~` expanded, or the problem with it. */
export const folder = (
  written: string,
  from: string
): Effect.Effect<Result.Result<string, string>, CloudQuotaError> =>
  Effect.map(CredentialFile.home(provider), (home) => JournalPlace.folderOf(written, from, home))

/**
 * The journal as a layer, which opens nothing by itself. If the URL or the driver of a database is missing,
 * only calls that need the journal fail; reading quotas still works.
 */
export const journalLayer = (choice: JournalChoice): Layer.Layer<never> => {
  if (choice._tag === "Default") return Layer.empty
  if (choice._tag === "Sqlite") {
    const { _tag, by, ...options } = choice
    return SqliteJournal.layer({ ...options, choice: by })
  }
  return Layer.unwrap(
    Effect.gen(function* () {
      const { by, schema } = choice
      const url = yield* Effect.orElseSucceed(variable(provider, choice.variable), () => undefined)
      const database = JournalPlace.databaseOf(url ?? "")
      if (!url || Result.isFailure(database)) {
        const problem = url && Result.isFailure(database) ? database.failure : "is not set"
        return unusable(
          choice,
          `${choice.variable} ${problem}: the configuration says that the journal is there`
        )
      }
      const PostgresJournal = yield* Effect.option(
        // Loaded on demand: it needs a package that only users of Postgres have to install.
        Effect.tryPromise(() => import("../journal/PostgresJournal.ts"))
      )
      if (PostgresJournal._tag === "None") {
        return unusable(choice, "a journal in Postgres needs the package @effect/sql-pg: install it")
      }
      return PostgresJournal.value.layer({
        url: Redacted.make(url),
        choice: by,
        ...(schema === undefined ? {} : { schema })
      })
    })
  )
}

const unusable = (
  { by, variable: name }: Extract<JournalChoice, { readonly _tag: "Postgres" }>,
  message: string
): Layer.Layer<never> => {
  const error = new JournalError({ kind: "failed", message })
  return Layer.succeed(Journal, {
    kind: "postgres",
    profile: "strict",
    place: `the database that ${name} names`,
    choice: by,
    isDead: () => Effect.succeed(false),
    hold: () => Effect.fail(error),
    intents: () => Stream.fail(error),
    events: () => Stream.fail(error)
  })
}
