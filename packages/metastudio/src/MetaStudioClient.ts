/**
 * MetaStudio's own API: the quotas of sub-accounts, and a signed request for everything else.
 *
 * Source: the API reference of MetaStudio on support.huaweicloud.com, "user quotas".
 */
import { parseEndpoint } from "@cloud-quota/core/AccountIdentity"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Retry from "@cloud-quota/core/Retry"
import { Transport } from "@cloud-quota/core/Transport"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { encode } from "./AkSk.ts"
import * as Credentials from "./Credentials.ts"
import * as IamToken from "./IamToken.ts"
import { type Authenticate, withPassword, withSignature, withToken } from "./internal/authenticate.ts"
import { invalid, malformed } from "./internal/errors.ts"
import { type Answer, exchange } from "./internal/exchange.ts"
import { checkSegment, joinPath, splitPath } from "./internal/ids.ts"
import { optional } from "./internal/optional.ts"
import * as Region from "./Region.ts"
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
  {
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
     * answer is lost is repeated, which is harmless by itself; with `repeat: false` it is not, for whoever
     * has to know that it may still arrive.
     */
    readonly updateUserQuotas: (
      userId: string,
      limits: UserQuota.Limits,
      options?: { readonly repeat?: boolean }
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
  /** Needed, except with a user and password: then it comes with the token. */
  readonly projectId?: string
  /** The origin of IAM, for a user and password, instead of the region's. Needed with an endpoint. */
  readonly iamEndpoint?: string
  /** For one attempt: 30 seconds by default. */
  readonly timeout?: Duration.Duration
  readonly retry?: Retry.Policy
}

/**
 * Makes a client. It fails with `InvalidRequest` if an option is missing or wrong. Without a
 * project id it fetches a token, to learn the project.
 */
export const make = Effect.fn("MetaStudioClient.make")(function* (options: Options) {
  const { timeout } = options
  if (timeout !== undefined && !(Duration.isDuration(timeout) && Duration.isFinite(timeout))) {
    return yield* invalid(
      setUp,
      "timeout",
      "give a finite Duration, as Duration.seconds(30), or leave it out"
    )
  }
  const transport = yield* Transport
  const retry = Retry.make(options.retry)
  const region =
    options.region === undefined ? undefined : yield* orInvalid(setUp, "region", Region.get(options.region))
  const endpoint = yield* endpointOf(options, region)
  const { authenticate, tokens } = yield* callerOf(options, region, transport)
  const projectId =
    options.projectId ??
    (tokens === undefined
      ? yield* invalid(
          setUp,
          "project_id",
          "is missing: give the id of the project, as My Credentials shows it"
        )
      : (yield* retry.run("read", tokens.current)).projectId)
  yield* checked(setUp, "project_id", projectId)

  /** Sends a call as often as its safety allows, with a new signature each time. */
  const send = Effect.fnUntraced(function* (call: Call) {
    const url = new URL(endpoint)
    url.pathname = joinPath(["v1", projectId, ...call.path])
    url.search = Object.entries(call.query ?? {})
      .map(([key, value]) => `${encode(key)}=${encode(String(value))}`)
      .join("&")
    const { body, method, operation, safety } = call
    const request = { method, url, ...optional({ body }) }

    let mayHaveHappened = false
    const attempt = authenticate(operation, projectId, request, ({ headers, secrets }) =>
      exchange(
        transport,
        { operation, readOnly: safety === "read", secrets },
        {
          method,
          url,
          headers,
          ...optional({ body: body === undefined ? undefined : Redacted.make(body), timeout })
        }
      )
    ).pipe(
      Effect.catch((error): Effect.Effect<Answer, CloudQuotaError> => {
        // An earlier attempt without an answer may be the one that removed it.
        if (call.goneIsDone === true && mayHaveHappened && error.reason._tag === "NotFound") {
          return Effect.succeed({ body: undefined, headers: {}, ...optional({ requestId: error.requestId }) })
        }
        mayHaveHappened ||= error.money === "unknown"
        return Effect.fail(error)
      })
    )
    return yield* retry.run(safety, attempt)
  })

  const write = Effect.fnUntraced(function* (call: Call) {
    const { body, requestId } = yield* send(call)
    if (body !== undefined && body !== null && (typeof body !== "object" || Array.isArray(body))) {
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
    const { limit = largestPage, offset = 0, userId } = list
    yield* inRange("limit", limit, 1, largestPage)
    yield* inRange("offset", offset, 0, largestOffset)
    if (userId !== undefined) yield* checked("ListUserQuotas", "user_id", userId)
    const answer = yield* send({
      operation: "ListUserQuotas",
      method: "GET",
      path: ["user", "quotas"],
      query: { limit, offset, ...optional({ user_id: userId }) },
      safety: "read"
    })
    return yield* Effect.fromResult(decodePage(answer))
  })

  const allUserQuotas = (filter: { readonly userId?: string } = {}) =>
    Stream.paginate<Page, UserQuota.UserQuota, CloudQuotaError>({ offset: 0 }, ({ before, offset }) =>
      listUserQuotas({ ...filter, offset }).pipe(
        Effect.flatMap(({ count, requestId, users }) => {
          const next = offset + users.length
          const first = users[0]?.userId
          if (first !== undefined && first === before) {
            return Effect.fail(notAPage(`the page from ${offset} on is the one before it`, requestId))
          }
          if (next >= count) return Effect.succeed([users, Option.none()] as const)
          if (first !== undefined) {
            return Effect.succeed([users, Option.some({ offset: next, before: first })] as const)
          }
          // To stop here in silence would leave members out.
          return Effect.fail(notAPage(`count is ${count}, and there is nothing from ${offset} on`, requestId))
        })
      )
    )

  return MetaStudioClient.of({
    endpoint: endpoint.origin,
    projectId,
    listUserQuotas,
    allUserQuotas,
    updateUserQuotas: Effect.fn("MetaStudioClient.updateUserQuotas")(function* (userId, limits, options) {
      const operation = "UpdateUserQuotas"
      yield* checked(operation, "user_id", userId)
      const quota = yield* encodeLimits(operation, limits)
      return yield* write({
        operation,
        method: "PUT",
        path: ["user", "quotas", userId],
        body: JSON.stringify({ quota }),
        safety: options?.repeat === false ? "create" : "idempotent-write"
      })
    }),
    createUserQuotas: Effect.fn("MetaStudioClient.createUserQuotas")(function* (userId, limits) {
      const operation = "CreateUserQuotas"
      yield* checked(operation, "user_id", userId)
      const quota = yield* encodeLimits(operation, limits)
      return yield* write({
        operation,
        method: "POST",
        path: ["user", "quotas"],
        body: JSON.stringify({ user_id: userId, quota }),
        safety: "create"
      })
    }),
    deleteUserQuotas: Effect.fn("MetaStudioClient.deleteUserQuotas")(function* (userId) {
      const operation = "DeleteUserQuotas"
      yield* checked(operation, "user_id", userId)
      return yield* write({
        operation,
        method: "DELETE",
        path: ["user", "quotas", userId],
        safety: "idempotent-write",
        goneIsDone: true
      })
    }),
    request: Effect.fn("MetaStudioClient.request")(function* (request) {
      const { body, method, query, safety = method === "GET" ? "read" : "create" } = request
      // Callers without types may write anything: it is checked before it is even quoted.
      yield* oneOf("method", methods, method)
      yield* oneOf("safety", safeties, safety)
      const operation = typeof request.path === "string" ? `${method} ${request.path}` : method
      const path = yield* orInvalid(operation, "path", splitPath(request.path))
      const text = yield* orInvalid(operation, "body", jsonOf(body))
      const answer = yield* send({ operation, method, path, safety, ...optional({ query, body: text }) })
      return { body: answer.body, ...optional({ requestId: answer.requestId }) }
    })
  })
})

/** A client for one project. */
export const layer = (options: Options): Layer.Layer<MetaStudioClient, CloudQuotaError> =>
  Layer.effect(MetaStudioClient, make(options))

/**
 * The options as the environment has them: `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK`,
 * `HUAWEICLOUD_SDK_SECURITY_TOKEN` (or, as the vendor's examples have it, `CLOUD_SDK_AK` and
 * `CLOUD_SDK_SK`), `METASTUDIO_PROJECT_ID` or `HUAWEICLOUD_SDK_PROJECT_ID`, and `METASTUDIO_REGION`
 * or `METASTUDIO_ENDPOINT`.
 */
export const optionsConfig: Effect.Effect<Options, CloudQuotaError | Config.ConfigError> = Effect.gen(
  function* () {
    const text = (name: string) => Effect.map(Config.option(Config.String(name)), Option.getOrUndefined)
    const secret = (name: string) => Effect.map(Config.option(Config.Redacted(name)), Option.getOrUndefined)
    const required = <A>(name: string, value: A | undefined): Effect.Effect<A, CloudQuotaError> =>
      value === undefined
        ? Effect.fail(invalid(setUp, name, "is not set in the environment"))
        : Effect.succeed(value)

    const own = yield* text("HUAWEICLOUD_SDK_AK")
    // The key and its secret come from one family of names, so that no two keys are mixed.
    const [prefix, accessKey] =
      own === undefined ? ["CLOUD_SDK", yield* text("CLOUD_SDK_AK")] : ["HUAWEICLOUD_SDK", own]
    const credentials = {
      accessKey: yield* required("HUAWEICLOUD_SDK_AK", accessKey),
      secretKey: yield* required(`${prefix}_SK`, yield* secret(`${prefix}_SK`)),
      ...optional({ securityToken: yield* secret(`${prefix}_SECURITY_TOKEN`) })
    }
    const projectId = (yield* text("METASTUDIO_PROJECT_ID")) ?? (yield* text("HUAWEICLOUD_SDK_PROJECT_ID"))
    return {
      credentials,
      projectId: yield* required("METASTUDIO_PROJECT_ID", projectId),
      ...optional({ region: yield* text("METASTUDIO_REGION"), endpoint: yield* text("METASTUDIO_ENDPOINT") })
    }
  }
)

/** A client with the options of the environment: see {@link optionsConfig}. */
export const layerConfig: Layer.Layer<MetaStudioClient, CloudQuotaError | Config.ConfigError> = Layer.effect(
  MetaStudioClient,
  Effect.flatMap(optionsConfig, make)
)

/** The operation that a wrong option is reported for. */
const setUp = "MetaStudioClient.make"

const methods: ReadonlyArray<GenericRequest["method"]> = ["GET", "POST", "PUT", "DELETE"]
const safeties: ReadonlyArray<Retry.Safety> = ["read", "idempotent-write", "create", "delta"]

const oneOf = (field: string, known: ReadonlyArray<string>, value: string) =>
  known.includes(value)
    ? Effect.void
    : Effect.fail(invalid("request", field, `give one of ${known.join(", ")}`))

const largestPage = 100
const largestOffset = 2_147_483_647

/** One call below the project. */
interface Call {
  readonly operation: string
  readonly method: GenericRequest["method"]
  /** Plain segments that were checked. */
  readonly path: ReadonlyArray<string>
  readonly query?: GenericRequest["query"]
  readonly body?: string
  readonly safety: Retry.Safety
  /** Whether "not found" after an attempt without an answer is a success. */
  readonly goneIsDone?: boolean
}

/** Where a page starts, and who was the first on the page before it. */
interface Page {
  readonly offset: number
  readonly before?: string
}

const endpointOf = (options: Options, region: Region.Region | undefined) => {
  const endpoint = options.endpoint ?? region?.endpoint
  const names = Region.all.map(({ id }) => id).join(" or ")
  return endpoint === undefined
    ? invalid(setUp, "region", `is missing: give ${names}, or an endpoint`)
    : orInvalid(setUp, "endpoint", originOf(endpoint))
}

/** How calls are authenticated, and with a user and password where the tokens come from. */
const callerOf = Effect.fnUntraced(function* (
  options: Options,
  region: Region.Region | undefined,
  transport: Transport
): Effect.fn.Return<{ authenticate: Authenticate; tokens?: IamToken.IamTokens }, CloudQuotaError> {
  const { projectId, timeout } = options
  const credentials = yield* Effect.fromResult(Credentials.validate(options.credentials)).pipe(
    Effect.mapError(({ field, message }) => invalid(setUp, field, message))
  )
  if (Credentials.isToken(credentials)) return { authenticate: withToken(credentials.token) }
  if (!Credentials.isPassword(credentials)) return { authenticate: withSignature(credentials) }

  // Beside an endpoint of its own, such as an emulator's, the password must not go to Huawei's IAM unasked.
  const iam = options.iamEndpoint ?? (options.endpoint === undefined ? region?.iamEndpoint : undefined)
  if (iam === undefined) {
    const message = "is missing: give the origin of IAM, as https://iam.cn-north-4.myhuaweicloud.com"
    return yield* invalid(setUp, "iamEndpoint", message)
  }
  const iamEndpoint = yield* orInvalid(setUp, "iamEndpoint", originOf(iam))
  // A region has a project of its own name.
  const project = projectId !== undefined ? { id: projectId } : region && { name: region.id }
  if (project === undefined) return yield* invalid(setUp, "project_id", "is missing: give it, or a region")
  const tokens = IamToken.make({ credentials, iamEndpoint, project, transport, ...optional({ timeout }) })
  return { authenticate: withPassword(tokens, credentials), tokens }
})

const originOf = (text: string): Result.Result<URL, string> =>
  Result.mapError(
    parseEndpoint(text),
    (message) => `is not usable: ${message}, as https://metastudio.cn-north-4.myhuaweicloud.com`
  )

const decodePage = (answer: Answer): Result.Result<UserQuotaPage, CloudQuotaError> => {
  const { body, requestId } = answer
  const { assets, count } = (typeof body === "object" && body !== null ? body : {}) as {
    readonly assets?: unknown
    readonly count?: unknown
  }
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0 || !Array.isArray(assets)) {
    return Result.fail(notAPage("there is no list of assets with its count", requestId))
  }
  return Result.all(assets.map(UserQuota.decode)).pipe(
    Result.mapError((problem) => notAPage(problem, requestId)),
    Result.map((users) => ({ count, users, ...optional({ requestId }) }))
  )
}

const notAPage = (problem: string, requestId: string | undefined): CloudQuotaError =>
  malformed({
    operation: "ListUserQuotas",
    money: "not-moved",
    message: `the listing is not what is documented: ${problem}`,
    ...optional({ requestId })
  })

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
