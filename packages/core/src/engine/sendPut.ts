/**
 * Sends a put, and reads back if its answer is lost. If all limits are as before, the same limits are sent
 * again: twice is the same as once. Each send is counted in the journal before it leaves, since one without
 * an answer may arrive after a later change and overwrite it.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Absolute } from "../model/Driver.ts"
import type { Intent, JournalError, NewIntent, PutLimits, State, Step } from "../journal/contract.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import { attemptKey, noteSettled } from "./attempts.ts"
import { on } from "./rules.ts"
import type { Session } from "./session.ts"
import { isAsAsked, isAsBefore, readLimits } from "./settlePut.ts"

/** The outcome of a put, as far as sending and reading back can show it. */
export type Sent =
  | { readonly _tag: "Answered"; readonly requestId?: string; readonly intents: ReadonlyArray<Intent> }
  /** No answer came, but a reading shows all limits as requested. */
  | { readonly _tag: "Seen"; readonly states: ReadonlyArray<QuotaState> }
  | { readonly _tag: "Refused"; readonly error: CloudQuotaError }
  /** `intents` are the intents as they are armed now. */
  | { readonly _tag: "Unknown"; readonly error?: CloudQuotaError; readonly intents: ReadonlyArray<Intent> }
  /** Another holder has taken over the account. Nothing was sent. */
  | { readonly _tag: "TakenOver" }

/** One request, with all changes in it: a new one, or one that was sent without an answer. */
export type Put = { readonly member: MemberId; readonly limits: PutLimits } & (
  | { readonly _tag: "New"; readonly drafts: ReadonlyArray<NewIntent> }
  | { readonly _tag: "Again"; readonly intents: ReadonlyArray<Intent> }
)

/** Maximum sends of the same limits. After that the answer is waited out. */
const sendsPerCall = 3

/**
 * Pause before the second send; it doubles with each send. The provider may ask for a longer one. At most
 * `longestPause`.
 */
const firstPause = Duration.seconds(1)
const longestPause = Duration.seconds(20)

/** Sends a put. */
export const sendPut = Effect.fnUntraced(function* (
  session: Session,
  write: Absolute,
  put: Put
): Effect.fn.Return<Sent, JournalError> {
  const { attempts } = session
  const { limits, member } = put
  const mark = marking(session)
  let rows = put._tag === "Again" ? put.intents : []
  let lost = Math.max(...rows.map(({ unanswered }) => Math.max(1, unanswered)), 0)
  let sends = 0
  let last: CloudQuotaError | undefined
  let pause = Duration.zero
  const unknown = (): Sent => ({
    _tag: "Unknown",
    intents: rows,
    ...(last === undefined ? {} : { error: last })
  })
  for (;;) {
    const begun = yield* now
    if (lost > 0) {
      const states = yield* Effect.orElseSucceed(readLimits(session, member), () => undefined)
      if (states !== undefined && isAsAsked(limits, states)) {
        yield* mark(rows, { to: "applied", evidence: "read-back", closing: "as-asked", fenced: true }, lost)
        return { _tag: "Seen", states }
      }
      const mayRepeat = last === undefined || last.money === "unknown" || last.isRetryable
      if (states === undefined || !isAsBefore(limits, states) || sends >= sendsPerCall || !mayRepeat) {
        return unknown()
      }
      pause = pauseBefore(sends, last)
      yield* Effect.sleep(pause)
    }
    const armed = yield* Effect.result(
      put._tag === "New" && rows.length === 0 ? armNew(session, put.drafts) : arm(session, rows, lost + 1)
    )
    if (lost > 0 && (Result.isFailure(armed) || armed.success === undefined)) return unknown()
    const ready = yield* Effect.fromResult(armed)
    if (ready === undefined) return { _tag: "TakenOver" }
    rows = ready
    // A suspended process could overwrite a change that came after its reading, so an old reading is
    // repeated.
    const mostMillis = Duration.toMillis(session.timings.armedFor) + Duration.toMillis(pause)
    if (lost > 0 && on("put-recheck") && (yield* millisSince(begun)) > mostMillis) continue
    const answer = yield* Effect.result(write.put(member, limits.after, { again: lost > 0 })).pipe(
      Effect.ensuring(
        Effect.map(Clock.Clock, (clock) => {
          const at = clock.monotonicTimeNanosUnsafe()
          const resetReaches = on("put-takeover") ? "nothing" : "provider"
          for (const row of rows) attempts.ends.set(attemptKey(row), { at, resetReaches })
        })
      )
    )
    sends += 1
    if (Result.isSuccess(answer)) {
      const { requestId } = answer.success
      const id = requestId === undefined ? {} : { requestId }
      yield* mark(rows, { to: "applied", evidence: "response", closing: "due", fenced: false, ...id }, lost)
      return { _tag: "Answered", intents: rows, ...id }
    }
    const error = answer.failure
    last = error
    if (error.money === "unknown") {
      lost += 1
    } else if (lost === 0 || !on("put-rejection")) {
      const { requestId } = error
      const to = isNotSent(error) ? "not-sent" : "rejected"
      const id = requestId === undefined ? {} : { requestId }
      yield* mark(rows, { to, detail: error.message, fenced: false, ...id }, lost)
      return { _tag: "Refused", error }
    }
  }
})

