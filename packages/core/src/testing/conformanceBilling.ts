/** Conformance of billing and history: the rows belong to the request, and add up. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Order, OrderFilter } from "../model/Bills.ts"
import type { Period } from "../model/Period.ts"
import * as Quantity from "../model/Quantity.ts"
import { type Check, type Harness, check, expect, given } from "./conformanceKit.ts"

const orders = ({ account }: Harness, filter: OrderFilter) =>
  Stream.runCollect(account.billing.orders(filter))

const isWithin = ({ end, start }: Period, at: DateTime.DateTime): boolean =>
  DateTime.isGreaterThanOrEqualTo(at, start) && DateTime.isLessThan(at, end)

const printOrder = ({ amount, id, kind, member, paid, status }: Order): string =>
  `${id} of ${member}: ${kind}, ${status}, ${amount}, ${paid}`

/** One sum per currency, in a fixed order. */
const sumsOf = (quantities: ReadonlyArray<Quantity.Quantity | undefined>): string => {
  const sums = new Map<Quantity.Unit, Quantity.Quantity>()
  for (const quantity of quantities) {
    if (quantity === undefined) continue
    sums.set(quantity.unit, Quantity.sum(sums.get(quantity.unit) ?? Quantity.zero(quantity.unit), quantity))
  }
  return Array.from(sums.values(), String).sort().join(", ")
}

export const billingChecks: ReadonlyArray<Check> = [
  check("every order is of the period that was asked for, and is there once", ["billing.orders"], (harness) =>
    Effect.gen(function* () {
      const period = yield* given(harness, "period")
      const all = yield* orders(harness, { period })
      yield* expect("there are orders", all.length > 0, true)
      const outside = all.filter(({ createdAt }) => !isWithin(period, createdAt))
      yield* expect("orders outside of the period", outside.map(({ id }) => id).join(", "), "")
      yield* expect("orders that are there twice", all.length - new Set(all.map(({ id }) => id)).size, 0)
    })
  ),

  check(
    "the orders of a member are those of everybody that are the member's",
    ["billing.orders-by-member"],
    (harness) =>
      Effect.gen(function* () {
        const period = yield* given(harness, "period")
        const own = yield* orders(harness, { period, member: harness.member })
        const all = yield* orders(harness, { period })
        yield* expect(
          "the member's orders",
          own.map(printOrder).sort().join("; "),
          all
            .filter(({ member }) => member === harness.member)
            .map(printOrder)
            .sort()
            .join("; ")
        )
      })
  ),

  check("totals are what the orders come to, and what the provider says", ["billing.orders"], (harness) =>
    Effect.gen(function* () {
      const period = yield* given(harness, "period")
      const all = yield* orders(harness, { period })
      const { amount, count, paid, verdict } = yield* harness.account.billing.totals({ period })
      yield* expect("the number of orders", count, all.length)
      yield* expect("their amounts", sumsOf(amount), sumsOf(all.map((order) => order.amount)))
      yield* expect("what was paid", sumsOf(paid), sumsOf(all.map((order) => order.paid)))
      const isReported = harness.account.capabilities["billing.totals"].support !== "unsupported"
      yield* expect("the verdict", verdict, isReported ? "agrees" : "not-told")
    })
  ),

  check("unpaid orders are unpaid", ["billing.unpaid"], ({ account }) =>
    account.billing
      .unpaid()
      .pipe(Stream.runForEach(({ id, status }) => expect(`the status of ${id}`, status, "unpaid")))
  ),

  check(
    "each resource of a member is quoted once",
    ["billing.refund-quotes-by-member"],
    ({ account, member }) =>
      Effect.gen(function* () {
        const quotes = yield* account.billing.refundQuotes({ member })
        const ids = quotes.map(({ resourceId }) => resourceId)
        yield* expect("resources that are quoted twice", ids.length - new Set(ids).size, 0)
        for (const { amount, refundable, resourceId } of quotes) {
          if (!refundable) yield* expect(`what comes back for ${resourceId}`, amount, undefined)
        }
      })
  ),

  check(
    "of what was bought in advance no more is used than there is",
    ["billing.entitlements"],
    ({ account }) =>
      account.billing.entitlements.pipe(
        Stream.runForEach(
          Effect.fnUntraced(function* ({ available, id, metric, total, used }) {
            if (total === undefined) return
            for (const part of [used, available]) {
              if (part === undefined) continue
              yield* expect(`the unit of ${id}`, part.unit, total.unit)
              yield* expect(`${part} of ${total} in ${id}`, Quantity.isGreaterThan(part, total), false)
            }
            if (metric === undefined) return
            const known = account.quotas.metrics.find((one) => one.id === metric)
            yield* expect(`the unit of ${metric}, which ${id} serves`, total.unit, known?.unit)
          })
        )
      )
  ),

  check("a balance has parts with names, or a sum", ["billing.balance"], ({ account }) =>
    Effect.gen(function* () {
      const { available, parts } = yield* account.billing.balance
      yield* expect("something is told", available !== undefined || parts.length > 0, true)
      for (const { amount, kind, name } of parts) {
        yield* expect(`a name of ${kind}`, name.length > 0, true)
        if (kind === "debt") yield* expect("a debt above nothing", Quantity.isPositive(amount), false)
      }
    })
  ),

  check("use is of the period that was asked for", ["billing.usage"], (harness) =>
    Effect.gen(function* () {
      const period = yield* given(harness, "period")
      const rows = yield* Stream.runCollect(harness.account.billing.usage({ period }))
      yield* expect("there is use", rows.length > 0, true)
      for (const { at, product, used } of rows) {
        if (at !== undefined) yield* expect(`${product} at ${at} is in it`, isWithin(period, at), true)
        yield* expect(`${used} of ${product} is below nothing`, Quantity.isNegative(used), false)
      }
    })
  ),

  check("costs are of the month that was asked for", ["billing.monthly-cost"], (harness) =>
    Effect.gen(function* () {
      const month = yield* given(harness, "month")
      const rows = yield* Stream.runCollect(harness.account.billing.monthlyCost({ month }))
      yield* expect("there are costs", rows.length > 0, true)
      for (const row of rows) yield* expect("the month of a cost", row.month, month)
    })
  ),

  check("a history has what was changed, oldest first", ["quotas.get", "quotas.adjust"], (harness) =>
    Effect.gen(function* () {
      const { account, member } = harness
      const before = yield* DateTime.now
      const [state] = (yield* account.quotas.get(member)).filter(({ limit }) => limit._tag === "Finite")
      yield* expect(`${member} has a finite quota`, state !== undefined, true)
      if (state === undefined) return
      const spec = { [state.metric.id]: { adjust: state.metric.step } }
      yield* account.quotas.change(member, spec, { run: "history" })
      const period = { start: before, end: DateTime.add(yield* DateTime.now, { minutes: 1 }) }
      const all = yield* Stream.runCollect(account.history.list({ period }))
      yield* expect(
        "entries of the change",
        all
          .filter(({ run }) => run === "history")
          .map((entry) => `${entry.member} ${entry.outcome}`)
          .join(", "),
        `${member} succeeded`
      )
      const times = all.map(({ at }) => DateTime.toEpochMillis(at))
      yield* expect("their times", times.join(", "), times.toSorted((one, other) => one - other).join(", "))
      yield* expect("entries outside of the period", all.filter(({ at }) => !isWithin(period, at)).length, 0)
    })
  )
]
