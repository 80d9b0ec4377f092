/**
 * One history: a team, processes that change its allowances, and everything that goes wrong, all
 * from one seed.
 */
import type * as Change from "@cloud-quota/core/Change"
import type * as Report from "@cloud-quota/core/Report"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import * as Clock from "effect/Clock"
import { makeMemoryStore } from "../packages/core/src/internal/memoryJournal.ts"
import { check, type Violation } from "./checker.ts"
import {
  longestLateness,
  type Mishap,
  type PlannedMishap,
  type Shared,
  type SimulatedProcess,
  startProcess,
  timings
} from "./process.ts"
import { changeFaults, type ChangeFault, makeProvider, readFaults, type ReadFault } from "./provider.ts"
import { type Dice, makeDice } from "./random.ts"
import { makeVirtualTime } from "./virtualTime.ts"

/** What is to be done: a run, for these members. */
interface Operation {
  readonly run: string
  readonly action: Change.ActionInput
  readonly members: ReadonlyArray<string>
}

/** Somebody who runs an operation, and runs it again until it is decided or it was tried often. */
interface Actor {
  readonly name: string
  readonly startsAt: number
  readonly operation: Operation
  readonly clockSkew: number
  readonly mishaps: ReadonlyArray<ReadonlyArray<PlannedMishap>>
}

/**
 * What a history is about: `anything`, or one of the rare courses of events that chance alone would
 * hardly ever bring together.
 */
type Theme = "anything" | "stale reading after a withdrawal" | "stopped at the write, and taken over"

/** How a history ended. */
export interface Ending {
  readonly violations: ReadonlyArray<Violation>
  /** The outcomes of the last word on every change, counted. */
  readonly outcomes: ReadonlyMap<string, number>
  /** Everything that went wrong, counted by kind. */
  readonly faults: ReadonlyMap<string, number>
  readonly requests: number
  /** Lines for people, to see what happened. */
  readonly trace: ReadonlyArray<string>
}

const memberIds = ["60001", "60002"] as const

/** The members of a batch, by number. */
const batchOf = (size: number): ReadonlyArray<string> =>
  Array.from({ length: size }, (_, index) => `${60_001 + index}`)

export interface HistoryOptions {
  /** Plays one change, and kills its process at this point: for going through all of them. */
  readonly killAt?: number
  /** Plays that change for so many members, as one batch. */
  readonly batch?: number
}

export const playHistory = (seed: number, options: HistoryOptions = {}): Ending => {
  const dice = makeDice(seed)
  const time = makeVirtualTime(dice)
  const faults = new Map<string, number>()
  const trace: Array<string> = []
  const say = (line: string) => trace.push(`${`${Math.round(time.now())}`.padStart(9)} ms  ${line}`)

  const theme = themeOf(dice, options)
  const stale = theme === "stale reading after a withdrawal"
  const takenOver = theme === "stopped at the write, and taken over"
  const profile = dice.pick<Shared["profile"]>(takenOver ? ["strict", "local"] : ["local", "local", "strict"])
  const disturbed = theme === "anything" && dice.chance(0.08)
  // A log is what makes other people's changes visible.
  const withLog = disturbed || (!stale && dice.chance(0.5))
  const withdrawLowersAllocated = stale || dice.chance(0.5)

  const team = options.batch === undefined ? memberIds : batchOf(options.batch)

  const program = Effect.gen(function* () {
    const provider = yield* makeProvider(
      {
        withdrawLowersAllocated,
        adminBalanceFen: 100_000_000n,
        staleFor: stale ? 4_900 : dice.chance(0.4) ? dice.between(1, 4_900) : 0,
        members: team.map((id) => ({
          virtualCompanyId: Number(id),
          userCompanyId: Number(id) + 100_000,
          allocatedFen: BigInt(dice.between(1, 20)) * 1000n,
          createTime: 1
        }))
      },
      dice
    )
    yield* provider.emulator.inject(stale ? lostSecondAnswer(faults) : planFaults(dice, faults, options))
    const shared: Shared = {
      time,
      provider,
      store: makeMemoryStore(),
      profile,
      provable: dice.chance(0.5),
      withLog,
      timings,
      holders: new Map(),
      processes: new Map(),
      sent: [],
      mishaps: faults
    }
    const actors = planActors(dice, profile, theme, options)
    say(
      `${profile}, ${withLog ? "with" : "without"} log, withdrawals ${withdrawLowersAllocated ? "lower" : "keep"} the limit`
    )
    yield* Effect.forEach(actors, (actor) => perform(shared, actor, dice, say), {
      concurrency: "unbounded"
    }).pipe(Effect.raceFirst(disturbances(shared, dice, disturbed, say)))

    // The end: everything late has arrived, and somebody in good health looks after what is left.
    yield* time.sleep(10 * 60_000)
    shared.holders.clear()
    const last = yield* startProcess(shared, "last", { wall: 0, monotonic: 0 }, [])
    yield* last.account.changes.recover().pipe(Effect.orDie)
    const outcomes = new Map<string, number>()
    for (const { operation } of actors) {
      for (let again = 0; again < 2; again++) {
        const report = yield* Effect.exit(carryOut(last, operation))
        yield* time.sleep(10 * 60_000)
        if (again === 1) countOutcomes(outcomes, report, say)
      }
    }
    const intents = [...shared.store.accounts.values()].flatMap((account) => [...account.intents.values()])
    for (const { attempt, delta, evidence, id, member, request, run, state } of intents) {
      say(
        `intent ${id}: ${run} ${request} of ${member}, attempt ${attempt}, ${delta}: ${state} ${evidence ?? ""}`
      )
    }
    for (const { amount, at, intent, member } of provider.commits)
      say(`commit at ${at - time.now()}: ${member} ${amount} for intent ${intent}`)
    const violations = check({
      intents,
      events: shared.store.events,
      commits: provider.commits,
      sent: shared.sent,
      lateness: longestLateness,
      disturbed
    })
    return { violations, outcomes, requests: shared.sent.length }
  })

  const fiber = Effect.runFork(
    program.pipe(
      Effect.provideService(Clock.Clock, time.clock({ wall: 0, monotonic: 0 })),
      Effect.provideService(Scheduler.Scheduler, time.scheduler),
      Random.withSeed(seed)
    ),
    { scheduler: time.scheduler }
  )
  const finished = time.run(fiber)
  const exit = fiber.pollUnsafe()
  if (!finished || exit === undefined) throw new Error(`history ${seed} stands still:\n${trace.join("\n")}`)
  if (exit._tag === "Failure")
    throw new Error(`history ${seed} failed: ${String(exit.cause)}\n${trace.join("\n")}`)
  return { ...exit.value, faults, trace }
}

