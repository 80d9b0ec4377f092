/**
 * Classifies the provider's answer, or its absence: a decoded answer or a failure.
 *
 * The provider answers failures with HTTP 200, so the decoded answer decides, never the status alone.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import {
  CloudQuotaError,
  MalformedResponse,
  ProviderFailed,
  Throttled,
  Timeout,
  TransportFailed,
  Unavailable
} from "@cloud-quota/core/CloudQuotaError"
import type { Money, ProviderDetails, Reason } from "@cloud-quota/core/CloudQuotaError"
import * as Json from "@cloud-quota/core/Json"
import { parseRetryAfter } from "@cloud-quota/core/adapter/Retry"
import { visible } from "@cloud-quota/core/SafeText"
import * as Transport from "@cloud-quota/core/Transport"
import * as RetCode from "./RetCode.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import { provider } from "./settings.ts"

/** A successful answer (`RetCode` 0), with all its fields, known or not. Whole numbers may be bigints. */
export interface Answer {
  /** The provider's id of the request, for its support. */
  readonly requestId?: string
  readonly httpStatus: number
  /** The HTTP header `Date`. Milliseconds since 1970. */
  readonly answeredAt?: number
  readonly fields: Readonly<Record<string, unknown>>
}

/** One request, with all that is needed to judge its answer. */
export interface Exchange {
  readonly action: string
  /** Whether the request may have changed something. */
  readonly mutates: boolean
  /** Removes this request's secrets from a text. */
  readonly scrub: (text: string) => string
}

interface Failure {
  readonly reason: Reason
  /** The proof, if the request may have changed something. */
  readonly money: Money
  readonly requestId?: string
}

const fail = ({ action, mutates }: Exchange, { money, reason, requestId }: Failure): CloudQuotaError =>
  new CloudQuotaError({
    provider,
    operation: action,
    reason,
    money: mutates ? money : "not-moved",
    ...(requestId === undefined ? {} : { requestId })
  })

/** No complete answer arrived. */
export const transportFailure =
  (exchange: Exchange) =>
  (error: Transport.TransportError): CloudQuotaError => {
    const message = exchange.scrub(error.message)
    const money = error.phase === "not-sent" ? "not-moved" : "unknown"
    if (error.kind === "too-large" || error.kind === "unreadable") {
      return fail(exchange, { money, reason: new MalformedResponse({ message }) })
    }
    return error.kind === "timeout" && error.phase === "unknown"
      ? fail(exchange, { money, reason: new Timeout({ message }) })
      : fail(exchange, { money, reason: new TransportFailed({ message, phase: error.phase }) })
  }

/** The answer is not what the provider documents. */
export const malformed = (
  exchange: Exchange,
  answer: { readonly requestId?: string; readonly httpStatus: number },
  problem: string
): CloudQuotaError => {
  const { httpStatus, requestId } = answer
  const message = exchange.scrub(`the answer is not what CompShare documents: ${problem}`)
  const reason = new MalformedResponse({ message, details: { httpStatus } })
  return fail(exchange, { reason, money: "unknown", ...defined({ requestId }) })
}

const readCode = Operation.reader(Schema.Struct({ RetCode: Lenient.Whole }))

/** Decodes a whole response. A `Retry-After` date is measured from `now` (milliseconds since 1970). */
export const decodeAnswer = (
  exchange: Exchange,
  response: Transport.Response,
  now: number
): Result.Result<Answer, CloudQuotaError> => {
  const httpStatus = response.status
  const heading = headingOf(exchange, response)
  const facts = {
    ...heading,
    ...defined({ retryAfterMillis: parseRetryAfter(response.headers["retry-after"], now) })
  }

  const body = Result.filterOrFail(Json.parse(response.body), Operation.isFields, () => undefined)
  const code = Result.flatMap(
    Result.mapError(body, () => "it is no JSON object"),
    readCode
  )
  const isSuccessStatus = httpStatus >= 200 && httpStatus < 300

  if (Result.isFailure(body) || Result.isFailure(code)) {
    const intercepted = Result.isFailure(body) ? Transport.interception(response) : undefined
    const problem = intercepted ?? (Result.isFailure(code) ? code.failure : "it is no JSON object")
    return Result.fail(
      isSuccessStatus
        ? malformed(exchange, heading, problem)
        : statusFailure(exchange, { ...facts, ...defined({ intercepted }) })
    )
  }
  const { RetCode: retCode } = code.success
  if (retCode !== 0) return Result.fail(retCodeFailure(exchange, facts, retCode, body.success))
  if (!isSuccessStatus) return Result.fail(statusFailure(exchange, facts))
  return Result.succeed({ ...heading, fields: body.success })
}

