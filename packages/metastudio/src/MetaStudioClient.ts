/**
 * MetaStudio's own API: the quotas of sub-accounts, what was bought and what was used, and a signed
 * request for everything else.
 *
 * Its layer also provides the clients of the services beside it: `IamClient` and `BssClient`.
 *
 * Source: the API reference of MetaStudio on support.huaweicloud.com.
 */
import type * as CircuitBreaker from "@cloud-quota/core/CircuitBreaker"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Decode from "@cloud-quota/core/Decode"
import * as KnownKeys from "@cloud-quota/core/KnownKeys"
import type * as RateLimit from "@cloud-quota/core/RateLimit"
import type * as Retry from "@cloud-quota/core/Retry"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import { tenantOperations } from "./api/tenant.ts"
import * as BssClient from "./BssClient.ts"
import type * as Credentials from "./Credentials.ts"
import * as IamClient from "./IamClient.ts"
import { type Client, makeClient as makeTyped } from "./internal/client.ts"
import { optionsConfig } from "./internal/environment.ts"
import { invalid, malformed } from "./internal/errors.ts"
import type { Answer } from "./internal/exchange.ts"
import { checkSegment, splitPath } from "./internal/ids.ts"
import { optional } from "./internal/optional.ts"
import { notAPage, offsetPages } from "./internal/pages.ts"
import { makeSession, type Session } from "./internal/session.ts"
import * as UserQuota from "./UserQuota.ts"

/** What a write answers: nothing but the id of the request, for the vendor's support. */
export interface Written {
  readonly requestId?: string
}

/** Which page of a listing. */
export interface ListOptions {
  /** Only this sub-account. */
  readonly userId?: string
  /** How many rows: 1 to 100, 100 by default. */
  readonly limit?: number
  /** How many rows to skip: 0 by default. */
  readonly offset?: number
}

/** One page of a listing. `count` is the number of all sub-accounts, on all pages. */
export interface UserQuotaPage {
  readonly count: number
  readonly users: ReadonlyArray<UserQuota.UserQuota>
  readonly requestId?: string
}

/** Any other call of the API. */
export interface GenericRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /** What follows `/v1/{project_id}`, as `/tenants/resources`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Whether it may be sent again after a failure: `read` for GET and `create` for all others by default. */
  readonly safety?: Retry.Safety
}

/** What any other call answers. Numbers in the body are exact: see core's `Json`. */
export interface GenericAnswer {
  /** `undefined` if the answer is empty. */
  readonly body: unknown
  readonly requestId?: string
}

/** MetaStudio in one project. */
export class MetaStudioClient extends Context.Service<
  MetaStudioClient,
  Client<typeof tenantOperations> & {
    /** The origin of the API. */
    readonly endpoint: string
    readonly projectId: string
    /**
     * Sets limits of a sub-account (`UpdateUserQuotas`).
     *
     * **Gotchas**
     *
     * What happens to limits that are left out is documented nowhere: give all that the user has.
     * There is no version or expected value either, so that the later of two writers wins. A put whose
     * answer is lost is repeated, which is harmless by itself. With `repeat: false` it is sent again only
     * if it provably did not arrive; `again: true` marks a repetition by the caller, which draws on the
     * budget of retries and fails as `PreconditionFailed` without being sent if that is used up.
     */
    readonly updateUserQuotas: (
      userId: string,
      limits: UserQuota.Limits,
      options?: { readonly repeat?: boolean; readonly again?: boolean }
    ) => Effect.Effect<Written, CloudQuotaError>
    /** One page of the sub-accounts that have quotas (`ListUserQuotas`). */
    readonly listUserQuotas: (options?: ListOptions) => Effect.Effect<UserQuotaPage, CloudQuotaError>
    /** All sub-accounts that have quotas, page by page. */
    readonly allUserQuotas: (options?: {
      readonly userId?: string
    }) => Stream.Stream<UserQuota.UserQuota, CloudQuotaError>
    /** Gives a sub-account its first limits (`CreateUserQuotas`). Not sent again if its outcome is unknown. */
    readonly createUserQuotas: (
      userId: string,
      limits: UserQuota.Limits
    ) => Effect.Effect<Written, CloudQuotaError>
    /** Removes the limits of a sub-account (`DeleteUserQuotas`). Fails with `NotFound`. */
    readonly deleteUserQuotas: (userId: string) => Effect.Effect<Written, CloudQuotaError>
    /** Any other call, with the same credentials, signature and errors. */
    readonly request: (request: GenericRequest) => Effect.Effect<GenericAnswer, CloudQuotaError>
  }
>()("@cloud-quota/metastudio/MetaStudioClient") {}

