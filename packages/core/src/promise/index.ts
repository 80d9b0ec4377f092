/**
 * The whole library for programs that use promises: the same accounts, quotas, members and bills as with
 * Effect, with plain values, listings for `for await`, and ordinary errors. None of its types is from Effect.
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
 * Connects to accounts: those defined in code, or those of `cloud-quota.yaml`. Without a file, they come from
 * the environment.
 *
 * Rejects with a `ConfigError` for a file that cannot be used, and with a `CloudQuotaError` for any other
 * problem, such as an account without keys. Close it, or declare it with `await using`: an unclosed cloud
 * does not keep the process running, but keeps its journal open.
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
 * Returns the quantity of a text, or the quantity itself. Throws a `RangeError` for an invalid one.
 *
 * @example
 * import { quantity } from "@cloud-quota/core/promise"
 *
 * quantity("500 CNY").plus("0.5 CNY").toString() // => "500.50 CNY"
 */
export const quantity: (input: QuantityInput) => Quantity = Quantities.quantity
