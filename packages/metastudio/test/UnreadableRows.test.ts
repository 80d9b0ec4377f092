/**
 * One row that cannot be read fails that row alone, and nobody is taken for gone because of it.
 */
import { assert, describe, it } from "@effect/vitest"
import { MemberId } from "@cloud-quota/core/Member"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { Effect, Stream } from "effect"
import { scriptedDriver } from "./fixtures/accounts.ts"

const good = { user_id: "lena", quota: { voice_clone_basic: 5 } }
const odd = { user_id: "wei", quota: { voice_clone_basic: "many" } }
const wei = MemberId.make("wei")

interface World {
  readonly assets: ReadonlyArray<unknown>
  readonly users?: ReadonlyArray<unknown>
}

/** MetaStudio and IAM with these rows, whatever is asked of them. */
const driverOf = ({ assets, users = [] }: World) =>
  scriptedDriver(
    Array.from({ length: 20 }, () => ({ url }: TestTransport.SentRequest) => {
      const { pathname } = new URL(url)
      if (pathname.endsWith("/user/quotas")) return TestTransport.json({ count: assets.length, assets })
      if (pathname === "/v3/users") return TestTransport.json({ users })
      if (pathname.startsWith("/v3/users/")) return TestTransport.json({ error_code: "IAM.0004" }, 404)
      return TestTransport.json({ sub_account_control_config: { separately_controlled: true } })
    })
  )

/** The rows that came, and the error at the end. */
const readAll = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.gen(function* () {
    const rows: Array<A> = []
    const error = yield* Effect.flip(
      Stream.runForEach(stream, (row) => Effect.sync(() => void rows.push(row)))
    )
    return { rows, error }
  })

describe("a row that cannot be read", () => {
  it.effect("leaves the quotas of the others, and is named at the end", () =>
    Effect.gen(function* () {
      const { driver } = yield* driverOf({ assets: [odd, good] })
      const { error, rows } = yield* readAll(driver.listQuotas)
      assert.deepStrictEqual(
        rows.map(({ member }) => member as string),
        ["lena"]
      )
      assert.strictEqual(error.reason._tag, "MalformedResponse")
      assert.include(error.message, "assets[0]: quota.voice_clone_basic: expected a number")
      assert.notInclude(error.message, "many")
    })
  )

  it.effect("is not a member without quotas", () =>
    Effect.gen(function* () {
      const { driver } = yield* driverOf({ assets: [odd] })
      assert.strictEqual((yield* Effect.flip(driver.getQuotas(wei))).reason._tag, "MalformedResponse")
      const whole = yield* driverOf({ assets: [good] })
      assert.strictEqual((yield* Effect.flip(whole.driver.getQuotas(wei))).reason._tag, "NotFound")
    })
  )

  it.effect("is no member that is gone, and no candidate", () =>
    Effect.gen(function* () {
      const users = [
        { id: "lena", name: "Lena" },
        { id: "wei", name: "王伟" }
      ]
      const { driver } = yield* driverOf({ assets: [good, odd], users })
      const { error, rows } = yield* readAll(driver.listMembers ?? Stream.empty)
      assert.deepStrictEqual(
        rows.map(({ id, status }) => `${id} ${status._tag}`),
        ["lena active"]
      )
      assert.strictEqual(error.reason._tag, "MalformedResponse")
      const member = driver.getMember?.(wei) ?? Effect.die("not supported")
      assert.strictEqual((yield* Effect.flip(member)).reason._tag, "MalformedResponse")
    })
  )

  it.effect("of IAM is not a user that does not exist: nobody is invited then", () =>
    Effect.gen(function* () {
      const { driver, requests } = yield* driverOf({ assets: [good], users: [{ id: "wei" }] })
      const members = yield* readAll(driver.listMembers ?? Stream.empty)
      assert.lengthOf(members.rows, 1)
      assert.include(members.error.message, "users[0]: name: is missing")
      const invited = driver.invite?.([{ user: "wei" }]) ?? Effect.die("not supported")
      const error = yield* Effect.flip(invited)
      assert.strictEqual(error.reason._tag, "MalformedResponse")
      assert.isTrue(requests.every(({ method }) => method === "GET"))
    })
  )

  it.effect("leaves out no charge in silence, and no balance at all", () =>
    Effect.gen(function* () {
      const records = [
        { id: "1", amount: "1.5" },
        { id: "2", amount: "much" }
      ]
      const { driver } = yield* scriptedDriver([
        TestTransport.json({ total_count: 2, currency: "CNY", fee_records: records }),
        TestTransport.json({ currency: "CNY", account_balances: [{ amount: 1 }, { amount: "much" }] })
      ])
      const { error, rows } = yield* readAll(driver.listCosts?.({ month: "2026-10" }) ?? Stream.empty)
      assert.deepStrictEqual(
        rows.map(({ cost, details }) => [String(cost), details["id"]]),
        [["1.50 CNY", "1"]]
      )
      assert.include(error.message, "fee_records[1]: amount: ")
      const balance = yield* Effect.flip(driver.balance ?? Effect.die("not supported"))
      assert.strictEqual(balance.reason._tag, "MalformedResponse")
      assert.include(balance.message, "account_balances[1].amount: ")
    })
  )
})
