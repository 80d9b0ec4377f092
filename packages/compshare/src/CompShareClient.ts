/**
 * CompShare's own API, typed: four operations for team allowances and bills, and any other by its name.
 *
 * This is the way around the neutral services, for what only CompShare has. To change allowances use
 * `Quota.change` instead: it checks, journals and settles what this client only sends.
 */
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type CloudQuotaError, invalid } from "@cloud-quota/core/CloudQuotaError"
import type * as Quantity from "@cloud-quota/core/Quantity"
import * as Retry from "@cloud-quota/core/Retry"
import * as Transport from "@cloud-quota/core/Transport"
import { type Exchange, decodeAnswer, malformed, transportFailure } from "./internal/answer.ts"
import * as Decode from "./internal/decode.ts"
import * as Params from "./internal/params.ts"
import * as Rows from "./internal/rows.ts"
import { makeScrub } from "./internal/scrub.ts"
import { type Settings, decodeOptions, provider } from "./internal/settings.ts"
import * as Signature from "./Signature.ts"

/** A successful answer (`RetCode` 0), with all its fields, known or not. Whole numbers may be bigints. */
export interface Answer {
  /** The provider's id of the request, for its support. */
  readonly requestId?: string
  readonly httpStatus: number
  readonly fields: Readonly<Record<string, unknown>>
}

