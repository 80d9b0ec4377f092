/**
 * The emulator through its public doors: what the official clients send is taken, what is wrong is
 * turned away with the vendor's code, and money moves as the vendor's pages say.
 */
import * as Json from "@cloud-quota/core/Json"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Result } from "effect"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import * as http from "node:http"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { signatureOf } from "../src/emulator/wire.ts"
import { assertLike } from "../../../test/support/like.ts"

type Params = Readonly<Record<string, string>>

const keys = { PublicKey: CompShareEmulator.publicKey }

/** A signer of the tests' own; the vectors hold the emulator to the vendor's. */
const sign = (params: Params, privateKey = CompShareEmulator.privateKey): Params => {
  const text = Object.keys(params)
    .sort()
    .map((name) => `${name}${params[name]}`)
    .join("")
  return {
    ...params,
    Signature: createHash("sha1")
      .update(text + privateKey)
      .digest("hex")
  }
}

const parse = (text: string) => Result.getOrThrow(Json.parse(text)) as Readonly<Record<string, unknown>>

/** Sends a body through the in-memory door. */
const post = (emulator: CompShareEmulator.CompShareEmulator, body: string, contentType = form, path = "/") =>
  emulator.transport
    .request({
      method: "POST",
      url: new URL(path, "https://api.compshare.cn"),
      headers: { "content-type": contentType },
      body: Redacted.make(body)
    })
    .pipe(Effect.orDie)

const form = "application/x-www-form-urlencoded"
const json = "application/json"

const call = (emulator: CompShareEmulator.CompShareEmulator, params: Params) =>
  Effect.map(post(emulator, new URLSearchParams(sign({ ...keys, ...params })).toString()), (response) =>
    parse(response.body)
  )

/** The team of the vendor's examples. */
const example: CompShareEmulator.Settings = {
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
  ],
  instances: [
    {
      uHostId: "uhost-xxxx",
      region: "cn-wlcb",
      zone: "cn-wlcb-01",
      code: 0,
      message: "",
      refundPriceYuan: "235.50"
    },
    {
      uHostId: "uhost-fine",
      region: "cn-wlcb",
      zone: "cn-wlcb-01",
      code: 0,
      message: "",
      refundPriceYuan: "4.69928"
    },
    { uHostId: "uhost-none", region: "cn-wlcb", zone: "cn-wlcb-01", code: 226602, message: "不支持退费" }
  ]
}

const money = (state: CompShareEmulator.State) => ({
  admin: state.adminBalanceFen,
  members: Object.fromEntries(
    state.members
      .filter((member) => member.virtualCompanyId > 0)
      .map((member) => [member.virtualCompanyId, [member.allocatedFen, member.availableFen]])
  )
})

const total = (state: CompShareEmulator.State) =>
  state.members.reduce((sum, member) => sum + member.availableFen, state.adminBalanceFen)

