/**
 * A simulated process: the real engine and the real client over a journal and a transport that can
 * be killed, paused, suspended or interrupted wherever they are called.
 */
import * as Account from "@cloud-quota/core/Account"
import type * as Journal from "@cloud-quota/core/Journal"
import { Journal as JournalReference, JournalError } from "@cloud-quota/core/Journal"
import type * as Report from "@cloud-quota/core/Report"
import * as Settlement from "@cloud-quota/core/Settlement"
import {
  Transport,
  TransportError,
  type DedicatedConnection,
  type Response
} from "@cloud-quota/core/Transport"
import { CompShareClient } from "@cloud-quota/compshare"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { privateKey, publicKey } from "../packages/compshare/src/emulator/CompShareEmulator.ts"
import { makeDriver } from "../packages/compshare/src/driver/driver.ts"
import { attemptKey, attemptsOf } from "../packages/core/src/engine/attempts.ts"
import { type MemoryStore, memoryJournal } from "../packages/core/src/journal/memoryJournal.ts"
import type { JournalCopies } from "./journalCopies.ts"
import type { Traits } from "./mishaps.ts"
import { attemptHeader, type Provider } from "./provider.ts"
import { keeps } from "./rules.ts"
import type { ClockError, VirtualTime } from "./virtualTime.ts"
import type { Mishap, PlannedMishap } from "./mishaps.ts"

/** A request that left, as the process saw it. */
export interface SentRequest {
  readonly process: string
  readonly intents: ReadonlyArray<string>
  readonly at: number
  /** Whether the provider's own word came back that it was done. */
  answered: boolean
  /** When the process knew how it ended; absent if it never did. */
  endedAt?: number
  /** What was wrong with the journal at that moment, if anything. */
  readonly unrecorded?: string
  /** Whether the process was stopped between the last check and the write. */
  readonly stopped: boolean
}

/** What a call said, and from when to when it took. */
export interface Said {
  readonly process: string
  readonly run: string
  readonly results: ReadonlyArray<Report.Result>
  readonly from: number
  readonly at: number
}

/** What all processes of a history share. */
export interface Shared extends Traits {
  readonly time: VirtualTime
  readonly provider: Provider
  readonly store: MemoryStore
  readonly copies: JournalCopies
  /** Who holds an account. */
  readonly holders: Map<string, SimulatedProcess>
  readonly processes: Map<string, SimulatedProcess>
  readonly sent: Array<SentRequest>
  readonly reports: Array<Said>
  /** What was learnt about withdrawals, each time. */
  readonly learnt: Array<Journal.Withdrawal>
  readonly mishaps: Map<string, number>
}

export interface SimulatedProcess {
  readonly name: string
  readonly account: Account.Account["Service"]
  /** What its work has to be run with: the clocks of its machine. */
  readonly clock: Clock.Clock
  dead: boolean
  /** Called when the process is killed. */
  onDeath: () => void
  /** The fiber that the process works in, to be interrupted. */
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** How many points it has passed. */
  points: number
}

export const teamKeyScope = "1001"

