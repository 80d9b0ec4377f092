/**
 * A journal over SQL: every statement of it, for SQLite and Postgres alike. What differs is how a
 * transaction is run, and how other processes are kept away from an account: the {@link SqlStore}.
 *
 * Every condition of a step is part of the statement that takes it, or of its transaction; nothing
 * is decided by what was read earlier.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import * as AccountIdentity from "../model/AccountIdentity.ts"
import {
  type AccountFacts,
  type Amendment,
  Closing,
  type Event,
  type Hold,
  type Intent,
  type IntentFilter,
  type Journal,
  JournalError,
  type MemberFacts,
  type NewIntent,
  type PutLimits,
  State,
  type Step
} from "./Journal.ts"
import * as Limit from "../model/Limit.ts"
import { MemberId } from "../services/Member.ts"
import type { MetricId } from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"
import { mayStep, openStates } from "./intentState.ts"
import { damaged, isCurrent } from "./schema.ts"
import * as Names from "../model/names.ts"
import * as ProcessIdentity from "./processIdentity.ts"

/** What a column holds. Integers are 64 bits wide; amounts are decimal text. */
export type Value = string | bigint | null

export type Row = Readonly<Record<string, unknown>>

/** Runs one statement, with `?` for each value. */
export type Run = (
  statement: string,
  ...values: ReadonlyArray<Value>
) => Effect.Effect<ReadonlyArray<Row>, JournalError>

/** A database, as far as a journal needs one. */
export interface SqlStore {
  /** What it is called in messages. */
  readonly name: string
  /**
   * Runs statements all or none, durable before it returns. `undefined` says that a condition does
   * not hold: everything is taken back.
   */
  readonly transaction: <A>(
    work: (run: Run) => Effect.Effect<A | undefined, JournalError>
  ) => Effect.Effect<A | undefined, JournalError>
  /**
   * Keeps everybody else away from the account until the scope closes. Waits for others of this
   * process; `busy` ends with this message if another process has it.
   */
  readonly lock: (
    account: string,
    busy: Effect.Effect<JournalError>
  ) => Effect.Effect<void, JournalError, Scope.Scope>
  /**
   * Notes outside the database how far it has come, and fails if the database is not where it was opened. It
   * runs when a hold begins and ends, and between arming and sending: nothing leaves if it fails.
   */
  readonly mark: Effect.Effect<void, JournalError>
  /** The same question, where it takes a statement in the transaction that arms. */
  readonly isInPlace: (run: Run) => Effect.Effect<void, JournalError>
}

/** A database that is only read. */
export type SqlReader = Pick<SqlStore, "name" | "transaction">

/** What an account is told after its journal was restored. */
export const restoredNotice =
  "the journal was moved or restored from a copy, and what happened since the copy was made is not in it: give each account a new baseline before its next change"

/**
 * Notes where the journal lives, and forgets every baseline if it was restored from a copy. True if
 * it was.
 */
export const settleIn = Effect.fnUntraced(function* (
  run: Run,
  journal: string,
  place: string,
  isRestored: (knownPlace: string) => boolean
): Effect.fn.Return<boolean, JournalError> {
  const [known] = yield* readPlaces(
    journal,
    yield* run("SELECT place, (SELECT COUNT(*) FROM known_account) AS accounts FROM journal")
  )
  if (known === undefined) {
    yield* run("INSERT INTO journal (id, place) VALUES (?, ?)", randomUUID(), place)
    return false
  }
  // Where no account was ever held, a copy lacks nothing.
  const restored = known.accounts > 0 && isRestored(known.place)
  if (restored) yield* run("UPDATE known_account SET baselined_at = NULL, notice = ?", restoredNotice)
  yield* run("UPDATE journal SET place = ?", place)
  return restored
})

