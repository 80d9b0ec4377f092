/**
 * What the providers' emulators share: one state machine, offered over real HTTP on loopback and
 * as an in-memory transport, with faults by script.
 *
 * Both doors lead to the same place: a request is logged, meets the next fault of its operation if
 * there is one, and is handled in one synchronous step. What differs is only how the outcome
 * reaches the client.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type Reply, react } from "./emulatorReply.ts"
import { listen } from "./emulatorServer.ts"
import { inMemory } from "./emulatorTransport.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import type { Transport } from "../transport/Transport.ts"

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string
  /** Path and query, exactly as sent. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A response as it goes over the wire. */
export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * One provider's behaviour: state, and what a request does to it. Handling a request is one
 * synchronous step, so a request has either taken effect or not.
 */
export interface Machine {
  /** The provider's name of the operation, as `SetCompShareTeamAmount`; `unknown` if it is none. */
  readonly operation: (request: WireRequest) => string
  /** `now` is in milliseconds since 1970. */
  readonly handle: (request: WireRequest, now: number) => WireResponse
}

/**
 * What goes wrong with one request:
 * - `drop-before`: the connection is cut; the request had no effect.
 * - `drop-after`: the request takes effect, and then the connection is cut.
 * - `late`: the request takes effect only after the delay; the answer follows it, if anybody waits.
 * - `lose-late`: the connection is cut at once, and the request takes effect after the delay.
 * - `held`: `until` begins when the request arrives, and the request takes effect only when it ends; the
 *   answer follows, if anybody waits. So a test decides what comes first, however slow the machine is.
 * - `duplicate`: the request takes effect twice; the second answer is given.
 * - `answer`: this answer instead of the provider's own, with or without taking effect.
 * - `truncate`: the request takes effect; the answer is cut in the middle, and the connection closed.
 * - `huge`: the request takes effect; the answer is followed by so many bytes of spaces.
 * - `hang`: no effect and no answer; the connection stays open.
 * - `rewrite`: the provider's own answer, changed: `null` lists, codes as text and the like.
 *
 * A provider that has received a request does not notice that its client gave up: a `late`,
 * `lose-late` or `held` request takes effect whether or not anybody still waits.
 */
export type Fault =
  | { readonly _tag: "drop-before" }
  | { readonly _tag: "drop-after" }
  | { readonly _tag: "late"; readonly delay: Duration.Duration }
  | { readonly _tag: "lose-late"; readonly delay: Duration.Duration }
  | { readonly _tag: "held"; readonly until: Effect.Effect<void> }
  | { readonly _tag: "duplicate" }
  | { readonly _tag: "answer"; readonly response: WireResponse; readonly effect: boolean }
  | { readonly _tag: "truncate" }
  | { readonly _tag: "huge"; readonly bytes: number }
  | { readonly _tag: "hang" }
  | { readonly _tag: "rewrite"; readonly body: (body: string) => string }

/**
 * A fault, and which requests it meets: the next `times` of this operation, 1 by default, all of
 * them with `Infinity`.
 */
export interface ScriptedFault {
  readonly operation: string
  readonly fault: Fault
  readonly times?: number
}

/** A request that arrived, and when, in milliseconds since 1970. */
export interface ReceivedRequest {
  readonly operation: string
  readonly request: WireRequest
  readonly at: number
}

/** The emulator cannot be served on the port that was asked for. */
export class EmulatorError extends Schema.TaggedError<EmulatorError>()("EmulatorError", {
  /** What is wrong with the port, and what to do about it. */
  message: Schema.String,
  port: Schema.Number,
  /** The code of the system, as `EADDRINUSE`. */
  code: Schema.optionalKey(Schema.String)
}) {}

/** Where an emulator is served, as `http://127.0.0.1:40123`. */
export interface Served {
  readonly origin: string
  readonly port: number
}

/** A provider that runs in this process, behind two doors that share its state, script and log. */
export interface Emulator {
  /**
   * Appends to the script. The faults of one operation are met in this order, whichever door the
   * requests come through; operations do not wait for one another.
   */
  readonly inject: (faults: ScriptedFault | ReadonlyArray<ScriptedFault>) => Effect.Effect<void>
  /**
   * Refuses the next connections (1 by default) of the in-memory transport: `open` and `request`
   * fail with `not-sent`, and no request arrives. A server cannot refuse a connection without
   * ceasing to listen, so {@link Emulator.serve} knows no such fault: stop it instead.
   */
  readonly refuseConnections: (times?: number) => Effect.Effect<void>
  /**
   * The last requests that arrived (10,000 by default), oldest first, as they came: with
   * signatures and tokens. For tests; print it with care if the credentials are real.
   */
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  /** How many requests of this operation ever arrived. */
  readonly count: (operation: string) => Effect.Effect<number>
  /**
   * The in-memory door. Time is that of the `Clock` of whoever sends, so `TestClock` rules late
   * effects and timeouts. On a real clock, a late effect keeps the process until it is due.
   */
  readonly transport: Transport
  /**
   * The door on 127.0.0.1, over plain HTTP: ready when the effect returns, on any free port unless
   * one is given. Closing the scope destroys open connections and cancels effects that are late or held
   * still, so that nothing holds the process. A body above 1 MiB is answered with 413.
   *
   * Fails with {@link EmulatorError} if the port is in use, not allowed or no port at all.
   */
  readonly serve: (options?: { readonly port?: number }) => Effect.Effect<Served, EmulatorError, Scope.Scope>
}

