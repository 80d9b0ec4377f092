/** One request over undici, and its whole answer. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import type { Dispatcher } from "undici"
import type { Request, Response } from "./contract.ts"
import { TransportError } from "./TransportError.ts"
import { codeOf, outsideOfCallback, refuseUrl } from "./connect.ts"

/** The time limit of a request, and of opening a connection. */
export const defaultTimeout = Duration.seconds(30)
const defaultMaxResponseBytes = 64 * 1024 * 1024

// Time is limited here, from outside: undici's own limits count from event to event.
export const noLimits = { headersTimeout: 0, bodyTimeout: 0 }

/** Thrown into undici to stop a request. */
export const stop = new Error("stopped")

export const notSent = (kind: TransportError["kind"], message: string, code?: string): TransportError =>
  new TransportError({ phase: "not-sent", kind, message, ...(code === undefined ? {} : { code }) })

const timedOut = (phase: TransportError["phase"], host: string, timeout: Duration.Duration): TransportError =>
  new TransportError({
    phase,
    kind: "timeout",
    message: `no whole answer from ${host} within ${Duration.format(timeout)}`
  })

/**
 * Translates an undici error from before a request began: it refused the request, or there is no connection.
 */
export const failedBefore = (error: unknown, host: string): TransportError => {
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
export const exchange = (
  dispatcher: Dispatcher,
  request: Request,
  check: () => boolean,
  abandon: (begun: Dispatcher.DispatchController | undefined) => void
): Effect.Effect<Response, TransportError> =>
  Effect.flatMap(Clock.Clock, (clock) => {
    const options = toDispatch(request)
    if (options instanceof TransportError) return Effect.fail(options)

    const { host } = request.url
    const { maxResponseBytes = defaultMaxResponseBytes, timeout = defaultTimeout } = request

    return Effect.callback<Response, TransportError>((resume) => {
      let begun: Dispatcher.DispatchController | undefined
      let over = false
      let status = 0
      let headers: Response["headers"] = {}
      let bytes = 0
      // Decoded as it comes, so that the pieces of a large answer are not kept beside its text.
      const decoder = new TextDecoder()
      let text = ""

      const end = (): boolean => {
        if (over) return false
        over = true
        stopTimer()
        return true
      }
      const finish = (result: Effect.Effect<Response, TransportError>) => {
        if (end()) setImmediate(() => resume(result))
      }
      const giveUp = (): boolean => {
        const isFirst = end()
        if (isFirst) abandon(begun)
        return isFirst
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

      const stopTimer = Effect.runCallback(clock.sleep(timeout), {
        onExit: Exit.match({
          onSuccess: () => {
            const phase = begun === undefined ? "not-sent" : "unknown"
            if (giveUp()) setImmediate(() => resume(Effect.fail(timedOut(phase, host, timeout))))
          },
          onFailure: () => {}
        })
      })

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
          headers = joinedHeaders(received)
          if ((headers["content-encoding"] ?? "identity") !== "identity") {
            refuseAnswer("unreadable", `${host} compressed its answer although it was asked not to`)
          }
        },
        onResponseData: (_controller, chunk) => {
          if (over) return
          bytes += chunk.length
          if (bytes > maxResponseBytes) {
            refuseAnswer("too-large", `the answer from ${host} is larger than ${maxResponseBytes} bytes`)
          } else {
            text += decoder.decode(chunk, { stream: true })
          }
        },
        onResponseEnd: () =>
          finish(
            Effect.sync(() => {
              const body = text + decoder.decode()
              text = ""
              return { status, headers, body }
            })
          ),
        onResponseError: (_controller, error) =>
          finish(
            Effect.fail(
              begun === undefined ? failedBefore(error, host) : failedAfter(error, host, status > 0)
            )
          )
      })
      return Effect.suspend(() => {
        giveUp()
        return outsideOfCallback
      })
    })
  })

/** Several headers of one name are joined, as in HTTP. */
const joinedHeaders = (
  received: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
): Response["headers"] => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(received)) {
    headers[name] = typeof value === "string" ? value : (value ?? []).join(", ")
  }
  return headers
}
