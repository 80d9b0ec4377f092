/**
 * Sub-account isolation, without which MetaStudio refuses every write: looked at before the first one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Period } from "@cloud-quota/core"
import type { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { Effect, Stream } from "effect"
import { asked, emulatedAccount, whileTimePasses } from "./fixtures/accounts.ts"
import { clientsOver } from "./fixtures/clients.ts"

const looks = "ShowTenantServiceConfigs"
const puts = "UpdateUserQuotas"

const set = (minutes: number) => ({ "video-minutes": { set: `${minutes} min` } })

const answer = (status: number, body: string) =>
  ({ _tag: "answer", effect: false, response: { status, headers: {}, body } }) as const

/** Switches isolation on or off, as a person does in the console. */
const switchTo = (isolated: boolean, emulator: MetaStudioEmulator.MetaStudioEmulator) =>
  Effect.flatMap(clientsOver(emulator.transport).clients, ({ metaStudio }) =>
    metaStudio.request({
      method: "PUT",
      path: "/tenants/service-configs",
      body: { sub_account_control_config: { separately_controlled: isolated, sub_account_type: "IAM_USER" } }
    })
  )

describe("isolation", () => {
  it.effect("is looked at once while it is on", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulatedAccount()
      yield* account.quotas.changeAll([
        { member: "lena", metric: "video-minutes", action: { set: "500 min" } },
        { member: "gone", metric: "voice-clones-basic", action: { set: "2" } }
      ])
      yield* whileTimePasses(account.quotas.change("lena", set(550)))
      yield* account.members.invite({ user: "new-1" })
      yield* account.members.remove("new-1")
      assert.strictEqual(yield* emulator.count(looks), 1)
      assert.strictEqual(yield* emulator.count(puts), 3)
    })
  )

  it.effect("that is off stops a change before it is sent, and says what to do", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulatedAccount({ isolation: false })
      const { results } = yield* account.quotas.change("lena", set(500), { run: "r" })
      const [result] = results
      assert.isDefined(result)
      assert.strictEqual(result.money, "not-moved")
      assert.isTrue(result.outcome._tag === "Rejected" || result.outcome._tag === "NotSent")
      assert.strictEqual("reason" in result.outcome && result.outcome.reason._tag, "PreconditionFailed")
      assert.match(result.message, /IAM User Isolation > Account Settings.*never switches it on/s)
      assert.strictEqual(yield* emulator.count(puts), 0)
      assert.deepStrictEqual(
        (yield* asked(emulator)).filter((operation) => !/^(List|Show|KeystoneList)/.test(operation)),
        []
      )
      assert.strictEqual((yield* emulator.user("lena"))?.quota.video_time_2d_model, 600)

      // It is looked at again, and the same run goes on once it is on.
      yield* switchTo(true, emulator)
      const again = yield* account.quotas.change("lena", set(500), { run: "r" })
      assert.strictEqual(again.results[0]?.outcome._tag, "Applied")
      assert.strictEqual(yield* emulator.count(looks), 2)
      assert.strictEqual(yield* emulator.count(puts), 1)
    })
  )

  it.effect("that was switched off since is seen before use is told, so that nobody is told another's", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulatedAccount()
      const period = Period.between("2025-10-01", "2026-11-02", { zone: "Asia/Shanghai" })
      const usedBy = Effect.map(Stream.runCollect(account.billing.usage({ period })), (rows) => [
        ...new Set(rows.map(({ member }) => (member === undefined ? "nobody" : `${member}`)))
      ])
      // A change remembers what it has seen, since the provider refuses one by itself.
      yield* account.quotas.change("lena", set(500))
      assert.deepStrictEqual(yield* usedBy, ["lena", "wei"])
      yield* switchTo(false, emulator)
      assert.deepStrictEqual(yield* usedBy, ["nobody"])
      const error = yield* Effect.flip(Stream.runDrain(account.billing.usage({ member: "lena", period })))
      assert.strictEqual(error.reason._tag, "PreconditionFailed")
      yield* switchTo(true, emulator)
      assert.deepStrictEqual(yield* usedBy, ["lena", "wei"])
      assert.strictEqual(yield* emulator.count(looks), 5)
    })
  )

  it.effect("that may not be seen is left to the provider to judge", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulatedAccount()
      const denied = answer(403, '{"error_code":"MSS.00000005","error_msg":"Forbidden"}')
      yield* emulator.inject({ operation: looks, fault: denied })
      const { results } = yield* account.quotas.change("lena", set(500))
      assert.strictEqual(results[0]?.outcome._tag, "Applied")
      const silent = yield* emulatedAccount()
      yield* silent.emulator.inject({ operation: looks, fault: answer(200, "{}") })
      const report = yield* silent.account.quotas.change("lena", set(500))
      assert.strictEqual(report.results[0]?.outcome._tag, "Applied")
    })
  )

  it.effect("that cannot be asked for the moment keeps the change back", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* emulatedAccount()
      const outage = answer(500, '{"error_code":"MSS.00000004","error_msg":"Internal Error"}')
      yield* emulator.inject({ operation: looks, fault: outage, times: 4 })
      const { results } = yield* whileTimePasses(account.quotas.change("lena", set(500), { run: "r" }))
      assert.strictEqual(results[0]?.money, "not-moved")
      assert.notInclude(yield* asked(emulator), puts)
      const again = yield* whileTimePasses(account.quotas.change("lena", set(500), { run: "r" }))
      assert.strictEqual(again.results[0]?.outcome._tag, "Applied")
    })
  )
})