interface HttpAnswer {
  readonly status: number | undefined
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

const overHttp = (origin: string, path: string, headers: Params, body: string) =>
  Effect.promise(
    () =>
      new Promise<HttpAnswer>((resolve, reject) => {
        const request = http.request(
          `${origin}${path}`,
          { method: "POST", headers, agent: false },
          (response) => {
            const chunks: Array<Buffer> = []
            response.on("data", (chunk: Buffer) => chunks.push(chunk))
            response.on("end", () =>
              resolve({
                status: response.statusCode,
                headers: response.headers,
                text: Buffer.concat(chunks).toString("utf8")
              })
            )
          }
        )
        request.on("error", reject)
        request.end(body)
      })
  )

const pythonHeaders = {
  "User-Agent": "Python/3.11.7 Python-SDK/0.11.100Package/ucompshare",
  "Accept-Encoding": "gzip, deflate",
  Accept: "*/*",
  "Content-Type": form,
  "U-Timestamp-Ms": "1795225022833"
}

// Each body is what the vendor's Python client wrote, with the signature that it made.
const python = {
  set: "Region=cn-wlcb&TeamId=1001&VirtualCompanyId.0=60001&VirtualCompanyId.1=60002&Amount=100000&OperateType=AllocateAmount&Action=SetCompShareTeamAmount&PublicKey=my_public_key&Signature=584f6df43089463513d67c2c628a37b73202d4c6",
  infoByTeam:
    "Region=cn-wlcb&TeamId=1001&Action=GetCompShareTeamInfo&PublicKey=my_public_key&Signature=326e0f4fb29b498d0d16de1bb9a3aca40d246bd4",
  infoByMember:
    "Region=cn-wlcb&VirtualCompanyId=60001&Action=GetCompShareTeamInfo&PublicKey=my_public_key&Signature=542aaaf3a94fc4fef7ef764409fd72e77f72fd64",
  orders:
    "Region=cn-wlcb&BeginTime=1700000000&ChargeTypes.0=Dynamic&ChargeTypes.1=Month&EndTime=1700086400&Limit=25&Offset=0&OrderStates.0=Paid&TeamId=1001&VirtualCompanyId=60001&Action=DescribeTeamMemberOrder&PublicKey=my_public_key&Signature=5d386f96feee837b0bc5eb2a06a567f157e3b3a9",
  ordersWithoutPeriod:
    "Region=cn-wlcb&TeamId=1001&VirtualCompanyId=60001&Limit=25&Offset=0&ChargeTypes.0=Dynamic&ChargeTypes.1=Month&OrderBy=create_time&OrderDir=DESC&Action=DescribeTeamMemberOrder&PublicKey=my_public_key&Signature=e96ddb2db0b3123521ac1015360ffbe83cb70333",
  refundPrice:
    "Region=cn-wlcb&Zone=cn-wlcb-01&UHostIds.0=uhost-xxxx&Action=GetCompShareRefundPrice&PublicKey=my_public_key&Signature=855053476ecda31409eaeae97017c9708310f6bf"
}

const javaScriptBody =
  '{"Action":"SetCompShareTeamAmount","TeamId":1001,"VirtualCompanyId.0":60001,"VirtualCompanyId.1":60002,"Amount":100000,"OperateType":"AllocateAmount","Region":"cn-wlcb","Signature":"584f6df43089463513d67c2c628a37b73202d4c6","PublicKey":"my_public_key"}'

describe("official clients, over real HTTP", () => {
  it.effect("Python: all that it sends is understood, and answered as the vendor's pages show", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const { origin } = yield* emulator.serve()
      const send = (body: string) =>
        Effect.map(overHttp(origin, "/", pythonHeaders, body), (answer) => parse(answer.text))

      const info = yield* send(python.infoByTeam)
      assertLike(info, {
        Action: "GetCompShareTeamInfoResponse",
        RetCode: 0,
        Team: { Id: 1001, Name: "my-team", CompanyId: 50001, Description: "AI研发团队", Deleted: 0 }
      })
      assert.lengthOf(info["TeamRelation"] ?? [], 3)
      assertLike(info["TeamRelation"], [
        {
          TeamId: 1001,
          TeamName: "my-team",
          VirtualCompanyId: 60001,
          Status: "Joined",
          RemarkName: "张三",
          AllocateAmount: 100_000,
          AvailableAmount: 80_000
        },
        { VirtualCompanyId: 60002, Status: "Joined", AllocateAmount: 0 },
        { VirtualCompanyId: 0, Status: "Pending", RemarkName: "王五" }
      ])
      assert.deepStrictEqual(yield* send(python.infoByMember), info)
      assert.deepStrictEqual(yield* send(python.orders), {
        Action: "DescribeTeamMemberOrderResponse",
        RetCode: 0,
        Total: 1,
        Limit: 25,
        Offset: 0,
        OrderInfos: [
          {
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
      })
      // Without times, as the vendor's own command line sends it: of any time.
      assertLike(yield* send(python.ordersWithoutPeriod), {
        Action: "DescribeTeamMemberOrderResponse",
        RetCode: 0,
        Total: 1,
        OrderInfos: [{ OrderNo: "order-20231115001" }]
      })
      assert.deepStrictEqual(yield* send(python.refundPrice), {
        Action: "GetCompShareRefundPriceResponse",
        RetCode: 0,
        RefundPriceSet: [{ UHostId: "uhost-xxxx", Code: 0, Message: "", RefundPrice: 235.5 }]
      })
      assert.deepStrictEqual(yield* send(python.set), {
        Action: "SetCompShareTeamAmountResponse",
        RetCode: 0,
        FailedMembers: {}
      })
      assert.deepStrictEqual(money(yield* emulator.state).members, {
        60001: [200_000n, 180_000n],
        60002: [100_000n, 100_000n]
      })
    })
  )

  it.effect("JavaScript: flat JSON with numbers", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const { origin } = yield* emulator.serve()
      const answer = yield* overHttp(origin, "/", { "Content-Type": json }, javaScriptBody)
      assertLike(parse(answer.text), { RetCode: 0, FailedMembers: {} })
      assert.deepStrictEqual(
        (yield* emulator.ledger).map((entry) => entry.member),
        [60001, 60002]
      )
    })
  )

  it.effect("Go: the action again in the query", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const { origin } = yield* emulator.serve()
      const sorted = python.infoByTeam.split("&").sort().join("&")
      const answer = yield* overHttp(origin, "/?Action=GetCompShareTeamInfo", pythonHeaders, sorted)
      assertLike(parse(answer.text), { RetCode: 0, Team: { Id: 1001 } })
    })
  )

  it.effect("every answer is whole JSON with HTTP 200 and an id of its own, the same on every run", () =>
    Effect.gen(function* () {
      const ids = Effect.gen(function* () {
        const emulator = yield* CompShareEmulator.make(example)
        const { origin } = yield* emulator.serve()
        const answers = yield* Effect.forEach([python.infoByTeam, "", python.orders], (body) =>
          overHttp(origin, "/", pythonHeaders, body)
        )
        for (const { headers, status, text } of answers) {
          assert.strictEqual(status, 200)
          assert.strictEqual(headers["content-length"], String(Buffer.byteLength(text)))
          assert.match(
            String(headers["x-ucloud-request-uuid"]),
            /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
          )
        }
        return answers.map(({ headers }) => headers["x-ucloud-request-uuid"])
      })
      const first = yield* ids
      assert.strictEqual(new Set(first).size, 3)
      assert.deepStrictEqual(yield* ids, first)
    })
  )
})

interface Vector {
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
  readonly publicKey: string | null
  readonly privateKey: string
  readonly encoded: Params | null
  readonly expectedSignature: string
}

