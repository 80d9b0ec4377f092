/**
 * A simulated process that changes limits on an emulated absolute cloud: the real engine and the real
 * MetaStudio client, over a journal and a transport that can be killed or paused where they are called.
 */
import * as Account from "@cloud-quota/core/Account"
import type * as Journal from "@cloud-quota/core/Journal"
import { Journal as JournalReference, JournalError } from "@cloud-quota/core/Journal"
import * as Settlement from "@cloud-quota/core/Settlement"
import { Transport } from "@cloud-quota/core/Transport"
import { MetaStudio } from "@cloud-quota/metastudio"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { type MemoryStore, memoryJournal } from "../packages/core/src/journal/memoryJournal.ts"
import type { PutProvider } from "./putProvider.ts"
import { keeps } from "./rules.ts"
import type { VirtualTime } from "./virtualTime.ts"

/** What may happen to a process, at the first point that it passes from this one on. */
export interface PutMishap {
  readonly point: number
  /**
   * `kill at the write`: the request leaves, and its process is gone. `stopped after the look`: it loses
   * its hold and stands still once it has looked for a put without an answer.
   */
  readonly kind: "kill" | "kill at the write" | "pause" | "hold stolen" | "stopped after the look"
  readonly millis: number
}

/** A put that left. */
export interface SentPut {
  readonly process: string
  readonly member: string
  readonly body: string
  readonly intents: ReadonlyArray<string>
  readonly at: number
  /** Whether the provider gave a definite answer: it took effect by then, or never will. */
  definite: boolean
}

export interface PutShared {
  readonly time: VirtualTime
  readonly provider: PutProvider
  readonly store: MemoryStore
  readonly profile: Journal.Journal["profile"]
  readonly holders: Map<string, PutProcess>
  readonly processes: Map<string, PutProcess>
  readonly sent: Array<SentPut>
  /** When a process has read limits. */
  readonly reads: Array<{ readonly process: string; readonly at: number }>
  readonly faults: Map<string, number>
}

export interface PutProcess {
  readonly name: string
  readonly account: Account.Account["Service"]
  dead: boolean
  onDeath: () => void
  points: number
}

const definiteStatus = (status: number, body: string): boolean =>
  status < 500 && (status >= 400 || body === "")

