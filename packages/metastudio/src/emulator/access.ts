/** Access control: checks credentials, and that they cover the request. */
import type * as Emulator from "@cloud-quota/core/testing/Emulator"
import * as Result from "effect/Result"
import * as Refusal from "./refusal.ts"
import type { Access } from "./route.ts"
import { verifySignature } from "./signature.ts"
import type { Target } from "./target.ts"
import type { Tokens } from "./tokens.ts"

/** The account and project that credentials must be for. */
export interface AccessRules {
  readonly projectId: string
  readonly domainId: string
  readonly clockSkewLimitMillis: number
}

/** The content of valid credentials. */
type Caller =
  | { readonly by: "token"; readonly projectId: string | undefined }
  | { readonly by: "signature"; readonly signedHeaders: ReadonlyArray<string> }

/** Makes the check. It returns the project of the credentials, if they are for one. */
export const makeAccess = (rules: AccessRules, tokens: Tokens) => {
  const signature = { keyOf: tokens.keyOf, clockSkewLimitMillis: rules.clockSkewLimitMillis }

  /** A token takes precedence over a signature. */
  const identify = (
    request: Emulator.WireRequest,
    target: Target,
    now: number,
    without: Refusal.Refusal
  ): Result.Result<Caller, Refusal.Refusal> => {
    const token = request.headers["x-auth-token"]
    if (token !== undefined) {
      return Result.map(tokens.projectOf(token, now), (projectId) => ({ by: "token", projectId }))
    }
    if (request.headers["authorization"] === undefined) return Result.fail(without)
    return Result.map(verifySignature(request, target, signature, now), (signedHeaders) => ({
      by: "signature",
      signedHeaders
    }))
  }

  const ofProject = (caller: Caller, headers: Emulator.WireRequest["headers"]) => {
    if (caller.by === "token") return Result.succeed(caller.projectId)
    // Documented as required with a signature. The vendor's answer without it is undocumented.
    const projectId = headers["x-project-id"]
    if (projectId === undefined) {
      return Result.fail(Refusal.invalidParameter("the header X-Project-Id is missing"))
    }
    return projectId === rules.projectId ? Result.succeed(projectId) : Result.fail(Refusal.otherProject)
  }

  /**
   * The vendor's clients sign `X-Domain-Id` for global services, and omit it for their first requests to IAM:
   * for the account's id, and the project's. It is not accepted unsigned.
   */
  const ofDomain = (
    caller: Caller,
    headers: Emulator.WireRequest["headers"],
    required: boolean,
    denied: Refusal.Refusal
  ) => {
    if (caller.by === "token") {
      // A token for a project is valid for IAM. That the billing service requires one for the domain follows
      // the rule for global services.
      return required && caller.projectId !== undefined ? Result.fail(denied) : Result.succeed(undefined)
    }
    const domainId = headers["x-domain-id"]
    if (domainId === undefined) return required ? Result.fail(denied) : Result.succeed(undefined)
    if (!caller.signedHeaders.includes("x-domain-id")) return Result.fail(Refusal.signatureFailed)
    return domainId === rules.domainId ? Result.succeed(undefined) : Result.fail(denied)
  }

  return (
    access: Access,
    request: Emulator.WireRequest,
    target: Target,
    now: number
  ): Result.Result<string | undefined, Refusal.Refusal> =>
    Result.gen(function* () {
      if (access === "anyone") return undefined
      const without = access === "project" ? Refusal.unauthorized : Refusal.noCredentials
      const caller = yield* identify(request, target, now, without)
      switch (access) {
        case "project":
          return yield* ofProject(caller, request.headers)
        case "account":
          return yield* ofDomain(caller, request.headers, false, Refusal.iamForbidden)
        case "domain":
          return yield* ofDomain(caller, request.headers, true, Refusal.bssDenied)
      }
    })
}
