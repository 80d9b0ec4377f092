/**
 * The rules that can be switched off, to see that each is needed: those inside the engine, and those
 * that its surroundings keep.
 */
import { rules as engineRules } from "../packages/core/src/internal/rules.ts"

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
  /** An answer with a 5xx status proves nothing, whatever code is in it. Played with puts. */
  "5xx-proves-nothing"
] as const

export type Rule = (typeof engineRules)[number] | (typeof surroundingRules)[number]

/** The rules of absolute clouds, which histories of puts find missing. */
export const isPutRule = (rule: Rule | undefined): boolean =>
  rule === "5xx-proves-nothing" || rule?.startsWith("put-") === true

export const allRules: ReadonlyArray<Rule> = [...engineRules, ...surroundingRules]
