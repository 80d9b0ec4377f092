/**
 * The journal in a file: who may use it, what outlives a killed process, and what is never touched.
 */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Deferred, Duration, Effect, Fiber, Result, Scope, Stream } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { Quantity, Settlement } from "@cloud-quota/core"
import type { Hold, Journal, JournalError } from "@cloud-quota/core/Journal"
import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import { unknownFileSystem } from "../src/journal/fileSystem.ts"
import { stateDirectory } from "../src/journal/stateDirectory.ts"
import { open } from "./fixtures/clouds.ts"
import { intentOf, memberId, settledAt } from "./fixtures/intents.ts"
import { toVersion1 } from "./fixtures/version1.ts"

/** A directory of the test's own, in which nothing is yet. */
const directory = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(join(tmpdir(), "journal-"))),
    (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true }))
  ),
  (path) => join(path, "state", "cloud-quota")
)

const fileIn = (path: string) => join(path, "journal.sqlite")

const lockOf = (account: string) => `${createHash("sha256").update(account).digest("hex").slice(0, 32)}.lock`

const withEnvironment = <A, E, R>(effect: Effect.Effect<A, E, R>, variables: Record<string, string>) =>
  Effect.provideService(effect, ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(variables))

/** Uses the journal as one run of a program does: it is closed afterwards. */
const visit = <A, E>(path: string, use: (journal: Journal) => Effect.Effect<A, E, Scope.Scope>) =>
  Effect.scoped(Effect.flatMap(SqliteJournal.make({ directory: path }), use))

const held = <A, E>(path: string, use: (hold: Hold) => Effect.Effect<A, E>, account = "a") =>
  visit(path, (journal) => Effect.flatMap(journal.hold(account), use))

const loopback = (host: string) => `compshare|${encodeURIComponent(`http://${host}:8765`)}|1001`

/** Gives an account another key. */
const renamed = (accounts: string, from: string, to: string) => [
  "PRAGMA foreign_keys = OFF",
  ...[
    `${accounts} SET key = '${to}' WHERE key`,
    ...["intent", "event", "member_facts"].map((table) => `${table} SET account = '${to}' WHERE account`)
  ].map((change) => `UPDATE ${change} = '${from}'`)
]

