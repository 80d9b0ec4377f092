/**
 * A held account in a database. Every condition of a step is part of the statement that takes it, or of its
 * transaction. No decision rests on an earlier read.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Names from "../model/names.ts"
import * as Quantity from "../model/Quantity.ts"
import type {
  Amendment,
  Event,
  Hold,
  Intent,
  JournalError,
  MemberFacts,
  NewIntent,
  State,
  Step
} from "./contract.ts"
import { type Run, type SqlStore, type Value, inTransaction } from "./database.ts"
import { mayStep } from "./intentState.ts"
import { integer, putText, readIntents, text } from "./rows.ts"
import { isCurrent } from "./schema.ts"
import {
  idOf,
  isOpen,
  selectAccount,
  selectIntents,
  selectIsNew,
  selectMembers,
  selectStanding
} from "./statements.ts"

/** The holder of an account, and its store. */
interface Holder {
  readonly store: SqlStore
  readonly account: string
  readonly fence: number
  readonly owner: string
}

export const makeHold = (holder: Holder): Hold => {
  const { account, fence, store } = holder
  return {
    fence,
    intents: (filter = {}) => selectIntents(store, { ...filter, account }),
    isNew: selectIsNew(store, account),
    standing: (member, run) => selectStanding(store, account, member, run),
    insert: (intents, state = "prepared", marks = []) =>
      whileHeld(
        holder,
        Effect.fnUntraced(function* (run, now) {
          for (const mark of marks) {
            if ((yield* takeStep(holder, run, mark, now)) === undefined) return undefined
          }
          return yield* insertAll(holder, run, intents, state, now)
        }),
        state === "sending" ? store.arm : store.transaction
      ),
    advance: (step) => advance(holder, step),
    amend: (amendments) => amend(holder, amendments),
    account: selectAccount(store, account),
    members: selectMembers(store, account),
    learn: (withdrawal, evidence, seen) =>
      succeeds(
        whileHeld(
          holder,
          Effect.fnUntraced(function* (run, now) {
            yield* run(
              "UPDATE known_account SET withdrawal = ?, withdrawal_evidence = ? WHERE key = ?",
              withdrawal,
              evidence,
              account
            )
            yield* settleLimit(holder, run, seen, now)
            return true as const
          })
        )
      ),
    baseline: (members) =>
      succeeds(
        whileHeld(
          holder,
          Effect.fnUntraced(function* (run, now) {
            yield* run("UPDATE known_account SET baselined_at = ?, notice = NULL WHERE key = ?", now, account)
            yield* Effect.forEach(members, (facts) => settleLimit(holder, run, facts, now), { discard: true })
            return true as const
          })
        )
      )
  }
}

const succeeds = Effect.map((done: true | undefined): boolean => done ?? false)

/** Updates the row without a change, which keeps every other holder out until the transaction ends. */
const isStillHeld = ({ account, fence }: Holder, run: Run): Effect.Effect<boolean, JournalError> =>
  Effect.map(
    run(
      `UPDATE known_account SET fence = fence WHERE key = ? AND fence = ? AND ${isCurrent} RETURNING fence`,
      account,
      BigInt(fence)
    ),
    (rows) => rows.length > 0
  )

const whileHeld = <A>(
  holder: Holder,
  work: (run: Run, now: bigint) => Effect.Effect<A | undefined, JournalError>,
  transaction: SqlStore["transaction"] = holder.store.transaction
): Effect.Effect<A | undefined, JournalError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    transaction((run) =>
      Effect.flatMap(isStillHeld(holder, run), (held) => (held ? work(run, BigInt(now)) : Effect.undefined))
    )
  )

