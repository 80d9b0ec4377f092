/**
 * Huawei Cloud MetaStudio for programs that use promises: accounts and the emulator for `connect` of
 * `@cloud-quota/core/promise`. Keys are passed as plain text here; nothing built from them displays them.
 */
import * as Definition from "@cloud-quota/core/adapter/AccountDefinition"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type { AccountDefinition, EmulateOptions, Emulated, RateLimitOption } from "@cloud-quota/core/promise"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Core from "../api/auth/Credentials.ts"
import * as MetaStudio from "./MetaStudio.ts"
import * as MetaStudioClient from "../api/MetaStudioClient.ts"
import { provider } from "./MetaStudioProvider.ts"

/** A permanent access key, or with `securityToken` a temporary one. */
export interface AccessKey {
  readonly accessKey: string
  readonly secretKey: string
  readonly securityToken?: string | undefined
}

/**
 * The credentials of a caller: an access key, a token, an IAM user, or an agency with the key that assumes
 * it.
 */
export type Credentials =
  | AccessKey
  | { readonly token: string }
  | { readonly domain: string; readonly user: string; readonly password: string }
  | {
      readonly agencyName: string
      /** The account that delegates, by name or id: at least one of them. */
      readonly domainName?: string | undefined
      readonly domainId?: string | undefined
      readonly source: AccessKey
    }

/** Options of a project. Absent options come from the environment (see `MetaStudioClient.optionsConfig`). */
export interface MetaStudioOptions {
  /** Default: those of the environment, or of the credentials file of Huawei Cloud's SDKs. */
  readonly credentials?: Credentials | undefined
  /** `cn-north-4` or `cn-east-3`. Not needed with an endpoint. */
  readonly region?: string | undefined
  /** The origin of the API. Default: the region's. */
  readonly endpoint?: string | undefined
  /** Looked up if absent. */
  readonly projectId?: string | undefined
  readonly domainId?: string | undefined
  readonly iamEndpoint?: string | undefined
  readonly bssEndpoint?: string | undefined
  /** How fast requests may follow each other, for each of the vendor's services. @default "adaptive" */
  readonly rateLimit?: RateLimitOption | undefined
  /** Time limit of one attempt, in milliseconds. @default 30000 */
  readonly timeout?: number | undefined
}

/**
 * Defines the quotas and members of one project as an account.
 *
 * If credentials are given, nothing is read from the environment. Invalid options are reported by `connect`.
 *
 * @example
 * import { connect } from "@cloud-quota/core/promise"
 * import { metastudio } from "@cloud-quota/metastudio/promise"
 *
 * const studio = metastudio({
 *   region: "cn-north-4",
 *   credentials: { accessKey: "…", secretKey: "…" }
 * })
 * const cloud = await connect({ accounts: { studio } })
 * for await (const quota of cloud.quotas({ metric: "video-minutes" })) console.log(String(quota))
 * await cloud.close()
 */
export const metastudio = (options: MetaStudioOptions = {}): AccountDefinition =>
  Definition.make(provider.id, Definition.layerOfOptions(provider.id, options, names, layerOf))

const names: Definition.Names<MetaStudioOptions> = {
  credentials: true,
  region: true,
  endpoint: true,
  projectId: true,
  domainId: true,
  iamEndpoint: true,
  bssEndpoint: true,
  rateLimit: true,
  timeout: true
}

const layerOf = ({ credentials, rateLimit, timeout, ...options }: MetaStudioOptions) => {
  const given = { ...defined(options), ...Definition.clientOptions({ rateLimit, timeout }) }
  return credentials === undefined
    ? Layer.unwrap(
        Effect.map(MetaStudioClient.optionsConfig, (found) => MetaStudio.layer({ ...found, ...given }))
      )
    : MetaStudio.layer({ ...given, credentials: redacted(credentials) })
}

/**
 * Wraps the secrets. A secret that is not a string is reported as missing, so that its value is never quoted.
 */
const redacted = (credentials: Credentials): Core.Credentials => {
  if (typeof credentials !== "object" || credentials === null) return credentials
  if ("token" in credentials) return { ...credentials, token: secret(credentials.token) }
  if ("password" in credentials) return { ...credentials, password: secret(credentials.password) }
  if ("agencyName" in credentials) {
    const { agencyName, source, ...rest } = credentials
    return { agencyName, ...defined(rest), source: accessKey(source) }
  }
  return accessKey(credentials)
}

const accessKey = (key: AccessKey): Core.AccessKey => {
  if (typeof key !== "object" || key === null) return key
  // Unknown keys stay, so that they are refused later.
  const { secretKey, securityToken, ...rest } = key
  return {
    ...rest,
    secretKey: secret(secretKey),
    ...(securityToken === undefined ? {} : { securityToken: secret(securityToken) })
  }
}

const secret = (text: string): Redacted.Redacted<string> =>
  Redacted.make(typeof text === "string" ? text : "")

/**
 * Starts an emulated MetaStudio on this machine, with invented sub-accounts, for tests and trials.
 *
 * @example
 * import { connect } from "@cloud-quota/core/promise"
 * import { emulate } from "@cloud-quota/metastudio/promise"
 *
 * await using emulator = await emulate({ size: 5 })
 * await using cloud = await connect({ accounts: { studio: emulator.account } })
 * console.log(await cloud.quotas({ metric: "video-minutes" }).toArray())
 */
export const emulate = (options: EmulateOptions = {}): Promise<Emulated> =>
  Definition.emulate(provider.id, start, options, ({ environment, origin: endpoint }) => {
    // An absent variable becomes an empty value, which is refused: it must never come from the environment of
    // this process.
    const variable = (name: string) => environment[name] ?? ""
    return layerOf({
      endpoint,
      iamEndpoint: endpoint,
      bssEndpoint: endpoint,
      projectId: variable("HUAWEICLOUD_SDK_PROJECT_ID"),
      domainId: variable("HUAWEICLOUD_SDK_DOMAIN_ID"),
      credentials: { accessKey: variable("HUAWEICLOUD_SDK_AK"), secretKey: variable("HUAWEICLOUD_SDK_SK") }
    })
  })

/** Loaded on demand, so that a program without emulation loads no emulator. */
const start: Parameters<typeof Definition.emulate>[1] = Effect.fnUntraced(function* (options) {
  // biome-ignore lint/style/noRestrictedImports: on demand.
  const emulator = yield* Effect.promise(() => import("../emulator/MetaStudioEmulator.ts"))
  return yield* emulator.start(options)
})
