/**
 * The whole library for programs that use promises: the same accounts, quotas, members and bills as with
 * Effect, with values that are plain, lists for `for await`, and errors that are ordinary ones. No type of
 * it is one of Effect's.
 */
import "../refuseOldNode.ts"
import type { Cloud } from "./api.ts"
import { openCloud } from "./cloud.ts"
import type { AccountOptions, ConfigOptions, ConnectOptions } from "./connectOptions.ts"
import type { Quantity, QuantityInput } from "./model.ts"
import * as Quantities from "./quantity.ts"

export type * from "./api.ts"
export type * from "./connectOptions.ts"
export type * from "./definition.ts"
export * from "./errors.ts"
export type * from "./model.ts"
export * as Period from "./period.ts"

/**
 * Connects to accounts: those that a program names, or those of `cloud-quota.yaml`. Without a file, they
 * are those that the environment has.
 *
 * Rejects with a `ConfigError` for a file that cannot be used, and with a `CloudQuotaError` for everything
 * else, as for an account without keys. Close it, or declare it with `await using`: a cloud that nobody
 * closes does not keep the process, but keeps its journal.
 *
 * @example
 * import { connect } from "@cloud-quota/core/promise"
 *
 * await using cloud = await connect()
 * for await (const quota of cloud.quotas()) {
 *   if (quota.available?.isZero()) console.log(String(quota))
 * }
 *
 * @example
 * import { compshare } from "@cloud-quota/compshare/promise"
 * import { connect } from "@cloud-quota/core/promise"
 *
 * const cloud = await connect({ accounts: { gpu: compshare({ teamId: 1001 }) } })
 * const report = await cloud
 *   .account("gpu")
 *   .quotas.change("60001", { allowance: { topUpTo: "500 CNY" } }, { run: "topup/2026-12" })
 * console.log(String(report))
 * await cloud.close()
 */
export const connect: {
  <const Name extends string>(options: AccountOptions<Name>): Promise<Cloud<Name>>
  (options?: ConfigOptions): Promise<Cloud>
} = (options: ConnectOptions = {}) => openCloud(options)

/**
 * The quantity that a text says, or the quantity itself. Throws a `RangeError` for what is none.
 *
 * @example
 * import { quantity } from "@cloud-quota/core/promise"
 *
 * quantity("500 CNY").plus("0.5 CNY").toString() // => "500.50 CNY"
 */
export const quantity: (input: QuantityInput) => Quantity = Quantities.quantity
