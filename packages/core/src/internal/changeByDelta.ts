/**
 * Changes on a cloud that is told differences: each is written down, sent once over a connection of
 * its own, and never repeated while its outcome is unknown.
 *
 * One change of an account is on its way at a time. The provider's log counts all members together,
 * so a second one would blur the first one's traces; different accounts go side by side.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import { type CloudQuotaError, NotFound, PreconditionFailed, Unavailable } from "../CloudQuotaError.ts"
import type { Delta, DeltaLine, DeltaOutcome, DeltaSnapshot } from "../Driver.ts"
import type { AccountFacts, Intent, JournalError, NewIntent, State } from "../Journal.ts"
import * as Limit from "../Limit.ts"
import type { MemberId } from "../Member.ts"
import * as Quantity from "../Quantity.ts"
import type { Outcome, Result } from "../Report.ts"
import {
  type Call,
  type Facts,
  claimed,
  factsOf,
  isOf,
  journalReason,
  reasonOf,
  standing,
  toResult
} from "./call.ts"
import { type Plan, plan } from "./plan.ts"
import { on } from "./rules.ts"
import { type Session, countLogged, openIntents, reload, settle, snapshotOf } from "./settle.ts"
import type { Wish } from "./wishes.ts"
import { messageOf } from "./wording.ts"

/** A batch stops when the provider seems to be gone, rather than leave more and more unknown. */
const unknownsInARow = 2

/** How often one call tries what provably did not happen. */
const attemptsPerCall = 2

/** How far back the provider's log is counted: enough for its clock to be wrong by as much. */
const logSpanMillis = 3_600_000

export const changeByDelta = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta
): Effect.fn.Return<ReadonlyArray<Result>> {
  const results: Array<Result> = []
  let unknowns = 0
  for (const wish of call.wishes.wishes) {
    const one =
      unknowns < unknownsInARow
        ? yield* changeOne(call, delta, wish).pipe(
            Effect.catch((error) =>
              Effect.succeed(withoutAnswer(toResult(wish, { _tag: "NotSent", reason: reasonOf(error) })))
            )
          )
        : withoutAnswer(stopped(wish))
    unknowns = unknowns >= unknownsInARow ? unknowns : one.lostAnswer ? unknowns + 1 : 0
    results.push(one.result)
    yield* call.session.onEvent({ _tag: "Finished", result: one.result })
  }
  return yield* observed(call, delta, results)
})

/** A result, and whether an answer was lost on the way to it: settled or not, the provider may be gone. */
interface Done {
  readonly result: Result
  readonly lostAnswer: boolean
}

const withoutAnswer = (result: Result): Done => ({ result, lostAnswer: false })

const stopped = (wish: Wish): Result => {
  const message = `the batch stopped after ${unknownsInARow} lost answers in a row.`
  return toResult(wish, { _tag: "NotSent", reason: new Unavailable({ message }) })
}

const changeOne = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  wish: Wish
): Effect.fn.Return<Done, JournalError | CloudQuotaError> {
  const { session } = call
  let lostAnswer = false
  for (let attempt = 1; ; attempt++) {
    const ofMember = yield* session.hold.intents({ member: wish.member })
    const ofRun = ofMember.filter((intent) => intent.run === call.run && isOf(wish)(intent))
    const answered = standing(wish, ofRun)
    if (answered !== undefined) return { result: answered, lostAnswer }
    const inTheWay = yield* blocked(call, wish, ofMember)
    if (inTheWay !== undefined) return { result: inTheWay, lostAnswer }

    const prepared = yield* prepare(call, delta, wish, ofRun.length + 1)
    if ("outcome" in prepared) return { result: prepared, lostAnswer }
    const sent = yield* send(call, delta, wish, prepared)
    lostAnswer ||= sent.outcome._tag === "Unknown"
    const result = yield* settled(call, wish, sent)
    if (attempt >= attemptsPerCall || !mayTryAgain(result)) return { result, lostAnswer }
  }
})

