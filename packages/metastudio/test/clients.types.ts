/**
 * The types of the clients' methods: checked by the compiler, never run. The clients are made of a table by one
 * cast; here is what that cast has to give.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { Limit } from "@cloud-quota/core/Limit"
import type { Fields } from "@cloud-quota/core/adapter/Operation"
import type {
  Bss,
  BssClient,
  Iam,
  IamClient,
  MetaStudioClient,
  Quotas,
  Tenant
} from "@cloud-quota/metastudio"
import type * as BigDecimal from "effect/BigDecimal"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"

type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const equal = <A, B>(_isEqual: Equal<A, B>): void => undefined

declare const limit: Limit
declare const metaStudio: MetaStudioClient.MetaStudioClient["Service"]
declare const iam: IamClient.Service
declare const bss: BssClient.Service

type Answer<E> = E extends Effect.Effect<infer A, CloudQuotaError> ? A : never
type Row<S> = S extends Stream.Stream<infer A, CloudQuotaError> ? A : never

export const checks = () => {
  // Requests.
  const quota = { voice_clone_basic: limit }
  const listed = metaStudio.listUserQuotas({ limit: 10, user_id: "u1" })
  const written = metaStudio.updateUserQuotas({ user_id: "u1", quota }, { repeat: false })
  // @ts-expect-error a limit is no bare number
  metaStudio.updateUserQuotas({ user_id: "u1", quota: { voice_clone_basic: 5 } })
  // @ts-expect-error the vendor has no such limit
  metaStudio.createUserQuotas({ user_id: "u1", quota: { ...quota, video_time_2d_model_flexus: quota } })
  // @ts-expect-error a user is named
  metaStudio.deleteUserQuotas()
  // @ts-expect-error a month is named
  bss.listCustomerselfResourceRecords({})
  // @ts-expect-error it has a field of another name
  iam.keystoneListUsers({ domainId: "d1" })
  // @ts-expect-error it does not come in pages
  metaStudio.stream.showResourceUsage()

  // Answers.
  equal<Answer<typeof listed>["assets"], ReadonlyArray<Quotas.Asset>>(true)
  equal<Answer<typeof listed>["count"], number>(true)
  equal<Answer<typeof listed>["raw"], Fields>(true)
  equal<Answer<typeof written>["requestId"], string | undefined>(true)
  equal<Row<ReturnType<typeof metaStudio.stream.listUserQuotas>>, Quotas.Asset & { readonly raw: Fields }>(
    true
  )
  equal<
    Row<ReturnType<typeof metaStudio.stream.listTenantResources>>,
    Tenant.TenantResource & { readonly raw: Fields }
  >(true)
  equal<Row<ReturnType<typeof iam.stream.listUsersV5>>, Iam.UserV5 & { readonly raw: Fields }>(true)
  const orders = bss.listCustomerOrders({ status: 6 })
  equal<Answer<typeof orders>["order_infos"], ReadonlyArray<Bss.CustomerOrder>>(true)
  equal<Bss.CustomerOrder["create_time"], DateTime.Utc | "" | null | undefined>(true)
  equal<Bss.CustomerOrder["official_amount"], BigDecimal.BigDecimal | "" | null | undefined>(true)
}
