/**
 * The values of the Promise API: plain data, exact amounts as objects of their own, times as `Date`. What
 * a provider does not tell is absent. The text of every value is a line for people. Nothing here knows Effect.
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
  /** What part of the whole this is, for people and thresholds: a number, and so not exact. */
  share(whole: QuantityInput): number
  /** `500.00 CNY`, `60 min`, `3`: what `quantity` reads back. */
  toString(): string
  toJSON(): { readonly unit: string; readonly amount: string }
}

/** How much a member may use. */
export type Limit = Quantity | "unlimited"

/** A limit, as a caller writes it. */
export type LimitInput = QuantityInput | "unlimited"

/** One thing that is limited. */
export interface Metric {
  /** The neutral name, as `allowance` or `video-minutes`. */
  readonly id: string
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

/** Whether the cloud can do something; `note` says how it is derived, or what is lacking. */
export interface Support {
  readonly support: "native" | "derived" | "unsupported"
  readonly note?: string
}

/** One metric of one member at one moment. */
export interface QuotaState {
  /** The account's name. */
  readonly account: string
  readonly member: string
  /** What the provider calls the member, where its listing of quotas says so. */
  readonly name?: string
  /** Who this is, where `people` names the member. */
  readonly person?: string
  readonly metric: Metric
  readonly limit: Limit
  /** What was used of a ceiling. */
  readonly used?: Quantity
  /** What is left; of a balance, negative where the member owes. Absent where that is without limit, or not told. */
  readonly available?: Quantity
  /** What part of a ceiling is used: 0 if unlimited. Absent for a balance. */
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

/** How a member is named in a call: by id, by the name that `people` maps, or as listed. */
export type MemberRef = string | MemberInfo

/** Who is meant: one member, several, or a listing of them. */
export type Who = MemberRef | Iterable<MemberRef> | AsyncIterable<MemberRef>

/** The wish for one metric: one of four. `expected` is what the limit has to be now. */
export type Action = { readonly expected?: LimitInput } & (
  | { readonly set: LimitInput }
  | { readonly topUpTo: QuantityInput }
  | { readonly adjust: QuantityInput }
  | { readonly reclaim: QuantityInput | "all" }
)

/** The wish for one member: an action for each metric. */
export type Spec = Readonly<Record<string, Action>>

/** One action on one metric of one member. */
export interface Change {
  readonly member: MemberRef
  readonly metric: string
  readonly action: Action
}

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

/** What was seen of a quota. */
export interface Observed {
  readonly limit: Limit
  readonly available?: Quantity
}

/** What became of one change; what each word means is in docs/money-safety.md. */
export type Outcome =
  | { readonly outcome: "Applied"; readonly observed?: Observed; readonly drift?: boolean }
  | { readonly outcome: "NoChange" | "Planned" | "NotApplied" }
  | { readonly outcome: "Refused"; readonly check: CheckId }
  | { readonly outcome: "Rejected" | "NotSent" | "Unknown"; readonly failure: Failure }
  | { readonly outcome: "Conflict"; readonly detail: string }
  | { readonly outcome: "Drift"; readonly expected: Limit; readonly observed: Limit }
  | { readonly outcome: "Blocked"; readonly by: string }

/** One change and what became of it. */
export type Result = Outcome & {
  readonly member: string
  readonly metric: string
  /** What was known of the quota before. */
  readonly before?: Observed
  /** The difference that was sent, or would be. */
  readonly delta?: Quantity
  /** The limit that was asked for. */
  readonly target?: Limit
  readonly money: Money
  /** What to do next: `decide` is for a person. */
  readonly next: "nothing" | "rerun" | "wait" | "decide"
  readonly evidence?: "response" | "read-back" | "read-back+log" | "human"
  /** When an earlier call of the run did this: then this call has sent nothing for it. */
  readonly doneAt?: Date
  readonly requestId?: string
  /** For people: what happened to the money, and what to do. */
  readonly message: string
}

/** What became of a call: one result for each change. */
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
  /** Of a preview: why the call itself would fail now, whatever its results say. A missing baseline, as a rule. */
  readonly obstacle?: Failure
  /** True if every change is as it was asked for. */
  readonly complete: boolean
  /** For a script that did nothing else: 0 all done, 1 nothing, 3 partly, 4 something is unknown or to be decided. */
  readonly exitCode: 0 | 1 | 3 | 4
  /** A line for each result, for people. */
  toString(): string
}

/** What happens while a change is carried out. */
export type ChangeEvent =
  /** A request is about to leave. From here on an abort cancels nothing. */
  | { readonly type: "Sending"; readonly member: string; readonly metric: string; readonly delta?: Quantity }
  /** No answer came; what became of it is looked up after this time. */
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

/** What became of one invitation. `unknown`: no answer, and it could not be seen afterwards. */
export interface Invited {
  readonly invitation: Invitation
  readonly outcome: "invited" | "joined" | "already" | "rejected" | "unknown"
  readonly member?: MemberInfo
  readonly failure?: Failure
  readonly message: string
}

/** What became of somebody's leaving. */
export interface Offboarding {
  readonly member: string
  /** What was taken back. */
  readonly report: Report
  /** The quotas as they were read afterwards. */
  readonly quotas: ReadonlyArray<QuotaState>
  readonly membership: "removed" | "kept" | "unknown"
  /** True if nothing is left that can be taken back, and what was asked for is done. */
  readonly complete: boolean
  readonly message: string
}

/** One order. `details` is the provider's whole row; what a number would not hold exactly is text. */
export interface Order {
  /** The account's name. */
  readonly account: string
  readonly id: string
  readonly member?: string
  readonly person?: string
  readonly kind: "buy" | "renew" | "change" | "refund" | "usage" | "other"
  readonly status: "unpaid" | "processing" | "done" | "canceled" | "other"
  /** The provider's own words. */
  readonly type?: string
  readonly state?: string
  readonly chargeType?: string
  /** The price before reductions. */
  readonly amount?: Quantity
  /** What was paid. Negative for a refund. */
  readonly paid?: Quantity
  readonly resourceId?: string
  readonly product?: string
  readonly createdAt: Date
  readonly details: Readonly<Record<string, unknown>>
}

/** What several orders come to, one sum for each currency. */
export interface OrderSums {
  readonly count: number
  readonly amount: ReadonlyArray<Quantity>
  readonly paid: ReadonlyArray<Quantity>
}

/** The totals of orders, checked against what the provider itself says: book them only if they agree. */
export interface OrderTotals extends OrderSums {
  readonly told?: OrderSums
  readonly verdict: "agrees" | "differs" | "not-told"
}

/** What would come back if the resource were given up now: a quote, not a charge. */
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

/** What there is to pay with. */
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

/** What was used at some time. */
export interface Usage {
  readonly member?: string
  readonly person?: string
  readonly metric?: string
  readonly product: string
  readonly used: Quantity
  readonly at?: Date
  readonly details: Readonly<Record<string, unknown>>
}

/** What something cost in a month. */
export interface Cost {
  /** As `2026-11`. */
  readonly month: string
  readonly member?: string
  readonly person?: string
  readonly product?: string
  readonly resourceId?: string
  readonly amount?: Quantity
  readonly cost: Quantity
  readonly details: Readonly<Record<string, unknown>>
}

/** One thing that happened, told by the provider's log, by the journal, or by both. */
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
  readonly metric: string
  readonly attempt: number
  /** What was asked for, as `topUpTo 500.00 CNY`. */
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

/** One limit that was vouched for. */
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

/** One thing that needs a person, or time. What does not apply to its kind is absent. */
export interface Open {
  /** The account's name. */
  readonly account: string
  /** `unchecked`: whether there is drift could not be looked at. */
  readonly kind: "conflict" | "unsettled" | "drift" | "unchecked"
  /** The id of the change, as `changes.resolve` takes it. */
  readonly change?: string
  readonly member?: string
  readonly person?: string
  readonly metric?: string
  readonly delta?: Quantity
  readonly run?: string
  readonly since?: Date
  /** For people: what there is, and what to do about it. */
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
