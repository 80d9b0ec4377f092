/**
 * What needs a person, or time: on all accounts, what was begun and is not certain, and what somebody else
 * has changed.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Accounts } from "./Accounts.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Open } from "./Open.ts"

export * from "./Open.ts"

/**
 * Everything that is open, account by account: first what the journal has, then drift.
 *
 * It sends nothing but reads, and where an account has no journal yet, it makes none. To look for drift it
 * becomes the holder of the account, as a change does, and waits until what
 * this process has just changed shows; where another process is the holder, that is `unchecked`.
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
