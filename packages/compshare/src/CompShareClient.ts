/**
 * CompShare's own API, typed: teams and their members, allowances, orders and bills, instances and
 * prices; and any other action by its name.
 *
 * This is the way around the neutral services, for what only CompShare has. To change allowances use
 * `Quota.change` instead: it checks, journals and settles what this client only sends.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as CircuitBreaker from "@cloud-quota/core/CircuitBreaker"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as RateLimit from "@cloud-quota/core/RateLimit"
import * as Retry from "@cloud-quota/core/Retry"
import * as Transport from "@cloud-quota/core/Transport"
import type * as AccountBalance from "./AccountBalance.ts"
import type * as Instance from "./Instance.ts"
import type * as InstancePrice from "./InstancePrice.ts"
import { malformed } from "./internal/answer.ts"
import { defined } from "./internal/decode.ts"
import { type Seconds, withTimes } from "./internal/driverPeriod.ts"
import { optionsFromConfig } from "./internal/environment.ts"
import * as InstanceParams from "./internal/instanceParams.ts"
import * as InstanceRows from "./internal/instanceRows.ts"
import * as OrderParams from "./internal/orderParams.ts"
import * as OrderRows from "./internal/orderRows.ts"
import { allPages, wholeRow } from "./internal/pages.ts"
import { type Checked, changeAction, checkCall, checkNames } from "./internal/params.ts"
import * as Names from "./internal/queryNames.ts"
import { makeRequests } from "./internal/requests.ts"
import { decodeOptions, provider } from "./internal/settings.ts"
import * as TeamParams from "./internal/teamParams.ts"
import * as TeamRows from "./internal/teamRows.ts"
import type * as Signature from "./Signature.ts"
import type * as Team from "./Team.ts"
import type * as TeamAmount from "./TeamAmount.ts"
import type * as TeamOperateLog from "./TeamOperateLog.ts"
import type * as TeamOrder from "./TeamOrder.ts"

/** A successful answer (`RetCode` 0), with all its fields, known or not. Whole numbers may be bigints. */
export interface Answer {
  /** The provider's id of the request, for its support. */
  readonly requestId?: string
  readonly httpStatus: number
  /** The HTTP header `Date`. Milliseconds since 1970. */
  readonly answeredAt?: number
  readonly fields: Readonly<Record<string, unknown>>
}

/** What a typed operation gives, or why it did not. */
type Answered<A> = Effect.Effect<A, CloudQuotaError>

/** Where a page begins: how many rows come before it. 0 if absent. */
interface Offset {
  readonly offset?: number
}

