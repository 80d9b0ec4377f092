/**
 * The client: what it sends, how it reads what comes back, and how it fails.
 */
import { Transport } from "@cloud-quota/core"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { type Request, rawRows } from "@cloud-quota/core/adapter/Operation"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Fiber, Layer, Redacted, Stream, Tracer } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import type { priceOperations } from "@cloud-quota/compshare/InstancePrice"
import * as CompShareClient from "@cloud-quota/compshare/CompShareClient"
import type { Params } from "@cloud-quota/compshare/Signature"
import { scripted, text, untyped } from "./fixtures/clients.ts"
import { assertLike } from "../../../test/support/like.ts"

const publicKey = "my_public_key"
const privateKey = "my_private_key"
const options: CompShareClient.Options = { publicKey, privateKey: Redacted.make(privateKey) }

const requestUuid = "X-UCLOUD-REQUEST-UUID".toLowerCase()

const once = { retry: { attempts: 1 } }

const nobody = { TeamRelation: [], unreadable: [], raw: { RetCode: 0, TeamRelation: null } }

const change: CompShareClient.TeamAmount = {
  TeamId: 1001,
  VirtualCompanyId: [60001, 60002],
  Amount: Quantity.cny(1000),
  OperateType: "AllocateAmount"
}

describe("the vendor's own examples", () => {
  it.effect("SetCompShareTeamAmount", () =>
    Effect.gen(function* () {
      const { client, requests, sent } = yield* scripted([
        text(
          `{"Action": "SetCompShareTeamAmountResponse", "RetCode": 0, "FailedMembers": {"60002": {"Code": 17001, "Message": "额度不足"}}}`,
          200,
          { [requestUuid]: "uuid-1" }
        )
      ])
      const answer = yield* client.setCompShareTeamAmount(change)
      assert.strictEqual(answer.requestId, "uuid-1")
      assert.deepStrictEqual(answer.FailedMembers, { 60002: { Code: 17001, Message: "额度不足" } })
      assertLike(requests[0], {
        method: "POST",
        url: "https://api.compshare.cn/",
        headers: { "content-type": "application/x-www-form-urlencoded" }
      })
      assert.deepStrictEqual(sent(), [
        {
          Action: "SetCompShareTeamAmount",
          Region: "cn-wlcb",
          TeamId: "1001",
          "VirtualCompanyId.0": "60001",
          "VirtualCompanyId.1": "60002",
          Amount: "100000",
          OperateType: "AllocateAmount",
          PublicKey: publicKey,
          Signature: "584f6df43089463513d67c2c628a37b73202d4c6"
        }
      ])
    })
  )

  it.effect("GetCompShareTeamInfo", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{
  "Action": "GetCompShareTeamInfoResponse",
  "RetCode": 0,
  "Team": {"Id": 1001, "Name": "my-team", "CompanyId": 50001, "Description": "AI研发团队"},
  "TeamRelation": [
    {
      "TeamId": 1001, "TeamName": "my-team", "UserCompanyId": 50001, "VirtualCompanyId": 60001,
      "Status": "joined", "RemarkName": "张三", "AllocateAmount": 100000, "AvailableAmount": 80000
    }
  ]
}`)
      ])
      const info = yield* client.getCompShareTeamInfo({ TeamId: 1001 })
      assert.deepStrictEqual(info.Team, {
        Id: 1001,
        Name: "my-team",
        CompanyId: 50001,
        Description: "AI研发团队"
      })
      assertLike(info.TeamRelation, [
        { VirtualCompanyId: 60001, UserCompanyId: 50001, Status: "joined", RemarkName: "张三" }
      ])
      assert.strictEqual(String(info.TeamRelation[0]?.AllocateAmount), "1000.00 CNY")
      assert.strictEqual(String(info.TeamRelation[0]?.AvailableAmount), "800.00 CNY")
      assert.deepStrictEqual(sent(), [
        {
          Action: "GetCompShareTeamInfo",
          Region: "cn-wlcb",
          TeamId: "1001",
          PublicKey: publicKey,
          Signature: "326e0f4fb29b498d0d16de1bb9a3aca40d246bd4"
        }
      ])
    })
  )

  it.effect("GetCompShareTeamInfo by a member", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([TestTransport.json({ RetCode: 0, TeamRelation: null })])
      assert.deepStrictEqual(yield* client.getCompShareTeamInfo({ VirtualCompanyId: 60001 }), nobody)
      assertLike(sent(), [
        { VirtualCompanyId: "60001", Signature: "542aaaf3a94fc4fef7ef764409fd72e77f72fd64" }
      ])
    })
  )

  it.effect("DescribeTeamMemberOrder", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{
"Action": "DescribeTeamMemberOrderResponse", "RetCode": 0, "Total": 10, "Limit": 25, "Offset": 0,
"OrderInfos": [
{
"OrderNo": "order-20231115001", "OrderType": "Buy", "OrderState": "Paid", "ChargeType": "Dynamic",
"Amount": "10.00", "AmountReal": "8.50", "ResourceId": "uhost-xxx", "CreateTime": 1700000000,
"OrderDetail": [{"ProductName": "GPU算力", "Value": "NVIDIA A100"}]
}
]
}`)
      ])
      const page = yield* client.describeTeamMemberOrder({
        TeamId: 1001,
        VirtualCompanyId: 60001,
        BeginTime: 1_700_000_000,
        EndTime: 1_700_086_400,
        Limit: 25,
        ChargeTypes: ["Dynamic", "Month"],
        OrderStates: ["Paid"]
      })
      assert.deepInclude(page, { Total: 10, Limit: 25 })
      assertLike(page.OrderInfos, [
        {
          OrderNo: "order-20231115001",
          OrderType: "Buy",
          OrderState: "Paid",
          ChargeType: "Dynamic",
          ResourceId: "uhost-xxx",
          CreateTime: 1_700_000_000
        }
      ])
      assertLike(rawRows(page, "OrderInfos"), [
        { OrderDetail: [{ ProductName: "GPU算力", Value: "NVIDIA A100" }] }
      ])
      assert.strictEqual(String(page.OrderInfos[0]?.Amount), "10.00 CNY")
      assert.strictEqual(String(page.OrderInfos[0]?.AmountReal), "8.50 CNY")
      assertLike(sent(), [
        {
          BeginTime: "1700000000",
          EndTime: "1700086400",
          "ChargeTypes.1": "Month",
          Offset: "0",
          Signature: "5d386f96feee837b0bc5eb2a06a567f157e3b3a9"
        }
      ])
    })
  )

  it.effect("GetCompShareRefundPrice", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(
          `{"Action": "GetCompShareRefundPriceResponse", "RetCode": 0, "RefundPriceSet": [{"UHostId": "uhost-xxxx", "Code": 0, "Message": "", "RefundPrice": 235.50}]}`
        )
      ])
      const { RefundPriceSet: refundPrices } = yield* client.getCompShareRefundPrice({
        Zone: "cn-wlcb-01",
        UHostIds: ["uhost-xxxx"]
      })
      assertLike(refundPrices, [{ UHostId: "uhost-xxxx", Code: 0, Message: "" }])
      assert.strictEqual(String(refundPrices[0]?.RefundPrice), "235.50 CNY")
      assert.deepStrictEqual(sent(), [
        {
          Action: "GetCompShareRefundPrice",
          Region: "cn-wlcb",
          Zone: "cn-wlcb-01",
          "UHostIds.0": "uhost-xxxx",
          PublicKey: publicKey,
          Signature: "855053476ecda31409eaeae97017c9708310f6bf"
        }
      ])
    })
  )

  it.effect("any action by its name", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{"RetCode": 0, "Big": 9007199254740993, "Unheard": {"Of": true}}`, 200, {
          [requestUuid]: "uuid-2"
        })
      ])
      const params: Params = { TeamId: 100001, VirtualCompanyId: 300001, Limit: 25, Offset: 0 }
      const answer = yield* client.call("DescribeTeamMemberOrder", params, { safety: "read" })
      assert.deepStrictEqual(answer, {
        requestId: "uuid-2",
        httpStatus: 200,
        fields: { RetCode: 0, Big: 9007199254740993n, Unheard: { Of: true } }
      })
      assert.strictEqual(sent()[0]?.["Signature"], "fb3ddc23045ea956a0755376dabcef1d10da6b35")
    })
  )
})

describe("what is sent", () => {
  it.effect("holds the token of lent keys, the project and another region, all signed", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([TestTransport.json({ RetCode: 0 })], {
        securityToken: Redacted.make("some_stoken"),
        projectId: "org-x",
        region: "cn-sh2"
      })
      yield* client.call("ListCompShareTeam")
      const plain = yield* scripted([TestTransport.json({ RetCode: 0 })])
      yield* plain.client.call("ListCompShareTeam", { Region: "cn-sh2", ProjectId: "org-x" })
      const [first] = sent()
      assert.deepInclude(first, { SecurityToken: "some_stoken", ProjectId: "org-x", Region: "cn-sh2" })
      assert.notStrictEqual(first?.["Signature"], plain.sent()[0]?.["Signature"])
    })
  )

  it.effect("goes to the endpoint without its slash", () =>
    Effect.gen(function* () {
      const { client, requests } = yield* scripted([TestTransport.json({ RetCode: 0 })], {
        endpoint: "http://127.0.0.1:1234/"
      })
      yield* client.call("ListCompShareTeam")
      assert.strictEqual(client.endpoint, "http://127.0.0.1:1234")
      assert.strictEqual(requests[0]?.url, "http://127.0.0.1:1234/")
    })
  )

  it.effect("gives a change of allowances 75 seconds, and a read its own time", () =>
    Effect.gen(function* () {
      const timeouts: Array<unknown> = []
      const inner = TestTransport.scripted([
        TestTransport.json({ RetCode: 0 }),
        TestTransport.json({ RetCode: 0 }),
        TestTransport.json({ RetCode: 0 })
      ])
      const note = ({ timeout }: Transport.Request) =>
        Effect.sync(() => timeouts.push(timeout && Duration.toMillis(timeout)))
      const transport: Transport.Transport = {
        request: (request) => Effect.andThen(note(request), inner.request(request)),
        open: (origin) =>
          Effect.map(inner.open(origin), (line) => ({
            ...line,
            send: (request, check) => Effect.andThen(note(request), line.send(request, check))
          }))
      }
      const client = yield* Effect.provideService(
        CompShareClient.make({ ...options, timeout: Duration.seconds(5) }),
        Transport.Transport,
        transport
      )
      yield* client.setCompShareTeamAmount(change)
      yield* client.getCompShareTeamInfo({ TeamId: 1001 })
      yield* client.call("CreateCompShareTeam", { Name: "x" })
      assert.deepStrictEqual(timeouts, [75_000, 5000, 75_000])
    })
  )
})

describe("pages", () => {
  const order = (number: number) => ({ OrderNo: `o-${number}`, Amount: "1.00", CreateTime: 1_700_000_000 })
  const page = (from: number, length: number, more: object = {}) =>
    TestTransport.json({
      RetCode: 0,
      OrderInfos: Array.from({ length }, (_, index) => order(from + index)),
      ...more
    })
  const query = { TeamId: 1001, VirtualCompanyId: 60001, BeginTime: 1, EndTime: 2 }

  const run = Effect.fnUntraced(function* (answers: ReadonlyArray<TestTransport.Answer>, limit: number) {
    const { client, sent } = yield* scripted(answers)
    const orders = yield* Stream.runCollect(client.stream.describeTeamMemberOrder({ ...query, Limit: limit }))
    return { names: orders.map(({ OrderNo }) => OrderNo), offsets: sent().map(({ Offset }) => Offset) }
  })

  it.effect("end with a page that has nothing new", () =>
    Effect.gen(function* () {
      const { names, offsets } = yield* run([page(0, 2), page(1, 2), page(2, 1)], 2)
      assert.deepStrictEqual(names, ["o-0", "o-1", "o-2"])
      assert.deepStrictEqual(offsets, ["0", "1", "2"])
    })
  )

  it.effect("may be empty from the beginning, also if that is null", () =>
    Effect.gen(function* () {
      const nothing = TestTransport.json({ RetCode: 0, OrderInfos: null })
      assert.deepStrictEqual((yield* run([nothing], 2)).names, [])
    })
  )

  it.effect("end at the total, whichever way it is called", () =>
    Effect.gen(function* () {
      const { offsets } = yield* run([page(0, 2, { Total: "3" }), page(1, 2, { Total: 3 })], 2)
      assert.deepStrictEqual(offsets, ["0", "1"])
      assert.deepStrictEqual((yield* run([page(0, 2, { TotalCount: 2 })], 2)).offsets, ["0"])
    })
  )

  it.effect("that end before the total are an error, not the end", () =>
    Effect.gen(function* () {
      const { client } = yield* scripted([page(0, 2, { Total: 4 }), page(1, 1, { Total: 4 })])
      const error = yield* Effect.flip(
        Stream.runDrain(client.stream.describeTeamMemberOrder({ ...query, Limit: 2 }))
      )
      assertLike(error.reason, {
        _tag: "MalformedResponse",
        message: /there are 4 rows, and nothing from 2 on/
      })
    })
  )

  it.effect("go on where the provider makes its pages smaller than asked", () =>
    Effect.gen(function* () {
      const { names } = yield* run(
        [page(0, 2, { Limit: 2, Total: 3 }), page(1, 2, { Limit: 2, Total: 3 })],
        100
      )
      assert.deepStrictEqual(names, ["o-0", "o-1", "o-2"])
      assert.deepStrictEqual((yield* run([page(0, 1, { Limit: 2 })], 100)).names, ["o-0"])
    })
  )
})

describe("tolerances", () => {
  it.effect("codes and whole numbers as text, null for absent", () =>
    Effect.gen(function* () {
      const { client } = yield* scripted([
        text(
          `{"RetCode": "0", "Team": {"Id": "1001", "Name": null}, "TeamRelation": [{"VirtualCompanyId": "60001", "Status": "Joined", "AllocateAmount": "9007199254740993", "AvailableAmount": 9007199254740993, "CreateTime": 1700000000, "New": [1]}, {"VirtualCompanyId": 0, "Status": "Pending", "RemarkName": null, "AllocateAmount": null}]}`
        )
      ])
      const {
        Team: team,
        TeamRelation: relations,
        raw
      } = yield* client.getCompShareTeamInfo({ TeamId: 1001 })
      assert.deepStrictEqual(team, { Id: 1001, Name: null })
      assert.deepStrictEqual(raw["Team"], { Id: "1001", Name: null })
      const [first, second] = relations
      assert.deepInclude(first, {
        VirtualCompanyId: 60001,
        CreateTime: "1700000000"
      })
      assertLike(raw["TeamRelation"], [{ New: [1] }, {}])
      assert.strictEqual(String(first?.AllocateAmount), "90071992547409.93 CNY")
      assert.strictEqual(String(first?.AvailableAmount), "90071992547409.93 CNY")
      assert.deepStrictEqual(second, {
        VirtualCompanyId: 0,
        Status: "Pending",
        RemarkName: null,
        AllocateAmount: null
      })
    })
  )

  it.effect("a price finer than a fen, and the message under either name", () =>
    Effect.gen(function* () {
      const { client } = yield* scripted([
        text(
          `{"RetCode": 0, "RefundPriceSet": [{"UHostId": "a", "Code": 0, "RefundPrice": 4.69928}, {"UHostId": "b", "Code": 8000, "ErrMessage": "不可退费"}, {"UHostId": "c", "Code": "8000", "Message": "no"}]}`
        )
      ])
      const { RefundPriceSet: refundPrices } = yield* client.getCompShareRefundPrice({
        Zone: "z",
        UHostIds: ["a", "b", "c"]
      })
      assert.strictEqual(String(refundPrices[0]?.RefundPrice), "4.69928 CNY")
      assertLike(refundPrices.slice(1), [
        { Code: 8000, ErrMessage: "不可退费" },
        { Code: 8000, Message: "no" }
      ])
    })
  )

  it.effect.each([{}, { FailedMembers: null }, { FailedMembers: {} }])("no failed members as %j", (fields) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([TestTransport.json({ RetCode: 0, ...fields })])
      assert.deepStrictEqual((yield* client.setCompShareTeamAmount(change)).FailedMembers ?? {}, {})
    })
  )
})

describe("what is not sent", () => {
  const refused = Effect.fnUntraced(function* (
    use: (client: CompShareClient.Service) => Effect.Effect<unknown, CloudQuotaError>,
    field: string
  ) {
    const { client, requests } = yield* scripted([])
    const error = yield* Effect.flip(use(client))
    assertLike(error.reason, { _tag: "InvalidRequest", field })
    assert.include(error.reason.message, field)
    assert.strictEqual(error.money, "not-moved")
    assert.deepStrictEqual(requests, [])
  })

  it.effect.each<[string, Partial<CompShareClient.TeamAmount>, string]>([
    ["nobody", { VirtualCompanyId: [] }, "VirtualCompanyId"],
    ["digits", { VirtualCompanyId: untyped(["60001"]) }, "VirtualCompanyId[0]"],
    ["a member twice", { VirtualCompanyId: [60001, 60001] }, "VirtualCompanyId"],
    ["no id", { VirtualCompanyId: [0] }, "VirtualCompanyId[0]"],
    ["a fraction for an id", { VirtualCompanyId: [1.5] }, "VirtualCompanyId[0]"],
    ["too large an id", { VirtualCompanyId: [2 ** 32] }, "VirtualCompanyId[0]"],
    ["nothing", { Amount: Quantity.cny(0) }, "Amount"],
    ["less than nothing", { Amount: Quantity.cny(-1) }, "Amount"],
    ["less than a fen", { Amount: Quantity.cny("0.001") }, "Amount"],
    ["more than is exact", { Amount: Quantity.cny("90071992547409.92") }, "Amount"],
    ["minutes", { Amount: Quantity.minutes(1) }, "Amount"],
    ["a team of 0", { TeamId: 0 }, "TeamId"],
    ["no list", { VirtualCompanyId: untyped(60001) }, "VirtualCompanyId"],
    ["a number", { Amount: untyped(5) }, "Amount"],
    ["null", { Amount: untyped(null) }, "Amount"],
    ["the JSON of an amount", { Amount: untyped({ unit: "CNY", Amount: "5" }) }, "Amount"],
    ["another verb", { OperateType: "SetAmount" as "AllocateAmount" }, "OperateType"]
  ])("a change by %s", ([, wrong, field]) =>
    refused((client) => client.setCompShareTeamAmount({ ...change, ...wrong }), field)
  )

  it.effect("a change without any team", () =>
    refused((client) => {
      const { TeamId: _, ...rest } = change
      return client.setCompShareTeamAmount(rest)
    }, "TeamId")
  )

  it.effect.each<[string, { readonly TeamId?: number; readonly VirtualCompanyId?: number }]>([
    ["none", {}],
    ["both", { TeamId: 1001, VirtualCompanyId: 60001 }]
  ])("a team selected by %s", ([, selector]) =>
    refused((client) => client.getCompShareTeamInfo(selector), "TeamId")
  )

  it.effect.each<[object, string]>([
    [{ EndTime: 100 }, "EndTime"],
    [{ BeginTime: 1.5 }, "BeginTime"],
    [{ Limit: 0 }, "Limit"],
    [{ Limit: 101 }, "Limit"],
    [{ Offset: -1 }, "Offset"],
    [{ VirtualCompanyId: 0 }, "VirtualCompanyId"]
  ])("orders with %j", ([wrong, field]) =>
    refused(
      (client) =>
        client.describeTeamMemberOrder({
          TeamId: 1001,
          VirtualCompanyId: 60001,
          BeginTime: 100,
          EndTime: 200,
          ...wrong
        }),
      field
    )
  )

  it.effect.each<[Request<typeof priceOperations.getCompShareRefundPrice>, string]>([
    [{ Zone: "", UHostIds: ["a"] }, "Zone"],
    [{ Zone: "z", UHostIds: [] }, "UHostIds"],
    [{ Zone: "z", UHostIds: [" "] }, "UHostIds[0]"],
    [{ Zone: untyped(undefined), UHostIds: ["a"] }, "Zone"],
    [{ Zone: "z", UHostIds: untyped("uhost-1") }, "UHostIds"],
    [{ Zone: "z", UHostIds: untyped([null]) }, "UHostIds[0]"]
  ])("refund prices of %j", ([query, field]) =>
    refused((client) => client.getCompShareRefundPrice(query), field)
  )

  it.effect.each(["read", "idempotent-write", "create"] as const)(
    "a change of allowances as a %s",
    (safety) => refused((client) => client.call("SetCompShareTeamAmount", {}, { safety }), "safety")
  )

  it.effect("parameters that the client writes itself, or that have no exact text", () =>
    Effect.gen(function* () {
      yield* refused((client) => client.call("X", { Signature: "x" }), "Signature")
      yield* refused((client) => client.call("X", { PublicKey: "x" }), "PublicKey")
      yield* refused((client) => client.call("X", { A: [Number.NaN] }), "A.0")
      yield* refused((client) => client.call("no action", {}), "action")
      yield* refused((client) => client.call(untyped(null), {}), "action")
      yield* refused((client) => client.call("X", {}, { safety: untyped("once") }), "safety")
    })
  )
})

describe("failures", () => {
  const failure = Effect.fnUntraced(function* (answer: TestTransport.Answer) {
    const reading = yield* scripted([answer], once)
    const read = yield* Effect.flip(reading.client.getCompShareTeamInfo({ TeamId: 1001 }))
    const writing = yield* scripted([answer])
    const write = yield* Effect.flip(writing.client.setCompShareTeamAmount(change))
    assert.strictEqual(read.reason._tag, write.reason._tag)
    assert.strictEqual(read.money, "not-moved")
    return write
  })

  it.effect.each<[number, string, string]>([
    [110, "Timeout", "unknown"],
    [130, "Unavailable", "unknown"],
    [150, "Unavailable", "unknown"],
    [153, "Throttled", "unknown"],
    [171, "Unauthenticated", "not-moved"],
    [200, "PermissionDenied", "not-moved"],
    [230, "InvalidRequest", "not-moved"],
    [292, "NotFound", "not-moved"],
    [17001, "ProviderFailed", "unknown"],
    [-1, "ProviderFailed", "unknown"],
    [424242, "ProviderFailed", "unknown"]
  ])("RetCode %s is %s, money %s", ([code, tag, money]) =>
    Effect.gen(function* () {
      const error = yield* failure(
        text(`{"RetCode": ${code}, "Message": "words"}`, 200, { [requestUuid]: "uuid-3" })
      )
      assertLike(error.reason, {
        _tag: tag,
        details: { code: `${code}`, message: "words", httpStatus: 200 }
      })
      assertLike(error, { money, requestId: "uuid-3", operation: "SetCompShareTeamAmount" })
    })
  )

  it.effect.each<[string, Transport.Response]>([
    ["empty", text("")],
    ["HTML", text("<html>Bad gateway</html>")],
    ["truncated", text(`{"RetCode": 0, "Fail`)],
    ["a list", text("[]")],
    ["null", text("null")],
    ["without a RetCode", text(`{"Action": "X"}`)],
    ["with a RetCode of another kind", text(`{"RetCode": true}`)],
    ["with a fraction for a RetCode", text(`{"RetCode": 0.5}`)],
    ["with an empty RetCode", text(`{"RetCode": ""}`)]
  ])("an answer that is %s is malformed, and proves nothing", ([, answer]) =>
    Effect.gen(function* () {
      const error = yield* failure(answer)
      assertLike(error, { reason: { _tag: "MalformedResponse" }, money: "unknown" })
    })
  )

  it.effect.each<[Transport.Response, RegExp]>([
    [
      text("<!doctype html><title>Sign in</title>"),
      /the answer is a web page, as a proxy's or a network's login/
    ],
    [text("Sign in", 200, { "content-type": "text/html; charset=utf-8" }), /the answer is a web page/],
    [text("", 302, { location: "https://portal.test" }), /status 302, which leads to another page/],
    [text("<html>", 407), /a proxy on the way answered 407/]
  ])("an answer of something on the way is said to be one, and proves nothing", ([answer, words]) =>
    Effect.gen(function* () {
      const error = yield* failure(answer)
      assert.match(error.message, words)
      assert.match(error.message, /HTTPS_PROXY/)
      assert.strictEqual(error.money, "unknown")
    })
  )

  it.effect.each<[string, unknown]>([
    ["names somebody not asked for", { "60003": { Code: 17001 } }],
    ["spells an id in another way", { "060001": { Code: 17001 } }],
    ["is a list", [{ Code: 17001 }]],
    ["is an empty list", []],
    ["is text", "60001"],
    ["has no code", { "60001": { Message: "no" } }],
    ["has the code of success", { "60001": { Code: 0, Message: "" } }],
    ["has null for a member", { "60001": null }]
  ])("a FailedMembers that %s proves nothing about anybody", ([, FailedMembers]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([TestTransport.json({ RetCode: 0, FailedMembers })])
      const error = yield* Effect.flip(client.setCompShareTeamAmount(change))
      assertLike(error, { reason: { _tag: "MalformedResponse" }, money: "unknown" })
    })
  )

  it.effect.each<[number, string, string, string]>([
    [429, "", "Throttled", "unknown"],
    [500, "oops", "Unavailable", "unknown"],
    [503, "", "Unavailable", "unknown"],
    [302, "", "ProviderFailed", "unknown"],
    [404, "<html>", "ProviderFailed", "unknown"],
    [403, `{"RetCode": 171}`, "Unauthenticated", "not-moved"],
    // A failing server proves nothing, whatever code it writes.
    [500, `{"RetCode": 171}`, "Unauthenticated", "unknown"],
    [500, `{"RetCode": 0}`, "Unavailable", "unknown"],
    [429, `{"RetCode": 424242}`, "Throttled", "unknown"]
  ])("HTTP %s with %j is %s, money %s", ([status, body, tag, money]) =>
    Effect.gen(function* () {
      const error = yield* failure(text(body, status))
      assertLike(error, { reason: { _tag: tag, details: { httpStatus: status } }, money })
    })
  )

  it.effect.each<[ConstructorParameters<typeof Transport.TransportError>[0], string, string]>([
    [
      { phase: "not-sent", kind: "connect", message: "refused", code: "ECONNREFUSED" },
      "TransportFailed",
      "not-moved"
    ],
    [{ phase: "not-sent", kind: "timeout", message: "no connection" }, "TransportFailed", "not-moved"],
    [{ phase: "not-sent", kind: "refused-by-check", message: "no" }, "TransportFailed", "not-moved"],
    [{ phase: "unknown", kind: "timeout", message: "no answer" }, "Timeout", "unknown"],
    [
      { phase: "unknown", kind: "closed", message: "reset", code: "ECONNRESET" },
      "TransportFailed",
      "unknown"
    ],
    [
      { phase: "unknown", kind: "connect", message: "odd", code: "ECONNREFUSED" },
      "TransportFailed",
      "unknown"
    ],
    [{ phase: "unknown", kind: "too-large", message: "huge" }, "MalformedResponse", "unknown"],
    [{ phase: "unknown", kind: "unreadable", message: "gzip" }, "MalformedResponse", "unknown"]
  ])("the transport fails with %j: %s, money %s", ([fields, tag, money]) =>
    Effect.gen(function* () {
      const error = yield* failure(new Transport.TransportError(fields))
      assertLike(error, { reason: { _tag: tag }, money })
      if (error.reason._tag === "TransportFailed") assert.strictEqual(error.reason.phase, fields.phase)
    })
  )

  it.effect("a wait that was asked for is told, as seconds or as a date", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-12-01T00:00:00Z"))
      const wait = Effect.fnUntraced(function* (status: number, body: string, value: string) {
        const error = yield* failure(text(body, status, { "retry-after": value }))
        return error.retryAfter && Duration.toMillis(error.retryAfter)
      })
      assert.strictEqual(yield* wait(429, "", "7"), 7000)
      assert.strictEqual(yield* wait(503, "", "Tue, 01 Dec 2026 00:00:09 GMT"), 9000)
      assert.strictEqual(yield* wait(503, "", "Mon, 30 Nov 2026 00:00:00 GMT"), 0)
      assert.strictEqual(yield* wait(200, `{"RetCode": 153}`, "2"), 2000)
      assert.isUndefined(yield* wait(429, "", "soon"))
    })
  )

  it.effect("what is given up on is reset, and what is decided is not", () =>
    Effect.gen(function* () {
      let resets = 0
      const reset = Effect.sync(() => {
        resets++
      })
      const changeWith = Effect.fnUntraced(function* (answer: TestTransport.Answer) {
        const { client } = yield* scripted([answer])
        const line = yield* Effect.scoped(client.connect)
        return yield* Effect.exit(
          client.setCompShareTeamAmount(change, { line: { ...line, reset }, check: () => true })
        )
      })
      yield* changeWith(TestTransport.json({ RetCode: 0 }))
      yield* changeWith(TestTransport.json({ RetCode: 171 }))
      assert.strictEqual(resets, 0)
      yield* changeWith(TestTransport.json({ RetCode: 110 }))
      yield* changeWith(new Transport.TransportError({ phase: "unknown", kind: "timeout", message: "late" }))
      yield* changeWith(TestTransport.json({ RetCode: 0, FailedMembers: { "1": { Code: 1 } } }))
      assert.strictEqual(resets, 3)
    })
  )

  it.effect("a check that says no keeps the request from being written", () =>
    Effect.gen(function* () {
      const { client, requests } = yield* scripted([TestTransport.json({ RetCode: 0 })])
      const error = yield* Effect.scoped(
        Effect.flatMap(client.connect, (line) =>
          Effect.flip(client.setCompShareTeamAmount(change, { line, check: () => false }))
        )
      )
      assertLike(error, {
        money: "not-moved",
        reason: { _tag: "TransportFailed", phase: "not-sent" }
      })
      assert.deepStrictEqual(requests, [])
    })
  )
})

