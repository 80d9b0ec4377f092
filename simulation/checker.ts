/**
 * What has to be true of every history, after the last late request has arrived.
 */
import type { Event, Intent, Withdrawal } from "../packages/core/src/journal/contract.ts"
import type { Result } from "../packages/core/src/model/Report.ts"
import type { Commit, Provider } from "./provider.ts"
import type { Said, SentRequest } from "./process.ts"

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
  I8: "one request of an account is on its way at a time",
  I9: "a change whose limit is not the target at the end of its call is reported as drift",
  I10: "a request that the provider carried out twice is said, at the latest by the next change",
  I11: "it is never learnt wrongly that taking back lowers the limit",
  I12: "nothing is sent by a journal that was restored from a copy, before it has a new baseline",
  I13: "a call sends again by itself only a grant, and only where the provider's log is a witness",
  I14: "drift is said of a member only if something other than its answered changes moved its limit"
} as const

export type Invariant = keyof typeof invariants

/** What is known of a history when it is over. */
export interface History {
  readonly intents: ReadonlyArray<Intent>
  /** Every claim that was ever made: what was claimed once has to hold at every later instant. */
  readonly events: ReadonlyArray<Event>
  readonly commits: ReadonlyArray<Commit>
  readonly limits: Provider["limits"]
  readonly sent: ReadonlyArray<SentRequest>
  readonly reports: ReadonlyArray<Said>
  readonly learnt: ReadonlyArray<Withdrawal>
  /** How long after its end an unanswered request may still arrive, in milliseconds. */
  readonly lateness: number
  /** The members that people changed in the console. */
  readonly touched: ReadonlySet<string>
  readonly logIsWitness: boolean
  readonly withdrawLowersAllocated: boolean
  /** When a copy took the journal's place, if one did: what came after it is not in the journal. */
  readonly lostAt: number | undefined
}

const fenOf = ({ delta }: Pick<Intent, "delta">): bigint => (delta === undefined ? 0n : scaled(delta.amount))

/** Yuan with any scale to fen. */
const scaled = ({ scale, value }: { readonly scale: number; readonly value: bigint }): bigint =>
  scale <= 2 ? value * 10n ** BigInt(2 - scale) : value / 10n ** BigInt(scale - 2)

const claimsChange = (state: Intent["state"]): boolean => state === "applied" || state === "resolved-applied"
const claimsNone = (state: Intent["state"]): boolean =>
  state === "not-applied" || state === "rejected" || state === "not-sent" || state === "no-change"

/**
 * Few things excuse a violation, and each excuses as little as it can:
 *
 * - A member that people changed in the console. Their change of the same amount looks like ours, and
 *   theirs may lie between our reading and our request, so of this member nothing can be said that is
 *   read from its limit: I2 (applied), I3, I6, I9 and I10. What the log says of it can: I1, and I2 (not
 *   applied) where the log is a witness. What colleagues do to other members excuses nothing.
 * - A request that the provider carried out twice. It counts once for us, and has to be said (I10).
 * - A process that was stopped at the write cannot know what went on meanwhile (I8).
 * - A journal that is a copy from earlier. What it lacks is not judged (I4, I6, I9, I10); it must not send.
 */
