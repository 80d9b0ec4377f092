/** The table of operations: how requests are matched, and the credentials they require. */
import type * as Emulator from "@cloud-quota/core/testing/Emulator"
import type * as Result from "effect/Result"
import type { Refusal } from "./refusal.ts"
import type { Target } from "./target.ts"

/** A request matched to an operation. */
export interface Call {
  readonly request: Emulator.WireRequest
  readonly target: Target
  /** The path segments at the names in braces. */
  readonly path: Readonly<Record<string, string>>
  /** In milliseconds since 1970. */
  readonly now: number
  readonly requestId: string
}

/**
 * The credentials that an operation requires: none (`anyone`), those of the project in its path, those of the
 * account, or those of the account together with its id (`domain`).
 */
export type Access = "anyone" | "project" | "account" | "domain"

/** One operation of the vendor. */
export interface Route {
  /** The vendor's name, for faults and for the log. */
  readonly operation: string
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /**
   * As the vendor writes it: `/v1/{project_id}/user/quotas`. A name in braces matches a non-empty segment.
   */
  readonly path: string
  readonly access: Access
  readonly answer: (call: Call) => Result.Result<Emulator.WireResponse, Refusal>
}

/** A route, with the values of its path's names. */
export interface Found {
  readonly route: Route
  readonly path: Readonly<Record<string, string>>
}

/** Makes the router, which finds a request's route. */
export const makeRouter = (routes: ReadonlyArray<Route>) => {
  const table = routes.map((route) => ({ route, segments: route.path.slice(1).split("/") }))
  return (method: string, target: Target): Found | undefined => {
    for (const { route, segments } of table) {
      if (route.method !== method) continue
      const path = match(segments, target.segments)
      if (path !== undefined) return { route, path }
    }
    return undefined
  }
}

const match = (pattern: ReadonlyArray<string>, segments: ReadonlyArray<string>) => {
  if (pattern.length !== segments.length) return undefined
  const path: Record<string, string> = {}
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? ""
    if (!expected.startsWith("{")) {
      if (segment !== expected) return undefined
    } else if (segment === "") {
      return undefined
    } else {
      path[expected.slice(1, -1)] = segment
    }
  }
  return path
}
