/**
 * Stands in for core's `engine/settleTable.ts` while simulating: the same table, unless the rule is
 * switched off that what is available is no witness, or that the log proves nothing.
 */
import * as Quantity from "@cloud-quota/core/Quantity"
import * as real from "../packages/core/src/engine/settleTable.ts"
import { keeps } from "./rules.ts"

export const { settledAfter } = real

export const judge: typeof real.judge = (delta, reading) => {
  const verdict = real.judge(delta, reading)
  if (verdict.state !== "conflict" || !Quantity.isZero(reading.moved)) return verdict
  // The tempting conclusion: had it been taken back, there would be less available.
  if (!keeps("no-witness") && Quantity.isGreaterThan(reading.available, delta))
    return { state: "not-applied", evidence: "read-back" }
  // Another one: one entry of the log has to be ours.
  if (!keeps("log-never-proves") && Quantity.isNegative(delta) && reading.logged === 1)
    return { state: "applied", evidence: "read-back+log" }
  return verdict
}
