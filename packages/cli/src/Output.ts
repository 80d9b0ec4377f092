/**
 * Rows on stdout: a table for people, or CSV, NDJSON and JSON for programs. Nothing else is written there.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as PlatformError from "effect/PlatformError"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Export from "@cloud-quota/core/Export"
import * as SafeText from "@cloud-quota/core/SafeText"
import * as Bar from "./Bar.ts"
import * as Colour from "./Colour.ts"
import { Usage } from "./Failure.ts"
import * as Table from "./Table.ts"
import * as Text from "./Text.ts"

/** The format of rows. */
export type Format =
  | { readonly _tag: "table"; readonly all: boolean }
  | { readonly _tag: "csv"; readonly bom: boolean }
  | { readonly _tag: "json" | "ndjson"; readonly details: boolean }

/** The values of `Flags.output`. */
export interface FormatFlags {
  readonly output?: Option.Option<"table" | "json" | "ndjson" | "csv">
  readonly json: boolean
  readonly ndjson: boolean
  readonly csv: boolean
  readonly bom: boolean
  readonly all: boolean
  readonly details?: boolean
}

/** Returns the format of the flags, or the problem with them. */
export const formatOf = (flags: FormatFlags): Result.Result<Format, Usage> => {
  const refuse = (message: string) => Result.fail(new Usage({ message }))
  const { all, bom, details = false } = flags
  const named = Option.getOrUndefined(flags.output ?? Option.none())
  const chosen = (["json", "ndjson", "csv"] as const).filter((name) => flags[name] || name === named)
  if (named !== undefined && chosen.some((name) => name !== named)) {
    return refuse(`--output ${named} and --${chosen.find((name) => name !== named)} exclude each other`)
  }
  if (chosen.length > 1) return refuse(`--${chosen.join(" and --")} exclude each other: give one of them`)
  const [format] = chosen
  if (bom && format !== "csv") return refuse("--bom is about --csv: give both, or leave it out")
  if (details && format !== "json" && format !== "ndjson")
    return refuse("--details needs --json or --ndjson: there is no column for it")
  if (format === "json" || format === "ndjson") return Result.succeed({ _tag: format, details })
  return Result.succeed(format === "csv" ? { _tag: format, bom } : { _tag: "table", all })
}

/** A listing for people. Programs always get all columns of the table. */
export interface View<in Row> {
  readonly table: Export.Table<Row>
  /** The columns for people, in this order. Default: all. Columns without a value are hidden. */
  readonly show?: ReadonlyArray<string>
  /** Columns that are never truncated, because a truncated word could be mistaken for another. */
  readonly whole?: ReadonlyArray<string>
  /** Columns to hide on a narrow terminal, in this order. */
  readonly spare?: ReadonlyArray<string>
  /** On a terminal, each value of this column gets its own table, under that value. */
  readonly group?: string
  /** The share of a row, shown as a bar; `undefined` if there is none. */
  readonly share?: (row: Row) => number | undefined
  /** The colour of a row on a terminal. */
  readonly mark?: (row: Row) => "good" | "doubtful" | "bad" | undefined
  /** The message on stderr if there is no row, as `no orders`. */
  readonly nothing: string
}

/** Upper bound on rows for a terminal, without `--all`. */
const most = 200

/** Options of writing a listing. */
export interface Options {
  readonly format: Format
  /** The time zone for people. Programs get UTC. */
  readonly zone: DateTime.TimeZone
  /** The stream of a table. On stderr it is part of a question, and not data. @default "stdout" */
  readonly to?: "stdout" | "stderr"
  /** Called if there is no row: whether that is certain. Default: it is. */
  readonly isKnown?: () => boolean
}

/**
 * Writes rows as they arrive. A table needs all widths first, so it is written after the last row.
 *
 * **Gotchas**
 *
 * A table on a terminal ends after 200 rows, and reports how many more there are. In a pipe it is complete.
 */
export const write = <Row, E, R>(
  view: View<Row>,
  options: Options,
  rows: Stream.Stream<Row, E, R>
): Effect.Effect<void, E | PlatformError.PlatformError, R | Stdio.Stdio> =>
  options.format._tag === "table"
    ? writeTable(view, { ...options, all: options.format.all }, rows)
    : writeText(encoded(view.table, options.format, rows))

/** Writes pieces of text to stdout as fast as they are read. */
export const writeText = <E, R>(
  text: Stream.Stream<string, E, R>,
  to: "stdout" | "stderr" = "stdout"
): Effect.Effect<void, E | PlatformError.PlatformError, R | Stdio.Stdio> =>
  Effect.flatMap(Stdio.Stdio, (stdio) => Stream.run(text, stdio[to]()))

const encoded = <Row, E, R>(
  table: Export.Table<Row>,
  format: Exclude<Format, { readonly _tag: "table" }>,
  rows: Stream.Stream<Row, E, R>
): Stream.Stream<string, E, R> => {
  if (format._tag === "csv") {
    const text = Stream.map(Export.csv(table)(rows), SafeText.document)
    return format.bom ? Stream.concat(Stream.succeed("\ufeff"), text) : text
  }
  const options = { details: format.details && table.details !== undefined }
  return format._tag === "json" ? Export.json(table, options)(rows) : Export.ndjson(table, options)(rows)
}

