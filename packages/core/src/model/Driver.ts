/**
 * The interface of a cloud: reads, and one of two ways to write. An adapter is only a driver; core makes the
 * services from it.
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
 * A filter whose member is a known id of this provider, and whose period is fixed. If it names a member, the
 * rows must name it too: core drops those that do not.
 */
export interface DriverFilter {
  readonly member?: MemberId
  readonly period: Period
}

/**
 * Selects orders. Core filters all of it again afterwards, by the words on the rows and by the time an order
 * was created, so a provider may ignore the parts that it cannot filter itself.
 */
export interface DriverOrderFilter extends DriverFilter {
  readonly states?: ReadonlyArray<string>
  readonly chargeTypes?: ReadonlyArray<string>
  readonly resourceIds?: ReadonlyArray<string>
}

/** The provider's answer to one invitation. `unknown`: nothing is proven, so core reads it back. */
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
 * Whether a listing must be complete, as for a sum or a check. It then fails where it would otherwise skip
 * something with a warning.
 */
export const Complete = Context.Reference<boolean>("@cloud-quota/core/Driver/Complete", {
  defaultValue: () => false
})

/** One cloud account, as an adapter provides it. */
export interface Driver {
  readonly identity: AccountIdentity
  readonly capabilities: Capabilities
  readonly metrics: ReadonlyArray<Metric>
  /** Returns a member id of this provider, or why the text cannot be one. */
  readonly memberId: (text: string) => Result.Result<MemberId, string>
  /** Lists all quotas of all members. */
  readonly listQuotas: Stream.Stream<QuotaState, CloudQuotaError>
  /** Returns all quotas of one member. Fails with `NotFound`. */
  readonly getQuotas: (member: MemberId) => Effect.Effect<ReadonlyArray<QuotaState>, CloudQuotaError>
  readonly listMembers: Stream.Stream<MemberInfo, CloudQuotaError>
  /**
   * Returns the names of members by id. Absent where the rows of quotas have the names already; then other
   * listings take them from the list of members.
   */
  readonly names?: Effect.Effect<ReadonlyMap<string, string>, CloudQuotaError>
  /** Returns one member. Fails with `NotFound`. */
  readonly getMember: (member: MemberId) => Effect.Effect<MemberInfo, CloudQuotaError>
  /**
   * Everything from here to `write` is absent if its capability is unsupported.
   *
   * Sends the invitations, at most as many at a time as the provider accepts. Fails only if nothing was sent,
   * or if all of them were refused for the same reason.
   */
  readonly invite?: (
    invitations: ReadonlyArray<Invitation>
  ) => Effect.Effect<ReadonlyArray<InviteAnswer>, CloudQuotaError>
  /** Withdraws the invitation of a user who is listed as invited. */
  readonly cancelInvite?: (user: string) => Effect.Effect<void, CloudQuotaError>
  readonly rename?: (member: MemberId, name: string) => Effect.Effect<void, CloudQuotaError>
  readonly remove?: (member: MemberId) => Effect.Effect<void, CloudQuotaError>
  /**
   * Lists orders of all members, former ones included, if the filter has no member. The filter has a member
   * only with `billing.orders-by-member`.
   */
  readonly listOrders?: (filter: DriverOrderFilter) => Stream.Stream<Order, CloudQuotaError>
  /**
   * Returns the provider's own totals of the same orders; `undefined` if it cannot filter them alike. Absent
   * if it has no totals.
   */
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
  /** Lists the provider's own log of a period, oldest first. */
  readonly listLog?: (period: Period) => Stream.Stream<LogEntry, CloudQuotaError>
  readonly write: Absolute | Delta
}

/** A cloud that takes absolute limits. Writing the same limits twice is harmless. */
export interface Absolute {
  readonly _tag: "Absolute"
  /**
   * Writes all limits of one member. `limits` holds every metric that the member has, changed or not: the
   * effect of an absent one may be unknown.
   *
   * Below this interface it is sent again only if the previous send provably did not arrive: the engine
   * counts the sends that may still arrive. `again` marks a repetition by the engine. An adapter with a retry
   * budget then draws on it, and fails with `not-moved` if it is used up.
   */
  readonly put: (
    member: MemberId,
    limits: ReadonlyMap<MetricId, Limit>,
    options?: { readonly again: boolean }
  ) => Effect.Effect<{ readonly requestId?: string }, CloudQuotaError>
}

