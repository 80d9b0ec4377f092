/**
 * Judges a put whose answer was lost by a reading: as requested, all as before, or neither.
 *
 * A put writes all limits of a member, so all of them are compared, not only the changed ones.
 */
import * as Effect from "effect/Effect"
import * as CircuitBreaker from "../transport/CircuitBreaker.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Intent, PutLimits, State, Step } from "../journal/contract.ts"
import * as Limit from "../model/Limit.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { MetricId } from "../model/Metric.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import { attemptKey } from "./attempts.ts"
import { on } from "./rules.ts"
import type { Session } from "./session.ts"

/** A limit that differs from the expected one. `seen` is absent if the provider does not report it. */
export interface Difference {
  readonly metric: MetricId
  readonly expected: Limit.Limit
  readonly seen?: Limit.Limit
}

/** Returns the expected limits that a reading does not show. */
export const differences = (
  expected: ReadonlyMap<MetricId, Limit.Limit>,
  states: ReadonlyArray<QuotaState>
): ReadonlyArray<Difference> =>
  [...expected].flatMap(([metric, limit]): ReadonlyArray<Difference> => {
    const seen = states.find((state) => state.metric.id === metric)?.limit
    if (seen !== undefined && Limit.equals(seen, limit)) return []
    return [{ metric, expected: limit, ...(seen === undefined ? {} : { seen }) }]
  })

/** Returns the metrics that a put changes. It writes the others unchanged. */
const changedBy = ({ after, before }: PutLimits): ReadonlySet<MetricId> =>
  new Set(
    [...after.keys()].filter((metric) => {
      const [old, next] = [before.get(metric), after.get(metric)]
      return old === undefined || next === undefined || !Limit.equals(old, next)
    })
  )

export const isAsAsked = ({ after }: PutLimits, states: ReadonlyArray<QuotaState>): boolean =>
  differences(after, states).length === 0

export const isAsBefore = (put: PutLimits, states: ReadonlyArray<QuotaState>): boolean => {
  if (!on("put-all-as-before")) {
    const changed = changedBy(put)
    return differences(put.before, states).every(({ metric }) => !changed.has(metric))
  }
  return states.length === put.before.size && differences(put.before, states).length === 0
}

/**
 * Returns the limits that differ from those of a put, for one of its changes: its own metric, and the metrics
 * that the put leaves unchanged. The other changes of the put have intents of their own.
 */
export const driftOf = (
  put: PutLimits,
  metric: MetricId,
  states: ReadonlyArray<QuotaState>
): ReadonlyArray<Difference> => {
  const changed = changedBy(put)
  return differences(put.after, states).filter((one) => one.metric === metric || !changed.has(one.metric))
}

/** Returns the sentence for people about limits that differ from those written. */
export const driftText = (member: MemberId, found: ReadonlyArray<Difference>): string => {
  const each = found.map(
    ({ expected, metric, seen }) =>
      `${metric} ${seen === undefined ? "is not reported any more" : `is ${seen}`}, and ${expected} was written`
  )
  return `Not as written to ${member}: ${each.join("; ")}.`
}

/**
 * Reads all limits of a member to settle a put. There is one such reading per send, so the circuit breaker
 * lets it through even while other reads fail. Returns no limits if the member does not exist.
 */
export const readLimits = (
  { driver }: Pick<Session, "driver">,
  member: MemberId
): Effect.Effect<ReadonlyArray<QuotaState>, CloudQuotaError> =>
  driver.getQuotas(member).pipe(
    Effect.catchIf(
      ({ reason }) => reason._tag === "NotFound",
      () => Effect.succeed<ReadonlyArray<QuotaState>>([])
    ),
    Effect.provideService(CircuitBreaker.Exempt, true)
  )

const stepOf = (intent: Intent, to: State): Step => ({
  id: intent.id,
  from: "sending",
  to,
  armed: intent.armed,
  fenced: true
})

/**
 * Reads back before any wait, and returns the step if the reading proves one. Sends without an answer stay
 * counted, since they may still arrive.
 */
export const lookAtPut = Effect.fnUntraced(function* (
  session: Session,
  intent: Intent
): Effect.fn.Return<Step | undefined> {
  const { put } = intent
  if (put === undefined) return undefined
  const states = yield* Effect.orElseSucceed(readLimits(session, intent.member), () => undefined)
  if (states === undefined || !isAsAsked(put, states)) return undefined
  return { ...stepOf(intent, "applied"), evidence: "read-back", closing: "as-asked" }
})

/** Judges a put by a reading, once no send of it can take effect any more. */
export const readBackPut = Effect.fnUntraced(function* (
  session: Session,
  intent: Intent
): Effect.fn.Return<Step, CloudQuotaError> {
  const { after, before, member, metric, put } = intent
  const states = yield* readLimits(session, member)
  const limit = states.find((state) => state.metric.id === metric)?.limit
  const step = (to: State): Step => ({ ...stepOf(intent, to), unanswered: 0 })
  const conflict = (detail: string): Step => ({ ...step("conflict"), detail })
  if (limit !== undefined && Limit.equals(limit, after)) {
    const drift = put === undefined ? [] : driftOf(put, metric, states)
    return drift.length === 0
      ? { ...step("applied"), evidence: "read-back", closing: "as-asked" }
      : { ...step("applied"), evidence: "read-back", closing: "drift", detail: driftText(member, drift) }
  }
  const isBefore =
    put === undefined ? limit !== undefined && Limit.equals(limit, before.limit) : isAsBefore(put, states)
  if (!isBefore) {
    const others = put === undefined ? [] : differences(put.before, states)
    const changed = others.filter((one) => one.metric !== metric).map((one) => one.metric)
    const also = changed.length === 0 ? "" : `, and ${changed.join(", ")} changed too`
    return conflict(
      limit !== undefined && Limit.equals(limit, before.limit)
        ? `the limit is ${limit} as before${also}, so the request may have taken effect and been overwritten`
        : `the limit is ${limit ?? "gone"}, neither what was asked for (${after}) nor what it was (${before.limit})`
    )
  }
  const { attempts, journal } = session
  const sentHere = attempts.ends.has(attemptKey(intent))
  if (on("non-sender") && !sentHere && !(yield* journal.isDead(intent.owner))) {
    return conflict("another machine sent it, and only that one could prove that it did not take place")
  }
  return { ...step("not-applied"), evidence: "read-back" }
})
