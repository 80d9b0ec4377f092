/**
 * Roll-outs on a cloud that takes the new limit, over a server that answers after 50 ms: beside a script with 8
 * requests at once, on connections that stay.
 */
import { connect, type JournalOptions } from "@cloud-quota/core/promise"
import { project, projectMembers } from "./clients/accounts.ts"
import { postgresJournal, sqliteJournal } from "./clients/journals.ts"
import { type Script, runScript, setLimit } from "./clients/scripts.ts"
import type { Measured } from "./frame/rows.ts"
import { exactly, spreadOf } from "./frame/samples.ts"
import { serve } from "./frame/serve.ts"
import { watchSqlite } from "./frame/sqlite.ts"
import { type RollOut, rollOut } from "./rollOut.ts"
import type { targets } from "./targets.ts"

const delay = 50
const width = 8
const rounds = 3
const changes = 100

/** Each round has members of its own: a second change of a member waits until the first one must show. */
const measure = async (journal: JournalOptions) => {
  await using server = await serve("clouds", { delay, members: (rounds + 1) * changes })
  const { origin } = server
  const { host } = new URL(origin)
  await using cloud = await connect({ accounts: { project: project(origin) }, journal })
  const account = cloud.account("project")
  const members = projectMembers((rounds + 1) * changes)
  const change = (some: ReadonlyArray<string>) =>
    rollOut(server, account, some, { "voice-clones-basic": { set: "9" } }, {})
  await change(members.slice(0, 20))
  const done: Array<{ ours: RollOut; script: Script; wall: number }> = []
  for (let round = 1; round <= rounds; round += 1) {
    const some = members.slice(round * changes, (round + 1) * changes)
    const ours = await change(some)
    const script = await runScript(origin, some, setLimit(host, 9), { width })
    done.push({ ours, script, wall: (ours.ended.wall - ours.began.wall) / script.wall })
  }
  const each = (of: (one: { readonly ours: RollOut }) => number) =>
    spreadOf(done.map((one) => of(one) / changes))
  return {
    wall: spreadOf(done.map(({ wall }) => wall)),
    cpu: each(({ ours }) => ours.ended.cpu - ours.began.cpu),
    transactions: each(({ ours }) => ours.ended.transactions - ours.began.transactions),
    syncs: each(({ ours }) => ours.ended.syncs - ours.began.syncs),
    requests: each(({ ours }) => ours.server.requests),
    most: exactly(Math.max(...done.map(({ ours }) => ours.server.mostWrites)))
  }
}

export const run = async (): Promise<Measured<typeof targets.puts>> => {
  watchSqlite()
  const sqlite = await measure(sqliteJournal().options)
  const database = postgresJournal()
  const postgres = database === undefined ? undefined : await measure(database.options)
  return {
    sqlite: sqlite.wall,
    ...(postgres === undefined ? {} : { postgres: postgres.wall, cpuPostgres: postgres.cpu }),
    most: sqlite.most,
    cpuSqlite: sqlite.cpu,
    requests: sqlite.requests,
    transactions: sqlite.transactions,
    syncs: sqlite.syncs
  }
}
