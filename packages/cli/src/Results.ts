/** The results of changes: rows, a summary, and messages for people. */
import * as Report from "@cloud-quota/core/Report"
import * as Tables from "@cloud-quota/core/Tables"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { unwritten } from "./Failure.ts"
import * as Names from "./Names.ts"
import * as Output from "./Output.ts"
import type * as Session from "./Session.ts"

/** A result, with its account and its run. */
type Row = Names.Named<Report.Result> & { readonly account: string; readonly run?: string }

const view: Output.View<Row> = {
  table: {
    columns: [
      { name: "account", kind: "text", value: ({ account }) => account },
      { name: "run", kind: "text", value: ({ run }) => run },
      ...Names.beside<Row>("member", Tables.results.columns)
    ]
  },
  show: ["member", "name", "person", "metric", "before", "delta", "target", "outcome", "done"],
  whole: ["metric", "outcome"],
  spare: ["person", "before", "done", "metric", "name"],
  mark: (result) => {
    if (result.money === "unknown" || result.next === "decide") return "bad"
    return Report.isComplete({ results: [result] }) ? undefined : "doubtful"
  },
  nothing: "no members selected"
}

/** The results of a call on one account. */
export interface Shown extends Pick<Report.Report, "results"> {
  readonly run?: string | undefined
  /** Whether this call sent a result. Default: none. */
  readonly wasSent?: WasSent
}

type WasSent = (result: Report.Result) => boolean

/** Writes the results; incomplete ones and the summary go to stderr. */
export const write = (account: Session.AnAccount, shown: Shown, options: Output.Options) =>
  writeAll([{ ...shown, account }], options)

/** The same for several accounts, as one listing. */
export const writeAll = Effect.fnUntraced(function* (
  all: ReadonlyArray<Shown & { readonly account: Session.AnAccount }>,
  options: Output.Options
) {
  const rows = Stream.flatMap(Stream.fromIterable(all), ({ account, results, run }) =>
    Stream.fromIterable(results).pipe(
      Names.add(account, ({ member }) => member),
      Stream.map((row): Row => ({ ...row, account: account.name, ...(run === undefined ? {} : { run }) }))
    )
  )
  const listed = all.length > 1 ? { ...view, show: ["account", ...(view.show ?? [])] } : view
  const written = yield* Effect.result(Output.write(listed, options, rows))
  for (const { account, results } of all) yield* explain(account.name, results)
  if (Result.isSuccess(written)) return
  const sent = all.flatMap(({ results, wasSent = () => false }) => results.filter(wasSent))
  if (sent.length === 0) return yield* Effect.fail(written.failure)
  yield* unwritten(written.failure, Report.exitCode({ results: all.flatMap(({ results }) => results) }))
})

const explain = Effect.fnUntraced(function* (name: string, results: ReadonlyArray<Report.Result>) {
  const open = results.filter((result) => !Report.isComplete({ results: [result] }))
  const messages = messagesOf(open)
  for (const message of messages.slice(0, most)) yield* Effect.logWarning(message)
  if (messages.length > most) {
    yield* Effect.logWarning(`… and ${messages.length - most} more that are not as they were asked for`)
  }
  if (results.length > 0) yield* sumUp(name, results)
})

/** One message for each result; of several that the same check refused, one for all of them. */
const messagesOf = (open: ReadonlyArray<Report.Result>): ReadonlyArray<string> => {
  const kindOf = ({ outcome }: Report.Result, index: number) =>
    outcome._tag === "Refused" ? outcome.check : `${index}`
  const kinds = Map.groupBy(
    open.map((result, index) => ({ kind: kindOf(result, index), result })),
    ({ kind }) => kind
  )
  return Array.from(kinds.values(), ([first, ...others]) => {
    const message = first?.result.message ?? ""
    return others.length === 0
      ? message
      : `${message} The same check (${first?.kind}) refused ${others.length} more.`
  })
}

const sumUp = (name: string, results: ReadonlyArray<Report.Result>): Effect.Effect<void> => {
  const next = nextOf(results)
  const where = next === undefined ? "" : `\n  next: cloud-quota ${next} -a ${name}`
  return Effect.logInfo(`${name}: ${Report.summary(results)}${where}`)
}

/** Outcomes to examine with `review`. The message of a refusal is sufficient. */
const reviewed = new Set<Report.Outcome["_tag"]>(["Applied", "Blocked", "Conflict", "Drift"])

/** The next command, if the messages do not contain it. */
const nextOf = (results: ReadonlyArray<Report.Result>): "review" | "settle" | undefined => {
  if (results.some(({ next, outcome }) => next === "decide" && reviewed.has(outcome._tag))) return "review"
  return results.some(({ next }) => next === "wait") ? "settle" : undefined
}

/** Upper bound on messages for people. The rows have all of them. */
const most = 20