const vectors = (
  parse(readFileSync(new URL("./vectors/compshare-signature.json", import.meta.url), "utf8")) as {
    readonly vectors: ReadonlyArray<Vector>
  }
).vectors

describe("signatures", () => {
  it("agree with every vector of the vendor's signer", () => {
    for (const { encoded, expectedSignature, params, privateKey } of vectors) {
      const flat = encoded ?? (params as Params)
      assert.strictEqual(signatureOf(new Map(Object.entries(flat)), privateKey), expectedSignature)
    }
    assert.isAbove(vectors.length, 20)
  })

  it.effect("of every vector are accepted, and refused with one character changed", () =>
    Effect.gen(function* () {
      for (const { encoded, expectedSignature, name, privateKey, publicKey } of vectors) {
        if (encoded === null || publicKey === null) continue
        const token = encoded["SecurityToken"]
        const emulator = yield* CompShareEmulator.make({
          ...example,
          publicKey,
          privateKey,
          ...(token === undefined ? {} : { securityToken: token })
        })
        const send = (signature: string) =>
          post(emulator, new URLSearchParams({ ...encoded, Signature: signature }).toString())
        assert.notInclude([170, 171, 172, 174], parse((yield* send(expectedSignature)).body)["RetCode"], name)
        const changed = (expectedSignature.startsWith("0") ? "1" : "0") + expectedSignature.slice(1)
        assert.deepInclude(
          parse((yield* send(changed)).body),
          {
            RetCode: 171,
            Message: "Signature VerifyAC Error"
          },
          name
        )
      }
    })
  )

  it.effect("cover every parameter: one changed digit of an amount is refused, and moves nothing", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const before = yield* emulator.state
      const answer = yield* post(emulator, python.set.replace("Amount=100000", "Amount=900000"))
      assert.strictEqual(parse(answer.body)["RetCode"], 171)
      const inJson = yield* post(emulator, javaScriptBody.replace("100000", "100001"), json)
      assert.strictEqual(parse(inJson.body)["RetCode"], 171)
      assert.deepStrictEqual(yield* emulator.state, before)
    })
  )

  it.effect("refuse whoever is not the account", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const retCode = (params: Params) =>
        Effect.map(
          post(emulator, new URLSearchParams(params).toString()),
          ({ body }) => parse(body)["RetCode"]
        )
      const Action = "DescribeCompShareSupportZone"
      assert.strictEqual(yield* retCode({ Action, ...keys }), 170)
      assert.strictEqual(yield* retCode(sign({ Action, PublicKey: "somebody" })), 172)
      assert.strictEqual(yield* retCode(sign({ Action, ...keys }, "another key")), 171)
      assert.strictEqual(yield* retCode(sign({ Action, ...keys, SecurityToken: "unasked" })), 174)
      assert.strictEqual(yield* retCode(sign(keys)), 160)
      assert.strictEqual(yield* retCode(sign({ ...keys, Action: "DeleteEverything" })), 161)
      assert.strictEqual(yield* retCode(sign({ ...keys, Action: "constructor" })), 161)

      const temporary = yield* CompShareEmulator.make({ ...example, securityToken: "token-1" })
      const code = (params: Params) =>
        Effect.map(call(temporary, { Action, ...params }), (answer) => answer["RetCode"])
      assert.strictEqual(yield* code({ SecurityToken: "token-1" }), 0)
      assert.strictEqual(yield* code({ SecurityToken: "token-2" }), 174)
      assert.strictEqual(yield* code({}), 174)
    })
  )
})

const set = (change: Params): Params => ({
  Action: "SetCompShareTeamAmount",
  TeamId: "1001",
  "VirtualCompanyId.0": "60001",
  Amount: "30000",
  OperateType: "AllocateAmount",
  ...change
})

