/**
 * MetaStudio as an account: what core gets to see of it.
 */
import { assert, describe, it } from "@effect/vitest"
import {
  Account,
  Billing,
  Capabilities,
  Journal,
  Limit,
  Member,
  Quantity,
  Quota,
  Transport
} from "@cloud-quota/core"
import { Complete } from "@cloud-quota/core/adapter/Driver"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { BssClient, IamClient, MetaStudio, MetaStudioClient } from "@cloud-quota/metastudio"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { DateTime, Effect, Option, Result, Stream } from "effect"
import { TestClock } from "effect/testing"
import { emulatedDriver, people, scriptedDriver, users, withLog } from "./fixtures/accounts.ts"
import { options, origin } from "./fixtures/clients.ts"

const { projectId } = MetaStudioEmulator.defaults

const emulated = emulatedDriver()

const idOf = (text: string) => Effect.map(emulated, ({ driver }) => Result.getOrThrow(driver.memberId(text)))

const shown = (states: ReadonlyArray<Quota.QuotaState>) =>
  states.map(({ available, limit, metric, used }) => [metric.id, ...[limit, used, available].map(String)])

describe("the driver", () => {
  it.effect("reads limits, what is used and what is left", () =>
    Effect.gen(function* () {
      const { driver } = yield* emulated
      const states = yield* driver.getQuotas(yield* idOf("lena"))
      assert.deepStrictEqual(
        shown(states).filter(([id]) => id?.startsWith("v")),
        [
          ["video-minutes", "600 min", "59.25 min", "540.75 min"],
          ["voice-clones-basic", "unlimited", "0", "undefined"],
          ["voice-clones-middle", "3", "5", "0"]
        ]
      )
      for (const { member, observedAt } of states) {
        assert.strictEqual(member, "lena")
        assert.strictEqual(DateTime.formatIso(observedAt), "2026-11-01T00:00:00.000Z")
      }
    })
  )

  it.effect("leaves out what is not told", () =>
    Effect.gen(function* () {
      const rows = { count: 1, assets: [{ user_id: "wei", quota: { modeling_count_2d_model: 10 } }] }
      const { driver } = yield* scriptedDriver([TestTransport.json(rows)])
      const [state, ...others] = yield* Stream.runCollect(driver.listQuotas)
      assert.lengthOf(others, 0)
      assert.strictEqual(String(state?.limit), "10")
      assert.isFalse(state !== undefined && ("used" in state || "available" in state))
    })
  )

  it.effect("gives the others where a sub-account is listed without any limit", () =>
    Effect.gen(function* () {
      const rows = TestTransport.json({
        count: 3,
        assets: [
          { user_id: "bare" },
          { user_id: "empty", quota: null, usage: { voice_clone_basic: 1 } },
          { user_id: "wei", quota: { modeling_count_2d_model: 10 } }
        ]
      })
      const { driver } = yield* scriptedDriver([rows, TestTransport.json({ users: [] }), rows, rows])
      const { lines, value: states } = yield* withLog(Stream.runCollect(driver.listQuotas))
      assert.deepStrictEqual(
        states.map(({ member }) => String(member)),
        ["wei"]
      )
      assert.deepStrictEqual(lines, [
        "Warn metastudio: no quota is listed of 2 sub-accounts of which MetaStudio reports no limit: bare, empty"
      ])
      const members = yield* Stream.runCollect(driver.listMembers)
      assert.deepStrictEqual(
        members.map(({ id, status }) => [String(id), status._tag]),
        [
          ["bare", "active"],
          ["empty", "active"],
          ["wei", "active"]
        ]
      )
      assert.deepStrictEqual(yield* driver.getQuotas(yield* idOf("bare")), [])
    })
  )

  it.effect("gives no sum where a sub-account is listed without any limit", () =>
    Effect.gen(function* () {
      const rows = TestTransport.json({
        count: 2,
        assets: [{ user_id: "bare" }, { user_id: "wei", quota: { modeling_count_2d_model: 10 } }]
      })
      const { driver } = yield* scriptedDriver([rows])
      const { reason } = yield* Stream.runCollect(driver.listQuotas).pipe(
        Effect.provideService(Complete, true),
        Effect.flip
      )
      assert.match(reason.message, /1 sub-account of which MetaStudio reports no limit: bare/)
    })
  )

  it.effect("lists all quotas", () =>
    Effect.gen(function* () {
      const { driver } = yield* emulated
      const states = yield* Stream.runCollect(driver.listQuotas)
      assert.deepStrictEqual(
        [...new Set(states.map(({ member }) => String(member)))],
        ["lena", "wei", "gone"]
      )
    })
  )

  it.effect("finds no quotas that are not there, also if the filter is ignored", () =>
    Effect.gen(function* () {
      const { driver } = yield* emulated
      const nobody = yield* idOf("nobody")
      const missing = yield* Effect.flip(driver.getQuotas(nobody))
      assert.strictEqual(missing.reason._tag, "NotFound")
      assert.include(missing.message, "members.invite")

      const page = (ids: ReadonlyArray<string>) =>
        TestTransport.json({
          count: 2,
          assets: ids.map((user_id) => ({ user_id, quota: { voice_clone_basic: 1 } }))
        })
      const { driver: unfiltered } = yield* scriptedDriver([
        page(["lena"]),
        page(["wei"]),
        page(["lena", "wei"])
      ])
      const states = yield* unfiltered.getQuotas(yield* idOf("wei"))
      assert.deepStrictEqual(
        states.map(({ member }) => String(member)),
        ["wei"]
      )
      assert.strictEqual((yield* Effect.flip(unfiltered.getQuotas(nobody))).reason._tag, "NotFound")
    })
  )

  it.effect("writes all limits of a member in one request", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulated
      if (driver.write._tag !== "Absolute") throw new Error("not absolute")
      const lena = yield* idOf("lena")
      const { requestId } = yield* driver.write.put(
        lena,
        new Map([
          ["video-minutes", Limit.unlimited],
          ["voice-clones-middle", Limit.finite(Quantity.count(7))]
        ])
      )
      assert.isString(requestId)
      const [written, ...others] = yield* emulator.writes
      assert.isDefined(written)
      assert.lengthOf(others, 0)
      const [sent] = (yield* emulator.requests).filter(({ operation }) => operation === "UpdateUserQuotas")
      assert.strictEqual(sent?.request.body, '{"quota":{"video_time_2d_model":-1,"voice_clone_middle":7}}')
      const strange = yield* Effect.flip(driver.write.put(lena, new Map([["allowance", Limit.unlimited]])))
      assert.deepInclude(strange.reason, { _tag: "InvalidRequest", field: "metric" })
    })
  )

  it.effect("takes for a member id what can be part of a path", () =>
    Effect.gen(function* () {
      const { driver } = yield* emulated
      assert.isTrue(Result.isSuccess(driver.memberId("8f061fa9fc75442e9d9f8a4626b03cce")))
      for (const text of ["", ".", "..", "a/b", "a\\b", " a", "a\n", "x".repeat(257)]) {
        assert.isTrue(Result.isFailure(driver.memberId(text)), JSON.stringify(text))
      }
    })
  )

  it.effect("refuses a listing with an id that is none", () =>
    Effect.gen(function* () {
      const rows = { count: 1, assets: [{ user_id: "../x", quota: {} }] }
      const { driver } = yield* scriptedDriver([TestTransport.json(rows)])
      const error = yield* Effect.flip(Stream.runCollect(driver.listQuotas))
      assert.strictEqual(error.reason._tag, "MalformedResponse")
    })
  )

  it.effect("says what it can do, and why not", () =>
    Effect.gen(function* () {
      const { driver } = yield* emulated
      assert.sameMembers(Object.keys(driver.capabilities), [...Capabilities.all])
      for (const { note, support } of Object.values(driver.capabilities)) {
        if (support !== "native") assert.isString(note)
      }
      const absent = [
        driver.cancelInvite,
        driver.rename,
        driver.refundQuotes,
        driver.orderSums,
        driver.listLog
      ]
      for (const part of absent) assert.isUndefined(part)
    })
  )
})

