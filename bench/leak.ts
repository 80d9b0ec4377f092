/** A mixed load for some minutes, and the heap that stays in use. */
import { connect, type Account } from "@cloud-quota/core/promise"
import { oneYuan, project, projectMembers, team, teamMembers } from "./clients/accounts.ts"
import { sqliteJournal } from "./clients/journals.ts"
import type { Options } from "./frame/options.ts"
import type { Measured } from "./frame/rows.ts"
import { exactly, median } from "./frame/samples.ts"
import { serve } from "./frame/serve.ts"
import type { targets } from "./targets.ts"

const members = 100
/** How often the heap is looked at. */
const looks = 30

/** Calls again and again until it is over, and returns the number of calls. */
const repeat = async (isOver: () => boolean, call: (turn: number) => Promise<unknown>): Promise<number> => {
  let turn = 0
  for (; !isOver(); turn += 1) await call(turn)
  return turn
}

const reads = (gpu: Account, studio: Account) => async () => {
  await gpu.quotas.list().toArray()
  await studio.quotas.list().toArray()
  await gpu.quotas.get("60001")
  await gpu.quotas.get("1").catch(() => undefined)
}

const puts = (studio: Account) => (turn: number) => {
  const all = projectMembers(members)
  const some = all.slice((turn * 5) % members).slice(0, 5)
  const set = `${5 + (turn % 7)}`
  return studio.quotas.change(some, { "voice-clones-basic": { set } }, { run: `put-${turn}` })
}

const deltas = (gpu: Account) => (turn: number) => {
  const all = teamMembers(members)
  const some = all.slice((turn * 20) % members).slice(0, 20)
  return gpu.quotas.change(some, oneYuan, { run: `delta-${turn}`, preview: turn % 5 === 0 })
}

const inUse = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

export const run = async ({ minutes }: Options): Promise<Measured<typeof targets.leak>> => {
  await using server = await serve("clouds", { members })
  await using cloud = await connect({
    accounts: { gpu: team(server.origin), studio: project(server.origin) },
    journal: sqliteJournal().options
  })
  const [gpu, studio] = [cloud.account("gpu"), cloud.account("studio")]
  await gpu.changes.baseline()
  const end = performance.now() + minutes * 60_000
  const isOver = () => performance.now() >= end
  const heaps: Array<number> = []
  const looking = setInterval(() => heaps.push(inUse()), (minutes * 60_000) / looks)
  const calls = await Promise.all([
    repeat(isOver, reads(gpu, studio)),
    repeat(isOver, puts(studio)),
    repeat(isOver, deltas(gpu))
  ])
  clearInterval(looking)
  const third = Math.floor(heaps.length / 3)
  return {
    heap: exactly(median(heaps.slice(-third)) / median(heaps.slice(third, -third))),
    first: exactly((heaps[0] ?? 0) / 2 ** 20),
    last: exactly((heaps.at(-1) ?? 0) / 2 ** 20),
    calls: exactly(calls.reduce((sum, count) => sum + count, 0))
  }
}
