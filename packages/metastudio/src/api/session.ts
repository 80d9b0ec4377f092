/** The shared state of all clients of one account: caller, endpoints, project, and one retry budget. */
import { parseEndpoint } from "@cloud-quota/core/AccountIdentity"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import * as CircuitBreaker from "@cloud-quota/core/adapter/CircuitBreaker"
import { CloudQuotaError, PreconditionFailed } from "@cloud-quota/core/CloudQuotaError"
import * as RateLimit from "@cloud-quota/core/adapter/RateLimit"
import * as Retry from "@cloud-quota/core/adapter/Retry"
import { Transport } from "@cloud-quota/core/Transport"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Credentials from "./auth/Credentials.ts"
import { iamOperations } from "./iam.ts"
import * as IamToken from "./auth/IamToken.ts"
import * as Region from "./Region.ts"
import * as TemporaryKey from "./auth/TemporaryKey.ts"
import {
  type Authenticate,
  withPassword,
  withSignature,
  withTemporaryKeys,
  withToken
} from "./auth/authenticate.ts"
import { makeClient, unreadableIn } from "./client.ts"
import { makeDomainId } from "./auth/domainId.ts"
import { invalid, provider } from "./errors.ts"
import { checkSegment } from "./ids.ts"
import { type Options, checkOptions, setUp } from "./options.ts"
import { type Destination, sendOnce } from "./sendOnce.ts"
import type { Service } from "./service.ts"

/** One account, and one project in it. */
export interface Session {
  /** The origin of MetaStudio's API. */
  readonly endpoint: string
  readonly projectId: string
  /** The id of the account: as given, or else looked up once. */
  readonly domainId: Effect.Effect<string, CloudQuotaError>
  readonly metaStudio: Service
  readonly iam: Service
  readonly bss: Service
}

/** Checks the options and, if none was given, finds the id of the project. */
export const makeSession = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Session, CloudQuotaError> {
  yield* Effect.fromResult(checkOptions(options))
  const { domainId: givenDomainId, timeout } = options
  const transport = yield* Transport
  const retry = Retry.make(options.retry)
  const places = yield* placesOf(options)
  const credentials = yield* Effect.fromResult(Credentials.validate(options.credentials)).pipe(
    Effect.mapError(({ field, message }) => invalid(setUp, field, message))
  )
  if (givenDomainId !== undefined) yield* checkDomainId(givenDomainId)

  const destination = (authenticate: Authenticate, origin: URL): Destination => ({
    transport,
    authenticate,
    origin,
    ...defined({ timeout })
  })
  const domainId: Effect.Effect<string, CloudQuotaError> = Effect.suspend(() => knownDomainId)
  const { authenticate, projectId: ownProjectId } = yield* callerOf(credentials, {
    ...defined({ projectId: options.projectId, timeout }),
    domainId,
    places,
    transport
  })
  const knownId = givenDomainId ?? (Credentials.isAssumeRole(credentials) ? credentials.domainId : undefined)
  const knownDomainId =
    knownId === undefined
      ? Result.match(places.iam, {
          onFailure: (error) => Effect.fail(error),
          onSuccess: (iam) => makeDomainId(destination(authenticate, iam))
        })
      : Effect.succeed(knownId)

  /** The services share the retry budget. Each has its own rate limit and circuit breaker. */
  const service = Effect.fnUntraced(function* (
    origin: Result.Result<URL, CloudQuotaError>
  ): Effect.fn.Return<Service, CloudQuotaError> {
    const guarded = Retry.guarded(retry, {
      rateLimit: yield* Effect.fromResult(RateLimit.make(provider, options.rateLimit)),
      circuitBreaker: yield* Effect.fromResult(CircuitBreaker.make(provider, options.circuitBreaker))
    })
    const to = Result.map(origin, (url) => destination(authenticate, url))
    const send: Service["send"] = (call, around = (attempt) => attempt) =>
      Effect.suspend(() => {
        if (Result.isFailure(to)) return Effect.fail(to.failure)
        const { again, operation, safety } = call
        const sent = guarded.run(safety, around(sendOnce(to.success, call)), operation)
        return again === true
          ? Effect.flatMap(guarded.spend, (isLeft) => (isLeft ? sent : Effect.fail(noRetryLeft(operation))))
          : sent
      })
    return { send }
  })
  const iam = yield* service(places.iam)
  const projectId =
    options.projectId ??
    (ownProjectId === undefined
      ? yield* findProject(iam, places.projectName)
      : yield* retry.run("read", ownProjectId))
  yield* checked("project_id", projectId)

  return {
    endpoint: places.endpoint.origin,
    projectId,
    domainId,
    metaStudio: yield* service(Result.succeed(places.endpoint)),
    iam,
    bss: yield* service(places.bss)
  }
})

/**
 * The services' endpoints. An unknown endpoint of IAM or of the billing service fails only the calls to that
 * service.
 */
interface Places {
  readonly endpoint: URL
  readonly iam: Result.Result<URL, CloudQuotaError>
  readonly bss: Result.Result<URL, CloudQuotaError>
  /** The region's name, which is also the name of a project. */
  readonly projectName?: string
}