/** A team. */
export interface Team {
  readonly id: number
  readonly name?: string
  readonly companyId?: number
  readonly description?: string
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** A user's place in a team. */
export interface TeamRelation {
  /** The id that allowances go by. Absent until the user has joined. */
  readonly virtualCompanyId?: number
  readonly userCompanyId?: number
  /** As `joined`, `Pending`, `Rejected`, `Canceled`, in any case. */
  readonly status: string
  readonly remarkName?: string
  /** What was granted so far. Whether taking back lowers it is undocumented. */
  readonly allocateAmount?: Quantity.Quantity
  /** What is left. Spending lowers it, refunds raise it. */
  readonly availableAmount?: Quantity.Quantity
  readonly createTime?: string
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** A team with everybody who is or was invited to it. */
export interface TeamInfo {
  readonly requestId?: string
  readonly team?: Team
  readonly relations: ReadonlyArray<TeamRelation>
}

/** Which team: by its id, or by the id of one of its members; exactly one of them. */
export interface TeamSelector {
  readonly teamId?: number
  readonly virtualCompanyId?: number
}

/** One order. Amounts are exact yuan, negative for a refund. */
export interface TeamMemberOrder {
  readonly orderNo: string
  readonly orderType?: string
  readonly orderState?: string
  readonly chargeType?: string
  readonly amount: Quantity.Quantity
  readonly amountReal?: Quantity.Quantity
  readonly resourceId?: string
  /** Seconds since 1970. */
  readonly createTime: number
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Which orders of one member. Times are in seconds since 1970; CompShare requires both. */
export interface TeamMemberOrderQuery {
  /** The client's own team if absent. */
  readonly teamId?: number
  readonly virtualCompanyId: number
  readonly beginTime: number
  /** After `beginTime`. */
  readonly endTime: number
  readonly orderBy?: "create_time" | "order_start_time" | "order_end_time"
  readonly orderDir?: "ASC" | "DESC"
  readonly chargeTypes?: ReadonlyArray<string>
  readonly orderStates?: ReadonlyArray<string>
  readonly orderTypes?: ReadonlyArray<string>
  readonly orderNos?: ReadonlyArray<string>
  readonly resourceIds?: ReadonlyArray<string>
  readonly resourceTypes?: ReadonlyArray<number>
  readonly regions?: ReadonlyArray<number>
  /** Rows of one page, 1 to 100. 100 if absent. */
  readonly limit?: number
}

/** One page of orders. */
export interface TeamMemberOrderPage {
  readonly requestId?: string
  readonly orders: ReadonlyArray<TeamMemberOrder>
  /** How many orders there are on all pages, where it is told. */
  readonly total?: number
  /** The page size that the provider used, where it is told. */
  readonly limit?: number
}

/** Instances in one zone. */
export interface RefundPriceQuery {
  /** The client's own region if absent. */
  readonly region?: string
  readonly zone: string
  readonly uHostIds: ReadonlyArray<string>
}

/** What deleting one instance would give back. */
export interface RefundPrice {
  readonly uHostId: string
  /** 0: refundable. */
  readonly code: number
  readonly message?: string
  /** Yuan, exact, which may be finer than a fen. */
  readonly refundPrice?: Quantity.Quantity
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** The quotes of one call. */
export interface RefundPrices {
  readonly requestId?: string
  readonly refundPrices: ReadonlyArray<RefundPrice>
}

/** A change of allowances. It is a difference: sent twice, it moves the money twice. */
export interface TeamAmount {
  /** The client's own team if absent. */
  readonly teamId?: number
  /** At least one, none of them twice. Each is given, or loses, the whole amount. */
  readonly virtualCompanyIds: ReadonlyArray<number>
  /** Positive CNY in whole fen, up to 2^53 - 1 fen. */
  readonly amount: Quantity.Quantity
  readonly operateType: "AllocateAmount" | "WithdrawAmount"
}

/** Why one member's allowance was not changed. */
export interface FailedMember {
  readonly code: number
  readonly message?: string
}

/** What became of a change of allowances: everybody who did not fail was changed. */
export interface TeamAmountAnswer {
  readonly requestId?: string
  readonly httpStatus: number
  readonly failedMembers: ReadonlyMap<number, FailedMember>
}

/** A connection of its own, and the last word before the write. */
export interface Over {
  readonly line: Transport.Line
  /** Called in the same synchronous turn as the write: if it gives false, nothing is written. */
  readonly check: () => boolean
}

/** What the client offers. Every failure is a `CloudQuotaError` without anything secret in it. */
export interface Service {
  /** The origin of the API, as `https://api.compshare.cn`. */
  readonly endpoint: string
  /** The team from the options, if they name one. */
  readonly teamId?: number
  /**
   * Changes allowances by an amount. Sends once, on a connection of its own, and waits up to 75
   * seconds, since the provider itself gives up after 60.
   *
   * **Gotchas**
   *
   * Success means that the request was carried out, not that it was for everybody: look at
   * `failedMembers`. A failure with `money: "unknown"` may have moved the money: never send it again
   * without having read the allowances.
   */
  readonly setCompShareTeamAmount: (
    change: TeamAmount,
    over?: Over
  ) => Effect.Effect<TeamAmountAnswer, CloudQuotaError>
  /** A new connection for {@link setCompShareTeamAmount}, over which nothing was sent yet. */
  readonly connect: Effect.Effect<Transport.Line, CloudQuotaError, Scope.Scope>
  /** A team with all its members. */
  readonly getCompShareTeamInfo: (selector: TeamSelector) => Effect.Effect<TeamInfo, CloudQuotaError>
  /** One page of a member's orders, from `offset` (0 if absent). */
  readonly describeTeamMemberOrder: (
    query: TeamMemberOrderQuery & { readonly offset?: number }
  ) => Effect.Effect<TeamMemberOrderPage, CloudQuotaError>
  /** All of a member's orders, page by page. */
  readonly teamMemberOrders: (query: TeamMemberOrderQuery) => Stream.Stream<TeamMemberOrder, CloudQuotaError>
  /** What deleting instances would give back. */
  readonly getCompShareRefundPrice: (query: RefundPriceQuery) => Effect.Effect<RefundPrices, CloudQuotaError>
  /**
   * Any action by its name, signed. Without a `safety` it is sent once and never again; say `read` for
   * one that changes nothing.
   *
   * @example
   * import { CompShareClient } from "@cloud-quota/compshare"
   * import { Effect } from "effect"
   *
   * export const program = Effect.gen(function* () {
   *   const client = yield* CompShareClient.CompShareClient
   *   return yield* client.call("ListCompShareTeam", {}, { safety: "read" })
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

/** How to reach CompShare, and as whom. */
export interface Options {
  readonly publicKey: string
  readonly privateKey: Redacted.Redacted<string>
  /** For keys that were lent for a while (STS). */
  readonly securityToken?: Redacted.Redacted<string>
  /** The team that is managed, where a call names none. */
  readonly teamId?: number | string
  /** `cn-wlcb` by default. */
  readonly region?: string
  readonly projectId?: string
  /** `https://api.compshare.cn` by default. Keys of other UCloud endpoints do not work there. */
  readonly endpoint?: string
  /** How long a read may take. 30 seconds by default. */
  readonly timeout?: Duration.Duration
  /** How reads are repeated. */
  readonly retry?: Retry.Policy
}

/** Longer than the provider's own limit of 60 seconds, so that most answers are definite. */
const changeTimeout = Duration.seconds(75)
const readTimeout = Duration.seconds(30)

/** Makes a client. Fails, before anything is sent, if an option cannot be right. */
export const make = Effect.fnUntraced(function* (options: Options) {
  const settings = yield* Effect.fromResult(decodeOptions(options))
  const transport = yield* Transport.Transport
  const retry = Retry.make(options.retry)
  const timeouts = { read: options.timeout ?? readTimeout, change: changeTimeout }
  const url = new URL(settings.endpoint)

  /** Signs a request, and sends it once. */
  const sendOnce = Effect.fnUntraced(function* (
    request: { readonly action: string; readonly mutates: boolean; readonly params: Signature.Params },
    send: (request: Transport.Request) => Effect.Effect<Transport.Response, Transport.TransportError>
  ) {
    const { action, mutates, params } = request
    const { body, scrub } = yield* signed(settings, action, params)
    const exchange: Exchange = { action, mutates, scrub }
    const response = yield* send({
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body,
      timeout: mutates ? timeouts.change : timeouts.read
    }).pipe(Effect.mapError(transportFailure(exchange)))
    const now = yield* Clock.currentTimeMillis
    return { exchange, answer: yield* Effect.fromResult(decodeAnswer(exchange, response, now)) }
  })

  const read = <A>(
    action: string,
    params: Signature.Params,
    decode: (fields: Decode.Fields) => Result.Result<A, string>
  ): Effect.Effect<A & { readonly requestId?: string }, CloudQuotaError> =>
    retry.run(
      "read",
      Effect.gen(function* () {
        const { answer, exchange } = yield* sendOnce({ action, mutates: false, params }, transport.request)
        const decoded = decode(answer.fields)
        if (Result.isFailure(decoded)) return yield* malformed(exchange, answer, decoded.failure)
        return { ...decoded.success, ...Decode.defined({ requestId: answer.requestId }) }
      })
    )

  const connect = transport
    .open(url)
    .pipe(
      Effect.mapError(transportFailure({ action: Params.changeAction, mutates: true, scrub: makeScrub([]) }))
    )

  const changeOver = Effect.fnUntraced(function* (change: TeamAmount, { check, line }: Over) {
    const params = yield* Effect.fromResult(Params.amountParams(settings, change))
    return yield* Effect.gen(function* () {
      const { answer, exchange } = yield* sendOnce(
        { action: Params.changeAction, mutates: true, params },
        (request) => line.send(request, check)
      )
      const failedMembers = Rows.failedMembers(answer.fields, params.VirtualCompanyId)
      if (Result.isFailure(failedMembers)) return yield* malformed(exchange, answer, failedMembers.failure)
      const { httpStatus, requestId } = answer
      return { httpStatus, failedMembers: failedMembers.success, ...Decode.defined({ requestId }) }
    }).pipe(
      // What still waits to be sent must not arrive after we gave up on it.
      Effect.tapError((error) => (error.money === "unknown" ? line.reset : Effect.void))
    )
  })

  const describeTeamMemberOrder = Effect.fn("CompShareClient.describeTeamMemberOrder")(function* (
    query: TeamMemberOrderQuery & { readonly offset?: number }
  ) {
    const params = yield* Effect.fromResult(Params.orderParams(settings, query))
    return yield* read("DescribeTeamMemberOrder", params, Rows.teamMemberOrderPage)
  })

  const service: Service = {
    endpoint: settings.endpoint,
    ...Decode.defined({ teamId: settings.teamId }),
    connect,
    setCompShareTeamAmount: Effect.fn("CompShareClient.setCompShareTeamAmount")(function* (change, over) {
      if (over !== undefined) return yield* changeOver(change, over)
      return yield* Effect.scoped(
        Effect.flatMap(connect, (line) => changeOver(change, { line, check: () => true }))
      )
    }),
    getCompShareTeamInfo: Effect.fn("CompShareClient.getCompShareTeamInfo")(function* (selector) {
      const params = yield* Effect.fromResult(Params.teamParams(selector))
      return yield* read("GetCompShareTeamInfo", params, Rows.teamInfo)
    }),
    describeTeamMemberOrder,
    teamMemberOrders: (query) =>
      Stream.paginate(0, (offset) =>
        Effect.map(describeTeamMemberOrder({ ...query, offset }), (page) => [
          page.orders,
          nextOffset(query.limit ?? Params.largestPage, offset, page)
        ])
      ),
    getCompShareRefundPrice: Effect.fn("CompShareClient.getCompShareRefundPrice")(function* (query) {
      const params = yield* Effect.fromResult(Params.refundParams(query))
      return yield* read("GetCompShareRefundPrice", params, Rows.refundPrices)
    }),
    call: Effect.fn("CompShareClient.call")(function* (action, params = {}, { safety = "delta" } = {}) {
      yield* Effect.fromResult(Params.checkCall(action, params, safety))
      const attempt = sendOnce({ action, mutates: safety !== "read", params }, transport.request)
      const { answer } = yield* retry.run(safety, attempt)
      return answer
    })
  }
  return service
})

/** A client of its own. */
export const layer = (options: Options): Layer.Layer<CompShareClient, CloudQuotaError> =>
  Layer.effect(CompShareClient, make(options))

/**
 * The options as the environment gives them: `COMPSHARE_PUBLIC_KEY` and `COMPSHARE_PRIVATE_KEY`, or
 * if neither is set `UCLOUD_PUBLIC_KEY` and `UCLOUD_PRIVATE_KEY`; `COMPSHARE_TEAM_ID`,
 * `COMPSHARE_REGION`, `COMPSHARE_ENDPOINT`.
 */
export const optionsFromConfig: Effect.Effect<Options, CloudQuotaError> = Effect.gen(function* () {
  const text = (name: string) =>
    Config.option(Config.String(name)).pipe(
      Effect.mapBoth({
        onSuccess: Option.getOrUndefined,
        onFailure: () =>
          invalid({
            provider,
            operation: "configure",
            field: name,
            message: "cannot be read: set it as text"
          })
      })
    )
  const pair = (prefix: string) =>
    Effect.all({
      publicKey: text(`${prefix}_PUBLIC_KEY`),
      privateKey: text(`${prefix}_PRIVATE_KEY`)
    })
  const own = yield* pair("COMPSHARE")
  // The keys of a pair belong together: one of each would only be a wrong signature.
  const isOwnUnset = own.publicKey === undefined && own.privateKey === undefined
  const { privateKey = "", publicKey = "" } = isOwnUnset ? yield* pair("UCLOUD") : own
  return {
    publicKey,
    privateKey: Redacted.make(privateKey),
    ...Decode.defined({
      teamId: yield* text("COMPSHARE_TEAM_ID"),
      region: yield* text("COMPSHARE_REGION"),
      endpoint: yield* text("COMPSHARE_ENDPOINT")
    })
  }
})

/**
 * A client of the environment's own options: see {@link optionsFromConfig}. Built anew wherever it is
 * provided, since another environment may be in force there.
 */
export const layerConfig: Layer.Layer<CompShareClient, CloudQuotaError> = Layer.fresh(
  Layer.effect(CompShareClient, Effect.flatMap(optionsFromConfig, make))
)

/** The body of a request, and a function that takes its secrets out of a text. */
const signed = (
  settings: Settings,
  action: string,
  params: Signature.Params
): Effect.Effect<
  { readonly body: Redacted.Redacted<string>; readonly scrub: (text: string) => string },
  CloudQuotaError
> =>
  Effect.try({
    try: () => {
      const { privateKey, publicKey, securityToken } = settings
      const token = securityToken === undefined ? undefined : Redacted.value(securityToken)
      const flat = Signature.flatten({
        ...settings.defaults,
        ...params,
        Action: action,
        PublicKey: publicKey,
        SecurityToken: token
      })
      const signature = Signature.sign(flat, privateKey)
      const body = Redacted.make(new URLSearchParams({ ...flat, Signature: signature }).toString())
      const secrets = [
        publicKey,
        Redacted.value(privateKey),
        signature,
        ...(token === undefined ? [] : [token])
      ]
      return { body, scrub: makeScrub(secrets) }
    },
    catch: (error) =>
      error instanceof Signature.ParamError
        ? invalid({
            provider,
            operation: action,
            field: error.key,
            message: error.message.slice(error.key.length + 2)
          })
        : invalid({
            provider,
            operation: action,
            field: "params",
            message: "cannot be written as parameters"
          })
  })

/** Where the next page starts. A page is short by the size that the provider used, if it tells that. */
const nextOffset = (
  asked: number,
  offset: number,
  { limit = asked, orders, total = Number.POSITIVE_INFINITY }: TeamMemberOrderPage
): Option.Option<number> => {
  const next = offset + orders.length
  const isLast = orders.length === 0 || orders.length < Math.min(asked, limit) || next >= total
  return isLast ? Option.none() : Option.some(next)
}
