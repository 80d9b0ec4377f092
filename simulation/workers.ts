/**
 * Histories on two threads: each takes the next task as soon as it is done with one.
 */
import { Worker } from "node:worker_threads"
import { playHistory } from "./history.ts"
import type { Rule } from "./mutants.ts"
import type { Theme } from "./plots.ts"
import { playPutHistory } from "./putHistory.ts"
import { switchOff } from "./rules.ts"

/** What a thread is to play. */
export type Task = {
  readonly seed: number
  /** The rule that is switched off. */
  readonly without?: Rule | undefined
} & (
  | {
      readonly kind: "histories"
      readonly count: number
      readonly theme?: Theme | undefined
      /** Histories of an absolute cloud. */
      readonly puts?: boolean
      /** Enough to see that a switched-off rule is missed. */
      readonly stopAtFirst: boolean
    }
  /** One change, killed at the first point that it passes, at the second, and so on, until it ends before. */
  | { readonly kind: "change" }
  /** A batch of so many members, killed at every so many points: about once for each member. */
  | { readonly kind: "batch"; readonly members: number; readonly every: number }
)

/** What came of one task, or of several. */
export interface Sums {
  histories: number
  requests: number
  /** The points at which a change was killed. */
  points: number
  readonly outcomes: Record<string, number>
  readonly faults: Record<string, number>
  readonly violations: Array<{ readonly seed: number; readonly invariant: string; readonly detail: string }>
}

export const emptySums = (): Sums => ({
  histories: 0,
  requests: 0,
  points: 0,
  outcomes: {},
  faults: {},
  violations: []
})

const addCounts = (sums: Record<string, number>, more: Iterable<readonly [string, number]>): void => {
  for (const [key, count] of more) sums[key] = (sums[key] ?? 0) + count
}

export const addSums = (sums: Sums, more: Sums): void => {
  sums.histories += more.histories
  sums.requests += more.requests
  sums.points = Math.max(sums.points, more.points)
  addCounts(sums.outcomes, Object.entries(more.outcomes))
  addCounts(sums.faults, Object.entries(more.faults))
  sums.violations.push(...more.violations)
}

/** Plays a task. */
export const play = (task: Task): Sums => {
  switchOff(task.without)
  switch (task.kind) {
    case "histories":
      return playHistories(task)
    case "change":
      return killChange(task.seed)
    case "batch":
      return killBatch(task.seed, task.members, task.every)
  }
}

const playHistories = ({
  count,
  puts = false,
  seed: first,
  stopAtFirst,
  theme
}: Extract<Task, { readonly kind: "histories" }>): Sums => {
  const sums = emptySums()
  for (let seed = first; seed < first + count; seed++) {
    const ending = puts ? playPutHistory(seed) : playHistory(seed, theme === undefined ? {} : { theme })
    sums.histories += 1
    sums.requests += ending.requests
    addCounts(sums.outcomes, ending.outcomes)
    addCounts(sums.faults, ending.faults)
    for (const { detail, invariant } of ending.violations) sums.violations.push({ seed, invariant, detail })
    if (stopAtFirst && sums.violations.length > 0) break
  }
  return sums
}

const killChange = (seed: number): Sums => {
  const sums = emptySums()
  for (let killAt = 0; ; killAt++) {
    const ending = playHistory(seed, { killAt })
    sums.histories += 1
    for (const { detail, invariant } of ending.violations)
      sums.violations.push({ seed, invariant, detail: `killed at point ${killAt}: ${detail}` })
    if (ending.faults.get("kill") === undefined) return sums
    sums.points = killAt + 1
  }
}

/** Everyone gets the grant once, or needs none. */
const killBatch = (seed: number, members: number, every: number): Sums => {
  const sums = emptySums()
  for (let killAt = 0; ; killAt += every) {
    const ending = playHistory(seed, { killAt, batch: members })
    const { colleagues, profile, provable } = ending.traits
    const killed = ending.faults.get("kill") !== undefined
    sums.histories += 1
    const done = (ending.outcomes.get("Applied") ?? 0) + (ending.outcomes.get("NoChange") ?? 0)
    // The one whose request was on its way when the process died may be left to a person: where nobody can
    // prove that it died, and where the log has entries of colleagues.
    const mayAsk = killed && ((profile === "strict" && !provable) || colleagues > 0) ? 1 : 0
    const asked = Math.min(mayAsk, ending.outcomes.get("Conflict") ?? 0)
    if (done + asked !== members) {
      const outcomes = [...ending.outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(", ")
      sums.violations.push({
        seed,
        invariant: "batch",
        detail: `a batch killed at point ${killAt}: ${done} of ${members} have their grant (${outcomes})`
      })
    }
    for (const { detail, invariant } of ending.violations)
      sums.violations.push({ seed, invariant, detail: `a batch killed at point ${killAt}: ${detail}` })
    if (!killed) return sums
  }
}

const threads = 2

/** Threads that wait for tasks. `close` lets the process end. */
export const makeWorkers = (entry: URL) => {
  const workers = Array.from({ length: threads }, () => new Worker(entry, { execArgv: process.execArgv }))

  const ask = (worker: Worker, task: Task): Promise<Sums> =>
    new Promise((resolve, reject) => {
      const onMessage = (sums: Sums) => {
        worker.off("error", reject)
        resolve(sums)
      }
      worker.once("message", onMessage)
      worker.once("error", reject)
      worker.postMessage(task)
    })

  return {
    /** Plays the tasks in turn, until they are done or `took` returns false. */
    run: async (tasks: ReadonlyArray<Task>, took: (sums: Sums, task: Task) => boolean): Promise<void> => {
      const waiting = [...tasks]
      let goOn = true
      await Promise.all(
        workers.map(async (worker) => {
          for (let task = waiting.shift(); goOn && task !== undefined; task = waiting.shift()) {
            if (!took(await ask(worker, task), task)) goOn = false
          }
        })
      )
    },
    close: () => Promise.all(workers.map((worker) => worker.terminate()))
  }
}