/**
 * Decodes a whole response that is CSV on success, and JSON on failure. A response with a CSV content type
 * may still be JSON; one without that content type is never accepted as CSV.
 */
export const decodeFile = (
  exchange: Exchange,
  response: Transport.Response,
  now: number
): Result.Result<{ readonly requestId?: string; readonly csv: string }, CloudQuotaError> => {
  const answer = decodeAnswer(exchange, response, now)
  const isCsv = /^(text|application)\/csv\b/i.test(response.headers["content-type"]?.trim() ?? "")
  const isAnswer = /^\s*[{[]/.test(response.body)
  const isSuccessStatus = response.status >= 200 && response.status < 300
  if (Result.isFailure(answer) && (isAnswer || !isCsv || !isSuccessStatus)) return Result.fail(answer.failure)
  const heading = headingOf(exchange, response)
  const refuse = (problem: string) => Result.fail(malformed(exchange, heading, problem))
  if (Result.isSuccess(answer)) return refuse("it is JSON, and not a file")
  if (response.body.trim() === "") return refuse("the file is empty, without even its titles")
  if (response.body.includes("\uFFFD")) return refuse("the file is not UTF-8")
  return Result.succeed({ csv: response.body, ...defined({ requestId: heading.requestId }) })
}

const headingOf = (exchange: Exchange, { headers, status }: Transport.Response) => {
  const header = headers["x-ucloud-request-uuid"]
  const requestId = header === undefined || header === "" ? undefined : exchange.scrub(header)
  const date = Date.parse(headers["date"] ?? "")
  const answeredAt = Number.isNaN(date) ? undefined : date
  return { httpStatus: status, ...defined({ answeredAt, requestId }) }
}

interface ResponseFacts {
  readonly httpStatus: number
  readonly requestId?: string
  readonly retryAfterMillis?: number
  /** The explanation, if the response does not come from CompShare. */
  readonly intercepted?: string
}

/** The provider reports a failure by its code. */
const retCodeFailure = (
  exchange: Exchange,
  facts: ResponseFacts,
  code: number,
  fields: Operation.Fields
): CloudQuotaError => {
  const { httpStatus, retryAfterMillis, requestId } = facts
  const row = RetCode.find(code, { action: exchange.action, scope: "request" })
  if (row === undefined && httpStatus >= 400) return statusFailure(exchange, facts, `${code}`)
  const words = messageOf(exchange, fields)
  const details: ProviderDetails = { code: `${code}`, httpStatus, ...defined({ message: words }) }
  const meaning = row?.meaning ?? "CompShare failed, with a code that has no known meaning"
  return fail(exchange, {
    reason: RetCode.toReason(row, {
      message: `${meaning} (RetCode ${code}${words === undefined ? "" : `: ${visible(words)}`})`,
      details,
      ...defined({ retryAfterMillis })
    }),
    // A server that fails with a 5xx status proves nothing, whatever code it writes.
    money: httpStatus >= 500 ? "unknown" : (row?.money ?? "unknown"),
    ...defined({ requestId })
  })
}

/** Returns the provider's message, without secrets. */
export const messageOf = (
  exchange: Pick<Exchange, "scrub">,
  fields: Operation.Fields
): string | undefined => {
  const words = [fields["Message"], fields["ErrMessage"]].find(
    (text) => typeof text === "string" && text !== ""
  )
  return typeof words === "string" ? exchange.scrub(words) : undefined
}

/** Only the status is known. */
const statusFailure = (exchange: Exchange, facts: ResponseFacts, code?: string): CloudQuotaError => {
  const { httpStatus, intercepted, retryAfterMillis, requestId } = facts
  const common = {
    message: intercepted ?? `CompShare answered with HTTP status ${httpStatus}`,
    details: { httpStatus, ...defined({ code }) }
  }
  const wait = defined({ retryAfterMillis })
  const reason =
    httpStatus === 429
      ? new Throttled({ ...common, ...wait })
      : httpStatus >= 500
        ? new Unavailable({ ...common, ...wait })
        : new ProviderFailed(common)
  return fail(exchange, { reason, money: "unknown", ...defined({ requestId }) })
}
