/** What a change asks of a journal with a long history, all of it of one account. */
import { connect, type JournalOptions } from "@cloud-quota/core/promise"
import { oneYuan, team, teamMembers } from "./clients/accounts.ts"
import { postgresJournal, sqliteJournal } from "./clients/journals.ts"
import { lengthenPostgres, lengthenSqlite } from "./clients/longJournal.ts"
import type { Measured } from "./frame/rows.ts"
import { exactly, median, over, spreadOf, type Spread } from "./frame/samples.ts"
import { serve } from "./frame/serve.ts"
import { timeStatements, watchSqlite } from "./frame/sqlite.ts"
import { perChange, rollOut } from "./rollOut.ts"
import type { targets } from "./targets.ts"

const members = 2_000
const changes = 20
const short = 10_000
const long = 1_000_000

/** Milliseconds of each statement, by its text. */
type Times = Iterable<readonly [string, ReadonlyArray<number>]>

/** Returns the statement with the longest median, of those that run with each change or of the others. */
const slowest = (times: Times, which: "each" | "once"): Spread => {
  const spreads = [...times]
    // A commit waits for the disk, however long the journal is.
    .filter(([statement, { length }]) => statement !== "COMMIT" && length >= changes === (which === "each"))
    .map(([, samples]) => spreadOf(samples))
  return spreads.reduce((worst, spread) => (spread.median > worst.median ? spread : worst), exactly(0))
}

/** A journal that can be made longer. */
interface Long {
  readonly options: JournalOptions
  readonly lengthen: (rows: number) => void
  /** Begins to time statements. */
  readonly begin: () => Promise<() => Promise<Times>>
}

const measure = async ({ begin, lengthen, options }: Long) => {
  await using server = await serve("clouds", { members })
  const { origin } = server
  const change = async (run: string, first: number, count: number) => {
    const opening = performance.now()
    await using cloud = await connect({ accounts: { team: team(origin) }, journal: options })
    const account = cloud.account("team")
    if (run === "first") await account.changes.baseline()
    else await account.changes.recover()
    const opened = performance.now() - opening
    const end = await begin()
    const ours = await rollOut(server, account, teamMembers(members).slice(first, first + count), oneYuan, {
      run
    })
    const times = [...(await end())]
    return {
      opened,
      slowest: slowest(times, "each"),
      once: slowest(times, "once"),
      cpu: perChange(ours, "cpu"),
      wall: perChange(ours, "wall")
    }
  }
  await change("first", 0, 1)
  lengthen(short)
  const before = await change("short", 100, changes)
  lengthen(long - short)
  const after = await change("long", 200, changes)
  return {
    slowest: after.slowest,
    once: after.once,
    opened: exactly(after.opened / 1000),
    cpuGrowth: over(spreadOf(after.cpu), median(before.cpu)),
    wallGrowth: over(spreadOf(after.wall), median(before.wall))
  }
}

const sqlite = () => {
  const { directory, options } = sqliteJournal()
  return measure({
    options,
    lengthen: (rows) => lengthenSqlite(directory, rows, members),
    begin: async () => {
      const times = timeStatements()
      return async () => times
    }
  })
}

const postgres = async () => {
  const database = postgresJournal()
  if (database === undefined) return undefined
  const { hostname, port } = new URL(database.url)
  await using tap = await serve("tap", { host: hostname, port: Number(port || 5432) })
  const url = new URL(database.url)
  url.port = new URL(tap.origin).port
  url.hostname = "127.0.0.1"
  const takeTimes = async (): Promise<Times> => Object.entries(await tap.takeStats())
  return await measure({
    options: { postgres: { url: url.href } },
    lengthen: (rows) => lengthenPostgres(database.url, rows, members),
    begin: async () => {
      await takeTimes()
      return takeTimes
    }
  })
}

export const run = async (): Promise<Measured<typeof targets.journal>> => {
  watchSqlite()
  const file = await sqlite()
  const database = await postgres()
  return {
    sqlite: file.slowest,
    sqliteOnce: file.once,
    sqliteCpu: file.cpuGrowth,
    sqliteWall: file.wallGrowth,
    sqliteOpen: file.opened,
    ...(database === undefined
      ? {}
      : {
          postgres: database.slowest,
          postgresOnce: database.once,
          postgresCpu: database.cpuGrowth,
          postgresWall: database.wallGrowth,
          postgresOpen: database.opened
        })
  }
}
