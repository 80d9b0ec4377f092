/** `cloud-quota history`: all changes of a period. */
import type { HistoryEntry } from "@cloud-quota/core/History"
import * as Tables from "@cloud-quota/core/Tables"
import * as Command from "effect/cli/Command"
import * as Option from "effect/Option"
import * as Flags from "../Flags.ts"
import * as Listing from "../Listing.ts"
import type * as Output from "../Output.ts"

const view: Output.View<HistoryEntry> = {
  table: Tables.history,
  show: ["at", "kind", "outcome", "member", "person", "metric", "delta", "run", "source", "text", "note"],
  whole: ["kind", "outcome", "metric", "source"],
  spare: ["note", "source", "metric", "person", "run"],
  mark: ({ outcome }) => {
    if (outcome === "succeeded") return undefined
    return outcome === "failed" ? "bad" : "doubtful"
  },
  nothing: "nothing happened in this period"
}

export const command = Command.make(
  "history",
  { ...Flags.output, period: Flags.period, zone: Flags.zone, member: Flags.member },
  ({ member, ...flags }) =>
    Listing.inPeriod(flags, view, ({ history }, period) =>
      history.list({ period, ...(Option.isSome(member) ? { member: member.value } : {}) })
    )
).pipe(
  Command.withDescription("List who changed what in a period: the provider's log, joined with the journal"),
  Command.withExamples([
    { command: "cloud-quota history --period 30d" },
    { command: "cloud-quota history --period 2026-11 --member ada@example.com --json" }
  ])
)
