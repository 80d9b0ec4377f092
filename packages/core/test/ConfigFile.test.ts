/**
 * Configurations as people write them, on a real disk.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Result, Stream } from "effect"
import { chmodSync, mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { inspect } from "node:util"
import * as Accounts from "@cloud-quota/core/Accounts"
import * as ConfigFile from "@cloud-quota/core/ConfigFile"
import * as Journal from "@cloud-quota/core/Journal"
import * as Settlement from "@cloud-quota/core/Settlement"
import { folder, inEnvironment, loadFrom, loadText, memory, opened, problems } from "./fixtures/configured.ts"
import { database, unreachable } from "./fixtures/postgres.ts"

const team = (number: number) => `accounts: { gpu: { provider: memory, team: ${number} } }`
const names = ({ accounts }: ConfigFile.Configuration) => accounts.map(({ name }) => name)
const teams = ({ accounts }: ConfigFile.Configuration) =>
  accounts.map(({ settings }) => (settings as { readonly team: string }).team)

const accountOf = (opened: ConfigFile.Opened | undefined) =>
  opened === undefined
    ? Effect.die("there is no such account")
    : Result.match(opened.account, {
        onFailure: (error) => Effect.fail(error),
        onSuccess: (account) => Effect.succeed(account)
      })

const whole = `
accounts:
  gpu: { provider: memory, team: 1001 }
  studio:
    provider: memory
    team: "7"
    region: north
people:
  Ada@example.com: { gpu: m-1, studio: 0012 }
  bao@example.com: { gpu: 12345678901234567890, studio: 1234e567 }
journal: { sqlite: ./journal }
zone: "+08:00"
`

describe("a file", () => {
  it.effect("gives accounts in its order, people, journal and zone", () =>
    Effect.gen(function* () {
      const directory = yield* folder({ "cloud-quota.yaml": whole })
      const configuration = yield* loadFrom(directory, { path: "cloud-quota.yaml" })
      assert.strictEqual(configuration.file, join(directory, "cloud-quota.yaml"))
      assert.deepStrictEqual(names(configuration), ["gpu", "studio"])
      assert.deepStrictEqual(configuration.journal, {
        _tag: "Sqlite",
        by: "configuration",
        directory: join(directory, "journal"),
        written: "./journal"
      })
      assert.strictEqual(configuration.zone, "+08:00")
      const { people } = configuration
      assert.strictEqual(yield* people.memberOf("ada@EXAMPLE.com", "gpu"), "m-1")
      assert.strictEqual(yield* people.personOf("m-1", "gpu"), "Ada@example.com")
    })
  )

  it.effect("has ids as they are written, whatever number YAML sees in them", () =>
    Effect.gen(function* () {
      const { people } = yield* loadText(whole)
      assert.strictEqual(yield* people.memberOf("ada@example.com", "studio"), "0012")
      assert.strictEqual(yield* people.memberOf("bao@example.com", "gpu"), "12345678901234567890")
      assert.strictEqual(yield* people.memberOf("bao@example.com", "studio"), "1234e567")
    })
  )

  it.effect("that says nothing else has the usual journal and zone, and nobody in it", () =>
    Effect.gen(function* () {
      const configuration = yield* loadText(team(1))
      assert.deepStrictEqual(configuration.journal, { _tag: "Default" })
      assert.strictEqual(configuration.zone, "Asia/Shanghai")
      assert.isUndefined(yield* configuration.people.memberOf("ada@example.com", "gpu"))
    })
  )

  it.effect("may say something once and refer to it", () =>
    Effect.gen(function* () {
      const text = `accounts:
  a: &usual { provider: memory, team: &number 5 }
  b: *usual
  c: { provider: memory, team: &number 6 }
  d: *usual
  e: { provider: memory, team: *number }
`
      assert.deepStrictEqual(teams(yield* loadText(text)), ["5", "5", "6", "5", "6"])
    })
  )

  it.effect("asks for the providers that it names, each once, and for where it is", () =>
    Effect.gen(function* () {
      const text = whole.replace(/^journal.*$/m, "")
      const directory = yield* folder({ "cloud-quota.yaml": text, "below/note": "" })
      const asked: Array<ConfigFile.Wanted> = []
      const providers = (wanted: ConfigFile.Wanted) =>
        Effect.sync(() => {
          asked.push(wanted)
          return [memory]
        })
      yield* loadFrom(join(directory, "below"), { providers })
      const elsewhere = yield* folder()
      yield* loadFrom(elsewhere, { providers, env: { MEMORY_TEAM: "3" } })
      assert.deepStrictEqual(asked, [{ ids: ["memory"], directory }, { directory: elsewhere }])
    })
  )
})

describe("the search", () => {
  const files = {
    "cloud-quota.yaml": team(1),
    "a/cloud-quota.yml": team(2),
    "a/b/note": "",
    "other.yaml": team(3),
    "home/.config/cloud-quota/cloud-quota.yaml": team(4),
    "xdg/cloud-quota/cloud-quota.yaml": team(5)
  }

  it.effect("takes the nearest one, here or above", () =>
    Effect.gen(function* () {
      const root = yield* folder(files)
      assert.deepStrictEqual(teams(yield* loadFrom(root)), ["1"])
      assert.deepStrictEqual(teams(yield* loadFrom(join(root, "a"))), ["2"])
      assert.deepStrictEqual(teams(yield* loadFrom(join(root, "a/b"))), ["2"])
      assert.deepStrictEqual(teams(yield* loadFrom(join(root, "home"))), ["1"])
    })
  )

  it.effect("takes the user's own one where there is none, and not by a relative path", () =>
    Effect.gen(function* () {
      const root = yield* folder(files)
      const elsewhere = yield* folder()
      const from = (env: Readonly<Record<string, string>>) => Effect.map(loadFrom(elsewhere, { env }), teams)
      const home = { HOME: join(root, "home"), USERPROFILE: join(root, "home") }
      assert.deepStrictEqual(yield* from(home), ["4"])
      assert.deepStrictEqual(yield* from({ ...home, XDG_CONFIG_HOME: join(root, "xdg") }), ["5"])
      assert.deepStrictEqual(yield* from({ ...home, XDG_CONFIG_HOME: "xdg" }), ["4"])
    })
  )

  it.effect("is not made where a file is named, by the caller before the environment", () =>
    Effect.gen(function* () {
      const root = yield* folder(files)
      const env = { CLOUD_QUOTA_CONFIG: "a/cloud-quota.yml", HOME: root, USERPROFILE: root }
      assert.deepStrictEqual(teams(yield* loadFrom(root, { env })), ["2"])
      assert.deepStrictEqual(teams(yield* loadFrom(root, { env, path: "other.yaml" })), ["3"])
      assert.deepStrictEqual(teams(yield* loadFrom(root, { env, path: "~/other.yaml" })), ["3"])
      assert.deepStrictEqual(teams(yield* loadFrom(root, { env: { CLOUD_QUOTA_CONFIG: "" } })), ["1"])
    })
  )

  it.effect("fails where a file was named that is not there", () =>
    Effect.gen(function* () {
      const root = yield* folder(files)
      const missing = yield* Effect.flip(loadFrom(root, { path: "gone.yaml" }))
      assert.strictEqual(missing.message, "gone.yaml is not there: name a file that is, or leave it out")
      const env = { CLOUD_QUOTA_CONFIG: "gone.yaml" }
      assert.match((yield* Effect.flip(loadFrom(root, { env }))).message, /not there \(CLOUD_QUOTA_CONFIG\)/)
    })
  )

  it.effect("fails where two files are meant, or what is no file", () =>
    Effect.gen(function* () {
      const two = yield* folder({ "cloud-quota.yaml": team(1), "cloud-quota.yml": team(2) })
      assert.match((yield* Effect.flip(loadFrom(two))).message, /take one of the two away/)
      const none = yield* folder()
      mkdirSync(join(none, "cloud-quota.yaml"))
      assert.match((yield* Effect.flip(loadFrom(none))).message, /is not a regular file/)
      assert.match((yield* problems(`${team(1)} #${"x".repeat(1024 * 1024)}`))[0] ?? "", /larger than 1 MiB/)
      assert.match((yield* problems(new Uint8Array([0x61, 0xff])))[0] ?? "", /is not UTF-8 text/)
    })
  )

  it.effect.skipIf(process.platform === "win32")("does not trust what everybody can write", () =>
    Effect.gen(function* () {
      const root = yield* folder({ ...files, "c/note": "" })
      chmodSync(join(root, "cloud-quota.yaml"), 0o666)
      const error = yield* Effect.flip(loadFrom(join(root, "c")))
      assert.match(error.message, /cloud-quota.yaml can be written by everybody: run chmod o-w on it$/)
      // Whoever names it means it.
      const path = join(root, "cloud-quota.yaml")
      assert.deepStrictEqual(teams(yield* loadFrom(join(root, "c"), { path })), ["1"])
      // The file counts, and not the link that leads to it.
      symlinkSync(path, join(root, "c/cloud-quota.yaml"))
      assert.match((yield* Effect.flip(loadFrom(join(root, "c")))).message, /can be written by everybody/)
    })
  )
})

describe("what is wrong", () => {
  it.effect("is told all at once, in the order of the text, each with its place and its remedy", () =>
    Effect.gen(function* () {
      const text = `accounts:
  gpu: { provider: memory, team: 12x }
  2nd: { provider: memory, team: 1 }
  far: { provider: memroy, team: 1 }
  near:
    provider: memory
    regoin: north
  none:
people:
  ada@example.com: { gup: m-1 }
  bao@example.com: { gpu: m-2 }
  Bao@example.com: { far: m-1 }
  zoe@example.com: { gpu: m-2, near: [] }
journal: { sqlite: ./a, postgres: { url: "postgres://u:hunter2@db/x" } }
zone: Mars
zones: 1
`
      assert.deepStrictEqual(yield* problems(text), [
        "cloud-quota.yaml:2:34 accounts.gpu.team: give the team's number",
        "cloud-quota.yaml:3:3 accounts.2nd: is no name for an account: begin with a letter, go on with letters, digits and . _ -",
        "cloud-quota.yaml:4:20 accounts.far.provider: did you mean memory? the providers are memory",
        "cloud-quota.yaml:5:3 accounts.near.team: give the team's number",
        "cloud-quota.yaml:7:5 accounts.near.regoin: did you mean region?",
        "cloud-quota.yaml:8:8 accounts.none: give { provider: … } and its settings; the providers are memory",
        "cloud-quota.yaml:10:22 people.ada@example.com.gup: there is no account of this name: did you mean gpu? the accounts are gpu, 2nd, far, near, none",
        "cloud-quota.yaml:12:3 people.Bao@example.com: is there already, in other letters: make one of the two",
        "cloud-quota.yaml:13:38 people.zoe@example.com.near: give the member's id on this account, as text",
        "cloud-quota.yaml:14:42 journal.postgres.url: name the environment variable that has the URL, as { env: DATABASE_URL }",
        'cloud-quota.yaml:15:7 zone: "Mars" is no time zone: give its IANA name or its offset, as "Asia/Shanghai", "UTC" or "+08:00"',
        "cloud-quota.yaml:16:1 zones: did you mean zone?"
      ])
      assert.deepStrictEqual(
        (yield* problems(text.replace(", near: []", ""))).filter((line) => line.includes("people")),
        [
          "cloud-quota.yaml:10:22 people.ada@example.com.gup: there is no account of this name: did you mean gpu? the accounts are gpu, 2nd, far, near, none",
          "cloud-quota.yaml:12:3 people.Bao@example.com: is there already, in other letters: make one of the two",
          "cloud-quota.yaml:13:27 people.zoe@example.com.gpu: is the same member as bao@example.com"
        ]
      )
    })
  )

  it.effect("with the YAML has its place", () =>
    Effect.gen(function* () {
      const places = Effect.fnUntraced(function* (text: string) {
        return (yield* problems(text)).map((line) => line.replace(/^cloud-quota\.yaml:/, ""))
      })
      assert.match((yield* places("accounts:\n  a: {\n"))[0] ?? "", /^\d+:\d+ is not YAML as it should be: /)
      assert.deepStrictEqual(yield* places("a: 1\nb: { c: 1,\n     c: 2 }\na: 3\n"), [
        "3:6 b.c: is there already: take one of the two away",
        "4:1 a: is there already: take one of the two away"
      ])
      assert.match((yield* places("a: *nobody"))[0] ?? "", /^1:4 refers to nothing/)
      assert.match((yield* places("a: !thing 1"))[0] ?? "", /^1:4 is not YAML .*tag/)
      assert.match((yield* places("a: 1\n---\nb: 2"))[0] ?? "", /multiple documents/)
      assert.deepStrictEqual(yield* places("? [a]\n: 1"), ["1:3 is no name: write a text before the colon"])
      assert.deepStrictEqual(yield* places("__proto__: { zone: UTC }"), [
        "1:1 is no name: write a text before the colon"
      ])
      for (const text of ["", "# nothing", "- a", "just text"]) {
        assert.match((yield* places(text))[0] ?? "", /^1:1 name the accounts: give at least one/)
      }
      assert.match((yield* places("accounts: {}"))[0] ?? "", /^1:11 accounts: give at least one account/)
    })
  )

  it.effect("may be what excludes each other", () =>
    Effect.gen(function* () {
      for (const journal of ["{}", "{ sqlite: ./a, postgres: { url: { env: DATABASE_URL } } }"]) {
        assert.deepStrictEqual(yield* problems(`${team(1)}\njournal: ${journal}`), [
          "cloud-quota.yaml:2:10 journal: give one of the two: give { sqlite: folder } or { postgres: { url: { env: DATABASE_URL } } }"
        ])
      }
    })
  )

  it.effect("is also what grows without end", () =>
    Effect.gen(function* () {
      const doubling = Array.from({ length: 40 }, (_, n) =>
        n === 0 ? "a0: &a0 [x]" : `a${n}: &a${n} [*a${n - 1}, *a${n - 1}]`
      )
      assert.match((yield* problems(doubling.join("\n")))[0] ?? "", /nested too deeply|more in it than/)
      const wide = `a: &a [${"x,".repeat(1000)}]\nb: [${"*a,".repeat(1000)}]`
      assert.match((yield* problems(wide))[0] ?? "", /has more in it than a configuration can have/)
      assert.match((yield* problems("a: &a\n  b: *a\n"))[0] ?? "", /is nested too deeply|is not YAML/)
      for (const deep of ["[".repeat(20_000), "- ".repeat(20_000), "{a: ".repeat(20_000)]) {
        const lines = yield* problems(deep)
        assert.isTrue(lines.length <= 20)
        assert.match(lines[0] ?? "", /is not YAML|is nested too deeply/)
      }
    })
  )

  it.effect("is told without a word of what somebody wrote, since it may be a key", () =>
    Effect.gen(function* () {
      const secret = "sEcret-hunter2"
      const texts = [
        `accounts: { gpu: { provider: memory, team: ${secret} } }`,
        `accounts: { gpu: { provider: memory, team: 1, key: ${secret} } }`,
        `accounts: { gpu: { provider: memory, team: 1, privateKey: ${secret}, region: [${secret}] } }`,
        `accounts: { gpu: { provider: ${secret} } }`,
        `accounts: ${secret}`,
        `accounts: { gpu: ${secret} }`,
        `${team(1)}\npeople: { ada: { gpu: { x: ${secret} } } }`,
        `${team(1)}\njournal: ${secret}`,
        `${team(1)}\njournal: { postgres: { url: ${secret} } }`,
        `${team(1)}\njournal: { postgres: { url: { env: ${secret} } } }`,
        `accounts: { gpu: { key: "${secret}`,
        `accounts: { gpu: { key: ${secret} ]`,
        `accounts:\n  gpu: ${secret}: ${secret}`,
        `accounts:\n\t${secret}`,
        `accounts: {}\n}${secret}`,
        `accounts: @${secret}`,
        `accounts: "\\q${secret}"`
      ]
      for (const text of texts) {
        const error = yield* Effect.flip(loadText(text))
        assert.notInclude(inspect(error, { depth: 20 }), "hunter2", text)
        assert.notInclude(`${error.message} ${JSON.stringify(error)}`, "hunter2", text)
      }
      assert.match((yield* problems(texts[2] ?? ""))[0] ?? "", /no key is written here: name the environment/)
    })
  )
})

describe("without a file", () => {
  it.effect("the accounts are those of the environment, under the provider's name", () =>
    Effect.gen(function* () {
      const configuration = yield* loadFrom(yield* folder(), { env: { MEMORY_TEAM: "7" } })
      assert.deepStrictEqual([names(configuration), teams(configuration)], [["memory"], ["7"]])
      assert.isUndefined(configuration.file)
    })
  )

  it.effect("and without an account there, it is told what to do", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(loadFrom(yield* folder()))
      assert.match(
        error.message,
        /there is no cloud-quota.yaml here.*names no account of Memory: write a file/
      )
    })
  )

  it.effect("what is wrong with the environment is told as what is wrong with a file", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(loadFrom(yield* folder(), { env: { MEMORY_TEAM: "x" } }))
      assert.strictEqual(error.message, "the environment memory.team: give the team's number")
    })
  )
})

describe("the journal", () => {
  it.effect("of the environment goes before that of the file", () =>
    Effect.gen(function* () {
      const journal = (CLOUD_QUOTA_JOURNAL: string) =>
        Effect.map(
          loadText(whole, { CLOUD_QUOTA_JOURNAL, HOME: "/h", USERPROFILE: "/h" }),
          (it) => it.journal
        )
      const url = "postgres://u:hunter2@db/x"
      assert.deepStrictEqual(yield* journal(url), {
        _tag: "Postgres",
        by: "environment",
        variable: "CLOUD_QUOTA_JOURNAL"
      })
      const folder = { _tag: "Sqlite", by: "environment" } as const
      assert.deepStrictEqual(yield* journal("/var/j"), { ...folder, directory: "/var/j", written: "/var/j" })
      assert.deepStrictEqual(yield* journal("~/j"), { ...folder, directory: join("/h", "j"), written: "~/j" })
      for (const [odd, problem] of [
        [`"${url}"`, /CLOUD_QUOTA_JOURNAL: has quotes around it/],
        ["postgres:/u:hunter2@db/x", /CLOUD_QUOTA_JOURNAL: is of no kind that is known/],
        ["ops:hunter2@db/x", /CLOUD_QUOTA_JOURNAL: is of no kind that is known/],
        ["postgres://u:hunter2@db", /CLOUD_QUOTA_JOURNAL: names no host or no database/],
        ["hunter2/journal", /CLOUD_QUOTA_JOURNAL: is not plainly a path/]
      ] as const) {
        const refused = yield* Effect.flip(journal(odd))
        assert.match(refused.message, problem)
        assert.notInclude(inspect(refused), "hunter2")
      }
      const error = yield* Effect.flip(journal("mysql://u:hunter2@db/x"))
      assert.match(error.message, /CLOUD_QUOTA_JOURNAL: is of no kind that is known/)
      assert.notInclude(inspect(error), "hunter2")
    })
  )

  it.effect("may need the user's folder, and is in no folder that is called ~", () =>
    Effect.gen(function* () {
      const text = `${team(1)}\njournal: { sqlite: ~/j, localDisk: true, groupWritable: true }`
      const { journal } = yield* loadText(text, { HOME: "/h", USERPROFILE: "/h" })
      assert.deepStrictEqual(journal, {
        _tag: "Sqlite",
        by: "configuration",
        directory: join("/h", "j"),
        written: "~/j",
        localDisk: true,
        groupWritable: true
      })
      const error = yield* Effect.flip(loadText(text, {}))
      assert.match(error.message, /journal\.sqlite: begins with ~\/, and this user has no home folder/)
      assert.deepStrictEqual(yield* problems(`${team(1)}\njournal: { sqlite: journal }`), [
        "cloud-quota.yaml:2:20 journal.sqlite: is not plainly a path: give a URL as postgres://user:password@host/database, or a path that begins with /, ./, ../ or ~/"
      ])
    })
  )

  it.effect("in a database whose URL is missing keeps nobody from reading, and everybody from changing", () =>
    Effect.gen(function* () {
      const text = `${team(1)}\njournal: { postgres: { url: { env: DATABASE_URL }, schema: quota } }`
      const configuration = yield* loadText(text)
      const { journal } = configuration
      assert.deepStrictEqual(journal, {
        _tag: "Postgres",
        by: "configuration",
        variable: "DATABASE_URL",
        schema: "quota"
      })
      for (const env of [{}, { DATABASE_URL: "hunter2" }]) {
        const [gpu] = yield* opened(configuration, env)
        const { changes, quotas } = yield* accountOf(gpu)
        assert.strictEqual((yield* quotas.get("m-1")).length, 1)
        const failures = [
          yield* Effect.flip(quotas.change("m-1", { allowance: { adjust: "1 CNY" } }, { run: "a" })),
          yield* Effect.flip(changes.pending),
          yield* Effect.flip(changes.baseline())
        ]
        for (const error of failures) {
          assert.deepStrictEqual([error.reason._tag, error.money], ["JournalFailed", "not-moved"])
          assert.match(error.message, /DATABASE_URL (is not set|is not plainly a URL)/)
          assert.notInclude(inspect(error), "hunter2")
        }
      }
    })
  )

  it.live.skipIf(unreachable !== undefined)("may be in a database", () =>
    Effect.gen(function* () {
      const DATABASE_URL = yield* database
      const text = `${team(1)}\njournal: { postgres: { url: { env: DATABASE_URL }, schema: quota } }`
      const configuration = yield* loadText(text)
      yield* Effect.gen(function* () {
        const { changes, quotas } = yield* accountOf((yield* opened(configuration, { DATABASE_URL }))[0])
        yield* changes.baseline()
        yield* quotas.change("m-1", { allowance: { adjust: "1 CNY" } }, { run: "a" })
      }).pipe(
        Effect.scoped,
        Effect.provideService(Settlement.Settlement, { ...Settlement.defaults, readLag: Duration.zero })
      )
      const elsewhere = {
        ...configuration,
        journal: { _tag: "Postgres", by: "configuration", variable: "URL" } as const
      }
      const intentsOf = (some: ConfigFile.Configuration) =>
        Effect.flatMap(Journal.Journal, (journal) => Stream.runCollect(journal.intents())).pipe(
          Effect.provide(ConfigFile.surroundings(some)),
          inEnvironment({ DATABASE_URL, URL: DATABASE_URL })
        )
      assert.strictEqual((yield* intentsOf(configuration)).length, 1)
      assert.strictEqual((yield* intentsOf(elsewhere)).length, 0)
    })
  )

  it.effect("is the configured one, also for the program around the accounts", () =>
    Effect.gen(function* () {
      const directory = yield* folder({ "cloud-quota.yaml": whole })
      const configuration = yield* loadFrom(directory, { path: "cloud-quota.yaml" })
      yield* Effect.gen(function* () {
        const gpu = yield* (yield* Accounts.Accounts).get("gpu")
        yield* gpu.changes.baseline()
        yield* gpu.quotas.change("ada@example.com", { allowance: { adjust: "1 CNY" } }, { run: "a" })
        const journal = yield* Journal.Journal
        const [intent] = yield* Stream.runCollect(journal.intents())
        assert.deepStrictEqual([journal.kind, intent?.member], ["sqlite", "m-1"])
      }).pipe(
        Effect.provide(ConfigFile.layer(configuration)),
        Effect.scoped,
        Effect.provideService(Settlement.Settlement, { ...Settlement.defaults, readLag: Duration.zero })
      )
    })
  )
})

describe("an account without keys", () => {
  const two = `accounts:
  gpu: { provider: memory, team: 1, key: THE_KEY }
  lab: { provider: memory, team: 2 }
`

  it.effect("keeps nobody from the others, and says whose keys are missing", () =>
    Effect.gen(function* () {
      const configuration = yield* loadText(two)
      const [gpu, lab] = yield* opened(configuration)
      const error = yield* Effect.flip(accountOf(gpu))
      assert.strictEqual(error.message, "memory/gpu configure: THE_KEY is not set")
      const account = yield* accountOf(lab)
      assert.strictEqual(account.name, "lab")
      const [again] = yield* opened(configuration, { THE_KEY: "x" })
      assert.strictEqual((yield* accountOf(again)).name, "gpu")
    })
  )

  it.effect("fails a program that wants all of them, and not one that wants the others", () =>
    Effect.gen(function* () {
      const configuration = yield* loadText(two)
      const build = (some: ConfigFile.Configuration) =>
        Effect.scoped(Layer.build(ConfigFile.layer(some))).pipe(inEnvironment({}))
      assert.match((yield* Effect.flip(build(configuration))).message, /memory\/gpu .*THE_KEY is not set/)
      yield* build(yield* ConfigFile.only(configuration, ["lab"]))
      const error = yield* Effect.flip(ConfigFile.only(configuration, ["lab", "gpus"]))
      assert.strictEqual(
        error.message,
        'cloud-quota accounts.get: there is no account "gpus" (did you mean gpu?): the accounts are gpu, lab'
      )
    })
  )
})
