/** Journals for one bench, removed at its end. */
import type { JournalOptions } from "@cloud-quota/core/promise"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { atExit } from "../frame/cleanUp.ts"

/** A journal in a file. */
export const sqliteJournal = (): { readonly directory: string; readonly options: JournalOptions } => {
  const directory = mkdtempSync(join(tmpdir(), "cloud-quota-bench-"))
  atExit(() => rmSync(directory, { recursive: true, force: true }))
  return { directory, options: { sqlite: directory } }
}

const server = process.env["CLOUD_QUOTA_TEST_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/postgres"

const urlOf = (database: string): string => {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

/** Runs SQL in a database, and returns what it prints. */
export const psql = (url: string, sql: string): string =>
  execFileSync("psql", [url, "-v", "ON_ERROR_STOP=1", "-Atqc", sql], { encoding: "utf8" }).trim()

let databases = 0

/** A database for a journal, or `undefined` if no server answers. Needs `psql`. */
export const postgresJournal = (): { readonly url: string; readonly options: JournalOptions } | undefined => {
  databases += 1
  const name = `cloud_quota_bench_${process.pid}_${databases}`
  try {
    psql(server, `CREATE DATABASE ${name}`)
  } catch {
    console.error("No Postgres on 127.0.0.1:5432, or no psql: its rows are not measured.")
    return undefined
  }
  atExit(() => psql(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = urlOf(name)
  return { url, options: { postgres: { url } } }
}