const planFaults = (dice: Dice, faults: Map<string, number>, options: HistoryOptions) => {
  const count = (kind: string) => {
    if (kind !== "answered") faults.set(kind, (faults.get(kind) ?? 0) + 1)
  }
  const changeKinds = Object.keys(changeFaults) as [ChangeFault, ...Array<ChangeFault>]
  const readKinds = Object.keys(readFaults) as [ReadFault, ...Array<ReadFault>]
  const trouble = options.killAt === undefined ? dice.pick([0, 0.3, 0.6]) : 0
  const changes = Array.from({ length: 8 }, () => {
    const kind = dice.chance(trouble) ? dice.pick(changeKinds) : "answered"
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

const themeOf = (dice: Dice, options: HistoryOptions): Theme => {
  if (options.killAt !== undefined || dice.chance(0.9)) return "anything"
  return dice.pick(["stale reading after a withdrawal", "stopped at the write, and taken over"])
}

/** The first change is answered; the answer of the second gets lost. */
const lostSecondAnswer = (faults: Map<string, number>) => {
  faults.set("dropped after", (faults.get("dropped after") ?? 0) + 1)
  return [
    { operation: "SetCompShareTeamAmount", fault: changeFaults.answered() },
    { operation: "SetCompShareTeamAmount", fault: changeFaults["dropped after"]() }
  ]
}

const planActors = (
  dice: Dice,
  profile: Shared["profile"],
  theme: Theme,
  options: HistoryOptions
): ReadonlyArray<Actor> => {
  const amount = () => `${dice.between(1, 4) * 10} CNY`
  const action = (): Change.ActionInput =>
    dice.pick([
      { adjust: amount() },
      { adjust: amount() },
      { adjust: `-${amount()}` },
      { topUpTo: `${dice.between(10, 400)} CNY` },
      { set: `${dice.between(1, 300)} CNY` },
      { reclaim: amount() }
    ])
  const members = () => (dice.chance(0.3) ? memberIds : [dice.pick(memberIds)])
  const operation = (run: string): Operation => ({
    run,
    action: action(),
    members: members()
  })
  if (options.killAt !== undefined) {
    const mishaps = [[{ point: options.killAt, mishap: { _tag: "kill" } as const }], [], [], []]
    if (options.batch !== undefined) {
      const members = batchOf(options.batch)
      const batch = { run: "first", action: { topUpTo: "300 CNY" }, members }
      return [{ name: "a", startsAt: 0, operation: batch, clockSkew: 0, mishaps }]
    }
    return [{ name: "a", startsAt: 0, operation: operation("first"), clockSkew: 0, mishaps }]
  }
  const member = [dice.pick(memberIds)]
  const one = (
    name: string,
    operation: Operation,
    startsAt: number,
    mishap: PlannedMishap | undefined
  ): Actor => ({
    name,
    operation,
    startsAt,
    clockSkew: 0,
    mishaps: [mishap === undefined ? [] : [mishap], []]
  })
  if (theme === "stale reading after a withdrawal") {
    const killed: PlannedMishap = { point: dice.between(15, 45), mishap: { _tag: "kill" } }
    return [
      one("a", { run: "first", action: { adjust: "-10 CNY" }, members: member }, 0, killed),
      one(
        "b",
        { run: "second", action: { adjust: "10 CNY" }, members: member },
        dice.between(1, 4_500),
        undefined
      )
    ]
  }
  if (theme === "stopped at the write, and taken over") {
    const millis = dice.between(300_000, 900_000)
    const stopped: PlannedMishap = { point: 0, mishap: { _tag: "stopped at the write", millis } }
    const raise: Change.ActionInput = { set: `${dice.between(250, 400)} CNY` }
    const own = { ...operation("first"), members: member, ...(dice.chance(0.5) ? { action: raise } : {}) }
    const other = dice.chance(0.5) ? own : { ...operation("second"), members: member }
    return [one("a", own, 0, stopped), one("b", other, dice.between(1, 20_000), undefined)]
  }
  const first = operation("first")
  const others = dice.between(0, 2)
  return [
    actor(dice, profile, "a", first),
    ...Array.from({ length: others }, (_, index) =>
      actor(dice, profile, `${"bc"[index]}`, dice.chance(0.3) ? first : operation(`other-${index}`))
    )
  ]
}

const actor = (dice: Dice, profile: Shared["profile"], name: string, operation: Operation): Actor => ({
  name,
  operation,
  startsAt: name === "a" ? 0 : dice.pick([0, dice.between(0, 5_000), dice.between(0, 200_000)]),
  clockSkew: dice.chance(0.3) ? dice.between(-3_600_000, 3_600_000) : 0,
  mishaps: [planMishaps(dice, profile, 2), planMishaps(dice, profile, 1), [], []]
})

const planMishaps = (dice: Dice, profile: Shared["profile"], most: number): ReadonlyArray<PlannedMishap> =>
  Array.from({ length: dice.between(0, most) }, () => ({
    point: dice.between(0, 45),
    mishap: planMishap(dice, profile)
  })).sort((a, b) => a.point - b.point)

const planMishap = (dice: Dice, profile: Shared["profile"]): Mishap => {
  const kinds: [Mishap["_tag"], ...Array<Mishap["_tag"]>] = [
    "kill",
    "kill",
    "interrupt",
    "pause",
    "suspend",
    "clock set back",
    "journal fails",
    "stopped at the write"
  ]
  if (profile === "strict") kinds.push("hold stolen", "hold stolen")
  const millis = dice.pick([
    dice.between(1, 4_000),
    dice.between(5_000, 80_000),
    dice.between(250_000, 400_000)
  ])
  const kind = dice.pick(kinds)
  switch (kind) {
    case "kill":
    case "interrupt":
      return { _tag: kind }
    case "journal fails":
      return { _tag: kind, after: dice.chance(0.5) }
    case "stopped at the write":
      return { _tag: kind, millis: dice.pick([dice.between(1, 4_000), dice.between(250_000, 900_000)]) }
    default:
      return { _tag: kind, millis }
  }
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
      { wall: actor.clockSkew, monotonic: dice.between(0, 1_000_000) },
      mishaps
    )
    const exit = yield* alive(process, carryOut(process, actor.operation))
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
      Effect.flatMap(Effect.exit(work), (exit) => Deferred.succeed(over, exit))
    )
    const fiber = process.fiber
    fiber.addObserver((exit) => {
      if (exit._tag === "Failure")
        void Deferred.doneUnsafe(over, Effect.succeed(Exit.failCause(exit.cause as Cause.Cause<E>)))
    })
    return yield* Deferred.await(over)
  })

