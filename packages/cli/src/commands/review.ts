/** `cloud-quota review`, `settle` and `resolve`: lists open changes, and closes them. */
import type * as Journal from "@cloud-quota/core/Journal"
import type * as Review from "@cloud-quota/core/Review"
import { visible } from "@cloud-quota/core/SafeText"
import * as Tables from "@cloud-quota/core/Tables"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Ask from "../Ask.ts"
import * as Changing from "../Changing.ts"
import * as Consent from "../Consent.ts"
import { ExitCode, Failed } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Listing from "../Listing.ts"
import * as Output from "../Output.ts"
import * as Session from "../Session.ts"

const open: Output.View<Review.Open> = {
  table: {
    columns: [
      { name: "kind", kind: "text", value: ({ kind }) => kind },
      { name: "change", kind: "text", value: ({ change }) => change },
      { name: "member", kind: "text", value: ({ member }) => member },
      { name: "person", kind: "text", value: ({ person }) => person },
      { name: "metric", kind: "text", value: ({ metric }) => metric },
      { name: "delta", kind: "quantity", value: ({ delta }) => delta },
      { name: "run", kind: "text", value: ({ run }) => run },
      { name: "since", kind: "time", value: ({ since }) => since },
      { name: "message", kind: "text", value: ({ message }) => message },
      { name: "next", kind: "text", value: (row) => nextOf(row) }
    ]
  },
  show: ["kind", "member", "person", "metric", "delta", "run", "since"],
  whole: ["kind"],
  spare: ["since", "person", "metric"],
  mark: ({ kind }) => (kind === "conflict" || kind === "drift" ? "bad" : "doubtful"),
  nothing:
    "nothing is open: no change waits for anything, and each limit that the journal knows is as it was left"
}

/** Returns the next step with this command. */
const nextOf = ({ account, change, kind, member }: Review.Open): string => {
  switch (kind) {
    case "conflict":
      return `cloud-quota resolve ${change} applied|not-applied --note TEXT -a ${account}`
    case "unsettled":
      return `cloud-quota settle -a ${account}`
    case "drift":
      return `cloud-quota baseline ${member} -a ${account}`
    case "unchecked":
      return `cloud-quota review -a ${account}`
  }
}

export const review = Command.make("review", Flags.output, (flags) =>
  Listing.start(flags, (format, session) => {
    const rows: Array<Review.Open> = []
    return Listing.write(format, session, open, (account) =>
      account.changes.review.pipe(
        Stream.tap((row) =>
          Effect.sync(() => {
            session.tally.undecided = true
            rows.push(row)
          })
        )
      )
    ).pipe(
      Effect.onExit(() =>
        format._tag === "table" ? Effect.forEach(rows.slice(0, most), explain) : Effect.void
      )
    )
  })
).pipe(
  Command.withDescription(
    `List what needs a person, or time, on all accounts. Ends with ${ExitCode.undecided} if there is anything`
  ),
  Command.withExamples([
    { command: "cloud-quota review", description: "Each with what there is, and what to do about it" },
    { command: "cloud-quota review --json", description: "For a job that looks every morning" }
  ])
)

/** Upper bound on explanations for people. */
const most = 20

const explain = (row: Review.Open) => Effect.logInfo(`\n${visible(row.message)}\n  next: ${nextOf(row)}`)

const intents: Output.View<Journal.Intent> = {
  table: Tables.intents,
  show: ["id", "run", "member", "metric", "delta", "state", "evidence"],
  whole: ["id", "state", "metric"],
  spare: ["evidence", "run", "metric"],
  mark: ({ state }) => {
    if (state === "conflict") return "bad"
    return state === "applied" ? "good" : state === "sending" ? "doubtful" : undefined
  },
  nothing: "nothing was left open"
}

export const settle = Command.make("settle", Flags.output, (flags) =>
  Listing.start(flags, (format, session) =>
    Effect.gen(function* () {
      const view = Listing.ofAccounts(intents, session)
      const rows = Session.rows(session, (account) => Stream.fromIterableEffect(settled(session, account)))
      // Changes that only a person can decide stay open, and were reported.
      const isKnown = () => !session.tally.undecided
      yield* Output.write(view, { format, zone: session.zone, isKnown }, rows)
      yield* Session.end(session)
    })
  )
).pipe(
  Command.withDescription("Find out what became of changes whose answers were lost. It sends no change"),
  Command.withExamples([{ command: "cloud-quota settle", description: "Waits as long as it takes" }])
)

