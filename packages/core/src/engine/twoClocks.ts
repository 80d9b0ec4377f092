/**
 * Time that has passed, by two clocks: the wall clock counts a suspended laptop, and the monotonic clock is
 * immune to a wall clock that is set back.
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"

/** An instant, on both clocks. */
export interface Instant {
  /** Milliseconds since 1970. */
  readonly wall: number
  /** Nanoseconds. */
  readonly monotonic: bigint
}

export const instant = (clock: Clock.Clock): Instant => ({
  wall: clock.currentTimeMillisUnsafe(),
  monotonic: clock.monotonicTimeNanosUnsafe()
})

/** Whether at most this much time has passed, by the clock that shows more. */
export const isWithin = (most: Duration.Duration, since: Instant, now: Instant): boolean => {
  const wall = now.wall - since.wall
  const monotonic = Number((now.monotonic - since.monotonic) / 1_000_000n)
  return wall >= 0 && Math.max(wall, monotonic) <= Duration.toMillis(most)
}