export const check = (history: History): ReadonlyArray<Violation> => {
  const { events, intents, lateness, logIsWitness, lostAt, sent, touched } = history
  const violations: Array<Violation> = []
  const found = (invariant: Invariant, detail: string) => violations.push({ invariant, detail })
  const byId = new Map(intents.map((intent) => [intent.id, intent]))
  const commits = history.commits.filter(({ again }) => !again)
  const commitsOf = Map.groupBy(commits, ({ intent }) => intent)
  const complete = lostAt === undefined

  const perOperation = new Map<string, number>()
  for (const { intent, member } of commits) {
    const run = byId.get(intent)?.run ?? "no intent"
    const key = `${run} / ${member}`
    perOperation.set(key, (perOperation.get(key) ?? 0) + 1)
  }
  for (const [key, count] of perOperation) if (count > 1) found("I1", `${key}: changed ${count} times`)

  const mayClaimChange = ({ member }: Intent) => touched.has(member)
  const mayClaimNone = ({ member }: Intent) => touched.has(member) && !logIsWitness
  for (const intent of intents) {
    const count = commitsOf.get(intent.id)?.length ?? 0
    const name = `intent ${intent.id} (${intent.request} of ${intent.member}) is ${intent.state}`
    if (!mayClaimChange(intent) && claimsChange(intent.state) && count !== 1)
      found("I2", `${name}, and was changed ${count} times`)
    if (!mayClaimNone(intent) && claimsNone(intent.state) && count !== 0) {
      const byAnswer = intent.state === "rejected" && intent.evidence === "response"
      found(byAnswer ? "I5" : "I2", `${name}, and was changed ${count} times`)
    }
    if (complete && (intent.state === "prepared" || intent.state === "sending"))
      found("I4", `${name} at rest`)
    if (!touched.has(intent.member) && intent.request.startsWith("set ")) {
      for (const commit of commitsOf.get(intent.id) ?? []) {
        if (intent.after._tag === "Finite" && commit.allocated !== scaled(intent.after.quantity.amount)) {
          found("I3", `${name}: the limit became ${commit.allocated} fen, and ${intent.after} was asked for`)
        }
      }
    }
  }
  for (const { intent: id, to } of events) {
    const count = commitsOf.get(id)?.length ?? 0
    const intent = byId.get(id)
    if (intent?.state !== "conflict") continue
    if (!mayClaimNone(intent) && claimsNone(to) && count !== 0)
      found("I2", `intent ${id} was called ${to}, and was changed`)
    if (!mayClaimChange(intent) && claimsChange(to) && count === 0)
      found("I2", `intent ${id} was called ${to}, and was not changed`)
  }
  for (const { intent, member } of commits) {
    if (!byId.has(intent)) found("I4", `a change of ${member} has no intent`)
  }
  if (complete) {
    const ofOthers = ({ member }: { readonly member: string }) => !touched.has(member)
    const moved = commits.filter(ofOthers).reduce((sum, { amount }) => sum + amount, 0n)
    const told = intents.filter(ofOthers).reduce((sum, intent) => {
      if (claimsChange(intent.state)) return sum + fenOf(intent)
      const undecided = intent.state === "conflict" ? (commitsOf.get(intent.id) ?? []) : []
      return sum + undecided.reduce((total, { amount }) => total + amount, 0n)
    }, 0n)
    if (moved !== told) found("I6", `${moved} fen moved, and the journal tells of ${told}`)
    for (const detail of [...unreportedDrifts(history), ...neverLookedAt(history)]) found("I9", detail)
    for (const member of doublesNotSaid(history))
      found("I10", `${member}: nothing says that it was changed twice`)
  }
  for (const { at, unrecorded } of sent)
    if (unrecorded !== undefined) found("I7", `at ${at} ms: ${unrecorded}`)
  // A process that was stopped at the write cannot know what went on meanwhile: that is what
  // conflicts are for, and they freeze the member alone.
  const inTurn = sent.filter(({ stopped }) => !stopped)
  for (const [index, later] of inTurn.entries()) {
    for (const earlier of inTurn.slice(0, index)) {
      const known = earlier.answered || earlier.intents.every((id) => byId.get(id)?.evidence === "response")
      const until =
        known && earlier.endedAt !== undefined ? earlier.endedAt : (earlier.endedAt ?? earlier.at) + lateness
      if (later.at < until) {
        found("I8", `a request at ${later.at} ms, while one of ${earlier.at} ms could still take effect`)
      }
    }
  }
  for (const detail of falseDrifts(history)) found("I14", detail)
  for (const detail of sentAgain(history)) found("I13", detail)
  if (history.learnt.includes("lowers-limit") && !history.withdrawLowersAllocated)
    found("I11", "it was learnt that taking back lowers the limit, and it does not")
  for (const { at } of sent)
    if (lostAt !== undefined && at > lostAt) found("I12", `a request at ${at} ms, after ${lostAt} ms`)
  return violations
}

/** Drift of a member whose limit nothing has moved but its own changes, each of them answered or settled. */
const falseDrifts = ({ commits, intents, reports, sent, touched }: History): ReadonlyArray<string> => {
  const excused = new Set([
    ...touched,
    ...commits.filter(({ again }) => again).map(({ member }) => member),
    ...intents.filter(({ state }) => state === "conflict").map(({ member }) => member)
  ])
  // What a process writes late, it writes after others have planned.
  if (sent.some(({ stopped }) => stopped)) return []
  const owners = new Map(intents.map(({ id, owner }) => [id, owner]))
  return reports.flatMap(({ at, from, process, results, run }) =>
    results.flatMap(({ member, outcome }) => {
      const isDrift = outcome._tag === "Drift" || (outcome._tag === "Applied" && outcome.drift === true)
      // A holder that was taken over meanwhile sees what the next one has changed.
      const byNextHolder = commits.some(
        (commit) =>
          commit.member === member &&
          commit.at >= from &&
          commit.at <= at &&
          owners.get(commit.intent) !== process
      )
      return isDrift && !excused.has(member) && !byNextHolder
        ? `${run} of ${member} is called drift at ${at} ms, and nothing but its own changes moved its limit`
        : []
    })
  )
}

