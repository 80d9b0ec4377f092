/**
 * Carries out changes on both kinds of clouds. `changeByDelta` and `changeByPut` write limits; `settle`
 * resolves lost answers.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as AccountIdentity from "../model/AccountIdentity.ts"
import type * as Change from "../model/Change.ts"
import { CloudQuotaError, type RunReused } from "../model/CloudQuotaError.ts"
import { defined } from "../model/KnownKeys.ts"
import { Complete, type Driver } from "../model/Driver.ts"
import * as Journal from "../journal/Journal.ts"
import * as Limit from "../model/Limit.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Report } from "../model/Report.ts"
import * as Settlement from "./Settlement.ts"
import { type Barrier, attemptsOf, forgetSettled } from "./attempts.ts"
import { type Call, journalReason } from "./call.ts"
import { makeBudget } from "./budget.ts"
import { journalFor } from "../journal/defaultJournal.ts"
import { changeByDelta } from "./changeByDelta.ts"
import { changeByPut } from "./changeByPut.ts"
import { makeSessionState } from "./sessionState.ts"
import { maySettle, mayChange, unbaselined } from "./preconditions.ts"
import { on } from "./rules.ts"
import { sameMembers, sameRequests, spelling } from "./runName.ts"
import { deadAt, openIntents, settle } from "./settle.ts"
import type { Session } from "./session.ts"
import {
  type ChangeArguments,
  type Resolve,
  decodeChanges,
  resolveMembers,
  unnamed
} from "./decodeChanges.ts"

/** Changes the quotas of one account. */
export interface Engine {
  readonly changeAll: (
    changes: ReadonlyArray<Change.Change>,
    options: Change.Options,
    resolve: Resolve
  ) => Effect.Effect<Report, CloudQuotaError>
  /** Takes the hold on the account until the scope closes. */
  readonly open: (
    operation: string,
    onEvent?: Session["onEvent"]
  ) => Effect.Effect<Session, CloudQuotaError, Scope.Scope>
  /** Refuses to settle on a real cloud if the waiting times are too short to prove an outcome. */
  readonly maySettle: (operation: string) => Effect.Effect<void, CloudQuotaError>
  /** Returns an error of this account with money `not-moved`: it is certain that nothing was changed. */
  readonly failed: (operation: string, reason: CloudQuotaError["reason"]) => CloudQuotaError
  readonly journal: Journal.Journal
  readonly key: string
  readonly timings: Settlement.Timings
}

const operation = "quotas.change"

