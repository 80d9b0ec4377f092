/**
 * Judges a difference whose answer was lost by a reading after the waiting time. Pure.
 *
 * The limit is the proof; the provider's log can only contradict it. The log names no member and lags, so an
 * entry may belong to another change, and a missing one may still come.
 *
 * The available amount is deliberately ignored: spending lowers it and a refund raises it, so it proves
 * nothing.
 */
import type { Intent, Withdrawal } from "../journal/contract.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Evidence } from "../model/Report.ts"
import { on } from "./rules.ts"

/** A reading after the waiting time. */
export interface Reading {
  /** The limit now, minus the limit before. */
  readonly moved: Quantity.Quantity
  /** The available amount now, minus the amount before. Shown to people, and never used to decide. */
  readonly available: Quantity.Quantity
  /** The number of entries that the provider's log has gained. Absent if the log is no witness. */
  readonly logged?: number
  /** Whether withdrawals are known to lower the limit. */
  readonly withdrawal: Withdrawal
}

/** The conclusion from a reading. */
export type Verdict =
  | { readonly state: "applied" | "not-applied"; readonly evidence: Evidence }
  | { readonly state: "conflict"; readonly detail: string }

export const judge = (delta: Quantity.Quantity, reading: Reading): Verdict => {
  const { available, logged, moved, withdrawal } = reading
  const evidence: Evidence = logged === undefined ? "read-back" : "read-back+log"
  const logAllows = (entries: number): boolean =>
    logged === undefined || logged === entries || !on("log-vetoes")
  const isWithdrawal = Quantity.isNegative(delta)

  if (Quantity.Order(moved, delta) === 0) {
    if (isWithdrawal && withdrawal === "keeps-limit") {
      return conflict("the limit fell, and on this account taking back was seen not to lower it")
    }
    return logAllows(1)
      ? { state: "applied", evidence }
      : conflict(
          `the limit moved as it should, and the provider's log has ${logged} new entries instead of 1`
        )
  }
  if (!Quantity.isZero(moved)) {
    return conflict(
      `the limit moved by ${signed(moved)}, and the available amount by ${signed(available)}; this change was ${signed(delta)}, so something else changed it too`
    )
  }
  if (isWithdrawal && withdrawal !== "lowers-limit" && on("unmoved-withdrawal")) {
    return conflict(
      `the limit did not move, and it is not proven that taking back lowers it on this account, so the limit cannot show whether it was taken back (the available amount moved by ${signed(available)}, which spending and refunds do too)`
    )
  }
  return logAllows(0)
    ? { state: "not-applied", evidence }
    : conflict(`the limit did not move, and the provider's log has ${logged} new entries instead of none`)
}

const conflict = (detail: string): Verdict => ({ state: "conflict", detail })

const signed = (quantity: Quantity.Quantity): string =>
  `${Quantity.isPositive(quantity) ? "+" : ""}${quantity}`

/** Returns the settled limit. The next change has to find it. */
export const settledAfter = (
  { before, delta }: Pick<Intent, "before" | "delta">,
  state: "applied" | "not-applied"
): Quantity.Quantity | undefined => {
  if (before.limit._tag === "Unlimited" || delta === undefined) return undefined
  return state === "applied" ? Quantity.sum(before.limit.quantity, delta) : before.limit.quantity
}
