/**
 * Huawei Cloud MetaStudio as an account: its clients and the neutral services.
 */
import * as Account from "@cloud-quota/core/Account"
import type { Order } from "@cloud-quota/core/Billing"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CustomerOrder } from "../api/bss.ts"
import { BssClient } from "../api/BssClient.ts"
import { IamClient } from "../api/IamClient.ts"
import { makeDriver } from "../driver/driver.ts"
import * as MetaStudioClient from "../api/MetaStudioClient.ts"

/** The services of an account on MetaStudio. */
export type Services = MetaStudioClient.Clients | Account.Services

const driver = Effect.gen(function* () {
  return makeDriver({
    metaStudio: yield* MetaStudioClient.MetaStudioClient,
    iam: yield* IamClient,
    bss: yield* BssClient
  })
})

const accountOf = <E>(clients: Layer.Layer<MetaStudioClient.Clients, E>): Layer.Layer<Services, E> =>
  Account.layer(driver).pipe(Layer.provideMerge(clients))

/**
 * The quotas, members and bills of one project. Bills cover the whole account.
 *
 * @example
 * import { MetaStudio } from "@cloud-quota/metastudio"
 * import { Redacted } from "effect"
 *
 * export const studio = MetaStudio.layer({
 *   region: "cn-north-4",
 *   projectId: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
 *   credentials: { accessKey: "…", secretKey: Redacted.make("…") }
 * })
 */
export const layer = (options: MetaStudioClient.Options): Layer.Layer<Services, CloudQuotaError> =>
  accountOf(MetaStudioClient.layer(options))

/**
 * The account of the environment, or of the SDKs' credentials file (see `MetaStudioClient.optionsConfig`).
 * The layer is rebuilt wherever it is provided, because each place may have another environment.
 */
export const layerConfig: Layer.Layer<Services, CloudQuotaError> = Layer.fresh(
  accountOf(MetaStudioClient.layerConfig)
)

/**
 * Returns the billing service's typed row of an order. Returns `None` for an order of another provider.
 *
 * @example
 * import type { Billing } from "@cloud-quota/core"
 * import { MetaStudio } from "@cloud-quota/metastudio"
 * import { Option } from "effect"
 *
 * export const paidOn = (order: Billing.Order) =>
 *   Option.flatMapNullishOr(MetaStudio.orderDetails(order), (row) => row.payment_time || undefined)
 */
export const orderDetails = (order: Order): Option.Option<CustomerOrder> => decode(order.details)

const decode = Schema.decodeUnknownOption(CustomerOrder)
