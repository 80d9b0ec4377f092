/** Turns a change request into an intent: reads the member afresh, plans, and checks. */
import * as Effect from "effect/Effect"
import { type CloudQuotaError, NotFound, PreconditionFailed } from "../model/CloudQuotaError.ts"
import type { Delta, DeltaSnapshot } from "../model/Driver.ts"
import type {
  AccountFacts,
  Intent,
  JournalError,
  MemberFacts,
  NewIntent,
  Standing,
  Withdrawal
} from "../journal/contract.ts"
import * as Limit from "../model/Limit.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Result } from "../model/Report.ts"
import { type Call, type Facts, namedBy, takenOver, toResult } from "./call.ts"
import { expectedEntries } from "./logWitness.ts"
import { type Plan, plan } from "./plan.ts"
import { on } from "./rules.ts"
import { flushBeforeWaiting, flushFirst } from "./marks.ts"
import type { Session } from "./session.ts"
import { type Wanted, forgetReading, readMember } from "./sharedReading.ts"
import type { ChangeRequest } from "./decodeChanges.ts"

/** An intent that is ready to be recorded. */
export interface Prepared {
  readonly request: ChangeRequest
  readonly intent: NewIntent & { readonly delta: Quantity.Quantity; readonly membership: string }
  readonly account: AccountFacts
}

/**
 * Reads, plans and checks. Returns the intent to record, or a result that needs no request. `permit` waits
 * for the rate limit of writes. It comes before the reading, so that no wait separates the reading from the
 * write.
 */
export const prepare = Effect.fnUntraced(function* (
  call: Call,
  delta: Delta,
  request: ChangeRequest,
  standing: Standing,
  attempt: number
): Effect.fn.Return<Prepared | Result, JournalError | CloudQuotaError> {
  const { session } = call
  const { hold } = session
  const { preview, requests } = call.args
  const notSent = (reason: CloudQuotaError["reason"], facts?: Facts) =>
    toResult(request, { _tag: "NotSent", reason }, facts)
  const { account } = standing
  // The log is counted before the limit is read, so a change in between is counted, never missed.
  const audit = preview ? undefined : yield* expectedEntries(delta, session)
  if (!preview && delta.permit !== undefined) yield* flushBeforeWaiting(session, delta.permit)
  const shares = preview || audit !== undefined || !on("shared-reading-needs-log")
  const members = shares ? requests.map(({ member }) => member) : [request.member]
  const read = yield* readContinuous(session, delta, request, standing, { members, shares })
  if (read === undefined) return notSent(new NotFound({ message: `there is no member ${request.member}.` }))
  if ("expected" in read) {
    const { expected, snapshot } = read
    return toResult(request, {
      _tag: "Drift",
      expected: Limit.finite(expected),
      observed: Limit.finite(snapshot.limit)
    })
  }
  const { snapshot, unsettled } = read
  if (unsettled && !preview) {
    // The last withdrawal did not show which limit it left. The next change continues from this reading.
    const { withdrawal, withdrawalEvidence = "it was not seen yet" } = account
    const { member, metric } = request
    const { limit: settled, membership } = snapshot
    yield* hold.learn(withdrawal, withdrawalEvidence, { member, metric: metric.id, membership, settled })
  }
  const limit = Limit.finite(snapshot.limit)
  if (request.expected !== undefined && !Limit.equals(request.expected, limit)) {
    return toResult(request, { _tag: "Drift", expected: request.expected, observed: limit })
  }
  const before = { limit, available: snapshot.available }
  const planned = planFor(request, call, account, before)
  // A former member with nothing left needs no withdrawal.
  const isDone = request.action._tag === "Reclaim" && planned._tag === "NoChange"
  if (!snapshot.active && !isDone) {
    const message = `${request.member} is no member at present, so nothing can be granted or taken back.`
    return notSent(new PreconditionFailed({ message }))
  }
  const draft = {
    run: call.run,
    member: request.member,
    ...namedBy(request),
    metric: request.metric.id,
    attempt,
    request: request.text,
    before,
    membership: snapshot.membership,
    ...(audit === undefined ? {} : { audit })
  }
  switch (planned._tag) {
    case "NoChange": {
      // Recorded, so that the same run returns the same result after the member has spent.
      if (!preview && call.args.run !== undefined) {
        // An unrecorded result must not be promised to the run.
        const written = yield* hold.insert([{ ...draft, after: before.limit }], "no-change")
        if (written === undefined) return notSent(takenOver, { before })
      }
      return toResult(request, { _tag: "NoChange" }, { before }, planned.message)
    }
    case "Refused":
      return toResult(request, { _tag: "Refused", check: planned.check }, { before }, planned.message)
    case "Impossible":
      return notSent(new PreconditionFailed({ message: planned.message }), { before })
    case "Change": {
      const { target } = planned
      const delta = planned.delta ?? Quantity.zero(request.metric.unit)
      const facts = { before, target, delta }
      const tooMuch = call.budget(request, { target, delta })
      if (tooMuch !== undefined) {
        return toResult(request, { _tag: "Refused", check: tooMuch.check }, facts, tooMuch.message)
      }
      if (preview) return toResult(request, { _tag: "Planned" }, facts)
      return { request, intent: { ...draft, after: target, delta }, account }
    }
  }
})

