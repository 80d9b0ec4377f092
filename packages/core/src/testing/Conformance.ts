/**
 * The requirements of every adapter, as data: checks that depend on no test framework and no cloud.
 *
 * A {@link Harness} supplies the facts that a check cannot know. The checks use the neutral services alone.
 * They change quotas and members: run each one on a fresh emulator or a fresh account of a test team.
 *
 * @example
 * import { Account, Period } from "@cloud-quota/core"
 * import * as Conformance from "@cloud-quota/core/testing/Conformance"
 * import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
 * import { Effect } from "effect"
 *
 * const harness = Effect.gen(function* () {
 *   const { driver, requests, script, writes } = yield* MemoryProvider.absolute()
 *   return {
 *     account: yield* Account.Account.pipe(Effect.provide(Account.layer(Effect.succeed(driver)))),
 *     member: "m-1",
 *     otherMember: "m-2",
 *     missingMember: "m-404",
 *     malformedMember: "not an id",
 *     requests,
 *     writes: Effect.map(writes, (all) => all.length),
 *     loseNextAnswer: script("answer-lost"),
 *     invitee: "u-5",
 *     period: Period.between("2026-01-01", "2027-01-01", { zone: "Asia/Shanghai" }),
 *     month: "2026-12"
 *   }
 * })
 *
 * export const program = Effect.forEach(Conformance.checks, (check) =>
 *   Effect.gen(function* () {
 *     const fresh = yield* harness
 *     if (Conformance.applies(check, fresh)) yield* check.run(fresh)
 *   })
 * )
 */
import { generalChecks } from "./conformanceGeneral.ts"
import { type Check, type Harness, isSupported } from "./conformanceKit.ts"
import { billingChecks } from "./conformanceBilling.ts"
import { memberChecks } from "./conformanceMembers.ts"
import { quotaChecks } from "./conformanceQuotas.ts"

export { type Check, ConformanceFailure, type Harness } from "./conformanceKit.ts"

/** Whether the account has all that the check needs. */
export const applies = (check: Check, harness: Harness): boolean =>
  check.needs.every((capability) => isSupported(harness, capability)) &&
  (!check.losesAnswer || harness.loseNextAnswer !== undefined)

/** All checks. */
export const checks: ReadonlyArray<Check> = [
  ...generalChecks,
  ...quotaChecks,
  ...memberChecks,
  ...billingChecks
]
