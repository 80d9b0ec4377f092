/**
 * What would come back for instances: those that are named, or those that a member has ordered.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { RefundQuote } from "@cloud-quota/core/Billing"
import { type CloudQuotaError, MalformedResponse, NotFound } from "@cloud-quota/core/CloudQuotaError"
import type { Driver } from "@cloud-quota/core/Driver"
import type { MemberId } from "@cloud-quota/core/Member"
import type { Service } from "../CompShareClient.ts"
import type { Instance } from "../Instance.ts"
import type { RefundPrice } from "../InstancePrice.ts"
import { defined } from "./decode.ts"
import { type DriverTeam, failure } from "./driverTeam.ts"

type RefundsOf = Required<Pick<Driver, "refundQuotes" | "memberRefundQuotes">>

/** How many instances are asked about at once. The provider names no bound; its listings have this one. */
const mostInstances = 100

const operation = "billing.refund-quotes-by-member"

export const makeRefunds = (client: Service, team: DriverTeam): RefundsOf => {
  const refundQuotes: RefundsOf["refundQuotes"] = Effect.fnUntraced(function* (request) {
    const { region, resourceIds, zone } = request
    const { refundPrices, requestId } = yield* client.getCompShareRefundPrice({
      zone,
      uHostIds: resourceIds,
      ...defined({ region })
    })
    return yield* Effect.forEach(resourceIds, (resourceId) => {
      const price = refundPrices.find(({ uHostId }) => uHostId === resourceId)
      if (price !== undefined) return Effect.succeed(refundQuote(price))
      const message = `the answer has no quote for ${resourceId}: check its id, and that it is in ${zone}`
      return Effect.fail(failure("billing.refund-quotes", new NotFound({ message }), requestId))
    })
  })

  /** Of these instances, those that the member has ordered at some time. */
  const orderedBy = Effect.fnUntraced(function* (member: MemberId, instances: ReadonlyArray<Instance>) {
    const ids = new Set(instances.map(({ uHostId }) => uHostId))
    const ordered = yield* client
      .teamMemberOrders({
        teamId: team.teamId,
        virtualCompanyId: Number(member),
        orderBy: "create_time",
        orderDir: "ASC"
      })
      .pipe(
        Stream.filter(({ resourceId }) => resourceId !== undefined && ids.has(resourceId)),
        Stream.runFold(
          () => new Set<string | undefined>(),
          (found, { resourceId }) => found.add(resourceId)
        )
      )
    return instances.filter(({ uHostId }) => ordered.has(uHostId))
  })

  /** Where an instance is. Its region is not on the vendor's page, so the list of zones is asked if need be. */
  const places = Effect.fnUntraced(function* (instances: ReadonlyArray<Instance>) {
    const zones = instances.every(({ region }) => region !== undefined)
      ? []
      : (yield* client.describeCompShareSupportZone).zones
    return yield* Effect.forEach(instances, ({ region, uHostId, zone }) => {
      const known = region ?? zones.find((one) => one.zone === zone)?.region
      return zone === undefined || known === undefined
        ? Effect.fail(withoutPlace(uHostId))
        : Effect.succeed({ uHostId, zone, region: known })
    })
  })

  const memberRefundQuotes = Effect.fnUntraced(function* (member: MemberId) {
    yield* team.relationOf(operation, member)
    const instances = yield* Stream.runCollect(client.compShareInstances())
    const own = yield* places(yield* orderedBy(member, instances))
    const requests = Object.values(Arr.groupBy(own, ({ region, zone }) => `${region}/${zone}`)).flatMap(
      (group) =>
        Arr.chunksOf(group, mostInstances).map((some) => ({
          region: some[0].region,
          zone: some[0].zone,
          resourceIds: some.map(({ uHostId }) => uHostId)
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

const refundQuote = ({ code, message, refundPrice, uHostId }: RefundPrice): RefundQuote => ({
  resourceId: uHostId,
  refundable: code === 0,
  ...defined({ message, amount: code === 0 ? refundPrice : undefined })
})
