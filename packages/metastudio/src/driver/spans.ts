/**
 * Periods as a provider is asked for them. Whether its ends belong to a span is not documented, and its
 * times have whole seconds: so it is asked for a little more, and what is outside is dropped here.
 */
import type { Period } from "@cloud-quota/core/Period"
import * as DateTime from "effect/DateTime"

const day = 86_400_000

/** The period with a second more at both ends. */
export const widened = ({ end, start }: Period): Period => ({
  start: DateTime.subtract(start, { seconds: 1 }),
  end: DateTime.add(end, { seconds: 1 })
})

/** Whether the moment belongs to the period: its end does not. */
export const isWithin =
  ({ end, start }: Period) =>
  (at: DateTime.DateTime): boolean =>
    DateTime.isGreaterThanOrEqualTo(at, start) && DateTime.isLessThan(at, end)

/** The period in parts of at most so many days, oldest first. */
export const parts = ({ end, start }: Period, days: number): ReadonlyArray<Period> => {
  const last = DateTime.toEpochMillis(end)
  const all: Array<Period> = []
  for (let from = DateTime.toEpochMillis(start); from < last; from += days * day) {
    const to = Math.min(from + days * day, last)
    all.push({ start: DateTime.makeUnsafe(from), end: DateTime.makeUnsafe(to) })
  }
  return all
}
