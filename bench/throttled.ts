/**
 * Roll-outs on a provider that carries out 20 requests a second, and refuses the others: with 429 and
 * `Retry-After`, which proves that nothing happened, or with 153, which proves nothing about a delta. A refused
 * delta is waited out for 90 seconds.
 */
import { type Account, connect, type Spec } from "@cloud-quota/core/promise"
import { oneYuan, project, projectMembers, team, teamMembers } from "./clients/accounts.ts"
import { projectId } from "./clients/keys.ts"
import { sqliteJournal } from "./clients/journals.ts"
import type { Options } from "./frame/options.ts"
import type { Measured } from "./frame/rows.ts"
import { exactly } from "./frame/samples.ts"
import { type Server, serve } from "./frame/serve.ts"
import type { targets } from "./targets.ts"

const pace = 20
const changes = 60
/** How often a roll-out is called at most, until all changes took place. */
const mostCalls = 5

type Name = "team" | "otherTeam" | "project" | "otherProject"
type Clouds = Server<"clouds">

const withCloud = async <A>(
  use: (server: Clouds, account: (name: Name) => Account) => Promise<A>
): Promise<A> => {
  await using server = await serve("clouds", { members: changes, pace })
  const { origin } = server
  const accounts = {
    team: team(origin, 1001),
    otherTeam: team(origin, 1002),
    project: project(origin),
    otherProject: project(origin, projectId.replaceAll("0", "1"))
  }
  await using cloud = await connect({ accounts, journal: sqliteJournal().options })
  for (const name of ["team", "otherTeam"] as const) await cloud.account(name).changes.baseline()
  await server.takeStats()
  return await use(server, (name) => cloud.account(name))
}

const members: Readonly<Record<string, ReadonlyArray<string>>> = {
  compshare: teamMembers(changes),
  metastudio: projectMembers(changes)
}

const specs: Readonly<Record<string, Spec>> = {
  compshare: oneYuan,
  metastudio: { "voice-clones-basic": { set: "9" } }
}

/** Repeats a run until all is done. Returns the calls that it took, and when requests were sent. */
const rollOut = async (account: Account) => {
  const { provider, quotas } = account
  const sent: Array<number> = []
  for (let calls = 1; calls <= mostCalls; calls += 1) {
    const report = await quotas.change(members[provider] ?? [], specs[provider] ?? {}, {
      run: "bench",
      onEvent: ({ type }) => {
        if (type === "Sending") sent.push(performance.now())
      }
    })
    if (report.complete) return { calls, sent }
  }
  throw new Error(`after ${mostCalls} calls not all changes took place`)
}

/** Compares the time between the first write and the last one with that of the requests at the provider's pace. */
const atPace = (name: Name) =>
  withCloud(async (server, account) => {
    const { calls } = await rollOut(account(name))
    const { atWrites, carriedOut, requests } = await server.takeStats()
    const [first] = atWrites
    const last = atWrites.at(-1)
    if (first === undefined || last === undefined) throw new Error("nothing was written")
    const needed = (1000 * (last.carriedOut - first.carriedOut)) / pace
    return {
      calls: exactly(calls),
      pace: exactly((last.at - first.at) / needed),
      refused: exactly(requests - carriedOut)
    }
  })

/** Rolls two accounts out at once, and compares their times from the first request to the last. */
const fair = (one: Name, other: Name) =>
  withCloud(async (_server, account) => {
    const times = await Promise.all(
      [one, other].map(async (name) => {
        const { sent } = await rollOut(account(name))
        return (sent.at(-1) ?? 0) - (sent[0] ?? 0)
      })
    )
    return exactly(Math.max(...times) / Math.min(...times))
  })

export const run = async ({ long }: Options): Promise<Measured<typeof targets.throttled>> => {
  const delta = await atPace("team")
  const put = await atPace("project")
  return {
    delta: delta.pace,
    deltaRefused: delta.refused,
    deltaCalls: delta.calls,
    put: put.pace,
    putRefused: put.refused,
    putCalls: put.calls,
    fair: await fair("project", "otherProject"),
    ...(long ? { fairDelta: await fair("team", "otherTeam") } : {})
  }
}
