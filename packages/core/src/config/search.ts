/**
 * Where the configuration is: the first file of those that a user may mean.
 */
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

/** A file that was found, and its text. */
export interface Source {
  /** Absolute. */
  readonly path: string
  /** As people call it. */
  readonly name: string
  readonly text: string
  /** Whether the user, or code, named this file. Otherwise it was found by searching. */
  readonly isNamed: boolean
}

const names = ["cloud-quota.yaml", "cloud-quota.yml"]

/** The file that is meant; `undefined` if there is none. One that was named has to be there. */
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
  // As the XDG specification has it, a relative path there does not count.
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
 * Why a file that nobody named is not to be trusted: it decides where signed requests go, and a folder
 * above, such as one that everybody shares, may have it from somebody else.
 */
const mistrust = ({ mode, owner }: TextFile): string | undefined => {
  const user = process.getuid?.()
  // Windows keeps access in lists of its own. The superuser's files often belong to others in containers.
  if (user === undefined) return undefined
  if ((mode & 0o002) !== 0) return "can be written by everybody: run chmod o-w on it"
  return user === 0 || owner === user || owner === 0
    ? undefined
    : "belongs to another user: if it is meant, name it in CLOUD_QUOTA_CONFIG"
}
