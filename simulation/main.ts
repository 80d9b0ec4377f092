/**
 * `pnpm simulate --histories N --seed S`: plays histories on two threads and says what went wrong in
 * them, how they ended, and which invariants were violated, each with the seed that plays it again.
 * Before them, one change is killed at every point that it passes, and a batch of 50 again and again.
 *
 * `--without RULE` switches one rule off, which has to be noticed; `--mutants` does so for each rule in
 * turn; `--replay SEED` plays one history and tells it line by line. `--puts` plays histories of an
 * absolute cloud instead.
 */
import { parseArgs } from "node:util"
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads"
import { invariants } from "./checker.ts"
import { playHistory } from "./history.ts"
import { allRules, isPutRule, type Rule } from "./mutants.ts"
import { putInvariants } from "./putChecker.ts"
import { playPutHistory } from "./putHistory.ts"
import { switchOff } from "./rules.ts"

/** The histories of one thread. */
interface Batch {
  readonly first: number
  readonly count: number
  readonly step: number
  readonly without?: Rule
  readonly puts?: boolean
  /** Stops at the first violation: enough to see that a switched-off rule is missed. */
  readonly stopAtFirst: boolean
}

interface Sums {
  histories: number
  requests: number
  readonly outcomes: Record<string, number>
  readonly faults: Record<string, number>
  readonly violations: Array<{ readonly seed: number; readonly invariant: string; readonly detail: string }>
}

const emptySums = (): Sums => ({ histories: 0, requests: 0, outcomes: {}, faults: {}, violations: [] })

const addTo = (sums: Record<string, number>, more: Iterable<[string, number]>): void => {
  for (const [key, count] of more) sums[key] = (sums[key] ?? 0) + count
}

/** How many violations are kept: one is enough to fail, and a few to see a pattern. */
const keptViolations = 20

const play = (batch: Batch): Sums => {
  const sums = emptySums()
  const rule = batch.without
  switchOff(rule)
  for (let index = 0; index < batch.count; index++) {
    const seed = batch.first + index * batch.step
    const ending = batch.puts || isPutRule(rule) ? playPutHistory(seed) : playHistory(seed)
    sums.histories += 1
    sums.requests += ending.requests
    addTo(sums.outcomes, ending.outcomes)
    addTo(sums.faults, ending.faults)
    for (const { detail, invariant } of ending.violations) {
      if (sums.violations.length < keptViolations) sums.violations.push({ seed, invariant, detail })
    }
    if (batch.stopAtFirst && sums.violations.length > 0) break
  }
  return sums
}

/** A batch of so many members is killed at every so many points, which is about once for each member. */
const batch = { batch: 50, every: 23 }

/** Kills a batch early, later, and so on, until it ends before it is killed; everybody gets a grant once. */
const killBatch = (seed: number) => {
  const violations: Sums["violations"] = []
  let histories = 0
  for (let killAt = 0; ; killAt += batch.every) {
    const ending = playHistory(seed, { killAt, batch: batch.batch })
    histories += 1
    const applied = ending.outcomes.get("Applied") ?? 0
    if (applied !== batch.batch) {
      const detail = `a batch killed at point ${killAt}: ${applied} of ${batch.batch} got their grant`
      violations.push({ seed, invariant: "batch", detail })
    }
    for (const { detail, invariant } of ending.violations) {
      violations.push({ seed, invariant, detail: `a batch killed at point ${killAt}: ${detail}` })
    }
    if (ending.faults.get("kill") === undefined) return { histories, violations }
  }
}

/** How many changes of each kind are killed at every point. */
const killedEach = 20

/** Kills one change at the first point, at the second, and so on, until it ends before it is killed. */
const killEverywhere = (seed: number) => {
  const violations: Sums["violations"] = []
  let points = 0
  let histories = 0
  for (let index = 0; index < killedEach; index++) {
    for (let killAt = 0; ; killAt++) {
      const ending = playHistory(seed + index, { killAt })
      histories += 1
      for (const { detail, invariant } of ending.violations) {
        violations.push({ seed: seed + index, invariant, detail: `killed at point ${killAt}: ${detail}` })
      }
      if (ending.faults.get("kill") === undefined) break
      points = Math.max(points, killAt + 1)
    }
  }
  return { points, histories, violations }
}

const threads = 2

