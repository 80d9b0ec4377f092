/** Usage over time, by member if MetaStudio reports it. */
import type { Usage } from "@cloud-quota/core/Billing"
import { CloudQuotaError, PreconditionFailed } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import type { MemberId } from "@cloud-quota/core/Member"
import type { Period } from "@cloud-quota/core/Period"
import type * as Operation from "@cloud-quota/core/adapter/Operation"
import type * as Pages from "@cloud-quota/core/adapter/Pages"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { metricOf } from "../api/quotas.ts"
import type { ResourceUsage, tenantOperations } from "../api/tenant.ts"
import type { MetaStudioClient } from "../api/MetaStudioClient.ts"
import { malformed, provider } from "../api/errors.ts"
import { type Isolation, remedy } from "./isolation.ts"
import { listedId } from "./memberId.ts"
import { known } from "../api/known.ts"
import { isWithin, widened } from "./spans.ts"
import { inUnit } from "./units.ts"

const operation = "ShowUsageData"

/**
 * The usage of a driver. MetaStudio applies the user filter only for the root account, and only while
 * sub-accounts are isolated. Otherwise it would report the usage of all users.
 */
export const makeUsage = (
  client: MetaStudioClient["Service"],
  isolation: Isolation
): Required<Pick<Driver, "listUsage">> => {
  const usageIn = (period: Period, member?: MemberId): Stream.Stream<Usage, CloudQuotaError> => {
    const { end, start } = widened(period)
    const of = member === undefined ? {} : { user_id: member }
    return client.stream.showUsageData({ ...of, start_time: start, end_time: end, unit: "MIN" }).pipe(
      Stream.filter(({ time }) => isWithin(period)(time)),
      Stream.flatMap((span) => Stream.fromIterable(rowsOf(span))),
      Stream.mapEffect((row) => usageOf(row, member))
    )
  }

  return {
    listUsage: ({ member, period }) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const isIsolated = (yield* isolation.state) === "on"
          if (member !== undefined) {
            if (!isIsolated) return yield* notByMember
            // Only the root account may list quotas: any other caller is refused here.
            yield* client.listUserQuotas({ user_id: member, limit: 1 })
            return usageIn(period, member)
          }
          if (!isIsolated) return usageIn(period)
          return client.stream.listUserQuotas().pipe(
            Stream.mapEffect((row) => listedId("ListUserQuotas", row.user_id)),
            Stream.flatMap((id) => usageIn(period, id))
          )
        })
      )
  }
}

interface Row {
  readonly time: DateTime.Utc
  readonly row: ResourceUsage
  readonly details: Operation.Fields
}

const rowsOf = ({
  raw,
  resources_usage: rows,
  time
}: Pages.Row<typeof tenantOperations.showUsageData>): ReadonlyArray<Row> => {
  const listed = raw["resources_usage"]
  const all: ReadonlyArray<Operation.Fields> = Array.isArray(listed) ? listed : []
  return (rows ?? []).map((row, index) => ({ time, row, details: all[index] ?? {} }))
}

const usageOf = (
  { details, row, time }: Row,
  member: MemberId | undefined
): Effect.Effect<Usage, CloudQuotaError> => {
  const used = inUnit(row.unit, row.usage)
  const product = known(row.resource_type) ?? known(row.business_type)
  if (used === undefined || product === undefined) {
    const message = "the listing is not what is documented: a row does not tell what was used, or how much"
    return Effect.fail(malformed({ operation, money: "not-moved", message }))
  }
  const metric = metricOf(row.resource_type)
  return Effect.succeed({
    product,
    used,
    at: time,
    details,
    ...defined({ member, metric: metric?.unit === used.unit ? metric.id : undefined })
  })
}

const notByMember = new CloudQuotaError({
  provider,
  operation,
  money: "not-moved",
  reason: new PreconditionFailed({
    message: `MetaStudio tells whose use it is only while sub-account isolation is switched on, and it is not seen to be. Leave the member out for the use of the whole project; or, ${remedy}`
  })
})
