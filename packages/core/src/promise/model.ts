/**
 * The values of the Promise API: plain data, exact amounts as objects of their own, times as `Date`.
 * Fields that a provider does not report are absent. The text of every value is a line for people. Nothing here
 * depends on Effect.
 */
import type { Failure, Money } from "./errors.ts"

/** A quantity, or the text of one: `"500 CNY"`, `"60 min"`, `"3"`. */
export type QuantityInput = Quantity | string

/**
 * An exact amount of one unit, which never changes: money, minutes, a count. Where two quantities meet,
 * their units have to be the same: anything else throws a `TypeError`. A text that is no quantity throws a
 * `RangeError`.
 */
export interface Quantity {
  /** `CNY`, `minute`, `count`; others are open. */
  readonly unit: string
  /** Decimal text with all its digits, as `500.00`: equal quantities have equal texts. */
  readonly amount: string
  plus(other: QuantityInput): Quantity
  minus(other: QuantityInput): Quantity
  /** A multiple or a share: the factor is text unless it is a whole number, as `"0.5"`, so that it is exact. */
  times(factor: string | number | bigint): Quantity
  negated(): Quantity
  abs(): Quantity
  /** To a whole number of steps. `up` and `down` are towards plus and minus infinity. */
  round(options: {
    readonly step: QuantityInput
    readonly mode: "up" | "down" | "half-up" | "half-even"
  }): Quantity
  /** False also for another unit. */
  equals(other: QuantityInput): boolean
  /** Below 0, 0, or above 0: for sorting. */
  compare(other: QuantityInput): number
  lessThan(other: QuantityInput): boolean
  greaterThan(other: QuantityInput): boolean
  isZero(): boolean
  isNegative(): boolean
  isPositive(): boolean
  /** The share of the whole, for people and thresholds: a number, and so not exact. */
  share(whole: QuantityInput): number
  /** `500.00 CNY`, `60 min`, `3`: `quantity` reads it back. */
  toString(): string
  toJSON(): { readonly unit: string; readonly amount: string }
}

/**
 * The metrics by id, with their units. An adapter of another cloud adds its own:
 * `declare module "@cloud-quota/core/promise" { interface MetricUnits { "gpu-hours": "hour" } }`.
 */
export interface MetricUnits {
  readonly allowance: "CNY"
  readonly "avatar-models": "count"
  readonly "avatar-models-flexus": "count"
  readonly "video-minutes": "minute"
  readonly "video-minutes-flexus": "minute"
  readonly "voice-clones-basic": "count"
  readonly "voice-clones-middle": "count"
  readonly "voice-clones-advance": "count"
  readonly "voice-clones-flexus": "count"
}

/** The id of a metric. */
export type MetricId = keyof MetricUnits

/** How much a member may use. */
export type Limit = Quantity | "unlimited"

/** A limit, as a caller writes it. */
export type LimitInput<Id extends MetricId = MetricId> = AmountInput<Id> | "unlimited"

/** An amount of a metric. Where the metric counts, a whole number is sufficient. */
export type AmountInput<Id extends MetricId = MetricId> = MetricUnits[Id] extends "count"
  ? QuantityInput | number
  : QuantityInput

/** One thing that is limited. */
export interface Metric {
  /** The neutral name, as `allowance` or `video-minutes`. */
  readonly id: MetricId
  /** `ceiling`: used up to a limit. `balance`: granted and spent, so that a share of it would mislead. */
  readonly kind: "ceiling" | "balance"
  readonly unit: string
  /** The smallest difference that the provider takes. */
  readonly step: Quantity
  /** The smallest and the largest finite limit. */
  readonly minimum: Quantity
  readonly maximum: Quantity
  /** Whether a member may have no limit at all. */
  readonly unlimited: boolean
  readonly title: { readonly en: string; readonly zh: string }
}

/** Whether the cloud can do something; `note` says how it is derived, or the reason why not. */
export interface Support {
  readonly support: "native" | "derived" | "unsupported"
  readonly note?: string
}

