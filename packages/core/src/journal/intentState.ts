/**
 * Which steps an intent may take: the rules that every journal enforces alike.
 */
import type { State } from "./contract.ts"

/** The states in which it is not settled yet what became of an intent. */
export const openStates = ["prepared", "sending"] as const satisfies ReadonlyArray<State>

const open: ReadonlySet<State> = new Set(openStates)
const resolved: ReadonlySet<State> = new Set(["resolved-applied", "resolved-not-applied"])

/**
 * A claim changes only into a conflict, and a conflict only by a person's word. Nothing becomes
 * `prepared` again: a new attempt is a new intent.
 */
export const mayStep = (from: State, to: State): boolean => {
  if (from === "conflict") return resolved.has(to)
  return open.has(from) ? to !== "prepared" && !resolved.has(to) : to === "conflict"
}
