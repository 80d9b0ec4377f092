/**
 * The rules that keep money from moving twice, by name, so that each can be found in the code. They
 * are always on; the simulation puts a module in place of this one to prove that each is needed.
 */
export const rules = [
  /** An unknown outcome is waited out before it is read back. */
  "wait",
  /** Somebody else's attempt is waited out from our own taking over. */
  "takeover-base",
  /** A lower limit is not set by taking back until it is proven that this lowers the limit. */
  "set-down",
  /** An unmoved limit proves nothing about a withdrawal until it is proven that withdrawals move it. */
  "unmoved-withdrawal",
  /** A run answers with what it did already. */
  "deduplicate",
  /** Open intents are settled before anything new is planned. */
  "settle-first",
  /** Whoever did not send never concludes that nothing happened, unless the sender is proven dead. */
  "non-sender",
  /** A conflict that nobody has resolved keeps its member from being changed. */
  "conflict-freezes",
  /** After a change, a reading older than it is not trusted. */
  "read-barrier",
  /** After a put without an answer, the same limits are sent again only if all of them are as before. */
  "put-all-as-before",
  /** Before a put is sent again, the fence, the intent and the age of the look are checked. */
  "put-recheck",
  /** A put that is refused after one without an answer leaves the outcome unknown. */
  "put-rejection",
  /** The journal counts the sends without an answer, also of a put that is settled. */
  "put-count",
  /** Another change of the member waits until no earlier send can arrive. */
  "put-wait",
  /** A put travels over the pool, and a reset does not reach the provider: it is waited out like that of another process. */
  "put-takeover",
  /** A change is planned from a reading that no put of its member can be missing from. */
  "put-read-barrier",
  /** That nothing had to be changed is written down for the run. */
  "put-no-change"
] as const

export type Rule = (typeof rules)[number]

/** Whether a rule is on. It is. */
export const on = (_rule: Rule): boolean => true
