/**
 * Tables for people. A table fits its terminal: texts are truncated with `…`, then spare columns are hidden,
 * and if that is not enough, each row is written as a list of its cells. Amounts and times are never
 * truncated: half a number is another number.
 */
import * as Text from "./Text.ts"

/** One column, with a cell for each row. */
export interface Column {
  readonly name: string
  readonly cells: ReadonlyArray<string>
  readonly align: "left" | "right"
  /** Whether its cells may be truncated. */
  readonly cuttable: boolean
  /** Marks a cell, after padding. */
  readonly paint?: (cell: string, row: number) => string
}

/** Options of a table. */
export interface Options {
  /** In columns of the terminal. Default: unlimited. */
  readonly width?: number | undefined
  /** Names of columns that may be hidden, in this order. */
  readonly spare?: ReadonlyArray<string>
  /** Marks the names of columns. */
  readonly heading?: (text: string) => string
}

/** A table as text, and its hidden columns. */
export interface Rendered {
  readonly text: string
  readonly spared: ReadonlyArray<string>
}

const gap = "  "

/** Minimum width of a truncated text, unless the name of its column is longer. */
const least = 8

/** Renders columns as lines. Without rows, only the names. */
export const render = (columns: ReadonlyArray<Column>, options: Options = {}): Rendered => {
  const spare = [...(options.spare ?? [])]
  const spared: Array<string> = []
  let shown = columns
  for (;;) {
    const widths = fit(shown, options.width ?? Number.POSITIVE_INFINITY)
    if (widths !== undefined) return { text: asLines(shown, widths, options), spared }
    const next = spare.shift()
    if (next === undefined) return { text: asRecords(shown, options), spared }
    if (!shown.some(({ name }) => name === next)) continue
    spared.push(next)
    shown = shown.filter(({ name }) => name !== next)
  }
}

interface Sized {
  readonly natural: number
  readonly least: number
}

const sizeOf = ({ cells, cuttable, name }: Column): Sized => {
  const heading = Text.width(name)
  const natural = cells.reduce((most, cell) => Math.max(most, Text.width(cell)), heading)
  return { natural, least: cuttable ? Math.min(natural, Math.max(least, heading)) : natural }
}

/** Returns the width of each column, or `undefined` if they do not fit side by side. */
const fit = (columns: ReadonlyArray<Column>, available: number): ReadonlyArray<number> | undefined => {
  const sizes = columns.map(sizeOf)
  const gaps = gap.length * (columns.length - 1)
  const sum = (pick: (size: Sized) => number) => sizes.reduce((total, size) => total + pick(size), gaps)
  if (sum(({ least }) => least) > available) return undefined
  const widths = sizes.map(({ natural }) => natural)
  // The widest column shrinks first, so that short texts stay whole.
  for (let over = sum(({ natural }) => natural) - available; over > 0; over--) {
    let widest = -1
    for (const [index, size] of sizes.entries()) {
      const width = widths[index] ?? 0
      if (width > size.least && width > (widths[widest] ?? 0)) widest = index
    }
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

const pad = (text: string, width: number, align: Column["align"]): string => {
  const space = " ".repeat(Math.max(0, width - Text.width(text)))
  return align === "right" ? `${space}${text}` : `${text}${space}`
}

const asLines = (
  columns: ReadonlyArray<Column>,
  widths: ReadonlyArray<number>,
  { heading = (text) => text }: Options
): string => {
  const line = (cellOf: (column: Column, width: number) => string) =>
    columns
      .map((column, index) => cellOf(column, widths[index] ?? 0))
      .join(gap)
      .trimEnd()
  const rows = columns[0]?.cells.length ?? 0
  const header = line(({ align, name }, width) => heading(pad(name, width, align)))
  const body = Array.from({ length: rows }, (_, row) =>
    line(({ align, cells, paint }, width) => {
      const cell = pad(Text.truncate(cells[row] ?? "", width), width, align)
      return paint === undefined ? cell : paint(cell, row)
    })
  )
  return [header, ...body].map((text) => `${text}\n`).join("")
}

/** One line per non-empty cell, and an empty line between rows. */
const asRecords = (
  columns: ReadonlyArray<Column>,
  { heading = (text) => text, width = Number.POSITIVE_INFINITY }: Options
): string => {
  const names = columns.reduce((most, { name }) => Math.max(most, Text.width(name)), 0)
  const rows = columns[0]?.cells.length ?? 0
  const record = (row: number) =>
    columns
      .flatMap(({ cells, cuttable, name, paint }) => {
        const cell = cells[row] ?? ""
        if (cell === "") return []
        const space = Math.max(least, width - names - gap.length)
        const text = cuttable ? Text.truncate(cell, space) : cell
        return [
          `${heading(pad(name, names, "left"))}${gap}${paint === undefined ? text : paint(text, row)}\n`
        ]
      })
      .join("")
  return Array.from({ length: rows }, (_, row) => record(row)).join("\n")
}
