/**
 * Opens connections, up to the point where HTTP can begin: DNS and TCP, a proxy's tunnel, TLS.
 *
 * The raw TCP socket is created and kept here, because only it can be reset: a TLS socket cannot send an RST.
 * Nothing here writes a byte of a request, so every failure is `not-sent`.
 */
import * as Http from "node:http"
import * as Net from "node:net"
import * as Tls from "node:tls"
import * as Effect from "effect/Effect"
import { buildConnector } from "undici"
import * as SafeText from "../model/SafeText.ts"
import { TransportError } from "./TransportError.ts"
import { isLoopback, portOf, proxyFromEnvironment } from "./proxyFromEnvironment.ts"

/** A connection without traffic so far. */
export interface Connection {
  /** The socket for HTTP: the raw socket itself, or TLS over it. */
  readonly socket: Net.Socket
  /** The underlying TCP connection. */
  readonly raw: Net.Socket
  /** The peer that receives a reset of the raw socket. */
  readonly resetReaches: "provider" | "proxy"
}

/** Returns the code of a system error, of TLS or of undici. */
export const codeOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined

const failure = (where: string, error: unknown): TransportError => {
  const code = codeOf(error)
  // If several addresses fail, Node's error has a code but no message.
  const why = (error instanceof Error && error.message) || code || "no reason given"
  return new TransportError({
    phase: "not-sent",
    kind: "connect",
    // Some messages contain a certificate's names.
    message: SafeText.visible(`cannot connect to ${where}: ${why}`),
    ...(code === undefined ? {} : { code })
  })
}

/**
 * Continues in a later iteration of the event loop. Destroying a raw socket inside a callback of the TLS
 * above it hangs or crashes Node, and a resumed fiber may do exactly that.
 */
export const outsideOfCallback = Effect.callback<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/**
 * Returns why a URL cannot be used, if so: https is required, except http on loopback, and credentials are
 * not allowed.
 */
export const refuseUrl = (url: URL): TransportError | undefined => {
  const message =
    url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))
      ? `url: ${url.protocol}//${url.host} is neither https nor http on loopback: use https`
      : url.username !== "" || url.password !== ""
        ? "url: a user name or password in the address is not sent: leave it out"
        : undefined
  return message === undefined
    ? undefined
    : new TransportError({ phase: "not-sent", kind: "invalid-request", message })
}

/**
 * How long one address of a host may take before the next one is tried. Node's 250 ms are too short for a
 * slow network, where no address would ever be reached.
 */
const attemptMillis = 5_000

const dial = (raw: Net.Socket, hop: URL) =>
  Effect.callback<void, TransportError>((resume) => {
    raw.once("error", (error) => resume(Effect.fail(failure(hop.host, error))))
    raw.once("connect", () => resume(Effect.void))
    raw.connect({
      host: hop.hostname.replace(/^\[|\]$/g, ""),
      port: portOf(hop),
      autoSelectFamilyAttemptTimeout: attemptMillis
    })
  })

const tunnel = (socket: Net.Socket, proxy: URL, origin: URL) =>
  Effect.callback<void, TransportError>((resume) => {
    const fail = (error: unknown) => resume(Effect.fail(failure(`${origin.host} through the proxy`, error)))
    const target = `${origin.hostname}:${portOf(origin)}`
    const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
    Http.request({
      method: "CONNECT",
      path: target,
      createConnection: () => socket,
      headers: {
        host: target,
        ...(credentials === ":"
          ? {}
          : { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` })
      }
    })
      .once("connect", (response, _socket, head) => {
        if (response.statusCode !== 200) {
          fail(new Error(refusalOf(response.statusCode)))
        } else if (head.length > 0) {
          fail(new Error("the proxy sent bytes before it was asked for any"))
        } else {
          resume(Effect.void)
        }
      })
      .once("error", fail)
      .end()
  })

/** Explains a proxy's refusal to open a tunnel. */
const refusalOf = (status = 0): string => {
  if (status === 407) {
    return "the proxy answered 407: it wants a user and a password, as http://user:password@host:port in HTTPS_PROXY"
  }
  return status >= 300 && status < 400
    ? `the proxy answered ${status}, which leads to another page such as a login page: sign in there, or check HTTPS_PROXY and NO_PROXY`
    : `the proxy answered ${status}: check HTTPS_PROXY and NO_PROXY`
}

/**
 * Makes the function that connects to an origin. `ca` is trusted besides Node's own authorities.
 *
 * If connecting fails or is interrupted, the socket is destroyed; otherwise the caller owns it.
 */
export const makeConnect = (ca: string | undefined) => {
  const startTls = buildConnector({
    allowH2: false,
    timeout: 0,
    ...(ca === undefined
      ? {}
      : { secureContext: Tls.createSecureContext({ ca: [...Tls.getCACertificates("default"), ca] }) })
  })

  const secure = (socket: Net.Socket, { host, hostname, port }: URL) =>
    Effect.callback<Net.Socket, TransportError>((resume) => {
      const options = { host, hostname: hostname.replace(/^\[|\]$/g, ""), port, protocol: "https:" }
      startTls({ ...options, httpSocket: socket }, (error, secured) =>
        resume(error === null ? Effect.succeed(secured) : Effect.fail(failure(host, error)))
      )
    }).pipe(Effect.ensuring(outsideOfCallback))

  return (origin: URL): Effect.Effect<Connection, TransportError> =>
    Effect.suspend(() => {
      const proxy = proxyFromEnvironment(origin, process.env)
      if (proxy === "invalid") {
        return Effect.fail(
          new TransportError({
            phase: "not-sent",
            kind: "invalid-request",
            message:
              "HTTPS_PROXY: not an address of a proxy: use http://user:password@host:port, with every # / ? @ : and % of the user and the password percent-encoded, as %23"
          })
        )
      }
      const raw = new Net.Socket()
      // Errors are reported by the user of the socket. A later one must not end the process.
      raw.on("error", () => {})
      raw.setNoDelay(true)

      return Effect.gen(function* () {
        yield* dial(raw, proxy ?? origin)
        let socket = raw
        if (proxy !== undefined) {
          if (proxy.protocol === "https:") socket = yield* secure(socket, proxy)
          yield* tunnel(socket, proxy, origin)
        }
        if (origin.protocol === "https:") socket = yield* secure(socket, origin)
        return { socket, raw, resetReaches: proxy === undefined ? "provider" : "proxy" } as const
      }).pipe(Effect.onError(() => Effect.sync(() => raw.destroy())))
    })
}
