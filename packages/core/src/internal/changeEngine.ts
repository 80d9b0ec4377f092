/**
 * Carries out changes: the frame that both kinds of clouds share. How a limit is written is in
 * `changeByDelta` and `changeByPut`.
 */
import * as Effect from "effect/Effect"
import * as AccountIdentity from "../AccountIdentity.ts"
import type * as Change from "../Change.ts"
import { CloudQuotaError, PreconditionFailed, RunReused } from "../CloudQuotaError.ts"
import type { Driver } from "../Driver.ts"
import * as Journal from "../Journal.ts"
import * as Quantity from "../Quantity.ts"
import type { Report } from "../Report.ts"
import { type Call, isOf, journalReason } from "./call.ts"
import { changeByDelta } from "./changeByDelta.ts"
import { changeByPut } from "./changeByPut.ts"
import { type Wishes, decodeWishes } from "./wishes.ts"

const operation = "quotas.change"

export const makeChangeEngine = Effect.fnUntraced(function* (account: string, driver: Driver) {
  const journal = yield* Journal.Journal
  const { provider } = driver.identity

  const failed = (reason: CloudQuotaError["reason"]) =>
    new CloudQuotaError({ provider, account, operation, money: "not-moved", reason })

  return Effect.fnUntraced(function* (
    changes: ReadonlyArray<Change.Change>,
    options: Change.Options
  ): Effect.fn.Return<Report, CloudQuotaError> {
    const wishes = yield* decodeWishes(account, driver, changes, options)
    const results = yield* Effect.scoped(
      Effect.gen(function* () {
        if (wishes.wishes.length === 0) return []
        if (
          driver.write._tag === "Delta" &&
          !wishes.preview &&
          !AccountIdentity.isLoopback(driver.identity.endpoint)
        ) {
          return yield* failed(
            new PreconditionFailed({
              message:
                "a change that is sent as a difference needs its lost answers settled, which is not built yet: until then such changes go to emulators on this machine only"
            })
          )
        }
        const hold = yield* journal
          .hold(AccountIdentity.key(driver.identity))
          .pipe(Effect.mapError((error) => failed(journalReason(error))))
        // Without a name nothing can be continued, so every such call is a run of its own.
        const run = wishes.run ?? `unnamed/${hold.fence}`
        const past = yield* hold
          .intents({ run })
          .pipe(Effect.mapError((error) => failed(journalReason(error))))
        for (const wish of wishes.wishes) {
          const other = past.find((intent) => isOf(wish)(intent) && intent.request !== wish.request)
          if (other !== undefined) {
            return yield* failed(
              new RunReused({
                message: `the run ${JSON.stringify(run)} was "${other.request}" for ${wish.metric.id} of ${wish.member}, and is "${wish.request}" now: give a new wish a new run`
              })
            )
          }
        }
        const call: Call = { account, driver, wishes, run, hold, withinCap: makeCap(wishes, past) }
        return yield* driver.write._tag === "Delta"
          ? changeByDelta(call, driver.write)
          : changeByPut(call, driver.write)
      })
    )
    return {
      account,
      provider,
      preview: wishes.preview,
      results,
      ...(wishes.run === undefined ? {} : { run: wishes.run })
    }
  })
})

/** What is spent of the cap: everything of the run that took place or may have. */
const makeCap = ({ cap, waived: _, wishes }: Wishes, past: ReadonlyArray<Journal.Intent>) => {
  if (cap === undefined) return () => true
  const spending = new Set<Journal.State>(["applied", "sending", "prepared", "conflict"])
  const metrics = new Set(wishes.map(({ metric }) => metric.id))
  let spent = past
    .filter(({ metric, state }) => spending.has(state) && metrics.has(metric))
    .reduce((sum, { delta }) => add(sum, delta), Quantity.zero(cap.unit))
  return (delta: Quantity.Quantity | undefined): boolean => {
    const next = add(spent, delta)
    if (Quantity.isGreaterThan(next, cap)) return false
    spent = next
    return true
  }
}

const add = (sum: Quantity.Quantity, delta: Quantity.Quantity | undefined): Quantity.Quantity =>
  delta !== undefined && Quantity.isPositive(delta) ? Quantity.sum(sum, delta) : sum