const writeTable = Effect.fnUntraced(function* <Row, E, R>(
  view: View<Row>,
  { all, isKnown = () => true, to = "stdout", zone }: Options & { readonly all: boolean },
  rows: Stream.Stream<Row, E, R>
) {
  const stream = process[to]
  const isTerminal = stream.isTTY === true
  const limit = isTerminal && !all ? most : Number.POSITIVE_INFINITY
  const kept: Array<Row> = []
  let more = 0
  yield* Stream.runForEach(rows, (row) =>
    Effect.sync(() => {
      if (kept.length < limit) kept.push(row)
      else more += 1
    })
  )
  if (kept.length === 0) return yield* isKnown() ? Effect.logInfo(view.nothing) : Effect.void
  const paint = Colour.painterOf(stream)
  const spared = new Set<string>()
  const width = isTerminal ? stream.columns : undefined
  const groups = isTerminal ? groupsOf(view, kept, zone) : [{ view, rows: kept }]
  const texts = groups.map(({ name, rows, view }: Group<Row>) => {
    const rendered = Table.render(columnsOf(view, rows, zone, paint), {
      width,
      spare: view.spare ?? [],
      heading: paint.bold
    })
    for (const column of rendered.spared) spared.add(column)
    return name === undefined ? rendered.text : `${paint.bold(name)}\n${rendered.text}`
  })
  yield* writeText(Stream.succeed(texts.join("\n")), to)
  if (more > 0) yield* Effect.logInfo(`… and ${more} more: --all shows them, --csv and --ndjson write them`)
  if (spared.size > 0) {
    const names = [...spared].join(", ")
    yield* Effect.logInfo(`hidden columns: ${names}: widen the terminal, or use --csv or --json`)
  }
})

interface Group<Row> {
  readonly name?: string
  readonly rows: ReadonlyArray<Row>
  readonly view: View<Row>
}

/** Groups the rows by the view's group, as tables without that column. */
const groupsOf = <Row>(
  view: View<Row>,
  rows: ReadonlyArray<Row>,
  zone: DateTime.TimeZone
): ReadonlyArray<Group<Row>> => {
  const { group, show, table } = view
  const column = table.columns.find(({ name }) => name === group)
  if (column === undefined) return [{ rows, view }]
  const shown = show ?? table.columns.map(({ name }) => name)
  const rest = { ...view, show: shown.filter((name) => name !== column.name) }
  const groups = Map.groupBy(rows, (row) => cellOf(column, row, zone))
  return Array.from(groups, ([name, some]) => ({ name, rows: some, view: rest }))
}

const columnsOf = <Row>(
  view: View<Row>,
  rows: ReadonlyArray<Row>,
  zone: DateTime.TimeZone,
  paint: Colour.Painter
): ReadonlyArray<Table.Column> => {
  const byName = new Map(view.table.columns.map((column) => [column.name, column]))
  const shown = view.show?.flatMap((name) => byName.get(name) ?? []) ?? view.table.columns
  const tones = { good: paint.green, doubtful: paint.yellow, bad: paint.red }
  const markOf = (cell: string, row: number): string => {
    const item = rows[row]
    const tone = item === undefined ? undefined : view.mark?.(item)
    return tone === undefined ? cell : tones[tone](cell)
  }
  const columns = shown.map((column): Table.Column => {
    const isText = column.kind === "text" || column.kind === "boolean"
    return {
      name: column.name,
      cells: rows.map((row) => cellOf(column, row, zone)),
      align: isText || column.kind === "time" ? "left" : "right",
      cuttable: column.kind === "text" && !view.whole?.includes(column.name),
      ...(view.mark === undefined ? {} : { paint: markOf })
    }
  })
  return [...columns, ...(view.share === undefined ? [] : [shareColumn(rows, view.share, paint)])].filter(
    ({ cells }) => cells.some((cell) => cell !== "")
  )
}

const shareColumn = <Row>(
  rows: ReadonlyArray<Row>,
  shareOf: (row: Row) => number | undefined,
  paint: Colour.Painter
): Table.Column => {
  const shares = rows.map(shareOf)
  return {
    name: "share",
    cells: shares.map((share) => (share === undefined ? "" : Bar.bar(share))),
    align: "left",
    cuttable: false,
    paint: (cell, row) => {
      const share = shares[row] ?? 0
      if (share >= 0.95) return paint.red(cell)
      return share >= 0.8 ? paint.yellow(cell) : paint.green(cell)
    }
  }
}

const cellOf = <Row>(column: Export.Column<Row>, row: Row, zone: DateTime.TimeZone): string => {
  if (column.kind === "time") {
    const time = column.value(row)
    return time === undefined ? "" : timeText(time, zone)
  }
  if (column.kind === "boolean") {
    const value = column.value(row)
    return value === undefined ? "" : value ? "yes" : "no"
  }
  return Text.oneLine(String(column.value(row) ?? ""))
}

/** Formats a time as `2026-11-05 14:02:59` in a zone. */
export const timeText = (time: DateTime.DateTime, zone: DateTime.TimeZone): string => {
  const { day, hour, minute, month, second, year } = DateTime.toParts(DateTime.setZone(time, zone))
  const two = (value: number) => String(value).padStart(2, "0")
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`
}
