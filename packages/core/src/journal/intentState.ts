/** The steps that an intent may take. Every journal enforces the same rules. */
import type { State } from "./contract.ts"

/** The states in which the outcome of an intent is not settled yet. */
export const openStates = ["prepared", "sending"] as const satisfies ReadonlyArray<State>

/** The states in which an intent needs something: an outcome, or a decision. */
export const pendingStates = [...openStates, "conflict"] as const satisfies ReadonlyArray<State>

/** The settled states in which a change took place, or may have. */
export const lastingStates = [
  "applied",
  "resolved-applied",
  "resolved-not-applied"
] as const satisfies ReadonlyArray<State>

const open: ReadonlySet<State> = new Set(openStates)
const resolved: ReadonlySet<State> = new Set(["resolved-applied", "resolved-not-applied"])

/**
 * Whether an intent may take a step. A claim changes only into a conflict, and only a person resolves a
 * conflict. No state changes into `prepared`: a new attempt is a new intent.
 */
export const mayStep = (from: State, to: State): boolean => {
  if (from === "conflict") return resolved.has(to)
  return open.has(from) ? to !== "prepared" && !resolved.has(to) : to === "conflict"
}
