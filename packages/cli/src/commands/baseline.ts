/**
 * `cloud-quota baseline` and `verify`: accepts limits, and checks whether they are still as they were
 * settled.
 */
import type * as Changes from "@cloud-quota/core/Changes"
import type { QuotaState } from "@cloud-quota/core/Quota"
import * as Tables from "@cloud-quota/core/Tables"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Ask from "../Ask.ts"
import * as Consent from "../Consent.ts"
import { ExitCode } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Listing from "../Listing.ts"
import * as Names from "../Names.ts"
import * as Output from "../Output.ts"
import * as Session from "../Session.ts"

/**
 * Selects the chosen accounts whose clouds apply deltas: for the others a journal has no limits to compare.
 * If `--account` names one of those, the account itself reports it.
 */
const keepDeltaAccounts = Effect.fnUntraced(function* (session: Session.Session) {
  const fitting: Array<Session.Session["chosen"][number]> = []
  for (const configured of session.chosen) {
    const account = yield* Effect.result(Session.build(session, configured))
    const isFitting =
      Result.isFailure(account) || account.success.capabilities["quotas.adjust"].support === "native"
    if (session.isNamed || isFitting) fitting.push(configured)
    else yield* Effect.logInfo(`${configured.name}: skipped: does not apply to absolute limits`)
  }
  return { ...session, chosen: fitting }
})

const limits: Output.View<QuotaState> = {
  table: Tables.quotas,
  show: ["member", "name", "person", "metric", "limit", "available"],
  whole: ["metric"],
  spare: ["person", "metric", "name"],
  nothing: "no limits to accept"
}

const accepted: Output.View<Names.Named<Changes.Baselined>> = {
  table: {
    columns: Names.beside<Names.Named<Changes.Baselined>>("member", [
      { name: "member", kind: "text", value: ({ member }) => member },
      { name: "metric", kind: "text", value: ({ metric }) => metric },
      { name: "before", kind: "quantity", value: ({ before }) => before },
      { name: "limit", kind: "quantity", value: ({ limit }) => limit }
    ])
  },
  whole: ["metric"],
  spare: ["person", "metric", "name"],
  nothing: limits.nothing
}

export const baseline = Command.make(
  "baseline",
  {
    ...Flags.output,
    yes: Consent.yes,
    members: Argument.String("member").pipe(
      Argument.withDescription("Members by id, person or name; all if absent"),
      Argument.variadic()
    )
  },
  ({ members, yes, ...flags }) =>
    Listing.start(flags, (format, opened) =>
      Effect.gen(function* () {
        yield* Ask.possibly({ yes }, ", once somebody has looked at: cloud-quota quota list")
        const session = yield* keepDeltaAccounts(opened)
        if (members.length > 0) yield* Session.one(session)
        const whom = members.length === 0 ? undefined : members
        if (!yes) {
          // An account that cannot be read here would fail below, too.
          for (const { name } of session.chosen) {
            const one = Listing.ofAccounts(limits, { chosen: [] })
            const asked = {
              format: { _tag: "table", all: flags.all },
              zone: session.zone,
              to: "stderr"
            } as const
            const only = { ...session, chosen: session.chosen.filter((account) => account.name === name) }
            yield* Output.write(
              one,
              asked,
              Session.rows(only, (account) => now(account, whom))
            )
            if (only.tally.failures.length > 0) return yield* Session.giveUp(only)
            yield* Ask.confirm({ yes }, `Are these the limits that ${name} is meant to have?`)
          }
          session.tally.done = 0
        }
        yield* Listing.write(format, session, accepted, (account) =>
          Stream.fromIterableEffect(account.changes.baseline(whom)).pipe(
            Names.add(account, ({ member }) => member)
          )
        )
      })
    )
).pipe(
  Command.withDescription(
    "Accept the present limits: required before the first change, and after a change by somebody else"
  ),
  Command.withExamples([
    { command: "cloud-quota baseline -a gpu", description: "Shows all limits, and asks" },
    { command: "cloud-quota baseline 60001 -a gpu", description: "After a drift that was looked into" }
  ])
)

const now = (account: Session.AnAccount, members: ReadonlyArray<string> | undefined) =>
  (members === undefined
    ? account.quotas.list()
    : Stream.flatMap(Stream.fromIterable(members), (member) =>
        Stream.fromIterableEffect(account.quotas.get(member))
      )
  ).pipe(Names.add(account, ({ member }) => member))

const verified: Output.View<Names.Named<Changes.Verified>> = {
  table: {
    columns: Names.beside<Names.Named<Changes.Verified>>("member", [
      { name: "member", kind: "text", value: ({ member }) => member },
      { name: "metric", kind: "text", value: ({ metric }) => metric },
      { name: "settled", kind: "quantity", value: ({ settled }) => settled },
      { name: "observed", kind: "quantity", value: ({ observed }) => observed },
      { name: "verdict", kind: "text", value: ({ verdict }) => verdict }
    ])
  },
  whole: ["metric", "verdict"],
  spare: ["person", "metric", "name"],
  mark: ({ verdict }) =>
    (({ "as-settled": "good", drift: "bad", open: "doubtful", gone: "doubtful" }) as const)[verdict],
  nothing: "the journal has settled no limit yet, so there is nothing to compare with"
}

export const verify = Command.make("verify", Flags.output, (flags) =>
  Listing.start(flags, (format, opened) =>
    Effect.gen(function* () {
      const session = yield* keepDeltaAccounts(opened)
      yield* Listing.write(format, session, verified, (account) =>
        Stream.fromIterableEffect(account.changes.verify).pipe(
          Stream.tap(({ verdict }) =>
            Effect.sync(() => {
              if (verdict === "drift" || verdict === "open") session.tally.undecided = true
            })
          ),
          Names.add(account, ({ member }) => member)
        )
      )
    })
  )
).pipe(
  Command.withDescription(
    `Compare limits with what the journal has left them at. Ends with ${ExitCode.undecided} if one is another`
  ),
  Command.withExamples([{ command: "cloud-quota verify -a gpu --json" }])
)
