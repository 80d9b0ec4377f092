/** The interfaces of the providers in memory, and their initial state. */
import type * as Effect from "effect/Effect"
import type { Balance, Cost, Entitlement, Order, Usage } from "../model/Bills.ts"
import type { Absolute, Delta, Driver } from "../model/Driver.ts"
import type * as Limit from "../model/Limit.ts"
import type { MemberId, MemberInfo } from "../model/MemberInfo.ts"
import type { MetricId } from "../model/Metric.ts"
import type * as Quantity from "../model/Quantity.ts"

/**
 * The fault of a write:
 * - `rejected`: it arrives, and the provider refuses it.
 * - `answer-lost`: it takes effect, and the answer is lost.
 * - `request-lost`: it leaves and never arrives, which looks the same to the sender.
 * - `not-sent`: it never leaves.
 * - `no-answer`: it takes effect, and the sender waits for the answer forever.
 */
export type WriteFault = "rejected" | "answer-lost" | "request-lost" | "not-sent" | "no-answer"

/** A sent write of the absolute kind: all limits of one member. */
export interface Put {
  readonly member: MemberId
  readonly limits: ReadonlyMap<MetricId, Limit.Limit>
}

/** A sent write of the delta kind. */
export interface Difference {
  readonly member: MemberId
  readonly delta: Quantity.Quantity
}

/** The controls for tests. `Write` is the type of a write. */
export interface Controls<Write> {
  /** Uses, or spends, an amount for a member. */
  readonly use: (member: MemberId, metric: MetricId, amount: Quantity.Quantity) => Effect.Effect<void>
  /** Sets a limit in the provider's console, which may allow more than this library does. */
  readonly setByConsole: (member: MemberId, metric: MetricId, limit: Limit.Limit) => Effect.Effect<void>
  /** The faults of the next writes, in this order. Later writes are answered. */
  readonly script: (...faults: ReadonlyArray<WriteFault>) => Effect.Effect<void>
  /** All sent writes, in order, whatever their outcome. */
  readonly writes: Effect.Effect<ReadonlyArray<Write>>
  /** How many requests were sent: reads and writes. */
  readonly requests: Effect.Effect<number>
}

/** A provider with absolute limits. */
export interface AbsoluteProvider extends Controls<Put> {
  readonly driver: Driver & { readonly write: Absolute }
}

/** A provider with deltas. */
export interface DeltaProvider extends Controls<Difference> {
  readonly driver: Driver & { readonly write: Delta }
}

/** One limit of one member, and its used amount, whether or not the provider reports it. */
export interface HeldQuota {
  readonly limit: Limit.Limit
  /** Default: zero. */
  readonly used?: Quantity.Quantity
}

/** One initial member. Only a member with an id can have quotas. */
export interface Seed {
  readonly info: MemberInfo
  readonly quotas?: Readonly<Record<MetricId, HeldQuota>>
}

/** The sales and the funds of a provider. */
export interface Books {
  readonly orders: ReadonlyArray<Order>
  readonly entitlements: ReadonlyArray<Entitlement>
  readonly balance: Omit<Balance, "observedAt">
  readonly usage: ReadonlyArray<Usage>
  readonly costs: ReadonlyArray<Cost>
}

/** The initial state of a provider. */
export interface Options {
  /** Default: two members with quotas, one without, an invited user without an id, and a candidate. */
  readonly members?: ReadonlyArray<Seed>
  /** Replaces parts of the default books, which are from November and December 2026. */
  readonly books?: Partial<Books>
  /** Whether it keeps a log of all changes, including those in its console. @default false */
  readonly log?: boolean
}

/** The initial state of a provider with deltas. Its log, if it keeps one, is a witness of changes. */
export interface DeltaOptions extends Options {
  /** Whether a withdrawal lowers the limit or only the available amount. @default "lower-limit" */
  readonly withdrawals?: "lower-limit" | "keep-limit"
}
