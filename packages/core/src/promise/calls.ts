/**
 * The common path of all calls of one account: checks the options, decodes members and period, and runs the
 * call as a promise or a listing.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type CloudQuotaError, invalid } from "../model/CloudQuotaError.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import type * as CorePeriod from "../model/Period.ts"
import type * as CoreReport from "../model/Report.ts"
import type * as Core from "../services/Account.ts"
import type * as CoreMember from "../services/Member.ts"
import { defined } from "../model/KnownKeys.ts"
import type { CallOptions, ChangeOptions, OfMember, PeriodInput } from "./api.ts"
import { toCore as toCorePeriod } from "./corePeriod.ts"
import * as Inputs from "./inputs.ts"
import type { MemberRef, Report } from "./model.ts"
import * as Options from "./options.ts"
import { reportOf } from "./results.ts"
import type { Runner, Stoppable } from "./runner.ts"
import { type Watch, makeWatch } from "./watch.ts"

export type Calls = ReturnType<typeof makeCalls>

/** `zone` is the time zone of periods given as text. */
export const makeCalls = (
  { identity, name }: Pick<Core.Account["Service"], "identity" | "name">,
  runner: Runner,
  zone: string
) => {
  const { provider } = identity
  const invalidArgument = (operation: string, field: string, message: string) =>
    invalid({ provider, account: name, operation, field, message })

  const periodOf = (
    operation: string,
    filter: { readonly period: PeriodInput }
  ): Effect.Effect<CorePeriod.Input, CloudQuotaError> =>
    Effect.fromResult(
      Result.mapError(toCorePeriod(filter?.period, zone), (message) =>
        invalidArgument(operation, "period", message)
      )
    )

  const refs = Inputs.makeMembers(name, invalidArgument)

  const checkOptions = (
    operation: string,
    options: unknown,
    names: Readonly<Record<string, true>>
  ): Effect.Effect<void, CloudQuotaError> => {
    const problem = options === undefined ? undefined : KnownKeys.problem(options, names)
    return problem === undefined
      ? Effect.void
      : Effect.fail(invalidArgument(operation, problem.field, problem.message))
  }

  /** Runs a call, after checking its options. */
  const run = <A>(
    operation: string,
    effect: () => Effect.Effect<A, unknown>,
    options: CallOptions | undefined,
    names: Readonly<Record<string, true>> = Options.call,
    stoppable?: Stoppable<A>
  ): Promise<A> =>
    runner.run(Effect.flatMap(checkOptions(operation, options, names), effect), options, stoppable)

  /** Runs a listing, after checking its options. */
  const list = <A>(
    operation: string,
    rows: () => Effect.Effect<Stream.Stream<A, unknown>, unknown>,
    options: CallOptions | undefined,
    names: Readonly<Record<string, true>> = Options.call
  ) => runner.list(Stream.unwrap(Effect.flatMap(checkOptions(operation, options, names), rows)), options)

  /** Runs a call about one member. */
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

  /** The report of an aborted call. */
  const cutShort = (results: ReadonlyArray<CoreReport.Result>, run: string | undefined): Report =>
    reportOf({ account: name, provider, preview: false, results, ...defined({ run }) }, true)

  /** Runs a call with events. It is never interrupted between a request and its answer. */
  const runWatched = <A>(
    operation: string,
    options: Pick<ChangeOptions, "onEvent" | "signal"> | undefined,
    names: Readonly<Record<string, true>>,
    call: (onEvent: Watch["onEvent"]) => Effect.Effect<A, unknown>,
    salvage: (results: ReadonlyArray<CoreReport.Result>) => A
  ): Promise<A> => {
    const listener = options?.onEvent
    const watch = makeWatch(listener)
    const watched = () =>
      listener === undefined || typeof listener === "function"
        ? call(watch.onEvent)
        : Effect.fail(invalidArgument(operation, "onEvent", "give a function that takes an event"))
    return run(operation, watched, options, names, {
      stop: watch.stop,
      salvage: () => {
        const results = watch.results()
        return results === undefined ? undefined : salvage(results)
      }
    })
  }

  return { name, provider, refs, invalidArgument, run, list, runWith, runWatched, inPeriod, cutShort }
}