/** What stands in the way of any change of this member. */
const blocked = Effect.fnUntraced(function* (
  call: Call,
  wish: Wish,
  ofMember: ReadonlyArray<Intent>
): Effect.fn.Return<Result | undefined, JournalError> {
  const undecided = ofMember.find(({ state }) => state === "conflict")
  if (undecided !== undefined && on("conflict-freezes")) {
    const by = `a person's decision about the run ${JSON.stringify(undecided.run)} (${undecided.request})`
    return toResult(wish, { _tag: "Blocked", by })
  }
  const [open] = on("settle-first") ? yield* openIntents(call.session.hold) : []
  if (open === undefined) return undefined
  const by = `the lost answer of the run ${JSON.stringify(open.run)} (${open.request} for ${open.member}) to be settled`
  return { ...toResult(wish, { _tag: "Blocked", by }), next: "wait" }
})

/** What has happened provably not, and may well happen the next time. */
const mayTryAgain = ({ evidence, outcome }: Result): boolean =>
  // Without the provider's log, a person may have undone our change meanwhile: then people decide.
  (outcome._tag === "NotApplied" && evidence === "read-back+log") ||
  (outcome._tag === "NotSent" && outcome.reason._tag === "TransportFailed")

/** An intent that is ready to be written down. */
interface Prepared {
  readonly intent: NewIntent & { readonly delta: Quantity.Quantity; readonly membership: string }
  readonly account: AccountFacts
}

/** Reads, plans and checks: what to write down, or the result that needs no request. */
const prepare = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  wish: Wish,
  attempt: number
): Effect.fn.Return<Prepared | Result, JournalError | CloudQuotaError> {
  const { hold } = call.session
  const notSent = (reason: CloudQuotaError["reason"], facts?: Facts) =>
    toResult(wish, { _tag: "NotSent", reason }, facts)
  const account = yield* hold.account
  const read = yield* readMember(call.session, delta, wish.member)
  if (read === undefined) return notSent(new NotFound({ message: `there is no member ${wish.member}.` }))
  if ("expected" in read) {
    const { expected, snapshot } = read
    return toResult(wish, {
      _tag: "Drift",
      expected: Limit.finite(expected),
      observed: Limit.finite(snapshot.allocated)
    })
  }
  const { audit, snapshot } = read
  const allocated = Limit.finite(snapshot.allocated)
  if (wish.expected !== undefined && !Limit.equals(wish.expected, allocated)) {
    return toResult(wish, { _tag: "Drift", expected: wish.expected, observed: allocated })
  }
  if (!snapshot.active) {
    const message = `${wish.member} has not joined, so nothing can be granted or taken back.`
    return notSent(new PreconditionFailed({ message }))
  }
  const before = { limit: allocated, available: snapshot.available }
  const draft = {
    run: call.run,
    member: wish.member,
    metric: wish.metric.id,
    attempt,
    request: wish.request,
    before,
    membership: snapshot.membership,
    ...(audit === undefined ? {} : { audit })
  }
  const planned = planFor(wish, call, account, before)
  switch (planned._tag) {
    case "NoChange": {
      // Written down, so that the same run gives the same answer when the member has spent meanwhile.
      if (!call.wishes.preview && call.wishes.run !== undefined) {
        yield* hold.insert([{ ...draft, after: before.limit }], "no-change")
      }
      return toResult(wish, { _tag: "NoChange" }, { before }, planned.message)
    }
    case "Refused":
      return toResult(wish, { _tag: "Refused", check: planned.check }, { before }, planned.message)
    case "Impossible":
      return notSent(new PreconditionFailed({ message: planned.message }), { before })
    case "Change": {
      const { target } = planned
      const amount = planned.delta ?? Quantity.zero(wish.metric.unit)
      const facts = { before, target, delta: amount }
      const tooMuch = call.budget(wish, { target, delta: amount })
      if (tooMuch !== undefined) {
        return toResult(wish, { _tag: "Refused", check: tooMuch.check }, facts, tooMuch.message)
      }
      if (call.wishes.preview) return toResult(wish, { _tag: "Planned" }, facts)
      return { intent: { ...draft, after: target, delta: amount }, account }
    }
  }
})

const planFor = (
  wish: Wish,
  call: Call,
  account: AccountFacts,
  before: { readonly limit: Limit.Limit; readonly available: Quantity.Quantity }
): Plan =>
  plan(
    {
      metric: wish.metric,
      byDelta: true,
      withdrawalLowers: account.withdrawal === "lowers-limit",
      waived: call.wishes.waived
    },
    wish.action,
    before
  )

/** What was read of a member, fresh and continuous with what was last settled; or that it is not. */
type Read =
  | { readonly snapshot: DeltaSnapshot; readonly audit?: { readonly since: number; readonly count: number } }
  | { readonly snapshot: DeltaSnapshot; readonly expected: Quantity.Quantity }