/** One metric of one member at one moment. */
export interface QuotaState {
  /** The account's name. */
  readonly account: string
  readonly member: string
  /** The provider's name of the member. Absent where names cannot be read. */
  readonly name?: string
  /** Who this is, where `people` names the member. */
  readonly person?: string
  readonly metric: Metric
  readonly limit: Limit
  /** The used part of a ceiling. */
  readonly used?: Quantity
  /** The remaining amount; negative for a debt. Absent if it is unlimited, or not reported. */
  readonly available?: Quantity
  /** The used share of a ceiling: 0 if unlimited. Absent for a balance. */
  readonly share?: number
  readonly observedAt: Date
  /** A line for people. */
  toString(): string
}

/**
 * Whether a member takes part: `active`; `invited`, `rejected` or `canceled`; `candidate`, a user without
 * a quota here; `disabled`; `unknown`, where the provider's own word is in `rawStatus`.
 */
export type MemberStatus =
  | "active"
  | "invited"
  | "rejected"
  | "canceled"
  | "candidate"
  | "disabled"
  | "unknown"

/** One member, as a provider lists it. */
export interface MemberInfo {
  /** The account's name. */
  readonly account: string
  /** Absent where the provider gives an id only to those who have joined. */
  readonly id?: string
  /** The provider's id of the user behind the member, which an invitation goes by. */
  readonly user?: string
  readonly name?: string
  readonly email?: string
  /** Who this is, where `people` names the member. */
  readonly person?: string
  readonly status: MemberStatus
  readonly rawStatus?: string
}

/**
 * Names a member in a call: an exact id, else a person of `people`, else the provider's name of one active member;
 * or a member as a listing gives it. A text that fits several members is refused with their ids.
 */
export type MemberRef = string | MemberInfo

/** Who is meant: one member, several, or a listing of them. */
export type Who = MemberRef | Iterable<MemberRef> | AsyncIterable<MemberRef>

/** The change of one metric: one of four. The call fails for this member unless the limit is `expected` now. */
export type Action<Id extends MetricId = MetricId> = { readonly expected?: LimitInput<Id> } & (
  | { readonly set: LimitInput<Id> }
  | { readonly topUpTo: AmountInput<Id> }
  | { readonly adjust: AmountInput<Id> }
  | { readonly reclaim: AmountInput<Id> | "all" }
)

/** The changes of one member: an action for each metric. */
export type Spec = { readonly [Id in MetricId]?: Action<Id> }

/** One action on one metric of one member. */
export type Change = {
  [Id in MetricId]: { readonly member: MemberRef; readonly metric: Id; readonly action: Action<Id> }
}[MetricId]

/** A check that can stop a change. */
export type CheckId =
  | "below-usage"
  | "large-decrease"
  | "finite-to-unlimited"
  | "unlimited-to-finite"
  | "out-of-range"
  | "more-than-available"
  | "cap"
  | "pool"
  | "fraction"
  | "set-down-unproven"

/** A reading of a quota. */
export interface Observed {
  readonly limit: Limit
  readonly available?: Quantity
}

/** The outcome of one change; docs/money-safety.md explains each word. */
export type Outcome =
  | { readonly outcome: "Applied"; readonly observed?: Observed; readonly drift?: boolean }
  | { readonly outcome: "NoChange" | "Planned" | "NotApplied" }
  | { readonly outcome: "Refused"; readonly check: CheckId }
  | { readonly outcome: "Rejected" | "NotSent" | "Unknown"; readonly failure: Failure }
  | { readonly outcome: "Conflict"; readonly detail: string }
  | { readonly outcome: "Drift"; readonly expected: Limit; readonly observed: Limit }
  | { readonly outcome: "Blocked"; readonly by: string }

/** One change and its outcome. */
export type Result = Outcome & {
  readonly member: string
  /** The text by which the member was named in the call, if that was not its id. */
  readonly named?: string
  readonly metric: string
  /** The reading before the change. */
  readonly before?: Observed
  /** The difference that was sent, or would be. */
  readonly delta?: Quantity
  /** The limit that was asked for. */
  readonly target?: Limit
  readonly money: Money
  /** The next step: `decide` is for a person. */
  readonly next: "nothing" | "rerun" | "wait" | "decide"
  readonly evidence?: "response" | "read-back" | "read-back+log" | "human"
  /** When an earlier call of the run did this: then this call has sent nothing for it. */
  readonly doneAt?: Date
  readonly requestId?: string
  /** For people: the effect on the money, and the next step. */
  readonly message: string
}