/** Makes a journal one of version 1, with an account under this key. */
const asVersion1 = (from: string, to: string) => [
  ...toVersion1.map((statement) => statement.replaceAll("~.", "")),
  ...renamed("account", from, to)
]

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

  it.live("are refused as links, and nothing is followed or made", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const elsewhere = join(path, "..", "elsewhere")
      Fs.mkdirSync(elsewhere, { recursive: true })
      Fs.symlinkSync(elsewhere, path)
      const read = visit(path, (journal) => Stream.runCollect(journal.intents()))
      for (const use of [Effect.asVoid(vouch(path)), Effect.asVoid(read)]) {
        assert.include((yield* Effect.flip(use)).message, `${path} is a link`)
      }
      assert.lengthOf(Fs.readdirSync(elsewhere), 0)
      Fs.rmSync(path)
      for (const name of ["journal.sqlite", "journal.sqlite-wal", "journal.generation", lockOf("a")]) {
        Fs.mkdirSync(path, { mode: 0o700 })
        Fs.symlinkSync(join(elsewhere, "target"), join(path, name))
        assert.include((yield* Effect.flip(vouch(path))).message, `${join(path, name)} is a link`)
        assert.lengthOf(Fs.readdirSync(elsewhere), 0)
        Fs.rmSync(path, { recursive: true })
      }
    })
  )

  it.live("are refused where others may write them, and left as they are", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* vouch(path)
      const parent = join(path, "..")
      for (const [place, mode, problem] of [
        [path, 0o777, /can be written by everybody/],
        [path, 0o1777, /can be written by everybody/],
        [path, 0o770, /can be written by its group.*groupWritable/],
        [fileIn(path), 0o666, /can be written by everybody/],
        [fileIn(path), 0o660, /can be written by its group/],
        [join(path, "journal.generation"), 0o666, /can be written by everybody/],
        [join(path, lockOf("a")), 0o666, /can be written by everybody/],
        [parent, 0o777, /can be written by everybody, who could put another journal there/]
      ] as const) {
        const before = Fs.statSync(place).mode & 0o7777
        Fs.chmodSync(place, mode)
        assert.match((yield* Effect.flip(vouch(path))).message, problem)
        assert.strictEqual(Fs.statSync(place).mode & 0o7777, mode)
        Fs.chmodSync(place, before)
      }
      // Whoever may write there cannot put anything else in its place.
      Fs.chmodSync(parent, 0o1777)
      yield* vouch(path)
    })
  )

  it.live("may be a group's where that is said, and are made for it", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const open = Effect.scoped(
        Effect.flatMap(SqliteJournal.make({ directory: path, groupWritable: true }), (journal) =>
          journal.hold("a")
        )
      )
      yield* open
      assert.strictEqual(Fs.statSync(path).mode & 0o777, 0o770)
      for (const file of Fs.readdirSync(path)) {
        assert.strictEqual(Fs.statSync(join(path, file)).mode & 0o777, 0o660, file)
      }
      yield* open
      const setting = { CLOUD_QUOTA_JOURNAL_GROUP_WRITABLE: "true" }
      yield* withEnvironment(vouch(path), setting)
      const error = yield* Effect.flip(
        withEnvironment(vouch(path), { CLOUD_QUOTA_JOURNAL_GROUP_WRITABLE: "perhaps" })
      )
      assert.match(error.message, /CLOUD_QUOTA_JOURNAL_GROUP_WRITABLE: give true or false/)
    })
  )

  it.live.skipIf(process.platform !== "linux")(
    "are not below what takes no children, and no file system that is not known to be local is used",
    () =>
      Effect.gen(function* () {
        const refused = (localDisk: boolean) =>
          Effect.flip(
            Effect.scoped(
              Effect.flatMap(SqliteJournal.make({ directory: "/proc/x/y", localDisk }), (journal) =>
                journal.hold("a")
              )
            )
          )
        assert.match(
          (yield* refused(false)).message,
          /not known to be a local disk \(proc, type 0x9fa0\).*localDisk/
        )
        assert.match((yield* refused(true)).message, /the directory \/proc\/x\/y failed: ENOENT/)
      })
  )

  it("need a home folder where none was chosen", () => {
    const script = `import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
        import { Effect } from "effect"
        import os from "node:os"
        import { syncBuiltinESMExports } from "node:module"
        os.homedir = () => { throw new Error("ENOENT: no such file or directory, uv_os_homedir") }
        syncBuiltinESMExports()
        const held = Effect.flatMap(SqliteJournal.make(), (journal) => journal.hold("a"))
        console.log((await Effect.runPromise(Effect.scoped(Effect.flip(held)))).message)`
    const { XDG_STATE_HOME: _, ...env } = process.env
    const { stdout } = spawnSync(
      process.execPath,
      ["--conditions=@cloud-quota/source", "--input-type=module", "--eval", script],
      { encoding: "utf8", env, cwd: fileURLToPath(new URL("..", import.meta.url)) }
    )
    assert.match(stdout, /this user has no home folder.*set HOME or XDG_STATE_HOME/)
  })

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
    for (const home of [undefined, "", "relative"]) {
      assert.throws(() => stateDirectory({ XDG_STATE_HOME: "state" }, "linux", home ?? ""), /no home folder/)
    }
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

