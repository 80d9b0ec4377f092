/**
 * The journal in a file: who may use it, what outlives a killed process, and what is never touched.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Scope, Stream } from "effect"
import { spawn, spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { Quantity } from "@cloud-quota/core"
import type { Hold, Journal } from "@cloud-quota/core/Journal"
import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
import { unknownFileSystem } from "../src/internal/fileSystem.ts"
import { stateDirectory } from "../src/internal/stateDirectory.ts"
import { intentOf, settledAt } from "./fixtures/intents.ts"

/** A directory of the test's own, in which nothing is yet. */
const directory = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(join(tmpdir(), "journal-"))),
    (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true }))
  ),
  (path) => join(path, "state", "cloud-quota")
)

const fileIn = (path: string) => join(path, "journal.sqlite")

/** Uses the journal as one run of a program does: it is closed afterwards. */
const visit = <A, E>(path: string, use: (journal: Journal) => Effect.Effect<A, E, Scope.Scope>) =>
  Effect.scoped(Effect.flatMap(SqliteJournal.make({ directory: path }), use))

const held = <A, E>(path: string, use: (hold: Hold) => Effect.Effect<A, E>) =>
  visit(path, (journal) => Effect.flatMap(journal.hold("a"), use))

const vouch = (path: string) => held(path, (hold) => hold.baseline([settledAt("1001", 100)]))

const factsOf = (path: string) => held(path, ({ account }) => account)

/** Lets another process hold an account, and tells the line that it says. */
const holder = (path: string, account: string, task = "") =>
  Effect.gen(function* () {
    const script = fileURLToPath(new URL("fixtures/holder.ts", import.meta.url))
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--conditions=@cloud-quota/source", script, path, account, task], {
          stdio: ["ignore", "pipe", "inherit"]
        })
      ),
      (child) => kill(child)
    )
    const line = yield* Effect.callback<string>((resume) => {
      let text = ""
      child.stdout.on("data", (part) => {
        text += part
        if (text.includes("\n")) resume(Effect.succeed(text.trim()))
      })
      child.on("exit", () => resume(Effect.succeed("exited")))
    })
    return { child, line }
  })

/** Kills a process, and waits until it is gone. */
const kill = (child: ReturnType<typeof spawn>) =>
  Effect.callback<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.on("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

/** Opens the file past the journal. */
const meddle = (path: string, ...statements: ReadonlyArray<string>) =>
  Effect.sync(() => {
    const database = new DatabaseSync(fileIn(path))
    for (const statement of statements) database.exec(statement)
    database.close()
  })

describe("the files", () => {
  it.live("appear with the first hold, for their owner alone", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const journal = yield* SqliteJournal.make({ directory: path })
      assert.deepStrictEqual(yield* Stream.runCollect(journal.intents()), [])
      assert.deepStrictEqual(yield* Stream.runCollect(journal.events()), [])
      assert.isFalse(Fs.existsSync(path))
      yield* journal.hold("a")
      assert.strictEqual(Fs.statSync(path).mode & 0o777, 0o700)
      const files = Fs.readdirSync(path)
      assert.includeMembers(files, ["journal.sqlite", "journal.sqlite-wal", "journal.generation"])
      assert.lengthOf(
        files.filter((file) => file.endsWith(".lock")),
        1
      )
      for (const file of files) assert.strictEqual(Fs.statSync(join(path, file)).mode & 0o777, 0o600, file)
    })
  )

  it.live("are made private again, and a directory that was there is left as it is", () =>
    Effect.gen(function* () {
      const path = yield* directory
      Fs.mkdirSync(path, { recursive: true, mode: 0o755 })
      yield* vouch(path)
      Fs.chmodSync(fileIn(path), 0o644)
      yield* vouch(path)
      assert.strictEqual(Fs.statSync(fileIn(path)).mode & 0o777, 0o600)
      assert.strictEqual(Fs.statSync(path).mode & 0o777, 0o755)
    })
  )

  it.live("cannot be where they cannot be written, and that is said", () =>
    Effect.gen(function* () {
      const path = yield* directory
      Fs.mkdirSync(join(path, ".."), { recursive: true })
      Fs.writeFileSync(path, "a file")
      const error = yield* Effect.flip(vouch(path))
      assert.strictEqual(error.kind, "failed")
      assert.include(error.message, path)
    })
  )

  it.live("are opened at the next use after opening failed", () =>
    Effect.gen(function* () {
      const path = yield* directory
      Fs.mkdirSync(path, { recursive: true })
      Fs.writeFileSync(fileIn(path), "not a database, but text that goes on and on")
      const journal = yield* SqliteJournal.make({ directory: path })
      yield* Effect.flip(Effect.scoped(journal.hold("a")))
      Fs.rmSync(fileIn(path))
      assert.strictEqual((yield* journal.hold("a")).fence, 1)
    })
  )

  it("need no SQLite where no journal is used", () => {
    const loaded = (script: string) => {
      const { stdout } = spawnSync(
        process.execPath,
        ["--conditions=@cloud-quota/source", "--input-type=module", "--eval", script],
        { encoding: "utf8", cwd: fileURLToPath(new URL("..", import.meta.url)) }
      )
      return stdout.trim()
    }
    const tell = "console.log(process.moduleLoadList.includes('NativeModule sqlite'))"
    assert.strictEqual(loaded(`import "node:sqlite"; ${tell}`), "true")
    assert.strictEqual(
      loaded(`import "@cloud-quota/core"; import "@cloud-quota/core/SqliteJournal"; ${tell}`),
      "false"
    )
  })

  it("are in the user's state directory", () => {
    assert.strictEqual(stateDirectory({}, "linux", "/home/ana"), "/home/ana/.local/state/cloud-quota")
    assert.strictEqual(
      stateDirectory({ XDG_STATE_HOME: "/state" }, "linux", "/home/ana"),
      "/state/cloud-quota"
    )
    assert.strictEqual(
      stateDirectory({ XDG_STATE_HOME: "state" }, "linux", "/home/ana"),
      "/home/ana/.local/state/cloud-quota"
    )
    assert.strictEqual(stateDirectory({ LOCALAPPDATA: "/local" }, "win32", "/home/ana"), "/local/cloud-quota")
  })

  it("are on a file system that is known to be local, where that can be told", () => {
    for (const type of [0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1, 0x01021994, 0x794c7630, 0x5346544e]) {
      assert.isUndefined(unknownFileSystem(type, "linux"))
    }
    assert.strictEqual(unknownFileSystem(0x6969, "linux"), "NFS, type 0x6969")
    assert.strictEqual(unknownFileSystem(0x47504653, "linux"), "GPFS, type 0x47504653")
    assert.strictEqual(unknownFileSystem(0x65735546, "linux"), "FUSE, type 0x65735546")
    assert.strictEqual(unknownFileSystem(0x12345, "linux"), "type 0x12345")
    assert.isUndefined(unknownFileSystem(0x12345, "darwin"))
    assert.isUndefined(unknownFileSystem(0x12345, "win32"))
  })
})