describe("repeating", () => {
  const busy = TestTransport.json({ RetCode: 153 })
  const fine = TestTransport.json({ RetCode: 0 })

  it.effect("a read, until it is answered", () =>
    Effect.gen(function* () {
      const { client, requests } = yield* scripted([busy, text("", 503), fine])
      const fiber = yield* Effect.forkChild(client.getCompShareTeamInfo({ TeamId: 1001 }))
      yield* TestClock.adjust("1 minute")
      assertLike(yield* Fiber.join(fiber), { TeamRelation: [] })
      assert.lengthOf(requests, 3)
    })
  )

  it.effect.each([
    busy,
    text("", 502),
    new Transport.TransportError({ phase: "unknown", kind: "closed", message: "reset" }),
    new Transport.TransportError({ phase: "not-sent", kind: "connect", message: "refused" })
  ])("never a change, nor what is not said to be a read (%#)", (answer) =>
    Effect.gen(function* () {
      const changing = yield* scripted([answer, fine])
      const calling = yield* scripted([answer, fine])
      const fiber = yield* Effect.forkChild(
        Effect.all([
          Effect.flip(changing.client.setCompShareTeamAmount(change)),
          Effect.flip(calling.client.call("SetCompShareTeamRelation", { TeamId: 1001 })),
          Effect.flip(calling.client.call("SetCompShareTeamAmount", { TeamId: 1001 }).pipe(Effect.flip))
        ])
      )
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      assert.isAtMost(changing.requests.length, 1)
      // One for each of the two calls, of which the second one was answered.
      assert.lengthOf(calling.requests, 2)
    })
  )
})

