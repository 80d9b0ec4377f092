/** The key files of the vendors' own tools: their paths, and reading them safely. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { join, sep } from "node:path"
import { type CloudQuotaError, invalid } from "../model/CloudQuotaError.ts"
import { variable } from "./CredentialChain.ts"
import { readTextFile } from "./textFile.ts"

/** The text of a file that contains secrets. */
export interface CredentialFile {
  readonly text: Redacted.Redacted<string>
  /** Warns if other users have access to the file. */
  readonly warnings: ReadonlyArray<string>
}

/**
 * Returns the user's folder from the environment, `HOME` (on Windows `USERPROFILE`), or `undefined` if it is
 * not set. The system's user database is not used: the environment alone determines the files.
 */
export const home = (provider: string): Effect.Effect<string | undefined, CloudQuotaError> =>
  Effect.map(
    variable(provider, process.platform === "win32" ? "USERPROFILE" : "HOME"),
    (path) => path || undefined
  )

/** Expands a leading `~` to the user's folder. Returns `undefined` if that folder is needed and unknown. */
export const expand = (path: string, home: string | undefined): string | undefined => {
  const isInHome = path === "~" || path.startsWith("~/") || path.startsWith(`~${sep}`)
  return isInHome ? home && join(home, path.slice(1)) : path
}

/** Returns a path for people: with `~` for the user's folder. */
export const shown = (path: string, home: string | undefined): string => {
  const folder = home?.endsWith(sep) ? home.slice(0, -1) : home
  return folder && path.startsWith(`${folder}${sep}`) ? `~${path.slice(folder.length)}` : path
}

/**
 * Reads a key file; `undefined` if there is none. Fails as `InvalidRequest`, with the file as its field,
 * unless it is a readable regular file of UTF-8 text of at most 1 MiB.
 */
export const read = (options: {
  readonly provider: string
  readonly path: string
  /** The file's name in messages: see {@link shown}. */
  readonly name: string
}): Effect.Effect<CredentialFile | undefined, CloudQuotaError> =>
  Effect.suspend(() => {
    const { name, path, provider } = options
    const result = readTextFile(path)
    if (Result.isFailure(result)) {
      const message = `${result.failure}: mend it, or give the keys in the environment`
      return Effect.fail(invalid({ provider, operation: "configure", field: name, message }))
    }
    if (result.success === undefined) return Effect.undefined
    const { mode, text } = result.success
    // Windows has access lists of its own, which the mode does not show.
    const isOpen = process.platform !== "win32" && (mode & 0o077) !== 0
    const digits = (mode & 0o777).toString(8).padStart(3, "0")
    const warning = `others than you have access to ${name} (mode ${digits}): run chmod 600 on it`
    return Effect.succeed({ text: Redacted.make(text), warnings: isOpen ? [warning] : [] })
  })
