/** One call that changes many members, and the counters at each of its requests. */
import type { Account, ChangeOptions, Report, Spec } from "@cloud-quota/core/promise"
import { type SqliteCounts, sqliteCounts } from "./frame/sqlite.ts"
import type { Server } from "./frame/serve.ts"
import type { Counts, Stats } from "./servers/servers.ts"

/** The counters of this process. Milliseconds. */
export interface Mark extends SqliteCounts {
  readonly wall: number
  readonly cpu: number
}

export const mark = (): Mark => {
  const { system, user } = process.cpuUsage()
  return { wall: performance.now(), cpu: (user + system) / 1000, ...sqliteCounts() }
}

export interface RollOut {
  readonly report: Report
  readonly began: Mark
  readonly ended: Mark
  /** When each request was about to be sent. */
  readonly sending: ReadonlyArray<Mark>
  readonly server: Stats
}

/** Changes members in one call. Throws unless all changes took place. */
export const rollOut = async (
  server: Server<"clouds">,
  account: Account,
  members: ReadonlyArray<string>,
  spec: Spec,
  options: ChangeOptions
): Promise<RollOut> => {
  await server.takeStats()
  const sending: Array<Mark> = []
  const began = mark()
  const report = await account.quotas.change(members, spec, {
    ...options,
    onEvent: ({ type }) => {
      if (type === "Sending") sending.push(mark())
    }
  })
  const ended = mark()
  const failed = report.results.find(({ outcome }) => outcome !== "Applied")
  if (failed !== undefined) throw new Error(`${failed.member}: ${failed.outcome}: ${failed.message}`)
  return { report, began, ended, sending, server: await server.takeStats() }
}

/** Changes that warm up at the beginning of a call, and do not count. */
const warmUp = 10

/** Returns the differences of a counter between one change and the next. */
export const perChange = (
  { sending }: Pick<RollOut, "sending">,
  counter: keyof Mark
): ReadonlyArray<number> =>
  sending.slice(warmUp + 1).map((next, index) => next[counter] - (sending[warmUp + index]?.[counter] ?? 0))

/** Returns the average of a counter between one change and the next, and the rest, which a call costs once. */
export const slopeOf = (
  { server }: Pick<RollOut, "server">,
  counter: keyof Counts
): { readonly perChange: number; readonly perCall: number } => {
  const first = server.atWrites[warmUp]
  const last = server.atWrites.at(-1)
  if (first === undefined || last === undefined) throw new Error(`at least ${warmUp + 2} changes are needed`)
  const slope = (last[counter] - first[counter]) / (server.atWrites.length - warmUp - 1)
  return { perChange: slope, perCall: server[counter] - slope * server.atWrites.length }
}
