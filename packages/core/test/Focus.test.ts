/**
 * Orders as cost rows: what every column holds, which orders are none, and that the page says the same.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Stream } from "effect"
import * as Fs from "node:fs"
import type { Order } from "@cloud-quota/core/Billing"
import * as Export from "@cloud-quota/core/Export"
import * as Focus from "@cloud-quota/core/Focus"
import { MemberId } from "@cloud-quota/core/Member"
import * as Period from "@cloud-quota/core/Period"
import * as Quantity from "@cloud-quota/core/Quantity"
import { parseCsv } from "./fixtures/csv.ts"

const options: Focus.Options = {
  zone: "Asia/Shanghai",
  serviceProviderName: "UCloud",
  serviceName: "CompShare",
  serviceCategory: "Compute",
  billingAccountId: "1001"
}

/** An order with nothing that a provider may leave out. */
const bare: Order = {
  id: "o-1",
  kind: "buy",
  status: "done",
  createdAt: DateTime.makeUnsafe("2026-11-30T16:30:00Z"),
  details: {}
}

const full: Order = {
  ...bare,
  member: MemberId.make("60001"),
  name: "Ada",
  person: "ada@example.com",
  type: "OT_BUY",
  state: "OS_FINISHED",
  chargeType: "Month",
  amount: Quantity.cny("120.00"),
  paid: Quantity.cny("99.90"),
  resourceId: "uhost-1",
  product: "4090"
}

const rowsOf = (orders: ReadonlyArray<Order>, more: Partial<Focus.Options> = {}) =>
  Effect.runSync(Stream.runCollect(Focus.rows({ ...options, ...more })(Stream.fromIterable(orders))))

const rowOf = (order: Partial<Order>, more?: Partial<Focus.Options>): Focus.Row => {
  const [row, ...rest] = rowsOf([{ ...bare, ...order }], more)
  if (row === undefined || rest.length > 0) throw new Error(`${rest.length} rows too many, or none`)
  return row
}

