/**
 * The emulated service itself: what a request does to the state, and what is answered.
 */
import type * as Emulator from "@cloud-quota/core/Emulator"
import * as Json from "@cloud-quota/core/Json"
import * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"
import { createHash } from "node:crypto"
import type { Iam } from "./emulatorIam.ts"
import { decodeLimits, everyField, isRecord, type Limits, type UserState } from "./emulatorQuota.ts"
import * as Refusal from "./emulatorRefusal.ts"
import { type SignatureRules, verifySignature } from "./emulatorSignature.ts"
import { parameter, parseTarget, type Target } from "./emulatorTarget.ts"

/** What the emulated service does where the vendor's documentation leaves it open or to the tenant. */
export interface MachineRules {
  readonly projectId: string
  readonly signature: SignatureRules
  readonly isolation: boolean
  readonly partialPut: "keep" | "reset"
  readonly createExisting: "conflict" | "overwrite"
  readonly unsetFields: "absent" | "unlimited"
}

/** A write that took effect. */
export interface Write {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly operation: "CreateUserQuotas" | "UpdateUserQuotas" | "DeleteUserQuotas"
  readonly userId: string
  /** As sent: without the fields that the request left out. Absent on a delete. */
  readonly quota?: Limits
  readonly requestId: string
}

/** What the machine changes, and what the emulator's direct doors read and change too. */
export interface MachineState {
  /** By id, in the order of the list. */
  readonly users: Map<string, UserState>
  readonly writes: Array<Write>
  readonly iam: Iam
}

/** A call of one of the vendor's operations. */
type Call =
  | { readonly operation: "KeystoneCreateUserTokenByPassword" }
  | { readonly operation: "CreateUserQuotas" | "ListUserQuotas"; readonly projectId: string }
  | {
      readonly operation: "UpdateUserQuotas" | "DeleteUserQuotas"
      readonly projectId: string
      readonly userId: string
    }

/** Makes the machine over the state. */
export const makeMachine = (rules: MachineRules, state: MachineState): Emulator.Machine => {
  let requests = 0

  const handle = (request: Emulator.WireRequest, now: number): Emulator.WireResponse => {
    requests += 1
    const requestId = createHash("sha256").update(`request/${requests}`).digest("hex").slice(0, 32)
    const answer = Result.match(answerTo(request, now, requestId), {
      onSuccess: (response) => response,
      onFailure: (refusal) => writeRefusal(refusal, requestId)
    })
    return { ...answer, headers: { ...answer.headers, "x-request-id": requestId } }
  }

  // Which of two refusals a request gets that deserves both is undocumented. First come those of
  // a gateway: credentials, then the path; the service's own follow.
  const answerTo = (request: Emulator.WireRequest, now: number, requestId: string) =>
    Result.gen(function* () {
      const target = yield* parseTarget(request.target)
      const call = callOf(request.method, target)
      if (call?.operation === "KeystoneCreateUserTokenByPassword") return state.iam.issue(request, now)

      const projectId = yield* authenticate(request, target, now)
      if (call === undefined) return yield* Result.fail(Refusal.noSuchApi)
      if (call.projectId !== projectId) return yield* Result.fail(Refusal.otherProject)
      if (call.operation === "ListUserQuotas") return yield* list(target)

      if (!rules.isolation) return yield* Result.fail(Refusal.forbidden)
      const log = { at: now, operation: call.operation, requestId } as const
      switch (call.operation) {
        case "CreateUserQuotas": {
          const { user_id: userId, ...body } = yield* decodeBody(request.body, ["user_id", "quota"])
          if (typeof userId !== "string" || userId === "") {
            return yield* Result.fail(Refusal.invalidParameter("user_id must be a string that is not empty"))
          }
          const quota = yield* decodeLimits(body.quota)
          const existing = state.users.get(userId)
          if (existing !== undefined && rules.createExisting === "conflict") {
            return yield* Result.fail(Refusal.alreadyExists)
          }
          const usage = existing?.usage ?? everyField(() => nothing)
          state.users.set(userId, { userId, quota, usage })
          state.writes.push({ ...log, userId, quota })
          return done
        }
        case "UpdateUserQuotas": {
          const { quota: value } = yield* decodeBody(request.body, ["quota"])
          const quota = yield* decodeLimits(value)
          const user = yield* findUser(call.userId)
          state.users.set(user.userId, {
            ...user,
            quota: rules.partialPut === "keep" ? { ...user.quota, ...quota } : quota
          })
          state.writes.push({ ...log, userId: user.userId, quota })
          return done
        }
        case "DeleteUserQuotas": {
          // The usage goes with the quota. Whether the vendor keeps it is undocumented.
          const user = yield* findUser(call.userId)
          state.users.delete(user.userId)
          state.writes.push({ ...log, userId: user.userId })
          return done
        }
      }
    })

  /** The project that the credentials are for. A token comes before a signature if both are there. */
  const authenticate = (request: Emulator.WireRequest, target: Target, now: number) =>
    Result.gen(function* () {
      const token = request.headers["x-auth-token"]
      if (token !== undefined) return yield* state.iam.projectOf(token, now)
      if (request.headers["authorization"] === undefined) return yield* Result.fail(Refusal.unauthorized)
      yield* verifySignature(request, target, rules.signature, now)
      // Documented as required with a signature; what the vendor says without it is not.
      const projectId = request.headers["x-project-id"]
      if (projectId === undefined) {
        return yield* Result.fail(Refusal.invalidParameter("the header X-Project-Id is missing"))
      }
      return projectId === rules.projectId ? projectId : yield* Result.fail(Refusal.otherProject)
    })

  // The vendor does not document whether a PUT for an unknown sub-account would create it.
  const findUser = (userId: string): Result.Result<UserState, Refusal.Refusal> => {
    const user = state.users.get(userId)
    return user === undefined ? Result.fail(Refusal.notFound) : Result.succeed(user)
  }

  const list = (target: Target) =>
    Result.gen(function* () {
      const limit = yield* decodeWhole(target, "limit", 1, 100, 10)
      const offset = yield* decodeWhole(target, "offset", 0, 2_147_483_647, 0)
      const userId = parameter(target, "user_id")
      if (userId === "") return yield* Result.fail(Refusal.invalidParameter("user_id must not be empty"))
      const found = [...state.users.values()].filter((user) => userId === undefined || user.userId === userId)
      return json(200, { count: found.length, assets: found.slice(offset, offset + limit).map(writeUser) })
    })

  const writeUser = ({ userId, quota, usage }: UserState) => ({
    user_id: userId,
    quota: rules.unsetFields === "absent" ? quota : { ...everyField(() => -1), ...quota },
    // The vendor's own type of a used amount is a double.
    usage: everyField((field) => BigDecimal.toNumberUnsafe(usage[field]))
  })

  return { operation: operationOf, handle }
}