describe("holding an account", () => {
  it.live("waits for another journal of this process over the same directory", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const order: Array<string> = []
      const first = yield* SqliteJournal.make({ directory: path })
      const second = yield* SqliteJournal.make({ directory: path })
      const begun = yield* Deferred.make<void>()
      const waiting = yield* Effect.scoped(
        Effect.gen(function* () {
          yield* first.hold("a")
          const waiting = yield* Effect.forkScoped(
            Effect.andThen(
              Deferred.succeed(begun, undefined),
              Effect.map(Effect.scoped(second.hold("a")), ({ fence }) => order.push(`second ${fence}`))
            )
          ).pipe(Effect.provideService(Scope.Scope, yield* Scope.make()))
          yield* Deferred.await(begun)
          yield* Stream.runCollect(second.intents())
          order.push("first done")
          return waiting
        })
      )
      yield* Fiber.join(waiting)
      assert.deepStrictEqual(order, ["first done", "second 2"])
    })
  )

  it.live("is refused while another process lives, also if that is paused, and not after it was killed", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const { child, line } = yield* holder(path, "a")
      assert.strictEqual(line, "held 1")
      const busy = yield* Effect.flip(held(path, () => Effect.void))
      assert.strictEqual(busy.kind, "busy")
      assert.include(busy.message, `process ${child.pid} on `)
      child.kill("SIGSTOP")
      assert.strictEqual((yield* Effect.flip(held(path, () => Effect.void))).kind, "busy")
      yield* visit(path, (journal) => journal.hold("b"))
      yield* kill(child)
      assert.strictEqual(yield* held(path, ({ fence }) => Effect.succeed(fence)), 2)
    })
  )

  it.live("goes on between holds until the journal is closed", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* visit(path, (journal) =>
        Effect.gen(function* () {
          const other = yield* SqliteJournal.make({ directory: path })
          yield* Effect.scoped(journal.hold("a"))
          yield* Effect.scoped(other.hold("a"))
          const { line } = yield* holder(path, "a")
          assert.match(line, new RegExp(`^busy process ${process.pid} on `))
        })
      )
      const { line } = yield* holder(path, "a")
      assert.strictEqual(line, "held 3")
    })
  )

  it.live("leaves what was written down by a process that was killed", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const { child, line } = yield* holder(path, "a", "insert")
      assert.strictEqual(line, "held 1")
      yield* kill(child)
      const intents = yield* held(path, (hold) => hold.intents())
      assert.deepStrictEqual(
        intents.map(({ run, state }) => `${run} ${state}`),
        ["topup/1 prepared"]
      )
      assert.include(intents[0]?.owner ?? "", `"pid":${child.pid}`)
      assert.isTrue(yield* visit(path, ({ isDead }) => isDead(intents[0]?.owner ?? "")))
    })
  )

  it.live("works for processes that make the journal at the same moment", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const lines = yield* Effect.forEach(["a", "b", "c", "d"], (account) => holder(path, account), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        lines.map(({ line }) => line),
        ["held 1", "held 1", "held 1", "held 1"]
      )
      assert.strictEqual(
        (yield* visit(path, (journal) => Effect.flatMap(journal.hold("e"), ({ account }) => account))).notice,
        undefined
      )
    })
  )

  it.live("waits for a process that is making the journal at this moment", () =>
    Effect.gen(function* () {
      const path = yield* directory
      Fs.mkdirSync(path, { recursive: true })
      const maker = new DatabaseSync(fileIn(path))
      maker.exec("BEGIN IMMEDIATE")
      const made = yield* Effect.forkChild(held(path, ({ fence }) => Effect.succeed(fence)))
      // Waiting leaves the process free for other work, such as this.
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
      assert.isUndefined(made.pollUnsafe())
      maker.exec("COMMIT")
      maker.close()
      assert.strictEqual(yield* Fiber.join(made), 1)
    })
  )
})

