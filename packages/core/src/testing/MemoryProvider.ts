/**
 * The reference provider: a cloud without a network, in two kinds. `absolute` accepts new limits, `delta`
 * accepts deltas.
 *
 * The conformance checks are tested with it, and it is the shortest complete example of a driver. Beside the
 * driver it has the controls that a test needs: usage by members, changes of limits in the provider's
 * console, and a script of faults.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { derived, native, unsupported } from "../model/Capabilities.ts"
import { InsufficientBalance, type Reason } from "../model/CloudQuotaError.ts"
import type { Delta, LogCount } from "../model/Driver.ts"
import * as seeds from "./memorySeeds.ts"
import { makeWorld, noSuchMember, notSent } from "./memoryWorld.ts"
import * as Limit from "../model/Limit.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import * as Quantity from "../model/Quantity.ts"
import type {
  Put,
  Difference,
  AbsoluteProvider,
  DeltaProvider,
  Options,
  DeltaOptions
} from "./memoryContract.ts"

export * from "./memoryContract.ts"

const optionNames: KnownKeys.Names<Options> = { members: true, books: true, log: true }

/** How far before the present a count of the log begins, in milliseconds. */
const logLead = 300_000

/** Returns the member with this number: `m-1` is the first. */
export const member = seeds.member

/**
 * A provider with absolute limits: the number of avatar models and the minutes of video that a member may
 * use. A limit that a put omits is lost, which is the worst possible behaviour of a provider.
 *
 * @example
 * import { Account, Quota } from "@cloud-quota/core"
 * import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
 * import { Effect } from "effect"
 *
 * export const program = Effect.gen(function* () {
 *   const { driver, writes } = yield* MemoryProvider.absolute()
 *   const report = yield* Effect.gen(function* () {
 *     const quota = yield* Quota.Quota
 *     return yield* quota.change("m-1", { "video-minutes": { set: "90 min" } })
 *   }).pipe(Effect.provide(Account.layer(Effect.succeed(driver))))
 *   return { report, sent: yield* writes }
 * })
 */
export const absolute = (options: Options = {}): Effect.Effect<AbsoluteProvider> =>
  Effect.sync(() => {
    KnownKeys.check(options, optionNames)
    const world = makeWorld<Put>({
      provider: "memory-absolute",
      metrics: [seeds.models, seeds.minutes],
      capabilities: {
        "quotas.used": native,
        "quotas.set": native,
        "quotas.set-down": native,
        "quotas.adjust": derived("read, and set to the sum"),
        "quotas.unlimited": native
      },
      seeds: options.members ?? seeds.absoluteMembers,
      books: { ...seeds.books({ metric: seeds.minutes.id }), ...options.books },
      log: options.log ?? false,
      invited: "active"
    })

    const replaceLimits = ({ limits, member }: Put): Reason | undefined => {
      const quotas = world.quotasOf(member)
      if (quotas === undefined) return noSuchMember(member)
      const before = new Map(quotas)
      quotas.clear()
      for (const [metric, limit] of limits) quotas.set(metric, { ...before.get(metric), limit })
      return undefined
    }

    const put = Effect.fnUntraced(function* (member: MemberId, limits: Put["limits"]) {
      const sent: Put = { member, limits: new Map(limits) }
      const noted = { kind: "set", text: `set ${[...limits.keys()].join(", ")} of ${member}` } as const
      const answer = yield* world.send(sent, () => replaceLimits(sent), noted)
      if (answer._tag === "Applied") return { requestId: answer.requestId }
      return yield* world.failed("put", answer.reason, answer._tag === "Unknown" ? "unknown" : "not-moved")
    })

    return { ...world.controls, driver: { ...world.driver, write: { _tag: "Absolute", put } } }
  })

/**
 * A provider with deltas: an allowance in yuan that is granted and spent. It reports the granted and the
 * remaining amount, and keeps orders.
 */
export const delta = (options: DeltaOptions = {}): Effect.Effect<DeltaProvider> =>
  Effect.sync(() => {
    KnownKeys.check(options, { ...optionNames, withdrawals: true })
    const { log = false, withdrawals = "lower-limit" } = options
    const world = makeWorld<Difference>({
      provider: "memory-delta",
      metrics: [seeds.allowance],
      capabilities: {
        "quotas.used": unsupported("it tells what is left, and not what was spent"),
        "quotas.set": derived("read, and grant the difference"),
        "quotas.set-down": unsupported("it is told what to take back, and not what shall remain"),
        "quotas.adjust": native,
        "quotas.unlimited": unsupported("every allowance is an amount")
      },
      seeds: options.members ?? seeds.deltaMembers,
      books: { ...seeds.books(), ...options.books },
      log,
      invited: "invited"
    })

    const balance = (member: MemberId) => {
      const { limit, used } = world.quotasOf(member)?.get(seeds.allowance.id) ?? {
        limit: Limit.finite(Quantity.zero("CNY"))
      }
      const granted = Limit.match(limit, {
        Unlimited: () => seeds.allowance.maximum,
        Finite: (granted) => granted
      })
      return { limit, granted, available: Quantity.subtract(granted, used ?? Quantity.zero("CNY")) }
    }

    const grant = ({ delta, member }: Difference): Reason | undefined => {
      if (world.quotasOf(member) === undefined) return noSuchMember(member)
      const { available, limit } = balance(member)
      if (Quantity.isNegative(Quantity.sum(available, delta))) {
        return new InsufficientBalance({ message: `${member} has only ${available} left.` })
      }
      if (withdrawals === "keep-limit" && Quantity.isNegative(delta)) {
        world.use(member, seeds.allowance.id, Quantity.negate(delta))
      } else {
        world.setLimit(member, seeds.allowance.id, Limit.add(limit, delta))
      }
      return undefined
    }

    const count = (since: number): Effect.Effect<LogCount> =>
      Effect.map(world.request, () => {
        const moved = world.entries
          .filter(({ kind }) => ["grant", "withdraw", "set"].includes(kind))
          .map(({ at }) => DateTime.toEpochMillis(at))
        const newest = moved.at(-1)
        const counted = { since, count: moved.filter((at) => at >= since).length }
        return newest === undefined ? counted : { ...counted, newest }
      })

    const logBase = Effect.flatMap(Clock.currentTimeMillis, (now) => count(now - logLead))

    const write: Delta = {
      _tag: "Delta",
      metric: seeds.allowance.id,
      snapshot: (members) =>
        Effect.map(world.request, () =>
          world.infos.flatMap(({ id, status }) => {
            if (id === undefined || !members.includes(id)) return []
            const { available, granted } = balance(id)
            return [
              { member: id, active: status._tag === "active", limit: granted, available, membership: "1" }
            ]
          })
        ),
      connect: Effect.succeed({
        resetReaches: "provider",
        apply: Effect.fnUntraced(function* (difference, check) {
          const { delta, member } = difference
          const noted = {
            kind: Quantity.isNegative(delta) ? "withdraw" : "grant",
            text: `${delta} for ${member}`
          } as const
          return check() ? yield* world.send(difference, () => grant(difference), noted) : notSent
        })
      }),
      ...(log ? { log: { base: logBase, count } } : {})
    }

    return { ...world.controls, driver: { ...world.driver, write } }
  })
