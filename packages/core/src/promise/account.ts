/**
 * One account of the Promise door, made of core's.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Core from "../services/Account.ts"
import type * as CoreBilling from "../services/Billing.ts"
import type * as CoreChange from "../model/Change.ts"
import { type CloudQuotaError, invalid } from "../model/CloudQuotaError.ts"
import { defined } from "../wire/Decode.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import type * as CoreMember from "../services/Member.ts"
import type * as CorePeriod from "../model/Period.ts"
import type * as CoreReport from "../model/Report.ts"
import type { Account, CallOptions, ChangeOptions, OfMember, OrderFilter, PeriodInput } from "./api.ts"
import { toCore as toCorePeriod } from "./corePeriod.ts"
import { failureOf } from "./failure.ts"
import * as Inputs from "./inputs.ts"
import type { Invited, MemberRef, Offboarding, Order, Report } from "./model.ts"
import * as Options from "./options.ts"
import { memberOf, plain, withLine } from "./plain.ts"
import { intentOf, quotaOf, reportOf } from "./results.ts"
import type { Runner, Stoppable } from "./runner.ts"
import { type Watch, makeWatch } from "./watch.ts"

/** `zone` is that of periods which are given as text. */
export const makeAccount = (
  { billing, capabilities, changes, history, identity, members, name, quotas }: Core.Account["Service"],
  runner: Runner,
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

  const refs = Inputs.makeMembers(name, wrong)

  const checkOptions = (
    operation: string,
    options: unknown,
    names: Readonly<Record<string, true>>
  ): Effect.Effect<void, CloudQuotaError> => {
    const problem = options === undefined ? undefined : KnownKeys.problem(options, names)
    return problem === undefined ? Effect.void : Effect.fail(wrong(operation, problem.field, problem.message))
  }

  /** A call, once its options are known to be some. */
  const run = <A>(
    operation: string,
    effect: () => Effect.Effect<A, unknown>,
    options: CallOptions | undefined,
    names: Readonly<Record<string, true>> = Options.call,
    stoppable?: Stoppable<A>
  ): Promise<A> =>
    runner.run(Effect.flatMap(checkOptions(operation, options, names), effect), options, stoppable)

  /** A listing, in the same way. */
  const list = <A>(
    operation: string,
    rows: () => Effect.Effect<Stream.Stream<A, unknown>, unknown>,
    options: CallOptions | undefined,
    names: Readonly<Record<string, true>> = Options.call
  ) => runner.list(Stream.unwrap(Effect.flatMap(checkOptions(operation, options, names), rows)), options)

  /** A call about one member. */
  const runWith = <A>(
    operation: string,
    member: MemberRef,
    options: CallOptions | undefined,
    call: (ref: CoreMember.MemberRef) => Effect.Effect<A, unknown>
  ): Promise<A> => run(operation, () => Effect.flatMap(refs.member(operation, member), call), options)

  const inPeriod = (operation: string, filter: OfMember & { readonly period: PeriodInput }) =>
    Effect.flatMap(periodOf(operation, filter), (period) =>
      Effect.map(refs.ofMember(operation, filter), (member) => ({ ...member, period }))
    )

  const orderFilter = (
    operation: string,
    filter: OrderFilter
  ): Effect.Effect<CoreBilling.OrderFilter, CloudQuotaError> =>
    Effect.map(inPeriod(operation, filter), (inPeriod) => {
      const { chargeTypes, kinds, resourceIds, states, statuses } = filter
      return { ...inPeriod, ...defined({ chargeTypes, kinds, resourceIds, states, statuses }) }
    })

  /** A metric that there is: of another word there are no quotas, and nobody would be low on it. */
  const metricOf = (operation: string, metric: string | undefined) =>
    metric === undefined || quotas.metrics.some(({ id }) => id === metric)
      ? Effect.succeed(defined({ metric }))
      : Effect.fail(
          wrong(
            operation,
            "metric",
            `${provider} has no metric ${JSON.stringify(metric)}: it has ${quotas.metrics.map(({ id }) => id).join(", ")}`
          )
        )

  const toOrder = (order: CoreBilling.Order): Order => withLine({ account: name, ...plain(order) })

  const toInvited = ({ invitation, member, message, outcome, reason }: CoreMember.Invited): Invited =>
    withLine({
      invitation,
      outcome,
      message,
      ...(member === undefined ? {} : { member: toMember(member) }),
      ...(reason === undefined ? {} : { failure: failureOf(reason) })
    })

  const toOffboarding = ({ complete, member, membership, message, ...rest }: CoreMember.Offboarding) =>
    withLine({
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
    names: Readonly<Record<string, true>>,
    call: (onEvent: Watch["onEvent"]) => Effect.Effect<A, unknown>,
    salvage: (results: ReadonlyArray<CoreReport.Result>) => A
  ): Promise<A> => {
    const tell = options?.onEvent
    const watch = makeWatch(tell)
    const watched = () =>
      tell === undefined || typeof tell === "function"
        ? call(watch.onEvent)
        : Effect.fail(wrong(operation, "onEvent", "give a function that takes an event"))
    return run(operation, watched, options, names, {
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
      Options.change,
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
      list: (filter) =>
        list(
          "quotas.list",
          () =>
            Effect.map(metricOf("quotas.list", filter?.metric), (metric) =>
              Stream.map(quotas.list(metric), toQuota)
            ),
          filter,
          Options.quotas
        ),
      get: (member, options) =>
        runWith("quotas.get", member, options, (ref) =>
          Effect.map(quotas.get(ref), (states) => states.map(toQuota))
        ),
      change: (who, spec, options) =>
        runChange(options, (coreOptions) =>
          Effect.flatMap(refs.members("quotas.change", who), (all) =>
            quotas.change(all, Inputs.spec(spec), coreOptions)
          )
        ),
      changeAll: (all, options) =>
        runChange(options, (coreOptions) =>
          Effect.flatMap(refs.changes("quotas.change", all), (given) => quotas.changeAll(given, coreOptions))
        )
    },

    members: {
      list: (filter) =>
        list(
          "members.list",
          () => Effect.succeed(Stream.map(members.list(defined({ status: filter?.status })), toMember)),
          filter,
          Options.members
        ),
      get: (member, options) =>
        runWith("members.get", member, options, (ref) => Effect.map(members.get(ref), toMember)),
      find: (text, options) =>
        list("members.find", () => Effect.succeed(Stream.map(members.find(text), toMember)), options),
      invite: (invitations, options) =>
        run(
          "members.invite",
          () => Effect.map(members.invite(invitations), (all) => all.map(toInvited)),
          options
        ),
      cancelInvite: (member, options) =>
        runWith("members.cancel-invite", member, options, (ref) => members.cancelInvite(ref)),
      rename: (member, to, options) =>
        runWith("members.rename", member, options, (ref) => members.rename(ref, to)),
      remove: (member, options) => runWith("members.remove", member, options, (ref) => members.remove(ref)),
      offboard: (member, options) =>
        runWatched<Offboarding>(
          "members.offboard",
          options,
          Options.offboard,
          (onEvent) =>
            Effect.flatMap(refs.member("members.offboard", member), (ref) =>
              Effect.map(
                members.offboard(ref, { ...Inputs.offboardOptions(options), onEvent }),
                toOffboarding
              )
            ),
          (results) =>
            withLine({
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
    },

    changes: {
      baseline: (who, options) =>
        run(
          "changes.baseline",
          () =>
            Effect.flatMap(
              who === undefined ? Effect.undefined : refs.members("changes.baseline", who),
              (all) => Effect.map(changes.baseline(all), plain)
            ),
          options
        ),
      recover: (options) =>
        runWatched(
          "changes.recover",
          options,
          Options.recover,
          (onEvent) => Effect.map(changes.recover({ onEvent }), (intents) => intents.map(intentOf)),
          // It sends nothing, so that there is nothing to be salvaged.
          () => []
        ),
      pending: (options) =>
        run(
          "changes.pending",
          () => Effect.map(changes.pending, (intents) => intents.map(intentOf)),
          options
        ),
      resolve: (id, as, note, options) =>
        run("changes.resolve", () => Effect.map(changes.resolve(id, as, note), intentOf), options),
      verify: (options) => run("changes.verify", () => Effect.map(changes.verify, plain), options),
      review: (options) =>
        list("changes.review", () => Effect.succeed(Stream.map(changes.review, plain)), options)
    },

    history: (filter) =>
      list(
        "history",
        () => Effect.map(inPeriod("history", filter), (given) => Stream.map(history.list(given), plain)),
        filter,
        Options.inPeriod
      )
  }
}
