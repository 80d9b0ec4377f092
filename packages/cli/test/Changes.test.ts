/**
 * Commands that change quotas, as scripts run them: exit codes, what is refused before anything is sent, and
 * that nobody is paid twice, by the emulator's own ledger.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Ended, hold, type World, world } from "./support/Cli.ts"

const setAmount = "SetCompShareTeamAmount"

/** Three members who have 100 yuan each, and a settlement that fits an emulator. */
const three = world({
  gpu: {
    members: [60001, 60002, 60003].map((virtualCompanyId) => ({
      virtualCompanyId,
      remarkName: `成员 ${virtualCompanyId}`,
      allocatedFen: 10_000n
    }))
  }
})

const quick = { env: { CLOUD_QUOTA_SETTLEMENT: "0.2s" } }

const run = (cloud: World, args: ReadonlyArray<string>, options: Parameters<World["run"]>[1] = quick) =>
  Effect.promise(() => cloud.run(args, options))

const vouched = Effect.fnUntraced(function* (cloud: World) {
  const ended = yield* run(cloud, ["baseline", "-a", "gpu", "--yes"])
  assert.strictEqual(ended.code, 0, ended.stderr)
})

/** What was paid by the API, in fen, by member. */
const paid = ({ gpu }: World) =>
  Effect.map(gpu.ledger, (ledger) =>
    ledger
      .filter(({ source }) => source === "api")
      .map(({ amountFen, member, operateType }) => {
        const sign = operateType === "AllocateAmount" ? 1n : -1n
        return [member, sign * amountFen] as const
      })
  )

const rowsOf = ({ stdout }: Ended): ReadonlyArray<Record<string, unknown>> => JSON.parse(stdout)

const topup = ["quota", "topup", "500 CNY", "--all", "-a", "gpu", "--run", "topup/2026-12"]

