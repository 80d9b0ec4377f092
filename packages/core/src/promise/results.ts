/** Quotas, results, reports and events of the Promise API, made from core's. */
import * as Duration from "effect/Duration"
import type { Event } from "../model/Change.ts"
import { defined } from "../model/KnownKeys.ts"
import type { Intent as CoreIntent } from "../journal/contract.ts"
import type { Metric as CoreMetric } from "../model/Metric.ts"
import * as CoreQuota from "../services/Quota.ts"
import * as CoreReport from "../model/Report.ts"
import { failureOf } from "./failure.ts"
import type { ChangeEvent, Intent, Metric, Outcome, Quantity, QuotaState, Report, Result } from "./model.ts"
import { plain, withLine } from "./plain.ts"

const percent = (share: number): string =>
  Number.isFinite(share) ? `${Math.round(share * 100)} %` : "although it is nothing"

const metrics = new WeakMap<CoreMetric, Metric>()

/** Converts a metric once, since all rows of a listing share it. */
const metricOf = (metric: CoreMetric): Metric => {
  // Types know the ids of all adapters.
  const known = metrics.get(metric) ?? Object.freeze(plain(metric) as Metric)
  metrics.set(metric, known)
  return known
}

/** A class, since listings have many: it makes a row in one piece. Its text is not part of its data. */
class QuotaRow implements QuotaState {
  readonly account: string
  readonly member: string
  declare readonly name?: string
  declare readonly person?: string
  readonly metric: Metric
  readonly limit: QuotaState["limit"]
  declare readonly used?: Quantity
  declare readonly available?: Quantity
  declare readonly share?: number
  readonly observedAt: Date

  constructor(account: string, quota: CoreQuota.QuotaState) {
    const { available, limit, member, metric, name, observedAt, person, used } = quota
    const share = CoreQuota.share(quota)
    this.account = account
    this.member = member
    if (name !== undefined) this.name = name
    if (person !== undefined) this.person = person
    this.metric = metricOf(metric)
    this.limit = plain(limit)
    if (used !== undefined) this.used = plain(used)
    if (available !== undefined) this.available = plain(available)
    if (share !== undefined) this.share = share
    this.observedAt = plain(observedAt)
  }

  toString(): string {
    const { account, available, limit, member, metric, share, used } = this
    const text =
      metric.kind === "ceiling" && used !== undefined
        ? `${used} of ${limit} used${share === undefined || limit === "unlimited" ? "" : `, ${percent(share)}`}`
        : `${available ?? "an amount that is not told"} of ${limit} available`
    return `${account} ${member} ${metric.id}: ${text}`
  }
}

export const quotaOf =
  (account: string) =>
  (quota: CoreQuota.QuotaState): QuotaState =>
    new QuotaRow(account, quota)

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
    attention: CoreReport.attention(report).map(resultOf),
    summary: CoreReport.summary(results),
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
  const { delta, detail, evidence, named, requestId } = intent
  return withLine({
    ...plain({ id, run, member, metric, attempt, request, before, after, state }),
    ...plain(defined({ named, delta, evidence, requestId, detail })),
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt)
  })
}
