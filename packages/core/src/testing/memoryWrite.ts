/** A write to a provider in memory, and its outcome. */
import type { Reason } from "../model/CloudQuotaError.ts"
import type { LogEntry } from "../model/Driver.ts"

/** The outcome of a write, by its answer or the lack of one. */
export type Answer =
  | { readonly _tag: "Applied"; readonly requestId: string }
  | { readonly _tag: "Rejected" | "NotSent" | "Unknown"; readonly reason: Reason }

/** Makes a write take effect, or returns the reason why it does not. */
export type Commit = () => Reason | undefined

/** The entry of the provider's log for a write that took effect. */
export type Noted = Pick<LogEntry, "kind" | "text">
