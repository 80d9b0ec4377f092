/**
 * A request target taken apart: what the emulator routes by is what it checks the signature of.
 */
import * as Result from "effect/Result"
import { badTarget, type Refusal } from "./refusal.ts"

/** Path and query, percent-decoded once. */
export interface Target {
  /** What stands between the slashes, without the first one: `/` has one empty segment. */
  readonly segments: ReadonlyArray<string>
  /** In the order sent. A name without `=` has the empty value. */
  readonly parameters: ReadonlyArray<readonly [name: string, value: string]>
}

/** Takes a raw request target apart; refuses one that is not well percent-encoded. */
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

/** The value of a query parameter; the first one if it is repeated. */
export const parameter = (target: Target, name: string): string | undefined =>
  target.parameters.find(([key]) => key === name)?.[1]
