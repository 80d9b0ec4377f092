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
import { signedForm } from "./params.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { makeScrub } from "./scrub.ts"
import { type Settings, provider } from "./settings.ts"

/** Longer than the provider's own limit of 60 seconds, so that most answers are definite. */
const changeTimeout = Duration.seconds(75)

interface Request {
  readonly action: string
  readonly params: Fields
}

interface Sending {
  /** Whether it may change something. */
  readonly mutates: boolean
  readonly accept?: string
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

  const sign = makeSign(settings)
  const scrub = makeScrub(secretsOf(settings))

  /** Signs a request, sends it once, and decodes the response. */
  const exchange = <A>(
    { accept = "application/json", action, mutates, params }: Request & Sending,
    send: Transport.Transport["request"],
    decode: (about: Exchange, response: Transport.Response, now: number) => Result.Result<A, CloudQuotaError>
  ): Effect.Effect<A, CloudQuotaError> =>
    Effect.suspend(() => {
      const body = sign(action, params)
      if (Result.isFailure(body)) return Effect.fail(body.failure)
      const about: Exchange = { action, mutates, scrub }
      return send({
        method: "POST",
        url,
        headers: { "content-type": "application/x-www-form-urlencoded", accept },
        body: body.success,
        timeout: mutates ? changeTimeout : readTimeout
      }).pipe(
        Effect.mapError(transportFailure(about)),
        Effect.flatMap((response) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fromResult(decode(about, response, now)))
        )
      )
    })

  /** Signs a request, sends it once, and decodes the answer. */
  const sendOnce = (request: Request & Sending, send: Transport.Transport["request"]) =>
    exchange(request, send, (about, response, now) =>
      Result.map(decodeAnswer(about, response, now), (answer) => ({ answer, exchange: about }))
    )

  /** Sends a request in its safety class, over the pool. */
  const send = <A extends object>(
    safety: Retry.Safety,
    request: Request,
    decode: DecodeAnswer<A>
  ): Answered<A> => {
    const attempt = exchange(
      { ...request, mutates: safety !== "read" },
      transport.request,
      (about, response, now) =>
        Result.flatMap(decodeAnswer(about, response, now), (answer) => {
          const { answeredAt, requestId } = answer
          return Result.mapBoth(decode(answer), {
            onFailure: (problem) => malformed(about, answer, problem),
            onSuccess: (decoded) => ({ ...decoded, ...defined({ answeredAt, requestId }) })
          })
        })
    )
    return retry.run(safety, attempt, request.action)
  }

  /** Sends a read whose answer is a file. */
  const download = (request: Request): Answered<{ readonly csv: string }> => {
    const accept = "text/csv, application/json"
    const attempt = exchange({ ...request, mutates: false, accept }, transport.request, decodeFile)
    return retry.run("read", attempt, request.action)
  }

  /** Opens a dedicated connection for a request. Nothing has been sent over it. */
  const connect = (action: string) =>
    transport
      .open(url)
      .pipe(Effect.mapError(transportFailure({ action, mutates: true, scrub: makeScrub([]) })))

  return { sendOnce, send, download, connect }
}

const tokenOf = ({ securityToken }: Settings): string | undefined =>
  securityToken === undefined ? undefined : Redacted.value(securityToken)

/** The secrets of all requests. A signature is recognised by its form. */
const secretsOf = (settings: Settings): ReadonlyArray<string> => {
  const token = tokenOf(settings)
  return [settings.publicKey, Redacted.value(settings.privateKey), ...(token === undefined ? [] : [token])]
}

/** Makes the function that returns the signed body of a request. */
const makeSign = (settings: Settings) => {
  const { defaults, privateKey, publicKey } = settings
  const token = tokenOf(settings)
  return (action: string, params: Fields): Result.Result<Redacted.Redacted<string>, CloudQuotaError> => {
    try {
      const all: Signature.Params = {
        ...defaults,
        // `signedForm` refuses values without an exact text.
        ...(params as Signature.Params),
        Action: action,
        PublicKey: publicKey,
        SecurityToken: token
      }
      return Result.succeed(Redacted.make(signedForm(all, Redacted.value(privateKey))))
    } catch (error) {
      const isParam = error instanceof Signature.ParamError
      return Result.fail(
        invalid({
          provider,
          operation: action,
          field: isParam ? error.key : "params",
          message: isParam ? error.message.slice(error.key.length + 2) : "cannot be written as parameters"
        })
      )
    }
  }
}
