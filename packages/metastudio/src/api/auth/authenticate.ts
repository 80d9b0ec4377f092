/** Authenticates calls to the gateway, with a signature or with a token. */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as AkSk from "./AkSk.ts"
import * as Credentials from "./Credentials.ts"
import * as ErrorCode from "../ErrorCode.ts"
import type { IamToken, IamTokens } from "./IamToken.ts"
import { invalid } from "../errors.ts"
import type { Renewed } from "./renewed.ts"

/** All headers of one attempt, and the secrets that no message about it may repeat. */
export interface Proof {
  readonly headers: Readonly<Record<string, string | Redacted.Redacted<string>>>
  readonly secrets: ReadonlyArray<Redacted.Redacted<string>>
}

/**
 * The scope of a call: a project; the whole account, which global services require; or nothing, while neither
 * is known yet. Signatures name it in a header. A token contains it.
 */
export type Scope =
  | { readonly _tag: "Project"; readonly id: string }
  | { readonly _tag: "Account" }
  | { readonly _tag: "Nothing" }

/** Runs one attempt with a new proof, and once more if its credentials must be renewed. */
export type Authenticate = <A>(
  operation: string,
  scope: Scope,
  request: Pick<AkSk.Request, "method" | "url" | "body">,
  send: (proof: Proof) => Effect.Effect<A, CloudQuotaError>
) => Effect.Effect<A, CloudQuotaError>

const contentType = { "Content-Type": "application/json" }

/** Signs every attempt anew with an access key. `domainId` is read only for calls on the account. */
export const withSignature = (
  credentials: Credentials.AccessKey,
  domainId: Effect.Effect<string, CloudQuotaError>
): Authenticate => {
  const known = Credentials.secrets(credentials)
  return (operation, scope, request, send) =>
    Effect.flatMap(scopeHeaders(scope, domainId), (about) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const plain = { ...contentType, ...about, "X-Sdk-Date": sdkDate(now) }
        const signed = AkSk.sign({ ...request, headers: plain }, credentials)
        if (Result.isFailure(signed)) return Effect.fail(invalid(operation, "path", signed.failure))
        const { headers, signature } = signed.success
        return send({ headers: { ...plain, ...headers }, secrets: [...known, signature] })
      })
    )
}

const scopeHeaders = (
  scope: Scope,
  domainId: Effect.Effect<string, CloudQuotaError>
): Effect.Effect<Readonly<Record<string, string>>, CloudQuotaError> => {
  switch (scope._tag) {
    case "Project":
      return Effect.succeed({ "X-Project-Id": scope.id })
    case "Account":
      return Effect.map(domainId, (id) => ({ "X-Domain-Id": id }))
    case "Nothing":
      return Effect.succeed({})
  }
}

/** Signs with renewed keys, such as the temporary keys of an agency. */
export const withTemporaryKeys =
  <Key extends Credentials.AccessKey>(
    keys: Renewed<Key>,
    domainId: Effect.Effect<string, CloudQuotaError>
  ): Authenticate =>
  (operation, scope, request, send) =>
    renewing(keys, (key) => withSignature(key, domainId)(operation, scope, request, send))

/** Uses a given token, which cannot be renewed. */
export const withToken =
  (token: Redacted.Redacted<string>): Authenticate =>
  (_operation, _scope, _request, send) =>
    send(tokenProof(token, []))

/** Fetches tokens: one for the project, and one for the whole account. */
export const withPassword =
  (
    tokens: { readonly project: IamTokens; readonly account: IamTokens },
    credentials: Credentials.Password
  ): Authenticate =>
  (_operation, scope, _request, send) =>
    renewing(scope._tag === "Project" ? tokens.project : tokens.account, ({ token }: IamToken) =>
      send(tokenProof(token, Credentials.secrets(credentials)))
    )

/** A refused value is replaced once. If its successor is refused too, that refusal is the result. */
const renewing = <T, A>(
  renewed: Renewed<T>,
  run: (value: T) => Effect.Effect<A, CloudQuotaError>
): Effect.Effect<A, CloudQuotaError> =>
  Effect.flatMap(renewed.current, (first) =>
    run(first).pipe(Effect.catchIf(isStale, () => Effect.flatMap(renewed.replace(first), run)))
  )

const tokenProof = (
  token: Redacted.Redacted<string>,
  others: ReadonlyArray<Redacted.Redacted<string>>
): Proof => ({
  headers: { ...contentType, "X-Auth-Token": token },
  secrets: [token, ...others]
})

const isStale = ({ reason }: CloudQuotaError): boolean => {
  const { code, httpStatus = 0 } = reason.details ?? {}
  return code !== undefined && ErrorCode.explain({ code, httpStatus }).staleToken === true
}

/** UTC without punctuation, as `20260102T030405Z`. */
const sdkDate = (now: number): string => new Date(now).toISOString().replace(/[-:]|\.\d+/g, "")
