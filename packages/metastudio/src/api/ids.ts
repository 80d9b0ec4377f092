/**
 * Ids and paths that go into a URL. Text that would leave its segment is refused before anything is sent,
 * because it would reach another resource.
 */
import * as Result from "effect/Result"
import { encode } from "./auth/AkSk.ts"

/** Returns the id, or the reason why it cannot be part of a path. */
export const checkSegment = (text: string): Result.Result<string, string> => {
  // A caller without types would reach a user called "undefined".
  if (typeof text !== "string") return Result.fail("is not a text: give an id")
  if (text === "") return Result.fail("is empty: give an id")
  if (text === "." || text === "..") return Result.fail(`${JSON.stringify(text)} is not an id`)
  if (/[/\\\p{Cc}\p{Cf}\p{Cs}]/u.test(text)) {
    return Result.fail("has a slash, a backslash or a control character in it: give the id alone")
  }
  return Result.succeed(text)
}

/** Returns the path of a URL, made of checked plain segments. */
export const joinPath = (segments: ReadonlyArray<string>): string =>
  segments.map((segment) => `/${encode(segment)}`).join("")

/** Returns the plain segments of a caller's path, encoded or not. */
export const splitPath = (path: string): Result.Result<ReadonlyArray<string>, string> => {
  if (typeof path !== "string" || !path.startsWith("/"))
    return Result.fail(`is no path: begin it with "/", as "/tenants/resources"`)
  const segments: Array<string> = []
  for (const written of path.slice(1).split("/")) {
    const segment = Result.flatMap(decode(written), checkSegment)
    if (Result.isFailure(segment)) return Result.fail(`has a segment that ${segment.failure}`)
    segments.push(segment.success)
  }
  return Result.succeed(segments)
}

const decode = (segment: string): Result.Result<string, string> =>
  Result.try({
    try: () => decodeURIComponent(segment),
    catch: () => 'has a "%" that encodes nothing: write it as "%25"'
  })