/** A journal over a store that is opened when it is first needed, and closed with the scope. */
export const sqlJournal = Effect.fnUntraced(function* (
  options: Omit<Journal, "hold" | "intents" | "events"> & {
    readonly open: Effect.Effect<SqlStore, JournalError, Scope.Scope>
    /** For queries before the first hold: writes nothing. `undefined` if there is no journal yet. */
    readonly openToRead: Effect.Effect<SqlReader | undefined, JournalError>
  }
): Effect.fn.Return<Journal, never, Scope.Scope> {
  const { open, openToRead, ...about } = options
  let opened: SqlStore | undefined
  const store = yield* openOnce(
    Effect.tap(open, (store) =>
      Effect.sync(() => {
        opened = store
      })
    )
  )

  const hold = Effect.fnUntraced(function* (account: string) {
    const opened = yield* store
    // An earlier version may be running, and knows the account by another key.
    for (const key of AccountIdentity.equivalentKeys(account)) {
      yield* opened.lock(key, busy(opened, account))
    }
    const owner = ProcessIdentity.owner()
    const [held] = yield* inTransaction(opened, (run) =>
      Effect.flatMap(
        run(
          `INSERT INTO known_account (key, fence, owner, withdrawal) SELECT ?, 1, ?, 'unknown' WHERE ${isCurrent}
          ON CONFLICT (key) DO UPDATE SET fence = known_account.fence + 1, owner = excluded.owner
          RETURNING fence`,
          account,
          owner
        ),
        (rows) => readFences(opened.name, rows)
      )
    )
    if (held === undefined) {
      const message = `${opened.name} was taken over by a newer cloud-quota while it was open: start the program again, with that version`
      return yield* new JournalError({ kind: "failed", message })
    }
    yield* Effect.acquireRelease(opened.mark, () => Effect.ignore(opened.mark))
    return makeHold(opened, { account, fence: held.fence, owner })
  })

  const reader = Effect.suspend(
    (): Effect.Effect<SqlReader | undefined, JournalError> =>
      opened === undefined ? openToRead : Effect.succeed(opened)
  )
  // A reader may meet keys of an earlier version, so accounts are selected here and not by the database.
  const ofAccount =
    (account: string | undefined) =>
    (row: { readonly account: string }): boolean =>
      account === undefined || row.account === account

  return {
    ...about,
    hold,
    intents: ({ account, ...filter } = {}) =>
      pages(reader, (opened, after) => selectIntents(opened, { ...filter, after, atMost: pageSize })).pipe(
        Stream.map(withCurrentKey),
        Stream.filter(ofAccount(account))
      ),
    events: ({ account } = {}) =>
      pages(reader, selectEvents).pipe(
        Stream.map(({ event }) => withCurrentKey(event)),
        Stream.filter(ofAccount(account))
      )
  }
})

const withCurrentKey = <A extends { readonly account: string }>(row: A): A => ({
  ...row,
  account: AccountIdentity.canonicalKey(row.account)
})

/** Opens at the first use; after a failure the next use tries again. */
export const openOnce = <A, E>(
  open: Effect.Effect<A, E, Scope.Scope>
): Effect.Effect<Effect.Effect<A, E>, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    const turn = Semaphore.makeUnsafe(1)
    let opened: { readonly value: A } | undefined
    return turn.withPermit(
      Effect.uninterruptible(
        Effect.gen(function* () {
          if (opened !== undefined) return opened.value
          const attempt = yield* Scope.fork(scope)
          const value = yield* open.pipe(
            Scope.provide(attempt),
            Effect.onError((cause) => Scope.close(attempt, Exit.failCause(cause)))
          )
          opened = { value }
          return value
        })
      )
    )
  })

/** Who has the account, as far as the journal itself tells. */
const busy = (store: SqlStore, account: string): Effect.Effect<JournalError> =>
  inTransaction(store, (run) => run("SELECT owner FROM known_account WHERE key = ?", account)).pipe(
    Effect.orElseSucceed((): ReadonlyArray<Row> => []),
    Effect.map(
      ([row]) =>
        new JournalError({
          kind: "busy",
          message: `${ProcessIdentity.describe(String(row?.["owner"]))} holds the account: let it finish, or end it, and run this again`
        })
    )
  )

/** A transaction that always takes place. */
const inTransaction = <A>(
  store: SqlReader,
  work: (run: Run) => Effect.Effect<A, JournalError>
): Effect.Effect<A, JournalError> =>
  Effect.flatMap(
    store.transaction((run) => Effect.map(work(run), (value) => ({ value }))),
    (done) =>
      done === undefined
        ? Effect.die("a transaction without conditions was refused")
        : Effect.succeed(done.value)
  )

