/**
 * Commands with which people begin: a configuration, a look whether it works, emulated clouds, and a shell
 * that completes.
 */
import { assert, describe, it } from "@effect/vitest"
import { commandVariable } from "../../../test/command/Command.ts"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Ended, type World, world } from "./support/Cli.ts"

const small = world({ gpu: { size: 4 } })

const run = (cloud: World, args: ReadonlyArray<string>, options?: Parameters<World["run"]>[1]) =>
  Effect.promise(() => cloud.run(args, options))

const rowsOf = ({ stdout }: Ended): ReadonlyArray<Record<string, unknown>> => JSON.parse(stdout)

/** What the environment says of the emulated team. */
const found = ({ origins }: World) => ({ COMPSHARE_TEAM_ID: "1001", COMPSHARE_ENDPOINT: origins.gpu })

describe("init", () => {
  it.live("from flags: writes a file that works, and no key", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const args = ["init", "--yes", "--provider", "compshare", "--name", "team.a", "--write", "new.yaml"]
      const ended = yield* run(cloud, args, { env: found(cloud) })
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.strictEqual(ended.stdout, "")
      assert.match(ended.stderr, /credentials\s+ok/)
      const text = readFileSync(join(cloud.folder, "new.yaml"), "utf8")
      assert.match(text, /^# yaml-language-server: \$schema=/)
      assert.notInclude(text, "my_private_key")
      const accounts = yield* run(cloud, ["accounts", "--json", "--config", "new.yaml"])
      assert.deepStrictEqual(
        rowsOf(accounts).map(({ account, endpoint, scope }) => ({ account, endpoint, scope })),
        [{ account: "team.a", endpoint: cloud.origins.gpu, scope: "1001" }]
      )
    })
  )

  it.live("from answers in a pipe: what is wrong is asked again", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const answers = [
        "aws",
        "1",
        "zero",
        "1001",
        "1 bad name",
        "gpu",
        "y",
        "2",
        "mars",
        "cn-north-4",
        "",
        "gpu",
        "studio",
        "n"
      ]
      const ended = yield* run(cloud, ["init", "--write", "new.yaml"], {
        env: found(cloud),
        stdin: `${answers.join("\n")}\n`
      })
      // There is no MetaStudio at that region from here.
      assert.strictEqual(ended.code, 3, ended.stderr)
      assert.match(ended.stderr, /give the team's number/)
      assert.match(ended.stderr, /begin with a letter/)
      assert.match(ended.stderr, /there is gpu already/)
      const text = readFileSync(join(cloud.folder, "new.yaml"), "utf8")
      assert.match(text, /^ {2}gpu: \{ provider: compshare, team: 1001, endpoint: "http:/m)
      assert.match(text, /^ {2}studio: \{ provider: metastudio, region: cn-north-4 \}$/m)
    })
  )

  it.live("never overwrites without being told to", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const path = join(cloud.folder, "mine.yaml")
      writeFileSync(path, "mine")
      const flags = ["init", "--yes", "--provider", "compshare", "--write", "mine.yaml"]
      assert.strictEqual((yield* run(cloud, flags, { env: found(cloud) })).code, 64)
      const declined = yield* run(cloud, ["init", "--write", "mine.yaml"], { stdin: "n\n" })
      assert.strictEqual(declined.code, 1)
      const silent = yield* run(cloud, ["init", "--write", "mine.yaml"], { stdin: "y\n1\n" })
      assert.strictEqual(silent.code, 1)
      assert.match(silent.stderr, /the input has ended/)
      assert.strictEqual(readFileSync(path, "utf8"), "mine")
      assert.strictEqual((yield* run(cloud, [...flags, "--overwrite"], { env: found(cloud) })).code, 0)
      assert.match(readFileSync(path, "utf8"), /accounts:/)
    })
  )

  it.live("64 with --yes, where a setting is missing or wrong", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      for (const [args, message] of [
        [[], /--provider/],
        [["--provider", "compshare"], /--team: give the team's number/],
        [["--provider", "compshare", "--team", "1", "--name", "-"], /--name/],
        [["--provider", "metastudio", "--region", "mars"], /--region/]
      ] as const) {
        const ended = yield* run(cloud, ["init", "--yes", "--write", "new.yaml", ...args])
        assert.strictEqual(ended.code, 64, ended.stderr)
        assert.match(ended.stderr, message)
      }
      assert.isFalse(existsSync(join(cloud.folder, "new.yaml")))
    })
  )
})

