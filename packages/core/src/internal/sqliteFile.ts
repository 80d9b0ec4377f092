/**
 * What SQLite's files need around them: a private place on a local disk, and errors in plain words.
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { JournalError } from "../Journal.ts"
import { damaged } from "./journalSchema.ts"
import { networkFileSystem } from "./stateDirectory.ts"

/** SQLite's own number of an error, without its details. */
const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined

const busyCode = 5
const corruptCode = 11
const notADatabaseCode = 26

/** True if another process has locked the file. */
export const isBusy = (error: unknown): boolean => codeOf(error) === busyCode

/** What failed, for people. */
export const storeFailed = (name: string, error: unknown): JournalError => {
  const why = error instanceof Error ? error.message : String(error)
  switch (codeOf(error)) {
    case corruptCode:
    case notADatabaseCode:
      return damaged(name, why)
    case busyCode:
      return new JournalError({
        kind: "failed",
        message: `${name} is being written to by another process for too long: run this again`
      })
    default:
      return new JournalError({ kind: "failed", message: `${name} failed: ${why}` })
  }
}

/**
 * Makes an empty file that only its owner may read, unless it is there. A file that is there is not
 * opened: closing it again would free the locks that this process has on it.
 */
export const createPrivate = (path: string): void => {
  try {
    Fs.closeSync(Fs.openSync(path, "wx", 0o600))
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
    Fs.chmodSync(path, 0o600)
  }
}

/** Makes the directory, for its owner alone, and refuses a disk of another machine. Gives its real path. */
export const localDirectory = (directory: string): Effect.Effect<string, JournalError> =>
  Effect.flatMap(
    Effect.try({
      try: () => {
        Fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
        return { path: Fs.realpathSync(directory), network: networkFileSystem(Fs.statfsSync(directory).type) }
      },
      catch: (error) => storeFailed(`the directory ${directory}`, error)
    }),
    ({ network, path }) =>
      network === undefined
        ? Effect.succeed(path)
        : Effect.fail(
            new JournalError({
              kind: "failed",
              message: `the journal cannot be in ${directory}, which is on a network file system (${network}), where locks do not prove enough: choose a directory on a local disk, or use the Postgres journal`
            })
          )
  )
