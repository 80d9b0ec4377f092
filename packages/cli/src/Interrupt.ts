/**
 * Ctrl-C while quotas are being changed. The first one stops as soon as it can be said what became of
 * everything; the second one leaves at once, which the journal is prepared for.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { ExitCode } from "./Failure.ts"

/** What is to be done about signals. */
export interface Signals {
  /** The first one: `interrupt` is to be called as soon as it may be. */
  readonly stop: (interrupt: () => void) => void
  /** The second one: says what is open, and gives the exit code. */
  readonly leave: () => ExitCode
}

const names = ["SIGINT", "SIGTERM"] as const

/**
 * Runs an effect to which signals are no interruption: what they do, is said by `signals`. `None` if it was
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

/** Puts us in the place of everybody who listens to signals, until it is called. */
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
