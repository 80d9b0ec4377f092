/**
 * Rows: what listings are written as is what the schemas of their values say, and reads back to the same values.
 */
import { assert, describe, it } from "@effect/vitest"
import { Billing, Export, Limit, Member, Metric, Quantity, Quota, Report, Tables } from "@cloud-quota/core"
import { NotFound } from "@cloud-quota/core/CloudQuotaError"
import { DateTime, Effect, Equal, Result, Schema, Stream } from "effect"

type Row = Readonly<Record<string, unknown>>

const textOf = <A>(value: A, table: Export.Table<A>, options?: Export.JsonOptions) =>
  Stream.mkString(Export.ndjson(table, options)(Stream.make(value)))

/** A value is written as its schema encodes it, field for field, and is read back from there. */
const agrees = Effect.fnUntraced(function* <A, R>(
  schema: Schema.Codec<A, Row, R>,
  table: Export.Table<A>,
  value: A,
  options?: Export.JsonOptions
) {
  const written: Row = JSON.parse(yield* textOf(value, table, options))
  const encoded: Row = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(value)))
  assert.deepStrictEqual(written, encoded)
  assert.deepStrictEqual(Object.keys(written), Object.keys(encoded))
  const read = yield* Schema.decodeUnknownEffect(schema)(written, { onExcessProperty: "error" })
  assert.isTrue(Equal.equals(read, value), `${JSON.stringify(read)} is not ${JSON.stringify(value)}`)
})

/** Amounts of one quota have one unit. */
const inOneUnit = ({ available, limit, used, ...state }: Quota.QuotaState): Quota.QuotaState => {
  const inUnit = ({ amount }: Quantity.Quantity) => Quantity.make(state.metric.unit, amount)
  return {
    ...state,
    limit: limit._tag === "Finite" ? Limit.finite(inUnit(limit.quantity)) : limit,
    ...(used && { used: inUnit(used) }),
    ...(available && { available: inUnit(available) })
  }
}

/** Whether there is drift is written as true or false: an outcome does not tell false from absent. */
const plain = (result: Report.Result): Report.Result => {
  const { outcome } = result
  if (outcome._tag !== "Applied" || outcome.drift !== false) return result
  const { drift: _, ...rest } = outcome
  return { ...result, outcome: rest }
}

describe("a row is what its schema encodes, and reads back", () => {
  it.effect.prop("of a quota", [Quota.QuotaState], ([state]) =>
    agrees(Quota.QuotaState, Tables.quotas, inOneUnit(state)).pipe(
      Effect.provideService(Metric.Metrics, [state.metric])
    )
  )

  it.effect.prop("of a metric", [Metric.Metric], ([metric]) => agrees(Metric.Metric, Tables.metrics, metric))

  it.effect.prop("of a member", [Member.MemberInfo], ([member]) =>
    agrees(Member.MemberInfo, Tables.members, member)
  )

  it.effect.prop("of an order", [Billing.Order], ([order]) =>
    agrees(Billing.Order, Tables.orders, order, { details: true })
  )

  it.effect.prop("of a result", [Report.Result], ([result]) =>
    agrees(Report.Result, Tables.results, plain(result))
  )

  it.effect.prop("and so does a report, whose results are rows", [Report.Report], ([drawn]) =>
    Effect.gen(function* () {
      const report = { ...drawn, results: drawn.results.map(plain) }
      const json: { readonly results: ReadonlyArray<Row> } = JSON.parse(
        JSON.stringify(Schema.encodeSync(Report.Report)(report))
      )
      const rows = Stream.mkString(Export.json(Tables.results)(Stream.fromIterable(report.results)))
      assert.deepStrictEqual(json.results, JSON.parse(yield* rows))
      const read = yield* Schema.decodeUnknownEffect(Report.Report)(json, { onExcessProperty: "error" })
      assert.isTrue(Equal.equals(read, report), `${JSON.stringify(read)} is not ${JSON.stringify(report)}`)
    })
  )
})

const allowance: Metric.Metric = {
  id: "allowance",
  kind: "balance",
  unit: "CNY",
  step: Quantity.cny("0.01"),
  minimum: Quantity.cny(0),
  maximum: Quantity.cny(1_000_000),
  unlimited: false,
  title: { en: "Allowance", zh: "额度" }
}