export const makeChangeEngine = Effect.fnUntraced(function* (account: string, driver: Driver) {
  const loopback = AccountIdentity.isLoopback(driver.identity.endpoint)
  const journal = journalFor(yield* Journal.Journal, loopback)
  const timings = yield* Settlement.Settlement
  const { provider } = driver.identity
  const key = AccountIdentity.key(driver.identity)

  const failed: Engine["failed"] = (during, reason) =>
    new CloudQuotaError({ provider, account, operation: during, money: "not-moved", reason })

  const subject = { driver, journal, timings, failed }

  const orReused = <A>(result: Result.Result<A, RunReused>) =>
    Effect.fromResult(Result.mapError(result, (reason) => failed(operation, reason)))

  const open: Engine["open"] = Effect.fnUntraced(function* (during, onEvent = () => Effect.void) {
    const attempts = attemptsOf(journal)
    const hold = yield* Effect.mapError(journal.hold(key), (error) => failed(during, journalReason(error)))
    const now = (yield* Clock.Clock).monotonicTimeNanosUnsafe()
    forgetSettled(attempts, timings.readLag, now)
    const fresh: Barrier = on("barrier-from-listing") ? { held: now } : { held: now, since: now }
    // On one host the lock is held for the life of the process, so the first hold counts.
    const barrier = journal.profile === "local" ? (attempts.barriers.get(key) ?? fresh) : fresh
    if (journal.profile === "local") attempts.barriers.set(key, barrier)
    return { account, driver, journal, hold, timings, attempts, barrier, onEvent, ...makeSessionState() }
  })

  const changeAll: Engine["changeAll"] = Effect.fnUntraced(function* (changes, options, resolve) {
    const decoded = yield* decodeChanges(account, driver, changes, options)
    const { preview, run: runName } = decoded
    let obstacle: CloudQuotaError | undefined
    /** Fails with the obstacle. A preview records the first one and continues. */
    const orNoteInPreview = (check: Effect.Effect<void, CloudQuotaError>) =>
      Effect.catch(check, (error) => {
        if (!preview) return Effect.fail(error)
        obstacle ??= error
        return Effect.void
      })
    const results = yield* Effect.scoped(
      Effect.gen(function* () {
        if (decoded.requests.length === 0) return []
        yield* orNoteInPreview(mayChange(subject, operation))
        const session = yield* open(operation, decoded.onEvent)
        const inJournal = <A>(effect: Effect.Effect<A, Journal.JournalError>) =>
          Effect.mapError(effect, (error) => failed(operation, journalReason(error)))
        const facts = yield* inJournal(session.hold.account)
        if (needsBaseline && facts.baselinedAt === undefined) {
          yield* orNoteInPreview(Effect.fail(failed(operation, unbaselined(journal, facts.notice))))
        }
        const args = yield* resolveMembers(account, driver, decoded, resolve)
        // An open put blocks only its own member.
        const settlesAll = on("settle-first") && !preview && driver.write._tag === "Delta"
        if (settlesAll) yield* settleOpen(session, args.settle)
        else yield* inJournal(openIntents(session))
        // A run without a name cannot be continued, so each such call is a run of its own.
        const name = runName ?? `${unnamed}${session.hold.fence}`
        const past = yield* inJournal(session.hold.intents({ run: name }))
        const run = yield* orReused(spelling(name, past))
        yield* orReused(sameRequests(args.requests, run, past))
        yield* orReused(sameMembers(args.requests, run, past))
        const isFirst = past.length === 0 && (yield* inJournal(session.hold.isNew))
        if (isFirst && !preview && journal.kind !== "memory") yield* warnOfFirstChange
        const granted = args.pool === undefined ? undefined : yield* grantedInAll(args.pool.unit)
        const call: Call = { session, args, run, budget: makeBudget(args, past, granted) }
        return yield* driver.write._tag === "Delta"
          ? changeByDelta(call, driver.write)
          : changeByPut(call, driver.write)
      })
    )
    if (runName !== undefined && results.length > 0 && results.every(({ doneAt }) => doneAt !== undefined)) {
      yield* Effect.logWarning(
        `${account}: the run ${JSON.stringify(runName)} was done by earlier calls, so nothing was sent. For a new change give a new run, such as one with the date in its name`
      )
    }
    return { account, provider, preview, results, ...defined({ run: runName, obstacle }) }
  })

  const needsBaseline = driver.write._tag === "Delta" && journal.kind !== "memory"

  /**
   * Settles the intents that earlier calls and other processes left open. With `defer`, settles only those
   * that are due.
   */
  const settleOpen = Effect.fnUntraced(function* (session: Session, how: ChangeArguments["settle"]) {
    const clock = yield* Clock.Clock
    const open = yield* Effect.mapError(openIntents(session), (error) =>
      failed(operation, journalReason(error))
    )
    for (const intent of open) {
      const now = clock.monotonicTimeNanosUnsafe()
      const due = intent.state === "prepared" || deadAt(session, intent, now) <= now
      if (how === "wait" || due) yield* Effect.mapError(settle(session, intent), notSettled(intent))
    }
  })

  /** This call sent nothing, but the outcome of an earlier change is still unknown. */
  const notSettled = (intent: Journal.Intent) => (error: Journal.JournalError | CloudQuotaError) =>
    new CloudQuotaError({
      ...(error._tag === "JournalError" ? failed(operation, journalReason(error)) : error),
      provider,
      account,
      operation: `${operation} (settling ${intent.request} of ${intent.member}, run ${JSON.stringify(intent.run)})`,
      money: "unknown"
    })

  /** Returns the sum of all members' limits in this unit; unlimited if one of them is. */
  const grantedInAll = (unit: Quantity.Unit) =>
    driver.listQuotas.pipe(
      Stream.filter(({ metric }) => metric.unit === unit),
      Stream.runFold(
        () => Limit.finite(Quantity.zero(unit)),
        (sum, { limit }) => (limit._tag === "Finite" ? Limit.add(sum, limit.quantity) : limit)
      ),
      Effect.provideService(Complete, true)
    )

  /**
   * Warns at the first change of an account in this journal: earlier changes may be recorded in another
   * journal.
   */
  const warnOfFirstChange = Effect.logWarning(
    `${account}: the first change of this account in the journal ${Journal.describe(journal)}`
  )

  const engine: Engine = {
    changeAll,
    open,
    maySettle: (during) => maySettle(subject, during),
    failed,
    journal,
    key,
    timings
  }
  return engine
})
