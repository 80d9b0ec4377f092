/** `cloud-quota orders`, `totals` and `unpaid`: orders, and their totals. */
import * as Billing from "@cloud-quota/core/Billing"
import type * as Period from "@cloud-quota/core/Period"
import type { Quantity } from "@cloud-quota/core/Quantity"
import * as Tables from "@cloud-quota/core/Tables"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as CostData from "../CostData.ts"
import * as Flags from "../Flags.ts"
import * as Listing from "../Listing.ts"
import * as Output from "../Output.ts"
import * as Session from "../Session.ts"

const kinds = ["buy", "renew", "change", "refund", "usage", "other"] as const
const statuses = ["unpaid", "processing", "done", "canceled", "other"] as const

/** The filters for orders. */
const filterFlags = {
  period: Flags.period,
  zone: Flags.zone,
  member: Flags.member,
  kind: Flags.words("kind", kinds, "Only orders of this kind; may be given several times"),
  status: Flags.words("status", statuses, "Only orders that stand so; may be given several times"),
  state: Flags.texts("state", "The same in the provider's own word"),
  chargeType: Flags.texts("charge-type", "Only what is charged so, in the provider's own word"),
  resource: Flags.texts("resource", "Only orders of this resource; may be given several times")
}

interface FilterFlags {
  readonly member: Option.Option<string>
  readonly kind: ReadonlyArray<Billing.OrderKind>
  readonly status: ReadonlyArray<Billing.OrderStatus>
  readonly state: ReadonlyArray<string>
  readonly chargeType: ReadonlyArray<string>
  readonly resource: ReadonlyArray<string>
}

const filterOf = (flags: FilterFlags, period: Period.Input): Billing.OrderFilter => ({
  period,
  ...(Option.isSome(flags.member) ? { member: flags.member.value } : {}),
  ...(flags.kind.length > 0 ? { kinds: flags.kind } : {}),
  ...(flags.status.length > 0 ? { statuses: flags.status } : {}),
  ...(flags.state.length > 0 ? { states: flags.state } : {}),
  ...(flags.chargeType.length > 0 ? { chargeTypes: flags.chargeType } : {}),
  ...(flags.resource.length > 0 ? { resourceIds: flags.resource } : {})
})

const ordersView: Output.View<Billing.Order> = {
  table: Tables.orders,
  show: ["createdAt", "id", "member", "person", "kind", "status", "amount", "paid", "product", "resourceId"],
  whole: ["kind", "status"],
  spare: ["resourceId", "amount", "person", "product", "id", "kind"],
  mark: ({ status }) => (status === "unpaid" ? "doubtful" : undefined),
  nothing: "no orders in this period"
}

