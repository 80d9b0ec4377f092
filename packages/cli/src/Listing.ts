/** A command that lists rows of all accounts. Each command supplies only its rows and its view. */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type * as Export from "@cloud-quota/core/Export"
import type * as Period from "@cloud-quota/core/Period"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import * as Output from "./Output.ts"
import * as Session from "./Session.ts"
import * as Times from "./Times.ts"

/** Extends the view of one account's rows to several accounts, with the account as the first column. */
export const ofAccounts = <Row>(
  view: Output.View<Row>,
  { chosen }: Pick<Session.Session, "chosen">
): Output.View<Session.Of<Row>> => {
  const accountColumn: Export.Column<{ readonly accountName: string }> = {
    name: "account",
    kind: "text",
    value: ({ accountName }) => accountName
  }
  const { columns, ...table } = view.table
  const shown = view.show ?? columns.map(({ name }) => name)
  const all = { ...view, table: { ...table, columns: [accountColumn, ...columns] } }
  // A single account needs no column.
  if (chosen.length < 2 || shown.includes("account")) return { ...all, show: shown }
  return { ...all, show: ["account", ...shown], group: "account" }
}

/** The rows of one account. */
export type RowsOf<Row, R = never> = (account: Session.AnAccount) => Stream.Stream<Row, CloudQuotaError, R>

/** Writes the rows of every chosen account, and ends the command with the resulting exit code. */
export const run = <Row extends object>(
  flags: Output.FormatFlags,
  view: Output.View<Row>,
  rowsOf: RowsOf<Row>
) => start(flags, (format, session) => write(format, session, view, rowsOf))

/** Like {@link run}, for a single thing. It is sufficient if one account has it. */
export const seek = <Row extends object>(
  flags: Output.FormatFlags,
  view: Output.View<Row>,
  rowsOf: RowsOf<Row>
) => start(flags, (format, session) => write(format, session, view, rowsOf, true))

/** The values of `Flags.period` and `Flags.zone`. */
export interface PeriodFlags {
  readonly period: string
  readonly zone: Option.Option<string>
}

/** Like {@link run}, for rows of a period. Times for people are in the period's zone. */
export const inPeriod = <Row extends object>(
  flags: Output.FormatFlags & PeriodFlags,
  view: Output.View<Row>,
  rowsOf: (
    account: Session.AnAccount,
    period: Period.Input,
    session: Session.Session
  ) => Stream.Stream<Row, CloudQuotaError>
) =>
  start(
    flags,
    Effect.fnUntraced(function* (format, opened) {
      const { period, session } = yield* meant(flags, opened)
      yield* write(format, session, view, (account) => rowsOf(account, period, session))
    })
  )

/** Returns the period of the flags, and the session in its zone. */
export const meant = (flags: PeriodFlags, session: Session.Session) =>
  Effect.gen(function* () {
    const zone = yield* Effect.fromResult(Times.zoneOf(flags.zone, session.zone))
    const period = yield* Effect.fromResult(Times.periodOf(flags.period, zone))
    return { period, session: { ...session, zone } }
  })

/** The beginning of every listing: parses the flags, and chooses accounts, before any request is sent. */
export const start = <A, E, R>(
  flags: Output.FormatFlags,
  body: (format: Output.Format, session: Session.Session) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const format = yield* Effect.fromResult(Output.formatOf(flags))
    return yield* body(format, yield* Session.open)
  }).pipe(Effect.scoped)

/** Writes the rows of all accounts, and ends with the exit code. */
export const write = <Row extends object>(
  format: Output.Format,
  session: Session.Session,
  view: Output.View<Row>,
  rowsOf: RowsOf<Row>,
  sought = false
) => writeRows(format, session, view, Session.rows(session, rowsOf, sought))

/** The same for rows that come from all accounts already. */
export const writeRows = Effect.fnUntraced(function* <Row extends object>(
  format: Output.Format,
  session: Session.Session,
  view: Output.View<Row>,
  rows: Stream.Stream<Session.Of<Row>>
) {
  const { tally, zone } = session
  // If no account answered, there may be rows that were not read.
  const options = { format, zone, isKnown: () => tally.done > 0 }
  yield* Output.write(ofAccounts(view, session), options, rows)
  yield* Session.end(session)
})
