/**
 * A command that lists rows of all accounts: what each one of them needs to say is its rows and its view.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type * as Export from "@cloud-quota/core/Export"
import type * as Period from "@cloud-quota/core/Period"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import * as Output from "./Output.ts"
import * as Session from "./Session.ts"
import * as Times from "./Times.ts"

/** The view of one account's rows as that of several accounts' rows, with the account as the first column. */
export const ofAccounts = <Row>(
  view: Output.View<Row>,
  { chosen }: Pick<Session.Session, "chosen">
): Output.View<Session.Of<Row>> => {
  const named: Export.Column<{ readonly accountName: string }> = {
    name: "account",
    kind: "text",
    value: ({ accountName }) => accountName
  }
  const { columns, ...table } = view.table
  const shown = view.show ?? columns.map(({ name }) => name)
  const all = { ...view, table: { ...table, columns: [named, ...columns] } }
  // With one account there is nothing to tell apart.
  if (chosen.length < 2 || shown.includes("account")) return { ...all, show: shown }
  return { ...all, show: ["account", ...shown], group: "account" }
}

/** The rows of one account. */
export type RowsOf<Row, R = never> = (account: Session.AnAccount) => Stream.Stream<Row, CloudQuotaError, R>

/** Writes the rows of every chosen account, and ends the command with the exit code that they lead to. */
export const run = <Row extends object>(
  flags: Output.FormatFlags,
  view: Output.View<Row>,
  rowsOf: RowsOf<Row>
) => start(flags, (format, session) => write(format, session, view, rowsOf))

/** The same for one thing that is asked for. It is enough if one account has it. */
export const seek = <Row extends object>(
  flags: Output.FormatFlags,
  view: Output.View<Row>,
  rowsOf: RowsOf<Row>
) => start(flags, (format, session) => write(format, session, view, rowsOf, true))

/** What `Flags.period` and `Flags.zone` give. */
export interface PeriodFlags {
  readonly period: string
  readonly zone: Option.Option<string>
}

/** The same for what happened in a period. People read its times in the zone that the period is meant in. */
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

/** The period that is meant, and the session in its zone. */
export const meant = (flags: PeriodFlags, session: Session.Session) =>
  Effect.gen(function* () {
    const zone = yield* Effect.fromResult(Times.zoneOf(flags.zone, session.zone))
    const period = yield* Effect.fromResult(Times.periodOf(flags.period, zone))
    return { period, session: { ...session, zone } }
  })

/** What every listing begins with: arguments are understood, and accounts chosen, before anything is asked. */
export const start = <A, E, R>(
  flags: Output.FormatFlags,
  body: (format: Output.Format, session: Session.Session) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const format = yield* Effect.fromResult(Output.formatOf(flags))
    return yield* body(format, yield* Session.open)
  }).pipe(Effect.scoped)

/** Writes what all accounts have, and ends with the exit code. */
export const write = Effect.fnUntraced(function* <Row extends object>(
  format: Output.Format,
  session: Session.Session,
  view: Output.View<Row>,
  rowsOf: RowsOf<Row>,
  sought = false
) {
  const { tally, zone } = session
  // Where nobody answered there may be rows all the same.
  const options = { format, zone, isKnown: () => tally.done > 0 }
  yield* Output.write(ofAccounts(view, session), options, Session.rows(session, rowsOf, sought))
  yield* Session.end(session)
})
