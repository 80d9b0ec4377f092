/**
 * One history of puts: members of an absolute cloud, processes that set their limits, and everything that
 * goes wrong, all from one seed.
 */
import type * as Change from "@cloud-quota/core/Change"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"
import type { State } from "../packages/core/src/journal/contract.ts"
import { defaults } from "../packages/core/src/engine/Settlement.ts"
import { makeMemoryStore } from "../packages/core/src/journal/memoryJournal.ts"
import { type PutInvariant, type Reported, checkPuts } from "./putChecker.ts"
import { type PutMishap, type PutProcess, type PutShared, startPutProcess } from "./putProcess.ts"
import { fields, makePutProvider, members, putFaults } from "./putProvider.ts"
import { type Dice, makeDice } from "./random.ts"
import { makeVirtualTime } from "./virtualTime.ts"

interface Operation {
  readonly run: string
  readonly member: string
  readonly spec: Change.Spec
}

/** How a history of puts ended. */
export interface PutHistoryEnding {
  readonly violations: ReadonlyArray<{ readonly invariant: PutInvariant; readonly detail: string }>
  readonly outcomes: ReadonlyMap<string, number>
  readonly faults: ReadonlyMap<string, number>
  readonly requests: number
  readonly trace: ReadonlyArray<string>
}

/** The outcomes as results name them. */
const outcomeOf: Readonly<Record<State, string>> = {
  prepared: "open",
  sending: "open",
  applied: "Applied",
  rejected: "Rejected",
  "not-sent": "NotSent",
  "not-applied": "NotApplied",
  "no-change": "NoChange",
  conflict: "Conflict",
  "resolved-applied": "Applied",
  "resolved-not-applied": "NotApplied"
}

const metrics = ["avatar-models", "video-minutes", "voice-clones-basic"] as const

