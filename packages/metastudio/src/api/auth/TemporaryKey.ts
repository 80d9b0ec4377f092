/**
 * Temporary access keys of an agency: fetched on demand, cached, and renewed before they expire.
 *
 * Source: CreateTemporaryAccessKeyByAgency on support.huaweicloud.com, and its model in the vendor's Go
 * SDK.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import type { Transport } from "@cloud-quota/core/Transport"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { AccessKey, AssumeRole } from "./Credentials.ts"
import { decodeAnswer } from "../answer.ts"
import { withSignature } from "./authenticate.ts"
import { makeDomainId } from "./domainId.ts"
import { makeRenewed } from "./renewed.ts"
import { sendOnce } from "../sendOnce.ts"

/** An access key that expires. */
export interface TemporaryKey extends AccessKey {
  readonly securityToken: Redacted.Redacted<string>
  readonly expiresAt: DateTime.DateTime
}

/** The cached key of one agency. */
export interface TemporaryKeys {
  /** The key. It was valid for at least five minutes when it was taken from the cache. */
  readonly current: Effect.Effect<TemporaryKey, CloudQuotaError>
  /** Returns a key other than this one, which was refused. Later callers get the same new key. */
  readonly replace: (refused: TemporaryKey) => Effect.Effect<TemporaryKey, CloudQuotaError>
}

/** Options for fetching keys. */
export interface Options {
  readonly credentials: AssumeRole
  /** The origin of IAM. */
  readonly iamEndpoint: URL
  readonly transport: Transport
  readonly timeout?: Duration.Duration
}

/** A key with less time left than this is renewed before use. */
export const margin = Duration.minutes(5)

/** The requested lifetime of a key. The vendor allows 15 minutes to 24 hours. */
export const lifetime = Duration.hours(1)

/**
 * Makes the keys of one agency. Concurrent callers share one fetch, and its failure too. A fetch is not
 * retried here: retry the call that needs the key.
 */
export const make = (options: Options): TemporaryKeys => {
  const { credentials, iamEndpoint, timeout, transport } = options
  const { agencyName, domainId, domainName, source } = credentials
  const unscoped = withSignature(
    source,
    Effect.suspend(() => sourceDomainId)
  )
  const iam = { transport, authenticate: unscoped, origin: iamEndpoint, ...defined({ timeout }) }
  const sourceDomainId = makeDomainId(iam)
  const call = {
    operation,
    method: "POST",
    path: ["v3.0", "OS-CREDENTIAL", "securitytokens"],
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ["assume_role"],
          assume_role: {
            agency_name: agencyName,
            duration_seconds: Duration.toSeconds(lifetime),
            ...defined({ domain_id: domainId, domain_name: domainName })
          }
        }
      }
    }),
    scope: { _tag: "Account" },
    safety: "read"
  } as const
  return makeRenewed({
    fetch: sendOnce(iam, call).pipe(
      Effect.flatMap((answer) => Effect.fromResult(decodeAnswer(operation, answer, decode))),
      Effect.withSpan("TemporaryKey.fetch")
    ),
    isGood: ({ expiresAt }, now) => DateTime.isLessThanOrEqualTo(DateTime.addDuration(now, margin), expiresAt)
  })
}

const operation = "CreateTemporaryAccessKeyByAgency"

const keyWanted = "expected the text of a key"

/** Text that is safe in a header. */
const KeyText = Schema.String.annotate({ message: keyWanted }).pipe(
  Schema.check(Schema.makeFilter((text: string) => /^[\x21-\x7e]+$/.test(text) || keyWanted))
)

const read = Operation.reader(
  Schema.Struct({
    credential: Schema.Struct({
      access: KeyText,
      secret: KeyText,
      securitytoken: KeyText,
      expires_at: Lenient.Moment
    })
  })
)

const decode = (body: unknown): Result.Result<TemporaryKey, string> =>
  Result.map(read(body), ({ credential: { access, expires_at: expiresAt, secret, securitytoken } }) => ({
    accessKey: access,
    secretKey: Redacted.make(secret),
    securityToken: Redacted.make(securitytoken),
    expiresAt
  }))