describe("amounts", () => {
  it.effect("move by the amount for each member, and the admin pays", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ ...example, adminBalanceFen: 100_000n })
      const both = set({ "VirtualCompanyId.1": "60002" })
      assertLike(yield* call(emulator, both), { RetCode: 0, FailedMembers: {} })
      assert.deepStrictEqual(money(yield* emulator.state), {
        admin: 40_000n,
        members: { 60001: [130_000n, 110_000n], 60002: [30_000n, 30_000n] }
      })
    })
  )

  it.effect("fail for some members and move for the others, under RetCode 0", () =>
    Effect.gen(function* () {
      const left = { virtualCompanyId: 60003, status: "Canceled" } as const
      const members = [...(example.members ?? []), left]
      const emulator = yield* CompShareEmulator.make({ ...example, members, adminBalanceFen: 50_000n })
      const answer = yield* call(
        emulator,
        set({
          "VirtualCompanyId.0": "99999",
          "VirtualCompanyId.1": "60001",
          "VirtualCompanyId.2": "60002",
          "VirtualCompanyId.3": "60003"
        })
      )
      assert.deepStrictEqual(answer, {
        Action: "SetCompShareTeamAmountResponse",
        RetCode: 0,
        FailedMembers: {
          60002: { Code: 17001, Message: "额度不足" },
          60003: { Code: 17001, Message: "成员不存在或未加入团队" },
          99999: { Code: 17001, Message: "成员不存在或未加入团队" }
        }
      })
      assert.deepStrictEqual(money(yield* emulator.state), {
        admin: 20_000n,
        members: { 60001: [130_000n, 110_000n], 60002: [0n, 0n], 60003: [0n, 0n] }
      })
      assert.deepStrictEqual(
        (yield* emulator.ledger).map((entry) => entry.member),
        [60001]
      )
    })
  )

  for (const lowers of [true, false]) {
    it.effect(`withdrawn ${lowers ? "lower" : "do not lower"} what was allocated, as the setting says`, () =>
      Effect.gen(function* () {
        const emulator = yield* CompShareEmulator.make({
          ...example,
          adminBalanceFen: 0n,
          withdrawLowersAllocated: lowers
        })
        const withdraw = (Amount: string) => call(emulator, set({ OperateType: "WithdrawAmount", Amount }))
        assertLike(yield* withdraw("80000"), { RetCode: 0, FailedMembers: {} })
        const after = {
          admin: 80_000n,
          members: { 60001: [lowers ? 20_000n : 100_000n, 0n], 60002: [0n, 0n] }
        }
        assert.deepStrictEqual(money(yield* emulator.state), after)
        // What was spent cannot be withdrawn.
        assertLike(yield* withdraw("1"), { FailedMembers: { 60001: { Code: 17001 } } })
        assert.deepStrictEqual(money(yield* emulator.state), after)
      })
    )
  }

  it.effect("add up: whatever is moved, no fen comes or goes", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ size: 40, adminBalanceFen: 1_000_000n })
      const before = yield* emulator.state
      const ids = before.members.map((member, index) => [
        `VirtualCompanyId.${index}`,
        `${member.virtualCompanyId}`
      ])
      for (const [OperateType, Amount] of [
        ["AllocateAmount", "40000"],
        ["WithdrawAmount", "70000"],
        ["AllocateAmount", "1"]
      ] as const) {
        yield* call(emulator, {
          Action: "SetCompShareTeamAmount",
          TeamId: "1001",
          Amount,
          OperateType,
          ...Object.fromEntries(ids)
        })
        assert.strictEqual(total(yield* emulator.state), total(before))
      }
      assert.isAbove((yield* emulator.ledger).length, 40)
    })
  )

  it.effect("count twice for an id given twice, and may be zero", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      yield* call(emulator, set({ "VirtualCompanyId.1": "60001" }))
      yield* call(emulator, set({ Amount: "0" }))
      assert.deepStrictEqual(money(yield* emulator.state).members[60001], [160_000n, 140_000n])
    })
  )

  it.effect("are exact up to the last fen of an Int64, in form and JSON", () =>
    Effect.gen(function* () {
      const most = 2n ** 63n - 1n
      const emulator = yield* CompShareEmulator.make({
        members: [{ virtualCompanyId: 60001 }],
        adminBalanceFen: most
      })
      yield* call(emulator, set({ Amount: "1" }))
      const signed = sign({ ...keys, ...set({ Amount: `${most - 1n}` }) })
      const body = JSON.stringify(signed).replace(`"${most - 1n}"`, `${most - 1n}`)
      assertLike(parse((yield* post(emulator, body, json)).body), { RetCode: 0, FailedMembers: {} })
      const info = yield* call(emulator, { Action: "GetCompShareTeamInfo", TeamId: "1001" })
      assertLike(info["TeamRelation"], [{ AllocateAmount: most, AvailableAmount: most }])
      assert.strictEqual((yield* emulator.state).adminBalanceFen, 0n)
    })
  )

  it.effect("are recorded in the ledger, with the request that moved them", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("90 seconds")
      const emulator = yield* CompShareEmulator.make(example)
      const response = yield* post(emulator, python.set)
      yield* emulator.consoleWithdraw(60002, 5n)
      const requestId = response.headers["x-ucloud-request-uuid"]
      const granted = {
        at: 90_000,
        operateType: "AllocateAmount",
        amountFen: 100_000n,
        source: "api",
        requestId
      }
      assert.deepStrictEqual<unknown>(yield* emulator.ledger, [
        { ...granted, member: 60001 },
        { ...granted, member: 60002 },
        { at: 90_000, operateType: "WithdrawAmount", member: 60002, amountFen: 5n, source: "console" }
      ])
    })
  )

  it.effect("move although the answer is lost, and twice if the request is delivered twice", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const operation = "SetCompShareTeamAmount"
      yield* emulator.inject([
        { operation, fault: { _tag: "drop-before" } },
        { operation, fault: { _tag: "drop-after" } },
        { operation, fault: { _tag: "duplicate" } }
      ])
      const moved = Effect.map(emulator.ledger, (ledger) => ledger.length)
      yield* Effect.exit(call(emulator, set({})))
      assert.strictEqual(yield* moved, 0)
      yield* Effect.exit(call(emulator, set({})))
      assert.strictEqual(yield* moved, 1)
      yield* call(emulator, set({}))
      assert.strictEqual(yield* moved, 3)
      assert.strictEqual(yield* emulator.count(operation), 3)
    })
  )
})

