/**
 * Tokens of IAM for a user with a password: fetched when needed, kept, and renewed in time.
 *
 * Source: KeystoneCreateUserTokenByPassword on support.huaweicloud.com.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { Transport } from "@cloud-quota/core/Transport"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import type { Password } from "./Credentials.ts"
import { malformed } from "./internal/errors.ts"
import { exchange } from "./internal/exchange.ts"

/** A token for one project. */
export interface IamToken {
  readonly token: Redacted.Redacted<string>
  readonly projectId: string
  readonly expiresAt: DateTime.DateTime
}

/** The project that a token is for, by its id or by its name: the region has a project of its own name. */
export type Project = { readonly id: string } | { readonly name: string }

/** The token of one user, as it is needed. */
export interface IamTokens {
  /** The token, with at least half an hour to live when it was taken from the cache. */
  readonly current: Effect.Effect<IamToken, CloudQuotaError>
  /** A token other than this one, which was refused. Whoever asks later gets the same new one. */
  readonly replace: (refused: IamToken) => Effect.Effect<IamToken, CloudQuotaError>
}

/** What tokens are fetched with. */
export interface Options {
  readonly credentials: Password
  /** The origin of IAM. */
  readonly iamEndpoint: URL
  readonly project: Project
  readonly transport: Transport
  readonly timeout?: Duration.Duration
}

/** A token that lives shorter than this is renewed before it is used. */
export const margin = Duration.minutes(30)

/**
 * Makes the tokens of one user. A fetch is not repeated here; retry what the token is for. Callers that need one at the same time share one fetch, and its
 * failure too: a wrong password is not tried once for each of them.
 */
export const make = (options: Options): IamTokens => {
  const oneAtATime = Semaphore.makeUnsafe(1)
  let fetched = 0
  let last: Result.Result<IamToken, CloudQuotaError> | undefined

  const cached = (now: DateTime.Utc, refused: IamToken | undefined): IamToken | undefined => {
    const token = last === undefined ? undefined : Result.getOrUndefined(last)
    const isUsable =
      token !== undefined &&
      token !== refused &&
      DateTime.isLessThanOrEqualTo(DateTime.addDuration(now, margin), token.expiresAt)
    return isUsable ? token : undefined
  }

  const get = Effect.fnUntraced(function* (refused?: IamToken) {
    const before = fetched
    const known = cached(yield* DateTime.now, refused)
    if (known !== undefined) return known
    const result = yield* oneAtATime.withPermit(
      Effect.gen(function* () {
        // Somebody fetched while we waited: their result is ours.
        if (last !== undefined && fetched !== before) return last
        last = yield* Effect.result(fetchToken(options))
        fetched += 1
        return last
      })
    )
    return yield* Effect.fromResult(result)
  })

  return { current: get(), replace: get }
}

const operation = "KeystoneCreateUserTokenByPassword"

const Body = Schema.Struct({
  token: Schema.Struct({
    expires_at: Schema.String,
    project: Schema.Struct({ id: Schema.NonEmptyString })
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
      scope: { project }
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
      ...(timeout === undefined ? {} : { timeout })
    }
  ).pipe(
    Effect.flatMap((answer) => {
      const text = answer.headers["x-subject-token"]
      const decoded = Option.getOrUndefined(Schema.decodeUnknownOption(Body)(answer.body))
      const expiresAt =
        decoded === undefined ? undefined : Option.getOrUndefined(DateTime.make(decoded.token.expires_at))
      if (text === undefined || text === "" || decoded === undefined || expiresAt === undefined) {
        const message = "IAM answered without X-Subject-Token, token.expires_at or token.project.id"
        const id = answer.requestId === undefined ? {} : { requestId: answer.requestId }
        return Effect.fail(malformed({ operation, money: "not-moved", message, ...id }))
      }
      const token = Redacted.make(text, { label: "X-Auth-Token" })
      return Effect.succeed({ token, projectId: decoded.token.project.id, expiresAt })
    }),
    Effect.withSpan("IamToken.fetch")
  )
}
