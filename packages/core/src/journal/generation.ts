/**
 * Distinguishes a journal file from a copy that was put in its place. A small file beside the journal records
 * its progress, at the start and end of each hold and before each request leaves. A restored copy has made
 * less progress. For the file system, a copy is also another file.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import { dirname } from "node:path"
import type { JournalError } from "./contract.ts"
import type { Run } from "./database.ts"

const Generation = Schema.Struct({
  journal: Schema.String,
  /** The number of holds so far. */
  holds: Schema.Int,
  /** The number of steps so far. */
  events: Schema.Int
})

/** The progress of a journal. Its numbers only grow. */
export type Generation = typeof Generation.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Generation))

/** Returns the progress of the journal itself. */
export const reached = (run: Run): Effect.Effect<Generation, JournalError> =>
  Effect.map(
    run(
      `SELECT (SELECT id FROM journal) AS journal, (SELECT COALESCE(SUM(fence), 0) FROM known_account) AS holds,
        (SELECT COALESCE(MAX(id), 0) FROM event) AS events`
    ),
    ([row]) => ({
      journal: String(row?.["journal"]),
      holds: Number(row?.["holds"]),
      events: Number(row?.["events"])
    })
  )

/** Returns the progress recorded beside the journal, or `undefined` if it is missing or unreadable. */
export const read = (path: string): Generation | undefined => {
  try {
    return Option.getOrUndefined(decode(Fs.readFileSync(path, "utf8")))
  } catch {
    return undefined
  }
}

/** In bytes. Fits in one sector of a disk, which is written whole or not at all. */
const size = 256

/**
 * Records the progress, on disk before it returns. It is written in place, which takes one sync and no space
 * on a full disk. Only one process writes at a time, since it has the journal's write lock. If the record
 * cannot be read afterwards, the journal counts as restored.
 */
export const write = (path: string, generation: Generation, mode: number): void => {
  const { file, isNew } = openNote(path, mode)
  try {
    Fs.writeSync(file, JSON.stringify(generation).padEnd(size), 0)
    Fs.ftruncateSync(file, size)
    Fs.fsyncSync(file)
  } finally {
    Fs.closeSync(file)
  }
  if (isNew) syncFolder(dirname(path))
}

// Windows has no such flag.
const noFollow = Fs.constants.O_NOFOLLOW ?? 0

const openNote = (path: string, mode: number): { readonly file: number; readonly isNew: boolean } => {
  try {
    return { file: Fs.openSync(path, Fs.constants.O_WRONLY | noFollow), isNew: false }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error
    const file = Fs.openSync(path, "wx", mode)
    // The umask of the process may have removed a permission that a group needs.
    Fs.fchmodSync(file, mode)
    return { file, isNew: true }
  }
}

/**
 * Makes a new name in a folder survive a power failure. Windows cannot open folders, and does not need this.
 */
const syncFolder = (path: string): void => {
  if (process.platform === "win32") return
  const folder = Fs.openSync(path, "r")
  try {
    Fs.fsyncSync(folder)
  } finally {
    Fs.closeSync(folder)
  }
}

/** Whether a journal with this progress cannot be the recorded one. */
export const isBehind = (self: Generation, noted: Generation | undefined): boolean =>
  noted === undefined ||
  noted.journal !== self.journal ||
  noted.holds > self.holds ||
  noted.events > self.events

/**
 * Identifies a file by its inode and, where the file system has it, its birth time. The device number is
 * excluded, since it may change at a reboot.
 */
export const placeOf = (path: string): string => {
  const { birthtimeNs, ctimeNs, ino } = Fs.statSync(path, { bigint: true })
  return `${ino}:${birthtimeNs === ctimeNs ? "" : birthtimeNs}`
}

/** Whether the places may be the same. False only if they are known to differ. */
export const isSamePlace = (left: string, right: string): boolean => {
  const [leftInode, leftBirth] = left.split(":")
  const [rightInode, rightBirth] = right.split(":")
  return leftInode === rightInode && (!leftBirth || !rightBirth || leftBirth === rightBirth)
}

/**
 * Watches the files of an open journal. The returned function reports a problem with them, or `undefined` if
 * they are still there. The database never shrinks, and its write-ahead log stays the same file while it is
 * open.
 */
export const watch = (database: string): (() => string | undefined) => {
  const files = [database, `${database}-wal`]
  const opened = files.map(placeOf)
  let least = 0n
  return () => {
    for (const [index, path] of files.entries()) {
      const status = Fs.lstatSync(path, { bigint: true, throwIfNoEntry: false })
      if (status === undefined) return `${path} was deleted`
      if (!status.isFile() || !isSamePlace(placeOf(path), opened[index] ?? "")) return `${path} was replaced`
      if (path !== database) continue
      if (status.size < least) return `${path} was truncated`
      least = status.size
    }
    return undefined
  }
}
