/**
 * Prepaid resources: MetaStudio's own, and the packages of the billing service, which alone reports the usage
 * of packages that are charged on demand.
 */
import type { Entitlement } from "@cloud-quota/core/Billing"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import * as Limit from "@cloud-quota/core/Limit"
import type { Metric } from "@cloud-quota/core/Metric"
import * as Quantity from "@cloud-quota/core/Quantity"
import { availableOf } from "@cloud-quota/core/Quota"
import type * as Pages from "@cloud-quota/core/adapter/Pages"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { bssOperations, FreeResource } from "../api/bss.ts"
import type * as BssClient from "../api/BssClient.ts"
import { type LimitName, metricOf } from "../api/quotas.ts"
import type { tenantOperations } from "../api/tenant.ts"
import type { MetaStudioClient } from "../api/MetaStudioClient.ts"
import { malformed } from "../api/errors.ts"
import { known } from "../api/known.ts"
import { isNowhere, isRefusal } from "./sideService.ts"
import { inUnit } from "./units.ts"

/** All packages and resources, each once. If the billing service refuses, MetaStudio's own only. */
export const listEntitlements = (
  metaStudio: MetaStudioClient["Service"],
  bss: BssClient.Service
): Stream.Stream<Entitlement, CloudQuotaError> =>
  Stream.suspend(() => {
    const listed = { ids: new Set<string>(), orders: new Set<string>() }
    const packages = bss.stream.listFreeResourceInfos().pipe(
      Stream.flatMap((found) => {
        const order = known(found.order_id)
        if (order !== undefined) listed.orders.add(order)
        const { free_resources: parts } = found
        const items = parts == null || parts.length === 0 ? [undefined] : parts
        return Stream.fromIterable(items.map((item) => ({ found, item })))
      }),
      Stream.mapEffect(({ found, item }) => ofPackage(found, item)),
      Stream.tap(({ id }) => Effect.sync(() => void listed.ids.add(id))),
      Stream.catch((error) =>
        isRefusal(error) || isNowhere(error, "bssEndpoint")
          ? Stream.fromEffectDrain(warn(error))
          : Stream.fail(error)
      )
    )
    const isListed = (resource: TenantResource): boolean =>
      listed.ids.has(known(resource.resource_id) ?? "") ||
      // One order may cover several things; the package is the part that is charged on demand.
      (resource.charging_mode === "ON_DEMAND" && listed.orders.has(known(resource.order_id) ?? ""))
    const resources = metaStudio.stream.listTenantResources().pipe(
      Stream.filter((resource) => !isListed(resource)),
      Stream.mapEffect(ofResource)
    )
    return Stream.concat(packages, resources)
  })

const warn = ({ message }: CloudQuotaError): Effect.Effect<void> =>
  Effect.logWarning(
    `entitlements are listed without the packages of the billing service, which alone knows those that are charged on demand: ${message}`
  )

type TenantResource = Pages.Row<typeof tenantOperations.listTenantResources>

const ofResource = Effect.fnUntraced(function* (
  resource: TenantResource
): Effect.fn.Return<Entitlement, CloudQuotaError> {
  const orderId = known(resource.order_id)
  const expiresAt = known(resource.resource_expire_time)
  const id = known(resource.resource_id) ?? orderId
  if (id === undefined) return yield* withoutId("ListTenantResources")
  const total = unabbreviated(inUnit(resource.unit, resource.amount))
  const now = yield* DateTime.now
  return {
    id,
    product:
      known(resource.sub_resource_type) ??
      known(resource.resource_type) ??
      known(resource.business_type) ??
      id,
    status: statusOf(expiresAt, now, resourceStatuses[resource.status ?? -1] ?? "other"),
    details: resource.raw,
    ...amountsOf(total, unabbreviated(inUnit(resource.unit, resource.usage))),
    ...defined({ metric: servedBy(resource, total)?.id, expiresAt, orderId })
  }
})

type FreeResourcePackage = Pages.Row<typeof bssOperations.listFreeResourceInfos>

const ofPackage = Effect.fnUntraced(function* (
  found: FreeResourcePackage,
  item: FreeResource | undefined
): Effect.fn.Return<Entitlement, CloudQuotaError> {
  const orderId = known(found.order_id)
  const expiresAt = known(found.expire_time)
  const id = known(item?.free_resource_id) ?? known(found.order_instance_id) ?? orderId
  if (id === undefined) return yield* withoutId("ListFreeResourceInfos")
  const total = measured(item?.measure_id, item?.original_amount)
  const left = measured(item?.measure_id, item?.amount)
  const now = yield* DateTime.now
  return {
    id,
    product:
      known(found.product_name) ?? known(item?.usage_type_name) ?? known(found.service_type_name) ?? id,
    status: statusOf(expiresAt, now, packageStatuses[found.status ?? -1] ?? "other"),
    details: found.raw,
    ...amountsOf(total, total && left && Quantity.subtract(total, left)),
    ...defined({ startsAt: known(found.effective_time), expiresAt, orderId })
  }
})

/** An unreported amount stays absent. If more was used than the total, nothing is available. */
const amountsOf = (
  total: Quantity.Quantity | undefined,
  used: Quantity.Quantity | undefined
): Pick<Entitlement, "total" | "used" | "available"> =>
  defined({ total, used, available: total && used && availableOf(Limit.finite(total), used) })

const resourceStatuses: Readonly<Record<number, Entitlement["status"]>> = { 0: "active", 1: "frozen" }

/** Packages that are not in effect yet, used up or returned are `other`. */
const packageStatuses: Readonly<Record<number, Entitlement["status"]>> = { 1: "active", 3: "expired" }

/** An expired resource is expired, even if it was frozen before. */
const statusOf = (
  expiresAt: DateTime.Utc | undefined,
  now: DateTime.Utc,
  told: Entitlement["status"]
): Entitlement["status"] =>
  expiresAt !== undefined && DateTime.isLessThanOrEqualTo(expiresAt, now) ? "expired" : told

/**
 * The quota that a resource serves. Flexus packages name it; for models and videos, the kind of business
 * determines it. Which edition of voices a resource is for is not documented.
 */
const servedBy = (
  { business_type: business, sub_resource_type: resource }: TenantResource,
  total: Quantity.Quantity | undefined
): Metric | undefined => {
  const name = known(resource) ?? served[business ?? ""]
  const metric = metricOf(name)
  return metric?.unit === total?.unit ? metric : undefined
}

const served: Readonly<Record<string, LimitName>> = {
  MODELING_2D: "modeling_count_2d_model",
  VIDEO_2D: "video_time_2d_model"
}

/** Spells hours out, as minutes are. Other words stay the vendor's. */
const unabbreviated = (amount: Quantity.Quantity | undefined): Quantity.Quantity | undefined =>
  amount?.unit === "HOUR" ? Quantity.make("hour", amount.amount) : amount

/** The only measure that the vendor's pages explain; the others stay numbers. */
const measures: Readonly<Record<number, Quantity.Unit>> = { 10: "GB" }

const measured = (
  measure: FreeResource["measure_id"],
  wire: FreeResource["amount"]
): Quantity.Quantity | undefined => {
  const amount = known(wire)
  return measure == null || amount === undefined
    ? undefined
    : Quantity.make(measures[measure] ?? `measure-${measure}`, amount)
}

const withoutId = (operation: string): CloudQuotaError =>
  malformed({
    operation,
    money: "not-moved",
    message: "the listing is not what is documented: a row has neither its own id nor that of its order"
  })
