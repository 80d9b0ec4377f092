/**
 * The journal in Postgres: what keeps two machines from acting for one account, whatever happens to
 * their connections, and whatever the server's defaults are.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Redacted, Scope, Stream } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { hostname } from "node:os"
import { afterAll, beforeAll } from "vitest"
import * as Journal from "@cloud-quota/core/Journal"
import * as PostgresJournal from "@cloud-quota/core/PostgresJournal"
import { intentOf, settledAt } from "./fixtures/intents.ts"
import { pooler } from "./fixtures/pooler.ts"
import { connect, database, unreachable } from "./fixtures/postgres.ts"
import { toVersion1 } from "./fixtures/version1.ts"

const loopback = (host: string) => `compshare|${encodeURIComponent(`http://${host}:8765`)}|1001`

/** Gives an account another key. The tables that refer to it are taken from it meanwhile. */
const renamed = (accounts: string, from: string, to: string) => [
  `INSERT INTO ~.${accounts} (key, fence, owner, baselined_at, withdrawal)
    SELECT '${to}', fence, owner, baselined_at, withdrawal FROM ~.${accounts} WHERE key = '${from}'`,
  ...["intent", "event", "member_facts"].map(
    (table) => `UPDATE ~.${table} SET account = '${to}' WHERE account = '${from}'`
  ),
  `DELETE FROM ~.${accounts} WHERE key = '${from}'`
]

/** Makes a journal one of version 1, with an account under this key. */
const asVersion1 = (from: string, to: string) => [...toVersion1, ...renamed("account", from, to)]

const open = (layer: Layer.Layer<never>) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, Journal.Journal))

