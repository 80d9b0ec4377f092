/**
 * Roll-outs on a cloud that takes differences, in a SQLite journal, over a server that answers after 50 ms:
 * beside a script that sends one request after the other over one connection.
 *
 * A call waits twice until no reading can be older than its changes (5 seconds each). These waits cost the same
 * however many members there are, so the cost per change is the time from one request to the next.
 */
import { type Account, connect } from "@cloud-quota/core/promise"
import { oneYuan, team, teamMembers } from "./clients/accounts.ts"
import { sqliteJournal } from "./clients/journals.ts"
import { grant, runScript } from "./clients/scripts.ts"
import type { Options } from "./frame/options.ts"
import type { Measured } from "./frame/rows.ts"
import { exactly, median, over, spreadOf } from "./frame/samples.ts"
import { type Server, serve } from "./frame/serve.ts"
import { watchSqlite } from "./frame/sqlite.ts"
import { type Mark, type RollOut, perChange, rollOut, slopeOf } from "./rollOut.ts"
import type { targets } from "./targets.ts"

const delay = 50
const changes = 60

type Use<A> = (server: Server<"clouds">, account: Account) => Promise<A>

/** Connects to a team of this size with a journal that has accepted its limits. */
const withTeam = async <A>(members: number, logged: number, use: Use<A>): Promise<A> => {
  await using server = await serve("clouds", { delay, members, logged })
  await using cloud = await connect({
    accounts: { team: team(server.origin) },
    journal: sqliteJournal().options
  })
  const account = cloud.account("team")
  await account.changes.baseline()
  return await use(server, account)
}

/** Changes some members of a team, and as many with the script. */
const some = (members: number, logged = 0) =>
  withTeam(members, logged, async (server, account) => {
    const all = teamMembers(members)
    // The last members only warm up.
    await runScript(server.origin, all.slice(-20), grant)
    const ours = await rollOut(server, account, all.slice(0, changes), oneYuan, { run: "bench" })
    const script = await runScript(server.origin, all.slice(-changes), grant)
    return { ours, script: median(script.walls) }
  })

type Some = Awaited<ReturnType<typeof some>>

const wallOf = ({ ours, script }: Some) => over(spreadOf(perChange(ours, "wall")), script)

const cpuOf = (ours: RollOut) => spreadOf(perChange(ours, "cpu"))

const growth = (counter: "wall" | "cpu", large: RollOut, small: RollOut) =>
  over(spreadOf(perChange(large, counter)), median(perChange(small, counter)))

/** Returns what a call takes in all, by change. */
const wholeCall = ({ began, ended }: RollOut, counter: keyof Mark) =>
  exactly((ended[counter] - began[counter]) / changes)

/** Changes everybody in a team of 10,000. */
const everybody = () =>
  withTeam(10_000, 0, async (server, account) => {
    const all = teamMembers(10_000)
    const script = await runScript(server.origin, all.slice(0, 200), grant)
    const { began, ended } = await rollOut(server, account, all, oneYuan, { run: "bench" })
    return exactly((ended.wall - began.wall) / (median(script.walls) * all.length))
  })

export const run = async ({ long }: Options): Promise<Measured<typeof targets.changes>> => {
  watchSqlite()
  const small = await some(100)
  const middle = await some(2_000)
  const large = await some(10_000)
  const logged = await some(100, 1_900)
  return {
    wall100: wallOf(small),
    wall2000: wallOf(middle),
    wall10000: wallOf(large),
    wallLogged: wallOf(logged),
    call: exactly((large.ours.ended.wall - large.ours.began.wall) / (large.script * changes)),
    cpu100: cpuOf(small.ours),
    cpu2000: cpuOf(middle.ours),
    cpu10000: cpuOf(large.ours),
    cpuCall: wholeCall(large.ours, "cpu"),
    cpuGrowth: growth("cpu", large.ours, small.ours),
    wallGrowth: growth("wall", large.ours, small.ours),
    requests: exactly(slopeOf(large.ours, "requests").perChange),
    requestsOnce: exactly(slopeOf(logged.ours, "requests").perCall),
    connections: exactly(slopeOf(large.ours, "connections").perChange),
    read: exactly(slopeOf(large.ours, "bytes").perChange / 2 ** 20),
    transactions: wholeCall(large.ours, "transactions"),
    syncs: wholeCall(large.ours, "syncs"),
    ...(long ? { everybody: await everybody() } : {})
  }
}
