/**
 * The transport of requests: a thin service over undici.
 *
 * Reads and absolute writes go over a pool with {@link Transport.request}. A delta that moves money goes over
 * its own {@link DedicatedConnection}: a fresh connection that is proved ready before the request is written,
 * written once, and reset when the request is given up.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Response, Transport as Contract } from "./contract.ts"

export { TransportError } from "./TransportError.ts"

export * from "./contract.ts"

/** The transport of requests. */
export type Transport = Contract

/**
 * Explains a response that comes from an intermediary instead of a provider's API, with the remedy. Returns
 * `undefined` for any other response. Call it only if the body is known not to be the provider's own.
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

let loaded: typeof import("./undiciTransport.ts") | undefined

/** Loads undici with the first request, so that programs that send none do not wait for it. */
const load = Effect.suspend(() =>
  loaded === undefined
    ? Effect.tap(
        Effect.promise(() => import("./undiciTransport.ts")),
        (module) =>
          Effect.sync(() => {
            loaded = module
          })
      )
    : Effect.succeed(loaded)
)

/** The shared transport of all programs that provide no other. */
const shared: Contract = {
  request: (request) => Effect.flatMap(load, ({ undiciTransport }) => undiciTransport.request(request)),
  open: (origin, options) =>
    Effect.flatMap(load, ({ undiciTransport }) => undiciTransport.open(origin, options))
}

/** The transport in use: undici, unless a test or a program provides another. */
export const Transport = Context.Reference<Contract>("@cloud-quota/core/Transport", {
  defaultValue: () => shared
})

/**
 * A transport with its own connections, which end with the layer.
 *
 * `ca` is a certificate authority in PEM, trusted besides Node's own: for a provider or a proxy with a
 * private authority. Certificate checks cannot be switched off.
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
      Effect.map(load, ({ makeUndiciTransport }) => makeUndiciTransport(options)),
      (transport) => transport.close
    )
  )
