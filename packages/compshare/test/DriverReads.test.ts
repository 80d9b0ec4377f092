/**
 * What else the neutral services read of CompShare: refund quotes of a member, the balance, the log, and an
 * order's row with its types.
 */
import { CompShare } from "@cloud-quota/compshare"
import { Period } from "@cloud-quota/core"
import type { Order } from "@cloud-quota/core/Billing"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, Stream } from "effect"
import type * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { emulated, order } from "./fixtures/accounts.ts"
import { assertLike } from "../../../test/support/like.ts"

const members: NonNullable<CompShareEmulator.Settings["members"]> = [
  { virtualCompanyId: 60001, remarkName: "张三", allocatedFen: 100_00n },
  { virtualCompanyId: 60002, remarkName: "李四" }
]

const paramsOf = (emulator: CompShareEmulator.CompShareEmulator, name: string) =>
  Effect.map(emulator.requests, (all) =>
    all
      .filter(({ operation }) => operation === name)
      .map(({ request }) => Object.fromEntries(new URLSearchParams(request.body)))
  )

const rewriting = (operation: string, from: string | RegExp, to: string) => ({
  operation,
  fault: { _tag: "rewrite" as const, body: (body: string) => body.replaceAll(from, to) }
})

describe("refund quotes of a member", () => {
  const at = (uHostId: string, region: string, zone: string, refundPriceYuan?: string) => ({
    uHostId,
    region,
    zone,
    code: refundPriceYuan === undefined ? 226602 : 0,
    message: refundPriceYuan === undefined ? "资源已过期" : "",
    ...(refundPriceYuan === undefined ? {} : { refundPriceYuan })
  })
  const settings: CompShareEmulator.Settings = {
    members,
    instances: [
      at("uhost-a", "cn-wlcb", "cn-wlcb-01", "4.69928"),
      at("uhost-b", "cn-sh2", "cn-sh2-01", "2.00"),
      at("uhost-c", "cn-wlcb", "cn-wlcb-01"),
      at("uhost-d", "cn-wlcb", "cn-wlcb-01", "9.00")
    ],
    orders: [
      order("o-1", "2014-10-01T00:00:00Z"),
      order("o-2", "2026-10-02T00:00:00Z", { OrderType: "OT_RENEW" }),
      order("o-3", "2026-10-03T00:00:00Z", { ResourceId: "uhost-b" }),
      order("o-4", "2026-10-04T00:00:00Z", { ResourceId: "uhost-c" }),
      order("o-5", "2026-10-05T00:00:00Z", { ResourceId: "uhost-gone" }),
      order("o-6", "2026-10-06T00:00:00Z", { ResourceId: "uhost-d", virtualCompanyId: 60002 })
    ]
  }
  const quoted = [
    { resourceId: "uhost-a", refundable: true, amount: "4.69928 CNY" },
    { resourceId: "uhost-c", refundable: false, message: "资源已过期" },
    { resourceId: "uhost-b", refundable: true, amount: "2.00 CNY" }
  ]
  const print = ({
    amount,
    message,
    ...quote
  }: {
    readonly amount?: unknown
    readonly message?: string
  }) => ({
    ...quote,
    ...(amount === undefined ? {} : { amount: `${amount}` }),
    ...(message ? { message } : {})
  })

  it.effect("are of the instances that the member has ordered and that are still there, zone by zone", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(settings)
      const quotes = yield* account.billing.refundQuotes({ member: "60001" })
      assert.deepStrictEqual(quotes.map(print), quoted)
      assertLike(yield* paramsOf(emulator, "GetCompShareRefundPrice"), [
        { Region: "cn-wlcb", Zone: "cn-wlcb-01", "UHostIds.0": "uhost-a", "UHostIds.1": "uhost-c" },
        { Region: "cn-sh2", Zone: "cn-sh2-01", "UHostIds.0": "uhost-b" }
      ])
      assert.strictEqual(yield* emulator.count("DescribeCompShareSupportZone"), 0)
    })
  )

  it.effect("are asked for in the region of the zone, where an instance does not tell its own", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(settings)
      yield* emulator.inject(rewriting("DescribeCompShareInstance", '"Region"', '"Other"'))
      const quotes = yield* account.billing.refundQuotes({ member: "60001" })
      assert.deepStrictEqual(quotes.map(print), quoted)
      assert.strictEqual(yield* emulator.count("DescribeCompShareSupportZone"), 1)
    })
  )

  it.effect("are not guessed for an instance that is nobody says where", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(settings)
      yield* emulator.inject(rewriting("DescribeCompShareInstance", '"Zone":"cn-sh2-01"', '"Zone":null'))
      const error = yield* Effect.flip(account.billing.refundQuotes({ member: "60001" }))
      assertLike(error.reason, {
        _tag: "MalformedResponse",
        message: /uhost-b/
      })
      assert.strictEqual(yield* emulator.count("GetCompShareRefundPrice"), 0)
    })
  )

  it.effect("are none of nobody", () =>
    Effect.gen(function* () {
      const { account } = yield* emulated({ members })
      assert.deepStrictEqual(yield* account.billing.refundQuotes({ member: "60001" }), [])
      const error = yield* Effect.flip(account.billing.refundQuotes({ member: "60009" }))
      assert.strictEqual(error.reason._tag, "NotFound")
    })
  )
})