/**
 * What the client offers. Every failure is a `CloudQuotaError` without anything secret in it.
 *
 * Reads are sent again after a passing failure. What changes something is sent again only if it is
 * proven that nothing happened; {@link updateCompShareTeam} and renaming a member, which may be done
 * twice, also if that is not known. A change of allowances is never sent again.
 */
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
    change: TeamAmount.TeamAmount,
    over?: TeamAmount.Over
  ) => Answered<TeamAmount.TeamAmountAnswer>
  /**
   * Waits until the rate limit lets one more change through. For whoever connects by hand, and has to know
   * the allowances: read them after the turn, since it may take long.
   */
  readonly turn: Effect.Effect<void, CloudQuotaError>
  /**
   * A new connection for {@link setCompShareTeamAmount}, over which nothing was sent yet. It does not wait
   * for its turn: see `turn`.
   */
  readonly connect: Effect.Effect<Transport.Line, CloudQuotaError, Scope.Scope>

  /** The teams that these keys administer. */
  readonly listCompShareTeam: Answered<Team.Teams>
  /** The teams that these keys are members of. */
  readonly listCompShareTeamJoined: (query?: Team.TeamMembershipQuery) => Answered<Team.TeamMemberships>
  /** The invitations that these keys received. */
  readonly listCompShareTeamInvite: (query?: Team.TeamInvitesQuery) => Answered<Team.TeamInvites>
  /** A team with all its members. */
  readonly getCompShareTeamInfo: (selector: Team.TeamSelector) => Answered<Team.TeamInfo>
  /**
   * Makes a team, which these keys then administer. The answer does not tell its id: look for it with
   * {@link listCompShareTeam}.
   *
   * **Gotchas**
   *
   * A failure with `money: "unknown"` may have made it. Whether a name can be taken twice is
   * undocumented: look before you send it again.
   */
  readonly createCompShareTeam: (team: Team.NewTeam) => Answered<Team.Acknowledged>
  /** Renames a team, or describes it anew. Only for its administrator. */
  readonly updateCompShareTeam: (update: Team.TeamUpdate) => Answered<Team.Acknowledged>
  /** Deletes a team for good. Only for its administrator, and only once nobody is in it any more. */
  readonly deleteCompShareTeam: (deletion: Team.TeamDeletion) => Answered<Team.Acknowledged>
  /**
   * Invites up to 100 users. Only for the team's administrator.
   *
   * **Gotchas**
   *
   * Success means that the request was carried out, not that it was for everybody: look at
   * `failedUsers`. Somebody who is invited has no `virtualCompanyId` before the invitation is accepted.
   */
  readonly createCompShareTeamRelation: (
    invitation: Team.TeamInvitation
  ) => Answered<Team.TeamInvitationAnswer>
  /**
   * Accepts, rejects, withdraws or sends an invitation, or renames a member. CompShare documents no
   * way to remove a member who has joined.
   *
   * @example
   * import { CompShareClient } from "@cloud-quota/compshare"
   * import { Effect } from "effect"
   *
   * export const withdrawn = Effect.gen(function* () {
   *   const client = yield* CompShareClient.CompShareClient
   *   yield* client.setCompShareTeamRelation({ teamId: 1001, status: "Cancel", userCompanyId: 50002 })
   * })
   */
  readonly setCompShareTeamRelation: (change: Team.TeamRelationChange) => Answered<Team.Acknowledged>
  /** One page of what was done to a team. Only for its administrator. */
  readonly listCompShareTeamOperateLog: (
    query: TeamOperateLog.TeamOperateLogQuery & Offset
  ) => Answered<TeamOperateLog.TeamOperateLogPage>
  /** All of what was done to a team, page by page. */
  readonly teamOperateLog: (
    query: TeamOperateLog.TeamOperateLogQuery
  ) => Stream.Stream<TeamOperateLog.TeamOperateLogEntry, CloudQuotaError>

  /** One page of a member's orders. */
  readonly describeTeamMemberOrder: (
    query: TeamOrder.TeamMemberOrderQuery & Offset
  ) => Answered<TeamOrder.TeamMemberOrderPage>
  /** All of a member's orders, page by page. */
  readonly teamMemberOrders: (
    query: TeamOrder.TeamMemberOrderQuery
  ) => Stream.Stream<TeamOrder.TeamMemberOrder, CloudQuotaError>
  /** What a member's orders come to. */
  readonly describeTeamMemberOrderCount: (
    query: TeamOrder.TeamMemberOrderCountQuery
  ) => Answered<TeamOrder.TeamMemberOrderCount>
  /** One page of a member's unpaid orders. */
  readonly describeTeamMemberUnpaidOrder: (
    query: TeamOrder.TeamMemberOrderQuery & Offset
  ) => Answered<TeamOrder.TeamMemberUnpaidOrderPage>
  /** All of a member's unpaid orders, page by page. */
  readonly teamMemberUnpaidOrders: (
    query: TeamOrder.TeamMemberOrderQuery
  ) => Stream.Stream<TeamOrder.TeamMemberUnpaidOrder, CloudQuotaError>
  /** What a member's unpaid orders come to. */
  readonly describeTeamMemberUnpaidOrderCount: (
    query: TeamOrder.TeamMemberUnpaidOrderCountQuery
  ) => Answered<TeamOrder.TeamMemberUnpaidOrderCount>
  /** What kinds of things a member has ordered. */
  readonly listMemberProductType: (
    query: TeamOrder.MemberProductTypeQuery
  ) => Answered<TeamOrder.MemberProductTypes>
  /** The bill of a team, or of one member, as CSV. */
  readonly downloadTeamOrder: (query?: TeamOrder.TeamOrderDownload) => Answered<TeamOrder.TeamOrderFile>

  /** The zones of the platform. It needs good keys and nothing else, so it also tells whether they are. */
  readonly describeCompShareSupportZone: Answered<Instance.SupportZones>
  /** One page of the account's instances, in every region unless one is named. */
  readonly describeCompShareInstance: (
    query?: Instance.InstanceQuery & Offset
  ) => Answered<Instance.InstancePage>
  /** All of the account's instances, page by page, in every region unless one is named. */
  readonly compShareInstances: (
    query?: Instance.InstanceQuery
  ) => Stream.Stream<Instance.Instance, CloudQuotaError>
  /** What a new instance would cost. */
  readonly getCompShareInstancePrice: (
    query: InstancePrice.InstancePriceQuery
  ) => Answered<InstancePrice.InstancePrices>
  /** What an instance costs this account. */
  readonly getCompShareInstanceUserPrice: (
    query: InstancePrice.InstanceUserPriceQuery
  ) => Answered<InstancePrice.InstancePrices>
  /** What the change of an instance would cost, or give back. */
  readonly getCompShareInstanceUpgradePrice: (
    query: InstancePrice.InstanceUpgradePriceQuery
  ) => Answered<InstancePrice.InstanceUpgradePrice>
  /** What enlarging an attached disk would cost. */
  readonly getCompShareAttachedDiskUpgradePrice: (
    query: InstancePrice.AttachedDiskUpgradePriceQuery
  ) => Answered<InstancePrice.AttachedDiskUpgradePrice>
  /** What deleting instances would give back. */
  readonly getCompShareRefundPrice: (
    query: InstancePrice.RefundPriceQuery
  ) => Answered<InstancePrice.RefundPrices>

  /**
   * What the account of the keys has to pay with.
   *
   * **Gotchas**
   *
   * The action belongs to UCloud's billing service. Whether CompShare's endpoint serves it is not
   * documented: where it does not, this fails, as `InvalidRequest` with RetCode 161.
   */
  readonly getBalance: Answered<AccountBalance.AccountBalance>
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
   *   return yield* client.call("DescribeCompShareGpuInventory", {}, { safety: "read" })
   * })
   */
  readonly call: (
    action: string,
    params?: Signature.Params,
    options?: { readonly safety?: Retry.Safety }
  ) => Answered<Answer>
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
  /** How fast requests may follow each other. `adaptive` by default. */
  readonly rateLimit?: RateLimit.Policy
  /** When reads fail at once, since the provider does not answer. After 5 failures in a row by default. */
  readonly circuitBreaker?: CircuitBreaker.Policy
}

