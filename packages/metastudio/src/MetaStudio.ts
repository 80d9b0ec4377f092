/**
 * Huawei Cloud MetaStudio as an account: its client and the neutral services.
 */
import * as Account from "@cloud-quota/core/Account"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { makeDriver } from "./internal/driver.ts"
import * as MetaStudioClient from "./MetaStudioClient.ts"

/** What the layers provide. */
export type Services = MetaStudioClient.MetaStudioClient | Account.Services

const accountOf = <E>(client: Layer.Layer<MetaStudioClient.MetaStudioClient, E>): Layer.Layer<Services, E> =>
  Account.layer(Effect.map(MetaStudioClient.MetaStudioClient, makeDriver)).pipe(Layer.provideMerge(client))

/**
 * The quotas and members of one project.
 *
 * @example
 * import { MetaStudio } from "@cloud-quota/metastudio"
 * import { Redacted } from "effect"
 *
 * export const studio = MetaStudio.layer({
 *   region: "cn-north-4",
 *   projectId: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
 *   credentials: { accessKey: "…", secretKey: Redacted.make("…") }
 * })
 */
export const layer = (options: MetaStudioClient.Options): Layer.Layer<Services, CloudQuotaError> =>
  accountOf(MetaStudioClient.layer(options))

/**
 * The same with the options of the environment or of the SDKs' file: see `MetaStudioClient.optionsConfig`.
 * Built anew wherever it is provided, since another environment may be in force there.
 */
export const layerConfig: Layer.Layer<Services, CloudQuotaError> = Layer.fresh(
  accountOf(MetaStudioClient.layerConfig)
)
