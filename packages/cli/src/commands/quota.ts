/** `cloud-quota quota`: the limit, the used and the available amount of each member. */
import * as Quota from "@cloud-quota/core/Quota"
import * as Tables from "@cloud-quota/core/Tables"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Listing from "../Listing.ts"
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

const metric = Flag.String("metric").pipe(
  Flag.withMetavar("METRIC"),
  Flag.withDescription("Only this metric, as allowance or video-minutes: cloud-quota metrics lists them"),
  Flag.optional
)

const list = Command.make("list", { ...Flags.output, metric }, ({ metric, ...format }) =>
  Listing.run(format, view, (account) =>
    account.quotas.list(Option.isSome(metric) ? { metric: metric.value } : {})
  )
).pipe(
  Command.withDescription("List the quotas of all members"),
  Command.withExamples([
    { command: "cloud-quota quota list", description: "Who may use how much, on every cloud" },
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