const placesOf = Effect.fnUntraced(function* (options: Options): Effect.fn.Return<Places, CloudQuotaError> {
  const region =
    options.region === undefined ? undefined : yield* orInvalid("region", Region.get(options.region))
  const names = Region.all.map(({ id }) => id).join(" or ")
  const endpoint = yield* originOf(
    "endpoint",
    options.endpoint ??
      region?.endpoint ??
      (yield* invalid(setUp, "region", `is missing: give ${names}, or an endpoint`))
  )
  // If the endpoint is not the vendor's, such as an emulator's, no secret goes to the vendor by default.
  const home = Region.all.find((region) => region.endpoint === endpoint.origin)
  const placeOf = Effect.fnUntraced(function* (
    field: "iamEndpoint" | "bssEndpoint",
    example: string
  ): Effect.fn.Return<Result.Result<URL, CloudQuotaError>, CloudQuotaError> {
    const origin = options[field] ?? home?.[field]
    return origin === undefined
      ? Result.fail(invalid(setUp, field, `is missing: give its origin, as ${example}`))
      : Result.succeed(yield* originOf(field, origin))
  })
  return {
    endpoint,
    iam: yield* placeOf("iamEndpoint", "https://iam.cn-north-4.myhuaweicloud.com"),
    bss: yield* placeOf("bssEndpoint", "https://bss.myhuaweicloud.com"),
    ...defined({ projectName: (region ?? home)?.id })
  }
})

/** Returns the authentication of calls, and the project if the credentials determine it. */
const callerOf = Effect.fnUntraced(function* (
  credentials: Credentials.Credentials,
  options: {
    readonly places: Places
    readonly transport: Transport
    readonly projectId?: string
    readonly domainId: Effect.Effect<string, CloudQuotaError>
    readonly timeout?: Duration.Duration
  }
): Effect.fn.Return<
  { authenticate: Authenticate; projectId?: Effect.Effect<string, CloudQuotaError> },
  CloudQuotaError
> {
  const { domainId, places, projectId, timeout, transport } = options
  if (Credentials.isToken(credentials)) return { authenticate: withToken(credentials.token) }
  const common = { transport, ...defined({ timeout }) }
  if (Credentials.isAssumeRole(credentials)) {
    const keys = TemporaryKey.make({
      ...common,
      credentials,
      iamEndpoint: yield* Effect.fromResult(places.iam)
    })
    return { authenticate: withTemporaryKeys(keys, domainId) }
  }
  if (!Credentials.isPassword(credentials)) return { authenticate: withSignature(credentials, domainId) }

  const iamEndpoint = yield* Effect.fromResult(places.iam)
  // A region has a project with its own name.
  const { projectName } = places
  const project = projectId !== undefined ? { id: projectId } : projectName && { name: projectName }
  if (!project) return yield* invalid(setUp, "project_id", "is missing: give it, or a region")
  const tokens = {
    project: IamToken.make({ ...common, credentials, iamEndpoint, project }),
    account: IamToken.make({ ...common, credentials, iamEndpoint })
  }
  const learned = Effect.flatMap(tokens.project.current, (token) => noProject(token.projectId))
  return { authenticate: withPassword(tokens, credentials), projectId: learned }
})

/** Returns the id of the project with the region's name. */
const findProject = Effect.fnUntraced(function* (iam: Service, name: string | undefined) {
  if (name === undefined) return yield* noProject(undefined)
  const { keystoneListProjects } = iamOperations
  // Any scope: the owner of the project is not known yet.
  const operations = { listProjects: { ...keystoneListProjects, scope: "any" } } as const
  const client = makeClient(operations, { name: setUp, service: iam, projectId: "" })
  const listed = yield* client.listProjects({ name })
  const unreadable = unreadableIn(keystoneListProjects, listed)
  if (unreadable !== undefined) return yield* unreadable
  // The provider may ignore the filter.
  return yield* noProject(listed.projects.find((project) => project.name === name)?.id)
})

const noRetryLeft = (operation: string) =>
  new CloudQuotaError({
    provider,
    operation,
    money: "not-moved",
    reason: new PreconditionFailed({
      message: "too many requests of this account have failed, so it is not sent again for the moment"
    })
  })

const noProject = (id: string | undefined): Effect.Effect<string, CloudQuotaError> =>
  id === undefined
    ? Effect.fail(
        invalid(setUp, "project_id", "is missing: give the id of the project, as My Credentials shows it")
      )
    : Effect.succeed(id)

const checkDomainId = (id: string) =>
  typeof id === "string" && /^[\x21-\x7e]+$/.test(id)
    ? Effect.void
    : Effect.fail(invalid(setUp, "domainId", "give the account id, as My Credentials shows it"))

const originOf = (field: string, text: string): Effect.Effect<URL, CloudQuotaError> =>
  orInvalid(
    field,
    Result.mapError(
      parseEndpoint(text),
      (message) => `is not usable: ${message}, as https://metastudio.cn-north-4.myhuaweicloud.com`
    )
  )

const checked = (field: string, id: string) => orInvalid(field, checkSegment(id))

const orInvalid = <A>(field: string, result: Result.Result<A, string>) =>
  Effect.mapError(Effect.fromResult(result), (message) => invalid(setUp, field, message))
