/** Orders streamed into a format, beside a loop over pages, each in a process of its own. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { Options } from "./frame/options.ts"
import type { Measured } from "./frame/rows.ts"
import { exactly, ratio, spreadOf } from "./frame/samples.ts"
import { serve } from "./frame/serve.ts"
import type { Exported } from "./ordersExport.ts"
import type { targets } from "./targets.ts"

const script = fileURLToPath(new URL("./ordersExport.ts", import.meta.url))

const exportAs = async (
  format: string,
  origin: string,
  ...rest: ReadonlyArray<string>
): Promise<Exported> => {
  const args = [...process.execArgv, script, format, origin, ...rest]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

const formats = ["loop", "csv", "ndjson", "focus"]
const rounds = 3

/** Exports all formats in turn, several times. Returns the CPU of each row, by format and round. */
const cpu = async (): Promise<(format: string) => ReadonlyArray<number>> => {
  const rows = 20_000
  await using server = await serve("orders", { rows })
  const taken = new Map(formats.map((format) => [format, [] as number[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [format, samples] of taken) {
      const done = await exportAs(format, server.origin)
      if (done.rows !== rows) throw new Error(`${format}: ${done.rows} of ${rows} rows`)
      samples.push(done.cpu)
    }
  }
  return (format) => taken.get(format) ?? []
}

/** Exports from a server that takes its time. */
const slow = async () => {
  await using server = await serve("orders", { rows: 5_000, delay: 50 })
  const loop = await exportAs("loop", server.origin)
  await server.takeStats()
  const ours = await exportAs("ndjson", server.origin)
  const { most } = await server.takeStats()
  return { most, wall: ours.wall / loop.wall }
}

/** Returns the memory of a long export beside that of a short one. */
const heap = async (rows: number) => {
  const heapOf = async (some: number) => {
    await using server = await serve("orders", { rows: some })
    return (await exportAs("csv", server.origin, "heap")).heap
  }
  return exactly((await heapOf(rows)) / (await heapOf(10_000)))
}

export const run = async ({ long }: Options): Promise<Measured<typeof targets.orders>> => {
  const cpuOf = await cpu()
  const loop = cpuOf("loop")
  const { most, wall } = await slow()
  return {
    csv: ratio(cpuOf("csv"), loop),
    ndjson: ratio(cpuOf("ndjson"), loop),
    focus: ratio(cpuOf("focus"), loop),
    loop: spreadOf(loop),
    most: exactly(most),
    wall: exactly(wall),
    heap: await heap(60_000),
    ...(long ? { heapLong: await heap(1_000_000) } : {})
  }
}
