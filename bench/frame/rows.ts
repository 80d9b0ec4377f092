/** Rows of the printed table: what is measured, its goal, and whether it is met. */
import type { Spread } from "./samples.ts"

export type Unit = "x" | "us" | "ms" | "s" | "MiB" | ""

export type Goal = { readonly atMost: number } | { readonly atLeast: number }

/** What a row measures. */
export interface Target {
  readonly what: string
  /** `x` is a ratio; an empty unit is a count. */
  readonly unit: Unit
  /** Absent on a row that explains another one. */
  readonly goal?: Goal
  /** Whether it is measured only with `--long`. */
  readonly long?: true
}

/** One row. */
export interface Row extends Target {
  readonly bench: string
  /** Absent if it was not measured. */
  readonly measured?: Spread
}

/** What a bench measured, by the keys of its targets. */
export type Measured<Targets> = { readonly [Key in keyof Targets]?: Spread }

/** Whether a goal is met. `near` is a miss by less than the range. */
export type Verdict = "meets" | "near" | "misses"

/** Returns the rows of a bench, in the order of its targets. */
export const rowsOf = (
  bench: string,
  targets: Readonly<Record<string, Target>>,
  measured: Readonly<Record<string, Spread | undefined>>
): ReadonlyArray<Row> =>
  Object.entries(targets).map(([key, target]) => {
    const spread = measured[key]
    return { bench, ...target, ...(spread === undefined ? {} : { measured: spread }) }
  })

/** Returns the verdict on a row, or `undefined` without a goal or a measurement. */
export const verdictOf = ({ goal, measured }: Row): Verdict | undefined => {
  if (goal === undefined || measured === undefined) return undefined
  const isMet = (number: number) => ("atMost" in goal ? number <= goal.atMost : number >= goal.atLeast)
  if (isMet(measured.median)) return "meets"
  return isMet("atMost" in goal ? measured.low : measured.high) ? "near" : "misses"
}

/** Returns the rows that miss their goal by more than their range. */
export const missesIn = (rows: ReadonlyArray<Row>): ReadonlyArray<Row> =>
  rows.filter((row) => verdictOf(row) === "misses")
