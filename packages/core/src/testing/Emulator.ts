/**
 * The common part of the providers' emulators: one state machine, served over real HTTP on loopback and as an
 * in-memory transport, with scripted faults.
 *
 * Both transports use the same state: a request is logged, meets the next fault of its operation if there is
 * one, and is handled in one synchronous step. They differ only in how the outcome reaches the client.
 */
import * as Effect from "effect/Effect"
import { type Reply, react } from "./emulatorReply.ts"
import { listen } from "./emulatorServer.ts"
import { inMemory } from "./emulatorTransport.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import {
  type WireRequest,
  type Machine,
  type Fault,
  type ReceivedRequest,
  EmulatorError,
  type Emulator
} from "./emulatorContract.ts"

export * from "./emulatorContract.ts"

/**
 * Makes an emulator from a machine. `keepRequests` limits the requests in the log: 10,000 by default.
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

// A mistake in a test, not an event at run time: therefore a defect.
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