export const orders = Command.make(
  "orders",
  {
    ...Flags.outputWithDetails,
    ...filterFlags,
    focus: Flag.Boolean("focus").pipe(
      Flag.withDescription("Write cost data by the FOCUS specification, as CSV unless --json or --ndjson"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  ({ focus, ...flags }) =>
    focus
      ? CostData.write(flags, (period) => filterOf(flags, period))
      : Listing.inPeriod(flags, ordersView, ({ billing }, period) => billing.orders(filterOf(flags, period)))
).pipe(
  Command.withDescription("List the orders of a period"),
  Command.withExamples([
    { command: "cloud-quota orders --period last-month", description: "Everybody's, on every cloud" },
    { command: "cloud-quota orders --period 2026-11 --member ada@example.com --kind buy --kind renew" },
    { command: "cloud-quota orders --period 2026-11-01..2026-11-08 --zone UTC --ndjson --details" },
    { command: "cloud-quota orders --period 2026-11 --focus > costs.csv", description: "FOCUS cost data" }
  ])
)

/** The totals of one account in one currency. */
interface Total {
  readonly count: number
  readonly amount?: Quantity
  readonly paid?: Quantity
  readonly verdict: Billing.OrderTotals["verdict"]
  readonly toldCount?: number
  readonly toldAmount?: Quantity
  readonly toldPaid?: Quantity
}

const totalsView: Output.View<Total> = {
  table: {
    columns: [
      { name: "count", kind: "integer", value: ({ count }) => count },
      { name: "amount", kind: "quantity", value: ({ amount }) => amount },
      { name: "paid", kind: "quantity", value: ({ paid }) => paid },
      { name: "verdict", kind: "text", value: ({ verdict }) => verdict },
      { name: "toldCount", kind: "integer", value: ({ toldCount }) => toldCount },
      { name: "toldAmount", kind: "quantity", value: ({ toldAmount }) => toldAmount },
      { name: "toldPaid", kind: "quantity", value: ({ toldPaid }) => toldPaid }
    ]
  },
  whole: ["verdict"],
  spare: ["toldCount", "toldPaid", "toldAmount"],
  mark: ({ verdict }) => (verdict === "differs" ? "bad" : undefined),
  nothing: "no totals"
}

/** One row per currency; the count covers all of them. */
const toRows = ({ amount, count, paid, told, verdict }: Billing.OrderTotals): ReadonlyArray<Total> => {
  const sums = [amount, paid, told?.amount ?? [], told?.paid ?? []]
  const currencies = [...new Set(sums.flatMap((some) => some.map(({ unit }) => unit)))]
  const rows = currencies.map((currency): Total => {
    const [inAmount, inPaid, toldAmount, toldPaid] = sums.map((some) =>
      some.find(({ unit }) => unit === currency)
    )
    return {
      count,
      verdict,
      ...(inAmount && { amount: inAmount }),
      ...(inPaid && { paid: inPaid }),
      ...(told && { toldCount: told.count }),
      ...(toldAmount && { toldAmount }),
      ...(toldPaid && { toldPaid })
    }
  })
  return rows.length > 0 ? rows : [{ count, verdict, ...(told && { toldCount: told.count }) }]
}

/** The sums of a group in one currency. */
interface Group {
  readonly account?: string
  readonly member?: string
  readonly name?: string
  readonly person?: string
  readonly count: number
  readonly amount?: Quantity
  readonly paid?: Quantity
}

const groupsView: Output.View<Group> = {
  table: {
    columns: [
      { name: "account", kind: "text", value: ({ account }) => account },
      { name: "member", kind: "text", value: ({ member }) => member },
      { name: "name", kind: "text", value: ({ name }) => name },
      { name: "person", kind: "text", value: ({ person }) => person },
      { name: "count", kind: "integer", value: ({ count }) => count },
      { name: "amount", kind: "quantity", value: ({ amount }) => amount },
      { name: "paid", kind: "quantity", value: ({ paid }) => paid }
    ]
  },
  whole: ["account"],
  spare: ["person", "amount", "member"],
  nothing: "no orders in this period"
}

type Keyed = Session.Of<Billing.Order>

type Key = (order: Keyed) => Omit<Group, "count">

const ofMember: Key = ({ accountName, member, name, person }) => ({
  account: accountName,
  ...(member && { member }),
  ...(name && { name }),
  ...(person && { person })
})

const by = ["person", "member", "account"] as const

/** The fields that all orders of a group share. */
const keys: Readonly<Record<(typeof by)[number], Key>> = {
  // A person is the same on all accounts.
  person: (order) => (order.person === undefined ? ofMember(order) : { person: order.person }),
  member: ofMember,
  account: ({ accountName }) => ({ account: accountName })
}

/** Sums the orders of all accounts. They are not compared with the provider's own sums, which have no groups. */
const totalsBy = (name: (typeof by)[number], flags: Output.FormatFlags & Listing.PeriodFlags & FilterFlags) =>
  Listing.start(flags, (format, opened) =>
    Effect.gen(function* () {
      const { period, session } = yield* Listing.meant(flags, opened)
      const keyOf = keys[name]
      const orders = Session.rows(session, ({ billing }) => billing.orders(filterOf(flags, period)))
      const groups = yield* Billing.sumBy(orders, (order) => JSON.stringify(keyOf(order)))
      const rows = groups.flatMap(
        ({ amount, count, first, paid }): ReadonlyArray<Group> =>
          toRows({ amount, count, paid, verdict: "not-told" }).map((row) => ({
            ...keyOf(first),
            count: row.count,
            ...(row.amount && { amount: row.amount }),
            ...(row.paid && { paid: row.paid })
          }))
      )
      const options = { format, zone: session.zone, isKnown: () => session.tally.done > 0 }
      yield* Output.write(groupsView, options, Stream.fromIterable(rows))
      yield* Session.end(session)
    })
  )

const byFlag = Flag.Literals("by", by).pipe(
  Flag.withMetavar("WHAT"),
  Flag.withDescription("Sums for each person, member or account, over all accounts"),
  Flag.optional
)

export const totals = Command.make(
  "totals",
  { ...Flags.output, ...filterFlags, by: byFlag },
  ({ by, ...flags }) =>
    Option.isSome(by)
      ? totalsBy(by.value, flags)
      : Listing.inPeriod(flags, totalsView, ({ billing, name }, period, { tally }) =>
          Stream.fromIterableEffect(
            Effect.gen(function* () {
              const sums = yield* billing.totals(filterOf(flags, period))
              if (sums.verdict === "differs") {
                tally.undecided = true
                yield* Effect.logWarning(`${name}: ${differs}`)
              }
              return toRows(sums)
            })
          )
        )
).pipe(
  Command.withDescription(
    "Sum up the orders of a period, and check the sums against the provider's own. Exit code 4 if they differ"
  ),
  Command.withExamples([
    { command: "cloud-quota totals --period last-month" },
    { command: "cloud-quota totals --period last-month --by person --csv", description: "For chargeback" },
    { command: "cloud-quota totals --period 2026-11 --member 60001 -a gpu --json" }
  ])
)

const differs =
  "these totals are not those that the provider tells: orders came in meanwhile, or rows are missing; run it again, and do not book them before they agree"

/** The amount due is `amount`: nothing has been paid yet. */
const unpaidView: Output.View<Billing.Order> = {
  ...ordersView,
  spare: ["resourceId", "paid", "status", "person", "product", "id", "kind"],
  nothing: "no unpaid orders"
}

export const unpaid = Command.make(
  "unpaid",
  { ...Flags.outputWithDetails, member: Flags.member },
  ({ member, ...flags }) =>
    Listing.run(flags, unpaidView, ({ billing }) =>
      billing.unpaid(Option.isSome(member) ? { member: member.value } : {})
    )
).pipe(
  Command.withDescription("List the orders that wait to be paid"),
  Command.withExamples([{ command: "cloud-quota unpaid --member ada@example.com" }])
)
