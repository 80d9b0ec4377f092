/**
 * The bills of one account, as promises.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type * as Core from "../services/Account.ts"
import type * as CoreBilling from "../services/Billing.ts"
import { defined } from "../model/KnownKeys.ts"
import type { Account, OrderFilter } from "./api.ts"
import type { Calls } from "./calls.ts"
import type { Order } from "./model.ts"
import * as Options from "./options.ts"
import { plain, withLine } from "./plain.ts"

export const makeBilling = (
  { billing }: Pick<Core.Account["Service"], "billing">,
  { inPeriod, list, name, refs, run }: Calls
): Account["billing"] => {
  const orderFilter = (
    operation: string,
    filter: OrderFilter
  ): Effect.Effect<CoreBilling.OrderFilter, CloudQuotaError> =>
    Effect.map(inPeriod(operation, filter), (inPeriod) => {
      const { chargeTypes, kinds, resourceIds, states, statuses } = filter
      return { ...inPeriod, ...defined({ chargeTypes, kinds, resourceIds, states, statuses }) }
    })

  const toOrder = (order: CoreBilling.Order): Order => withLine({ account: name, ...plain(order) })

  return {
    orders: (filter) =>
      list(
        "billing.orders",
        () =>
          Effect.map(orderFilter("billing.orders", filter), (given) =>
            Stream.map(billing.orders(given), toOrder)
          ),
        filter,
        Options.orders
      ),
    totals: (filter) =>
      run(
        "billing.totals",
        () =>
          Effect.flatMap(orderFilter("billing.totals", filter), (given) =>
            Effect.map(billing.totals(given), plain)
          ),
        filter,
        Options.orders
      ),
    unpaid: (filter) =>
      list(
        "billing.unpaid",
        () =>
          Effect.map(refs.ofMember("billing.unpaid", filter), (member) =>
            Stream.map(billing.unpaid(member), toOrder)
          ),
        filter,
        Options.ofMember
      ),
    refundQuotes: (request, options) =>
      run(
        "billing.refund-quotes",
        () =>
          Effect.flatMap(refs.quoteRequest("billing.refund-quotes", request), (given) =>
            Effect.map(billing.refundQuotes(given), plain)
          ),
        options
      ),
    entitlements: (options) =>
      list("billing.entitlements", () => Effect.succeed(Stream.map(billing.entitlements, plain)), options),
    balance: (options) => run("billing.balance", () => Effect.map(billing.balance, plain), options),
    usage: (filter) =>
      list(
        "billing.usage",
        () =>
          Effect.map(inPeriod("billing.usage", filter), (given) => Stream.map(billing.usage(given), plain)),
        filter,
        Options.inPeriod
      ),
    monthlyCost: (filter) =>
      list(
        "billing.monthly-cost",
        () =>
          Effect.map(refs.ofMember("billing.monthly-cost", filter), (member) =>
            Stream.map(billing.monthlyCost({ ...member, month: filter?.month }), plain)
          ),
        filter,
        Options.inMonth
      )
  }
}