describe.skipIf(unreachable !== undefined)(`postgres${unreachable ? ` (${unreachable})` : ""}`, () => {
  const scope = Scope.makeUnsafe()
  let url = ""
  let client: PgClient.PgClient
  beforeAll(async () => {
    url = await Effect.runPromise(Scope.provide(database, scope))
    client = await Effect.runPromise(Scope.provide(connect(url), scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  let schemas = 0
  const newSchema = () => `team "${++schemas}"`
  const inSchema = (schema: string) => open(PostgresJournal.layer({ url: Redacted.make(url), schema }))
  /** Runs a statement past the journal. `~` stands for its schema. */
  const meddle = (schema: string, statement: string) =>
    client.unsafe(statement.replaceAll("~", `"${schema.replaceAll('"', '""')}"`))

  const vouch = (journal: Journal.Journal) =>
    Effect.scoped(Effect.flatMap(journal.hold("a"), (hold) => hold.baseline([settledAt("1001", 100)])))
  const factsOf = (journal: Journal.Journal) =>
    Effect.scoped(Effect.flatMap(journal.hold("a"), ({ account }) => account))

  it.live("refuses an account that another session holds, and names who does", () =>
    Effect.gen(function* () {
      const schema = newSchema()
      const first = yield* inSchema(schema)
      const second = yield* inSchema(schema)
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* first.hold("a")
          const busy = yield* Effect.flip(Effect.scoped(second.hold("a")))
          assert.strictEqual(busy.kind, "busy")
          assert.include(busy.message, `process ${process.pid} on ${hostname()}`)
          yield* Effect.scoped(second.hold("b"))
          const elsewhere = yield* inSchema(newSchema())
          yield* Effect.scoped(elsewhere.hold("a"))
        })
      )
      assert.strictEqual((yield* second.hold("a")).fence, 2)
    })
  )

  it.live("holds many accounts over few connections", () =>
    Effect.gen(function* () {
      const journal = yield* inSchema(newSchema())
      const accounts = Array.from({ length: 30 }, (_, index) => `account ${index}`)
      const holds = yield* Effect.forEach(accounts, (account) => journal.hold(account), {
        concurrency: "unbounded"
      })
      for (const hold of holds) assert.lengthOf((yield* hold.insert([intentOf()])) ?? [], 1)
    })
  )

  it.live("lets a holder whose session was lost note facts, and nothing else", () =>
    Effect.gen(function* () {
      const schema = newSchema()
      const first = yield* inSchema(schema)
      const second = yield* inSchema(schema)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const former = yield* first.hold("a")
          const [intent] = (yield* former.insert([intentOf()])) ?? []
          const id = intent?.id ?? ""
          yield* client.unsafe(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
          )
          const thief = yield* second.hold("a")
          assert.strictEqual(thief.fence, 2)
          assert.isUndefined(yield* former.insert([intentOf({ metric: "other" })]))
          assert.isFalse(yield* former.advance({ id, from: "prepared", to: "sending", fenced: true }))
          assert.isFalse(yield* former.learn("lowers-limit", "it fell", settledAt("1001", 1)))
          assert.isFalse(yield* former.baseline([]))
          assert.isTrue(yield* thief.advance({ id, from: "prepared", to: "sending", fenced: true }))
          assert.isTrue(
            yield* former.advance({ id, from: "sending", to: "applied", fenced: false, evidence: "response" })
          )
          assert.isFalse(yield* thief.advance({ id, from: "sending", to: "not-applied", fenced: true }))
        })
      )
      const again = yield* first.hold("a")
      assert.strictEqual(again.fence, 3)
    })
  )

  it.live("waits for a new holder's transaction, and then sees that it has lost the account", () =>
    Effect.gen(function* () {
      const schema = newSchema()
      const journal = yield* inSchema(schema)
      const hold = yield* journal.hold("a")
      const thief = yield* client.reserve
      const run = (statement: string) => thief.execute(statement, [], undefined)
      yield* run("BEGIN")
      yield* run(`UPDATE "${schema.replaceAll('"', '""')}".known_account SET fence = fence + 1`)
      const inserting = yield* Effect.forkChild(hold.insert([intentOf()]))
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
      while ((yield* client.unsafe(waiting)).length === 0) yield* Effect.yieldNow
      yield* run("COMMIT")
      assert.isUndefined(yield* Fiber.join(inserting))
      assert.lengthOf(yield* hold.intents(), 0)
    })
  )

  it.live("does not depend on what the database has as its defaults", () =>
    Effect.gen(function* () {
      const url = yield* database
      const own = yield* connect(url)
      const name = new URL(url).pathname.slice(1)
      yield* own.unsafe(`ALTER DATABASE ${name} SET synchronous_commit = off`)
      yield* own.unsafe(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`)
      yield* own.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
      const journal = yield* open(PostgresJournal.layer({ url: Redacted.make(url) }))
      const hold = yield* journal.hold("a")
      yield* own.unsafe("SET default_transaction_read_only = off")
      const admin = yield* own.reserve
      const run = (statement: string) => admin.execute(statement, [], undefined)
      yield* run("BEGIN READ WRITE")
      yield* run(`CREATE FUNCTION cloud_quota.check_settings() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.detail := current_setting('synchronous_commit') || ', ' || current_setting('transaction_isolation');
        RETURN NEW; END $$`)
      yield* run(
        "CREATE TRIGGER settings BEFORE INSERT ON cloud_quota.intent FOR EACH ROW EXECUTE FUNCTION cloud_quota.check_settings()"
      )
      yield* run("COMMIT")
      yield* hold.insert([intentOf()])
      const [intent] = yield* hold.intents()
      assert.strictEqual(intent?.detail, "on, read committed")
    })
  )

  it.live("is made once by those who begin at the same moment", () =>
    Effect.gen(function* () {
      const schema = newSchema()
      const fences = yield* Effect.forEach(
        ["a", "b", "c", "d"],
        (account) =>
          Effect.scoped(
            Effect.flatMap(inSchema(schema), (journal) =>
              Effect.map(Effect.scoped(journal.hold(account)), ({ fence }) => fence)
            )
          ),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(fences, [1, 1, 1, 1])
    })
  )

  it.live("works over a client that the program has already, also inside of its transaction", () =>
    Effect.gen(function* () {
      const schema = newSchema()
      const journal = yield* open(
        PostgresJournal.fromClient({ schema }).pipe(
          Layer.provide(
            Layer.succeed((yield* Effect.promise(() => import("@effect/sql-pg/PgClient"))).PgClient, client)
          )
        )
      )
      const undone = yield* Effect.exit(
        client.withTransaction(
          Effect.andThen(
            Effect.scoped(Effect.flatMap(journal.hold("a"), (hold) => hold.insert([intentOf()]))),
            Effect.fail("undone")
          )
        )
      )
      assert.isTrue(Exit.isFailure(undone))
      const hold = yield* journal.hold("a")
      assert.lengthOf(yield* hold.intents(), 1)
    })
  )

  it.live(
    "asks for a baseline if its tables are not the ones it knew, and not if a program starts again",
    () =>
      Effect.gen(function* () {
        const schema = newSchema()
        yield* Effect.scoped(Effect.flatMap(inSchema(schema), vouch))
        const known = yield* Effect.scoped(Effect.flatMap(inSchema(schema), factsOf))
        assert.isDefined(known.baselinedAt)
        assert.isUndefined(known.notice)
        yield* meddle(schema, "CREATE TABLE ~.copy AS TABLE ~.journal")
        yield* meddle(schema, "DROP TABLE ~.journal")
        yield* meddle(schema, "ALTER TABLE ~.copy RENAME TO journal")
        const restored = yield* Effect.scoped(Effect.flatMap(inSchema(schema), factsOf))
        assert.isUndefined(restored.baselinedAt)
        assert.match(restored.notice ?? "", /restored from a copy/)
        yield* Effect.scoped(Effect.flatMap(inSchema(schema), vouch))
        const again = yield* Effect.scoped(Effect.flatMap(inSchema(schema), factsOf))
        assert.isDefined(again.baselinedAt)
        assert.isUndefined(again.notice)
      })
  )

  it.live("refuses a newer version, and damaged tables and rows", () =>
    Effect.gen(function* () {
      const schema = newSchema()
      yield* Effect.scoped(Effect.flatMap(inSchema(schema), vouch))
      const refused = Effect.map(
        Effect.flip(Effect.scoped(Effect.flatMap(inSchema(schema), factsOf))),
        ({ message }) => message
      )
      yield* meddle(schema, "UPDATE ~.known_account SET withdrawal = 'perhaps'")
      assert.match(yield* refused, /damaged \(account .*withdrawal/)
      yield* meddle(schema, "UPDATE ~.schema_version SET version = 7")
      assert.match(yield* refused, /has version 7, and this cloud-quota knows versions up to 4/)
      yield* meddle(schema, "UPDATE ~.schema_version SET version = 4")
      yield* meddle(schema, "ALTER TABLE ~.event DROP COLUMN owner")
      assert.match(yield* refused, /damaged \(event\.owner is missing\)/)
    })
  )

  for (const size of [3, 1]) {
    it.live(`refuses a pooler in transaction mode, with ${size} sessions`, () =>
      Effect.gen(function* () {
        const behind = new URL(url)
        behind.port = `${yield* pooler(url, size)}`
        const schema = newSchema()
        const journal = yield* open(
          PostgresJournal.fromClient({ schema }).pipe(
            Layer.provide(
              Layer.effect(
                PgClient.PgClient,
                PgClient.make({ url: Redacted.make(behind.href), maxConnections: 4, prepare: false }).pipe(
                  Effect.provide(Reactivity.layer),
                  Effect.orDie
                )
              )
            )
          )
        )
        const error = yield* Effect.flip(Effect.scoped(journal.hold("a")))
        assert.match(error.message, /a connection pooler that gives each transaction to another session/)
        assert.match(error.message, /pool_mode = session/)
        // Nobody became a holder.
        const [{ count } = { count: "" }] = yield* client.unsafe<{ count: string }>(
          `SELECT COUNT(*)::text AS count FROM "${schema.replaceAll('"', '""')}".known_account`
        )
        assert.strictEqual(count, "0")
      })
    )
  }

  it.live("does not keep a session that has broken while others hold accounts over it", () =>
    Effect.gen(function* () {
      const journal = yield* inSchema(newSchema())
      yield* journal.hold("a")
      yield* client.unsafe(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
      )
      yield* Effect.ignore(Effect.scoped(journal.hold("b")))
      assert.isAbove((yield* journal.hold("b")).fence, 0)
    })
  )

  it.live("arms nothing after its tables were replaced while it was open", () =>
    Effect.gen(function* () {
      const schema = newSchema()
      const journal = yield* inSchema(schema)
      const hold = yield* journal.hold("a")
      const [intent] = (yield* hold.insert([intentOf()])) ?? []
      yield* meddle(schema, "CREATE TABLE ~.copy AS TABLE ~.journal")
      yield* meddle(schema, "DROP TABLE ~.journal")
      yield* meddle(schema, "ALTER TABLE ~.copy RENAME TO journal")
      const step = { id: intent?.id ?? "", from: "prepared", to: "sending", fenced: true } as const
      assert.match((yield* Effect.flip(hold.advance(step))).message, /was replaced while it was open/)
      assert.deepStrictEqual(
        (yield* hold.intents()).map(({ state }) => state),
        ["prepared"]
      )
    })
  )

  it.live("reads without making or changing anything, with a role that may do no more", () =>
    Effect.gen(function* () {
      const schema = newSchema()
      const listed = Effect.scoped(
        Effect.flatMap(inSchema(schema), (journal) => Stream.runCollect(journal.intents()))
      )
      assert.lengthOf(yield* listed, 0)
      assert.lengthOf(yield* client.unsafe(`SELECT 1 FROM pg_namespace WHERE nspname = '${schema}'`), 0)
      yield* Effect.scoped(
        Effect.flatMap(inSchema(schema), (journal) =>
          Effect.flatMap(journal.hold("a"), (hold) => hold.insert([intentOf()]))
        )
      )
      const role = `reader_${randomBytes(6).toString("hex")}`
      const as = new URL(url)
      as.username = role
      const reader = yield* open(PostgresJournal.layer({ url: Redacted.make(as.href), schema }))
      const read = Stream.runCollect(reader.intents())
      yield* Effect.acquireRelease(client.unsafe(`CREATE ROLE ${role} LOGIN`), () =>
        Effect.orDie(
          Effect.andThen(client.unsafe(`DROP OWNED BY ${role}`), client.unsafe(`DROP ROLE ${role}`))
        )
      )
      assert.match((yield* Effect.flip(read)).message, /the role may not read it: grant it USAGE/)
      yield* meddle(schema, `GRANT USAGE ON SCHEMA ~ TO ${role}`)
      yield* meddle(schema, `GRANT SELECT ON ALL TABLES IN SCHEMA ~ TO ${role}`)
      for (const statement of asVersion1("a", loopback("localhost"))) yield* meddle(schema, statement)
      const [intent] = yield* read
      assert.deepInclude(intent, { account: loopback("127.0.0.1"), unanswered: 0 })
      assert.lengthOf(yield* meddle(schema, "SELECT 1 FROM ~.schema_version WHERE version = 1"), 1)
    })
  )

  it.live("makes one account of two names of this machine", () =>
    Effect.gen(function* () {
      const schema = newSchema()
      const [one, other] = [loopback("127.0.0.1"), loopback("localhost")]
      yield* Effect.scoped(
        Effect.gen(function* () {
          const journal = yield* inSchema(schema)
          const first = yield* journal.hold("one")
          const second = yield* journal.hold("other")
          yield* first.baseline([settledAt("1001", 100)])
          yield* second.baseline([settledAt("1001", 120)])
          for (const hold of [first, second]) {
            const [intent] = (yield* hold.insert([intentOf()])) ?? []
            const step = { id: intent?.id ?? "", from: "prepared", to: "sending", fenced: true } as const
            assert.isTrue(yield* hold.advance(step))
          }
        })
      )
      for (const statement of asVersion1("one", one)) yield* meddle(schema, statement)
      for (const statement of renamed("account", "other", other)) yield* meddle(schema, statement)
      const hold = yield* (yield* inSchema(schema)).hold(one)
      assert.strictEqual(hold.fence, 3)
      assert.deepStrictEqual(
        (yield* hold.intents()).map(({ account, state }) => [account, state]),
        [
          [one, "conflict"],
          [one, "conflict"]
        ]
      )
      const { baselinedAt, notice } = yield* hold.account
      assert.isUndefined(baselinedAt)
      assert.match(notice ?? "", /kept this account under several names/)
      assert.lengthOf(yield* hold.members, 1)
    })
  )

  it.live("never proves a process of another place dead", () =>
    Effect.gen(function* () {
      const schema = newSchema()
      const journal = yield* inSchema(schema)
      const hold = yield* journal.hold("a")
      const [intent] = (yield* hold.insert([intentOf()])) ?? []
      const me = JSON.parse(intent?.owner ?? "")
      const { pid } = spawnSync(process.execPath, ["--version"])
      const dead = (changes: object) => journal.isDead(JSON.stringify({ ...me, ...changes }))
      assert.isFalse(yield* dead({}))
      assert.isTrue(yield* dead({ pid }))
      assert.isTrue(yield* dead({ started: "1" }))
      assert.isFalse(yield* dead({ pid, host: "another" }))
      assert.isFalse(yield* dead({ pid, boot: "another" }))
      assert.isFalse(yield* dead({ pid, namespace: "another" }))
      assert.isFalse(yield* dead({ pid, boot: undefined }))
      assert.isFalse(yield* journal.isDead("this process"))
      assert.deepInclude(journal, { kind: "postgres", profile: "strict", choice: "code" })
    })
  )
})

describe("without a server", () => {
  it.live("nothing fails before the journal is used, and no error tells the password", () =>
    Effect.gen(function* () {
      for (const [url, problem] of [
        ["postgres://quota:hunter2@127.0.0.1:1/ops", /no connection to the server/],
        ["postgres://quota:hunter2@127.0.0.1:x/ops", /URL .* is not plainly a URL/],
        ['"postgres://quota:hunter2@127.0.0.1:1/ops"', /URL .* has quotes around it/],
        ["postgres://quota:hunter2@127.0.0.1:1", /URL .* names no host or no database/]
      ] as const) {
        const journal = yield* open(PostgresJournal.layer({ url: Redacted.make(url) }))
        assert.notInclude(Journal.describe(journal), "hunter2")
        const error = yield* Effect.flip(Effect.scoped(journal.hold("a")))
        assert.strictEqual(error.kind, "failed")
        assert.match(error.message, problem)
        assert.notInclude(JSON.stringify(error) + String(error) + error.stack, "hunter2")
      }
    })
  )
})
