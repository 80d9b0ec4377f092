/**
 * Statements that read the journal's tables.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type {
  AccountFacts,
  Intent,
  IntentFilter,
  JournalError,
  MemberFacts,
  Standing,
  State
} from "./contract.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import { lastingStates, openStates, pendingStates } from "./intentState.ts"
import * as Names from "../model/names.ts"
import type { Run, SqlStore, SqlReader, Value } from "./database.ts"
import { readIntents, readEvents, readAccounts, readMembers } from "./rows.ts"

const isOneOf = (states: ReadonlyArray<State>): string =>
  `state IN (${states.map((state) => `'${state}'`).join(", ")})`

export const isOpen = isOneOf(openStates)

/** The condition of an index, which a query has to repeat to use it. */
export const isPending = isOneOf(pendingStates)

const pending: ReadonlySet<State> = new Set(pendingStates)

export const pageSize = 500

/** Page by page, so that neither a long log nor a slow reader keeps the database or the memory busy. */
export const pages = <A extends { readonly id: string }>(
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

/** Returns an id as the database has it, or `undefined` if it has another form. */
export const idOf = (id: string): bigint | undefined => (/^\d{1,18}$/.test(id) ? BigInt(id) : undefined)

export const selectIntents = (
  store: SqlReader,
  filter: IntentFilter & { readonly account?: string; readonly after?: bigint; readonly atMost?: number }
): Effect.Effect<ReadonlyArray<Intent>, JournalError> => {
  const { account, after, atMost, member, run: ofRun, states } = filter
  const id = filter.id === undefined ? undefined : idOf(filter.id)
  if (states?.length === 0 || (filter.id !== undefined && id === undefined)) return Effect.succeed([])
  const runKey = ofRun === undefined ? undefined : Names.key(ofRun)
  const given = Object.entries({
    "id > ?": after,
    "id = ?": id,
    "account = ?": account,
    "run_key = ?": runKey,
    "member = ?": member
  }).flatMap(([condition, value]) => (value === undefined ? [] : [{ condition, value }]))
  const where = [
    ...given.map(({ condition }) => condition),
    ...(states === undefined ? [] : [isOneOf(states)]),
    ...(states?.every((state) => pending.has(state)) === true ? [isPending] : [])
  ]
  const conditions = where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`
  const limit = atMost === undefined ? "" : ` LIMIT ${atMost}`
  return Effect.flatMap(
    store.read((run) =>
      run(`SELECT * FROM intent${conditions} ORDER BY id${limit}`, ...given.map(({ value }) => value))
    ),
    (rows) => readIntents(store.name, rows)
  )
}

export const selectEvents = (store: SqlReader, after: bigint) =>
  Effect.flatMap(
    store.read((run) => run(`SELECT * FROM event WHERE id > ? ORDER BY id LIMIT ${pageSize}`, after)),
    (rows) => readEvents(store.name, rows)
  )

/** Returns whether there is no intent of the account. */
export const selectIsNew = (store: SqlReader, account: string): Effect.Effect<boolean, JournalError> =>
  Effect.map(
    store.read((run) => run("SELECT id FROM intent WHERE account = ? LIMIT 1", account)),
    (rows) => rows.length === 0
  )

const accountOf = (store: SqlReader, run: Run, account: string): Effect.Effect<AccountFacts, JournalError> =>
  run("SELECT * FROM known_account WHERE key = ?", account).pipe(
    Effect.flatMap((rows) => readAccounts(store.name, rows)),
    Effect.map(([facts]) => facts ?? { withdrawal: "unknown" })
  )

export const selectAccount = (store: SqlStore, account: string): Effect.Effect<AccountFacts, JournalError> =>
  store.read((run) => accountOf(store, run, account))

export const selectMembers = (
  store: SqlStore,
  account: string
): Effect.Effect<ReadonlyArray<MemberFacts>, JournalError> =>
  Effect.flatMap(
    store.read((run) => run("SELECT * FROM member_facts WHERE account = ? ORDER BY member, metric", account)),
    (rows) => readMembers(store.name, rows)
  )

/** The intents of a member that its next change depends on. Each part has an index. */
const standingIntents = [
  "account = ? AND run_key = ? AND member = ?",
  `account = ? AND ${isPending} AND member = ?`,
  "account = ? AND member = ? AND unanswered > 0",
  ...lastingStates.map((state) => `account = ? AND member = ? AND state = '${state}'`)
].map((condition, index, all) =>
  index < all.length - lastingStates.length
    ? `SELECT id FROM intent WHERE ${condition}`
    : `SELECT MAX(id) FROM intent WHERE ${condition}`
)

export const selectStanding = (
  store: SqlStore,
  account: string,
  member: MemberId,
  ofRun: string
): Effect.Effect<Standing, JournalError> =>
  store.read(
    Effect.fnUntraced(function* (run): Effect.fn.Return<Standing, JournalError> {
      const values: ReadonlyArray<Value> = [
        ...[account, Names.key(ofRun), member],
        ...[account, member],
        ...[account, member],
        ...lastingStates.flatMap(() => [account, member])
      ]
      const found = yield* run(
        `SELECT * FROM intent WHERE id IN (${standingIntents.join(" UNION ")}) ORDER BY id`,
        ...values
      )
      const open = yield* run(
        `SELECT * FROM intent WHERE account = ? AND ${isPending} AND ${isOpen} AND member <> ? ORDER BY id`,
        account,
        member
      )
      const facts = yield* run("SELECT * FROM member_facts WHERE account = ? AND member = ?", account, member)
      return {
        account: yield* accountOf(store, run, account),
        facts: yield* readMembers(store.name, facts),
        intents: yield* readIntents(store.name, found),
        othersOpen: yield* readIntents(store.name, open)
      }
    })
  )
