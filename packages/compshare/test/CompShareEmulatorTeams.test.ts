/**
 * The emulator's teams and invitations on the wire, after the examples of the vendor's pages.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { call, type Params, refusal } from "./fixtures/signedCall.ts"
import { assertLike } from "../../../test/support/like.ts"

const example: CompShareEmulator.Settings = {
  members: [
    { virtualCompanyId: 60001, userCompanyId: 50002, remarkName: "张三", allocatedFen: 100_000n },
    { virtualCompanyId: 0, userCompanyId: 50003, remarkName: "李四" },
    { virtualCompanyId: 0, userCompanyId: 50004, remarkName: "王五", status: "Rejected" }
  ],
  memberships: [
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
  ]
}

const done = (action: string) => ({ Action: `${action}Response`, RetCode: 0 })

const relations = (emulator: CompShareEmulator.CompShareEmulator, TeamId = "1001") =>
  Effect.map(
    call(emulator, { Action: "GetCompShareTeamInfo", TeamId }),
    (answer) =>
      answer["TeamRelation"] as ReadonlyArray<{
        readonly UserCompanyId: number
        readonly VirtualCompanyId: number
        readonly Status: string
        readonly RemarkName: string
        readonly CreateTime: number
      }>
  )

const log = (emulator: CompShareEmulator.CompShareEmulator, TeamId = "1001") =>
  Effect.map(
    call(emulator, {
      Action: "ListCompShareTeamOperateLog",
      TeamId,
      BeginTime: "0",
      EndTime: "9999999999",
      OrderByASC: "true"
    }),
    (answer) =>
      (answer["Logs"] as ReadonlyArray<{ readonly OperateType: string; readonly Status: string }>).map(
        ({ OperateType, Status }) => `${OperateType} ${Status}`
      )
  )

describe("teams", () => {
  const list = (emulator: CompShareEmulator.CompShareEmulator) =>
    Effect.map(
      call(emulator, { Action: "ListCompShareTeam", Region: "cn-wlcb" }),
      (answer) => answer["Teams"]
    )

  it.effect("are listed with the number of those who joined", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      assert.deepStrictEqual(yield* list(emulator), [
        { Id: 1001, Name: "my-team", CompanyId: 50001, Description: "AI研发团队", MemberCount: 1 }
      ])
    })
  )

  it.effect("are created, renamed and deleted, and keep apart who is in which", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ ...example, adminBalanceFen: 1_000n })
      const create = { Action: "CreateCompShareTeam", Name: "second", Description: "第二" }
      assert.deepStrictEqual(yield* call(emulator, create), done("CreateCompShareTeam"))
      assertLike(yield* list(emulator), [
        { Id: 1001 },
        { Id: 1002, Name: "second", CompanyId: 50001, Description: "第二", MemberCount: 0 }
      ])

      // Somebody of the first team is nobody in the second one.
      const grant = {
        Action: "SetCompShareTeamAmount",
        TeamId: "1002",
        "VirtualCompanyId.0": "60001",
        Amount: "1",
        OperateType: "AllocateAmount"
      }
      assertLike(yield* call(emulator, grant), { FailedMembers: { 60001: { Code: 17001 } } })
      assert.deepStrictEqual(yield* emulator.ledger, [])
      assert.deepStrictEqual(yield* log(emulator, "1002"), ["创建团队 成功", "分配金额 失败"])
      assert.deepStrictEqual(yield* log(emulator), [])

      const update = { Action: "UpdateCompShareTeam", TeamId: "1002", Name: "new-team-name" }
      assert.deepStrictEqual(yield* call(emulator, update), done("UpdateCompShareTeam"))
      yield* call(emulator, {
        Action: "UpdateCompShareTeam",
        TeamId: "1002",
        Description: "更新后的团队简介"
      })
      assertLike(yield* list(emulator), [
        { Name: "my-team" },
        { Name: "new-team-name", Description: "更新后的团队简介" }
      ])
      assert.deepStrictEqual((yield* log(emulator, "1002")).slice(2), ["更新团队 成功", "更新团队 成功"])

      const remove = { Action: "DeleteCompShareTeam", TeamId: "1002" }
      assert.deepStrictEqual(yield* call(emulator, remove), done("DeleteCompShareTeam"))
      assertLike(yield* list(emulator), [{ Id: 1001 }])
      assert.deepStrictEqual(
        yield* call(emulator, update),
        refusal("UpdateCompShareTeam", 200, "No Permission")
      )
      const info = yield* call(emulator, { Action: "GetCompShareTeamInfo", TeamId: "1002" })
      assertLike(info, { RetCode: 0, Team: { Deleted: 1 } })
      // An id is not given twice.
      yield* call(emulator, create)
      assertLike(yield* list(emulator), [{ Id: 1001 }, { Id: 1003 }])
    })
  )

  it.effect("cannot be deleted while somebody is in them", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const remove = { Action: "DeleteCompShareTeam", TeamId: "1001" }
      const refused = refusal("DeleteCompShareTeam", 230, "Params [TeamId] not available")
      assert.deepStrictEqual(yield* call(emulator, remove), refused)
      yield* emulator.consoleWithdraw(60001, 100_000n)
      yield* emulator.consoleRemove(60001)
      assert.deepStrictEqual(yield* call(emulator, remove), done("DeleteCompShareTeam"))
    })
  )
})

describe("invitations that the account sends", () => {
  const invite = (change: Params = {}): Params => ({
    Action: "CreateCompShareTeamRelation",
    TeamId: "1001",
    "UserInfo.0.UserCompanyId": "50010",
    "UserInfo.0.RemarkName": "赵六",
    ...change
  })
  const set = (Status: string, change: Params = {}): Params => ({
    Action: "SetCompShareTeamRelation",
    TeamId: "1001",
    Status,
    ...change
  })

  it.effect("fail one by one for who is in the team already, was invited, or runs it", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("90 seconds")
      const emulator = yield* CompShareEmulator.make(example)
      const users = { 1: "50002", 2: "50003", 3: "50001", 4: "50010", 10: "50004" }
      const more = Object.entries(users).map(([index, id]) => [`UserInfo.${index}.UserCompanyId`, id])
      const failure = { Code: 16001, Message: "用户已在团队中" }
      assert.deepStrictEqual(yield* call(emulator, invite(Object.fromEntries(more))), {
        ...done("CreateCompShareTeamRelation"),
        ErrorMap: { 50001: failure, 50002: failure, 50003: failure, 50010: failure }
      })
      assertLike((yield* relations(emulator)).slice(3), [
        { UserCompanyId: 50010, VirtualCompanyId: 0, Status: "Pending", RemarkName: "赵六", CreateTime: 90 },
        { UserCompanyId: 50004, VirtualCompanyId: 0, Status: "Pending", RemarkName: "" }
      ])
      assert.deepStrictEqual(yield* log(emulator), [
        "发送邀请 成功",
        "发送邀请 失败",
        "发送邀请 失败",
        "发送邀请 失败",
        "发送邀请 失败",
        "发送邀请 成功"
      ])
    })
  )

  it.effect("are a hundred at most", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ members: [] })
      const users = (count: number) =>
        Object.fromEntries(
          Array.from({ length: count }, (_, index) => [
            `UserInfo.${index}.UserCompanyId`,
            `${70_000 + index}`
          ])
        )
      assert.deepStrictEqual(
        yield* call(emulator, invite(users(101))),
        refusal("CreateCompShareTeamRelation", 230, "Params [UserInfo] not available")
      )
      assert.deepStrictEqual(yield* relations(emulator), [])
      assertLike(yield* call(emulator, invite(users(100))), { RetCode: 0, ErrorMap: {} })
      assert.lengthOf(yield* relations(emulator), 100)
    })
  )

  it.effect("are accepted: the user gets an id, and can be given money", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      yield* call(emulator, invite())
      // Above all ids that there are, the account's own among them.
      const id = yield* emulator.acceptInvitation(50010)
      assert.strictEqual(id, 300_002)
      assertLike(yield* relations(emulator), [
        {},
        {},
        {},
        { UserCompanyId: 50010, VirtualCompanyId: id, Status: "Joined" }
      ])
      yield* emulator.consoleAllocate(id, 5n)
      assert.deepInclude((yield* emulator.state).members.at(-1), { allocatedFen: 5n, availableFen: 5n })
      assert.deepStrictEqual(yield* log(emulator), ["发送邀请 成功", "接受邀请 成功", "分配金额 成功"])
      assert.strictEqual((yield* Effect.exit(emulator.acceptInvitation(50010)))._tag, "Failure")
    })
  )

  it.effect("are turned down and sent again: the old row stays, and there is a new one", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      yield* call(emulator, invite())
      yield* emulator.rejectInvitation(50010)
      yield* call(emulator, set("Send", { UserCompanyId: "50010", RemarkName: "again" }))
      assertLike((yield* relations(emulator)).slice(3), [
        { UserCompanyId: 50010, Status: "Rejected", RemarkName: "赵六" },
        { UserCompanyId: 50010, Status: "Pending", RemarkName: "again" }
      ])
      assert.deepStrictEqual(yield* log(emulator), ["发送邀请 成功", "拒绝邀请 成功", "发送邀请 成功"])
      const twice = yield* call(emulator, set("Send", { UserCompanyId: "50010" }))
      assert.deepStrictEqual(
        twice,
        refusal("SetCompShareTeamRelation", 230, "Params [UserCompanyId] not available")
      )
    })
  )

  it.effect("are taken back while nobody answered, and only then", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const cancel = (UserCompanyId: string) => call(emulator, set("Cancel", { UserCompanyId }))
      assert.deepStrictEqual(yield* cancel("50003"), done("SetCompShareTeamRelation"))
      const refused = refusal("SetCompShareTeamRelation", 230, "Params [UserCompanyId] not available")
      // Canceled by now, a member, turned down, and unknown.
      for (const user of ["50003", "50002", "50004", "59999"])
        assert.deepStrictEqual(yield* cancel(user), refused)
      assert.deepStrictEqual(
        (yield* relations(emulator)).map((row) => row.Status),
        ["Joined", "Canceled", "Rejected"]
      )
      assert.deepStrictEqual(yield* log(emulator), ["取消邀请 成功"])
    })
  )

  it.effect("give a name that can be changed while the row is in use", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const rename = (UserCompanyId: string, RemarkName = "新名") =>
        call(emulator, set("UpdateRemarkName", { UserCompanyId, RemarkName }))
      assert.deepStrictEqual(yield* rename("50002"), done("SetCompShareTeamRelation"))
      assert.deepStrictEqual(yield* rename("50003"), done("SetCompShareTeamRelation"))
      assert.deepInclude(yield* rename("50004"), { RetCode: 230 })
      assert.deepInclude(yield* rename("50002", ""), {
        RetCode: 220,
        Message: "Missing params [RemarkName]"
      })
      assert.deepStrictEqual(
        (yield* relations(emulator)).map((row) => row.RemarkName),
        ["新名", "新名", "王五"]
      )
    })
  )

  it.effect("belong to who left, too: coming back gives another id", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ ...example, memberships: [] })
      assert.strictEqual((yield* Effect.exit(emulator.consoleRemove(60001)))._tag, "Failure")
      yield* emulator.consoleWithdraw(60001, 100_000n)
      const before = yield* emulator.state
      yield* emulator.consoleRemove(60001)
      assert.strictEqual((yield* emulator.state).adminBalanceFen, before.adminBalanceFen)
      assert.strictEqual((yield* Effect.exit(emulator.consoleAllocate(60001, 1n)))._tag, "Failure")
      yield* call(emulator, invite({ "UserInfo.0.UserCompanyId": "50002" }))
      const id = yield* emulator.acceptInvitation(50002)
      const rows = (yield* relations(emulator)).filter((row) => row.UserCompanyId === 50002)
      assertLike(rows, [
        { VirtualCompanyId: 60001, Status: "Canceled" },
        { VirtualCompanyId: id, Status: "Joined" }
      ])
      assert.strictEqual(id, 60_002)
    })
  )

  const cases: ReadonlyArray<readonly [what: string, params: Params, retCode: number, message: string]> = [
    ["nobody", { Action: "CreateCompShareTeamRelation", TeamId: "1001" }, 220, "Missing params [UserInfo]"],
    ["no user id", invite({ "UserInfo.1.RemarkName": "x" }), 220, "Missing params [UserCompanyId]"],
    ["id 0", invite({ "UserInfo.1.UserCompanyId": "0" }), 230, "Params [UserCompanyId] not available"],
    ["a bare record", invite({ UserInfo: "x" }), 230, "Params [UserInfo] not available"],
    ["a flat list", invite({ "UserInfo.1": "5" }), 230, "Params [UserInfo.1] not available"],
    ["another's team", invite({ TeamId: "1002" }), 200, "No Permission"],
    ["no status", { Action: "SetCompShareTeamRelation", TeamId: "1001" }, 220, "Missing params [Status]"],
    ["an unknown status", set("Remove"), 230, "Params [Status] not available"],
    ["nobody to cancel", set("Cancel"), 220, "Missing params [UserCompanyId]"],
    ["one's own team to join", set("Agree"), 200, "No Permission"],
    ["a team without a name", { Action: "CreateCompShareTeam" }, 220, "Missing params [Name]"],
    [
      "an empty name",
      { Action: "UpdateCompShareTeam", TeamId: "1001", Name: "" },
      230,
      "Params [Name] not available"
    ]
  ]
  for (const [what, params, RetCode, Message] of cases) {
    it.effect(`${params["Action"]} refuses ${what}`, () =>
      Effect.gen(function* () {
        const emulator = yield* CompShareEmulator.make(example)
        const before = yield* emulator.state
        assert.deepStrictEqual(
          yield* call(emulator, params),
          refusal(params["Action"] ?? "", RetCode, Message)
        )
        assert.deepStrictEqual(yield* emulator.state, before)
        assert.deepStrictEqual(yield* log(emulator), [])
      })
    )
  }
})

describe("invitations that the account receives", () => {
  const pending = {
    TeamId: 100001,
    TeamName: "AI研发团队",
    UserCompanyId: 50001,
    VirtualCompanyId: 0,
    Status: "Pending",
    RemarkName: "张三",
    CreateTime: 1_700_000_000
  }
  const joined = {
    TeamId: 100003,
    TeamName: "other-team",
    UserCompanyId: 50001,
    VirtualCompanyId: 300_001,
    Status: "Joined",
    RemarkName: "张三",
    CreateTime: 1_700_000_001
  }

  it.effect("are listed, and so are the teams joined, by the status in either spelling", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      assert.deepStrictEqual(yield* call(emulator, { Action: "ListCompShareTeamInvite" }), {
        ...done("ListCompShareTeamInvite"),
        Invites: [
          { ...pending, TeamUseCompanyId: 100002 },
          { ...joined, TeamUseCompanyId: 100004 }
        ]
      })
      const find = (change: Params) =>
        Effect.map(
          call(emulator, { Action: "ListCompShareTeamJoined", ...change }),
          (answer) => answer["JoinedTeams"]
        )
      for (const Status of ["joined", "Joined"]) {
        assert.deepStrictEqual(yield* find({ Status }), [{ ...joined, IsPersonalAccount: false }])
      }
      assertLike(yield* find({}), [{}, {}])
      assert.deepStrictEqual(
        yield* call(emulator, { Action: "ListCompShareTeamJoined", Status: "in" }),
        refusal("ListCompShareTeamJoined", 230, "Params [Status] not available")
      )
    })
  )

  it.effect("with the id of an own team, those that were sent are listed instead", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const answer = yield* call(emulator, { Action: "ListCompShareTeamInvite", TeamId: "1001" })
      assertLike(answer["Invites"], [
        { TeamId: 1001, TeamUseCompanyId: 50001, UserCompanyId: 50002, Status: "Joined" },
        { UserCompanyId: 50003, Status: "Pending" },
        { UserCompanyId: 50004, Status: "Rejected" }
      ])
      assert.deepStrictEqual(
        yield* call(emulator, { Action: "ListCompShareTeamInvite", TeamId: "100001" }),
        refusal("ListCompShareTeamInvite", 200, "No Permission")
      )
    })
  )

  for (const [Status, status] of [
    ["Agree", "Joined"],
    ["Reject", "Rejected"]
  ] as const) {
    it.effect(`are answered once, with ${Status}`, () =>
      Effect.gen(function* () {
        const emulator = yield* CompShareEmulator.make(example)
        const reply = { Action: "SetCompShareTeamRelation", TeamId: "100001", Status }
        assert.deepStrictEqual(yield* call(emulator, reply), done("SetCompShareTeamRelation"))
        const answer = yield* call(emulator, { Action: "ListCompShareTeamJoined", Status: status })
        assert.deepInclude(answer["JoinedTeams"], {
          ...pending,
          Status: status,
          VirtualCompanyId: status === "Joined" ? 300_002 : 0,
          IsPersonalAccount: false
        })
        assert.deepInclude(yield* call(emulator, reply), { RetCode: 200 })
      })
    )
  }

  it.effect("come with generated data", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ size: 3 })
      const answer = yield* call(emulator, { Action: "ListCompShareTeamInvite" })
      assertLike(answer["Invites"], [{ Status: "Joined" }, { Status: "Pending" }])
    })
  )
})