describe("before anything is sent", () => {
  it.live("64 without a terminal and without --yes, and nobody was asked for anything", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      const ended = yield* run(cloud, topup)
      assert.strictEqual(ended.code, 64)
      assert.match(ended.stderr, /--yes/)
      assert.match(ended.stderr, /--preview/)
      assert.strictEqual(ended.stdout, "")
      assert.lengthOf(yield* cloud.gpu.requests, 0)
    })
  )

  it.live("64 without a run, with one that would do", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      for (const args of [
        ["quota", "topup", "500CNY", "60001", "-a", "gpu", "--yes"],
        ["members", "offboard", "60001", "-a", "gpu", "--yes"]
      ]) {
        const ended = yield* run(cloud, args)
        assert.strictEqual(ended.code, 64, ended.stderr)
        assert.match(ended.stderr, /--run (topup|offboard\/60001)\/\d{4}-\d{2}-\d{2}/)
      }
      assert.lengthOf(yield* cloud.gpu.requests, 0)
    })
  )

  it.live("64 for what cannot be meant, in the words of the command line", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      const cases: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp]> = [
        [["quota", "topup", "500CNY", "60001", "--run", "x", "--yes"], /--account.*gpu, studio/],
        [["quota", "topup", "500CNY", "-a", "gpu", "--run", "x", "--yes"], /no members selected/],
        [["quota", "topup", "500CNY", "60001", "--all", "-a", "gpu", "--run", "x", "--yes"], /--all/],
        [["quota", "topup", "lots", "60001", "-a", "gpu", "--run", "x", "--yes"], /amount: /],
        [
          ["quota", "topup", "500CNY", "60001", "-a", "gpu", "--run", "x", "--yes", "--cap", "1 min"],
          /--cap: /
        ],
        [
          ["quota", "topup", "5CNY", "--all", "-a", "gpu", "--run", "x", "--yes", "--max-members", "2"],
          /--max-members: .*or raise --max-members/
        ],
        [
          ["quota", "topup", "5CNY", "60001", "-a", "gpu", "--run", "x", "--yes", "--metric", "alowance"],
          /did you mean allowance/
        ],
        [
          ["quota", "set", "5", "--all", "-a", "studio", "--yes"],
          /--metric: say what is meant: avatar-models/
        ],
        [
          ["quota", "topup", "5CNY", "60001", "-a", "gpu", "--run", "x", "--yes", "--preview"],
          /give one of them/
        ],
        [["quota", "topup", "5CNY", "60001", "-a", "gpu", "--run", "x", "--yes", "--waive", "cap"], /waive/]
      ]
      for (const [args, message] of cases) {
        const ended = yield* run(cloud, args)
        assert.strictEqual(ended.code, 64, `${args.join(" ")}: ${ended.stderr}`)
        assert.match(ended.stderr, message)
      }
      assert.strictEqual(yield* cloud.gpu.count(setAmount), 0)
    })
  )

  it.live("an unknown journal asks for a baseline first, and names the command", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      const refused = yield* run(cloud, [...topup, "--yes"])
      assert.strictEqual(refused.code, 1)
      assert.match(refused.stderr, /next: cloud-quota baseline --account gpu/)
      const preview = yield* run(cloud, [...topup, "--preview", "--json"])
      assert.strictEqual(preview.code, 1)
      assert.lengthOf(rowsOf(preview), 3)
      assert.match(preview.stderr, /next: cloud-quota baseline --account gpu/)
      const offboard = yield* run(cloud, ["members", "offboard", "60001", "-a", "gpu", "--preview", "--json"])
      assert.strictEqual(offboard.code, 1)
      assert.match(offboard.stderr, /next: cloud-quota baseline --account gpu/)
      yield* vouched(cloud)
      assert.strictEqual((yield* run(cloud, [...topup, "--yes"])).code, 0)
    })
  )

  it.live(
    "CI without a chosen journal is refused, with what to do, before anything is asked of the cloud",
    () =>
      Effect.gen(function* () {
        const cloud = yield* three
        cloud.configure(
          "accounts:\n  gpu: { provider: compshare, team: 1001, endpoint: https://cloud.invalid }\n"
        )
        const change = ["quota", "topup", "5CNY", "60001", "--run", "x", "--yes"]
        const ended = yield* run(cloud, change, { env: { CI: "true" } })
        assert.strictEqual(ended.code, 1)
        assert.match(ended.stderr, /this is CI.*CLOUD_QUOTA_JOURNAL=/)
        assert.match(ended.stderr, /nothing was changed/)
      })
  )

  it.live("a real cloud takes no short settlement", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      cloud.configure(
        "accounts:\n  gpu: { provider: compshare, team: 1001, endpoint: https://cloud.invalid }\n"
      )
      const ended = yield* run(cloud, ["quota", "topup", "5CNY", "60001", "--run", "x", "--yes"])
      assert.strictEqual(ended.code, 1)
      assert.match(ended.stderr, /Settlement: /)
      assert.match(ended.stderr, /next: unset CLOUD_QUOTA_SETTLEMENT/)
    })
  )
})

