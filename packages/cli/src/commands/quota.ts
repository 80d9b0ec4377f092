/** `cloud-quota quota`: the limit, the used and the available amount of each member. */
import * as Quota from "@cloud-quota/core/Quota"
import * as Tables from "@cloud-quota/core/Tables"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import { ExitCode, exit } from "../Failure.ts"
import * as Listing from "../Listing.ts"
import * as Session from "../Session.ts"
import type * as Output from "../Output.ts"
import * as Change from "./quotaChange.ts"

const view: Output.View<Quota.QuotaState> = {
  table: Tables.quotas,
  show: ["member", "name", "person", "metric", "limit", "used", "available"],
  whole: ["metric"],
  spare: ["person", "name", "used", "available"],
  share: (state) => (state.limit._tag === "Unlimited" ? undefined : Quota.share(state)),
  nothing: "no quotas"
}

const statuses = ["active", "invited", "candidate", "disabled", "rejected", "canceled", "unknown"] as const

const threshold = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

const metric = Flag.String("metric").pipe(
  Flag.withMetavar("METRIC"),
  Flag.withDescription("Only this metric, as allowance or video-minutes: cloud-quota metrics lists them"),
  Flag.optional
)

const list = Command.make(
  "list",
  {
    ...Flags.output,
    metric,
    above: threshold("above", "PERCENT", "Ceilings with more than this share used, as 80%"),
    below: threshold("below", "AMOUNT", 'Balances with less than this available, as "100 CNY"'),
    status: Flag.Literals("status", statuses).pipe(
      Flag.withMetavar("STATUS"),
      Flag.withDescription("Only members with this status, as active"),
      Flag.optional
    ),
    member: Flag.String("member").pipe(
      Flag.withMetavar("MEMBER"),
      Flag.withDescription("Only this member, by id, person or name; may be given several times"),
      Flag.atLeast(0)
    ),
    sort: Flag.Literals("sort", Quota.sortKeys).pipe(
      Flag.withMetavar("COLUMN"),
      Flag.withDescription("Lowest first; of share the highest"),
      Flag.optional
    ),
    limit: Flag.Int("limit").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("At most so many rows, after sorting"),
      Flag.optional
    ),
    exitCode: Flag.Boolean("exit-code").pipe(
      Flag.withDescription(`End with ${ExitCode.matched} if there is any row, so that cron can alert`),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  ({ above, below, exitCode, limit, member, metric, sort, status, ...flags }) =>
    Listing.start(flags, (format, session) =>
      Effect.gen(function* () {
        const filter = Flags.given({ above, below, metric, status })
        const arranged = Flags.given({ limit, sort })
        let count = 0
        const rows = Session.rows(session, ({ quotas }) =>
          quotas.list({ ...filter, ...arranged, ...(member.length > 0 && { member }) })
        )
        yield* Listing.writeRows(
          format,
          session,
          view,
          Stream.tap(Quota.arrange(rows, arranged), () => Effect.sync(() => void count++))
        )
        if (exitCode && count > 0) yield* exit(ExitCode.matched)
      })
    )
).pipe(
  Command.withDescription("List the quotas of all members"),
  Command.withExamples([
    { command: "cloud-quota quota list", description: "Who may use how much, on every cloud" },
    {
      command: 'cloud-quota quota list --above 80% --below "100 CNY" --sort available --limit 20',
      description: "Who is low"
    },
    { command: "cloud-quota quota list -a gpu --metric allowance --csv > quotas.csv" }
  ])
)

const get = Command.make(
  "get",
  {
    ...Flags.output,
    member: Argument.String("member").pipe(Argument.withDescription("An id, a person or a name"))
  },
  ({ member, ...format }) =>
    Listing.seek(format, view, (account) => Stream.fromIterableEffect(account.quotas.get(member)))
).pipe(
  Command.withDescription("Show the quotas of one member"),
  Command.withExamples([
    {
      command: "cloud-quota quota get ada@example.com",
      description: "On every account where she is a member"
    },
    { command: "cloud-quota quota get 60001 -a gpu --json" }
  ])
)

export const command = Command.make("quota").pipe(
  Command.withDescription("Show how much members may use, have used and have left; and change it"),
  Command.withSubcommands([list, get, Change.set, Change.topup, Change.adjust, Change.reclaim])
)