export const playPutHistory = (seed: number): PutHistoryEnding => {
  const dice = makeDice(seed)
  const time = makeVirtualTime(dice)
  const faults = new Map<string, number>()
  const trace: Array<string> = []
  const reported: Array<Reported> = []
  const say = (line: string) => trace.push(`${`${Math.round(time.now())}`.padStart(9)} ms  ${line}`)
  // A rare course of events that chance alone would hardly ever bring together.
  const takenOver = dice.chance(0.1)
  const profile = takenOver ? "strict" : dice.pick(["local", "local", "strict"] as const)
  const disturbed = !takenOver && dice.chance(0.4)
  const staleFor = dice.chance(0.6) ? dice.between(1_000, 4_900) : 0

  const program = Effect.gen(function* () {
    const provider = yield* makePutProvider(dice, time, staleFor)
    const kinds = Object.keys(putFaults) as [keyof typeof putFaults, ...Array<keyof typeof putFaults>]
    const trouble = dice.pick([0, 0.3, 0.6])
    yield* provider.emulator.inject(
      Array.from({ length: 20 }, (_, index) => {
        const lost = takenOver && index === 0 ? "dropped before" : "answered"
        const kind = !takenOver && dice.chance(trouble) ? dice.pick(kinds) : lost
        if (kind !== "answered") faults.set(kind, (faults.get(kind) ?? 0) + 1)
        return { operation: "UpdateUserQuotas", fault: putFaults[kind](dice) }
      })
    )
    const shared: PutShared = {
      time,
      provider,
      store: makeMemoryStore(),
      profile,
      holders: new Map(),
      processes: new Map(),
      sent: [],
      reads: [],
      faults
    }
    say(`${profile}, readings up to ${staleFor} ms old${disturbed ? ", with a console" : ""}`)
    yield* Effect.forEach(
      takenOver || dice.chance(0.5) ? ["a", "b"] : ["a"],
      (actor) =>
        perform(
          shared,
          takenOver ? stoppedAfterLook(dice, actor) : plan(dice, actor, profile),
          dice,
          say,
          reported
        ),
      { concurrency: "unbounded" }
    ).pipe(Effect.raceFirst(others(shared, dice, disturbed, say)))

    // The end: everything late has arrived, and a process in good health looks after the rest.
    yield* time.sleep(10 * 60_000)
    for (const process of shared.processes.values()) process.dead = true
    shared.holders.clear()
    const last = yield* startPutProcess(shared, "last", [])
    yield* last.account.changes.recover().pipe(Effect.orDie)
    yield* time.sleep(10 * 60_000)
    const intents = [...shared.store.accounts.values()].flatMap((account) => [...account.intents.values()])
    const outcomes = new Map<string, number>()
    for (const { after, closing, detail, evidence, id, member, metric, run, state, unanswered } of intents) {
      const outcome = outcomeOf[state]
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      say(
        `intent ${id}: ${run} ${metric} of ${member} to ${after}: ${state} ${evidence ?? ""} ${closing ?? ""} ${unanswered} ${detail ?? ""}`
      )
    }
    for (const { at, body, definite, intents: ids, process } of shared.sent)
      say(
        `sent at ${at} by ${process} for ${ids.join(", ")}: ${body}${definite ? "" : ", no definite answer"}`
      )
    const changes = yield* provider.changes()
    for (const { at, by, limits, member } of changes)
      say(`at ${at} by ${by}: ${member} ${JSON.stringify(limits)}`)
    const violations = checkPuts({
      intents,
      events: shared.store.events,
      changes,
      sent: shared.sent,
      reads: shared.reads,
      reported,
      readLag: Duration.toMillis(defaults.readLag)
    })
    return { violations, outcomes, requests: shared.sent.length }
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
  return { ...exit.value, faults, trace }
}

const planOperation = (dice: Dice, run: string): Operation => {
  const actionIn = (unit: string): Change.ActionInput =>
    dice.pick([
      { set: `${dice.between(1, 20)}${unit}` },
      { set: `${dice.between(1, 20)}${unit}` },
      { adjust: `${dice.between(1, 3)}${unit}` },
      { topUpTo: `${dice.between(1, 60)}${unit}` }
    ])
  const first = dice.pick(metrics)
  const chosen = dice.chance(0.3) ? [first, dice.pick(metrics)] : [first]
  const spec = Object.fromEntries(
    chosen.map((metric) => [metric, actionIn(metric === "video-minutes" ? " min" : "")])
  )
  return { run, member: dice.chance(0.7) ? members[0] : members[1], spec }
}

const planMishaps = (dice: Dice, profile: PutShared["profile"]): ReadonlyArray<PutMishap> => {
  const kinds: [PutMishap["kind"], ...Array<PutMishap["kind"]>] = ["kill", "kill at the write", "pause"]
  if (profile === "strict") kinds.push("hold stolen", "hold stolen")
  return Array.from({ length: dice.between(0, 2) }, () => ({
    point: dice.between(0, 30),
    kind: dice.pick(kinds),
    millis: dice.pick([dice.between(1, 4_000), dice.between(5_000, 80_000), dice.between(250_000, 400_000)])
  })).sort((a, b) => a.point - b.point)
}

interface Actor {
  readonly name: string
  readonly startsAt: number
  readonly operations: ReadonlyArray<Operation>
  /** For each of its processes. */
  readonly mishaps: () => ReadonlyArray<PutMishap>
}

const plan = (dice: Dice, name: string, profile: PutShared["profile"]): Actor => {
  const operations = Array.from({ length: dice.between(1, 4) }, (_, index) =>
    planOperation(dice, `${name}${index}`)
  )
  const [first] = operations
  return {
    name,
    startsAt: name === "b" ? dice.between(0, 60_000) : 0,
    operations: first !== undefined && dice.chance(0.3) ? [...operations, first] : operations,
    mishaps: () => planMishaps(dice, profile)
  }
}

/** The first process stands still between its look and the second send, and another one takes over. */
const stoppedAfterLook = (dice: Dice, name: string): Actor => {
  const stopped = [
    { point: 0, kind: "stopped after the look", millis: dice.between(260_000, 400_000) } as const
  ]
  const set = (value: number) => ({ "avatar-models": { set: `${value}` } })
  let started = 0
  return {
    name,
    startsAt: name === "b" ? dice.between(1, 10_000) : 0,
    operations: [{ run: name, member: members[0], spec: set(name === "a" ? 11 : dice.between(12, 20)) }],
    mishaps: () => (name === "a" && started++ === 0 ? stopped : [])
  }
}

/** Runs operations one after the other, restarting its process when it dies. */
const perform = Effect.fnUntraced(function* (
  shared: PutShared,
  { mishaps, name: actor, operations, startsAt }: Actor,
  dice: Dice,
  say: (line: string) => void,
  reported: Array<Reported>
) {
  const { time } = shared
  yield* time.sleep(startsAt)
  let process: PutProcess | undefined
  let started = 0
  for (const { member, run, spec } of operations) {
    for (let attempt = 0; attempt < 4; attempt++) {
      if (process === undefined || process.dead) {
        process = yield* startPutProcess(shared, `${actor}-${started++}`, mishaps())
      }
      const exit = yield* alive(
        process,
        process.account.quotas.change(member, spec, { run, waive: ["large-decrease", "below-usage"] })
      )
      if (exit === undefined) say(`${process.name} was killed`)
      else if (exit._tag === "Failure") say(`${process.name} failed: ${String(exit.cause).slice(0, 200)}`)
      else
        for (const { metric, outcome } of exit.value.results) {
          reported.push({ run, member, metric, outcome: outcome._tag })
          say(`${process.name}: ${run} ${metric} of ${member}: ${outcome._tag}`)
        }
      if (dice.chance(0.4)) {
        process.dead = true
        for (const [account, holder] of shared.holders) if (holder === process) shared.holders.delete(account)
      }
      yield* time.sleep(dice.pick([0, dice.between(0, 3_000), dice.between(0, 120_000)]))
      if (
        exit?._tag === "Success" &&
        exit.value.results.every(({ next }) => next !== "rerun" && next !== "wait")
      ) {
        break
      }
    }
  }
  if (process !== undefined) {
    process.dead = true
    for (const [account, holder] of shared.holders) if (holder === process) shared.holders.delete(account)
  }
})

/** The exit of the process's work, or `undefined` if it was killed on the way. */
const alive = <A, E>(
  process: PutProcess,
  work: Effect.Effect<A, E>
): Effect.Effect<Exit.Exit<A, E> | undefined> =>
  Effect.gen(function* () {
    const over = yield* Deferred.make<Exit.Exit<A, E> | undefined>()
    process.onDeath = () => void Deferred.doneUnsafe(over, Effect.succeed(undefined))
    yield* Effect.forkDetach(Effect.flatMap(Effect.exit(work), (exit) => Deferred.succeed(over, exit)))
    return yield* Deferred.await(over)
  })

/** What others do meanwhile: members use what they have; where it is allowed, a console is used. */
const others = (shared: PutShared, dice: Dice, disturbed: boolean, say: (line: string) => void) =>
  Effect.gen(function* () {
    for (;;) {
      yield* shared.time.sleep(dice.pick([dice.between(100, 4_000), dice.between(100, 120_000)]))
      const member = dice.pick(members)
      if (dice.chance(0.5)) yield* shared.provider.use(member, dice.between(1, 30))
      else if (disturbed) {
        const metric = dice.pick(metrics)
        const value = dice.between(1, 20)
        say(`console: ${metric} of ${member} ${value}`)
        yield* shared.provider.console(member, fields[metric], value)
      }
    }
  })