describe("the balance", () => {
  const answering = (body: object) => ({
    operation: "GetBalance",
    fault: {
      _tag: "answer" as const,
      effect: false,
      response: { status: 200, headers: {}, body: JSON.stringify(body) }
    }
  })

  it.effect("has the accounts that the provider tells, exactly", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({ members, adminBalanceFen: 123_45n })
      const all = yield* account.billing.balance
      assert.strictEqual(`${all.available}`, "123.45 CNY")
      assert.deepStrictEqual(
        all.parts.map(({ amount, kind, name }) => [kind, name, `${amount}`]),
        [
          ["cash", "Amount", "123.45 CNY"],
          ["credit", "AmountCredit", "0.00 CNY"],
          ["gift", "AmountFree", "0.00 CNY"],
          ["frozen", "AmountFreeze", "0.00 CNY"]
        ]
      )
      yield* emulator.inject(answering({ RetCode: 0, AccountInfo: { Amount: "-3.99529" } }))
      const some = yield* account.billing.balance
      assert.notInclude(Object.keys(some), "available")
      assert.deepStrictEqual(
        some.parts.map(({ amount, kind }) => [kind, `${amount}`]),
        [["cash", "-3.99529 CNY"]]
      )
    })
  )

  it.effect("is an error where the endpoint has none, as its capability says it may", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({ members })
      yield* emulator.inject(answering({ RetCode: 161, Message: "Action [GetBalance] not found" }))
      assert.deepInclude((yield* Effect.flip(account.billing.balance)).reason, { _tag: "InvalidRequest" })
      assert.include(account.capabilities["billing.balance"].note, "not documented")
    })
  )
})

