/**
 * The errors of this adapter.
 */
import {
  CloudQuotaError,
  MalformedResponse,
  invalid as invalidRequest
} from "@cloud-quota/core/CloudQuotaError"
import type { Money } from "@cloud-quota/core/CloudQuotaError"
import * as Redacted from "effect/Redacted"

export const provider = "metastudio"

/** A refusal of bad input, before anything is sent. */
export const invalid = (operation: string, field: string, message: string): CloudQuotaError =>
  invalidRequest({ provider, operation, field, message })

/** An answer that is not what the vendor documents. */
export const malformed = (options: {
  readonly operation: string
  readonly money: Money
  readonly message: string
  readonly requestId?: string
  readonly httpStatus?: number
}): CloudQuotaError => {
  const { operation, money, message, requestId, httpStatus } = options
  return new CloudQuotaError({
    provider,
    operation,
    money,
    reason: new MalformedResponse({
      message,
      ...(httpStatus === undefined ? {} : { details: { httpStatus } })
    }),
    ...(requestId === undefined ? {} : { requestId })
  })
}

/** Longer foreign text is cut. */
const longest = 500

/** Foreign text without the secrets that this request was made with, in case it quotes them. */
export const scrub = (text: string, secrets: ReadonlyArray<Redacted.Redacted<string>>): string =>
  secrets
    .map(Redacted.value)
    // As they are, and as they are written inside the JSON of a request.
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret !== "")
    .reduce((scrubbed, secret) => scrubbed.replaceAll(secret, "<redacted>"), text)
    .slice(0, longest)