describe("doctor", () => {
  it.live("all is well: 0, and no journal is made by looking", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const ended = yield* run(cloud, ["doctor", "--json"])
      assert.strictEqual(ended.code, 0, ended.stderr)
      const rows = rowsOf(ended)
      for (const account of ["gpu", "studio"]) {
        const checks = rows.filter((row) => row["account"] === account).map(({ check }) => check)
        assert.includeMembers(checks, ["credentials", "network", "clock", "permission", "journal"])
      }
      assert.isFalse(existsSync(join(cloud.folder, "journal")))
      assert.notInclude(ended.stdout + ended.stderr, 'private_key"')
    })
  )

  it.live(
    "1 if something failed, each with its remedy, and the other account is looked at all the same",
    () =>
      Effect.gen(function* () {
        const cloud = yield* small
        const ended = yield* run(cloud, ["doctor"], { env: { COMPSHARE_PRIVATE_KEY: "unspeakable" } })
        assert.strictEqual(ended.code, 1)
        assert.match(ended.stderr, /error: gpu: credentials: .*\n {2}next: /)
        assert.match(ended.stdout, /studio\s+permission\s+ok/)
        assert.notInclude(ended.stdout + ended.stderr, "unspeakable")
      })
  )

  it.live("says what is open in the journal, and that CI needs another one", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const quick = { env: { CLOUD_QUOTA_SETTLEMENT: "0.2s" } }
      const place = `${join(cloud.folder, "journal", "journal.sqlite")} (chosen by cloud-quota.yaml)`
      const change = ["quota", "adjust", "10CNY", "60001", "-a", "gpu", "--run", "x", "--yes"]
      const unseen = yield* run(cloud, change, quick)
      assert.include(unseen.stderr, `this journal has never seen this account; the journal is ${place}`)
      const vouched = yield* run(cloud, ["baseline", "-a", "gpu", "--yes"], quick)
      assert.include(vouched.stderr, `gpu: baseline in the journal ${place}`)
      yield* cloud.gpu.inject({ operation: "SetCompShareTeamAmount", fault: { _tag: "drop-after" } })
      const first = yield* run(cloud, [...change, "--settle", "defer"], quick)
      assert.strictEqual(first.code, 4)
      assert.include(first.stderr, `gpu: the first change of this account in the journal ${place}`)
      const open = rowsOf(yield* run(cloud, ["doctor", "-a", "gpu", "--json"]))
      assert.deepInclude(
        open.find(({ check }) => check === "journal"),
        {
          verdict: "warning",
          message: `${place}; changes: 1, unsettled: 1, to be decided: 0`,
          remedy: "cloud-quota settle"
        }
      )
      assert.match(
        String(open.find(({ check }) => check === "lock")?.["message"]),
        /free; limits accepted on/
      )

      cloud.configure(
        "accounts:\n  gpu: { provider: compshare, team: 1001, endpoint: https://cloud.invalid }\n"
      )
      const ci = yield* run(cloud, ["doctor", "--json"], {
        env: { CI: "1", COMPSHARE_PUBLIC_KEY: undefined }
      })
      assert.strictEqual(ci.code, 1)
      assert.deepInclude(
        rowsOf(ci).find(({ check }) => check === "journal"),
        { verdict: "skipped" }
      )
      const keyed = yield* run(cloud, ["doctor", "--json"], { env: { CI: "1" } })
      assert.match(
        String(rowsOf(keyed).find(({ check }) => check === "journal")?.["remedy"]),
        /CLOUD_QUOTA_JOURNAL=postgres/
      )
    })
  )
})

