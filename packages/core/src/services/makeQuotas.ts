/**
 * The `Quota` service of one account: names become ids here, and the change engine knows ids alone.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Change from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { MemberRef } from "../model/MemberInfo.ts"
import type { Names } from "../model/KnownKeys.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import type { Quota, QuotaFilter, Who } from "./Quota.ts"
import type { Engine } from "../engine/changeEngine.ts"
import type { Resolve } from "../engine/decodeChanges.ts"
import type { ResolveMembers } from "./memberRef.ts"
import { type NameOf, makeWithNames } from "./withNames.ts"
import { type ServiceContext, withAccount } from "./serviceContext.ts"
import { checkKeys, invalidArgument } from "../engine/invalidArgument.ts"
import * as Rows from "../wire/Rows.ts"

const operation = "quotas.change"

const filterKeys: Names<QuotaFilter> = { metric: true }

export const makeQuota = (
  context: ServiceContext,
  resolveMembers: ResolveMembers,
  { changeAll }: Engine
): Quota["Service"] => {
  const { account, driver } = context
  const resolve: Resolve = (refs) => resolveMembers(operation, refs)
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

  return {
    metrics: driver.metrics,
    list: (filter) =>
      Stream.unwrap(
        Effect.as(checkKeys(context, "quotas.list", filter, filterKeys, "filter"), driver.listQuotas)
      ).pipe(
        Stream.filter((state) => filter?.metric === undefined || state.metric.id === filter.metric),
        (states) => withNames(states),
        Stream.mapError(withAccount(account)),
        Stream.withSpan("Quota.list", { attributes: { account } })
      ),
    get: Effect.fn("Quota.get")(function* (ref) {
      const { members, nameOf } = yield* resolveMembers("quotas.get", [ref])
      const states = Stream.flatMap(Stream.fromIterable(members), (id) =>
        Stream.fromIterableEffect(driver.getQuotas(id))
      )
      return yield* Effect.mapError(Stream.runCollect(withNames(states, nameOf)), withAccount(account))
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

const noNames = Effect.succeed<NameOf>(() => undefined)

const membersOf = (who: Who): Effect.Effect<ReadonlyArray<MemberRef>, CloudQuotaError> => {
  if (typeof who === "string") return Effect.succeed([who])
  if (Stream.isStream(who)) return Stream.runCollect(who)
  const several = typeof who === "object" && who !== null && Symbol.iterator in who
  return Effect.succeed(several ? Array.from(who) : [who])
}