export const startPutProcess = (
  shared: PutShared,
  name: string,
  mishaps: ReadonlyArray<PutMishap>
): Effect.Effect<PutProcess> =>
  Effect.gen(function* () {
    const { provider, time } = shared
    const trueClock = time.clock({ wall: 0, monotonic: 0 })
    const waiting = [...mishaps]
    let process: PutProcess

    const letGo = (): void => {
      for (const [account, holder] of shared.holders) if (holder === process) shared.holders.delete(account)
    }
    const die = (): void => {
      process.dead = true
      letGo()
      process.onDeath()
    }
    const take = (kinds: ReadonlyArray<PutMishap["kind"]>): PutMishap | undefined => {
      const index = waiting.findIndex(({ kind, point }) => point <= process.points && kinds.includes(kind))
      const [found] = index < 0 ? [] : waiting.splice(index, 1)
      if (found !== undefined) shared.faults.set(found.kind, (shared.faults.get(found.kind) ?? 0) + 1)
      return found
    }

    /** No process is stopped between arming and writing here: that hole is known, and documented. */
    const point = (kinds: ReadonlyArray<PutMishap["kind"]>): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (process.dead) return Effect.never
        process.points += 1
        const mishap = take(kinds)
        if (mishap === undefined) return Effect.void
        if (mishap.kind === "kill") {
          die()
          return Effect.never
        }
        if (mishap.kind === "hold stolen" || mishap.kind === "stopped after the look") letGo()
        return Effect.uninterruptible(time.sleep(mishap.millis))
      })

    const step = <A>(effect: Effect.Effect<A, JournalError>): Effect.Effect<A, JournalError> =>
      Effect.gen(function* () {
        yield* point(["kill", "pause", "hold stolen"])
        const result = yield* effect
        yield* point(["kill"])
        return result
      })

    const inner = memoryJournal({ store: shared.store, owner: name, profile: shared.profile })
    const holdInStore = inner.hold
    const lock = (account: string) =>
      Effect.acquireRelease(
        Effect.suspend(() => {
          const holder = shared.holders.get(account)
          if (holder !== undefined && holder !== process) {
            return Effect.fail(new JournalError({ kind: "busy", message: `held by ${holder.name}` }))
          }
          shared.holders.set(account, process)
          return Effect.void
        }),
        () =>
          Effect.sync(() => {
            if (shared.profile === "strict" && shared.holders.get(account) === process) {
              shared.holders.delete(account)
            }
          })
      )
    const journal: Journal.Journal = Object.assign(inner, {
      isDead: (owner: string) =>
        Effect.sync(() => shared.profile === "local" || shared.processes.get(owner)?.dead === true),
      hold: (account: string) =>
        Effect.gen(function* () {
          yield* lock(account)
          const hold = yield* holdInStore(account)
          return {
            fence: hold.fence,
            account: step(hold.account),
            isNew: step(hold.isNew),
            members: step(hold.members),
            intents: (filter) => step(hold.intents(filter)),
            standing: (member, run) => step(hold.standing(member, run)),
            insert: (intents, state, marks) => step(hold.insert(intents, state, marks)),
            advance: (one) => step(hold.advance(one)),
            amend: (all) => step(hold.amend(all)),
            learn: (withdrawal, evidence, seen) => step(hold.learn(withdrawal, evidence, seen)),
            baseline: (members) => step(hold.baseline(members))
          } satisfies Journal.Hold
        })
    } satisfies Partial<Journal.Journal>)

    const armed = (member: string): ReadonlyArray<string> =>
      [...shared.store.accounts.values()].flatMap(({ intents }) =>
        [...intents.values()]
          .filter((one) => one.owner === name || one.state === "sending")
          .filter((one) => one.member === member && one.state === "sending")
          .map(({ id }) => id)
      )

    const overProvider = (request: Parameters<Transport["request"]>[0]) =>
      Effect.provideService(provider.request(request), Clock.Clock, trueClock)

    const transport: Transport = {
      ...provider.transport,
      request: (request) =>
        Effect.gen(function* () {
          yield* point(["kill"])
          const [, member] = /\/user\/quotas\/([^/?]+)$/.exec(request.url.pathname) ?? []
          if (request.method !== "PUT" || member === undefined) {
            const answer = yield* Effect.exit(overProvider(request))
            const isReading = request.url.pathname.endsWith("/user/quotas")
            if (isReading) shared.reads.push({ process: name, at: time.now() })
            const isLook = shared.sent.findLast((put) => put.process === name)?.definite === false
            yield* point(
              isReading
                ? ["kill", "pause", "hold stolen", ...(isLook ? (["stopped after the look"] as const) : [])]
                : ["kill"]
            )
            return yield* answer
          }
          const put: SentPut = {
            process: name,
            member,
            body: request.body === undefined ? "" : Redacted.value(request.body),
            intents: armed(member),
            at: time.now(),
            definite: false
          }
          shared.sent.push(put)
          if (take(["kill at the write"]) !== undefined) {
            yield* Effect.forkDetach(Effect.ignore(overProvider(request)))
            yield* time.sleep(0)
            die()
            return yield* Effect.never
          }
          const answer = yield* Effect.exit(overProvider(request))
          if (process.dead) return yield* Effect.never
          if (answer._tag === "Success") {
            put.definite = definiteStatus(answer.value.status, answer.value.body)
          }
          yield* point(["kill"])
          const whole = yield* answer
          // The tempting conclusion: a code of a refusal is one, whatever the status.
          return !keeps("5xx-proves-nothing") && whole.status >= 500 ? { ...whole, status: 400 } : whole
        })
    }

    const { accessKey, projectId, secretKey } = MetaStudioEmulator.defaults
    const services = yield* Layer.buildWithScope(
      MetaStudio.layer({
        endpoint: "http://127.0.0.1:1",
        projectId,
        credentials: { accessKey, secretKey: Redacted.make(secretKey) }
      }).pipe(Layer.fresh, Layer.orDie),
      yield* Scope.make()
    ).pipe(
      Effect.provideService(JournalReference, journal),
      Effect.provideService(Transport, transport),
      Effect.provideService(Settlement.Settlement, Settlement.defaults)
    )
    process = {
      name,
      account: Context.get(services, Account.Account),
      dead: false,
      onDeath: () => {},
      points: 0
    }
    shared.processes.set(name, process)
    return process
  })
