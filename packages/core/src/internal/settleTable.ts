/**
 * What a reading after the waiting time proves about a difference whose answer was lost. Pure.
 *
 * What is *available* is deliberately not part of it: spending lowers it, a refund raises it, so it
 * is a witness of nothing.
 */
import type { Intent, Withdrawal } from "../Journal.ts"
import * as Quantity from "../Quantity.ts"
import type { Evidence } from "../Report.ts"
import { on } from "./rules.ts"

/** What was read after the waiting time. */
export interface Reading {
  /** The limit now, less the limit before. */
  readonly moved: Quantity.Quantity
  /** What is available now, less what was: for people to look at, and never to decide by. */
  readonly available: Quantity.Quantity
  /** How many entries the provider's log has gained. Absent where there is no such log. */
  readonly logged?: number
  /** Whether taking back is known to lower the limit. */
  readonly withdrawal: Withdrawal
  /**
   * Whether an entry of the log can only be ours. The log tells no member: while another change of the
   * account is undecided, its request may be what the entry is about.
   */
  readonly logIsOurs: boolean
}

/** What the reading proves. */
export type Verdict =
  | { readonly state: "applied"; readonly evidence: Evidence; readonly learnt?: Withdrawal }
  | { readonly state: "not-applied"; readonly evidence: Evidence }
  | { readonly state: "conflict"; readonly detail: string }

export const judge = (delta: Quantity.Quantity, reading: Reading): Verdict => {
  const { logged, moved } = reading
  const asSent = Quantity.Order(moved, delta) === 0
  const unmoved = Quantity.isZero(moved)
  const evidence: Evidence = logged === undefined ? "read-back" : "read-back+log"
  const logAllows = (entries: number): boolean => logged === undefined || logged === entries

  if (!asSent && !unmoved) {
    return conflict(
      `the limit moved by ${signed(moved)}, and what is available by ${signed(reading.available)}: that is neither this change nor none`
    )
  }
  if (Quantity.isPositive(delta)) return judgeMove(asSent, logAllows, evidence, logged)
  return judgeWithdrawal(asSent, logAllows, evidence, reading)
}

const judgeMove = (
  asSent: boolean,
  logAllows: (entries: number) => boolean,
  evidence: Evidence,
  logged: number | undefined
): Verdict => {
  if (asSent) {
    return logAllows(1)
      ? { state: "applied", evidence }
      : conflict(
          `the limit moved as it should, and the provider's log has ${logged} new entries instead of 1`
        )
  }
  return logAllows(0)
    ? { state: "not-applied", evidence }
    : conflict(`the limit did not move, and the provider's log has ${logged} new entries instead of none`)
}

const judgeWithdrawal = (
  asSent: boolean,
  logAllows: (entries: number) => boolean,
  evidence: Evidence,
  { available, logIsOurs, logged, withdrawal }: Reading
): Verdict => {
  if (withdrawal === "lowers-limit" || !on("unmoved-withdrawal"))
    return judgeMove(asSent, logAllows, evidence, logged)
  if (asSent) {
    if (withdrawal === "keeps-limit") {
      return conflict("the limit fell, and on this account taking back was seen not to lower it")
    }
    return logAllows(1)
      ? { state: "applied", evidence, learnt: "lowers-limit" }
      : conflict(`the limit fell as it should, and the provider's log has ${logged} new entries instead of 1`)
  }
  // The limit did not move, which on this account a withdrawal may never make it do.
  if (logged === 0) return { state: "not-applied", evidence }
  if (logged === 1 && logIsOurs) return { state: "applied", evidence }
  return conflict(
    `the limit did not move, and it is not proven that taking back lowers it on this account, so it cannot be told whether it was taken back (what is available moved by ${signed(available)}, which spending and refunds do too)`
  )
}

const conflict = (detail: string): Verdict => ({ state: "conflict", detail })

const signed = (quantity: Quantity.Quantity): string =>
  `${Quantity.isPositive(quantity) ? "+" : ""}${quantity}`

/** The limit that a claim leaves behind: what has to be found before the next change. */
export const settledAfter = (
  { before, delta }: Pick<Intent, "before" | "delta">,
  state: "applied" | "not-applied",
  moved: boolean
): Quantity.Quantity | undefined => {
  if (before.limit._tag === "Unlimited" || delta === undefined) return undefined
  return state === "applied" && moved ? Quantity.sum(before.limit.quantity, delta) : before.limit.quantity
}
