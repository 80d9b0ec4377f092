/** A client's options from the environment. */
import { logWarnings, variable } from "@cloud-quota/core/adapter/CredentialChain"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Effect from "effect/Effect"
import { discover } from "./CredentialChain.ts"
import { invalid, provider } from "../errors.ts"
import type { Options } from "../options.ts"

/**
 * The options of the environment: the key of `CredentialChain.discover`, from variables or from the
 * credentials file of Huawei Cloud's SDKs, with its warnings in the log; `METASTUDIO_PROJECT_ID`, which takes
 * precedence over a project found beside the key; `METASTUDIO_REGION` or `METASTUDIO_ENDPOINT`.
 */
export const optionsConfig: Effect.Effect<Options, CloudQuotaError> = Effect.gen(function* () {
  const text = (name: string) => variable(provider, name)
  const found = yield* discover
  yield* logWarnings(provider, found)
  const { credentials, domainId, iamEndpoint } = found.value
  const projectId = (yield* text("METASTUDIO_PROJECT_ID")) ?? found.value.projectId
  const region = yield* text("METASTUDIO_REGION")
  // A region has a project with its own name, which can be looked up.
  if (projectId === undefined && region === undefined) {
    const message = "is not set: give the id of the project, as My Credentials in the console shows it"
    return yield* invalid("configure", "METASTUDIO_PROJECT_ID", message)
  }
  const endpoint = yield* text("METASTUDIO_ENDPOINT")
  return { credentials, ...defined({ projectId, domainId, region, endpoint, iamEndpoint }) }
})
