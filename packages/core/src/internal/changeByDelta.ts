/**
 * Changes on a cloud that is told differences: each is written down, sent once over a connection of
 * its own, and never repeated while its outcome is unknown.
 *
 * One change of an account is on its way at a time. The provider's log counts all members together,
 * so a second one would blur the first one's traces; different accounts go side by side.
 */
import * as Effect from "effect/Effect"
import * as EffectResult from "effect/Result"
import * as Arr from "effect/Array"
import type { CloudQuotaError } from "../CloudQuotaError.ts"
import type { Delta, DeltaSnapshot } from "../Driver.ts"
import type { Intent, JournalError } from "../Journal.ts"
import * as Limit from "../Limit.ts"
import type { MemberId } from "../Member.ts"
import * as Quantity from "../Quantity.ts"
import type { Outcome, Result } from "../Report.ts"
import {
  type Call,
  claimed,
  factsOf,
  isOf,
  reasonOf,
  standing,
  stopped,
  toResult,
  unknownsInARow
} from "./call.ts"
import { learnWithdrawal } from "./learnWithdrawal.ts"
import { type Prepared, prepare } from "./prepareDelta.ts"
import { on } from "./rules.ts"
import { type Sent, accepted, send } from "./sendDelta.ts"
import { type Session, openIntents, reload, settle } from "./settle.ts"
import type { Wish } from "./wishes.ts"
import { messageOf } from "./wording.ts"

/** How often one call tries what provably did not happen. */
const attemptsPerCall = 2

export const changeByDelta = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta
): Effect.fn.Return<ReadonlyArray<Result>> {
  const { membersPerRequest, wishes } = call.wishes
  const done =
    membersPerRequest === 1
      ? yield* oneByOne(call, delta, wishes)
      : yield* together(call, delta, membersPerRequest)
  // In the order of the changes, however they were sent.
  const byMember = new Map(done.map((result) => [result.member, result]))
  return yield* observed(
    call,
    delta,
    wishes.flatMap(({ member }) => byMember.get(member) ?? [])
  )
})

/** The usual way: a request for each member, since then the provider's log is a second witness. */
const oneByOne = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  wishes: ReadonlyArray<Wish>
): Effect.fn.Return<ReadonlyArray<Result>> {
  const results: Array<Result> = []
  let unknowns = 0
  for (const wish of wishes) {
    const one =
      unknowns < unknownsInARow
        ? yield* changeOne(call, delta, wish)
        : { result: stopped(wish), lostAnswer: true }
    unknowns = one.lostAnswer ? unknowns + 1 : 0
    results.push(one.result)
    yield* call.session.onEvent({ _tag: "Finished", result: one.result })
  }
  return results
})

/** A result, and whether an answer was lost on the way to it: settled or not, the provider may be gone. */
interface Done {
  readonly result: Result
  readonly lostAnswer: boolean
}

const notSent = (wish: Wish, error: JournalError | CloudQuotaError): Result =>
  toResult(wish, { _tag: "NotSent", reason: reasonOf(error) })

const changeOne = Effect.fnUntraced(function* (call: Call, delta: Delta, wish: Wish): Effect.fn.Return<Done> {
  const turn = call.wishes.preview ? Effect.void : turnOf(delta)
  let lostAnswer = false
  for (let attempt = 1; ; attempt++) {
    const sent = yield* ready(call, delta, wish, turn).pipe(
      Effect.flatMap((prepared) =>
        "outcome" in prepared
          ? Effect.succeed(prepared)
          : Effect.map(send(call.session, delta, [prepared]), ([one]) => one ?? stopped(wish))
      ),
      Effect.catch((error) => Effect.succeed(notSent(wish, error)))
    )
    if (!("facts" in sent)) return { result: sent, lostAnswer }
    lostAnswer ||= sent.outcome._tag === "Unknown"
    const result = yield* settled(call, sent)
    if (attempt >= attemptsPerCall || !mayTryAgain(result)) return { result, lostAnswer }
  }
})

