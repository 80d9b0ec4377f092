/**
 * CompShare's result codes: what each means, why it is an error, and what it proves about the money.
 *
 * A code that is not in the table proves nothing. Codes are numbered per product, so a code that belongs to
 * an action is accepted only in an answer to that action.
 */
import {
  InsufficientBalance,
  InvalidRequest,
  NotFound,
  PermissionDenied,
  PreconditionFailed,
  ProviderFailed,
  Throttled,
  Timeout,
  Unauthenticated,
  Unavailable
} from "@cloud-quota/core/CloudQuotaError"
import type { ProviderDetails, Reason } from "@cloud-quota/core/CloudQuotaError"

/**
 * The position of a code: the `RetCode` of a whole answer, or the `Code` of one member in `FailedMembers` or
 * `ErrorMap`.
 */
export type Scope = "request" | "member"

/** One code. */
export interface Row {
  readonly code: number
  readonly scope: Scope
  /** The only action that the code belongs to. Absent if any action may return it. */
  readonly action?: string
  readonly meaning: string
  readonly reason: keyof typeof reasons
  /**
   * The proof that the code gives after a request that changes something: `not-moved` if nothing happened,
   * `unknown` if it proves nothing.
   */
  readonly money: "not-moved" | "unknown"
}

/** The fields of a reason. */
interface ReasonFields {
  readonly message: string
  readonly details?: ProviderDetails
  readonly retryAfterMillis?: number
}

const reasons = {
  InsufficientBalance,
  InvalidRequest,
  NotFound,
  PermissionDenied,
  PreconditionFailed,
  ProviderFailed,
  Throttled,
  Timeout,
  Unauthenticated,
  Unavailable
}

const request = (
  code: number,
  reason: Row["reason"],
  money: Row["money"],
  meaning: string,
  action?: string
): Row => ({ code, scope: "request", reason, money, meaning, ...(action === undefined ? {} : { action }) })

const member = (code: number, action: string, reason: Row["reason"], meaning: string): Row => ({
  code,
  scope: "member",
  action,
  reason,
  money: "not-moved",
  meaning
})

/** Every code with a known meaning. */
export const table: ReadonlyArray<Row> = [
  request(110, "Timeout", "unknown", "the provider's own limit of 60 seconds passed"),
  request(130, "Unavailable", "unknown", "the provider's gateway or sign-in service failed"),
  request(150, "Unavailable", "unknown", "the service is not available for the moment"),
  // Probably not carried out, but that is undocumented, and probability is not enough for money.
  request(153, "Throttled", "unknown", "too many requests"),
  request(160, "InvalidRequest", "not-moved", "the action is missing"),
  request(161, "InvalidRequest", "not-moved", "there is no such action"),
  request(170, "Unauthenticated", "not-moved", "the request is not signed"),
  request(
    171,
    "Unauthenticated",
    "not-moved",
    "the signature is wrong: check the private key, and that the keys belong to this endpoint"
  ),
  request(172, "Unauthenticated", "not-moved", "the public key belongs to nobody here: check it"),
  request(174, "Unauthenticated", "not-moved", "the security token is unknown or expired: get a new one"),
  request(200, "PermissionDenied", "not-moved", "these credentials do not allow this"),
  request(210, "InvalidRequest", "not-moved", "a parameter is missing"),
  request(220, "InvalidRequest", "not-moved", "a parameter is missing"),
  request(230, "InvalidRequest", "not-moved", "a parameter has a value that the provider does not take"),
  request(292, "NotFound", "not-moved", "the project does not exist"),
  request(293, "PermissionDenied", "not-moved", "the zone is not open to this account"),
  request(294, "PermissionDenied", "not-moved", "this IP address is not on the account's list"),
  request(295, "PermissionDenied", "not-moved", "the account is locked for its security"),
  request(299, "PermissionDenied", "not-moved", "the account's access rules deny this"),
  // According to a user's report, its own text speaks of CPU and memory.
  request(8333, "PreconditionFailed", "unknown", "this GPU is not sold in this zone"),
  request(8433, "ProviderFailed", "unknown", "the service failed: ask the provider's support"),
  request(
    8434,
    "PreconditionFailed",
    "unknown",
    "the disk is still being detached: try later",
    "DeleteCompshareDisk"
  ),
  request(226601, "InsufficientBalance", "unknown", "the account is in arrears"),
  request(226602, "PreconditionFailed", "unknown", "the resource has expired"),
  request(226603, "InvalidRequest", "unknown", "the image does not fit the GPU"),
  request(226604, "PreconditionFailed", "unknown", "out of stock"),
  request(226605, "PreconditionFailed", "unknown", "a task for it is already running"),
  request(226606, "PreconditionFailed", "unknown", "the account's owner is not verified"),
  request(226617, "Throttled", "unknown", "too many requests"),
  member(16001, "CreateCompShareTeamRelation", "PreconditionFailed", "the user is already in the team"),
  member(17001, "SetCompShareTeamAmount", "InsufficientBalance", "there is not enough allowance")
]

/** Returns the row of a code in an answer to this action, if there is one. */
export const find = (
  code: number,
  where: { readonly action: string; readonly scope: Scope }
): Row | undefined =>
  table.find(
    (row) =>
      row.code === code &&
      row.scope === where.scope &&
      (row.action === undefined || row.action === where.action)
  )

/** Makes the reason of a row, with the provider's details. Without a row: `ProviderFailed`. */
export const toReason = (row: Row | undefined, fields: ReasonFields): Reason => {
  const { retryAfterMillis: _, ...withoutWait } = fields
  const tag = row?.reason ?? "ProviderFailed"
  return tag === "Throttled" || tag === "Unavailable"
    ? new reasons[tag](fields)
    : new reasons[tag](withoutWait)
}
