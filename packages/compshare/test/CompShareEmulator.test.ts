/**
 * The emulator through its public doors: what the official clients send is taken, what is wrong is
 * turned away with the vendor's code, and money moves as the vendor's pages say.
 */
import * as Json from "@cloud-quota/core/Json"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted, Result } from "effect"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import * as http from "node:http"
import * as CompShareEmulator from "../src/emulator/CompShareEmulator.ts"
import { signatureOf } from "../src/emulator/wire.ts"

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
      expect(info).toMatchObject({
        Action: "GetCompShareTeamInfoResponse",
        RetCode: 0,
        Team: { Id: 1001, Name: "my-team", CompanyId: 50001, Description: "AI研发团队", Deleted: 0 }
      })
      expect(info["TeamRelation"]).toHaveLength(3)
      expect(info["TeamRelation"]).toMatchObject([
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
      expect(yield* send(python.infoByMember)).toEqual(info)
      expect(yield* send(python.orders)).toEqual({
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
      expect(yield* send(python.ordersWithoutPeriod)).toMatchObject({
        Action: "DescribeTeamMemberOrderResponse",
        RetCode: 0,
        Total: 1,
        OrderInfos: [{ OrderNo: "order-20231115001" }]
      })
      expect(yield* send(python.refundPrice)).toEqual({
        Action: "GetCompShareRefundPriceResponse",
        RetCode: 0,
        RefundPriceSet: [{ UHostId: "uhost-xxxx", Code: 0, Message: "", RefundPrice: 235.5 }]
      })
      expect(yield* send(python.set)).toEqual({
        Action: "SetCompShareTeamAmountResponse",
        RetCode: 0,
        FailedMembers: {}
      })
      expect(money(yield* emulator.state).members).toEqual({
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
      expect(parse(answer.text)).toMatchObject({ RetCode: 0, FailedMembers: {} })
      expect((yield* emulator.ledger).map((entry) => entry.member)).toEqual([60001, 60002])
    })
  )

  it.effect("Go: the action again in the query", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const { origin } = yield* emulator.serve()
      const sorted = python.infoByTeam.split("&").sort().join("&")
      const answer = yield* overHttp(origin, "/?Action=GetCompShareTeamInfo", pythonHeaders, sorted)
      expect(parse(answer.text)).toMatchObject({ RetCode: 0, Team: { Id: 1001 } })
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
          expect(status).toBe(200)
          expect(headers["content-length"]).toBe(String(Buffer.byteLength(text)))
          expect(headers["x-ucloud-request-uuid"]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
        }
        return answers.map(({ headers }) => headers["x-ucloud-request-uuid"])
      })
      const first = yield* ids
      expect(new Set(first).size).toBe(3)
      expect(yield* ids).toEqual(first)
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
      expect(signatureOf(new Map(Object.entries(flat)), privateKey)).toBe(expectedSignature)
    }
    expect(vectors.length).toBeGreaterThan(20)
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
        expect(parse((yield* send(expectedSignature)).body)["RetCode"], name).not.toBeOneOf([
          170, 171, 172, 174
        ])
        const changed = (expectedSignature.startsWith("0") ? "1" : "0") + expectedSignature.slice(1)
        expect(parse((yield* send(changed)).body), name).toMatchObject({
          RetCode: 171,
          Message: "Signature VerifyAC Error"
        })
      }
    })
  )

  it.effect("cover every parameter: one changed digit of an amount is refused, and moves nothing", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const before = yield* emulator.state
      const answer = yield* post(emulator, python.set.replace("Amount=100000", "Amount=900000"))
      expect(parse(answer.body)["RetCode"]).toBe(171)
      const inJson = yield* post(emulator, javaScriptBody.replace("100000", "100001"), json)
      expect(parse(inJson.body)["RetCode"]).toBe(171)
      expect(yield* emulator.state).toEqual(before)
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
      expect(yield* retCode({ Action, ...keys })).toBe(170)
      expect(yield* retCode(sign({ Action, PublicKey: "somebody" }))).toBe(172)
      expect(yield* retCode(sign({ Action, ...keys }, "another key"))).toBe(171)
      expect(yield* retCode(sign({ Action, ...keys, SecurityToken: "unasked" }))).toBe(174)
      expect(yield* retCode(sign(keys))).toBe(160)
      expect(yield* retCode(sign({ ...keys, Action: "DeleteEverything" }))).toBe(161)
      expect(yield* retCode(sign({ ...keys, Action: "constructor" }))).toBe(161)

      const temporary = yield* CompShareEmulator.make({ ...example, securityToken: "token-1" })
      const code = (params: Params) =>
        Effect.map(call(temporary, { Action, ...params }), (answer) => answer["RetCode"])
      expect(yield* code({ SecurityToken: "token-1" })).toBe(0)
      expect(yield* code({ SecurityToken: "token-2" })).toBe(174)
      expect(yield* code({})).toBe(174)
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
      expect(yield* call(emulator, both)).toMatchObject({ RetCode: 0, FailedMembers: {} })
      expect(money(yield* emulator.state)).toEqual({
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
      expect(answer).toEqual({
        Action: "SetCompShareTeamAmountResponse",
        RetCode: 0,
        FailedMembers: {
          60002: { Code: 17001, Message: "额度不足" },
          60003: { Code: 17001, Message: "成员不存在或未加入团队" },
          99999: { Code: 17001, Message: "成员不存在或未加入团队" }
        }
      })
      expect(money(yield* emulator.state)).toEqual({
        admin: 20_000n,
        members: { 60001: [130_000n, 110_000n], 60002: [0n, 0n], 60003: [0n, 0n] }
      })
      expect((yield* emulator.ledger).map((entry) => entry.member)).toEqual([60001])
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
        expect(yield* withdraw("80000")).toMatchObject({ RetCode: 0, FailedMembers: {} })
        const after = {
          admin: 80_000n,
          members: { 60001: [lowers ? 20_000n : 100_000n, 0n], 60002: [0n, 0n] }
        }
        expect(money(yield* emulator.state)).toEqual(after)
        // What was spent cannot be withdrawn.
        expect(yield* withdraw("1")).toMatchObject({ FailedMembers: { 60001: { Code: 17001 } } })
        expect(money(yield* emulator.state)).toEqual(after)
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
        expect(total(yield* emulator.state)).toBe(total(before))
      }
      expect((yield* emulator.ledger).length).toBeGreaterThan(40)
    })
  )

  it.effect("count twice for an id given twice, and may be zero", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      yield* call(emulator, set({ "VirtualCompanyId.1": "60001" }))
      yield* call(emulator, set({ Amount: "0" }))
      expect(money(yield* emulator.state).members[60001]).toEqual([160_000n, 140_000n])
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
      expect(parse((yield* post(emulator, body, json)).body)).toMatchObject({ RetCode: 0, FailedMembers: {} })
      const info = yield* call(emulator, { Action: "GetCompShareTeamInfo", TeamId: "1001" })
      expect(info["TeamRelation"]).toMatchObject([{ AllocateAmount: most, AvailableAmount: most }])
      expect((yield* emulator.state).adminBalanceFen).toBe(0n)
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
      expect(yield* emulator.ledger).toEqual([
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
      expect(yield* moved).toBe(0)
      yield* Effect.exit(call(emulator, set({})))
      expect(yield* moved).toBe(1)
      yield* call(emulator, set({}))
      expect(yield* moved).toBe(3)
      expect(yield* emulator.count(operation)).toBe(3)
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
        expect(yield* call(emulator, params)).toEqual({
          RetCode,
          Message,
          Action: `${params["Action"]}Response`
        })
        expect(yield* emulator.state).toEqual(before)
      })
    )
  }

  it.effect("bodies that are not flat, not JSON, or repeat a name", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const nested = javaScriptBody.replace('"VirtualCompanyId.0":60001,', '"VirtualCompanyId":[60001],')
      expect(parse((yield* post(emulator, nested, json)).body)).toMatchObject({
        RetCode: 230,
        Message: "Params [api.SetCompShareTeamAmount.Request.VirtualCompanyId] not available"
      })
      for (const body of ["", "[1]", "null", '{"Action":']) {
        expect(parse((yield* post(emulator, body, json)).body)["RetCode"]).toBe(230)
      }
      expect(parse((yield* post(emulator, `${python.set}&Amount=1`)).body)["RetCode"]).toBe(230)
      expect((yield* post(emulator, python.set, form, "/elsewhere")).status).toBe(404)
      expect(yield* emulator.ledger).toEqual([])
    })
  )

  it.effect("but what it does not know, it ignores, as the provider does", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      expect(yield* call(emulator, set({ ClientToken: "once" }))).toMatchObject({ RetCode: 0 })
      expect(yield* call(emulator, set({ ClientToken: "once" }))).toMatchObject({ RetCode: 0 })
      expect(yield* emulator.ledger).toHaveLength(2)
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
          expect(page).toMatchObject({ Total: 55, Limit: 7, Offset })
          seen.push(...numbers(page))
        }
        expect(seen.toSorted()).toEqual(many.map((one) => one.OrderNo).toSorted())
        const seconds = seen.map((number) => Math.floor(Number(number.slice(6)) / 10))
        expect(seconds).toEqual(seconds.toSorted((one, two) => (OrderDir === "ASC" ? one - two : two - one)))
        const whole = yield* call(emulator, describeOrders({ Limit: "100", OrderDir }))
        expect(numbers(whole)).toEqual(seen)
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
      expect(yield* find({})).toEqual([3, 2, 1])
      expect(yield* find({ OrderBy: "order_start_time", OrderDir: "DESC" })).toEqual([1, 3, 2])
      expect(yield* find({ OrderBy: "order_end_time", OrderDir: "ASC" })).toEqual([2, 1, 3])
      // The words of the vendor's page.
      expect(yield* find({ OrderBy: "CreateTime", OrderDir: "Desc" })).toEqual([3, 2, 1])
      expect(yield* find({ OrderBy: "CreateTime", OrderDir: "Asc" })).toEqual([1, 2, 3])
      expect(yield* find({ BeginTime: "200", EndTime: "300" })).toEqual([3, 2])
      expect(yield* find({ BeginTime: "201", EndTime: "299" })).toEqual([])
      expect(yield* find({ "ChargeTypes.0": "Dynamic", "ChargeTypes.1": "Day" })).toEqual([2])
      expect(yield* find({ "OrderStates.0": "OS_FINISHED", "ChargeTypes.0": "Dynamic" })).toEqual([])
      expect(yield* find({ "OrderTypes.0": "OT_REFUND" })).toEqual([3])
      expect(yield* find({ "OrderNos.0": "order-001" })).toEqual([1])
      expect(yield* find({ "ResourceIds.0": "uhost-2" })).toEqual([2])
      expect(yield* find({ "Regions.0": "3001" })).toEqual([1])
      expect(yield* find({ "ResourceTypes.0": "1" })).toEqual([1])
      expect(yield* find({ VirtualCompanyId: "60002" })).toEqual([4])
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
      expect(parse(body)["RefundPriceSet"]).toEqual([
        { UHostId: "uhost-fine", Code: 0, Message: "", RefundPrice: 4.69928 },
        { UHostId: "uhost-none", Code: 226602, Message: "不支持退费" },
        { UHostId: "uhost-gone", Code: 230, Message: "Params [UHostId] not available" },
        { UHostId: "uhost-xxxx", Code: 0, Message: "", RefundPrice: 235.5 }
      ])
      expect(body).toContain('"RefundPrice":235.50}')
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
        expect(yield* call(emulator, params)).toMatchObject({ RetCode: 0, ...answer })
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
      expect(answer).toMatchObject({
        RetCode: 0,
        Total: 3,
        Logs: [
          { OperateType: "分配金额", Status: "成功", CreateTime: 10, Content: "成员 张三(60001) 300.00 元" },
          { OperateType: "分配金额", Status: "失败", CreateTime: 10 },
          { OperateType: "提取金额", Status: "成功", CreateTime: 20, Content: "成员 张三(60001) 1.00 元" }
        ]
      })
      expect(answer["OperateTypeList"]).toContain("提取金额")
      expect(answer["StatusList"]).toEqual(["成功", "失败"])

      const totalOf = (change: Params) => Effect.map(call(emulator, log(change)), (found) => found["Total"])
      expect(yield* totalOf({ "Status.0": "成功" })).toBe(2)
      expect(yield* totalOf({ "OperateType.0": "分配金额", "OperateType.1": "提取金额" })).toBe(3)
      expect(yield* totalOf({ "OperateType.0": "更新团队" })).toBe(0)
      expect(yield* totalOf({ BeginTime: "11" })).toBe(1)
      expect(yield* call(emulator, log({ "OperateType.0": "InviteMember" }))).toMatchObject({ RetCode: 230 })
      const newest = yield* call(emulator, log({ Limit: "1" }))
      expect(newest).toMatchObject({ Total: 3, Logs: [{ OperateType: "提取金额" }] })
      const next = yield* call(emulator, log({ Limit: "1", Offset: "2" }))
      expect(next).toMatchObject({ Logs: [{ OperateType: "分配金额", Status: "成功" }] })
    })
  )
})