describe("arming", () => {
  /** Arms an intent after something happened to the files of an open journal. */
  const armedAfter = (path: string, happen: () => void) =>
    held(path, (hold) =>
      Effect.gen(function* () {
        const [intent] = (yield* hold.insert([intentOf()])) ?? []
        const id = intent?.id ?? ""
        happen()
        const armed = yield* Effect.result(
          hold.advance({ id, from: "prepared", to: "sending", fenced: true })
        )
        return { armed, states: (yield* hold.intents()).map(({ state }) => state) }
      })
    )

  for (const [what, file, happen, problem] of [
    [
      "deleted",
      "journal.sqlite",
      (path: string) => Fs.rmSync(path),
      /journal\.sqlite was deleted while it was open/
    ],
    [
      "replaced",
      "journal.sqlite",
      (path: string) => {
        Fs.copyFileSync(path, `${path}.copy`)
        Fs.renameSync(`${path}.copy`, path)
      },
      /journal\.sqlite was replaced while it was open/
    ],
    [
      "truncated",
      "journal.sqlite",
      (path: string) => Fs.truncateSync(path, 100),
      /journal\.sqlite was truncated while it was open|damaged/
    ],
    ["left without its log", "journal.sqlite-wal", (path: string) => Fs.rmSync(path), /-wal was deleted/]
  ] as const) {
    it.live(`fails if the journal was ${what} while it was held`, () =>
      Effect.gen(function* () {
        const path = yield* directory
        const { armed } = yield* armedAfter(path, () => happen(join(path, file)))
        assert.isTrue(Result.isFailure(armed))
        if (Result.isFailure(armed)) assert.match(armed.failure.message, problem)
      })
    )
  }

  it.live("fails if it cannot be noted beside the journal, and what was not sent can be noted still", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const note = join(path, "journal.generation")
      const { armed, states } = yield* armedAfter(path, () => {
        Fs.rmSync(note)
        Fs.mkdirSync(note)
      })
      assert.isTrue(Result.isFailure(armed))
      assert.deepStrictEqual(states, ["sending"])
      Fs.rmdirSync(note)
      yield* held(path, (hold) =>
        Effect.gen(function* () {
          const step = { id: "1", from: "sending", to: "not-sent", fenced: false } as const
          assert.isTrue(yield* hold.advance(step))
        })
      )
    })
  )

  it.live("sends nothing after it failed", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const provider = yield* MemoryProvider.delta()
      const journal = yield* SqliteJournal.make({ directory: path })
      const account = yield* open(provider.driver, journal)
      yield* account.changes.baseline()
      const change = (run: string, onEvent: () => Effect.Effect<void>) =>
        account.quotas.change("m-1", { allowance: { adjust: "1 CNY" } }, { run, onEvent })
      const isWell = yield* change("first", () => Effect.void)
      assert.deepStrictEqual(
        isWell.results.map(({ outcome }) => outcome._tag),
        ["Applied"]
      )
      const report = yield* change("second", () =>
        Effect.sync(() => Fs.rmSync(fileIn(path), { force: true }))
      )
      const [result] = report.results
      assert.strictEqual(result?.outcome._tag, "NotSent")
      assert.strictEqual(result?.money, "not-moved")
      assert.match(result?.message ?? "", /was deleted while it was open/)
      assert.lengthOf(yield* provider.writes, 1)
    }).pipe(Effect.provideService(Settlement.Settlement, { ...Settlement.defaults, readLag: Duration.zero }))
  )
})

describe("a newer version", () => {
  it.live("that has taken the journal over is noticed by a process that has it open", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* visit(path, (journal) =>
        Effect.gen(function* () {
          const hold = yield* journal.hold("a")
          const [intent] = (yield* hold.insert([intentOf()])) ?? []
          yield* meddle(path, "UPDATE schema_version SET version = 5")
          assert.isFalse(
            yield* hold.advance({ id: intent?.id ?? "", from: "prepared", to: "sending", fenced: true })
          )
          assert.isUndefined(yield* hold.insert([intentOf({ metric: "other" })]))
          const error = yield* Effect.flip(Effect.scoped(journal.hold("b")))
          assert.match(error.message, /was taken over by a newer cloud-quota/)
        })
      )
    })
  )
})

