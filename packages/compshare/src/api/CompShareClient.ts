/**
 * CompShare's own API, typed: teams and their members, allowances, orders and bills, instances and prices;
 * and any other action by its name.
 *
 * Use it for features that only CompShare has. To change allowances use `Quota.change` instead: it checks,
 * journals and settles a change; this client only sends it.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as CircuitBreaker from "@cloud-quota/core/adapter/CircuitBreaker"
import { type CloudQuotaError, invalid } from "@cloud-quota/core/CloudQuotaError"
import * as RateLimit from "@cloud-quota/core/adapter/RateLimit"
import * as Retry from "@cloud-quota/core/adapter/Retry"
import * as Transport from "@cloud-quota/core/Transport"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import * as Pages from "@cloud-quota/core/adapter/Pages"
import type { CompShareOperation } from "./operation.ts"
import { operations } from "./operations.ts"
import { type TeamOrderDownload, teamOrderDownload } from "./order.ts"
import { type Answer, malformed } from "./answer.ts"
import { changeAction, checkCall, checkNames } from "./calls.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { withTimes } from "./period.ts"
import { optionsFromConfig } from "./environment.ts"
import { makeRequests } from "./requests.ts"
import { type Options, decodeOptions, provider } from "./settings.ts"
import type * as Signature from "./Signature.ts"

export type { Answer }

/** A change has a dedicated connection, and no part of it is sent again. */
const { setCompShareTeamAmount: changeOperation, ...pooled } = operations

type Change = typeof changeOperation

/** A change of allowances by a delta: sent twice, it moves the money twice. */
export type TeamAmount = Operation.Request<Change>

/** The result of a change of allowances: every member that is not in `FailedMembers` was changed. */
export type TeamAmountAnswer = Operation.Answer<Change> & { readonly httpStatus: number }

/** A dedicated connection, and the last check before the write. */
export interface Over {
  readonly line: Transport.DedicatedConnection
  /** Called synchronously, immediately before the write. If it returns false, nothing is written. */
  readonly check: () => boolean
}

/** A bill. */
export interface TeamOrderFile {
  readonly requestId?: string
  /** CSV with a line of titles, as the provider wrote it. Its columns are not fixed. */
  readonly csv: string
}

/**
 * The client's methods. Every failure is a `CloudQuotaError` without secrets.
 *
 * Requests and answers use CompShare's own field names: `client.getCompShareTeamInfo({ TeamId: 1001 })`
 * returns `{ Team, TeamRelation }`, and `raw`, the body as received. A row that cannot be read is in
 * `unreadable`; the others are complete.
 *
 * Reads are retried after a transient failure. A request that changes something is retried only if it is
 * proven that nothing happened; `updateCompShareTeam` and renaming a member, which may be done twice, are
 * retried also if the outcome is unknown. A change of allowances is never sent again.
 *
 * @example
 * import { CompShareClient } from "@cloud-quota/compshare"
 * import { Effect } from "effect"
 *
 * export const withdrawn = Effect.gen(function* () {
 *   const client = yield* CompShareClient.CompShareClient
 *   yield* client.setCompShareTeamRelation({ TeamId: 1001, Status: "Cancel", UserCompanyId: 50002 })
 * })
 */
export interface Service extends Operation.Client<typeof pooled> {
  /** The origin of the API, as `https://api.compshare.cn`. */
  readonly endpoint: string
  /** The team from the options, if they name one. */
  readonly teamId?: number
  /**
   * Changes allowances by an amount. Sends once, on a dedicated connection, and waits up to 75 seconds,
   * because the provider itself gives up after 60.
   *
   * **Gotchas**
   *
   * Success means that the request was carried out, not that every member was changed: check `FailedMembers`.
   * A failure with `money: "unknown"` may have moved the money: read the allowances before you send it again.
   */
  readonly setCompShareTeamAmount: (
    change: TeamAmount,
    over?: Over
  ) => Effect.Effect<TeamAmountAnswer, CloudQuotaError>
  /**
   * Waits until the rate limit permits one more change. With a connection of your own, read the allowances
   * after it, because the wait may be long.
   */
  readonly permit: Effect.Effect<void, CloudQuotaError>
  /**
   * Opens a new connection for {@link setCompShareTeamAmount}. Nothing has been sent over it. It does not
   * wait for the rate limit: see `permit`.
   */
  readonly connect: Effect.Effect<Transport.DedicatedConnection, CloudQuotaError, Scope.Scope>
  /** The bill of a team, or of one member, as CSV. */
  readonly downloadTeamOrder: (request?: TeamOrderDownload) => Effect.Effect<TeamOrderFile, CloudQuotaError>
  /**
   * All rows of a listing, page by page, each with `raw`, the row as received. If some rows could not be
   * read, the stream fails at the end and names them.
   */
  readonly stream: Pages.Streams<typeof pooled>
  /**
   * Calls any action by its name, signed. Without a `safety` it is sent once and never again; pass `read` for
   * an action that changes nothing.
   *
   * @example
   * import { CompShareClient } from "@cloud-quota/compshare"
   * import { Effect } from "effect"
   *
   * export const program = Effect.gen(function* () {
   *   const client = yield* CompShareClient.CompShareClient
   *   return yield* client.call("DescribeCompShareGpuInventory", {}, { safety: "read" })
   * })
   */
  readonly call: (
    action: string,
    params?: Signature.Params,
    options?: { readonly safety?: Retry.Safety }
  ) => Effect.Effect<Answer, CloudQuotaError>
}

/** CompShare's own API. */
export class CompShareClient extends Context.Service<CompShareClient, Service>()(
  "@cloud-quota/compshare/CompShareClient"
) {}

