/**
 * Listings as text: CSV for spreadsheets, NDJSON and JSON for programs; row by row, in constant memory.
 *
 * A table is data: columns with a name, a kind and a value. Those of this library's listings are in
 * `Tables`; columns can be left out, added and put in another order like the items of any list.
 *
 * @example
 * import { Export, Period, Tables } from "@cloud-quota/core"
 * import type { Account } from "@cloud-quota/core"
 * import { Effect, Stream } from "effect"
 *
 * export const lastMonth = (account: Account.Account["Service"]) => {
 *   const named: Export.Column<unknown> = { name: "account", kind: "text", value: () => account.name }
 *   const table = { ...Tables.orders, columns: [named, ...Tables.orders.columns] }
 *   return account.billing.orders({ period: Period.lastMonth({ zone: "Asia/Shanghai" }) }).pipe(
 *     Export.csv(table),
 *     Stream.runForEach((text) => Effect.sync(() => process.stdout.write(text)))
 *   )
 * }
 */
import * as DateTime from "effect/DateTime"
import * as Csv from "effect/encoding/Csv"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Reason } from "../model/CloudQuotaError.ts"
import { exact } from "../model/decimal.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import type { Limit } from "../model/Limit.ts"
import * as LimitFields from "../model/limitFields.ts"
import type { Quantity } from "../model/Quantity.ts"
import * as SafeText from "../model/SafeText.ts"

interface Of<Row, Kind extends string, Value> {
  readonly name: string
  readonly kind: Kind
  /** `undefined` where it is not known: an empty cell, and `null` in JSON. */
  readonly value: (row: Row) => Value | undefined
}

/**
 * One column:
 * - `text`, `boolean`, `integer`: as they are.
 * - `number`: a number for people, as a share. One that is not finite is written as unknown.
 * - `decimal`: an exact number, as plain decimal text. JSON has it as text, so that no reader rounds it.
 * - `time`: ISO 8601 in UTC.
 * - `quantity`: in CSV two columns, the exact amount under the name and the unit under `<name>_unit`; in
 *   JSON one object, as `{ "unit": "CNY", "amount": "12.50" }`. An amount has at least the digits of its unit.
 * - `limit`: as a quantity, which is empty (in JSON `null`) if it is unlimited; and after it a boolean, named
 *   `unlimited` beside `limit`, and `targetUnlimited` beside any other name, as `target`.
 * - `reason`: in CSV its tag and, under `<name>_code`, the provider's own code; in JSON the reason as an object.
 */
export type Column<Row> =
  | Of<Row, "text", string>
  | Of<Row, "boolean", boolean>
  | Of<Row, "integer", number>
  | Of<Row, "number", number>
  | Of<Row, "decimal", string>
  | Of<Row, "time", DateTime.DateTime>
  | Of<Row, "quantity", Quantity>
  | Of<Row, "limit", Limit>
  | Of<Row, "reason", Reason>

/** The rows and columns of a listing. */
export interface Table<Row> {
  readonly columns: ReadonlyArray<Column<Row>>
  /** The provider's own row, where a listing keeps it. Only JSON can have it, and only where asked for. */
  readonly details?: (row: Row) => unknown
}

/** How CSV is written. */
export interface CsvOptions {
  /** Begins with a byte order mark, without which Excel does not read Chinese. Not by default. */
  readonly bom?: boolean
}

/** How JSON is written. */
export interface JsonOptions {
  /** Adds the provider's own row as `details`, its long numbers as decimal text. Not by default. */
  readonly details?: boolean
}

/** Turns rows into pieces of one text. */
export type Encoder<Row> = <E, R>(rows: Stream.Stream<Row, E, R>) => Stream.Stream<string, E, R>

/**
 * CSV as RFC 4180 has it, with a header and CRLF. Throws a `RangeError` if two columns have one name, and for
 * a key that a table, a column or the options do not have.
 *
 * **Gotchas**
 *
 * A text that a spreadsheet would take for a formula gets a leading apostrophe, since names are other
 * people's input. Programs get exact texts from NDJSON. Cells are guarded
 * for a reader that splits at commas: an Excel that splits at semicolons, as some languages have it, may see a
 * formula after a `;` inside a name.
 */
export const csv = <Row>(table: Table<Row>, options: CsvOptions = {}): Encoder<Row> => {
  KnownKeys.check(options, csvKeys)
  const { columns } = checked(table)
  const header = columns.flatMap(headerOf)
  requireUnique(header)
  const cells = (row: Row) => columns.flatMap((column) => cellsOf(column, row))
  return (rows) => {
    const text = Stream.succeed<ReadonlyArray<string>>(header.map(harmless)).pipe(
      Stream.concat(Stream.map(rows, cells)),
      Stream.pipeThroughChannel(Csv.encodeString()),
      Stream.mapArray((lines) => [lines.join("")])
    )
    return options.bom === true ? Stream.concat(Stream.succeed("\ufeff"), text) : text
  }
}

/**
 * A JSON object on each line, with the same fields on every line: unknown ones are `null`. Throws a
 * `RangeError` if two columns have one name, or if the table has no details and they are asked for.
 */
export const ndjson = <Row>(table: Table<Row>, options: JsonOptions = {}): Encoder<Row> => {
  const toJson = jsonOf(table, options)
  // Effect's own encoder can fail, but a row of a table always is JSON.
  return (rows) => Stream.mapArray(rows, (some) => [some.map((row) => `${toJson(row)}\n`).join("")])
}

