/**
 * The reference provider: a cloud without a network, in two kinds. `absolute` is told new limits,
 * `delta` is told differences.
 *
 * It is what the conformance checks are checked with, and the shortest complete example of a
 * driver. Beside the driver it has the doors that a test needs: people who use what they have,
 * somebody who changes limits in the provider's console, and a script of what goes wrong.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Order } from "./Billing.ts"
import { type Capabilities, derived, native, unsupported } from "./Capabilities.ts"
import {
  CloudQuotaError,
  InsufficientBalance,
  type Money,
  NotFound,
  ProviderFailed,
  type Reason,
  Timeout,
  TransportFailed
} from "./CloudQuotaError.ts"
import type { Absolute, Delta, DeltaOutcome, Driver } from "./Driver.ts"
import * as Limit from "./Limit.ts"
import { MemberId, type MemberInfo } from "./Member.ts"
import type { Metric, MetricId } from "./Metric.ts"
import * as Quantity from "./Quantity.ts"
import { type QuotaState, availableOf } from "./Quota.ts"

/**
 * What happens to a write:
 * - `rejected`: it arrives, and the provider says no.
 * - `answer-lost`: it takes effect, and the answer is lost.
 * - `request-lost`: it leaves and never arrives, which looks the same from here.
 * - `not-sent`: it never leaves.
 * - `no-answer`: it takes effect, and the answer is waited for without end.
 */
export type Fate = "rejected" | "answer-lost" | "request-lost" | "not-sent" | "no-answer"

/** A write of the absolute kind, as it left: all limits of one member. */
export interface Put {
  readonly member: MemberId
  readonly limits: ReadonlyMap<MetricId, Limit.Limit>
}

/** A write of the delta kind, as it left. */
export interface Difference {
  readonly members: ReadonlyArray<MemberId>
  readonly amount: Quantity.Quantity
}

/** The doors for tests. `Write` is what a write looks like. */
export interface Doors<Write> {
  /** Somebody uses, or spends, so much. */
  readonly use: (member: MemberId, metric: MetricId, amount: Quantity.Quantity) => Effect.Effect<void>
  /** Somebody sets a limit in the provider's console, which may allow more than this library does. */
  readonly setByConsole: (member: MemberId, metric: MetricId, limit: Limit.Limit) => Effect.Effect<void>
  /** What happens to the next writes, in this order. Those after them are answered. */
  readonly script: (...fates: ReadonlyArray<Fate>) => Effect.Effect<void>
  /** Every write that left, in order, whatever became of it. */
  readonly writes: Effect.Effect<ReadonlyArray<Write>>
  /** How many requests left: reads and writes. */
  readonly requests: Effect.Effect<number>
}

/** A provider that is told new limits. */
export interface AbsoluteProvider extends Doors<Put> {
  readonly driver: Driver & { readonly write: Absolute }
}

/** A provider that is told differences. */
export interface DeltaProvider extends Doors<Difference> {
  readonly driver: Driver & { readonly write: Delta }
}

/** One limit of one member, and what is used of it, whether or not the provider tells. */
export interface HeldQuota {
  readonly limit: Limit.Limit
  /** Nothing, unless given. */
  readonly used?: Quantity.Quantity
}

/** One member at the start. Only a member with an id can have quotas. */
export interface Seed {
  readonly info: MemberInfo
  readonly quotas?: Readonly<Record<MetricId, HeldQuota>>
}

/** How a provider starts. */
export interface Options {
  /** By default two members with quotas, one without any, and one invited without an id. */
  readonly members?: ReadonlyArray<Seed>
}

/** How a provider that is told differences starts. */
export interface DeltaOptions extends Options {
  /** Whether it keeps a log of grants and withdrawals, with those of its console. It does not by default. */
  readonly log?: boolean
  /** Whether taking back lowers the limit, as it does by default, or only what is left. */
  readonly withdrawals?: "lower-limit" | "keep-limit"
}

/** The member of this number: `m-1` is the first. */
export const member = (number: number): MemberId => MemberId.make(`m-${number}`)