/** The report of a call: one result for each change. */
export interface Report extends Iterable<Result> {
  readonly account: string
  readonly provider: string
  readonly run?: string
  readonly preview: boolean
  /**
   * True if the call was given up by its signal after something was sent. Then changes that it had not come
   * to are not in the results; run it again to go on.
   */
  readonly aborted: boolean
  readonly results: ReadonlyArray<Result>
  /** The results that are not as they were asked for: each says what to do next. */
  readonly attention: ReadonlyArray<Result>
  /** One line for people, as `3 changed, 1 refused; +1200.00 CNY`. */
  readonly summary: string
  /** Of a preview: why the call itself would fail now, whatever its results say. A missing baseline, as a rule. */
  readonly obstacle?: Failure
  /** True if every change is as it was asked for. */
  readonly complete: boolean
  /** For a script that did nothing else: 0 all done, 1 nothing, 3 partly, 4 something is unknown or to be decided. */
  readonly exitCode: 0 | 1 | 3 | 4
  /** A line for each result, for people. */
  toString(): string
}

/** An event while a change is carried out. */
export type ChangeEvent =
  /** A request is about to leave. From here on an abort cancels nothing. */
  | { readonly type: "Sending"; readonly member: string; readonly metric: string; readonly delta?: Quantity }
  /** No answer came; the outcome is looked up after this time. */
  | {
      readonly type: "Waiting"
      readonly member: string
      readonly metric: string
      readonly delta?: Quantity
      readonly remainingMillis: number
      readonly message: string
    }
  | { readonly type: "Finished"; readonly result: Result }

/** Who is to become a member. */
export interface Invitation {
  /** The provider's id of the user. */
  readonly user: string
  readonly name?: string
}

/** The outcome of one invitation. `unknown`: no answer, and the member was not listed afterwards. */
export interface Invited {
  readonly invitation: Invitation
  readonly outcome: "invited" | "joined" | "already" | "rejected" | "unknown"
  readonly member?: MemberInfo
  readonly failure?: Failure
  readonly message: string
}

/** The result of an offboarding. */
export interface Offboarding {
  readonly member: string
  /** The report of the reclaim. */
  readonly report: Report
  /** The quotas as they were read afterwards. */
  readonly quotas: ReadonlyArray<QuotaState>
  readonly membership: "removed" | "kept" | "unknown"
  /** True if nothing is left to reclaim, and the removal is done if it was requested. */
  readonly complete: boolean
  readonly message: string
}

/** One order. `details` is the provider's whole row; numbers beyond a double are text. */
export interface Order {
  /** The account's name. */
  readonly account: string
  readonly id: string
  readonly member?: string
  /** The provider's name of the member. */
  readonly name?: string
  readonly person?: string
  readonly kind: "buy" | "renew" | "change" | "refund" | "usage" | "other"
  readonly status: "unpaid" | "processing" | "done" | "canceled" | "other"
  /** The provider's own words. */
  readonly type?: string
  readonly state?: string
  readonly chargeType?: string
  /** The price before reductions. */
  readonly amount?: Quantity
  /** The paid amount. Negative for a refund. */
  readonly paid?: Quantity
  readonly resourceId?: string
  readonly product?: string
  readonly createdAt: Date
  readonly details: Readonly<Record<string, unknown>>
}

/** The sums of several orders, one for each currency. */
export interface OrderSums {
  readonly count: number
  readonly amount: ReadonlyArray<Quantity>
  readonly paid: ReadonlyArray<Quantity>
}

/** The totals of orders, checked against the provider's own: book them only if they agree. */
export interface OrderTotals extends OrderSums {
  readonly told?: OrderSums
  readonly verdict: "agrees" | "differs" | "not-told"
}

/** The refund for giving up the resource now: a quote, not a charge. */
export interface RefundQuote {
  readonly resourceId: string
  readonly amount?: Quantity
  readonly refundable: boolean
  readonly message?: string
}

