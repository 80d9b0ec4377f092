/**
 * Orders as rows of cost data in the FinOps Open Cost and Usage Specification (FOCUS) 1.3, so that the cost
 * of these clouds can stand beside that of the others.
 *
 * `docs/focus.md` describes each column, and the data that orders lack. Besides the two columns
 * that 1.3 has deprecated and 1.4 drops (`ProviderName`, `PublisherName`), the names are those of both.
 *
 * @example
 * import { Export, Focus, Period } from "@cloud-quota/core"
 * import type { Account } from "@cloud-quota/core"
 *
 * const zone = "Asia/Shanghai"
 *
 * export const csv = ({ billing, identity }: Account.Account["Service"]) =>
 *   billing.orders({ period: Period.lastMonth({ zone }) }).pipe(
 *     Focus.rows({
 *       zone,
 *       serviceProviderName: "UCloud",
 *       serviceName: "CompShare",
 *       serviceCategory: "Compute",
 *       billingAccountId: identity.scope,
 *       usageChargeTypes: ["Dynamic", "Postpay", "Spot"]
 *     }),
 *     Export.csv(Focus.table)
 *   )
 */
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Order } from "../model/Bills.ts"
import type { Column, Table } from "./Export.ts"
import * as Calendar from "../model/calendar.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import type * as Period from "../model/Period.ts"

/** The category of a service, in the words of FOCUS 1.3. */
export const serviceCategories = [
  "AI and Machine Learning",
  "Analytics",
  "Business Applications",
  "Compute",
  "Databases",
  "Developer Tools",
  "Identity",
  "Integration",
  "Internet of Things",
  "Management and Governance",
  "Media",
  "Migration",
  "Mobile",
  "Multicloud",
  "Networking",
  "Security",
  "Storage",
  "Web",
  "Other"
] as const
export type ServiceCategory = (typeof serviceCategories)[number]

/** Facts about the cloud that its orders lack. */
export interface Service {
  /** Who offers the service, as `UCloud`. */
  readonly serviceProviderName: string
  /** The name of the service, as `CompShare`. */
  readonly serviceName: string
  readonly serviceCategory: ServiceCategory
  /** In the words that FOCUS allows for the category. `Other (<category>)` unless given. */
  readonly serviceSubcategory?: string
  /** Whose machines it runs on. The service provider's unless given. */
  readonly hostProviderName?: string
  /** Who writes the invoices. The service provider unless given. */
  readonly invoiceIssuerName?: string
  /** The words of `Order.chargeType` for charges by use. @default none */
  readonly usageChargeTypes?: ReadonlyArray<string>
  /** The time that an order pays for, if the provider's row has it. Otherwise the day of the order. */
  readonly chargePeriod?: (order: Order) => Period.Period | undefined
}

/** Whose orders they are, and by whose calendar they are billed. */
export interface Options extends Service {
  /** Whose days and billing months are meant. Both clouds bill by `Asia/Shanghai`. */
  readonly zone: string
  /** Who is billed: CompShare's team, MetaStudio's domain. */
  readonly billingAccountId: string
  readonly billingAccountName?: string
  /** Whether an order corrects a month whose bill is closed, which only your books know. None does unless given. */
  readonly isCorrection?: (order: Order) => boolean
}

/** One row, by the names of the specification. Amounts are exact decimal text, times ISO 8601 in UTC. */
export interface Row {
  readonly BilledCost: string | null
  readonly BillingAccountId: string
  readonly BillingAccountName: string | null
  readonly BillingCurrency: string | null
  readonly BillingPeriodEnd: string
  readonly BillingPeriodStart: string
  readonly ChargeCategory: "Usage" | "Purchase"
  readonly ChargeClass: "Correction" | null
  readonly ChargeDescription: string
  readonly ChargeFrequency: "One-Time" | "Recurring" | "Usage-Based"
  readonly ChargePeriodEnd: string
  readonly ChargePeriodStart: string
  readonly ContractedCost: string | null
  readonly EffectiveCost: string | null
  readonly HostProviderName: string
  readonly InvoiceId: null
  readonly InvoiceIssuerName: string
  readonly ListCost: string | null
  readonly PricingQuantity: null
  readonly PricingUnit: null
  readonly ProviderName: string
  readonly PublisherName: string
  readonly ResourceId: string | null
  readonly ServiceCategory: ServiceCategory
  readonly ServiceName: string
  readonly ServiceProviderName: string
  readonly ServiceSubcategory: string
  readonly SubAccountId: string | null
  readonly x_ChargeType: string | null
  readonly x_MemberName: string | null
  readonly x_OrderCreatedAt: string
  readonly x_OrderId: string
  readonly x_OrderKind: string
  readonly x_OrderState: string | null
  readonly x_OrderStatus: string
  readonly x_OrderType: string | null
  readonly x_Person: string | null
  readonly x_Product: string | null
}

