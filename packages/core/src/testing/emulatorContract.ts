/**
 * What an emulator is: its machine, the faults that are scripted, and its two ways in.
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
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
 *   answer follows, if the client still waits. So a test decides the order, however slow the machine is.
 * - `duplicate`: the request takes effect twice; the second answer is given.
 * - `answer`: this answer instead of the provider's own, with or without taking effect.
 * - `truncate`: the request takes effect; the answer is cut in the middle, and the connection closed.
 * - `huge`: the request takes effect; the answer is followed by so many bytes of spaces.
 * - `hang`: no effect and no answer; the connection stays open.
 * - `rewrite`: the provider's own answer, changed: `null` lists, codes as text and the like.
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
   * one is given. Closing the scope destroys open connections and cancels effects that are still late or
   * held, so that nothing holds the process. A body above 1 MiB is answered with 413.
   *
   * Fails with {@link EmulatorError} if the port is in use, not allowed or no port at all.
   */
  readonly serve: (options?: { readonly port?: number }) => Effect.Effect<Served, EmulatorError, Scope.Scope>
}

/** An emulated cloud that is served, and how to reach it. */
export interface Emulated {
  readonly origin: string
  /** The environment variables that the vendor's own tools, and this library, would take. */
  readonly environment: Readonly<Record<string, string>>
  /** The account's entry in a configuration file. Secrets are not in it: they are in the environment. */
  readonly settings: Readonly<Record<string, unknown>>
  /** For faults, and for a look at what was asked. */
  readonly emulator: Emulator
}

/** How an emulated cloud is started. */
export interface EmulateOptions {
  /** 0, a free one, by default. */
  readonly port?: number
  /** Which data are invented. 1 by default. */
  readonly seed?: number
  /** How many members are invented. */
  readonly size?: number
}
