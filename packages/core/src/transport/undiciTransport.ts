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
import * as Redacted from "effect/Redacted"
import { Agent, Client, type Dispatcher } from "undici"
import type { DedicatedConnection, Request, Response, Transport } from "./contract.ts"
import { TransportError } from "./TransportError.ts"
import { type Connection, codeOf, makeConnect, outsideOfCallback, refuseUrl } from "./connect.ts"

const defaultTimeout = Duration.seconds(30)
const defaultMaxResponseBytes = 64 * 1024 * 1024

/** Time limit of connecting for the pool, where connecting can outlive the request that started it. */
const poolConnectTimeout = Duration.seconds(30)

// Time is limited here, from outside: undici's own limits count from event to event.
const noLimits = { headersTimeout: 0, bodyTimeout: 0 }

/** A token of IAM is a header of up to 16,384 characters, which is Node's limit for all headers together. */
const maxHeaderSize = 64 * 1024

const http1 = { ...noLimits, allowH2: false, pipelining: 1, maxHeaderSize }

/** Thrown into undici to stop a request. */
const stop = new Error("stopped")

/** Thrown into undici by the first request of a dedicated connection: the connection is ready. */
const ready = new Error("ready")

const always = () => true

const notSent = (kind: TransportError["kind"], message: string, code?: string): TransportError =>
  new TransportError({ phase: "not-sent", kind, message, ...(code === undefined ? {} : { code }) })

const timedOut = (phase: TransportError["phase"], host: string, timeout: Duration.Duration): TransportError =>
  new TransportError({
    phase,
    kind: "timeout",
    message: `no whole answer from ${host} within ${Duration.format(timeout)}`
  })

const connectWithin =
  (timeout: Duration.Duration, host: string) =>
  <A>(connecting: Effect.Effect<A, TransportError>): Effect.Effect<A, TransportError> =>
    Effect.timeoutOrElse(connecting, {
      duration: timeout,
      orElse: () =>
        Effect.fail(notSent("timeout", `no connection to ${host} within ${Duration.format(timeout)}`))
    })

/**
 * Translates an undici error from before a request began: it refused the request, or there is no connection.
 */
const failedBefore = (error: unknown, host: string): TransportError => {
  if (error instanceof TransportError) return error
  const code = codeOf(error)
  switch (code) {
    case "UND_ERR_INVALID_ARG":
    case "UND_ERR_NOT_SUPPORTED":
    case "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH":
      return notSent("invalid-request", "headers: not valid in HTTP, or not to be set by hand", code)
    default:
      return notSent("closed", `the connection to ${host} ended before the request was written`, code)
  }
}

/**
 * Translates an undici error from after a request began: whether it took effect is unknown, whatever the
 * code.
 */
const failedAfter = (error: Error, host: string, answerBegan: boolean): TransportError => {
  const code = codeOf(error)
  const [kind, message] =
    code === "UND_ERR_HEADERS_OVERFLOW"
      ? (["too-large", `the headers of the answer from ${host} are too large`] as const)
      : error.name === "HTTPParserError" && !answerBegan
        ? (["unreadable", `the answer from ${host} is not HTTP`] as const)
        : (["closed", `the connection to ${host} ended before the whole answer came`] as const)
  return new TransportError({ phase: "unknown", kind, message, ...(code === undefined ? {} : { code }) })
}

/** Converts a request for undici, or returns why it cannot be sent. */
const toDispatch = (request: Request): Dispatcher.DispatchOptions | TransportError => {
  const { url, method, body } = request
  const refused = refuseUrl(url)
  if (refused !== undefined) return refused
  // A compressed answer could not be limited by its length.
  const headers: Record<string, string> = { "accept-encoding": "identity" }
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name.toLowerCase()] = Redacted.isRedacted(value) ? Redacted.value(value) : value
  }
  // undici would take the TLS server name from this header, and reconnect for another one.
  const { host = url.host, ...rest } = headers
  if (host !== url.host) return notSent("invalid-request", `headers: host must be ${url.host} or left out`)
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: rest,
    body: body === undefined ? null : Redacted.value(body),
    ...noLimits
  }
}

/**
 * Sends one request and reads its complete answer.
 *
 * `check` is called last, synchronously before the write. `abandon` is called immediately when the request is
 * given up: timeout or interruption.
 *
 * An answer without a length ends with its connection, so its completeness cannot be checked here: the
 * decoder has to.
 */
const exchange = (
  dispatcher: Dispatcher,
  request: Request,
  check: () => boolean,
  abandon: (begun: Dispatcher.DispatchController | undefined) => void
): Effect.Effect<Response, TransportError> =>
  Effect.suspend(() => {
    const options = toDispatch(request)
    if (options instanceof TransportError) return Effect.fail(options)

    const host = request.url.host
    const maxBytes = request.maxResponseBytes ?? defaultMaxResponseBytes
    const timeout = request.timeout ?? defaultTimeout
    let begun: Dispatcher.DispatchController | undefined
    let over = false

    const giveUp = () => {
      if (over) return
      over = true
      abandon(begun)
    }

    return Effect.callback<Response, TransportError>((resume) => {
      let status = 0
      let headers: Record<string, string> = {}
      let bytes = 0
      const chunks: Array<Buffer> = []

      const finish = (result: Effect.Effect<Response, TransportError>) => {
        if (over) return
        over = true
        resume(result)
      }
      const decide = (): boolean => {
        try {
          if (check()) return true
          finish(
            Effect.fail(notSent("refused-by-check", "the last check before sending refused the request"))
          )
        } catch (defect) {
          finish(Effect.die(defect))
        }
        return false
      }
      const refuseAnswer = (kind: TransportError["kind"], message: string) => {
        finish(Effect.fail(new TransportError({ phase: "unknown", kind, message })))
        begun?.abort(stop)
      }

      dispatcher.dispatch(options, {
        onRequestStart: (controller) => {
          // Given up during the wait for a connection, or begun before: no request is ever written twice.
          if (over || begun !== undefined) throw stop
          if (!decide()) throw stop
          begun = controller
        },
        onResponseStart: (_controller, statusCode, received) => {
          // 1xx only announce the answer.
          if (over || statusCode < 200) return
          status = statusCode
          headers = Object.fromEntries(
            Object.entries(received).map(([name, value]) => [
              name,
              Array.isArray(value) ? value.join(", ") : (value ?? "")
            ])
          )
          if ((headers["content-encoding"] ?? "identity") !== "identity") {
            refuseAnswer("unreadable", `${host} compressed its answer although it was asked not to`)
          }
        },
        onResponseData: (_controller, chunk) => {
          if (over) return
          bytes += chunk.length
          if (bytes > maxBytes) {
            refuseAnswer("too-large", `the answer from ${host} is larger than ${maxBytes} bytes`)
          } else {
            chunks.push(chunk)
          }
        },
        onResponseEnd: () =>
          finish(
            Effect.sync(() => ({ status, headers, body: new TextDecoder().decode(Buffer.concat(chunks)) }))
          ),
        onResponseError: (_controller, error) =>
          finish(
            Effect.fail(
              begun === undefined ? failedBefore(error, host) : failedAfter(error, host, status > 0)
            )
          )
      })
      return Effect.sync(giveUp)
    }).pipe(
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () => Effect.fail(timedOut(begun === undefined ? "not-sent" : "unknown", host, timeout))
      }),
      Effect.ensuring(outsideOfCallback)
    )
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
