/**
 * Members: sub-accounts with quotas, joined with IAM's users; how somebody becomes one and ceases to be.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Driver, InviteAnswer } from "@cloud-quota/core/adapter/Driver"
import { MemberId, type MemberInfo } from "@cloud-quota/core/Member"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { Effect, Stream } from "effect"
import { makeDriver } from "../src/driver/driver.ts"
import {
  asked,
  driverOver,
  emulatedAccount,
  emulatedDriver,
  people,
  users,
  whileTimePasses,
  withLog
} from "./fixtures/accounts.ts"
import { answer, clientsOver, options, soon } from "./fixtures/clients.ts"

const shown = (members: ReadonlyArray<MemberInfo>) =>
  members.map(({ id, name, status, user }) => [id, user, name, status._tag].join(" "))

const listed = (driver: Driver) => Effect.map(Stream.runCollect(driver.listMembers), shown)

const invite = (driver: Driver, ...ids: ReadonlyArray<string>) =>
  driver.invite?.(ids.map((user) => ({ user }))) ?? Effect.die("it cannot invite")

const outcomes = (answers: ReadonlyArray<InviteAnswer>) =>
  answers.map(({ answer, reason, user }) => [user, answer, reason?._tag].join(" ").trim())

const zeros = {
  modeling_count_2d_model: 0,
  modeling_count_2d_model_flexus: 0,
  video_time_2d_model: 0,
  video_time_flexus_2d_model: 0,
  voice_clone_basic: 0,
  voice_clone_middle: 0,
  voice_clone_advance: 0,
  voice_clone_flexus: 0
}

describe("the listing", () => {
  it.effect("has those with quotas under their names, and those without as candidates", () =>
    Effect.gen(function* () {
      const { driver } = yield* emulatedDriver()
      assert.deepStrictEqual(yield* listed(driver), [
        "lena lena Lena Müller active",
        "wei wei 王伟 disabled",
        "gone gone  active",
        "root root studio candidate",
        "new-1 new-1 Nora candidate",
        "off-1 off-1 Otto disabled"
      ])
      const one = (id: string) => Effect.map(driver.getMember(MemberId.make(id)), (info) => shown([info])[0])
      assert.strictEqual(yield* one("lena"), "lena lena Lena Müller active")
      assert.strictEqual(yield* one("wei"), "wei wei 王伟 disabled")
      assert.strictEqual(yield* one("gone"), "gone gone  active")
      assert.strictEqual(yield* one("new-1"), "new-1 new-1 Nora candidate")
      assert.strictEqual(yield* one("off-1"), "off-1 off-1 Otto disabled")
      const missing = yield* Effect.flip(driver.getMember(MemberId.make("nobody")))
      assert.strictEqual(missing.reason._tag, "NotFound")
    })
  )

  it.effect("does without names where IAM refuses, and says so once", () =>
    Effect.gen(function* () {
      const { driver } = yield* emulatedDriver({ iamUsers: "denied" })
      const { lines, value } = yield* withLog(
        Effect.gen(function* () {
          const first = yield* listed(driver)
          assert.deepStrictEqual(yield* listed(driver), first)
          assert.deepStrictEqual(shown([yield* driver.getMember(MemberId.make("lena"))]), [
            "lena lena  active"
          ])
          return first
        })
      )
      assert.deepStrictEqual(value, ["lena lena  active", "wei wei  active", "gone gone  active"])
      const [line, ...more] = lines
      assert.lengthOf(more, 0)
      assert.match(line ?? "", /^Warn members are listed without names.*lack a permission/)
      const { accessKey, secretKey } = MetaStudioEmulator.defaults
      for (const secret of [accessKey, secretKey]) assert.notInclude(line ?? "", secret)
      const missing = yield* Effect.flip(driver.getMember(MemberId.make("nobody")))
      assert.strictEqual(missing.reason._tag, "NotFound")
    })
  )

  it.effect("does without names where the account's id cannot be found", () =>
    Effect.gen(function* () {
      const rows = TestTransport.json({ count: 1, assets: [{ user_id: "lena", quota: {} }] })
      const transport = TestTransport.scripted([TestTransport.json({ domains: [] }), rows])
      const { driver } = yield* driverOver(transport, {})
      const { lines, value } = yield* withLog(listed(driver))
      assert.deepStrictEqual(value, ["lena lena  active"])
      assert.lengthOf(lines, 1)
    })
  )

  for (const [shape, body] of [
    ["IAM's own", '{"error":{"code":404,"message":"Not Found"}}'],
    ["a gateway's", '{"error_code":"APIGW.0101","error_msg":"The API does not exist"}'],
    ["another server's", "404 page not found"]
  ] as const) {
    it.effect(`does without names where the account's id is answered with a 404 of ${shape} kind`, () =>
      Effect.gen(function* () {
        const rows = TestTransport.json({ count: 1, assets: [{ user_id: "lena", quota: {} }] })
        const answers = [answer(body, 404), rows, rows, answer(body, 404)]
        const { driver, requests } = yield* driverOver(TestTransport.scripted(answers), {})
        const { lines, value } = yield* withLog(
          Effect.gen(function* () {
            const all = yield* listed(driver)
            return [...all, ...shown([yield* driver.getMember(MemberId.make("lena"))])]
          })
        )
        assert.deepStrictEqual(value, ["lena lena  active", "lena lena  active"])
        assert.lengthOf(lines, 1)
        assert.match(lines[0] ?? "", /^Warn members are listed without names/)
        assert.deepStrictEqual(
          requests.map(({ url }) => new URL(url).pathname.split("/").at(-1)),
          ["domains", "quotas", "quotas", "domains"]
        )
      })
    )
  }

  it.effect("does without names, and without a word, where there is no IAM", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ users, iamUsers: people })
      const { iamEndpoint: _, ...elsewhere } = options
      const { clients } = clientsOver(emulator.transport, {}, elsewhere)
      const { lines, value } = yield* withLog(listed(makeDriver(yield* clients)))
      assert.lengthOf(value, users.length)
      assert.deepStrictEqual(lines, [])
    })
  )

  it.effect("is not shortened by an outage of IAM", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulatedDriver()
      yield* emulator.inject({
        operation: "KeystoneListUsers",
        fault: { _tag: "drop-before" },
        times: Number.POSITIVE_INFINITY
      })
      const error = yield* Effect.flip(soon(listed(driver)))
      assert.strictEqual(error.operation, "KeystoneListUsers")
      assert.strictEqual(error.reason._tag, "TransportFailed")
    })
  )

  it.effect("refuses a user whose id is none", () =>
    Effect.gen(function* () {
      const { driver } = yield* emulatedDriver({ users: [], iamUsers: [{ id: "../x", name: "X" }] })
      const error = yield* Effect.flip(listed(driver))
      assert.strictEqual(error.reason._tag, "MalformedResponse")
    })
  )
})

describe("an invitation", () => {
  it.effect("gives limits of nothing, and never overwrites any", () =>
    Effect.gen(function* () {
      for (const createExisting of ["conflict", "overwrite"] as const) {
        const { driver, emulator } = yield* emulatedDriver({ createExisting })
        const answers = yield* invite(driver, "new-1", "lena", "nobody", "gone")
        assert.deepStrictEqual(outcomes(answers), [
          "new-1 joined",
          "lena already",
          "nobody rejected NotFound",
          "gone already"
        ])
        const writes = yield* emulator.writes
        assert.deepStrictEqual(
          writes.map(({ operation, quota, userId }) => ({ operation, quota, userId })),
          [{ operation: "CreateUserQuotas", quota: zeros, userId: "new-1" }]
        )
        assert.strictEqual((yield* emulator.user("lena"))?.quota.video_time_2d_model, 600)
        assert.deepStrictEqual(outcomes(yield* invite(driver, "new-1")), ["new-1 already"])
      }
    })
  )

  it.effect("goes to anybody where IAM does not tell who there is", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulatedDriver({ iamUsers: "denied" })
      assert.deepStrictEqual(outcomes(yield* invite(driver, "somebody", "lena")), [
        "somebody joined",
        "lena already"
      ])
      assert.deepStrictEqual((yield* emulator.user("somebody"))?.quota, zeros)
    })
  )

  it.effect("is refused before anything is sent, if one of the ids cannot be one", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulatedDriver()
      const error = yield* Effect.flip(invite(driver, "new-1", "a/b"))
      assert.deepInclude(error.reason, { _tag: "InvalidRequest", field: "user" })
      assert.deepStrictEqual(yield* asked(emulator), [])
    })
  )

  it.effect("is refused as a whole while isolation is off", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulatedDriver({ isolation: false })
      const error = yield* Effect.flip(invite(driver, "new-1", "off-1"))
      assert.strictEqual(error.reason._tag, "PreconditionFailed")
      assert.strictEqual(error.money, "not-moved")
      assert.deepStrictEqual(yield* asked(emulator), ["ShowTenantServiceConfigs"])
    })
  )

  it.effect("is sent once: a lost answer is unknown, and read back", () =>
    Effect.gen(function* () {
      const lost = { operation: "CreateUserQuotas", fault: { _tag: "drop-after" } } as const
      const one = yield* emulatedDriver()
      yield* one.emulator.inject(lost)
      const answers = yield* invite(one.driver, "new-1", "off-1")
      assert.deepStrictEqual(outcomes(answers).toSorted(), ["new-1 unknown TransportFailed", "off-1 joined"])
      assert.strictEqual(yield* one.emulator.count("CreateUserQuotas"), 2)

      const { account, emulator } = yield* emulatedAccount()
      yield* emulator.inject([lost, { operation: "CreateUserQuotas", fault: { _tag: "drop-before" } }])
      const [seen] = yield* account.members.invite({ user: "new-1" })
      assert.strictEqual(seen?.outcome, "joined")
      const [unseen] = yield* account.members.invite({ user: "root" })
      assert.strictEqual(unseen?.outcome, "unknown")
      assert.strictEqual(yield* emulator.count("CreateUserQuotas"), 2)
    })
  )

  it.effect("fails if everybody is refused alike, and only then", () =>
    Effect.gen(function* () {
      const refusal = {
        _tag: "answer",
        effect: false,
        response: { status: 403, headers: {}, body: '{"error_code":"MSS.00000005","error_msg":"Forbidden"}' }
      } as const
      const { driver, emulator } = yield* emulatedDriver()
      yield* emulator.inject({ operation: "CreateUserQuotas", fault: refusal, times: 3 })
      const error = yield* Effect.flip(invite(driver, "new-1", "off-1"))
      assert.strictEqual(error.reason._tag, "PermissionDenied")
      assert.strictEqual(error.money, "not-moved")
      const answers = yield* invite(driver, "lena", "new-1")
      assert.deepStrictEqual(outcomes(answers), ["lena already", "new-1 rejected PermissionDenied"])
    })
  )
})

describe("a candidate", () => {
  it.effect("is invited, gets quotas, uses them, leaves, and is a candidate again", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulatedAccount()
      const { members, quotas } = account
      const [nora] = yield* Stream.runCollect(members.search("nora"))
      assert.isDefined(nora)
      assert.strictEqual(nora.status._tag, "candidate")
      const early = yield* quotas.change("new-1", { "video-minutes": { set: "60 min" } })
      assert.deepStrictEqual(
        early.results.map(({ money, outcome }) => `${outcome._tag} ${money}`),
        ["NotSent not-moved"]
      )

      const [invited] = yield* members.invite({ user: nora.user ?? "" })
      assert.deepInclude(invited, { outcome: "joined" })
      assert.strictEqual(invited?.member?.status._tag, "active")
      const report = yield* quotas.change(
        nora,
        { "video-minutes": { set: "60 min" } },
        { run: "onboard/nora" }
      )
      assert.strictEqual(report.results[0]?.outcome._tag, "Applied")
      yield* emulator.use("new-1", "video_time_2d_model", 12.5)

      const left = yield* whileTimePasses(members.offboard("new-1", { run: "offboard/nora", remove: true }))
      assert.deepInclude(left, { complete: true, membership: "removed" })
      assert.strictEqual((yield* members.get("new-1")).status._tag, "candidate")
      assert.isUndefined(yield* emulator.user("new-1"))
      const writes = (yield* emulator.writes).map(({ operation, quota }) => [
        operation,
        quota?.video_time_2d_model
      ])
      assert.deepStrictEqual(writes, [
        ["CreateUserQuotas", 0],
        ["UpdateUserQuotas", 60],
        ["UpdateUserQuotas", 13],
        ["DeleteUserQuotas", undefined]
      ])
    })
  )
})

describe("a removal", () => {
  it.effect("deletes the quotas, and is done where there are none", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulatedDriver()
      const remove = (id: string) => driver.remove?.(MemberId.make(id)) ?? Effect.die("it cannot remove")
      yield* remove("wei")
      assert.isUndefined(yield* emulator.user("wei"))
      yield* remove("wei")
      const missing = yield* Effect.flip(remove("nobody"))
      assert.strictEqual(missing.reason._tag, "NotFound")
    })
  )

  it.effect("of somebody whom IAM has disabled can be run twice", () =>
    Effect.gen(function* () {
      const { account } = yield* emulatedAccount()
      for (let time = 0; time < 2; time++) {
        const options = { run: "offboard/wei", remove: true }
        const left = yield* whileTimePasses(account.members.offboard("wei", options))
        assert.deepInclude(left, { complete: true, membership: "removed" })
      }
    })
  )

  it.effect("is not sent while isolation is off", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulatedAccount({ isolation: false })
      const error = yield* Effect.flip(account.members.remove("lena"))
      assert.strictEqual(error.reason._tag, "PreconditionFailed")
      assert.strictEqual(yield* emulator.count("DeleteUserQuotas"), 0)
      assert.isDefined(yield* emulator.user("lena"))
    })
  )
})
