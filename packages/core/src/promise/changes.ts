/** Recovery, review and baselines of one account, as promises. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Core from "../services/Account.ts"
import type { Account } from "./api.ts"
import type { Calls } from "./calls.ts"
import * as Options from "./options.ts"
import { plain } from "./plain.ts"
import { intentOf } from "./results.ts"

export const makeChanges = (
  { changes }: Pick<Core.Account["Service"], "changes">,
  { list, refs, run, runWatched }: Calls
): Account["changes"] => {
  return {
    baseline: (who, options) =>
      run(
        "changes.baseline",
        () =>
          Effect.flatMap(
            who === undefined ? Effect.undefined : refs.members("changes.baseline", who),
            (all) => Effect.map(changes.baseline(all), plain)
          ),
        options
      ),
    recover: (options) =>
      runWatched(
        "changes.recover",
        options,
        Options.recover,
        (onEvent) => Effect.map(changes.recover({ onEvent }), (intents) => intents.map(intentOf)),
        // It sends nothing, so there is no result to salvage.
        () => []
      ),
    pending: (options) =>
      run("changes.pending", () => Effect.map(changes.pending, (intents) => intents.map(intentOf)), options),
    resolve: (id, as, note, options) =>
      run("changes.resolve", () => Effect.map(changes.resolve(id, as, note), intentOf), options),
    verify: (options) => run("changes.verify", () => Effect.map(changes.verify, plain), options),
    review: (options) =>
      list("changes.review", () => Effect.succeed(Stream.map(changes.review, plain)), options)
  }
}