/** What a client is made of. */
export interface Options {
  readonly credentials: Credentials.Credentials
  /** Where the project is: `cn-north-4` or `cn-east-3`. Not needed with an endpoint. */
  readonly region?: string
  /** The origin of the API, instead of the region's. https, except on this machine. */
  readonly endpoint?: string
  /** Looked up if absent: it is that of the project which has the region's name. */
  readonly projectId?: string
  /** The id of the account. Looked up if absent, when a global service such as billing is asked. */
  readonly domainId?: string
  /**
   * The origin of IAM, instead of the region's. Beside an endpoint that is not the vendor's it is needed for
   * whatever asks IAM: a user and password, an agency, lookups, and `IamClient`.
   */
  readonly iamEndpoint?: string
  /** The origin of the billing service. Beside an endpoint that is not the vendor's, `BssClient` needs it. */
  readonly bssEndpoint?: string
  /** For one attempt: 30 seconds by default. */
  readonly timeout?: Duration.Duration
  readonly retry?: Retry.Policy
  /** How fast requests may follow each other, for each of the vendor's services. `adaptive` by default. */
  readonly rateLimit?: RateLimit.Policy
  /** When reads of a service fail at once, since it does not answer. After 5 failures in a row by default. */
  readonly circuitBreaker?: CircuitBreaker.Policy
}

/** The clients of MetaStudio and of the services beside it. */
export type Clients = MetaStudioClient | IamClient.IamClient | BssClient.BssClient

/**
 * Makes a client. It fails with `InvalidRequest` if an option is missing or wrong. Without a project id it
 * asks IAM, to learn the project.
 */
export const make = Effect.fn("MetaStudioClient.make")(function* (options: Options) {
  return makeClient(yield* makeSession(options))
})

/** The client for one project, and the clients of the services beside it. */
export const layer = (options: Options): Layer.Layer<Clients, CloudQuotaError> =>
  Layer.effectContext(clients(options))

const clients = Effect.fn("MetaStudioClient.layer")(function* (options: Options) {
  const session = yield* makeSession(options)
  return Context.make(MetaStudioClient, makeClient(session)).pipe(
    Context.add(IamClient.IamClient, IamClient.make(session)),
    Context.add(BssClient.BssClient, BssClient.make(session))
  )
})

export { optionsConfig }

/**
 * The clients with the options of the environment: see {@link optionsConfig}. Built anew wherever it is
 * provided, since another environment may be in force there.
 */
export const layerConfig: Layer.Layer<Clients, CloudQuotaError> = Layer.fresh(
  Layer.effectContext(Effect.flatMap(optionsConfig, clients))
)

const makeClient = ({ endpoint, metaStudio, projectId }: Session): MetaStudioClient["Service"] => {
  const name = "MetaStudioClient"
  const scope = { _tag: "Project", id: projectId } as const
  const below = (path: ReadonlyArray<string>) => ["v1", projectId, ...path]

  const write = Effect.fnUntraced(function* (
    call: Omit<Parameters<typeof metaStudio.send>[0], "scope">,
    around?: Parameters<typeof metaStudio.send>[1]
  ) {
    const { body, requestId } = yield* metaStudio.send({ ...call, scope }, around)
    if (body !== undefined && (typeof body !== "object" || body === null || Array.isArray(body))) {
      const message = "the answer is not what is documented: it should be empty"
      return yield* malformed({
        operation: call.operation,
        money: "unknown",
        message,
        ...optional({ requestId })
      })
    }
    return optional({ requestId }) satisfies Written
  })

  const listUserQuotas = Effect.fn("MetaStudioClient.listUserQuotas")(function* (list: ListOptions = {}) {
    const operation = "ListUserQuotas"
    yield* known(operation, list, { userId: true, limit: true, offset: true })
    const { limit = largestPage, offset = 0, userId } = list
    yield* inRange("limit", limit, 1, largestPage)
    yield* inRange("offset", offset, 0, largestOffset)
    if (userId !== undefined) yield* checked(operation, "user_id", userId)
    const answer = yield* metaStudio.send({
      operation,
      method: "GET",
      path: below(["user", "quotas"]),
      query: { limit, offset, ...optional({ user_id: userId }) },
      scope,
      safety: "read"
    })
    return yield* Effect.fromResult(decodePage(answer))
  })

  return MetaStudioClient.of({
    endpoint,
    projectId,
    ...makeTyped(tenantOperations, { name, service: metaStudio, projectId }),
    listUserQuotas,
    allUserQuotas: (filter = {}) =>
      offsetPages({
        operation: "ListUserQuotas",
        pageSize: largestPage,
        key: ({ userId }) => userId,
        fetch: (place) =>
          Effect.map(listUserQuotas({ ...filter, ...place }), ({ count, users, ...page }) => ({
            ...page,
            rows: users,
            total: count
          }))
      }),
    updateUserQuotas: Effect.fn("MetaStudioClient.updateUserQuotas")(function* (userId, limits, options) {
      const operation = "UpdateUserQuotas"
      if (options !== undefined) yield* known(operation, options, { repeat: true, again: true })
      yield* checked(operation, "user_id", userId)
      const quota = yield* encodeLimits(operation, limits)
      return yield* write({
        operation,
        method: "PUT",
        path: below(["user", "quotas", userId]),
        body: JSON.stringify({ quota }),
        safety: options?.repeat === false ? "create" : "idempotent-write",
        ...optional({ again: options?.again })
      })
    }),
    createUserQuotas: Effect.fn("MetaStudioClient.createUserQuotas")(function* (userId, limits) {
      const operation = "CreateUserQuotas"
      yield* checked(operation, "user_id", userId)
      const quota = yield* encodeLimits(operation, limits)
      return yield* write({
        operation,
        method: "POST",
        path: below(["user", "quotas"]),
        body: JSON.stringify({ user_id: userId, quota }),
        safety: "create"
      })
    }),
    deleteUserQuotas: Effect.fn("MetaStudioClient.deleteUserQuotas")(function* (userId) {
      const operation = "DeleteUserQuotas"
      yield* checked(operation, "user_id", userId)
      return yield* write(
        { operation, method: "DELETE", path: below(["user", "quotas", userId]), safety: "idempotent-write" },
        goneIsDone()
      )
    }),
    request: Effect.fn("MetaStudioClient.request")(function* (request) {
      yield* known("request", request, requestNames)
      const { body, method, query, safety = method === "GET" ? "read" : "create" } = request
      // Callers without types may write anything: it is checked before it is even quoted.
      yield* oneOf("method", methods, method)
      yield* oneOf("safety", safeties, safety)
      const operation = typeof request.path === "string" ? `${method} ${request.path}` : method
      const path = yield* orInvalid(operation, "path", splitPath(request.path))
      const text = yield* orInvalid(operation, "body", jsonOf(body))
      const answer = yield* metaStudio.send({
        operation,
        method,
        path: below(path),
        scope,
        safety,
        ...optional({ query, body: text })
      })
      return { body: answer.body, ...optional({ requestId: answer.requestId }) }
    })
  })
}

