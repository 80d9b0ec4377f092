/**
 * MetaStudio's own API: the quotas of sub-accounts, purchases and usage, and a signed request for any other
 * call.
 *
 * Its layer also provides the clients of the related services: `IamClient` and `BssClient`.
 *
 * Source: the API reference of MetaStudio on support.huaweicloud.com.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
import type * as Retry from "@cloud-quota/core/adapter/Retry"
import type * as Operation from "@cloud-quota/core/adapter/Operation"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { operations } from "./operations.ts"
import * as BssClient from "./BssClient.ts"
import * as IamClient from "./IamClient.ts"
import { type Client, type Special, makeClient as makeTyped } from "./client.ts"
import { optionsConfig } from "./auth/environment.ts"
import { invalid } from "./errors.ts"
import { splitPath } from "./ids.ts"
import type { Options } from "./options.ts"
import { makeSession, type Session } from "./session.ts"

/** How a put is retried. */
export interface PutOptions {
  /** Whether it is retried while its outcome is unknown. @default true */
  readonly repeat?: boolean
  /** Whether it is a repetition by the caller, which is charged to the retry budget. @default false */
  readonly again?: boolean
}

type Operations = typeof operations.metastudio

/** Any other call of the API. */
export interface GenericRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /** The path after `/v1/{project_id}`, as `/tenants/resources`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Whether it may be sent again after a failure. Default: `read` for GET, `create` for all others. */
  readonly safety?: Retry.Safety
}

/** The answer to any other call. Numbers in the body are exact: see core's `Json`. */
export interface GenericAnswer {
  /** `undefined` if the answer is empty. */
  readonly body: unknown
  readonly requestId?: string
}

/** MetaStudio in one project. */
export class MetaStudioClient extends Context.Service<
  MetaStudioClient,
  Omit<Client<Operations>, "updateUserQuotas"> & {
    /** The origin of the API. */
    readonly endpoint: string
    readonly projectId: string
    /**
     * Sets limits of a sub-account.
     *
     * **Gotchas**
     *
     * The effect on absent limits is undocumented: give all limits of the user. There is no version or
     * expected value, so the later of two writers wins. A put without an answer is repeated, which is
     * harmless by itself. With `repeat: false` it is sent again only if it provably did not arrive. `again:
     * true` marks a repetition by the caller: if the retry budget is used up, it fails as
     * `PreconditionFailed` without being sent.
     */
    readonly updateUserQuotas: (
      request: Operation.Request<Operations["updateUserQuotas"]>,
      options?: PutOptions
    ) => Effect.Effect<Operation.Answer<Operations["updateUserQuotas"]>, CloudQuotaError>
    /** Any other call, with the same credentials, signature and errors. */
    readonly request: (request: GenericRequest) => Effect.Effect<GenericAnswer, CloudQuotaError>
  }
>()("@cloud-quota/metastudio/MetaStudioClient") {}

export type { Options }

/** The clients of MetaStudio and of the related services. */
export type Clients = MetaStudioClient | IamClient.IamClient | BssClient.BssClient

/**
 * Makes a client. Fails with `InvalidRequest` if an option is missing or invalid. Without a project id it
 * looks the project up in IAM.
 */
export const make = Effect.fn("MetaStudioClient.make")(function* (options: Options) {
  return makeClient(yield* makeSession(options))
})

/** The client for one project, and the clients of the related services. */
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
 * The clients with the options of the environment (see {@link optionsConfig}). The layer is rebuilt wherever
 * it is provided, because each place may have another environment.
 */
export const layerConfig: Layer.Layer<Clients, CloudQuotaError> = Layer.fresh(
  Layer.effectContext(Effect.flatMap(optionsConfig, clients))
)

const makeClient = ({ endpoint, metaStudio, projectId }: Session): MetaStudioClient["Service"] => {
  const scope = { _tag: "Project", id: projectId } as const
  const to = { name: "MetaStudioClient", service: metaStudio, projectId }
  const { updateUserQuotas } = operations.metastudio
  const putter = (special: Special) => makeTyped({ updateUserQuotas }, { ...to, special }).updateUserQuotas
  const puts = {
    repeated: putter({}),
    once: putter({ safety: "create" }),
    repeatedAgain: putter({ again: true }),
    onceAgain: putter({ again: true, safety: "create" })
  }

  return MetaStudioClient.of({
    endpoint,
    projectId,
    ...makeTyped(operations.metastudio, to),
    updateUserQuotas: (request, options = {}) => {
      const problem = KnownKeys.problem(options, putOptionNames)
      if (problem !== undefined)
        return Effect.fail(invalid(updateUserQuotas.name, problem.field, problem.message))
      const { again, repeat = true } = options
      const put =
        again === true ? puts[repeat ? "repeatedAgain" : "onceAgain"] : puts[repeat ? "repeated" : "once"]
      return put(request)
    },
    request: Effect.fn("MetaStudioClient.request")(function* (request) {
      yield* known("request", request, requestNames)
      const { body, method, query, safety = method === "GET" ? "read" : "create" } = request
      // Callers without types may pass anything: it is checked before it is even quoted.
      yield* oneOf("method", methods, method)
      yield* oneOf("safety", safeties, safety)
      const operation = typeof request.path === "string" ? `${method} ${request.path}` : method
      const path = yield* orInvalid(operation, "path", splitPath(request.path))
      const text = yield* orInvalid(operation, "body", jsonOf(body))
      const answer = yield* metaStudio.send({
        operation,
        method,
        path: ["v1", projectId, ...path],
        scope,
        safety,
        ...defined({ query, body: text })
      })
      return { body: answer.body, ...defined({ requestId: answer.requestId }) }
    })
  })
}

const putOptionNames: KnownKeys.Names<PutOptions> = { repeat: true, again: true }

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

const jsonOf = (body: unknown): Result.Result<string | undefined, string> =>
  Result.try({
    try: () => (body === undefined ? undefined : JSON.stringify(body)),
    catch: () => "cannot be written as JSON: leave out bigints, functions and circles"
  })

const orInvalid = <A>(operation: string, field: string, result: Result.Result<A, string>) =>
  Effect.mapError(Effect.fromResult(result), (message) => invalid(operation, field, message))