/** Adds an entry to the audit log. */
const addEvent = (
  { account, owner }: Holder,
  run: Run,
  event: Pick<Event, "evidence" | "detail" | "to"> & {
    readonly intent: bigint
    readonly at: bigint
    readonly from: State | null
  }
) =>
  run(
    `INSERT INTO event (intent, account, taken_at, owner, from_state, to_state, evidence, detail)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    event.intent,
    account,
    event.at,
    owner,
    event.from,
    event.to,
    event.evidence ?? null,
    event.detail ?? null
  )

/** Records a settled limit. */
const settleLimit = ({ account }: Holder, run: Run, facts: Omit<MemberFacts, "updatedAt">, now: bigint) =>
  run(
    `INSERT INTO member_facts (account, member, metric, settled, membership, updated_at)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (account, member, metric) DO UPDATE
      SET settled = excluded.settled, membership = excluded.membership, updated_at = excluded.updated_at`,
    account,
    facts.member,
    facts.metric,
    Quantity.format(facts.settled),
    facts.membership,
    now
  )

const insertAll = Effect.fnUntraced(function* (
  holder: Holder,
  run: Run,
  intents: ReadonlyArray<NewIntent>,
  state: State,
  now: bigint
): Effect.fn.Return<ReadonlyArray<Intent> | undefined, JournalError> {
  const inserted: Array<Intent> = []
  for (const intent of intents) {
    const one = yield* insertOne(holder, run, intent, state, now)
    if (one === undefined) return undefined
    inserted.push(one)
  }
  return inserted
})

const hasOpen = ({ account }: Holder, run: Run, { member, metric }: NewIntent) =>
  Effect.map(
    run(
      `SELECT id FROM intent WHERE account = ? AND member = ? AND metric = ? AND ${isOpen}`,
      account,
      member,
      metric
    ),
    (rows) => rows.length > 0
  )

const insertOne = Effect.fnUntraced(function* (
  holder: Holder,
  run: Run,
  intent: NewIntent,
  state: State,
  now: bigint
): Effect.fn.Return<Intent | undefined, JournalError> {
  const { account, fence, owner } = holder
  if (state === "no-change" && (yield* hasOpen(holder, run, intent))) return undefined
  const unanswered = intent.unanswered ?? 0
  const armed = state === "sending" ? 1 : 0
  const columns: Readonly<Record<string, Value>> = {
    account,
    run: intent.run,
    run_key: Names.key(intent.run),
    member: intent.member,
    named: intent.named ?? null,
    metric: intent.metric,
    attempt: BigInt(intent.attempt),
    request: intent.request,
    before_limit: String(intent.before.limit),
    before_available: text(intent.before.available),
    after_limit: String(intent.after),
    delta: text(intent.delta),
    membership: intent.membership ?? null,
    audit_since: integer(intent.audit?.since),
    audit_count: integer(intent.audit?.count),
    put: intent.put === undefined ? null : putText(intent.put),
    unanswered: BigInt(unanswered),
    fence: BigInt(fence),
    owner,
    state,
    armed: BigInt(armed),
    created_at: now,
    updated_at: now
  }
  const names = Object.keys(columns)
  const [row] = yield* run(
    `INSERT INTO intent (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
      ON CONFLICT DO NOTHING RETURNING id`,
    ...Object.values(columns)
  )
  // An intent of the same member and metric is open; a unique index allows one.
  if (row === undefined) return undefined
  const id = BigInt(String(row["id"]))
  yield* addEvent(holder, run, { intent: id, at: now, from: null, to: state })
  if (state === "sending") yield* holder.store.isInPlace(run)
  const at = Number(now)
  return {
    ...intent,
    id: `${id}`,
    account,
    fence,
    owner,
    state,
    armed,
    unanswered,
    createdAt: at,
    updatedAt: at
  }
})

const advance = Effect.fnUntraced(function* (
  holder: Holder,
  step: Step
): Effect.fn.Return<boolean, JournalError> {
  const { arm, transaction } = holder.store
  const now = BigInt(yield* Clock.currentTimeMillis)
  // A mark comes before the request can leave, so that an older copy is recognized afterwards.
  const taken = yield* (step.to === "sending" ? arm : transaction)((run) => takeStep(holder, run, step, now))
  return taken ?? false
})

const takeStep = Effect.fnUntraced(function* (
  holder: Holder,
  run: Run,
  step: Step,
  now: bigint
): Effect.fn.Return<true | undefined, JournalError> {
  const { armed, closing, detail, evidence, from, requestId, settled, to, unanswered } = step
  const { account, store } = holder
  const id = idOf(step.id)
  if (id === undefined || !mayStep(from, to)) return undefined
  if (step.fenced && !(yield* isStillHeld(holder, run))) return undefined
  const rows = yield* run(
    `UPDATE intent SET state = ?, armed = armed + ?, evidence = COALESCE(?, evidence),
        request_id = COALESCE(?, request_id), detail = COALESCE(?, detail),
        closing = COALESCE(?, closing), unanswered = COALESCE(?, unanswered), updated_at = ?
      WHERE id = ? AND account = ? AND state = ?${armed === undefined ? "" : " AND armed = ?"} RETURNING *`,
    to,
    to === "sending" ? 1n : 0n,
    evidence ?? null,
    requestId ?? null,
    detail ?? null,
    closing ?? null,
    integer(unanswered),
    now,
    id,
    account,
    from,
    ...(armed === undefined ? [] : [BigInt(armed)])
  )
  const [intent] = yield* readIntents(store.name, rows)
  if (intent === undefined) return undefined
  yield* addEvent(holder, run, {
    intent: id,
    at: now,
    from,
    to,
    ...(evidence === undefined ? {} : { evidence }),
    ...(detail === undefined ? {} : { detail })
  })
  if (settled !== undefined) {
    const { member, membership = "", metric } = intent
    yield* settleLimit(holder, run, { member, metric, membership, settled }, now)
  }
  if (to === "sending") yield* store.isInPlace(run)
  return true
})

const amend = Effect.fnUntraced(function* (
  holder: Holder,
  amendments: ReadonlyArray<Amendment>
): Effect.fn.Return<boolean, JournalError> {
  const recorded = yield* inTransaction(holder.store, (run) =>
    Effect.forEach(amendments, (one) => amendOne(holder, run, one))
  )
  return recorded.every(Boolean)
})

const amendOne = Effect.fnUntraced(function* (
  holder: Holder,
  run: Run,
  { closing, fenced, id, state, unanswered }: Amendment
): Effect.fn.Return<boolean, JournalError> {
  const known = idOf(id)
  if (known === undefined || (fenced && !(yield* isStillHeld(holder, run)))) return false
  const rows = yield* run(
    `UPDATE intent SET closing = COALESCE(?, closing), unanswered = COALESCE(?, unanswered)
      WHERE id = ? AND account = ? AND state = ? RETURNING id`,
    closing ?? null,
    integer(unanswered),
    known,
    holder.account,
    state
  )
  return rows.length > 0
})
