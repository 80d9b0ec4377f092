/**
 * One history: a team, processes that change its allowances, and everything that goes wrong, all
 * from one seed.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type * as Report from "@cloud-quota/core/Report"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"
import * as Clock from "effect/Clock"
import { makeMemoryStore } from "../packages/core/src/journal/memoryJournal.ts"
import { check, doublesNotSaid, type Violation } from "./checker.ts"
import { makeJournalCopies } from "./journalCopies.ts"
import {
  type Actor,
  batchOf,
  drawPlot,
  memberIds,
  type Operation,
  type Plot,
  type PlotOptions
} from "./plots.ts"
import type { Traits } from "./mishaps.ts"
import { longestLateness, type Shared, type SimulatedProcess, startProcess } from "./process.ts"
import {
  changeFaults,
  type ChangeFault,
  makeProvider,
  readFaults,
  type ReadFault,
  someFen
} from "./provider.ts"
import { type Dice, makeDice } from "./random.ts"
import { makeVirtualTime } from "./virtualTime.ts"

/** How a history ended. */
export interface Ending {
  readonly traits: Traits
  readonly violations: ReadonlyArray<Violation>
  /** The outcomes of the last word on every change, counted. */
  readonly outcomes: ReadonlyMap<string, number>
  /** Everything that went wrong, counted by kind. */
  readonly faults: ReadonlyMap<string, number>
  readonly requests: number
  /** Lines for people, to see what happened. */
  readonly trace: ReadonlyArray<string>
}

/** A member whom nothing of ours changes, and colleagues do. */
const bystander = 60_999

export const playHistory = (seed: number, options: PlotOptions = {}): Ending => {
  const dice = makeDice(seed)
  const time = makeVirtualTime(dice)
  const faults = new Map<string, number>()
  const trace: Array<string> = []
  const say = (line: string) => trace.push(`${`${Math.round(time.now())}`.padStart(9)} ms  ${line}`)

  const { actors, changes, granted = [], traits } = drawPlot(dice, options)
  const team = options.batch === undefined ? memberIds : batchOf(options.batch)

  const program = Effect.gen(function* () {
    const provider = yield* makeProvider(
      {
        ...traits,
        adminBalanceFen: 100_000_000n,
        bystander,
        members: [...team.map(Number), bystander].map((id) => ({
          virtualCompanyId: id,
          userCompanyId: id + 100_000,
          allocatedFen: BigInt(dice.between(1, 20)) * 1000n,
          createTime: 1
        }))
      },
      dice,
      (kind, detail) => {
        faults.set(kind, (faults.get(kind) ?? 0) + 1)
        if (kind !== "old reading") say(detail === undefined ? kind : `${kind}: ${detail}`)
      }
    )
    const store = makeMemoryStore()
    const shared: Shared = {
      ...traits,
      time,
      provider,
      store,
      copies: makeJournalCopies(store, time.now),
      holders: new Map(),
      processes: new Map(),
      sent: [],
      reports: [],
      learnt: [],
      mishaps: faults
    }
    say(describe(traits))
    for (const { fen, member } of granted) provider.console(Number(member), fen, time.now())
    // A person gives the fresh journal its baseline, on a quiet day.
    const person = yield* startProcess(shared, "person", { wall: 0, monotonic: 0 }, [])
    yield* person.account.changes.baseline().pipe(Effect.orDie)
    release(shared, person)
    yield* provider.emulator.inject(planFaults(dice, faults, options, changes))
    yield* Effect.forEach(actors, (actor) => perform(shared, actor, dice, say), {
      concurrency: "unbounded"
    }).pipe(Effect.raceFirst(disturbances(shared, dice, say)))

    // The end: everything late has arrived, and a process in good health looks after what is left.
    yield* time.sleep(10 * 60_000)
    shared.holders.clear()
    const last = yield* startProcess(shared, "last", { wall: 0, monotonic: 0 }, [])
    const recovered = yield* Effect.exit(last.account.changes.recover())
    if (Exit.isFailure(recovered)) say(`recover: ${String(recovered.cause).slice(0, 300)}`)
    const outcomes = new Map<string, number>()
    for (const { operation } of actors) {
      for (let again = 0; again < 2; again++) {
        const report = yield* Effect.exit(carryOut(shared, last, operation))
        yield* time.sleep(10 * 60_000)
        if (again === 1) countOutcomes(outcomes, report, say)
      }
    }
    for (const member of doublesNotSaid(historyOf(shared))) {
      yield* Effect.exit(
        carryOut(shared, last, { run: "next", action: { adjust: "10 CNY" }, members: [member] })
      )
    }
    for (const { attempt, delta, evidence, id, member, request, run, state } of intentsOf(shared)) {
      say(
        `intent ${id}: ${run} ${request} of ${member}, attempt ${attempt}, ${delta}: ${state} ${evidence ?? ""}`
      )
    }
    for (const { again, amount, at, intent, member } of provider.commits)
      say(`commit at ${at}: ${member} ${amount} for intent ${intent}${again ? ", carried out again" : ""}`)
    return { violations: check(historyOf(shared)), outcomes, requests: shared.sent.length }
  })

  const fiber = Effect.runFork(
    program.pipe(
      Effect.provideService(Clock.Clock, time.clock({ wall: 0, monotonic: 0 })),
      Effect.provideService(Scheduler.Scheduler, time.scheduler),
      Effect.provideService(References.MinimumLogLevel, "None"),
      Random.withSeed(seed)
    ),
    { scheduler: time.scheduler }
  )
  const finished = time.run(fiber)
  const exit = fiber.pollUnsafe()
  if (!finished || exit === undefined) throw new Error(`history ${seed} stands still:\n${trace.join("\n")}`)
  if (exit._tag === "Failure")
    throw new Error(`history ${seed} failed: ${String(exit.cause)}\n${trace.join("\n")}`)
  return { ...exit.value, traits, faults, trace }
}

