/** The orders of a team's members, their totals, and the monthly costs derived from them. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import type { Cost, Order, OrderSums } from "@cloud-quota/core/Billing"
import { type CloudQuotaError, MalformedResponse, invalid } from "@cloud-quota/core/CloudQuotaError"
import type { Driver, DriverOrderFilter } from "@cloud-quota/core/adapter/Driver"
import type { MemberId } from "@cloud-quota/core/Member"
import * as Period from "@cloud-quota/core/Period"
import * as Quantity from "@cloud-quota/core/Quantity"
import type { Order as TeamOrder } from "../api/order.ts"
import type { Service } from "../api/CompShareClient.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { type Seconds, isWithin, secondsOf, sideOf } from "../api/period.ts"
import { type DriverTeam, failure, idOf } from "./team.ts"
import { neutralOrder } from "./orderWords.ts"
import { provider } from "../api/settings.ts"

type OrdersOf = Required<Pick<Driver, "listOrders" | "orderSums" | "listUnpaid" | "listCosts">>

/** Oldest first: an order that arrives meanwhile does not shift the pages. */
const oldestFirst = { OrderBy: "create_time", OrderDir: "ASC" } as const

/** The time zone of the months on UCloud's bills. */
const zone = "Asia/Shanghai"

export const makeOrders = (client: Service, team: DriverTeam): OrdersOf => {
  const { teamId } = team

  /**
   * The given member, or all members. One after the other, because the provider lists the orders of one
   * member at a time.
   */
  const whose = (member: MemberId | undefined): Stream.Stream<MemberId, CloudQuotaError> =>
    member === undefined ? Stream.map(team.withIds, idOf) : Stream.succeed(member)

  const queryOf = (member: MemberId) => ({ TeamId: teamId, VirtualCompanyId: Number(member) })

  const listingOf = (member: MemberId, { chargeTypes, period, resourceIds, states }: DriverOrderFilter) => ({
    ...queryOf(member),
    ...secondsOf(period),
    ...oldestFirst,
    ...defined({
      OrderStates: states,
      ChargeTypes: chargeTypes,
      ResourceIds: resourceIds
    })
  })

  const ordersOf = (member: MemberId, filter: DriverOrderFilter) => {
    const isMeant = isWithin(filter.period)
    return client.stream.describeTeamMemberOrder(listingOf(member, filter)).pipe(
      Stream.filter(({ CreateTime }) => isMeant(CreateTime)),
      Stream.map((order) => neutralOrder(member, order))
    )
  }

  /**
   * Sums the orders of the seconds just before and just after the period, which the request includes. Whether
   * the provider counts them is undocumented, and charges fall due on the hour, so they are listed and
   * subtracted from its totals.
   */
  const overhang = (member: MemberId, filter: DriverOrderFilter) => {
    const listing = listingOf(member, filter)
    const side = sideOf(filter.period)
    const edge = (at: "before" | "after", seconds: Partial<Seconds>) =>
      client.stream
        .describeTeamMemberOrder({ ...listing, ...seconds })
        .pipe(Stream.filter(({ CreateTime }) => side(CreateTime) === at))
    return edge("before", { EndTime: listing.BeginTime + 1 }).pipe(
      Stream.concat(edge("after", { BeginTime: listing.EndTime - 1 })),
      Stream.runFold(() => none, addOrder)
    )
  }

  /**
   * Returns the provider's totals for one member's orders, or `undefined` if the provider leaves one of them
   * open.
   */
  const sumsOf = Effect.fnUntraced(function* (member: MemberId, filter: DriverOrderFilter) {
    const { Amount, AmountReal, TotalCount } = yield* client.describeTeamMemberOrderCount({
      ...queryOf(member),
      ...secondsOf(filter.period),
      ...defined({ ChargeTypes: filter.chargeTypes?.[0], OrderStates: filter.states?.[0] })
    })
    if (AmountReal === undefined || AmountReal === null) return undefined
    const sums: Sums = { count: TotalCount, amount: Amount, paid: AmountReal }
    return TotalCount === 0 ? sums : added(sums, negated(yield* overhang(member, filter)))
  })

  const orderSums = Effect.fnUntraced(function* (filter: DriverOrderFilter) {
    const { chargeTypes, member, period, resourceIds, states } = filter
    // The provider takes one word of each at most, and whole seconds.
    const isTaken = isOneAtMost(chargeTypes) && isOneAtMost(states) && isInSeconds(period)
    if (!isTaken || resourceIds !== undefined) return undefined
    const all = yield* whose(member).pipe(
      Stream.mapEffect((one) => sumsOf(one, filter)),
      Stream.runFold(
        (): Sums | undefined => none,
        (total, sums) => total && sums && added(total, sums)
      )
    )
    if (all === undefined) return undefined
    const sums: OrderSums = { count: all.count, amount: [all.amount], paid: [all.paid] }
    return sums
  })

  const unpaidOf = (member: MemberId) =>
    client.stream
      .describeTeamMemberUnpaidOrder({ ...queryOf(member), ...oldestFirst })
      .pipe(Stream.map((order) => neutralOrder(member, order, "unpaid")))

  /**
   * Returns the costs of one member's resources. Passes orders of unknown states, which may be costs, to
   * `skip`.
   */
  const costsOf = (
    member: MemberId,
    month: string,
    period: Period.Period,
    skip: (order: Order) => Effect.Effect<void>
  ) =>
    Stream.fromIterableEffect(
      ordersOf(member, { period }).pipe(
        Stream.tap((order) => (order.status === "other" ? skip(order) : Effect.void)),
        Stream.filter(({ status }) => status === "done"),
        Stream.runFoldEffect(
          () => new Map<string | undefined, Bill>(),
          (bills, order) =>
            Effect.map(billOf(order), (bill) =>
              bills.set(order.resourceId, bothBills(bills.get(order.resourceId), bill))
            )
        ),
        Effect.map((bills) =>
          Array.from(
            bills,
            ([resourceId, { amount, cost, orders, product }]): Cost => ({
              month,
              member,
              amount,
              cost,
              details: { orders },
              ...defined({ resourceId, product })
            })
          )
        )
      )
    )

  return {
    listOrders: (filter) => Stream.flatMap(whose(filter.member), (member) => ordersOf(member, filter)),
    orderSums,
    listUnpaid: (member) => Stream.flatMap(whose(member), unpaidOf),
    listCosts: ({ member, month }) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const period = yield* monthOf(month)
          const skipped = yield* Ref.make(nothingSkipped)
          return whose(member).pipe(
            Stream.flatMap((one) =>
              costsOf(one, month, period, (order) => Ref.update(skipped, (others) => also(others, order)))
            ),
            Stream.onEnd(Effect.flatMap(Ref.get(skipped), (others) => warn({ month, teamId }, others)))
          )
        })
      )
  }
}

