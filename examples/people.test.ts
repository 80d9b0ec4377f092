/**
 * The scripts about people, over both clouds.
 */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Period } from "@cloud-quota/core"
import { Effect, Stream } from "effect"
import { chargeback } from "./chargeback.ts"
import { clouds } from "./fixtures/clouds.ts"
import { offboard } from "./offboard.ts"
import { onboard } from "./onboard.ts"
import { overview } from "./overview.ts"

const october = Period.month("2026-10", { zone: "Asia/Shanghai" })

describe("onboard", () => {
  it.live("invites, and gives a quota where the cloud lets somebody in, also when it is run again", () =>
    Effect.gen(function* () {
      const { accounts, gpu, studio } = yield* clouds
      yield* Effect.gen(function* () {
        const cleo = {
          person: "cleo@example.com",
          users: { gpu: "50003", studio: "cleo" },
          quotas: { allowance: "150 CNY", "video-minutes": "60 min" }
        }
        const first = yield* onboard(cleo)
        assert.lengthOf(first, 3, first.join("\n"))
        assert.deepInclude((yield* studio.user("cleo"))?.quota, {
          video_time_2d_model: 60,
          voice_clone_basic: 0
        })
        assert.deepStrictEqual(yield* gpu.ledger, [])

        yield* gpu.acceptInvitation(50003)
        yield* onboard(cleo)
        const again = yield* onboard(cleo)
        const paid = (yield* gpu.ledger).map(({ amountFen }) => amountFen)
        assert.deepStrictEqual(paid, [15_000n], again.join("\n"))
      }).pipe(Effect.provide(accounts))
    })
  )
})

describe("offboard", () => {
  it.live("takes back what is left on every account", () =>
    Effect.gen(function* () {
      const { accounts, gpu, studio } = yield* clouds
      yield* Effect.gen(function* () {
        const left = yield* offboard("ada@example.com")
        assert.deepStrictEqual(
          left.map(({ account, leaving }) => [account, leaving.map(({ complete }) => complete)]),
          [
            ["gpu", [true]],
            ["studio", [true]]
          ]
        )
        const { members } = yield* gpu.state
        assert.deepStrictEqual(
          members.map(({ availableFen }) => availableFen),
          [0n, 20_000n]
        )
        assert.deepInclude((yield* studio.user("ada"))?.quota, {
          video_time_2d_model: 40,
          voice_clone_basic: 0
        })
        const again = yield* offboard("ada@example.com")
        assert.isTrue(again.every(({ leaving }) => leaving.every(({ complete }) => complete)))
        assert.lengthOf(yield* gpu.ledger, 1)
      }).pipe(Effect.provide(accounts))
    })
  )
})

describe("chargeback", () => {
  it.live("has the orders of a month for each person, and those of nobody in a row of their own", () =>
    Effect.gen(function* () {
      const { accounts } = yield* clouds
      const text = yield* Stream.mkString(chargeback(october)).pipe(Effect.provide(accounts))
      const [header, ...rows] = text.trimEnd().split("\r\n")
      assert.strictEqual(header, "account,person,orders,paid,paid_unit")
      assert.deepStrictEqual(rows.slice(0, 2), ["gpu,ada@example.com,2,13.00,CNY", "gpu,60002,1,5.00,CNY"])
      assert.match(rows[2] ?? "", /^studio,,\d+,-?[\d.]+,CNY$/)
      assert.lengthOf(rows, 3)
    })
  )
})

describe("overview", () => {
  it.live("is unsupported only where the table of capabilities says so", () =>
    Effect.gen(function* () {
      const { accounts } = yield* clouds
      yield* Effect.gen(function* () {
        const seen = yield* overview(october)
        const lacking = seen.filter(({ rows }) => rows === "unsupported")
        const gpu = yield* (yield* Accounts.Accounts).get("gpu")
        assert.strictEqual(gpu.capabilities["billing.entitlements"].support, "unsupported")
        assert.deepStrictEqual(
          lacking.map(({ account, listing }) => `${account} ${listing}`),
          ["gpu entitlements"]
        )
        for (const { account, listing, rows } of seen) {
          // A journal that is new has no history, and MetaStudio keeps no log.
          if (rows !== "unsupported" && listing !== "history")
            assert.isAbove(rows, 0, `${account} ${listing}`)
        }
      }).pipe(Effect.provide(accounts))
    })
  )
})