const turnOf = ({ turn = Effect.void }: Delta) => turn

/** What to send for a wish; or its result, where there is one already or something is in the way. */
const ready = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  wish: Wish,
  turn: Effect.Effect<void, CloudQuotaError>
): Effect.fn.Return<Prepared | Result, JournalError | CloudQuotaError> {
  const ofMember = yield* call.session.hold.intents({ member: wish.member })
  const ofRun = ofMember.filter((intent) => intent.run === call.run && isOf(wish)(intent))
  return (
    standing(wish, ofRun) ??
    (yield* blocked(call, wish, ofMember)) ??
    (yield* prepare(call, delta, wish, ofRun.length + 1, turn))
  )
})

/**
 * Several members in a request, where their differences are equal. It is faster, and it has a price: the
 * provider's log tells nothing of a single member, and that the amount is meant per member is believed
 * only after each limit has been looked at.
 */
const together = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  membersPerRequest: number
): Effect.fn.Return<ReadonlyArray<Result>> {
  const { session } = call
  const results: Array<Result> = []
  const finish = (result: Result) => {
    results.push(result)
    return session.onEvent({ _tag: "Finished", result })
  }
  const prepared: Array<Prepared> = []
  for (const wish of call.wishes.wishes) {
    // Whoever is sent for together is read once more before that: the turn is taken then.
    const one = yield* ready(call, delta, wish, Effect.void).pipe(
      Effect.catch((error) => Effect.succeed(notSent(wish, error)))
    )
    if ("outcome" in one) yield* finish(one)
    else prepared.push(one)
  }
  // What is taken back shows in the limit only where that is proven: else each goes on its own.
  const groups = [
    ...Map.groupBy(prepared.filter(showsInLimit), ({ intent }) => String(intent.delta)).values()
  ]
    .flatMap((equal) => Arr.chunksOf(equal, membersPerRequest))
    .filter((group) => group.length > 1)
  const sent = new Set<Wish>()
  let goOn = true
  let unknowns = 0
  for (const group of groups) {
    if (!goOn) break
    const ended = yield* sendGroup(call, delta, group).pipe(
      Effect.catch((error) =>
        Effect.succeed(group.map(({ wish }): Done => ({ result: notSent(wish, error), lostAnswer: false })))
      )
    )
    yield* Effect.forEach(ended, ({ result }) => finish(result))
    for (const { wish } of group)
      if (ended.some(({ result }) => result.member === wish.member)) sent.add(wish)
    unknowns = ended.some(({ lostAnswer }) => lostAnswer) ? unknowns + 1 : 0
    goOn = unknowns < unknownsInARow && ended.every(({ result }) => result.money !== "unknown")
  }
  // Whoever is left is looked at anew.
  const rest = prepared.flatMap(({ wish }) => (sent.has(wish) ? [] : [wish]))
  if (goOn) return [...results, ...(yield* oneByOne(call, delta, rest))]
  yield* Effect.forEach(rest, (wish) => finish(stopped(wish)))
  return results
})

const showsInLimit = ({ account, intent }: Prepared) =>
  Quantity.isPositive(intent.delta) || account.withdrawal === "lowers-limit"

/** Sends one request for those of a group whose limits are still as they were; the others are not answered. */
const sendGroup = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  group: ReadonlyArray<Prepared>
): Effect.fn.Return<ReadonlyArray<Done>, JournalError | CloudQuotaError> {
  yield* turnOf(delta)
  // Minutes may have passed since each was read, where an earlier request had to be waited out.
  const now = yield* delta.snapshot(group.map(({ wish }) => wish.member))
  const drafts = group.flatMap((prepared): ReadonlyArray<Prepared> => {
    const { audit: _, ...intent } = prepared.intent
    const same = now.some(
      ({ allocated, member, membership }) =>
        member === intent.member &&
        membership === intent.membership &&
        Limit.equals(Limit.finite(allocated), intent.before.limit)
    )
    return same ? [{ ...prepared, intent }] : []
  })
  if (!Arr.isReadonlyArrayNonEmpty(drafts)) return []
  const sent = yield* send(call.session, delta, drafts)
  if (drafts.length > 1) yield* Effect.ignore(lookAt(call.session, delta, sent))
  return yield* Effect.forEach(sent, (one) =>
    Effect.map(
      settled(call, one),
      (result): Done => ({
        result,
        lostAnswer: one.outcome._tag === "Unknown" && one.outcome !== accepted
      })
    )
  )
})