const operationOf = (request: Emulator.WireRequest): string =>
  Result.match(parseTarget(request.target), {
    onSuccess: (target) => callOf(request.method, target)?.operation ?? "unknown",
    onFailure: () => "unknown"
  })

const callOf = (method: string, { segments }: Target): Call | undefined => {
  if (segments.join("/") === "v3/auth/tokens") {
    return method === "POST" ? { operation: "KeystoneCreateUserTokenByPassword" } : undefined
  }
  const [version, projectId, user, quotas, userId, ...more] = segments
  if (version !== "v1" || projectId === undefined || user !== "user" || quotas !== "quotas") return undefined
  if (userId === undefined) {
    if (method === "POST") return { operation: "CreateUserQuotas", projectId }
    if (method === "GET") return { operation: "ListUserQuotas", projectId }
  } else if (userId !== "" && more.length === 0) {
    if (method === "PUT") return { operation: "UpdateUserQuotas", projectId, userId }
    if (method === "DELETE") return { operation: "DeleteUserQuotas", projectId, userId }
  }
  return undefined
}

/** A body that is a JSON object with no other fields than these. */
const decodeBody = <Field extends string>(
  text: string,
  fields: ReadonlyArray<Field>
): Result.Result<Readonly<Record<Field, unknown>>, Refusal.Refusal> => {
  const body = Json.parse(text)
  if (Result.isFailure(body) || !isRecord(body.success)) return Result.fail(Refusal.invalidBody)
  const unknown = Object.keys(body.success).find((name) => !fields.some((field) => field === name))
  if (unknown !== undefined) return Result.fail(Refusal.invalidParameter(`${unknown} is unknown`))
  return Result.succeed(body.success as Record<Field, unknown>)
}

const decodeWhole = (
  target: Target,
  name: string,
  smallest: number,
  largest: number,
  fallback: number
): Result.Result<number, Refusal.Refusal> => {
  const text = parameter(target, name)
  if (text === undefined) return Result.succeed(fallback)
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return value >= smallest && value <= largest
    ? Result.succeed(value)
    : Result.fail(Refusal.invalidParameter(`${name} must be a whole number from ${smallest} to ${largest}`))
}

const nothing = BigDecimal.make(0n, 0)

/** The vendor's answer to every write: nothing but its headers. */
const done: Emulator.WireResponse = { status: 200, headers: {}, body: "" }

const json = (status: number, body: unknown): Emulator.WireResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body)
})

/** A gateway tells the request's id in the body too; the service does not. */
const writeRefusal = ({ status, code, message }: Refusal.Refusal, requestId: string): Emulator.WireResponse =>
  json(status, {
    error_code: code,
    error_msg: message,
    ...(code.startsWith("APIGW.") ? { request_id: requestId } : {})
  })
