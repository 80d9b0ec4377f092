/**
 * What this process knows about its own attempts, and no journal could tell it: when they ended, on
 * a clock that neither a jump nor a sleeping laptop can shorten.
 */
import type { Journal } from "../journal/Journal.ts"
import type { Intent, Step } from "../journal/contract.ts"
import type { DedicatedConnection } from "../transport/Transport.ts"

/** The end of an attempt: its answer, its error, or the reset of its connection. */
export interface AttemptEnd {
  /** Monotonic nanoseconds. */
  readonly at: bigint
  readonly resetReaches: DedicatedConnection["resetReaches"]
}

/** Attempts of this process, by {@link attemptKey}. */
export interface Attempts {
  readonly ends: Map<string, AttemptEnd>
  /** What an answer proved where the journal could not be written: known all the same. */
  readonly answers: Map<string, Step>
  /** When an attempt of another process was first seen as it is armed now. Monotonic nanoseconds. */
  readonly firstSeen: Map<string, { readonly armed: number; readonly at: bigint }>
  /** By account, where this process is the holder of an account for the rest of its life. */
  readonly barriers: Map<string, Barrier>
}

/** From when on no change of another process can have been noted. */
export interface Barrier {
  /** When this process became the holder. Monotonic nanoseconds. */
  readonly held: bigint
  /** Absent until the holder has found nothing open. Monotonic nanoseconds. */
  since?: bigint
}

/** An intent's id alone is not enough: a restored journal gives ids that this process has seen before. */
export const attemptKey = ({ createdAt, fence, id }: Pick<Intent, "createdAt" | "fence" | "id">): string =>
  JSON.stringify([id, fence, createdAt])

const byJournal = new WeakMap<Journal, Attempts>()

export const attemptsOf = (journal: Journal): Attempts => {
  const found = byJournal.get(journal)
  if (found !== undefined) return found
  const made: Attempts = {
    ends: new Map(),
    answers: new Map(),
    firstSeen: new Map(),
    barriers: new Map()
  }
  byJournal.set(journal, made)
  return made
}
