/**
 * The emulated provider of a history: the emulator's own machine, with a record of what each request
 * changed, readings that may be a little old, a log whose entries come late, requests that are delivered
 * twice, people who use its console, and faults by seed.
 */
import * as Emulator from "@cloud-quota/core/testing/Emulator"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { makeMachine } from "../packages/compshare/src/emulator/actions.ts"
import { makeWorld } from "../packages/compshare/src/emulator/makeWorld.ts"
import { type LogEntry, changeAvailable, move, stateOf } from "../packages/compshare/src/emulator/world.ts"
import { privateKey, publicKey } from "../packages/compshare/src/emulator/CompShareEmulator.ts"
import type { MemberState } from "../packages/compshare/src/emulator/CompShareEmulator.ts"
import type { Dice } from "./random.ts"
import { epoch } from "./virtualTime.ts"

/**
 * The header in which a simulated process tells which intent a request is for, by member, as
 * `60001=3,60002=4`. Headers are not signed.
 */
export const attemptHeader = "x-simulated-attempt"

/** Money that a request of ours moved. Times are true milliseconds since the history began. */
export interface Commit {
  /** The intent that it was sent for. */
  readonly intent: string
  readonly member: string
  /** Fen; negative for a withdrawal. */
  readonly amount: bigint
  /** The member's limit afterwards, in fen. */
  readonly allocated: bigint
  readonly at: number
  /** Whether the provider carried out a request that it had carried out before. */
  readonly again: boolean
}

/** What is wrong with a provider that does what it promises, and with one that does not. */
export interface ProviderTraits {
  readonly withdrawLowersAllocated: boolean
  /** How old a reading may be, in milliseconds. 0: always fresh. */
  readonly staleFor: number
  /** How late an entry of the operate log may appear, each on its own, in milliseconds. */
  readonly logLag: number
  /** How often a request is carried out twice, from 0 to 1. */
  readonly doubles: number
  /** How often a colleague changes another member when a request arrives, from 0 to 1. */
  readonly colleagues: number
  /** How often a person changes a member that is being changed when a request arrives, from 0 to 1. */
  readonly console: number
}

export interface ProviderSettings extends ProviderTraits {
  readonly members: ReadonlyArray<Partial<MemberState> & Pick<MemberState, "virtualCompanyId">>
  readonly adminBalanceFen: bigint
  /** The member whom only colleagues change. */
  readonly bystander: number
}

export interface Provider {
  readonly emulator: Emulator.Emulator
  readonly commits: ReadonlyArray<Commit>
  /** The members that were changed in the console; the bystander is not among them. */
  readonly touched: ReadonlySet<string>
  /** Every limit that a member had from some instant on, in fen, oldest first. */
  readonly limits: ReadonlyArray<{ readonly member: string; readonly fen: bigint; readonly from: number }>
  readonly spend: (member: number, share: number, now: number) => void
  readonly refund: (member: number, fen: bigint, now: number) => void
  /** What an administrator does in the console. Positive amounts allocate. */
  readonly console: (member: number, fen: bigint, now: number) => void
}

const teamId = 1001