const column =
  (kind: "text" | "decimal") =>
  (name: keyof Row): Column<Row> => ({ name, kind, value: (row) => row[name] ?? undefined })
const text = column("text")
const decimal = column("decimal")

/** The rows as a table for `Export`: the columns of the specification, then those that begin with `x_`. */
export const table: Table<Row> = {
  columns: [
    decimal("BilledCost"),
    text("BillingAccountId"),
    text("BillingAccountName"),
    text("BillingCurrency"),
    text("BillingPeriodEnd"),
    text("BillingPeriodStart"),
    text("ChargeCategory"),
    text("ChargeClass"),
    text("ChargeDescription"),
    text("ChargeFrequency"),
    text("ChargePeriodEnd"),
    text("ChargePeriodStart"),
    decimal("ContractedCost"),
    decimal("EffectiveCost"),
    text("HostProviderName"),
    text("InvoiceId"),
    text("InvoiceIssuerName"),
    decimal("ListCost"),
    decimal("PricingQuantity"),
    text("PricingUnit"),
    text("ProviderName"),
    text("PublisherName"),
    text("ResourceId"),
    text("ServiceCategory"),
    text("ServiceName"),
    text("ServiceProviderName"),
    text("ServiceSubcategory"),
    text("SubAccountId"),
    text("x_ChargeType"),
    text("x_MemberName"),
    text("x_OrderCreatedAt"),
    text("x_OrderId"),
    text("x_OrderKind"),
    text("x_OrderState"),
    text("x_OrderStatus"),
    text("x_OrderType"),
    text("x_Person"),
    text("x_Product")
  ]
}

/**
 * Turns orders into cost rows. Orders that are unpaid or canceled are no costs, and are left out. Throws a
 * `RangeError` if an option is missing or wrong.
 *
 * **Gotchas**
 *
 * An order without a reported payment has no `BilledCost`: it is unknown, not nothing. An
 * order whose status has no word of its own is a row all the same: `x_OrderState` has the provider's word.
 */
export const rows = (
  options: Options
): (<E, R>(orders: Stream.Stream<Order, E, R>) => Stream.Stream<Row, E, R>) => {
  const toRow = rowOf(options)
  return (orders) => orders.pipe(Stream.filter(isCost), Stream.map(toRow))
}

const isCost = ({ status }: Order): boolean => status !== "unpaid" && status !== "canceled"

