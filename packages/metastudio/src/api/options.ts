/** A client's options, and their first check. */
import type * as CircuitBreaker from "@cloud-quota/core/adapter/CircuitBreaker"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
import type * as RateLimit from "@cloud-quota/core/adapter/RateLimit"
import type * as Retry from "@cloud-quota/core/adapter/Retry"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Credentials from "./auth/Credentials.ts"
import { invalid } from "./errors.ts"

/** The options of a client. */
export interface Options {
  readonly credentials: Credentials.Credentials
  /** The region of the project: `cn-north-4` or `cn-east-3`. Not needed with an endpoint. */
  readonly region?: string
  /** The origin of the API. https, except on this machine. Default: the region's. */
  readonly endpoint?: string
  /** Default: the project with the region's name, which is looked up. */
  readonly projectId?: string
  /** The id of the account. Default: looked up when a global service such as billing is called. */
  readonly domainId?: string
  /**
   * The origin of IAM. Default: the region's. If the endpoint is not the vendor's, it is required for all
   * that calls IAM: a user and password, an agency, lookups, and `IamClient`.
   */
  readonly iamEndpoint?: string
  /** The origin of the billing service. If the endpoint is not the vendor's, `BssClient` requires it. */
  readonly bssEndpoint?: string
  /** Time limit of one attempt. Default: 30 seconds. */
  readonly timeout?: Duration.Duration
  readonly retry?: Retry.Policy
  /** How fast requests may follow each other, for each of the vendor's services. @default "adaptive" */
  readonly rateLimit?: RateLimit.Policy
  /**
   * When reads of a service fail immediately because it does not answer. Default: after 5 failures in a row.
   */
  readonly circuitBreaker?: CircuitBreaker.Policy
}

/** The operation named in errors about options. */
export const setUp = "MetaStudioClient.make"

const optionNames: KnownKeys.Names<Options> = {
  credentials: true,
  region: true,
  endpoint: true,
  projectId: true,
  domainId: true,
  iamEndpoint: true,
  bssEndpoint: true,
  timeout: true,
  retry: true,
  rateLimit: true,
  circuitBreaker: true
}

const retryNames: KnownKeys.Names<Retry.Policy> = { attempts: true, base: true, limit: true }

/**
 * Refuses an unknown option, and an invalid time limit. Credentials and endpoints are checked by the session.
 */
export const checkOptions = (options: Options): Result.Result<void, CloudQuotaError> => {
  const refuse = (field: string, message: string) => Result.fail(invalid(setUp, field, message))
  const unknown = KnownKeys.problem(options, optionNames)
  if (unknown !== undefined) return refuse(unknown.field, unknown.message)
  const retrying = KnownKeys.problem(options.retry ?? {}, retryNames, "retry")
  if (retrying !== undefined) return refuse(retrying.field, `retry: ${retrying.message}`)
  const { timeout } = options
  return timeout === undefined ||
    (Duration.isDuration(timeout) && Duration.isFinite(timeout) && Duration.isPositive(timeout))
    ? Result.void
    : refuse(
        "timeout",
        "give a positive, finite time, as Duration.seconds(30); in scripts, milliseconds as 30000"
      )
}
