/**
 * `pnpm simulate --histories N --seed S`: plays histories on two threads and says what went wrong in
 * them, how they ended, and which invariants were violated, each with the seed that plays it again.
 * Beside them, histories of an absolute cloud are played, one change is killed at every point that it
 * passes, and a batch of 50 again and again.
 *
 * `--without RULE` switches one rule off, which has to be noticed; `--mutants` does so for each rule in
 * turn; `--theme THEME` plays histories of one kind; `--puts` plays those of an absolute cloud alone;
 * `--replay SEED` plays one history and tells it line by line.
 */
import { parseArgs } from "node:util"
import { isMainThread, parentPort } from "node:worker_threads"
import { invariants } from "./checker.ts"
import { playHistory } from "./history.ts"
import { allRules, isPutRule, type Rule, shownBy, shownByTests } from "./mutants.ts"
import { type Theme, themes } from "./plots.ts"
import { showProgress } from "./progress.ts"
import { putInvariants } from "./putChecker.ts"
import { playPutHistory } from "./putHistory.ts"
import { switchOff } from "./rules.ts"
import { addSums, emptySums, makeWorkers, play, type Sums, type Task } from "./workers.ts"

/** How many histories a thread plays between two words of progress. */
const chunk = 25

const inChunks = (
  count: number,
  seed: number,
  rest: Omit<Extract<Task, { readonly kind: "histories" }>, "kind" | "count" | "seed">
): ReadonlyArray<Task> =>
  Array.from({ length: Math.ceil(count / chunk) }, (_, index) => ({
    kind: "histories",
    seed: seed + index * chunk,
    count: Math.min(chunk, count - index * chunk),
    ...rest
  }))

/** One history of an absolute cloud is played beside so many of a cloud that takes differences. */
const perPutHistory = 4

/** How many changes of each kind are killed at every point. */
const killedEach = 20

/** A batch of so many members is killed at every so many points, which is about once for each member. */
const batch = { members: 50, every: 23 }

/** How many violations are printed: one is enough to fail, and a few show a pattern. */
const printedViolations = 40

const definite = new Set([
  "Applied",
  "NoChange",
  "Rejected",
  "NotApplied",
  "NotSent",
  "Refused",
  "call refused: InvalidRequest"
])

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
  for (const { detail, invariant, seed } of sums.violations.slice(0, printedViolations))
    console.log(`  seed ${seed}: ${invariant}: ${detail}`)
}

const readName = <A extends string>(
  what: string,
  known: ReadonlyArray<A>,
  name: string | undefined
): A | undefined => {
  const found = known.find((one) => one === name)
  if (name !== undefined && found === undefined) {
    throw new Error(`there is no ${what} ${JSON.stringify(name)}: there are ${known.join(", ")}`)
  }
  return found
}

const replay = (seed: number, rule: Rule | undefined, theme: Theme | undefined, puts: boolean): void => {
  switchOff(rule)
  const ending = puts ? playPutHistory(seed) : playHistory(seed, theme === undefined ? {} : { theme })
  for (const line of ending.trace) console.log(line)
  for (const { detail, invariant } of ending.violations) console.log(`violation: ${invariant}: ${detail}`)
  process.exitCode = ending.violations.length === 0 ? 0 : 1
}

type Workers = ReturnType<typeof makeWorkers>

const simulate = async (
  workers: Workers,
  count: number,
  seed: number,
  without: Rule | undefined,
  theme: Theme | undefined,
  puts: boolean
): Promise<void> => {
  const started = performance.now()
  const parts = { batch: emptySums(), change: emptySums(), histories: emptySums() }
  const changes = Array.from(
    { length: killedEach },
    (_, index): Task => ({ kind: "change", seed: seed + index, without })
  )
  // The longest first, so that both threads are done at the same time.
  const isWhole = theme === undefined && !puts
  const put = { without, puts: true, stopAtFirst: false }
  const tasks: ReadonlyArray<Task> = [
    ...(isWhole ? [{ kind: "batch", seed, without, ...batch } as const, ...changes] : []),
    ...(puts ? inChunks(count, seed, put) : inChunks(count, seed, { without, theme, stopAtFirst: false })),
    ...(isWhole ? inChunks(Math.ceil(count / perPutHistory), seed, put) : [])
  ]
  const planned = puts || !isWhole ? count : count + Math.ceil(count / perPutHistory)
  const progress = showProgress(() => {
    const all = Object.values(parts)
    const played = all.reduce((sum, { histories }) => sum + histories, 0)
    const violations = all.reduce((sum, part) => sum + part.violations.length, 0)
    return `${played} histories played, ${parts.histories.histories} of ${planned} by seed, ${violations} violations`
  })
  await workers.run(tasks, (more, { kind }) => {
    addSums(parts[kind], more)
    return true
  })
  progress.stop()
  const { batch: batches, change: killed, histories: sums } = parts
  sums.violations.unshift(...killed.violations, ...batches.violations)
  if (isWhole) {
    console.log(`one change killed at each of ${killed.points} points: ${killed.histories} histories`)
    console.log(
      `a batch of ${batch.members} killed at every ${batch.every}rd point: ${batches.histories} histories`
    )
  }
  report(sums, (performance.now() - started) / 1000)
  process.exitCode = sums.violations.length === 0 ? 0 : 1
}

/** Switches off each rule in turn, until a history shows that it is missed. */
const tryMutants = async (workers: Workers, count: number, seed: number): Promise<void> => {
  for (const without of allRules) {
    const test = shownByTests[without]
    if (test !== undefined) {
      console.log(`${without.padEnd(24)} not played: ${test}`)
      continue
    }
    const sums = emptySums()
    const progress = showProgress(() => `without ${without}: ${sums.histories} of ${count} histories`)
    const puts = isPutRule(without)
    const tasks = inChunks(count, seed, { without, theme: shownBy[without], puts, stopAtFirst: true })
    await workers.run(tasks, (more) => {
      addSums(sums, more)
      return more.violations.length === 0
    })
    progress.stop()
    const [first] = sums.violations.toSorted((one, other) => one.seed - other.seed)
    const verdict =
      first === undefined
        ? `NOT CAUGHT in ${sums.histories} histories`
        : `caught: seed ${first.seed}, ${first.invariant}: ${first.detail}`
    console.log(`${without.padEnd(24)} ${verdict}`)
    if (first === undefined) process.exitCode = 1
  }
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      histories: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      without: { type: "string" },
      theme: { type: "string" },
      puts: { type: "boolean", default: false },
      mutants: { type: "boolean", default: false },
      replay: { type: "string" }
    }
  })
  const rule = readName("rule", allRules, values.without)
  const theme = readName("theme", themes, values.theme)
  if (values.replay !== undefined) return replay(Number(values.replay), rule, theme, values.puts)
  const count = Number(values.histories)
  if (!Number.isSafeInteger(count) || count < 1) throw new Error("--histories takes a whole number above 0")
  const workers = makeWorkers(new URL(import.meta.url))
  try {
    await (values.mutants
      ? tryMutants(workers, count, Number(values.seed))
      : simulate(workers, count, Number(values.seed), rule, theme, values.puts))
  } finally {
    await workers.close()
  }
}

if (isMainThread) await main()
else parentPort?.on("message", (task: Task) => parentPort?.postMessage(play(task)))
