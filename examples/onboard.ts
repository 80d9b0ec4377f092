/**
 * Somebody new, on every account: invited, and given a first quota as soon as the cloud has let them in.
 * Where an invitation has to be accepted first, run it again afterwards: it goes on from there, and gives
 * nobody anything twice.
 */
import { Accounts, type Change, type Metric } from "@cloud-quota/core"
import { Effect } from "effect"

/** Somebody new: what each account's cloud calls the user, and what they may use at first. */
export interface Newcomer {
  readonly person: string
  readonly users: Readonly<Record<string, string>>
  readonly quotas: Readonly<Record<Metric.MetricId, string>>
}

/** Gives one line for each thing that was done, or that has to happen next. */
export const onboard = Effect.fn("onboard")(function* ({ person, quotas, users }: Newcomer) {
  const lines: Array<string> = []
  for (const account of (yield* Accounts.Accounts).all) {
    const user = users[account.name]
    if (user === undefined) continue
    const [invited] = yield* account.members.invite({ user })
    if (invited !== undefined) lines.push(`${account.name}: ${invited.message}`)
    if (invited?.member?.status._tag !== "active") continue

    const known = account.quotas.metrics.filter(({ id }) => quotas[id] !== undefined)
    const spec: Change.Spec = Object.fromEntries(known.map(({ id }) => [id, { topUpTo: quotas[id] ?? "" }]))
    const report = yield* account.quotas.change(invited.member, spec, { run: `onboard/${person}` })
    lines.push(...report.results.map(({ message }) => `${account.name}: ${message}`))
  }
  return lines
})
