/** `cloud-quota members`: the members of the accounts. */
import type { MemberInfo } from "@cloud-quota/core/Member"
import * as Tables from "@cloud-quota/core/Tables"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Listing from "../Listing.ts"
import type * as Output from "../Output.ts"
import * as Change from "./membersChange.ts"
import * as Offboard from "./offboard.ts"

const view: Output.View<MemberInfo> = {
  table: Tables.members,
  show: ["id", "user", "name", "email", "person", "status", "rawStatus"],
  whole: ["status", "rawStatus"],
  spare: ["user", "email", "person"],
  mark: ({ status }) => (status._tag === "active" ? undefined : "doubtful"),
  nothing: "no members"
}

const statuses = ["active", "invited", "rejected", "canceled", "candidate", "disabled", "unknown"] as const

const list = Command.make(
  "list",
  {
    ...Flags.output,
    status: Flag.Literals("status", statuses).pipe(
      Flag.withMetavar("WORD"),
      Flag.withDescription("Only members of this status"),
      Flag.optional
    )
  },
  ({ status, ...flags }) =>
    Listing.run(flags, view, (account) =>
      account.members.list(Option.isSome(status) ? { status: status.value } : {})
    )
).pipe(
  Command.withDescription("List members: those who take part, who are invited, and users without a quota"),
  Command.withExamples([
    { command: "cloud-quota members list --status active" },
    { command: "cloud-quota members list -a gpu --csv --bom > members.csv", description: "For Excel" }
  ])
)

const show = Command.make(
  "show",
  {
    ...Flags.output,
    member: Argument.String("member").pipe(Argument.withDescription("An id, a person or a name"))
  },
  ({ member, ...flags }) =>
    Listing.seek(flags, view, (account) => Stream.fromEffect(account.members.get(member)))
).pipe(
  Command.withDescription("Show one member"),
  Command.withExamples([{ command: "cloud-quota members show ada@example.com --json" }])
)

const find = Command.make(
  "find",
  {
    ...Flags.output,
    text: Argument.String("text").pipe(
      Argument.withDescription("An id, a name, an e-mail address, a person, or a part of a name")
    )
  },
  ({ text, ...flags }) =>
    Listing.run(flags, { ...view, nothing: `nobody is found by ${JSON.stringify(text)}` }, (account) =>
      account.members.search(text)
    )
).pipe(
  Command.withDescription("Find members on all accounts"),
  Command.withExamples([
    { command: "cloud-quota members find 张", description: "Everybody with this in the name" }
  ])
)

export const command = Command.make("members").pipe(
  Command.withDescription("Show who is there; invite, rename, remove and offboard members"),
  Command.withSubcommands([
    list,
    show,
    find,
    Change.invite,
    Change.cancelInvite,
    Change.rename,
    Change.remove,
    Offboard.offboard
  ])
)
