/**
 * The one error of the library: what failed, why, and what that means for the money.
 *
 * The `reason` is a union of tagged reasons; catch one with `Effect.catchReason`. The provider's
 * own code and message stay on it. Nothing secret is ever part of an error: no key, no token, no
 * signature, no request body.
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as SafeText from "./SafeText.ts"

/**
 * What is known about the money:
 * - `moved`: the change took place.
 * - `not-moved`: it is proven that nothing was changed.
 * - `unknown`: it may or may not have been changed. Never repeat such a change blindly.
 *
 * The word is money, and it is meant for any quota.
 */
export const Money = Schema.Literals(["moved", "not-moved", "unknown"])
export type Money = typeof Money.Type

/** What a provider itself said: its code and message, as they came, without secrets. */
export const ProviderDetails = Schema.Struct({
  code: Schema.optionalKey(Schema.String),
  message: Schema.optionalKey(Schema.String),
  httpStatus: Schema.optionalKey(Schema.Int)
}).annotate({ identifier: "ProviderDetails" })
export type ProviderDetails = typeof ProviderDetails.Type

const common = {
  /** For people: what happened, and what to do about it. */
  message: Schema.String,
  details: Schema.optionalKey(ProviderDetails)
}

/** The credentials are missing, wrong or expired. */
export class Unauthenticated extends Schema.TaggedError<Unauthenticated>()("Unauthenticated", common) {
  readonly isRetryable = false
}

/** The credentials are good and do not allow this. */
export class PermissionDenied extends Schema.TaggedError<PermissionDenied>()("PermissionDenied", common) {
  readonly isRetryable = false
}

/** The member, team or resource does not exist. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", common) {
  readonly isRetryable = false
}

/** Something in the call is wrong. `field` names it; the message says what would be right. */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>()("InvalidRequest", {
  ...common,
  field: Schema.optionalKey(Schema.String)
}) {
  readonly isRetryable = false
}

/**
 * Things are not in a state in which this can be done, such as isolation switched off. `needs` is what has to
 * be called first, where a call of `Changes` is all that is missing.
 */
export class PreconditionFailed extends Schema.TaggedError<PreconditionFailed>()("PreconditionFailed", {
  ...common,
  needs: Schema.optionalKey(Schema.Literals(["baseline", "recover"]))
}) {
  readonly isRetryable = false
}

/** There is not enough left to grant or to take back. */
export class InsufficientBalance extends Schema.TaggedError<InsufficientBalance>()(
  "InsufficientBalance",
  common
) {
  readonly isRetryable = false
}

/** Too many requests. `retryAfterMillis` is the provider's own wish, where it told one. */
export class Throttled extends Schema.TaggedError<Throttled>()("Throttled", {
  ...common,
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
}) {
  readonly isRetryable = true
}

/** The provider is out of order for the moment. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  ...common,
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
}) {
  readonly isRetryable = true
}

/** No answer in time: ours, or the provider's own limit. */
export class Timeout extends Schema.TaggedError<Timeout>()("Timeout", common) {
  readonly isRetryable = true
}

/** The connection failed. `phase` tells whether the request can have reached the provider. */
export class TransportFailed extends Schema.TaggedError<TransportFailed>()("TransportFailed", {
  ...common,
  phase: Schema.Literals(["not-sent", "unknown"])
}) {
  readonly isRetryable = true
}

/** The answer is not what the provider documents: truncated, too large, HTML, empty, of another shape. */
export class MalformedResponse extends Schema.TaggedError<MalformedResponse>()("MalformedResponse", common) {
  readonly isRetryable = false
}

/** This provider has nothing of the kind. Refused before anything is sent. */
export class Unsupported extends Schema.TaggedError<Unsupported>()("Unsupported", {
  ...common,
  capability: Schema.String
}) {
  readonly isRetryable = false
}

/** Somebody else is changing quotas of this account. */
export class AccountBusy extends Schema.TaggedError<AccountBusy>()("AccountBusy", common) {
  readonly isRetryable = true
}

/** The run was used before, for a different request. */
export class RunReused extends Schema.TaggedError<RunReused>()("RunReused", common) {
  readonly isRetryable = false
}

/** The journal cannot be read or written. Nothing is sent without it. */
export class JournalFailed extends Schema.TaggedError<JournalFailed>()("JournalFailed", common) {
  readonly isRetryable = false
}

/** The provider answered with a failure that this library has no meaning for. */
export class ProviderFailed extends Schema.TaggedError<ProviderFailed>()("ProviderFailed", common) {
  readonly isRetryable = false
}

/** Why an operation failed. Each reason says whether trying again can help (`isRetryable`). */
export const Reason = Schema.Union([
  Unauthenticated,
  PermissionDenied,
  NotFound,
  InvalidRequest,
  PreconditionFailed,
  InsufficientBalance,
  Throttled,
  Unavailable,
  Timeout,
  TransportFailed,
  MalformedResponse,
  Unsupported,
  AccountBusy,
  RunReused,
  JournalFailed,
  ProviderFailed
]).annotate({ identifier: "Reason" })
export type Reason = typeof Reason.Type

/**
 * What failed, why, and what it means for the money.
 *
 * @example
 * import { CloudQuotaError } from "@cloud-quota/core"
 *
 * const error = new CloudQuotaError.CloudQuotaError({
 *   provider: "compshare",
 *   operation: "quotas.change",
 *   money: "not-moved",
 *   reason: new CloudQuotaError.InvalidRequest({ message: "amount must be positive", field: "amount" })
 * })
 * error.message // => "compshare quotas.change: amount must be positive"
 */
export class CloudQuotaError extends Schema.TaggedError<CloudQuotaError>()("CloudQuotaError", {
  provider: Schema.String,
  account: Schema.optionalKey(Schema.String),
  /** What was asked for, as `quotas.change` or `GetCompShareTeamInfo`. */
  operation: Schema.String,
  reason: Reason,
  money: Money,
  /** The provider's id of the request, for its support. */
  requestId: Schema.optionalKey(Schema.String),
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    const where = this.account === undefined ? this.provider : `${this.provider}/${this.account}`
    const id = this.requestId === undefined ? "" : ` (request ${this.requestId})`
    return SafeText.visible(`${where} ${this.operation}: ${this.reason.message}${id}`)
  }

  /** Whether trying again can help. It says nothing about whether it is safe: look at `money`. */
  get isRetryable(): boolean {
    return this.reason.isRetryable
  }

  /** How long the provider asked to wait, where it did. */
  get retryAfter(): Duration.Duration | undefined {
    const millis = "retryAfterMillis" in this.reason ? this.reason.retryAfterMillis : undefined
    return millis === undefined ? undefined : Duration.millis(millis)
  }
}

/** A refusal of bad input, before anything is sent: which field, and what would be right. */
export const invalid = (options: {
  readonly provider: string
  readonly account?: string
  readonly operation: string
  readonly field: string
  readonly message: string
}): CloudQuotaError => {
  const { field, message, ...rest } = options
  return new CloudQuotaError({
    ...rest,
    money: "not-moved",
    reason: new InvalidRequest({ field, message: `${field}: ${message}` })
  })
}
