/**
 * Everything there is to see of every account: members, orders, entitlements, balance and history. What a
 * cloud has nothing of is `unsupported`, as its table of capabilities says.
 */
import { Accounts, type Capabilities, type Period } from "@cloud-quota/core"
import { Effect, Stream } from "effect"

/** One listing of one account: how many rows it has, and the first of them. */
export interface Overview {
  readonly account: string
  readonly listing: string
  readonly rows: number | "unsupported"
  readonly first?: unknown
}

/** Gives one entry for each account and listing. */
export const overview = Effect.fn("overview")(function* (period: Period.Input) {
  const accounts = yield* Accounts.Accounts
  return yield* Effect.forEach(accounts.all, ({ billing, capabilities, history, members, name }) => {
    const listings: ReadonlyArray<
      readonly [string, Capabilities.Capability, Stream.Stream<unknown, unknown>]
    > = [
      ["members", "members.list", members.list()],
      ["orders", "billing.orders", billing.orders({ period })],
      ["entitlements", "billing.entitlements", billing.entitlements],
      ["balance", "billing.balance", Stream.fromEffect(billing.balance)],
      ["history", "history.provider-log", history.list({ period })]
    ]
    return Effect.forEach(listings, ([listing, capability, rows]) =>
      Stream.runCollect(rows).pipe(
        Effect.map((all): Overview => ({ account: name, listing, rows: all.length, first: all[0] })),
        Effect.catch((error) =>
          capabilities[capability].support === "unsupported"
            ? Effect.succeed<Overview>({ account: name, listing, rows: "unsupported" })
            : Effect.fail(error)
        )
      )
    )
  }).pipe(Effect.map((lists) => lists.flat()))
})
