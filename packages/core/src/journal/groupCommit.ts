/**
 * Runs the transactions that wait at the same time as one: each behind a savepoint of its own, all durable
 * with one commit.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Semaphore from "effect/Semaphore"
import type { JournalError } from "./contract.ts"
import type { Run, SqlStore } from "./database.ts"

/** The parts of a database that differ. */
interface Database {
  /** Runs statements in a transaction, durable before it returns. Rolls back if they fail. */
  readonly transact: (
    work: (run: Run) => Effect.Effect<void, JournalError>
  ) => Effect.Effect<void, JournalError>
  /** Records outside the database how far it has come. */
  readonly mark: Effect.Effect<void, JournalError>
  /** One permit: one transaction at a time. */
  readonly semaphore: Semaphore.Semaphore
}

/** A transaction that waits. Its work returns whether its conditions hold. */
interface Waiting {
  readonly work: (run: Run) => Effect.Effect<boolean, JournalError>
  readonly marks: boolean
  exit?: Exit.Exit<boolean, JournalError>
}

/** Returns the two kinds of transactions of a store. */
export const groupCommit = ({
  mark,
  semaphore,
  transact
}: Database): Pick<SqlStore, "arm" | "transaction"> => {
  let waiting: Array<Waiting> = []

  const runGroup = Effect.gen(function* () {
    // Transactions that are ready in the same turn of the event loop join the group.
    yield* Effect.yieldNow
    const group = waiting
    waiting = []
    const done = yield* Effect.exit(
      transact((run) => Effect.forEach(group, (one) => attempt(run, one), { discard: true }))
    )
    const marked = Exit.isSuccess(done) && group.some(isMarking) ? yield* Effect.exit(mark) : done
    for (const one of group) {
      const failed = [done, one.marks ? marked : done].find(Exit.isFailure)
      if (failed !== undefined && (one.exit === undefined || Exit.isSuccess(one.exit))) {
        one.exit = Exit.failCause(failed.cause)
      }
    }
  })

  const enqueue = (one: Waiting) =>
    Effect.uninterruptible(
      Effect.suspend(() => {
        waiting.push(one)
        // The first of a group runs all; the others find their result.
        return semaphore.withPermit(Effect.suspend(() => (one.exit === undefined ? runGroup : Effect.void)))
      })
    ).pipe(Effect.andThen(Effect.suspend(() => one.exit ?? Effect.die("a transaction was not run"))))

  const kind =
    (marks: boolean): SqlStore["transaction"] =>
    <A>(work: (run: Run) => Effect.Effect<A | undefined, JournalError>) =>
      Effect.suspend(() => {
        let value: A | undefined
        const kept = (run: Run) =>
          Effect.map(work(run), (result) => {
            value = result
            return result !== undefined
          })
        return Effect.map(enqueue({ work: kept, marks }), (holds) => (holds ? value : undefined))
      })

  return { transaction: kind(false), arm: kind(true) }
}

const isMarking = ({ exit, marks }: Waiting): boolean =>
  marks && exit !== undefined && Exit.isSuccess(exit) && exit.value

/** Runs one transaction of a group. If it fails, or a condition does not hold, only its own work is undone. */
const attempt = (run: Run, one: Waiting): Effect.Effect<void, JournalError> =>
  Effect.gen(function* () {
    yield* run("SAVEPOINT one")
    one.exit = yield* Effect.exit(one.work(run))
    if (!(Exit.isSuccess(one.exit) && one.exit.value)) yield* run("ROLLBACK TO SAVEPOINT one")
    yield* run("RELEASE SAVEPOINT one")
  })
