/**
 * The conditions for changing or settling an account: waiting times that prove an outcome, a durable journal,
 * and a baseline.
 */
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as AccountIdentity from "../model/AccountIdentity.ts"
import { type CloudQuotaError, InvalidRequest, PreconditionFailed } from "../model/CloudQuotaError.ts"
import type { Driver } from "../model/Driver.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import * as Journal from "../journal/Journal.ts"
import type * as Settlement from "./Settlement.ts"
import { on } from "./rules.ts"

/** An account as it is about to be changed. */
interface Subject {
  readonly driver: Driver
  readonly journal: Journal.Journal
  readonly timings: Settlement.Timings
  readonly failed: (operation: string, reason: CloudQuotaError["reason"]) => CloudQuotaError
}

/** Refuses to settle on a real cloud if the waiting times are too short to prove an outcome. */
export const maySettle = (
  { driver, failed, timings }: Subject,
  during: string
): Effect.Effect<void, CloudQuotaError> => {
  const unknown = KnownKeys.problem(timings, timingKeys, "Settlement")
  if (unknown !== undefined) {
    const { field, message } = unknown
    const reason = new InvalidRequest({ field, message: `Settlement: ${field} ${message}` })
    return Effect.fail(failed(during, reason))
  }
  return AccountIdentity.isLoopback(driver.identity.endpoint) || longEnough(timings) || !on("long-enough")
    ? Effect.void
    : Effect.fail(
        failed(
          during,
          new InvalidRequest({
            field: "Settlement",
            message: `Settlement: a request may take effect ${Duration.format(shortest)} after it was sent, and a reading may be as old as "readLag", so "own" has to be at least the sum of both, and "takeover" no shorter than "own": give ${Duration.format(Duration.sum(shortest, timings.readLag))} or more`
          })
        )
      )
}

/** Refuses changes if the waiting times are too short, or if a delta cloud has no durable journal. */
export const mayChange = Effect.fnUntraced(function* (
  subject: Subject,
  operation: string
): Effect.fn.Return<void, CloudQuotaError> {
  const { driver, failed, journal } = subject
  yield* maySettle(subject, operation)
  if (driver.write._tag !== "Delta") return
  const loopback = AccountIdentity.isLoopback(driver.identity.endpoint)
  if (journal.kind === "memory" && !loopback) {
    return yield* failed(
      operation,
      new PreconditionFailed({
        message:
          "the journal is in memory, which forgets with the process, and money must not move without a memory: provide SqliteJournal.layer() or PostgresJournal.layer()"
      })
    )
  }
  if (loopback || !(yield* isCi)) return
  const vanishes = yield* journal.vanishes ?? Effect.undefined
  if (vanishes !== undefined) {
    return yield* failed(
      operation,
      new PreconditionFailed({
        message: `this is CI, where the journal ${Journal.describe(journal)} would vanish with the runner, since ${vanishes}, and money must not move without a memory: choose a journal that outlives it, such as PostgresJournal.layer(), or an absolute path outside the checkout, home and temporary folders; for connect and cloud-quota, CLOUD_QUOTA_JOURNAL=postgres://… does`
      })
    )
  }
})

/** Accepts any value but an empty one, 0 and false: every CI sets its own. */
const isCi = Config.String("CI").pipe(
  Effect.map((word) => !/^(0|false|)$/i.test(word.trim())),
  Effect.orElseSucceed(() => false)
)

/** The provider's own limit plus the delay that the network may add. A shorter wait proves nothing. */
const shortest = Duration.seconds(75)

const timingKeys: KnownKeys.Names<Settlement.Timings> = {
  own: true,
  takeover: true,
  readLag: true,
  readingAge: true,
  armedFor: true
}

const longEnough = ({ own, readLag, takeover }: Settlement.Timings): boolean =>
  [own, readLag, takeover].every(Duration.isFinite) &&
  !Duration.isNegative(readLag) &&
  Duration.isGreaterThan(own, shortest) &&
  Duration.isGreaterThanOrEqualTo(own, Duration.sum(shortest, readLag)) &&
  Duration.isGreaterThanOrEqualTo(takeover, own)

/** Returns the reason why an account needs a baseline in this journal. */
export const unbaselined = (journal: Journal.Journal, notice: string | undefined) =>
  new PreconditionFailed({
    needs: "baseline",
    message: `${notice ?? "this journal has never seen this account"}; the journal is ${Journal.describe(journal)}. Without a baseline it cannot detect changes by others: check the limits, then accept them with Changes.baseline, or on the command line with cloud-quota baseline`
  })