const describe = (traits: Traits): string =>
  [
    traits.profile,
    traits.withLog ? (traits.dated ? "a log" : "a log without dates") : "no log",
    `withdrawals ${traits.withdrawLowersAllocated ? "lower" : "keep"} the limit`,
    `readings up to ${traits.staleFor} ms old`,
    `entries up to ${traits.logLag} ms late`
  ].join(", ")

const intentsOf = ({ store }: Shared) =>
  [...store.accounts.values()].flatMap((account) => [...account.intents.values()])

/** What the checker judges. Where a copy took the journal's place, that is the journal as it was before. */
const historyOf = (shared: Shared) => ({
  intents: shared.copies.lost?.intents ?? intentsOf(shared),
  events: shared.copies.lost?.events ?? shared.store.events,
  lostAt: shared.copies.lost?.at,
  commits: shared.provider.commits,
  limits: shared.provider.limits,
  sent: shared.sent,
  reports: shared.reports,
  learnt: shared.learnt,
  lateness: longestLateness,
  touched: shared.provider.touched,
  logIsWitness: shared.withLog && shared.dated,
  withdrawLowersAllocated: shared.withdrawLowersAllocated
})

const planFaults = (
  dice: Dice,
  faults: Map<string, number>,
  options: PlotOptions,
  planned: Plot["changes"]
) => {
  const count = (kind: string) => {
    if (kind !== "answered") faults.set(kind, (faults.get(kind) ?? 0) + 1)
  }
  const changeKinds = Object.keys(changeFaults) as [ChangeFault, ...Array<ChangeFault>]
  const readKinds = Object.keys(readFaults) as [ReadFault, ...Array<ReadFault>]
  const trouble = dice.pick([0, 0.3, 0.6])
  const kinds =
    planned ?? Array.from({ length: 8 }, () => (dice.chance(trouble) ? dice.pick(changeKinds) : "answered"))
  const changes = kinds.map((kind) => {
    count(kind)
    return { operation: "SetCompShareTeamAmount", fault: changeFaults[kind](dice) }
  })
  const readTrouble = options.killAt === undefined && dice.chance(0.2) ? 0.2 : 0
  const reads = Array.from({ length: 40 }, () => {
    const kind = dice.chance(readTrouble) ? dice.pick(readKinds) : "answered"
    count(kind)
    return { operation: "GetCompShareTeamInfo", fault: readFaults[kind]() }
  })
  return [...changes, ...reads]
}

