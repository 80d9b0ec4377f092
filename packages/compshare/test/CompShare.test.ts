/**
 * CompShare as an account and as a driver, against its emulator and against scripted answers.
 */
import { Account, Transport } from "@cloud-quota/core"
import { all, type Capability } from "@cloud-quota/core/Capabilities"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { DeltaConnection } from "@cloud-quota/core/adapter/Driver"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { MemberId } from "@cloud-quota/core/Member"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, DateTime, Effect, Layer, Redacted, Result, Stream } from "effect"
import * as CompShare from "@cloud-quota/compshare/CompShare"
import * as CompShareClient from "@cloud-quota/compshare/CompShareClient"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { makeDriver } from "../src/driver/driver.ts"
import { assertLike } from "../../../test/support/like.ts"

const options: CompShare.Options = {
  teamId: 1001,
  publicKey: CompShareEmulator.publicKey,
  privateKey: Redacted.make(CompShareEmulator.privateKey),
  retry: { attempts: 1 }
}

const team: CompShareEmulator.Settings = {
  members: [
    { virtualCompanyId: 60001, remarkName: "张三", allocatedFen: 100_000n, availableFen: 80_000n },
    { virtualCompanyId: 60002, remarkName: "李四" },
    { virtualCompanyId: 0, remarkName: "王五" }
  ],
  orders: [
    {
      virtualCompanyId: 60001,
      OrderNo: "order-20231115001",
      OrderType: "Buy",
      OrderState: "Paid",
      ChargeType: "Dynamic",
      Amount: "10.00",
      AmountReal: "8.50",
      ResourceId: "uhost-xxx",
      CreateTime: 1_700_000_000,
      OrderDetail: [{ ProductName: "GPU算力", Value: "NVIDIA A100" }]
    }
  ]
}

const member = (id: number) => MemberId.make(`${id}`)
const zhang = member(60001)
const li = member(60002)
const always = () => true

const accountOver = (transport: Transport.Transport, more: Partial<CompShare.Options> = {}) =>
  CompShare.layer({ ...options, ...more }).pipe(Layer.provide(Layer.succeed(Transport.Transport, transport)))

const fromConfig = (COMPSHARE_TEAM_ID: string) => {
  const env = { COMPSHARE_PUBLIC_KEY: "public", COMPSHARE_PRIVATE_KEY: "private", COMPSHARE_TEAM_ID }
  return CompShare.layerConfig.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))))
}

const driverOver = (transport: Transport.Transport) =>
  CompShareClient.make(options).pipe(
    Effect.provideService(Transport.Transport, transport),
    Effect.map((client) => makeDriver(client, 1001))
  )

/** The driver over a script, and what it sent. */
const scripted = (answers: Iterable<TestTransport.Answer>) => {
  const transport = TestTransport.recording(TestTransport.scripted(answers))
  return Effect.map(driverOver(transport), (driver) => ({
    driver,
    sent: () => transport.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
  }))
}

const relation = (more: object) => ({
  TeamId: 1001,
  UserCompanyId: 50001,
  VirtualCompanyId: 60001,
  Status: "joined",
  AllocateAmount: 100_000,
  AvailableAmount: 80_000,
  ...more
})
const info = (...rows: ReadonlyArray<object>) =>
  TestTransport.json({ RetCode: 0, Team: { Id: 1001 }, TeamRelation: rows })

