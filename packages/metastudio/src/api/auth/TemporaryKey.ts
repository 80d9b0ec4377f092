/**
 * Temporary access keys of an agency: fetched on demand, cached, and renewed before they expire.
 *
 * Source: CreateTemporaryAccessKeyByAgency on support.huaweicloud.com, and its model in the vendor's Go
 * SDK.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Decode from "@cloud-quota/core/adapter/Decode"
import type { Transport } from "@cloud-quota/core/Transport"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
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
  const iam = { transport, authenticate: unscoped, origin: iamEndpoint, ...Decode.defined({ timeout }) }
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
            ...Decode.defined({ domain_id: domainId, domain_name: domainName })
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

const decode = (answer: Decode.Fields): Result.Result<TemporaryKey, string> =>
  Result.gen(function* () {
    const key = yield* Decode.required(answer, "credential", Decode.fields)
    return {
      accessKey: yield* Decode.required(key, "access", keyText),
      secretKey: Redacted.make(yield* Decode.required(key, "secret", keyText)),
      securityToken: Redacted.make(yield* Decode.required(key, "securitytoken", keyText)),
      expiresAt: yield* Decode.required(key, "expires_at", Decode.time)
    }
  })

/** Text that is safe in a header. */
const keyText: Decode.Decoder<string> = (wire) =>
  typeof wire === "string" && /^[\x21-\x7e]+$/.test(wire)
    ? Result.succeed(wire)
    : Result.fail("not the text of a key")
