/** Everything that needs a person, or time, on all accounts: changes that are not certain yet, and drift. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Accounts } from "./Accounts.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Open } from "./Open.ts"

export * from "./Open.ts"

/**
 * Lists everything that is open, account by account: first the entries of the journal, then drift.
 *
 * It sends only reads, and creates no journal for an account without one. To look for drift it becomes the
 * holder of the account, as a change does, and waits until readings show the latest changes of this process.
 * If another process is the holder, the drift is `unchecked`.
 *
 * @example
 * import { Review } from "@cloud-quota/core"
 * import { Console, Stream } from "effect"
 *
 * export const program = Stream.runForEach(Review.list, ({ account, message, next }) =>
 *   Console.log(`${account}: ${message} ${next}`)
 * )
 */
export const list: Stream.Stream<Open, CloudQuotaError, Accounts> = Stream.unwrap(
  Effect.map(Accounts, ({ all }) => Stream.flatMap(Stream.fromIterable(all), ({ changes }) => changes.review))
)