/** Runs an operation, restarting its process when it dies, until it is done or it was tried often. */
const perform = Effect.fnUntraced(function* (
  shared: Shared,
  actor: Actor,
  dice: Dice,
  say: (line: string) => void
) {
  const { time } = shared
  yield* time.sleep(actor.startsAt)
  for (const [index, mishaps] of actor.mishaps.entries()) {
    const process = yield* startProcess(
      shared,
      `${actor.name}${index}`,
      { wall: actor.clockError, monotonic: dice.between(0, 1_000_000) },
      mishaps
    )
    const exit = yield* alive(process, carryOut(shared, process, actor.operation))
    if (exit === undefined) say(`${process.name} was killed`)
    else if (exit._tag === "Failure") say(`${process.name} failed: ${String(exit.cause).slice(0, 300)}`)
    else
      for (const { member, outcome } of exit.value.results)
        say(`${process.name}: ${actor.operation.run} of ${member}: ${outcome._tag}`)
    // An interrupted process lives on, and keeps its locks until it ends.
    release(shared, process)
    const busy = exit?._tag === "Failure"
    const undecided =
      exit?._tag === "Success" && exit.value.results.some(({ next }) => next === "rerun" || next === "wait")
    if (exit !== undefined && !busy && !undecided) return
    yield* time.sleep(dice.pick([dice.between(0, 1_000), dice.between(0, 120_000)]))
  }
})

const release = (shared: Shared, process: SimulatedProcess): void => {
  process.dead = true
  for (const [account, holder] of shared.holders) if (holder === process) shared.holders.delete(account)
}

/** The exit of the process's work, or `undefined` if it was killed on the way. */
const alive = <A, E>(
  process: SimulatedProcess,
  work: Effect.Effect<A, E>
): Effect.Effect<Exit.Exit<A, E> | undefined> =>
  Effect.gen(function* () {
    const over = yield* Deferred.make<Exit.Exit<A, E> | undefined>()
    process.onDeath = () => void Deferred.doneUnsafe(over, Effect.succeed(undefined))
    // Detached: a killed process is not interrupted, it is simply not there any more.
    process.fiber = yield* Effect.forkDetach(
      Effect.flatMap(Effect.exit(work), (exit) => Deferred.succeed(over, exit)).pipe(
        Effect.provideService(Clock.Clock, process.clock)
      )
    )
    const fiber = process.fiber
    fiber.addObserver((exit) => {
      if (exit._tag === "Failure")
        void Deferred.doneUnsafe(over, Effect.succeed(Exit.failCause(exit.cause as Cause.Cause<E>)))
    })
    return yield* Deferred.await(over)
  })

const carryOut = Effect.fnUntraced(function* (
  { reports, time }: Shared,
  process: SimulatedProcess,
  { action, members, run }: Operation
) {
  const from = time.now()
  const report = yield* process.account.quotas.change(members, { allowance: action }, { run })
  reports.push({ process: process.name, run, results: report.results, from, at: time.now() })
  return report
})

/** What goes on meanwhile: members spend and are refunded; people change limits in the console. */
const disturbances = (shared: Shared, dice: Dice, say: (line: string) => void) =>
  Effect.gen(function* () {
    const { provider, time } = shared
    for (;;) {
      yield* time.sleep(dice.between(100, 120_000))
      const member = Number(dice.pick(memberIds))
      const what = dice.pick(["spend", "spend", "refund", "console", "colleague"])
      if (what === "spend") provider.spend(member, dice.next(), time.now())
      if (what === "refund") provider.refund(member, BigInt(dice.between(1, 40)) * 1000n, time.now())
      if (what === "console" && shared.console > 0) provider.console(member, someFen(dice), time.now())
      if (what === "colleague" && shared.colleagues > 0)
        provider.console(bystander, someFen(dice), time.now())
      if (what === "spend" || what === "refund") say(`${member}: ${what}`)
    }
  })

const countOutcomes = (
  outcomes: Map<string, number>,
  exit: Exit.Exit<Report.Report, CloudQuotaError>,
  say: (line: string) => void
): void => {
  const count = (outcome: string): void => {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  if (exit._tag === "Failure") {
    say(`last: failed ${String(exit.cause).slice(0, 300)}`)
    // Waiting times that prove nothing are refused, and so is a journal that is a copy.
    const error = Exit.findErrorOption(exit)
    count(Option.isSome(error) ? `call refused: ${error.value.reason._tag}` : "call failed")
    return
  }
  for (const { outcome } of exit.value.results) count(outcome._tag)
}