const carryOut = (process: SimulatedProcess, { action, members, run }: Operation) =>
  process.account.quotas.change(members, { allowance: action }, { run })

/** What others do meanwhile: members spend and are refunded; where it is allowed, consoles are used. */
const disturbances = (shared: Shared, dice: Dice, disturbed: boolean, say: (line: string) => void) =>
  Effect.gen(function* () {
    for (;;) {
      yield* shared.time.sleep(dice.between(100, 120_000))
      const member = Number(dice.pick(memberIds))
      const what = dice.pick(["spend", "spend", "refund", "console"])
      if (what === "spend") shared.provider.spend(member, dice.next())
      if (what === "refund") shared.provider.refund(member, BigInt(dice.between(1, 40)) * 1000n)
      if (what === "console" && disturbed) {
        const fen = BigInt(dice.between(-4, 4)) * 1000n
        if (fen !== 0n) {
          shared.provider.console(member, fen, 0)
          say(`console: ${member} ${fen}`)
        }
      }
    }
  })

const countOutcomes = (
  outcomes: Map<string, number>,
  exit: Exit.Exit<Report.Report, unknown>,
  say: (line: string) => void
): void => {
  const count = (outcome: string): void => {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  if (exit._tag === "Failure") {
    say(`last: failed ${String(exit.cause).slice(0, 300)}`)
    count("failed")
    return
  }
  for (const { outcome } of exit.value.results) count(outcome._tag)
}
