/**
 * How the emulated service says no: every refusal it knows, in one place.
 *
 * Codes and statuses are the vendor's. A detail after the vendor's own words says which field it
 * is, which the vendor may or may not do.
 */

/** An answer that refuses a request, before it is written out. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

const refusal = (status: number, code: string, message: string): Refusal => ({ status, code, message })

const badSignature = "Incorrect IAM authentication information: verify aksk signature fail"

/** No credentials at all. Whether the gateway answers this, or the service, is undocumented. */
export const unauthorized = refusal(401, "MSS.00000001", "Unauthorized")

/** The body is no JSON object. */
export const invalidBody = refusal(400, "MSS.00000002", "Invalid body")

/** A field is missing, unknown or out of its range. */
export const invalidParameter = (detail: string): Refusal =>
  refusal(400, "MSS.00000003", `Invalid parameter: ${detail}`)

/** Sub-account isolation is off. */
export const forbidden = refusal(403, "MSS.00000005", "Forbidden")

/** The credentials are for another project than the path. The vendor does answer 400 here. */
export const otherProject = refusal(400, "MSS.00010009", "urlTenantId is not equal tokenTenantId")

/** No such sub-account. Undocumented for quotas: this is the service's general "not found". */
export const notFound = refusal(404, "MSS.10001001", "Asset not found")

/** The sub-account has a quota already. 409 is the service's status for it; the code is undocumented. */
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

/** This token was never given out. */
export const unknownToken = refusal(
  401,
  "APIGW.0301",
  "Incorrect IAM authentication information: decrypt token fail"
)

/** The token has outlived its time, or was revoked. */
export const staleToken = refusal(401, "APIGW.0307", "The token must be updated")