describe("what is wrong is refused", () => {
  const orders = (change: Params): Params => ({
    Action: "DescribeTeamMemberOrder",
    TeamId: "1001",
    VirtualCompanyId: "60001",
    BeginTime: "1700000000",
    EndTime: "1700086400",
    ...change
  })
  const info = (change: Params): Params => ({ Action: "GetCompShareTeamInfo", ...change })
  const refund = (change: Params): Params => ({ Action: "GetCompShareRefundPrice", ...change })
  const cases: ReadonlyArray<readonly [what: string, params: Params, retCode: number, message: string]> = [
    ["no team", { Action: "SetCompShareTeamAmount" }, 220, "Missing params [TeamId]"],
    ["an empty team", set({ TeamId: "" }), 220, "Missing params [TeamId]"],
    ["another's team", set({ TeamId: "1002" }), 200, "No Permission"],
    ["a team beyond Uint32", set({ TeamId: "4294967296" }), 230, "Params [TeamId] not available"],
    ["a fraction of a fen", set({ Amount: "1.5" }), 230, "Params [Amount] not available"],
    ["a negative amount", set({ Amount: "-1" }), 230, "Params [Amount] not available"],
    ["an amount with an exponent", set({ Amount: "1e3" }), 230, "Params [Amount] not available"],
    ["an amount beyond Int64", set({ Amount: "9223372036854775808" }), 230, "Params [Amount] not available"],
    ["an unknown kind", set({ OperateType: "Set" }), 230, "Params [OperateType] not available"],
    [
      "a member that is no number",
      set({ "VirtualCompanyId.1": "x" }),
      230,
      "Params [VirtualCompanyId] not available"
    ],
    [
      "members without numbers",
      set({ VirtualCompanyId: "1" }),
      230,
      "Params [VirtualCompanyId] not available"
    ],
    ["an unknown region", set({ Region: "cn-mars" }), 230, "Params [Region] not available"],
    ["no selector", info({}), 220, "Missing params [TeamId]"],
    [
      "two selectors",
      info({ TeamId: "1001", VirtualCompanyId: "60001" }),
      230,
      "Params [VirtualCompanyId] not available"
    ],
    ["another's member", info({ VirtualCompanyId: "70001" }), 200, "No Permission"],
    ["the id of who has none", info({ VirtualCompanyId: "0" }), 200, "No Permission"],
    ["an empty period", orders({ EndTime: "1700000000" }), 230, "Params [EndTime] not available"],
    ["an empty end", orders({ EndTime: "" }), 220, "Missing params [EndTime]"],
    ["pages of none", orders({ Limit: "0" }), 230, "Params [Limit] not available"],
    ["pages of too many", orders({ Limit: "101" }), 230, "Params [Limit] not available"],
    ["an offset below zero", orders({ Offset: "-1" }), 230, "Params [Offset] not available"],
    ["another OrderBy", orders({ OrderBy: "createTime" }), 230, "Params [OrderBy] not available"],
    ["another OrderDir", orders({ OrderDir: "desc" }), 230, "Params [OrderDir] not available"],
    ["no region", refund({ Zone: "cn-wlcb-01", "UHostIds.0": "a" }), 220, "Missing params [Region]"],
    ["no zone", refund({ Region: "cn-wlcb", "UHostIds.0": "a" }), 220, "Missing params [Zone]"],
    ["no instance", refund({ Region: "cn-wlcb", Zone: "cn-wlcb-01" }), 220, "Missing params [UHostIds]"],
    ["a zone elsewhere", refund({ Region: "cn-gd", Zone: "cn-wlcb-01" }), 230, "Params [Zone] not available"]
  ]

  for (const [what, params, RetCode, Message] of cases) {
    it.effect(`${params["Action"]}: ${what}`, () =>
      Effect.gen(function* () {
        const emulator = yield* CompShareEmulator.make(example)
        const before = yield* emulator.state
        assert.deepStrictEqual(yield* call(emulator, params), {
          RetCode,
          Message,
          Action: `${params["Action"]}Response`
        })
        assert.deepStrictEqual(yield* emulator.state, before)
      })
    )
  }

  it.effect("bodies that are not flat, not JSON, or repeat a name", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const nested = javaScriptBody.replace('"VirtualCompanyId.0":60001,', '"VirtualCompanyId":[60001],')
      assert.deepInclude(parse((yield* post(emulator, nested, json)).body), {
        RetCode: 230,
        Message: "Params [api.SetCompShareTeamAmount.Request.VirtualCompanyId] not available"
      })
      for (const body of ["", "[1]", "null", '{"Action":']) {
        assert.strictEqual(parse((yield* post(emulator, body, json)).body)["RetCode"], 230)
      }
      assert.strictEqual(parse((yield* post(emulator, `${python.set}&Amount=1`)).body)["RetCode"], 230)
      assert.strictEqual((yield* post(emulator, python.set, form, "/elsewhere")).status, 404)
      assert.deepStrictEqual(yield* emulator.ledger, [])
    })
  )

  it.effect("but what it does not know, it ignores, as the provider does", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      assert.deepInclude(yield* call(emulator, set({ ClientToken: "once" })), { RetCode: 0 })
      assert.deepInclude(yield* call(emulator, set({ ClientToken: "once" })), { RetCode: 0 })
      assert.lengthOf(yield* emulator.ledger, 2)
    })
  )
})

