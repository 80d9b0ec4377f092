/**
 * The credentials that IAM issues and expires: tokens for a name and a password, temporary keys for an
 * agency.
 */
import type * as Emulator from "@cloud-quota/core/testing/Emulator"
import * as Json from "@cloud-quota/core/Json"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { inventId } from "./dice.ts"
import * as Refusal from "./refusal.ts"
import type { Key } from "./signature.ts"
import { json } from "./wire.ts"

/** The accepted user and project, the agency, and the lifetime of a token. */
export interface TokenRules {
  readonly accessKey: string
  readonly secretKey: string
  readonly securityToken?: string | undefined
  readonly domain: string
  readonly domainId: string
  readonly user: string
  readonly password: string
  readonly agency: string
  readonly projectId: string
  readonly projectName: string
  readonly tokenLifetimeMillis: number
}

/** The issued tokens and temporary keys. */
export interface Tokens {
  /** Answers `POST /v3/auth/tokens`. */
  readonly issue: (body: string, now: number) => Answer
  /** Answers `POST /v3.0/OS-CREDENTIAL/securitytokens`. */
  readonly assumeRole: (body: string, now: number) => Answer
  /** The project of a valid token; `undefined` for a token of the whole domain. */
  readonly projectOf: (token: string, now: number) => Result.Result<string | undefined, Refusal.Refusal>
  /** The data of an access key: the account's own, or a temporary one. */
  readonly keyOf: (accessKey: string) => Key | undefined
  /** Expires all tokens and temporary keys issued so far. */
  readonly expireAll: () => void
}

type Answer = Result.Result<Emulator.WireResponse, Refusal.Refusal>

const Reference = Schema.Struct({
  id: Schema.optionalKey(Schema.String),
  name: Schema.optionalKey(Schema.String)
})

const TokenRequest = Schema.Struct({
  auth: Schema.Struct({
    identity: Schema.Struct({
      methods: Schema.Tuple([Schema.Literal("password")]),
      password: Schema.Struct({
        user: Schema.Struct({
          name: Schema.String,
          password: Schema.String,
          domain: Schema.Struct({ name: Schema.String })
        })
      })
    }),
    scope: Schema.optionalKey(
      Schema.Struct({ project: Schema.optionalKey(Reference), domain: Schema.optionalKey(Reference) })
    )
  })
})

const AgencyRequest = Schema.Struct({
  auth: Schema.Struct({
    identity: Schema.Struct({
      methods: Schema.Tuple([Schema.Literal("assume_role")]),
      assume_role: Schema.Struct({
        agency_name: Schema.String,
        domain_id: Schema.optionalKey(Schema.String),
        domain_name: Schema.optionalKey(Schema.String),
        duration_seconds: Schema.optionalKey(
          Schema.Int.pipe(
            Schema.check(Schema.isGreaterThanOrEqualTo(900), Schema.isLessThanOrEqualTo(86_400))
          )
        )
      })
    })
  })
})

const decodeTokenRequest = Schema.decodeUnknownResult(TokenRequest)
const decodeAgencyRequest = Schema.decodeUnknownResult(AgencyRequest)

/** Makes an IAM that has issued nothing yet. */
export const makeTokens = (rules: TokenRules): Tokens => {
  const tokens = new Map<string, { readonly projectId: string | undefined; readonly expiresAt: number }>()
  const keys = new Map<string, Required<Key>>()
  const own: Key = { secretKey: rules.secretKey, securityToken: rules.securityToken }

  return {
    issue: (text, now) => {
      const body = Result.flatMap(Json.parse(text), decodeTokenRequest)
      if (Result.isFailure(body)) return Result.fail(Refusal.badIamRequest("The request body is invalid"))

      const { identity, scope } = body.success.auth
      const { user } = identity.password
      if (user.name !== rules.user || user.password !== rules.password || user.domain.name !== rules.domain) {
        return Result.fail(Refusal.wrongPassword)
      }
      const { domain, project } = scope ?? {}
      if (project !== undefined && project.id !== rules.projectId && project.name !== rules.projectName) {
        return Result.fail(Refusal.wrongScope)
      }
      if (domain !== undefined && domain.id !== rules.domainId && domain.name !== rules.domain) {
        return Result.fail(Refusal.wrongScope)
      }

      const token = inventSecret(`${rules.user}/${tokens.size}`, 16)
      const expiresAt = now + rules.tokenLifetimeMillis
      tokens.set(token, { projectId: project === undefined ? undefined : rules.projectId, expiresAt })
      const answer = json(201, { token: describeToken(rules, project !== undefined, now, expiresAt) })
      return Result.succeed({ ...answer, headers: { ...answer.headers, "x-subject-token": token } })
    },
    assumeRole: (text, now) => {
      const body = Result.flatMap(Json.parse(text), decodeAgencyRequest)
      if (Result.isFailure(body)) return Result.fail(Refusal.invalidIamParameter("auth"))
      const role = body.success.auth.identity.assume_role
      if (role.domain_id === undefined && role.domain_name === undefined) {
        return Result.fail(Refusal.invalidIamParameter("domain_id"))
      }
      const ours =
        (role.domain_id ?? rules.domainId) === rules.domainId &&
        (role.domain_name ?? rules.domain) === rules.domain
      if (!ours || role.agency_name !== rules.agency) return Result.fail(Refusal.agencyDenied)

      const name = `${rules.agency}/${keys.size}`
      const access = `HST${inventId(`${name}/access`).slice(0, 17).toUpperCase()}`
      const secret = inventSecret(`${name}/secret`, 1).slice(0, 40)
      const securityToken = inventSecret(`${name}/token`, 8)
      const expiresAt = now + (role.duration_seconds ?? 900) * 1000
      keys.set(access, { secretKey: secret, securityToken, expiresAt })
      const credential = {
        access,
        expires_at: withMicroseconds(expiresAt),
        secret,
        securitytoken: securityToken
      }
      return Result.succeed(json(201, { credential }))
    },
    projectOf: (token, now) => {
      const known = tokens.get(token)
      if (known === undefined) return Result.fail(Refusal.unknownToken)
      return now >= known.expiresAt ? Result.fail(Refusal.staleToken) : Result.succeed(known.projectId)
    },
    keyOf: (accessKey) => (accessKey === rules.accessKey ? own : keys.get(accessKey)),
    expireAll: () => {
      const expiresAt = Number.NEGATIVE_INFINITY
      for (const [token, known] of tokens) tokens.set(token, { ...known, expiresAt })
      for (const [access, key] of keys) keys.set(access, { ...key, expiresAt })
    }
  }
}

/** Without a project in its scope, a token is for the whole domain, and not accepted by MetaStudio. */
const describeToken = (rules: TokenRules, forProject: boolean, issuedAt: number, expiresAt: number) => {
  const domain = { id: rules.domainId, name: rules.domain }
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

const withMicroseconds = (millis: number): string => new Date(millis).toISOString().replace("Z", "000Z")

// Sixteen parts are as long as a real token: more than a kilobyte.
const inventSecret = (key: string, parts: number): string =>
  Array.from({ length: parts }, (_, part) =>
    createHash("sha512").update(`${key}/${part}`).digest("base64url")
  ).join("")
