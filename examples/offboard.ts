/**
 * Somebody leaves: on every account, whatever they have left is taken back, and what could not be taken
 * back is said. Killed half-way? Run it again.
 */
import { Accounts } from "@cloud-quota/core"
import { Effect, Stream } from "effect"

/** Finds the person by id, name, e-mail address or the mapping of people. One result for each account. */
export const offboard = Effect.fn("offboard")(function* (who: string) {
  const accounts = yield* Accounts.Accounts
  return yield* Effect.forEach(accounts.all, ({ members, name }) =>
    members.search(who).pipe(
      Stream.filter(({ status }) => status._tag === "active"),
      Stream.mapEffect((member) => members.offboard(member, { run: `offboard/${member.id}` })),
      Stream.runCollect,
      Effect.map((leaving) => ({ account: name, leaving }))
    )
  )
})
