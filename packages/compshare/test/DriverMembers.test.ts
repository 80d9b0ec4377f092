/**
 * The members of a CompShare team as the neutral services give them: listed, invited, renamed.
 */
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { emulated, over } from "./fixtures/accounts.ts"
import { assertLike } from "../../../test/support/like.ts"

const team: CompShareEmulator.Settings = {
  members: [
    { virtualCompanyId: 60001, userCompanyId: 50002, remarkName: "张三" },
    { virtualCompanyId: 60002, userCompanyId: 50003, remarkName: "", status: "Canceled" },
    { virtualCompanyId: 60003, userCompanyId: 50003, remarkName: "李四" },
    { virtualCompanyId: 0, userCompanyId: 50004, remarkName: "王五" },
    { virtualCompanyId: 0, userCompanyId: 50005, remarkName: "赵六", status: "Rejected" }
  ]
}

const creating = "CreateCompShareTeamRelation"
const answering = (operation: string, body: object, effect = false) => ({
  operation,
  fault: {
    _tag: "answer" as const,
    effect,
    response: { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
  }
})

const paramsOf = (emulator: CompShareEmulator.CompShareEmulator, name: string) =>
  Effect.map(emulator.requests, (all) =>
    all.filter(({ operation }) => operation === name).map(({ request }) => new URLSearchParams(request.body))
  )

describe("the list", () => {
  it.effect("has everybody who is or was invited, by their user's id too", () =>
    Effect.gen(function* () {
      const { account } = yield* emulated(team)
      assert.deepStrictEqual<unknown>(yield* Stream.runCollect(account.members.list()), [
        { id: "60001", user: "50002", name: "张三", status: { _tag: "active" } },
        { id: "60002", user: "50003", status: { _tag: "canceled" } },
        { id: "60003", user: "50003", name: "李四", status: { _tag: "active" } },
        { user: "50004", name: "王五", status: { _tag: "invited" } },
        { user: "50005", name: "赵六", status: { _tag: "rejected" } }
      ])
    })
  )
})

describe("invitations", () => {
  const users = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ user: `${51_000 + index}`, name: `N${index}` }))

  const outcomes = (results: ReadonlyArray<{ readonly outcome: string }>, from: number, to: number) =>
    new Set(results.slice(from, to).map(({ outcome }) => outcome))

  it.effect("go out with their names, a hundred at a time", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(team)
      const results = yield* account.members.invite(users(201))
      assert.deepStrictEqual(outcomes(results, 0, 201), new Set(["invited"]))
      const sent = yield* paramsOf(emulator, creating)
      const counts = sent.map((one) => [...one.keys()].filter((key) => key.endsWith(".UserCompanyId")).length)
      assert.deepStrictEqual(counts, [100, 100, 1])
      assert.strictEqual(sent[0]?.get("UserInfo.0.RemarkName"), "N0")
      const members = yield* Stream.runCollect(account.members.list({ status: "invited" }))
      assert.strictEqual(members.length, 202)
      assert.deepInclude(members.at(-1), { user: "51200", name: "N200" })
    })
  )

  it.effect("tell who was in the team, and whom the provider refused, each by itself", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(team)
      yield* emulator.inject({
        operation: creating,
        fault: {
          _tag: "rewrite",
          body: (body) =>
            body.replace('"ErrorMap":{', '"ErrorMap":{"51001":{"Code":99999,"Message":"no such account"},')
        }
      })
      const results = yield* account.members.invite([{ user: "50002" }, { user: "51000" }, { user: "51001" }])
      assert.deepStrictEqual(
        results.map(({ invitation, outcome }) => [invitation.user, outcome]),
        [
          ["50002", "already"],
          ["51000", "invited"],
          ["51001", "rejected"]
        ]
      )
      assertLike(results[2]?.reason, {
        _tag: "ProviderFailed",
        details: { code: "99999", message: "no such account" }
      })
    })
  )

  it.effect("of a batch whose answer is lost are sent once, and known as far as the list shows them", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(team)
      yield* emulator.inject([
        { operation: creating, fault: { _tag: "drop-after" } },
        { operation: creating, fault: { _tag: "drop-before" } }
      ])
      const results = yield* account.members.invite(users(201))
      assert.deepStrictEqual(outcomes(results, 0, 100), new Set(["invited"]))
      assert.deepStrictEqual(outcomes(results, 100, 200), new Set(["unknown"]))
      assert.deepStrictEqual(outcomes(results, 200, 201), new Set(["invited"]))
      assert.strictEqual(yield* emulator.count(creating), 3)
    })
  )

  it.effect("fail as a whole if all are refused alike, and else one by one", () =>
    Effect.gen(function* () {
      const refusal = { RetCode: 200, Message: "No Permission" }
      const { account, emulator } = yield* emulated(team)
      yield* emulator.inject([answering(creating, refusal), answering(creating, refusal)])
      const error = yield* Effect.flip(account.members.invite(users(101)))
      assertLike(error, { money: "not-moved", reason: { _tag: "PermissionDenied" } })
      yield* emulator.inject(answering(creating, refusal))
      const results = yield* account.members.invite(users(101))
      assert.deepStrictEqual(outcomes(results, 0, 100), new Set(["rejected"]))
      assert.strictEqual(results[0]?.reason?._tag, "PermissionDenied")
      assert.strictEqual(results[100]?.outcome, "invited")
    })
  )

  it.effect("of what is no user of CompShare are refused before anything is sent", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(team)
      for (const user of ["Ada", "050002", "0", "4294967296"]) {
        const error = yield* Effect.flip(account.members.invite([...users(100), { user }]))
        assert.deepInclude(error.reason, { _tag: "InvalidRequest", field: "user" })
      }
      assert.deepStrictEqual(yield* emulator.requests, [])
    })
  )

  it.effect("are withdrawn by the user's id, the name, or what a listing gave", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated({
        members: [0, 0, 0].map((id) => ({ virtualCompanyId: id }))
      })
      const [, , third] = yield* Stream.runCollect(account.members.list())
      yield* account.members.cancelInvite("50002")
      yield* account.members.cancelInvite("member-2")
      yield* account.members.cancelInvite(third ?? "nobody")
      const statuses = (yield* emulator.state).members.map(({ status }) => status)
      assert.deepStrictEqual(statuses, ["Canceled", "Canceled", "Canceled"])
      const again = yield* Effect.flip(account.members.cancelInvite("50002"))
      assert.strictEqual(again.reason._tag, "NotFound")
      assert.strictEqual(yield* emulator.count("SetCompShareTeamRelation"), 3)
    })
  )
})