/** What each column is for a full order, for a bare one, and where it depends on more than one fact. */
const cases: {
  readonly [Name in keyof Focus.Row]: {
    readonly full: Focus.Row[Name]
    readonly bare: Focus.Row[Name]
    readonly more?: ReadonlyArray<readonly [Focus.Row[Name], Partial<Order>, Partial<Focus.Options>?]>
  }
} = {
  BilledCost: {
    full: "99.90",
    bare: null,
    more: [
      ["-12.3456789", { kind: "refund", paid: Quantity.cny("-12.3456789") }],
      ["0.00", { paid: Quantity.zero("CNY") }],
      // What it would have cost is not what was paid.
      [null, { amount: Quantity.cny("120") }],
      ["123456789012345678901.01", { paid: Quantity.cny("123456789012345678901.01") }]
    ]
  },
  BillingAccountId: { full: "1001", bare: "1001" },
  BillingAccountName: { full: null, bare: null, more: [["Team", {}, { billingAccountName: "Team" }]] },
  BillingCurrency: {
    full: "CNY",
    bare: null,
    more: [
      ["CNY", { amount: Quantity.cny(1) }],
      ["USD", { amount: Quantity.cny(7), paid: Quantity.make("USD", 1) }]
    ]
  },
  BillingPeriodEnd: {
    full: "2026-12-31T16:00:00Z",
    bare: "2026-12-31T16:00:00Z",
    more: [
      ["2026-12-01T00:00:00Z", {}, { zone: "UTC" }],
      ["2026-11-30T16:00:00Z", { createdAt: DateTime.makeUnsafe("2026-11-30T15:59:59.999Z") }]
    ]
  },
  BillingPeriodStart: {
    full: "2026-11-30T16:00:00Z",
    bare: "2026-11-30T16:00:00Z",
    more: [
      ["2026-11-01T00:00:00Z", {}, { zone: "UTC" }],
      ["2026-11-30T16:00:00Z", { createdAt: DateTime.makeUnsafe("2026-11-30T16:00:00Z") }],
      // Summer time ends on the first of November there.
      ["2026-11-01T04:00:00Z", {}, { zone: "America/New_York" }]
    ]
  },
  ChargeCategory: {
    full: "Purchase",
    bare: "Purchase",
    more: [
      ["Usage", { kind: "usage" }],
      ["Usage", { chargeType: "Dynamic" }, { usageChargeTypes: ["Postpay", "Dynamic"] }],
      ["Usage", { chargeType: "Dynamic", kind: "refund" }, { usageChargeTypes: ["Dynamic"] }],
      ["Purchase", { chargeType: "Dynamic" }],
      ["Purchase", { kind: "refund" }, { usageChargeTypes: ["Dynamic"] }],
      ["Purchase", { kind: "other" }]
    ]
  },
  ChargeClass: {
    full: null,
    bare: null,
    more: [
      [null, { kind: "refund", paid: Quantity.cny("-1") }],
      ["Correction", { kind: "refund" }, { isCorrection: ({ kind }) => kind === "refund" }],
      [null, { kind: "buy" }, { isCorrection: ({ kind }) => kind === "refund" }]
    ]
  },
  ChargeDescription: {
    full: "OT_BUY 4090 uhost-1",
    bare: "buy",
    more: [["renew 4090", { kind: "renew", product: "4090" }]]
  },
  ChargeFrequency: {
    full: "One-Time",
    bare: "One-Time",
    more: [
      ["Recurring", { kind: "renew" }],
      ["Usage-Based", { kind: "usage" }],
      ["Usage-Based", { kind: "renew", chargeType: "Dynamic" }, { usageChargeTypes: ["Dynamic"] }],
      ["One-Time", { kind: "refund" }]
    ]
  },
  ChargePeriodEnd: {
    full: "2026-12-01T16:00:00Z",
    bare: "2026-12-01T16:00:00Z",
    more: [
      [
        "2026-12-30T00:00:00Z",
        {},
        { chargePeriod: () => Period.between("2026-11-30", "2026-12-30", { zone: "UTC" }) }
      ]
    ]
  },
  ChargePeriodStart: {
    full: "2026-11-30T16:00:00Z",
    bare: "2026-11-30T16:00:00Z",
    more: [
      [
        "2026-11-30T00:00:00Z",
        {},
        { chargePeriod: () => Period.between("2026-11-30", "2026-12-30", { zone: "UTC" }) }
      ],
      ["2026-11-30T16:00:00Z", {}, { chargePeriod: () => undefined }]
    ]
  },
  ContractedCost: { full: "120.00", bare: null },
  EffectiveCost: { full: "99.90", bare: null, more: [["-1.00", { paid: Quantity.cny("-1") }]] },
  HostProviderName: {
    full: "UCloud",
    bare: "UCloud",
    more: [["Somebody", {}, { hostProviderName: "Somebody" }]]
  },
  InvoiceId: { full: null, bare: null },
  InvoiceIssuerName: {
    full: "UCloud",
    bare: "UCloud",
    more: [["Reseller", {}, { invoiceIssuerName: "Reseller" }]]
  },
  ListCost: {
    full: "120.00",
    bare: null,
    more: [
      ["4.69928", { amount: Quantity.cny("4.69928") }],
      [null, { amount: Quantity.cny(7), paid: Quantity.make("USD", 1) }]
    ]
  },
  PricingQuantity: { full: null, bare: null },
  PricingUnit: { full: null, bare: null },
  ProviderName: { full: "UCloud", bare: "UCloud" },
  PublisherName: { full: "UCloud", bare: "UCloud" },
  ResourceId: { full: "uhost-1", bare: null },
  ServiceCategory: { full: "Compute", bare: "Compute", more: [["Media", {}, { serviceCategory: "Media" }]] },
  ServiceName: { full: "CompShare", bare: "CompShare" },
  ServiceProviderName: { full: "UCloud", bare: "UCloud" },
  ServiceSubcategory: {
    full: "Other (Compute)",
    bare: "Other (Compute)",
    more: [["Virtual Machines", {}, { serviceSubcategory: "Virtual Machines" }]]
  },
  SubAccountId: { full: "60001", bare: null },
  x_ChargeType: { full: "Month", bare: null },
  x_MemberName: { full: "Ada", bare: null },
  x_OrderCreatedAt: {
    full: "2026-11-30T16:30:00Z",
    bare: "2026-11-30T16:30:00Z",
    more: [["2026-11-30T16:30:00.123Z", { createdAt: DateTime.makeUnsafe("2026-11-30T16:30:00.123Z") }]]
  },
  x_OrderId: { full: "o-1", bare: "o-1" },
  x_OrderKind: { full: "buy", bare: "buy" },
  x_OrderState: { full: "OS_FINISHED", bare: null },
  x_OrderStatus: { full: "done", bare: "done", more: [["other", { status: "other" }]] },
  x_OrderType: { full: "OT_BUY", bare: null },
  x_Person: { full: "ada@example.com", bare: null },
  x_Product: { full: "4090", bare: null }
}

const names = Focus.table.columns.map(({ name }) => name)
const isOwn = (name: string): boolean => name.startsWith("x_")

describe("a row", () => {
  for (const [name, { bare: ofBare, full: ofFull, more = [] }] of Object.entries(cases)) {
    it(`has in ${name} what the page says`, () => {
      const column = name as keyof Focus.Row
      assert.strictEqual(rowOf(full)[column], ofFull)
      assert.strictEqual(rowOf({})[column], ofBare)
      for (const [expected, order, others] of more) {
        assert.strictEqual(rowOf(order, others)[column], expected, JSON.stringify(order))
      }
    })
  }

  it("keeps to what FOCUS allows together", () => {
    const kinds = ["buy", "renew", "change", "refund", "usage", "other"] as const
    const orders = kinds.flatMap((kind) =>
      ["Dynamic", "Month"].map((chargeType) => ({ ...full, kind, chargeType }))
    )
    for (const row of rowsOf(orders, { usageChargeTypes: ["Dynamic"] })) {
      assert.isFalse(row.ChargeCategory === "Purchase" && row.ChargeFrequency === "Usage-Based")
      assert.isTrue(
        row.ChargePeriodStart >= row.BillingPeriodStart && row.ChargePeriodEnd <= row.BillingPeriodEnd
      )
      assert.strictEqual(row.EffectiveCost, row.BilledCost)
    }
  })
})

