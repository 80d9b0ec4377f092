/**
 * Proves to the gateway who is calling: with a signature, or with a token.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as AkSk from "../AkSk.ts"
import * as Credentials from "../Credentials.ts"
import * as ErrorCode from "../ErrorCode.ts"
import type { IamToken, IamTokens } from "../IamToken.ts"
import { invalid } from "./errors.ts"

/** All headers of one attempt, and what no message about it may repeat. */
export interface Proof {
  readonly headers: Readonly<Record<string, string | Redacted.Redacted<string>>>
  readonly secrets: ReadonlyArray<Redacted.Redacted<string>>
}

/** Runs one attempt with a proof made for it; and once more if its token has to be renewed. */
export type Authenticate = <A>(
  operation: string,
  projectId: string,
  request: Pick<AkSk.Request, "method" | "url" | "body">,
  send: (proof: Proof) => Effect.Effect<A, CloudQuotaError>
) => Effect.Effect<A, CloudQuotaError>

const contentType = { "Content-Type": "application/json" }

/** Signs every attempt anew with an access key. */
export const withSignature =
  (credentials: Credentials.AccessKey): Authenticate =>
  (operation, projectId, request, send) =>
    Effect.gen(function* () {
      const plain = { ...contentType, "X-Project-Id": projectId, "X-Sdk-Date": sdkDate(yield* DateTime.now) }
      const signed = yield* Effect.fromResult(AkSk.sign({ ...request, headers: plain }, credentials)).pipe(
        Effect.mapError((problem) => invalid(operation, "path", problem))
      )
      const secrets = [...Credentials.secrets(credentials), signed.signature]
      return yield* send({ headers: { ...plain, ...signed.headers }, secrets })
    })

/** Uses a token that was given, and that cannot be renewed. */
export const withToken =
  (token: Redacted.Redacted<string>): Authenticate =>
  (_operation, _projectId, _request, send) =>
    send(tokenProof(token, []))

/** Fetches tokens. One that is refused is replaced once; if its successor is refused too, that is the answer. */
export const withPassword =
  (tokens: IamTokens, credentials: Credentials.Password): Authenticate =>
  (_operation, _projectId, _request, send) => {
    const sendWith = ({ token }: IamToken) => send(tokenProof(token, Credentials.secrets(credentials)))
    return Effect.flatMap(tokens.current, (first) =>
      sendWith(first).pipe(
        Effect.catchIf(isStaleToken, () => Effect.flatMap(tokens.replace(first), sendWith))
      )
    )
  }

const tokenProof = (
  token: Redacted.Redacted<string>,
  others: ReadonlyArray<Redacted.Redacted<string>>
): Proof => ({
  headers: { ...contentType, "X-Auth-Token": token },
  secrets: [token, ...others]
})

const isStaleToken = ({ reason }: CloudQuotaError): boolean => {
  const { code, httpStatus = 0 } = reason.details ?? {}
  return code !== undefined && ErrorCode.find(code, httpStatus)?.staleToken === true
}

/** UTC without punctuation, as `20260102T030405Z`. */
const sdkDate = (now: DateTime.Utc): string => DateTime.formatIso(now).replace(/[-:]|\.\d+/g, "")
