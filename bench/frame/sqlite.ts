/** Counts and times what this process asks of SQLite. */
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { type SQLInputValue, StatementSync } from "node:sqlite"

export interface SqliteCounts {
  readonly transactions: number
  /** Commits of transactions that wrote, and syncs of other files of the journal. */
  readonly syncs: number
}

let transactions = 0
let syncs = 0
let hasWritten = false
let times: Map<string, Array<number>> | undefined

const note = (statement: string): void => {
  if (statement.startsWith("BEGIN")) {
    transactions += 1
    hasWritten = false
  }
  if (/^(INSERT|UPDATE|DELETE)/.test(statement)) hasWritten = true
  if (statement === "COMMIT" && hasWritten) syncs += 1
}

let isWatching = false

/** Begins to count. The journal runs all its statements through the method that is replaced here. */
export const watchSqlite = (): void => {
  if (isWatching) return
  isWatching = true
  const { all } = StatementSync.prototype
  Reflect.set(
    StatementSync.prototype,
    "all",
    function (this: StatementSync, ...values: ReadonlyArray<SQLInputValue>) {
      note(this.sourceSQL)
      const began = performance.now()
      try {
        return Reflect.apply(all, this, values)
      } finally {
        const taken = times?.get(this.sourceSQL) ?? []
        taken.push(performance.now() - began)
        times?.set(this.sourceSQL, taken)
      }
    }
  )
  const { fsyncSync } = fs
  fs.fsyncSync = (file) => {
    syncs += 1
    fsyncSync(file)
  }
  syncBuiltinESMExports()
}

export const sqliteCounts = (): SqliteCounts => ({ transactions, syncs })

/** Begins to time statements, and returns the milliseconds of each one, by its text, as they grow. */
export const timeStatements = (): ReadonlyMap<string, ReadonlyArray<number>> => {
  const started = new Map<string, Array<number>>()
  times = started
  return started
}