describe("a query before the first hold", () => {
  const listed = (path: string) =>
    visit(path, (journal) =>
      Effect.all({
        intents: Stream.runCollect(journal.intents()),
        events: Stream.runCollect(journal.events())
      })
    )
  const stateOf = (path: string) =>
    Fs.readdirSync(path)
      .sort()
      .map((name) => {
        const { ctimeMs, ino, mode, size } = Fs.statSync(join(path, name))
        return { name, ctimeMs, ino, mode, size }
      })

  it.live("makes no file and changes none, whatever may be done with them", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* held(path, (hold) => hold.insert([intentOf()]))
      Fs.rmSync(join(path, "journal.generation"))
      Fs.chmodSync(fileIn(path), 0o444)
      Fs.chmodSync(path, 0o555)
      const before = stateOf(path)
      const { events, intents } = yield* listed(path)
      assert.lengthOf(intents, 1)
      assert.lengthOf(events, 1)
      assert.deepStrictEqual(stateOf(path), before)
      Fs.chmodSync(path, 0o755)
    })
  )

  it.live("sees what a process has written that has the journal open", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const { line } = yield* holder(path, "a", "insert")
      assert.strictEqual(line, "held 1")
      assert.lengthOf((yield* listed(path)).intents, 1)
    })
  )

  it.live("reads an earlier version, and leaves it as it is", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* held(path, (hold) => hold.insert([intentOf()]))
      yield* meddle(path, ...asVersion1("a", loopback("localhost")))
      const before = stateOf(path)
      const { events, intents } = yield* listed(path)
      const [account] = [...new Set([...intents, ...events].map(({ account }) => account))]
      assert.strictEqual(account, loopback("127.0.0.1"))
      assert.deepInclude(intents[0], { state: "prepared", unanswered: 0 })
      const one = yield* visit(path, (journal) =>
        Stream.runCollect(journal.intents({ account: loopback("127.0.0.1") }))
      )
      assert.lengthOf(one, 1)
      assert.deepStrictEqual(stateOf(path), before)
    })
  )
})