describe("the account, over the emulator", () => {
  it.effect("lists and gets quotas and members", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(team)
      yield* Effect.gen(function* () {
        const { identity, members, name, quotas } = yield* Account.Account
        assert.strictEqual(name, "compshare")
        assert.deepStrictEqual(identity, {
          provider: "compshare",
          endpoint: "https://api.compshare.cn",
          scope: "1001"
        })
        const states = yield* Stream.runCollect(quotas.list())
        assert.deepStrictEqual(
          states.map((state) => [state.member, `${state.limit}`, `${state.available}`]),
          [
            ["60001", "1000.00 CNY", "800.00 CNY"],
            ["60002", "0.00 CNY", "0.00 CNY"]
          ]
        )
        assert.isTrue(states.every((state) => !("used" in state)))
        assert.deepStrictEqual(
          (yield* quotas.get("60001")).map(({ limit }) => `${limit}`),
          ["1000.00 CNY"]
        )
        const listed = yield* Stream.runCollect(members.list())
        assert.deepStrictEqual(
          listed.map(({ id, name, status }) => [id, name, status._tag]),
          [
            ["60001", "张三", "active"],
            ["60002", "李四", "active"],
            [undefined, "王五", "invited"]
          ]
        )
        assertLike(yield* members.get("60002"), { id: "60002", name: "李四" })
        assert.strictEqual((yield* Effect.flip(members.get("60009"))).reason._tag, "NotFound")
        assert.strictEqual((yield* Effect.flip(quotas.get("60009"))).reason._tag, "NotFound")
        assert.deepInclude((yield* Effect.flip(quotas.get("060001"))).reason, {
          _tag: "InvalidRequest",
          field: "member"
        })
      }).pipe(Effect.provide(accountOver(emulator.transport)))
    })
  )

  it.effect("names members in quotas as its team does, which costs no request", () =>
    Effect.gen(function* () {
      const members = [
        { virtualCompanyId: 60001, remarkName: "张三" },
        { virtualCompanyId: 60002, remarkName: "" }
      ]
      const emulator = yield* CompShareEmulator.make({ members })
      const states = yield* Effect.flatMap(Account.Account, ({ quotas }) =>
        Stream.runCollect(quotas.list())
      ).pipe(Effect.provide(accountOver(emulator.transport)))
      assert.deepStrictEqual(
        states.map((state) => ("name" in state ? state.name : "no name")),
        ["张三", "no name"]
      )
      assert.lengthOf(yield* emulator.requests, 1)
    })
  )

  it.effect("gives orders and refund quotes", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({
        ...team,
        instances: [
          {
            uHostId: "uhost-a",
            region: "cn-wlcb",
            zone: "cn-wlcb-01",
            code: 0,
            message: "",
            refundPriceYuan: "4.69928"
          },
          { uHostId: "uhost-b", region: "cn-wlcb", zone: "cn-wlcb-01", code: 8000, message: "不可退费" }
        ]
      })
      yield* Effect.gen(function* () {
        const { billing } = yield* Account.Account
        const period = {
          start: DateTime.makeUnsafe("2023-11-14T00:00:00Z"),
          end: DateTime.makeUnsafe("2023-11-16T00:00:00Z")
        }
        const orders = yield* Stream.runCollect(billing.orders({ member: "60001", period, states: ["Paid"] }))
        assertLike(orders, [
          {
            id: "order-20231115001",
            member: "60001",
            type: "Buy",
            state: "Paid",
            chargeType: "Dynamic",
            resourceId: "uhost-xxx",
            details: { OrderDetail: [{ ProductName: "GPU算力" }] }
          }
        ])
        assert.deepStrictEqual(
          orders.map(({ amount, createdAt, paid }) => [
            `${amount}`,
            `${paid}`,
            DateTime.formatIso(createdAt)
          ]),
          [["10.00 CNY", "8.50 CNY", "2023-11-14T22:13:20.000Z"]]
        )
        const quotes = yield* billing.refundQuotes({
          zone: "cn-wlcb-01",
          resourceIds: ["uhost-b", "uhost-a"]
        })
        assert.deepStrictEqual(
          quotes.map((quote) => ({ ...quote, ...(quote.amount && { amount: `${quote.amount}` }) })),
          [
            { resourceId: "uhost-b", refundable: false, message: "不可退费" },
            { resourceId: "uhost-a", refundable: true, amount: "4.69928 CNY" }
          ]
        )
      }).pipe(Effect.provide(accountOver(emulator.transport)))
    })
  )

  it.effect("gives the client too, and needs a team that can be one", () =>
    Effect.gen(function* () {
      const transport = TestTransport.scripted([TestTransport.json({ RetCode: 0 })])
      const client = yield* CompShareClient.CompShareClient.pipe(Effect.provide(accountOver(transport)))
      assert.strictEqual(client.teamId, 1001)
      const error = yield* Account.Account.pipe(
        Effect.provide(accountOver(transport, { teamId: "one" })),
        Effect.flip
      )
      assertLike(error, { reason: { _tag: "InvalidRequest", field: "teamId" } })
      const missing = yield* Effect.flip(Effect.provide(Account.Account, fromConfig("")))
      assert.include(missing.message, "COMPSHARE_TEAM_ID")
    })
  )

  it.effect("is an account of its own, also beside another one in the same program", () =>
    Effect.gen(function* () {
      const transport = TestTransport.scripted([])
      const scope = Effect.map(Account.Account, ({ identity }) => identity.scope)
      // Each layer is provided while those around it are still in force.
      const both = (outer: Layer.Layer<CompShare.Services, CloudQuotaError>, inner: typeof outer) =>
        Effect.gen(function* () {
          return [yield* scope, yield* Effect.provide(scope, inner)]
        }).pipe(Effect.provide(outer))
      const teams = both(accountOver(transport), accountOver(transport, { teamId: 1002 }))
      assert.deepStrictEqual(yield* teams, ["1001", "1002"])
      assert.deepStrictEqual(yield* both(fromConfig("1003"), fromConfig("1004")), ["1003", "1004"])
    })
  )

  it.live("works over real connections", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(team)
      const { origin } = yield* emulator.serve()
      const driver = yield* Effect.map(CompShareClient.make({ ...options, endpoint: origin }), (client) =>
        makeDriver(client, 1001)
      )
      if (driver.write._tag !== "Delta") throw new Error("not a delta")
      const delta = { member: li, delta: Quantity.cny("0.01") }
      const outcome = yield* Effect.scoped(
        Effect.flatMap(driver.write.connect, (line) => line.apply(delta, always))
      )
      assertLike(outcome, { _tag: "Applied", requestId: /^/ })
      assert.deepStrictEqual(
        (yield* driver.getQuotas(li)).map(({ limit }) => `${limit}`),
        ["0.01 CNY"]
      )
    }).pipe(Effect.scoped)
  )

  it.effect("names the keys of another team's administrator as the trouble", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(team)
      const wrong = { privateKey: Redacted.make("wrong_key") }
      const error = yield* Effect.gen(function* () {
        const { quotas } = yield* Account.Account
        return yield* Effect.flip(quotas.get("60001"))
      }).pipe(Effect.provide(accountOver(emulator.transport, wrong)))
      assertLike(error, {
        account: "compshare",
        money: "not-moved",
        reason: { _tag: "Unauthenticated" }
      })
    })
  )
})

