/** Lists everything on one account that needs a person, or time. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Verified } from "./Changes.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Intent } from "../journal/contract.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Open } from "./Open.ts"
import { factsOf, journalReason } from "../engine/call.ts"
import type { Engine } from "../engine/changeEngine.ts"
import { makeWithNames } from "./withNames.ts"
import { type ServiceContext, withAccount } from "./serviceContext.ts"
import { unnamed } from "../engine/decodeChanges.ts"
import { step, unknownText } from "../engine/wording.ts"

const operation = "changes.review"

export const makeReview = (
  context: ServiceContext,
  { failed, journal, key }: Pick<Engine, "failed" | "journal" | "key">,
  parts: {
    readonly pending: Effect.Effect<ReadonlyArray<Intent>, CloudQuotaError>
    readonly verify: Effect.Effect<ReadonlyArray<Verified>, CloudQuotaError>
  }
): Stream.Stream<Open, CloudQuotaError> => {
  const { account, driver } = context

  /** Only then is there a limit to compare with, and a journal that can be opened without creating it. */
  const hasHistory = journal.intents({ account: key }).pipe(
    Stream.take(1),
    Stream.runCollect,
    Effect.map((intents) => intents.length > 0),
    Effect.mapError((error) => failed(operation, journalReason(error)))
  )

  const drift = Effect.gen(function* () {
    if (driver.write._tag !== "Delta" || !(yield* hasHistory)) return []
    const verified = yield* Effect.result(parts.verify)
    if (Result.isSuccess(verified)) return verified.success.flatMap((one) => drifted(account, one))
    const message = `The limits could not be compared with the last settled ones: ${verified.failure.reason.message}`
    return [{ account, kind: "unchecked", message, next: "Look again later." } satisfies Open]
  })

  return Stream.suspend(() => {
    const withNames = makeWithNames(context)
    return Stream.concat(
      Stream.unwrap(
        Effect.map(parts.pending, (intents) => Stream.fromIterable(intents.map(undecided(account))))
      ),
      Stream.unwrap(Effect.map(drift, Stream.fromIterable))
    ).pipe(
      Stream.mapEffect((open: Open) => withNames(open.member, open)),
      Stream.mapError(withAccount(account))
    )
  })
}

const undecided =
  (account: string) =>
  (intent: Intent): Open => {
    const { createdAt, delta, detail, id, member, metric, run, state } = intent
    const isNamed = !run.startsWith(unnamed)
    const what = `${metric} of ${member} (${step(factsOf(intent))}${isNamed ? `, run ${JSON.stringify(run)}` : ""})`
    return {
      account,
      change: id,
      member,
      metric,
      since: DateTime.makeUnsafe(createdAt),
      ...(delta === undefined ? {} : { delta }),
      ...(isNamed ? { run } : {}),
      ...(state === "conflict"
        ? {
            kind: "conflict",
            message: `It cannot be told whether ${what} was changed${detail === undefined ? "." : `: ${detail}`}`,
            next: `Look at the member in the provider's console, then decide: Changes.resolve("${id}", "applied" or "not-applied", a note).`
          }
        : {
            kind: "unsettled",
            message:
              state === "prepared"
                ? `A change of ${what} was written down, and not sent yet.`
                : `The outcome of changing ${what} is not known. ${unknownText(intent.delta, intent.after, intent.before.limit)}`,
            next: `Have it settled with Changes.recover${isNamed ? ", or by the same run again" : ""}. Do not repeat it by hand.`
          })
    }
  }

const drifted = (
  account: string,
  { member, metric, observed, settled, verdict }: Verified
): ReadonlyArray<Open> =>
  verdict !== "drift" || observed === undefined
    ? []
    : [
        {
          account,
          kind: "drift",
          member,
          metric,
          delta: Quantity.subtract(observed, settled),
          message: `${metric} of ${member} is ${observed}; the last settled limit is ${settled}.`,
          next: `Find out who changed it, then accept the present limit: Changes.baseline(["${member}"]).`
        }
      ]
