/**
 * Checks SDK-HMAC-SHA256 signatures, on the server's side.
 *
 * Independent of the client's signing on purpose: two implementations that share code agree on their
 * mistakes.
 */
import type * as Emulator from "@cloud-quota/core/testing/Emulator"
import * as Result from "effect/Result"
import { createHash, createHmac } from "node:crypto"
import { type Refusal, signatureExpired, signatureFailed, staleKeys } from "./refusal.ts"
import type { Target } from "./target.ts"

/** The data of an access key. */
export interface Key {
  readonly secretKey: string
  /** Required, and signed, for temporary keys. */
  readonly securityToken?: string | undefined
  /** In milliseconds since 1970; absent if they do not expire. */
  readonly expiresAt?: number
}

/** The key pairs of accepted signatures, and the tolerance for a client's clock. */
export interface SignatureRules {
  readonly keyOf: (accessKey: string) => Key | undefined
  readonly clockSkewLimitMillis: number
}

/**
 * Refuses the request unless its `Authorization` is the signature of exactly this method, path, query, signed
 * headers and body. Returns the names of the signed headers. An unknown access key is refused in the same
 * words as a wrong secret key: the vendor's answer to it is undocumented.
 */
export const verifySignature = (
  request: Emulator.WireRequest,
  target: Target,
  rules: SignatureRules,
  now: number
): Result.Result<ReadonlyArray<string>, Refusal> => {
  const authorization = parseAuthorization(request.headers["authorization"] ?? "")
  const date = request.headers["x-sdk-date"] ?? ""
  const signedAt = parseSdkDate(date)
  if (authorization === undefined || signedAt === undefined) return Result.fail(signatureFailed)

  const { accessKey, signedHeaders, signature } = authorization
  const key = rules.keyOf(accessKey)
  if (key === undefined) return Result.fail(signatureFailed)

  const securityToken = request.headers["x-security-token"]
  if (securityToken !== key.securityToken) return Result.fail(signatureFailed)
  // Documented: a signature must cover the date, and the token of temporary keys.
  const required = securityToken === undefined ? ["x-sdk-date"] : ["x-sdk-date", "x-security-token"]
  if (!required.every((name) => signedHeaders.includes(name))) return Result.fail(signatureFailed)

  if (Math.abs(now - signedAt) > rules.clockSkewLimitMillis) {
    return Result.fail(signatureExpired(date, formatSdkDate(now)))
  }

  const stringToSign = `SDK-HMAC-SHA256\n${date}\n${sha256(canonicalRequest(request, target, signedHeaders))}`
  const expected = createHmac("sha256", key.secretKey).update(stringToSign).digest("hex")
  if (signature !== expected) return Result.fail(signatureFailed)
  const expired = key.expiresAt !== undefined && now >= key.expiresAt
  return expired ? Result.fail(staleKeys) : Result.succeed(signedHeaders)
}

const parseAuthorization = (header: string) => {
  const parts =
    /^SDK-HMAC-SHA256 Access=([^\s,]+), ?SignedHeaders=([^\s,]+), ?Signature=([0-9a-f]{64})$/.exec(header)
  if (parts === null) return undefined
  const [, accessKey = "", signedHeaders = "", signature = ""] = parts
  return { accessKey, signedHeaders: signedHeaders.split(";"), signature }
}

const canonicalRequest = (
  request: Emulator.WireRequest,
  target: Target,
  signedHeaders: ReadonlyArray<string>
): string =>
  [
    request.method,
    canonicalPath(target),
    canonicalQuery(target),
    // In the client's order: the vendor's own SDKs sort them differently.
    ...signedHeaders.map((name) => `${name}:${(request.headers[name] ?? "").trim()}`),
    "",
    signedHeaders.join(";"),
    sha256(request.body)
  ].join("\n")

// Only here the path ends in a slash: the URL on the wire has none.
const canonicalPath = (target: Target): string => {
  const path = `/${target.segments.map(encode).join("/")}`
  return path.endsWith("/") ? path : `${path}/`
}

const canonicalQuery = (target: Target): string =>
  target.parameters
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&")

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

// encodeURIComponent leaves five characters unencoded that RFC 3986 reserves.
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

const parseSdkDate = (text: string): number | undefined => {
  const millis = Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))
  // Formatting it back refuses all other formats, and days that do not exist.
  return Number.isNaN(millis) || formatSdkDate(millis) !== text ? undefined : millis
}

const formatSdkDate = (millis: number): string => new Date(millis).toISOString().replace(/[-:]|\.\d+/g, "")