describe("the layer", () => {
  it.effect("provides the clients and the neutral services", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(MetaStudioEmulator.seedTime)
      const emulator = yield* MetaStudioEmulator.make({ users, iamUsers: people })
      const program = Effect.gen(function* () {
        const { identity } = yield* Account.Account
        assert.deepStrictEqual(identity, { provider: "metastudio", endpoint: origin, scope: projectId })
        assert.strictEqual((yield* MetaStudioClient.MetaStudioClient).projectId, projectId)
        assert.isFunction((yield* IamClient.IamClient).keystoneListUsers)
        assert.isFunction((yield* BssClient.BssClient).listCustomerOrders)
        assert.lengthOf(yield* Stream.runCollect((yield* Member.Member).list()), 6)
        const quotas = yield* (yield* Quota.Quota).get("lena")
        assert.include(
          quotas.map(({ metric }) => metric.id),
          "video-minutes"
        )
        const report = yield* (yield* Quota.Quota).change("lena", { "video-minutes": { set: "400 min" } })
        assert.deepStrictEqual(
          report.results.map(({ outcome }) => outcome._tag),
          ["Applied"]
        )
        const written = yield* emulator.user("lena")
        assert.strictEqual(written?.quota.video_time_2d_model, 400)
        assert.strictEqual(written?.quota.voice_clone_basic, -1)
        const period = { start: DateTime.makeUnsafe(0), end: DateTime.makeUnsafe(1) }
        const orders = (yield* Billing.Billing).orders({ member: "lena", period })
        const error = yield* Effect.flip(Stream.runCollect(orders))
        assert.deepInclude(error.reason, { _tag: "Unsupported", capability: "billing.orders-by-member" })
      })
      yield* program.pipe(
        Effect.provide(MetaStudio.layer(options)),
        Effect.provideService(Transport.Transport, emulator.transport),
        Effect.provideService(Journal.Journal, Journal.memory())
      )
    })
  )
})

describe("orderDetails", () => {
  it.effect("is the vendor's row, with its types", () =>
    Effect.gen(function* () {
      const { driver, emulator } = yield* emulated
      const period = { start: DateTime.makeUnsafe("2026-01-01"), end: DateTime.makeUnsafe("2026-11-01") }
      const orders = yield* Stream.runCollect(driver.listOrders?.({ period }) ?? Stream.empty)
      const known = new Map((yield* emulator.orders).map((order) => [order.orderId, order]))
      assert.isAbove(orders.length, 50)
      for (const order of orders) {
        const details = Option.getOrThrow(MetaStudio.orderDetails(order))
        assert.strictEqual(details.order_id, order.id)
        assert.strictEqual(
          String(Quantity.make(details.currency ?? "", details.amount_after_discount || "")),
          String(Quantity.cny(known.get(order.id)?.amount ?? ""))
        )
      }
    })
  )

  it("is none for what is no order of Huawei Cloud's", () => {
    const order = { id: "1", kind: "buy", status: "done", createdAt: DateTime.makeUnsafe(0) } as const
    for (const details of [{}, { OrderNo: "1" }, { order_id: "" }]) {
      assert.isTrue(Option.isNone(MetaStudio.orderDetails({ ...order, details })))
    }
  })
})
