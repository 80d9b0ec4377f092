/**
 * What the Promise API offers. Nothing here knows Effect.
 */
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
import type { Period } from "./period.ts"

/** What every call takes. */
export interface CallOptions {
  /**
   * Gives the call up: it rejects with the signal's reason, and whatever it was waiting for is abandoned.
   *
   * **Gotchas**
   *
   * A change whose request was sent already is not taken back by that: see `Quotas.change`.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * Rows that are fetched as they are asked for. Nothing is sent before the first one; leaving a `for await`
 * ends it; each walk over it asks anew.
 */
export interface Listing<A> extends AsyncIterable<A> {
  /** All rows. */
  toArray(): Promise<Array<A>>
}

/** Called with everything that happens, in order. What it throws is a warning, and stops nothing. */
export type OnEvent = (event: ChangeEvent) => unknown

/** How a change is carried out. */
export interface ChangeOptions extends CallOptions {
  /**
   * The caller's name for this batch, as `topup/2026-12`: run it again, and it goes on where it stopped, and
   * pays nobody twice. Required for `topUpTo`, `adjust` and `reclaim`.
   */
  readonly run?: string | undefined
  /**
   * Say what would happen, and send nothing. A preview that meets an earlier change of the same run reports
   * that one's outcome instead, unless that one is proven not to have taken place.
   */
  readonly preview?: boolean | undefined
  /** The most that the run may add, over all its calls and members. What is unknown counts as added. */
  readonly cap?: QuantityInput | undefined
  /** The most that all members of the account together may be allowed, as far as the provider reports limits. */
  readonly pool?: QuantityInput | undefined
  /** The most members that may be meant: more are a mistake, and nothing is sent. */
  readonly maxMembers?: number | undefined
  /** Safety checks that this call does without, by name. */
  readonly waive?: ReadonlyArray<CheckId> | undefined
  /** `wait` (the default): a lost answer is waited out and looked up. `defer`: a later call settles it. */
  readonly settle?: "wait" | "defer" | undefined
  readonly onEvent?: OnEvent | undefined
}

/** Which quotas a listing gives. */
export interface QuotaFilter extends CallOptions {
  readonly metric?: string | undefined
}

/** The quotas of one account. */
export interface Quotas {
  /** The quotas of all members that have any. */
  list(filter?: QuotaFilter): Listing<QuotaState>
  /** The quotas of one member. */
  get(member: MemberRef, options?: CallOptions): Promise<ReadonlyArray<QuotaState>>
  /**
   * Carries out one wish for one member or for many. It rejects only if nothing was attempted; everything
   * else is in the report, also what went wrong.
   *
   * **Gotchas**
   *
   * An abort takes nothing back. Before anything was sent it rejects with the signal's reason. Afterwards
   * nothing more is sent, and the promise resolves with a report that is `aborted`: the answer to the
   * request on its way is still taken, within its timeout; a lost answer is not waited out, but `Unknown`.
   * Run it again under the same name, and it goes on.
   */
  change(who: Who, spec: Spec, options?: ChangeOptions): Promise<Report>
  /** Carries out a different wish for each member, as one call with one report. */
  changeAll(changes: Iterable<Change>, options?: ChangeOptions): Promise<Report>
}

/** Which members a listing gives. */
export interface MemberFilter extends CallOptions {
  readonly status?: MemberStatus | undefined
}

/** How somebody is to leave. */
export interface OffboardOptions extends CallOptions {
  /** The caller's name for it, as `offboard/ada`: run it again, and it goes on where it stopped. */
  readonly run: string
  /**
   * Whether to remove the member afterwards, if nothing is left and nothing is unknown. On MetaStudio that
   * deletes the limits, and what a sub-account without any may use is not documented. On a cloud without
   * `members.remove` it is left to do by hand: the message says so, and it is not `complete`.
   */
  readonly remove?: boolean | undefined
  readonly onEvent?: OnEvent | undefined
}

/** The members of one account. */
export interface Members {
  /** All members, also those who are invited, and users without a quota. */
  list(filter?: MemberFilter): Listing<MemberInfo>
  get(member: MemberRef, options?: CallOptions): Promise<MemberInfo>
  /** Everybody whose id, user id, name, address or person is this text, or else has it in it. */
  find(text: string, options?: CallOptions): Listing<MemberInfo>
  /** One result for each invitation, in their order. An invitation is sent once. */
  invite(
    invitations: Invitation | Iterable<Invitation>,
    options?: CallOptions
  ): Promise<ReadonlyArray<Invited>>
  /** Withdraws an invitation that was not answered. */
  cancelInvite(member: MemberRef, options?: CallOptions): Promise<void>
  /** Changes the name that the team knows a member by. */
  rename(member: MemberRef, name: string, options?: CallOptions): Promise<void>
  /** Removes a member. What is left is not taken back first: `offboard` does that. */
  remove(member: MemberRef, options?: CallOptions): Promise<void>
  /** Takes back what a member has left, says what it could not, and then removes the member if asked to. */
  offboard(member: MemberRef, options: OffboardOptions): Promise<Offboarding>
}

/** A period, or its text as `2026-11`, `last-month`, `this-month`, `30d`, `2026-11-01..2026-12-01`. */
export type PeriodInput = Period | string

/** Which orders: those created in the period that fit every list. */
export interface OrderFilter extends CallOptions {
  /** Of everybody, former members too, if absent. */
  readonly member?: MemberRef | undefined
  readonly period: PeriodInput
  readonly kinds?: ReadonlyArray<Order["kind"]> | undefined
  readonly statuses?: ReadonlyArray<Order["status"]> | undefined
  /** In the provider's own words. */
  readonly states?: ReadonlyArray<string> | undefined
  readonly chargeTypes?: ReadonlyArray<string> | undefined
  readonly resourceIds?: ReadonlyArray<string> | undefined
}

/** Of one member, or of everybody. */
export interface OfMember extends CallOptions {
  readonly member?: MemberRef | undefined
}

/** Of one member, or of everybody, in a period. */
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
  /** What those orders come to, checked against the provider's own totals where it has some. */
  totals(filter: OrderFilter): Promise<OrderTotals>
  /** The orders that wait to be paid. */
  unpaid(filter?: OfMember): Listing<Order>
  /** What would come back: quotes, not charges. */
  refundQuotes(request: RefundQuoteRequest, options?: CallOptions): Promise<ReadonlyArray<RefundQuote>>
  /** What was bought in advance. */
  entitlements(options?: CallOptions): Listing<Entitlement>
  /** What there is to pay with. */
  balance(options?: CallOptions): Promise<Balance>
  /** What was used, by whom. */
  usage(filter: InPeriod): Listing<Usage>
  /** What a month cost, as `2026-11`, in the time of the provider's bills. */
  monthlyCost(filter: OfMember & { readonly month: string }): Listing<Cost>
}