/** Starts a process: a fresh journal connection, a fresh client, clocks of its own. */
export const startProcess = (
  shared: Shared,
  name: string,
  clockError: ClockError,
  planned: ReadonlyArray<PlannedMishap>
): Effect.Effect<SimulatedProcess> =>
  Effect.gen(function* () {
    const { provider, time } = shared
    const trueClock = time.clock({ wall: 0, monotonic: 0 })
    const clock = time.clock(clockError)
    const waiting = [...planned]
    let process: SimulatedProcess

    const die = (): void => {
      process.dead = true
      for (const [account, holder] of shared.holders) if (holder === process) shared.holders.delete(account)
      if (!keeps("write-ahead")) forget(shared.store, name)
      // A process that lives has the file open, and would notice that it was replaced.
      if ([...shared.processes.values()].every(({ dead }) => dead)) shared.copies.restore()
      process.onDeath()
    }

    /** A point where something may happen. `failing` tells a step of the journal that it fails. */
    const point = (journalStep = false): Effect.Effect<"go on" | "fail before" | "fail after"> =>
      Effect.suspend(() => {
        if (process.dead) return Effect.never
        const at = process.points++
        const index = waiting.findIndex(
          ({ mishap, point: planned }) =>
            planned <= at &&
            mishap._tag !== "stopped at the write" &&
            (journalStep || mishap._tag !== "journal fails")
        )
        const next = waiting[index]?.mishap
        if (next === undefined || next._tag === "stopped at the write")
          return Effect.succeed("go on" as const)
        waiting.splice(index, 1)
        shared.mishaps.set(next._tag, (shared.mishaps.get(next._tag) ?? 0) + 1)
        return happen(next)
      })

    const happen = (
      mishap: Exclude<Mishap, { readonly _tag: "stopped at the write" }>
    ): Effect.Effect<"go on" | "fail before" | "fail after"> => {
      const goOn = Effect.succeed("go on" as const)
      switch (mishap._tag) {
        case "kill":
          die()
          return Effect.never
        case "interrupt":
          process.fiber?.interruptUnsafe()
          return Effect.andThen(time.sleep(0), goOn)
        case "pause":
          return Effect.uninterruptible(Effect.andThen(time.sleep(mishap.millis), goOn))
        case "suspend":
          clockError.monotonic -= mishap.millis
          return Effect.uninterruptible(Effect.andThen(time.sleep(mishap.millis), goOn))
        case "clock jumps":
          clockError.wall += mishap.millis
          return goOn
        case "journal copied":
          shared.copies.copy()
          return goOn
        case "journal fails":
          return Effect.succeed(mishap.after ? "fail after" : "fail before")
        case "hold stolen":
          for (const [account, holder] of shared.holders)
            if (holder === process) shared.holders.delete(account)
          return Effect.uninterruptible(Effect.andThen(time.sleep(mishap.millis), goOn))
      }
    }

    const around = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.gen(function* () {
        yield* point()
        const result = yield* Effect.exit(effect)
        yield* point()
        return yield* result
      })

    const step = <A>(effect: Effect.Effect<A, JournalError>): Effect.Effect<A, JournalError> =>
      Effect.gen(function* () {
        const before = yield* point(true)
        if (before === "fail before") return yield* broken
        const result = yield* effect
        const after = yield* point(true)
        if (before === "fail after" || after !== "go on") return yield* broken
        return result
      })
    const broken = new JournalError({ kind: "failed", message: "the disk is full" })

    shared.copies.open()
    const journal = simulatedJournal(shared, () => process, name, step)
    const dated = (response: Response): Response => {
      const { date: _, ...headers } = response.headers
      if (!shared.dated) return { ...response, headers }
      if (keeps("provider-time")) return response
      const ownTime = clock.currentTimeMillisUnsafe()
      return { ...response, headers: { ...headers, date: new Date(ownTime).toUTCString() } }
    }
    const transport: Transport = {
      request: (request) =>
        Effect.map(
          around(Effect.provideService(provider.emulator.transport.request(request), Clock.Clock, trueClock)),
          dated
        ),
      open: (origin) =>
        Effect.gen(function* () {
          yield* point()
          const line = yield* Effect.provideService(
            provider.emulator.transport.open(origin),
            Clock.Clock,
            trueClock
          )
          yield* point()
          return simulatedLine(shared, () => process, line, point, die, waiting, trueClock)
        })
    }

    const client = CompShareClient.layer({
      teamId: Number(teamKeyScope),
      publicKey,
      privateKey: Redacted.make(privateKey),
      endpoint: "https://compshare.test"
    })
    const driver = Effect.map(CompShareClient.CompShareClient, (made) => {
      const all = makeDriver(made, Number(teamKeyScope))
      if (shared.withLog || all.write._tag !== "Delta") return all
      const { log: _, ...write } = all.write
      return { ...all, write }
    })
    const services = yield* Layer.buildWithScope(
      Account.layer(driver).pipe(Layer.provide(client), Layer.orDie),
      yield* Scope.make()
    ).pipe(
      Effect.provideService(JournalReference, journal),
      Effect.provideService(Transport, transport),
      Effect.provideService(Settlement.Settlement, shared.timings)
    )
    process = {
      name,
      account: Context.get(services, Account.Account),
      clock,
      dead: false,
      onDeath: () => {},
      fiber: undefined,
      points: 0
    }
    shared.processes.set(name, process)
    return process
  })

