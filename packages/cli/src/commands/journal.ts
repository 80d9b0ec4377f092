/** `cloud-quota journal`: intended, sent and settled changes. Reading never creates a journal. */
import * as Journal from "@cloud-quota/core/Journal"
import * as Tables from "@cloud-quota/core/Tables"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Failed } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as JournalOf from "../JournalOf.ts"
import * as Listing from "../Listing.ts"
import * as Output from "../Output.ts"
import * as Session from "../Session.ts"

/** An intent, with the names of its account and its member. */
type Row = Journal.Intent & { readonly accountName: string; readonly person?: string }

const view: Output.View<Row> = {
  table: {
    columns: [
      { name: "account", kind: "text", value: ({ accountName }) => accountName },
      ...Tables.intents.columns,
      { name: "person", kind: "text", value: ({ person }) => person }
    ]
  },
  show: ["createdAt", "account", "id", "run", "member", "person", "metric", "delta", "state", "detail"],
  whole: ["id", "state", "metric"],
  spare: ["detail", "person", "metric", "createdAt", "account"],
  mark: ({ state }) => {
    if (state === "conflict") return "bad"
    return state === "prepared" || state === "sending" ? "doubtful" : undefined
  },
  nothing: "nothing of the kind is in the journal"
}

/** Returns the intents of the chosen accounts, each with its names. */
const rowsOf = (session: Session.Session, { journal, keys, nameOf }: JournalOf.Reading) => {
  const { people } = session.configuration
  return (filter: Journal.IntentFilter) =>
    journal.intents(filter).pipe(
      Stream.filter(({ account }) => keys === undefined || keys.includes(account)),
      Stream.mapEffect((intent) =>
        Effect.map(people.personOf(intent.member, nameOf(intent.account)), (person): Row => {
          const accountName = nameOf(intent.account)
          return { ...intent, accountName, ...(person === undefined ? {} : { person }) }
        })
      )
    )
}

const list = Command.make(
  "list",
  {
    ...Flags.output,
    run: Flag.String("run").pipe(
      Flag.withMetavar("RUN"),
      Flag.withDescription("Only changes of this run"),
      Flag.optional
    ),
    member: Flags.member,
    state: Flags.words(
      "state",
      Journal.State.literals,
      "Only changes that stand so; may be given several times"
    )
  },
  ({ member, run, state, ...flags }) =>
    Listing.start(flags, (format, session) =>
      Effect.gen(function* () {
        const rows = rowsOf(session, yield* JournalOf.open(session))
        const who = Option.getOrUndefined(member)?.toLowerCase()
        const isMeant = (row: Row) =>
          who === undefined || row.member.toLowerCase() === who || row.person?.toLowerCase() === who
        const filter = {
          ...(Option.isSome(run) ? { run: run.value } : {}),
          ...(state.length > 0 ? { states: state } : {})
        }
        yield* Output.write(view, { format, zone: session.zone }, Stream.filter(rows(filter), isMeant))
      })
    )
).pipe(
  Command.withDescription("List changes as the journal has them, oldest first"),
  Command.withExamples([
    { command: "cloud-quota journal list --run topup/2026-12" },
    { command: "cloud-quota journal list --state conflict --state sending", description: "What is open" }
  ])
)

const steps: Output.View<Journal.Event> = {
  table: {
    columns: [
      { name: "at", kind: "time", value: ({ at }) => DateTime.makeUnsafe(at) },
      { name: "from", kind: "text", value: ({ from }) => from },
      { name: "to", kind: "text", value: ({ to }) => to },
      { name: "evidence", kind: "text", value: ({ evidence }) => evidence },
      { name: "detail", kind: "text", value: ({ detail }) => detail },
      { name: "owner", kind: "text", value: ({ owner }) => owner }
    ]
  },
  whole: ["from", "to", "evidence"],
  spare: ["owner", "evidence"],
  nothing: "no steps were taken"
}

const show = Command.make(
  "show",
  {
    ...Flags.output,
    id: Argument.String("id").pipe(Argument.withDescription("The id of a change, as journal list shows it"))
  },
  ({ id, ...flags }) =>
    Listing.start(flags, (format, session) =>
      Effect.gen(function* () {
        const reading = yield* JournalOf.open(session)
        const rows = Stream.filter(rowsOf(session, reading)({}), (row) => row.id === id)
        const intent = yield* Stream.runHead(rows)
        if (Option.isNone(intent)) {
          return yield* new Failed({
            message: `there is no change ${JSON.stringify(id)} in this journal`,
            next: "cloud-quota journal list"
          })
        }
        const { account, attempt, detail, request, run, state } = intent.value
        const about = `${request}, run ${run}, attempt ${attempt}: ${state}`
        yield* Effect.logInfo(
          `${intent.value.accountName}: ${about}${detail === undefined ? "" : ` (${detail})`}`
        )
        const events = Stream.filter(reading.journal.events({ account }), (event) => event.intent === id)
        yield* Output.write(steps, { format, zone: session.zone }, events)
      })
    )
).pipe(
  Command.withDescription("Show every step of one change: the audit log"),
  Command.withExamples([{ command: "cloud-quota journal show 7f3c… --json" }])
)

const all = Command.make("export", {}, () =>
  Effect.gen(function* () {
    const session = yield* Session.open
    const { journal, keys } = yield* JournalOf.open(session)
    const lines =
      keys === undefined
        ? Journal.exportLines(journal)
        : Stream.flatMap(Stream.fromIterable(keys), (account) => Journal.exportLines(journal, { account }))
    yield* Output.writeText(Stream.map(lines, (line) => `${line}\n`))
  }).pipe(Effect.scoped)
).pipe(
  Command.withDescription(
    "Write everything that the journal has as NDJSON: a line for each change and each step"
  ),
  Command.withExamples([{ command: "cloud-quota journal export > journal.ndjson" }])
)

export const command = Command.make("journal").pipe(
  Command.withDescription("Read the journal: what was intended, sent and settled"),
  Command.withSubcommands([list, show, all])
)
