/**
 * What the providers in memory are, and how they start.
 */
import type * as Effect from "effect/Effect"
import type { Balance, Cost, Entitlement, Order, Usage } from "../model/Bills.ts"
import type { Absolute, Delta, Driver } from "../model/Driver.ts"
import type * as Limit from "../model/Limit.ts"
import type { MemberId, MemberInfo } from "../model/MemberInfo.ts"
import type { MetricId } from "../model/Metric.ts"
import type * as Quantity from "../model/Quantity.ts"

/**
 * What happens to a write:
 * - `rejected`: it arrives, and the provider says no.
 * - `answer-lost`: it takes effect, and the answer is lost.
 * - `request-lost`: it leaves and never arrives, which looks the same from here.
 * - `not-sent`: it never leaves.
 * - `no-answer`: it takes effect, and the answer is waited for without end.
 */
export type WriteFault = "rejected" | "answer-lost" | "request-lost" | "not-sent" | "no-answer"

/** A write of the absolute kind, as it left: all limits of one member. */
export interface Put {
  readonly member: MemberId
  readonly limits: ReadonlyMap<MetricId, Limit.Limit>
}

/** A write of the delta kind, as it left. */
export interface Difference {
  readonly member: MemberId
  readonly delta: Quantity.Quantity
}

/** The doors for tests. `Write` is what a write looks like. */
export interface Controls<Write> {
  /** Somebody uses, or spends, so much. */
  readonly use: (member: MemberId, metric: MetricId, amount: Quantity.Quantity) => Effect.Effect<void>
  /** Somebody sets a limit in the provider's console, which may allow more than this library does. */
  readonly setByConsole: (member: MemberId, metric: MetricId, limit: Limit.Limit) => Effect.Effect<void>
  /** What happens to the next writes, in this order. Those after them are answered. */
  readonly script: (...faults: ReadonlyArray<WriteFault>) => Effect.Effect<void>
  /** Every write that left, in order, whatever became of it. */
  readonly writes: Effect.Effect<ReadonlyArray<Write>>
  /** How many requests left: reads and writes. */
  readonly requests: Effect.Effect<number>
}

/** A provider that is told new limits. */
export interface AbsoluteProvider extends Controls<Put> {
  readonly driver: Driver & { readonly write: Absolute }
}

/** A provider that is told differences. */
export interface DeltaProvider extends Controls<Difference> {
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

/** What a provider has sold, and what there is to pay with. */
export interface Books {
  readonly orders: ReadonlyArray<Order>
  readonly entitlements: ReadonlyArray<Entitlement>
  readonly balance: Omit<Balance, "observedAt">
  readonly usage: ReadonlyArray<Usage>
  readonly costs: ReadonlyArray<Cost>
}

/** How a provider starts. */
export interface Options {
  /** By default two members with quotas, one without any, somebody invited without an id, and a candidate. */
  readonly members?: ReadonlyArray<Seed>
  /** What is given here stands in place of what it has by default, which is from November and December 2026. */
  readonly books?: Partial<Books>
  /** Whether it keeps a log of what was changed, with what its console did. It does not by default. */
  readonly log?: boolean
}

/** How a provider that is told differences starts. Its log, where it keeps one, is a witness of changes. */
export interface DeltaOptions extends Options {
  /** Whether taking back lowers the limit, as it does by default, or only what is left. */
  readonly withdrawals?: "lower-limit" | "keep-limit"
}
