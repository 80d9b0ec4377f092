/**
 * Tokens of IAM for a user with a password: fetched on demand, cached, and renewed in time.
 *
 * Source: KeystoneCreateUserTokenByPassword on support.huaweicloud.com.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type { Transport } from "@cloud-quota/core/Transport"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Password } from "./Credentials.ts"
import { malformed } from "../errors.ts"
import { exchange } from "../exchange.ts"
import { makeRenewed } from "./renewed.ts"

/** A token for one project, or for a whole account. */
export interface IamToken {
  readonly token: Redacted.Redacted<string>
  /** Absent from a token for a whole account. */
  readonly projectId?: string
  readonly expiresAt: DateTime.DateTime
}

/** The project of a token, by its id or its name: each region has a project with the region's name. */
export type Project = { readonly id: string } | { readonly name: string }

/** The cached token of one user. */
export interface IamTokens {
  /** The token. It was valid for at least half an hour when it was taken from the cache. */
  readonly current: Effect.Effect<IamToken, CloudQuotaError>
  /** Returns a token other than this one, which was refused. Later callers get the same new token. */
  readonly replace: (refused: IamToken) => Effect.Effect<IamToken, CloudQuotaError>
}

/** Options for fetching tokens. */
export interface Options {
  readonly credentials: Password
  /** The origin of IAM. */
  readonly iamEndpoint: URL
  /** Absent for a token for the whole account, which global services such as IAM and billing require. */
  readonly project?: Project
  readonly transport: Transport
  readonly timeout?: Duration.Duration
}

/** A token with less time left than this is renewed before use. */
export const margin = Duration.minutes(30)

/**
 * Makes the tokens of one user. A fetch is not retried here: retry the call that needs the token. Concurrent
 * callers share one fetch, and its failure too, so that a wrong password is not tried once for each of them.
 */
export const make = (options: Options): IamTokens =>
  makeRenewed({
    fetch: Effect.suspend(() => fetchToken(options)),
    isGood: ({ expiresAt }, now) => DateTime.isLessThanOrEqualTo(DateTime.addDuration(now, margin), expiresAt)
  })

const operation = "KeystoneCreateUserTokenByPassword"

const Body = Schema.Struct({
  token: Schema.Struct({
    expires_at: Schema.String,
    project: Schema.optional(Schema.NullOr(Schema.Struct({ id: Schema.NonEmptyString })))
  })
})

const fetchToken = (options: Options): Effect.Effect<IamToken, CloudQuotaError> => {
  const { credentials, iamEndpoint, project, timeout, transport } = options
  const { domain, password, user } = credentials
  const body = JSON.stringify({
    auth: {
      identity: {
        methods: ["password"],
        password: { user: { name: user, password: Redacted.value(password), domain: { name: domain } } }
      },
      scope: project === undefined ? { domain: { name: domain } } : { project }
    }
  })
  return exchange(
    transport,
    { operation, readOnly: true, secrets: [password] },
    {
      method: "POST",
      url: new URL("/v3/auth/tokens?nocatalog=true", iamEndpoint),
      headers: { "Content-Type": "application/json;charset=utf8" },
      body: Redacted.make(body),
      ...defined({ timeout })
    }
  ).pipe(
    Effect.flatMap((answer) => {
      const text = answer.headers["x-subject-token"]
      const token = Option.getOrUndefined(Schema.decodeUnknownOption(Body)(answer.body))?.token
      const expiresAt = token && Option.getOrUndefined(DateTime.make(token.expires_at))
      const projectId = token?.project?.id
      const lacksProject = project !== undefined && projectId === undefined
      if (text === undefined || text === "" || expiresAt === undefined || lacksProject) {
        const message = "IAM answered without X-Subject-Token, token.expires_at or token.project.id"
        const id = defined({ requestId: answer.requestId })
        return Effect.fail(malformed({ operation, money: "not-moved", message, ...id }))
      }
      return Effect.succeed({
        token: Redacted.make(text, { label: "X-Auth-Token" }),
        expiresAt,
        ...defined({ projectId })
      })
    }),
    Effect.withSpan("IamToken.fetch")
  )
}