/** One JSON array of the objects that {@link ndjson} writes. Throws as that does. */
export const json = <Row>(table: Table<Row>, options: JsonOptions = {}): Encoder<Row> => {
  const toJson = jsonOf(table, options)
  return (rows) =>
    Stream.succeed("[").pipe(
      Stream.concat(
        Stream.mapAccumArray(
          rows,
          () => "\n",
          (before, some) => [",\n", [`${before}${some.map(toJson).join(",\n")}`]] as const
        )
      ),
      Stream.concat(Stream.succeed("\n]\n"))
    )
}

const csvKeys: KnownKeys.Names<CsvOptions> = { bom: true }
const jsonKeys: KnownKeys.Names<JsonOptions> = { details: true }
const tableKeys: KnownKeys.Names<Table<unknown>> = { columns: true, details: true }
const columnKeys: KnownKeys.Names<Column<unknown>> = { name: true, kind: true, value: true }

const checked = <Row>(table: Table<Row>): Table<Row> => {
  if (
    typeof table === "object" &&
    table !== null &&
    Array.isArray(table.columns) &&
    table.columns.length > 0
  ) {
    KnownKeys.check(table, tableKeys, "table")
    for (const column of table.columns) KnownKeys.check(column, columnKeys, "column")
    return table
  }
  throw new RangeError("a table has at least one column: take one of Tables, or give { columns: [...] }")
}

const requireUnique = (names: ReadonlyArray<string>): void => {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new RangeError(`two columns are called ${JSON.stringify(twice)}: rename one`)
}

/** The name of the field that says whether this limit is unlimited. */
const unlimitedName = (name: string): string => (name === "limit" ? "unlimited" : `${name}Unlimited`)

const headerOf = <Row>({ kind, name }: Column<Row>): ReadonlyArray<string> => {
  if (kind === "quantity") return [name, `${name}_unit`]
  if (kind === "reason") return [name, `${name}_code`]
  return kind === "limit" ? [name, `${name}_unit`, unlimitedName(name)] : [name]
}

const cellsOf = <Row>(column: Column<Row>, row: Row): ReadonlyArray<string> => {
  switch (column.kind) {
    case "text":
    case "decimal":
      return [harmless(column.value(row) ?? "")]
    case "boolean":
    case "integer":
      return [`${column.value(row) ?? ""}`]
    case "number":
      return [`${finite(column.value(row)) ?? ""}`]
    case "time":
      return [timeText(column.value(row)) ?? ""]
    case "quantity":
      return quantityCells(column.value(row))
    case "limit": {
      const { amount, unlimited } = LimitFields.toFields(column.value(row))
      return [...quantityCells(amount), `${unlimited ?? ""}`]
    }
    case "reason": {
      const reason = column.value(row)
      return [reason?._tag ?? "", harmless(reason?.details?.code ?? "")]
    }
  }
}

const quantityCells = (quantity: Quantity | null | undefined): ReadonlyArray<string> => {
  if (quantity === null || quantity === undefined) return ["", ""]
  const { amount, unit } = quantity.toJSON()
  return [amount, harmless(unit)]
}

const finite = (number: number | undefined): number | undefined =>
  Number.isFinite(number) ? number : undefined

const timeText = (time: DateTime.DateTime | undefined): string | undefined =>
  time === undefined ? undefined : DateTime.formatIso(time)

/** The characters that start a formula in a spreadsheet, also in full width, as on Japanese and Chinese systems. */
const formulaStart = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

const number = /^[+-]?\d+(\.\d+)?$/

/** The same text, for the eye; nothing that a spreadsheet would run. Numbers stay numbers. */
const harmless = (text: string): string => (formulaStart.test(text) && !number.test(text) ? `'${text}` : text)

const jsonOf = <Row>(table: Table<Row>, options: JsonOptions): ((row: Row) => string) => {
  KnownKeys.check(options, jsonKeys)
  const { columns, details } = checked(table)
  const withDetails = options.details === true
  if (withDetails && details === undefined) {
    throw new RangeError("the rows of this table have no details: leave the option out")
  }
  requireUnique([...columns.flatMap(jsonNames), ...(withDetails ? ["details"] : [])])
  return (row) => {
    const fields = columns.flatMap((column) => jsonFields(column, row))
    const more = withDetails ? [["details", exact({ details: details?.(row) })["details"]] as const] : []
    return SafeText.json(JSON.stringify(Object.fromEntries([...fields, ...more])))
  }
}

const jsonNames = <Row>({ kind, name }: Column<Row>): ReadonlyArray<string> =>
  kind === "limit" ? [name, unlimitedName(name)] : [name]

const jsonFields = <Row>(column: Column<Row>, row: Row): ReadonlyArray<readonly [string, unknown]> => {
  const { name } = column
  if (column.kind !== "limit") return [[name, jsonValue(column, row) ?? null]]
  const { amount, unlimited } = LimitFields.toFields(column.value(row))
  return [
    [name, amount],
    [unlimitedName(name), unlimited]
  ]
}

const jsonValue = <Row>(column: Exclude<Column<Row>, { readonly kind: "limit" }>, row: Row): unknown => {
  switch (column.kind) {
    case "time":
      return timeText(column.value(row))
    case "number":
      return finite(column.value(row))
    case "reason": {
      const reason = column.value(row)
      return reason && encodeReason(reason)
    }
    default:
      return column.value(row)
  }
}

const encodeReason = Schema.encodeSync(Reason)
