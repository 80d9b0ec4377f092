/**
 * The facts about its own attempts that only this process knows: when they ended, on the monotonic clock.
 * Neither a clock jump nor a suspended laptop can shorten a wait on it.
 */
import * as Duration from "effect/Duration"
import type { Journal } from "../journal/Journal.ts"
import type { Intent, Step } from "../journal/contract.ts"
import type { DedicatedConnection } from "../transport/Transport.ts"

/** The end of an attempt: its answer, its error, or the reset of its connection. */
export interface AttemptEnd {
  /** Monotonic nanoseconds. */
  readonly at: bigint
  readonly resetReaches: DedicatedConnection["resetReaches"]
  /** Whether the journal has the outcome. The end is then needed only until readings show it. */
  readonly isSettled?: boolean
}

/** Attempts of this process, by {@link attemptKey}. */
export interface Attempts {
  readonly ends: Map<string, AttemptEnd>
  /** Steps that an answer proved but the journal could not record. */
  readonly answers: Map<string, Step>
  /** When an attempt of another process was first seen as it is armed now, in monotonic nanoseconds. */
  readonly firstSeen: Map<string, { readonly armed: number; readonly at: bigint }>
  /** By account, if this process holds the account for the rest of its life. */
  readonly barriers: Map<string, Barrier>
}

/** The time from which no change of another process can have been recorded. */
export interface Barrier {
  /** When this process became the holder, in monotonic nanoseconds. */
  readonly held: bigint
  /** When the holder first found no open intent, in monotonic nanoseconds. Absent until then. */
  since?: bigint
}

/** An intent's id alone is not unique: a restored journal reuses ids that this process has seen. */
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

/** Notes that the journal has the outcome of an attempt. */
export const noteSettled = ({ answers, ends, firstSeen }: Attempts, intent: Intent): void => {
  const key = attemptKey(intent)
  const end = ends.get(key)
  if (end !== undefined) ends.set(key, { ...end, isSettled: true })
  answers.delete(key)
  firstSeen.delete(key)
}

/** How much longer than readings may lag the end of a settled attempt is kept, in nanoseconds. */
const margin = Duration.toNanosUnsafe(Duration.minutes(1))

/** Forgets attempts that are settled and that every reading shows by now. */
export const forgetSettled = (
  { ends, firstSeen }: Attempts,
  readLag: Duration.Duration,
  now: bigint
): void => {
  const oldest = now - Duration.toNanosUnsafe(readLag) - margin
  for (const [key, { at, isSettled = false }] of ends) if (isSettled && at < oldest) ends.delete(key)
  for (const [key, { at }] of firstSeen)
    if (key.startsWith(settledPrefix) && at < oldest) firstSeen.delete(key)
}

const settledPrefix = "settled "

/** The key under which a settled attempt of another process is first seen. */
export const settledKey = (intent: Intent): string => `${settledPrefix}${attemptKey(intent)}`
