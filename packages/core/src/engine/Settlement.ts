/** How long a lost answer is waited out before a reading decides whether the change took place. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"

/** The waiting times. Longer is safer. Shorter times are for emulators, whose own times are shorter. */
export interface Timings {
  /**
   * The time from the end of our own attempt, its connection reset, until its request can no longer take
   * effect: the provider's own limit, the delay that the network may add, and `readLag`. At least 75 seconds
   * plus `readLag`, except on loopback.
   *
   * @default 90 seconds
   */
  readonly own: Duration.Duration
  /**
   * The same for an attempt of a process that died, or whose reset did not reach the provider: a buffer of
   * the kernel or of a proxy may deliver bytes minutes later. At least `own`, except on loopback.
   *
   * @default 240 seconds
   */
  readonly takeover: Duration.Duration
  /**
   * The maximum age of a reading.
   *
   * @default 5 seconds
   */
  readonly readLag: Duration.Duration
  /**
   * How long after its beginning a reading may be used to plan changes, so that one reading serves several
   * members. Changes by others during this time may be missed.
   *
   * @default 5 seconds
   */
  readonly readingAge: Duration.Duration
  /**
   * After an intent is armed, its request is written within this time or not at all.
   *
   * @default 5 seconds
   */
  readonly armedFor: Duration.Duration
}

/** The default waiting times. */
export const defaults: Timings = {
  own: Duration.seconds(90),
  takeover: Duration.seconds(240),
  readLag: Duration.seconds(5),
  readingAge: Duration.seconds(5),
  armedFor: Duration.seconds(5)
}

/** The waiting times in use. */
export const Settlement = Context.Reference<Timings>("@cloud-quota/core/Settlement", {
  defaultValue: () => defaults
})
