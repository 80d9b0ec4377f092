/**
 * One request and its answer: parsed JSON, or an error with the known state of the money. All calls of
 * MetaStudio, IAM and the billing service go through here.
 */
import {
  CloudQuotaError,
  InsufficientBalance,
  InvalidRequest,
  MalformedResponse,
  type Money,
  NotFound,
  PermissionDenied,
  PreconditionFailed,
  type ProviderDetails,
  ProviderFailed,
  type Reason,
  Throttled,
  Timeout,
  TransportFailed,
  Unauthenticated,
  Unavailable
} from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import * as Json from "@cloud-quota/core/Json"
import { parseRetryAfter } from "@cloud-quota/core/adapter/Retry"
import { visible } from "@cloud-quota/core/SafeText"
import {
  type Request,
  type Response,
  type Transport,
  type TransportError,
  interception
} from "@cloud-quota/core/Transport"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as ErrorCode from "./ErrorCode.ts"
import { malformed, provider, scrub } from "./errors.ts"

/** The properties of a request, besides its bytes. */
export interface Call {
  /** The vendor's name of the operation. */
  readonly operation: string
  /** Whether it only reads: then money cannot have moved, whatever happens. */
  readonly readOnly: boolean
  /** Texts that no message may repeat. */
  readonly secrets: ReadonlyArray<Redacted.Redacted<string>>
}

/** A successful answer. `body` is `undefined` if it is empty, as after a write. */
export interface Answer {
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  readonly requestId?: string
}

/** Sends a request once. */
export const exchange = (
  transport: Transport,
  call: Call,
  request: Request
): Effect.Effect<Answer, CloudQuotaError> =>
  transport.request(request).pipe(
    Effect.mapError((error) => notAnswered(call, error)),
    Effect.flatMap((response) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fromResult(readAnswer(call, response, now)))
    )
  )

/** A `Retry-After` date is measured from `now` (milliseconds since 1970). */
const readAnswer = (call: Call, response: Response, now: number): Result.Result<Answer, CloudQuotaError> => {
  const { headers, status } = response
  const parsed = response.body.trim() === "" ? Result.succeed(undefined) : Json.parse(response.body)
  const body = Result.getOrUndefined(parsed)
  const failure = failureIn(body)
  const requestId = headers["x-request-id"] ?? headers["x-iam-trace-id"] ?? textIn(body, "request_id")
  const id = requestId === undefined ? {} : { requestId: scrub(requestId, call.secrets) }

  const isSuccess = status >= 200 && status < 300 && failure === undefined
  // An empty answer proves a write, unless it is the empty page of an intermediary.
  const isPage = body === undefined && interception(response) !== undefined
  if (isSuccess && Result.isSuccess(parsed) && !isPage) return Result.succeed({ body, headers, ...id })

  // A 404 with another body comes from a server that is not Huawei Cloud's, and must not be read as a missing
  // member.
  const isForeign = status === 404 && response.body.trim() !== "" && failure === undefined
  const intercepted = failure === undefined ? interception(response) : undefined
  if (isSuccess || isForeign) {
    const message =
      intercepted ??
      (isForeign
        ? "the answer is not one of Huawei Cloud's own: check the endpoint"
        : `the answer is not what is documented: ${Result.isFailure(parsed) ? parsed.failure.message : "it is empty"}`)
    const money = moneyOf(call, "unknown")
    return Result.fail(malformed({ operation: call.operation, money, message, httpStatus: status, ...id }))
  }
  return Result.fail(rejected(call, response, failure ?? { ...defined({ intercepted }) }, { ...id, now }))
}

/** The code and message of a failed answer, from any of its three formats. */
interface Failure {
  readonly code?: string
  readonly message?: string
  /** The explanation, if the response does not come from the provider. */
  readonly intercepted?: string
}

/** The billing service's older answers have a code on success too. */
const success = "CBC.0000"

const failureIn = (body: unknown): Failure | undefined => {
  const code = textIn(body, "error_code")
  if (code !== undefined && code !== success) {
    const message = textIn(body, "error_msg")
    return { code, ...(message === undefined ? {} : { message }) }
  }
  const keystone = fieldIn(body, "error")
  const number = fieldIn(keystone, "code")
  if (typeof number !== "number" && typeof number !== "string") return undefined
  const message = textIn(keystone, "message")
  return { code: String(number), ...(message === undefined ? {} : { message }) }
}

