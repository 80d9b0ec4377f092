/**
 * Tops everybody up at the beginning of a month, on every account. It may be killed at any moment: run
 * it again with the same month, and it goes on where it was, and pays nobody twice.
 */
import { Accounts, type Account, type Change, Quantity } from "@cloud-quota/core"
import { Effect, Stream } from "effect"

/** How far everybody is topped up, and how much that may cost. */
export interface Policy {
  /** Such as `2026-12`. The same month again continues what was begun. */
  readonly month: string
  /** So much is to be available in each balance. */
  readonly available: Quantity.Quantity
  /** So much of each ceiling is to be unused, in its own steps: 60 is an hour where minutes are counted. */
  readonly steps: bigint
  /** The most that may be added to all balances of an account together. */
  readonly cap: Quantity.Quantity
  /** Called with everything that happens, in order. */
  readonly onEvent?: Change.Options["onEvent"]
}

/** Tops everybody up, account by account. Gives a report for each kind of quota that an account has. */
export const monthlyTopUp = Effect.fn("monthlyTopUp")(function* (policy: Policy) {
  const accounts = yield* Accounts.Accounts
  const reports = yield* Effect.forEach(accounts.all, (account) => topUp(account, policy))
  return reports.flat()
})

const topUp = Effect.fnUntraced(function* (
  { members, quotas }: Account.Account["Service"],
  { available, cap, month, onEvent, steps }: Policy
) {
  const active = yield* Stream.runCollect(members.list({ status: "active" }))
  const ids = new Set(active.map(({ id }) => id))
  // Everybody, also those who have enough: a run that goes on asks for the same as the one before.
  const states = (yield* Stream.runCollect(quotas.list())).filter(({ member }) => ids.has(member))
  const options: Change.Options = { run: `topup/${month}`, ...(onEvent === undefined ? {} : { onEvent }) }

  const balances = states.filter(({ metric }) => metric.kind === "balance" && metric.unit === available.unit)
  const ceilings = states.filter(({ metric }) => metric.kind === "ceiling")
  const calls = [
    {
      changes: balances.map(({ member, metric }) => change(member, metric.id, available)),
      options: { ...options, cap }
    },
    {
      changes: ceilings.map(({ member, metric }) =>
        change(member, metric.id, Quantity.multiply(metric.step, steps))
      ),
      options
    }
  ]
  return yield* Effect.forEach(
    calls.filter(({ changes }) => changes.length > 0),
    ({ changes, options }) => quotas.changeAll(changes, options)
  )
})

const change = (member: string, metric: string, topUpTo: Quantity.Quantity): Change.Change => ({
  member,
  metric,
  action: { topUpTo }
})
