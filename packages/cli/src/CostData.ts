/** Orders as cost data of the FOCUS specification. */
import type * as Billing from "@cloud-quota/core/Billing"
import * as Focus from "@cloud-quota/core/Focus"
import type * as Period from "@cloud-quota/core/Period"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Listing from "./Listing.ts"
import * as Output from "./Output.ts"
import * as Session from "./Session.ts"

/** Facts about a cloud that its orders do not contain. */
const services: Readonly<Record<string, Focus.Service>> = {
  compshare: {
    serviceProviderName: "UCloud",
    serviceName: "CompShare",
    serviceCategory: "Compute",
    usageChargeTypes: ["Dynamic", "Postpay", "Spot"]
  },
  metastudio: {
    serviceProviderName: "Huawei Cloud",
    serviceName: "MetaStudio",
    serviceCategory: "AI and Machine Learning"
  }
}

const view: Output.View<Focus.Row> = { table: Focus.table, nothing: "no orders in this period" }

/** Writes the cost of all chosen accounts as one data set: as CSV by default. */
export const write = (
  flags: Output.FormatFlags & Listing.PeriodFlags,
  filterOf: (period: Period.Input) => Billing.OrderFilter
) =>
  Listing.start(
    // The specification's rows are neither the provider's rows nor a table for people.
    { ...flags, csv: flags.csv || !(flags.json || flags.ndjson) },
    Effect.fnUntraced(function* (format, opened) {
      const { period, session } = yield* Listing.meant(flags, opened)
      const { zone } = session
      const rows = Session.rows(session, ({ billing, identity }) =>
        billing.orders(filterOf(period)).pipe(
          Focus.rows({
            zone: DateTime.zoneToString(zone),
            billingAccountId: identity.scope,
            ...(services[identity.provider] ?? {
              serviceProviderName: identity.provider,
              serviceName: identity.provider,
              serviceCategory: "Other"
            })
          })
        )
      )
      yield* Output.write(view, { format, zone }, rows)
      yield* Session.end(session)
    })
  )
