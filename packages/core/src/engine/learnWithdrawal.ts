/**
 * Learns whether withdrawals lower the limit. This is not documented, and every conclusion from an unmoved
 * limit depends on it. So the answered withdrawals of an account are watched until one is seen to lower a
 * limit. A withdrawal without an answer teaches nothing: another change could have lowered the limit.
 */
import * as Effect from "effect/Effect"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { DeltaSnapshot } from "../model/Driver.ts"
import type { Intent, JournalError } from "../journal/contract.ts"
import * as Quantity from "../model/Quantity.ts"
import { gainedEntries } from "./logWitness.ts"
import { on } from "./rules.ts"
import { type Session, snapshotOf, untilSeen } from "./session.ts"

/**
 * Watches an answered withdrawal. An immediate reading may be older than the answer, so the readings start
 * `readLag` after it, and a second one confirms the first. If the log is a witness, it must have gained our
 * entry alone; late entries of others count too.
 */
export const learnWithdrawal = Effect.fnUntraced(function* (
  session: Session,
  intent: Intent
): Effect.fn.Return<void, JournalError | CloudQuotaError> {
  const { driver, hold, timings } = session
  const { delta, member, metric } = intent
  const { write } = driver
  if (write._tag !== "Delta" || delta === undefined || !Quantity.isNegative(delta)) return
  const { withdrawal } = yield* hold.account
  if (withdrawal === "lowers-limit" || intent.before.limit._tag === "Unlimited") return
  const before = intent.before.limit.quantity
  const after = Quantity.sum(before, delta)
  const isAt = (limit: Quantity.Quantity) => (seen: DeltaSnapshot | undefined) =>
    seen !== undefined && seen.membership === intent.membership && Quantity.Order(seen.limit, limit) === 0

  // If withdrawals were seen to keep the limit, only a lowered limit is worth the wait.
  if (withdrawal === "keeps-limit" && !isAt(after)(yield* snapshotOf(write, member))) return
  if (on("learn-after-read-lag")) yield* untilSeen(session, [intent])
  const first = yield* snapshotOf(write, member)
  if (on("learn-after-read-lag")) yield* Effect.sleep(timings.readLag)
  const second = yield* snapshotOf(write, member)
  const gained = yield* gainedEntries(write, session, intent.audit)
  if (gained !== undefined && gained !== 1 && on("learn-by-log")) return

  const what = `a withdrawal of ${Quantity.abs(delta)} from ${member}`
  const seen = { member, metric, membership: intent.membership ?? "" }
  if ([first, second].every(isAt(after))) {
    const evidence = `${what} lowered the limit from ${before} to ${after}`
    yield* hold.learn("lowers-limit", evidence, { ...seen, settled: after })
  } else if (withdrawal === "unknown" && [first, second].every(isAt(before))) {
    yield* hold.learn("keeps-limit", `${what} left the limit at ${before}`, { ...seen, settled: before })
  }
})
