/**
 * Where an adapter is installed. Its code runs with the keys, so it is the program's own, or it comes from
 * folders that no other user can change.
 */
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

/** The entry of a package, or the folder for which it is not taken. */
export type Found =
  | { readonly _tag: "Safe"; readonly file: string }
  | { readonly _tag: "Unsafe"; readonly folder: string }

/**
 * Finds a package: the one installed with this library or with the main script, or else one that is seen from
 * the configuration's folder or from the working directory. `undefined` if there is none.
 */
export const findPackage = (name: string, directory: string): Found | undefined => {
  const programs = [fileURLToPath(import.meta.url), mainScript()].filter((path) => path !== undefined)
  const own = programs.map((program) => locate(name, program, isOfProgram(program)))
  const elsewhere = [directory, resolve(".")].map((folder) => locate(name, join(folder, "_"), isPrivate))
  const all = [...own, ...elsewhere].filter((found) => found !== undefined)
  return all.find(({ _tag }) => _tag === "Safe") ?? all[0]
}

/** The file that was started, and not a link that leads to it. */
const mainScript = (): string | undefined => {
  const [, main] = process.argv
  return main !== undefined && Fs.existsSync(main) ? Fs.realpathSync(main) : undefined
}

/** Whether a file or a folder may be on the way to code that is run. */
type Accept = (status: Fs.Stats, isTarget: boolean) => boolean

/** Other users can own neither the program nor what it loads; who owns the program runs code as it is. */
const isOfProgram = (program: string): Accept => {
  const owners = [...ours(), statusOf(program)?.uid]
  return ({ uid }) => owners.includes(uid)
}

/**
 * Owned by this user or by root, and not to be written by others. In a folder that everybody shares, such as
 * `/tmp`, the sticky bit keeps others from replacing what is ours.
 */
const isPrivate: Accept = (status, isTarget) => {
  const isOpen = (status.mode & 0o022) !== 0 && !status.isSymbolicLink()
  return ours().includes(status.uid) && (!isOpen || ((status.mode & 0o1000) !== 0 && !isTarget))
}

const ours = (): ReadonlyArray<number> => [process.getuid?.() ?? 0, 0]

/** Of a link itself: what it leads to is looked at by its own path. */
const statusOf = (path: string): Fs.Stats | undefined => Fs.lstatSync(path, { throwIfNoEntry: false })

/** The package as Node finds it from a file, and whether all folders on the way are accepted. */
const locate = (name: string, from: string, accept: Accept): Found | undefined => {
  try {
    const require = createRequire(from)
    const file = require.resolve(name)
    const folder = require.resolve.paths(name)?.find((path) => Fs.existsSync(join(path, name)))
    // Both the place where it was found and the one to which a link there leads.
    const unsafe = [...(folder === undefined ? [] : [join(folder, name)]), file].find(
      (path) => !isAcceptedAllTheWayUp(path, accept)
    )
    return unsafe === undefined ? { _tag: "Safe", file } : { _tag: "Unsafe", folder: dirname(unsafe) }
  } catch {
    return undefined
  }
}

const isAcceptedAllTheWayUp = (path: string, accept: Accept): boolean => {
  // Windows keeps access in lists of its own.
  if (process.getuid === undefined) return true
  for (let place = path, above = dirname(place); ; place = above, above = dirname(place)) {
    const status = statusOf(place)
    if (status === undefined || !accept(status, place === path)) return false
    if (above === place) return true
  }
}