describe("secrets", () => {
  const token = "t0ken+/with=signs"
  const signature = /[0-9a-f]{40}/i
  const secrets = [publicKey, privateKey, token, encodeURIComponent(token)]

  const clean = (error: CloudQuotaError) => {
    const shown = [
      JSON.stringify(error),
      inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
      String(error),
      error.message,
      String(error.stack)
    ].join("\n")
    for (const secret of secrets) assert.notInclude(shown, secret)
    assert.notMatch(shown, signature)
    assert.include(shown, "<redacted>")
  }

  /** A provider that complains by repeating the whole request, and the signature it wanted. */
  const complaints: ReadonlyArray<TestTransport.Answer> = [
    ({ body = "" }) =>
      TestTransport.json({
        RetCode: 171,
        Message: `${body} ${decodeURIComponent(body)} ${privateKey} want ${"0123456789".repeat(4)}`
      }),
    ({ body = "" }) => text(`{"RetCode": 0, "TeamRelation": "${body}", "FailedMembers": {"${body}": {}}}`),
    ({ body = "" }) => text(`{"RetCode": 110, "ErrMessage": "x"}`, 200, { [requestUuid]: body }),
    ({ body = "" }) =>
      new Transport.TransportError({ phase: "unknown", kind: "closed", message: `sent ${body}` })
  ]

  it.effect.each([...complaints.keys()])("never reach an error (%#)", (index) =>
    Effect.gen(function* () {
      const more = { ...once, securityToken: Redacted.make(token) }
      const spans: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (spanOptions) => {
          const span = new Tracer.NativeSpan(spanOptions)
          spans.push(span)
          return span
        }
      })
      const run = Effect.fnUntraced(function* (
        use: (client: CompShareClient.Service) => Effect.Effect<unknown, CloudQuotaError>
      ) {
        const { client } = yield* scripted(complaints.slice(index), more)
        clean(yield* Effect.flip(use(client)))
      })
      yield* run((client) => client.setCompShareTeamAmount(change)).pipe(Effect.withTracer(tracer))
      const shown = inspect(
        spans.map(({ attributes, name, status }) => ({ name, attributes, status })),
        { depth: 12 }
      )
      assert.include(
        spans.map(({ name }) => name),
        "CompShareClient.setCompShareTeamAmount"
      )
      for (const secret of secrets) assert.notInclude(shown, secret)
      assert.notMatch(shown, signature)
    })
  )

  it.effect("never reach the error of a read", () =>
    Effect.gen(function* () {
      const { client } = yield* scripted(complaints, { ...once, securityToken: Redacted.make(token) })
      clean(yield* Effect.flip(client.getCompShareTeamInfo({ TeamId: 1001 })))
    })
  )
})

