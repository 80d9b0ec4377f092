/**
 * Orders, charges, balances and packages of the account, from Huawei Cloud's billing service (BSS). Read
 * only: nothing here orders, pays or cancels.
 *
 * Methods and fields have the names of the vendor's pages: see `Bss` for the operations and their schemas.
 *
 * **Gotchas**
 *
 * A token that was fetched elsewhere must be for the account (domain), not for a project.
 */
import * as Context from "effect/Context"
import { bssOperations } from "./bss.ts"
import { type Client, makeClient } from "./client.ts"
import type { Session } from "./session.ts"

/** The methods of the client. Every failure is a `CloudQuotaError` without secrets. */
export interface Service extends Client<typeof bssOperations> {}

/**
 * Huawei Cloud's billing service, read only. `MetaStudioClient.layer` provides it.
 *
 * @example
 * import { BssClient } from "@cloud-quota/metastudio"
 * import { Effect } from "effect"
 *
 * export const left = Effect.gen(function* () {
 *   const bss = yield* BssClient.BssClient
 *   const { account_balances } = yield* bss.showCustomerAccountBalances()
 *   return (account_balances ?? []).map(({ account_type, amount }) => `${account_type}: ${amount}`)
 * })
 */
export class BssClient extends Context.Service<BssClient, Service>()("@cloud-quota/metastudio/BssClient") {}

/** Makes the client from the shared session of an account. */
export const make = ({ bss, projectId }: Session): Service =>
  makeClient(bssOperations, { name: "BssClient", service: bss, projectId })
