/** The interfaces of the Promise API. Independent of Effect. */
import type {
  Balance,
  Baselined,
  Change,
  ChangeEvent,
  CheckId,
  Cost,
  Entitlement,
  HistoryEntry,
  Intent,
  Invitation,
  Invited,
  MemberInfo,
  MemberRef,
  MemberStatus,
  Metric,
  MetricId,
  Offboarding,
  Open,
  Order,
  OrderTotals,
  QuantityInput,
  QuotaState,
  RefundQuote,
  Report,
  Spec,
  Support,
  Usage,
  Verified,
  Who
} from "./model.ts"
import type { Capability } from "../model/Capabilities.ts"
import type { Period } from "./period.ts"

/** The options of every call. */
export interface CallOptions {
  /**
   * Aborts the call: it rejects with the signal's reason, and all pending waits are abandoned.
   *
   * **Gotchas**
   *
   * An abort does not take back a change whose request was already sent: see `Quotas.change`.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * Rows that are fetched on demand. Nothing is sent before the first row is requested; leaving a `for await`
 * ends the listing; each iteration sends its requests anew.
 */
export interface Listing<A> extends AsyncIterable<A> {
  /** All rows. */
  toArray(): Promise<Array<A>>
}

/** Called with every event, in order. An error it throws becomes a warning, and stops nothing. */
export type OnEvent = (event: ChangeEvent) => unknown

/** How a change is carried out. */
export interface ChangeOptions extends CallOptions {
  /**
   * The caller's name for this batch, as `topup/2026-12`. Repeating a run continues where it stopped, and
   * pays no member twice. Required for `topUpTo`, `adjust` and `reclaim`.
   */
  readonly run?: string | undefined
  /**
   * Report the planned outcomes, and send nothing. If the same run has an earlier change, the preview reports
   * that change's outcome instead, unless it is proven not to have taken place.
   */
  readonly preview?: boolean | undefined
  /**
   * Upper bound on the amount that the run may add, over all its calls and members. Unknown outcomes count as
   * added.
   */
  readonly cap?: QuantityInput | undefined
  /** Upper bound on the sum of all limits of the account's members, as far as the provider reports limits. */
  readonly pool?: QuantityInput | undefined
  /** Upper bound on affected members; if more match, the call fails before sending. */
  readonly maxMembers?: number | undefined
  /** Safety checks to skip in this call, by name. */
  readonly waive?: ReadonlyArray<CheckId> | undefined
  /** `wait`: a lost answer is waited out and looked up. `defer`: a later call settles it. @default "wait" */
  readonly settle?: "wait" | "defer" | undefined
  readonly onEvent?: OnEvent | undefined
}

/**
 * Filters and sorts a listing of quotas. A row has to match every field; of `above` and `below`, one is sufficient.
 */
export interface QuotaFilter extends CallOptions {
  readonly metric?: MetricId | undefined
  readonly member?: MemberRef | ReadonlyArray<MemberRef> | undefined
  readonly status?: MemberStatus | undefined
  /** Ceilings with more than this share used, as `80%`. Unlimited ones never match. */
  readonly above?: string | undefined
  /** Balances with less than this available, as `100 CNY`. */
  readonly below?: QuantityInput | undefined
  /** The lowest amount or the first name first; of `share`, the highest. Rows without the field come last. */
  readonly sort?: "available" | "share" | "used" | "limit" | "member" | "name" | "metric" | undefined
  /** Upper bound on rows, after sorting. */
  readonly limit?: number | undefined
}

/** The quotas of one account. */
export interface Quotas {
  /** The quotas of all members that have any. */
  list(filter?: QuotaFilter): Listing<QuotaState>
  /** The quotas of one member. */
  get(member: MemberRef, options?: CallOptions): Promise<ReadonlyArray<QuotaState>>
  /**
   * Carries out one change request for one member or for many. It rejects only if nothing was attempted; all
   * outcomes, failures included, are in the report.
   *
   * **Gotchas**
   *
   * An abort takes nothing back. Before anything was sent, the call rejects with the signal's reason.
   * Afterwards nothing more is sent, and the promise resolves with a report that is `aborted`: the answer to
   * the request in flight is still received, within its timeout; a lost answer is not waited out, but
   * `Unknown`. Repeating the run continues where it stopped.
   */
  change(who: Who, spec: Spec, options?: ChangeOptions): Promise<Report>
  /** Carries out a different change request for each member, as one call with one report. */
  changeAll(changes: Iterable<Change>, options?: ChangeOptions): Promise<Report>
}

/** Filters a listing of members. */
export interface MemberFilter extends CallOptions {
  readonly status?: MemberStatus | undefined
}

/** How a member is offboarded. */
export interface OffboardOptions extends CallOptions {
  /** The caller's name for it, as `offboard/ada`. Repeating a run continues where it stopped. */
  readonly run: string
  /**
   * Whether to remove the member afterwards, if nothing is left and no outcome is unknown. On MetaStudio that
   * deletes the limits; the allowed usage of a sub-account without limits is not documented. On a cloud
   * without `members.remove` a person has to do it: the message says so, and the offboarding is not
   * `complete`.
   */
  readonly remove?: boolean | undefined
  /** Report the planned outcomes, and send nothing. */
  readonly preview?: boolean | undefined
  readonly onEvent?: OnEvent | undefined
}

/** The members of one account. */
export interface Members {
  /** All members, invited ones included, and users without a quota. */
  list(filter?: MemberFilter): Listing<MemberInfo>
  get(member: MemberRef, options?: CallOptions): Promise<MemberInfo>
  /**
   * The one member whose id, user id, name, address or person equals this text, or `undefined`. Rejects with the
   * candidates if there are several.
   */
  find(text: string, options?: CallOptions): Promise<MemberInfo | undefined>
  /**
   * All members whose id, user id, name, address or person equals this text; if there is none, those whose
   * name or address contains it.
   */
  search(text: string, options?: CallOptions): Listing<MemberInfo>
  /** Invites one user: by the provider's id of the user, or with a name. An invitation is sent once. */
  invite(user: string | Invitation, options?: CallOptions): Promise<Invited>
  /** Returns one result per invitation, in their order. */
  invite(invitations: Iterable<Invitation>, options?: CallOptions): Promise<ReadonlyArray<Invited>>
  /** Withdraws an unanswered invitation. */
  cancelInvite(member: MemberRef, options?: CallOptions): Promise<void>
  /** Changes a member's name in the team. */
  rename(member: MemberRef, name: string, options?: CallOptions): Promise<void>
  /** Removes a member. The remaining amount is not reclaimed first: `offboard` does that. */
  remove(member: MemberRef, options?: CallOptions): Promise<void>
  /**
   * Reclaims a member's remaining amount, reports any part that could not be reclaimed, and then removes the
   * member if requested.
   */
  offboard(member: MemberRef, options: OffboardOptions): Promise<Offboarding>
}

/** A period, or its text as `2026-11`, `last-month`, `this-month`, `30d`, `2026-11-01..2026-12-01`. */
export type PeriodInput = Period | string

/** Filters orders: those created in the period that match every list. */
export interface OrderFilter extends CallOptions {
  /** Default: all members, former ones included. */
  readonly member?: MemberRef | undefined
  readonly period: PeriodInput
  readonly kinds?: ReadonlyArray<Order["kind"]> | undefined
  readonly statuses?: ReadonlyArray<Order["status"]> | undefined
  /** In the provider's own words. */
  readonly states?: ReadonlyArray<string> | undefined
  readonly chargeTypes?: ReadonlyArray<string> | undefined
  readonly resourceIds?: ReadonlyArray<string> | undefined
}

/** One member, or all members if absent. */
export interface OfMember extends CallOptions {
  readonly member?: MemberRef | undefined
}

/** One member, or all members if absent, in a period. */
export interface InPeriod extends OfMember {
  readonly period: PeriodInput
}

/** Resources in one zone, or all resources of a member. */
export type RefundQuoteRequest =
  | {
      readonly region?: string | undefined
      readonly zone: string
      readonly resourceIds: ReadonlyArray<string>
    }
  | { readonly member: MemberRef }

/** The bills of one account. */
export interface Billing {
  /** The orders of a period, oldest first for each member. */
  orders(filter: OrderFilter): Listing<Order>
  /** The totals of those orders, checked against the provider's own totals where it reports them. */
  totals(filter: OrderFilter): Promise<OrderTotals>
  /** The unpaid orders. */
  unpaid(filter?: OfMember): Listing<Order>
  /** The refunds that a deletion would give: quotes, not charges. */
  refundQuotes(request: RefundQuoteRequest, options?: CallOptions): Promise<ReadonlyArray<RefundQuote>>
  /** Prepaid packages and resources. */
  entitlements(options?: CallOptions): Listing<Entitlement>
  /** The funds of the account. */
  balance(options?: CallOptions): Promise<Balance>
  /** Usage by member. */
  usage(filter: InPeriod): Listing<Usage>
  /** The cost of a month, as `2026-11`, in the time zone of the provider's bills. */
  monthlyCost(filter: OfMember & { readonly month: string }): Listing<Cost>
}

/** Options of settling open changes. */
export interface RecoverOptions extends CallOptions {
  readonly onEvent?: OnEvent | undefined
}

/** Recovery, review and baselines of changes. */
export interface Changes {
  /**
   * Accepts the present limits, of all members or of the given ones. A fresh journal requires it before the
   * first delta, and it resolves a `Drift` after a person has examined it.
   */
  baseline(
    members?: Iterable<MemberRef> | AsyncIterable<MemberRef>,
    options?: CallOptions
  ): Promise<ReadonlyArray<Baselined>>
  /** Settles open changes, waiting as long as necessary, and sends no change. */
  recover(options?: RecoverOptions): Promise<ReadonlyArray<Intent>>
  /** The changes that are not settled, or wait for a person's decision. */
  pending(options?: CallOptions): Promise<ReadonlyArray<Intent>>
  /** Records a person's decision about a conflict. The note stays in the audit log. */
  resolve(id: string, as: "applied" | "not-applied", note: string, options?: CallOptions): Promise<Intent>
  /** Compares every limit that the journal has settled with its present value. */
  verify(options?: CallOptions): Promise<ReadonlyArray<Verified>>
  /** Everything that needs a person's decision, or time: first open changes of the journal, then drift. */
  review(options?: CallOptions): Listing<Open>
}

/** A feature that clouds may lack. */
export type Feature =
  | Capability
  | (Capability extends infer Name ? (Name extends `billing.${infer Short}` ? Short : never) : never)

/** One account: a team or project on one cloud, under the name that its owner gave it. */
export interface Account {
  readonly name: string
  /** `compshare`, `metastudio`. */
  readonly provider: string
  /** The origin of the provider's API. */
  readonly endpoint: string
  /** The team or project. */
  readonly scope: string
  /** The cloud's features, by name. An `unsupported` one rejects before anything is sent. */
  readonly capabilities: Readonly<Record<Capability, Support>>
  /** The metrics of this cloud. */
  readonly metrics: ReadonlyArray<Metric>
  /** Whether the cloud has a feature, as `quotas.set-down`; of the bills, also without the prefix, as `orders`. */
  supports(feature: Feature): boolean
  readonly quotas: Quotas
  readonly members: Members
  readonly billing: Billing
  readonly changes: Changes
  /** The entries of a period, oldest first. */
  history(filter: InPeriod): Listing<HistoryEntry>
}

/**
 * Several accounts, on any clouds, until `close`.
 *
 * **Gotchas**
 *
 * A listing over all accounts reads one after the other, and rejects if one of them does. If one of the
 * clouds lacks the feature (see `account.capabilities`), list the other accounts separately.
 */
export interface Cloud<Name extends string = string> extends AsyncDisposable, AsyncIterable<Account> {
  /** In the order of the configuration. */
  readonly accounts: ReadonlyArray<Account>
  /**
   * Returns one account by its name. Throws a `CloudQuotaError` (`NotFound`) that lists the existing names.
   */
  account(name: Name): Account
  quotas(filter?: QuotaFilter): Listing<QuotaState>
  members(filter?: MemberFilter): Listing<MemberInfo>
  orders(filter: OrderFilter): Listing<Order>
  /** Everything that needs a person's decision, or time. */
  review(options?: CallOptions): Listing<Open>
  /**
   * Aborts running calls, waits until they have ended, and then closes the journal. A second call waits for
   * the first one.
   */
  close(): Promise<void>
}