/** Looks at every limit that a request for several members should have changed, and notes what is there. */
const lookAt = Effect.fnUntraced(function* (
  session: Session,
  delta: Delta,
  sent: ReadonlyArray<Sent>
): Effect.fn.Return<void, JournalError | CloudQuotaError> {
  const intents = sent.flatMap(({ intent, outcome }) =>
    intent !== undefined && outcome === accepted ? [intent] : []
  )
  if (intents.length === 0) return
  yield* Effect.sleep(session.timings.readLag)
  const snapshots = yield* delta.snapshot(intents.map(({ member }) => member))
  for (const { after, id, member, membership } of intents) {
    const seen = snapshots.find(
      (snapshot) => snapshot.member === member && snapshot.membership === membership
    )
    const step = { id, from: "sending", fenced: false } as const
    if (seen !== undefined && Limit.equals(Limit.finite(seen.allocated), after)) {
      const detail = "one request for several members gave each the whole amount"
      yield* session.hold.advance({
        ...step,
        to: "applied",
        evidence: "read-back",
        settled: seen.allocated,
        detail
      })
      continue
    }
    const limit = seen === undefined ? "not to be seen" : `${seen.allocated}`
    const detail = `the provider accepted a request for several members, and the limit is ${limit} instead of ${after}`
    yield* session.hold.advance({ ...step, to: "conflict", detail })
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
  const by = `the run ${JSON.stringify(open.run)} (${open.request} for ${open.member}), which is not settled yet`
  return { ...toResult(wish, { _tag: "Blocked", by }), next: "wait" }
})

/** What has happened provably not, and may well happen the next time. */
const mayTryAgain = ({ delta, evidence, outcome }: Result): boolean =>
  // Without the provider's log, a person may have undone our change meanwhile: then people decide. And
  // what was taken back may leave no trace but in the log, which is a thin thread to pay by.
  (outcome._tag === "NotApplied" &&
    evidence === "read-back+log" &&
    delta !== undefined &&
    Quantity.isPositive(delta)) ||
  (outcome._tag === "NotSent" && outcome.reason._tag === "TransportFailed")

/** Waits a lost answer out, looks what became of it, and says so; unless that is put off. */
const settled = Effect.fnUntraced(function* (call: Call, sent: Sent): Effect.fn.Return<Result> {
  const { session } = call
  const { intent, wish } = sent
  const answer = toResult(wish, sent.outcome, sent.facts, sent.detail)
  if (intent === undefined) return answer
  if (sent.outcome._tag === "Applied") {
    yield* Effect.ignore(learnWithdrawal(session, intent))
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

/** Reads the changed members once more. A limit that was set and is another now is reported as drift. */
const observed = Effect.fnUntraced(function* (
  { session, wishes }: Call,
  delta: Delta,
  results: ReadonlyArray<Result>
): Effect.fn.Return<ReadonlyArray<Result>> {
  // What an earlier call of the run has sent may have been changed again since, and rightly so.
  const sentNow = yield* session.hold.intents({ states: ["applied"] }).pipe(
    Effect.map(
      (intents) =>
        new Set(intents.filter(({ fence }) => fence === session.hold.fence).map(({ member }) => member))
    ),
    Effect.orElseSucceed(() => new Set<MemberId>())
  )
  const changed = results.filter(
    ({ evidence, member, outcome }) =>
      outcome._tag === "Applied" && evidence === "response" && sentNow.has(member)
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
