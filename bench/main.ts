/**
 * `pnpm bench [NAME...]`
 *
 * Measures how fast this library is beside what a person would write instead, and prints each measurement
 * beside its goal: medians of interleaved rounds, with the 10th and the 90th percentile.
 *
 * `--json` prints one document. `--check` exits with 1 if a goal is missed by more than the range. `--long` adds
 * what takes long: it needs more than an hour. `--minutes` says how long the mixed load of `leak` lasts.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { parseArgs } from "node:util"
import { fileURLToPath } from "node:url"
import { benches, isName, type Name, names } from "./benches.ts"
import type { Options } from "./frame/options.ts"
import { type Row, missesIn, rowsOf } from "./frame/rows.ts"
import { tableOf } from "./frame/table.ts"
import { machine } from "./frame/machine.ts"
import { targets } from "./targets.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    minutes: { type: "string" }
  }
})

const nameOf = (name: string): Name => {
  if (isName(name)) return name
  throw new Error(`there is no bench ${JSON.stringify(name)}: there are ${names.join(", ")}`)
}

const asked = positionals.length === 0 ? names : positionals.map(nameOf)

const measure = async (name: Name, options: Options): Promise<ReadonlyArray<Row>> => {
  const { run } = await benches[name]()
  return rowsOf(name, targets[name], await run(options))
}

/** Measures one bench in a process of its own, so that none runs on code that another one has warmed up. */
const measureApart = async (name: Name, { long, minutes }: Options): Promise<ReadonlyArray<Row>> => {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), name, "--json", `--minutes=${minutes}`]
  const child = spawn(process.execPath, long ? [...args, "--long"] : args, {
    stdio: ["inherit", "pipe", "inherit"]
  })
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "exit")])
  if (code !== 0) {
    console.error(`The bench ${name} failed.`)
    process.exitCode = 1
    return rowsOf(name, targets[name], {})
  }
  const document: { readonly rows: ReadonlyArray<Row> } = JSON.parse(printed)
  return document.rows
}

const minutes = Number(values.minutes ?? (values.long ? 30 : 1))
if (!(minutes > 0)) throw new Error("--minutes: give a number above 0")
const options: Options = { long: values.long, minutes }
if (!values.json) console.log(Object.values(machine()).join(", "))
const rows: Array<Row> = []
for (const name of asked) {
  const measured = await (asked.length === 1 ? measure : measureApart)(name, options)
  rows.push(...measured)
  if (!values.json) console.log(`\n${tableOf(name, measured)}`)
}
if (values.json) console.log(JSON.stringify({ ...machine(), rows }, undefined, 2))
const misses = missesIn(rows)
if (!values.json)
  console.log(`\n${misses.length} of ${rows.filter(({ goal }) => goal).length} goals are missed`)
if (values.check && misses.length > 0) process.exitCode = 1
