/**
 * Dedicated connections that are opened while earlier changes are on their way, so that a change waits for
 * one round trip and not for a handshake.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Delta, DeltaConnection } from "../model/Driver.ts"

export interface ConnectionsAhead {
  /** Starts to open connections for at most this many more changes. */
  readonly prepare: (changes: number) => Effect.Effect<void>
  /** Returns a connection that was opened ahead and is not too old, or opens one now. */
  readonly take: Effect.Effect<DeltaConnection, CloudQuotaError, Scope.Scope>
}

/** Two, since a handshake with TLS takes two round trips, and a change one. */
const most = 2

/** An older connection is not used: the provider may be about to close it. */
const freshFor = Duration.toNanosUnsafe(Duration.seconds(2))

interface Opening {
  readonly scope: Scope.Closeable
  readonly fiber: Fiber.Fiber<{ readonly connection: DeltaConnection; readonly at: bigint }, CloudQuotaError>
}

/** The connections are closed with the scope. */
export const connectionsAhead = Effect.fnUntraced(function* ({
  connect
}: Delta): Effect.fn.Return<ConnectionsAhead, never, Scope.Scope> {
  const clock = yield* Clock.Clock
  const all = yield* Effect.scope
  const openings: Array<Opening> = []
  const timed = Effect.map(connect, (connection) => ({ connection, at: clock.monotonicTimeNanosUnsafe() }))

  const prepare = Effect.fnUntraced(function* (changes: number) {
    while (openings.length < Math.min(changes, most)) {
      const scope = yield* Scope.fork(all)
      openings.push({ scope, fiber: yield* Effect.forkIn(Scope.provide(timed, scope), all) })
    }
  })

  const take = Effect.gen(function* () {
    for (let next = openings.shift(); next !== undefined; next = openings.shift()) {
      const { fiber, scope } = next
      yield* Effect.addFinalizer((exit) => Scope.close(scope, exit))
      const opened = yield* Fiber.await(fiber)
      const oldest = clock.monotonicTimeNanosUnsafe() - freshFor
      if (Exit.isSuccess(opened) && opened.value.at >= oldest) return opened.value.connection
    }
    return yield* connect
  })

  return { prepare, take }
})
