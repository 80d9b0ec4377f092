/**
 * The values of the Promise form beside those of the Effect form: checked, and never run. The Promise form's are
 * written by hand, and a field that one of the two lacks does not compile here.
 */
import type {
  Billing,
  Capabilities,
  Change,
  Changes,
  CloudQuotaError,
  History,
  Journal,
  Limit,
  Member,
  Metric,
  Quantity,
  Quota,
  Report,
  Review,
  SafetyCheck
} from "@cloud-quota/core"
import type * as Plain from "@cloud-quota/core/promise"
import type { DateTime } from "effect"

/** What both forms have each its own type for. */
interface Leaf<Name> {
  readonly leaf: Name
}

/** A type with all that is written differently in the two forms made alike, all the way down. */
type Shape<T> = unknown extends T
  ? unknown
  : T extends Quantity.Quantity | Plain.Quantity | Limit.Finite
    ? Leaf<"quantity">
    : T extends Limit.Unlimited
      ? "unlimited"
      : T extends DateTime.DateTime | Date
        ? Leaf<"time">
        : T extends CloudQuotaError.Reason | CloudQuotaError.CloudQuotaError | Plain.Failure
          ? Leaf<"failure">
          : T extends Member.MemberId
            ? string
            : T extends Plain.MetricId
              ? string
              : T extends string | number | boolean | undefined
                ? T
                : T extends ReadonlyArray<infer Item>
                  ? ReadonlyArray<Shape<Item>>
                  : { readonly [Key in keyof T as Key extends Text ? never : Key]: Shape<T[Key]> }

/** How a value prints is no part of its data. */
type Text = "toString" | typeof Symbol.iterator

type Same<A, B> =
  (<T>() => T extends Shape<A> ? 1 : 2) extends <T>() => T extends Shape<B> ? 1 : 2 ? true : false

/** Compiles if all of them are true. */
type All<_ extends { readonly [name: string]: true }> = true

/** An outcome of the Effect form by the names of the other. */
type Renamed<T> = T extends { readonly _tag: infer Tag }
  ? { readonly outcome: Tag } & {
      readonly [Key in keyof T as Key extends "_tag" ? never : Key extends "reason" ? "failure" : Key]: T[Key]
    }
  : never

/** Outcomes that have the same fields, apart. */
type Apart<T, Whole = T> = T extends { readonly outcome: infer Tag }
  ? Tag extends string
    ? { readonly outcome: Tag } & {
        readonly [Key in keyof T as Key extends "outcome" ? never : Key]: T[Key]
      }
    : Whole
  : never

/** The fields of every member of a union. */
type KeysOf<T> = T extends unknown ? keyof T : never

export type Values = All<{
  metric: Same<Plain.Metric, Metric.Metric>
  quota: Same<Omit<Plain.QuotaState, "account" | "share">, Quota.QuotaState>
  share: Same<Plain.QuotaState["share"], ReturnType<typeof Quota.share>>
  support: Same<Plain.Support, Capabilities.Support>
  member: Same<Omit<Plain.MemberInfo, "account" | "status" | "rawStatus">, Omit<Member.MemberInfo, "status">>
  status: Same<Plain.MemberStatus, Member.MemberStatus["_tag"]>
  rawStatus: Same<"_tag" | "raw", KeysOf<Member.MemberStatus>>
  invitation: Same<Plain.Invitation, Member.Invitation>
  invited: Same<Omit<Plain.Invited, "failure" | "member">, Omit<Member.Invited, "reason" | "member">>
  invitedKeys: Same<Exclude<keyof Plain.Invited, "failure">, Exclude<keyof Member.Invited, "reason">>
  offboarding: Same<
    Omit<Plain.Offboarding, "report" | "quotas">,
    Omit<Member.Offboarding, "report" | "quotas">
  >
  offboardingKeys: Same<keyof Omit<Plain.Offboarding, Text>, keyof Member.Offboarding>
  order: Same<Omit<Plain.Order, "account">, Billing.Order>
  totals: Same<Plain.OrderTotals, Billing.OrderTotals>
  refundQuote: Same<Plain.RefundQuote, Billing.RefundQuote>
  entitlement: Same<Plain.Entitlement, Billing.Entitlement>
  balance: Same<Plain.Balance, Billing.Balance>
  usage: Same<Plain.Usage, Billing.Usage>
  cost: Same<Plain.Cost, Billing.Cost>
  history: Same<Plain.HistoryEntry, History.HistoryEntry>
  baselined: Same<Plain.Baselined, Changes.Baselined>
  verified: Same<Plain.Verified, Changes.Verified>
  open: Same<Plain.Open, Review.Open>
  observed: Same<Plain.Observed, Report.Observed>
}>

