/** Converts failures and defects of effects to ordinary errors that point at the caller. */
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import type * as Core from "../model/CloudQuotaError.ts"
import type { ConfigFileError } from "../config/ConfigFileError.ts"
import { defined } from "../model/KnownKeys.ts"
import * as SafeText from "../model/SafeText.ts"
import { CloudQuotaError, ConfigError, type Failure } from "./errors.ts"
import { withLine } from "./plain.ts"

/** Carries an error of the caller's own code through effects, so that it is thrown unchanged. */
export class Thrown {
  readonly error: unknown
  constructor(error: unknown) {
    this.error = error
  }
}

/** Converts a reason to plain data. */
export const failureOf = (reason: Core.Reason): Failure =>
  withLine({
    reason: reason._tag,
    message: SafeText.visible(reason.message),
    retryable: reason.isRetryable,
    ...defined({
      details: reason.details,
      field: "field" in reason ? reason.field : undefined,
      capability: "capability" in reason ? reason.capability : undefined,
      retryAfterMillis: "retryAfterMillis" in reason ? reason.retryAfterMillis : undefined,
      unreadableRows: "unreadableRows" in reason ? reason.unreadableRows : undefined
    })
  })

/** Converts any value to text. An object without a text of its own is inspected. */
export const textOf = (value: unknown): string =>
  typeof value === "object" && !(value instanceof Error) ? inspect(value) : String(value)

/** The stack of a method's caller: the frames below this library's own. It is made for errors alone. */
export type CallSite = () => string

/** Remembers the call site. */
export const callSite = (): CallSite => {
  const holder = { stack: "" }
  Error.captureStackTrace(holder, callSite)
  return () => {
    const [, ...frames] = holder.stack.split("\n")
    return frames.filter((frame) => !ours.some((place) => frame.includes(place))).join("\n")
  }
}

/** This package as named in stacks: by URL, or by path if a bundler or test runner is involved. */
const root = new URL("..", import.meta.url)
const ours = [root.href, fileURLToPath(root)]

/** Converts the failure or defect of an effect to the caller's error. */
export const toError = (failure: unknown, site: CallSite): unknown => {
  if (failure instanceof Thrown) return failure.error
  const known = fromCore(failure)
  // Any other value is a mistake in a program. It keeps its own stack, which shows the place.
  if (known === undefined) return failure instanceof Error ? failure : new Error(textOf(failure))
  const frames = site()
  known.stack = `${known.name}: ${known.message}${frames === "" ? "" : `\n${frames}`}`
  return known
}

const fromCore = (failure: unknown): Error | undefined => {
  if (isTagged<Core.CloudQuotaError>(failure, "CloudQuotaError")) {
    const { account, cause, message, money, operation, provider, reason, requestId } = failure
    const known = { ...failureOf(reason), message, money, operation, provider }
    return new CloudQuotaError({ ...known, ...defined({ account, requestId, cause }) })
  }
  if (isTagged<ConfigFileError>(failure, "ConfigFileError")) {
    const { file, issues, message } = failure
    return new ConfigError(
      message,
      issues.map((issue) => ({ file, ...issue }))
    )
  }
  return undefined
}

const isTagged = <E extends { readonly _tag: string }>(value: unknown, tag: E["_tag"]): value is E =>
  typeof value === "object" && value !== null && "_tag" in value && value._tag === tag