describe("changing quotas", () => {
  it.live("--preview shows, and changes nothing; --yes does; the same run again pays nobody twice", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      const preview = yield* run(cloud, [...topup, "--preview", "--json"])
      assert.strictEqual(preview.code, 0)
      const planned = rowsOf(preview)
      assert.deepStrictEqual(
        planned.map(({ delta, member, name, outcome }) => ({ delta, member, name, outcome })),
        [60001, 60002, 60003].map((member) => ({
          delta: { unit: "CNY", amount: "400.00" },
          member: `${member}`,
          name: `成员 ${member}`,
          outcome: "Planned"
        }))
      )
      assert.match(preview.stderr, /gpu: 3 to be changed; \+1200\.00 CNY/)
      assert.deepStrictEqual(yield* paid(cloud), [])

      const done = yield* run(cloud, [...topup, "--yes", "--json"])
      assert.strictEqual(done.code, 0, done.stderr)
      assert.deepStrictEqual(
        rowsOf(done).map(({ outcome }) => outcome),
        ["Applied", "Applied", "Applied"]
      )
      assert.match(done.stderr, /gpu: 3 changed; \+1200\.00 CNY/)
      yield* cloud.gpu.spend(60001, 20_000n)

      const again = yield* run(cloud, [...topup, "--yes"])
      assert.strictEqual(again.code, 0)
      assert.match(again.stderr, /gpu: 3 already done\n/)
      assert.match(
        again.stderr,
        /warning: gpu: the run "topup\/2026-12" was done by earlier calls, so nothing was sent/
      )
      assert.deepStrictEqual(
        yield* paid(cloud),
        [60001, 60002, 60003].map((member) => [member, 40_000n] as const)
      )
    })
  )

  it.live("set, adjust and reclaim, for people, from a file and from stdin", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      const set = yield* run(cloud, ["quota", "set", "150CNY", "ada@example.com", "-a", "gpu", "--yes"])
      assert.strictEqual(set.code, 0, set.stderr)
      writeFileSync(join(cloud.folder, "who.txt"), "60002 # the second\n\n# nobody\nADA@example.com\n")
      const from = ["--members-from", "who.txt", "-a", "gpu", "--run", "a/1", "--yes"]
      const adjusted = yield* run(cloud, ["quota", "adjust", "-50CNY", ...from])
      assert.strictEqual(adjusted.code, 0, adjusted.stderr)
      const reclaimed = yield* run(
        cloud,
        ["quota", "reclaim", "all", "--members-from", "-", "-a", "gpu", "--run", "r/1", "--yes"],
        { ...quick, stdin: "60003\n" }
      )
      assert.strictEqual(reclaimed.code, 0, reclaimed.stderr)
      assert.deepStrictEqual(yield* paid(cloud), [
        [60001, 5_000n],
        [60002, -5_000n],
        [60001, -5_000n],
        [60003, -10_000n]
      ])
    })
  )

  it.live(
    "64 for a file of members that is no plain list, and nobody else is paid for a person with a #",
    () =>
      Effect.gen(function* () {
        const cloud = yield* three
        yield* vouched(cloud)
        const ledger = yield* paid(cloud)
        const file = join(cloud.folder, "who.txt")
        const rows: ReadonlyArray<readonly [content: string | Uint8Array, code: number, stderr: RegExp]> = [
          // Cut at the #, this would be another member.
          ["60001#2\n", 64, /"60001#2" is not a member of CompShare/],
          ["60001\n60002#\n", 64, /"60002#" is not a member/],
          ['"60001"\n', 64, /line 1 of who\.txt is in quotes/],
          ["60001\n60002\t500\n", 64, /line 2 of who\.txt has more than one column/],
          ["60001,60002\n", 64, /"60001,60002" is not a member/],
          ["60001\u00a0\n", 64, /"60001\\u\{a0\}" holds .*: write "60001"/],
          ["60001\u200b\n", 64, /write "60001"/],
          ["6000\uff11\n", 64, /write "60001"/],
          [Buffer.from("\ufeff60001\r\n", "utf16le"), 64, /is not text in UTF-8/]
        ]
        for (const [content, code, stderr] of rows) {
          writeFileSync(file, content)
          const args = [
            "quota",
            "adjust",
            "5CNY",
            "--members-from",
            "who.txt",
            "-a",
            "gpu",
            "--run",
            "a/1",
            "--yes"
          ]
          const ended = yield* run(cloud, args)
          assert.strictEqual(ended.code, code, ended.stderr)
          assert.match(ended.stderr, stderr)
        }
        assert.deepStrictEqual(yield* paid(cloud), ledger)
        writeFileSync(file, "\ufeff# all\r\n60001\t# the first\r\n  60002  #the second\r\n#60003\r\n")
        const args = [
          "quota",
          "adjust",
          "5CNY",
          "--members-from",
          "who.txt",
          "-a",
          "gpu",
          "--run",
          "a/1",
          "--yes"
        ]
        const ended = yield* run(cloud, args)
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.deepStrictEqual(yield* paid(cloud), [...ledger, [60001, 500n], [60002, 500n]])
      })
  )

  it.live("3 if the cap is reached: what fits is done, and what does not is refused", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      const ended = yield* run(cloud, [...topup, "--cap", "900 CNY", "--yes", "--json"])
      assert.strictEqual(ended.code, 3)
      assert.deepStrictEqual(
        rowsOf(ended).map(({ outcome }) => outcome),
        ["Applied", "Applied", "Refused"]
      )
      assert.match(ended.stderr, /2 changed, 1 refused; \+800\.00 CNY/)
      assert.lengthOf(yield* paid(cloud), 2)

      const list = yield* run(cloud, ["run", "list", "-o", "json"])
      const [row] = JSON.parse(list.stdout)
      assert.deepInclude(row, { account: "gpu", changes: 2, done: 2, open: 0 }, list.stderr)
      const shown = yield* run(cloud, ["run", "show", row.run, "-o", "csv"])
      assert.match(shown.stdout, /^account,run,changes,done,open,startedAt,changedAt\r\ngpu,/)
      const missing = yield* run(cloud, ["run", "show", "no/run"])
      assert.deepStrictEqual([missing.code, missing.stdout], [1, ""])
      assert.match(missing.stderr, /there is no run "no\/run" in this journal/)

      const adjust = ["quota", "adjust", "5CNY", "--all", "-a", "gpu", "--run", "none", "--cap", "1 CNY"]
      const all = yield* run(cloud, [...adjust, "--dry-run"])
      assert.strictEqual(all.code, 1)
      assert.strictEqual(all.stderr.match(/Refused to change/g)?.length, 1, all.stderr)
      assert.match(all.stderr, /The same check \(cap\) refused \d more\./)
    })
  )

  it.live("1 if nothing took place, 3 if a part did, and the same run again does the rest", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      const one = ["quota", "adjust", "10CNY", "60001", "-a", "gpu", "--run", "one", "--yes"]
      yield* cloud.gpu.inject({ operation: setAmount, fault: { _tag: "drop-before" }, times: 2 })
      assert.strictEqual((yield* run(cloud, one)).code, 1)
      const both = ["quota", "adjust", "10CNY", "60002", "60003", "-a", "gpu", "--run", "both", "--yes"]
      yield* cloud.gpu.inject({ operation: setAmount, fault: { _tag: "drop-before" }, times: 2 })
      const partly = yield* run(cloud, both)
      assert.strictEqual(partly.code, 3, partly.stderr)
      assert.match(partly.stderr, /did not take place/)
      const rest = yield* run(cloud, both)
      assert.strictEqual(rest.code, 0, rest.stderr)
      assert.deepStrictEqual((yield* paid(cloud)).map(([member]) => member).sort(), [60002, 60003])
    })
  )

  it.live("75 while another process changes the account", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      const held = yield* hold(cloud)
      const first = cloud.start([...topup, "--yes"], quick)
      yield* first.until(held.arrived)
      const second = yield* run(cloud, [
        "quota",
        "adjust",
        "1CNY",
        "60001",
        "-a",
        "gpu",
        "--run",
        "b",
        "--yes"
      ])
      assert.strictEqual(second.code, 75, second.stderr)
      const doctor = yield* run(cloud, ["doctor", "-a", "gpu", "--json"])
      const lock = rowsOf(doctor).find(({ check }) => check === "lock")
      assert.strictEqual(lock?.["verdict"], "warning")
      assert.include(String(lock?.["message"]), `${first.process.pid}`)
      const waiting = cloud.start(
        ["quota", "adjust", "1CNY", "60001", "-a", "gpu", "--run", "c", "-y", "--wait", "10m"],
        quick
      )
      yield* waiting.says("gpu: waiting: ")
      // It holds the account for as long as it waits for its answer, however long the others take to start.
      first.process.kill("SIGKILL")
      yield* Effect.promise(() => first.ended)
      held.release()
      const waited = yield* Effect.promise(() => waiting.ended)
      assert.strictEqual(waited.code, 0, waited.stderr)
      const wrong = yield* run(cloud, [...topup, "--yes", "--wait", "soon"])
      assert.deepStrictEqual([wrong.code, wrong.stdout], [64, ""])
      assert.match(wrong.stderr, /--wait: give a time, as 30s, 10m or 1h/)
    })
  )
})

