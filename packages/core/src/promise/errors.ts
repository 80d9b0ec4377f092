/** The errors of the Promise API: ordinary ones, without secrets. */

/**
 * The known state of the money. `unknown` means that it may or may not have moved: check before repeating
 * anything.
 */
export type Money = "moved" | "not-moved" | "unknown"

/** Why a call failed. */
export type Reason =
  | "Unauthenticated"
  | "PermissionDenied"
  | "NotFound"
  | "InvalidRequest"
  | "PreconditionFailed"
  | "InsufficientBalance"
  | "Throttled"
  | "Unavailable"
  | "Timeout"
  | "TransportFailed"
  | "MalformedResponse"
  | "Unsupported"
  | "AccountBusy"
  | "RunReused"
  | "JournalFailed"
  | "ProviderFailed"

/** The provider's own error, as received. */
export interface ProviderDetails {
  readonly code?: string
  readonly message?: string
  readonly httpStatus?: number
}

/** Why a call failed, and whether a retry can help. */
export interface Failure {
  readonly reason: Reason
  /** For people: the problem, and its remedy. */
  readonly message: string
  /** Whether a retry can help. Only `money` determines whether it is safe. */
  readonly retryable: boolean
  /** The invalid argument. */
  readonly field?: string
  /** The unsupported capability. */
  readonly capability?: string
  /** The wait that the provider asked for. */
  readonly retryAfterMillis?: number
  /** At the end of a listing: the number of rows that could not be read. All other rows were delivered. */
  readonly unreadableRows?: number
  readonly details?: ProviderDetails
}

/** The fields of a {@link CloudQuotaError}. */
export interface ErrorFields extends Failure {
  readonly provider: string
  readonly account?: string
  readonly operation: string
  readonly money: Money
  readonly requestId?: string
  readonly cause?: unknown
}

/**
 * The failed operation, the reason, and the state of the money.
 *
 * @example
 * import { CloudQuotaError, connect } from "@cloud-quota/core/promise"
 *
 * try {
 *   const cloud = await connect()
 *   await cloud.account("gpu").quotas.get("60001")
 * } catch (error) {
 *   if (!(error instanceof CloudQuotaError)) throw error
 *   console.error(error.message, error.reason, error.money, error.requestId)
 * }
 */
export class CloudQuotaError extends Error implements Failure {
  override readonly name = "CloudQuotaError"
  readonly reason: Reason
  readonly retryable: boolean
  readonly money: Money
  readonly provider: string
  /** The account's name. */
  declare readonly account?: string
  /** The operation, as `quotas.change`. */
  readonly operation: string
  /** The provider's id of the request, for its support. */
  declare readonly requestId?: string
  declare readonly field?: string
  declare readonly capability?: string
  declare readonly retryAfterMillis?: number
  declare readonly details?: ProviderDetails

  constructor({ cause, message, ...fields }: ErrorFields) {
    super(message, cause === undefined ? {} : { cause })
    this.reason = fields.reason
    this.retryable = fields.retryable
    this.money = fields.money
    this.provider = fields.provider
    this.operation = fields.operation
    Object.assign(this, fields)
  }
}

/** One problem of a configuration. Lines and columns are counted from 1. */
export interface ConfigIssue {
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** The setting, as `accounts.gpu.team`. Empty if it is about the whole file. */
  readonly field: string
  readonly message: string
}

/** The configuration cannot be used. `issues` lists all problems at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError"
  readonly issues: ReadonlyArray<ConfigIssue>

  constructor(message: string, issues: ReadonlyArray<ConfigIssue>) {
    super(message)
    this.issues = issues
  }
}
