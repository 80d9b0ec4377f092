/**
 * Statements that read the journal's tables.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { AccountFacts, Intent, IntentFilter, JournalError, MemberFacts } from "./contract.ts"
import { openStates } from "./intentState.ts"
import * as Names from "../model/names.ts"
import { type SqlStore, type SqlReader, inTransaction } from "./database.ts"
import { readIntents, readEvents, readAccounts, readMembers } from "./rows.ts"

export const isOpen = `state IN (${openStates.map((state) => `'${state}'`).join(", ")})`

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

export const selectIntents = (
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

export const selectEvents = (store: SqlReader, after: bigint) =>
  Effect.flatMap(
    inTransaction(store, (run) =>
      run(`SELECT * FROM event WHERE id > ? ORDER BY id LIMIT ${pageSize}`, after)
    ),
    (rows) => readEvents(store.name, rows)
  )

export const selectAccount = (store: SqlStore, account: string): Effect.Effect<AccountFacts, JournalError> =>
  inTransaction(store, (run) => run("SELECT * FROM known_account WHERE key = ?", account)).pipe(
    Effect.flatMap((rows) => readAccounts(store.name, rows)),
    Effect.map(([facts]) => facts ?? { withdrawal: "unknown" })
  )

export const selectMembers = (
  store: SqlStore,
  account: string
): Effect.Effect<ReadonlyArray<MemberFacts>, JournalError> =>
  Effect.flatMap(
    inTransaction(store, (run) =>
      run("SELECT * FROM member_facts WHERE account = ? ORDER BY member, metric", account)
    ),
    (rows) => readMembers(store.name, rows)
  )