describe("what is not known", () => {
  it.live("4, then settle finds out", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      yield* cloud.gpu.inject({ operation: setAmount, fault: { _tag: "drop-after" } })
      const change = ["quota", "adjust", "10CNY", "60001", "-a", "gpu", "--run", "x", "--yes", "--json"]
      const unknown = yield* run(cloud, [...change, "--settle", "defer"])
      assert.strictEqual(unknown.code, 4)
      assert.match(unknown.stderr, /outcome unknown: \+10\.00 CNY\n {2}next: cloud-quota settle -a gpu\n/)
      const review = yield* run(cloud, ["review", "--json"])
      assert.strictEqual(review.code, 4)
      assert.deepStrictEqual(
        rowsOf(review).map(({ account, kind, next }) => ({ account, kind, next })),
        [{ account: "gpu", kind: "unsettled", next: "cloud-quota settle -a gpu" }]
      )
      const settled = yield* run(cloud, ["settle", "--json"])
      assert.strictEqual(settled.code, 0, settled.stderr)
      assert.deepStrictEqual(
        rowsOf(settled).map(({ account, state }) => ({ account, state })),
        [{ account: "gpu", state: "applied" }]
      )
      assert.strictEqual((yield* run(cloud, ["review"])).code, 0)
      const again = yield* run(cloud, change)
      assert.strictEqual(again.code, 0)
      assert.lengthOf(yield* paid(cloud), 1)
    })
  )

  it.live("a conflict: review names it, resolve decides it, and only then the member is changed again", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      yield* cloud.gpu.inject({ operation: setAmount, fault: { _tag: "drop-after" } })
      const change = ["quota", "adjust", "10CNY", "60001", "-a", "gpu", "--yes", "--json", "--run"]
      assert.strictEqual((yield* run(cloud, [...change, "x", "--settle", "defer"])).code, 4)
      yield* cloud.gpu.consoleAllocate(60001, 700n)
      for (const rows of [1, 0]) {
        const settled = yield* run(cloud, ["settle", "--json"])
        assert.strictEqual(settled.code, 4)
        assert.lengthOf(rowsOf(settled), rows)
        assert.match(settled.stderr, /gpu: 1 to be decided\n {2}next: cloud-quota review -a gpu\n/)
      }
      assert.notMatch((yield* run(cloud, ["settle"])).stderr, /nothing was left open/)
      const review = yield* run(cloud, ["review", "--json"])
      assert.strictEqual(review.code, 4)
      const [conflict] = rowsOf(review)
      assert.strictEqual(conflict?.["kind"], "conflict")
      const id = String(conflict?.["change"])
      assert.include(String(conflict?.["next"]), `cloud-quota resolve ${id} applied|not-applied`)
      // A preview says what the call would come to, and ends as it.
      const leave = ["members", "offboard", "60001", "-a", "gpu", "--run", "leave"]
      for (const how of ["--preview", "--yes"]) {
        const ended = yield* run(cloud, [...leave, how])
        assert.strictEqual(ended.code, 4, `${how}: ${ended.stderr}`)
        assert.match(
          ended.stderr,
          /gpu: .*allowance of 60001 waits for a person's decision about the run "x"/
        )
      }
      const blocked = yield* run(cloud, [...change, "y"])
      assert.strictEqual(blocked.code, 4)
      assert.match(blocked.stderr, /gpu: 1 blocked\n {2}next: cloud-quota review -a gpu\n/)

      const mute = yield* run(cloud, ["resolve", id, "applied", "--yes"])
      assert.strictEqual(mute.code, 64)
      const resolved = yield* run(cloud, [
        "resolve",
        id,
        "applied",
        "--note",
        "seen in the console",
        "--yes",
        "--json"
      ])
      assert.strictEqual(resolved.code, 0, resolved.stderr)
      assert.deepInclude(rowsOf(resolved)[0], { state: "resolved-applied", detail: "seen in the console" })
      assert.strictEqual((yield* run(cloud, ["review"])).code, 0)
      assert.strictEqual((yield* run(cloud, ["resolve", id, "applied", "--note", "x", "--yes"])).code, 1)
      assert.strictEqual((yield* run(cloud, [...change, "y"])).code, 0)
      assert.lengthOf(yield* paid(cloud), 2)
    })
  )

  it.live("drift: verify and review end with 4, and a baseline of that member ends it", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      yield* run(cloud, [...topup, "--yes"])
      assert.strictEqual((yield* run(cloud, ["verify"])).code, 0)
      yield* cloud.gpu.consoleAllocate(60002, 100n)
      const verified = yield* run(cloud, ["verify", "--json"])
      assert.strictEqual(verified.code, 4)
      assert.deepStrictEqual(
        rowsOf(verified).map(({ member, verdict }) => [member, verdict]),
        [
          ["60001", "as-settled"],
          ["60002", "drift"],
          ["60003", "as-settled"]
        ]
      )
      const review = yield* run(cloud, ["review", "--json"])
      assert.strictEqual(review.code, 4)
      assert.deepInclude(rowsOf(review)[0], { kind: "drift", next: "cloud-quota baseline 60002 -a gpu" })
      const baseline = yield* run(cloud, ["baseline", "60002", "-a", "gpu", "--yes", "--json"])
      assert.deepStrictEqual(
        rowsOf(baseline).map(({ before, limit, member }) => ({ before, limit, member })),
        [
          {
            before: { unit: "CNY", amount: "500.00" },
            limit: { unit: "CNY", amount: "501.00" },
            member: "60002"
          }
        ]
      )
      assert.strictEqual((yield* run(cloud, ["verify"])).code, 0)
    })
  )
})

