/**
 * The journal as lines, for whoever keeps records elsewhere.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import { MemberId } from "@cloud-quota/core/Member"
import * as Quantity from "@cloud-quota/core/Quantity"

describe("exportLines", () => {
  it.effect("gives every intent and every step, with amounts that lose no digit", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const journal = Journal.memory()
        const hold = yield* journal.hold("account-a")
        const intents = yield* hold.insert([
          {
            run: "topup",
            member: MemberId.make("m-1"),
            metric: "allowance",
            attempt: 1,
            request: "adjust 0.01 CNY",
            before: { limit: Limit.finite(Quantity.cny("90071992547409.92")) },
            after: Limit.finite(Quantity.cny("90071992547409.93")),
            delta: Quantity.cny("0.01")
          }
        ])
        const id = intents?.[0]?.id ?? ""
        yield* hold.advance({ id, from: "prepared", to: "sending", fenced: true })
        yield* journal.hold("account-b").pipe(Effect.scoped)

        const lines = yield* Stream.runCollect(Journal.exportLines(journal, { account: "account-a" }))
        const rows = lines.map((line): Record<string, unknown> => JSON.parse(line))
        assert.deepStrictEqual(
          rows.map(({ kind, from, state, to }) => [kind, from, to ?? state]),
          [
            ["intent", undefined, "sending"],
            ["step", undefined, "prepared"],
            ["step", "prepared", "sending"]
          ]
        )
        assert.deepInclude(rows[0], {
          before: { limit: { unit: "CNY", amount: "90071992547409.92" }, unlimited: false },
          after: { unit: "CNY", amount: "90071992547409.93" },
          afterUnlimited: false
        })
        assert.deepStrictEqual(
          yield* Stream.runCollect(Journal.exportLines(journal, { account: "account-b" })),
          []
        )
      })
    )
  )
})
