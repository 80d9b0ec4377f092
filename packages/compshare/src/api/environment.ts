/** A client's options from the environment. */
import { logWarnings, variable } from "@cloud-quota/core/adapter/CredentialChain"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Effect from "effect/Effect"
import { discover } from "./CredentialChain.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { type Options, provider } from "./settings.ts"

/**
 * The options of the environment: the keys that `CredentialChain.discover` finds, in variables or in the
 * file of compshare-cli, with its warnings in the log; `COMPSHARE_TEAM_ID`, `COMPSHARE_REGION`,
 * `COMPSHARE_ENDPOINT`.
 */
export const optionsFromConfig: Effect.Effect<Options, CloudQuotaError> = Effect.gen(function* () {
  const found = yield* discover()
  yield* logWarnings(provider, found)
  return {
    ...found.value,
    ...defined({
      teamId: yield* variable(provider, "COMPSHARE_TEAM_ID"),
      region: yield* variable(provider, "COMPSHARE_REGION"),
      endpoint: yield* variable(provider, "COMPSHARE_ENDPOINT")
    })
  }
})