/**
 * A cloud that takes differences. Sending one twice moves the money twice, so nothing below this interface
 * may ever repeat it.
 */
export interface Delta {
  readonly _tag: "Delta"
  /** The one metric that is written this way. */
  readonly metric: MetricId
  /** Reads the granted and the remaining amounts. Members that do not exist are absent from the answer. */
  readonly snapshot: (
    members: ReadonlyArray<MemberId>
  ) => Effect.Effect<ReadonlyArray<DeltaSnapshot>, CloudQuotaError>
  /** The provider's own log of grants and withdrawals, if it has one: a second witness of changes. */
  readonly log?: DeltaLog
  /**
   * Waits until one more write may be sent, if the rate of writes is limited. The engine takes the permit
   * before it reads the member: a wait between reading and writing would apply a difference to an outdated
   * limit.
   */
  readonly permit?: Effect.Effect<void, CloudQuotaError>
  /**
   * Opens a dedicated connection, proven ready, over which nothing was sent yet. It does not wait for a
   * permit.
   */
  readonly connect: Effect.Effect<DeltaConnection, CloudQuotaError, Scope.Scope>
}

/** A count of the entries in the provider's log since an instant. */
export interface LogCount {
  /** Milliseconds since 1970, by the provider's clock. */
  readonly since: number
  /** The number of successful grants and withdrawals, over all members. */
  readonly count: number
  /** The time of the newest entry, by the provider's clock, in milliseconds since 1970. */
  readonly newest?: number
}

/**
 * The provider's own log of grants and withdrawals, counted over all members. It shows changes that left no
 * trace in the limits. It can only contradict: it names no member, and its entries come late.
 *
 * Both counts are `undefined` if the log is no witness: if it is not as expected, or does not report the
 * provider's time. The clock of this machine is not used.
 */
export interface DeltaLog {
  /** Counts from a few minutes before the provider's present time. */
  readonly base: Effect.Effect<LogCount | undefined, CloudQuotaError>
  /** Counts from the start of such a base, or from a later instant of the log. */
  readonly count: (since: number) => Effect.Effect<LogCount | undefined, CloudQuotaError>
}

/** A reading of one member, to plan a difference and to settle it. */
export interface DeltaSnapshot {
  readonly member: MemberId
  /** Whether the member can receive a grant. */
  readonly active: boolean
  /** The sum of all grants ever made (minus withdrawals, if they lower it). */
  readonly limit: Quantity
  /** The remaining amount. Spending lowers it and refunds raise it, so it never proves a change. */
  readonly available: Quantity
  /** Distinguishes one membership from a later one of the same member. */
  readonly membership: string
}

/** How far the reset of a connection reaches. A proxy stops it. */
export type Reach = "provider" | "proxy" | "nothing"

/** A connection for one difference. */
export interface DeltaConnection {
  /** How far a reset of the connection reaches. This determines how soon a lost request is certainly dead. */
  readonly resetReaches: Reach
  /**
   * Sends once, and returns the outcome. It never fails: an outcome that is not proven is `Unknown`.
   *
   * `check` is called in the same synchronous step as the write. If it returns false, nothing is written and
   * the outcome is `NotSent`.
   */
  readonly apply: (
    change: { readonly member: MemberId; readonly delta: Quantity },
    check: () => boolean
  ) => Effect.Effect<DeltaOutcome>
}

/** The outcome that the provider's answer, or the lack of one, proves. */
export type DeltaOutcome = { readonly requestId?: string } & (
  | { readonly _tag: "Applied" }
  | { readonly _tag: "Rejected"; readonly reason: Reason }
  | { readonly _tag: "NotSent"; readonly reason: Reason }
  | { readonly _tag: "Unknown"; readonly reason: Reason }
)
