/**
 * Finds who is low on quota, on every account, and raises them. It knows no cloud: what a metric
 * is decides what is done.
 */
import { Accounts, type Change, Metric, Quantity, Quota, type Report } from "@cloud-quota/core"
import { Effect, Stream } from "effect"

/** Who counts as low, and how far they are raised. */
export interface Policy {
  /** A ceiling is low when more than this share of it is used: 0.8 is 80 %. */
  readonly share: number
  /** A low ceiling is raised by this share of itself, rounded up to a step: "0.5" adds a half. */
  readonly raise: string
  /** A balance is low when less than this is available. */
  readonly floor: Quantity.Quantity
  /** A low balance is topped up to this. */
  readonly topUpTo: Quantity.Quantity
  /** The name of this batch: the same name again continues it, and pays nobody twice. */
  readonly run: string
}

/** What was found on one account, and what became of it. */
export interface Finding {
  readonly account: string
  readonly names: ReadonlyMap<string, string>
  readonly quotas: ReadonlyArray<Quota.QuotaState>
  readonly low: ReadonlyArray<Quota.QuotaState>
  readonly report: Report.Report
}

/** Raises everybody who is low, account by account. */
export const lowOnQuota = Effect.fn("lowOnQuota")(function* (policy: Policy) {
  const accounts = yield* Accounts.Accounts
  return yield* Effect.forEach(accounts.all, (account) =>
    Effect.gen(function* () {
      const members = yield* Stream.runCollect(account.members.list({ status: "active" }))
      const names = new Map(members.flatMap(({ id, name }) => (id && name ? [[id, name]] : [])))
      const active = new Set(members.map(({ id }) => id))
      const quotas = (yield* Stream.runCollect(account.quotas.list())).filter(({ member }) =>
        active.has(member)
      )
      const low = quotas.filter((state) => isLow(state, policy))
      const report = yield* account.quotas.changeAll(
        low.map((state) => raise(state, policy)),
        { run: policy.run }
      )
      return { account: account.name, names, quotas, low, report }
    })
  )
})

const isLow = (state: Quota.QuotaState, { floor, share }: Policy): boolean => {
  if (state.metric.kind === "ceiling") return (Quota.share(state) ?? 0) > share
  return (
    state.metric.unit === floor.unit &&
    state.available !== undefined &&
    Quantity.isLessThan(state.available, floor)
  )
}

const raise = ({ limit, member, metric }: Quota.QuotaState, policy: Policy): Change.Change => {
  if (metric.kind === "balance" || limit._tag === "Unlimited") {
    return { member, metric: metric.id, action: { topUpTo: policy.topUpTo } }
  }
  const more = Metric.roundUp(metric, Quantity.multiply(limit.quantity, policy.raise))
  return { member, metric: metric.id, action: { adjust: more } }
}
