/**
 * Time and scheduling that a seed decides: fibers run in a seeded order, and when none can run, the
 * clock jumps to whoever sleeps the shortest. A history of hours takes milliseconds.
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import type { Dice } from "./random.ts"

/** Where wall clocks start: an instant like any other. */
export const epoch = Date.UTC(2026, 10, 1)

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

/** How the clocks of one machine differ from true time, in milliseconds. */
export interface ClockError {
  wall: number
  monotonic: number
}

export interface VirtualTime {
  readonly scheduler: Scheduler.Scheduler
  /** True time: milliseconds since the history began. */
  readonly now: () => number
  /** The clocks of a machine. */
  readonly clock: (error: ClockError) => Clock.Clock
  /** Sleeps in true time, whatever the clocks of a machine say. */
  readonly sleep: (millis: number) => Effect.Effect<void>
  /** Runs until the fiber is done. False if nobody can go on any more, or if it does not end. */
  readonly run: (fiber: Fiber.Fiber<unknown, unknown>) => boolean
}

export const makeVirtualTime = (dice: Dice): VirtualTime => {
  const tasks: Array<() => void> = []
  const sleepers: Array<Sleeper> = []
  let now = 0
  let order = 0

  const scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    shouldYield: () => false,
    makeDispatcher: () => ({
      scheduleTask: (task) => void tasks.push(task),
      flush: () => {}
    })
  }

  const sleep = (millis: number): Effect.Effect<void> =>
    Effect.callback<void>((resume) => {
      const sleeper = { at: now + Math.max(0, millis), order: order++, wake: () => resume(Effect.void) }
      sleepers.push(sleeper)
      return Effect.sync(() => {
        const index = sleepers.indexOf(sleeper)
        if (index >= 0) sleepers.splice(index, 1)
      })
    })

  const clock = (error: ClockError): Clock.Clock => {
    const wall = () => epoch + now + error.wall
    const nanos = () => BigInt(Math.round((now + error.monotonic) * 1e6))
    return {
      currentTimeMillisUnsafe: wall,
      currentTimeMillis: Effect.sync(wall),
      currentTimeNanosUnsafe: () => BigInt(Math.round(wall() * 1e6)),
      currentTimeNanos: Effect.sync(() => BigInt(Math.round(wall() * 1e6))),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) => sleep(Duration.toMillis(duration))
    }
  }

  const run = (fiber: Fiber.Fiber<unknown, unknown>): boolean => {
    // A history takes a few thousand steps: one that takes very many more does not end.
    for (let steps = 0; steps < 1_000_000; steps++) {
      if (fiber.pollUnsafe() !== undefined) return true
      if (tasks.length > 0) {
        const [task] = tasks.splice(tasks.length === 1 ? 0 : dice.between(0, tasks.length - 1), 1)
        task?.()
        continue
      }
      let soonest: Sleeper | undefined
      for (const sleeper of sleepers) {
        if (
          soonest === undefined ||
          sleeper.at < soonest.at ||
          (sleeper.at === soonest.at && sleeper.order < soonest.order)
        ) {
          soonest = sleeper
        }
      }
      if (soonest === undefined) return false
      sleepers.splice(sleepers.indexOf(soonest), 1)
      now = Math.max(now, soonest.at)
      soonest.wake()
    }
    return false
  }

  return { scheduler, now: () => now, clock, sleep, run }
}