const minutes: Metric.Metric = {
  id: "video-minutes",
  kind: "ceiling",
  unit: "minute",
  step: Quantity.minutes(1),
  minimum: Quantity.minutes(0),
  maximum: Quantity.minutes(1000),
  unlimited: true,
  title: { en: "Video minutes", zh: "视频分钟数" }
}

const observedAt = "2026-11-01T08:00:00.000Z"

const money: Row = {
  member: "60001",
  name: "张三",
  person: null,
  metric: "allowance",
  kind: "balance",
  limit: { unit: "CNY", amount: "9007199254740993.01" },
  unlimited: false,
  used: null,
  available: { unit: "CNY", amount: "-0.10" },
  share: null,
  observedAt
}

const unlimited: Row = {
  ...money,
  name: null,
  person: "ada@example.com",
  metric: "video-minutes",
  kind: "ceiling",
  limit: null,
  unlimited: true,
  used: { unit: "minute", amount: "0.5" },
  available: null,
  share: 0
}

const member: Row = {
  id: "60001",
  user: "50001",
  name: null,
  email: null,
  person: null,
  status: "active",
  rawStatus: null
}

const order: Row = {
  id: "o-1",
  member: null,
  name: null,
  person: null,
  kind: "buy",
  status: "done",
  type: null,
  state: null,
  chargeType: null,
  amount: { unit: "CNY", amount: "12.50" },
  paid: null,
  resourceId: null,
  product: null,
  createdAt: observedAt
}

const nothing: Row = {
  named: null,
  done: null,
  doneAt: null,
  drift: null,
  before: null,
  beforeUnlimited: null,
  beforeAvailable: null,
  delta: null,
  target: null,
  targetUnlimited: null,
  observed: null,
  observedUnlimited: null,
  observedAvailable: null,
  expected: null,
  expectedUnlimited: null,
  check: null,
  reason: null,
  detail: null,
  by: null,
  evidence: null,
  requestId: null
}

const result = (outcome: string, more: Row = {}): Row => ({
  member: "60001",
  metric: "allowance",
  outcome,
  money: "not-moved",
  next: "nothing",
  message: "m",
  ...nothing,
  ...more
})

const five = { unit: "CNY", amount: "5.00" }

const reason = { _tag: "NotFound", message: "gone", details: { code: "404" } }

/** A row of each outcome, and what it decodes to. */
const outcomes: ReadonlyArray<readonly [row: Row, outcome: Report.Outcome]> = [
  [
    result("Applied", {
      done: "now",
      drift: true,
      observed: five,
      observedUnlimited: false,
      observedAvailable: five
    }),
    {
      _tag: "Applied",
      drift: true,
      observed: { limit: Limit.finite(Quantity.cny(5)), available: Quantity.cny(5) }
    }
  ],
  [
    result("Applied", { done: "already done", doneAt: observedAt, drift: false, observedUnlimited: true }),
    { _tag: "Applied", observed: { limit: Limit.unlimited } }
  ],
  [result("NoChange"), { _tag: "NoChange" }],
  [result("Planned"), { _tag: "Planned" }],
  [result("NotApplied"), { _tag: "NotApplied" }],
  [result("Refused", { check: "cap" }), { _tag: "Refused", check: "cap" }],
  [result("Conflict", { detail: "d" }), { _tag: "Conflict", detail: "d" }],
  [result("Blocked", { by: "the run" }), { _tag: "Blocked", by: "the run" }],
  [
    result("Drift", { expected: five, expectedUnlimited: false, observedUnlimited: true }),
    { _tag: "Drift", expected: Limit.finite(Quantity.cny(5)), observed: Limit.unlimited }
  ],
  ...(["Rejected", "NotSent", "Unknown"] as const).map((_tag): readonly [Row, Report.Outcome] => [
    result(_tag, { reason }),
    { _tag, reason: new NotFound({ message: "gone", details: { code: "404" } }) }
  ])
]

