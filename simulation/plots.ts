/**
 * What a history is about: the world that it happens in, who does what, and what goes wrong. All of it
 * is drawn by seed.
 */
import type * as Change from "@cloud-quota/core/Change"
import * as Settlement from "@cloud-quota/core/Settlement"
import * as Duration from "effect/Duration"
import type { Mishap, PlannedMishap, Profile } from "./mishaps.ts"
import type { ChangeFault } from "./provider.ts"
import type { Dice } from "./random.ts"
import type { Traits } from "./mishaps.ts"

/** What is to be done: a run, for these members. */
export interface Operation {
  readonly run: string
  readonly action: Change.ActionInput
  readonly members: ReadonlyArray<string>
}

/** A person or a job that runs an operation, and runs it again until it is decided or was tried often. */
export interface Actor {
  readonly name: string
  readonly startsAt: number
  readonly operation: Operation
  /** How wrong the wall clock is, in milliseconds. */
  readonly clockError: number
  readonly mishaps: ReadonlyArray<ReadonlyArray<PlannedMishap>>
}

export interface Plot {
  readonly traits: Traits
  readonly actors: ReadonlyArray<Actor>
  /** What happens to the requests that change something, in turn. Drawn by seed where it is absent. */
  readonly changes?: ReadonlyArray<ChangeFault>
  /** What is granted in the console just before the history begins. */
  readonly granted?: ReadonlyArray<{ readonly member: string; readonly fen: bigint }>
}

export const memberIds = ["60001", "60002"] as const

/** The members of a batch, by number. */
export const batchOf = (size: number): ReadonlyArray<string> =>
  Array.from({ length: size }, (_, index) => `${60_001 + index}`)

const readLag = Duration.toMillis(Settlement.defaults.readLag)

/** As old as a reading, and as late as an entry of the log, may be at the most. */
const mostLag = readLag - 100

const week = 7 * 24 * 3_600_000

const drawTraits = (dice: Dice): Traits => {
  // People who change the same members can leave no trace but in the log, so they need one that is a
  // witness: without it, a change that was undone in the console looks like one that never took place.
  const console = dice.chance(0.1)
  return {
    profile: dice.pick(["local", "local", "strict"]),
    provable: dice.chance(0.5),
    withLog: console || dice.chance(0.6),
    dated: console || dice.chance(0.8),
    withdrawLowersAllocated: dice.chance(0.5),
    staleFor: dice.chance(0.5) ? dice.between(1, mostLag) : 0,
    logLag: dice.chance(0.6) ? dice.between(1, mostLag) : 0,
    colleagues: dice.chance(0.3) ? 0.1 : 0,
    console: console ? 0.1 : 0,
    doubles: !console && dice.chance(0.1) ? 0.3 : 0,
    timings: dice.chance(0.03) ? tooShort(dice) : Settlement.defaults
  }
}

/** Waiting times after which a request may still take effect, or a reading may not show it yet. */
const tooShort = (dice: Dice): Settlement.Timings => {
  const millis = dice.pick([75_001, 76_000, 79_000])
  return { ...Settlement.defaults, own: Duration.millis(millis), takeover: Duration.millis(millis) }
}

const someAmount = (dice: Dice): string => `${dice.between(1, 4) * 10} CNY`

const someAction = (dice: Dice): Change.ActionInput =>
  dice.pick([
    { adjust: someAmount(dice) },
    { adjust: someAmount(dice) },
    { adjust: `-${someAmount(dice)}` },
    { topUpTo: `${dice.between(10, 400)} CNY` },
    { set: `${dice.between(1, 300)} CNY` },
    { reclaim: someAmount(dice) }
  ])

const someOperation = (dice: Dice, run: string): Operation => ({
  run,
  action: someAction(dice),
  members: dice.chance(0.3) ? memberIds : [dice.pick(memberIds)]
})

/** A wrong clock: by hours, or by days, so that what it says of the log is about another week. */
const someClockError = (dice: Dice): number => {
  const most = dice.pick([0, 0, 3_600_000, 2 * week])
  return dice.between(-most, most)
}

const someActor = (dice: Dice, profile: Profile, name: string, operation: Operation): Actor => ({
  name,
  operation,
  startsAt: name === "a" ? 0 : dice.pick([0, dice.between(0, 5_000), dice.between(0, 200_000)]),
  clockError: someClockError(dice),
  mishaps: [someMishaps(dice, profile, 2), someMishaps(dice, profile, 1), [], []]
})

const someMishaps = (dice: Dice, profile: Profile, most: number): ReadonlyArray<PlannedMishap> =>
  Array.from({ length: dice.between(0, most) }, () => ({
    point: dice.between(0, 45),
    mishap: someMishap(dice, profile)
  })).sort((a, b) => a.point - b.point)

