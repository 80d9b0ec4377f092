/**
 * Stands in for core's `internal/rules.ts` while simulating: the same rules, and a way to switch
 * one off, to see that the checker notices.
 */
import { type Rule, rules } from "../packages/core/src/internal/rules.ts"

export { rules }
export type { Rule }

let off: Rule | undefined

export const on = (rule: Rule): boolean => rule !== off

/** Switches one rule off, or all on again. */
export const without = (rule: Rule | undefined): void => {
  off = rule
}