describe("a step", () => {
  it.live("is not taken where it cannot be logged", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const [intent] = (yield* held(path, (hold) => hold.insert([intentOf()]))) ?? []
      yield* meddle(
        path,
        "CREATE TRIGGER no_log BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no log'); END"
      )
      const settled = Quantity.cny(1)
      yield* held(path, (hold) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(
            hold.advance({ id: intent?.id ?? "", from: "prepared", to: "applied", fenced: true, settled })
          )
          assert.include(error.message, "no log")
          yield* Effect.flip(hold.insert([intentOf({ metric: "other" })]))
          assert.deepStrictEqual(
            (yield* hold.intents()).map(({ state }) => state),
            ["prepared"]
          )
          assert.lengthOf(yield* hold.members, 0)
        })
      )
    })
  )

  it.live("is not logged where what it settles cannot be noted", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const [intent] = (yield* held(path, (hold) => hold.insert([intentOf()]))) ?? []
      yield* meddle(
        path,
        "CREATE TRIGGER no_facts BEFORE INSERT ON member_facts BEGIN SELECT RAISE(ABORT, 'no facts'); END"
      )
      const settled = Quantity.cny(1)
      yield* Effect.flip(
        held(path, (hold) =>
          hold.advance({ id: intent?.id ?? "", from: "prepared", to: "applied", fenced: true, settled })
        )
      )
      assert.lengthOf(yield* visit(path, (journal) => Stream.runCollect(journal.events())), 1)
    })
  )
})

describe("a journal that cannot be trusted", () => {
  const refused = (path: string) =>
    Effect.gen(function* () {
      const before = Fs.readFileSync(fileIn(path))
      const error = yield* Effect.flip(held(path, () => Effect.void))
      assert.strictEqual(error.kind, "failed")
      assert.include(error.message, fileIn(path))
      assert.isTrue(before.equals(Fs.readFileSync(fileIn(path))), "the file was written to")
      return error.message
    })

  it.live("is refused if it is no database", () =>
    Effect.gen(function* () {
      const path = yield* directory
      Fs.mkdirSync(path, { recursive: true })
      Fs.writeFileSync(fileIn(path), "id,state\n1,applied\n".repeat(300))
      assert.match(yield* refused(path), /damaged.*left untouched: move it away.*baseline/)
    })
  )

  it.live("is refused if its pages are damaged", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* vouch(path)
      // A page that nothing needs to read before it would mislead.
      const database = new DatabaseSync(fileIn(path))
      const page = Number(
        database.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'event_account'").get()?.[
          "rootpage"
        ]
      )
      database.close()
      const bytes = Fs.readFileSync(fileIn(path))
      bytes.fill(0xa5, 4096 * (page - 1), 4096 * page)
      Fs.writeFileSync(fileIn(path), bytes)
      assert.match(yield* refused(path), /damaged.*left untouched: move it away.*baseline/)
    })
  )

  it.live("is refused if a column is missing, or it is another program's", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* vouch(path)
      yield* meddle(path, "ALTER TABLE intent DROP COLUMN request_id")
      assert.match(yield* refused(path), /damaged \(intent\.request_id is missing\)/)
      yield* meddle(path, "DROP TABLE schema_version")
      assert.match(yield* refused(path), /damaged \(it is another program's database\)/)
    })
  )

  it.live("is refused if it is of a newer version", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* vouch(path)
      yield* meddle(path, "UPDATE schema_version SET version = 7")
      assert.match(yield* refused(path), /has version 7, and this cloud-quota knows versions up to 2/)
    })
  )

  it.live("names the row that cannot be read, and gives none", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* held(path, (hold) => hold.insert([intentOf(), intentOf({ metric: "other" })]))
      for (const [change, named] of [
        ["UPDATE intent SET state = 'paid' WHERE id = 2", /damaged \(intent 2: .*state/],
        [
          "UPDATE intent SET state = 'applied', delta = '4e2 CNY' WHERE id = 2",
          /damaged \(intent 2: .*delta/
        ],
        [
          "UPDATE intent SET delta = NULL, after_limit = 'lots' WHERE id = 2",
          /damaged \(intent 2: .*after_limit/
        ]
      ] as const) {
        yield* meddle(path, change)
        assert.match((yield* Effect.flip(held(path, (hold) => hold.intents()))).message, named)
        const listed = yield* Effect.flip(visit(path, (journal) => Stream.runCollect(journal.intents())))
        assert.match(listed.message, named)
      }
    })
  )
})

