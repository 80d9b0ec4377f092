/**
 * Periods as requested from the provider. Whether a period includes its ends is not documented, and its times
 * have whole seconds. So the request covers a little more, and entries outside the period are dropped here.
 */
import type { Period } from "@cloud-quota/core/Period"
import * as DateTime from "effect/DateTime"

const day = 86_400_000

/** Extends the period by a second at both ends. */
export const widened = ({ end, start }: Period): Period => ({
  start: DateTime.subtract(start, { seconds: 1 }),
  end: DateTime.add(end, { seconds: 1 })
})

/** Whether the moment is in the period, whose end is exclusive. */
export const isWithin =
  ({ end, start }: Period) =>
  (at: DateTime.DateTime): boolean =>
    DateTime.isGreaterThanOrEqualTo(at, start) && DateTime.isLessThan(at, end)

/** Splits the period into parts of at most so many days, oldest first. */
export const parts = ({ end, start }: Period, days: number): ReadonlyArray<Period> => {
  const last = DateTime.toEpochMillis(end)
  const all: Array<Period> = []
  for (let from = DateTime.toEpochMillis(start); from < last; from += days * day) {
    const to = Math.min(from + days * day, last)
    all.push({ start: DateTime.makeUnsafe(from), end: DateTime.makeUnsafe(to) })
  }
  return all
}