describe("emulate", () => {
  it.live("runs one command with the environment, and ends as it does", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const print =
        "console.log(process.env.COMPSHARE_TEAM_ID, process.env.CLOUD_QUOTA_CONFIG); process.exit(7)"
      const ended = yield* run(cloud, ["emulate", "--size", "2", "--", process.execPath, "-e", print])
      assert.strictEqual(ended.code, 7, ended.stderr)
      assert.match(ended.stdout, /^1001 \S+cloud-quota-emulated-\S+\n$/)
      // The folder has a file that leads to another cloud, as the environment does.
      const command = process.env[commandVariable] ?? ""
      const accounts = yield* run(cloud, ["emulate", "--", process.execPath, command, "accounts", "--json"])
      assert.strictEqual(accounts.code, 0, accounts.stderr)
      for (const { endpoint } of rowsOf(accounts)) assert.notInclude(Object.values(cloud.origins), endpoint)
      const missing = yield* run(cloud, ["emulate", "--", "no-such-command"])
      assert.strictEqual(missing.code, 127)
      assert.match(missing.stderr, /no-such-command cannot be run \(ENOENT\)/)
    })
  )

  it.live("serves clouds that the printed environment and the written file lead to, until Ctrl-C", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const fault = "SetCompShareTeamAmount:drop-after:after=1"
      const emulate = ["emulate", "--size", "4", "--write", "emulated.yaml", "--fault", fault]
      writeFileSync(join(cloud.folder, "emulated.yaml"), "old")
      const refused = yield* run(cloud, emulate)
      assert.deepStrictEqual([refused.code, refused.stdout], [64, ""])
      assert.match(refused.stderr, /emulated.yaml is there already: .*--overwrite/)
      const served = cloud.start([...emulate, "--overwrite"])
      yield* served.says("Ctrl-C")
      const lines = served.stdout().trim().split("\n")
      const env = Object.fromEntries(
        lines.map((line) => {
          const [, name = "", value = ""] = /^export (\w+)='([^']*)'$/.exec(line) ?? []
          return [name, value]
        })
      )
      const elsewhere = { env: { ...env, CLOUD_QUOTA_CONFIG: join(cloud.folder, "emulated.yaml") } }
      const list = yield* run(cloud, ["quota", "list", "--json"], elsewhere)
      assert.strictEqual(list.code, 0, list.stderr)
      assert.includeMembers(
        rowsOf(list).map(({ account }) => account),
        ["gpu", "studio"]
      )
      assert.strictEqual((yield* run(cloud, ["baseline", "--yes"], elsewhere)).code, 0)
      const topup = ["quota", "topup", "9000CNY", "--all", "-a", "gpu", "--run", "x", "--yes"]
      const done = yield* run(cloud, topup, elsewhere)
      assert.strictEqual(done.code, 0, done.stderr)
      assert.match(done.stderr, /No answer for allowance/)
      assert.isTrue(existsSync(env["CLOUD_QUOTA_JOURNAL"] ?? ""))
      served.process.kill("SIGINT")
      assert.strictEqual((yield* Effect.promise(() => served.ended)).code, 130)
      assert.isFalse(existsSync(env["CLOUD_QUOTA_JOURNAL"] ?? ""))
    })
  )

  it.live("64 for a fault that there is not, and for a file that is there", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      for (const [args, message] of [
        [["--fault", "SetCompShareTeamAmount:explode"], /there are drop-before/],
        [["--fault", ":drop-after"], /begin with the operation/],
        [["--fault", "X:late:delay=soon"], /delay: give seconds/],
        [["--fault", "X:drop-after:times=0"], /times is/],
        [["--fault", "X:drop-after:every=3"], /every is none of/],
        [["--write", "cloud-quota.yaml"], /is there already/]
      ] as const) {
        const ended = yield* run(cloud, ["emulate", ...args])
        assert.strictEqual(ended.code, 64, ended.stderr)
        assert.match(ended.stderr, message)
      }
    })
  )
})