describe("members", () => {
  it.effect("a status in any case, and an unknown one in the provider's word", () =>
    Effect.gen(function* () {
      const { driver } = yield* scripted([
        info(
          relation({ Status: "JOINED" }),
          relation({ VirtualCompanyId: 2, Status: "Rejected" }),
          relation({ VirtualCompanyId: 3, Status: "canceled" }),
          relation({ VirtualCompanyId: 4, Status: "Frozen" }),
          relation({ VirtualCompanyId: 0, Status: "pending", AllocateAmount: null }),
          relation({ VirtualCompanyId: 5, Status: "toString" })
        )
      ])
      const members = yield* Stream.runCollect(driver.listMembers)
      assert.deepStrictEqual<unknown>(
        members.map(({ id, status }) => [id, status]),
        [
          ["60001", { _tag: "active" }],
          ["2", { _tag: "rejected" }],
          ["3", { _tag: "canceled" }],
          ["4", { _tag: "unknown", raw: "Frozen" }],
          [undefined, { _tag: "invited" }],
          ["5", { _tag: "unknown", raw: "toString" }]
        ]
      )
    })
  )

  it.effect("one who left and came back is there once, as an active one", () =>
    Effect.gen(function* () {
      const { driver } = yield* scripted([
        info(
          relation({ Status: "Canceled", AllocateAmount: 1 }),
          relation({}),
          relation({ Status: "Rejected" })
        )
      ])
      const states = yield* driver.getQuotas(zhang)
      assert.deepStrictEqual(
        states.map(({ limit }) => `${limit}`),
        ["1000.00 CNY"]
      )
    })
  )

  it.effect.each<[string, Transport.Response, string]>([
    ["names an active member twice", info(relation({}), relation({})), "MalformedResponse"],
    ["is about another team", TestTransport.json({ RetCode: 0, Team: { Id: 1 } }), "MalformedResponse"],
    ["is about no team", TestTransport.json({ RetCode: 0, Team: null, TeamRelation: null }), "NotFound"],
    ["does not tell the amounts", info(relation({ AllocateAmount: null })), "MalformedResponse"]
  ])("an answer that %s is an error", ([, answer, tag]) =>
    Effect.gen(function* () {
      const { driver } = yield* scripted([answer])
      assert.strictEqual((yield* Effect.flip(driver.getQuotas(zhang))).reason._tag, tag)
    })
  )

  const oddRows: ReadonlyArray<readonly [string, object]> = [
    ["an id that cannot be one", relation({ VirtualCompanyId: -5 })],
    ["an amount that cannot be one", relation({ VirtualCompanyId: 60002, AllocateAmount: "1,00" })],
    ["no status", relation({ VirtualCompanyId: 60002, Status: null })],
    ["nothing that is documented", 7 as never]
  ]

  it.effect.each(oddRows)("a row with %s leaves the others readable, and hides who is absent", ([, odd]) =>
    Effect.gen(function* () {
      const { driver } = yield* scripted(Array.from({ length: 9 }, () => info(odd, relation({}))))
      if (driver.write._tag !== "Delta") throw new Error("not a delta")
      const { snapshot } = driver.write
      assert.lengthOf(yield* driver.getQuotas(zhang), 1)
      assert.lengthOf(yield* snapshot([zhang]), 1)
      const absent = MemberId.make("60002")
      for (const use of [
        Effect.asVoid(driver.getQuotas(absent)),
        Effect.asVoid(driver.getMember(absent)),
        Effect.asVoid(snapshot([absent])),
        Effect.asVoid(snapshot([zhang, absent])),
        Stream.runDrain(driver.listMembers),
        Stream.runDrain(driver.listQuotas)
      ]) {
        const error = yield* Effect.flip(use)
        assertLike(error, { money: "not-moved", reason: { _tag: "MalformedResponse" } })
        assert.include(error.message, "TeamRelation[0]")
      }
      const seen: Array<string | undefined> = []
      yield* driver.listMembers.pipe(
        Stream.tap(({ id }) => Effect.sync(() => seen.push(id))),
        Stream.runDrain,
        Effect.exit
      )
      assert.deepStrictEqual(seen, ["60001"])
    })
  )

  it.effect("a row that may be of the same member makes that member unreadable", () =>
    Effect.gen(function* () {
      const former = relation({ Status: "Canceled" })
      const cases: ReadonlyArray<readonly [Transport.Response, boolean]> = [
        [info(relation({}), relation({ Status: null })), false],
        [info(relation({}), relation({ VirtualCompanyId: "?" })), true],
        [info(former, relation({ VirtualCompanyId: "?" })), false],
        [info(former, relation({ VirtualCompanyId: 60002, Status: null })), true]
      ]
      for (const [answer, isReadable] of cases) {
        const { driver } = yield* scripted([answer])
        if (driver.write._tag !== "Delta") throw new Error("not a delta")
        const read = yield* Effect.result(driver.write.snapshot([zhang]))
        assert.strictEqual(read._tag, isReadable ? "Success" : "Failure")
      }
    })
  )

  it.effect("a debt is a negative amount", () =>
    Effect.gen(function* () {
      const { driver } = yield* scripted([
        info(relation({ AvailableAmount: -5 })),
        info(relation({ AvailableAmount: -5 }))
      ])
      assert.deepStrictEqual(
        (yield* driver.getQuotas(zhang)).map(({ available }) => `${available}`),
        ["-0.05 CNY"]
      )
      if (driver.write._tag !== "Delta") throw new Error("not a delta")
      assert.deepStrictEqual(
        (yield* driver.write.snapshot([zhang])).map(({ available }) => `${available}`),
        ["-0.05 CNY"]
      )
    })
  )

  it.effect("ids are plain numbers from 1 to 2^32 - 1", () =>
    Effect.gen(function* () {
      const { driver } = yield* scripted([])
      for (const id of ["1", "60001", "4294967295"])
        assert.strictEqual(Result.getOrThrow(driver.memberId(id)), id)
      for (const id of ["", "0", "-1", "+1", "01", "1.0", "1e3", " 1", "4294967296", "张三", "__proto__"]) {
        assert.isTrue(Result.isFailure(driver.memberId(id)))
      }
    })
  )
})

