/**
 * The quotas of one account, as promises.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as CoreChange from "../model/Change.ts"
import type * as CoreReport from "../model/Report.ts"
import type * as Core from "../services/Account.ts"
import { defined } from "../model/KnownKeys.ts"
import type { Account, ChangeOptions } from "./api.ts"
import type { Calls } from "./calls.ts"
import * as Inputs from "./inputs.ts"
import type { Report } from "./model.ts"
import * as Options from "./options.ts"
import { quotaOf, reportOf } from "./results.ts"

export const makeQuotas = (
  { quotas }: Pick<Core.Account["Service"], "quotas">,
  { cutShort, invalidArgument, list, name, provider, refs, runWatched, runWith }: Calls
): Account["quotas"] => {
  const toQuota = quotaOf(name)

  /** Refuses an unknown metric: it would have no quotas, so that no member would seem to be low on it. */
  const metricOf = (operation: string, metric: string | undefined) =>
    metric === undefined || quotas.metrics.some(({ id }) => id === metric)
      ? Effect.succeed(defined({ metric }))
      : Effect.fail(
          invalidArgument(
            operation,
            "metric",
            `${provider} has no metric ${JSON.stringify(metric)}: it has ${quotas.metrics.map(({ id }) => id).join(", ")}`
          )
        )

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
  }
}