/** Settles the open changes of one account, and notes whether any is still open. */
const settled = Effect.fnUntraced(function* ({ tally }: Session.Session, account: Session.AnAccount) {
  const { changes, name } = account
  const pending = yield* changes.pending
  yield* toBeDecided(name, pending)
  if (pending.every(isConflict)) {
    tally.undecided ||= pending.length > 0
    return []
  }
  const ended = yield* Changing.carryOut({ label: name }, (onEvent) => changes.recover({ onEvent }))
  if (ended._tag === "Stopped") {
    tally.undecided = true
    yield* Effect.logWarning(
      `${name}: stopped, so what is open stays open\n  next: cloud-quota settle -a ${name}`
    )
    return []
  }
  yield* toBeDecided(name, ended.value)
  tally.undecided ||= [...pending.filter(isConflict), ...ended.value].some(isOpen)
  return ended.value
})

const isConflict = ({ state }: Journal.Intent): boolean => state === "conflict"
const isOpen = (intent: Journal.Intent): boolean => intent.state === "sending" || isConflict(intent)

const toBeDecided = (name: string, intents: ReadonlyArray<Journal.Intent>): Effect.Effect<void> => {
  const conflicts = intents.filter(isConflict).length
  return conflicts === 0
    ? Effect.void
    : Effect.logWarning(`${name}: ${conflicts} to be decided\n  next: cloud-quota review -a ${name}`)
}

export const resolve = Command.make(
  "resolve",
  {
    ...Flags.output,
    yes: Consent.yes,
    id: Argument.String("id").pipe(Argument.withDescription("The id of the change, as review shows it")),
    as: Argument.Literals("outcome", ["applied", "not-applied"]).pipe(
      Argument.withDescription("Whether the change took place")
    ),
    note: Flag.String("note").pipe(
      Flag.withMetavar("TEXT"),
      Flag.withDescription("How it was decided: stays in the audit log. Asked for if left out"),
      Flag.optional
    )
  },
  ({ as, id, note, yes, ...flags }) =>
    Listing.start(flags, (format, session) =>
      Effect.gen(function* () {
        yield* Ask.possibly({ yes: yes && Option.isSome(note) }, ", and --note")
        const { account, intent } = yield* conflictOf(session, id)
        const { after, before, delta, detail, member, metric, request, run } = intent
        const what = delta === undefined ? `${before.limit} -> ${after}` : `${delta}`
        yield* Effect.logInfo(
          `${account.name}: ${request} for ${metric} of ${member} (${what}, run ${run})${detail === undefined ? "" : `\n  ${detail}`}`
        )
        const words = Option.isSome(note)
          ? note.value
          : yield* Effect.scoped(Effect.flatMap(Ask.open, (ask) => ask("How was that decided?")))
        yield* Ask.confirm({ yes }, `Note that it ${as === "applied" ? "took place" : "did not take place"}?`)
        const resolved = yield* account.changes.resolve(id, as, words)
        yield* Output.write(intents, { format, zone: session.zone }, Stream.succeed(resolved))
      })
    )
).pipe(
  Command.withDescription("Decide about a change whose outcome cannot be told otherwise"),
  Command.withExamples([
    {
      command: 'cloud-quota resolve 7f3c… applied --note "seen in the console" -a gpu',
      description: "The limit as it is now becomes the one from which later changes are told"
    }
  ])
)

/** Finds the conflict with this id on any of the accounts. */
const conflictOf = Effect.fnUntraced(function* (session: Session.Session, id: string) {
  for (const configured of session.chosen) {
    const account = yield* Session.build(session, configured)
    const intent = (yield* account.changes.pending).find((one) => one.id === id && one.state === "conflict")
    if (intent !== undefined) return { account, intent }
  }
  const message = `no change ${JSON.stringify(id)} waits for a decision`
  return yield* new Failed({ message, next: "cloud-quota review" })
})
