/**
 * The files in which the vendors' own tools keep keys: where they are, and reading them with care.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { join, sep } from "node:path"
import { type CloudQuotaError, invalid } from "../model/CloudQuotaError.ts"
import { variable } from "./CredentialChain.ts"
import { readTextFile } from "./textFile.ts"

/** The text of a file, which has secrets in it. */
export interface CredentialFile {
  readonly text: Redacted.Redacted<string>
  /** That others have access to it, if they have. */
  readonly warnings: ReadonlyArray<string>
}

/**
 * The user's folder by the environment, `HOME` (on Windows `USERPROFILE`); `undefined` if that is not set.
 * The system is not asked: what is looked at is what the environment says.
 */
export const home = (provider: string): Effect.Effect<string | undefined, CloudQuotaError> =>
  Effect.map(
    variable(provider, process.platform === "win32" ? "USERPROFILE" : "HOME"),
    (path) => path || undefined
  )

/** A path with `~` for the user's folder written out; `undefined` if that is needed and not known. */
export const expand = (path: string, home: string | undefined): string | undefined => {
  const isInHome = path === "~" || path.startsWith("~/") || path.startsWith(`~${sep}`)
  return isInHome ? home && join(home, path.slice(1)) : path
}

/** A path as people are shown it: with `~` for the user's folder. */
export const shown = (path: string, home: string | undefined): string => {
  const folder = home?.endsWith(sep) ? home.slice(0, -1) : home
  return folder && path.startsWith(`${folder}${sep}`) ? `~${path.slice(folder.length)}` : path
}

/**
 * Reads a file of keys; `undefined` if there is none. Fails as `InvalidRequest`, with the file as its
 * field, for what is not a regular file of UTF-8 text of 1 MiB at the most that this user may read.
 */
export const read = (options: {
  readonly provider: string
  readonly path: string
  /** How the file is called in messages: see {@link shown}. */
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
    // Windows keeps access in lists of its own, which the mode does not show.
    const isOpen = process.platform !== "win32" && (mode & 0o077) !== 0
    const digits = (mode & 0o777).toString(8).padStart(3, "0")
    const warning = `others than you have access to ${name} (mode ${digits}): run chmod 600 on it`
    return Effect.succeed({ text: Redacted.make(text), warnings: isOpen ? [warning] : [] })
  })
