/**
 * A client's options, and the first look at them.
 */
import type * as CircuitBreaker from "@cloud-quota/core/adapter/CircuitBreaker"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
import type * as RateLimit from "@cloud-quota/core/adapter/RateLimit"
import type * as Retry from "@cloud-quota/core/adapter/Retry"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Credentials from "./auth/Credentials.ts"
import { invalid } from "./errors.ts"

/** What a client is made of. */
export interface Options {
  readonly credentials: Credentials.Credentials
  /** Where the project is: `cn-north-4` or `cn-east-3`. Not needed with an endpoint. */
  readonly region?: string
  /** The origin of the API, instead of the region's. https, except on this machine. */
  readonly endpoint?: string
  /** Looked up if absent: it is that of the project which has the region's name. */
  readonly projectId?: string
  /** The id of the account. Looked up if absent, when a global service such as billing is asked. */
  readonly domainId?: string
  /**
   * The origin of IAM, instead of the region's. Beside an endpoint that is not the vendor's it is needed for
   * whatever asks IAM: a user and password, an agency, lookups, and `IamClient`.
   */
  readonly iamEndpoint?: string
  /** The origin of the billing service. Beside an endpoint that is not the vendor's, `BssClient` needs it. */
  readonly bssEndpoint?: string
  /** For one attempt: 30 seconds by default. */
  readonly timeout?: Duration.Duration
  readonly retry?: Retry.Policy
  /** How fast requests may follow each other, for each of the vendor's services. `adaptive` by default. */
  readonly rateLimit?: RateLimit.Policy
  /** When reads of a service fail at once, since it does not answer. After 5 failures in a row by default. */
  readonly circuitBreaker?: CircuitBreaker.Policy
}

/** The operation that a wrong option is reported for. */
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
 * Refuses an option that is not known, and a time limit that is none. Values that need more to be judged, such as
 * credentials and places, are for the session.
 */
export const checkOptions = (options: Options): Result.Result<void, CloudQuotaError> => {
  const refuse = (field: string, message: string) => Result.fail(invalid(setUp, field, message))
  const unknown = KnownKeys.problem(options, optionNames)
  if (unknown !== undefined) return refuse(unknown.field, unknown.message)
  const retrying = KnownKeys.problem(options.retry ?? {}, retryNames, "retry")
  if (retrying !== undefined) return refuse(retrying.field, `retry: ${retrying.message}`)
  const { timeout } = options
  return timeout === undefined || (Duration.isDuration(timeout) && Duration.isFinite(timeout))
    ? Result.void
    : refuse("timeout", "give a finite Duration, as Duration.seconds(30), or leave it out")
}
