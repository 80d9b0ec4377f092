/**
 * What everybody ordered in a month, on every account, as CSV: one row for each account, person and
 * currency. Orders that the provider does not tell the member of are a row of their own.
 */
import { Accounts, Export, type Period, Quantity } from "@cloud-quota/core"
import { Effect, Stream } from "effect"

interface Row {
  readonly account: string
  readonly person: string | undefined
  readonly orders: number
  readonly paid: Quantity.Quantity
}

const table: Export.Table<Row> = {
  columns: [
    { name: "account", kind: "text", value: ({ account }) => account },
    { name: "person", kind: "text", value: ({ person }) => person },
    { name: "orders", kind: "integer", value: ({ orders }) => orders },
    { name: "paid", kind: "quantity", value: ({ paid }) => paid }
  ]
}

/** The text of the file, in pieces. */
export const chargeback = (period: Period.Input) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const rows = new Map<string, Row>()
      for (const { billing, capabilities, name } of (yield* Accounts.Accounts).all) {
        if (capabilities["billing.orders"].support === "unsupported") continue
        yield* Stream.runForEach(billing.orders({ period, statuses: ["done"] }), ({ member, paid, person }) =>
          Effect.sync(() => {
            if (paid === undefined) return
            const who = person ?? member
            const key = JSON.stringify([name, who, paid.unit])
            const { orders, paid: before } = rows.get(key) ?? { orders: 0, paid: Quantity.zero(paid.unit) }
            const row = { account: name, person: who, orders: orders + 1, paid: Quantity.sum(before, paid) }
            rows.set(key, row)
          })
        )
      }
      return Export.csv(table)(Stream.fromIterable(rows.values()))
    })
  )