export type Results = All<{
  outcome: Same<Apart<Plain.Outcome>, Apart<Renamed<Report.Outcome>>>
  result: Same<Omit<Plain.Result, "outcome">, Omit<Report.Result, "outcome">>
  report: Same<
    Omit<Plain.Report, "aborted" | "attention" | "complete" | "exitCode" | "results" | "summary">,
    Omit<Report.Report, "results">
  >
  reportKeys: Same<
    Exclude<keyof Plain.Report, "aborted" | "attention" | "complete" | "exitCode" | "summary" | Text>,
    keyof Report.Report
  >
  exitCode: Same<Plain.Report["exitCode"], ReturnType<typeof Report.exitCode>>
  check: Same<Plain.CheckId, SafetyCheck.CheckId>
  money: Same<Plain.Money, CloudQuotaError.Money>
  reason: Same<Plain.Reason, CloudQuotaError.Reason["_tag"]>
  details: Same<Plain.ProviderDetails, CloudQuotaError.ProviderDetails>
  event: Same<Plain.ChangeEvent["type"], Change.Event["_tag"]>
  eventKeys: Same<
    Exclude<KeysOf<Plain.ChangeEvent>, "type" | "remainingMillis">,
    Exclude<KeysOf<Change.Event>, "_tag" | "remaining">
  >
}>

/** What only the engine asks of an intent. */
type Internal =
  | "account"
  | "membership"
  | "audit"
  | "put"
  | "closing"
  | "unanswered"
  | "fence"
  | "owner"
  | "armed"

/** Times of the journal are numbers there. */
type Stamps = "createdAt" | "updatedAt"

export type Intents = All<{
  intent: Same<Omit<Plain.Intent, Stamps>, Omit<Journal.Intent, Internal | Stamps>>
  stamps: Same<keyof Pick<Plain.Intent, Stamps>, keyof Pick<Journal.Intent, Stamps>>
}>

/** What every call of the Promise form takes besides. */
type Call = keyof Plain.CallOptions

type SameKeys<A, B> = Same<Exclude<keyof A, Call>, keyof B>

export type Options = All<{
  change: SameKeys<Plain.ChangeOptions, Change.Options>
  action: Same<KeysOf<Plain.Action>, KeysOf<Change.ActionInput>>
  oneChange: SameKeys<Plain.Change, Change.Change>
  offboard: SameKeys<Plain.OffboardOptions, Member.OffboardOptions>
  quotas: SameKeys<Plain.QuotaFilter, Quota.QuotaFilter>
  members: SameKeys<Plain.MemberFilter, Member.MemberFilter>
  orders: SameKeys<Plain.OrderFilter, Billing.OrderFilter>
  unpaid: SameKeys<Plain.OfMember, Billing.UnpaidFilter>
  usage: SameKeys<Plain.InPeriod, Billing.UsageFilter>
  history: SameKeys<Plain.InPeriod, History.HistoryFilter>
  refundQuotes: Same<KeysOf<Plain.RefundQuoteRequest>, KeysOf<Billing.RefundQuoteRequest>>
}>