const planFor = (
  request: ChangeRequest,
  call: Call,
  account: AccountFacts,
  before: { readonly limit: Limit.Limit; readonly available: Quantity.Quantity }
): Plan =>
  plan(
    {
      metric: request.metric,
      byDelta: true,
      withdrawalLowers: account.withdrawal === "lowers-limit",
      waived: call.args.waived
    },
    request.action,
    before
  )

/**
 * A fresh reading that continues from the last settled limit; or one that does not, with the expected limit.
 */
type Read =
  | { readonly snapshot: DeltaSnapshot; readonly unsettled: boolean }
  | { readonly snapshot: DeltaSnapshot; readonly expected: Quantity.Quantity }

const readContinuous = Effect.fnUntraced(function* (
  session: Session,
  delta: Delta,
  { member, metric }: ChangeRequest,
  { account, facts, intents }: Standing,
  wanted: Wanted
): Effect.fn.Return<Read | undefined, CloudQuotaError> {
  const last = intents.findLast(({ state }) => state === "applied")
  const known = facts.find((one) => one.metric === metric.id)
  const changes = intents.filter(({ state }) => state === "applied" || state === "resolved-applied")
  for (let reading = 1; ; reading++) {
    const snapshot = yield* readMember(session, delta, member, changes.slice(-1), wanted)
    if (snapshot === undefined) return undefined
    if (known === undefined || isContinuous(known, snapshot, account.withdrawal, last)) {
      const isSettled = known === undefined || Quantity.Order(known.settled, snapshot.limit) === 0
      return { snapshot, unsettled: !isSettled }
    }
    if (reading === 2) return { snapshot, expected: known.settled }
    yield* flushFirst(session)
    yield* Effect.sleep(session.timings.readLag)
    forgetReading(session)
  }
})

/**
 * Whether a reading continues from the last settled limit. After a withdrawal whose effect was not learned,
 * the limit is not settled: it may be the old one or the lower one, unless withdrawals were since seen to
 * keep it.
 */
export const isContinuous = (
  { membership, settled }: MemberFacts,
  snapshot: DeltaSnapshot,
  withdrawal: Withdrawal,
  last: Intent | undefined
): boolean => {
  if (membership !== snapshot.membership) return false
  if (Quantity.Order(settled, snapshot.limit) === 0) return true
  if (withdrawal === "keeps-limit" || last?.delta === undefined || !Quantity.isNegative(last.delta))
    return false
  // Only if no other limit was accepted since.
  const { limit } = last.before
  const untouched = limit._tag === "Finite" && Quantity.Order(limit.quantity, settled) === 0
  if (!untouched || last.membership !== membership) return false
  return Quantity.Order(Quantity.sum(settled, last.delta), snapshot.limit) === 0
}