describe("an account under two names of this machine", () => {
  const [one, other] = [loopback("127.0.0.1"), loopback("localhost")]

  /** Makes a journal of version 1 in which both names were used, and gives what becomes of it. */
  const unified = <A, E>(
    use: (first: Hold, second: Hold) => Effect.Effect<void, JournalError>,
    look: (hold: Hold) => Effect.Effect<A, E>
  ) =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* visit(path, (journal) =>
        Effect.gen(function* () {
          // Under names that the code does not take for one account.
          yield* use(yield* journal.hold("one"), yield* journal.hold("other"))
        })
      )
      yield* meddle(path, ...asVersion1("one", one), ...renamed("account", "other", other))
      const result = yield* held(path, look, one)
      const again = yield* held(path, ({ account }) => account, one)
      assert.notMatch(again.notice ?? "", /restored/)
      return result
    })

  const arm = Effect.fnUntraced(function* (hold: Hold, changes: Parameters<typeof intentOf>[0] = {}) {
    const [intent] = (yield* hold.insert([intentOf(changes)])) ?? []
    yield* hold.advance({ id: intent?.id ?? "", from: "prepared", to: "sending", fenced: true })
    return intent?.id ?? ""
  })
  const apply = Effect.fnUntraced(function* (hold: Hold, changes: Parameters<typeof intentOf>[0] = {}) {
    const id = yield* arm(hold, changes)
    yield* hold.advance({ id, from: "sending", to: "applied", fenced: true })
  })
  const [ana, ben] = [memberId("1001"), memberId("1002")]
  const states = (hold: Hold) =>
    Effect.map(hold.intents(), (intents) => intents.map(({ member, state }) => `${member} ${state}`))

  it.live("is one, with all that was done, open and learnt, and a fence above both", () =>
    unified(
      Effect.fnUntraced(function* (first, second) {
        yield* first.baseline([settledAt("1001", 100)])
        yield* second.baseline([settledAt("1001", 100), settledAt("1002", 200)])
        yield* first.learn("lowers-limit", "it fell", settledAt("1001", 100))
        yield* apply(first)
        yield* arm(second, { member: ben })
      }),
      Effect.fnUntraced(function* (hold) {
        assert.strictEqual(hold.fence, 3)
        assert.deepStrictEqual(yield* states(hold), ["1001 applied", "1002 sending"])
        const { baselinedAt, notice, withdrawal } = yield* hold.account
        assert.isDefined(baselinedAt)
        assert.deepStrictEqual([notice, withdrawal], [undefined, "lowers-limit"])
        assert.deepStrictEqual(
          (yield* hold.members).map(({ member, settled }) => `${member} ${settled}`),
          ["1001 100.00 CNY", "1002 200.00 CNY"]
        )
      })
    )
  )

  it.live("asks for a baseline and says why if its facts contradict each other", () =>
    unified(
      Effect.fnUntraced(function* (first, second) {
        yield* first.baseline([settledAt("1001", 100)])
        yield* second.baseline([settledAt("1001", 120)])
        yield* first.learn("lowers-limit", "it fell", settledAt("1001", 100))
        yield* second.learn("keeps-limit", "it stayed", settledAt("1001", 120))
      }),
      Effect.fnUntraced(function* (hold) {
        const { baselinedAt, notice, withdrawal } = yield* hold.account
        assert.isUndefined(baselinedAt)
        assert.match(
          notice ?? "",
          /several names \(http:\/\/127\.0\.0\.1:8765, http:\/\/localhost:8765\).*contradicts/
        )
        assert.strictEqual(withdrawal, "unknown")
        yield* hold.baseline([settledAt("1001", 120)])
        assert.isUndefined((yield* hold.account).notice)
      })
    )
  )

  it.live("leaves to a person what was sent under both at the same time, and loses nothing", () =>
    unified(
      Effect.fnUntraced(function* (first, second) {
        yield* arm(first)
        yield* arm(second)
        yield* first.insert([intentOf({ member: ben })])
        yield* arm(second, { member: ben })
      }),
      Effect.fnUntraced(function* (hold) {
        assert.deepStrictEqual(yield* states(hold), [
          "1001 conflict",
          "1001 conflict",
          "1002 not-sent",
          "1002 sending"
        ])
        const [conflict] = yield* hold.intents({ member: ana, states: ["conflict"] })
        assert.match(conflict?.detail ?? "", /under another name of this machine at the same time/)
      })
    )
  )

  it.live("takes no reading for proof that shows a change under the other name", () =>
    unified(
      Effect.fnUntraced(function* (first, second) {
        // Over before the one that is open began.
        yield* apply(second, { member: ben })
        yield* arm(first, { member: ben, run: "later" })
        // Made while the one that is open was under way.
        yield* arm(first)
        yield* apply(second)
      }),
      Effect.fnUntraced(function* (hold) {
        assert.deepStrictEqual(yield* states(hold), [
          "1002 applied",
          "1002 sending",
          "1001 conflict",
          "1001 applied"
        ])
      })
    )
  )

  it.live("cannot be held by a process of an earlier version, under either name", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* visit(path, (journal) =>
        Effect.gen(function* () {
          yield* journal.hold(one)
          for (const key of [one, other, loopback("[::1]")]) {
            const script = `import { DatabaseSync } from "node:sqlite"
              new DatabaseSync(process.argv[1], { timeout: 0 }).exec("BEGIN EXCLUSIVE")`
            const file = join(path, lockOf(key))
            const { stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script, file], {
              encoding: "utf8"
            })
            assert.match(stderr, /database is locked/)
          }
          const database = new DatabaseSync(fileIn(path))
          assert.throws(() => database.exec("UPDATE account SET fence = fence + 1"), /no such table/)
          database.close()
        })
      )
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
        database.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'intent_member_state'").get()?.[
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
      assert.match(yield* refused(path), /has version 7, and this cloud-quota knows versions up to 4/)
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

  it.live("asks for a baseline if a copy from before an arming was put back after a kill", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* vouch(path)
      const { child, line } = yield* holder(path, "a", "arm")
      assert.strictEqual(line, "held 2")
      yield* kill(child)
      for (const companion of ["-wal", "-shm"]) Fs.rmSync(`${fileIn(path)}${companion}`, { force: true })
      Fs.writeFileSync(fileIn(path), Fs.readFileSync(join(path, "copy.sqlite")))
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
