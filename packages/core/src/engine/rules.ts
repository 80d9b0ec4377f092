/**
 * The rules that keep money from moving twice. Each has a name, so that it can be found in the code. They are
 * always on; the simulation replaces this module to prove that each rule is needed.
 */
export const rules = [
  /** An unknown outcome is read back only after the waiting time. */
  "wait",
  /**
   * The waiting time of another process's attempt starts when this process, having taken over, first sees it.
   */
  "takeover-base",
  /** A withdrawal is not used to set a lower limit until withdrawals are proven to lower the limit. */
  "set-down",
  /** An unmoved limit proves nothing about a withdrawal until withdrawals are proven to lower the limit. */
  "unmoved-withdrawal",
  /** A run returns the results that it already has, instead of repeating changes. */
  "deduplicate",
  /** Open intents are settled before a new change is planned. */
  "settle-first",
  /** Only the sender may conclude that nothing happened. Another process may if the sender is proven dead. */
  "non-sender",
  /** An unresolved conflict blocks every change of its member. */
  "conflict-freezes",
  /** After a change, an older reading is not trusted. */
  "read-barrier",
  /** The wait for other processes' changes starts when no open intent is found, not at the takeover. */
  "barrier-from-listing",
  /** A reading serves no plan after its age. */
  "reading-age",
  /** A reading serves several members only where the log would show a change by another. */
  "shared-reading-needs-log",
  /** An own entry is expected as soon as its answer came. */
  "own-entries",
  /** A log that has lost entries is no witness. */
  "shrunken-log",
  /** The mark of a withdrawal waits only if withdrawals are proven to lower the limit. */
  "waiting-mark-needs-proof",
  /** A mark that waits is recorded before anything else is waited for. */
  "mark-before-waiting",
  /** A mark that waits is recorded at the end of the call. */
  "mark-at-end",
  /** An unexpected count of the provider's log keeps a reading from proving an outcome. */
  "log-vetoes",
  /**
   * A change that did not take place is retried only if it is a grant and the provider's log shows no entry
   * of it.
   */
  "retry-needs-log",
  /** The effect of withdrawals is learned only from readings that cannot be older than the answer. */
  "learn-after-read-lag",
  /** The effect of withdrawals is not learned if the log has entries besides the withdrawal's own. */
  "learn-by-log",
  /** Every changed member is read again, and a limit that differs from its target is reported. */
  "closing-look",
  /** After a put without an answer, the same limits are sent again only if all limits are as before. */
  "put-all-as-before",
  /** Before a put is sent again, the fence, the intent and the age of the reading are checked. */
  "put-recheck",
  /** A put that is rejected after one without an answer leaves the outcome unknown. */
  "put-rejection",
  /** The journal counts sends without an answer, also those of a settled put. */
  "put-count",
  /** Another change of the member waits until no earlier send can arrive. */
  "put-wait",
  /**
   * A put uses the connection pool, and a reset does not reach the provider, so its waiting time is that of
   * another process's attempt.
   */
  "put-takeover",
  /** A listing serves no plan after its age. */
  "put-reading-age",
  /** A change is planned only from a reading that includes every earlier put of its member. */
  "put-read-barrier",
  /** A result without a change is recorded for the run. */
  "put-no-change",
  /** Waiting times are refused if a request could take effect, or become visible, after them. */
  "long-enough"
] as const

export type Rule = (typeof rules)[number]

/** Whether a rule is on. It is. */
export const on = (_rule: Rule): boolean => true
