/**
 * A client's options, checked before anything is sent.
 */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as AccountIdentity from "@cloud-quota/core/AccountIdentity"
import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
import type * as CircuitBreaker from "@cloud-quota/core/adapter/CircuitBreaker"
import type * as RateLimit from "@cloud-quota/core/adapter/RateLimit"
import type * as Retry from "@cloud-quota/core/adapter/Retry"
import { CloudQuotaError, Unauthenticated, invalid } from "@cloud-quota/core/CloudQuotaError"

export const provider = "compshare"

const defaultEndpoint = "https://api.compshare.cn"
const defaultRegion = "cn-wlcb"
/** Where to get missing keys. */
export const whereKeysAre = "get your keys from https://console.compshare.cn/uaccount/api_manage"

/** The endpoint, the credentials and the policies of a client. */
export interface Options {
  readonly publicKey: string
  readonly privateKey: Redacted.Redacted<string>
  /** Required with temporary keys (STS). */
  readonly securityToken?: Redacted.Redacted<string>
  /** The team of calls that give none. */
  readonly teamId?: number | string
  /** @default "cn-wlcb" */
  readonly region?: string
  readonly projectId?: string
  /**
   * The origin of the API. Keys of other UCloud endpoints do not work there. @default
   * "https://api.compshare.cn"
   */
  readonly endpoint?: string
  /** Time limit of one read. Default: 30 seconds. */
  readonly timeout?: Duration.Duration
  /** How reads are retried. */
  readonly retry?: Retry.Policy
  /** How fast requests may follow each other. @default "adaptive" */
  readonly rateLimit?: RateLimit.Policy
  /** When reads fail immediately because the provider does not answer. Default: after 5 failures in a row. */
  readonly circuitBreaker?: CircuitBreaker.Policy
}

/** Checked options. */
export interface Settings {
  readonly publicKey: string
  readonly privateKey: Redacted.Redacted<string>
  readonly securityToken?: Redacted.Redacted<string>
  readonly teamId?: number
  /** Parameters of every request unless the caller gives others. */
  readonly defaults: { readonly Region: string; readonly ProjectId?: string }
  /** An origin, without a trailing slash. */
  readonly endpoint: string
}

const refuse = (field: string, message: string): Result.Result<never, CloudQuotaError> =>
  Result.fail(invalid({ provider, operation: "configure", field, message }))

const optionNames: KnownKeys.Names<Options> = {
  publicKey: true,
  privateKey: true,
  securityToken: true,
  teamId: true,
  region: true,
  projectId: true,
  endpoint: true,
  timeout: true,
  retry: true,
  rateLimit: true,
  circuitBreaker: true
}

const retryNames: KnownKeys.Names<Retry.Policy> = { attempts: true, base: true, limit: true }

/** Checks all options, or returns the invalid one and its remedy. */
export const decodeOptions = (options: Options): Result.Result<Settings, CloudQuotaError> =>
  Result.gen(function* () {
    const unknown = KnownKeys.problem(options, optionNames)
    if (unknown !== undefined) return yield* refuse(unknown.field, unknown.message)
    const retry = KnownKeys.problem(options.retry ?? {}, retryNames, "retry")
    if (retry !== undefined) return yield* refuse(retry.field, `retry: ${retry.message}`)
    const publicKey = yield* credential("publicKey", "COMPSHARE_PUBLIC_KEY", options.publicKey)
    const privateKey = yield* secret("privateKey", "COMPSHARE_PRIVATE_KEY", options.privateKey)
    const { projectId, region = defaultRegion, securityToken, teamId } = options
    const endpoint = yield* origin(options.endpoint ?? defaultEndpoint)
    const { timeout } = options
    if (
      timeout !== undefined &&
      !(Duration.isDuration(timeout) && Duration.isFinite(timeout) && Duration.isPositive(timeout))
    ) {
      return yield* refuse(
        "timeout",
        "give a positive, finite time, as Duration.seconds(30); in scripts, milliseconds as 30000"
      )
    }
    return {
      publicKey,
      privateKey,
      endpoint,
      ...(securityToken === undefined
        ? {}
        : { securityToken: yield* secret("securityToken", undefined, securityToken) }),
      ...(teamId === undefined ? {} : { teamId: yield* team(teamId) }),
      defaults: {
        Region: yield* name("region", `as ${defaultRegion}`, region),
        ...(projectId === undefined
          ? {}
          : { ProjectId: yield* name("projectId", "as org-xxxxxx", projectId) })
      }
    }
  })

const credential = (
  field: string,
  variable: string | undefined,
  value: string | undefined
): Result.Result<string, CloudQuotaError> => {
  if (typeof value === "string" && /^\S+$/.test(value)) return Result.succeed(value)
  const problem =
    value === undefined || value === "" ? "is missing" : "is not a key without spaces or line breaks"
  const remedy = variable === undefined ? "give it, or leave it out" : `give it, or set ${variable}`
  const message = `${field} ${problem}: ${remedy}; ${whereKeysAre}`
  return Result.fail(
    new CloudQuotaError({
      provider,
      operation: "configure",
      money: "not-moved",
      reason: new Unauthenticated({ message })
    })
  )
}

const secret = (
  field: string,
  variable: string | undefined,
  value: Redacted.Redacted<string> | undefined
): Result.Result<Redacted.Redacted<string>, CloudQuotaError> => {
  if (value !== undefined && !Redacted.isRedacted(value)) {
    return refuse(field, "wrap it in Redacted.make(…), so that no log can print it by accident")
  }
  return Result.map(
    credential(field, variable, value === undefined ? undefined : Redacted.value(value)),
    (text) => Redacted.make(text)
  )
}

const team = (teamId: number | string): Result.Result<number, CloudQuotaError> => {
  const id = uint32(teamId)
  return id === undefined
    ? refuse("teamId", "give the team's number, 1 to 4294967295, as the console shows it (COMPSHARE_TEAM_ID)")
    : Result.succeed(id)
}

const name = (field: string, example: string, value: string): Result.Result<string, CloudQuotaError> =>
  typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(value)
    ? Result.succeed(value)
    : refuse(field, `give its name, ${example}, or leave it out`)

const origin = (endpoint: string): Result.Result<string, CloudQuotaError> => {
  const url = AccountIdentity.parseEndpoint(endpoint)
  return Result.isSuccess(url)
    ? Result.succeed(url.success.origin)
    : refuse("endpoint", `${url.failure}, as ${defaultEndpoint}`)
}

/** Reads an id of this provider: 1 to 2^32 - 1, also as plain decimal digits. */
export const uint32 = (value: unknown): number | undefined => {
  const id = typeof value === "string" && /^[1-9]\d{0,9}$/.test(value) ? Number(value) : value
  return typeof id === "number" && Number.isInteger(id) && id > 0 && id < 2 ** 32 ? id : undefined
}
