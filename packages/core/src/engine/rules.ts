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
  /** What other processes changed is waited for from when nothing open was found, not from taking over. */
  "barrier-from-listing",
  /** A count of the provider's log that does not fit keeps a reading from proving anything. */
  "log-vetoes",
  /** Only a grant whose limit did not move, and of which the log shows nothing, is sent again by itself. */
  "retry-needs-log",
  /** A withdrawal teaches by readings that cannot be older than its answer. */
  "learn-after-read-lag",
  /** A withdrawal teaches nothing where the log has other entries than its own. */
  "learn-by-log",
  /** Every changed member is read again, and a limit that is not the target is reported. */
  "closing-look",
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
  "put-no-change",
  /** Waiting times after which a request may still take effect, or not be seen yet, are refused. */
  "long-enough"
] as const

export type Rule = (typeof rules)[number]

/** Whether a rule is on. It is. */
export const on = (_rule: Rule): boolean => true
