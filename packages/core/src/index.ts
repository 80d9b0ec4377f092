/**
 * Provider-neutral quotas, members and billing, for programs.
 *
 * @example
 * import { Accounts } from "@cloud-quota/core"
 * import { Console, Effect, Stream } from "effect"
 *
 * // Prints the remaining amounts of all members of all accounts.
 * export const program = Effect.gen(function* () {
 *   const accounts = yield* Accounts.Accounts
 *   for (const { name, quotas } of accounts.all) {
 *     yield* Stream.runForEach(quotas.list(), ({ available, member, metric }) =>
 *       Console.log(name, member, metric.id, String(available))
 *     )
 *   }
 * })
 */
import "./refuseOldNode.ts"

// The services of one account, and several accounts together.
export { Account, Accounts, Billing, Changes, History, Member, Quota, Review } from "./services/index.ts"

// Values: exact amounts, limits, metrics, periods, and people.
export { Limit, Metric, People, Period, Quantity } from "./model/index.ts"

// Changes: requests, safety checks, and reports.
export { Change, Report, SafetyCheck } from "./model/index.ts"

// The identity of an account, the capabilities of its cloud, and the one error.
export { AccountIdentity, Capabilities, CloudQuotaError } from "./model/index.ts"

// Where changes are recorded, and how long a lost answer is waited for.
export { Journal, SqliteJournal } from "./journal/index.ts"
export { Settlement } from "./engine/index.ts"

// How requests are sent.
export { Transport } from "./transport/index.ts"

// Accounts from `cloud-quota.yaml`.
export { ConfigFile, ConfigFileError, ConfigTrust } from "./config/index.ts"

// Listings as text, and text from elsewhere made safe to print.
export { Export, Focus, Tables } from "./export/index.ts"
export { Json } from "./wire/index.ts"
export { SafeText } from "./model/index.ts"
