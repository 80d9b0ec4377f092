/** Quotas, results, reports and events of the Promise API, made from core's. */
import * as Duration from "effect/Duration"
import type { Event } from "../model/Change.ts"
import { defined } from "../model/KnownKeys.ts"
import type { Intent as CoreIntent } from "../journal/contract.ts"
import type { Metric as CoreMetric } from "../model/Metric.ts"
import * as CoreQuota from "../services/Quota.ts"
import * as CoreReport from "../model/Report.ts"
import { failureOf } from "./failure.ts"
import type { ChangeEvent, Intent, Metric, Outcome, QuotaState, Report, Result } from "./model.ts"
import { plain, withLine } from "./plain.ts"

/** The text of a quota: not part of its data. */
const quotaText = {
  toString(this: QuotaState): string {
    const { account, available, limit, member, metric, share, used } = this
    const text =
      metric.kind === "ceiling" && used !== undefined
        ? `${used} of ${limit} used${share === undefined || limit === "unlimited" ? "" : `, ${percent(share)}`}`
        : `${available ?? "an amount that is not told"} of ${limit} available`
    return `${account} ${member} ${metric.id}: ${text}`
  }
}

const percent = (share: number): string =>
  Number.isFinite(share) ? `${Math.round(share * 100)} %` : "although it is nothing"

const metrics = new WeakMap<CoreMetric, Metric>()

/** Converts a metric once, since all rows of a listing share it. */
const metricOf = (metric: CoreMetric): Metric => {
  const known = metrics.get(metric) ?? Object.freeze(plain(metric))
  metrics.set(metric, known)
  return known
}

export const quotaOf =
  (account: string) =>
  ({ member, metric, ...state }: CoreQuota.QuotaState): QuotaState =>
    Object.assign(Object.create(quotaText), {
      account,
      member,
      metric: metricOf(metric),
      ...plain(state),
      ...defined({ share: CoreQuota.share({ member, metric, ...state }) })
    })

const outcomeOf = (outcome: CoreReport.Outcome): Outcome => {
  switch (outcome._tag) {
    case "Applied": {
      const { _tag, ...rest } = outcome
      return { outcome: _tag, ...plain(rest) }
    }
    case "NoChange":
    case "Planned":
    case "NotApplied":
      return { outcome: outcome._tag }
    case "Refused":
      return { outcome: outcome._tag, check: outcome.check }
    case "Rejected":
    case "NotSent":
    case "Unknown":
      return { outcome: outcome._tag, failure: failureOf(outcome.reason) }
    case "Conflict":
      return { outcome: outcome._tag, detail: outcome.detail }
    case "Drift":
      return { outcome: outcome._tag, expected: plain(outcome.expected), observed: plain(outcome.observed) }
    case "Blocked":
      return { outcome: outcome._tag, by: outcome.by }
  }
}

const resultOf = ({ outcome, ...known }: CoreReport.Result): Result =>
  withLine({
    ...plain(known),
    ...outcomeOf(outcome)
  })

/** The methods of a report: not part of its data. */
const reportText = {
  toString(this: Report): string {
    const lines = this.results.map(({ message }) => message)
    if (this.obstacle) lines.push(`It would be refused now: ${this.obstacle.message}`)
    if (this.aborted) lines.push("Aborted before all members were reached: run it again to continue.")
    return lines.length === 0 ? "Nothing to change." : lines.join("\n")
  },
  [Symbol.iterator](this: Report): Iterator<Result> {
    return this.results[Symbol.iterator]()
  }
}

export const reportOf = (report: CoreReport.Report, aborted = false): Report => {
  const { account, obstacle, preview, provider, results, run } = report
  const code = CoreReport.exitCode(report)
  return Object.assign(Object.create(reportText), {
    account,
    provider,
    ...defined({ run, obstacle: obstacle && failureOf(obstacle.reason) }),
    preview,
    aborted,
    results: results.map(resultOf),
    complete: !aborted && CoreReport.isComplete(report),
    exitCode: aborted && code === 0 ? 3 : code
  })
}

export const eventOf = (event: Event): ChangeEvent => {
  if (event._tag === "Finished") return withLine({ type: event._tag, result: resultOf(event.result) })
  if (event._tag === "Sending") {
    const { _tag, ...sending } = event
    return withLine({ type: _tag, ...plain(sending) })
  }
  const { _tag, remaining, ...waiting } = event
  return withLine({
    type: _tag,
    ...plain(waiting),
    remainingMillis: Math.ceil(Duration.toMillis(remaining))
  })
}

export const intentOf = (intent: CoreIntent): Intent => {
  const { after, attempt, before, createdAt, id, member, metric, request, run, state, updatedAt } = intent
  const { delta, detail, evidence, requestId } = intent
  return withLine({
    ...plain({ id, run, member, metric, attempt, request, before, after, state }),
    ...plain(defined({ delta, evidence, requestId, detail })),
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt)
  })
}