/**
 * Makes an emulator of a machine. `keepRequests` is how many requests the log holds: 10,000 by
 * default.
 *
 * @example
 * import { Emulator } from "@cloud-quota/core/testing"
 * import { Effect } from "effect"
 *
 * export const program = Effect.gen(function* () {
 *   const emulator = yield* Emulator.make({
 *     operation: () => "Add",
 *     handle: () => ({ status: 200, headers: {}, body: "{}" })
 *   })
 *   yield* emulator.inject({ operation: "Add", fault: { _tag: "drop-after" } })
 *   const { origin } = yield* emulator.serve()
 *   return origin
 * })
 */
export const make = (
  machine: Machine,
  options?: { readonly keepRequests?: number }
): Effect.Effect<Emulator> =>
  Effect.sync(() => {
    KnownKeys.check(options ?? {}, { keepRequests: true })
    const keepRequests = options?.keepRequests ?? 10_000
    const script = new Map<string, Array<{ readonly fault: Fault; left: number }>>()
    const log: Array<ReceivedRequest> = []
    const counts = new Map<string, number>()
    let refusals = 0

    const nextFault = (operation: string): Fault | undefined => {
      const queue = script.get(operation)
      const next = queue?.[0]
      if (queue === undefined || next === undefined) return undefined
      next.left -= 1
      if (next.left === 0) queue.shift()
      return next.fault
    }

    const arrive = (request: WireRequest, now: number): Reply => {
      const operation = machine.operation(request)
      log.push({ operation, request, at: now })
      if (log.length > keepRequests) log.shift()
      counts.set(operation, (counts.get(operation) ?? 0) + 1)
      return react(machine, nextFault(operation), request, now)
    }

    const takeRefusal = (): boolean => {
      if (refusals === 0) return false
      refusals -= 1
      return true
    }

    return {
      inject: (faults) =>
        Effect.sync(() => {
          for (const scripted of [faults].flat()) {
            KnownKeys.check(scripted, { operation: true, fault: true, times: true }, "fault")
            const { fault, operation, times = 1 } = scripted
            requireTimes(times)
            const queue = script.get(operation) ?? []
            script.set(operation, queue)
            queue.push({ fault, left: times })
          }
        }),
      refuseConnections: (times = 1) =>
        Effect.sync(() => {
          requireTimes(times)
          refusals += times
        }),
      requests: Effect.sync(() => [...log]),
      count: (operation) => Effect.sync(() => counts.get(operation) ?? 0),
      transport: inMemory(arrive, takeRefusal),
      serve: Effect.fnUntraced(function* (options) {
        KnownKeys.check(options ?? {}, { port: true })
        const port = options?.port ?? 0
        const listening = yield* listen(arrive, port).pipe(
          Effect.mapError((cause) => cannotListen(port, cause))
        )
        return { origin: `http://127.0.0.1:${listening}`, port: listening }
      })
    }
  })

// A mistake in a test, not an event at run time: hence a defect.
const requireTimes = (times: number): void => {
  if (times !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(times) && times > 0)) {
    throw new RangeError(`times must be a whole number above 0, or Infinity; it is ${times}`)
  }
}

const cannotListen = (port: number, cause: NodeJS.ErrnoException): EmulatorError => {
  const remedies: Record<string, string> = {
    EADDRINUSE: "is in use; choose another one, or 0 for any free port",
    EACCES: "is not allowed to this user; choose one above 1023, or 0 for any free port",
    ERR_SOCKET_BAD_PORT: "is no port; choose a whole number from 0 to 65535, 0 for any free port"
  }
  const code = cause.code ?? ""
  return new EmulatorError({
    message: `port ${port} on 127.0.0.1 ${remedies[code] ?? `cannot be listened on: ${cause.message}`}`,
    port,
    ...(cause.code === undefined ? {} : { code: cause.code })
  })
}
