/**
 * Reports the events of a change to a watcher. A watcher that fails, never ends, or returns no Effect causes
 * a warning. It cannot stop the change.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Change from "../model/Change.ts"

/** Maximum time for the handling of one event. */
const patience = Duration.seconds(1)

/** Passes the events of one call to a watcher, each once the previous one is handled. */
export const watched = (
  onEvent: Change.Options["onEvent"]
): ((event: Change.Event) => Effect.Effect<void>) => {
  if (onEvent === undefined) return () => Effect.void
  let isGivenUp = false
  let isWarned = false
  return (event) =>
    Effect.suspend(() => {
      if (isGivenUp) return Effect.void
      const handling: unknown = onEvent(event)
      if (handling === undefined || handling === null) return Effect.void
      if (isHandling(handling)) {
        return Effect.flatMap(handled(handling), (exit) => {
          if (exit === undefined) {
            isGivenUp = true
            const limit = Duration.format(patience)
            return Effect.logWarning(
              `onEvent took longer than ${limit} over one event; it gets no more, and the change goes on`
            )
          }
          return Exit.isFailure(exit) ? failed(exit.cause) : Effect.void
        })
      }
      // A rejected promise without a handler would end the process.
      Promise.resolve(handling).catch(() => undefined)
      if (isWarned) return Effect.void
      isWarned = true
      return Effect.logWarning(
        "onEvent gave a value that is no Effect, such as a promise; it is not waited for"
      )
    }).pipe(Effect.catchCause(failed))
}

const failed = (cause: unknown) => Effect.logWarning("onEvent failed; the change goes on", cause)

const isHandling = (value: unknown): value is Effect.Effect<unknown, unknown> => Effect.isEffect(value)

/**
 * Returns the exit of the handling, or `undefined` if it takes too long. The handling runs in its own fiber,
 * which is not awaited, so neither an uninterruptible watcher nor an uninterruptible change makes this hang.
 */
const handled = Effect.fnUntraced(function* (handling: Effect.Effect<unknown, unknown>) {
  const fiber = yield* Effect.forkDetach(handling, { startImmediately: true })
  const ended = fiber.pollUnsafe()
  if (ended !== undefined) return ended
  const timer = yield* Effect.forkDetach(Effect.sleep(patience))
  const stop = () => {
    fiber.interruptUnsafe()
    timer.interruptUnsafe()
  }
  return yield* Effect.callback<Exit.Exit<unknown, unknown> | undefined>((resume) => {
    // The first exit counts, also that of an interruption.
    fiber.addObserver((exit) => {
      resume(Effect.succeed(exit))
      timer.interruptUnsafe()
    })
    timer.addObserver(() => {
      resume(Effect.undefined)
      stop()
    })
    return Effect.sync(stop)
  })
})
