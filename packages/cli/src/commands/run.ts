/** `cloud-quota run`: the runs of a journal, and how far each has come. Reading never creates a journal. */
import type * as Journal from "@cloud-quota/core/Journal"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Failed } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as JournalOf from "../JournalOf.ts"
import * as Listing from "../Listing.ts"
import * as Output from "../Output.ts"
import type * as Session from "../Session.ts"

/** One run on one account. Of each member and metric, the last attempt counts. */
interface Run {
  readonly account: string
  readonly run: string
  readonly changes: number
  readonly done: number
  /** Not settled, or to be decided. */
  readonly open: number
  readonly startedAt: number
  readonly changedAt: number
}

const done: ReadonlySet<Journal.State> = new Set(["applied", "resolved-applied", "no-change"])
const open: ReadonlySet<Journal.State> = new Set(["prepared", "sending", "conflict"])

const view: Output.View<Run> = {
  table: {
    columns: [
      { name: "account", kind: "text", value: ({ account }) => account },
      { name: "run", kind: "text", value: ({ run }) => run },
      { name: "changes", kind: "integer", value: ({ changes }) => changes },
      { name: "done", kind: "integer", value: (run) => run.done },
      { name: "open", kind: "integer", value: (run) => run.open },
      { name: "startedAt", kind: "time", value: ({ startedAt }) => DateTime.makeUnsafe(startedAt) },
      { name: "changedAt", kind: "time", value: ({ changedAt }) => DateTime.makeUnsafe(changedAt) }
    ]
  },
  whole: ["run"],
  spare: ["startedAt", "changedAt", "account"],
  mark: (run) => (run.open > 0 ? "bad" : run.done < run.changes ? "doubtful" : undefined),
  nothing: "no runs in the journal"
}

/** Sums up the intents of one run on one account. */
const toRun = (account: string, run: string, last: ReadonlyArray<Journal.Intent>): Run => ({
  account,
  run,
  changes: last.length,
  done: last.filter(({ state }) => done.has(state)).length,
  open: last.filter(({ state }) => open.has(state)).length,
  startedAt: Math.min(...last.map(({ createdAt }) => createdAt)),
  changedAt: Math.max(...last.map(({ updatedAt }) => updatedAt))
})

/** Returns the runs, in the order in which they began. */
const runsOf = Effect.fnUntraced(function* (session: Session.Session) {
  const { journal, keys, nameOf } = yield* JournalOf.open(session)
  const runs = new Map<string, Map<string, Journal.Intent>>()
  yield* Stream.runForEach(journal.intents(), (intent) =>
    Effect.sync(() => {
      const { account, member, metric, run } = intent
      if (keys !== undefined && !keys.includes(account)) return
      const key = JSON.stringify([account, run])
      const attempts = runs.get(key) ?? new Map<string, Journal.Intent>()
      runs.set(key, attempts.set(JSON.stringify([member, metric]), intent))
    })
  )
  return Array.from(runs.values(), (attempts) => {
    const last = Array.from(attempts.values())
    const [{ account = "", run = "" } = {}] = last
    return { summary: toRun(nameOf(account), run, last), last }
  })
})

const list = Command.make("list", Flags.output, (flags) =>
  Listing.start(flags, (format, session) =>
    Effect.gen(function* () {
      const runs = yield* runsOf(session)
      const rows = Stream.fromIterable(runs.map(({ summary }) => summary))
      yield* Output.write(view, { format, zone: session.zone }, rows)
    })
  )
).pipe(
  Command.withDescription("List the runs of the journal, with how many of how many changes are done"),
  Command.withExamples([{ command: "cloud-quota run list" }])
)

const show = Command.make(
  "show",
  {
    ...Flags.output,
    name: Argument.String("run").pipe(Argument.withDescription("The name of the run"))
  },
  ({ name, ...flags }) =>
    Listing.start(flags, (format, session) =>
      Effect.gen(function* () {
        const runs = (yield* runsOf(session)).filter(({ summary }) => summary.run === name)
        if (runs.length === 0) {
          const message = `there is no run ${JSON.stringify(name)} in this journal`
          return yield* new Failed({ message, next: "cloud-quota run list" })
        }
        const rows = Stream.fromIterable(runs.map(({ summary }) => summary))
        yield* Output.write(view, { format, zone: session.zone }, rows)
        const waiting = runs.flatMap(({ last, summary }) =>
          last
            .filter(({ state }) => !done.has(state))
            .map(
              (intent) =>
                `${summary.account}: ${intent.member} ${intent.metric} ${intent.request}: ${intent.state}`
            )
        )
        for (const line of waiting.slice(0, most)) yield* Effect.logWarning(line)
        if (waiting.length > most) yield* Effect.logWarning(`… and ${waiting.length - most} more`)
        if (runs.some(({ summary }) => summary.open > 0)) yield* Effect.logInfo("next: cloud-quota review")
      })
    )
).pipe(
  Command.withDescription("Show how far a run has come, and what of it is not done"),
  Command.withExamples([{ command: "cloud-quota run show topup/2026-12" }])
)

/** Upper bound on lines about single changes. */
const most = 20

export const command = Command.make("run").pipe(
  Command.withDescription("The runs of the journal, and how far they have come"),
  Command.withSubcommands([list, show])
)