/**
 * A provider that is told new limits: how many avatar models and how many minutes of video a member
 * may have. A limit that a put leaves out is lost, which is the worst that a provider can make of it.
 *
 * @example
 * import { Account, Quota } from "@cloud-quota/core"
 * import * as MemoryProvider from "@cloud-quota/core/MemoryProvider"
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
    const world = makeWorld<Put>({
      provider: "memory-absolute",
      metrics: [models, minutes],
      capabilities: {
        ...shared,
        "quotas.used": native,
        "quotas.set": native,
        "quotas.set-down": native,
        "quotas.adjust": derived("read, and set to the sum"),
        "quotas.unlimited": native,
        "billing.orders": unsupported("nothing is sold here"),
        "billing.refund-quotes": unsupported("nothing is sold here")
      },
      seeds: options.members ?? absoluteMembers
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
      const answer = yield* world.send(sent, () => replaceLimits(sent))
      if (answer._tag === "Applied") return { requestId: answer.requestId }
      return yield* world.failed("put", answer.reason, answer._tag === "Unknown" ? "unknown" : "not-moved")
    })

    return { ...world.doors, driver: { ...world.reading, write: { _tag: "Absolute", put } } }
  })

/**
 * A provider that is told differences: an allowance in yuan that is granted and spent. It tells what
 * was granted and what is left, and keeps orders.
 */
export const delta = (options: DeltaOptions = {}): Effect.Effect<DeltaProvider> =>
  Effect.sync(() => {
    const { log = false, withdrawals = "lower-limit" } = options
    const world = makeWorld<Difference>({
      provider: "memory-delta",
      metrics: [allowance],
      capabilities: {
        ...shared,
        "quotas.used": unsupported("it tells what is left, and not what was spent"),
        "quotas.set": derived("read, and grant the difference"),
        "quotas.set-down": unsupported("it is told what to take back, and not what shall remain"),
        "quotas.adjust": native,
        "quotas.unlimited": unsupported("every allowance is an amount"),
        "billing.orders": native,
        "billing.refund-quotes": native
      },
      seeds: options.members ?? deltaMembers
    })

    const balance = (member: MemberId) => {
      const { limit, used } = world.quotasOf(member)?.get(allowance.id) ?? { limit: nothing }
      const allocated = Limit.match(limit, {
        Unlimited: () => allowance.maximum,
        Finite: (granted) => granted
      })
      return { limit, allocated, available: Quantity.subtract(allocated, used ?? Quantity.zero("CNY")) }
    }

    /** All members get the difference, or none does. */
    const grant = ({ amount, members }: Difference): Reason | undefined => {
      const missing = members.find((member) => world.quotasOf(member) === undefined)
      if (missing !== undefined) return noSuchMember(missing)
      const poor = members.find((member) =>
        Quantity.isNegative(Quantity.sum(balance(member).available, amount))
      )
      if (poor !== undefined) {
        return new InsufficientBalance({ message: `${poor} has only ${balance(poor).available} left.` })
      }
      for (const member of members) {
        if (withdrawals === "keep-limit" && Quantity.isNegative(amount)) {
          world.use(member, allowance.id, Quantity.negate(amount))
        } else {
          world.setLimit(member, allowance.id, Limit.add(balance(member).limit, amount))
        }
      }
      return undefined
    }

    /** When each entry of the log was made. */
    const logged: Array<number> = []
    const note = Effect.map(Clock.currentTimeMillis, (now) => void logged.push(now))
    const countLogged: NonNullable<Delta["countLogged"]> = (since) =>
      Effect.map(world.request, () => logged.filter((at) => at >= DateTime.toEpochMillis(since)).length)

    const write: Delta = {
      _tag: "Delta",
      metric: allowance.id,
      snapshot: (members) =>
        Effect.map(world.request, () =>
          world.infos.flatMap(({ id, status }) => {
            if (id === undefined || !members.includes(id)) return []
            const { allocated, available } = balance(id)
            return [{ member: id, active: status._tag === "active", allocated, available, membership: "1" }]
          })
        ),
      connect: Effect.succeed({
        resetReaches: "provider",
        apply: Effect.fnUntraced(function* (difference, check) {
          const now = yield* Clock.currentTimeMillis
          const commit = () => {
            const reason = grant(difference)
            if (reason === undefined) logged.push(now)
            return reason
          }
          const answer = check() ? yield* world.send(difference, commit) : notSent
          return difference.members.map((member): DeltaOutcome => ({ ...answer, member }))
        })
      }),
      ...(log ? { countLogged } : {})
    }

    return {
      ...world.doors,
      setByConsole: (member, metric, limit) =>
        Effect.andThen(world.doors.setByConsole(member, metric, limit), note),
      driver: {
        ...world.reading,
        write,
        listOrders: ({ member, period }) =>
          Stream.fromIterable(orders).pipe(
            Stream.filter(
              ({ createdAt, member: buyer }) =>
                buyer === member &&
                DateTime.isGreaterThanOrEqualTo(createdAt, period.start) &&
                DateTime.isLessThan(createdAt, period.end)
            ),
            Stream.onStart(world.request)
          ),
        refundQuotes: ({ resourceIds }) => Effect.as(world.request, resourceIds.map(refundQuote))
      }
    }
  })