describe("options", () => {
  const refused = Effect.fnUntraced(function* (
    wrong: Partial<CompShareClient.Options>,
    tag: string,
    field: string
  ) {
    const error = yield* Effect.flip(CompShareClient.make({ ...options, ...wrong }))
    assertLike(error, { money: "not-moved", reason: { _tag: tag } })
    assert.include(error.message, field)
    return error
  })

  it.effect.each<[Partial<CompShareClient.Options>, string]>([
    [{ publicKey: "" }, "publicKey"],
    [{ publicKey: "  " }, "publicKey"],
    [{ publicKey: "key\n" }, "publicKey"],
    [{ privateKey: Redacted.make("") }, "privateKey"],
    [{ privateKey: Redacted.make(" \t") }, "privateKey"],
    [{ securityToken: Redacted.make("") }, "securityToken"]
  ])("bad credentials name themselves, and where to get them (%#)", ([wrong, field]) =>
    Effect.gen(function* () {
      const error = yield* refused(wrong, "Unauthenticated", field)
      assert.include(error.message, "console.compshare.cn/uaccount/api_manage")
    })
  )

  it.effect("a key that is not wrapped is refused, and not shown", () =>
    Effect.gen(function* () {
      const bare: Partial<CompShareClient.Options> = JSON.parse(JSON.stringify({ privateKey }))
      const error = yield* refused(bare, "InvalidRequest", "privateKey")
      assert.notInclude(inspect(error), privateKey)
    })
  )

  it.effect.each([untyped(5000), untyped("5 s"), Duration.infinity])("the timeout %s is refused", (timeout) =>
    refused({ timeout }, "InvalidRequest", "timeout")
  )

  it.effect.each([
    "",
    "api.compshare.cn",
    "http://api.compshare.cn",
    "https://api.compshare.cn/v1",
    "https://api.compshare.cn/?a=b",
    "https://me:secret@api.compshare.cn",
    "https://:secret@api.compshare.cn",
    "ftp://127.0.0.1",
    "http://127.0.0.1.example.com"
  ])("the endpoint %j is refused", (endpoint) =>
    Effect.gen(function* () {
      const error = yield* refused({ endpoint }, "InvalidRequest", "endpoint")
      assert.notInclude(error.message, "secret")
    })
  )

  it.effect.each([0, -1, 1.5, 2 ** 32, Number.NaN, "", "x", "01", "+1", " 1"])(
    "the team %j is refused",
    (teamId) => refused({ teamId }, "InvalidRequest", "teamId")
  )

  it.effect("an empty region or project is refused", () =>
    Effect.gen(function* () {
      yield* refused({ region: "" }, "InvalidRequest", "region")
      yield* refused({ projectId: " " }, "InvalidRequest", "projectId")
    })
  )
})