const isOneAtMost = (words: ReadonlyArray<string> | undefined): boolean =>
  words === undefined || words.length === 1

const isInSeconds = ({ end, start }: Period.Period): boolean =>
  [start, end].every((at) => DateTime.toEpochMillis(at) % 1000 === 0)

/** Totals of orders, in yuan. */
interface Sums {
  readonly count: number
  readonly amount: Quantity.Quantity
  readonly paid: Quantity.Quantity
}

const none: Sums = { count: 0, amount: Quantity.zero("CNY"), paid: Quantity.zero("CNY") }

const added = (some: Sums, others: Sums): Sums => ({
  count: some.count + others.count,
  amount: Quantity.sum(some.amount, others.amount),
  paid: Quantity.sum(some.paid, others.paid)
})

const negated = ({ amount, count, paid }: Sums): Sums => ({
  count: -count,
  amount: Quantity.negate(amount),
  paid: Quantity.negate(paid)
})

const addOrder = (sums: Sums, { Amount, AmountReal }: TeamOrder): Sums =>
  added(sums, { count: 1, amount: Amount, paid: AmountReal ?? none.paid })

const monthOf = (month: string): Effect.Effect<Period.Period, CloudQuotaError> =>
  Effect.fromResult(Period.parse(month, { zone })).pipe(
    Effect.flatMap(Period.resolve),
    Effect.mapError((message) =>
      invalid({ provider, operation: "billing.monthly-cost", field: "month", message })
    )
  )

/**
 * Skipped orders in undocumented states: some are finished under another name, and some will never be paid.
 */
interface Skipped {
  readonly states: ReadonlySet<string>
  readonly sums: Sums
  /** How many do not report the amount paid. */
  readonly unreported: number
}

const nothingSkipped: Skipped = { states: new Set(), sums: none, unreported: 0 }

const also = ({ states, sums, unreported }: Skipped, order: Order): Skipped => {
  const { amount = none.amount, paid = none.paid, state } = order
  return {
    states: new Set([...states, state || "no state at all"]),
    sums: added(sums, { count: 1, amount, paid }),
    unreported: order.paid === undefined ? unreported + 1 : unreported
  }
}

const warn = (
  { month, teamId }: { readonly month: string; readonly teamId: number },
  { states, sums: { count, paid }, unreported }: Skipped
): Effect.Effect<void> => {
  if (count === 0) return Effect.void
  const which = `${count} ${count === 1 ? "order" : "orders"} over ${paid}`
  const without = unreported === 0 ? "" : `, of which ${unreported} without a word of what was paid,`
  return Effect.logWarning(
    `${provider}: the cost of ${month} in team ${teamId} leaves out ${which}${without} in states that CompShare does not document (${[...states].join(", ")})`
  )
}

/** Totals of one resource's orders. */
interface Bill {
  readonly amount: Quantity.Quantity
  readonly cost: Quantity.Quantity
  readonly orders: number
  /** Absent if the orders are for several products. */
  readonly product: string | undefined
}

const billOf = ({ amount, id, paid, product }: Order): Effect.Effect<Bill, CloudQuotaError> => {
  if (amount !== undefined && paid !== undefined) {
    return Effect.succeed({ amount, cost: paid, orders: 1, product })
  }
  const message = `the answer does not tell AmountReal of order ${id}, so that its cost is not known`
  return Effect.fail(failure("billing.monthly-cost", new MalformedResponse({ message })))
}

const bothBills = (earlier: Bill | undefined, bill: Bill): Bill =>
  earlier === undefined
    ? bill
    : {
        amount: Quantity.sum(earlier.amount, bill.amount),
        cost: Quantity.sum(earlier.cost, bill.cost),
        orders: earlier.orders + bill.orders,
        product: earlier.product === bill.product ? bill.product : undefined
      }
