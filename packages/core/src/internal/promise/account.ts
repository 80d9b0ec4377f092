/**
 * One account of the Promise door, made of core's.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Core from "../../Account.ts"
import type * as CoreBilling from "../../Billing.ts"
import type * as CoreChange from "../../Change.ts"
import { type CloudQuotaError, invalid } from "../../CloudQuotaError.ts"
import { defined } from "../../Decode.ts"
import type * as CoreMember from "../../Member.ts"
import type * as CorePeriod from "../../Period.ts"
import type * as CoreReport from "../../Report.ts"
import type { Account, ChangeOptions, OrderFilter, PeriodInput } from "./api.ts"
import { failureOf } from "./failure.ts"
import * as Inputs from "./inputs.ts"
import type { Invited, Offboarding, Order, Report } from "./model.ts"
import { toCore as toCorePeriod } from "./corePeriod.ts"
import { memberOf, plain } from "./plain.ts"
import { intentOf, quotaOf, reportOf } from "./results.ts"
import type { Runner } from "./runner.ts"
import { type Watch, makeWatch } from "./watch.ts"

/** `zone` is that of periods which are given as text. */
export const makeAccount = (
  { billing, capabilities, changes, history, identity, members, name, quotas }: Core.Account["Service"],
  { list, run }: Runner,
  zone: string
): Account => {
  const { endpoint, provider, scope } = identity
  const toMember = memberOf(name)
  const toQuota = quotaOf(name)
  const wrong = (operation: string, field: string, message: string) =>
    invalid({ provider, account: name, operation, field, message })

  const periodOf = (
    operation: string,
    filter: { readonly period: PeriodInput }
  ): Effect.Effect<CorePeriod.Input, CloudQuotaError> =>
    Effect.fromResult(
      Result.mapError(toCorePeriod(filter?.period, zone), (message) => wrong(operation, "period", message))
    )

  const inPeriod = <A>(
    operation: string,
    filter: { readonly period: PeriodInput },
    rows: (period: CorePeriod.Input) => Stream.Stream<A, CloudQuotaError>
  ) => Stream.unwrap(Effect.map(periodOf(operation, filter), rows))

  const orderFilter = (filter: OrderFilter, period: CorePeriod.Input): CoreBilling.OrderFilter => {
    const { chargeTypes, kinds, resourceIds, states, statuses } = filter
    const lists = defined({ chargeTypes, kinds, resourceIds, states, statuses })
    return { ...Inputs.ofMember(filter), ...lists, period }
  }

  const toOrder = (order: CoreBilling.Order): Order => ({ account: name, ...plain(order) })

  const toInvited = ({ invitation, member, message, outcome, reason }: CoreMember.Invited): Invited => ({
    invitation,
    outcome,
    message,
    ...(member === undefined ? {} : { member: toMember(member) }),
    ...(reason === undefined ? {} : { failure: failureOf(reason) })
  })

  const toOffboarding = ({ complete, member, membership, message, ...rest }: CoreMember.Offboarding) => ({
    member,
    report: reportOf(rest.report),
    quotas: rest.quotas.map(toQuota),
    membership,
    complete,
    message
  })

  /** What a call that was given up has come to. */
  const cutShort = (results: ReadonlyArray<CoreReport.Result>, run: string | undefined): Report =>
    reportOf({ account: name, provider, preview: false, results, ...defined({ run }) }, true)

  /** A call that can be watched, and that is not cut between a request and its answer. */
  const runWatched = <A>(
    operation: string,
    options: Pick<ChangeOptions, "onEvent" | "signal"> | undefined,
    call: (onEvent: Watch["onEvent"]) => Effect.Effect<A, unknown>,
    salvage: (results: ReadonlyArray<CoreReport.Result>) => A
  ): Promise<A> => {
    const tell = options?.onEvent
    if (tell !== undefined && typeof tell !== "function") {
      return run(Effect.fail(wrong(operation, "onEvent", "give a function that takes an event")))
    }
    const watch = makeWatch(tell)
    return run(call(watch.onEvent), options, {
      stop: watch.stop,
      salvage: () => {
        const results = watch.results()
        return results === undefined ? undefined : salvage(results)
      }
    })
  }

  const runChange = (
    options: ChangeOptions | undefined,
    call: (options: CoreChange.Options) => Effect.Effect<CoreReport.Report, unknown>
  ): Promise<Report> =>
    runWatched(
      "quotas.change",
      options,
      (onEvent) =>
        Effect.map(call({ ...Inputs.changeOptions(options), onEvent }), (report) => reportOf(report)),
      (results) => cutShort(results, options?.run)
    )

  return {
    name,
    provider,
    endpoint,
    scope,
    capabilities,
    metrics: plain(quotas.metrics),

    quotas: {
      list: (filter) => list(Stream.map(quotas.list(defined({ metric: filter?.metric })), toQuota), filter),
      get: (member, options) =>
        run(
          Effect.map(quotas.get(Inputs.memberRef(member)), (states) => states.map(toQuota)),
          options
        ),
      change: (who, spec, options) =>
        runChange(options, (coreOptions) =>
          Effect.flatMap(Inputs.members(who), (all) => quotas.change(all, Inputs.spec(spec), coreOptions))
        ),
      changeAll: (all, options) =>
        runChange(options, (coreOptions) =>
          Effect.flatMap(Inputs.changes(all), (given) => quotas.changeAll(given, coreOptions))
        )
    },

    members: {
      list: (filter) => list(Stream.map(members.list(defined({ status: filter?.status })), toMember), filter),
      get: (member, options) => run(Effect.map(members.get(Inputs.memberRef(member)), toMember), options),
      find: (text, options) => list(Stream.map(members.find(text), toMember), options),
      invite: (invitations, options) =>
        run(
          Effect.map(members.invite(invitations), (all) => all.map(toInvited)),
          options
        ),
      cancelInvite: (member, options) => run(members.cancelInvite(Inputs.memberRef(member)), options),
      rename: (member, to, options) => run(members.rename(Inputs.memberRef(member), to), options),
      remove: (member, options) => run(members.remove(Inputs.memberRef(member)), options),
      offboard: (member, options) =>
        runWatched<Offboarding>(
          "members.offboard",
          options,
          (onEvent) =>
            Effect.map(
              members.offboard(Inputs.memberRef(member), { ...Inputs.offboardOptions(options), onEvent }),
              toOffboarding
            ),
          (results) => ({
            member: results[0]?.member ?? "",
            report: cutShort(results, options.run),
            quotas: [],
            membership: options.remove === true ? "unknown" : "kept",
            complete: false,
            message: "It was given up before it was done: run it again under the same name to go on."
          })
        )
    },

    billing: {
      orders: (filter) =>
        list(
          inPeriod("billing.orders", filter, (period) =>
            Stream.map(billing.orders(orderFilter(filter, period)), toOrder)
          ),
          filter
        ),
      totals: (filter) =>
        run(
          periodOf("billing.totals", filter).pipe(
            Effect.flatMap((period) => billing.totals(orderFilter(filter, period))),
            Effect.map(plain)
          ),
          filter
        ),
      unpaid: (filter) => list(Stream.map(billing.unpaid(Inputs.ofMember(filter)), toOrder), filter),
      refundQuotes: (request, options) =>
        run(Effect.map(billing.refundQuotes(Inputs.quoteRequest(request)), plain), options),
      entitlements: (options) => list(Stream.map(billing.entitlements, plain), options),
      balance: (options) => run(Effect.map(billing.balance, plain), options),
      usage: (filter) =>
        list(
          inPeriod("billing.usage", filter, (period) =>
            Stream.map(billing.usage({ ...Inputs.ofMember(filter), period }), plain)
          ),
          filter
        ),
      monthlyCost: (filter) =>
        list(
          Stream.map(billing.monthlyCost({ ...Inputs.ofMember(filter), month: filter?.month }), plain),
          filter
        )
    },

    changes: {
      baseline: (who, options) =>
        run(
          Effect.flatMap(who === undefined ? Effect.undefined : Inputs.members(who), (all) =>
            Effect.map(changes.baseline(all), plain)
          ),
          options
        ),
      recover: (options) =>
        runWatched(
          "changes.recover",
          options,
          (onEvent) => Effect.map(changes.recover({ onEvent }), (intents) => intents.map(intentOf)),
          // It sends nothing, so that there is nothing to be salvaged.
          () => []
        ),
      pending: (options) =>
        run(
          Effect.map(changes.pending, (intents) => intents.map(intentOf)),
          options
        ),
      resolve: (id, as, note, options) => run(Effect.map(changes.resolve(id, as, note), intentOf), options),
      verify: (options) => run(Effect.map(changes.verify, plain), options),
      review: (options) => list(Stream.map(changes.review, plain), options)
    },

    history: (filter) =>
      list(
        inPeriod("history", filter, (period) =>
          Stream.map(history.list({ ...Inputs.ofMember(filter), period }), plain)
        ),
        filter
      )
  }
}
