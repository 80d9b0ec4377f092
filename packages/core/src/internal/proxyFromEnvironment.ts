/**
 * Which proxy a request takes, by the variables that command-line tools share: `HTTPS_PROXY` and
 * `NO_PROXY`, in capitals or not.
 */

/** Whether a host is this machine. Such traffic is never proxied, and may be plain http. */
export const isLoopback = (url: URL): boolean =>
  url.hostname === "localhost" || url.hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(url.hostname)

/** The port of a URL, also where it is the protocol's own. */
export const portOf = (url: URL): number => Number(url.port || (url.protocol === "https:" ? 443 : 80))

/**
 * An entry of `NO_PROXY` is `*`, or a host with an optional port. A host also stands for all below
 * it, with or without a leading dot; with `*.` it stands only for those below it.
 */
const isExempt = (url: URL, noProxy: string): boolean =>
  noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const [, pattern = "", port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
      if (pattern === "" || (port !== undefined && Number(port) !== portOf(url))) return false
      if (pattern === "*") return true
      const host = pattern.replace(/^\*?\./, "")
      return (url.hostname === host && !pattern.startsWith("*.")) || url.hostname.endsWith(`.${host}`)
    })

const canDecode = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** The proxy for an https origin, `undefined` if there is none, or `invalid` if it is not an address. */
export const proxyFromEnvironment = (
  url: URL,
  env: Readonly<Record<string, string | undefined>>
): URL | "invalid" | undefined => {
  const setting = env["https_proxy"] || env["HTTPS_PROXY"]
  if (!setting || isLoopback(url) || isExempt(url, env["no_proxy"] || env["NO_PROXY"] || "")) return undefined
  const address = setting.includes("://") ? setting : `http://${setting}`
  if (!URL.canParse(address)) return "invalid"
  const proxy = new URL(address)
  const speaksHttp = proxy.protocol === "http:" || proxy.protocol === "https:"
  return speaksHttp && canDecode(proxy.username + proxy.password) ? proxy : "invalid"
}
