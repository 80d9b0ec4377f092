/**
 * A write to a provider in memory, and what becomes of it.
 */
import type { Reason } from "../model/CloudQuotaError.ts"
import type { LogEntry } from "../model/Driver.ts"

/** What an answer, or the lack of one, says about a write. */
export type Answer =
  | { readonly _tag: "Applied"; readonly requestId: string }
  | { readonly _tag: "Rejected" | "NotSent" | "Unknown"; readonly reason: Reason }

/** A write takes effect, or says why it does not. */
export type Commit = () => Reason | undefined

/** What the provider's log says of a write that took effect. */
export type Noted = Pick<LogEntry, "kind" | "text">
