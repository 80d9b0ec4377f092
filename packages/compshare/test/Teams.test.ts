/**
 * Teams, members and the operate log through the client: over the emulator, and over answers as the
 * vendor's pages show them.
 */
import { Transport } from "@cloud-quota/core"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import type { Request } from "@cloud-quota/core/adapter/Operation"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import type { logOperations } from "@cloud-quota/compshare/TeamOperateLog"
import type { teamOperations } from "@cloud-quota/compshare/Team"
import type { Service } from "@cloud-quota/compshare/CompShareClient"
import * as RetCode from "@cloud-quota/compshare/RetCode"
import { sign } from "@cloud-quota/compshare/Signature"
import { emulated, scripted, text, untyped, withoutSigning } from "./fixtures/clients.ts"
import { assertLike } from "../../../test/support/like.ts"

const members = [
  { virtualCompanyId: 60001, userCompanyId: 50002, remarkName: "张三", allocatedFen: 100_000n },
  { virtualCompanyId: 0, userCompanyId: 50003, remarkName: "李四" }
]

const memberships = [
  {
    teamId: 100001,
    teamName: "AI研发团队",
    teamCompanyId: 100002,
    virtualCompanyId: 0,
    status: "Pending",
    remarkName: "张三",
    createTime: 1_700_000_000
  },
  {
    teamId: 100003,
    teamName: "other-team",
    teamCompanyId: 100004,
    virtualCompanyId: 300_001,
    status: "Joined",
    remarkName: "张三",
    createTime: 1_700_000_001
  }
] as const

const log = { BeginTime: 0, EndTime: 4_000_000_000 }

/** The name and the status of everybody in team 1001. */
const people = (client: Service) =>
  Effect.map(client.getCompShareTeamInfo({ TeamId: 1001 }), ({ TeamRelation }) =>
    TeamRelation.map(({ RemarkName, Status }) => `${RemarkName} ${Status}`)
  )