export const makeProvider = (
  settings: ProviderSettings,
  dice: Dice,
  /** Told of everything that goes wrong. */
  count: (kind: string, detail?: string) => void
): Effect.Effect<Provider> =>
  Effect.gen(function* () {
    const { bystander, staleFor } = settings
    const world = makeWorld({ ...settings, teamId })
    const inner = makeMachine(world, { publicKey, privateKey, securityToken: undefined }, 1)
    const commits: Array<Commit> = []
    const touched = new Set<string>()
    const carriedOut = new WeakSet<Emulator.WireRequest>()
    const team = world.teams.get(teamId)
    if (team === undefined) throw new Error("the simulated provider has no team")
    const limits = team.members.map(({ allocatedFen, virtualCompanyId }) => ({
      member: `${virtualCompanyId}`,
      fen: allocatedFen,
      from: 0
    }))

    /** What a lagging replica may still say: the members as they were until some instant. */
    const past: Array<{ readonly until: number; readonly members: ReadonlyArray<MemberState> }> = []
    const seenFrom = new WeakMap<LogEntry, number>()

    /** Everything that changes the team goes through here. `now` is the time since the history began. */
    const changing = <A>(now: number, change: () => A): A => {
      past.push({ until: now, members: [...team.members] })
      while (past[0] !== undefined && past[0].until < now - staleFor) past.shift()
      const before = new Map(past.at(-1)?.members.map((one) => [one.virtualCompanyId, one.allocatedFen]))
      const logged = team.log.length
      const result = change()
      for (const entry of team.log.slice(logged)) {
        const late = dice.chance(0.5) ? dice.between(0, settings.logLag) : 0
        if (late > 0) count("late entry of the log")
        seenFrom.set(entry, now + late)
      }
      for (const { allocatedFen, virtualCompanyId } of team.members) {
        if (before.get(virtualCompanyId) === allocatedFen) continue
        limits.push({ member: `${virtualCompanyId}`, fen: allocatedFen, from: now })
      }
      return result
    }

    /** Answers as if the team were another one for the moment. */
    const showing = <A>(list: Array<A>, shown: ReadonlyArray<A>, answer: () => Emulator.WireResponse) => {
      const all = list.splice(0, list.length, ...shown)
      const response = answer()
      list.splice(0, list.length, ...all)
      return response
    }

    const consoleChange: Provider["console"] = (member, fen, now) =>
      changing(now, () => {
        if (fen === 0n) return
        const failure = move(world, {
          operateType: fen > 0n ? "AllocateAmount" : "WithdrawAmount",
          member,
          amountFen: fen > 0n ? fen : -fen,
          at: epoch + now,
          origin: { source: "console" }
        })
        if (failure !== undefined) return
        if (member !== bystander) touched.add(`${member}`)
        count(member === bystander ? "change of a colleague" : "change in the console", `${member} ${fen}`)
      })

    /** People do not wait for our calls to end: they change limits in the middle of them. */
    const people = (now: number): void => {
      if (dice.chance(settings.colleagues)) consoleChange(bystander, someFen(dice), now)
      if (!dice.chance(settings.console)) return
      const last = commits.at(-1)
      const undo = last !== undefined && dice.chance(0.6)
      const member = undo ? Number(last.member) : dice.between(60_001, 60_002)
      consoleChange(member, undo ? -last.amount : someFen(dice), now)
    }

    const carryOut = (request: Emulator.WireRequest, at: number): Emulator.WireResponse =>
      changing(at - epoch, () => {
        const before = world.ledger.length
        const intents = new Map((request.headers[attemptHeader] ?? "").split(",").map((pair) => pairOf(pair)))
        const response = inner.handle(request, at)
        for (const { amountFen, member, operateType } of world.ledger.slice(before)) {
          const { allocatedFen = 0n } =
            team.members.find(({ virtualCompanyId }) => virtualCompanyId === member) ?? {}
          commits.push({
            intent: intents.get(`${member}`) ?? "",
            member: `${member}`,
            amount: operateType === "AllocateAmount" ? amountFen : -amountFen,
            allocated: allocatedFen,
            at: at - epoch,
            again: carriedOut.has(request)
          })
        }
        carriedOut.add(request)
        return response
      })

    const machine: Emulator.Machine = {
      operation: inner.operation,
      handle: (request, at) => {
        const now = at - epoch
        people(now)
        switch (inner.operation(request)) {
          case "GetCompShareTeamInfo": {
            const seenAt = now - (dice.chance(0.5) ? dice.between(0, staleFor) : 0)
            const old = past.find(({ until }) => until > seenAt)?.members
            if (old !== undefined) count("old reading")
            const members = old ?? team.members
            return showing(team.members, [...members], () => inner.handle(request, at))
          }
          case "ListCompShareTeamOperateLog": {
            const shown = team.log.filter((entry) => (seenFrom.get(entry) ?? 0) <= now)
            return showing(team.log, shown, () => inner.handle(request, at))
          }
          case "SetCompShareTeamAmount": {
            const before = commits.length
            const response = carryOut(request, at)
            if (commits.length === before || !dice.chance(settings.doubles)) return response
            count("request carried out twice")
            carryOut(request, at)
            // The second time may be refused for want of money. The answer stays true of what took place.
            return response
          }
          default:
            return inner.handle(request, at)
        }
      }
    }
    const emulator = yield* Emulator.make(machine, { keepRequests: 1 })
    return {
      emulator,
      commits,
      touched,
      limits,
      spend: (member, share, now) =>
        changing(now, () => {
          const available =
            stateOf(world).members.find((one) => one.virtualCompanyId === member)?.availableFen ?? 0n
          changeAvailable(world, member, -((available * BigInt(Math.floor(share * 100))) / 100n))
        }),
      refund: (member, fen, now) => changing(now, () => changeAvailable(world, member, fen)),
      console: consoleChange
    }
  })

/** An amount of the size that the simulated operations have. */
export const someFen = (dice: Dice): bigint => BigInt(dice.between(-4, 4)) * 1000n

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
  "lost at the last moment": (dice: Dice) =>
    ({ _tag: "lose-late", delay: Duration.millis(dice.between(71_000, 74_900)) }) as const,
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