describe("orders", () => {
  const row = (number: number, CreateTime: number) => ({
    OrderNo: `o-${number}`,
    Amount: "-1.00",
    CreateTime
  })
  const at = (millis: number) => DateTime.makeUnsafe(millis)

  it.effect("are those of the period, without its end, oldest first", () =>
    Effect.gen(function* () {
      const { driver, sent } = yield* scripted([
        TestTransport.json({
          RetCode: 0,
          TotalCount: 4,
          OrderInfos: [row(1, 100), row(2, 101), row(3, 110), row(4, 111)]
        })
      ])
      const orders = driver.listOrders?.({ member: zhang, period: { start: at(100_500), end: at(110_500) } })
      const listed = yield* Stream.runCollect(orders ?? Stream.empty)
      assert.deepStrictEqual(
        listed.map(({ amount, id }) => [id, `${amount}`]),
        [
          ["o-2", "-1.00 CNY"],
          ["o-3", "-1.00 CNY"]
        ]
      )
      assertLike(sent(), [
        {
          BeginTime: "99",
          EndTime: "111",
          OrderBy: "create_time",
          OrderDir: "ASC",
          TeamId: "1001",
          Limit: "100"
        }
      ])
    })
  )

  it.effect("of a period that ends before it starts, or is none, are refused", () =>
    Effect.gen(function* () {
      const transport = TestTransport.recording(TestTransport.scripted([]))
      yield* Effect.gen(function* () {
        const { billing } = yield* Account.Account
        const none = { start: "2026-01-01", end: "2026-02-01" } as never
        for (const period of [{ start: at(1000), end: at(1000) }, none, null as never]) {
          const orders = billing.orders({ member: "60001", period })
          const error = yield* Effect.flip(Stream.runDrain(orders))
          assertLike(error, { reason: { _tag: "InvalidRequest", field: "period" } })
        }
      }).pipe(Effect.provide(accountOver(transport)))
      assert.deepStrictEqual(transport.requests, [])
    })
  )
})

