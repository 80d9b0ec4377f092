/**
 * The emulated absolute cloud of a history: MetaStudio's emulator, with what each limit was at each
 * instant, readings that may be a little old, and faults by seed.
 */
import type * as Emulator from "@cloud-quota/core/testing/Emulator"
import type { Transport } from "@cloud-quota/core/Transport"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Dice } from "./random.ts"
import { epoch, type VirtualTime } from "./virtualTime.ts"

/** Limits by the vendor's names. */
type Limits = Readonly<Record<string, number>>

/** All limits of a member, from an instant on. */
export interface LimitsFrom {
  readonly at: number
  readonly member: string
  readonly limits: Limits
  readonly by: "put" | "console"
}

export interface PutProvider {
  readonly transport: Transport
  readonly request: Transport["request"]
  /** Everything that changed limits, in its order. */
  readonly changes: () => Effect.Effect<ReadonlyArray<LimitsFrom>>
  readonly console: (member: string, field: string, value: number) => Effect.Effect<void>
  readonly use: (member: string, amount: number) => Effect.Effect<void>
}

/** The metrics that histories change, by the vendor's names. */
export const fields = {
  "avatar-models": "modeling_count_2d_model",
  "video-minutes": "video_time_2d_model",
  "voice-clones-basic": "voice_clone_basic"
} as const

export const members = ["ada", "bao"] as const

/** How long after it was sent a put may take effect: less than `takeover` by the age of a reading. */
export const longestLateness = 234_000

const start: Limits = { modeling_count_2d_model: 10, video_time_2d_model: 60, voice_clone_basic: 5 }

export const makePutProvider = (
  dice: Dice,
  time: VirtualTime,
  staleFor: number
): Effect.Effect<PutProvider & { readonly emulator: MetaStudioEmulator.MetaStudioEmulator }> =>
  Effect.gen(function* () {
    const emulator = yield* MetaStudioEmulator.make({
      users: members.map((userId) => ({ userId, quota: start })),
      iamUsers: [],
      partialPut: "reset"
    })
    const consoles: Array<LimitsFrom> = []

    const changes = () =>
      Effect.map(emulator.writes, (writes) =>
        [
          ...writes.map(
            ({ at, quota, userId }): LimitsFrom => ({
              at: at - epoch,
              member: userId,
              limits: { ...quota },
              by: "put"
            })
          ),
          ...consoles
        ].sort((a, b) => a.at - b.at)
      )

    /** The limits of a member as they were at an instant. */
    const limitsAt = (all: ReadonlyArray<LimitsFrom>, member: string, at: number): Limits =>
      all.findLast((change) => change.member === member && change.at <= at)?.limits ?? start

    const request: Transport["request"] = (sent) =>
      Effect.gen(function* () {
        const answer = yield* emulator.transport.request(sent)
        const isReading = sent.method === "GET" && sent.url.pathname.endsWith("/user/quotas")
        if (!isReading || answer.status !== 200 || staleFor === 0 || dice.chance(0.4)) return answer
        const at = time.now() - dice.between(0, staleFor)
        const all = yield* changes()
        const body: { readonly assets: ReadonlyArray<{ readonly user_id: string }> } = JSON.parse(answer.body)
        const assets = body.assets.map((row) => ({ ...row, quota: limitsAt(all, row.user_id, at) }))
        return { ...answer, body: JSON.stringify({ ...body, assets }) }
      })

    return {
      emulator,
      transport: emulator.transport,
      request,
      changes,
      console: Effect.fnUntraced(function* (member, field, value) {
        const user = yield* emulator.user(member)
        if (user === undefined) return
        const limits = { ...user.quota, [field]: value }
        yield* emulator.set({ userId: member, quota: limits, usage: user.usage })
        consoles.push({ at: time.now(), member, limits, by: "console" })
      }),
      use: (member, amount) => emulator.use(member, "video_time_2d_model", amount)
    }
  })

const answer = (status: number, body: string, effect: boolean): Emulator.Fault => ({
  _tag: "answer",
  response: { status, headers: {}, body },
  effect
})

const coded = (status: number, code: string, effect: boolean) =>
  answer(status, JSON.stringify({ error_code: code, error_msg: "simulated" }), effect)

const late = (dice: Dice): Duration.Duration =>
  Duration.millis(dice.chance(0.5) ? dice.between(1, 5_000) : dice.between(5_000, longestLateness))

/** Faults that a history injects, by kind, so that they can be counted. */
export const putFaults = {
  answered: (): Emulator.Fault => ({ _tag: "rewrite", body: (body) => body }),
  "dropped before": (): Emulator.Fault => ({ _tag: "drop-before" }),
  "dropped after": (): Emulator.Fault => ({ _tag: "drop-after" }),
  "lost and late": (dice: Dice): Emulator.Fault => ({ _tag: "lose-late", delay: late(dice) }),
  "answered late": (dice: Dice): Emulator.Fault => ({ _tag: "late", delay: late(dice) }),
  "no answer": (): Emulator.Fault => ({ _tag: "hang" }),
  "internal error": (dice: Dice) => coded(500, "MSS.00000004", dice.chance(0.5)),
  "internal error with a code of a refusal": (dice: Dice) => coded(500, "MSS.00000003", dice.chance(0.5)),
  "unavailable with a code of a rate limit": (dice: Dice) => coded(503, "APIGW.0308", dice.chance(0.5)),
  throttled: () => coded(429, "APIGW.0308", false),
  refused: () => coded(400, "MSS.00000003", false),
  "not JSON": (dice: Dice) => answer(200, "<html>", dice.chance(0.5)),
  null: (dice: Dice) => answer(200, "null", dice.chance(0.5))
} satisfies Readonly<Record<string, (dice: Dice) => Emulator.Fault>>
