/**
 * The closing look at puts: reads all limits of every written member again at the end of a call. A reading may
 * be up to `readLag` old, so one that differs is repeated.
 */
import * as Effect from "effect/Effect"
import { defined } from "../model/KnownKeys.ts"
import type { Amendment, Intent, PutLimits } from "../journal/contract.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import type { Result } from "../model/Report.ts"
import { toResult } from "./call.ts"
import type { ChangeRequest } from "./decodeChanges.ts"
import { observedOf } from "./planPut.ts"
import { fewest, listed } from "./putReadings.ts"
import type { Session } from "./session.ts"
import { differences, driftOf, driftText, readLimits } from "./settlePut.ts"

/** A result. If its change was written, the look at it may be due. */
export interface Closable {
  readonly result: Result
  readonly due?: { readonly request: ChangeRequest; readonly intent: Intent; readonly put: PutLimits }
}

type States = ReadonlyArray<QuotaState>

/** Number of members that are read concurrently. */
const readsAtOnce = 8

/** Looks at all changes that are due, and records what it found. A failed reading leaves its look due. */
export const closePuts = Effect.fnUntraced(function* (
  session: Session,
  all: ReadonlyArray<Closable>
): Effect.fn.Return<ReadonlyArray<Result>> {
  const puts = new Map(all.flatMap(({ due }) => (due === undefined ? [] : [[due.intent.member, due.put]])))
  if (puts.size === 0) return all.map(({ result }) => result)
  const first = yield* statesOf(session, [...puts.keys()])
  const differing = [...puts].flatMap(([member, put]) => {
    const states = first.get(member)
    return states !== undefined && differences(put.after, states).length > 0 ? [member] : []
  })
  if (differing.length > 0) yield* Effect.sleep(session.timings.readLag)
  const second = yield* statesOf(session, differing)
  const isRepeated = new Set(differing)

  const amendments: Array<Amendment> = []
  const results = all.map(({ due, result }) => {
    if (due === undefined) return result
    const { intent, put, request } = due
    const states = (isRepeated.has(intent.member) ? second : first).get(intent.member)
    if (states === undefined) return result
    const drift = driftOf(put, request.metric.id, states)
    const closing = drift.length === 0 ? "as-asked" : "drift"
    amendments.push({ id: intent.id, state: "applied", fenced: false, closing })
    return seenResult(request, drift, states, result)
  })
  yield* Effect.ignore(session.hold.amend(amendments))
  return results
})

const statesOf = Effect.fnUntraced(function* (
  session: Session,
  members: ReadonlyArray<MemberId>
): Effect.fn.Return<ReadonlyMap<MemberId, States>> {
  const found = new Map(members.length < fewest ? [] : yield* listed(session, new Set(members)))
  yield* Effect.forEach(
    members.filter((member) => !found.has(member)),
    (member) =>
      Effect.ignore(
        Effect.tap(readLimits(session, member), (states) => Effect.sync(() => found.set(member, states)))
      ),
    { concurrency: readsAtOnce, discard: true }
  )
  return found
})

/** Adds a reading to an `Applied` result. */
const seenResult = (
  request: ChangeRequest,
  drift: ReturnType<typeof driftOf>,
  states: States,
  { before, delta, requestId, target }: Result
): Result => {
  const state = states.find(({ metric }) => metric.id === request.metric.id)
  return toResult(
    request,
    {
      _tag: "Applied",
      ...(state === undefined ? {} : { observed: observedOf(state) }),
      ...(drift.length === 0 ? {} : { drift: true })
    },
    {
      ...defined({ before, delta, requestId, target }),
      evidence: drift.length === 0 ? "read-back" : "response"
    },
    drift.length === 0 ? undefined : driftText(request.member, drift)
  )
}