describe("refund quotes", () => {
  it.effect("have no amount where nothing is refunded, and none is left out in silence", () =>
    Effect.gen(function* () {
      const prices = {
        RetCode: 0,
        RefundPriceSet: [{ UHostId: "a", Code: 8000, ErrMessage: "no", RefundPrice: 0 }]
      }
      const { driver } = yield* scripted([TestTransport.json(prices), TestTransport.json(prices)])
      const request = { zone: "z", resourceIds: ["a"] }
      if (driver.refundQuotes === undefined) throw new Error("no refund quotes")
      assert.deepStrictEqual(yield* driver.refundQuotes(request), [
        { resourceId: "a", refundable: false, message: "no" }
      ])
      const error = yield* Effect.flip(driver.refundQuotes({ ...request, resourceIds: ["a", "b"] }))
      assertLike(error, { reason: { _tag: "NotFound", message: /b/ } })
    })
  )
})

describe("snapshots", () => {
  it.effect("tell who can be granted something, and one membership from another", () =>
    Effect.gen(function* () {
      const { driver } = yield* scripted([
        info(
          relation({ CreateTime: 1_700_000_000 }),
          relation({ VirtualCompanyId: 60002, Status: "Canceled", UserCompanyId: 50002 }),
          relation({ VirtualCompanyId: 60003 })
        )
      ])
      if (driver.write._tag !== "Delta") throw new Error("not a delta")
      const snapshots = yield* driver.write.snapshot([zhang, li, member(9)])
      assert.deepStrictEqual(
        snapshots.map(({ active, available, limit, member: id, membership }) => ({
          id,
          active,
          amounts: `${limit} ${available}`,
          membership
        })),
        [
          { id: "60001", active: true, amounts: "1000.00 CNY 800.00 CNY", membership: "50001/1700000000" },
          { id: "60002", active: false, amounts: "1000.00 CNY 800.00 CNY", membership: "50002/" }
        ]
      )
    })
  )
})