describe("zones", () => {
  it.effect("are told to whoever holds the keys", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const answer = yield* call(emulator, { Action: "DescribeCompShareSupportZone" })
      expect(answer).toMatchObject({ RetCode: 0 })
      expect(answer["ZoneInfo"]).toContainEqual({
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
      expect(yield* member).toEqual([100_000n, 79_500n])
      yield* emulator.refundOrder(60001, 700n)
      expect(yield* member).toEqual([100_000n, 80_200n])
      yield* emulator.consoleAllocate(60001, 1_000n)
      expect(yield* member).toEqual([101_000n, 81_200n])
      yield* emulator.consoleWithdraw(60001, 200n)
      expect(yield* member).toEqual([100_800n, 81_000n])
      expect((yield* emulator.state).adminBalanceFen).toBe(200n)
      // A state that was read stays as it was.
      expect(money(before).members[60001]).toEqual([100_000n, 80_000n])
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
        expect((yield* Effect.exit(impossible))._tag).toBe("Failure")
      }
      expect(yield* emulator.state).toEqual(before)
      const twice = CompShareEmulator.make({ members: [{ virtualCompanyId: 1 }, { virtualCompanyId: 1 }] })
      expect((yield* Effect.exit(twice))._tag).toBe("Failure")
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
      expect(yield* read({ seed: 7, size: 30 })).toEqual(first)
      expect(yield* read({ seed: 8, size: 30 })).not.toEqual(first)
    })
  )

  it.effect("is a believable team", () =>
    Effect.gen(function* () {
      const { members, orders } = yield* read({})
      expect(members).toHaveLength(300)
      expect(new Set(members.map((member) => member.status))).toEqual(
        new Set(["Joined", "Pending", "Rejected", "Canceled"])
      )
      expect(new Set(members.map((member) => member.userCompanyId)).size).toBe(300)
      const joined = members.filter((member) => member.status === "Joined")
      expect(new Set(joined.map((member) => member.virtualCompanyId)).size).toBe(joined.length)
      for (const member of members) {
        expect(member.virtualCompanyId > 0).toBe(member.status === "Joined")
        expect(member.availableFen).toBeGreaterThanOrEqual(0n)
        expect(member.allocatedFen).toBeGreaterThanOrEqual(member.availableFen)
      }
      expect(members.some((member) => /\p{Script=Han}/u.test(member.remarkName))).toBe(true)
      expect(members.some((member) => /^[A-Z]/.test(member.remarkName))).toBe(true)

      expect(orders.length).toBeGreaterThan(1_000)
      expect(new Set(orders.map((one) => one.OrderNo)).size).toBe(orders.length)
      expect(new Set(orders.map((one) => one.ChargeType)).size).toBeGreaterThan(2)
      expect(new Set(orders.map((one) => one.OrderState)).size).toBeGreaterThan(1)
      expect(orders.every((one) => /^-?\d+\.\d\d$/.test(one.Amount))).toBe(true)
      const refunds = orders.filter((one) => one.OrderType === "OT_REFUND")
      expect(refunds.length).toBeGreaterThan(0)
      expect(refunds.every((one) => one.AmountReal.startsWith("-"))).toBe(true)
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
      expect(rows.some((row) => row.Code === 0 && /^\d+(\.\d{1,2})?$/.test(String(row.RefundPrice)))).toBe(
        true
      )
      expect(rows.some((row) => row.Code === 0 && /^\d+\.\d{3,5}$/.test(String(row.RefundPrice)))).toBe(true)
      expect(rows.some((row) => row.Code !== 0 && row.RefundPrice === undefined)).toBe(true)
    })
  )
})
