/** The interface of a transport: requests, responses and dedicated connections. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { Reach } from "../model/Driver.ts"
import type { TransportError } from "./TransportError.ts"

/** One HTTP request. Possible secrets are redacted, so that no log can print them by accident. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /** https; http only on loopback. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string | Redacted.Redacted<string>>>
  readonly body?: Redacted.Redacted<string>
  /** From the first byte of connecting to the last byte of the answer. Default: 30 seconds. */
  readonly timeout?: Duration.Duration
  /** A larger answer is an error. Default: 64 MiB. */
  readonly maxResponseBytes?: number
}

/** A complete HTTP response. Names of headers are in lower case. */
export interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body as UTF-8 text. */
  readonly body: string
}

/** One connection for one request. */
export interface DedicatedConnection {
  /**
   * Writes the request and waits for the answer; a second call fails with `not-sent`.
   *
   * `check` is called synchronously, immediately before the write. If it returns false, nothing is written.
   * Interrupting the effect resets the connection.
   */
  readonly send: (request: Request, check: () => boolean) => Effect.Effect<Response, TransportError>
  /** Resets the connection (RST), so that bytes still waiting in the kernel are dropped. */
  readonly reset: Effect.Effect<void>
  /** How far a reset reaches: it ends at a proxy. */
  readonly resetReaches: Reach
}

/** The transport of requests. */
export interface Transport {
  /** Sends one request over a pool of connections, without retries and without redirects. */
  readonly request: (request: Request) => Effect.Effect<Response, TransportError>
  /** Opens a new connection that is proved ready (DNS, TCP, TLS). Nothing has been sent over it. */
  readonly open: (
    origin: URL,
    options?: { readonly timeout?: Duration.Duration }
  ) => Effect.Effect<DedicatedConnection, TransportError, Scope.Scope>
}