/** How what is open is settled. */
export interface RecoverOptions extends CallOptions {
  readonly onEvent?: OnEvent | undefined
}

/** What surrounds single changes. */
export interface Changes {
  /**
   * Vouches for the present limits, of all members or of those named: a fresh journal asks for it before
   * the first difference, and it is the answer to a `Drift` that was looked into.
   */
  baseline(
    members?: Iterable<MemberRef> | AsyncIterable<MemberRef>,
    options?: CallOptions
  ): Promise<ReadonlyArray<Baselined>>
  /** Settles what is open, waiting as long as it takes, and sends nothing. */
  recover(options?: RecoverOptions): Promise<ReadonlyArray<Intent>>
  /** What is not settled, or waits for a person's decision. */
  pending(options?: CallOptions): Promise<ReadonlyArray<Intent>>
  /** A person's decision about a conflict. The note stays in the audit log. */
  resolve(id: string, as: "applied" | "not-applied", note: string, options?: CallOptions): Promise<Intent>
  /** Compares every limit that the journal has settled with what it is now. */
  verify(options?: CallOptions): Promise<ReadonlyArray<Verified>>
  /** What needs a person, or time: first what the journal has, then drift. */
  review(options?: CallOptions): Listing<Open>
}

/** One account: a team or project on one cloud, under the name that its owner gave it. */
export interface Account {
  readonly name: string
  /** `compshare`, `metastudio`. */
  readonly provider: string
  /** The origin of the provider's API. */
  readonly endpoint: string
  /** The team or project. */
  readonly scope: string
  /** What the cloud can do, by name. What is `unsupported` rejects before anything is sent. */
  readonly capabilities: Readonly<Record<string, Support>>
  /** What is limited on this cloud. */
  readonly metrics: ReadonlyArray<Metric>
  readonly quotas: Quotas
  readonly members: Members
  readonly billing: Billing
  readonly changes: Changes
  /** What happened in a period, oldest first. */
  history(filter: InPeriod): Listing<HistoryEntry>
}

/**
 * Several accounts, on any clouds, until `close`.
 *
 * **Gotchas**
 *
 * A listing over all accounts goes from one to the next, and rejects where one of them does: what one of the
 * clouds cannot do (`account.capabilities`) is asked of the others by themselves.
 */
export interface Cloud<Name extends string = string> extends AsyncDisposable {
  /** In the order of the configuration. */
  readonly accounts: ReadonlyArray<Account>
  /** One account by its name. Throws a `CloudQuotaError` (`NotFound`) that names those there are. */
  account(name: Name): Account
  quotas(filter?: QuotaFilter): Listing<QuotaState>
  members(filter?: MemberFilter): Listing<MemberInfo>
  orders(filter: OrderFilter): Listing<Order>
  /** What needs a person, or time. */
  review(options?: CallOptions): Listing<Open>
  /**
   * Gives up what is still running, as an abort does, and waits until it has ended; then closes the
   * journal. A second call waits for the first one.
   */
  close(): Promise<void>
}
