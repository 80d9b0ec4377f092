/**
 * Tells a journal file from a copy of it that was put in its place. A small file beside the journal
 * notes how far the journal has come, at the ends of each hold and before each request leaves; a restored
 * copy has not come as far. And a copy is another file for the file system.
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
  /** How many holds there were. */
  holds: Schema.Int,
  /** How many steps were taken. */
  events: Schema.Int
})

/** How far a journal has come. Its numbers only grow. */
export type Generation = typeof Generation.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Generation))

/** How far the journal has come, by itself. */
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

/** What was noted beside the journal. Nothing, if that is missing or cannot be read. */
export const read = (path: string): Generation | undefined => {
  try {
    return Option.getOrUndefined(decode(Fs.readFileSync(path, "utf8")))
  } catch {
    return undefined
  }
}

/** Fits in one sector of a disk, which is written whole or not at all. */
const size = 256

/**
 * Notes it, on the disk before it returns. It is written in place, which takes one sync and no space on a full
 * disk. Only one process writes at a time, since it has the journal's write lock. A note that cannot be read
 * afterwards makes the journal count as restored.
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
    // The mask of the process may have taken a part away that a group needs.
    Fs.fchmodSync(file, mode)
    return { file, isNew: true }
  }
}

/** Keeps a new name in a folder through a power cut. Windows opens no folders, and needs none of it. */
const syncFolder = (path: string): void => {
  if (process.platform === "win32") return
  const folder = Fs.openSync(path, "r")
  try {
    Fs.fsyncSync(folder)
  } finally {
    Fs.closeSync(folder)
  }
}

/** True if a journal that has come this far cannot be the one that was noted. */
export const isBehind = (self: Generation, noted: Generation | undefined): boolean =>
  noted === undefined ||
  noted.journal !== self.journal ||
  noted.holds > self.holds ||
  noted.events > self.events

/**
 * Which file this is: its inode, and when it was born where the file system knows. The device's
 * number is left out, since it may change when the machine starts again.
 */
export const placeOf = (path: string): string => {
  const { birthtimeNs, ctimeNs, ino } = Fs.statSync(path, { bigint: true })
  return `${ino}:${birthtimeNs === ctimeNs ? "" : birthtimeNs}`
}

/** True unless the places are known to differ. */
export const isSamePlace = (left: string, right: string): boolean => {
  const [leftInode, leftBirth] = left.split(":")
  const [rightInode, rightBirth] = right.split(":")
  return leftInode === rightInode && (!leftBirth || !rightBirth || leftBirth === rightBirth)
}

/**
 * Watches the files of an open journal: gives the problem with them, or nothing if they are still there. The
 * database never shrinks, and its write-ahead log stays the same file while it is open.
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
