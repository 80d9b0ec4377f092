/** The in-memory transport of an emulator: it has no sockets, and fails as real ones do. */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import type { WireRequest, WireResponse } from "./emulatorContract.ts"
import type { DedicatedConnection, Request, Response, Transport } from "../transport/Transport.ts"
import { TransportError } from "../transport/TransportError.ts"
import { refuseUrl } from "../transport/connect.ts"
import { type Arrive, headersOf, type Reply } from "./emulatorReply.ts"

const defaultTimeout = Duration.seconds(30)
const defaultMaxResponseBytes = 64 * 1024 * 1024

/** Makes a transport to the emulator. `takeRefusal` returns whether to refuse the present connection. */
export const inMemory = (arrive: Arrive, takeRefusal: () => boolean): Transport => {
  const connect = (url: URL): Effect.Effect<void, TransportError> =>
    Effect.suspend(() => {
      const refused = refuseUrl(url)
      if (refused !== undefined) return refused
      if (!takeRefusal()) return Effect.void
      return notSent("connect", `cannot connect to ${url.host}: it refuses the connection`, "ECONNREFUSED")
    })

  // The check, the arrival and all immediate effects happen in one synchronous step. Only waiting for an
  // answer can be interrupted: an arrived request belongs to the provider, and must not get lost.
  const exchange = (request: Request, check: () => boolean): Effect.Effect<Response, TransportError> =>
    Effect.uninterruptibleMask((restore) => {
      const wait: Wait = (answer) => restore(impatiently(answer, request))
      return Effect.clockWith((clock) =>
        check()
          ? deliver(arrive(wireRequest(request), clock.currentTimeMillisUnsafe()), request, wait)
          : notSent("refused-by-check", "the last check before sending refused the request")
      )
    })

  const dedicated = (origin: URL): DedicatedConnection => {
    const gone = Deferred.makeUnsafe<never, TransportError>()
    let used = false
    return {
      send: (request, check) =>
        Effect.suspend(() => {
          if (Deferred.isDoneUnsafe(gone)) return notSent("closed", "the line was closed before it was used")
          if (used) return notSent("invalid-request", "a line sends one request: open another line")
          if (request.url.origin !== origin.origin) {
            return notSent("invalid-request", `url: this line leads to ${origin.origin} only`)
          }
          used = true
          return Effect.raceFirst(exchange(request, check), Deferred.await(gone))
        }),
      reset: Effect.asVoid(Deferred.fail(gone, closed("the line was reset before the answer came"))),
      resetReaches: "provider"
    }
  }

  return {
    request: (request) =>
      Effect.andThen(
        connect(request.url),
        exchange(request, () => true)
      ),
    open: (origin) =>
      Effect.acquireRelease(
        Effect.map(connect(origin), () => dedicated(origin)),
        (connection) => connection.reset
      )
  }
}

/** Waits for an answer as long as the client does. */
type Wait = <A>(answer: Effect.Effect<A>) => Effect.Effect<A, TransportError>

/** Delivers the reply as the client would see it. */
const deliver = (reply: Reply, request: Request, wait: Wait): Effect.Effect<Response, TransportError> => {
  switch (reply._tag) {
    case "answer":
      return receive(reply.response, reply.padding, request)
    case "truncated":
      return Effect.fail(closed("the connection ended in the middle of the answer"))
    case "cut":
      return Effect.fail(closed("the connection ended before the answer came"))
    case "silence":
      return wait(Effect.never)
    case "late": {
      const commit = Effect.map(Clock.currentTimeMillis, reply.commit)
      // Detached, because a provider continues whatever happens to its client.
      return Effect.andThen(reply.until, commit).pipe(
        Effect.forkDetach({ startImmediately: true }),
        Effect.flatMap((provider) =>
          reply.lost
            ? Effect.fail(closed("the connection ended before the answer came"))
            : Effect.flatMap(wait(Fiber.join(provider)), (response) => receive(response, 0, request))
        )
      )
    }
  }
}

const receive = (
  response: WireResponse,
  padding: number,
  request: Request
): Effect.Effect<Response, TransportError> => {
  const limit = request.maxResponseBytes ?? defaultMaxResponseBytes
  const bytes = Buffer.byteLength(response.body) + padding
  return bytes > limit
    ? new TransportError({
        phase: "unknown",
        kind: "too-large",
        message: `the answer has ${bytes} bytes; the limit is ${limit}`
      })
    : Effect.succeed({
        status: response.status,
        headers: headersOf(response, bytes),
        body: response.body + " ".repeat(padding)
      })
}

const impatiently = <A>(self: Effect.Effect<A>, request: Request): Effect.Effect<A, TransportError> => {
  const timeout = request.timeout ?? defaultTimeout
  return Effect.timeoutOrElse(self, {
    duration: timeout,
    orElse: () =>
      new TransportError({
        phase: "unknown",
        kind: "timeout",
        message: `no answer within ${Duration.format(timeout)}`
      })
  })
}

const closed = (message: string): TransportError =>
  new TransportError({ phase: "unknown", kind: "closed", message })

const notSent = (kind: TransportError["kind"], message: string, code?: string): TransportError =>
  new TransportError({ phase: "not-sent", kind, message, ...(code === undefined ? {} : { code }) })

/** The request as written to the wire, with the headers that the real transport adds. */
const wireRequest = (request: Request): WireRequest => {
  const { method, url } = request
  const body = request.body === undefined ? "" : Redacted.value(request.body)
  const headers: Record<string, string> = { host: url.host, "accept-encoding": "identity" }
  if (body !== "" || method === "POST" || method === "PUT") {
    headers["content-length"] = String(Buffer.byteLength(body))
  }
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name.toLowerCase()] = Redacted.isRedacted(value) ? Redacted.value(value) : value
  }
  return { method, target: url.pathname + url.search, headers, body }
}
