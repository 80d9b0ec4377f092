/** The billing service's packages of on-demand resources, which MetaStudio itself does not list. */
import * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"
import { inventId } from "./dice.ts"
import { metaStudio } from "./orderBook.ts"
import * as Refusal from "./refusal.ts"
import type { Route } from "./route.ts"
import { day, formatInstant, seedTime } from "./time.ts"
import { decodeBody, digits, json } from "./wire.ts"

/** The owner of the packages, and their region. */
export interface FreeResourceRules {
  readonly domainId: string
  readonly projectName: string
}

/** The operations on packages. Both are reads, though they are POSTs. */
export const freeResourceRoutes = (rules: FreeResourceRules): ReadonlyArray<Route> => {
  const packages = inventPackages(rules.domainId)
  return [
    {
      operation: "ListFreeResourceInfos",
      method: "POST",
      path: "/v3/payments/free-resources/query",
      access: "domain",
      answer: ({ request }) =>
        Result.gen(function* () {
          const body = yield* readBody(request.body, [
            "region_code",
            "order_id",
            "product_id",
            "product_name",
            "enterprise_project_id",
            "status",
            "offset",
            "limit",
            "service_type_code_list"
          ])
          const limit = yield* readWhole(body.limit, "limit", 1, 100, 10)
          const offset = yield* readWhole(body.offset, "offset", 0, 2_147_483_647, 0)
          const status = yield* readWhole(body.status, "status", 0, 4, undefined)
          const services = (yield* readTexts(
            body.service_type_code_list ?? [],
            "service_type_code_list",
            1000
          )).map((code) => code.toLowerCase())
          const wanted = yield* Result.all({
            region: readText(body.region_code, "region_code"),
            order: readText(body.order_id, "order_id"),
            product: readText(body.product_id, "product_id"),
            name: readText(body.product_name, "product_name"),
            project: readText(body.enterprise_project_id, "enterprise_project_id")
          })
          const same = (want: string | undefined, value: string) => want === undefined || want === value
          const found = packages.filter(
            (bundle) =>
              same(wanted.region, rules.projectName) &&
              same(wanted.order, bundle.orderId) &&
              same(wanted.product, bundle.productId) &&
              same(wanted.name, bundle.name) &&
              same(wanted.project, "0") &&
              (status === undefined || bundle.status === status) &&
              (services.length === 0 || services.includes(metaStudio.code))
          )
          return json(200, {
            free_resource_packages: found
              .slice(offset, offset + limit)
              .map((bundle) => writePackage(bundle, rules.projectName)),
            total_count: found.length
          })
        })
    },
    {
      operation: "ListFreeResourceUsages",
      method: "POST",
      path: "/v2/payments/free-resources/usages/details/query",
      access: "domain",
      answer: ({ request }) =>
        Result.gen(function* () {
          const body = yield* readBody(request.body, ["free_resource_ids"])
          const ids = yield* readTexts(body.free_resource_ids, "free_resource_ids", 100)
          if (ids.length === 0) return yield* invalid("free_resource_ids must not be empty")
          // An unknown id is skipped: the vendor's answer to one is undocumented.
          const found = packages.filter(({ resourceId }) => ids.includes(resourceId))
          return json(200, { free_resources: found.map(writeUsage) })
        })
    }
  ]
}

interface FreePackage {
  readonly resourceId: string
  readonly orderId: string
  readonly productId: string
  readonly name: string
  readonly usageType: string
  /** Whether the amount is renewed every month. */
  readonly monthly: boolean
  /** 1 in effect, 2 used up, 3 expired. */
  readonly status: 1 | 2 | 3
  readonly since: number
  readonly expiresAt: number
  readonly left: BigDecimal.BigDecimal
  readonly original: BigDecimal.BigDecimal
  readonly measureId: number
}

