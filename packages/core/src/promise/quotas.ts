/**
 * The quotas of one account, as promises.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as CoreChange from "../model/Change.ts"
import type * as CoreReport from "../model/Report.ts"
import type * as Core from "../services/Account.ts"
import { defined } from "../model/KnownKeys.ts"
import type * as CoreQuota from "../services/Quota.ts"
import type { Account, ChangeOptions, QuotaFilter } from "./api.ts"
import type { Calls } from "./calls.ts"
import * as Inputs from "./inputs.ts"
import type { MemberRef, Report } from "./model.ts"
import { toCore } from "./quantity.ts"
import * as Options from "./options.ts"
import { quotaOf, reportOf } from "./results.ts"

export const makeQuotas = (
  { quotas }: Pick<Core.Account["Service"], "quotas">,
  calls: Calls
): Account["quotas"] => {
  const { cutShort, list, name, refs, runWatched, runWith } = calls
  const toQuota = quotaOf(name)

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
    list: (filter) =>
      list(
        "quotas.list",
        () => Effect.map(quotaRows({ quotas }, calls, filter), (rows) => Stream.map(rows, toQuota)),
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
  }
}

const listOf = (member: NonNullable<QuotaFilter["member"]>): ReadonlyArray<MemberRef> =>
  Array.isArray(member) ? member : [member as MemberRef]

/** The rows of a filter, as core has them. */
export const quotaRows = Effect.fnUntraced(function* (
  { quotas }: Pick<Core.Account["Service"], "quotas">,
  { invalidArgument, provider, refs }: Calls,
  filter: QuotaFilter = {}
) {
  const operation = "quotas.list"
  const { below, member, metric, signal: _, ...rest } = filter
  // An unknown metric has no quotas, so that no member would seem to be low on it.
  if (metric !== undefined && !quotas.metrics.some(({ id }) => id === metric)) {
    const known = quotas.metrics.map(({ id }) => id).join(", ")
    const message = `${provider} has no metric ${JSON.stringify(metric)}: it has ${known}`
    return yield* Effect.fail(invalidArgument(operation, "metric", message))
  }
  const chosen = member === undefined ? undefined : yield* refs.members(operation, listOf(member))
  const given = defined({ ...rest, metric, member: chosen, below: toCore(below) })
  // Core refuses values of a wrong type.
  return quotas.list(given as CoreQuota.QuotaFilter)
})
