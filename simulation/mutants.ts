/**
 * The rules that can be switched off, to see that each is needed: those inside the engine, and those
 * that its surroundings keep.
 */
import { rules as engineRules } from "../packages/core/src/engine/rules.ts"
import type { Theme } from "./plots.ts"

/** Rules whose switch is in the simulated surroundings. */
export const surroundingRules = [
  /** No layer below the engine repeats a request. */
  "send-once",
  /** A member that the answer names as failed was not changed. */
  "failed-members",
  /** An intent is durable before its request leaves. */
  "write-ahead",
  /** One holder per account, and a fence that tells it from a former one. */
  "one-holder",
  /** On one host the lock of a living process cannot be taken. */
  "lock-proves-death",
  /** Our own attempt is waited out from its end, not from when it was written down. */
  "own-base",
  /** What is available is never a witness. */
  "no-witness",
  /** The log contradicts, and never proves: an entry names no member, and may be another change's. */
  "log-never-proves",
  /** The log is counted in the provider's time, and not in our own. */
  "provider-time",
  /** Every change is looked at when it is over, and not only a limit that was set. */
  "look-for-all",
  /** How far the journal has come is noted after arming and before the write. */
  "mark-when-armed",
  /** An answer with a 5xx status proves nothing, whatever code is in it. Played with puts. */
  "5xx-proves-nothing"
] as const

export type Rule = (typeof engineRules)[number] | (typeof surroundingRules)[number]

/** The rules of absolute clouds, which histories of puts find missing. */
export const isPutRule = (rule: Rule | undefined): boolean =>
  rule === "5xx-proves-nothing" || rule?.startsWith("put-") === true

export const allRules: ReadonlyArray<Rule> = [...engineRules, ...surroundingRules]

/** The histories that show soonest that a rule is missed. The others are shown by any. */
export const shownBy: Readonly<Partial<Record<Rule, Theme>>> = {
  "mark-when-armed": "journal copied and restored",
  "barrier-from-listing": "answered while being taken over",
  "read-barrier": "stale reading after a withdrawal",
  "learn-after-read-lag": "granted in the console just before a withdrawal",
  "log-vetoes": "undone in the console",
  "provider-time": "undone in the console",
  "log-never-proves": "colleagues change others while an answer is lost",
  "conflict-freezes": "stopped at the write, and taken over",
  "long-enough": "waiting times that are too short",
  "look-for-all": "delivered twice",
  "closing-look": "delivered twice",
  "lock-proves-death": "stopped at the write, and taken over"
}

/** Rules that no history misses, and the tests of the engine that do. */
export const shownByTests: Readonly<Partial<Record<Rule, string>>> = {
  // Where withdrawals keep the limit, nothing in a history lowers it, so there is nothing to be learnt wrongly.
  "learn-by-log": "LogWitness.test.ts, teaches nothing where the log has another entry",
  // Roll-outs of several members, whose changes take time, are played by the tests of the engine.
  "reading-age": "RollOut.test.ts, is made anew once it is older than it may be",
  "shared-reading-needs-log": "RollOut.test.ts, is made for each change without the log",
  "own-entries": "LogWitness.test.ts, tells a lost answer from those before it in the same call",
  "shrunken-log": "LogWitness.test.ts, is one whose entries vanish",
  "waiting-mark-needs-proof": "RollOut.test.ts, does not wait without the log",
  "mark-before-waiting": "RollOut.test.ts, is recorded before anything is waited for",
  "mark-at-end": "RollOut.test.ts, is recorded if the call is interrupted while it waits",
  "put-reading-age": "PutRollOut.test.ts, lists anew once a listing is older than it may be"
}