/** Without a durable write before the request, a killed process leaves nothing of what it was at. */
const forget = (store: MemoryStore, owner: string): void => {
  for (const { intents } of store.accounts.values()) {
    for (const [id, intent] of intents) {
      if (intent.owner === owner && (intent.state === "prepared" || intent.state === "sending"))
        intents.delete(id)
    }
  }
}

const simulatedJournal = (
  shared: Shared,
  self: () => SimulatedProcess,
  owner: string,
  step: <A>(effect: Effect.Effect<A, JournalError>) => Effect.Effect<A, JournalError>
): Journal.Journal => {
  const { copies, holders, learnt, profile, provable, store } = shared
  const inner = memoryJournal({ store, owner, profile })
  const holdInStore = inner.hold
  const attempts = attemptsOf(inner)
  const writtenDown = new Map<string, bigint>()
  if (!keeps("own-base")) {
    const set = attempts.ends.set.bind(attempts.ends)
    attempts.ends.set = (key, end) => set(key, { ...end, at: writtenDown.get(key) ?? end.at })
  }

  const isDead = (other: string): Effect.Effect<boolean> =>
    Effect.sync(() => {
      if (profile === "local") return true
      return provable && shared.processes.get(other)?.dead === true
    })

  /** On one host the lock is kept for the life of the process; elsewhere while the account is held. */
  const lock = (account: string) =>
    Effect.acquireRelease(
      Effect.suspend(() => {
        const holder = holders.get(account)
        const taken = holder !== undefined && holder !== self()
        if (taken && keeps("one-holder") && keeps("lock-proves-death")) {
          return Effect.fail(new JournalError({ kind: "busy", message: `held by ${holder.name}` }))
        }
        holders.set(account, self())
        return Effect.void
      }),
      () =>
        Effect.sync(() => {
          if (profile === "strict" && holders.get(account) === self()) holders.delete(account)
        })
    )

  /** Marked before what may be sent is sent, so that a copy from before it is known to be one. */
  const armed = (to: Journal.State) =>
    Effect.sync(() => {
      if (to === "sending" && keeps("mark-when-armed")) copies.mark()
    })

  return Object.assign(inner, {
    kind: "sqlite",
    isDead,
    hold: (account: string) =>
      Effect.gen(function* () {
        yield* lock(account)
        const record = store.accounts.get(account)
        // Without one holder there is no fence either that could tell them apart.
        if (!keeps("one-holder") && record !== undefined) record.fence = 0
        const hold = yield* holdInStore(account)
        yield* Effect.acquireRelease(
          Effect.sync(() => copies.mark()),
          () => Effect.sync(() => (self().dead ? undefined : copies.mark()))
        )
        yield* step(Effect.void)
        const clock = yield* Clock.Clock
        return {
          fence: hold.fence,
          account: step(hold.account),
          isNew: step(hold.isNew),
          members: step(hold.members),
          intents: (filter) => step(hold.intents(filter)),
          standing: (member, run) => step(hold.standing(member, run)),
          insert: (intents, state, marks) =>
            step(
              Effect.tap(hold.insert(intents, state, marks), (inserted) =>
                Effect.sync(() => {
                  if (state === "sending" && keeps("mark-when-armed")) copies.mark()
                  for (const intent of inserted ?? []) {
                    writtenDown.set(attemptKey(intent), clock.monotonicTimeNanosUnsafe())
                  }
                })
              )
            ),
          advance: (one) => step(Effect.tap(hold.advance(one), () => armed(one.to))),
          amend: (all) => step(hold.amend(all)),
          learn: (withdrawal, evidence, seen) =>
            step(
              Effect.tap(hold.learn(withdrawal, evidence, seen), (noted) =>
                Effect.sync(() => noted && learnt.push(withdrawal))
              )
            ),
          baseline: (members: Parameters<Journal.Hold["baseline"]>[0]) => step(hold.baseline(members))
        }
      })
  } satisfies Partial<Journal.Journal>)
}

