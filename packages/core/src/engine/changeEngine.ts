/**
 * Carries out changes: the frame that both kinds of clouds share. How a limit is written is in
 * `changeByDelta` and `changeByPut`; how a lost answer is settled, in `settle`.
 */
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as AccountIdentity from "../model/AccountIdentity.ts"
import type * as Change from "../model/Change.ts"
import { CloudQuotaError, InvalidRequest, PreconditionFailed, RunReused } from "../model/CloudQuotaError.ts"
import { defined } from "../wire/Decode.ts"
import { Complete, type Driver } from "../model/Driver.ts"
import * as Journal from "../journal/Journal.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import * as Limit from "../model/Limit.ts"
import * as Quantity from "../model/Quantity.ts"
import type { Report } from "../model/Report.ts"
import * as Settlement from "./Settlement.ts"
import { type Barrier, attemptsOf } from "./attempts.ts"
import { type Call, isOf, journalReason } from "./call.ts"
import { makeBudget } from "./budget.ts"
import { journalFor } from "../journal/defaultJournal.ts"
import { changeByDelta } from "./changeByDelta.ts"
import { changeByPut } from "./changeByPut.ts"
import { makeLogWitness } from "./logWitness.ts"
import * as Names from "../model/names.ts"
import { on } from "./rules.ts"
import { deadAt, openIntents, settle } from "./settle.ts"
import type { Session } from "./session.ts"
import { type Wishes, decodeWishes, unnamed } from "./wishes.ts"

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
  // Any word will do: every CI has its own.
  const inCi = yield* Config.String("CI").pipe(
    Effect.map((word) => !/^(0|false|)$/i.test(word.trim())),
    Effect.orElseSucceed(() => false)
  )
  const { provider } = driver.identity
  const key = AccountIdentity.key(driver.identity)

  const failed: Engine["failed"] = (during, reason) =>
    new CloudQuotaError({ provider, account, operation: during, money: "not-moved", reason })

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
    const wishes = yield* decodeWishes(account, driver, changes, options)
    const { preview, run: named } = wishes
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
        if (wishes.wishes.length === 0) return []
        yield* orSayInPreview(mayChange)
        const session = yield* open(operation, wishes.onEvent)
        const inJournal = <A>(effect: Effect.Effect<A, Journal.JournalError>) =>
          Effect.mapError(effect, (error) => failed(operation, journalReason(error)))
        const account = yield* inJournal(session.hold.account)
        if (needsBaseline && account.baselinedAt === undefined) {
          yield* orSayInPreview(Effect.fail(failed(operation, unbaselined(journal, account.notice))))
        }
        // A put that is open keeps its own member waiting, and no other.
        const settlesAll = on("settle-first") && !preview && driver.write._tag === "Delta"
        if (settlesAll) yield* settleOpen(session, wishes.settle)
        else yield* inJournal(openIntents(session))
        // Without a name nothing can be continued, so every such call is a run of its own.
        const name = named ?? `${unnamed}${session.hold.fence}`
        const past = yield* inJournal(session.hold.intents({ run: name }))
        const run = yield* spelling(name, past)
        yield* sameRequest(wishes, run, past)
        if (past.length === 0 && !preview) yield* inJournal(sayFirst)
        const granted = wishes.pool === undefined ? undefined : yield* grantedInAll(wishes.pool.unit)
        const call: Call = { session, wishes, run, budget: makeBudget(wishes, past, granted) }
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

  const maySettle: Engine["maySettle"] = (during) => {
    const unknown = KnownKeys.problem(timings, timingKeys, "Settlement")
    if (unknown !== undefined) {
      const { field, message } = unknown
      const reason = new InvalidRequest({ field, message: `Settlement: ${field} ${message}` })
      return Effect.fail(failed(during, reason))
    }
    return loopback || longEnough(timings) || !on("long-enough")
      ? Effect.void
      : Effect.fail(
          failed(
            during,
            new InvalidRequest({
              field: "Settlement",
              message: `Settlement: a request may take effect ${Duration.format(shortest)} after it was sent, and a reading may be as old as "readLag", so "own" has to be at least the sum of both, and "takeover" no shorter than "own": give ${Duration.format(Duration.sum(shortest, timings.readLag))} or more`
            })
          )
        )
  }

  /** Whether anything may be changed at all, and differences with this journal. */
  const mayChange = Effect.gen(function* () {
    yield* maySettle(operation)
    if (driver.write._tag !== "Delta") return
    if (journal.kind === "memory" && !loopback) {
      return yield* failed(
        operation,
        new PreconditionFailed({
          message:
            "the journal is in memory, which forgets with the process, and money must not move without a memory: provide SqliteJournal.layer() or PostgresJournal.layer()"
        })
      )
    }
    if (!inCi || loopback) return
    const vanishes = yield* journal.vanishes ?? Effect.undefined
    if (vanishes !== undefined) {
      return yield* failed(
        operation,
        new PreconditionFailed({
          message: `this is CI, where the journal ${Journal.describe(journal)} would vanish with the runner, since ${vanishes}, and money must not move without a memory: choose a journal that outlives it, such as PostgresJournal.layer(), or an absolute path outside the checkout, home and temporary folders; for connect and cloud-quota, CLOUD_QUOTA_JOURNAL=postgres://… does`
        })
      )
    }
  })

  /** What earlier calls and processes left open comes first. A call that does not wait settles what is due. */
  const settleOpen = Effect.fnUntraced(function* (session: Session, how: Wishes["settle"]) {
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

  /**
   * The run's name as the journal has it. Earlier versions took other spellings, and such a run goes on under
   * its own. Two names that look alike are refused: what one has paid, the other would pay again.
   */
  const spelling = (
    name: string,
    past: ReadonlyArray<Journal.Intent>
  ): Effect.Effect<string, CloudQuotaError> => {
    const [first = name, second = first] = new Set(past.map(({ run }) => run))
    if (first === second && (first === name || Names.suggested(first) === name)) return Effect.succeed(first)
    const both = [first, first === second ? name : second].map(Names.visible).join(" and ")
    const message = `the runs ${both} look alike, so this one may have been carried out under the other name. Nothing was sent. Look at what they did with cloud-quota journal export, and give what is still to be done a run of another name`
    return Effect.fail(failed(operation, new RunReused({ message })))
  }

  const sameRequest = Effect.fnUntraced(function* (
    wishes: Wishes,
    run: string,
    past: ReadonlyArray<Journal.Intent>
  ) {
    for (const wish of wishes.wishes) {
      const other = past.find((intent) => isOf(wish)(intent) && intent.request !== wish.request)
      if (other === undefined) continue
      const message = `the run ${JSON.stringify(run)} was "${other.request}" for ${wish.metric.id} of ${wish.member}, and is "${wish.request}" now: give a new wish a new run`
      return yield* failed(operation, new RunReused({ message }))
    }
  })

  const engine: Engine = { changeAll, open, maySettle, failed, journal, key, timings }
  return engine
})

/** The provider's own limit, and what the network may hold back: nothing shorter proves anything. */
const shortest = Duration.seconds(75)

const timingKeys: KnownKeys.Names<Settlement.Timings> = {
  own: true,
  takeover: true,
  readLag: true,
  armedFor: true
}

const longEnough = ({ own, readLag, takeover }: Settlement.Timings): boolean =>
  [own, readLag, takeover].every(Duration.isFinite) &&
  !Duration.isNegative(readLag) &&
  Duration.isGreaterThan(own, shortest) &&
  Duration.isGreaterThanOrEqualTo(own, Duration.sum(shortest, readLag)) &&
  Duration.isGreaterThanOrEqualTo(takeover, own)

/** What a fresh journal asks for, and why. */
const unbaselined = (journal: Journal.Journal, notice: string | undefined) =>
  new PreconditionFailed({
    needs: "baseline",
    message: `${notice ?? "this journal has never seen this account"}; the journal is ${Journal.describe(journal)}. So it cannot tell whether somebody else changes its limits: look at them once, and vouch for them with Changes.baseline, or on the command line with cloud-quota baseline`
  })
