/** `cloud-quota refunds`, `entitlements`, `balance`, `usage` and `cost`: money, and purchases. */
import type * as Billing from "@cloud-quota/core/Billing"
import * as Tables from "@cloud-quota/core/Tables"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Usage } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Listing from "../Listing.ts"
import type * as Output from "../Output.ts"
import * as Times from "../Times.ts"

const refundsView: Output.View<Billing.RefundQuote> = {
  table: Tables.refundQuotes,
  spare: ["message"],
  nothing: "no resources to be refunded"
}

export const refunds = Command.make(
  "refunds",
  {
    ...Flags.output,
    member: Flags.member,
    zone: Flag.String("zone").pipe(
      Flag.withMetavar("ZONE"),
      Flag.withDescription("The provider's zone that the resources are in, as cn-wlcb-01"),
      Flag.optional
    ),
    region: Flag.String("region").pipe(
      Flag.withMetavar("REGION"),
      Flag.withDescription("The region of the zone, where it does not follow from the zone's name"),
      Flag.optional
    ),
    resources: Argument.String("resource").pipe(
      Argument.withDescription("Ids of resources in the zone"),
      Argument.variadic()
    )
  },
  ({ member, region, resources, zone, ...flags }) =>
    Effect.gen(function* () {
      const request = yield* requestOf({ member, region, resources, zone })
      yield* Listing.run(flags, refundsView, ({ billing }) =>
        Stream.fromIterableEffect(billing.refundQuotes(request))
      )
    })
).pipe(
  Command.withDescription("Quote what would come back if resources were given up now. Nothing is given up"),
  Command.withExamples([
    { command: "cloud-quota refunds --member ada@example.com -a gpu" },
    { command: "cloud-quota refunds --zone cn-wlcb-01 uhost-1 uhost-2 -a gpu" }
  ])
)

const requestOf = (asked: {
  readonly member: Option.Option<string>
  readonly zone: Option.Option<string>
  readonly region: Option.Option<string>
  readonly resources: ReadonlyArray<string>
}): Effect.Effect<Billing.RefundQuoteRequest, Usage> => {
  const { member, region, resources, zone } = asked
  const byResource = Option.isSome(zone) || Option.isSome(region) || resources.length > 0
  if (Option.isSome(member) && !byResource) return Effect.succeed({ member: member.value })
  if (Option.isNone(member) && Option.isSome(zone) && resources.length > 0) {
    return Effect.succeed({
      zone: zone.value,
      resourceIds: resources,
      ...(Option.isSome(region) ? { region: region.value } : {})
    })
  }
  return Effect.fail(new Usage({ message: "give either --member, or --zone and the ids of resources in it" }))
}

const entitlementsView: Output.View<Billing.Entitlement> = {
  table: Tables.entitlements,
  show: ["product", "metric", "total", "used", "available", "status", "expiresAt"],
  whole: ["status", "metric"],
  spare: ["metric", "total", "used", "expiresAt"],
  mark: ({ status }) => (status === "active" ? undefined : "doubtful"),
  nothing: "nothing was bought in advance"
}

export const entitlements = Command.make("entitlements", Flags.outputWithDetails, (flags) =>
  Listing.run(flags, entitlementsView, ({ billing }) => billing.entitlements)
).pipe(
  Command.withDescription("List what was bought in advance, and how much of it is left"),
  Command.withExamples([{ command: "cloud-quota entitlements -a studio" }])
)

/** One part of a balance, or the balance itself if the provider names no parts. */
interface BalanceRow {
  readonly balance: Billing.Balance
  readonly part?: Billing.Balance["parts"][number]
}

const balanceView: Output.View<BalanceRow> = {
  table: {
    columns: [
      { name: "available", kind: "quantity", value: ({ balance }) => balance.available },
      { name: "kind", kind: "text", value: ({ part }) => part?.kind },
      { name: "name", kind: "text", value: ({ part }) => part?.name },
      { name: "amount", kind: "quantity", value: ({ part }) => part?.amount },
      { name: "observedAt", kind: "time", value: ({ balance }) => balance.observedAt }
    ]
  },
  whole: ["kind"],
  spare: ["observedAt", "name"],
  mark: ({ part }) => (part?.kind === "debt" ? "bad" : undefined),
  nothing: "no balance"
}

export const balance = Command.make("balance", Flags.output, (flags) =>
  Listing.run(flags, balanceView, ({ billing }) =>
    Stream.fromIterableEffect(
      Effect.map(
        billing.balance,
        (balance): ReadonlyArray<BalanceRow> =>
          balance.parts.length === 0 ? [{ balance }] : balance.parts.map((part) => ({ balance, part }))
      )
    )
  )
).pipe(
  Command.withDescription(
    "Show what there is to pay with: what can be spent in one number, where the provider tells it, and its parts"
  ),
  Command.withExamples([{ command: "cloud-quota balance --json" }])
)

const usageView: Output.View<Billing.Usage> = {
  table: Tables.usage,
  whole: ["metric"],
  spare: ["person", "metric"],
  nothing: "nothing was used in this period"
}

export const usage = Command.make(
  "usage",
  { ...Flags.outputWithDetails, period: Flags.period, zone: Flags.zone, member: Flags.member },
  ({ member, ...flags }) =>
    Listing.inPeriod(flags, usageView, ({ billing }, period) =>
      billing.usage({ period, ...(Option.isSome(member) ? { member: member.value } : {}) })
    )
).pipe(
  Command.withDescription("List what was used in a period, and by whom"),
  Command.withExamples([{ command: "cloud-quota usage --period 30d -a studio" }])
)

const costView: Output.View<Billing.Cost> = {
  table: Tables.costs,
  spare: ["resourceId", "person", "amount"],
  nothing: "nothing cost anything in this month"
}

export const cost = Command.make(
  "cost",
  {
    ...Flags.outputWithDetails,
    month: Flag.String("month").pipe(
      Flag.withMetavar("MONTH"),
      Flag.withDescription(
        "Which month, in Beijing's time as on the bills: 2026-11, last-month (the default) or this-month"
      ),
      Flag.withDefault("last-month")
    ),
    member: Flags.member
  },
  ({ member, month: text, ...flags }) =>
    Effect.gen(function* () {
      const month = yield* Effect.fromResult(Times.monthOf(text, yield* DateTime.now))
      yield* Listing.run(flags, costView, ({ billing }) =>
        billing.monthlyCost({ month, ...(Option.isSome(member) ? { member: member.value } : {}) })
      )
    })
).pipe(
  Command.withDescription("List what a month cost"),
  Command.withExamples([
    { command: "cloud-quota cost", description: "Last month" },
    { command: "cloud-quota cost --month 2026-11 --csv > november.csv" }
  ])
)