const makeHold = (
  store: SqlStore,
  { account, fence, owner }: { readonly account: string; readonly fence: number; readonly owner: string }
): Hold => {
  // Writing the row as it is keeps every other holder out until the transaction ends.
  const isStillHeld = (run: Run): Effect.Effect<boolean, JournalError> =>
    Effect.map(
      run(
        `UPDATE known_account SET fence = fence WHERE key = ? AND fence = ? AND ${isCurrent} RETURNING fence`,
        account,
        BigInt(fence)
      ),
      (rows) => rows.length > 0
    )

  const whileHeld = <A>(work: (run: Run, now: bigint) => Effect.Effect<A | undefined, JournalError>) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      store.transaction((run) =>
        Effect.flatMap(isStillHeld(run), (held) => (held ? work(run, BigInt(now)) : Effect.undefined))
      )
    )

  const note = (
    run: Run,
    event: {
      readonly intent: bigint
      readonly at: bigint
      readonly from: State | null
      readonly to: State
      readonly evidence?: string
      readonly detail?: string
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

  const settle = (run: Run, facts: Omit<MemberFacts, "updatedAt">, now: bigint) =>
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

  const insertOne = Effect.fnUntraced(function* (
    run: Run,
    intent: NewIntent,
    state: State,
    now: bigint
  ): Effect.fn.Return<Intent | undefined, JournalError> {
    const open = yield* run(
      `SELECT id FROM intent WHERE account = ? AND member = ? AND metric = ? AND ${isOpen}`,
      account,
      intent.member,
      intent.metric
    )
    if (open.length > 0) return undefined
    const columns: Readonly<Record<string, Value>> = {
      account,
      run: intent.run,
      run_key: Names.key(intent.run),
      member: intent.member,
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
      fence: BigInt(fence),
      owner,
      state,
      armed: 0n,
      created_at: now,
      updated_at: now
    }
    const names = Object.keys(columns)
    const rows = yield* run(
      `INSERT INTO intent (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")}) RETURNING *`,
      ...Object.values(columns)
    )
    const [inserted] = yield* readIntents(store.name, rows)
    if (inserted !== undefined)
      yield* note(run, { intent: BigInt(inserted.id), at: now, from: null, to: state })
    return inserted
  })

  const insert = (intents: ReadonlyArray<NewIntent>, state: State) =>
    whileHeld(
      Effect.fnUntraced(function* (run, now): Effect.fn.Return<
        ReadonlyArray<Intent> | undefined,
        JournalError
      > {
        const inserted: Array<Intent> = []
        for (const intent of intents) {
          const one = yield* insertOne(run, intent, state, now)
          if (one === undefined) return undefined
          inserted.push(one)
        }
        return inserted
      })
    )

  const advance = Effect.fnUntraced(function* (step: Step): Effect.fn.Return<boolean, JournalError> {
    const { armed, closing, detail, evidence, from, requestId, settled, to, unanswered } = step
    if (!mayStep(from, to) || !/^\d{1,18}$/.test(step.id)) return false
    const id = BigInt(step.id)
    const now = BigInt(yield* Clock.currentTimeMillis)
    const taken = yield* store.transaction(
      Effect.fnUntraced(function* (run): Effect.fn.Return<true | undefined, JournalError> {
        if (step.fenced && !(yield* isStillHeld(run))) return undefined
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
        yield* note(run, {
          intent: id,
          at: now,
          from,
          to,
          ...(evidence === undefined ? {} : { evidence }),
          ...(detail === undefined ? {} : { detail })
        })
        if (settled !== undefined) {
          const { member, membership = "", metric } = intent
          yield* settle(run, { member, metric, membership, settled }, now)
        }
        if (to === "sending") yield* store.isInPlace(run)
        return true
      })
    )
    // Before the request may leave, so that a copy from before it is recognised afterwards.
    if (to === "sending" && taken === true) yield* store.mark
    return taken ?? false
  })

  const amend = Effect.fnUntraced(function* ({
    closing,
    fenced,
    id,
    state,
    unanswered
  }: Amendment): Effect.fn.Return<boolean, JournalError> {
    if (!/^\d{1,18}$/.test(id)) return false
    const done = yield* store.transaction(
      Effect.fnUntraced(function* (run): Effect.fn.Return<true | undefined, JournalError> {
        if (fenced && !(yield* isStillHeld(run))) return undefined
        const rows = yield* run(
          `UPDATE intent SET closing = COALESCE(?, closing), unanswered = COALESCE(?, unanswered)
            WHERE id = ? AND account = ? AND state = ? RETURNING id`,
          closing ?? null,
          integer(unanswered),
          BigInt(id),
          account,
          state
        )
        return rows.length > 0 ? true : undefined
      })
    )
    return done ?? false
  })

  const learn: Hold["learn"] = (withdrawal, evidence, seen) =>
    Effect.map(
      whileHeld(
        Effect.fnUntraced(function* (run, now) {
          yield* run(
            "UPDATE known_account SET withdrawal = ?, withdrawal_evidence = ? WHERE key = ?",
            withdrawal,
            evidence,
            account
          )
          yield* settle(run, seen, now)
          return true
        })
      ),
      (done) => done !== undefined
    )

  const baseline: Hold["baseline"] = (members) =>
    Effect.map(
      whileHeld(
        Effect.fnUntraced(function* (run, now) {
          yield* run("UPDATE known_account SET baselined_at = ?, notice = NULL WHERE key = ?", now, account)
          yield* Effect.forEach(members, (facts) => settle(run, facts, now), { discard: true })
          return true
        })
      ),
      (done) => done !== undefined
    )

  return {
    fence,
    intents: (filter = {}) => selectIntents(store, { ...filter, account }),
    insert: (intents, state = "prepared") => insert(intents, state),
    advance,
    amend,
    account: selectAccount(store, account),
    members: selectMembers(store, account),
    learn,
    baseline
  }
}

const isOpen = `state IN (${openStates.map((state) => `'${state}'`).join(", ")})`

const text = (quantity: Quantity.Quantity | undefined): string | null =>
  quantity === undefined ? null : Quantity.format(quantity)

const limitTexts = (limits: ReadonlyMap<MetricId, Limit.Limit>) =>
  Object.fromEntries(Array.from(limits, ([metric, limit]) => [metric, String(limit)]))

const putText = ({ after, before }: PutLimits): string =>
  JSON.stringify({ before: limitTexts(before), after: limitTexts(after) })

const integer = (value: number | undefined): bigint | null => (value === undefined ? null : BigInt(value))

// Reading

const pageSize = 500

/** Page by page, so that neither a long log nor a slow reader keeps the database or the memory busy. */
const pages = <A extends { readonly id: string }>(
  reader: Effect.Effect<SqlReader | undefined, JournalError>,
  page: (reader: SqlReader, after: bigint) => Effect.Effect<ReadonlyArray<A>, JournalError>
): Stream.Stream<A, JournalError> =>
  Stream.paginate(0n, (after) =>
    Effect.map(
      Effect.flatMap(reader, (opened) => (opened === undefined ? Effect.succeed([]) : page(opened, after))),
      (rows) => {
        const last = rows.at(-1)
        return [
          rows,
          last === undefined || rows.length < pageSize ? Option.none<bigint>() : Option.some(BigInt(last.id))
        ] as const
      }
    )
  )

const selectIntents = (
  store: SqlReader,
  filter: IntentFilter & { readonly account?: string; readonly after?: bigint; readonly atMost?: number }
): Effect.Effect<ReadonlyArray<Intent>, JournalError> => {
  const { account, after = 0n, atMost, member, run: ofRun, states } = filter
  if (states?.length === 0) return Effect.succeed([])
  const runKey = ofRun === undefined ? undefined : Names.key(ofRun)
  const equal = Object.entries({ account, run_key: runKey, member }).flatMap(([column, value]) =>
    value === undefined ? [] : [{ column, value }]
  )
  const where = [
    "id > ?",
    ...equal.map(({ column }) => `${column} = ?`),
    ...(states === undefined ? [] : [`state IN (${states.map(() => "?").join(", ")})`])
  ]
  return Effect.flatMap(
    inTransaction(store, (run) =>
      run(
        `SELECT * FROM intent WHERE ${where.join(" AND ")} ORDER BY id${atMost === undefined ? "" : ` LIMIT ${atMost}`}`,
        after,
        ...equal.map(({ value }) => value),
        ...(states ?? [])
      )
    ),
    (rows) => readIntents(store.name, rows)
  )
}

const selectEvents = (store: SqlReader, after: bigint) =>
  Effect.flatMap(
    inTransaction(store, (run) =>
      run(`SELECT * FROM event WHERE id > ? ORDER BY id LIMIT ${pageSize}`, after)
    ),
    (rows) => readEvents(store.name, rows)
  )

const selectAccount = (store: SqlStore, account: string): Effect.Effect<AccountFacts, JournalError> =>
  inTransaction(store, (run) => run("SELECT * FROM known_account WHERE key = ?", account)).pipe(
    Effect.flatMap((rows) => readAccounts(store.name, rows)),
    Effect.map(([facts]) => facts ?? { withdrawal: "unknown" })
  )

const selectMembers = (
  store: SqlStore,
  account: string
): Effect.Effect<ReadonlyArray<MemberFacts>, JournalError> =>
  Effect.flatMap(
    inTransaction(store, (run) =>
      run("SELECT * FROM member_facts WHERE account = ? ORDER BY member, metric", account)
    ),
    (rows) => readMembers(store.name, rows)
  )

// Decoding: what is read from a database may be damaged, or somebody else's.

const Integer = Schema.BigInt.pipe(
  Schema.decodeTo(Schema.Int, {
    decode: SchemaGetter.transform(Number),
    encode: SchemaGetter.transform(BigInt)
  })
)

const Id = Schema.BigInt.pipe(
  Schema.decodeTo(Schema.String, {
    decode: SchemaGetter.transform(String),
    encode: SchemaGetter.transform(BigInt)
  })
)

const parsed = <A>(parse: (text: string) => Result.Result<A, unknown>) =>
  SchemaGetter.transformEffect((text: string) =>
    Effect.mapError(Effect.fromResult(parse(text)), () => new SchemaIssue.InvalidValue())
  )

const QuantityText = Schema.String.pipe(
  Schema.decodeTo(Schema.declare(Quantity.isQuantity), {
    decode: parsed(Quantity.parse),
    encode: SchemaGetter.transform(Quantity.format)
  })
)

const isLimit = (value: unknown): value is Limit.Limit =>
  typeof value === "object" && value !== null && "_tag" in value

const LimitText = Schema.String.pipe(
  Schema.decodeTo(Schema.declare(isLimit), {
    decode: parsed((limit) =>
      limit === String(Limit.unlimited)
        ? Result.succeed(Limit.unlimited)
        : Result.map(Quantity.parse(limit), Limit.finite)
    ),
    encode: SchemaGetter.transform(String)
  })
)

/** A column that may be `NULL`, which is absence in the program. */
const Absent = <A, E>(column: Schema.Codec<A, E>) =>
  Schema.NullOr(column).pipe(
    Schema.decodeTo(Schema.optionalKey(Schema.toType(column)), {
      decode: SchemaGetter.transformOptional(Option.filter((value: A | null) => value !== null)),
      encode: SchemaGetter.transformOptional(Option.orElseSome((): A | null => null))
    })
  )

const EvidenceText = Schema.Literals(["response", "read-back", "read-back+log", "human"])

const LimitTexts = Schema.Record(Schema.String, LimitText)
const PutText = Schema.fromJsonString(Schema.Struct({ before: LimitTexts, after: LimitTexts }))

const IntentRow = Schema.Struct({
  id: Id,
  account: Schema.String,
  run: Schema.String,
  member: MemberId,
  metric: Schema.String,
  attempt: Integer,
  request: Schema.String,
  before_limit: LimitText,
  before_available: Absent(QuantityText),
  after_limit: LimitText,
  delta: Absent(QuantityText),
  membership: Absent(Schema.String),
  audit_since: Absent(Integer),
  audit_count: Absent(Integer),
  put: Absent(PutText),
  closing: Absent(Closing),
  unanswered: Integer,
  fence: Integer,
  owner: Schema.String,
  state: State,
  armed: Integer,
  evidence: Absent(EvidenceText),
  request_id: Absent(Schema.String),
  detail: Absent(Schema.String),
  created_at: Integer,
  updated_at: Integer
})

const toIntent = (row: typeof IntentRow.Type): Intent => {
  const {
    after_limit: after,
    audit_count: count,
    audit_since: since,
    before_available: available,
    before_limit: limit,
    created_at: createdAt,
    put,
    request_id: requestId,
    updated_at: updatedAt,
    ...same
  } = row
  return {
    ...same,
    before: { limit, ...(available === undefined ? {} : { available }) },
    after,
    ...(since === undefined || count === undefined ? {} : { audit: { since, count } }),
    ...(put === undefined
      ? {}
      : { put: { before: new Map(Object.entries(put.before)), after: new Map(Object.entries(put.after)) } }),
    ...(requestId === undefined ? {} : { requestId }),
    createdAt,
    updatedAt
  }
}

const EventRow = Schema.Struct({
  id: Id,
  intent: Id,
  account: Schema.String,
  taken_at: Integer,
  owner: Schema.String,
  from_state: Absent(State),
  to_state: State,
  evidence: Absent(EvidenceText),
  detail: Absent(Schema.String)
})

const toEvent = ({
  from_state: from,
  id,
  taken_at: at,
  to_state: to,
  ...same
}: typeof EventRow.Type): { readonly id: string; readonly event: Event } => ({
  id,
  event: { ...same, at, to, ...(from === undefined ? {} : { from }) }
})

const AccountRow = Schema.Struct({
  baselined_at: Absent(Integer),
  withdrawal: Schema.Literals(["unknown", "lowers-limit", "keeps-limit"]),
  withdrawal_evidence: Absent(Schema.String),
  notice: Absent(Schema.String)
})

const toAccount = ({
  baselined_at: baselinedAt,
  withdrawal_evidence: withdrawalEvidence,
  ...same
}: typeof AccountRow.Type): AccountFacts => ({
  ...same,
  ...(baselinedAt === undefined ? {} : { baselinedAt }),
  ...(withdrawalEvidence === undefined ? {} : { withdrawalEvidence })
})

const MemberRow = Schema.Struct({
  member: MemberId,
  metric: Schema.String,
  settled: QuantityText,
  membership: Schema.String,
  updated_at: Integer
})

const toMember = ({ updated_at: updatedAt, ...same }: typeof MemberRow.Type): MemberFacts => ({
  ...same,
  updatedAt
})

/** Columns that version 1 lacks, for reading a journal of that version. */
const newColumns = { put: null, closing: null, unanswered: 0n }

/** Reads rows of one kind. One that cannot be read makes the whole answer fail, since nothing may rest on a part. */
const reader =
  <A, E, B>(what: string, schema: Schema.Codec<A, E>, to: (row: A) => B) =>
  (journal: string, rows: ReadonlyArray<Row>): Effect.Effect<ReadonlyArray<B>, JournalError> =>
    Effect.forEach(rows, (row) =>
      Schema.decodeUnknownEffect(schema)(row).pipe(
        Effect.map(to),
        Effect.mapError(({ message }) =>
          damaged(journal, `${what} ${row["id"] ?? row["member"] ?? ""}: ${message}`)
        )
      )
    )

const readIntents = (journal: string, rows: ReadonlyArray<Row>) =>
  reader(
    "intent",
    IntentRow,
    toIntent
  )(
    journal,
    rows.map((row) => ({ ...newColumns, ...row }))
  )
const readEvents = reader("event", EventRow, toEvent)
const readAccounts = reader("account", AccountRow, toAccount)
const readMembers = reader("member", MemberRow, toMember)
const readFences = reader("account", Schema.Struct({ fence: Integer }), identity)
const readPlaces = reader("journal", Schema.Struct({ place: Schema.String, accounts: Integer }), identity)