describe("orders", () => {
  const order = (number: number, change: Partial<CompShareEmulator.Order> = {}): CompShareEmulator.Order => ({
    virtualCompanyId: 60001,
    OrderNo: `order-${String(number).padStart(3, "0")}`,
    OrderType: "OT_BUY",
    OrderState: "OS_FINISHED",
    ChargeType: "Month",
    Amount: "1.00",
    AmountReal: "1.00",
    ResourceId: `uhost-${number}`,
    // Ten orders each second, so that order within a second matters.
    CreateTime: 1000 + Math.floor(number / 10),
    OrderDetail: [],
    ...change
  })
  const describeOrders = (change: Params): Params => ({
    Action: "DescribeTeamMemberOrder",
    TeamId: "1001",
    VirtualCompanyId: "60001",
    BeginTime: "1",
    EndTime: "9999999999",
    ...change
  })
  const numbers = (answer: Readonly<Record<string, unknown>>) =>
    (answer["OrderInfos"] as ReadonlyArray<CompShareEmulator.Order>).map((row) => row.OrderNo)
  const many = Array.from({ length: 55 }, (_, index) => order((index * 37) % 55))

  for (const OrderDir of ["ASC", "DESC"]) {
    it.effect(`come in pages that neither repeat nor skip any: ${OrderDir}`, () =>
      Effect.gen(function* () {
        const emulator = yield* CompShareEmulator.make({
          members: [{ virtualCompanyId: 60001 }],
          orders: many
        })
        const seen: Array<string> = []
        for (let Offset = 0; Offset < 60; Offset += 7) {
          const page = yield* call(emulator, describeOrders({ Limit: "7", Offset: String(Offset), OrderDir }))
          assertLike(page, { Total: 55, Limit: 7, Offset })
          seen.push(...numbers(page))
        }
        assert.deepStrictEqual(seen.toSorted(), many.map((one) => one.OrderNo).toSorted())
        const seconds = seen.map((number) => Math.floor(Number(number.slice(6)) / 10))
        assert.deepStrictEqual(
          seconds,
          seconds.toSorted((one, two) => (OrderDir === "ASC" ? one - two : two - one))
        )
        const whole = yield* call(emulator, describeOrders({ Limit: "100", OrderDir }))
        assert.deepStrictEqual(numbers(whole), seen)
      })
    )
  }

  it.effect("are chosen by member, period and every filter, and newest first unless told otherwise", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({
        members: [{ virtualCompanyId: 60001 }, { virtualCompanyId: 60002 }],
        orders: [
          order(1, { CreateTime: 100, StartTime: 900, RegionId: 3001, ResourceType: 1 }),
          order(2, { CreateTime: 200, ChargeType: "Dynamic", OrderState: "OS_UNPAID", EndTime: 50 }),
          order(3, { CreateTime: 300, OrderType: "OT_REFUND", Amount: "-1.00", AmountReal: "-1.00" }),
          order(4, { virtualCompanyId: 60002 })
        ]
      })
      const find = (change: Params) =>
        Effect.map(call(emulator, describeOrders(change)), (answer) =>
          numbers(answer).map((number) => Number(number.slice(-1)))
        )
      assert.deepStrictEqual(yield* find({}), [3, 2, 1])
      assert.deepStrictEqual(yield* find({ OrderBy: "order_start_time", OrderDir: "DESC" }), [1, 3, 2])
      assert.deepStrictEqual(yield* find({ OrderBy: "order_end_time", OrderDir: "ASC" }), [2, 1, 3])
      // The words of the vendor's page.
      assert.deepStrictEqual(yield* find({ OrderBy: "CreateTime", OrderDir: "Desc" }), [3, 2, 1])
      assert.deepStrictEqual(yield* find({ OrderBy: "CreateTime", OrderDir: "Asc" }), [1, 2, 3])
      assert.deepStrictEqual(yield* find({ BeginTime: "200", EndTime: "300" }), [3, 2])
      assert.deepStrictEqual(yield* find({ BeginTime: "201", EndTime: "299" }), [])
      assert.deepStrictEqual(yield* find({ "ChargeTypes.0": "Dynamic", "ChargeTypes.1": "Day" }), [2])
      assert.deepStrictEqual(yield* find({ "OrderStates.0": "OS_FINISHED", "ChargeTypes.0": "Dynamic" }), [])
      assert.deepStrictEqual(yield* find({ "OrderTypes.0": "OT_REFUND" }), [3])
      assert.deepStrictEqual(yield* find({ "OrderNos.0": "order-001" }), [1])
      assert.deepStrictEqual(yield* find({ "ResourceIds.0": "uhost-2" }), [2])
      assert.deepStrictEqual(yield* find({ "Regions.0": "3001" }), [1])
      assert.deepStrictEqual(yield* find({ "ResourceTypes.0": "1" }), [1])
      assert.deepStrictEqual(yield* find({ VirtualCompanyId: "60002" }), [4])
    })
  )
})

describe("refund prices", () => {
  it.effect("tell every instance's own answer, digit for digit", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const params = {
        Action: "GetCompShareRefundPrice",
        Region: "cn-wlcb",
        Zone: "cn-wlcb-01",
        "UHostIds.0": "uhost-fine",
        "UHostIds.1": "uhost-none",
        "UHostIds.2": "uhost-gone",
        "UHostIds.10": "uhost-xxxx"
      }
      const { body } = yield* post(emulator, new URLSearchParams(sign({ ...keys, ...params })).toString())
      assert.deepStrictEqual(parse(body)["RefundPriceSet"], [
        { UHostId: "uhost-fine", Code: 0, Message: "", RefundPrice: 4.69928 },
        { UHostId: "uhost-none", Code: 226602, Message: "不支持退费" },
        { UHostId: "uhost-gone", Code: 230, Message: "Params [UHostId] not available" },
        { UHostId: "uhost-xxxx", Code: 0, Message: "", RefundPrice: 235.5 }
      ])
      assert.include(body, '"RefundPrice":235.50}')
    })
  )
})

