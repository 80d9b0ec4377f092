/** The printed table, at most 80 columns wide. */
import { type Goal, type Row, type Target, verdictOf } from "./rows.ts"

const widths = { what: 42, goal: 7, measured: 9, range: 11 }

/** Returns a number with three digits, as `0.52`, `12.3`, `1234`. */
export const numberText = (number: number): string => {
  if (!Number.isFinite(number)) return "?"
  const size = Math.abs(number)
  return number.toFixed(size >= 100 || Number.isInteger(number) ? 0 : size >= 10 ? 1 : 2)
}

const withUnit = (number: number, unit: string): string => `${numberText(number)} ${unit}`.trimEnd()

/** Returns a goal, as `<= 1.3 x`. */
export const goalText = ({ goal }: { readonly goal?: Goal }): string => {
  if (goal === undefined) return ""
  return "atMost" in goal ? `<= ${numberText(goal.atMost)}` : `>= ${numberText(goal.atLeast)}`
}

const notMeasured = ({ long }: Target): string => (long === true ? "--long" : "-")

const lineOf = (cells: readonly [string, string, string, string, string]): string => {
  const [what, goal, measured, range, verdict] = cells
  const left = `  ${what.padEnd(widths.what)} ${goal.padEnd(widths.goal)}`
  return `${left}${measured.padStart(widths.measured)} ${range.padStart(widths.range)} ${verdict}`.trimEnd()
}

/** Returns the line of one row. */
export const rowLine = (row: Row): string => {
  const { measured, unit, what } = row
  if (measured === undefined) return lineOf([what, goalText(row), notMeasured(row), "", ""])
  const { high, low, median } = measured
  const range = low === high ? "" : `${numberText(low)}..${numberText(high)}`
  return lineOf([what, goalText(row), withUnit(median, unit), range, verdictOf(row) ?? ""])
}

/** Returns the table of one bench. */
export const tableOf = (bench: string, rows: ReadonlyArray<Row>): string =>
  [lineOf([bench, "goal", "median", "10..90 %", ""]).slice(2), ...rows.map(rowLine)].join("\n")
