/**
 * The errors of the Promise API: ordinary ones. Nothing secret is ever part of them.
 */

/** What is known about the money: `unknown` means that it may or may not have moved, so repeat nothing blindly. */
export type Money = "moved" | "not-moved" | "unknown"

/** Why something failed. */
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

/** What a provider itself said, as it came. */
export interface ProviderDetails {
  readonly code?: string
  readonly message?: string
  readonly httpStatus?: number
}

/** Why something failed, and whether trying again can help. */
export interface Failure {
  readonly reason: Reason
  /** For people: what happened, and what to do about it. */
  readonly message: string
  /** Whether trying again can help. Whether it is safe, only `money` says. */
  readonly retryable: boolean
  /** Which argument is wrong. */
  readonly field?: string
  /** What the cloud lacks. */
  readonly capability?: string
  /** How long the provider asked to wait. */
  readonly retryAfterMillis?: number
  /** At the end of a listing: the number of rows that could not be read. All other rows were delivered. */
  readonly unreadableRows?: number
  readonly details?: ProviderDetails
}

/** What a {@link CloudQuotaError} is made of. */
export interface ErrorFields extends Failure {
  readonly provider: string
  readonly account?: string
  readonly operation: string
  readonly money: Money
  readonly requestId?: string
  readonly cause?: unknown
}

/**
 * What failed, why, and what it means for the money.
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
  /** What was asked for, as `quotas.change`. */
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

/** One thing that is wrong with a configuration. Lines and columns are counted from 1. */
export interface ConfigIssue {
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** The setting, as `accounts.gpu.team`. Empty if it is about the whole file. */
  readonly field: string
  readonly message: string
}

/** The configuration cannot be used: everything that is wrong with it, at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError"
  readonly issues: ReadonlyArray<ConfigIssue>

  constructor(message: string, issues: ReadonlyArray<ConfigIssue>) {
    super(message)
    this.issues = issues
  }
}