describe("a difference", () => {
  const toZhang = { member: zhang, delta: Quantity.cny(50) }

  const applied = Effect.fnUntraced(function* (
    transport: Transport.Transport,
    delta: Parameters<DeltaConnection["apply"]>[0],
    check: () => boolean = always
  ) {
    const { write } = yield* driverOver(transport)
    if (write._tag !== "Delta") throw new Error("not a delta")
    const outcome = yield* Effect.scoped(Effect.flatMap(write.connect, (line) => line.apply(delta, check)))
    return "reason" in outcome ? `${outcome._tag} ${outcome.reason._tag}` : outcome._tag
  })

  it.effect("is allocated or withdrawn, or rejected for its member", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(team)
      for (const member of [zhang, li]) {
        assert.strictEqual(yield* applied(emulator.transport, { member, delta: Quantity.cny(50) }), "Applied")
      }
      const less = Quantity.cny("-800.01")
      assert.strictEqual(yield* applied(emulator.transport, { member: zhang, delta: less }), "Applied")
      assert.strictEqual(
        yield* applied(emulator.transport, { member: li, delta: less }),
        "Rejected InsufficientBalance"
      )
      const { members } = yield* emulator.state
      assert.deepStrictEqual(
        members.slice(0, 2).map(({ availableFen }) => availableFen),
        [4999n, 5000n]
      )
    })
  )

  it.effect("carries the provider's request id", () =>
    Effect.gen(function* () {
      const { driver } = yield* scripted([
        {
          ...TestTransport.json({ RetCode: 0 }),
          headers: { ["X-UCLOUD-REQUEST-UUID".toLowerCase()]: "uuid-1" }
        }
      ])
      if (driver.write._tag !== "Delta") throw new Error("not a delta")
      const outcome = yield* Effect.scoped(
        Effect.flatMap(driver.write.connect, (line) => line.apply(toZhang, always))
      )
      assert.strictEqual(outcome.requestId, "uuid-1")
    })
  )

  const answers = (RetCode: number | string, more: object = {}) => TestTransport.json({ RetCode, ...more })
  const broken = (phase: "not-sent" | "unknown", kind: "connect" | "timeout" | "closed" | "too-large") =>
    new Transport.TransportError({ phase, kind, message: "broken" })

  it.effect.each<[string, TestTransport.Answer, string, string]>([
    ["RetCode 171", answers(171), "Rejected", "Unauthenticated"],
    ["RetCode 230 as text", answers("230"), "Rejected", "InvalidRequest"],
    ["RetCode 110", answers(110), "Unknown", "Timeout"],
    ["RetCode 130", answers(130), "Unknown", "Unavailable"],
    ["RetCode 150", answers(150), "Unknown", "Unavailable"],
    ["RetCode 153", answers(153), "Unknown", "Throttled"],
    ["RetCode 17001 of the whole", answers(17001), "Unknown", "ProviderFailed"],
    ["an unlisted RetCode", answers(424242), "Unknown", "ProviderFailed"],
    [
      "a member not asked for",
      answers(0, { FailedMembers: { 1: { Code: 17001 } } }),
      "Unknown",
      "MalformedResponse"
    ],
    ["a 5xx with RetCode 171", TestTransport.json({ RetCode: 171 }, 500), "Unknown", "Unauthenticated"],
    ["HTTP 429", TestTransport.json("", 429), "Unknown", "Throttled"],
    ["HTML", { status: 200, headers: {}, body: "<html>" }, "Unknown", "MalformedResponse"],
    ["no connection", broken("not-sent", "connect"), "NotSent", "TransportFailed"],
    ["no connection in time", broken("not-sent", "timeout"), "NotSent", "TransportFailed"],
    ["no answer in time", broken("unknown", "timeout"), "Unknown", "Timeout"],
    ["a reset", broken("unknown", "closed"), "Unknown", "TransportFailed"],
    [
      "a refused connection that cannot be proved",
      broken("unknown", "connect"),
      "Unknown",
      "TransportFailed"
    ],
    ["a huge answer", broken("unknown", "too-large"), "Unknown", "MalformedResponse"]
  ])("met by %s", ([, answer, tag, reason]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* applied(TestTransport.scripted([answer]), toZhang), `${tag} ${reason}`)
    })
  )

  it.effect("that its member failed for, with an unknown code, is rejected", () =>
    Effect.gen(function* () {
      const failed = answers(0, { FailedMembers: { 60001: { Code: "99999", Message: "?" } } })
      assert.strictEqual(yield* applied(TestTransport.scripted([failed]), toZhang), "Rejected ProviderFailed")
    })
  )

  it.effect("is not sent when the last check says no, nor when it is no amount", () =>
    Effect.gen(function* () {
      const transport = TestTransport.recording(TestTransport.scripted([]))
      const waiting = TestTransport.recording(TestTransport.scripted([answers(0)]))
      assert.strictEqual(yield* applied(waiting, toZhang, () => false), "NotSent TransportFailed")
      for (const delta of [Quantity.cny(0), Quantity.cny("0.001"), Quantity.minutes(1)]) {
        assert.strictEqual(yield* applied(transport, { member: zhang, delta }), "NotSent InvalidRequest")
      }
      assert.deepStrictEqual([...transport.requests, ...waiting.requests], [])
    })
  )

  it.effect("fails to connect before anything is sent", () =>
    Effect.gen(function* () {
      const failing: Transport.Transport = {
        ...TestTransport.scripted([]),
        open: () => Effect.fail(broken("not-sent", "connect"))
      }
      const { write } = yield* driverOver(failing)
      if (write._tag !== "Delta") throw new Error("not a delta")
      const error = yield* Effect.scoped(Effect.flip(write.connect))
      assertLike(error, {
        money: "not-moved",
        reason: { _tag: "TransportFailed", phase: "not-sent" }
      })
    })
  )
})

