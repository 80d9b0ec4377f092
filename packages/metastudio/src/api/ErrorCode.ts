/**
 * The meaning of error codes, as data: a text, a reason, and the proof about the money.
 *
 * A listed code is decisive in a 4xx answer: MetaStudio answers some failed logins with 400. An unlisted code
 * proves nothing about the money. Neither does any other status, whatever code its body has: a server that
 * fails with 5xx may have carried the request out. Only the billing service refuses with status 200, as its
 * pages document.
 *
 * Sources: the error code pages of MetaStudio, of the API Gateway, of IAM (iam_02_0006; api-iam5
 * ErrorCode) and of the billing service ("customer operation capabilities") on support.huaweicloud.com.
 */
import type { Reason } from "@cloud-quota/core/CloudQuotaError"

/** The meaning of one code. */
export interface Meaning {
  /** For people: the problem and, where known, its remedy. */
  readonly meaning: string
  readonly reason: AnswerReason
  /**
   * The proof about a call that changes something: `not-moved` if nothing happened, `unknown` if it proves
   * nothing.
   */
  readonly money: "not-moved" | "unknown"
  /** Whether a new token may help. */
  readonly staleToken?: true
}

/** The reasons that an answer can have. All others are raised without an answer. */
export type AnswerReason = Extract<
  Reason["_tag"],
  | "Unauthenticated"
  | "PermissionDenied"
  | "NotFound"
  | "InvalidRequest"
  | "PreconditionFailed"
  | "InsufficientBalance"
  | "Throttled"
  | "Unavailable"
  | "Timeout"
  | "ProviderFailed"
>

const refused = (reason: AnswerReason, meaning: string): Meaning => ({
  reason,
  meaning,
  money: "not-moved"
})

const undecided = (reason: AnswerReason, meaning: string): Meaning => ({
  reason,
  meaning,
  money: "unknown"
})

const stale = (meaning: string): Meaning => ({ ...refused("Unauthenticated", meaning), staleToken: true })

const checkKeys = "check the access key and its secret, or the token, and that they belong to this region"
const onlyRoot =
  "only the root account may do this, and writing needs sub-account isolation to be switched on in MetaStudio"
const iamKeys =
  "IAM did not accept the credentials: check them (a HUAWEI ID cannot fetch tokens: create an IAM user with programmatic access)"
const iamDenied = "IAM does not allow this to these credentials: they lack a permission"
const iamParameter = "IAM does not accept one of the parameters"
const otherSite =
  "the account does not belong to this site of Huawei Cloud: use the site's own billing endpoint"
const tooLarge = "the request is too large for the gateway"
const gateway = "the gateway in front of MetaStudio is out of order"

/**
 * All known codes. A row for a single HTTP status has it after the code, as `APIGW.0201 504`. The spelling
 * `APIG.` of newer pages equals `APIGW.`, and `Iam.` equals `IAM.`; bare numbers are the codes of IAM's
 * version 3.
 */