describe("over the emulator", () => {
  it.effect("teams are made, found, renamed and deleted", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ members })
      const made = yield* client.createCompShareTeam({ Name: "second", Description: "第二" })
      assert.match(made.requestId ?? "", /^[0-9a-f-]{36}$/)
      const { Teams: teams, ...rest } = yield* client.listCompShareTeam()
      assertLike(teams, [
        { Id: 1001, Name: "my-team", CompanyId: 50001, Description: "AI研发团队", MemberCount: 1 },
        { Name: "second", Description: "第二", MemberCount: 0 }
      ])
      assertLike(rest.raw["Teams"], [{ Id: 1001 }, { Name: "second" }])
      const TeamId = teams[1]?.Id ?? 0
      yield* client.updateCompShareTeam({ TeamId, Name: "renamed" })
      assert.deepInclude((yield* client.listCompShareTeam()).Teams[1], {
        Name: "renamed",
        Description: "第二"
      })
      yield* client.deleteCompShareTeam({ TeamId })
      assert.deepStrictEqual(
        (yield* client.listCompShareTeam()).Teams.map(({ Id }) => Id),
        [1001]
      )
    })
  )

  it.effect("a team with members is not deleted, and the refusal says that nothing was", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ members })
      const error = yield* Effect.flip(client.deleteCompShareTeam({ TeamId: 1001 }))
      assert.deepInclude(error, { operation: "DeleteCompShareTeam", money: "not-moved" })
      assert.lengthOf((yield* client.listCompShareTeam()).Teams, 1)
    })
  )

  it.effect("somebody is invited once, and is told of as failed the second time", () =>
    Effect.gen(function* () {
      const { client, emulator } = yield* emulated({ members })
      const users = [{ UserCompanyId: 50002 }, { UserCompanyId: 50009, RemarkName: "王五" }] as const
      const { ErrorMap } = yield* client.createCompShareTeamRelation({ UserInfo: users })
      assert.deepStrictEqual(Object.keys(ErrorMap ?? {}), ["50002"])
      const failed = ErrorMap?.["50002"]
      assert.strictEqual(failed?.Code, 16001)
      assert.strictEqual(
        RetCode.find(failed?.Code ?? 0, { action: "CreateCompShareTeamRelation", scope: "member" })?.reason,
        "PreconditionFailed"
      )
      assert.deepStrictEqual(yield* people(client), ["张三 Joined", "李四 Pending", "王五 Pending"])
      yield* emulator.acceptInvitation(50009)
      assert.include(yield* people(client), "王五 Joined")
    })
  )

  it.effect("an invitation is withdrawn, and a member renamed", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ members })
      yield* client.setCompShareTeamRelation({ Status: "Cancel", UserCompanyId: 50003 })
      yield* client.setCompShareTeamRelation({
        Status: "UpdateRemarkName",
        UserCompanyId: 50002,
        RemarkName: "张三丰"
      })
      assert.deepStrictEqual(yield* people(client), ["张三丰 Joined", "李四 Canceled"])
      yield* client.setCompShareTeamRelation({ Status: "Send", UserCompanyId: 50003, RemarkName: "李四" })
      assert.include(yield* people(client), "李四 Pending")
      const again = yield* Effect.flip(
        client.setCompShareTeamRelation({ Status: "Cancel", UserCompanyId: 50002 })
      )
      assert.deepInclude(again, { operation: "SetCompShareTeamRelation", money: "not-moved" })
    })
  )

  it.effect("invitations are received, accepted and rejected", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ members, memberships })
      const { Invites: invites } = yield* client.listCompShareTeamInvite()
      assert.deepInclude(invites[0], {
        TeamId: 100001,
        TeamName: "AI研发团队",
        TeamUseCompanyId: 100002,
        Status: "Pending",
        CreateTime: 1_700_000_000
      })
      assert.strictEqual(invites[0]?.VirtualCompanyId ?? 0, 0)
      const joined = client.listCompShareTeamJoined({ Status: "joined" })
      assert.deepStrictEqual(
        (yield* joined).JoinedTeams.map(({ TeamId }) => TeamId),
        [100003]
      )
      yield* client.setCompShareTeamRelation({ TeamId: 100001, Status: "Agree" })
      const teams = (yield* joined).JoinedTeams
      assertLike(teams, [
        { TeamId: 100001, IsPersonalAccount: false },
        { TeamId: 100003, VirtualCompanyId: 300_001 }
      ])
      assert.isNumber(teams[0]?.VirtualCompanyId)
      const error = yield* Effect.flip(client.setCompShareTeamRelation({ TeamId: 100001, Status: "Reject" }))
      assertLike(error, { money: "not-moved", reason: { _tag: "PermissionDenied" } })
    })
  )

  it.effect("the operate log is read in pages, and filtered by the words that it names", () =>
    Effect.gen(function* () {
      const { client, emulator } = yield* emulated({ members })
      for (let fen = 1n; fen <= 4n; fen++) yield* emulator.consoleAllocate(60001, fen)
      yield* emulator.consoleWithdraw(60001, 1n)
      const all = yield* Stream.runCollect(
        client.stream.listCompShareTeamOperateLog({ ...log, OrderByASC: true, Limit: 2 })
      )
      const first = yield* client.listCompShareTeamOperateLog({ ...log, OrderByASC: true, Limit: 2 })
      assert.strictEqual(all.length, first.Total)
      assert.deepStrictEqual(
        all.slice(0, 2).map(({ raw }) => raw),
        first.raw["Logs"]
      )
      assert.deepStrictEqual(
        all.slice(-2).map(({ OperateType, Status }) => `${OperateType} ${Status}`),
        ["分配金额 成功", "提取金额 成功"]
      )
      assert.include(first.OperateTypeList, "提取金额")
      const withdrawn = yield* client.listCompShareTeamOperateLog({
        ...log,
        OperateType: ["提取金额"],
        Status: ["成功"]
      })
      assert.strictEqual(withdrawn.Total, 1)
    })
  )
})

