/**
 * Carries out changes: the frame that both kinds of clouds share. How a limit is written is in
 * `changeByDelta` and `changeByPut`; how a lost answer is settled, in `settle`.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
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
import { type Barrier, attemptsOf } from "./attempts.ts"
import { type Call, journalReason } from "./call.ts"
import { makeBudget } from "./budget.ts"
import { journalFor } from "../journal/defaultJournal.ts"
import { changeByDelta } from "./changeByDelta.ts"
import { changeByPut } from "./changeByPut.ts"
import { makeLogWitness } from "./logWitness.ts"
import { maySettle, mayChange, unbaselined } from "./preconditions.ts"
import { on } from "./rules.ts"
import { sameRequests, spelling } from "./runName.ts"
import { deadAt, openIntents, settle } from "./settle.ts"
import type { Session } from "./session.ts"
import { type ChangeArguments, decodeChanges, unnamed } from "./decodeChanges.ts"

/** Everything about changing the quotas of one account. */
export interface Engine {
  readonly changeAll: (
    changes: ReadonlyArray<Change.Change>,
    options: Change.Options
  ) => Effect.Effect<Report, CloudQuotaError>
  /** Becomes the holder of the account, until the scope closes. */
  readonly open: (
    operation: string,
    onEvent?: Session["onEvent"]
  ) => Effect.Effect<Session, CloudQuotaError, Scope.Scope>
  /** Refuses to settle anything of a real cloud after waiting times that prove nothing. */
  readonly maySettle: (operation: string) => Effect.Effect<void, CloudQuotaError>
  /** An error of this account about which it is certain that nothing was changed. */
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
    const fresh: Barrier = on("barrier-from-listing") ? { held: now } : { held: now, since: now }
    // On one host the lock is held for the life of the process, so the first holding counts.
    const barrier = journal.profile === "local" ? (attempts.barriers.get(key) ?? fresh) : fresh
    if (journal.profile === "local") attempts.barriers.set(key, barrier)
    const logWitness = makeLogWitness()
    return { account, driver, journal, hold, timings, attempts, barrier, logWitness, onEvent }
  })

  const changeAll: Engine["changeAll"] = Effect.fnUntraced(function* (changes, options) {
    const args = yield* decodeChanges(account, driver, changes, options)
    const { preview, run: named } = args
    let obstacle: CloudQuotaError | undefined
    /** A call fails with what is in its way. A preview goes on, and says so. */
    const orSayInPreview = (check: Effect.Effect<void, CloudQuotaError>) =>
      Effect.catch(check, (error) => {
        if (!preview) return Effect.fail(error)
        obstacle ??= error
        return Effect.void
      })
    const results = yield* Effect.scoped(
      Effect.gen(function* () {
        if (args.requests.length === 0) return []
        yield* orSayInPreview(mayChange(subject, operation))
        const session = yield* open(operation, args.onEvent)
        const inJournal = <A>(effect: Effect.Effect<A, Journal.JournalError>) =>
          Effect.mapError(effect, (error) => failed(operation, journalReason(error)))
        const account = yield* inJournal(session.hold.account)
        if (needsBaseline && account.baselinedAt === undefined) {
          yield* orSayInPreview(Effect.fail(failed(operation, unbaselined(journal, account.notice))))
        }
        // A put that is open keeps its own member waiting, and no other.
        const settlesAll = on("settle-first") && !preview && driver.write._tag === "Delta"
        if (settlesAll) yield* settleOpen(session, args.settle)
        else yield* inJournal(openIntents(session))
        // Without a name nothing can be continued, so every such call is a run of its own.
        const name = named ?? `${unnamed}${session.hold.fence}`
        const past = yield* inJournal(session.hold.intents({ run: name }))
        const run = yield* orReused(spelling(name, past))
        yield* orReused(sameRequests(args.requests, run, past))
        if (past.length === 0 && !preview) yield* inJournal(sayFirst)
        const granted = args.pool === undefined ? undefined : yield* grantedInAll(args.pool.unit)
        const call: Call = { session, args, run, budget: makeBudget(args, past, granted) }
        return yield* driver.write._tag === "Delta"
          ? changeByDelta(call, driver.write)
          : changeByPut(call, driver.write)
      })
    )
    if (named !== undefined && results.length > 0 && results.every(({ doneAt }) => doneAt !== undefined)) {
      yield* Effect.logWarning(
        `${account}: the run ${JSON.stringify(named)} was done by earlier calls, so nothing was sent. For a new change give a new run, such as one with the date in its name`
      )
    }
    return { account, provider, preview, results, ...defined({ run: named, obstacle }) }
  })

  const needsBaseline = driver.write._tag === "Delta" && journal.kind !== "memory"

  /** What earlier calls and processes left open comes first. A call that does not wait settles what is due. */
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

  /** Nothing was sent by this call, and what an earlier one did is still not known. */
  const notSettled = (intent: Journal.Intent) => (error: Journal.JournalError | CloudQuotaError) =>
    new CloudQuotaError({
      ...(error._tag === "JournalError" ? failed(operation, journalReason(error)) : error),
      provider,
      account,
      operation: `${operation} (settling ${intent.request} of ${intent.member}, run ${JSON.stringify(intent.run)})`,
      money: "unknown"
    })

  /** What all members together may use now, of everything that is counted in this unit. */
  const grantedInAll = (unit: Quantity.Unit) =>
    driver.listQuotas.pipe(
      Stream.filter(({ metric }) => metric.unit === unit),
      Stream.runFold(
        () => Limit.finite(Quantity.zero(unit)),
        (sum, { limit }) => (limit._tag === "Finite" ? Limit.add(sum, limit.quantity) : limit)
      ),
      Effect.provideService(Complete, true)
    )

  /** A first change names its journal: another one may have been meant, with all that was done so far. */
  const sayFirst = Effect.gen(function* () {
    if (journal.kind === "memory") return
    const known = yield* Stream.runHead(journal.intents({ account: key }))
    if (Option.isSome(known)) return
    yield* Effect.logWarning(
      `${account}: the first change of this account in the journal ${Journal.describe(journal)}`
    )
  })

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
