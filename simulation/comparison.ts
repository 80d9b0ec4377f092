/**
 * The same faults for everybody: how often each client sends one allocation, how often the money
 * comes, and whether the caller is told the truth.
 */
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import type { Emulator } from "@cloud-quota/core/testing"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import { allocation, clients, type QuotaClient, type Said } from "./quotaClients.ts"
import { makeDice } from "./random.ts"
import { makeVirtualTime } from "./virtualTime.ts"

/** What goes wrong with a request that moves money. Readings are left alone, but for a refused connection. */
export type Trouble = Emulator.Fault | { readonly _tag: "none" } | { readonly _tag: "refuse-connection" }

/** How often it goes wrong, and what the caller does about an error. */
export interface Situation {
  readonly times: "once" | "always"
  readonly caller: "stops" | "again"
}

/** All of them: the trouble passes or stays, and the caller takes no for an answer or tries once more. */
export const situations: ReadonlyArray<Situation> = [
  { times: "once", caller: "stops" },
  { times: "once", caller: "again" },
  { times: "always", caller: "stops" },
  { times: "always", caller: "again" }
]

const answer = (status: number, body: string, effect: boolean): Trouble => ({
  _tag: "answer",
  response: { status, headers: {}, body },
  effect
})
const retCode = (code: number, effect: boolean) => answer(200, `{"RetCode":${code},"Message":"?"}`, effect)
const failedMember = `{"RetCode":0,"FailedMembers":{"${allocation.member}":{"Code":17001,"Message":"?"}}}`

/** Within the provider's own limit of 60 seconds, and beyond what the SDKs wait. */
const delay = Duration.seconds(45)

const statuses: Readonly<Record<string, Trouble>> = Object.fromEntries(
  [429, 500, 502, 503].flatMap((status) => [
    [`HTTP ${status}, nothing done`, answer(status, "", false)],
    [`HTTP ${status}, done all the same`, answer(status, "", true)]
  ])
)

/** Everything that may happen to the request, by what it is called. */
export const troubles: Readonly<Record<string, Trouble>> = {
  answered: { _tag: "none" },
  "RetCode 0, and 17001 for the member in FailedMembers": answer(200, failedMember, false),
  "RetCode 17001 for the whole request, nothing done": retCode(17001, false),
  "RetCode 17001 for the whole request, done all the same": retCode(17001, true),
  "RetCode 153 (too many requests), nothing done": retCode(153, false),
  "RetCode 110 (gateway timeout), done all the same": retCode(110, true),
  ...statuses,
  "connection refused": { _tag: "refuse-connection" },
  "connection dropped, nothing done": { _tag: "drop-before" },
  "connection dropped, done": { _tag: "drop-after" },
  "answered after 45 s, done only then": { _tag: "late", delay },
  "connection dropped, done 45 s later": { _tag: "lose-late", delay }
}

/** How one case ended. */
export interface Ending {
  /** Requests for the allocation that reached the provider. */
  readonly sent: number
  /** How often the money came. */
  readonly came: number
  /** What the caller was told last. */
  readonly said: Said
}

/** The money came more than once. */
export const isDouble = ({ came }: Ending): boolean => came > 1

/** The caller was told that it failed, and the money came. */
export const isFalseFailure = ({ came, said }: Ending): boolean => said === "failed" && came > 0

/** The caller was told that it is done, and no money came. */
export const isFalseSuccess = ({ came, said }: Ending): boolean => said === "done" && came === 0

/** The caller was told what is not so. */
export const isWrong = (ending: Ending): boolean => isFalseFailure(ending) || isFalseSuccess(ending)

/** Plays one case in virtual time, until the last late request has arrived. */
export const play = (client: QuotaClient, trouble: Trouble, { caller, times }: Situation): Ending =>
  inVirtualTime(
    Effect.scoped(
      Effect.gen(function* () {
        const emulator = yield* CompShareEmulator.make({
          members: [{ virtualCompanyId: allocation.member, allocatedFen: 100_000n }]
        })
        const call = yield* client.prepare(emulator.transport)
        yield* cause(emulator, trouble, times === "once" ? 1 : Number.POSITIVE_INFINITY)
        const first = yield* call
        const said = first !== "done" && caller === "again" ? yield* call : first
        yield* Effect.sleep(Duration.minutes(10))
        const { length: came } = yield* emulator.ledger
        return { sent: yield* emulator.count(operation), came, said }
      })
    )
  )

const operation = "SetCompShareTeamAmount"

const cause = (
  emulator: CompShareEmulator.CompShareEmulator,
  trouble: Trouble,
  times: number
): Effect.Effect<void> => {
  switch (trouble._tag) {
    case "none":
      return Effect.void
    case "refuse-connection":
      return emulator.refuseConnections(times)
    default:
      return emulator.inject({ operation, fault: trouble, times })
  }
}

const inVirtualTime = <A>(program: Effect.Effect<A>): A => {
  const seed = 1
  const time = makeVirtualTime(makeDice(seed))
  const fiber = Effect.runFork(
    program.pipe(
      Effect.provideService(Clock.Clock, time.clock({ wall: 0, monotonic: 0 })),
      Effect.provideService(Scheduler.Scheduler, time.scheduler),
      Random.withSeed(seed)
    ),
    { scheduler: time.scheduler }
  )
  time.run(fiber)
  const exit = fiber.pollUnsafe()
  if (exit?._tag !== "Success")
    throw new Error(exit === undefined ? "the case stands still" : String(exit.cause))
  return exit.value
}

/** One client under one trouble, in the order of {@link situations}. */
export interface Row {
  readonly client: QuotaClient
  readonly endings: ReadonlyArray<Ending>
}

/** Everybody under one trouble. */
export interface Table {
  readonly trouble: string
  readonly rows: ReadonlyArray<Row>
}

/** Plays everything. */
export const compare = (): ReadonlyArray<Table> =>
  Object.entries(troubles).map(([name, trouble]) => ({
    trouble: name,
    rows: Object.values(clients).map((client) => ({
      client,
      endings: situations.map((situation) => play(client, trouble, situation))
    }))
  }))
