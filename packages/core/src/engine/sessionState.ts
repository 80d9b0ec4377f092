/** What one hold on an account remembers between its changes. */
import type * as Effect from "effect/Effect"
import type { DeltaSnapshot, LogCount } from "../model/Driver.ts"
import type { Intent, Step } from "../journal/contract.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { Instant } from "./twoClocks.ts"

/** The state of the provider's log during one hold. */
export interface LogWitness {
  /** Absent before the first count, and when the next change needs a new one. */
  base?: {
    /** Absent if the log is no witness. */
    readonly counted?: LogCount
    /** When it was counted, in monotonic nanoseconds. */
    readonly at: bigint
  }
  /** The number of requests of this hold that were answered as applied since the base. */
  own: number
  /** When the last of them ended, in monotonic nanoseconds. */
  lastOwn?: bigint
  /** Whether entries have vanished from the log. It is then no witness for the rest of the hold. */
  discredited: boolean
}

/** A reading that may serve several members. */
export interface LatestReading {
  readonly begun: Instant
  readonly snapshots: ReadonlyMap<MemberId, DeltaSnapshot>
}

export interface SharedReading {
  latest?: LatestReading
  /** Whether the provider's answers have a row that fails a reading of all. Each member is then read alone. */
  isRefused: boolean
}

/** How a mark was recorded. */
export type Noted =
  | { readonly _tag: "Recorded" }
  /** The intent was settled as the opposite meanwhile. */
  | { readonly _tag: "Contradicted"; readonly detail: string }
  | { readonly _tag: "Failed" }

/** The mark of an answered change. `noted` is absent until it was tried to record it. */
export interface Mark {
  readonly intent: Intent
  readonly step: Step
  noted?: Noted
  /** Shows the result of a change whose mark has waited. */
  show?: Effect.Effect<void>
}

export interface SessionState {
  readonly logWitness: LogWitness
  readonly sharedReading: SharedReading
  /** The mark that waits for the next transaction, if any. */
  readonly marks: { waiting?: Mark }
}

export const makeSessionState = (): SessionState => ({
  logWitness: { own: 0, discredited: false },
  sharedReading: { isRefused: false },
  marks: {}
})
