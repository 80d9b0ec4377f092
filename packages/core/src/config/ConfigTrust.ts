/**
 * The configuration files that this user trusts. A file found by searching may send keys to a custom host or
 * read a custom variable only if it is trusted with exactly its present text.
 *
 * Each trusted text is a private file in `trusted/` of the user's state directory, named by the hash of its
 * path and text.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { createHash } from "node:crypto"
import * as Fs from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { type CloudQuotaError, invalid } from "../model/CloudQuotaError.ts"
import { variable } from "./CredentialChain.ts"
import * as CredentialFile from "./CredentialFile.ts"
import { stateDirectory } from "../journal/stateDirectory.ts"
import { readTextFile } from "./textFile.ts"

/** A file with a trusted text. */
export interface Trusted {
  /** Absolute. */
  readonly file: string
  /** SHA-256 of the path and the text, in hexadecimal digits. */
  readonly hash: string
  /** Whether the file still has that text. */
  readonly isCurrent: boolean
}

const provider = "cloud-quota"

const refuse = (field: string, message: string) => invalid({ provider, operation: "trust", field, message })

/**
 * Trusts a file with its present text. Any other text, and the same text in another place, must be trusted
 * separately. Fails as `InvalidRequest` if there is no such file, or no place to store the trust.
 *
 * @example
 * import { ConfigTrust } from "@cloud-quota/core"
 * import { Effect } from "effect"
 *
 * export const program = Effect.map(ConfigTrust.add("./cloud-quota.yaml"), ({ hash }) => hash)
 */
export const add = Effect.fn("ConfigTrust.add")(function* (
  path: string
): Effect.fn.Return<Trusted, CloudQuotaError> {
  const file = canonical(path)
  const text = yield* Effect.mapError(
    Effect.fromResult(
      Result.flatMap(readTextFile(file), (found) =>
        found === undefined ? Result.fail("is not there") : Result.succeed(found.text)
      )
    ),
    (problem) => refuse(path, problem)
  )
  const directory = yield* store
  if (directory === undefined) {
    return yield* refuse("HOME", "is not set, so that there is no place for what is trusted: set it")
  }
  const hash = hashOf(file, text)
  return yield* Effect.try({
    try: () => {
      Fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
      // Removed first: an existing entry may be a link, or writable by others.
      Fs.rmSync(join(directory, hash), { force: true })
      Fs.writeFileSync(join(directory, hash), JSON.stringify(file), { flag: "wx", mode: 0o600 })
      return { file, hash, isCurrent: true }
    },
    catch: (error) => refuse(directory, `cannot be written (${codeOf(error)})`)
  })
})

/** All trusted files, ordered by path. */
export const list: Effect.Effect<ReadonlyArray<Trusted>, CloudQuotaError> = Effect.map(
  Effect.suspend(() => store),
  (directory) =>
    entriesOf(directory)
      .map(({ file, hash }) => ({ file, hash, isCurrent: hash === currentHash(file) }))
      .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))
)

/** Ends the trust in a file, with any text. Returns the number of texts that were trusted. */
export const revoke = Effect.fn("ConfigTrust.revoke")(function* (
  path: string
): Effect.fn.Return<number, CloudQuotaError> {
  const directory = yield* store
  const file = canonical(path)
  const entries = entriesOf(directory).filter((entry) => entry.file === file)
  yield* Effect.try({
    try: () => {
      for (const { place } of entries) Fs.rmSync(place)
    },
    catch: (error) => refuse(directory ?? "", `cannot be written (${codeOf(error)})`)
  })
  return entries.length
})

/** Whether this text is trusted in this place. An entry that cannot be read does not count. */
export const isTrusted = (path: string, text: string): Effect.Effect<boolean, CloudQuotaError> =>
  Effect.map(store, (directory) => {
    if (directory === undefined) return false
    const file = canonical(path)
    return fileIn(join(directory, hashOf(file, text))) === file
  })

/** The folder of trusted entries; `undefined` if the environment names no place. */
const store = Effect.gen(function* () {
  const home = yield* CredentialFile.home(provider)
  const [chosen, local] = [
    yield* variable(provider, "XDG_STATE_HOME"),
    yield* variable(provider, "LOCALAPPDATA")
  ]
  if (home === undefined && !chosen && !local) return undefined
  const env = { XDG_STATE_HOME: chosen, LOCALAPPDATA: local }
  return join(stateDirectory(env, process.platform, home ?? ""), "trusted")
})

/** The file itself is not resolved: if it is a link, its relative paths start from the link's folder. */
const canonical = (path: string): string => {
  const absolute = resolve(path)
  try {
    return join(Fs.realpathSync(dirname(absolute)), basename(absolute))
  } catch {
    return absolute
  }
}

const hashOf = (file: string, text: string): string =>
  createHash("sha256")
    .update(JSON.stringify([file, text]))
    .digest("hex")

const currentHash = (file: string): string | undefined => {
  const found = Result.getOrUndefined(readTextFile(file))
  return found === undefined ? undefined : hashOf(file, found.text)
}

const entriesOf = (directory: string | undefined) => {
  try {
    return Fs.readdirSync(directory ?? "").flatMap((hash) => {
      const place = join(directory ?? "", hash)
      const file = /^[0-9a-f]{64}$/.test(hash) ? fileIn(place) : undefined
      return file === undefined ? [] : [{ file, hash, place }]
    })
  } catch {
    return []
  }
}

/** Returns the path in an entry, if this user wrote it and no other user can. */
const fileIn = (place: string): string | undefined => {
  const entry = Result.getOrUndefined(readTextFile(place))
  if (entry === undefined) return undefined
  const user = process.getuid?.()
  if (user !== undefined && (entry.owner !== user || (entry.mode & 0o022) !== 0)) return undefined
  try {
    const file: unknown = JSON.parse(entry.text)
    return typeof file === "string" ? file : undefined
  } catch {
    return undefined
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "no reason given"
