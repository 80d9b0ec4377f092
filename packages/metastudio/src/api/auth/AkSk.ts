/**
 * Huawei Cloud's request signature with an access key, `SDK-HMAC-SHA256`.
 *
 * Pure: the date comes from the request's own `X-Sdk-Date` header. Sign every attempt anew: the gateway
 * refuses a signature that is more than 15 minutes old.
 *
 * Source: the page api-sign-algorithm-001 on support.huaweicloud.com.
 */
import { createHmac, hash } from "node:crypto"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { AccessKey } from "./Credentials.ts"

/** The signed parts of a request. */
export interface Request {
  readonly method: string
  /** Path and query may be percent-encoded or not. The signed `Host` is taken from it. */
  readonly url: URL
  /** All of these are signed. They must include `X-Sdk-Date`, as `20260102T030405Z`. */
  readonly headers: Readonly<Record<string, string>>
  /** The exact text of the body. An absent one counts as empty: never sign `{}` and send nothing. */
  readonly body?: string
}

/** A signature, and the headers that it adds to those of the request. */
export interface Signed {
  /** `Authorization`, and `X-Security-Token` with temporary keys. */
  readonly headers: Readonly<Record<string, Redacted.Redacted<string>>>
  readonly signature: Redacted.Redacted<string>
  readonly stringToSign: string
}

const algorithm = "SDK-HMAC-SHA256"

/** Percent-encodes every character except `A-Z a-z 0-9 - _ . ~`, as RFC 3986 defines it. */
export const encode = (text: string): string =>
  /^[\w.~-]*$/.test(text)
    ? text
    : encodeURIComponent(text).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
      )

/** Returns the canonical text of a request, which both sides compute, or the reason why it has none. */
export const canonicalRequest = (request: Request): Result.Result<string, string> =>
  canonical(request, signedHeaders(request))

const canonical = ({ body = "", method, url }: Request, headers: Headers): Result.Result<string, string> =>
  Result.map(canonicalPath(url), (path) => {
    let text = `${method.toUpperCase()}\n${path}\n${canonicalQuery(url)}\n`
    for (const [name, value] of headers) text += `${name}:${value}\n`
    return `${text}\n${namesOf(headers)}\n${sha256(body)}`
  })

/**
 * Signs a request, or returns the reason why it cannot be signed.
 *
 * @example
 * import { AkSk } from "@cloud-quota/metastudio"
 * import { Redacted } from "effect"
 *
 * export const signed = AkSk.sign(
 *   {
 *     method: "GET",
 *     url: new URL("https://metastudio.cn-north-4.myhuaweicloud.com/v1/p1/user/quotas?limit=1"),
 *     headers: { "X-Sdk-Date": "20260102T030405Z" }
 *   },
 *   { accessKey: "AK", secretKey: Redacted.make("SK") }
 * )
 */
export const sign = (request: Request, credentials: AccessKey): Result.Result<Signed, string> => {
  const { accessKey, secretKey, securityToken } = credentials
  const complete: Request =
    securityToken === undefined
      ? request
      : { ...request, headers: { ...request.headers, "X-Security-Token": Redacted.value(securityToken) } }
  const headers = signedHeaders(complete)
  const date = headers.find(([name]) => name === dateHeader)?.[1]
  if (date === undefined || !/^\d{8}T\d{6}Z$/.test(date)) {
    return Result.fail("X-Sdk-Date: give the time of signing in UTC, as 20260102T030405Z")
  }
  return Result.map(canonical(complete, headers), (text) => {
    const stringToSign = `${algorithm}\n${date}\n${sha256(text)}`
    const signature = createHmac("sha256", Redacted.value(secretKey)).update(stringToSign).digest("hex")
    const authorization = `${algorithm} Access=${accessKey}, SignedHeaders=${namesOf(headers)}, Signature=${signature}`
    return {
      stringToSign,
      signature: Redacted.make(signature),
      headers: {
        ...(securityToken === undefined ? {} : { "X-Security-Token": securityToken }),
        Authorization: Redacted.make(authorization, { label: "Authorization" })
      }
    }
  })
}

const dateHeader = "x-sdk-date"

const sha256 = (text: string): string => hash("sha256", text, "hex")

/**
 * Each segment is decoded once and encoded again, so that an encoded and a plain path sign alike. The slash
 * at the end is part of the signature only, never of the URL.
 */
const canonicalPath = ({ pathname }: URL): Result.Result<string, string> => {
  if (/^[\w.~/-]*$/.test(pathname)) return Result.succeed(withSlash(pathname))
  const segments: Array<string> = []
  for (const segment of pathname.split("/")) {
    const decoded = decodeSegment(segment)
    if (decoded === undefined) {
      return Result.fail(`the path has a "%" that encodes nothing: write a percent sign as "%25"`)
    }
    if (decoded.includes("/")) {
      return Result.fail(
        'the path has an encoded slash ("%2F") in a segment, which the signature cannot tell from a real one: use ids without "/"'
      )
    }
    segments.push(encode(decoded))
  }
  return Result.succeed(withSlash(segments.join("/")))
}

const withSlash = (path: string): string => (path.endsWith("/") ? path : `${path}/`)

const decodeSegment = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

const canonicalQuery = (url: URL): string =>
  url.search === ""
    ? ""
    : Array.from(url.searchParams)
        .sort(([key1, value1], [key2, value2]) => byCodeUnits(key1, key2) || byCodeUnits(value1, value2))
        .map(([key, value]) => `${encode(key)}=${encode(value)}`)
        .join("&")

type Headers = ReadonlyArray<readonly [name: string, value: string]>

/** Lower-case names in order. Names with "_" are not signed: gateways are known to drop such headers. */
const signedHeaders = ({ headers, url }: Request): Headers => {
  const named = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) named.set(name.toLowerCase(), value.trim())
  named.set("host", url.host)
  return Array.from(named)
    .filter(([name]) => !name.includes("_"))
    .sort(([name1], [name2]) => byCodeUnits(name1, name2))
}

const namesOf = (headers: Headers): string => headers.map(([name]) => name).join(";")

const byCodeUnits = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
