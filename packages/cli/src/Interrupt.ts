/**
 * Ctrl-C during changes of quotas. The first one stops as soon as no outcome would be hidden; the second one
 * exits immediately, for which the journal is prepared.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { ExitCode } from "./Failure.ts"

/** The reactions to signals. */
export interface Signals {
  /** The first signal: call `interrupt` as soon as interrupting is safe. */
  readonly stop: (interrupt: () => void) => void
  /** The second signal: reports the open changes, and returns the exit code. */
  readonly leave: () => ExitCode
}

const names = ["SIGINT", "SIGTERM"] as const

/**
 * Runs an effect that signals do not interrupt directly: `signals` handles them. Returns `None` if it was
 * interrupted in the end.
 */
export const guard = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  signals: Signals
): Effect.Effect<Option.Option<A>, E, R> =>
  Effect.uninterruptible(
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(effect)
      const exit = yield* Effect.acquireUseRelease(
        Effect.sync(() => takeSignals(signals, () => fiber.interruptUnsafe())),
        () => Fiber.await(fiber),
        (giveBack) => Effect.sync(giveBack)
      )
      if (Exit.isSuccess(exit)) return Option.some(exit.value)
      return Cause.hasInterruptsOnly(exit.cause) ? Option.none() : yield* Effect.failCause(exit.cause)
    })
  )

/** Replaces all listeners for signals, until the returned function is called. */
const takeSignals = ({ leave, stop }: Signals, interrupt: () => void): (() => void) => {
  const others = names.flatMap((name) => process.listeners(name).map((listener) => ({ listener, name })))
  let isSecond = false
  const receive = () => {
    if (isSecond) process.exit(leave())
    isSecond = true
    stop(interrupt)
  }
  for (const name of names) process.removeAllListeners(name).on(name, receive)
  return () => {
    for (const name of names) process.removeListener(name, receive)
    for (const { listener, name } of others) process.on(name, listener)
  }
}
