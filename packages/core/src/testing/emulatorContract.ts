/** The interface of an emulator: its machine, its scripted faults, and its two transports. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Transport } from "../transport/Transport.ts"

/** A request as received from the wire. */
export interface WireRequest {
  readonly method: string
  /** Path and query, exactly as sent. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A response as written to the wire. */
export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * One provider's behaviour: its state, and the effect of a request on it. Handling a request is one
 * synchronous step, so a request has either taken effect or not.
 */
export interface Machine {
  /** Returns the provider's name of the operation, as `SetCompShareTeamAmount`, or `unknown`. */
  readonly operation: (request: WireRequest) => string
  /** `now` is in milliseconds since 1970. */
  readonly handle: (request: WireRequest, now: number) => WireResponse
}

/**
 * The fault of one request:
 * - `drop-before`: the connection is cut; the request had no effect.
 * - `drop-after`: the request takes effect, and then the connection is cut.
 * - `late`: the request takes effect only after the delay; then the answer is sent, if the client still
 *   waits.
 * - `lose-late`: the connection is cut at once, and the request takes effect after the delay.
 * - `held`: `until` begins when the request arrives, and the request takes effect only when it ends; then the
 *   answer is sent, if the client still waits. So a test decides the order, however slow the machine is.
 * - `duplicate`: the request takes effect twice; the second answer is sent.
 * - `answer`: this answer replaces the provider's own, with or without an effect.
 * - `truncate`: the request takes effect; the answer is cut in the middle, and the connection closed.
 * - `huge`: the request takes effect; the answer is followed by this many bytes of spaces.
 * - `hang`: no effect and no answer; the connection stays open.
 * - `rewrite`: the provider's own answer, modified: `null` lists, codes as text and the like.
 *
 * A provider that has received a request does not notice that its client gave up: a `late`, `lose-late` or
 * `held` request takes effect whether or not the client still waits.
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
 * A fault, and its requests: the next `times` of this operation, or all of them with `Infinity`. `times` is 1
 * by default.
 */
export interface ScriptedFault {
  readonly operation: string
  readonly fault: Fault
  readonly times?: number
}

/** A received request, with its time in milliseconds since 1970. */
export interface ReceivedRequest {
  readonly operation: string
  readonly request: WireRequest
  readonly at: number
}

/** The emulator cannot be served on the requested port. */
export class EmulatorError extends Schema.TaggedError<EmulatorError>()("EmulatorError", {
  /** The problem with the port, and its remedy. */
  message: Schema.String,
  port: Schema.Number,
  /** The code of the system, as `EADDRINUSE`. */
  code: Schema.optionalKey(Schema.String)
}) {}

/** The address of a served emulator, as `http://127.0.0.1:40123`. */
export interface Served {
  readonly origin: string
  readonly port: number
}

/** A provider that runs in this process, with two transports that share its state, script and log. */
export interface Emulator {
  /**
   * Appends to the script. The faults of one operation apply in this order, over both transports; operations
   * do not wait for one another.
   */
  readonly inject: (faults: ScriptedFault | ReadonlyArray<ScriptedFault>) => Effect.Effect<void>
  /**
   * Refuses the next connections (1 by default) of the in-memory transport: `open` and `request` fail with
   * `not-sent`, and no request arrives. A server can refuse a connection only by ceasing to listen, so
   * {@link Emulator.serve} has no such fault: stop it instead.
   */
  readonly refuseConnections: (times?: number) => Effect.Effect<void>
  /**
   * The last received requests (10,000 by default), oldest first, unmodified: with signatures and tokens. For
   * tests; print it with care if the credentials are real.
   */
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  /** How many requests of this operation have arrived in total. */
  readonly count: (operation: string) => Effect.Effect<number>
  /**
   * The in-memory transport. Its time is the sender's `Clock`, so `TestClock` controls late effects and
   * timeouts. On a real clock, a late effect keeps the process running until it is due.
   */
  readonly transport: Transport
  /**
   * Serves the emulator on 127.0.0.1, over plain HTTP. It is ready when the effect returns, on any free port
   * unless one is given. Closing the scope destroys open connections and cancels effects that are still
   * late or held, so that the process can end. A body above 1 MiB is answered with 413.
   *
   * Fails with {@link EmulatorError} if the port is in use, not allowed or invalid.
   */
  readonly serve: (options?: { readonly port?: number }) => Effect.Effect<Served, EmulatorError, Scope.Scope>
}

/** A served emulated cloud, and how to connect to it. */
export interface Emulated {
  readonly origin: string
  /** The environment variables that the vendor's own tools, and this library, read. */
  readonly environment: Readonly<Record<string, string>>
  /** The account's entry in a configuration file. Secrets are not in it: they are in the environment. */
  readonly settings: Readonly<Record<string, unknown>>
  /** For injecting faults, and for reading the received requests. */
  readonly emulator: Emulator
}

/** Options of an emulated cloud. */
export interface EmulateOptions {
  /** The port; 0 chooses a free one. @default 0 */
  readonly port?: number
  /** Chooses the invented data. @default 1 */
  readonly seed?: number
  /** The number of invented members. */
  readonly size?: number
}