const fieldIn = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined

const textIn = (value: unknown, name: string): string | undefined => {
  const text = fieldIn(value, name)
  return typeof text === "string" && text !== "" ? text : undefined
}

const moneyOf = (call: Call, proof: Money): Money => (call.readOnly ? "not-moved" : proof)

const rejected = (
  call: Call,
  response: Response,
  failure: Failure,
  { now, ...id }: { readonly now: number; readonly requestId?: string }
): CloudQuotaError => {
  const httpStatus = response.status
  const known = ErrorCode.explain({ ...failure, httpStatus })
  const code = failure.code === undefined ? undefined : scrub(failure.code, call.secrets)
  const said = failure.message === undefined ? undefined : scrub(failure.message, call.secrets)
  const quoted = [code, said].filter((text) => text !== undefined).join(": ")
  const meaning =
    failure.intercepted ?? ((known.reason === "Unauthenticated" && wrongClock(said)) || known.meaning)
  const fields = {
    message: quoted === "" ? meaning : `${meaning} (${visible(quoted)})`,
    details: {
      httpStatus,
      ...(code === undefined ? {} : { code }),
      ...(said === undefined ? {} : { message: said })
    }
  }
  return new CloudQuotaError({
    provider,
    operation: call.operation,
    money: moneyOf(call, known.money),
    reason: reasons[known.reason](fields, retryAfter(response, now)),
    ...id
  })
}

interface ReasonFields {
  readonly message: string
  readonly details: ProviderDetails
}

interface RetryAfter {
  readonly retryAfterMillis?: number
}

/** Constructs each reason that an answer can have. */
const reasons: Readonly<Record<ErrorCode.AnswerReason, (fields: ReasonFields, wait: RetryAfter) => Reason>> =
  {
    Unauthenticated: (fields) => new Unauthenticated(fields),
    PermissionDenied: (fields) => new PermissionDenied(fields),
    NotFound: (fields) => new NotFound(fields),
    InvalidRequest: (fields) => new InvalidRequest(fields),
    PreconditionFailed: (fields) => new PreconditionFailed(fields),
    InsufficientBalance: (fields) => new InsufficientBalance(fields),
    ProviderFailed: (fields) => new ProviderFailed(fields),
    Timeout: (fields) => new Timeout(fields),
    Throttled: (fields, wait) => new Throttled({ ...fields, ...wait }),
    Unavailable: (fields, wait) => new Unavailable({ ...fields, ...wait })
  }

const retryAfter = ({ headers }: Response, now: number): RetryAfter => {
  const retryAfterMillis = parseRetryAfter(headers["retry-after"], now)
  return retryAfterMillis === undefined ? {} : { retryAfterMillis }
}

/** Translates the gateway's "signature expired": by how much this machine's clock is wrong. */
const wrongClock = (message: string | undefined): string | undefined => {
  const match = /signature time:\s*(\d{8}T\d{6}Z)\s*,\s*server time:\s*(\d{8}T\d{6}Z)/i.exec(message ?? "")
  const [, signed, server] = match ?? []
  if (signed === undefined || server === undefined) return undefined
  const skew = Math.round((millisOf(signed) - millisOf(server)) / 1000)
  if (!Number.isFinite(skew)) return undefined
  const seconds = Math.abs(skew)
  const size = `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `the clock of this machine is ${size} ${skew < 0 ? "behind" : "ahead of"} the clock of Huawei Cloud, which refuses more than 15 minutes: set the clock (NTP) and try again`
}

const millisOf = (stamp: string): number =>
  Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))

const notAnswered = (call: Call, error: TransportError): CloudQuotaError => {
  const message = scrub(error.message, call.secrets)
  const code = error.code === undefined ? {} : { details: { code: error.code } }
  return new CloudQuotaError({
    provider,
    operation: call.operation,
    money: moneyOf(call, error.phase === "not-sent" ? "not-moved" : "unknown"),
    reason: transportReason(error, { message, ...code })
  })
}

const transportReason = (
  { kind, phase }: TransportError,
  common: { readonly message: string; readonly details?: ProviderDetails }
): Reason => {
  switch (kind) {
    case "timeout":
      return new Timeout(common)
    case "too-large":
    case "unreadable":
      return new MalformedResponse(common)
    case "invalid-request":
      return new InvalidRequest(common)
    default:
      return new TransportFailed({ ...common, phase })
  }
}