const readMember = Effect.fnUntraced(function* (
  session: Session,
  delta: Delta,
  member: MemberId
): Effect.fn.Return<Read | undefined, JournalError | CloudQuotaError> {
  yield* readBarrier(session, member)
  const facts = (yield* session.hold.members).find(
    (known) => known.member === member && known.metric === delta.metric
  )
  for (let reading = 1; ; reading++) {
    const since = Math.floor((yield* Clock.currentTimeMillis) / 1000) * 1000 - logSpanMillis
    // The log before the limit: a change between the two is then counted, and never missed.
    const count = yield* countLogged(delta, since)
    const snapshot = yield* snapshotOf(delta, member)
    if (snapshot === undefined) return undefined
    const continuous =
      facts === undefined ||
      (facts.membership === snapshot.membership && Quantity.Order(facts.settled, snapshot.allocated) === 0)
    if (continuous) return { snapshot, ...(count === undefined ? {} : { audit: { since, count } }) }
    if (reading === 2) return { snapshot, expected: facts.settled }
    yield* Effect.sleep(session.timings.readLag)
  }
})

/** After a change of this member, waits until no reading can be older than it. */
const readBarrier = Effect.fnUntraced(function* (session: Session, member: MemberId) {
  if (!on("read-barrier")) return
  const { attempts, hold, since, timings } = session
  const last = (yield* hold.intents({ member, states: ["applied", "resolved-applied"] })).at(-1)
  if (last === undefined) return
  // What another process applied, it applied before this one took over.
  const base = attempts.ends.get(last.id)?.at ?? since
  const clock = yield* Clock.Clock
  const left =
    base + BigInt(Duration.toMillis(timings.readLag)) * 1_000_000n - clock.monotonicTimeNanosUnsafe()
  if (left > 0n) yield* Effect.sleep(Duration.nanos(left))
})

/** An attempt, and what its answer says. */
interface Sent {
  readonly intent?: Intent
  readonly facts: Facts
  readonly outcome: Extract<Outcome, { readonly _tag: "Applied" | "Rejected" | "NotSent" | "Unknown" }>
  readonly detail?: string
}

/** Write down, connect, arm, write once, note what became of it. */
const send = (
  call: Call,
  delta: Delta,
  wish: Wish,
  { account, intent: draft }: Prepared
): Effect.Effect<Sent, JournalError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { hold } = call.session
      const facts: Facts = { before: draft.before, target: draft.after, delta: draft.delta }
      const notSent = (reason: CloudQuotaError["reason"]): Sent => ({
        facts,
        outcome: { _tag: "NotSent", reason }
      })
      const lost = notSent(new PreconditionFailed({ message: "another holder has taken over the account." }))

      const intent = (yield* hold.insert([draft]))?.[0]
      if (intent === undefined) return lost

      const line = yield* Effect.result(delta.connect)
      if (EffectResult.isFailure(line)) {
        const { reason } = line.failure
        yield* hold.advance({
          id: intent.id,
          from: "prepared",
          to: "not-sent",
          fenced: false,
          detail: reason.message
        })
        return notSent(reason)
      }
      yield* call.session.onEvent({
        _tag: "Sending",
        member: wish.member,
        metric: wish.metric.id,
        delta: draft.delta
      })
      // From here on an interruption cancels nothing: the intent stays open, and can be settled.
      return yield* Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const clock = yield* Clock.Clock
          const armedAt = readings(clock)
          const armed = yield* Effect.result(
            hold.advance({ id: intent.id, from: "prepared", to: "sending", fenced: true })
          )
          if (EffectResult.isFailure(armed)) {
            // Armed or not, nothing was written, and nothing will be: that is a fact to note, if it can be.
            yield* Effect.ignore(
              hold.advance({ id: intent.id, from: "sending", to: "not-sent", fenced: false })
            )
            return notSent(journalReason(armed.failure))
          }
          if (!armed.success) return lost
          const outcome = yield* restore(write(call.session, line.success, draft, armedAt)).pipe(
            Effect.ensuring(ended(call.session, intent, line.success))
          )
          return yield* mark(call.session, intent, account, facts, outcome)
        })
      )
    })
  )

