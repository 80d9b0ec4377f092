/**
 * What the command says and how it ends when not everything goes well.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { command } from "../../../test/command/Command.ts"
import * as Cli from "./support/Cli.ts"

const scope = Effect.runSync(Scope.make())
let world: Cli.World
beforeAll(async () => {
  world = await Effect.runPromise(Scope.provide(Cli.world(), scope))
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const secrets = [CompShareEmulator.privateKey, MetaStudioEmulator.defaults.secretKey]
const noSecret = ({ stderr, stdout }: Cli.Ended) => {
  for (const secret of secrets) assert.notInclude(`${stdout}${stderr}`, secret)
}

const gone = { COMPSHARE_PUBLIC_KEY: undefined, COMPSHARE_PRIVATE_KEY: undefined }
const wrongKey = { COMPSHARE_PRIVATE_KEY: "wrong_private_key" }

describe("arguments that are not understood", () => {
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
    ["a subcommand that does not exist", ["qouta"], /Unknown subcommand "qouta"[\s\S]*quota[\s\S]*--help/],
    ["one of a family", ["quota", "lsit"], /Unknown subcommand "lsit" for "cloud-quota quota"[\s\S]*list/],
    ["help about a subcommand that does not exist", ["qouta", "--help"], /Unknown subcommand "qouta"/],
    ["the same within a family", ["quota", "-a", "list", "lsit", "-h"], /Unknown subcommand "lsit"/],
    ["a family alone", ["quota"], /USAGE/],
    ["a flag that does not exist", ["quota", "list", "--josn"], /--josn[\s\S]*--json/],
    ["an argument that is missing", ["quota", "get"], /member/],
    ["one argument too many", ["balance", "now"], /now/],
    ["two formats", ["quota", "list", "--json", "--csv"], /--json and --csv exclude each other/],
    ["a byte order mark without CSV", ["quota", "list", "--bom"], /--csv/],
    ["details in a table", ["orders", "--details"], /--details needs --json or --ndjson/],
    ["a period that is none", ["orders", "--period", "yesterday"], /--period: invalid period "yesterday"/],
    ["a zone that is none", ["orders", "--zone", "Mars/Phobos"], /--zone: "Mars\/Phobos" is no time zone/],
    ["a month that is none", ["cost", "--month", "2026-13"], /--month: "2026-13" is no month/],
    ["a word that is none", ["members", "list", "--status", "here"], /here/],
    ["an account that does not exist", ["quota", "list", "-a", "gpo"], /"gpo".*did you mean gpu/],
    ["resources without a zone", ["refunds", "uhost-1"], /--zone/]
  ]
  for (const [name, args, expected] of cases) {
    it(`${name} ends with 64`, async () => {
      const { code, stderr, stdout } = await world.run(args)
      assert.strictEqual(code, 64, stderr)
      assert.match(stderr, expected)
      assert.strictEqual(stdout, "")
    })
  }

  it("help that was asked for is on stdout, and ends well", async () => {
    for (const args of [[], ["--help"], ["orders", "--help"], ["--config", "x", "quota", "set", "x", "-h"]]) {
      const { code, stderr, stdout } = await world.run(args)
      assert.strictEqual(code, 0)
      assert.match(stdout, /USAGE/)
      assert.strictEqual(stderr, "")
    }
    const { stdout } = await world.run(["--version"])
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  })
})

describe("accounts that fail", () => {
  it("one does not hide the other: 3", async () => {
    const ended = await world.run(["quota", "list", "--ndjson"], { env: wrongKey })
    assert.strictEqual(ended.code, 3)
    const accounts = ended.stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line).account)
    assert.deepStrictEqual(new Set(accounts), new Set(["studio"]))
    assert.match(
      ended.stderr,
      /error: gpu \(compshare\).*\n {2}effect: nothing was changed\n {2}next: .*doctor.*gpu/
    )
    assert.match(ended.stderr, /request: \S+/)
    noSecret(ended)
  })

  it("one without keys does not hide the other: 3", async () => {
    const ended = await world.run(["members", "list", "--json"], { env: gone })
    assert.strictEqual(ended.code, 3)
    assert.isAbove(JSON.parse(ended.stdout).length, 0)
    assert.match(ended.stderr, /gpu.*no keys were found/)
  })

  it("all of them: 1, and what was written is still JSON", async () => {
    const env = { ...wrongKey, HUAWEICLOUD_SDK_SK: "wrong" }
    const ended = await world.run(["quota", "list", "--json"], { env })
    assert.strictEqual(ended.code, 1)
    assert.deepStrictEqual(JSON.parse(ended.stdout), [])
    assert.match(ended.stderr, /error: gpu[\s\S]*error: studio/)
    const table = await world.run(["quota", "list"], { env })
    assert.strictEqual(table.stdout, "")
    assert.notInclude(table.stderr, "no quotas")
  })

  it("the one that was asked for: 1", async () => {
    const { code } = await world.run(["quota", "list", "-a", "gpu"], { env: wrongKey })
    assert.strictEqual(code, 1)
    const other = await world.run(["quota", "list", "-a", "studio"], { env: wrongKey })
    assert.strictEqual(other.code, 0)
    assert.strictEqual(other.stderr, "")
  })
})

describe("what a cloud has not", () => {
  it("is a note if other accounts have it", async () => {
    const { code, stderr, stdout } = await world.run(["entitlements", "--json"])
    assert.strictEqual(code, 0)
    assert.match(stderr, /^gpu: left out: /)
    assert.isAbove(JSON.parse(stdout).length, 0)
  })

  it("is a failure for the account that was asked for", async () => {
    const { code, stderr } = await world.run(["entitlements", "-a", "gpu"])
    assert.strictEqual(code, 1)
    assert.match(stderr, /^error: gpu .*\n[\s\S]*next: cloud-quota capabilities --account gpu/)
  })

  it("is a failure if nobody has it", async () => {
    const { code, stderr } = await world.run(["quota", "get", "nobody-at-all"])
    assert.strictEqual(code, 1)
    assert.match(stderr, /error: gpu[\s\S]*error: studio/)
  })

  it("a member of one account alone is found", async () => {
    const { code, stderr, stdout } = await world.run(["quota", "get", "60003", "--json"])
    assert.strictEqual(code, 0, stderr)
    assert.strictEqual(JSON.parse(stdout)[0].account, "gpu")
    assert.match(stderr, /^studio: left out: /)
  })
})

describe("totals that are not those of the provider", () => {
  it("end with 4, and a warning", async () => {
    const own = await Effect.runPromise(Scope.provide(Cli.world(), scope))
    const body = (answer: string) => answer.replace(/"TotalCount":\d+/, '"TotalCount":987654')
    await Effect.runPromise(
      own.gpu.inject({
        operation: "DescribeTeamMemberOrderCount",
        fault: { _tag: "rewrite", body },
        times: Number.POSITIVE_INFINITY
      })
    )
    const { code, stderr, stdout } = await own.run(["totals", "--period", "2026-10", "--json"])
    assert.strictEqual(code, 4, stderr)
    assert.match(stderr, /warning: gpu: these totals are not those that the provider tells/)
    assert.deepInclude(JSON.parse(stdout)[0], { account: "gpu", verdict: "differs" })
  })
})

describe("configuration", () => {
  it("says all that is wrong with its place", async () => {
    const own = await Effect.runPromise(Scope.provide(Cli.world(), scope))
    own.configure(
      "accounts:\n  gpu: { provider: compshare, tema: 1001 }\n  studio: { provider: metastudoi }\n"
    )
    const ended = await own.run(["accounts"])
    assert.strictEqual(ended.code, 1)
    assert.match(ended.stderr, /cloud-quota\.yaml:2:\d+ accounts\.gpu.*tema/)
    assert.match(ended.stderr, /cloud-quota\.yaml:3:\d+ accounts\.studio.*metastudio/)
  })

  it("that is not there is where to begin", async () => {
    const own = await Effect.runPromise(Scope.provide(Cli.world(), scope))
    rmSync(join(own.folder, "cloud-quota.yaml"))
    const { code, stderr } = await own.run(["quota", "list"], {
      env: { ...gone, HUAWEICLOUD_SDK_AK: undefined, HUAWEICLOUD_SDK_SK: undefined }
    })
    assert.strictEqual(code, 1)
    assert.match(stderr, /next: cloud-quota init/)
  })

  it("is the file that is named", async () => {
    const { code, stderr } = await world.run(["accounts", "--config", "missing.yaml"])
    assert.strictEqual(code, 1)
    assert.include(stderr, "missing.yaml")
  })
})

describe("messages", () => {
  it("are no place for a provider to write lines of its own, or to steer a terminal", async () => {
    const words = "no\n  effect: it was changed\r\u009b2J\u202e\u2028"
    const own = await Effect.runPromise(Scope.provide(Cli.world(), scope))
    const body = (answer: string) => JSON.stringify({ ...JSON.parse(answer), RetCode: 230, Message: words })
    const fault = { _tag: "rewrite", body } as const
    await Effect.runPromise(
      own.gpu.inject([{ operation: "GetCompShareTeamInfo", fault, times: Number.POSITIVE_INFINITY }])
    )
    const text = await own.run(["members", "list", "-a", "gpu", "--verbose"])
    assert.strictEqual(text.code, 1)
    assert.notMatch(text.stderr, /^ *effect: it was changed/m)
    assert.match(text.stderr, /^ {2}effect: nothing was changed$/m)
    assert.include(text.stderr, String.raw`no\n  effect: it was changed\r\u009b2J\u202e\u2028`)
    const json = await own.run(["members", "list", "-a", "gpu", "--log-format", "json"])
    assert.notMatch(text.stderr + json.stderr, /[\r\u0080-\u009f\u202e\u2028]/)
    assert.strictEqual(JSON.parse(json.stderr.trim()).providerMessage, words)
  })

  it("are JSON lines on demand, also about arguments", async () => {
    const failing = await world.run(["quota", "list", "--log-format", "json"], { env: wrongKey })
    const [error] = failing.stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    assert.deepInclude(error, {
      level: "error",
      account: "gpu",
      provider: "compshare",
      money: "not-moved",
      retryable: false
    })
    assert.isString(error.reason)
    assert.isString(error.requestId)
    const misspelt = await world.run(["--log-format=json", "qouta"])
    assert.strictEqual(misspelt.code, 64)
    assert.match(JSON.parse(misspelt.stderr).message, /Unknown subcommand/)
    const note = await world.run(["entitlements", "--ndjson", "--log-format", "json"])
    assert.deepInclude(JSON.parse(note.stderr), { level: "info", account: "gpu", reason: "Unsupported" })
  })

  it("are fewer on demand", async () => {
    const { stderr } = await world.run(["entitlements", "--log-level", "error"])
    assert.strictEqual(stderr, "")
  })

  it("have no secret in them, however much is said", async () => {
    for (const format of ["text", "json"]) {
      const args = ["quota", "list", "--verbose", "--log-level", "all", "--log-format", format]
      noSecret(await world.run(args, { env: { HUAWEICLOUD_SDK_AK: "another" } }))
    }
  })
})

describe("output that cannot be written", () => {
  it("is no failure of a change that took place: its sum is said, and the exit code is not 1", async () => {
    const members = [{ virtualCompanyId: 60001 }]
    const own = await Effect.runPromise(Scope.provide(Cli.world({ gpu: { members } }), scope))
    await own.run(["baseline", "-a", "gpu", "--yes"])
    const adjust = [
      process.execPath,
      command(),
      ..."quota adjust 5CNY 60001 -a gpu --run full --yes".split(" ")
    ]
    const toFullDisk = () =>
      Cli.watch(
        spawn("sh", ["-c", '"$@" > /dev/full', "sh", ...adjust], {
          cwd: own.folder,
          env: { ...own.environment, CLOUD_QUOTA_SETTLEMENT: "0.2s" }
        })
      ).ended
    const first = await toFullDisk()
    assert.lengthOf(await Effect.runPromise(own.gpu.ledger), 1)
    assert.match(first.stderr, /gpu: 1 changed; \+5\.00 CNY/)
    assert.match(first.stderr, /the output could not be written/)
    assert.strictEqual(first.code, 3)
    const again = await toFullDisk()
    assert.strictEqual(again.code, 1, "this one has changed nothing")
    assert.lengthOf(await Effect.runPromise(own.gpu.ledger), 1)
  })
})

describe("output that nobody reads", () => {
  it("ends quietly with 141", async () => {
    const own = await Effect.runPromise(
      Scope.provide(Cli.world({ gpu: { orderCount: 20_000, size: 12 } }), scope)
    )
    const running = own.start(["orders", "-a", "gpu", "--period", "2026-01-01..2026-12-01", "--ndjson"])
    running.process.stdout?.once("data", () => running.process.stdout?.destroy())
    const { code, stderr } = await running.ended
    assert.strictEqual(code, 141)
    assert.strictEqual(stderr, "")
  })
})

describe("reading", () => {
  it("leaves no file behind", async () => {
    const own = await Effect.runPromise(Scope.provide(Cli.world(), scope))
    for (const args of [["quota", "list"], ["history"], ["journal", "list"], ["journal", "export"]]) {
      const { code, stderr } = await own.run(args)
      assert.strictEqual(code, 0, stderr)
    }
    assert.deepStrictEqual(readdirSync(own.folder), ["cloud-quota.yaml", "state"])
    assert.deepStrictEqual(readdirSync(join(own.folder, "state/cloud-quota")), ["trusted"])
  })
})
