/**
 * The identity of an account, independent of its owner's name for it: the provider, the endpoint, and the
 * team or project. It is the key of locks and journals.
 */

import * as Result from "effect/Result"

/** The provider, its endpoint, and the team or project. */
export interface AccountIdentity {
  /** Such as `compshare` or `metastudio`. */
  readonly provider: string
  /** The origin of the provider's API, such as `https://api.compshare.cn`. */
  readonly endpoint: string
  /** The team or project. */
  readonly scope: string
}

/**
 * Returns the identity as one text, for keys. A host has one key in every spelling: with its default port, in
 * capitals, or with a dot at the end. All names and addresses of this machine become `127.0.0.1`.
 */
export const key = (self: AccountIdentity): string =>
  [self.provider, canonicalEndpoint(self.endpoint), self.scope].map(encodeURIComponent).join("|")

/** Returns an endpoint in the canonical form of its keys. */
const canonicalEndpoint = (endpoint: string): string => {
  if (!URL.canParse(endpoint)) return endpoint
  const url = new URL(endpoint)
  url.hostname = thisMachine.test(url.hostname) ? "127.0.0.1" : url.hostname.replace(/\.+$/, "")
  return url.origin === "null" ? endpoint : url.origin
}

/** The hosts of this machine, as a URL spells them. An address of all interfaces leads here too. */
const thisMachine =
  /^(?:localhost\.*|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:(?:7f[0-9a-f]{2}:[0-9a-f]{1,4}|0:0)\])$/

/**
 * Returns the present key of an account for one that an earlier version wrote. Any other text is returned
 * unchanged.
 */
export const canonicalKey = (key: string): string => {
  const { endpoint, parts } = parse(key)
  return endpoint === undefined ? key : joined(parts, canonicalEndpoint(endpoint))
}

/**
 * Returns the keys under which an earlier version may hold the same account at this moment: those of the
 * usual names of this machine, its own key included.
 */
export const equivalentKeys = (key: string): ReadonlyArray<string> => {
  const { endpoint, parts } = parse(key)
  if (endpoint === undefined || !URL.canParse(endpoint)) return [key]
  const url = new URL(endpoint)
  if (!thisMachine.test(url.hostname)) return [key]
  return ["127.0.0.1", "localhost", "[::1]"].map((host) => {
    url.hostname = host
    return joined(parts, url.origin)
  })
}

const joined = ([provider = "", , scope = ""]: ReadonlyArray<string>, endpoint: string): string =>
  [provider, encodeURIComponent(endpoint), scope].join("|")

const parse = (key: string): { readonly parts: ReadonlyArray<string>; readonly endpoint?: string } => {
  const parts = key.split("|")
  try {
    return parts.length === 3 ? { parts, endpoint: decodeURIComponent(parts[1] ?? "") } : { parts }
  } catch {
    return { parts }
  }
}

/** Whether the endpoint is this machine itself, such as an emulator. */
export const isLoopback = (endpoint: string): boolean => {
  if (!URL.canParse(endpoint)) return false
  const { hostname } = new URL(endpoint)
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/**
 * Parses the origin of a provider's API, or describes the problem with it. A trailing slash is allowed. The
 * description does not quote the text, since a URL may hold a password.
 */
export const parseEndpoint = (text: string): Result.Result<URL, string> => {
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined
  if (
    url === undefined ||
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== "" ||
    url.password !== ""
  ) {
    return Result.fail("give an origin alone, without path, query, user or password")
  }
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.origin))
    ? Result.succeed(url)
    : Result.fail("only https is allowed, and http on this machine alone")
}
