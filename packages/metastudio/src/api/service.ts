/** One of the vendor's services, as seen by its client. */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type * as Effect from "effect/Effect"
import type { Answer } from "./exchange.ts"
import type { Call } from "./sendOnce.ts"

/** One of the vendor's services. */
export interface Service {
  /** Sends a call as often as its safety allows, signed anew each time. `around` is part of each attempt. */
  readonly send: (
    call: Call,
    around?: (attempt: Effect.Effect<Answer, CloudQuotaError>) => Effect.Effect<Answer, CloudQuotaError>
  ) => Effect.Effect<Answer, CloudQuotaError>
}
