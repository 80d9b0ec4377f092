/**
 * Merges an account that an earlier version kept under several keys, such as those of `localhost` and
 * `127.0.0.1`. Nothing is lost, and nothing is concluded that the rows do not prove:
 *
 * | under several keys | becomes |
 * |---|---|
 * | intents and steps | those of the one account: a repeated run finds them all |
 * | fences | their sum, which exceeds each of them and keeps the total of all accounts |
 * | a `sending` intent that overlapped another attempt at the same limit | `conflict`: each reading may show the other's effect |
 * | a `prepared` intent that would be a second open one | `not-sent`: no process can arm it any more |
 * | facts that contradict each other | the later ones, without a baseline, and with a notice of the reason |
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { canonicalKey } from "../model/AccountIdentity.ts"
import type { JournalError } from "./contract.ts"
import * as ProcessIdentity from "./processIdentity.ts"
import type { Row, Run, Value } from "./database.ts"

/** Moves every account to its canonical key. Part of a migration, so no other process runs beside it. */
export const unifyAccounts = Effect.fnUntraced(function* (run: Run): Effect.fn.Return<void, JournalError> {
  const groups = new Map<string, Array<Row>>()
  for (const row of yield* run("SELECT * FROM known_account ORDER BY key")) {
    const key = canonicalKey(String(row["key"]))
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  for (const [key, rows] of groups) {
    if (rows.length > 1) yield* settleRivals(run, rows)
    if (rows.length > 1 || rows[0]?.["key"] !== key) yield* unify(run, key, rows)
  }
})

const unify = Effect.fnUntraced(function* (
  run: Run,
  key: string,
  rows: ReadonlyArray<Row>
): Effect.fn.Return<void, JournalError> {
  const keys = rows.map((row) => String(row["key"]))
  const facts = yield* run(
    `SELECT * FROM member_facts WHERE account IN (${marks(keys)}) ORDER BY updated_at`,
    ...keys
  )
  const latest = new Map(facts.map((row) => [`${row["member"]} ${row["metric"]}`, row]))
  const isContradicted = facts.some((row) => {
    const last = latest.get(`${row["member"]} ${row["metric"]}`)
    return last?.["settled"] !== row["settled"] || last?.["membership"] !== row["membership"]
  })
  const learnt = rows.filter((row) => row["withdrawal"] !== "unknown")
  const withdrawals = new Set(learnt.map((row) => row["withdrawal"]))
  const [withdrawal] = withdrawals.size === 1 ? learnt : []
  const known = rows.flatMap((row) => text(row["notice"]) ?? [])[0]
  const notice = isContradicted || withdrawals.size > 1 ? contradiction(keys) : known
  const baselines = rows
    .flatMap((row) => (typeof row["baselined_at"] === "bigint" ? row["baselined_at"] : []))
    .sort((a, b) => Number(a - b))
  const merged: Readonly<Record<string, Value>> = {
    fence: rows.reduce((sum, row) => sum + integer(row["fence"]), 0n),
    owner: String(rows.at(-1)?.["owner"]),
    baselined_at: notice === undefined ? (baselines.at(-1) ?? null) : null,
    withdrawal: text(withdrawal?.["withdrawal"]) ?? "unknown",
    withdrawal_evidence: text(withdrawal?.["withdrawal_evidence"]),
    notice: notice ?? null
  }

  // The account is inserted first, and its former keys are deleted last, since the other tables refer to
  // them.
  if (!keys.includes(key)) {
    yield* run("INSERT INTO known_account (key, fence, owner, withdrawal) VALUES (?, 0, '', 'unknown')", key)
  }
  yield* run(
    `UPDATE known_account SET ${Object.keys(merged)
      .map((column) => `${column} = ?`)
      .join(", ")} WHERE key = ?`,
    ...Object.values(merged),
    key
  )
  for (const table of ["intent", "event"]) {
    yield* run(`UPDATE ${table} SET account = ? WHERE account IN (${marks(keys)})`, key, ...keys)
  }
  yield* run(`DELETE FROM member_facts WHERE account IN (${marks(keys)})`, ...keys)
  for (const row of latest.values()) {
    yield* run(
      `INSERT INTO member_facts (account, member, metric, settled, membership, updated_at)
        VALUES (?, ?, ?, ?, ?, ?)`,
      key,
      String(row["member"]),
      String(row["metric"]),
      String(row["settled"]),
      String(row["membership"]),
      integer(row["updated_at"])
    )
  }
  const former = keys.filter((one) => one !== key)
  yield* run(`DELETE FROM known_account WHERE key IN (${marks(former)})`, ...former)
})

/** Decides open intents that have a rival under another key of the account: an attempt at the same limit. */
const settleRivals = Effect.fnUntraced(function* (
  run: Run,
  rows: ReadonlyArray<Row>
): Effect.fn.Return<void, JournalError> {
  const keys = rows.map((row) => String(row["key"]))
  // The ids of steps grow across all accounts, so they give the order of steps without a clock.
  const open = yield* run(
    `SELECT i.id, i.account, i.state, i.delta,
        (SELECT MIN(r.id) FROM intent r WHERE r.account IN (${marks(keys)}) AND r.account <> i.account
          AND r.member = i.member AND r.metric = i.metric
          AND (r.state = 'sending' OR r.armed > 0
            AND (SELECT MAX(e.id) FROM event e WHERE e.intent = r.id)
              > (SELECT MIN(e.id) FROM event e WHERE e.intent = i.id))) AS rival,
        (SELECT MIN(r.id) FROM intent r WHERE r.account IN (${marks(keys)}) AND r.account <> i.account
          AND r.member = i.member AND r.metric = i.metric AND r.state IN ('prepared', 'sending')) AS twin
      FROM intent i WHERE i.account IN (${marks(keys)}) AND i.state IN ('prepared', 'sending') ORDER BY i.id`,
    ...keys,
    ...keys,
    ...keys
  )
  const now = BigInt(yield* Clock.currentTimeMillis)
  for (const row of open) {
    const rival = row["rival"] ?? row["twin"]
    const isSent = row["state"] === "sending"
    if ((isSent ? row["rival"] : row["twin"]) === null) continue
    const id = integer(row["id"])
    const to = isSent ? "conflict" : "not-sent"
    const detail = isSent
      ? `change ${rival} of the same member was made under another name of this machine at the same time, so that no reading can tell the two apart: wait 4 minutes, look at the limit, and decide`
      : "it was never sent"
    // A put that may still arrive stays counted, so it is still waited for.
    const unanswered = isSent && row["delta"] === null ? 1n : 0n
    yield* run(
      "UPDATE intent SET state = ?, detail = ?, unanswered = ?, updated_at = ? WHERE id = ?",
      to,
      detail,
      unanswered,
      now,
      id
    )
    yield* run(
      `INSERT INTO event (intent, account, taken_at, owner, from_state, to_state, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      String(row["account"]),
      now,
      ProcessIdentity.owner(),
      String(row["state"]),
      to,
      detail
    )
  }
})

/** Returns the notice of an account whose keys contradict each other. */
const contradiction = (keys: ReadonlyArray<string>): string => {
  const hosts = keys.map((key) => decodeURIComponent(key.split("|")[1] ?? ""))
  return `an earlier version kept this account under several names (${hosts.join(", ")}), and what it noted under each contradicts the others: they are one account now`
}

const marks = (values: ReadonlyArray<string>): string => values.map(() => "?").join(", ")

const integer = (value: unknown): bigint => (typeof value === "bigint" ? value : 0n)

const text = (value: unknown): string | null => (typeof value === "string" ? value : null)
