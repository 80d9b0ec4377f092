/**
 * How long a lost answer is waited out before anybody looks whether the change took place.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"

/** The waiting times. Longer is safer; shorter is for emulators whose own times are shorter. */
export interface Timings {
  /**
   * From the end of our own attempt, its connection reset, until its request can no longer take
   * effect: the provider's own limit, what the network may hold back, and {@link readLag}. At least 75
   * seconds and `readLag` together, except on loopback.
   */
  readonly own: Duration.Duration
  /**
   * The same for an attempt of a process that died, or whose reset did not reach the provider: bytes
   * in the kernel's or a proxy's buffer may be delivered minutes later.
   */
  readonly takeover: Duration.Duration
  /** How old a reading may be at the most. */
  readonly readLag: Duration.Duration
  /** From arming an intent, its request is written within this time or not at all. */
  readonly armedFor: Duration.Duration
}

/** 90 seconds after an own attempt, 240 after somebody else's, readings at most 5 seconds old. */
export const defaults: Timings = {
  own: Duration.seconds(90),
  takeover: Duration.seconds(240),
  readLag: Duration.seconds(5),
  armedFor: Duration.seconds(5)
}

/** The waiting times in use. */
export const Settlement = Context.Reference<Timings>("@cloud-quota/core/Settlement", {
  defaultValue: () => defaults
})
