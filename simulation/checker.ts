/**
 * What has to be true of every history, after the last late request has arrived.
 */
import type { Event, Intent } from "../packages/core/src/Journal.ts"
import type { Commit } from "./provider.ts"
import type { SentRequest } from "./process.ts"

/** One invariant that does not hold, and where. */
export interface Violation {
  readonly invariant: Invariant
  readonly detail: string
}

export const invariants = {
  I1: "a run changes a member at most once",
  I2: "applied means changed exactly once; not-applied, rejected and not-sent mean never",
  I3: "a limit that is set is the limit when the change arrives",
  I4: "at rest nothing is open, and every change has its intent",
  I5: "a member that the answer names as failed is never called applied",
  I6: "what moved is what the journal says moved",
  I7: "nothing is written without a durable, armed intent",
  I8: "one request of an account is on its way at a time"
} as const

export type Invariant = keyof typeof invariants

/** What is known of a history when it is over. */
export interface History {
  readonly intents: ReadonlyArray<Intent>
  /** Every claim that was ever made: what was claimed once has to hold at every later instant. */
  readonly events: ReadonlyArray<Event>
  readonly commits: ReadonlyArray<Commit>
  readonly sent: ReadonlyArray<SentRequest>
  /** How long after its end an unanswered request may still arrive, in milliseconds. */
  readonly lateness: number
  /** Whether somebody else changed limits too: then only what we did ourselves can be judged. */
  readonly disturbed: boolean
}

const fenOf = ({ delta }: Intent): bigint => (delta === undefined ? 0n : scaled(delta.amount))

/** Yuan with any scale to fen. */
const scaled = ({ scale, value }: { readonly scale: number; readonly value: bigint }): bigint =>
  scale <= 2 ? value * 10n ** BigInt(2 - scale) : value / 10n ** BigInt(scale - 2)

const claimsChange = (state: Intent["state"]): boolean => state === "applied" || state === "resolved-applied"
const claimsNone = (state: Intent["state"]): boolean =>
  state === "not-applied" || state === "rejected" || state === "not-sent" || state === "no-change"

export const check = (history: History): ReadonlyArray<Violation> => {
  const { commits, disturbed, events, intents, lateness, sent } = history
  const violations: Array<Violation> = []
  const found = (invariant: Invariant, detail: string) => violations.push({ invariant, detail })
  const byId = new Map(intents.map((intent) => [intent.id, intent]))
  const commitsOf = Map.groupBy(commits, ({ intent }) => intent)

  const perOperation = new Map<string, number>()
  for (const { intent, member } of commits) {
    const run = byId.get(intent)?.run ?? "no intent"
    const key = `${run} / ${member}`
    perOperation.set(key, (perOperation.get(key) ?? 0) + 1)
  }
  for (const [key, count] of perOperation) if (count > 1) found("I1", `${key}: changed ${count} times`)

  for (const intent of intents) {
    const count = commitsOf.get(intent.id)?.length ?? 0
    const name = `intent ${intent.id} (${intent.request} of ${intent.member}) is ${intent.state}`
    if (!disturbed && claimsChange(intent.state) && count !== 1)
      found("I2", `${name}, and was changed ${count} times`)
    if (!disturbed && claimsNone(intent.state) && count !== 0) {
      const byAnswer = intent.state === "rejected" && intent.evidence === "response"
      found(byAnswer ? "I5" : "I2", `${name}, and was changed ${count} times`)
    }
    if (intent.state === "prepared" || intent.state === "sending") found("I4", `${name} at rest`)
    if (!disturbed && intent.request.startsWith("set ")) {
      for (const commit of commitsOf.get(intent.id) ?? []) {
        if (intent.after._tag === "Finite" && commit.allocated !== scaled(intent.after.quantity.amount)) {
          found("I3", `${name}: the limit became ${commit.allocated} fen, and ${intent.after} was asked for`)
        }
      }
    }
  }
  for (const { intent, to } of disturbed ? [] : events) {
    const count = commitsOf.get(intent)?.length ?? 0
    const nowConflict = byId.get(intent)?.state === "conflict"
    if (nowConflict && claimsNone(to) && count !== 0)
      found("I2", `intent ${intent} was called ${to}, and was changed`)
    if (nowConflict && claimsChange(to) && count === 0)
      found("I2", `intent ${intent} was called ${to}, and was not changed`)
  }
  for (const { intent, member } of commits) {
    if (!byId.has(intent)) found("I4", `a change of ${member} has no intent`)
  }
  if (!disturbed) {
    const moved = commits.reduce((sum, { amount }) => sum + amount, 0n)
    const told = intents.reduce((sum, intent) => {
      if (claimsChange(intent.state)) return sum + fenOf(intent)
      const undecided = intent.state === "conflict" ? (commitsOf.get(intent.id) ?? []) : []
      return sum + undecided.reduce((total, { amount }) => total + amount, 0n)
    }, 0n)
    if (moved !== told) found("I6", `${moved} fen moved, and the journal tells of ${told}`)
  }
  for (const { at, unrecorded } of sent)
    if (unrecorded !== undefined) found("I7", `at ${at} ms: ${unrecorded}`)
  // A process that was stopped at the write cannot know what went on meanwhile: that is what
  // conflicts are for, and they freeze the member alone.
  const undisturbed = sent.filter(({ stopped }) => !stopped)
  for (const [index, later] of undisturbed.entries()) {
    for (const earlier of undisturbed.slice(0, index)) {
      const known = earlier.answered || earlier.intents.every((id) => byId.get(id)?.evidence === "response")
      const until =
        known && earlier.endedAt !== undefined ? earlier.endedAt : (earlier.endedAt ?? earlier.at) + lateness
      if (later.at < until) {
        found("I8", `a request at ${later.at} ms, while one of ${earlier.at} ms could still take effect`)
      }
    }
  }
  return violations
}
