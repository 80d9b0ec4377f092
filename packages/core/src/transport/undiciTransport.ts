/**
 * The transport over undici.
 *
 * undici's `dispatch` is used directly, because only it reports when a request begins: a failure before
 * `onRequestStart` means that the request was certainly not sent. HTTP/2 is off, because over it undici
 * repeats requests of any method at its own discretion.
 */
import "../refuseOldNode.ts"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { Agent, Client } from "undici"
import type { DedicatedConnection, Transport } from "./contract.ts"
import type { TransportError } from "./TransportError.ts"
import { type Connection, makeConnect, refuseUrl } from "./connect.ts"
import { defaultTimeout, exchange, failedBefore, noLimits, notSent, stop } from "./exchange.ts"

/** Time limit of connecting for the pool, where connecting can outlive the request that started it. */
const poolConnectTimeout = Duration.seconds(30)

/** A token of IAM is a header of up to 16,384 characters, which is Node's limit for all headers together. */
const maxHeaderSize = 64 * 1024

const http1 = { ...noLimits, allowH2: false, pipelining: 1, maxHeaderSize }

/** Thrown into undici by the first request of a dedicated connection: the connection is ready. */
const ready = new Error("ready")

const always = () => true

const connectWithin =
  (timeout: Duration.Duration, host: string) =>
  <A>(connecting: Effect.Effect<A, TransportError>): Effect.Effect<A, TransportError> =>
    Effect.timeoutOrElse(connecting, {
      duration: timeout,
      orElse: () =>
        Effect.fail(notSent("timeout", `no connection to ${host} within ${Duration.format(timeout)}`))
    })

/** Gives undici an existing connection, and never a second one: a dedicated connection never reconnects. */
const attach = (origin: URL, connection: Connection): Effect.Effect<Client, TransportError> =>
  Effect.callback((resume) => {
    let attached = false
    const client = new Client(origin.origin, {
      ...http1,
      // A dedicated connection may be idle for as long as its user needs, and must not be closed for that.
      keepAliveTimeout: Duration.toMillis("1 day"),
      connect: (_options, callback) => {
        if (attached) return callback(stop, null)
        attached = true
        queueMicrotask(() => callback(null, connection.socket))
      }
    })
    // undici takes a connection into use with its first request. This one stops as it begins, so that no byte
    // of it is written.
    client.dispatch(
      { path: "/", method: "GET" },
      {
        onRequestStart: () => {
          throw ready
        },
        onResponseStart: () => {},
        onResponseData: () => {},
        onResponseEnd: () => {},
        onResponseError: (_controller, error) =>
          resume(error === ready ? Effect.succeed(client) : Effect.fail(failedBefore(error, origin.host)))
      }
    )
  })

const makeDedicated = (
  origin: URL,
  connection: Connection,
  client: Client
): DedicatedConnection & { close: Effect.Effect<void> } => {
  const { raw, resetReaches } = connection
  let state: "ready" | "waiting" | "done" = "ready"
  const reset = () => void raw.resetAndDestroy()
  return {
    resetReaches,
    reset: Effect.sync(reset),
    send: (request, check) =>
      Effect.suspend(() => {
        if (state !== "ready") {
          return Effect.fail(notSent("invalid-request", "a line sends one request: open another line"))
        }
        if (request.url.origin !== origin.origin) {
          return Effect.fail(notSent("invalid-request", `url: this line leads to ${origin.origin} only`))
        }
        state = "waiting"
        return exchange(client, request, check, reset).pipe(
          Effect.ensuring(
            Effect.sync(() => {
              state = "done"
            })
          )
        )
      }),
    close: Effect.promise(() => {
      // Closing would let bytes still waiting in the kernel go out.
      if (state === "waiting") reset()
      raw.destroy()
      return client.destroy()
    })
  }
}

/** Makes a transport with its own pool, which `close` ends. `ca` is trusted besides Node's authorities. */
export const makeUndiciTransport = (options: {
  readonly ca?: string
}): Transport & { readonly close: Effect.Effect<void> } => {
  const connect = makeConnect(options.ca)
  let pool: Agent | undefined

  const getPool = () => {
    pool ??= new Agent({
      ...http1,
      connect: ({ protocol, host, hostname }, callback) => {
        const origin = new URL(`${protocol}//${host ?? hostname}`)
        Effect.runCallback(connect(origin).pipe(connectWithin(poolConnectTimeout, origin.host)), {
          onExit: Exit.match({
            onSuccess: ({ socket }) => callback(null, socket),
            onFailure: (cause) => {
              const error = Cause.squash(cause)
              callback(error instanceof Error ? error : stop, null)
            }
          })
        })
      }
    })
    return pool
  }

  return {
    request: (request) =>
      Effect.suspend(() => exchange(getPool(), request, always, (begun) => begun?.abort(stop))),

    open: Effect.fnUntraced(function* (origin, { timeout = defaultTimeout } = {}) {
      const refused = refuseUrl(origin)
      if (refused !== undefined) return yield* refused
      const dedicated = connect(origin).pipe(
        Effect.flatMap((connection) =>
          attach(origin, connection).pipe(
            Effect.map((client) => makeDedicated(origin, connection, client)),
            Effect.onError(() => Effect.sync(() => connection.raw.destroy()))
          )
        ),
        connectWithin(timeout, origin.host)
      )
      return yield* Effect.acquireRelease(dedicated, ({ close }) => close, { interruptible: true })
    }),

    close: Effect.promise(async () => pool?.destroy())
  }
}

/** The shared transport of all programs that provide no other. */
export const undiciTransport: Transport = makeUndiciTransport({})
