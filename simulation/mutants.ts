/**
 * The rules that can be switched off, to see that each is needed: those inside the engine, and those
 * that the surroundings keep.
 */
import { rules as engineRules } from "../packages/core/src/internal/rules.ts"

/** Rules whose switch is in the simulated surroundings: a lock, a retry layer, a reader of answers. */
export const surroundingRules = ["send-once", "failed-members", "write-ahead", "one-holder"] as const

export type Rule = (typeof engineRules)[number] | (typeof surroundingRules)[number]

export const allRules: ReadonlyArray<Rule> = [...engineRules, ...surroundingRules]
