/**
 * What an account *is*, whatever its owner calls it: which provider, at which endpoint, and which
 * team or project there. Locks and journals go by it.
 */

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