// 10 is the vendor's number for GB. The number for words is invented: the vendor lists units in another
// operation.
const inventPackages = (domainId: string): ReadonlyArray<FreePackage> => {
  const make = (
    index: number,
    about: Pick<FreePackage, "name" | "usageType" | "monthly" | "status" | "left" | "original" | "measureId">
  ): FreePackage => ({
    ...about,
    resourceId: inventId(`${domainId}/free/${index}`).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
    orderId: `CS${inventId(`${domainId}/free/${index}/order`).slice(0, 13).toUpperCase()}`,
    productId: inventId(about.name),
    since: seedTime - (300 - 90 * index) * day,
    expiresAt: about.status === 3 ? seedTime - 5 * day : seedTime + (65 + 90 * index) * day
  })
  return [
    make(0, {
      name: "声音合成套餐包",
      usageType: "合成字数",
      monthly: false,
      status: 1,
      left: BigDecimal.make(1_234_567n, 4),
      original: BigDecimal.make(200n, 0),
      measureId: 34
    }),
    make(1, {
      name: "资产存储套餐包",
      usageType: "存储容量",
      monthly: true,
      status: 1,
      left: BigDecimal.make(39_999_999_999_999_999n, 15),
      original: BigDecimal.make(40n, 0),
      measureId: 10
    }),
    make(2, {
      name: "声音合成套餐包",
      usageType: "合成字数",
      monthly: false,
      status: 2,
      left: BigDecimal.make(0n, 0),
      original: BigDecimal.make(50n, 0),
      measureId: 34
    })
  ]
}

const writePackage = (bundle: FreePackage, regionCode: string) => ({
  order_instance_id: `01001-${bundle.orderId}`,
  order_id: bundle.orderId,
  product_id: bundle.productId,
  product_name: bundle.name,
  enterprise_project_id: "0",
  enterprise_project_scope: 0,
  effective_time: formatInstant(bundle.since),
  expire_time: formatInstant(bundle.expiresAt),
  status: bundle.status,
  service_type_code: metaStudio.code,
  service_type_name: metaStudio.name,
  region_code: regionCode,
  source_type: 0,
  bundle_type: "ATOMIC_PKG",
  quota_reuse_mode: bundle.monthly ? 1 : 2,
  free_resources: [
    {
      free_resource_id: bundle.resourceId,
      usage_type_name: bundle.usageType,
      // Text here, and numbers in the details, as in the vendor's clients.
      amount: digits(bundle.left),
      original_amount: digits(bundle.original),
      measure_id: bundle.measureId
    }
  ]
})

const writeUsage = (bundle: FreePackage) => ({
  free_resource_id: bundle.resourceId,
  free_resource_type_name: bundle.name,
  quota_reuse_cycle: bundle.monthly ? 4 : null,
  quota_reuse_cycle_type: bundle.monthly ? 1 : null,
  usage_type_name: bundle.usageType,
  start_time: formatInstant(bundle.monthly ? seedTime : bundle.since),
  end_time: formatInstant(bundle.monthly ? Date.UTC(2026, 11, 1) : bundle.expiresAt),
  amount: bundle.left,
  original_amount: bundle.original,
  measure_id: bundle.measureId
})

const invalid = (detail: string) => Result.fail(Refusal.invalidBssParameter(detail))

const readBody = <Field extends string>(text: string, fields: ReadonlyArray<Field>) =>
  decodeBody(
    text,
    fields,
    Refusal.invalidBssParameter("the body must be a JSON object"),
    Refusal.invalidBssParameter
  )

/** Documented: null and the empty text do not filter. */
const readText = (value: unknown, name: string) =>
  typeof value === "string" || value === undefined || value === null
    ? Result.succeed(value === "" || value === null ? undefined : value)
    : invalid(`${name} must be a string`)

const readTexts = (value: unknown, name: string, most: number) =>
  Array.isArray(value) && value.length <= most && value.every((item) => typeof item === "string")
    ? Result.succeed<ReadonlyArray<string>>(value)
    : invalid(`${name} must be a list of at most ${most} strings`)

const readWhole = <Fallback extends number | undefined>(
  value: unknown,
  name: string,
  smallest: number,
  largest: number,
  fallback: Fallback
) => {
  if (value === undefined || value === null) return Result.succeed<number | Fallback>(fallback)
  return typeof value === "number" && Number.isInteger(value) && value >= smallest && value <= largest
    ? Result.succeed<number | Fallback>(value)
    : invalid(`${name} must be a whole number from ${smallest} to ${largest}`)
}