/** Whether an attempt ended before its request left. */
export const isNotSent = ({ reason }: CloudQuotaError): boolean =>
  reason._tag === "TransportFailed" && reason.phase === "not-sent"

const now = Effect.map(Clock.Clock, (clock) => ({
  wall: clock.currentTimeMillisUnsafe(),
  monotonic: clock.monotonicTimeNanosUnsafe()
}))

/**
 * Returns the milliseconds since `begun` by the clock that shows more: the other may have stopped or been set
 * back.
 */
const millisSince = (begun: Effect.Success<typeof now>): Effect.Effect<number> =>
  Effect.map(now, ({ monotonic, wall }) =>
    Math.max(wall - begun.wall, Number((monotonic - begun.monotonic) / 1_000_000n))
  )

const pauseBefore = (sends: number, last: CloudQuotaError | undefined): Duration.Duration =>
  Duration.min(
    longestPause,
    Duration.max(last?.retryAfter ?? Duration.zero, Duration.times(firstPause, 2 ** Math.max(0, sends - 1)))
  )

/**
 * Records intents whose first send is about to leave. Returns `undefined` if the fence has moved, or a change
 * of the member is open. Fails if it is uncertain whether they were recorded: nothing is sent then, which is
 * recorded if possible.
 */
const armNew = (
  { hold }: Session,
  drafts: ReadonlyArray<NewIntent>
): Effect.Effect<ReadonlyArray<Intent> | undefined, JournalError> =>
  hold
    .insert(
      drafts.map((draft) => ({ ...draft, unanswered: counted(1) })),
      "sending"
    )
    .pipe(
      Effect.tapError(() =>
        Effect.gen(function* () {
          const [draft] = drafts
          if (draft === undefined) return
          const open = yield* hold.intents({ member: draft.member, states: ["sending"] })
          const own = open.filter(({ fence, run }) => fence === hold.fence && run === draft.run)
          for (const { id } of own) {
            yield* hold.advance({ id, from: "sending", to: "not-sent", fenced: false, unanswered: 0 })
          }
        }).pipe(Effect.ignore)
      )
    )

/**
 * Records durably that one more send may be in flight. Returns `undefined` if the fence or an intent has
 * moved.
 */
const arm = Effect.fnUntraced(function* (
  { hold }: Session,
  rows: ReadonlyArray<Intent>,
  unanswered: number
): Effect.fn.Return<ReadonlyArray<Intent> | undefined, JournalError> {
  const armed: Array<Intent> = []
  for (const row of rows) {
    const { id, state } = row
    if (state === "sending" && !on("put-recheck")) {
      armed.push(row)
      continue
    }
    const step = { id, from: state, to: "sending", armed: row.armed, fenced: true } as const
    if (!(yield* hold.advance({ ...step, unanswered: counted(unanswered) }))) return undefined
    armed.push({ ...row, state: "sending", armed: row.armed + 1, unanswered })
  }
  return armed
})

const counted = (unanswered: number): number => (on("put-count") ? unanswered : 0)

/**
 * Records the outcome of all intents of a put. The outcome is a fact, so a failure to record it is ignored.
 * The count of sends may be lowered only while no other holder has armed the intent.
 */
const marking =
  ({ attempts, hold }: Session) =>
  (
    rows: ReadonlyArray<Intent>,
    step: Omit<Step, "id" | "from" | "armed"> & { readonly to: State },
    unanswered: number
  ): Effect.Effect<void> =>
    Effect.forEach(
      rows,
      (intent) =>
        Effect.gen(function* () {
          const { armed, id } = intent
          const one = { ...step, id, from: "sending" } as const
          const noted = yield* hold.advance({ ...one, armed, unanswered: counted(unanswered) })
          if (noted && unanswered === 0) noteSettled(attempts, intent)
          if (!noted && !step.fenced) yield* hold.advance(one)
        }).pipe(Effect.ignore),
      // In one commit.
      { concurrency: "unbounded", discard: true }
    )
