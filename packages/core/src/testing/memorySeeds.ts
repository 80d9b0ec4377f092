/** The default data of the reference providers. */
import * as DateTime from "effect/DateTime"
import type { Order } from "../model/Bills.ts"
import * as Limit from "../model/Limit.ts"
import { MemberId } from "../model/MemberInfo.ts"
import type { Books, Seed } from "./memoryContract.ts"
import type { Metric, MetricId } from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"

export const member = (number: number): MemberId => MemberId.make(`m-${number}`)

export const models: Metric = {
  id: "avatar-models",
  kind: "ceiling",
  unit: "count",
  step: Quantity.count(1),
  minimum: Quantity.count(0),
  maximum: Quantity.count(1000),
  unlimited: true,
  title: { en: "Avatar models", zh: "分身数字人" }
}

export const minutes: Metric = {
  id: "video-minutes",
  kind: "ceiling",
  unit: "minute",
  step: Quantity.minutes(1),
  minimum: Quantity.minutes(0),
  maximum: Quantity.minutes(100_000),
  unlimited: true,
  title: { en: "Video minutes", zh: "视频时长" }
}

export const allowance: Metric = {
  id: "allowance",
  kind: "balance",
  unit: "CNY",
  step: Quantity.cny("0.01"),
  minimum: Quantity.cny(0),
  maximum: Quantity.cny(1_000_000),
  unlimited: false,
  title: { en: "Allowance", zh: "额度" }
}

const active = { _tag: "active" } as const
const others: ReadonlyArray<Seed> = [
  { info: { id: member(3), user: "u-3", name: "Chen", status: active } },
  { info: { user: "u-4", email: "dora@example.com", status: { _tag: "invited" } } },
  { info: { user: "u-5", name: "Emil", status: { _tag: "candidate" } } }
]

export const absoluteMembers: ReadonlyArray<Seed> = [
  {
    info: { id: member(1), user: "u-1", name: "Ada", status: active },
    quotas: {
      "avatar-models": { limit: Limit.finite(Quantity.count(10)), used: Quantity.count(4) },
      "video-minutes": { limit: Limit.finite(Quantity.minutes(60)), used: Quantity.minutes("20.5") }
    }
  },
  {
    info: { id: member(2), user: "u-2", name: "Bao", status: active },
    quotas: {
      "avatar-models": { limit: Limit.unlimited, used: Quantity.count(7) },
      "video-minutes": { limit: Limit.finite(Quantity.minutes(30)) }
    }
  },
  ...others
]

export const deltaMembers: ReadonlyArray<Seed> = [
  {
    info: { id: member(1), user: "u-1", name: "Ada", status: active },
    quotas: { allowance: { limit: Limit.finite(Quantity.cny(500)), used: Quantity.cny("123.45") } }
  },
  {
    info: { id: member(2), user: "u-2", name: "Bao", status: active },
    quotas: { allowance: { limit: Limit.finite(Quantity.cny(100)) } }
  },
  ...others
]

const at = DateTime.makeUnsafe

/** The books include a former member. */
const former = member(9)

const orders: ReadonlyArray<Order> = [
  {
    id: "order-1",
    member: member(1),
    kind: "buy",
    status: "done",
    type: "buy",
    state: "finished",
    chargeType: "month",
    amount: Quantity.cny("120.00"),
    paid: Quantity.cny("100.00"),
    resourceId: "gpu-1",
    createdAt: at("2026-11-30T15:59:59Z"),
    details: {}
  },
  {
    id: "order-2",
    member: member(1),
    kind: "renew",
    status: "done",
    type: "renew",
    state: "finished",
    chargeType: "hour",
    amount: Quantity.cny("4.69928"),
    paid: Quantity.cny("4.69928"),
    resourceId: "gpu-2",
    createdAt: at("2026-11-30T16:00:00Z"),
    details: {}
  },
  {
    id: "order-3",
    member: former,
    kind: "refund",
    status: "done",
    type: "refund",
    state: "finished",
    amount: Quantity.cny("-50.00"),
    paid: Quantity.cny("-50.00"),
    createdAt: at("2026-12-02T08:00:00Z"),
    details: {}
  },
  {
    id: "order-4",
    member: member(2),
    kind: "buy",
    status: "unpaid",
    type: "buy",
    state: "waiting",
    amount: Quantity.cny("30.00"),
    resourceId: "gpu-4",
    createdAt: at("2026-12-03T08:00:00Z"),
    details: {}
  }
]

/** The default books. Packages and usage are in minutes, which may or may not be limited here. */
export const books = (limited: { readonly metric?: MetricId } = {}): Books => ({
  orders,
  entitlements: [
    {
      id: "package-1",
      product: "Video package, 100 minutes",
      ...limited,
      total: Quantity.minutes(100),
      used: Quantity.minutes("20.5"),
      available: Quantity.minutes("79.5"),
      status: "active",
      startsAt: at("2026-11-01T00:00:00Z"),
      expiresAt: at("2027-11-01T00:00:00Z"),
      orderId: "order-1",
      details: {}
    }
  ],
  balance: {
    available: Quantity.cny("1050.00"),
    parts: [
      { kind: "cash", amount: Quantity.cny("900.00"), name: "cash" },
      { kind: "gift", amount: Quantity.cny("200.00"), name: "vouchers" },
      { kind: "debt", amount: Quantity.cny("-50.00"), name: "owed" }
    ]
  },
  usage: [
    {
      member: member(1),
      ...limited,
      product: "Video",
      used: Quantity.minutes("12.5"),
      at: at("2026-12-01T10:00:00Z"),
      details: {}
    },
    {
      member: member(2),
      ...limited,
      product: "Video",
      used: Quantity.minutes("8"),
      at: at("2026-12-02T10:00:00Z"),
      details: {}
    }
  ],
  costs: [
    {
      month: "2026-12",
      member: member(1),
      product: "GPU",
      resourceId: "gpu-2",
      amount: Quantity.cny("4.69928"),
      cost: Quantity.cny("4.69928"),
      details: {}
    },
    { month: "2026-12", product: "Storage", cost: Quantity.cny("0.30"), details: {} }
  ]
})