describe("members", () => {
  it.live("are invited, renamed, and offboarded on every account where the person is", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const quick = { env: { CLOUD_QUOTA_SETTLEMENT: "0.2s" } }
      yield* run(cloud, ["baseline", "-a", "gpu", "--yes"])
      const invited = yield* run(cloud, ["members", "invite", "7001", "7002", "-a", "gpu", "--yes", "--json"])
      assert.strictEqual(invited.code, 0, invited.stderr)
      assert.deepStrictEqual(
        rowsOf(invited).map(({ outcome, user }) => [user, outcome]),
        [
          ["7001", "invited"],
          ["7002", "invited"]
        ]
      )
      assert.strictEqual(
        (yield* run(cloud, ["members", "cancel-invite", "7002", "-a", "gpu", "--yes"])).code,
        0
      )
      const rename = ["members", "rename", "ada@example.com", "阿达", "-a", "gpu"]
      assert.strictEqual((yield* run(cloud, rename)).code, 64)
      assert.strictEqual((yield* run(cloud, [...rename, "--yes"])).code, 0)
      const shown = yield* run(cloud, ["members", "show", "60001", "-a", "gpu", "--json"])
      assert.deepInclude(rowsOf(shown)[0], { name: "阿达" })

      const offboard = ["members", "offboard", "ada@example.com"]
      const left = yield* run(cloud, [...offboard, "--preview", "--json"])
      assert.strictEqual(left.code, 0, left.stderr)
      assert.includeMembers(
        rowsOf(left).map(({ account }) => account),
        ["gpu", "studio"]
      )
      const done = yield* run(cloud, [...offboard, "--run", "offboard/ada", "--yes", "--json"], quick)
      assert.strictEqual(done.code, 0, done.stderr)
      assert.match(done.stderr, /gpu: 60001: nothing left to reclaim/)
      const { members } = yield* cloud.gpu.state
      assert.strictEqual(members.find(({ virtualCompanyId }) => virtualCompanyId === 60001)?.availableFen, 0n)
      const moved = (yield* cloud.gpu.ledger).length
      yield* run(cloud, [...offboard, "--run", "offboard/ada", "--yes"], quick)
      assert.lengthOf(yield* cloud.gpu.ledger, moved)

      const leave = [...offboard, "-a", "studio", "--run", "leave/ada", "--remove", "--yes"]
      for (const time of ["first", "second"]) {
        const left = yield* run(cloud, leave, quick)
        assert.strictEqual(left.code, 0, `${time}: ${left.stderr}`)
        assert.match(left.stderr, /and the membership has ended/)
        assert.notMatch(left.stderr, /nobody is meant/)
      }
    })
  )

  it.live("are offboarded also where the cloud removes nobody, and the preview says so as the run does", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const quick = { env: { CLOUD_QUOTA_SETTLEMENT: "0.2s" } }
      yield* run(cloud, ["baseline", "-a", "gpu", "--yes"])
      const leave = ["members", "offboard", "ada@example.com", "-a", "gpu", "--remove"]
      const byHand = /gpu: .*[Ll]eft to do by hand: remove the member, .*console\.compshare\.cn/
      const preview = yield* run(cloud, [...leave, "--preview", "--json"])
      assert.strictEqual(preview.code, 3, preview.stderr)
      assert.lengthOf(rowsOf(preview), 1)
      assert.match(preview.stderr, byHand)
      const asked = yield* run(cloud, [...leave, "--run", "leave/ada"])
      assert.strictEqual(asked.code, 64)
      const done = yield* run(cloud, [...leave, "--run", "leave/ada", "--yes", "--json"], quick)
      // What was taken back is, and one step is left.
      assert.strictEqual(done.code, 3, done.stderr)
      assert.match(done.stderr, /gpu: 60001: nothing left to reclaim\./)
      assert.match(done.stderr, byHand)
      assert.deepInclude(rowsOf(done)[0], { outcome: "Applied" })
      const { members } = yield* cloud.gpu.state
      assert.strictEqual(members.find(({ virtualCompanyId }) => virtualCompanyId === 60001)?.availableFen, 0n)
    })
  )

  it.live("without any quota have nothing to take back, in the preview as in the run", () =>
    Effect.gen(function* () {
      const cloud = yield* world({
        studio: { users: [{ userId: "u1", quota: {} }], iamUsers: [{ id: "new-1", name: "Nora" }] }
      })
      const who = ["members", "offboard", "new-1", "-a", "studio"]
      const preview = yield* run(cloud, [...who, "--preview", "--json"])
      const done = yield* run(cloud, [...who, "--run", "leave/new", "--yes", "--json"])
      assert.deepStrictEqual([preview.code, done.code], [0, 0], preview.stderr + done.stderr)
      assert.match(done.stderr, /The provider reports no quota of new-1 to take back/)
      assert.deepStrictEqual(rowsOf(preview), [])
    })
  )

  it.live("remove says that a cloud has nothing of the kind", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const ended = yield* run(cloud, ["members", "remove", "60001", "-a", "gpu", "--yes"])
      assert.strictEqual(ended.code, 1)
      assert.match(ended.stderr, /members\.remove.*not supported/)
    })
  )
})

describe("completions", () => {
  it.live("load in bash, and complete a subcommand", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const ended = yield* run(cloud, ["--completions", "bash"])
      assert.strictEqual(ended.code, 0)
      const folder = mkdtempSync(join(tmpdir(), "cloud-quota-bash-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true })))
      const script = join(folder, "completion.bash")
      writeFileSync(script, ended.stdout)
      const complete = (...words: ReadonlyArray<string>) =>
        execFileSync(
          "bash",
          [
            "--norc",
            "-c",
            `. ${script}
             COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
             COMP_LINE="\${COMP_WORDS[*]}"; COMP_POINT=\${#COMP_LINE}
             $(complete -p cloud-quota | sed 's/.*-F \\([^ ]*\\) .*/\\1/') cloud-quota "\${COMP_WORDS[COMP_CWORD]}" ""
             printf '%s\\n' "\${COMPREPLY[@]}"`
          ],
          { encoding: "utf8" }
        )
          .trim()
          .split("\n")
      assert.includeMembers(complete("cloud-quota", "quota", ""), [
        "set",
        "topup",
        "adjust",
        "reclaim",
        "list"
      ])
      assert.includeMembers(complete("cloud-quota", "quota", "topup", "--m"), ["--metric", "--members-from"])
    })
  )
})