/** A removal: an earlier attempt without an answer may be the one that removed what is not found now. */
const goneIsDone = () => {
  let mayHaveHappened = false
  return (attempt: Effect.Effect<Answer, CloudQuotaError>): Effect.Effect<Answer, CloudQuotaError> =>
    Effect.catch(attempt, (error) => {
      if (mayHaveHappened && error.reason._tag === "NotFound") {
        return Effect.succeed({ body: undefined, headers: {}, ...optional({ requestId: error.requestId }) })
      }
      mayHaveHappened ||= error.money === "unknown"
      return Effect.fail(error)
    })
}

const requestNames: KnownKeys.Names<GenericRequest> = {
  method: true,
  path: true,
  query: true,
  body: true,
  safety: true
}

const known = (operation: string, value: unknown, names: Readonly<Record<string, true>>) => {
  const problem = KnownKeys.problem(value, names)
  return problem === undefined ? Effect.void : Effect.fail(invalid(operation, problem.field, problem.message))
}

const methods: ReadonlyArray<GenericRequest["method"]> = ["GET", "POST", "PUT", "DELETE"]
const safeties: ReadonlyArray<Retry.Safety> = ["read", "idempotent-write", "create", "delta"]

const oneOf = (field: string, known: ReadonlyArray<string>, value: string) =>
  known.includes(value)
    ? Effect.void
    : Effect.fail(invalid("request", field, `give one of ${known.join(", ")}`))

const largestPage = 100
const largestOffset = 2_147_483_647

const decodePage = ({ body, requestId }: Answer): Result.Result<UserQuotaPage, CloudQuotaError> =>
  Result.gen(function* () {
    const { assets: listed, count } = yield* Result.mapError(Decode.fields(body), () => nothingListed)
    // A list of nothing may be written as null; of something, it is missing.
    const assets = listed === null && count === 0 ? [] : listed
    if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0 || !Array.isArray(assets)) {
      return yield* Result.fail(nothingListed)
    }
    return { count, users: yield* Result.all(assets.map(UserQuota.decode)), ...optional({ requestId }) }
  }).pipe(
    Result.mapError((message) =>
      notAPage({ operation: "ListUserQuotas", message, ...optional({ requestId }) })
    )
  )

const nothingListed = "there is no list of assets with its count"

const encodeLimits = (operation: string, limits: UserQuota.Limits) =>
  orInvalid(
    operation,
    "quota",
    Result.filterOrFail(
      UserQuota.encode(limits),
      (quota) => Object.keys(quota).length > 0,
      () => "is empty: give at least one limit"
    )
  )

const jsonOf = (body: unknown): Result.Result<string | undefined, string> =>
  Result.try({
    try: () => (body === undefined ? undefined : JSON.stringify(body)),
    catch: () => "cannot be written as JSON: leave out bigints, functions and circles"
  })

const checked = (operation: string, field: string, id: string) =>
  orInvalid(operation, field, checkSegment(id))

const inRange = (field: string, value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most
    ? Effect.void
    : Effect.fail(invalid("ListUserQuotas", field, `takes a whole number from ${least} to ${most}`))

const orInvalid = <A>(operation: string, field: string, result: Result.Result<A, string>) =>
  Effect.mapError(Effect.fromResult(result), (message) => invalid(operation, field, message))