const someMishap = (dice: Dice, profile: Profile): Mishap => {
  const kinds: [Mishap["_tag"], ...Array<Mishap["_tag"]>] = [
    "kill",
    "kill",
    "interrupt",
    "pause",
    "suspend",
    "clock jumps",
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
    case "journal copied":
      return { _tag: kind }
    case "clock jumps":
      return { _tag: kind, millis: dice.pick([-millis, -millis, -2 * week, 2 * week]) }
    case "journal fails":
      return { _tag: kind, after: dice.chance(0.5) }
    case "stopped at the write":
      return { _tag: kind, millis: dice.pick([dice.between(1, 4_000), dice.between(250_000, 900_000)]) }
    default:
      return { _tag: kind, millis }
  }
}

/** An actor whose first process meets these mishaps, and whose next ones meet none. */
const oneActor = (
  name: string,
  operation: Operation,
  startsAt = 0,
  mishaps: ReadonlyArray<PlannedMishap> = []
): Actor => ({ name, operation, startsAt, clockError: 0, mishaps: [mishaps, []] })

const anything = (dice: Dice): Plot => {
  const traits = drawTraits(dice)
  const first = someOperation(dice, "first")
  const others = Array.from({ length: dice.between(0, 2) }, (_, index) => {
    const operation = dice.chance(0.3) ? first : someOperation(dice, `other-${index}`)
    return someActor(dice, traits.profile, `${"bc"[index]}`, operation)
  })
  return { traits, actors: [someActor(dice, traits.profile, "a", first), ...others] }
}

/** The rare courses of events that chance alone would hardly ever bring together. */
const rare = {
  "stale reading after a withdrawal": (dice) => {
    const members = [dice.pick(memberIds)]
    const killed: PlannedMishap = { point: dice.between(15, 45), mishap: { _tag: "kill" } }
    return {
      traits: {
        ...drawTraits(dice),
        ...quiet,
        profile: "local",
        withLog: false,
        withdrawLowersAllocated: true,
        staleFor: mostLag
      },
      changes: ["answered", "dropped after"],
      actors: [
        oneActor("a", { run: "first", action: { adjust: "-10 CNY" }, members }, 0, [killed]),
        oneActor("b", { run: "second", action: { adjust: "10 CNY" }, members }, dice.between(1, 4_500))
      ]
    }
  },
  "stopped at the write, and taken over": (dice) => {
    const members = [dice.pick(memberIds)]
    const millis = dice.between(300_000, 900_000)
    const stopped: PlannedMishap = { point: 0, mishap: { _tag: "stopped at the write", millis } }
    const raise: Change.ActionInput = { set: `${dice.between(250, 400)} CNY` }
    const own = {
      ...someOperation(dice, "first"),
      members,
      ...(dice.chance(0.5) ? { action: raise } : {})
    }
    const other = dice.chance(0.5) ? own : { ...someOperation(dice, "second"), members }
    return {
      traits: { ...drawTraits(dice), profile: dice.pick(["strict", "local"]), console: 0 },
      actors: [oneActor("a", own, 0, [stopped]), oneActor("b", other, dice.between(1, 20_000))]
    }
  },
  /** The entry of the first one appears while the second one, whose answer is lost, is waited out. */
  "several withdrawals, and a late log": (dice) => {
    const action = { reclaim: someAmount(dice) }
    return {
      traits: {
        ...drawTraits(dice),
        ...quiet,
        withLog: true,
        dated: true,
        logLag: mostLag,
        withdrawLowersAllocated: dice.chance(0.3)
      },
      changes: ["answered", "answered", dice.pick(["dropped before", "dropped after", "lost and late"])],
      actors: [
        oneActor("a", { run: "zero", action, members: [dice.pick(memberIds)] }),
        oneActor("b", { run: "first", action, members: memberIds }, 60_000)
      ]
    }
  },
  "colleagues change others while an answer is lost": (dice) => ({
    traits: { ...drawTraits(dice), ...quiet, withLog: true, dated: true, colleagues: 0.3 },
    changes: [dice.pick(["dropped before", "dropped after", "lost and late", "no answer"])],
    actors: [
      {
        ...oneActor("a", {
          ...someOperation(dice, "first"),
          ...(dice.chance(0.5) ? { action: { reclaim: someAmount(dice) } } : {})
        }),
        clockError: someClockError(dice)
      }
    ]
  }),
  /** A change is undone in the console before it is looked for, and only the log can tell. */
  "undone in the console": (dice) => {
    const operation = { ...someOperation(dice, "first"), action: { adjust: someAmount(dice) } }
    return {
      traits: { ...drawTraits(dice), ...quiet, withLog: true, dated: true, console: 0.3, colleagues: 0.1 },
      changes: [dice.pick(["answered", "dropped after"]), "dropped after", "dropped after"],
      actors: [
        { ...oneActor("a", operation), clockError: someClockError(dice) },
        oneActor("b", dice.chance(0.5) ? operation : someOperation(dice, "second"), dice.between(1, 200_000))
      ]
    }
  },
  /** An old reading would show the limit before the grant, which looks like the withdrawal's doing. */
  "granted in the console just before a withdrawal": (dice) => {
    const [member, yuan] = [dice.pick(memberIds), dice.between(1, 4) * 10]
    return {
      traits: {
        ...drawTraits(dice),
        ...quiet,
        withLog: true,
        dated: true,
        logLag: 0,
        withdrawLowersAllocated: false,
        staleFor: mostLag
      },
      granted: [{ member, fen: BigInt(yuan * 100) }],
      changes: ["answered", dice.pick(["answered", "dropped after"])],
      actors: [
        oneActor("a", { run: "first", action: { adjust: `-${yuan} CNY` }, members: [member] }),
        oneActor("b", { ...someOperation(dice, "second"), action: { set: "1 CNY" } }, 100_000)
      ]
    }
  },
  /** The former holder's answer comes when the next one has the account and has not looked yet. */
  "answered while being taken over": (dice) => {
    const members = [dice.pick(memberIds)]
    const millis = dice.between(6_000, 20_000)
    const startsAt = dice.between(1, 900)
    const stopped: PlannedMishap = { point: 0, mishap: { _tag: "stopped at the write", millis } }
    const paused: PlannedMishap = {
      // After it has become the holder, and before it has listed what is open.
      point: dice.between(2, 4),
      mishap: { _tag: "pause", millis: millis - startsAt + dice.between(1, 3_000) }
    }
    return {
      traits: { ...drawTraits(dice), ...quiet, profile: "strict", staleFor: mostLag },
      changes: ["answered", "answered"],
      actors: [
        oneActor("a", { run: "first", action: { adjust: `-${someAmount(dice)}` }, members }, 0, [stopped]),
        oneActor(
          "b",
          { run: "second", action: { set: `${dice.between(250, 400)} CNY` }, members },
          startsAt,
          [paused]
        )
      ]
    }
  },
  /** A copy of the journal that was made while it was held takes its place after a kill. */
  "journal copied and restored": (dice) => {
    const copiedAt = dice.between(1, 60)
    const killedAt = copiedAt + dice.between(1, 60)
    const operation = { ...someOperation(dice, "first"), members: memberIds }
    return {
      traits: { ...drawTraits(dice), ...quiet },
      actors: [
        oneActor("a", operation, 0, [
          { point: copiedAt, mishap: { _tag: "journal copied" } },
          { point: killedAt, mishap: { _tag: "kill" } }
        ]),
        oneActor("b", dice.chance(0.5) ? operation : someOperation(dice, "second"), dice.between(1, 500_000))
      ]
    }
  },
  "waiting times that are too short": (dice) => ({
    traits: { ...drawTraits(dice), ...quiet, staleFor: mostLag, timings: tooShort(dice) },
    changes: ["lost at the last moment"],
    actors: [oneActor("a", { ...someOperation(dice, "first"), action: { adjust: someAmount(dice) } })]
  }),
  "delivered twice": (dice) => ({
    traits: { ...drawTraits(dice), ...quiet, doubles: 0.5 },
    actors: [
      oneActor("a", someOperation(dice, "first")),
      oneActor("b", someOperation(dice, "second"), dice.between(1, 200_000))
    ]
  })
} as const satisfies Readonly<Record<string, (dice: Dice) => Plot>>

