/** One attempt of a call: its URL, its proof, and its answer. */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type * as Retry from "@cloud-quota/core/adapter/Retry"
import type { Transport } from "@cloud-quota/core/Transport"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { encode } from "./auth/AkSk.ts"
import type { Authenticate, Scope } from "./auth/authenticate.ts"
import { type Answer, exchange } from "./exchange.ts"
import { joinPath } from "./ids.ts"

/** The destination of calls, and their authentication. */
export interface Destination {
  readonly transport: Transport
  readonly authenticate: Authenticate
  readonly origin: URL
  readonly timeout?: Duration.Duration
}

/** One call of any of the vendor's services. */
export interface Call {
  /** The vendor's name of the operation. */
  readonly operation: string
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /** Checked plain segments. */
  readonly path: ReadonlyArray<string>
  readonly query?: Readonly<Record<string, unknown>>
  /** The exact text of a JSON body. */
  readonly body?: string
  readonly scope: Scope
  readonly safety: Retry.Safety
  /** Whether an earlier send of the same call got no answer: this one is charged to the retry budget. */
  readonly again?: boolean
}

/** Signs a call anew and sends it once. */
export const sendOnce = (to: Destination, call: Call): Effect.Effect<Answer, CloudQuotaError> => {
  const { body, method, operation, safety, scope } = call
  const query = Object.entries(call.query ?? {})
    .map(([key, value]) => `${encode(key)}=${encode(String(value))}`)
    .join("&")
  const url = new URL(`${to.origin.origin}${joinPath(call.path)}${query === "" ? "" : `?${query}`}`)
  return to.authenticate(operation, scope, { method, url, ...defined({ body }) }, ({ headers, secrets }) =>
    exchange(
      to.transport,
      { operation, readOnly: safety === "read", secrets },
      {
        method,
        url,
        headers,
        ...defined({
          body: body === undefined ? undefined : Redacted.make(body),
          timeout: to.timeout
        })
      }
    )
  )
}
