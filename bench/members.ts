/** A team of 100,000 members, read in one answer: beside `JSON.parse` of the same text, and its memory. */
import { Team } from "@cloud-quota/compshare"
import { Json } from "@cloud-quota/core"
import { decoderOf } from "@cloud-quota/core/adapter/Operation"
import { Effect, Result } from "effect"
import { GCProfiler } from "node:v8"
import { Pool } from "undici"
import { postForm, signedForm, compshareParams } from "./clients/byHand.ts"
import { compshareClient } from "./clients/ours.ts"
import type { Measured } from "./frame/rows.ts"
import { busy, inTurn, interleave } from "./frame/rounds.ts"
import { over, ratio, spreadOf } from "./frame/samples.ts"
import { serve } from "./frame/serve.ts"
import { range, relation, team } from "./servers/bodies.ts"
import type { targets } from "./targets.ts"

const members = 100_000
const rounds = 9

/** Returns the most memory in use while something runs, garbage included, beyond what was in use before. */
const peakOf = async (run: () => Promise<unknown>): Promise<number> => {
  globalThis.gc?.()
  const inUse = () => {
    const { external, heapUsed } = process.memoryUsage()
    return heapUsed + external
  }
  const before = inUse()
  const profiler = new GCProfiler()
  profiler.start()
  const kept = await run()
  const after = inUse()
  const collections = profiler.stop().statistics.map(({ beforeGC: { heapStatistics } }) => {
    const { externalMemory, usedHeapSize } = heapStatistics
    return usedHeapSize + externalMemory
  })
  if (kept === undefined) throw new Error("nothing was read")
  return Math.max(after, ...collections) - before
}

export const run = async (): Promise<Measured<typeof targets.members>> => {
  await using server = await serve("canned", {})
  const pool = new Pool(server.origin, { connections: 1 })
  const client = await Effect.runPromise(compshareClient(server.origin))
  const body = team(
    members,
    range(members).map((index) => relation(index, 100_000 + index * 100))
  )
  const decode = decoderOf(Team.teamOperations.getCompShareTeamInfo)
  const form = signedForm(compshareParams("GetCompShareTeamInfo", { TeamId: `${members}` }))
  const read = () => Effect.runPromise(client.getCompShareTeamInfo({ TeamId: members }))
  const byHand = () => postForm(pool, form)
  const { TeamRelation, unreadable } = await read()
  if (TeamRelation.length !== members || unreadable.length > 0) throw new Error("rows were lost")
  const samples = await interleave(
    {
      parse: busy(() => JSON.parse(body)),
      decode: busy(() => Result.getOrThrow(decode(Result.getOrThrow(Json.parse(body)), { TeamId: members }))),
      byHand: inTurn(byHand),
      read: inTurn(read)
    },
    { rounds, ms: 1, collect: true }
  )
  const peaks: { readonly ours: Array<number>; readonly byHand: Array<number> } = { ours: [], byHand: [] }
  for (let round = 0; round < rounds; round += 1) {
    peaks.byHand.push(await peakOf(byHand))
    peaks.ours.push(await peakOf(read))
  }
  await pool.destroy()
  return {
    read: ratio(samples("read").cpu, samples("parse").cpu),
    readByHand: ratio(samples("byHand").cpu, samples("parse").cpu),
    decode: ratio(samples("decode").cpu, samples("parse").cpu),
    memory: over(spreadOf(peaks.ours), body.length),
    memoryByHand: over(spreadOf(peaks.byHand), body.length)
  }
}