/** What a rare course of events leaves out, so that it is about itself. */
const quiet = { console: 0, colleagues: 0, doubles: 0, timings: Settlement.defaults } as const

export const themes = ["anything", ...(Object.keys(rare) as ReadonlyArray<keyof typeof rare>)] as const
export type Theme = (typeof themes)[number]

export interface PlotOptions {
  /** What the history is about. Drawn by seed where it is absent. */
  readonly theme?: Theme
  /** One change, whose process is killed at this point: for going through all of them. */
  readonly killAt?: number
  /** That change is for so many members, as one batch. */
  readonly batch?: number
}

export const drawPlot = (dice: Dice, options: PlotOptions): Plot => {
  if (options.killAt !== undefined) return killed(dice, options.killAt, options.batch)
  const drawn = dice.chance(0.8) ? "anything" : dice.pick(rareThemes)
  const theme = options.theme ?? drawn
  return theme === "anything" ? anything(dice) : rare[theme](dice)
}

const rareThemes = Object.keys(rare) as [keyof typeof rare, ...Array<keyof typeof rare>]

const killed = (dice: Dice, point: number, batch: number | undefined): Plot => {
  const operation =
    batch === undefined
      ? someOperation(dice, "first")
      : { run: "first", action: { topUpTo: "300 CNY" }, members: batchOf(batch) }
  const actor = oneActor("a", operation, 0, [{ point, mishap: { _tag: "kill" } }])
  return {
    traits: { ...drawTraits(dice), ...quiet, colleagues: dice.chance(0.3) ? 0.1 : 0 },
    changes: [],
    actors: [{ ...actor, mishaps: [...actor.mishaps, [], []] }]
  }
}
