/**
 * The emulated provider of a history: the emulator's own machine, with a record of what each request
 * changed, readings that may be a little old, and faults by seed.
 */
import * as Emulator from "@cloud-quota/core/Emulator"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { makeMachine } from "../packages/compshare/src/internal/emulatorActions.ts"
import {
  makeWorld,
  move,
  stateOf,
  changeAvailable
} from "../packages/compshare/src/internal/emulatorWorld.ts"
import { privateKey, publicKey } from "../packages/compshare/src/CompShareEmulator.ts"
import type { MemberState } from "../packages/compshare/src/CompShareEmulator.ts"
import type { Dice } from "./random.ts"

/**
 * The header in which a simulated process tells which intent a request is for, by member, as
 * `60001=3,60002=4`. Headers are not signed.
 */
export const attemptHeader = "x-simulated-attempt"

/** Money that a request of ours moved. */
export interface Commit {
  /** The intent that it was sent for. */
  readonly intent: string
  readonly member: string
  /** Fen; negative for a withdrawal. */
  readonly amount: bigint
  /** The member's limit afterwards, in fen. */
  readonly allocated: bigint
  readonly at: number
}

export interface ProviderSettings {
  readonly members: ReadonlyArray<Partial<MemberState> & Pick<MemberState, "virtualCompanyId">>
  readonly withdrawLowersAllocated: boolean
  readonly adminBalanceFen: bigint
  /** How old a reading may be, in milliseconds. 0: always fresh. */
  readonly staleFor: number
}

export interface Provider {
  readonly emulator: Emulator.Emulator
  readonly commits: ReadonlyArray<Commit>
  readonly members: () => ReadonlyArray<MemberState>
  readonly spend: (member: number, share: number) => void
  readonly refund: (member: number, fen: bigint) => void
  /** What an administrator does in the console. Positive amounts allocate. */
  readonly console: (member: number, fen: bigint, now: number) => void
}

export const makeProvider = (settings: ProviderSettings, dice: Dice): Effect.Effect<Provider> =>
  Effect.gen(function* () {
    const world = makeWorld({ ...settings, teamId: 1001 })
    const inner = makeMachine(world, { publicKey, privateKey, securityToken: undefined }, 1)
    const commits: Array<Commit> = []
    let lastReading: Emulator.WireRequest | undefined
    let stale: { readonly response: Emulator.WireResponse; readonly until: number } | undefined

    const allocatedOf = (member: number): bigint =>
      stateOf(world).members.find(({ virtualCompanyId }) => virtualCompanyId === member)?.allocatedFen ?? 0n

    /** Before something changes, keeps what a lagging replica would still say. */
    const keepReading = (now: number): void => {
      if (lastReading === undefined || settings.staleFor === 0) return
      stale = { response: inner.handle(lastReading, now), until: now + settings.staleFor }
    }

    const machine: Emulator.Machine = {
      operation: inner.operation,
      handle: (request, now) => {
        const operation = inner.operation(request)
        if (operation === "GetCompShareTeamInfo") {
          lastReading = request
          return stale !== undefined && now < stale.until && dice.chance(0.5)
            ? stale.response
            : inner.handle(request, now)
        }
        if (operation !== "SetCompShareTeamAmount") return inner.handle(request, now)
        keepReading(now)
        const before = world.ledger.length
        const intents = new Map((request.headers[attemptHeader] ?? "").split(",").map((pair) => pairOf(pair)))
        const response = inner.handle(request, now)
        for (const { amountFen, member, operateType } of world.ledger.slice(before)) {
          commits.push({
            intent: intents.get(`${member}`) ?? "",
            member: `${member}`,
            amount: operateType === "AllocateAmount" ? amountFen : -amountFen,
            allocated: allocatedOf(member),
            at: now
          })
        }
        return response
      }
    }
    const emulator = yield* Emulator.make(machine, { keepRequests: 1 })
    return {
      emulator,
      commits,
      members: () => stateOf(world).members,
      spend: (member, share) => {
        const available =
          stateOf(world).members.find((one) => one.virtualCompanyId === member)?.availableFen ?? 0n
        changeAvailable(world, member, -((available * BigInt(Math.floor(share * 100))) / 100n))
      },
      refund: (member, fen) => changeAvailable(world, member, fen),
      console: (member, fen, at) => {
        keepReading(at)
        move(world, {
          operateType: fen > 0n ? "AllocateAmount" : "WithdrawAmount",
          member,
          amountFen: fen > 0n ? fen : -fen,
          at,
          origin: { source: "console" }
        })
      }
    }
  })

const pairOf = (text: string): [string, string] => {
  const [member = "", intent = ""] = text.split("=")
  return [member, intent]
}

/** Faults that a history injects, by kind, so that they can be counted. */
export const changeFaults = {
  answered: () => plain,
  "dropped before": () => ({ _tag: "drop-before" }) as const,
  "dropped after": () => ({ _tag: "drop-after" }) as const,
  "lost and late": (dice: Dice) =>
    ({ _tag: "lose-late", delay: Duration.millis(dice.between(1, 59_000)) }) as const,
  "answered late": (dice: Dice) =>
    ({ _tag: "late", delay: Duration.millis(dice.between(1, 59_000)) }) as const,
  "no answer": () => ({ _tag: "hang" }) as const,
  "gateway timeout": (dice: Dice) => answer(200, `{"RetCode":110,"Message":"timeout"}`, dice.chance(0.5)),
  unavailable: (dice: Dice) => answer(200, `{"RetCode":150,"Message":"unavailable"}`, dice.chance(0.5)),
  "gateway failure": (dice: Dice) => answer(200, `{"RetCode":130,"Message":"gateway"}`, dice.chance(0.5)),
  throttled: () => answer(200, `{"RetCode":153,"Message":"slow down"}`, false),
  "unknown code": (dice: Dice) => answer(200, `{"RetCode":99999,"Message":"?"}`, dice.chance(0.5)),
  html: (dice: Dice) => answer(502, "<html>bad gateway</html>", dice.chance(0.5)),
  empty: (dice: Dice) => answer(200, "", dice.chance(0.5)),
  truncated: () => ({ _tag: "truncate" }) as const,
  redirected: (dice: Dice) =>
    ({
      _tag: "answer",
      response: { status: 307, headers: { location: "http://127.0.0.1/" }, body: "" },
      effect: dice.chance(0.5)
    }) as const,
  rejected: () => answer(200, `{"RetCode":220,"Message":"Missing params [TeamId]"}`, false),
  "member refused": () =>
    ({
      _tag: "answer",
      effect: false,
      response: {
        status: 200,
        headers: {},
        body: `{"RetCode":0,"FailedMembers":{"60001":{"Code":17001,"Message":"no"},"60002":{"Code":17001,"Message":"no"}}}`
      }
    }) as const
} satisfies Readonly<Record<string, (dice: Dice) => Emulator.Fault>>

export type ChangeFault = keyof typeof changeFaults

/** No fault at all: the provider's own answer. */
const plain: Emulator.Fault = { _tag: "rewrite", body: (body) => body }

const answer = (status: number, body: string, effect: boolean): Emulator.Fault => ({
  _tag: "answer",
  response: { status, headers: {}, body },
  effect
})

/** What goes wrong with readings: they are repeated by the client, and change nothing. */
export const readFaults = {
  answered: () => plain,
  "reading dropped": () => ({ _tag: "drop-before" }) as const,
  "reading failed": () => answer(503, "", false)
} satisfies Readonly<Record<string, () => Emulator.Fault>>

export type ReadFault = keyof typeof readFaults