export const rows: Readonly<Record<string, Meaning>> = {
  "MSS.00000001": stale(`MetaStudio did not accept the credentials: ${checkKeys}`),
  "MSS.00000002": refused("InvalidRequest", "MetaStudio cannot read the request body"),
  "MSS.00000003": refused("InvalidRequest", "MetaStudio does not accept one of the parameters"),
  "MSS.00000004": undecided("Unavailable", "MetaStudio has an internal error"),
  "MSS.00000005": refused("PermissionDenied", onlyRoot),
  "MSS.00010003": refused("InvalidRequest", "MetaStudio has no such API: check the endpoint"),
  "MSS.00010004": refused("InvalidRequest", "MetaStudio's API has no such method"),
  "MSS.00010008": stale("MetaStudio did not accept the token: fetch a new one"),
  "MSS.00010009": refused(
    "InvalidRequest",
    "the project id is not the one that the credentials are for: correct the project id or the credentials"
  ),
  "MSS.10000002": refused("InvalidRequest", "MetaStudio cannot read the JSON of the request"),
  "MSS.10000003": refused("InvalidRequest", "MetaStudio does not accept one of the parameters"),
  "MSS.10001001": refused("NotFound", "MetaStudio does not have this asset"),
  "MSS.20010135": refused("InsufficientBalance", "the project has too little of this resource left"),
  "MSS.42000007": undecided("ProviderFailed", "a computation inside MetaStudio failed"),

  "APIGW.0101": refused("InvalidRequest", "the gateway has no such API: check the endpoint and the region"),
  "APIGW.0103": refused("ProviderFailed", "the gateway has no backend for this API"),
  "APIGW.0104": refused("ProviderFailed", "the gateway lacks a plug-in for this API"),
  "APIGW.0105": refused("ProviderFailed", "the gateway has no backend configured for this API"),
  "APIGW.0106": refused("InvalidRequest", "the gateway cannot map the request to the API"),
  "APIGW.0201 400": refused("InvalidRequest", "the gateway does not accept the form of the request"),
  "APIGW.0201 413": refused("InvalidRequest", tooLarge),
  "APIGW.0201 414": refused("InvalidRequest", "the URL is too long for the gateway"),
  "APIGW.0201 494": refused("InvalidRequest", "the headers are too large for the gateway"),
  "APIGW.0201 502": undecided("Unavailable", "the gateway could not reach MetaStudio"),
  "APIGW.0201 504": undecided("Timeout", "MetaStudio did not answer the gateway in time"),
  "APIGW.0301": stale(`the signature or the token was not accepted: ${checkKeys}`),
  "APIGW.0302": refused("PermissionDenied", "the IAM user may not call this API"),
  "APIGW.0303": refused("Unauthenticated", "the gateway did not accept the app's credentials"),
  "APIGW.0304": refused("PermissionDenied", "the app may not call this API"),
  "APIGW.0305": refused("Unauthenticated", "the gateway did not accept the credentials"),
  "APIGW.0306": refused("PermissionDenied", "access to this API is denied"),
  "APIGW.0307": stale("the token has to be renewed, or belongs to another region"),
  "APIGW.0308": refused("Throttled", "too many requests: the gateway's rate limit is reached"),
  "APIGW.0310": refused("PermissionDenied", "the project is not available to these credentials"),
  "APIGW.0311": refused("Unauthenticated", "the gateway did not accept the credentials"),
  "APIGW.0401": refused("PermissionDenied", "the address of this machine is not allowed"),
  "APIGW.0402": refused("PermissionDenied", "the account is not allowed to call this API"),
  "APIGW.0404": refused("PermissionDenied", "the address of this machine is not allowed"),
  "APIGW.0501": refused("PreconditionFailed", "the app has used up its calls"),
  "APIGW.0502": refused("PreconditionFailed", "the app is frozen"),
  "APIGW.0601": undecided("Unavailable", gateway),
  "APIGW.0602": refused("InvalidRequest", "the gateway cannot read the request"),
  "APIGW.0605": undecided("Unavailable", gateway),
  "APIGW.0606": undecided("Unavailable", gateway),
  "APIGW.0607": refused("InvalidRequest", "the gateway does not speak this protocol: use https"),
  "APIGW.0608": undecided("Unavailable", gateway),
  "APIGW.0609": undecided("Unavailable", gateway),
  "APIGW.0610": undecided("Unavailable", gateway),
  "APIGW.0611": undecided("Unavailable", gateway),
  "APIGW.0612": undecided("ProviderFailed", gateway),
  "APIGW.0613": undecided("Unavailable", gateway),
  "APIGW.0705": undecided("Unavailable", gateway),
  "APIGW.0801": refused("PermissionDenied", "MetaStudio is not available in this region"),
  "APIGW.0802": refused("PermissionDenied", "the IAM user may not be used in this region"),

  // IAM, version 3.0 and the common part, from its error code page and its examples.
  "IAM.0001": stale(iamKeys),
  "IAM.0002": refused("PermissionDenied", iamDenied),
  "IAM.0003": refused("PermissionDenied", iamDenied),
  "IAM.0004": refused("NotFound", "IAM does not know what was asked for"),
  "IAM.0006": undecided("Unavailable", "IAM has an internal error"),
  "IAM.0007": refused("InvalidRequest", iamParameter),
  "IAM.0009": refused("InvalidRequest", "IAM does not accept the X-Subject-Token"),
  "IAM.0011": refused("InvalidRequest", "IAM cannot read the request body"),
  "IAM.0072": refused("InvalidRequest", "IAM misses a property that is required"),
  // IAM, version 5.
  "PAP5.0001": refused("PermissionDenied", iamDenied),
  "PAP5.0010": refused("InvalidRequest", "IAM does not know this marker: begin with the first page again"),

  // Billing, which answers some refusals with status 200.
  "CBC.0100": refused("InvalidRequest", "the billing service does not accept one of the parameters"),
  "CBC.0101": refused("InvalidRequest", "the billing service does not accept one of the parameters"),
  // Undocumented: the vendor's own Terraform provider treats it as the wrong site.
  "CBC.0150": refused("PermissionDenied", otherSite),
  "CBC.0151": refused(
    "PermissionDenied",
    "the billing service denies access: the IAM user needs permission to view bills, and the call the account's own id"
  ),
  "CBC.0154": stale("the billing service did not accept the token: fetch a new one, for the whole account"),
  "CBC.0155": refused("PermissionDenied", "the billing service does not allow this to the account"),
  "CBC.0156": refused("PermissionDenied", otherSite),
  "CBC.0999": undecided("Unavailable", "the billing service has an error that it does not name"),
  "CBC.18000016": refused("PermissionDenied", "the account's partner has to allow this"),
  "CBC.18000048": refused(
    "InvalidRequest",
    "the account has too many sub-customers to ask for all: name one with subCustomerId"
  ),
  "CBC.30000010": refused("NotFound", "the billing service does not know this order"),
  "CBC.99003012": refused("NotFound", "the billing service does not know this resource"),

  // IAM, version 3.
  "400": refused("InvalidRequest", iamParameter),
  "401": stale(iamKeys),
  "403": refused("PermissionDenied", iamDenied),
  "404": refused("NotFound", "IAM does not know this domain, user or project"),
  "500": undecided("Unavailable", "IAM has an internal error"),
  "503": undecided("Unavailable", "IAM is not available")
}

