/**
 * The one operation of IAM that the emulator has: a token for a user's name and password.
 */
import type * as Emulator from "@cloud-quota/core/Emulator"
import * as Json from "@cloud-quota/core/Json"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { type Refusal, staleToken, unknownToken } from "./emulatorRefusal.ts"

/** Whose password is accepted, for which project, and how long a token of it lives. */
export interface IamRules {
  readonly domain: string
  readonly user: string
  readonly password: string
  readonly projectId: string
  readonly projectName: string
  readonly tokenLifetimeMillis: number
}

/** The tokens that were given out. */
export interface Iam {
  /** Answers `POST /v3/auth/tokens`. */
  readonly issue: (request: Emulator.WireRequest, now: number) => Emulator.WireResponse
  /** The project that a live token is for; undefined for one of the whole domain. */
  readonly projectOf: (token: string, now: number) => Result.Result<string | undefined, Refusal>
  /** Makes every token so far a stale one. */
  readonly expireAll: () => void
}

const Named = Schema.Struct({ name: Schema.String })

const TokenRequest = Schema.Struct({
  auth: Schema.Struct({
    identity: Schema.Struct({
      methods: Schema.Tuple([Schema.Literal("password")]),
      password: Schema.Struct({
        user: Schema.Struct({ name: Schema.String, password: Schema.String, domain: Named })
      })
    }),
    scope: Schema.optionalKey(
      Schema.Struct({
        project: Schema.optionalKey(
          Schema.Struct({ id: Schema.optionalKey(Schema.String), name: Schema.optionalKey(Schema.String) })
        )
      })
    )
  })
})

const decodeTokenRequest = Schema.decodeUnknownResult(TokenRequest)

/** Makes an IAM without tokens. */
export const makeIam = (rules: IamRules): Iam => {
  const tokens = new Map<string, { readonly projectId: string | undefined; readonly expiresAt: number }>()

  return {
    issue: (request, now) => {
      const body = Result.flatMap(Json.parse(request.body), decodeTokenRequest)
      if (Result.isFailure(body)) return keystoneError(400, "Bad Request", "The request body is invalid")

      const { identity, scope } = body.success.auth
      const { user } = identity.password
      if (user.name !== rules.user || user.password !== rules.password || user.domain.name !== rules.domain) {
        return keystoneError(401, "Unauthorized", "The username or password is wrong.")
      }
      const project = scope?.project
      // What IAM says to somebody else's project, or to one that does not exist, is undocumented.
      if (project !== undefined && project.id !== rules.projectId && project.name !== rules.projectName) {
        return keystoneError(401, "Unauthorized", "The project does not exist or is not open to the user.")
      }

      const token = inventToken(`${rules.user}/${tokens.size}`)
      const expiresAt = now + rules.tokenLifetimeMillis
      tokens.set(token, { projectId: project === undefined ? undefined : rules.projectId, expiresAt })
      return {
        status: 201,
        headers: { "content-type": "application/json", "x-subject-token": token },
        body: JSON.stringify({ token: describeToken(rules, project !== undefined, now, expiresAt) })
      }
    },
    projectOf: (token, now) => {
      const known = tokens.get(token)
      if (known === undefined) return Result.fail(unknownToken)
      return now >= known.expiresAt ? Result.fail(staleToken) : Result.succeed(known.projectId)
    },
    expireAll: () => {
      for (const [token, known] of tokens)
        tokens.set(token, { ...known, expiresAt: Number.NEGATIVE_INFINITY })
    }
  }
}

/** Without a project in its scope a token is for the whole domain, and no use to MetaStudio. */
const describeToken = (rules: IamRules, forProject: boolean, issuedAt: number, expiresAt: number) => {
  const domain = { id: inventId(rules.domain), name: rules.domain }
  return {
    expires_at: withMicroseconds(expiresAt),
    issued_at: withMicroseconds(issuedAt),
    methods: ["password"],
    catalog: [],
    roles: [{ id: "0", name: "te_admin" }],
    ...(forProject ? { project: { id: rules.projectId, name: rules.projectName, domain } } : { domain }),
    user: { id: inventId(rules.user), name: rules.user, domain, password_expires_at: "" }
  }
}

const keystoneError = (code: number, title: string, message: string): Emulator.WireResponse => ({
  status: code,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ error: { code, message, title } })
})

const withMicroseconds = (millis: number): string => new Date(millis).toISOString().replace("Z", "000Z")

const inventId = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 32)

// As long as real ones are: more than a kilobyte.
const inventToken = (key: string): string =>
  Array.from({ length: 16 }, (_, part) =>
    createHash("sha512").update(`${key}/${part}`).digest("base64url")
  ).join("")
