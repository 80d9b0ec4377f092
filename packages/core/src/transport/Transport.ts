/**
 * How requests travel: a thin service over undici.
 *
 * Reads and absolute writes go over a pool with {@link Transport.request}. A difference that moves
 * money goes over a {@link DedicatedConnection} of its own: a fresh connection that is proved ready before the
 * request is written, written once, and reset when we give up on it.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { makeUndiciTransport, undiciTransport } from "./undiciTransport.ts"
import type { Response, Transport as Contract } from "./contract.ts"

export { TransportError } from "./TransportError.ts"

export * from "./contract.ts"

/** How requests travel. */
export type Transport = Contract

/**
 * What a response is that does not come from a provider's API but from something on the way to it, in words with
 * the remedy; `undefined` for any other. The body has to be known not to be the provider's own.
 *
 * @example
 * import { Transport } from "@cloud-quota/core"
 *
 * Transport.interception({ status: 407, headers: {}, body: "" })
 * // => "a proxy on the way answered 407, since it wants a user and a password: check HTTPS_PROXY and NO_PROXY"
 */
export const interception = ({ body, headers, status }: Response): string | undefined => {
  if (status === 407) {
    return "a proxy on the way answered 407, since it wants a user and a password: check HTTPS_PROXY and NO_PROXY"
  }
  const isPage =
    /^text\/html\b/i.test(headers["content-type"]?.trim() ?? "") || /^\s*</.test(body.slice(0, 1_000))
  if ((status >= 300 && status < 400) || status === 511 || (status < 300 && isPage)) {
    const what = status < 300 ? "a web page" : `status ${status}, which leads to another page`
    return `the answer is ${what}, as a proxy's or a network's login page is: sign in there, check HTTPS_PROXY and NO_PROXY, or the endpoint`
  }
  return undefined
}

/** The transport in use: undici, unless a test or a program provides another. */
export const Transport = Context.Reference<Contract>("@cloud-quota/core/Transport", {
  defaultValue: () => undiciTransport
})

/**
 * A transport with connections of its own, which end with the layer.
 *
 * `ca` is a certificate authority in PEM, trusted besides those that Node trusts: for a provider
 * or a proxy behind a private one. Nothing switches the checking of certificates off.
 *
 * @example
 * import { Transport } from "@cloud-quota/core"
 * import { readFileSync } from "node:fs"
 *
 * const privateCloud = Transport.layer({ ca: readFileSync("company-ca.pem", "utf8") })
 */
export const layer = (options: { readonly ca?: string }): Layer.Layer<never> =>
  Layer.effect(
    Transport,
    Effect.acquireRelease(
      Effect.sync(() => makeUndiciTransport(options)),
      (transport) => transport.close
    )
  )