/** Decodes a row without asking for strictness, which is the schemas' own. */
const decoders: Readonly<Record<string, (row: unknown) => Result.Result<unknown, unknown>>> = {
  quota: (row) =>
    Effect.runSync(
      Effect.result(Schema.decodeUnknownEffect(Quota.QuotaState)(row)).pipe(
        Effect.provideService(Metric.Metrics, [allowance, minutes])
      )
    ),
  member: Schema.decodeUnknownResult(Member.MemberInfo),
  order: Schema.decodeUnknownResult(Billing.Order),
  result: Schema.decodeUnknownResult(Report.Result),
  report: Schema.decodeUnknownResult(Report.Report)
}

const report: Row = {
  account: "gpu",
  provider: "compshare",
  run: null,
  preview: false,
  results: [result("NoChange")],
  obstacle: null
}

const goodRows: ReadonlyArray<readonly [string, Row]> = [
  ["quota", money],
  ["quota", unlimited],
  ["member", member],
  ["order", order],
  ...outcomes.map(([row]) => ["result", row] as const),
  ["report", report]
]

const decode = (kind: string, row: unknown) => {
  const decoder = decoders[kind]
  if (decoder === undefined) throw new Error(`there is no decoder for ${kind}`)
  return decoder(row)
}

describe("a row", () => {
  it("has an amount or null for a limit, and beside it whether it is unlimited", () => {
    const read = Result.getOrThrow(decode("quota", unlimited)) as Quota.QuotaState
    assert.strictEqual(read.limit, Limit.unlimited)
    assert.deepStrictEqual(read.metric, minutes)
    assert.notProperty(read, "name")
    const state = Result.getOrThrow(decode("quota", money)) as Quota.QuotaState
    assert.strictEqual(String(state.limit), "9007199254740993.01 CNY")
    assert.isTrue(DateTime.isUtc(state.observedAt))
    assert.isTrue(Equal.equals(state.available, Quantity.cny("-0.1")))
  })

  it.each(outcomes.map(([row, outcome]) => [outcome._tag, row, outcome] as const))(
    "is %s",
    (_, row, outcome) => {
      const read = Result.getOrThrow(decode("result", row)) as Report.Result
      assert.isTrue(Equal.equals(read.outcome, outcome), JSON.stringify(read.outcome))
    }
  )

  it("may say which account, run and person it is of, as the command's do", () => {
    for (const [kind, row] of goodRows) {
      const more = kind === "result" ? { run: "topup", name: "张三", person: null } : {}
      const read = Result.getOrThrow(decode(kind, { account: "gpu", ...more, ...row }))
      if (kind !== "report") assert.deepStrictEqual(read, Result.getOrThrow(decode(kind, row)))
    }
  })

  it("is refused with a field too many or too few", () => {
    for (const [kind, row] of goodRows) {
      assert.isTrue(Result.isSuccess(decode(kind, row)), JSON.stringify(row))
      assert.isTrue(Result.isFailure(decode(kind, { ...row, limits: null })), kind)
      for (const name of Object.keys(row)) {
        const { [name]: _, ...rest } = row
        assert.isTrue(Result.isFailure(decode(kind, rest)), `${kind} without ${name}`)
      }
    }
    const deep = { ...money, limit: { ...five, currency: "CNY" } }
    assert.isTrue(Result.isFailure(decode("quota", deep)))
    assert.isTrue(Result.isFailure(decode("report", { ...report, results: [money] })))
  })

  const bad: ReadonlyArray<readonly [why: string | RegExp, kind: string, row: Row]> = [
    ["limit: give an amount, or null and unlimited: true", "quota", { ...money, unlimited: true }],
    ["limit: give an amount, or null and unlimited: true", "quota", { ...money, limit: null }],
    [/unlimited/, "quota", { ...money, unlimited: null }],
    [/limit/, "quota", { ...money, limit: "unlimited" }],
    ["kind contradicts the other fields", "quota", { ...money, kind: "ceiling" }],
    ['metric: "minutes" is none of the metrics that were given', "quota", { ...money, metric: "minutes" }],
    ["used: the unit of video-minutes is minute", "quota", { ...unlimited, used: five }],
    [/available/, "quota", { ...money, available: { unit: "CNY", amount: 5 } }],
    [/available/, "quota", { ...money, available: { unit: "CNY", amount: "5e3" } }],
    [/available/, "quota", { ...money, available: 5 }],
    [/share/, "quota", { ...money, share: "0.5" }],
    [/observedAt/, "quota", { ...money, observedAt: "2026-11-01T08:00:00" }],
    [/observedAt/, "quota", { ...money, observedAt: "2026-02-30T08:00:00.000Z" }],
    [/member/, "quota", { ...money, member: "" }],
    [/^rawStatus: give the provider's own word/, "member", { ...member, status: "unknown" }],
    ["rawStatus contradicts the other fields", "member", { ...member, rawStatus: "Joined" }],
    [/status/, "member", { ...member, status: "Joined" }],
    [/kind/, "order", { ...order, kind: "gift" }],
    ["a result that is Refused lacks a field of its own", "result", result("Refused")],
    [/Drift lacks/, "result", result("Drift", { expected: five, expectedUnlimited: false })],
    ["check contradicts the other fields", "result", result("NoChange", { check: "cap" })],
    ["done contradicts the other fields", "result", result("NoChange", { done: "now" })],
    ["done contradicts the other fields", "result", result("Applied", { drift: false })],
    ["drift contradicts the other fields", "result", result("Applied", { done: "now" })],
    ["beforeAvailable contradicts the other fields", "result", result("Planned", { beforeAvailable: five })],
    ["target contradicts the other fields", "result", result("Planned", { target: five })],
    [/reason/, "result", result("Unknown", { reason: { ...reason, _tag: "Lost" } })]
  ]

  it.each(bad)("is refused where its fields say nothing, or not the same: %s", (why, kind, row) => {
    const read = decode(kind, row)
    const message = Result.isFailure(read) ? String((read.failure as Error).message) : "it is not refused"
    assert.isTrue(typeof why === "string" ? message.includes(why) : why.test(message), message)
  })
})

describe("a limit", () => {
  it("is JSON of one form", () => {
    assert.strictEqual(
      JSON.stringify([Limit.unlimited, Limit.finite(Quantity.cny("4.5"))]),
      '[{"limit":null,"unlimited":true},{"limit":{"unit":"CNY","amount":"4.50"},"unlimited":false}]'
    )
  })

  it.effect.prop("is JSON as its schema encodes it", [Limit.Limit], ([limit]) =>
    Effect.sync(() => {
      const json = JSON.parse(JSON.stringify(limit))
      assert.deepStrictEqual(json, Schema.encodeSync(Limit.Limit)(limit))
      assert.isTrue(Limit.equals(Schema.decodeUnknownSync(Limit.Limit)(json), limit))
    })
  )

  it("is refused where its two fields contradict each other", () => {
    for (const wrong of [
      { limit: null, unlimited: false },
      { limit: five, unlimited: true },
      { limit: five },
      "unlimited"
    ]) {
      assert.isTrue(Result.isFailure(Schema.decodeUnknownResult(Limit.Limit)(wrong)), JSON.stringify(wrong))
    }
  })
})

describe("a quantity", () => {
  it.effect.prop(
    "is JSON as its schema encodes it, and equal ones are the same text",
    [Quantity.Quantity],
    ([q]) =>
      Effect.sync(() => {
        const json = JSON.parse(JSON.stringify(q))
        assert.deepStrictEqual(json, Schema.encodeSync(Quantity.Quantity)(q))
        assert.isTrue(Equal.equals(Schema.decodeUnknownSync(Quantity.Quantity)(json), q))
        const longer = Quantity.make(q.unit, `${json.amount}${json.amount.includes(".") ? "00" : ".00"}`)
        assert.deepStrictEqual(JSON.parse(JSON.stringify(longer)), json)
      })
  )

  it("has at least the digits of its unit", () => {
    const amounts = [Quantity.cny(5), Quantity.cny("4.69928"), Quantity.minutes("0.50"), Quantity.count(3)]
    assert.deepStrictEqual(
      amounts.map((quantity) => quantity.toJSON().amount),
      ["5.00", "4.69928", "0.5", "3"]
    )
  })
})