const write = (session: Session, line: DeltaLine, draft: Prepared["intent"], armedAt: Readings) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const inTime = () => withinWindow(session, armedAt, readings(clock))
    const outcomes = yield* line.apply({ members: [draft.member], amount: draft.delta }, inTime)
    return outcomeOf(outcomes, draft.member)
  })

/** Our own attempt has ended: from now on the waiting time counts. */
const ended = ({ attempts }: Session, { id }: Intent, { resetReaches }: DeltaLine) =>
  Effect.map(Clock.Clock, (clock) => {
    attempts.ends.set(id, { at: clock.monotonicTimeNanosUnsafe(), resetReaches })
  })

interface Readings {
  readonly wall: number
  readonly monotonic: bigint
}

const readings = (clock: Clock.Clock): Readings => ({
  wall: clock.currentTimeMillisUnsafe(),
  monotonic: clock.monotonicTimeNanosUnsafe()
})

/** By the clock that says more: the wall clock sees a sleeping laptop, the monotonic one a wall clock set back. */
const withinWindow = ({ timings }: Session, armedAt: Readings, now: Readings): boolean => {
  const wall = now.wall - armedAt.wall
  const monotonic = Number((now.monotonic - armedAt.monotonic) / 1_000_000n)
  return wall >= 0 && Math.max(wall, monotonic) <= Duration.toMillis(timings.armedFor)
}

const outcomeOf = (outcomes: ReadonlyArray<DeltaOutcome>, member: MemberId): DeltaOutcome =>
  outcomes.find((outcome) => outcome.member === member) ?? {
    _tag: "Unknown",
    member,
    reason: new Unavailable({ message: "the answer says nothing about this member." })
  }

/** What happened to the money is a fact, whether or not it can be written down. */
const notNoted = "The journal could not be written, so it still counts this change as open."

/** Notes what the answer says. An unknown outcome stays open. */
const mark = Effect.fnUntraced(function* (
  session: Session,
  intent: Intent,
  account: AccountFacts,
  facts: Facts,
  outcome: DeltaOutcome
): Effect.fn.Return<Sent> {
  const { requestId } = outcome
  const known: Facts = { ...facts, ...(requestId === undefined ? {} : { requestId }) }
  const stated: Sent["outcome"] =
    outcome._tag === "Applied" ? { _tag: "Applied" } : { _tag: outcome._tag, reason: outcome.reason }
  if (outcome._tag === "Unknown") return { intent, facts: known, outcome: stated }

  const settled = settledBy(intent, outcome, account)
  const noted = yield* Effect.result(
    claim(session, intent, claimOf[outcome._tag], {
      ...(requestId === undefined ? {} : { requestId }),
      ...("reason" in outcome ? { detail: outcome.reason.message } : {}),
      ...(settled === undefined ? {} : { settled })
    })
  )
  return {
    intent,
    facts: { ...known, evidence: "response" },
    outcome: stated,
    ...(EffectResult.isFailure(noted) ? { detail: notNoted } : {})
  }
})

const claimOf = { Applied: "applied", Rejected: "rejected", NotSent: "not-sent" } as const

/** The limit that the answer leaves behind, where it is known: a first withdrawal has to be looked at. */
const settledBy = (
  { before, delta }: Intent,
  outcome: DeltaOutcome,
  { withdrawal }: AccountFacts
): Quantity.Quantity | undefined => {
  if (before.limit._tag === "Unlimited" || delta === undefined) return undefined
  const { quantity } = before.limit
  if (outcome._tag !== "Applied") return quantity
  if (Quantity.isPositive(delta) || withdrawal === "lowers-limit") return Quantity.sum(quantity, delta)
  return withdrawal === "keeps-limit" ? quantity : undefined
}

/** Notes a fact. If somebody claimed the opposite meanwhile, that is a conflict, and never overwritten. */
const claim = Effect.fnUntraced(function* (
  { hold }: Session,
  intent: Intent,
  to: State,
  known: { readonly requestId?: string; readonly detail?: string; readonly settled?: Quantity.Quantity }
): Effect.fn.Return<void, JournalError> {
  const noted = yield* hold.advance({
    id: intent.id,
    from: "sending",
    to,
    fenced: false,
    evidence: "response",
    ...known
  })
  if (noted) return
  const { state } = yield* reload(hold, intent)
  if (state === to || state === "conflict") return
  const detail = `the provider's answer says ${to}, and it was settled as ${state}`
  yield* hold.advance({ id: intent.id, from: state, to: "conflict", fenced: false, detail })
})