/** What an answer, or the lack of one, says about a write. */
type Answer =
  | { readonly _tag: "Applied"; readonly requestId: string }
  | { readonly _tag: "Rejected" | "NotSent" | "Unknown"; readonly reason: Reason }

/** What both kinds have in common: who has what, all reading, and the fate of a write. */
const makeWorld = <Write>(options: {
  readonly provider: string
  readonly metrics: ReadonlyArray<Metric>
  readonly capabilities: Capabilities
  readonly seeds: ReadonlyArray<Seed>
}) => {
  const { capabilities, metrics, provider, seeds } = options
  const infos = seeds.map(({ info }) => info)
  const held = new Map<MemberId, Map<MetricId, HeldQuota>>(
    seeds.flatMap(({ info, quotas }) =>
      info.id === undefined ? [] : [[info.id, new Map(Object.entries(quotas ?? {}))] as const]
    )
  )
  const writes: Array<Write> = []
  const fates: Array<Fate> = []
  let requests = 0

  const request = Effect.sync(() => {
    requests += 1
  })
  const quotasOf = (member: MemberId) => held.get(member)
  const failed = (operation: string, reason: Reason, money: Money) =>
    new CloudQuotaError({ provider, operation, reason, money })

  const setLimit = (member: MemberId, metric: MetricId, limit: Limit.Limit): void => {
    const quotas = quotasOf(member)
    quotas?.set(metric, { ...quotas.get(metric), limit })
  }

  const use = (member: MemberId, metric: MetricId, amount: Quantity.Quantity): void => {
    const quota = quotasOf(member)?.get(metric)
    if (quota === undefined) return
    const used = Quantity.sum(quota.used ?? Quantity.zero(amount.unit), amount)
    quotasOf(member)?.set(metric, { ...quota, used })
  }

  const stateOf = (member: MemberId, observedAt: DateTime.Utc): ReadonlyArray<QuotaState> =>
    metrics.flatMap((metric) => {
      const quota = quotasOf(member)?.get(metric.id)
      if (quota === undefined) return []
      const used = quota.used ?? Quantity.zero(metric.unit)
      const available = availableOf(quota.limit, used)
      const told = capabilities["quotas.used"].support !== "unsupported"
      return [
        {
          member,
          metric,
          limit: quota.limit,
          observedAt,
          ...(told ? { used } : {}),
          ...(available === undefined ? {} : { available })
        }
      ]
    })

  const reading: Omit<Driver, "write"> = {
    identity: { provider, endpoint: "http://localhost", scope: "team-1" },
    capabilities,
    metrics,
    memberId: (text) =>
      /^m-\d{1,9}$/.test(text)
        ? Result.succeed(MemberId.make(text))
        : Result.fail(`${JSON.stringify(text.slice(0, 60))} is not a member id: it looks like "m-1"`),
    listQuotas: Stream.unwrap(
      Effect.map(Effect.andThen(request, DateTime.now), (now) =>
        Stream.fromIterable([...held.keys()].flatMap((member) => stateOf(member, now)))
      )
    ),
    getQuotas: Effect.fnUntraced(function* (member) {
      yield* request
      if (!held.has(member)) return yield* failed("getQuotas", noSuchMember(member), "not-moved")
      return stateOf(member, yield* DateTime.now)
    }),
    listMembers: Stream.fromIterable(infos).pipe(Stream.onStart(request)),
    getMember: Effect.fnUntraced(function* (member) {
      yield* request
      const info = infos.find(({ id }) => id === member)
      return info ?? (yield* failed("getMember", noSuchMember(member), "not-moved"))
    })
  }

  /** Lets a write leave, as the script has it. `commit` makes it take effect, or says why it does not. */
  const send = Effect.fnUntraced(function* (
    write: Write,
    commit: () => Reason | undefined
  ): Effect.fn.Return<Answer> {
    const fate = fates.shift()
    if (fate === "not-sent") return notSent
    yield* request
    writes.push(write)
    if (fate === "request-lost") return unknown
    const reason = fate === "rejected" ? new ProviderFailed({ message: "The provider says no." }) : commit()
    if (fate === "answer-lost") return unknown
    if (fate === "no-answer") return yield* Effect.never
    return reason === undefined
      ? { _tag: "Applied", requestId: `request-${requests}` }
      : { _tag: "Rejected", reason }
  })

  const doors: Doors<Write> = {
    use: (member, metric, amount) => Effect.sync(() => use(member, metric, amount)),
    setByConsole: (member, metric, limit) => Effect.sync(() => setLimit(member, metric, limit)),
    script: (...next) => Effect.sync(() => void fates.push(...next)),
    writes: Effect.sync(() => [...writes]),
    requests: Effect.sync(() => requests)
  }

  return { doors, failed, infos, quotasOf, reading, request, send, setLimit, use }
}

