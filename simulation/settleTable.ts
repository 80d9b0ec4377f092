/**
 * Stands in for core's `internal/settleTable.ts` while simulating: the same table, unless the rule is
 * switched off that what is available is no witness.
 */
import * as Quantity from "@cloud-quota/core/Quantity"
import * as real from "../packages/core/src/internal/settleTable.ts"
import { keeps } from "./rules.ts"

export const { settledAfter } = real

export const judge: typeof real.judge = (delta, reading) => {
  const verdict = real.judge(delta, reading)
  if (keeps("no-witness") || verdict.state !== "conflict" || !Quantity.isZero(reading.moved)) return verdict
  // The tempting conclusion: had it been taken back, there would be less available.
  return Quantity.isGreaterThan(reading.available, delta)
    ? { state: "not-applied", evidence: "read-back" }
    : verdict
}