describe("Ctrl-C", () => {
  it.live("waits for the answer that is on its way, stops, and says how to go on", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      const held = yield* hold(cloud)
      const first = cloud.start([...topup, "--yes", "--json"], quick)
      yield* first.until(held.arrived)
      first.process.kill("SIGINT")
      yield* first.says("stopping when")
      held.release()
      const ended = yield* Effect.promise(() => first.ended)
      assert.strictEqual(ended.code, 130, ended.stderr)
      assert.match(ended.stderr, /stopping when allowance of 60001 \(\+400\.00 CNY\) is answered/)
      assert.match(ended.stderr, /Stopped after 1 of 3 members/)
      assert.include(
        ended.stderr,
        "cloud-quota quota topup '500 CNY' --all -a gpu --run topup/2026-12 --yes --json"
      )
      assert.deepStrictEqual(
        rowsOf(ended).map(({ member, outcome }) => [member, outcome]),
        [["60001", "Applied"]]
      )
      assert.deepStrictEqual(yield* paid(cloud), [[60001, 40_000n]])
      const rest = yield* run(cloud, [...topup, "--yes"])
      assert.strictEqual(rest.code, 0, rest.stderr)
      assert.match(rest.stderr, /1 already done, 2 changed; \+800\.00 CNY/)
      assert.lengthOf(yield* paid(cloud), 3)
    })
  )

  it.live("a second one leaves at once, with what is open; going on settles it, and pays nobody twice", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      const held = yield* hold(cloud)
      const first = cloud.start([...topup, "--yes"], quick)
      yield* first.until(held.arrived)
      first.process.kill("SIGINT")
      yield* first.says("stopping when")
      first.process.kill("SIGINT")
      const ended = yield* Effect.promise(() => first.ended)
      assert.strictEqual(ended.code, 4)
      assert.match(ended.stderr, /left at once\. Open: allowance of 60001 \(\+400\.00 CNY\)\. Money: unknown/)
      assert.match(ended.stderr, /the same command again goes on/)
      assert.deepStrictEqual(yield* paid(cloud), [])
      // Only now it takes effect.
      held.release()
      const rest = yield* run(cloud, [...topup, "--yes", "--json"])
      assert.strictEqual(rest.code, 0, rest.stderr)
      assert.deepStrictEqual(
        rowsOf(rest).map(({ evidence, member, outcome }) => [member, outcome, evidence]),
        [
          ["60001", "Applied", "read-back+log"],
          ["60002", "Applied", "response"],
          ["60003", "Applied", "response"]
        ]
      )
      assert.deepStrictEqual(
        yield* paid(cloud),
        [60001, 60002, 60003].map((member) => [member, 40_000n] as const)
      )
    })
  )

  it.live("an earlier call's lost answer, settled on the way, is neither cut short for nor called open", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      yield* cloud.gpu.inject({ operation: setAmount, fault: { _tag: "drop-after" } })
      const adjust = (amount: string, member: string, name: string) =>
        ["quota", "adjust", amount, member, "-a", "gpu", "--run", name, "--yes", "--json"] as const
      yield* run(cloud, [...adjust("10CNY", "60001", "x"), "--settle", "defer"])
      const held = yield* hold(cloud)
      const second = cloud.start(adjust("7CNY", "60002", "y"), quick)
      yield* second.until(held.arrived)
      second.process.kill("SIGINT")
      yield* second.says("stopping when allowance of 60002")
      held.release()
      const ended = yield* Effect.promise(() => second.ended)
      assert.strictEqual(ended.code, 130, ended.stderr)
      assert.match(ended.stderr, /No answer for allowance of 60001/)
      assert.deepStrictEqual(
        rowsOf(ended).map(({ member, outcome }) => [member, outcome]),
        [["60002", "Applied"]]
      )
      assert.strictEqual((yield* run(cloud, ["review"])).code, 0)
    })
  )

  it.live("while a lost answer is waited out: stops at once with 4", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      yield* cloud.gpu.inject({ operation: setAmount, fault: { _tag: "drop-after" } })
      const first = cloud.start([...topup, "--yes", "--json"], { env: { CLOUD_QUOTA_SETTLEMENT: "600s" } })
      yield* first.says("No answer for")
      first.process.kill("SIGTERM")
      const ended = yield* Effect.promise(() => first.ended)
      assert.strictEqual(ended.code, 4)
      assert.deepStrictEqual(
        rowsOf(ended).map(({ money, next, outcome }) => ({ money, next, outcome })),
        [{ money: "unknown", next: "rerun", outcome: "Unknown" }]
      )
      const rest = yield* run(cloud, [...topup, "--yes"])
      assert.strictEqual(rest.code, 0, rest.stderr)
      assert.lengthOf(yield* paid(cloud), 3)
    })
  )
})

describe("without a chosen journal", () => {
  it.live("a change of an emulator says that it will be forgotten", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      cloud.configure(
        `accounts:\n  gpu: { provider: compshare, team: 1001, endpoint: "${cloud.origins.gpu}" }\n`
      )
      const ended = yield* run(cloud, ["quota", "adjust", "1CNY", "60001", "--run", "x", "--yes"])
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.match(ended.stderr, /is forgotten with this command\. CLOUD_QUOTA_JOURNAL/)
    })
  )
})
