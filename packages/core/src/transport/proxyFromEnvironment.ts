/**
 * Chooses the proxy of a request, by the variables that command-line tools share: `HTTPS_PROXY` and
 * `NO_PROXY`, in capitals or not.
 */
import * as Net from "node:net"

/** Whether a host is this machine. Such traffic is never proxied, and may be plain http. */
export const isLoopback = (url: URL): boolean =>
  url.hostname === "localhost" || url.hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(url.hostname)

/** Returns the port of a URL, or the default port of its protocol. */
export const portOf = (url: URL): number => Number(url.port || (url.protocol === "https:" ? 443 : 80))

/**
 * Whether `NO_PROXY` exempts a URL, as curl and Go read it: entries separated by commas or spaces,
 * case-insensitive, each with an optional port. `*` matches every host; a name matches that host and all its
 * subdomains, also with a leading dot; with a leading `*.` it excludes the host itself. An IP address matches
 * itself, and `10.0.0.0/8` a whole network.
 */
const isExempt = (url: URL, noProxy: string): boolean => {
  const host = url.hostname.replace(/^\[|\]$|\.$/g, "")
  const family = Net.isIP(host)
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const { pattern, port } = partsOf(entry)
      if (pattern === "" || (port !== undefined && Number(port) !== portOf(url))) return false
      if (pattern === "*") return true
      if (family !== 0) return isInNetwork(host, family, pattern)
      const name = pattern.replace(/^\*?\.|\.$/g, "")
      return (host === name && !pattern.startsWith("*.")) || host.endsWith(`.${name}`)
    })
}

/** An IPv6 address contains colons: with a port it must be in brackets. */
const partsOf = (entry: string): { readonly pattern: string; readonly port?: string | undefined } => {
  if (Net.isIPv6(entry.split("/")[0] ?? "")) return { pattern: entry }
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^[\]]*?))(?::(\d+))?$/.exec(entry) ?? []
  return { pattern: bracketed ?? plain ?? "", port }
}

const isInNetwork = (host: string, family: number, pattern: string): boolean => {
  const [address = "", bits, ...others] = pattern.split("/")
  const longest = family === 4 ? 32 : 128
  const length = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  if (Net.isIP(address) !== family || others.length > 0 || length < 0 || length > longest) return false
  const network = new Net.BlockList()
  network.addSubnet(address, length, family === 4 ? "ipv4" : "ipv6")
  return network.check(host, family === 4 ? "ipv4" : "ipv6")
}

const canDecode = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/**
 * An address and nothing else. An unencoded `#`, `/`, `?` or `@` in a password would end the host early, and
 * a part of the password would be dialled.
 */
const plainAddress = /^(?:https?:\/\/)?(?:[^@/?#\\\s]*@)?[^@/?#\\\s]+\/?$/i

/**
 * Returns the proxy for an https origin, `undefined` if there is none, or `invalid` if it is not an address.
 * As with curl, the variable in small letters takes precedence.
 */
export const proxyFromEnvironment = (
  url: URL,
  env: Readonly<Record<string, string | undefined>>
): URL | "invalid" | undefined => {
  const setting = env["https_proxy"] || env["HTTPS_PROXY"]
  if (!setting || isLoopback(url) || isExempt(url, env["no_proxy"] || env["NO_PROXY"] || "")) return undefined
  const address = setting.includes("://") ? setting : `http://${setting}`
  if (!plainAddress.test(setting) || !URL.canParse(address)) return "invalid"
  const proxy = new URL(address)
  return canDecode(proxy.username + proxy.password) ? proxy : "invalid"
}