const rowOf = (options: Options): ((order: Order) => Row) => {
  const zone = checked(options)
  const { billingAccountId, serviceCategory, serviceName, serviceProviderName } = options
  const billingPeriodOf = remembering((at) => Calendar.month(Calendar.dayOf(at, zone), zone))
  const dayOf = remembering((at) => Calendar.days(Calendar.dayOf(at, zone), zone, { from: 0, to: 1 }))
  const fixed = {
    BillingAccountId: billingAccountId,
    BillingAccountName: options.billingAccountName ?? null,
    HostProviderName: options.hostProviderName ?? serviceProviderName,
    InvoiceId: null,
    InvoiceIssuerName: options.invoiceIssuerName ?? serviceProviderName,
    PricingQuantity: null,
    PricingUnit: null,
    ProviderName: serviceProviderName,
    PublisherName: serviceProviderName,
    ServiceCategory: serviceCategory,
    ServiceName: serviceName,
    ServiceProviderName: serviceProviderName,
    ServiceSubcategory: options.serviceSubcategory ?? `Other (${serviceCategory})`
  } as const

  return (order) => {
    const { amount, createdAt, id, kind, member, paid, product, resourceId, state, status, type } = order
    const billed = billingPeriodOf(createdAt)
    const charged = options.chargePeriod?.(order) ?? dayOf(createdAt)
    const currency = (paid ?? amount)?.unit ?? null
    const cost = paid?.toJSON().amount ?? null
    // A price in another currency is none in this one.
    const price = amount?.unit === currency ? (amount?.toJSON().amount ?? null) : null
    const isUsage = kind === "usage" || isOneOf(options.usageChargeTypes, order.chargeType)
    return {
      ...fixed,
      BilledCost: cost,
      BillingCurrency: currency,
      BillingPeriodEnd: timeText(billed.end),
      BillingPeriodStart: timeText(billed.start),
      ChargeCategory: isUsage ? "Usage" : "Purchase",
      ChargeClass: options.isCorrection?.(order) === true ? "Correction" : null,
      ChargeDescription: [type ?? kind, product, resourceId].filter((part) => part !== undefined).join(" "),
      ChargeFrequency: isUsage ? "Usage-Based" : kind === "renew" ? "Recurring" : "One-Time",
      ChargePeriodEnd: timeText(charged.end),
      ChargePeriodStart: timeText(charged.start),
      ContractedCost: price,
      EffectiveCost: cost,
      ListCost: price,
      ResourceId: resourceId ?? null,
      SubAccountId: member ?? null,
      x_ChargeType: order.chargeType ?? null,
      x_MemberName: order.name ?? null,
      x_OrderCreatedAt: timeText(createdAt),
      x_OrderId: id,
      x_OrderKind: kind,
      x_OrderState: state ?? null,
      x_OrderStatus: status,
      x_OrderType: type ?? null,
      x_Person: order.person ?? null,
      x_Product: product ?? null
    }
  }
}

const isOneOf = (words: ReadonlyArray<string> | undefined, word: string | undefined): boolean =>
  word !== undefined && words?.includes(word) === true

const optionNames: KnownKeys.Names<Options> = {
  zone: true,
  billingAccountId: true,
  billingAccountName: true,
  isCorrection: true,
  serviceProviderName: true,
  serviceName: true,
  serviceCategory: true,
  serviceSubcategory: true,
  hostProviderName: true,
  invoiceIssuerName: true,
  usageChargeTypes: true,
  chargePeriod: true
}

/** The zone of the options, if all that has to be there is. */
const checked = (options: Options): DateTime.TimeZone => {
  if (typeof options !== "object" || options === null) throw new RangeError("give the options of Focus.rows")
  KnownKeys.check(options, optionNames)
  for (const name of ["serviceProviderName", "serviceName", "billingAccountId"] as const) {
    const value: unknown = options[name]
    if (typeof value !== "string" || value.trim() === "") {
      throw new RangeError(`${name}: FOCUS has no row without it: give it as text`)
    }
  }
  if (!serviceCategories.includes(options.serviceCategory)) {
    throw new RangeError(`serviceCategory: give one of ${serviceCategories.join(", ")}`)
  }
  return Result.getOrThrowWith(Calendar.zone(options.zone), (message) => new RangeError(`zone: ${message}`))
}

/** The same span as long as instants fall into it: most orders share theirs with the one before. */
const remembering = (spanOf: (at: DateTime.Utc) => Calendar.Span) => {
  let last: Calendar.Span | undefined
  return (at: DateTime.Utc): Calendar.Span => {
    const isIn =
      last !== undefined && !DateTime.isLessThan(at, last.start) && DateTime.isLessThan(at, last.end)
    const span = isIn && last !== undefined ? last : spanOf(at)
    last = span
    return span
  }
}

/** As FOCUS writes times: without a fraction, unless there is one. */
const timeText = (time: DateTime.DateTime): string => DateTime.formatIso(time).replace(".000Z", "Z")