describe("capabilities", () => {
  it.effect("agree with what the driver offers", () =>
    Effect.gen(function* () {
      const { driver } = yield* scripted([])
      const { capabilities } = driver
      const parts: Partial<Record<Capability, unknown>> = {
        "members.invite": driver.invite,
        "members.cancel-invite": driver.cancelInvite,
        "members.rename": driver.rename,
        "members.remove": driver.remove,
        "billing.orders": driver.listOrders,
        "billing.orders-by-member": driver.listOrders,
        "billing.totals": driver.orderSums,
        "billing.unpaid": driver.listUnpaid,
        "billing.refund-quotes": driver.refundQuotes,
        "billing.refund-quotes-by-member": driver.memberRefundQuotes,
        "billing.entitlements": driver.listEntitlements,
        "billing.balance": driver.balance,
        "billing.usage": driver.listUsage,
        "billing.monthly-cost": driver.listCosts,
        "history.provider-log": driver.listLog
      }
      for (const capability of all) {
        if (!(capability in parts)) continue
        const isSupported = capabilities[capability].support !== "unsupported"
        assert.deepStrictEqual([capability, parts[capability] !== undefined], [capability, isSupported])
      }
      for (const capability of ["quotas.used", "quotas.unlimited", "members.remove"] as const) {
        assert.strictEqual(capabilities[capability].support, "unsupported")
      }
      assert.deepStrictEqual(
        driver.metrics.map(({ unlimited }) => unlimited),
        [false]
      )
      assert.strictEqual(capabilities["billing.orders-by-member"].support, "native")
      for (const { note, support } of Object.values(capabilities)) {
        if (support !== "native") assert.match(note ?? "", /./)
      }
    })
  )
})