const statuses: Readonly<Record<number, Meaning>> = {
  400: undecided("InvalidRequest", "the request was not accepted"),
  401: undecided("Unauthenticated", `the credentials were not accepted: ${checkKeys}`),
  403: undecided("PermissionDenied", onlyRoot),
  404: undecided("NotFound", "there is nothing of this name"),
  405: undecided("InvalidRequest", "this method is not allowed here: check the endpoint"),
  406: undecided("InvalidRequest", "the request was not accepted"),
  408: undecided("Timeout", "the request took too long"),
  409: undecided("PreconditionFailed", "it exists already, or somebody else is changing it"),
  413: undecided("InvalidRequest", tooLarge),
  414: undecided("InvalidRequest", "the URL is too long"),
  // Throttled requests are refused before they are carried out.
  429: refused("Throttled", "too many requests: the rate limit is reached"),
  494: undecided("InvalidRequest", "the headers are too large"),
  500: undecided("Unavailable", "there was an internal error"),
  502: undecided("Unavailable", "the gateway got no answer"),
  503: undecided("Unavailable", "the service is not available"),
  504: undecided("Timeout", "the gateway got no answer in time")
}

/**
 * Returns the meaning of a listed code alone, or `undefined` for any other. For the proof that an answer
 * gives, see {@link explain}.
 */
export const find = (code: string, httpStatus: number): Meaning | undefined => {
  const name = code.replace(/^APIG\./, "APIGW.").replace(/^Iam\./, "IAM.")
  const byStatus = `${name} ${httpStatus}`
  if (Object.hasOwn(rows, byStatus)) return rows[byStatus]
  return Object.hasOwn(rows, name) ? rows[name] : undefined
}

/** Returns the meaning of a failed answer, by its code, or else by its HTTP status. */
export const explain = (answer: { readonly code?: string; readonly httpStatus: number }): Meaning => {
  const { code, httpStatus } = answer
  const byCode = code === undefined ? undefined : find(code, httpStatus)
  const byStatus =
    statuses[httpStatus] ??
    (httpStatus >= 500
      ? undecided("Unavailable", `the service failed with HTTP status ${httpStatus}`)
      : undecided("ProviderFailed", `the request failed with HTTP status ${httpStatus}`))
  if (byCode === undefined || byCode.money === "unknown" || decides(code, httpStatus))
    return byCode ?? byStatus
  // Still `Throttled`, so that its waiting time is kept.
  return byCode.reason === "Throttled" ? undecided("Throttled", byCode.meaning) : byStatus
}

/** Whether a code proves a refusal, given the status of its answer. */
const decides = (code: string | undefined, httpStatus: number): boolean =>
  (httpStatus >= 400 && httpStatus < 500) ||
  (httpStatus >= 200 && httpStatus < 300 && code?.startsWith("CBC.") === true)
