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

/** An answer that deviates from the vendor's documentation. */
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

/** Longer foreign text is truncated. */
const longest = 500

/** Removes this request's secrets from foreign text, in case the text quotes them. */
export const scrub = (text: string, secrets: ReadonlyArray<Redacted.Redacted<string>>): string => {
  let scrubbed = text
  for (const secret of secrets) {
    const plain = Redacted.value(secret)
    // As plain text, and as in the JSON of a request.
    for (const spelling of [plain, JSON.stringify(plain).slice(1, -1)]) {
      if (spelling !== "") scrubbed = scrubbed.replaceAll(spelling, "<redacted>")
    }
  }
  return scrubbed.slice(0, longest)
}
