/**
 * What a cloud has to offer to be managed: reading, and one of two ways to write. An adapter is a
 * driver and nothing more; core makes the services of it.
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { AccountIdentity } from "./AccountIdentity.ts"
import type {
  Balance,
  Cost,
  Entitlement,
  Order,
  OrderSums,
  RefundQuote,
  RefundQuoteRequest,
  Usage
} from "./Bills.ts"
import type { Capabilities } from "./Capabilities.ts"
import type { CloudQuotaError, Reason } from "./CloudQuotaError.ts"
import type { Limit } from "./Limit.ts"
import type { HistoryKind } from "./HistoryEntry.ts"
import type { Invitation, MemberId, MemberInfo } from "./MemberInfo.ts"
import type { Metric, MetricId } from "./Metric.ts"
import type { Period } from "./Period.ts"
import type { Quantity } from "./Quantity.ts"
import type { QuotaState } from "./QuotaState.ts"

/**
 * A filter whose member is known to be an id of this provider, and whose period is fixed. If it names a
 * member, the rows have to name it too: core drops those that do not.
 */
export interface DriverFilter {
  readonly member?: MemberId
  readonly period: Period
}

/**
 * Which orders. Core filters all of it afterwards, by the words on the rows and by when an order was
 * created, so what a provider cannot filter itself may be left out.
 */
export interface DriverOrderFilter extends DriverFilter {
  readonly states?: ReadonlyArray<string>
  readonly chargeTypes?: ReadonlyArray<string>
  readonly resourceIds?: ReadonlyArray<string>
}

/** What the provider answered to one invitation. `unknown`: nothing is proven, so core reads it back. */
export interface InviteAnswer {
  readonly user: string
  readonly answer: "invited" | "joined" | "already" | "rejected" | "unknown"
  readonly reason?: Reason
}

/** One entry of the provider's own log. */
export interface LogEntry {
  readonly at: DateTime.Utc
  readonly kind: HistoryKind
  readonly outcome: "succeeded" | "failed" | "unknown"
  /** In the provider's own words. */
  readonly text: string
}

/**
 * Whether a listing has to be complete, as for a sum or a check: then it fails where it would leave something
 * out with a warning.
 */
export const Complete = Context.Reference<boolean>("@cloud-quota/core/Driver/Complete", {
  defaultValue: () => false
})

/** One cloud account, as an adapter offers it. */
export interface Driver {
  readonly identity: AccountIdentity
  readonly capabilities: Capabilities
  readonly metrics: ReadonlyArray<Metric>
  /** A member id of this provider, or in words why the text cannot be one. */
  readonly memberId: (text: string) => Result.Result<MemberId, string>
  /** All quotas of all members. */
  readonly listQuotas: Stream.Stream<QuotaState, CloudQuotaError>
  /** All quotas of one member. Fails with `NotFound`. */
  readonly getQuotas: (member: MemberId) => Effect.Effect<ReadonlyArray<QuotaState>, CloudQuotaError>
  readonly listMembers: Stream.Stream<MemberInfo, CloudQuotaError>
  /** Fails with `NotFound`. */
  readonly getMember: (member: MemberId) => Effect.Effect<MemberInfo, CloudQuotaError>
  /**
   * Everything from here to `write` is absent where its capability is unsupported.
   *
   * Sends the invitations, at most as many at a time as the provider takes. It fails only if nothing was
   * sent, or every one of them was refused alike.
   */
  readonly invite?: (
    invitations: ReadonlyArray<Invitation>
  ) => Effect.Effect<ReadonlyArray<InviteAnswer>, CloudQuotaError>
  /** Withdraws the invitation of a user who is listed as invited. */
  readonly cancelInvite?: (user: string) => Effect.Effect<void, CloudQuotaError>
  readonly rename?: (member: MemberId, name: string) => Effect.Effect<void, CloudQuotaError>
  readonly remove?: (member: MemberId) => Effect.Effect<void, CloudQuotaError>
  /** Of everybody, former members too, if the filter has no member. A member only with `billing.orders-by-member`. */
  readonly listOrders?: (filter: DriverOrderFilter) => Stream.Stream<Order, CloudQuotaError>
  /** The provider's own totals of the same orders; `undefined` where it cannot filter alike. Absent where it has none. */
  readonly orderSums?: (filter: DriverOrderFilter) => Effect.Effect<OrderSums | undefined, CloudQuotaError>
  readonly listUnpaid?: (member?: MemberId) => Stream.Stream<Order, CloudQuotaError>
  readonly refundQuotes?: (
    request: Extract<RefundQuoteRequest, { readonly zone: string }>
  ) => Effect.Effect<ReadonlyArray<RefundQuote>, CloudQuotaError>
  readonly memberRefundQuotes?: (
    member: MemberId
  ) => Effect.Effect<ReadonlyArray<RefundQuote>, CloudQuotaError>
  readonly listEntitlements?: Stream.Stream<Entitlement, CloudQuotaError>
  readonly balance?: Effect.Effect<Balance, CloudQuotaError>
  readonly listUsage?: (filter: DriverFilter) => Stream.Stream<Usage, CloudQuotaError>
  readonly listCosts?: (filter: {
    readonly month: string
    readonly member?: MemberId
  }) => Stream.Stream<Cost, CloudQuotaError>
  /** The provider's own log of a period, oldest first. */
  readonly listLog?: (period: Period) => Stream.Stream<LogEntry, CloudQuotaError>
  readonly write: Absolute | Delta
}