describe("the vendor's own examples", () => {
  it.effect("CreateCompShareTeamRelation, with everybody under a number of his own, all signed", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{
  "Action": "CreateCompShareTeamRelationResponse",
  "RetCode": 0,
  "ErrorMap": { "50003": { "Message": "用户已在团队中", "Code": 16001 } }
}`)
      ])
      const answer = yield* client.createCompShareTeamRelation({
        TeamId: 1001,
        UserInfo: [{ UserCompanyId: 50002, RemarkName: "张三" }, { UserCompanyId: 50003 }]
      })
      assert.deepStrictEqual(answer.ErrorMap, { 50003: { Code: 16001, Message: "用户已在团队中" } })
      const [{ Signature, ...params } = {}] = sent()
      assert.deepStrictEqual(params, {
        Action: "CreateCompShareTeamRelation",
        Region: "cn-wlcb",
        TeamId: "1001",
        "UserInfo.0.UserCompanyId": "50002",
        "UserInfo.0.RemarkName": "张三",
        "UserInfo.1.UserCompanyId": "50003",
        PublicKey: "my_public_key"
      })
      assert.strictEqual(Signature, sign(params, "my_private_key"))
    })
  )

  it.effect.each<[Request<typeof teamOperations.setCompShareTeamRelation>, Readonly<Record<string, string>>]>(
    [
      [
        { TeamId: 1001, Status: "Cancel", UserCompanyId: 50002 },
        { Status: "Cancel", UserCompanyId: "50002" }
      ],
      [{ TeamId: 1001, Status: "Agree" }, { Status: "Agree" }],
      [{ TeamId: 1001, Status: "Reject" }, { Status: "Reject" }],
      [
        { TeamId: 1001, Status: "UpdateRemarkName", UserCompanyId: 50002, RemarkName: "张三" },
        { Status: "UpdateRemarkName", UserCompanyId: "50002", RemarkName: "张三" }
      ],
      [
        { TeamId: 1001, Status: "Send", UserCompanyId: 50002 },
        { Status: "Send", UserCompanyId: "50002" }
      ]
    ]
  )("SetCompShareTeamRelation as %j", ([change, params]) =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{"Action": "SetCompShareTeamRelationResponse", "RetCode": 0}`)
      ])
      const answer = yield* client.setCompShareTeamRelation(change)
      assert.deepStrictEqual(answer, { raw: { Action: "SetCompShareTeamRelationResponse", RetCode: 0 } })
      assert.deepStrictEqual(sent().map(withoutSigning), [
        { Action: "SetCompShareTeamRelation", Region: "cn-wlcb", TeamId: "1001", ...params }
      ])
    })
  )

  it.effect("ListCompShareTeamInvite and ListCompShareTeamJoined", () =>
    Effect.gen(function* () {
      const row = {
        TeamId: 100001,
        TeamName: "AI研发团队",
        UserCompanyId: 200001,
        VirtualCompanyId: 300001,
        RemarkName: "张三",
        CreateTime: 1700000000
      }
      const { client, sent } = yield* scripted([
        TestTransport.json({
          RetCode: 0,
          Invites: [{ ...row, TeamUseCompanyId: 100001, Status: "Pending" }]
        }),
        TestTransport.json({ RetCode: 0, JoinedTeams: [{ ...row, Status: "joined" }] }),
        TestTransport.json({ RetCode: 0, JoinedTeams: null })
      ])
      const common = {
        TeamId: 100001,
        TeamName: "AI研发团队",
        UserCompanyId: 200001,
        VirtualCompanyId: 300001,
        RemarkName: "张三",
        CreateTime: 1_700_000_000
      }
      const { Invites: invites } = yield* client.listCompShareTeamInvite({ TeamId: 1001 })
      assertLike(invites, [{ ...common, Status: "Pending", TeamUseCompanyId: 100001 }])
      const { JoinedTeams: joined } = yield* client.listCompShareTeamJoined({ Status: "joined" })
      assertLike(joined, [{ ...common, Status: "joined" }])
      assert.notProperty(joined[0], "IsPersonalAccount")
      assert.deepStrictEqual((yield* client.listCompShareTeamJoined()).JoinedTeams, [])
      assertLike(sent(), [{ TeamId: "1001" }, { Status: "joined" }, {}])
      assert.notProperty(sent()[2], "Status")
    })
  )

  it.effect("ListCompShareTeamOperateLog, whose words come with titles, or as the SDKs have them", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{
  "Action": "ListCompShareTeamOperateLogResponse", "RetCode": 0, "Total": 50,
  "Logs": [{"Content": "管理员邀请张三加入团队", "OperateType": "InviteMember", "CreateTime": 1700000000, "Status": "Success"}],
  "OperateTypeList": {"InviteMember": "邀请成员", "RemoveMember": "移除成员"},
  "StatusList": {"Success": "成功", "Failed": "失败"}
}`),
        text(`{"RetCode": 0, "Total": 0, "Logs": null, "OperateTypeList": ["创建团队"], "StatusList": null}`)
      ])
      const query: Request<typeof logOperations.listCompShareTeamOperateLog> = {
        TeamId: 100001,
        BeginTime: 1_700_000_000,
        EndTime: 1_700_086_400,
        OperateType: ["InviteMember", "RemoveMember"],
        Status: ["Success"],
        OrderByASC: false,
        Limit: 25
      }
      const page = yield* client.listCompShareTeamOperateLog(query)
      assertLike(page, {
        Total: 50,
        Logs: [
          {
            Content: "管理员邀请张三加入团队",
            OperateType: "InviteMember",
            CreateTime: 1_700_000_000,
            Status: "Success"
          }
        ],
        OperateTypeList: { InviteMember: "邀请成员", RemoveMember: "移除成员" }
      })
      assert.deepInclude(sent()[0], {
        BeginTime: "1700000000",
        EndTime: "1700086400",
        "OperateType.0": "InviteMember",
        "OperateType.1": "RemoveMember",
        "Status.0": "Success",
        OrderByASC: "false",
        Limit: "25",
        Offset: "0"
      })
      assertLike(yield* client.listCompShareTeamOperateLog(query), {
        Logs: null,
        Total: 0,
        OperateTypeList: ["创建团队"],
        StatusList: null
      })
    })
  )
})

describe("the operate log", () => {
  it.effect("does not fail over what nobody counts", () =>
    Effect.gen(function* () {
      const row = { OperateType: "分配金额", Status: "成功" }
      const odd = { ...row, Content: { text: "x" }, CreateTime: "2026-01-01 00:00:00" }
      const { client } = yield* scripted([
        TestTransport.json({
          RetCode: 0,
          Total: 2,
          Logs: [row, odd],
          OperateTypeList: [{ Key: "分配金额" }, "提取金额"],
          StatusList: { 成功: 1 }
        })
      ])
      assertLike(yield* client.listCompShareTeamOperateLog({ TeamId: 1, ...log }), {
        Total: 2,
        Logs: [row, odd],
        OperateTypeList: [{ Key: "分配金额" }, "提取金额"],
        StatusList: { 成功: 1 }
      })
    })
  )
})

describe("who was not invited", () => {
  const UserInfo = [{ UserCompanyId: 50002 }, { UserCompanyId: 50003 }] as const

  it.effect.each<[string, unknown]>([
    ["absent", {}],
    ["null", { ErrorMap: null }],
    ["empty", { ErrorMap: {} }],
    ["an empty text", { ErrorMap: "" }],
    ["the text of an empty object", { ErrorMap: "{}" }]
  ])("is nobody, if the map is %s", ([, fields]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([TestTransport.json({ RetCode: 0, ...Object(fields) })])
      const { ErrorMap } = yield* client.createCompShareTeamRelation({ TeamId: 1, UserInfo })
      assert.deepStrictEqual(ErrorMap ?? {}, {})
    })
  )

  it.effect("is read from a map written as text, too", () =>
    Effect.gen(function* () {
      const { client } = yield* scripted([
        TestTransport.json({ RetCode: 0, ErrorMap: `{"50003": {"Code": "16001"}}` })
      ])
      const { ErrorMap } = yield* client.createCompShareTeamRelation({ TeamId: 1, UserInfo })
      assert.deepStrictEqual(ErrorMap, { 50003: { Code: 16001 } })
    })
  )

  it.effect.each<[string, unknown]>([
    ["names somebody else", { "50009": { Code: 16001 } }],
    ["writes an id in another way", { "050002": { Code: 16001 } }],
    ["writes an id as a fraction", { "50002.0": { Code: 16001 } }],
    ["has no code", { "50002": { Message: "no" } }],
    ["has the code of success", { "50002": { Code: 0 } }],
    ["is a list", [{ Code: 16001 }]],
    ["is other text", "failed"]
  ])("is unknown, if the map %s", ([, ErrorMap]) =>
    Effect.gen(function* () {
      const { client, requests } = yield* scripted([TestTransport.json({ RetCode: 0, ErrorMap })])
      const error = yield* Effect.flip(client.createCompShareTeamRelation({ TeamId: 1, UserInfo }))
      assertLike(error, { reason: { _tag: "MalformedResponse" }, money: "unknown" })
      assert.lengthOf(requests, 1)
    })
  )
})

describe("what is sent again", () => {
  const done = TestTransport.json({ RetCode: 0 })
  const lost = new Transport.TransportError({ phase: "unknown", kind: "closed", message: "reset" })
  const neverSent = new Transport.TransportError({ phase: "not-sent", kind: "connect", message: "refused" })

  type Use = (client: Service) => Effect.Effect<unknown, CloudQuotaError>
  const times = Effect.fnUntraced(function* (use: Use, first: TestTransport.Answer) {
    const { client, requests } = yield* scripted([first, done])
    const fiber = yield* Effect.forkChild(Effect.result(use(client)))
    yield* TestClock.adjust("1 hour")
    return { result: yield* Fiber.join(fiber), sent: requests.length }
  })

  const creates: ReadonlyArray<readonly [string, Use]> = [
    ["a new team", (client) => client.createCompShareTeam({ Name: "x" })],
    ["a deletion", (client) => client.deleteCompShareTeam({ TeamId: 1 })],
    [
      "an invitation",
      (client) => client.createCompShareTeamRelation({ TeamId: 1, UserInfo: [{ UserCompanyId: 2 }] })
    ],
    ["an acceptance", (client) => client.setCompShareTeamRelation({ TeamId: 1, Status: "Agree" })],
    ["a refusal", (client) => client.setCompShareTeamRelation({ TeamId: 1, Status: "Reject" })],
    [
      "a withdrawal",
      (client) => client.setCompShareTeamRelation({ TeamId: 1, Status: "Cancel", UserCompanyId: 2 })
    ],
    [
      "an invitation of one",
      (client) => client.setCompShareTeamRelation({ TeamId: 1, Status: "Send", UserCompanyId: 2 })
    ]
  ]

  it.effect.each(creates)("%s: only if it is proven that nothing happened", ([, use]) =>
    Effect.gen(function* () {
      assertLike(yield* times(use, lost), {
        sent: 1,
        result: { _tag: "Failure", failure: { money: "unknown" } }
      })
      assert.deepInclude(yield* times(use, TestTransport.json({ RetCode: 153 })), { sent: 1 })
      assertLike(yield* times(use, neverSent), { sent: 2, result: { _tag: "Success" } })
    })
  )

  it.effect.each<readonly [string, Use]>([
    ["a team's new name", (client) => client.updateCompShareTeam({ TeamId: 1, Name: "x" })],
    [
      "a member's new name",
      (client) =>
        client.setCompShareTeamRelation({
          TeamId: 1,
          Status: "UpdateRemarkName",
          UserCompanyId: 2,
          RemarkName: "x"
        })
    ]
  ])("%s: also if its fate is not known", ([, use]) =>
    Effect.gen(function* () {
      assertLike(yield* times(use, lost), { sent: 2, result: { _tag: "Success" } })
    })
  )
})

describe("what is not sent", () => {
  const refused = Effect.fnUntraced(function* (
    use: (client: Service) => Effect.Effect<unknown, CloudQuotaError>,
    field: string
  ) {
    const { client, requests } = yield* scripted([])
    const error = yield* Effect.flip(use(client))
    assertLike(error, { money: "not-moved", reason: { _tag: "InvalidRequest", field } })
    assert.deepStrictEqual(requests, [])
  })

  const nobodyTwice = [{ UserCompanyId: 5 }, { UserCompanyId: 5 }]
  const tooMany = Array.from({ length: 101 }, (_, index) => ({
    UserCompanyId: index + 1
  }))

  it.effect.each<[unknown, string]>([
    [[], "UserInfo"],
    [tooMany, "UserInfo"],
    [nobodyTwice, "UserInfo"],
    [50001, "UserInfo"],
    [[null], "UserInfo[0]"],
    [[{ UserCompanyId: 0 }], "UserInfo[0].UserCompanyId"],
    [[{ UserCompanyId: 1 }, { UserCompanyId: 2, RemarkName: 7 }], "UserInfo[1].RemarkName"]
  ])("an invitation of %j", ([users, field]) =>
    refused((client) => client.createCompShareTeamRelation({ TeamId: 1, UserInfo: untyped(users) }), field)
  )

  it.effect("a hundred users are not too many", () =>
    Effect.gen(function* () {
      const { client, requests } = yield* scripted([TestTransport.json({ RetCode: 0 })])
      yield* client.createCompShareTeamRelation({ TeamId: 1, UserInfo: tooMany.slice(1) })
      assert.lengthOf(requests, 1)
    })
  )

  it.effect.each<[object, string]>([
    [{ Status: "Remove", UserCompanyId: 1 }, "Status"],
    [{ Status: "Cancel" }, "UserCompanyId"],
    [{ Status: "Cancel", UserCompanyId: 1, RemarkName: "x" }, "RemarkName"],
    [{ Status: "Agree", UserCompanyId: 1 }, "UserCompanyId"],
    [{ Status: "UpdateRemarkName", UserCompanyId: 1 }, "RemarkName"],
    [{ Status: "UpdateRemarkName", UserCompanyId: 1, RemarkName: " " }, "RemarkName"],
    [{ Status: "Send" }, "UserCompanyId"],
    [{ Status: "Agree", TeamId: "x" }, "TeamId"]
  ])("a relation with %j", ([change, field]) =>
    refused((client) => client.setCompShareTeamRelation(untyped({ TeamId: 1, ...change })), field)
  )

  it.effect("teams without a name, updates of nothing, and a deletion of the team by default", () =>
    Effect.gen(function* () {
      yield* refused((client) => client.createCompShareTeam({ Name: "" }), "Name")
      yield* refused(
        (client) => client.createCompShareTeam({ Name: "x", Description: untyped(1) }),
        "Description"
      )
      yield* refused((client) => client.updateCompShareTeam({ TeamId: 1 }), "Name")
      yield* refused((client) => client.updateCompShareTeam({ Name: "x" }), "TeamId")
      yield* refused((client) => client.listCompShareTeamJoined({ Status: untyped(["joined"]) }), "Status")
      yield* refused((client) => client.listCompShareTeamInvite({ TeamId: 0 }), "TeamId")
      const own = yield* scripted([], { teamId: 1001 })
      assertLike(yield* Effect.flip(own.client.deleteCompShareTeam(untyped({}))), {
        reason: { _tag: "InvalidRequest", field: "TeamId" }
      })
    })
  )

  it.effect.each<[object, string]>([
    [{ EndTime: 0 }, "EndTime"],
    [{ BeginTime: "0" }, "BeginTime"],
    [{ OperateType: "分配金额" }, "OperateType"],
    [{ OperateType: [] }, "OperateType"],
    [{ Status: [1] }, "Status[0]"],
    [{ OrderByASC: "true" }, "OrderByASC"],
    [{ Limit: 101 }, "Limit"]
  ])("a log with %j", ([wrong, field]) =>
    refused((client) => client.listCompShareTeamOperateLog(untyped({ TeamId: 1, ...log, ...wrong })), field)
  )
})

describe("answers that are not as documented", () => {
  it.effect.each<[string, (client: Service) => Effect.Effect<unknown, CloudQuotaError>, object]>([
    ["teams that are no list", (client) => client.listCompShareTeam(), { Teams: {} }],
    [
      "a log without a total",
      (client) => client.listCompShareTeamOperateLog({ TeamId: 1, ...log }),
      { Logs: [] }
    ],
    [
      "a log whose types are numbers",
      (client) => client.listCompShareTeamOperateLog({ TeamId: 1, ...log }),
      { Total: 1, Logs: [{ OperateType: 7, Status: "成功" }] }
    ]
  ])("%s", ([, use, fields]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([TestTransport.json({ RetCode: 0, ...fields })])
      const error = yield* Effect.flip(use(client))
      assertLike(error, { reason: { _tag: "MalformedResponse" }, money: "not-moved" })
    })
  )
})

describe("secrets", () => {
  it.effect("never reach the error of a change that is no money", () =>
    Effect.gen(function* () {
      const { client } = yield* scripted([
        ({ body = "" }) => TestTransport.json({ RetCode: 171, Message: `${body} my_private_key` })
      ])
      const error = yield* Effect.flip(client.createCompShareTeam({ Name: "x" }))
      const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`
      assert.include(shown, "<redacted>")
      assert.notInclude(shown, "my_public_key")
      assert.notInclude(shown, "my_private_key")
      assert.notMatch(shown, /[0-9a-f]{40}/)
    })
  )
})

