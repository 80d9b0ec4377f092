/**
 * The `Changes` service of one account.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Changes, Verified } from "./Changes.ts"
import { type CloudQuotaError, NotFound, PreconditionFailed, invalid } from "../model/CloudQuotaError.ts"
import type { Delta } from "../model/Driver.ts"
import { describe } from "../journal/Journal.ts"
import type * as Journal from "../journal/Journal.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import { journalReason, takenOver } from "../engine/call.ts"
import type { Engine } from "../engine/changeEngine.ts"
import type { ResolveMembers } from "./memberRef.ts"
import { isContinuous } from "../engine/prepareDelta.ts"
import { makeReview } from "./makeReview.ts"
import type { ServiceContext } from "./serviceContext.ts"
import { checkKeys } from "../engine/invalidArgument.ts"
import { watched } from "../engine/watcher.ts"
import { openIntents, settle } from "../engine/settle.ts"
import { readingsAreFresh, reload, snapshotOf } from "../engine/session.ts"

const recoverKeys = { onEvent: true } as const

const pendingStates: ReadonlyArray<Journal.State> = ["prepared", "sending", "conflict"]

export const makeChanges = (
  context: ServiceContext,
  resolveMembers: ResolveMembers,
  engine: Engine
): Changes["Service"] => {
  const { account, driver } = context
  const { failed, journal, key, maySettle, open } = engine
  const { provider } = driver.identity

  /** Converts a journal failure into the caller's error. */
  const during =
    (operation: string) =>
    <A>(
      effect: Effect.Effect<A, Journal.JournalError | CloudQuotaError>
    ): Effect.Effect<A, CloudQuotaError> =>
      Effect.mapError(effect, (error) =>
        error._tag === "JournalError" ? failed(operation, journalReason(error)) : error
      )

  const deltaOf = (operation: string): Effect.Effect<Delta, CloudQuotaError> => {
    if (driver.write._tag === "Delta") return Effect.succeed(driver.write)
    const message = `${provider} takes absolute limits, so there is nothing to accept or to verify`
    return Effect.fail(failed(operation, new PreconditionFailed({ message })))
  }

  const allMembers = driver.listMembers.pipe(
    Stream.map(({ id }) => id),
    Stream.filter((id): id is MemberId => id !== undefined),
    Stream.runCollect
  )

  const baseline: Changes["Service"]["baseline"] = Effect.fn("Changes.baseline")(function* (members) {
    const operation = "changes.baseline"
    const delta = yield* deltaOf(operation)
    const ids =
      members === undefined
        ? yield* allMembers
        : (yield* resolveMembers(operation, members)).members.map(({ member }) => member)
    return yield* Effect.scoped(
      Effect.gen(function* () {
        const session = yield* open(operation)
        const { hold } = session
        const [first] = yield* during(operation)(openIntents(session))
        if (first !== undefined) {
          const message = `the run ${JSON.stringify(first.run)} has a change that is not settled (${first.request} for ${first.member}): settle it first, with Changes.recover`
          return yield* failed(operation, new PreconditionFailed({ message, needs: "recover" }))
        }
        const known = yield* during(operation)(hold.members)
        const { baselinedAt } = yield* during(operation)(hold.account)
        if (members !== undefined && baselinedAt === undefined && journal.kind !== "memory") {
          const message = `this journal has never seen this account (it is ${describe(journal)}): accept the limits of all members first, with baseline() without members`
          return yield* failed(operation, new PreconditionFailed({ message, needs: "baseline" }))
        }
        yield* readingsAreFresh(session)
        const snapshots = yield* delta.snapshot(ids)
        const missing = ids.filter((id) => !snapshots.some(({ member }) => member === id))
        if (members !== undefined && missing.length > 0) {
          const message = `there is no member ${missing.join(", ")} that has anything`
          return yield* failed(operation, new NotFound({ message }))
        }
        const now = snapshots.map(({ limit, member, membership }) => ({
          member,
          metric: delta.metric,
          membership,
          settled: limit
        }))
        if (!(yield* during(operation)(hold.baseline(now)))) {
          return yield* failed(operation, takenOver)
        }
        yield* Effect.logInfo(`${account}: baseline in the journal ${describe(journal)}`)
        return now.map(({ member, metric, settled }) => {
          const before = known.find((facts) => facts.member === member && facts.metric === metric)?.settled
          return { member, metric, limit: settled, ...(before === undefined ? {} : { before }) }
        })
      })
    )
  })

  const recover: Changes["Service"]["recover"] = Effect.fn("Changes.recover")(function* (options) {
    const operation = "changes.recover"
    yield* checkKeys(context, operation, options, recoverKeys)
    const onEvent = options?.onEvent
    if (onEvent !== undefined && typeof onEvent !== "function") {
      const message = "give a function that takes an event and gives an Effect"
      return yield* invalid({ provider, account, operation, field: "onEvent", message })
    }
    yield* maySettle(operation)
    return yield* Effect.scoped(
      Effect.gen(function* () {
        const session = yield* open(operation, watched(onEvent))
        const intents = yield* during(operation)(openIntents(session))
        // One intent that cannot be read now does not keep others from being settled. It is returned
        // unchanged.
        const settled = yield* Effect.forEach(intents, (intent) =>
          Effect.result(during(operation)(settle(session, intent)))
        )
        const [failure] = settled.filter(Result.isFailure)
        if (failure !== undefined && settled.every(Result.isFailure)) return yield* failure.failure
        return settled.flatMap((one, index) => (Result.isSuccess(one) ? one.success : (intents[index] ?? [])))
      })
    )
  })

  const pending = during("changes.pending")(
    Stream.runCollect(journal.intents({ account: key, states: pendingStates }))
  )

  const resolve: Changes["Service"]["resolve"] = Effect.fn("Changes.resolve")(function* (id, as, note) {
    const operation = "changes.resolve"
    // Any other word must not count as one of the two: "not-applied" lets the run try again.
    if (as !== "applied" && as !== "not-applied") {
      const message =
        'give "applied" if the change took place, and "not-applied" only if it certainly did not'
      return yield* invalid({ provider, account, operation, field: "as", message })
    }
    if (typeof note !== "string" || note.trim() === "") {
      const message = "say in a few words how it was decided: the note stays in the audit log"
      return yield* invalid({ provider, account, operation, field: "note", message })
    }
    return yield* Effect.scoped(
      Effect.gen(function* () {
        const session = yield* open(operation)
        const { hold } = session
        const conflicts = yield* during(operation)(hold.intents({ states: ["conflict"] }))
        const intent = conflicts.find((conflict) => conflict.id === id)
        if (intent === undefined) {
          const ids = conflicts.map((conflict) => conflict.id).join(", ") || "none"
          const message = `${JSON.stringify(id)} is no open conflict of this account: its conflicts are ${ids}`
          return yield* failed(operation, new NotFound({ message }))
        }
        yield* readingsAreFresh(session)
        const settled =
          driver.write._tag === "Delta" ? (yield* snapshotOf(driver.write, intent.member))?.limit : undefined
        const taken = yield* during(operation)(
          hold.advance({
            id,
            from: "conflict",
            to: as === "applied" ? "resolved-applied" : "resolved-not-applied",
            fenced: true,
            evidence: "human",
            detail: note,
            ...(settled === undefined ? {} : { settled })
          })
        )
        if (!taken) {
          return yield* failed(operation, takenOver)
        }
        return yield* during(operation)(reload(hold, intent))
      })
    )
  })

  const verify: Changes["Service"]["verify"] = Effect.scoped(
    Effect.gen(function* () {
      const operation = "changes.verify"
      const delta = yield* deltaOf(operation)
      const session = yield* open(operation)
      const { hold } = session
      yield* readingsAreFresh(session)
      const facts = yield* during(operation)(hold.members)
      const undecided = yield* during(operation)(hold.intents({ states: pendingStates }))
      const snapshots = yield* delta.snapshot(facts.map(({ member }) => member))
      const seenOf = new Map(snapshots.map((snapshot) => [snapshot.member, snapshot]))
      return yield* Effect.forEach(
        facts,
        Effect.fnUntraced(function* (fact): Effect.fn.Return<Verified, CloudQuotaError> {
          const { member, membership, metric, settled } = fact
          const seen = seenOf.get(member)
          const isOpen = undecided.some((intent) => intent.member === member && intent.metric === metric)
          if (isOpen)
            return { member, metric, settled, verdict: "open", ...(seen ? { observed: seen.limit } : {}) }
          if (seen === undefined || seen.membership !== membership)
            return { member, metric, settled, verdict: "gone" }
          const { account, intents } = yield* during(operation)(hold.standing(member, ""))
          const last = intents.findLast(({ state }) => state === "applied")
          const verdict = isContinuous(fact, seen, account.withdrawal, last) ? "as-settled" : "drift"
          return { member, metric, settled, observed: seen.limit, verdict }
        })
      )
    })
  ).pipe(Effect.withSpan("Changes.verify"))

  const review = makeReview(context, engine, { pending, verify })

  return { baseline, recover, pending, resolve, verify, review }
}
