/** The quotas of sub-accounts, in the neutral vocabulary. */
import { CloudQuotaError, MalformedResponse, NotFound } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { type Absolute, Complete, type Driver } from "@cloud-quota/core/adapter/Driver"
import type { Limit } from "@cloud-quota/core/Limit"
import type { MemberId } from "@cloud-quota/core/Member"
import type { MetricId } from "@cloud-quota/core/Metric"
import * as Rows from "@cloud-quota/core/adapter/Rows"
import { availableOf, type QuotaState } from "@cloud-quota/core/Quota"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type Asset, type LimitName, limitNames, metrics } from "../api/quotas.ts"
import type { MetaStudioClient } from "../api/MetaStudioClient.ts"
import { invalid, provider } from "../api/errors.ts"
import type { Isolation } from "./isolation.ts"
import { listedId } from "./memberId.ts"

/**
 * Returns the row of one sub-account. Other rows are ignored, in case the provider ignores the filter. If it
 * is not found, a row that cannot be read is an error, because it may be that one.
 */
export const findRow = (
  client: MetaStudioClient["Service"],
  userId: string
): Effect.Effect<Option.Option<Asset>, CloudQuotaError> =>
  client.stream.listUserQuotas({ user_id: userId }).pipe(
    Stream.filter((row) => row.user_id === userId),
    Stream.runHead
  )

/** Reads and writes the quotas of sub-accounts. */
export const makeQuotas = (
  client: MetaStudioClient["Service"],
  isolation: Isolation
): Pick<Driver, "listQuotas" | "getQuotas"> & { readonly write: Absolute } => ({
  listQuotas: Stream.unwrap(
    Effect.map(Clock.Clock, (clock) => {
      const bare: { count: number; readonly some: Array<string> } = { count: 0, some: [] }
      const states = Rows.flatMap(client.stream.listUserQuotas(), (row) =>
        Effect.mapEager(statesOf(row, clock), (states) => {
          if (states.length > 0) return states
          bare.count += 1
          if (bare.some.length < shownAtMost) bare.some.push(row.user_id)
          return states
        })
      )
      const end = Effect.suspend(() => (bare.count === 0 ? Effect.void : skipped(bare)))
      return Stream.concat(states, Stream.fromEffectDrain(end))
    })
  ),
  getQuotas: (member) =>
    Effect.flatMap(
      findRow(client, member),
      Option.match({
        onNone: () => Effect.fail(withoutQuotas(member)),
        onSome: (row) => Effect.flatMap(Clock.Clock, (clock) => statesOf(row, clock))
      })
    ),
  write: {
    _tag: "Absolute",
    put: Effect.fnUntraced(function* (member, limits, options) {
      const byField = yield* Effect.fromResult(byFieldName(limits))
      yield* isolation.required("UpdateUserQuotas")
      // Only the engine repeats a put, because it counts the puts that may still arrive.
      const request = { user_id: member, quota: byField }
      const { requestId } = yield* client.updateUserQuotas(request, { ...options, repeat: false })
      return defined({ requestId })
    })
  }
})

const statesOf = (
  row: Asset,
  clock: Clock.Clock
): Effect.Effect<ReadonlyArray<QuotaState>, CloudQuotaError> =>
  Effect.mapEager(listedId("ListUserQuotas", row.user_id), (member) => {
    const observedAt = DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())
    return limitNames.flatMap((name): ReadonlyArray<QuotaState> => {
      const limit = row.quota?.[name]
      if (limit == null) return []
      const state = { member, metric: metrics[name], limit, observedAt }
      const used = row.usage?.[name] ?? undefined
      if (used === undefined) return [state]
      const available = availableOf(limit, used)
      return [available === undefined ? { ...state, used } : { ...state, used, available }]
    })
  })

/** How many ids a warning names. */
const shownAtMost = 3

/** A listing continues without them; a sum does not. */
const skipped = Effect.fnUntraced(function* ({
  count,
  some
}: {
  readonly count: number
  readonly some: ReadonlyArray<string>
}): Effect.fn.Return<void, CloudQuotaError> {
  const who = count === 1 ? "1 sub-account" : `${count} sub-accounts`
  const message = `no quota is listed of ${who} of which MetaStudio reports no limit: ${some.join(", ")}${count > some.length ? ", …" : ""}`
  if (!(yield* Complete)) return yield* Effect.logWarning(`${provider}: ${message}`)
  return yield* new CloudQuotaError({
    provider,
    operation: "ListUserQuotas",
    money: "not-moved",
    reason: new MalformedResponse({ message: `${message}. So there is no sum of all limits` })
  })
})

type Limits = { readonly [K in LimitName]?: Limit }

const byFieldName = (limits: ReadonlyMap<MetricId, Limit>): Result.Result<Limits, CloudQuotaError> => {
  const known = new Set<MetricId>(limitNames.map((name) => metrics[name].id))
  const strange = Array.from(limits.keys()).find((id) => !known.has(id))
  if (strange !== undefined) {
    const message = `${JSON.stringify(strange)} is not limited by MetaStudio: the metrics are ${Array.from(known).join(", ")}`
    return Result.fail(invalid("UpdateUserQuotas", "metric", message))
  }
  return Result.succeed(
    Object.fromEntries(
      limitNames.flatMap((name) => {
        const limit = limits.get(metrics[name].id)
        return limit === undefined ? [] : [[name, limit]]
      })
    )
  )
}

const withoutQuotas = (member: MemberId): CloudQuotaError =>
  new CloudQuotaError({
    provider,
    operation: "ListUserQuotas",
    money: "not-moved",
    reason: new NotFound({
      message: `sub-account ${member} has no quotas in this project: check the id, or give it some with members.invite`
    })
  })