describe("what the vendor's command line sends without times", () => {
  const ofMember = { TeamId: "1001", VirtualCompanyId: "60001" }
  const page = { Limit: "25", Offset: "0" }
  const cases: ReadonlyArray<readonly [command: string, params: Params, answer: object]> = [
    [
      "billing list",
      { Action: "DescribeTeamMemberOrder", ...ofMember, ...page, OrderBy: "create_time", OrderDir: "DESC" },
      { Total: 1 }
    ],
    ["billing summary", { Action: "DescribeTeamMemberOrderCount", ...ofMember }, { TotalCount: 1 }],
    [
      "billing unpaid",
      { Action: "DescribeTeamMemberUnpaidOrder", ...ofMember, ...page },
      { Total: 0, OrderInfos: [] }
    ],
    [
      "billing unpaid, its summary",
      { Action: "DescribeTeamMemberUnpaidOrderCount", ...ofMember },
      { TotalCount: 0 }
    ],
    ["billing products", { Action: "ListMemberProductType", ...ofMember }, { ProductTypeList: ["GPU算力"] }],
    [
      "audit",
      { Action: "ListCompShareTeamOperateLog", TeamId: "1001", OrderByASC: "false", ...page },
      { Total: 1 }
    ]
  ]

  for (const [command, params, answer] of cases) {
    it.effect(command, () =>
      Effect.gen(function* () {
        const emulator = yield* CompShareEmulator.make(example)
        yield* call(emulator, set({}))
        assertLike(yield* call(emulator, params), { RetCode: 0, ...answer })
      })
    )
  }
})

describe("the operate log", () => {
  const log = (change: Params): Params => ({
    Action: "ListCompShareTeamOperateLog",
    TeamId: "1001",
    BeginTime: "0",
    EndTime: "9999999999",
    ...change
  })

  it.effect("tells what was moved and what was not, by API and by console", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ ...example, adminBalanceFen: 40_000n })
      yield* TestClock.adjust("10 seconds")
      yield* call(emulator, set({ "VirtualCompanyId.1": "60002" }))
      yield* TestClock.adjust("10 seconds")
      yield* emulator.consoleWithdraw(60001, 100n)
      const answer = yield* call(emulator, log({ OrderByASC: "true" }))
      assertLike(answer, {
        RetCode: 0,
        Total: 3,
        Logs: [
          { OperateType: "分配金额", Status: "成功", CreateTime: 10, Content: "成员 张三(60001) 300.00 元" },
          { OperateType: "分配金额", Status: "失败", CreateTime: 10 },
          { OperateType: "提取金额", Status: "成功", CreateTime: 20, Content: "成员 张三(60001) 1.00 元" }
        ]
      })
      assert.include(answer["OperateTypeList"], "提取金额")
      assert.deepStrictEqual(answer["StatusList"], ["成功", "失败"])

      const totalOf = (change: Params) => Effect.map(call(emulator, log(change)), (found) => found["Total"])
      assert.strictEqual(yield* totalOf({ "Status.0": "成功" }), 2)
      assert.strictEqual(yield* totalOf({ "OperateType.0": "分配金额", "OperateType.1": "提取金额" }), 3)
      assert.strictEqual(yield* totalOf({ "OperateType.0": "更新团队" }), 0)
      assert.strictEqual(yield* totalOf({ BeginTime: "11" }), 1)
      assert.deepInclude(yield* call(emulator, log({ "OperateType.0": "InviteMember" })), { RetCode: 230 })
      const newest = yield* call(emulator, log({ Limit: "1" }))
      assertLike(newest, { Total: 3, Logs: [{ OperateType: "提取金额" }] })
      const next = yield* call(emulator, log({ Limit: "1", Offset: "2" }))
      assertLike(next, { Logs: [{ OperateType: "分配金额", Status: "成功" }] })
    })
  )
})

describe("zones", () => {
  it.effect("are told to whoever holds the keys", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const answer = yield* call(emulator, { Action: "DescribeCompShareSupportZone" })
      assert.deepInclude(answer, { RetCode: 0 })
      assert.deepInclude(answer["ZoneInfo"], {
        Region: "cn-wlcb",
        RegionId: 3001,
        Zone: "cn-wlcb-01",
        ZoneId: 10027,
        Describe: "华北二A",
        IsPod: false
      })
    })
  )
})

