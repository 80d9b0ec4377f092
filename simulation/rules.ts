/**
 * Stands in for core's `engine/rules.ts` while simulating: the same rules, and a way to switch
 * one off, to see that the checker notices.
 */
import { type Rule as EngineRule, rules } from "../packages/core/src/engine/rules.ts"
import type { Rule } from "./mutants.ts"

export { rules }

let off: Rule | undefined

export const on = (rule: EngineRule): boolean => rule !== off

/** Whether a rule of the surroundings is on. */
export const keeps = (rule: Rule): boolean => rule !== off

/** Switches one rule off, or all on again. */
export const switchOff = (rule: Rule | undefined): void => {
  off = rule
}