describe("an order", () => {
  it("that is unpaid or canceled is no cost; every other one is", () => {
    const statuses = ["unpaid", "processing", "done", "canceled", "other"] as const
    const rows = rowsOf(statuses.map((status) => ({ ...full, status, id: status })))
    assert.deepStrictEqual(
      rows.map((row) => row.x_OrderId),
      ["processing", "done", "other"]
    )
  })

  it("is in its own month and day, whatever order they come in", () => {
    const times = [
      "2026-11-30T16:00:00Z",
      "2026-10-31T15:59:59Z",
      "2026-11-30T15:59:59Z",
      "2026-12-31T16:00:00Z"
    ]
    const orders = times.map((time) => ({ ...bare, createdAt: DateTime.makeUnsafe(time) }))
    assert.deepStrictEqual(
      rowsOf(orders).map((row) => [row.BillingPeriodStart, row.ChargePeriodStart]),
      [
        ["2026-11-30T16:00:00Z", "2026-11-30T16:00:00Z"],
        ["2026-09-30T16:00:00Z", "2026-10-30T16:00:00Z"],
        ["2026-10-31T16:00:00Z", "2026-11-29T16:00:00Z"],
        ["2026-12-31T16:00:00Z", "2026-12-31T16:00:00Z"]
      ]
    )
  })
})

describe("the table", () => {
  it("has every column that FOCUS 1.3 demands, its own after those, each in order", () => {
    const mandatory = [
      "BilledCost",
      "BillingAccountId",
      "BillingAccountName",
      "BillingCurrency",
      "BillingPeriodEnd",
      "BillingPeriodStart",
      "ChargeCategory",
      "ChargeClass",
      "ChargeDescription",
      "ChargePeriodEnd",
      "ChargePeriodStart",
      "ContractedCost",
      "EffectiveCost",
      "HostProviderName",
      "InvoiceIssuerName",
      "ListCost",
      "PricingQuantity",
      "PricingUnit",
      "ProviderName",
      "PublisherName",
      "ServiceCategory",
      "ServiceName",
      "ServiceProviderName"
    ]
    assert.includeMembers(names, mandatory)
    assert.deepStrictEqual(names, Object.keys(cases))
    const [own, specified] = [names.filter(isOwn), names.filter((name) => !isOwn(name))]
    assert.deepStrictEqual(names, [...specified.toSorted(), ...own.toSorted()])
  })

  it("writes rows with all columns, and nothing where nothing is known", async () => {
    const orders = Stream.make(full, bare)
    const csv = await Effect.runPromise(
      orders.pipe(Focus.rows(options), Export.csv(Focus.table), Stream.mkString)
    )
    const [header, ...rows] = parseCsv(csv)
    assert.deepStrictEqual(header, names)
    const expected = [full, bare].map((order) => {
      const row = rowOf(order)
      return names.map((name) => row[name as keyof Focus.Row] ?? "")
    })
    assert.deepStrictEqual(rows, expected)
    const lines = await Effect.runPromise(
      orders.pipe(Focus.rows(options), Export.ndjson(Focus.table), Stream.mkString)
    )
    assert.deepStrictEqual(
      lines
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
      [rowOf(full), rowOf(bare)]
    )
  })
})

describe("the page", () => {
  it("describes exactly the columns that there are, and which of them may be empty", () => {
    const page = Fs.readFileSync(new URL("../../../docs/focus.md", import.meta.url), "utf8")
    const described = [...page.matchAll(/^\| `(\w+)` \| (\w+) \| .+ \| (yes|no) \|$/gm)].map(
      ([, name, level, empty]) => ({ name, isOwn: level === "custom", empty: empty === "yes" })
    )
    const bareRow = rowOf({})
    assert.deepStrictEqual(
      described,
      names.map((name) => ({
        name,
        isOwn: isOwn(name),
        empty: bareRow[name as keyof Focus.Row] === null
      }))
    )
  })
})

describe("options", () => {
  it("that are missing or wrong are refused, each by its name", () => {
    const wrong: ReadonlyArray<readonly [object | undefined, RegExp]> = [
      [undefined, /give the options/],
      [{ ...options, serviceProviderName: " " }, /^serviceProviderName/],
      [{ ...options, serviceName: undefined }, /^serviceName/],
      [{ ...options, billingAccountId: 1001 }, /^billingAccountId/],
      [{ ...options, serviceCategory: "GPU" }, /^serviceCategory: give one of AI and Machine Learning/],
      [{ ...options, zone: "Mars/Base" }, /^zone: "Mars\/Base" is no time zone/]
    ]
    for (const [given, message] of wrong) {
      assert.throws(() => Focus.rows(given as Focus.Options), RangeError, message)
    }
  })
})