describe("doors for tests", () => {
  it.effect("spend, refund, allocate and withdraw behind the API's back", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ ...example, adminBalanceFen: 1_000n })
      const member = Effect.map(emulator.state, (state) => money(state).members[60001])
      const before = yield* emulator.state
      yield* emulator.spend(60001, 500n)
      assert.deepStrictEqual(yield* member, [100_000n, 79_500n])
      yield* emulator.refundOrder(60001, 700n)
      assert.deepStrictEqual(yield* member, [100_000n, 80_200n])
      yield* emulator.consoleAllocate(60001, 1_000n)
      assert.deepStrictEqual(yield* member, [101_000n, 81_200n])
      yield* emulator.consoleWithdraw(60001, 200n)
      assert.deepStrictEqual(yield* member, [100_800n, 81_000n])
      assert.strictEqual((yield* emulator.state).adminBalanceFen, 200n)
      // A state that was read stays as it was.
      assert.deepStrictEqual(money(before).members[60001], [100_000n, 80_000n])
    })
  )

  it.effect("refuse what cannot be", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ ...example, adminBalanceFen: 1_000n })
      const before = yield* emulator.state
      for (const impossible of [
        emulator.spend(60001, 80_001n),
        emulator.spend(70001, 1n),
        emulator.spend(60001, -1n),
        emulator.refundOrder(60001, 0n),
        emulator.consoleAllocate(60001, 1_001n),
        emulator.consoleWithdraw(60002, 1n)
      ]) {
        assert.strictEqual((yield* Effect.exit(impossible))._tag, "Failure")
      }
      assert.deepStrictEqual(yield* emulator.state, before)
      const twice = CompShareEmulator.make({ members: [{ virtualCompanyId: 1 }, { virtualCompanyId: 1 }] })
      assert.strictEqual((yield* Effect.exit(twice))._tag, "Failure")
    })
  )
})

describe("generated data", () => {
  const read = Effect.fnUntraced(function* (settings: CompShareEmulator.Settings) {
    const emulator = yield* CompShareEmulator.make(settings)
    const { members } = yield* emulator.state
    const orders: Array<CompShareEmulator.Order> = []
    const year = {
      Action: "DescribeTeamMemberOrder",
      TeamId: "1001",
      BeginTime: String(CompShareEmulator.seedTime - 365 * 86_400),
      EndTime: String(CompShareEmulator.seedTime),
      Limit: "100"
    }
    for (const { virtualCompanyId } of members) {
      if (virtualCompanyId === 0) continue
      const answer = yield* call(emulator, { ...year, VirtualCompanyId: String(virtualCompanyId) })
      orders.push(...(answer["OrderInfos"] as ReadonlyArray<CompShareEmulator.Order>))
    }
    return { members, orders }
  })

  it.effect("is the same for the same seed, and another for another", () =>
    Effect.gen(function* () {
      const first = yield* read({ seed: 7, size: 30 })
      assert.deepStrictEqual(yield* read({ seed: 7, size: 30 }), first)
      assert.notDeepEqual(yield* read({ seed: 8, size: 30 }), first)
    })
  )

  it.effect("is a believable team", () =>
    Effect.gen(function* () {
      const { members, orders } = yield* read({})
      assert.lengthOf(members, 300)
      assert.deepStrictEqual(
        new Set(members.map((member) => member.status)),
        new Set(["Joined", "Pending", "Rejected", "Canceled"])
      )
      assert.strictEqual(new Set(members.map((member) => member.userCompanyId)).size, 300)
      const joined = members.filter((member) => member.status === "Joined")
      assert.strictEqual(new Set(joined.map((member) => member.virtualCompanyId)).size, joined.length)
      for (const member of members) {
        assert.strictEqual(member.virtualCompanyId > 0, member.status === "Joined")
        assert.isTrue(member.availableFen >= 0n)
        assert.isTrue(member.allocatedFen >= member.availableFen)
      }
      assert.isTrue(members.some((member) => /\p{Script=Han}/u.test(member.remarkName)))
      assert.isTrue(members.some((member) => /^[A-Z]/.test(member.remarkName)))

      assert.isAbove(orders.length, 1_000)
      assert.strictEqual(new Set(orders.map((one) => one.OrderNo)).size, orders.length)
      assert.isAbove(new Set(orders.map((one) => one.ChargeType)).size, 2)
      assert.isAbove(new Set(orders.map((one) => one.OrderState)).size, 1)
      assert.isTrue(orders.every((one) => /^-?\d+\.\d\d$/.test(one.Amount)))
      const refunds = orders.filter((one) => one.OrderType === "OT_REFUND")
      assert.isAbove(refunds.length, 0)
      assert.isTrue(refunds.every((one) => one.AmountReal.startsWith("-")))
    })
  )

  it.effect("has instances that can be refunded, some finer than a fen, and some that cannot", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make()
      const { orders } = yield* read({})
      const ids = [...new Set(orders.map((one) => one.ResourceId))]
      const answer = yield* call(emulator, {
        Action: "GetCompShareRefundPrice",
        Region: "cn-wlcb",
        Zone: "cn-wlcb-01",
        ...Object.fromEntries(ids.map((id, index) => [`UHostIds.${index}`, id]))
      })
      const rows = answer["RefundPriceSet"] as ReadonlyArray<{
        readonly Code: number
        readonly RefundPrice?: number
      }>
      assert.isTrue(rows.some((row) => row.Code === 0 && /^\d+(\.\d{1,2})?$/.test(String(row.RefundPrice))))
      assert.isTrue(rows.some((row) => row.Code === 0 && /^\d+\.\d{3,5}$/.test(String(row.RefundPrice))))
      assert.isTrue(rows.some((row) => row.Code !== 0 && row.RefundPrice === undefined))
    })
  )
})
