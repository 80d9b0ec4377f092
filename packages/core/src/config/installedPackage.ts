/**
 * Locates an installed adapter. Its code runs with access to the keys, so it must belong to the program, or
 * come from folders that no other user can change.
 */
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

/** The entry of a package, or the folder because of which it is refused. */
export type Found =
  | { readonly _tag: "Safe"; readonly file: string }
  | { readonly _tag: "Unsafe"; readonly folder: string }

/**
 * Finds a package: the one installed with this library or with the main script, or else one that resolves
 * from the configuration's folder or from the working directory. Returns `undefined` if there is none.
 */
export const findPackage = (name: string, directory: string): Found | undefined => {
  const programs = [fileURLToPath(import.meta.url), mainScript()].filter((path) => path !== undefined)
  const own = programs.map((program) => locate(name, program, isOfProgram(program)))
  const elsewhere = [directory, resolve(".")].map((folder) => locate(name, join(folder, "_"), isPrivate))
  const all = [...own, ...elsewhere].filter((found) => found !== undefined)
  return all.find(({ _tag }) => _tag === "Safe") ?? all[0]
}

/** The main script itself, with links resolved. */
const mainScript = (): string | undefined => {
  const [, main] = process.argv
  return main !== undefined && Fs.existsSync(main) ? Fs.realpathSync(main) : undefined
}

/** Whether a file or a folder is accepted on the path to code that is run. */
type Accept = (status: Fs.Stats, isTarget: boolean) => boolean

/**
 * Other users may own neither the program nor the code that it loads. The owner of the program can run any
 * code anyway.
 */
const isOfProgram = (program: string): Accept => {
  const owners = [...ours(), statusOf(program)?.uid]
  return ({ uid }) => owners.includes(uid)
}

/**
 * Owned by this user or by root, and not writable by others. In a shared folder such as `/tmp`, the sticky
 * bit prevents others from replacing this user's files.
 */
const isPrivate: Accept = (status, isTarget) => {
  const isOpen = (status.mode & 0o022) !== 0 && !status.isSymbolicLink()
  return ours().includes(status.uid) && (!isOpen || ((status.mode & 0o1000) !== 0 && !isTarget))
}

const ours = (): ReadonlyArray<number> => [process.getuid?.() ?? 0, 0]

/** The status of a link itself: its target is checked by its own path. */
const statusOf = (path: string): Fs.Stats | undefined => Fs.lstatSync(path, { throwIfNoEntry: false })

/** The package as Node resolves it from a file, and whether all folders on the path are accepted. */
const locate = (name: string, from: string, accept: Accept): Found | undefined => {
  try {
    const require = createRequire(from)
    const file = require.resolve(name)
    const folder = require.resolve.paths(name)?.find((path) => Fs.existsSync(join(path, name)))
    // Both the place of the package and the target of a link there.
    const unsafe = [...(folder === undefined ? [] : [join(folder, name)]), file].find(
      (path) => !isAcceptedAllTheWayUp(path, accept)
    )
    return unsafe === undefined ? { _tag: "Safe", file } : { _tag: "Unsafe", folder: dirname(unsafe) }
  } catch {
    return undefined
  }
}

const isAcceptedAllTheWayUp = (path: string, accept: Accept): boolean => {
  // Windows has access lists of its own.
  if (process.getuid === undefined) return true
  for (let place = path, above = dirname(place); ; place = above, above = dirname(place)) {
    const status = statusOf(place)
    if (status === undefined || !accept(status, place === path)) return false
    if (above === place) return true
  }
}
