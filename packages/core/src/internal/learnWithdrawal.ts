/**
 * Whether taking back lowers the limit is not documented, and everything that is concluded from a limit
 * that did not move depends on it. So the first withdrawal of an account is watched.
 */
import * as Effect from "effect/Effect"
import type { CloudQuotaError } from "../CloudQuotaError.ts"
import type { Intent, JournalError } from "../Journal.ts"
import * as Quantity from "../Quantity.ts"
import { type Session, snapshotOf } from "./settle.ts"

/**
 * Watches the withdrawals of an account until one was seen to lower a limit: whether the limit falls with it decides what later
 * ones can be told from. A fall is believed only when a second reading confirms it.
 */
export const learnWithdrawal = Effect.fnUntraced(function* (
  session: Session,
  intent: Intent
): Effect.fn.Return<void, JournalError | CloudQuotaError> {
  const { driver, hold, timings } = session
  const { delta, member, metric } = intent
  if (driver.write._tag !== "Delta" || delta === undefined || !Quantity.isNegative(delta)) return
  const { withdrawal } = yield* hold.account
  if (withdrawal === "lowers-limit" || intent.before.limit._tag === "Unlimited") return
  const before = intent.before.limit.quantity
  if (withdrawal === "unknown") yield* Effect.sleep(timings.readLag)
  const first = yield* snapshotOf(driver.write, member)
  // Somebody may have refilled it when it was watched first: a fall that is seen later counts.
  if (withdrawal === "keeps-limit" && (!first || Quantity.Order(first.allocated, before) === 0)) return
  yield* Effect.sleep(timings.readLag)
  const second = yield* snapshotOf(driver.write, member)
  if (first === undefined || second === undefined || Quantity.Order(first.allocated, second.allocated) !== 0)
    return
  if (second.membership !== intent.membership) return
  const seen = { member, metric, membership: second.membership, settled: second.allocated }
  const what = `a withdrawal of ${Quantity.abs(delta)} from ${member}`
  if (Quantity.Order(second.allocated, Quantity.sum(before, delta)) === 0) {
    yield* hold.learn("lowers-limit", `${what} lowered the limit from ${before} to ${second.allocated}`, seen)
  } else if (withdrawal === "unknown" && Quantity.Order(second.allocated, before) === 0) {
    yield* hold.learn("keeps-limit", `${what} left the limit at ${before}`, seen)
  }
})