describe("layerConfig", () => {
  const sentWith = Effect.fnUntraced(function* (env: Readonly<Record<string, string>>) {
    const transport = TestTransport.recording(TestTransport.scripted([TestTransport.json({ RetCode: 0 })]))
    const client = yield* CompShareClient.CompShareClient.pipe(
      Effect.provide(
        CompShareClient.layerConfig.pipe(
          Layer.provide(Layer.succeed(Transport.Transport, transport)),
          Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))
        )
      )
    )
    yield* client.call("X")
    return { client, sent: Object.fromEntries(new URLSearchParams(transport.requests[0]?.body)) }
  })

  it.effect("reads the environment", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* sentWith({
        COMPSHARE_PUBLIC_KEY: "own",
        COMPSHARE_PRIVATE_KEY: "own_private",
        UCLOUD_PUBLIC_KEY: "other",
        UCLOUD_PRIVATE_KEY: "other_private",
        COMPSHARE_TEAM_ID: "1001",
        COMPSHARE_REGION: "cn-sh2",
        COMPSHARE_ENDPOINT: "http://localhost:1/"
      })
      assert.deepInclude(client, { endpoint: "http://localhost:1", teamId: 1001 })
      assert.deepInclude(sent, { PublicKey: "own", Region: "cn-sh2" })
    })
  )

  it.effect("reads the environment that is in force where it is provided", () =>
    Effect.gen(function* () {
      const keys = { COMPSHARE_PUBLIC_KEY: "own", COMPSHARE_PRIVATE_KEY: "own_private" }
      const layerOf = (COMPSHARE_TEAM_ID: string) =>
        Layer.provide(
          CompShareClient.layerConfig,
          ConfigProvider.layer(ConfigProvider.fromEnvRecord({ ...keys, COMPSHARE_TEAM_ID }))
        )
      const team = Effect.map(CompShareClient.CompShareClient, ({ teamId }) => teamId)
      const inner = Effect.gen(function* () {
        return [yield* team, yield* Effect.provide(team, layerOf("1004"))]
      })
      assert.deepStrictEqual(yield* Effect.provide(inner, layerOf("1003")), [1003, 1004])
    })
  )

  it.effect("takes UCloud's own names where CompShare's are not set", () =>
    Effect.gen(function* () {
      const { sent } = yield* sentWith({ UCLOUD_PUBLIC_KEY: "other", UCLOUD_PRIVATE_KEY: "other_private" })
      assert.deepInclude(sent, { PublicKey: "other" })
    })
  )

  it.effect.each<[Readonly<Record<string, string>>, string]>([
    [{}, "COMPSHARE_PUBLIC_KEY"],
    [{ COMPSHARE_PUBLIC_KEY: "own" }, "COMPSHARE_PRIVATE_KEY"],
    // The keys of two pairs do not make one.
    [{ COMPSHARE_PUBLIC_KEY: "own", UCLOUD_PRIVATE_KEY: "other_private" }, "COMPSHARE_PRIVATE_KEY"]
  ])("says what is missing (%#)", ([env, variable]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(sentWith(env))
      assertLike(error, { reason: { _tag: "Unauthenticated" } })
      assert.include(String(error), variable)
    })
  )
})