describe("a new name", () => {
  it.effect("goes to the user behind the member", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(team)
      yield* account.members.rename("60003", "李四 (NLP)")
      const [sent] = yield* paramsOf(emulator, "SetCompShareTeamRelation")
      assert.deepInclude(Object.fromEntries(sent ?? []), {
        TeamId: "1001",
        Status: "UpdateRemarkName",
        UserCompanyId: "50003",
        RemarkName: "李四 (NLP)"
      })
      assert.deepInclude(yield* account.members.get("60003"), { name: "李四 (NLP)" })
    })
  )

  it.effect("is not given to a user's present membership in place of a former one", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(team)
      const error = yield* Effect.flip(account.members.rename("60002", "李四 (2025)"))
      assertLike(error, { money: "not-moved", reason: { _tag: "PreconditionFailed" } })
      assert.strictEqual(yield* emulator.count("SetCompShareTeamRelation"), 0)
    })
  )

  it.effect("needs to know the user", () =>
    Effect.gen(function* () {
      const relation = { VirtualCompanyId: 60001, Status: "joined" }
      const info = TestTransport.json({ RetCode: 0, Team: { Id: 1001 }, TeamRelation: [relation] })
      const account = yield* over(TestTransport.scripted([info, info]))
      const error = yield* Effect.flip(account.members.rename("60001", "张三"))
      assertLike(error.reason, {
        _tag: "MalformedResponse",
        message: /UserCompanyId/
      })
    })
  )
})

it.effect("removing is for the console, and says so", () =>
  Effect.gen(function* () {
    const { account, emulator } = yield* emulated(team)
    const error = yield* Effect.flip(account.members.remove("60001"))
    assertLike(error.reason, {
      _tag: "Unsupported",
      message: /members are removed in the console/
    })
    assert.deepStrictEqual(yield* emulator.requests, [])
  })
)

describe("who has left, and of whom no amounts are told,", () => {
  const without = (status: string) => ({
    operation: "GetCompShareTeamInfo",
    times: 20,
    fault: {
      _tag: "rewrite" as const,
      body: (body: string) =>
        body.replaceAll(/\{[^{}]*"Status":"(\w+)"[^{}]*\}/g, (row, found) =>
          found === status ? row.replaceAll('Amount":', 'Money":') : row
        )
    }
  })

  it.effect("has no allowance, and nothing that could be taken back", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(team)
      yield* emulator.inject(without("Canceled"))
      const error = yield* Effect.flip(account.quotas.get("60002"))
      assertLike(error.reason, {
        _tag: "NotFound",
        message: /their status is Canceled/
      })
      const all = yield* Stream.runCollect(account.quotas.list())
      assert.deepStrictEqual(
        all.map(({ member }) => member),
        ["60001", "60003"]
      )
      assertLike(yield* account.members.offboard("60002", { run: "offboard/60002" }), {
        complete: true,
        membership: "kept",
        quotas: []
      })
      assert.strictEqual(yield* emulator.count("SetCompShareTeamAmount"), 0)
    })
  )

  it.effect("is somebody else than a member, of whom they have to be told", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulated(team)
      yield* emulator.inject(without("Joined"))
      const error = yield* Effect.flip(account.quotas.get("60001"))
      assert.strictEqual(error.reason._tag, "MalformedResponse")
    })
  )
})
