/** An emulated provider's reaction to one request, independent of the transport. */
import * as Effect from "effect/Effect"
import type { Fault, Machine, WireRequest, WireResponse } from "./emulatorContract.ts"

/**
 * The reply to the client:
 * - `answer`: the response, with this many bytes of spaces after its body.
 * - `truncated`: the beginning of the response, and then the end of the connection.
 * - `cut`: the end of the connection.
 * - `silence`: nothing, forever.
 * - `late`: nothing took effect yet. When `until` has ended, call `commit`, which returns the answer; if the request
 *   is `lost`, cut the connection immediately instead of answering.
 */
export type Reply =
  | { readonly _tag: "answer"; readonly response: WireResponse; readonly padding: number }
  | { readonly _tag: "truncated"; readonly response: WireResponse }
  | { readonly _tag: "cut" }
  | { readonly _tag: "silence" }
  | {
      readonly _tag: "late"
      readonly until: Effect.Effect<void>
      readonly lost: boolean
      readonly commit: (now: number) => WireResponse
    }

/** Handles one incoming request; `now` is in milliseconds since 1970. Synchronous. */
export type Arrive = (request: WireRequest, now: number) => Reply

/** Handles a request with its fault. All immediate effects have happened on return. */
export const react = (
  machine: Machine,
  fault: Fault | undefined,
  request: WireRequest,
  now: number
): Reply => {
  const handle = (at = now) => dated(machine.handle(request, at), at)
  switch (fault?._tag) {
    case undefined:
      return answer(handle())
    case "drop-before":
      return { _tag: "cut" }
    case "drop-after":
      handle()
      return { _tag: "cut" }
    case "late":
    case "lose-late":
      return {
        _tag: "late",
        until: Effect.sleep(fault.delay),
        lost: fault._tag === "lose-late",
        commit: handle
      }
    case "held":
      return { _tag: "late", until: fault.until, lost: false, commit: handle }
    case "duplicate":
      handle()
      return answer(handle())
    case "answer":
      if (fault.effect) handle()
      return answer(dated(fault.response, now))
    case "truncate":
      return { _tag: "truncated", response: handle() }
    case "huge":
      return answer(handle(), fault.bytes)
    case "hang":
      return { _tag: "silence" }
    case "rewrite": {
      const response = handle()
      return answer({ ...response, body: fault.body(response.body) })
    }
  }
}

/**
 * Every server sends its time, in whole seconds: here the provider's own time, which may differ from the
 * machine's. An existing date is kept.
 */
const dated = (response: WireResponse, now: number): WireResponse => ({
  ...response,
  headers: { date: new Date(now).toUTCString(), ...response.headers }
})

const answer = (response: WireResponse, padding = 0): Reply => ({ _tag: "answer", response, padding })

/** Returns the headers of an answer, with names in lower case and the length in bytes of its body. */
export const headersOf = (response: WireResponse, bytes: number): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) headers[name.toLowerCase()] = value
  headers["content-length"] = String(bytes)
  return headers
}
