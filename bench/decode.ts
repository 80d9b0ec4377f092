/**
 * What it costs to read the answer of a team of 100,000 members, beside `JSON.parse` of the same text.
 *
 *     node --expose-gc --conditions=@cloud-quota/source bench/decode.ts
 *
 * CPU time of interleaved rounds in one process: medians, with the fastest and the slowest round. Ratios can be
 * compared between machines, times cannot.
 */
import { Team } from "@cloud-quota/compshare"
import { Json } from "@cloud-quota/core"
import { decoderOf } from "@cloud-quota/core/adapter/Operation"
import { Result } from "effect"

const members = 100_000
const rounds = 15

const body = JSON.stringify({
  RetCode: 0,
  Action: "GetCompShareTeamInfoResponse",
  Team: { Id: 1001, Name: "vision", CompanyId: 50_000, Description: null },
  TeamRelation: Array.from({ length: members }, (_, index) => ({
    VirtualCompanyId: 60_001 + index,
    UserCompanyId: 200_000 + index,
    Status: "joined",
    RemarkName: index % 10 === 0 ? null : `member ${index}`,
    AllocateAmount: 50_000 + index,
    AvailableAmount: 12_345,
    CreateTime: "2026-11-05 14:02:59"
  }))
})

const decode = decoderOf(Team.teamOperations.getCompShareTeamInfo)
const parsed = Result.getOrThrow(Json.parse(body))
if (Result.getOrThrow(decode(parsed, { TeamId: 1001 })).unreadable.length > 0)
  throw new Error("rows are unreadable")

const steps: Readonly<Record<string, () => unknown>> = {
  "JSON.parse": () => JSON.parse(body),
  "Json.parse": () => Result.getOrThrow(Json.parse(body)),
  "decoding alone": () => Result.getOrThrow(decode(parsed, { TeamId: 1001 })),
  "Json.parse and decoding": () =>
    Result.getOrThrow(decode(Result.getOrThrow(Json.parse(body)), { TeamId: 1001 }))
}

const cpuOf = (run: () => unknown): number => {
  globalThis.gc?.()
  const before = process.cpuUsage()
  run()
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1000
}

const times = new Map(Object.keys(steps).map((name): [string, Array<number>] => [name, []]))
for (let round = -2; round < rounds; round += 1) {
  for (const [name, run] of Object.entries(steps)) {
    const cpu = cpuOf(run)
    // The first rounds warm up.
    if (round >= 0) times.get(name)?.push(cpu)
  }
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const base = median(times.get("JSON.parse") ?? [])
console.log(
  `node ${process.version}, ${members} rows, ${(body.length / 1e6).toFixed(1)} MB, ${rounds} rounds`
)
for (const [name, values] of times) {
  const range = `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`
  console.log(
    `${name.padEnd(24)} ${median(values).toFixed(0).padStart(5)} ms (${range})  ${(median(values) / base).toFixed(2)}x`
  )
}
