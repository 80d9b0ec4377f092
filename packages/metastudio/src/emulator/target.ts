/** A parsed request target. Routing and the signature check use the same one. */
import * as Result from "effect/Result"
import { badTarget, type Refusal } from "./refusal.ts"

/** Path and query, percent-decoded once. */
export interface Target {
  /** The segments between the slashes, without the first slash: `/` has one empty segment. */
  readonly segments: ReadonlyArray<string>
  /** In the order sent. A name without `=` has the empty value. */
  readonly parameters: ReadonlyArray<readonly [name: string, value: string]>
}

/** Parses a raw request target. Refuses one with invalid percent-encoding. */
export const parseTarget = (target: string): Result.Result<Target, Refusal> => {
  const [path = "", ...query] = target.split("?")
  try {
    return Result.succeed({
      segments: path.slice(1).split("/").map(decodeURIComponent),
      parameters: query
        .join("?")
        .split("&")
        .filter((pair) => pair !== "")
        .map((pair) => {
          const [name = "", ...value] = pair.split("=")
          return [decodeURIComponent(name), decodeURIComponent(value.join("="))] as const
        })
    })
  } catch {
    return Result.fail(badTarget)
  }
}

/** Returns the value of a query parameter, or the first one if it is repeated. */
export const parameter = (target: Target, name: string): string | undefined =>
  target.parameters.find(([key]) => key === name)?.[1]
