/**
 * What an account *is*, whatever its owner calls it: which provider, at which endpoint, and which
 * team or project there. Locks and journals go by it.
 */

import * as Result from "effect/Result"

/** Which provider, where, and which team or project. */
export interface AccountIdentity {
  /** `compshare`, `metastudio`. */
  readonly provider: string
  /** The origin of the provider's API, as `https://api.compshare.cn`. */
  readonly endpoint: string
  /** The team or project. */
  readonly scope: string
}

/** The identity as one text, for keys. */
export const key = (self: AccountIdentity): string =>
  [self.provider, self.endpoint, self.scope].map(encodeURIComponent).join("|")

/** True if the endpoint is this machine itself, such as an emulator. */
export const isLoopback = (endpoint: string): boolean => {
  if (!URL.canParse(endpoint)) return false
  const { hostname } = new URL(endpoint)
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/**
 * The origin of a provider's API, or in words what is wrong with it. A slash at the end is no matter. The
 * words do not quote the text, since a URL may hold a password.
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