/**
 * A cloud that is told the new limit. Putting the same limits twice is harmless.
 */
export interface Absolute {
  readonly _tag: "Absolute"
  /**
   * Writes all limits of one member. `limits` holds every metric that the member has, changed or
   * not: what a provider does with an absent one may be unknown.
   *
   * It is sent again below this interface only if the send before provably did not arrive: the engine
   * counts those that still may. `again` marks a repetition by the engine. An adapter with a budget of
   * retries draws on it then, and fails with `not-moved` if that is used up.
   */
  readonly put: (
    member: MemberId,
    limits: ReadonlyMap<MetricId, Limit>,
    options?: { readonly again: boolean }
  ) => Effect.Effect<{ readonly requestId?: string }, CloudQuotaError>
}

/**
 * A cloud that is told a difference. Sending it twice moves the money twice, so nothing below this
 * interface may ever repeat it.
 */
export interface Delta {
  readonly _tag: "Delta"
  /** The one metric that is written this way. */
  readonly metric: MetricId
  /** What is granted and left now. Members that do not exist are absent from the answer. */
  readonly snapshot: (
    members: ReadonlyArray<MemberId>
  ) => Effect.Effect<ReadonlyArray<DeltaSnapshot>, CloudQuotaError>
  /** The provider's own log of grants and withdrawals, if it has one: a second witness of changes. */
  readonly log?: DeltaLog
  /**
   * Waits until one more write may be sent, where there is a limit to how often. The engine takes its turn
   * before it reads the member: a wait between reading and writing would send a difference to a limit that
   * is an old one.
   */
  readonly permit?: Effect.Effect<void, CloudQuotaError>
  /** A connection of its own, proved ready, over which nothing was sent yet. It waits for nobody's turn. */
  readonly connect: Effect.Effect<DeltaConnection, CloudQuotaError, Scope.Scope>
}

/** A count of the provider's log from an instant on. */
export interface LogCount {
  /** Milliseconds since 1970, by the provider's clock. */
  readonly since: number
  /** How many grants and withdrawals succeeded, over all members. */
  readonly count: number
}

/**
 * The provider's own log of grants and withdrawals, counted over all members. It sees changes that left
 * no trace in the limits, and can only contradict: it names no member, and its entries come late.
 *
 * Both counts are `undefined` where the log turns out to be no witness: where it is not as expected, or
 * does not tell the provider's time. This machine's clock has no part in them.
 */
export interface DeltaLog {
  /** Counts from a few minutes before the provider's present time. */
  readonly base: Effect.Effect<LogCount | undefined, CloudQuotaError>
  /** Counts from where such a base began. */
  readonly count: (since: number) => Effect.Effect<number | undefined, CloudQuotaError>
}

/** What was read of one member, to plan a difference and to settle it. */
export interface DeltaSnapshot {
  readonly member: MemberId
  /** Whether the member can be granted anything. */
  readonly active: boolean
  /** All that was ever granted (less what was taken back, if withdrawals lower it). */
  readonly limit: Quantity
  /** What is left. Spending lowers it and refunds raise it: never a witness of a change. */
  readonly available: Quantity
  /** Tells one membership from a later one of the same member. */
  readonly membership: string
}

/** How far the reset of a connection reaches: through a proxy it stops there. */
export type Reach = "provider" | "proxy" | "nothing"

/** A connection for one difference. */
export interface DeltaConnection {
  /** How far a reset of the connection reaches, and so how soon a lost request is certainly dead. */
  readonly resetReaches: Reach
  /**
   * Sends once, and returns what became of it. It never fails: what is not proven is `Unknown`.
   *
   * `check` is called in the same synchronous turn as the write: if it gives false, nothing is
   * written and the outcome is `NotSent`.
   */
  readonly apply: (
    change: { readonly member: MemberId; readonly delta: Quantity },
    check: () => boolean
  ) => Effect.Effect<DeltaOutcome>
}

/** What the provider's answer, or the lack of one, proves. */
export type DeltaOutcome = { readonly requestId?: string } & (
  | { readonly _tag: "Applied" }
  | { readonly _tag: "Rejected"; readonly reason: Reason }
  | { readonly _tag: "NotSent"; readonly reason: Reason }
  | { readonly _tag: "Unknown"; readonly reason: Reason }
)
