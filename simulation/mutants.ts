/**
 * The rules that can be switched off, to see that each is needed: those inside the engine, and those
 * that its surroundings keep.
 */
import { rules as engineRules } from "../packages/core/src/internal/rules.ts"
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
  /** How far the journal has come is noted after arming and before the write. */
  "mark-when-armed"
] as const

export type Rule = (typeof engineRules)[number] | (typeof surroundingRules)[number]

export const allRules: ReadonlyArray<Rule> = [...engineRules, ...surroundingRules]

/** The histories that show soonest that a rule is missed. The others are shown by any. */
export const shownBy: Readonly<Partial<Record<Rule, Theme>>> = {
  "mark-when-armed": "journal copied and restored"
}
