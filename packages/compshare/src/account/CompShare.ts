/** A team on UCloud CompShare as an account: the allowances of its members. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Account from "@cloud-quota/core/Account"
import type { Order } from "@cloud-quota/core/Billing"
import { type CloudQuotaError, invalid } from "@cloud-quota/core/CloudQuotaError"
import { Order as TeamOrder } from "../api/order.ts"
import * as CompShareClient from "../api/CompShareClient.ts"
import { makeDriver } from "../driver/driver.ts"
import { provider } from "../api/settings.ts"

/** Options of an account: those of the client, and the team. */
export interface Options extends CompShareClient.Options {
  /** The number of the managed team. */
  readonly teamId: number | string
}

/** The services of an account on CompShare: the neutral services, and CompShare's own client. */
export type Services = CompShareClient.CompShareClient | Account.Services

/**
 * Fresh, because a program builds a shared layer only once: with two accounts, the second would get the first
 * one's team.
 */
const services = Account.layer(
  Effect.gen(function* () {
    const client = yield* CompShareClient.CompShareClient
    if (client.teamId !== undefined) return makeDriver(client, client.teamId)
    const message = "give the team's number, as the console shows it, or set COMPSHARE_TEAM_ID"
    return yield* invalid({ provider, operation: "configure", field: "teamId", message })
  })
).pipe(Layer.fresh)

/**
 * One team as an account.
 *
 * @example
 * import { CompShare } from "@cloud-quota/compshare"
 * import { Redacted } from "effect"
 *
 * export const gpu = CompShare.layer({ teamId: 1001, publicKey: "…", privateKey: Redacted.make("…") })
 */
export const layer = (options: Options): Layer.Layer<Services, CloudQuotaError> =>
  Layer.provideMerge(services, CompShareClient.layer(options))

/**
 * The team in the environment, with keys from the environment or from compshare-cli (see
 * `CompShareClient.optionsFromConfig`). The layer is rebuilt wherever it is provided, because each place may
 * have another environment.
 */
export const layerConfig: Layer.Layer<Services, CloudQuotaError> = Layer.fresh(
  Layer.provideMerge(services, CompShareClient.layerConfig)
)

/**
 * Returns CompShare's typed row of an order. Returns `None` for an order of another provider, and for an
 * unpaid order whose amount has a unit that CompShare does not name.
 *
 * @example
 * import { CompShare } from "@cloud-quota/compshare"
 * import { type Billing } from "@cloud-quota/core"
 * import { Option } from "effect"
 *
 * export const paidReally = (order: Billing.Order) =>
 *   Option.map(CompShare.orderDetails(order), ({ AmountReal }) => `${AmountReal}`)
 */
export const orderDetails = (order: Order): Option.Option<TeamOrder> =>
  order.amount === undefined
    ? Option.none()
    : Option.filter(readOrder(order.details), ({ OrderNo }) => OrderNo === order.id)

const readOrder = Schema.decodeUnknownOption(TeamOrder)
