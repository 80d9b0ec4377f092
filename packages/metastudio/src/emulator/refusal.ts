/**
 * All refusals of the emulated services.
 *
 * Codes and statuses are the vendor's. The detail after the vendor's own words names the field, which the
 * vendor may or may not do.
 */

/** An answer that refuses a request, before it is written out. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  /** Present in answers of IAM's version 3; then the code is the status. */
  readonly title?: string
}

const refusal = (status: number, code: string, message: string): Refusal => ({ status, code, message })

const badSignature = "Incorrect IAM authentication information: verify aksk signature fail"

/** No credentials at all. Whether the gateway or the service answers this is undocumented. */
export const unauthorized = refusal(401, "MSS.00000001", "Unauthorized")

/** The body is not a JSON object. */
export const invalidBody = refusal(400, "MSS.00000002", "Invalid body")

/** A field is missing, unknown or out of its range. */
export const invalidParameter = (detail: string): Refusal =>
  refusal(400, "MSS.00000003", `Invalid parameter: ${detail}`)

/** Sub-account isolation is off. */
export const forbidden = refusal(403, "MSS.00000005", "Forbidden")

/** The credentials are for another project than the path. The vendor really answers 400 here. */
export const otherProject = refusal(400, "MSS.00010009", "urlTenantId is not equal tokenTenantId")

/** No such sub-account. Undocumented for quotas: this is the service's general "not found". */
export const notFound = refusal(404, "MSS.10001001", "Asset not found")

/** The sub-account already has a quota. 409 is the service's status for it; the code is undocumented. */
export const alreadyExists = refusal(409, "MSS.00000003", "Invalid parameter: user_id has a quota already")

/** No such path, or not with this method. */
export const noSuchApi = refusal(
  404,
  "APIGW.0101",
  "The API does not exist or has not been published in the environment"
)

/** The path or the query is not percent-encoded text. */
export const badTarget = refusal(400, "APIGW.0201", "Bad request")

/** The signature is not that of this request, or the access key is unknown. */
export const signatureFailed = refusal(401, "APIGW.0301", badSignature)

/** The request was signed too long ago, or in the future. Both times as `20260102T030405Z`. */
export const signatureExpired = (signed: string, server: string): Refusal =>
  refusal(
    401,
    "APIGW.0301",
    `${badSignature}, signature expired, signature time:${signed},server time:${server}`
  )

/** This token was never issued. */
export const unknownToken = refusal(
  401,
  "APIGW.0301",
  "Incorrect IAM authentication information: decrypt token fail"
)

/** The token has expired, or was revoked. */
export const staleToken = refusal(401, "APIGW.0307", "The token must be updated")

/** Temporary keys have expired. The vendor's message is undocumented. */
export const staleKeys = refusal(
  401,
  "APIGW.0301",
  "Incorrect IAM authentication information: the securitytoken has expired"
)

/** No credentials for IAM or the billing service; their gateway refuses the request. */
export const noCredentials = refusal(
  401,
  "APIGW.0301",
  "Incorrect IAM authentication information: x-auth-token not found"
)

const keystone = (status: number, title: string, message: string): Refusal => ({
  ...refusal(status, String(status), message),
  title
})

/** IAM, version 3: the body or a parameter is invalid. */
export const badIamRequest = (detail: string): Refusal => keystone(400, "Bad Request", detail)

/** IAM, version 3: unknown user or domain, or a wrong password. */
export const wrongPassword = keystone(401, "Unauthorized", "The username or password is wrong.")

/**
 * IAM, version 3: a token for another account's project or domain, or for one that does not exist. The
 * vendor's answer is undocumented.
 */
export const wrongScope = keystone(
  401,
  "Unauthorized",
  "The project or the domain does not exist or is not open to the user."
)

/** IAM, version 3: the credentials are valid, but lack the permission. */
export const iamForbidden = keystone(
  403,
  "Forbidden",
  "You are not authorized to perform the requested action."
)

/** IAM, version 3: no such user. */
export const noSuchUser = (userId: string): Refusal =>
  keystone(404, "Not Found", `Could not find user: ${userId}.`)

/** IAM, version 3.0: a field is missing or out of its range. */
export const invalidIamParameter = (name: string): Refusal =>
  refusal(400, "IAM.0007", `Request parameter ${name} is invalid.`)

/** IAM, version 3.0: no such agency, or not for this account. The code is a choice. */
export const agencyDenied = refusal(
  403,
  "IAM.0002",
  "You are not authorized to perform the requested action."
)

/** IAM, version 5: a parameter is out of its range. The code is a choice. */
export const invalidIam5Parameter = (detail: string): Refusal =>
  refusal(400, "IAM.0007", `Request parameter is invalid: ${detail}`)

/** IAM, version 5: this marker was never issued. */
export const invalidMarker = refusal(400, "PAP5.0010", "invalid marker")

/** IAM, version 5: the credentials are valid, but lack the permission. */
export const iam5Denied = (action: string): Refusal => refusal(403, "PAP5.0001", `access denied: ${action}`)

/** The billing service: a parameter is missing or out of its range. */
export const invalidBssParameter = (detail: string): Refusal =>
  refusal(400, "CBC.0100", `Parameter error: ${detail}`)

/**
 * The billing service: the credentials are not for this account as a whole. Undocumented choice: this also
 * answers a missing `X-Domain-Id`, and a token for a project.
 */
export const bssDenied = refusal(403, "CBC.0151", "Access denied.")

/**
 * The billing service: no such order. The code is documented for paying one; for the details of an unknown
 * order it is a choice.
 */
export const noSuchOrder = refusal(400, "CBC.30000010", "Invalid order.")