describe("the log", () => {
  const period = {
    start: DateTime.makeUnsafe("2026-11-01T00:00:00Z"),
    end: DateTime.makeUnsafe("2026-11-02T00:00:00Z")
  }
  const log = (...rows: ReadonlyArray<object>) => ({
    operation: "ListCompShareTeamOperateLog",
    fault: {
      _tag: "answer" as const,
      effect: false,
      response: {
        status: 200,
        headers: {},
        body: JSON.stringify({ RetCode: 0, Total: rows.length, Logs: rows })
      }
    }
  })
  const at = DateTime.toEpochMillis(period.start) / 1000

  it.effect("says what was done to the team, oldest first, in kinds and in the provider's words", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({ members })
      yield* account.members.invite([{ user: "51000", name: "王五" }, { user: "51001" }])
      yield* account.members.invite({ user: "51000", name: "王五" })
      yield* emulator.acceptInvitation(51000)
      yield* emulator.rejectInvitation(51001)
      yield* emulator.consoleAllocate(60001, 5_00n)
      yield* emulator.consoleWithdraw(60001, 1_00n)
      yield* account.members.invite({ user: "51002", name: "赵六" })
      yield* account.members.cancelInvite("51002")
      const entries = yield* Stream.runCollect(account.history.list({ period }))
      assert.deepStrictEqual(
        entries.map(({ kind, outcome, source }) => `${kind} ${outcome} ${source}`),
        [
          "invite succeeded provider",
          "invite succeeded provider",
          "invite failed provider",
          "join succeeded provider",
          "decline succeeded provider",
          "grant succeeded provider",
          "withdraw succeeded provider",
          "invite succeeded provider",
          "cancel-invite succeeded provider"
        ]
      )
      assert.match(entries[0]?.text ?? "", /^发送邀请: .*王五/)
      assertLike(yield* paramsOf(emulator, "ListCompShareTeamOperateLog"), [
        { TeamId: "1001", OrderByASC: "true", BeginTime: `${at - 1}`, EndTime: `${at + 86_400}` }
      ])
    })
  )

  it.effect.each([
    ["创建团队", "成功", "team", "succeeded"],
    ["更新团队", "失败", "team", "failed"],
    ["AllocateAmount", "Success", "grant", "succeeded"],
    ["WithdrawAmount", "Failed", "withdraw", "failed"],
    ["InviteMember", "Pending", "invite", "unknown"],
    ["RemoveMember", "Success", "other", "succeeded"],
    ["constructor", "", "other", "unknown"]
  ])("of %s, %s", ([OperateType, Status, kind, outcome]) =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({ members })
      yield* emulator.inject(log({ OperateType, Status, CreateTime: at }))
      const [entry] = yield* Stream.runCollect(account.history.list({ period }))
      assertLike(entry, { kind, outcome, source: "provider", text: OperateType })
    })
  )

  it.effect("begins and ends with its period, and leaves nothing out in silence", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({ members })
      const row = (CreateTime: number | null) => ({ OperateType: "更新团队", Status: "成功", CreateTime })
      yield* emulator.inject(log(row(at - 1), row(at), row(at + 86_399), row(at + 86_400)))
      assert.strictEqual((yield* Stream.runCollect(account.history.list({ period }))).length, 2)
      yield* emulator.inject(log(row(null)))
      const error = yield* Effect.flip(Stream.runDrain(account.history.list({ period })))
      assertLike(error.reason, {
        _tag: "MalformedResponse",
        message: /更新团队/
      })
    })
  )
})

describe("the details of an order", () => {
  const period = Period.month("2026-10", { zone: "Asia/Shanghai" })
  const read = Effect.gen(function* () {
    const { account } = yield* emulated({
      members,
      orders: [order("o-1", "2026-10-02T00:00:00Z", { AmountCoupon: "1.50", OrderState: "Unpaid" })]
    })
    const [one] = yield* Stream.runCollect(account.billing.orders({ period }))
    const [unpaid] = yield* Stream.runCollect(account.billing.unpaid())
    if (one === undefined || unpaid === undefined) throw new Error("no order")
    return { one, unpaid }
  })

  it.effect("are CompShare's row, typed", () =>
    Effect.gen(function* () {
      const { one, unpaid } = yield* read
      const details = Option.getOrThrow(CompShare.orderDetails(one))
      assert.deepInclude(details, {
        OrderNo: "o-1",
        OrderState: "Unpaid"
      })
      assert.deepInclude(one.details, { AmountCoupon: "1.50" })
      assert.deepStrictEqual([`${details.Amount}`, `${details.AmountReal}`], ["10.00 CNY", "8.50 CNY"])
      assert.deepStrictEqual(
        Option.map(CompShare.orderDetails(unpaid), ({ Amount }) => `${Amount}`),
        Option.some("10.00 CNY")
      )
    })
  )

  it.effect("are none of what is not CompShare's, or has an amount in no known unit", () =>
    Effect.gen(function* () {
      const { one } = yield* read
      const { amount: _, ...untold } = one
      const others: ReadonlyArray<Order> = [
        { ...one, id: "o-2" },
        { ...one, details: { order_id: "CS22112112" } },
        { ...one, details: {} },
        { ...untold, details: { ...one.details, Amount: 1000 } }
      ]
      assert.deepStrictEqual(
        others.map((other) => Option.isNone(CompShare.orderDetails(other))),
        others.map(() => true)
      )
    })
  )
})
