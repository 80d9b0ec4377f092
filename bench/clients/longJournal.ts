/** Makes a journal long: copies of its last intent, spread over many members and runs. */
import { DatabaseSync } from "node:sqlite"
import { join } from "node:path"
import { psql } from "./journals.ts"

/** Columns of a copy that differ from the original. `n` is the number of the copy. */
const changed = (members: number): Readonly<Record<string, string>> => ({
  member: `CAST(60000 + n % ${members} AS TEXT)`,
  run: `'run' || (n / ${members})`,
  run_key: `'run' || (n / ${members})`
})

/** Returns the statements that copy the last intent and the last event so many times. */
const copies = (
  columns: { readonly intent: ReadonlyArray<string>; readonly event: ReadonlyArray<string> },
  numbers: string,
  members: number
): ReadonlyArray<string> =>
  (["intent", "event"] as const).map((table) => {
    const names = columns[table].filter((name) => name !== "id")
    const values = names.map((name) => changed(members)[name] ?? `last.${name}`)
    const last = `(SELECT * FROM ${table} ORDER BY id DESC LIMIT 1) last`
    return `INSERT INTO ${table} (${names.join(", ")}) SELECT ${values.join(", ")} FROM ${last}, (${numbers}) c`
  })

/** Adds this many intents of this many members to a journal in a file, which must be closed. */
export const lengthenSqlite = (directory: string, rows: number, members: number): void => {
  const database = new DatabaseSync(join(directory, "journal.sqlite"), { enableForeignKeyConstraints: false })
  const columnsOf = (table: string) =>
    database
      .prepare(`SELECT name FROM pragma_table_info('${table}')`)
      .all()
      .map(({ name }) => String(name))
  const numbers = `WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${rows}) SELECT n FROM c`
  const columns = { intent: columnsOf("intent"), event: columnsOf("event") }
  database.exec(`BEGIN; ${copies(columns, numbers, members).join("; ")}; COMMIT`)
  database.close()
}

/** The same for a journal in a database. */
export const lengthenPostgres = (url: string, rows: number, members: number): void => {
  const columnsOf = (table: string) =>
    psql(
      url,
      `SELECT column_name FROM information_schema.columns WHERE table_schema = 'cloud_quota' AND table_name = '${table}'`
    ).split("\n")
  const numbers = `SELECT generate_series(1, ${rows}) AS n`
  const columns = { intent: columnsOf("intent"), event: columnsOf("event") }
  psql(url, `SET search_path = cloud_quota; ${copies(columns, numbers, members).join("; ")}; ANALYZE`)
}
