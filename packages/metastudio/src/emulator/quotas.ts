/**
 * The quotas of sub-accounts: create, update, delete and list.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"
import { makeParameters } from "./parameters.ts"
import { decodeLimits, everyField, type UserState } from "./quota.ts"
import * as Refusal from "./refusal.ts"
import type { Call, Route } from "./route.ts"
import { parameter } from "./target.ts"
import { decodeBody, done, json } from "./wire.ts"
import type { World } from "./world.ts"

/** Behaviour that the vendor's documentation leaves open. */
export interface QuotaRules {
  readonly partialPut: "keep" | "reset"
  readonly createExisting: "conflict" | "overwrite"
  readonly unsetFields: "absent" | "unlimited"
}

/** The operations on the quotas of sub-accounts. */
export const quotaRoutes = (rules: QuotaRules, world: World): ReadonlyArray<Route> => {
  // The vendor does not document whether a PUT for an unknown sub-account would create it.
  const findUser = ({ path }: Call): Result.Result<UserState, Refusal.Refusal> => {
    const user = world.users.get(path["user_id"] ?? "")
    return user === undefined ? Result.fail(Refusal.notFound) : Result.succeed(user)
  }

  // Isolation is checked before the body: the vendor's order is undocumented.
  const isolated = (): Result.Result<void, Refusal.Refusal> =>
    world.isolation ? Result.void : Result.fail(Refusal.forbidden)

  const writeUser = ({ userId, quota, usage }: UserState) => ({
    user_id: userId,
    quota: rules.unsetFields === "absent" ? quota : { ...everyField(() => -1), ...quota },
    usage
  })

  return [
    {
      operation: "CreateUserQuotas",
      method: "POST",
      path: "/v1/{project_id}/user/quotas",
      access: "project",
      answer: ({ now, request, requestId }) =>
        Result.gen(function* () {
          yield* isolated()
          const { user_id: userId, ...body } = yield* decodeBody(
            request.body,
            ["user_id", "quota"],
            Refusal.invalidBody,
            Refusal.invalidParameter
          )
          if (typeof userId !== "string" || userId === "") {
            return yield* Result.fail(Refusal.invalidParameter("user_id must be a string that is not empty"))
          }
          const quota = yield* decodeLimits(body.quota)
          const existing = world.users.get(userId)
          if (existing !== undefined && rules.createExisting === "conflict") {
            return yield* Result.fail(Refusal.alreadyExists)
          }
          const usage = existing?.usage ?? everyField(() => nothing)
          world.users.set(userId, { userId, quota, usage })
          world.writes.push({ at: now, operation: "CreateUserQuotas", requestId, userId, quota })
          return done
        })
    },
    {
      operation: "UpdateUserQuotas",
      method: "PUT",
      path: "/v1/{project_id}/user/quotas/{user_id}",
      access: "project",
      answer: (call) =>
        Result.gen(function* () {
          yield* isolated()
          const { now, request, requestId } = call
          const body = yield* decodeBody(
            request.body,
            ["quota"],
            Refusal.invalidBody,
            Refusal.invalidParameter
          )
          const quota = yield* decodeLimits(body.quota)
          const user = yield* findUser(call)
          const { userId } = user
          world.users.set(userId, {
            ...user,
            quota: rules.partialPut === "keep" ? { ...user.quota, ...quota } : quota
          })
          world.writes.push({ at: now, operation: "UpdateUserQuotas", requestId, userId, quota })
          return done
        })
    },
    {
      operation: "DeleteUserQuotas",
      method: "DELETE",
      path: "/v1/{project_id}/user/quotas/{user_id}",
      access: "project",
      answer: (call) =>
        Result.gen(function* () {
          yield* isolated()
          const { userId } = yield* findUser(call)
          // The usage is deleted with the quota. Whether the vendor keeps it is undocumented.
          world.users.delete(userId)
          world.days.delete(userId)
          const { now, requestId } = call
          world.writes.push({ at: now, operation: "DeleteUserQuotas", requestId, userId })
          return done
        })
    },
    {
      operation: "ListUserQuotas",
      method: "GET",
      path: "/v1/{project_id}/user/quotas",
      access: "project",
      answer: ({ target }) =>
        Result.gen(function* () {
          const limit = yield* whole(parameter(target, "limit"), "limit", 1, 100, 10)
          const offset = yield* whole(parameter(target, "offset"), "offset", 0, 2_147_483_647, 0)
          const userId = parameter(target, "user_id")
          if (userId === "") return yield* Result.fail(Refusal.invalidParameter("user_id must not be empty"))
          const found = [...world.users.values()].filter(
            (user) => userId === undefined || user.userId === userId
          )
          return json(200, {
            count: found.length,
            assets: found.slice(offset, offset + limit).map(writeUser)
          })
        })
    }
  ]
}

const { whole } = makeParameters(Refusal.invalidParameter)

const nothing = BigDecimal.make(0n, 0)