const noSuchMember = (member: MemberId): Reason => new NotFound({ message: `there is no member ${member}.` })

const notSent: Answer = {
  _tag: "NotSent",
  reason: new TransportFailed({ phase: "not-sent", message: "The connection was refused." })
}

const unknown: Answer = { _tag: "Unknown", reason: new Timeout({ message: "No answer came in time." }) }

const shared = {
  "quotas.list": native,
  "quotas.get": native,
  "quotas.top-up": derived("read, and add what is missing"),
  "quotas.reclaim": derived("read, and take back what is left"),
  "members.list": native,
  "members.get": native,
  "members.names": native
} satisfies Partial<Capabilities>

const models: Metric = {
  id: "avatar-models",
  kind: "ceiling",
  unit: "count",
  step: Quantity.count(1),
  minimum: Quantity.count(0),
  maximum: Quantity.count(1000),
  unlimited: true,
  title: { en: "Avatar models", zh: "分身数字人" }
}

const minutes: Metric = {
  id: "video-minutes",
  kind: "ceiling",
  unit: "minute",
  step: Quantity.minutes(1),
  minimum: Quantity.minutes(0),
  maximum: Quantity.minutes(100_000),
  unlimited: true,
  title: { en: "Video minutes", zh: "视频时长" }
}

const allowance: Metric = {
  id: "allowance",
  kind: "balance",
  unit: "CNY",
  step: Quantity.cny("0.01"),
  minimum: Quantity.cny(0),
  maximum: Quantity.cny(1_000_000),
  unlimited: false,
  title: { en: "Allowance", zh: "额度" }
}

const nothing = Limit.finite(Quantity.zero("CNY"))

const active = { _tag: "active" } as const
const others: ReadonlyArray<Seed> = [
  { info: { id: member(3), name: "Chen", status: active } },
  { info: { email: "dora@example.com", status: { _tag: "invited" } } }
]

const absoluteMembers: ReadonlyArray<Seed> = [
  {
    info: { id: member(1), name: "Ada", status: active },
    quotas: {
      "avatar-models": { limit: Limit.finite(Quantity.count(10)), used: Quantity.count(4) },
      "video-minutes": { limit: Limit.finite(Quantity.minutes(60)), used: Quantity.minutes("20.5") }
    }
  },
  {
    info: { id: member(2), name: "Bao", status: active },
    quotas: {
      "avatar-models": { limit: Limit.unlimited, used: Quantity.count(7) },
      "video-minutes": { limit: Limit.finite(Quantity.minutes(30)) }
    }
  },
  ...others
]

const deltaMembers: ReadonlyArray<Seed> = [
  {
    info: { id: member(1), name: "Ada", status: active },
    quotas: { allowance: { limit: Limit.finite(Quantity.cny(500)), used: Quantity.cny("123.45") } }
  },
  {
    info: { id: member(2), name: "Bao", status: active },
    quotas: { allowance: { limit: Limit.finite(Quantity.cny(100)) } }
  },
  ...others
]

const orders: ReadonlyArray<Order> = [
  {
    id: "order-1",
    member: member(1),
    type: "buy",
    state: "finished",
    amount: Quantity.cny("120.00"),
    paid: Quantity.cny("100.00"),
    resourceId: "gpu-1",
    createdAt: DateTime.makeUnsafe("2026-11-30T15:59:59Z"),
    details: {}
  },
  {
    id: "order-2",
    member: member(1),
    type: "renew",
    state: "finished",
    amount: Quantity.cny("4.69928"),
    resourceId: "gpu-2",
    createdAt: DateTime.makeUnsafe("2026-11-30T16:00:00Z"),
    details: {}
  }
]

const refundQuote = (resourceId: string) => {
  const order = orders.find((one) => one.resourceId === resourceId)
  return order === undefined
    ? { resourceId, refundable: false, message: "there is no such resource" }
    : { resourceId, refundable: true, amount: order.amount }
}