describe("a row that is not as documented", () => {
  it.effect("is named, and the others are read", () =>
    Effect.gen(function* () {
      const { client } = yield* scripted([
        TestTransport.json({ RetCode: 0, Teams: [{ Name: "x" }, { Id: 7 }] }),
        TestTransport.json({ RetCode: 0, JoinedTeams: [{ TeamId: 1 }] }),
        TestTransport.json({ RetCode: 0, Invites: [{ Status: "x" }] }),
        TestTransport.json({ RetCode: 0, TeamRelation: [{ Status: "joined" }, { VirtualCompanyId: 60001 }] })
      ])
      assertLike(yield* client.listCompShareTeam(), {
        Teams: [{ Id: 7 }],
        unreadable: [{ index: 0, problem: "Id: is missing" }]
      })
      assertLike(yield* client.listCompShareTeamJoined(), {
        JoinedTeams: [],
        unreadable: [{ index: 0, problem: "Status: is missing" }]
      })
      assertLike(yield* client.listCompShareTeamInvite(), {
        Invites: [],
        unreadable: [{ index: 0, problem: "TeamId: is missing" }]
      })
      assertLike(yield* client.getCompShareTeamInfo({ TeamId: 1001 }), {
        TeamRelation: [{ Status: "joined" }],
        unreadable: [{ index: 1, problem: "Status: is missing" }]
      })
    })
  )
})