/** What a call sent again that it should have left to the next one. A call is one hold of the account. */
const sentAgain = ({ intents, logIsWitness, sent }: History): ReadonlyArray<string> => {
  const left = new Set(sent.flatMap((request) => request.intents))
  const perCall = Map.groupBy(
    intents.filter(({ id }) => left.has(id)),
    ({ fence, member, run }) => JSON.stringify([run, member, fence])
  )
  return [...perCall.values()].flatMap((attempts) =>
    attempts.length > 1 && (!logIsWitness || attempts.some((intent) => fenOf(intent) < 0n))
      ? `${attempts.map(({ id }) => `intent ${id}`).join(" and ")} were sent by one call`
      : []
  )
}

/** Changes that were answered, whose limit no call has looked at, though nothing has changed it since. */
const neverLookedAt = ({ intents, touched }: History): ReadonlyArray<string> =>
  intents.flatMap(({ closing, id, member, run }, index) => {
    const later = intents.slice(index + 1).filter((intent) => intent.member === member)
    const isChanged = touched.has(member) || later.some(({ state }) => !claimsNone(state))
    return closing === "due" && !isChanged ? `${run} of ${member} (intent ${id}) was never looked at` : []
  })

/** What a call says of a change of its own, where the limit cannot have been what it should be. */
const unreportedDrifts = (history: History): ReadonlyArray<string> => {
  const { commits, intents, limits, reports, touched, withdrawLowersAllocated } = history
  return reports.flatMap(({ at, from, results, run }) =>
    results.flatMap(({ before, delta, member, next, outcome, target }) => {
      if (outcome._tag !== "Applied" || next !== "nothing" || outcome.observed === undefined) return []
      const own = new Set(
        intents.filter((one) => one.run === run && one.member === member).map(({ id }) => id)
      )
      const changedAt = commits.findLast(
        (commit) => own.has(commit.intent) && commit.at >= from && commit.at <= at
      )?.at
      if (changedAt === undefined || touched.has(member) || target?._tag !== "Finite") return []
      const keeps = !withdrawLowersAllocated && delta !== undefined && fenOf({ delta }) < 0n
      const right = [target, ...(keeps && before !== undefined ? [before.limit] : [])].flatMap((limit) =>
        limit._tag === "Finite" ? scaled(limit.quantity.amount) : []
      )
      const ofMember = limits.filter((limit) => limit.member === member)
      const held = ofMember.filter(
        (limit, index) =>
          limit.from <= at && (ofMember[index + 1]?.from ?? Number.POSITIVE_INFINITY) > changedAt
      )
      if (held.some(({ fen }) => right.includes(fen))) return []
      const seen = held.map(({ fen }) => fen).join(", ")
      return `${run} of ${member} is applied, and nothing is to be done, at ${at} ms; the limit was ${seen} fen instead of ${target}`
    })
  )
}

/** Whether a result shows that the member's limit is not what it should be. */
const shows = ({ outcome }: Result): boolean =>
  (outcome._tag === "Applied" && outcome.drift === true) ||
  outcome._tag === "Drift" ||
  outcome._tag === "Blocked" ||
  outcome._tag === "Conflict"

/**
 * The members that the provider changed twice for one request without a word of it from us. Where taking
 * back keeps the limit, a second time leaves no trace in it.
 */
export const doublesNotSaid = (history: History): ReadonlyArray<string> => {
  const { commits, intents, lostAt, reports, touched, withdrawLowersAllocated } = history
  const isSaid = ({ at, intent: id, member }: Commit): boolean => {
    const intent = intents.find((one) => one.id === id)
    if (intent?.state === "conflict" || intent?.closing === "drift") return true
    return reports.some(
      (report) =>
        report.at >= at && report.results.some((result) => result.member === member && shows(result))
    )
  }
  if (lostAt !== undefined) return []
  return commits
    .filter(
      ({ again, amount, member }) => again && !touched.has(member) && (amount > 0n || withdrawLowersAllocated)
    )
    .filter((commit) => !isSaid(commit))
    .map(({ member }) => member)
}