/** Waits a lost answer out, looks what became of it, and says so; unless that is put off. */
const settled = Effect.fnUntraced(function* (call: Call, wish: Wish, sent: Sent): Effect.fn.Return<Result> {
  const { session } = call
  const answer = toResult(wish, sent.outcome, sent.facts, sent.detail)
  const { intent } = sent
  if (intent === undefined) return answer
  if (sent.outcome._tag === "Applied") {
    yield* Effect.ignore(learnWithdrawal(call, intent))
    return answer
  }
  if (sent.outcome._tag !== "Unknown") return answer
  const open = yield* Effect.result(reload(session.hold, intent))
  if (EffectResult.isFailure(open) || (call.wishes.settle === "defer" && open.success.state === "sending"))
    return answer
  const now = yield* Effect.result(settle(session, open.success))
  // Nothing is concluded from a look that failed: the intent stays open.
  if (EffectResult.isFailure(now)) return answer
  return settledResult(wish, now.success) ?? answer
})

/** The result of an intent that was just settled. */
const settledResult = (wish: Wish, intent: Intent): Result | undefined => {
  if (intent.state === "not-applied") return toResult(wish, { _tag: "NotApplied" }, factsOf(intent))
  return claimed(wish, intent)
}

/**
 * Watches the first withdrawal of an account: whether the limit falls with it decides what later
 * ones can be told from. A fall is believed only when a second reading confirms it.
 */
const learnWithdrawal = Effect.fnUntraced(function* (
  { session }: Call,
  intent: Intent
): Effect.fn.Return<void, JournalError | CloudQuotaError> {
  const { driver, hold, timings } = session
  const { delta, member, metric } = intent
  if (driver.write._tag !== "Delta" || delta === undefined || !Quantity.isNegative(delta)) return
  if ((yield* hold.account).withdrawal !== "unknown" || intent.before.limit._tag === "Unlimited") return
  const before = intent.before.limit.quantity
  yield* Effect.sleep(timings.readLag)
  const first = yield* snapshotOf(driver.write, member)
  yield* Effect.sleep(timings.readLag)
  const second = yield* snapshotOf(driver.write, member)
  if (first === undefined || second === undefined || Quantity.Order(first.allocated, second.allocated) !== 0)
    return
  if (second.membership !== intent.membership) return
  const seen = { member, metric, membership: second.membership, settled: second.allocated }
  const what = `a withdrawal of ${Quantity.abs(delta)} from ${member}`
  if (Quantity.Order(second.allocated, Quantity.sum(before, delta)) === 0) {
    yield* hold.learn("lowers-limit", `${what} lowered the limit from ${before} to ${second.allocated}`, seen)
  } else if (Quantity.Order(second.allocated, before) === 0) {
    yield* hold.learn("keeps-limit", `${what} left the limit at ${before}`, seen)
  }
})

/** Reads the changed members once more. A limit that was set and is another now is reported as drift. */
const observed = Effect.fnUntraced(function* (
  { session, wishes }: Call,
  delta: Delta,
  results: ReadonlyArray<Result>
): Effect.fn.Return<ReadonlyArray<Result>> {
  const changed = results.filter(
    ({ evidence, outcome }) => outcome._tag === "Applied" && evidence === "response"
  )
  if (changed.length === 0) return results
  const set = new Set(wishes.wishes.filter(({ action }) => action._tag === "Set").map(({ member }) => member))
  const verifies = changed.some(({ member }) => set.has(member))
  if (verifies) yield* Effect.sleep(session.timings.readLag)
  const snapshots = yield* delta
    .snapshot(changed.map(({ member }) => member))
    .pipe(Effect.orElseSucceed((): ReadonlyArray<DeltaSnapshot> => []))
  return results.map((result) => {
    const seen = changed.includes(result)
      ? snapshots.find(({ member }) => member === result.member)
      : undefined
    if (seen === undefined || result.target === undefined) return result
    const limit = Limit.finite(seen.allocated)
    const outcome: Outcome = {
      _tag: "Applied",
      observed: { limit, available: seen.available },
      ...(set.has(result.member) && !Limit.equals(limit, result.target) ? { drift: true } : {})
    }
    // Whatever else the message says stays in it.
    const message = result.message.replace(messageOf(result), messageOf({ ...result, outcome }))
    return { ...result, outcome, message }
  })
})
