/**
 * Teams, members and the operate log through the client: over the emulator, and over answers as the
 * vendor's pages show them.
 */
import { Transport } from "@cloud-quota/core"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as TestTransport from "@cloud-quota/core/TestTransport"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import type { Service } from "../src/CompShareClient.ts"
import * as RetCode from "../src/RetCode.ts"
import { sign } from "../src/Signature.ts"
import type { Invitee, TeamRelationChange } from "../src/Team.ts"
import type { TeamOperateLogQuery } from "../src/TeamOperateLog.ts"
import { emulated, scripted, text, untyped, withoutSigning } from "./fixtures/clients.ts"

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

const log = { beginTime: 0, endTime: 4_000_000_000 }

/** The name and the status of everybody in team 1001. */
const people = (client: Service) =>
  Effect.map(client.getCompShareTeamInfo({ teamId: 1001 }), ({ relations }) =>
    relations.map(({ remarkName, status }) => `${remarkName} ${status}`)
  )

describe("over the emulator", () => {
  it.effect("teams are made, found, renamed and deleted", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ members })
      const made = yield* client.createCompShareTeam({ name: "second", description: "第二" })
      expect(made.requestId).toMatch(/^[0-9a-f-]{36}$/)
      const { teams } = yield* client.listCompShareTeam
      expect(teams).toMatchObject([
        { id: 1001, name: "my-team", companyId: 50001, description: "AI研发团队", memberCount: 1 },
        { name: "second", description: "第二", memberCount: 0, details: { Name: "second" } }
      ])
      const teamId = teams[1]?.id ?? 0
      yield* client.updateCompShareTeam({ teamId, name: "renamed" })
      expect((yield* client.listCompShareTeam).teams[1]).toMatchObject({
        name: "renamed",
        description: "第二"
      })
      yield* client.deleteCompShareTeam({ teamId })
      expect((yield* client.listCompShareTeam).teams.map(({ id }) => id)).toEqual([1001])
    })
  )

  it.effect("a team with members is not deleted, and the refusal says that nothing was", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ members })
      const error = yield* Effect.flip(client.deleteCompShareTeam({ teamId: 1001 }))
      expect(error).toMatchObject({ operation: "DeleteCompShareTeam", money: "not-moved" })
      expect((yield* client.listCompShareTeam).teams).toHaveLength(1)
    })
  )

  it.effect("somebody is invited once, and is told of as failed the second time", () =>
    Effect.gen(function* () {
      const { client, emulator } = yield* emulated({ members })
      const users = [{ userCompanyId: 50002 }, { userCompanyId: 50009, remarkName: "王五" }]
      const { failedUsers } = yield* client.createCompShareTeamRelation({ users })
      expect([...failedUsers.keys()]).toEqual([50002])
      const failed = failedUsers.get(50002)
      expect(failed?.code).toBe(16001)
      expect(
        RetCode.find(failed?.code ?? 0, { action: "CreateCompShareTeamRelation", scope: "member" })?.reason
      ).toBe("PreconditionFailed")
      expect(yield* people(client)).toEqual(["张三 Joined", "李四 Pending", "王五 Pending"])
      yield* emulator.acceptInvitation(50009)
      expect(yield* people(client)).toContain("王五 Joined")
    })
  )

  it.effect("an invitation is withdrawn, and a member renamed", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ members })
      yield* client.setCompShareTeamRelation({ status: "Cancel", userCompanyId: 50003 })
      yield* client.setCompShareTeamRelation({
        status: "UpdateRemarkName",
        userCompanyId: 50002,
        remarkName: "张三丰"
      })
      expect(yield* people(client)).toEqual(["张三丰 Joined", "李四 Canceled"])
      yield* client.setCompShareTeamRelation({ status: "Send", userCompanyId: 50003, remarkName: "李四" })
      expect(yield* people(client)).toContain("李四 Pending")
      const again = yield* Effect.flip(
        client.setCompShareTeamRelation({ status: "Cancel", userCompanyId: 50002 })
      )
      expect(again).toMatchObject({ operation: "SetCompShareTeamRelation", money: "not-moved" })
    })
  )

  it.effect("invitations are received, accepted and rejected", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ members, memberships })
      const { invites } = yield* client.listCompShareTeamInvite()
      expect(invites[0]).toMatchObject({
        teamId: 100001,
        teamName: "AI研发团队",
        teamCompanyId: 100002,
        status: "Pending",
        createTime: 1_700_000_000
      })
      expect(invites[0]).not.toHaveProperty("virtualCompanyId")
      const joined = client.listCompShareTeamJoined({ status: "joined" })
      expect((yield* joined).memberships.map(({ teamId }) => teamId)).toEqual([100003])
      yield* client.setCompShareTeamRelation({ teamId: 100001, status: "Agree" })
      expect((yield* joined).memberships).toMatchObject([
        { teamId: 100001, virtualCompanyId: expect.any(Number), isPersonalAccount: false },
        { teamId: 100003, virtualCompanyId: 300_001 }
      ])
      const error = yield* Effect.flip(client.setCompShareTeamRelation({ teamId: 100001, status: "Reject" }))
      expect(error).toMatchObject({ money: "not-moved", reason: { _tag: "PermissionDenied" } })
    })
  )

  it.effect("the operate log is read in pages, and filtered by the words that it names", () =>
    Effect.gen(function* () {
      const { client, emulator } = yield* emulated({ members })
      for (let fen = 1n; fen <= 4n; fen++) yield* emulator.consoleAllocate(60001, fen)
      yield* emulator.consoleWithdraw(60001, 1n)
      const all = yield* Stream.runCollect(client.teamOperateLog({ ...log, ascending: true, limit: 2 }))
      const first = yield* client.listCompShareTeamOperateLog({ ...log, ascending: true, limit: 2 })
      expect(all.length).toBe(first.total)
      expect(all.slice(0, 2)).toEqual(first.entries)
      expect(all.slice(-2).map(({ operateType, status }) => `${operateType} ${status}`)).toEqual([
        "分配金额 成功",
        "提取金额 成功"
      ])
      expect(first.operateTypes).toContainEqual({ word: "提取金额" })
      const withdrawn = yield* client.listCompShareTeamOperateLog({
        ...log,
        operateTypes: ["提取金额"],
        statuses: ["成功"]
      })
      expect(withdrawn.total).toBe(1)
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
        teamId: 1001,
        users: [{ userCompanyId: 50002, remarkName: "张三" }, { userCompanyId: 50003 }]
      })
      expect([...answer.failedUsers]).toEqual([[50003, { code: 16001, message: "用户已在团队中" }]])
      const [{ Signature, ...params } = {}] = sent()
      expect(params).toEqual({
        Action: "CreateCompShareTeamRelation",
        Region: "cn-wlcb",
        TeamId: "1001",
        "UserInfo.0.UserCompanyId": "50002",
        "UserInfo.0.RemarkName": "张三",
        "UserInfo.1.UserCompanyId": "50003",
        PublicKey: "my_public_key"
      })
      expect(Signature).toBe(sign(params, "my_private_key"))
    })
  )

  it.effect.each<[TeamRelationChange, Readonly<Record<string, string>>]>([
    [
      { teamId: 1001, status: "Cancel", userCompanyId: 50002 },
      { Status: "Cancel", UserCompanyId: "50002" }
    ],
    [{ teamId: 1001, status: "Agree" }, { Status: "Agree" }],
    [{ teamId: 1001, status: "Reject" }, { Status: "Reject" }],
    [
      { teamId: 1001, status: "UpdateRemarkName", userCompanyId: 50002, remarkName: "张三" },
      { Status: "UpdateRemarkName", UserCompanyId: "50002", RemarkName: "张三" }
    ],
    [
      { teamId: 1001, status: "Send", userCompanyId: 50002 },
      { Status: "Send", UserCompanyId: "50002" }
    ]
  ])("SetCompShareTeamRelation as %j", ([change, params]) =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{"Action": "SetCompShareTeamRelationResponse", "RetCode": 0}`)
      ])
      expect(yield* client.setCompShareTeamRelation(change)).toEqual({})
      expect(sent().map(withoutSigning)).toEqual([
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
        teamId: 100001,
        teamName: "AI研发团队",
        userCompanyId: 200001,
        virtualCompanyId: 300001,
        remarkName: "张三",
        createTime: 1_700_000_000
      }
      const { invites } = yield* client.listCompShareTeamInvite({ teamId: 1001 })
      expect(invites).toMatchObject([{ ...common, status: "Pending", teamCompanyId: 100001 }])
      const { memberships: joined } = yield* client.listCompShareTeamJoined({ status: "joined" })
      expect(joined).toMatchObject([{ ...common, status: "joined" }])
      expect(joined[0]).not.toHaveProperty("isPersonalAccount")
      expect(yield* client.listCompShareTeamJoined()).toEqual({ memberships: [] })
      expect(sent()).toMatchObject([{ TeamId: "1001" }, { Status: "joined" }, {}])
      expect(sent()[2]).not.toHaveProperty("Status")
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
      const query: TeamOperateLogQuery = {
        teamId: 100001,
        beginTime: 1_700_000_000,
        endTime: 1_700_086_400,
        operateTypes: ["InviteMember", "RemoveMember"],
        statuses: ["Success"],
        ascending: false,
        limit: 25
      }
      const page = yield* client.listCompShareTeamOperateLog(query)
      expect(page).toMatchObject({
        total: 50,
        entries: [
          {
            content: "管理员邀请张三加入团队",
            operateType: "InviteMember",
            createTime: 1_700_000_000,
            status: "Success"
          }
        ],
        operateTypes: [
          { word: "InviteMember", title: "邀请成员" },
          { word: "RemoveMember", title: "移除成员" }
        ]
      })
      expect(sent()[0]).toMatchObject({
        BeginTime: "1700000000",
        EndTime: "1700086400",
        "OperateType.0": "InviteMember",
        "OperateType.1": "RemoveMember",
        "Status.0": "Success",
        OrderByASC: "false",
        Limit: "25",
        Offset: "0"
      })
      expect(yield* client.listCompShareTeamOperateLog(query)).toEqual({
        entries: [],
        total: 0,
        operateTypes: [{ word: "创建团队" }],
        statuses: []
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
      expect(yield* client.listCompShareTeamOperateLog({ teamId: 1, ...log })).toEqual({
        total: 2,
        entries: [
          { operateType: "分配金额", status: "成功", details: row },
          { operateType: "分配金额", status: "成功", details: odd }
        ],
        operateTypes: [{ word: "提取金额" }],
        statuses: [{ word: "成功" }]
      })
    })
  )
})

describe("who was not invited", () => {
  const users = [{ userCompanyId: 50002 }, { userCompanyId: 50003 }]

  it.effect.each<[string, unknown]>([
    ["absent", {}],
    ["null", { ErrorMap: null }],
    ["empty", { ErrorMap: {} }],
    ["an empty text", { ErrorMap: "" }],
    ["the text of an empty object", { ErrorMap: "{}" }]
  ])("is nobody, if the map is %s", ([, fields]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([TestTransport.json({ RetCode: 0, ...Object(fields) })])
      const { failedUsers } = yield* client.createCompShareTeamRelation({ teamId: 1, users })
      expect(failedUsers.size).toBe(0)
    })
  )

  it.effect("is read from a map written as text, too", () =>
    Effect.gen(function* () {
      const { client } = yield* scripted([
        TestTransport.json({ RetCode: 0, ErrorMap: `{"50003": {"Code": "16001"}}` })
      ])
      const { failedUsers } = yield* client.createCompShareTeamRelation({ teamId: 1, users })
      expect([...failedUsers]).toEqual([[50003, { code: 16001 }]])
    })
  )

  it.effect.each<[string, unknown]>([
    ["names somebody else", { "50009": { Code: 16001 } }],
    ["has no code", { "50002": { Message: "no" } }],
    ["has the code of success", { "50002": { Code: 0 } }],
    ["is a list", [{ Code: 16001 }]],
    ["is other text", "failed"]
  ])("is unknown, if the map %s", ([, ErrorMap]) =>
    Effect.gen(function* () {
      const { client, requests } = yield* scripted([TestTransport.json({ RetCode: 0, ErrorMap })])
      const error = yield* Effect.flip(client.createCompShareTeamRelation({ teamId: 1, users }))
      expect(error).toMatchObject({ reason: { _tag: "MalformedResponse" }, money: "unknown" })
      expect(requests).toHaveLength(1)
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
    ["a new team", (client) => client.createCompShareTeam({ name: "x" })],
    ["a deletion", (client) => client.deleteCompShareTeam({ teamId: 1 })],
    [
      "an invitation",
      (client) => client.createCompShareTeamRelation({ teamId: 1, users: [{ userCompanyId: 2 }] })
    ],
    ["an acceptance", (client) => client.setCompShareTeamRelation({ teamId: 1, status: "Agree" })],
    ["a refusal", (client) => client.setCompShareTeamRelation({ teamId: 1, status: "Reject" })],
    [
      "a withdrawal",
      (client) => client.setCompShareTeamRelation({ teamId: 1, status: "Cancel", userCompanyId: 2 })
    ],
    [
      "an invitation of one",
      (client) => client.setCompShareTeamRelation({ teamId: 1, status: "Send", userCompanyId: 2 })
    ]
  ]

  it.effect.each(creates)("%s: only if it is proven that nothing happened", ([, use]) =>
    Effect.gen(function* () {
      expect(yield* times(use, lost)).toMatchObject({
        sent: 1,
        result: { _tag: "Failure", failure: { money: "unknown" } }
      })
      expect(yield* times(use, TestTransport.json({ RetCode: 153 }))).toMatchObject({ sent: 1 })
      expect(yield* times(use, neverSent)).toMatchObject({ sent: 2, result: { _tag: "Success" } })
    })
  )

  it.effect.each<readonly [string, Use]>([
    ["a team's new name", (client) => client.updateCompShareTeam({ teamId: 1, name: "x" })],
    [
      "a member's new name",
      (client) =>
        client.setCompShareTeamRelation({
          teamId: 1,
          status: "UpdateRemarkName",
          userCompanyId: 2,
          remarkName: "x"
        })
    ]
  ])("%s: also if its fate is not known", ([, use]) =>
    Effect.gen(function* () {
      expect(yield* times(use, lost)).toMatchObject({ sent: 2, result: { _tag: "Success" } })
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
    expect(error).toMatchObject({ money: "not-moved", reason: { _tag: "InvalidRequest", field } })
    expect(requests).toEqual([])
  })

  const nobodyTwice = [{ userCompanyId: 5 }, { userCompanyId: 5 }]
  const tooMany: ReadonlyArray<Invitee> = Array.from({ length: 101 }, (_, index) => ({
    userCompanyId: index + 1
  }))

  it.effect.each<[unknown, string]>([
    [[], "users"],
    [tooMany, "users"],
    [nobodyTwice, "users"],
    [50001, "users"],
    [[null], "users.0"],
    [[{ userCompanyId: 0 }], "users.0.userCompanyId"],
    [[{ userCompanyId: 1 }, { userCompanyId: 2, remarkName: 7 }], "users.1.remarkName"]
  ])("an invitation of %j", ([users, field]) =>
    refused((client) => client.createCompShareTeamRelation({ teamId: 1, users: untyped(users) }), field)
  )

  it.effect("a hundred users are not too many", () =>
    Effect.gen(function* () {
      const { client, requests } = yield* scripted([TestTransport.json({ RetCode: 0 })])
      yield* client.createCompShareTeamRelation({ teamId: 1, users: tooMany.slice(1) })
      expect(requests).toHaveLength(1)
    })
  )

  it.effect.each<[object, string]>([
    [{ status: "Remove", userCompanyId: 1 }, "status"],
    [{ status: "Cancel" }, "userCompanyId"],
    [{ status: "Cancel", userCompanyId: 1, remarkName: "x" }, "remarkName"],
    [{ status: "Agree", userCompanyId: 1 }, "userCompanyId"],
    [{ status: "UpdateRemarkName", userCompanyId: 1 }, "remarkName"],
    [{ status: "UpdateRemarkName", userCompanyId: 1, remarkName: " " }, "remarkName"],
    [{ status: "Send" }, "userCompanyId"],
    [{ status: "Agree", teamId: "x" }, "teamId"]
  ])("a relation with %j", ([change, field]) =>
    refused((client) => client.setCompShareTeamRelation(untyped({ teamId: 1, ...change })), field)
  )

  it.effect("teams without a name, updates of nothing, and a deletion of the team by default", () =>
    Effect.gen(function* () {
      yield* refused((client) => client.createCompShareTeam({ name: "" }), "name")
      yield* refused(
        (client) => client.createCompShareTeam({ name: "x", description: untyped(1) }),
        "description"
      )
      yield* refused((client) => client.updateCompShareTeam({ teamId: 1 }), "name")
      yield* refused((client) => client.updateCompShareTeam({ name: "x" }), "teamId")
      yield* refused((client) => client.listCompShareTeamJoined({ status: untyped(["joined"]) }), "status")
      yield* refused((client) => client.listCompShareTeamInvite({ teamId: 0 }), "teamId")
      const own = yield* scripted([], { teamId: 1001 })
      expect(yield* Effect.flip(own.client.deleteCompShareTeam(untyped({})))).toMatchObject({
        reason: { _tag: "InvalidRequest", field: "teamId" }
      })
    })
  )

  it.effect.each<[object, string]>([
    [{ endTime: 0 }, "endTime"],
    [{ beginTime: "0" }, "beginTime"],
    [{ operateTypes: "分配金额" }, "operateTypes"],
    [{ operateTypes: [] }, "operateTypes"],
    [{ statuses: [1] }, "statuses"],
    [{ ascending: "true" }, "ascending"],
    [{ limit: 101 }, "limit"]
  ])("a log with %j", ([wrong, field]) =>
    refused((client) => client.listCompShareTeamOperateLog(untyped({ teamId: 1, ...log, ...wrong })), field)
  )
})

describe("answers that are not as documented", () => {
  it.effect.each<[string, (client: Service) => Effect.Effect<unknown, CloudQuotaError>, object]>([
    ["teams without ids", (client) => client.listCompShareTeam, { Teams: [{ Name: "x" }] }],
    ["teams that are no list", (client) => client.listCompShareTeam, { Teams: {} }],
    [
      "memberships without a status",
      (client) => client.listCompShareTeamJoined(),
      { JoinedTeams: [{ TeamId: 1 }] }
    ],
    [
      "invitations without a team",
      (client) => client.listCompShareTeamInvite(),
      { Invites: [{ Status: "x" }] }
    ],
    [
      "a log without a total",
      (client) => client.listCompShareTeamOperateLog({ teamId: 1, ...log }),
      { Logs: [] }
    ],
    [
      "a log whose types are numbers",
      (client) => client.listCompShareTeamOperateLog({ teamId: 1, ...log }),
      { Total: 1, Logs: [{ OperateType: 7, Status: "成功" }] }
    ]
  ])("%s", ([, use, fields]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([TestTransport.json({ RetCode: 0, ...fields })])
      const error = yield* Effect.flip(use(client))
      expect(error).toMatchObject({ reason: { _tag: "MalformedResponse" }, money: "not-moved" })
    })
  )
})

describe("secrets", () => {
  it.effect("never reach the error of a change that is no money", () =>
    Effect.gen(function* () {
      const { client } = yield* scripted([
        ({ body = "" }) => TestTransport.json({ RetCode: 171, Message: `${body} my_private_key` })
      ])
      const error = yield* Effect.flip(client.createCompShareTeam({ name: "x" }))
      const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`
      expect(shown).toContain("<redacted>")
      expect(shown).not.toContain("my_public_key")
      expect(shown).not.toContain("my_private_key")
      expect(shown).not.toMatch(/[0-9a-f]{40}/)
    })
  )
})
