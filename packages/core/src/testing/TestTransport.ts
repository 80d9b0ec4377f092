/**
 * Transports for tests: one that records requests, and one that answers from a script.
 *
 * @example
 * import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
 * import * as Transport from "@cloud-quota/core/Transport"
 * import * as Effect from "effect/Effect"
 *
 * declare const program: Effect.Effect<void>
 *
 * const transport = TestTransport.recording(TestTransport.scripted([TestTransport.json({ RetCode: 0 })]))
 * export const test = Effect.provideService(program, Transport.Transport, transport)
 * // afterwards: transport.requests is what program sent
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type DedicatedConnection, type Request, type Response, Transport } from "../transport/Transport.ts"
import { TransportError } from "../transport/TransportError.ts"

/** A sent request, with all secrets revealed: for assertions only. */
export interface SentRequest {
  readonly method: Request["method"]
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

const reveal = ({ method, url, headers, body }: Request): SentRequest => ({
  method,
  url: url.href,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Redacted.isRedacted(value) ? Redacted.value(value) : value
    ])
  ),
  ...(body === undefined ? {} : { body: Redacted.value(body) })
})

/**
 * Passes requests on to another transport (by default the one over undici) and records them. On a dedicated
 * connection, only a request that passed its check is recorded.
 */
export const recording = (
  inner: Transport = Transport.defaultValue()
): Transport & { readonly requests: ReadonlyArray<SentRequest> } => {
  const requests: Array<SentRequest> = []
  return {
    requests,
    request: (request) =>
      Effect.suspend(() => {
        requests.push(reveal(request))
        return inner.request(request)
      }),
    open: (origin, options) =>
      Effect.map(
        inner.open(origin, options),
        (dedicated): DedicatedConnection => ({
          ...dedicated,
          send: (request, check) =>
            dedicated.send(request, () => {
              const sent = check()
              if (sent) requests.push(reveal(request))
              return sent
            })
        })
      )
  }
}

/** One step of a script: an answer, a failure, or a function of the request that returns either. */
export type Answer = Response | TransportError | ((request: SentRequest) => Response | TransportError)

/**
 * Answers requests with the steps of a script, in order, both over the pool and over dedicated connections. A
 * request beyond the end of the script is a defect, which fails the test.
 *
 * A failure with phase `not-sent` represents a request that never began, so its check is not called. If a
 * check returns false, the step stays for the next request.
 */
export const scripted = (answers: Iterable<Answer>): Transport => {
  const script = [...answers]
  const answer = (request: Request, check: () => boolean): Effect.Effect<Response, TransportError> =>
    Effect.suspend(() => {
      const [step] = script
      const sent = reveal(request)
      if (step === undefined)
        return Effect.die(new Error(`no answer in the script for ${sent.method} ${sent.url}`))
      const neverBegins = step instanceof TransportError && step.phase === "not-sent"
      if (!neverBegins && !check()) {
        return Effect.fail(
          new TransportError({ phase: "not-sent", kind: "refused-by-check", message: "refused by the check" })
        )
      }
      script.shift()
      const result = typeof step === "function" ? step(sent) : step
      return result instanceof TransportError ? Effect.fail(result) : Effect.succeed(result)
    })

  return {
    request: (request) => answer(request, () => true),
    open: () =>
      Effect.sync((): DedicatedConnection => {
        let used = false
        return {
          resetReaches: "nothing",
          reset: Effect.void,
          send: (request, check) =>
            Effect.suspend(() => {
              if (used) {
                return Effect.fail(
                  new TransportError({
                    phase: "not-sent",
                    kind: "invalid-request",
                    message: "a line sends one request: open another line"
                  })
                )
              }
              used = true
              return answer(request, check)
            })
        }
      })
  }
}

/** A response with a JSON body. The status is 200 by default. */
export const json = (value: unknown, status = 200): Response => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value)
})
