/**
 * Tells a journal file from a copy of it that was put in its place. A small file beside the journal
 * notes how far the journal has come; a restored copy has not come as far. And a copy is another
 * file for the file system.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import type { JournalError } from "../Journal.ts"
import type { Run } from "./sqlJournal.ts"

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
      `SELECT (SELECT id FROM journal) AS journal, (SELECT COALESCE(SUM(fence), 0) FROM account) AS holds,
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

/** Notes it whole or not at all. Only one process writes at a time, since it has the journal's write lock. */
export const write = (path: string, generation: Generation): void => {
  const draft = `${path}.new`
  const file = Fs.openSync(draft, "w", 0o600)
  try {
    Fs.writeFileSync(file, JSON.stringify(generation))
    Fs.fsyncSync(file)
  } finally {
    Fs.closeSync(file)
  }
  Fs.renameSync(draft, path)
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