export type { Options }

const defaultReadTimeout = Duration.seconds(30)

const encodeChange = Operation.encoderOf<CompShareOperation>(changeOperation)
const decodeChange = Operation.decoderOf(changeOperation)
const encodeDownload = Operation.encoderOf<CompShareOperation>(teamOrderDownload)

const refuse = ({ name }: Operation.Operation, { field, message }: Operation.Problem): CloudQuotaError =>
  invalid({ provider, operation: name, field, message })

/** Makes a client. Fails, before anything is sent, if an option is invalid. */
export const make = Effect.fnUntraced(function* (options: Options) {
  const settings = yield* Effect.fromResult(decodeOptions(options))
  const transport = yield* Transport.Transport
  const rateLimit = yield* Effect.fromResult(RateLimit.make(provider, options.rateLimit))
  const circuitBreaker = yield* Effect.fromResult(CircuitBreaker.make(provider, options.circuitBreaker))
  const retry = Retry.guarded(Retry.make(options.retry), { rateLimit, circuitBreaker })
  const readTimeout = options.timeout ?? defaultReadTimeout
  const requests = makeRequests({ settings, transport, retry, readTimeout })

  /** Adds the client's own team, and the times. */
  const complete = (
    { ownTeam, times }: CompShareOperation,
    request: Operation.Fields
  ): Effect.Effect<Operation.Fields> => {
    const { TeamId = settings.teamId } = request
    const ofTeam = ownTeam === true ? { ...request, ...defined({ TeamId }) } : request
    return times === true ? withTimes(ofTeam) : Effect.succeed(ofTeam)
  }

  const methods = Operation.client<CompShareOperation, typeof pooled>(pooled, {
    name: "CompShareClient",
    complete,
    refuse,
    send: ({ decode, operation, params, safety }) =>
      requests.send(
        safety,
        // The client's own region would hide the instances of the others.
        { action: operation.name, params: operation.everyRegion ? { Region: undefined, ...params } : params },
        ({ fields }) => decode(fields)
      )
  })

  /** Checks a request that is not sent like the others. */
  const checked = (operation: CompShareOperation, encode: typeof encodeChange, request: Operation.Fields) =>
    complete(operation, defined({ ...request })).pipe(
      Effect.flatMap((completed) =>
        Effect.fromResult(Result.mapError(encode(completed), (problem) => refuse(operation, problem)))
      )
    )

  const changeOver = Effect.fnUntraced(function* (
    params: Operation.Fields,
    { check, line: dedicated }: Over
  ) {
    return yield* Effect.gen(function* () {
      // The permit was taken before the connection was opened: nothing may wait between arming and sending.
      const { answer, exchange } = yield* rateLimit.observe(
        requests.sendOnce({ action: changeAction, mutates: true, params }, (request) =>
          dedicated.send(request, check)
        )
      )
      const decoded = decodeChange(answer.fields, params)
      if (Result.isFailure(decoded)) return yield* malformed(exchange, answer, decoded.failure)
      const { answeredAt, httpStatus, requestId } = answer
      return { ...decoded.success, httpStatus, ...defined({ answeredAt, requestId }) }
    }).pipe(
      // Bytes that are still queued must not arrive after the call was given up.
      Effect.tapError((error) => (error.money === "unknown" ? dedicated.reset : Effect.void))
    )
  })

  const permit = rateLimit.permit(changeAction)
  const connect = requests.connect(changeAction)

  const service: Service = {
    ...methods,
    endpoint: settings.endpoint,
    ...defined({ teamId: settings.teamId }),
    permit,
    connect,
    setCompShareTeamAmount: Effect.fn("CompShareClient.setCompShareTeamAmount")(function* (change, over) {
      // Checked before a permit and a connection are taken.
      const params = yield* checked(changeOperation, encodeChange, change)
      yield* Effect.fromResult(checkNames(changeAction, over, { line: true, check: true }, "over"))
      if (over !== undefined) return yield* changeOver(params, over)
      yield* permit
      return yield* Effect.scoped(
        Effect.flatMap(connect, (dedicated) => changeOver(params, { line: dedicated, check: () => true }))
      )
    }),
    downloadTeamOrder: Effect.fn("CompShareClient.downloadTeamOrder")(function* (request = {}) {
      const everybody = { VirtualCompanyId: 0, ...defined(request) }
      const params = yield* checked(teamOrderDownload, encodeDownload, everybody)
      return yield* requests.download({ action: teamOrderDownload.name, params })
    }),
    stream: Pages.streams<CompShareOperation, typeof pooled>(pooled, { provider, methods, complete }),
    call: Effect.fn("CompShareClient.call")(function* (action, params = {}, options = {}) {
      yield* Effect.fromResult(checkNames("call", options, { safety: true }, "options"))
      const { safety = "delta" } = options
      yield* Effect.fromResult(checkCall(action, params, safety))
      const attempt = requests.sendOnce({ action, mutates: safety !== "read", params }, transport.request)
      const { answer } = yield* retry.run(safety, attempt, action)
      return answer
    })
  }
  return service
})

/** A client with these options. */
export const layer = (options: Options): Layer.Layer<CompShareClient, CloudQuotaError> =>
  Layer.effect(CompShareClient, make(options))

export { optionsFromConfig }

/**
 * A client with the options of the environment (see {@link optionsFromConfig}). The layer is rebuilt wherever
 * it is provided, because each place may have another environment.
 */
export const layerConfig: Layer.Layer<CompShareClient, CloudQuotaError> = Layer.fresh(
  Layer.effect(CompShareClient, Effect.flatMap(optionsFromConfig, make))
)