describe("a journal that was restored", () => {
  const isFresh = (path: string) =>
    Effect.gen(function* () {
      const facts = yield* factsOf(path)
      assert.isUndefined(facts.baselinedAt)
      assert.match(facts.notice ?? "", /restored from a copy/)
      yield* vouch(path)
      const vouched = yield* factsOf(path)
      assert.isDefined(vouched.baselinedAt)
      assert.isUndefined(vouched.notice)
    })

  it.live("is none where the program just starts again", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* vouch(path)
      for (const _ of [1, 2, 3]) {
        const facts = yield* factsOf(path)
        assert.isDefined(facts.baselinedAt)
        assert.isUndefined(facts.notice)
      }
      const { child } = yield* holder(path, "b", "insert")
      yield* kill(child)
      assert.isDefined((yield* factsOf(path)).baselinedAt)
    })
  )

  it.live("asks for a baseline if a copy from before the last hold was written over it", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* vouch(path)
      const copy = Fs.readFileSync(fileIn(path))
      yield* factsOf(path)
      Fs.writeFileSync(fileIn(path), copy)
      yield* isFresh(path)
    })
  )

  it.live("asks for a baseline if a copy from the midst of the last hold was written over it", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* vouch(path)
      yield* held(path, (hold) =>
        Effect.andThen(meddle(path, `VACUUM INTO '${path}.copy'`), hold.insert([intentOf()]))
      )
      Fs.writeFileSync(fileIn(path), Fs.readFileSync(`${path}.copy`))
      yield* isFresh(path)
    })
  )

  it.live("asks for a baseline if a copy of the last state took its place", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* vouch(path)
      Fs.renameSync(fileIn(path), `${fileIn(path)}.old`)
      Fs.copyFileSync(`${fileIn(path)}.old`, fileIn(path))
      yield* isFresh(path)
    })
  )

  it.live("asks for a baseline if all of it was moved to another place, and keeps what is in it", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* held(path, (hold) => hold.insert([intentOf()]))
      yield* vouch(path)
      const elsewhere = `${path}-copy`
      Fs.cpSync(path, elsewhere, { recursive: true })
      assert.lengthOf(yield* held(elsewhere, (hold) => hold.intents()), 1)
      yield* isFresh(elsewhere)
      assert.isDefined((yield* factsOf(path)).baselinedAt)
    })
  )

  it.live("asks for a baseline if nothing tells how far it had come", () =>
    Effect.gen(function* () {
      const path = yield* directory
      for (const spoil of [
        (file: string) => Fs.rmSync(file),
        (file: string) => Fs.writeFileSync(file, "{"),
        (file: string) => Fs.writeFileSync(file, '{"journal":"another","holds":0,"events":0}')
      ]) {
        yield* vouch(path)
        spoil(join(path, "journal.generation"))
        yield* isFresh(path)
      }
    })
  )

  it.live("is not used on by a process that has the former file open", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const journal = yield* SqliteJournal.make({ directory: path })
      yield* Effect.scoped(journal.hold("a"))
      Fs.renameSync(fileIn(path), `${fileIn(path)}.old`)
      Fs.copyFileSync(`${fileIn(path)}.old`, fileIn(path))
      const error = yield* Effect.flip(Effect.scoped(journal.hold("a")))
      assert.match(error.message, /was replaced while it was open/)
    })
  )
})
