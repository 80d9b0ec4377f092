/**
 * The one error of the library: the failed operation, the reason, and the state of the money.
 *
 * The `reason` is a union of tagged reasons; catch one with `Effect.catchReason`. It keeps the provider's own
 * code and message. An error never contains a secret: no key, no token, no signature, no request body.
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as SafeText from "./SafeText.ts"

/**
 * The state of the money. The word applies to any quota.
 *
 * | value | meaning |
 * |---|---|
 * | `moved` | the change took place |
 * | `not-moved` | it is proven that nothing was changed |
 * | `unknown` | it may or may not have been changed; never repeat such a change blindly |
 */
export const Money = Schema.Literals(["moved", "not-moved", "unknown"])
export type Money = typeof Money.Type

/** The provider's own code and message, as received, without secrets. */
export const ProviderDetails = Schema.Struct({
  code: Schema.optionalKey(Schema.String),
  message: Schema.optionalKey(Schema.String),
  httpStatus: Schema.optionalKey(Schema.Int)
}).annotate({ identifier: "ProviderDetails" })
export type ProviderDetails = typeof ProviderDetails.Type

const common = {
  /** For people: the problem, and its remedy. */
  message: Schema.String,
  details: Schema.optionalKey(ProviderDetails)
}

/** The credentials are missing, wrong or expired. */
export class Unauthenticated extends Schema.TaggedError<Unauthenticated>()("Unauthenticated", common) {
  readonly isRetryable = false
}

/** The credentials are valid, but do not allow this. */
export class PermissionDenied extends Schema.TaggedError<PermissionDenied>()("PermissionDenied", common) {
  readonly isRetryable = false
}

/** The member, team or resource does not exist. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", common) {
  readonly isRetryable = false
}

/** An argument of the call is invalid. `field` names it; the message describes a valid value. */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>()("InvalidRequest", {
  ...common,
  field: Schema.optionalKey(Schema.String)
}) {
  readonly isRetryable = false
}

/**
 * The present state does not allow this, such as isolation that is switched off. `needs` names the function
 * of `Changes` to call first, if nothing else is missing.
 */
export class PreconditionFailed extends Schema.TaggedError<PreconditionFailed>()("PreconditionFailed", {
  ...common,
  needs: Schema.optionalKey(Schema.Literals(["baseline", "recover"]))
}) {
  readonly isRetryable = false
}

/** Not enough is left to grant or to take back. */
export class InsufficientBalance extends Schema.TaggedError<InsufficientBalance>()(
  "InsufficientBalance",
  common
) {
  readonly isRetryable = false
}

/** Too many requests. `retryAfterMillis` is the delay that the provider requests, if it gives one. */
export class Throttled extends Schema.TaggedError<Throttled>()("Throttled", {
  ...common,
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
}) {
  readonly isRetryable = true
}

/** The provider is temporarily unavailable. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  ...common,
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
}) {
  readonly isRetryable = true
}

/** No answer came in time, by our own limit or the provider's. */
export class Timeout extends Schema.TaggedError<Timeout>()("Timeout", common) {
  readonly isRetryable = true
}

/** The connection failed. `phase` shows whether the request can have reached the provider. */
export class TransportFailed extends Schema.TaggedError<TransportFailed>()("TransportFailed", {
  ...common,
  phase: Schema.Literals(["not-sent", "unknown"])
}) {
  readonly isRetryable = true
}

/**
 * The answer does not match the provider's documentation: truncated, too large, HTML, empty, or of another
 * shape.
 */
export class MalformedResponse extends Schema.TaggedError<MalformedResponse>()("MalformedResponse", {
  ...common,
  /** At the end of a listing: the number of rows that could not be read. All other rows were delivered. */
  unreadableRows: Schema.optionalKey(Schema.Int)
}) {
  readonly isRetryable = false
}

/** The provider does not support this. Refused before anything is sent. */
export class Unsupported extends Schema.TaggedError<Unsupported>()("Unsupported", {
  ...common,
  capability: Schema.String
}) {
  readonly isRetryable = false
}

/** Another process is changing quotas of this account. */
export class AccountBusy extends Schema.TaggedError<AccountBusy>()("AccountBusy", common) {
  readonly isRetryable = true
}

/** The run was used before for a different request. */
export class RunReused extends Schema.TaggedError<RunReused>()("RunReused", common) {
  readonly isRetryable = false
}

/** The journal cannot be read or written. Nothing is sent without it. */
export class JournalFailed extends Schema.TaggedError<JournalFailed>()("JournalFailed", common) {
  readonly isRetryable = false
}

/** The provider answered with a failure that this library does not know. */
export class ProviderFailed extends Schema.TaggedError<ProviderFailed>()("ProviderFailed", common) {
  readonly isRetryable = false
}

/** The reason of a failure. `isRetryable` shows whether retrying can help. */
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
 * The failed operation, the reason, and the state of the money.
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
  /** The requested operation, such as `quotas.change` or `GetCompShareTeamInfo`. */
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

  /** Whether retrying can help. It does not show whether retrying is safe: look at `money`. */
  get isRetryable(): boolean {
    return this.reason.isRetryable
  }

  /** The delay that the provider requests, if it gives one. */
  get retryAfter(): Duration.Duration | undefined {
    const millis = "retryAfterMillis" in this.reason ? this.reason.retryAfterMillis : undefined
    return millis === undefined ? undefined : Duration.millis(millis)
  }
}

/** Returns the error for an invalid argument, found before anything is sent. */
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
