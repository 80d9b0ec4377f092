/**
 * Prepares a private place on a local disk for the files of SQLite, and describes their errors in plain
 * words.
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { dirname } from "node:path"
import { JournalError } from "./contract.ts"
import { unknownFileSystem } from "./fileSystem.ts"
import { damaged } from "./schema.ts"

/** Returns SQLite's own error code, without its details. */
const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined

const busyCode = 5
const corruptCode = 11
const notADatabaseCode = 26

/** Whether another process has locked the file. */
export const isBusy = (error: unknown): boolean => codeOf(error) === busyCode

/** Converts a failure into an error for people. */
export const storeFailed = (name: string, error: unknown): JournalError => {
  if (error instanceof JournalError) return error
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

/** The exceptions that a user has allowed for a place. */
export interface Trust {
  /** Whether the group of the folder shares the journal. */
  readonly groupWritable: boolean
  /** Whether a file system that is not known to be local is accepted. */
  readonly localDisk: boolean
}

const refused = (message: string): JournalError => new JournalError({ kind: "failed", message })

/** Returns the status of the path itself. A link is refused, since it could lead to another user's file. */
export const statusOf = (path: string): Fs.Stats | undefined => {
  const status = Fs.lstatSync(path, { throwIfNoEntry: false })
  if (status?.isSymbolicLink() === true) {
    throw refused(`${path} is a link, and the journal follows none: name the place that it leads to`)
  }
  return status
}

// Windows has access control lists, which the mode does not show.
const user = process.getuid?.()

/** The owner of files that belong to no user of this container, such as its outer folders. */
const overflowUser = 65534

const isOwn = (owner: number): boolean => user === 0 || owner === user || owner === 0

/** Refuses a path that another user owns or may write, since that user could put another journal there. */
const checkWriters = (path: string, { mode, uid }: Fs.Stats, { groupWritable }: Trust): void => {
  if (user === undefined) return
  if (!isOwn(uid) && !groupWritable) {
    throw refused(
      `${path} belongs to another user (${uid}): choose a folder of your own, or set groupWritable for a journal that a group shares (CLOUD_QUOTA_JOURNAL_GROUP_WRITABLE=true)`
    )
  }
  if ((mode & 0o002) !== 0) {
    throw refused(`${path} can be written by everybody: look at who has done so, and run chmod o-w on it`)
  }
  if ((mode & 0o020) !== 0 && !groupWritable) {
    throw refused(
      `${path} can be written by its group: run chmod g-w on it, or set groupWritable for a journal that a group shares (CLOUD_QUOTA_JOURNAL_GROUP_WRITABLE=true)`
    )
  }
}

/** Refuses a parent in which another user could replace this folder. */
const checkParent = (path: string, { mode, uid }: Fs.Stats, { groupWritable }: Trust): void => {
  if (user === undefined) return
  if (!isOwn(uid) && uid !== overflowUser && !groupWritable) {
    throw refused(`${path} belongs to another user (${uid}), who could put another journal there`)
  }
  // In a folder with the sticky bit, such as /tmp, only the owner of an entry may rename it.
  if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
    throw refused(`${path} can be written by everybody, who could put another journal there`)
  }
}

const andParents = (folder: string): ReadonlyArray<string> => {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...andParents(above)]
}

/** The mode of the journal's files. */
export const fileMode = ({ groupWritable }: Trust): number => (groupWritable ? 0o660 : 0o600)

/**
 * Creates an empty private file, unless it exists. An existing file is not opened: closing it again would
 * free the locks that this process has on it.
 */
export const createPrivate = (path: string, trust: Trust): void => {
  const mode = fileMode(trust)
  if (statusOf(path) === undefined) makeFile(path, mode)
  const status = statusOf(path)
  if (status?.isFile() !== true) throw refused(`${path} is not a regular file: choose another folder`)
  checkWriters(path, status, trust)
  const isOurs = status.uid === user || user === undefined
  if (isOurs && (status.mode & 0o777 & ~mode) !== 0) Fs.chmodSync(path, mode)
}

const makeFile = (path: string, mode: number): void => {
  try {
    const file = Fs.openSync(path, "wx", mode)
    // The umask of the process may have removed a permission that a group needs.
    Fs.fchmodSync(file, mode)
    Fs.closeSync(file)
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code

/**
 * Creates the directory for its owner alone, and returns its real path. A place that is not private, or not
 * on a local disk, is refused before anything is created.
 */
export const privateDirectory = (directory: string, trust: Trust): Effect.Effect<string, JournalError> =>
  Effect.try({
    try: () => {
      const missing = andParents(directory).filter((path) => statusOfParent(path, directory) === undefined)
      const [existing = "/"] = andParents(directory).slice(missing.length)
      for (const parent of new Set([...andParents(existing), ...andParents(Fs.realpathSync(existing))])) {
        if (parent !== directory) checkParent(parent, Fs.statSync(parent), trust)
      }
      refuseUnknown(directory, existing, trust)
      // One by one: recursively, Node would try forever below a parent that accepts no children.
      for (const path of missing.reverse()) makeFolder(path)
      if (missing.length > 0 && trust.groupWritable) Fs.chmodSync(directory, 0o2770)
      const status = statusOf(directory)
      if (status?.isDirectory() !== true) throw refused(`${directory} is not a folder: choose another one`)
      checkWriters(directory, status, trust)
      return Fs.realpathSync(directory)
    },
    catch: (error) => storeFailed(`the directory ${directory}`, error)
  })

/** Parents may be links, since their targets are checked. The journal's own folder may not. */
const statusOfParent = (path: string, directory: string): Fs.Stats | undefined =>
  path === directory ? statusOf(path) : Fs.lstatSync(path, { throwIfNoEntry: false })

const makeFolder = (path: string): void => {
  try {
    Fs.mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process may have created it at this moment.
    if (!isCode(error, "EEXIST")) throw error
  }
}

const refuseUnknown = (directory: string, existing: string, { localDisk }: Trust): void => {
  const unknown = localDisk ? undefined : unknownFileSystem(Fs.statfsSync(existing).type)
  if (unknown === undefined) return
  throw refused(
    `the journal cannot be in ${directory}, which is on a file system that is not known to be a local disk (${unknown}): elsewhere locks do not prove enough. Choose a directory on a local disk, or use the Postgres journal; if it is a disk of this machine alone, set localDisk (CLOUD_QUOTA_JOURNAL_LOCAL_DISK=true)`
  )
}

/** Refuses files beside the journal that are links, or that others may write. */
export const checkCompanions = (paths: ReadonlyArray<string>, trust: Trust): void => {
  for (const path of paths) {
    const status = statusOf(path)
    if (status !== undefined) checkWriters(path, status, trust)
  }
}
