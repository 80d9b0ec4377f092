/** Finds the configuration: the first existing file in a fixed order of places. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { existsSync } from "node:fs"
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import { ConfigFileError } from "./ConfigFileError.ts"
import { variable } from "./CredentialChain.ts"
import * as CredentialFile from "./CredentialFile.ts"
import { type TextFile, readTextFile } from "./textFile.ts"

export const provider = "cloud-quota"

/** A configuration file with its text. */
export interface Source {
  /** Absolute. */
  readonly path: string
  /** The name for people. */
  readonly name: string
  readonly text: string
  /** Whether the user, or code, named this file. Otherwise it was found by searching. */
  readonly isNamed: boolean
}

const names = ["cloud-quota.yaml", "cloud-quota.yml"]

/**
 * Finds the configuration file, or returns `undefined` if there is none. A file that was named must exist.
 */
export const find = Effect.fnUntraced(function* (options: {
  readonly path?: string
  readonly directory?: string
}): Effect.fn.Return<Source | undefined, ConfigFileError | CloudQuotaError> {
  const directory = resolve(options.directory ?? ".")
  const home = yield* CredentialFile.home(provider)
  const nameOf = (path: string): string => {
    const below = relative(directory, path)
    return below.split(sep)[0] === ".." || isAbsolute(below) ? CredentialFile.shown(path, home) : below
  }
  const asked = options.path ?? ((yield* variable(provider, "CLOUD_QUOTA_CONFIG")) || undefined)
  if (asked !== undefined) {
    const path = resolve(directory, CredentialFile.expand(asked, home) ?? asked)
    const file = yield* read(path, nameOf(path))
    const how = options.path === undefined ? " (CLOUD_QUOTA_CONFIG)" : ""
    return file === undefined
      ? yield* refuse(nameOf(path), `is not there${how}: name a file that is, or leave it out`)
      : { path, name: nameOf(path), text: file.text, isNamed: true }
  }
  const chosen = yield* variable(provider, "XDG_CONFIG_HOME")
  // The XDG specification ignores a relative path here.
  const configHome = chosen && isAbsolute(chosen) ? chosen : home && join(home, ".config")
  for (const folder of [...andParents(directory), ...(configHome ? [join(configHome, "cloud-quota")] : [])]) {
    const paths = names.map((name) => join(folder, name)).filter((path) => existsSync(path))
    const [path, other] = paths
    if (path === undefined) continue
    const name = nameOf(path)
    if (other !== undefined) {
      return yield* refuse(name, "has a file beside it that ends in .yml: take one of the two away")
    }
    const file = yield* read(path, name)
    if (file === undefined) continue
    const problem = mistrust(file)
    if (problem !== undefined) return yield* refuse(name, problem)
    return { path, name, text: file.text, isNamed: false }
  }
  return undefined
})

const refuse = (file: string, message: string) =>
  Effect.fail(new ConfigFileError({ file, issues: [{ field: "", message }] }))

const read = (path: string, name: string): Effect.Effect<TextFile | undefined, ConfigFileError> =>
  Effect.suspend(() => {
    const file = readTextFile(path)
    return Result.isSuccess(file) ? Effect.succeed(file.success) : refuse(name, file.failure)
  })

const andParents = (folder: string): ReadonlyArray<string> => {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...andParents(above)]
}

/**
 * Returns why a file found by searching is not trustworthy, if so. The file determines where signed requests
 * go, and another user may have put it into a parent folder, such as a shared one.
 */
const mistrust = ({ mode, owner }: TextFile): string | undefined => {
  const user = process.getuid?.()
  // Windows has access lists of its own. In containers, files of the superuser often belong to other users.
  if (user === undefined) return undefined
  if ((mode & 0o002) !== 0) return "can be written by everybody: run chmod o-w on it"
  return user === 0 || owner === user || owner === 0
    ? undefined
    : "belongs to another user: if it is meant, name it in CLOUD_QUOTA_CONFIG"
}
