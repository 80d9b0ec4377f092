/** The refund quotes of instances: of instances given by id, or of all that a member has ordered. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { RefundQuote } from "@cloud-quota/core/Billing"
import { type CloudQuotaError, MalformedResponse, NotFound } from "@cloud-quota/core/CloudQuotaError"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import type { MemberId } from "@cloud-quota/core/Member"
import type { Instance } from "../api/instance.ts"
import type { RefundPrice } from "../api/price.ts"
import type { Service } from "../api/CompShareClient.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { type DriverTeam, failure } from "./team.ts"

type RefundsOf = Required<Pick<Driver, "refundQuotes" | "memberRefundQuotes">>

/** How many instances one request asks about. The provider documents no bound; its listings have this one. */
const mostInstances = 100

const operation = "billing.refund-quotes-by-member"

export const makeRefunds = (client: Service, team: DriverTeam): RefundsOf => {
  const refundQuotes: RefundsOf["refundQuotes"] = Effect.fnUntraced(function* (request) {
    const { region, resourceIds, zone } = request
    const { RefundPriceSet, requestId, unreadable } = yield* client.getCompShareRefundPrice({
      Zone: zone,
      UHostIds: resourceIds,
      ...defined({ Region: region })
    })
    return yield* Effect.forEach(resourceIds, (resourceId) => {
      const price = RefundPriceSet.find(({ UHostId }) => UHostId === resourceId)
      if (price !== undefined) return Effect.succeed(refundQuote(price))
      if (unreadable[0] !== undefined) {
        const message = `the quote for ${resourceId} cannot be read for certain: RefundPriceSet[${unreadable[0].index}]: ${unreadable[0].problem}`
        return Effect.fail(failure("billing.refund-quotes", new MalformedResponse({ message }), requestId))
      }
      const message = `the answer has no quote for ${resourceId}: check its id, and that it is in ${zone}`
      return Effect.fail(failure("billing.refund-quotes", new NotFound({ message }), requestId))
    })
  })

  /** Returns those of these instances that the member has ever ordered. */
  const orderedBy = Effect.fnUntraced(function* (member: MemberId, instances: ReadonlyArray<Instance>) {
    const ids = new Set(instances.map(({ UHostId }) => UHostId))
    const ordered = yield* client.stream
      .describeTeamMemberOrder({
        TeamId: team.teamId,
        VirtualCompanyId: Number(member),
        OrderBy: "create_time",
        OrderDir: "ASC"
      })
      .pipe(
        Stream.map(({ ResourceId }) => ResourceId ?? ""),
        Stream.filter((id) => ids.has(id)),
        Stream.runFold(
          () => new Set<string>(),
          (found, id) => found.add(id)
        )
      )
    return instances.filter(({ UHostId }) => ordered.has(UHostId))
  })

  /**
   * Locates instances. The vendor's page does not document their region, so the list of zones is read if one
   * is missing.
   */
  const places = Effect.fnUntraced(function* (instances: ReadonlyArray<Instance>) {
    const zones = instances.every(({ Region }) => typeof Region === "string")
      ? []
      : (yield* client.describeCompShareSupportZone()).ZoneInfo
    return yield* Effect.forEach(instances, ({ Region, UHostId, Zone }) => {
      const zone = Zone ?? undefined
      const region = Region ?? zones.find((one) => one.Zone === zone)?.Region
      return zone === undefined || region === undefined
        ? Effect.fail(withoutPlace(UHostId))
        : Effect.succeed({ id: UHostId, zone, region })
    })
  })

  const memberRefundQuotes = Effect.fnUntraced(function* (member: MemberId) {
    yield* team.relationOf(operation, member)
    const instances = yield* Stream.runCollect(client.stream.describeCompShareInstance())
    const own = yield* places(yield* orderedBy(member, instances))
    const requests = Object.values(Arr.groupBy(own, ({ region, zone }) => `${region}/${zone}`)).flatMap(
      (group) =>
        Arr.chunksOf(group, mostInstances).map((some) => ({
          region: some[0].region,
          zone: some[0].zone,
          resourceIds: some.map(({ id }) => id)
        }))
    )
    return (yield* Effect.forEach(requests, refundQuotes)).flat()
  })

  return { refundQuotes, memberRefundQuotes }
}

const withoutPlace = (uHostId: string): CloudQuotaError => {
  const message = `the answer does not tell in which zone ${uHostId} is, which a quote is asked by`
  return failure(operation, new MalformedResponse({ message }))
}

const refundQuote = ({
  Code,
  ErrMessage,
  Message,
  RefundPrice: price,
  UHostId
}: RefundPrice): RefundQuote => ({
  resourceId: UHostId,
  refundable: Code === 0,
  ...defined({
    message: Message || ErrMessage || undefined,
    amount: Code === 0 ? (price ?? undefined) : undefined
  })
})