/** The line that money goes over: what is sent is recorded, and may be the last thing the process does. */
const simulatedLine = (
  shared: Shared,
  self: () => SimulatedProcess,
  line: DedicatedConnection,
  point: () => Effect.Effect<unknown>,
  die: () => void,
  waiting: Array<PlannedMishap>,
  trueClock: Clock.Clock
): DedicatedConnection => {
  const { sent, store, time } = shared
  const letGo = () => {
    for (const [account, holder] of shared.holders) if (holder === self()) shared.holders.delete(account)
  }
  const send: DedicatedConnection["send"] = (request, check) =>
    Effect.gen(function* () {
      const body = new URLSearchParams(request.body === undefined ? "" : Redacted.value(request.body))
      const members = [...body].flatMap(([key, value]) =>
        key.startsWith("VirtualCompanyId.") ? [value] : []
      )
      const armed = members.map((member) => [member, armedIntent(store, self().name, member)?.id] as const)
      const unarmed = armed.filter(([, id]) => id === undefined).map(([member]) => member)
      const record: SentRequest = {
        process: self().name,
        intents: armed.flatMap(([, id]) => id ?? []),
        at: time.now(),
        answered: false,
        ...(unarmed.length === 0 ? {} : { unrecorded: `no armed intent for ${unarmed.join(", ")}` }),
        stopped: false
      }
      let killed = false
      /** This request, once it has left. */
      let own: SentRequest | undefined
      const leave = (stopped: boolean) => {
        own = { ...record, at: time.now(), stopped }
        sent.push(own)
      }
      const stop = waiting.findIndex(
        (one) => one.point <= self().points && one.mishap._tag === "stopped at the write"
      )
      const [stopped] = stop >= 0 ? waiting.splice(stop, 1) : []
      const checked = () => {
        if (!check()) return false
        leave(stopped !== undefined)
        // The point between the write and the answer.
        const at = self().points++
        const index = waiting.findIndex((one) => one.point <= at && one.mishap._tag === "kill")
        if (index >= 0) {
          waiting.splice(index, 1)
          shared.mishaps.set("kill", (shared.mishaps.get("kill") ?? 0) + 1)
          killed = true
          die()
        }
        return true
      }
      const attempts = armed.map(([member, id]) => `${member}=${id ?? ""}`).join(",")
      const marked = { ...request, headers: { ...request.headers, [attemptHeader]: attempts } }
      const over = (one: DedicatedConnection, may: () => boolean) =>
        Effect.provideService(one.send(marked, may), Clock.Clock, trueClock)
      let mayWrite = checked
      if (stopped?.mishap._tag === "stopped at the write") {
        if (!check()) return yield* Effect.fail(refused)
        shared.mishaps.set(stopped.mishap._tag, (shared.mishaps.get(stopped.mishap._tag) ?? 0) + 1)
        // Where several hosts share a journal, a host that stands still loses its hold.
        if (shared.profile === "strict") letGo()
        yield* Effect.uninterruptible(time.sleep(stopped.mishap.millis))
        // Another fiber may have come to the point where the process is killed.
        if (self().dead) return yield* Effect.never
        mayWrite = () => {
          leave(true)
          return true
        }
      }
      const answer = yield* Effect.exit(
        !keeps("send-once")
          ? Effect.catch(over(line, mayWrite), (error) => again(error, marked))
          : over(line, mayWrite)
      )
      if (killed || self().dead) return yield* Effect.never
      // What was refused at the last moment has not left.
      if (own !== undefined) {
        own.endedAt = time.now()
        own.answered = answer._tag === "Success" && /"RetCode":0\b/.test(answer.value.body)
      }
      yield* point()
      const whole = yield* answer
      return !keeps("failed-members")
        ? { ...whole, body: whole.body.replace(/"FailedMembers"/, `"Ignored"`) }
        : whole
    })

  /** What a retry layer below would do. */
  const again = (error: TransportError, request: Parameters<DedicatedConnection["send"]>[0]) =>
    error.phase === "not-sent"
      ? Effect.fail(error)
      : Effect.provideService(shared.provider.emulator.transport.request(request), Clock.Clock, trueClock)

  return { ...line, send }
}

const refused = new TransportError({ phase: "not-sent", kind: "refused-by-check", message: "refused" })

const armedIntent = (store: MemoryStore, owner: string, member: string): Journal.Intent | undefined => {
  for (const { intents } of store.accounts.values()) {
    for (const intent of intents.values()) {
      if (intent.owner === owner && intent.member === member && intent.state === "sending") return intent
    }
  }
  return undefined
}

/** How long after its end a request may still take effect at the provider: within what is waited out. */
export const longestLateness = Duration.toMillis(Duration.seconds(75))