const inThreads = async (
  count: number,
  seed: number,
  rule: Rule | undefined,
  stopAtFirst: boolean,
  puts = false
): Promise<Sums> => {
  const batches = Array.from(
    { length: threads },
    (_, index): Batch => ({
      first: seed + index,
      count: Math.ceil((count - index) / threads),
      step: threads,
      stopAtFirst,
      puts,
      ...(rule === undefined ? {} : { without: rule })
    })
  )
  const parts = await Promise.all(
    batches.map(
      (batch) =>
        new Promise<Sums>((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), { workerData: batch })
          worker.once("message", resolve)
          worker.once("error", reject)
        })
    )
  )
  const sums = emptySums()
  for (const part of parts) {
    sums.histories += part.histories
    sums.requests += part.requests
    addTo(sums.outcomes, Object.entries(part.outcomes))
    addTo(sums.faults, Object.entries(part.faults))
    sums.violations.push(...part.violations)
  }
  return sums
}

const definite = new Set(["Applied", "NoChange", "Rejected", "NotApplied", "NotSent", "Refused"])

const print = (title: string, counts: Record<string, number>): void => {
  console.log(`\n${title}`)
  for (const [kind, count] of Object.entries(counts).sort(([, a], [, b]) => b - a)) {
    console.log(`  ${`${count}`.padStart(9)}  ${kind}`)
  }
}

const report = (sums: Sums, seconds: number): void => {
  console.log(
    `${sums.histories} histories, ${sums.requests} requests that move money, ${seconds.toFixed(1)} s`
  )
  print("What went wrong in them", sums.faults)
  print("How the changes ended", sums.outcomes)
  const all = Object.values(sums.outcomes).reduce((sum, count) => sum + count, 0)
  const known = Object.entries(sums.outcomes)
    .filter(([outcome]) => definite.has(outcome))
    .reduce((sum, [, count]) => sum + count, 0)
  console.log(`\n${((100 * known) / Math.max(1, all)).toFixed(1)} % ended definitely; the rest asks a person`)
  console.log("\nInvariants checked")
  for (const [name, text] of Object.entries({ ...invariants, ...putInvariants }))
    console.log(`  ${name}  ${text}`)
  console.log(`\n${sums.violations.length} violations`)
  for (const { detail, invariant, seed } of sums.violations)
    console.log(`  seed ${seed}: ${invariant}: ${detail}`)
}

const readRule = (name: string | undefined): Rule | undefined => {
  const rule = allRules.find((one) => one === name)
  if (name !== undefined && rule === undefined) {
    throw new Error(`there is no rule ${JSON.stringify(name)}: the rules are ${allRules.join(", ")}`)
  }
  return rule
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      histories: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      without: { type: "string" },
      mutants: { type: "boolean", default: false },
      puts: { type: "boolean", default: false },
      replay: { type: "string" }
    }
  })
  const rule = readRule(values.without)
  if (values.replay !== undefined) {
    switchOff(rule)
    const ending = (values.puts ? playPutHistory : playHistory)(Number(values.replay))
    for (const line of ending.trace) console.log(line)
    for (const { detail, invariant } of ending.violations) console.log(`violation: ${invariant}: ${detail}`)
    process.exitCode = ending.violations.length === 0 ? 0 : 1
    return
  }
  const count = Number(values.histories)
  if (!Number.isSafeInteger(count) || count < 1) throw new Error("--histories takes a whole number above 0")
  const seed = Number(values.seed)
  if (values.puts && !values.mutants) {
    const started = performance.now()
    const sums = await inThreads(count, seed, rule, false, true)
    report(sums, (performance.now() - started) / 1000)
    process.exitCode = sums.violations.length === 0 ? 0 : 1
    return
  }
  if (!values.mutants) {
    const started = performance.now()
    switchOff(rule)
    const killed = killEverywhere(seed)
    const sums = await inThreads(count, seed, rule, false)
    const batches = killBatch(seed)
    sums.violations.unshift(...killed.violations, ...batches.violations)
    console.log(`one change killed at each of ${killed.points} points: ${killed.histories} histories`)
    console.log(
      `a batch of ${batch.batch} killed at every ${batch.every}rd point: ${batches.histories} histories`
    )
    report(sums, (performance.now() - started) / 1000)
    process.exitCode = sums.violations.length === 0 ? 0 : 1
    return
  }
  for (const mutant of allRules) {
    const { histories, violations } = await inThreads(count, seed, mutant, true)
    const [first] = violations
    const verdict =
      first === undefined
        ? `NOT CAUGHT in ${histories} histories`
        : `caught: seed ${first.seed}, ${first.invariant}: ${first.detail}`
    console.log(`${mutant.padEnd(20)} ${verdict}`)
    if (first === undefined) process.exitCode = 1
  }
}

if (isMainThread) await main()
else parentPort?.postMessage(play(workerData as Batch))
