/**
 * How requests travel: a thin service over undici.
 *
 * Reads and absolute writes go over a pool with {@link Transport.request}. A difference that moves
 * money goes over a {@link Line} of its own: a fresh connection that is proved ready before the
 * request is written, written once, and reset when we give up on it.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { makeUndiciTransport, undiciTransport } from "./undiciTransport.ts"
import type { TransportError } from "./TransportError.ts"

export { TransportError } from "./TransportError.ts"

/** One HTTP request. What may be secret is redacted, so that no log can print it by accident. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /** https; http only on loopback. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string | Redacted.Redacted<string>>>
  readonly body?: Redacted.Redacted<string>
  /** From the first byte of connecting to the last byte of the answer. 30 seconds by default. */
  readonly timeout?: Duration.Duration
  /** A larger answer is an error. 64 MiB by default. */
  readonly maxResponseBytes?: number
}

/** A whole HTTP response. Names of headers are in lower case. */
export interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body as UTF-8 text. */
  readonly body: string
}

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

/** One connection for one request. */
export interface Line {
  /**
   * Writes the request and waits for the answer; a second call fails with `not-sent`.
   *
   * `check` is called in the same synchronous turn as the write: if it gives false, nothing is
   * written. Interrupting the effect resets the connection.
   */
  readonly send: (request: Request, check: () => boolean) => Effect.Effect<Response, TransportError>
  /** Resets the connection (RST), so that bytes that still wait in the kernel are dropped. */
  readonly reset: Effect.Effect<void>
  /** How far a reset reaches: through a proxy it stops there. */
  readonly resetReaches: "provider" | "proxy" | "nothing"
}

/** How requests travel. */
export interface Transport {
  /** One request over a pool of connections, without retries and without redirects. */
  readonly request: (request: Request) => Effect.Effect<Response, TransportError>
  /** A new connection, proved ready (DNS, TCP, TLS), over which nothing was sent. */
  readonly open: (
    origin: URL,
    options?: { readonly timeout?: Duration.Duration }
  ) => Effect.Effect<Line, TransportError, Scope.Scope>
}

/** The transport in use: undici, unless a test or a program provides another. */
export const Transport = Context.Reference<Transport>("@cloud-quota/core/Transport", {
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