/** Something bought in advance. */
export interface Entitlement {
  readonly id: string
  readonly product: string
  readonly metric?: string
  readonly total?: Quantity
  readonly used?: Quantity
  readonly available?: Quantity
  readonly status: "active" | "frozen" | "expired" | "other"
  readonly startsAt?: Date
  readonly expiresAt?: Date
  readonly orderId?: string
  readonly details: Readonly<Record<string, unknown>>
}

/** The funds of an account. */
export interface Balance {
  readonly available?: Quantity
  /** The parts that the provider names. A debt is negative. */
  readonly parts: ReadonlyArray<{
    readonly kind: "cash" | "credit" | "gift" | "frozen" | "debt" | "other"
    readonly amount: Quantity
    readonly name: string
  }>
  readonly observedAt: Date
}

/** Use at one time. */
export interface Usage {
  readonly member?: string
  /** The provider's name of the member. */
  readonly name?: string
  readonly person?: string
  readonly metric?: string
  readonly product: string
  readonly used: Quantity
  readonly at?: Date
  readonly details: Readonly<Record<string, unknown>>
}

/** The cost of one item in a month. */
export interface Cost {
  /** As `2026-11`. */
  readonly month: string
  readonly member?: string
  /** The provider's name of the member. */
  readonly name?: string
  readonly person?: string
  readonly product?: string
  readonly resourceId?: string
  readonly amount?: Quantity
  readonly cost: Quantity
  readonly details: Readonly<Record<string, unknown>>
}

/** One event from the provider's log, the journal, or both. */
export interface HistoryEntry {
  readonly at: Date
  readonly source: "provider" | "journal" | "both"
  readonly kind:
    | "grant"
    | "withdraw"
    | "set"
    | "invite"
    | "cancel-invite"
    | "join"
    | "decline"
    | "team"
    | "other"
  readonly outcome: "succeeded" | "failed" | "open" | "unknown"
  readonly member?: string
  /** The provider's name of the member. */
  readonly name?: string
  readonly person?: string
  readonly metric?: string
  readonly delta?: Quantity
  readonly run?: string
  readonly change?: string
  readonly text: string
  /** Why an entry is listed that may be about another member than the one asked for. */
  readonly note?: string
}

/** One attempt at one change, as the journal has it. `prepared` and `sending` are open; people decide `conflict`. */
export interface Intent {
  readonly id: string
  readonly run: string
  readonly member: string
  /** The text by which the member was named, if that was not its id. */
  readonly named?: string
  readonly metric: string
  readonly attempt: number
  /** The request, as `topUpTo 500.00 CNY`. */
  readonly request: string
  readonly before: Observed
  readonly after: Limit
  readonly delta?: Quantity
  readonly state:
    | "prepared"
    | "sending"
    | "applied"
    | "rejected"
    | "not-sent"
    | "not-applied"
    | "no-change"
    | "conflict"
    | "resolved-applied"
    | "resolved-not-applied"
  readonly evidence?: "response" | "read-back" | "read-back+log" | "human"
  readonly requestId?: string
  /** For people: why it stands where it stands. */
  readonly detail?: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** One accepted limit. */
export interface Baselined {
  readonly member: string
  readonly metric: string
  readonly before?: Quantity
  readonly limit: Quantity
}

/** One limit, as the journal has settled it and as it is. */
export interface Verified {
  readonly member: string
  readonly metric: string
  readonly settled: Quantity
  /** Absent if the member is gone. */
  readonly observed?: Quantity
  readonly verdict: "as-settled" | "drift" | "open" | "gone"
}

/** One thing that needs a person, or time. Fields that do not apply to its kind are absent. */
export interface Open {
  /** The account's name. */
  readonly account: string
  /** `unchecked`: whether there is drift could not be looked at. */
  readonly kind: "conflict" | "unsettled" | "drift" | "unchecked"
  /** The id of the change, as `changes.resolve` takes it. */
  readonly change?: string
  readonly member?: string
  /** The provider's name of the member. */
  readonly name?: string
  readonly person?: string
  readonly metric?: string
  readonly delta?: Quantity
  readonly run?: string
  readonly since?: Date
  /** For people: the finding, and the next step. */
  readonly message: string
  readonly next: string
}

declare const isPeriod: unique symbol

/** A span of time with a time zone behind it. Make one with the functions of `Period`. */
export interface Period {
  readonly [isPeriod]: true
  /** For people. */
  toString(): string
}