const defaultReadTimeout = Duration.seconds(30)

/** Makes a client. Fails, before anything is sent, if an option cannot be right. */
export const make = Effect.fnUntraced(function* (options: Options) {
  const settings = yield* Effect.fromResult(decodeOptions(options))
  const transport = yield* Transport.Transport
  const rateLimit = yield* Effect.fromResult(RateLimit.make(provider, options.rateLimit))
  const circuitBreaker = yield* Effect.fromResult(CircuitBreaker.make(provider, options.circuitBreaker))
  const retry = Retry.guarded(Retry.make(options.retry), { rateLimit, circuitBreaker })
  const readTimeout = options.timeout ?? defaultReadTimeout
  const requests = makeRequests({ settings, transport, retry, readTimeout })

  /** An operation: its parameters are checked, then it is sent in its safety class. */
  const operation = <Query, Params extends Signature.Params, A extends object>(
    action: string,
    safety: Safety | ((params: Params) => Safety),
    names: Readonly<Record<string, true>>,
    check: (query: Query) => Checked<Params>,
    decode: (fields: Answer["fields"], params: Params, answer: Answer) => Result.Result<A, string>
  ) =>
    Effect.fn(spanOf(action))(function* (query: Query) {
      yield* Effect.fromResult(checkNames(action, query, names))
      const params = yield* Effect.fromResult(check(query))
      return yield* requests.send(
        typeof safety === "function" ? safety(params) : safety,
        { action, params },
        (answer) => decode(answer.fields, params, answer)
      )
    })

  /** An operation whose times may be absent. */
  const inTime =
    <Query extends Partial<Seconds>, A>(send: (query: Query) => Answered<A>) =>
    (query: Query): Answered<A> =>
      Effect.flatMap(withTimes(query), send)

  /** All pages of a listing within the same times. */
  const allInTime = <Query extends Partial<Seconds>, A>(
    query: Query,
    pages: (query: Query) => Stream.Stream<A, CloudQuotaError>
  ) => Stream.unwrap(Effect.map(withTimes(query), pages))

  const changeOver = Effect.fnUntraced(function* (
    change: TeamAmount.TeamAmount,
    { check, line }: TeamAmount.Over
  ) {
    const params = yield* Effect.fromResult(TeamParams.amount(settings, change))
    return yield* Effect.gen(function* () {
      // It had its turn before there was a line: from arming to sending nothing may wait.
      const { answer, exchange } = yield* rateLimit.observe(
        requests.sendOnce({ action: changeAction, mutates: true, params }, (request) =>
          line.send(request, check)
        )
      )
      const failedMembers = TeamRows.failedMembers(answer.fields, params.VirtualCompanyId)
      if (Result.isFailure(failedMembers)) return yield* malformed(exchange, answer, failedMembers.failure)
      const { httpStatus, requestId } = answer
      return { httpStatus, failedMembers: failedMembers.success, ...defined({ requestId }) }
    }).pipe(
      // What still waits to be sent must not arrive after we gave up on it.
      Effect.tapError((error) => (error.money === "unknown" ? line.reset : Effect.void))
    )
  })

  const teams = {
    listCompShareTeam: operation("ListCompShareTeam", "read", {}, nothing, TeamRows.teams)(undefined),
    listCompShareTeamJoined: operation(
      "ListCompShareTeamJoined",
      "read",
      Names.joined,
      TeamParams.joined,
      TeamRows.memberships
    ),
    listCompShareTeamInvite: operation(
      "ListCompShareTeamInvite",
      "read",
      Names.invites,
      TeamParams.invites,
      TeamRows.invites
    ),
    getCompShareTeamInfo: operation(
      "GetCompShareTeamInfo",
      "read",
      Names.info,
      TeamParams.info,
      TeamRows.teamInfo
    ),
    createCompShareTeam: operation(
      "CreateCompShareTeam",
      "create",
      Names.newTeam,
      TeamParams.create,
      TeamRows.acknowledged
    ),
    updateCompShareTeam: operation(
      "UpdateCompShareTeam",
      "idempotent-write",
      Names.update,
      (update: Team.TeamUpdate) => TeamParams.update(settings, update),
      TeamRows.acknowledged
    ),
    deleteCompShareTeam: operation(
      "DeleteCompShareTeam",
      "create",
      Names.deletion,
      TeamParams.remove,
      TeamRows.acknowledged
    ),
    createCompShareTeamRelation: operation(
      "CreateCompShareTeamRelation",
      "create",
      Names.invitation,
      (invitation: Team.TeamInvitation) => TeamParams.invite(settings, invitation),
      (fields, { UserInfo }) =>
        Result.map(
          TeamRows.failedUsers(
            fields,
            UserInfo.map(({ UserCompanyId }) => UserCompanyId)
          ),
          (failedUsers) => ({ failedUsers })
        )
    ),
    setCompShareTeamRelation: operation(
      "SetCompShareTeamRelation",
      // A name may be written twice. An invitation that is answered or withdrawn twice may be another one.
      ({ Status }) => (Status === "UpdateRemarkName" ? "idempotent-write" : "create"),
      Names.relation,
      (change: Team.TeamRelationChange) => TeamParams.relation(settings, change),
      TeamRows.acknowledged
    ),
    listCompShareTeamOperateLog: inTime(
      operation(
        "ListCompShareTeamOperateLog",
        "read",
        Names.operateLog,
        (query: TeamOperateLog.TeamOperateLogQuery & Offset) => TeamParams.operateLog(settings, query),
        (fields, _, { answeredAt }) =>
          Result.map(TeamRows.operateLogPage(fields), (page) => ({ ...page, ...defined({ answeredAt }) }))
      )
    )
  }

  const orders = {
    describeTeamMemberOrder: inTime(
      operation(
        "DescribeTeamMemberOrder",
        "read",
        Names.orders,
        (query: TeamOrder.TeamMemberOrderQuery & Offset) =>
          OrderParams.orders("DescribeTeamMemberOrder", settings, query),
        OrderRows.orderPage
      )
    ),
    describeTeamMemberOrderCount: inTime(
      operation(
        "DescribeTeamMemberOrderCount",
        "read",
        Names.orderCount,
        (query: TeamOrder.TeamMemberOrderCountQuery) => OrderParams.orderCount(settings, query),
        OrderRows.orderCount
      )
    ),
    describeTeamMemberUnpaidOrder: inTime(
      operation(
        "DescribeTeamMemberUnpaidOrder",
        "read",
        Names.orders,
        (query: TeamOrder.TeamMemberOrderQuery & Offset) =>
          OrderParams.orders("DescribeTeamMemberUnpaidOrder", settings, query),
        OrderRows.unpaidOrderPage
      )
    ),
    describeTeamMemberUnpaidOrderCount: inTime(
      operation(
        "DescribeTeamMemberUnpaidOrderCount",
        "read",
        Names.unpaidOrderCount,
        (query: TeamOrder.TeamMemberUnpaidOrderCountQuery) => OrderParams.unpaidOrderCount(settings, query),
        OrderRows.unpaidOrderCount
      )
    ),
    listMemberProductType: inTime(
      operation(
        "ListMemberProductType",
        "read",
        Names.productTypes,
        (query: TeamOrder.MemberProductTypeQuery) => OrderParams.productTypes(settings, query),
        OrderRows.productTypes
      )
    )
  }

  const instances = {
    describeCompShareSupportZone: operation(
      "DescribeCompShareSupportZone",
      "read",
      {},
      nothing,
      InstanceRows.supportZones
    )(undefined),
    describeCompShareInstance: operation(
      "DescribeCompShareInstance",
      "read",
      Names.instances,
      InstanceParams.instances,
      InstanceRows.instancePage
    ),
    getCompShareInstancePrice: operation(
      "GetCompShareInstancePrice",
      "read",
      Names.price,
      InstanceParams.instancePrice,
      InstanceRows.instancePrices
    ),
    getCompShareInstanceUserPrice: operation(
      "GetCompShareInstanceUserPrice",
      "read",
      Names.userPrice,
      InstanceParams.instanceUserPrice,
      InstanceRows.instancePrices
    ),
    getCompShareInstanceUpgradePrice: operation(
      "GetCompShareInstanceUpgradePrice",
      "read",
      Names.upgradePrice,
      InstanceParams.instanceUpgradePrice,
      InstanceRows.instanceUpgradePrice
    ),
    getCompShareAttachedDiskUpgradePrice: operation(
      "GetCompShareAttachedDiskUpgradePrice",
      "read",
      Names.diskUpgradePrice,
      InstanceParams.attachedDiskUpgradePrice,
      InstanceRows.attachedDiskUpgradePrice
    ),
    getCompShareRefundPrice: operation(
      "GetCompShareRefundPrice",
      "read",
      Names.refundPrice,
      InstanceParams.refundPrice,
      InstanceRows.refundPrices
    )
  }

  const turn = rateLimit.turn(changeAction)
  const connect = requests.connect(changeAction)

  const service: Service = {
    endpoint: settings.endpoint,
    ...defined({ teamId: settings.teamId }),
    turn,
    connect,
    setCompShareTeamAmount: Effect.fn(spanOf(changeAction))(function* (change, over) {
      // Before its turn and a connection are taken.
      yield* Effect.fromResult(checkNames(changeAction, change, Names.amount, "change"))
      yield* Effect.fromResult(checkNames(changeAction, over, { line: true, check: true }, "over"))
      if (over !== undefined) return yield* changeOver(change, over)
      yield* turn
      return yield* Effect.scoped(
        Effect.flatMap(connect, (line) => changeOver(change, { line, check: () => true }))
      )
    }),
    ...teams,
    teamOperateLog: (query) =>
      allInTime(query, (query) =>
        allPages({ action: "ListCompShareTeamOperateLog", limit: query.limit, key: wholeRow }, (place) =>
          Effect.map(teams.listCompShareTeamOperateLog({ ...query, ...place }), ({ entries, ...page }) => ({
            ...page,
            rows: entries
          }))
        )
      ),
    ...orders,
    teamMemberOrders: (query) =>
      allInTime(query, (query) =>
        allPages({ action: "DescribeTeamMemberOrder", limit: query.limit, key: orderNo }, (place) =>
          Effect.map(orders.describeTeamMemberOrder({ ...query, ...place }), ({ orders: rows, ...page }) => ({
            ...page,
            rows
          }))
        )
      ),
    teamMemberUnpaidOrders: (query) =>
      allInTime(query, (query) =>
        allPages({ action: "DescribeTeamMemberUnpaidOrder", limit: query.limit, key: orderNo }, (place) =>
          Effect.map(
            orders.describeTeamMemberUnpaidOrder({ ...query, ...place }),
            ({ orders: rows, ...page }) => ({ ...page, rows })
          )
        )
      ),
    downloadTeamOrder: Effect.fn(spanOf("DownloadTeamOrder"))(function* (query = {}) {
      yield* Effect.fromResult(checkNames("DownloadTeamOrder", query, Names.download))
      const params = yield* Effect.fromResult(OrderParams.download(settings, query))
      return yield* requests.download({ action: "DownloadTeamOrder", params })
    }),
    ...instances,
    compShareInstances: (query = {}) =>
      allPages(
        { action: "DescribeCompShareInstance", limit: query.limit, key: ({ uHostId }) => uHostId },
        (place) =>
          Effect.map(
            instances.describeCompShareInstance({ ...query, ...place }),
            ({ instances: rows, ...page }) => ({ ...page, rows })
          )
      ),
    getBalance: operation("GetBalance", "read", {}, nothing, OrderRows.accountBalance)(undefined),
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

/** The classes of what may be sent over the pool. */
type Safety = Exclude<Retry.Safety, "delta">

/** An operation's span has the name of its method. */
const spanOf = (action: string): string =>
  `CompShareClient.${action.slice(0, 1).toLowerCase()}${action.slice(1)}`

/** No parameters at all. */
const nothing = (_: undefined): Checked => Result.succeed({})

const orderNo = (order: { readonly orderNo: string }): string => order.orderNo

/** A client of its own. */
export const layer = (options: Options): Layer.Layer<CompShareClient, CloudQuotaError> =>
  Layer.effect(CompShareClient, make(options))

export { optionsFromConfig }

/**
 * A client of the environment's own options: see {@link optionsFromConfig}. Built anew wherever it is
 * provided, since another environment may be in force there.
 */
export const layerConfig: Layer.Layer<CompShareClient, CloudQuotaError> = Layer.fresh(
  Layer.effect(CompShareClient, Effect.flatMap(optionsFromConfig, make))
)