describe("what is wrong with a request", () => {
  it.effect.each<[(client: Service) => Effect.Effect<unknown, CloudQuotaError>, string]>([
    [
      (client) => client.setCompShareTeamRelation({ TeamId: 1, Status: untyped("Remove") }),
      "Status: give one of Agree, Reject, Cancel, Send, UpdateRemarkName"
    ],
    [
      (client) => client.listCompShareTeamOperateLog({ TeamId: 1, OrderByASC: untyped("yes") }),
      "OrderByASC: give true or false"
    ],
    [
      (client) => client.listCompShareTeamOperateLog({}),
      "TeamId: give a whole number from 1 to 4294967295, or make the client with a teamId"
    ],
    [
      (client) =>
        client.setCompShareTeamAmount({
          TeamId: 1,
          VirtualCompanyId: [60001],
          Amount: untyped(100_000),
          OperateType: "AllocateAmount"
        }),
      'Amount: give a quantity, as Quantity.cny("500"), not a number of fen'
    ],
    [
      (client) =>
        client.describeTeamMemberOrder({ TeamId: 1, VirtualCompanyId: 1, OrderDir: untyped("down") }),
      "OrderDir: give one of ASC, DESC, Asc, Desc"
    ],
    [
      (client) => client.createCompShareTeamRelation({ TeamId: 1, UserInfo: untyped(["my_private_key"]) }),
      "UserInfo[0]: give a user, as { UserCompanyId: 50001 }"
    ]
  ])("is said with the remedy, and without the value (%#)", ([use, message]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([])
      const { reason } = yield* Effect.flip(use(client))
      assert.strictEqual(reason.message, message)
    })
  )
})
