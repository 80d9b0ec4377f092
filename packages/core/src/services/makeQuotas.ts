/**
 * The `Quota` service of one account: names become ids here, and the change engine knows ids alone.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Change from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { MemberRef } from "../model/MemberInfo.ts"
import { isStatus, statusRule } from "../model/memberStatus.ts"
import type { Names } from "../model/KnownKeys.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import type { Quota, Who } from "./Quota.ts"
import type { Engine } from "../engine/changeEngine.ts"
import type { Resolve } from "../engine/decodeChanges.ts"
import { type ResolveMembers, resolveOne } from "./memberRef.ts"
import { type QuotaFilter, arrange, arrangementProblem, thresholds } from "./quotaFilter.ts"
import { type NameOf, makeWithNames, namesIn } from "./withNames.ts"
import { type ServiceContext, withAccount } from "./serviceContext.ts"
import { checkKeys, invalidArgument } from "../engine/invalidArgument.ts"
import * as Rows from "../wire/Rows.ts"

const operation = "quotas.change"

/** @internal */
export const filterKeys: Names<QuotaFilter> = {
  metric: true,
  member: true,
  status: true,
  above: true,
  below: true,
  sort: true,
  limit: true
}

export const makeQuota = (
  context: ServiceContext,
  resolveMembers: ResolveMembers,
  { changeAll }: Engine
): Quota["Service"] => {
  const { account, driver } = context
  const resolve: Resolve = (refs) => Effect.map(resolveMembers(operation, refs), ({ members }) => members)
  const refuse = (field: string, message: string) => invalidArgument(context, operation, field, message)

  const withNames = (
    states: Stream.Stream<QuotaState, CloudQuotaError>,
    // Without names of its own, a driver has the names in these rows.
    names: Effect.Effect<NameOf, CloudQuotaError> | undefined = driver.names === undefined
      ? noNames
      : undefined
  ) =>
    Stream.suspend(() => {
      const withName = makeWithNames(context, names)
      return Rows.flatMap(states, (state) => Effect.mapEager(withName(state.member, state), (row) => [row]))
    })

  /** Decodes a filter, before anything is read. Members and their status are looked up in one list. */
  const matcherOf = Effect.fnUntraced(function* (filter: QuotaFilter = {}) {
    const listing = "quotas.list"
    yield* checkKeys(context, listing, filter, filterKeys, "filter")
    const { member, metric, status } = filter
    const refuse = ({ field, message }: { readonly field: string; readonly message: string }) =>
      invalidArgument(context, listing, field, message)
    const problem = arrangementProblem(filter)
    if (problem !== undefined) return yield* refuse(problem)
    if (status !== undefined && !isStatus(status))
      return yield* refuse({ field: "status", message: statusRule })
    const passes = yield* Effect.fromResult(Result.mapError(thresholds(filter, driver.metrics), refuse))
    const { directory, members } = yield* resolveMembers(listing, member === undefined ? [] : refsOf(member))
    const chosen = member === undefined ? undefined : new Set(members.map((one) => one.member))
    const ofStatus = status === undefined ? undefined : yield* directory
    const matches = (state: QuotaState): boolean =>
      (metric === undefined || state.metric.id === metric) &&
      (chosen === undefined || chosen.has(state.member)) &&
      (ofStatus === undefined || ofStatus.byId.get(state.member)?.status._tag === status) &&
      passes(state)
    // The status of a member that cannot be read is not known.
    return { matches, unreadable: ofStatus?.unreadable }
  })

  return {
    metrics: driver.metrics,
    list: (filter) =>
      Stream.unwrap(
        Effect.map(matcherOf(filter), ({ matches, unreadable }) => {
          const end = unreadable === undefined ? Stream.empty : Stream.fail(unreadable)
          const rows = Stream.concat(Stream.filter(driver.listQuotas, matches), end)
          return arrange(withNames(rows), filter ?? {})
        })
      ).pipe(
        Stream.mapError(withAccount(account)),
        Stream.withSpan("Quota.list", { attributes: { account } })
      ),
    get: Effect.fn("Quota.get")(function* (ref) {
      const { directory, member } = yield* resolveOne(resolveMembers, "quotas.get", ref)
      // Only the lookup of a text has listed the members already.
      const names = typeof ref === "string" ? namesIn(directory) : undefined
      const states = withNames(Stream.fromIterableEffect(driver.getQuotas(member)), names)
      return yield* Effect.mapError(Stream.runCollect(states), withAccount(account))
    }),
    change: Effect.fn("Quota.change")(function* (who, spec, options) {
      if (typeof spec !== "object" || spec === null || Object.keys(spec).length === 0) {
        const message = 'say what is to be changed and how, as { allowance: { topUpTo: "500 CNY" } }'
        return yield* refuse("spec", message)
      }
      return yield* Effect.mapError(
        changeAll(Change.forMembers(yield* membersOf(who), spec), options ?? {}, resolve),
        withAccount(account)
      )
    }),
    changeAll: Effect.fn("Quota.changeAll")(function* (changes, options) {
      if (typeof changes !== "object" || changes === null || !(Symbol.iterator in changes)) {
        return yield* refuse("changes", "give a list of changes")
      }
      return yield* Effect.mapError(
        changeAll(Array.from(changes), options ?? {}, resolve),
        withAccount(account)
      )
    })
  }
}

const refsOf = (member: NonNullable<QuotaFilter["member"]>): ReadonlyArray<MemberRef> =>
  isList(member) ? member : [member]

const isList = (member: NonNullable<QuotaFilter["member"]>): member is ReadonlyArray<MemberRef> =>
  Array.isArray(member)

const noNames = Effect.succeed<NameOf>(() => undefined)

const membersOf = (who: Who): Effect.Effect<ReadonlyArray<MemberRef>, CloudQuotaError> => {
  if (typeof who === "string") return Effect.succeed([who])
  if (Stream.isStream(who)) return Stream.runCollect(who)
  const several = typeof who === "object" && who !== null && Symbol.iterator in who
  return Effect.succeed(several ? Array.from(who) : [who])
}
