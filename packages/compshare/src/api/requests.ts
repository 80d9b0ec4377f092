/** Signs and sends the client's requests, each in its safety class. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type CloudQuotaError, invalid } from "@cloud-quota/core/CloudQuotaError"
import type * as Retry from "@cloud-quota/core/adapter/Retry"
import type * as Transport from "@cloud-quota/core/Transport"
import type { Fields } from "@cloud-quota/core/adapter/Operation"
import * as Signature from "./Signature.ts"
import {
  type Answer,
  type Exchange,
  decodeAnswer,
  decodeFile,
  malformed,
  transportFailure
} from "./answer.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { makeScrub } from "./scrub.ts"
import { type Settings, provider } from "./settings.ts"

/** Longer than the provider's own limit of 60 seconds, so that most answers are definite. */
const changeTimeout = Duration.seconds(75)

interface Request {
  readonly action: string
  readonly params: Fields
}

/** Reads the fields of an answer, or returns the problem with them. */
type DecodeAnswer<A> = (answer: Answer) => Result.Result<A, string>

type Answered<A> = Effect.Effect<A & { readonly requestId?: string }, CloudQuotaError>

/** Makes the functions with which a client sends its requests. */
export const makeRequests = (options: {
  readonly settings: Settings
  readonly transport: Transport.Transport
  readonly retry: Retry.Retry
  readonly readTimeout: Duration.Duration
}) => {
  const { readTimeout, retry, settings, transport } = options
  const url = new URL(settings.endpoint)

  /** Signs a request, sends it once, and returns the response undecoded. */
  const exchange = Effect.fnUntraced(function* (
    request: Request & { readonly mutates: boolean; readonly accept?: string },
    send: (request: Transport.Request) => Effect.Effect<Transport.Response, Transport.TransportError>
  ) {
    const { accept = "application/json", action, mutates, params } = request
    const { body, scrub } = yield* signed(settings, action, params)
    const about: Exchange = { action, mutates, scrub }
    const response = yield* send({
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded", accept },
      body,
      timeout: mutates ? changeTimeout : readTimeout
    }).pipe(Effect.mapError(transportFailure(about)))
    return { about, response, now: yield* Clock.currentTimeMillis }
  })

  /** Signs a request, sends it once, and decodes the answer. */
  const sendOnce = Effect.fnUntraced(function* (...request: Parameters<typeof exchange>) {
    const { about, now, response } = yield* exchange(...request)
    return { exchange: about, answer: yield* Effect.fromResult(decodeAnswer(about, response, now)) }
  })

  /** Sends a request in its safety class, over the pool. */
  const send = <A extends object>(
    safety: Retry.Safety,
    request: Request,
    decode: DecodeAnswer<A>
  ): Answered<A> =>
    retry.run(
      safety,
      Effect.gen(function* () {
        const mutates = safety !== "read"
        const { answer, exchange: about } = yield* sendOnce({ ...request, mutates }, transport.request)
        const decoded = decode(answer)
        if (Result.isFailure(decoded)) return yield* malformed(about, answer, decoded.failure)
        const { answeredAt, requestId } = answer
        return { ...decoded.success, ...defined({ answeredAt, requestId }) }
      }),
      request.action
    )

  /** Sends a read whose answer is a file. */
  const download = (request: Request): Answered<{ readonly csv: string }> =>
    retry.run(
      "read",
      Effect.gen(function* () {
        const accept = "text/csv, application/json"
        const sent = yield* exchange({ ...request, mutates: false, accept }, transport.request)
        return yield* Effect.fromResult(decodeFile(sent.about, sent.response, sent.now))
      }),
      request.action
    )

  /** Opens a dedicated connection for a request. Nothing has been sent over it. */
  const connect = (action: string) =>
    transport
      .open(url)
      .pipe(Effect.mapError(transportFailure({ action, mutates: true, scrub: makeScrub([]) })))

  return { sendOnce, send, download, connect }
}

/** Returns the body of a request, and a function that removes its secrets from a text. */
const signed = (
  settings: Settings,
  action: string,
  params: Fields
): Effect.Effect<
  { readonly body: Redacted.Redacted<string>; readonly scrub: (text: string) => string },
  CloudQuotaError
> =>
  Effect.try({
    try: () => {
      const { privateKey, publicKey, securityToken } = settings
      const token = securityToken === undefined ? undefined : Redacted.value(securityToken)
      const flat = Signature.flatten({
        ...settings.defaults,
        // `flatten` refuses values without an exact text.
        ...(params as Signature.Params),
        Action: action,
        PublicKey: publicKey,
        SecurityToken: token
      })
      const signature = Signature.sign(flat, privateKey)
      const body = Redacted.make(new URLSearchParams({ ...flat, Signature: signature }).toString())
      const secrets = [
        publicKey,
        Redacted.value(privateKey),
        signature,
        ...(token === undefined ? [] : [token])
      ]
      return { body, scrub: makeScrub(secrets) }
    },
    catch: (error) =>
      error instanceof Signature.ParamError
        ? invalid({
            provider,
            operation: action,
            field: error.key,
            message: error.message.slice(error.key.length + 2)
          })
        : invalid({
            provider,
            operation: action,
            field: "params",
            message: "cannot be written as parameters"
          })
  })
