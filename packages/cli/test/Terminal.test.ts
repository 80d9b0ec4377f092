/**
 * The command at a terminal: questions, colours, narrow tables, the bar, and Ctrl-C.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import stringWidth from "string-width"
import { hold, type World, world } from "./support/Cli.ts"
import * as Terminal from "./support/Terminal.ts"

const { ctrlC, enter } = Terminal

/** A settlement that fits an emulator. */
const quick = { CLOUD_QUOTA_SETTLEMENT: "0.2s" }

const setAmount = "SetCompShareTeamAmount"

const three = world({
  gpu: {
    members: ["王思远", "郭敏", "高一诺"].map((remarkName, index) => ({
      virtualCompanyId: 60001 + index,
      remarkName,
      allocatedFen: 10_000n
    }))
  }
})

const vouched = Effect.fnUntraced(function* (cloud: World) {
  assert.strictEqual((yield* Effect.promise(() => cloud.run(["baseline", "-a", "gpu", "--yes"]))).code, 0)
})

const topup = ["quota", "topup", "500CNY", "--all", "-a", "gpu", "--run", "topup/2026-12"]

describe("a first use, as it is typed", () => {
  it.live("init, a look, a baseline, a top-up, and the same again", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      rmSync(join(cloud.folder, "cloud-quota.yaml"))
      const env = {
        COMPSHARE_TEAM_ID: "1001",
        COMPSHARE_ENDPOINT: cloud.origins.gpu,
        CLOUD_QUOTA_JOURNAL: "./journal",
        ...quick
      }
      const at = (args: ReadonlyArray<string>) => Terminal.open(cloud, args, { env })

      const init = yield* at(["init"])
      yield* init.see("Which cloud? [1-2]")
      yield* init.type(`1${enter}`)
      yield* init.see("[1001]")
      yield* init.type(enter)
      yield* init.see("What is the account to be called? [gpu]")
      yield* init.type(enter)
      yield* init.see("Another account? [y/N]")
      yield* init.type(enter)
      assert.strictEqual(yield* init.ended, 0, init.written())
      yield* init.see("What comes next:")
      assert.isTrue(existsSync(join(cloud.folder, "cloud-quota.yaml")))

      const list = yield* at(["quota", "list"])
      assert.strictEqual(yield* list.ended, 0)
      assert.include(list.written(), "\u001b[1mmember")

      const change = ["quota", "topup", "500CNY", "--all", "--run", "first/1", "--cap", "2000CNY"]
      const early = yield* at(change)
      assert.strictEqual(yield* early.ended, 1)
      yield* early.see("next: cloud-quota baseline --account gpu")

      const baseline = yield* at(["baseline"])
      yield* baseline.see("Are these the limits that gpu is meant to have? [y/N]")
      yield* baseline.type(`y${enter}`)
      assert.strictEqual(yield* baseline.ended, 0)

      const paid = yield* at(change)
      yield* paid.see("Change gpu: 3 to be changed; +1200.00 CNY. Go ahead? [y/N]")
      assert.lengthOf(yield* cloud.gpu.ledger, 0)
      yield* paid.type(`y${enter}`)
      assert.strictEqual(yield* paid.ended, 0)
      yield* paid.see("gpu: 3 changed; +1200.00 CNY")
      assert.include(paid.written(), "█")
      assert.lengthOf(yield* cloud.gpu.ledger, 3)

      const again = yield* at(change)
      assert.strictEqual(yield* again.ended, 0)
      yield* again.see("gpu: 3 already done")
      yield* again.see("nothing was sent")
      assert.lengthOf(yield* cloud.gpu.ledger, 3)
    })
  )
})

describe("a question", () => {
  it.live("is not asked without a baseline, which is what comes first", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      for (const args of [topup, ["members", "offboard", "60001", "-a", "gpu", "--run", "leave"]]) {
        const terminal = yield* Terminal.open(cloud, args)
        assert.strictEqual(yield* terminal.ended, 1)
        yield* terminal.see("next: cloud-quota baseline --account gpu")
        assert.notInclude(terminal.written(), "[y/N]")
        assert.notInclude(terminal.written(), "has no quota")
      }
    })
  )

  it.live("is not asked about what a cloud has nothing of", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      const terminal = yield* Terminal.open(cloud, ["members", "remove", "60001", "-a", "gpu"])
      assert.strictEqual(yield* terminal.ended, 1)
      yield* terminal.see("not supported")
      assert.notInclude(terminal.written(), "[y/N]")
    })
  )

  it.live("that is not answered with a yes changes nothing", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      for (const [answer, code] of [
        [enter, 1],
        [`no${enter}`, 1],
        [`yesterday${enter}`, 1],
        [ctrlC, 130],
        ["\u0004", 1]
      ] as const) {
        const terminal = yield* Terminal.open(cloud, topup)
        yield* terminal.see("Go ahead? [y/N]")
        yield* terminal.type(answer)
        assert.strictEqual(yield* terminal.ended, code, terminal.written())
      }
      assert.lengthOf(yield* cloud.gpu.ledger, 0)
    })
  )

  it.live("asks how a conflict was decided, where no note is given", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      yield* cloud.gpu.inject({ operation: setAmount, fault: { _tag: "drop-after" } })
      const change = ["quota", "adjust", "10CNY", "60001", "-a", "gpu", "--run", "x", "--yes"]
      yield* Effect.promise(() => cloud.run([...change, "--settle", "defer"], { env: quick }))
      yield* cloud.gpu.consoleAllocate(60001, 700n)
      yield* Effect.promise(() => cloud.run(["settle"], { env: quick }))
      const review = yield* Effect.promise(() => cloud.run(["review", "--json"]))
      const [{ change: id }] = JSON.parse(review.stdout)
      const terminal = yield* Terminal.open(cloud, ["resolve", id, "applied"])
      yield* terminal.see("How was that decided?")
      yield* terminal.type(`看过控制台${enter}`)
      yield* terminal.see("Note that it took place? [y/N]")
      yield* terminal.type(`y${enter}`)
      assert.strictEqual(yield* terminal.ended, 0, terminal.written())
      const journal = yield* Effect.promise(() => cloud.run(["journal", "show", id, "--json"]))
      assert.include(journal.stdout, "看过控制台")
    })
  )
})

describe("a narrow terminal", () => {
  it.live("60 columns hold a preview, with every amount whole", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      const terminal = yield* Terminal.open(cloud, [...topup, "--preview"], { columns: 60 })
      assert.strictEqual(yield* terminal.ended, 0)
      const rows = terminal.lines().filter((line) => /^6000\d/.test(line) || /^member/.test(line))
      assert.lengthOf(rows, 4)
      for (const row of rows) assert.isAtMost(stringWidth(row), 60, row)
      assert.lengthOf(
        rows.filter((row) => row.includes("400.00 CNY")),
        3
      )
    })
  )

  it.live("the bar stays one line", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      const terminal = yield* Terminal.open(cloud, [...topup, "--yes"], { columns: 30, env: quick })
      assert.strictEqual(yield* terminal.ended, 0)
      const bars = terminal.lines().filter((line) => line.startsWith("gpu  █"))
      assert.isNotEmpty(bars)
      for (const line of bars) assert.isBelow(stringWidth(line), 30, line)
    })
  )
})

describe("other people's names", () => {
  it.live("steer no terminal, in no format and through no pipe", () =>
    Effect.gen(function* () {
      const remarkName = "\u001b[2Jgone\u202e"
      const cloud = yield* world({ gpu: { members: [{ virtualCompanyId: 60001, remarkName }] } })
      for (const format of [[], ["--csv"], ["--json"], ["--ndjson"]]) {
        const terminal = yield* Terminal.open(cloud, ["members", "list", "-a", "gpu", ...format])
        assert.strictEqual(yield* terminal.ended, 0)
        yield* terminal.see("gone")
        assert.notInclude(terminal.written(), "\u001b[2J")
        assert.notInclude(terminal.written(), "\u202e")
      }
      const piped = yield* Effect.promise(() => cloud.run(["members", "list", "-a", "gpu", "--csv"]))
      assert.include(piped.stdout, String.raw`\u001b[2Jgone\u202e`)
    })
  )
})

describe("colours", () => {
  it.live("are there on a terminal, and not against NO_COLOR", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      const refused = [...topup, "--preview", "--cap", "1CNY"]
      const coloured = yield* Terminal.open(cloud, refused)
      assert.strictEqual(yield* coloured.ended, 1)
      assert.include(coloured.written(), "\u001b[31m")
      const plain = yield* Terminal.open(cloud, refused, { env: { NO_COLOR: "1" } })
      assert.strictEqual(yield* plain.ended, 1)
      assert.notInclude(plain.written(), "\u001b[31m")
      assert.notInclude(plain.written(), "\u001b[1m")
    })
  )
})

describe("Ctrl-C at a terminal", () => {
  const patient = { CLOUD_QUOTA_SETTLEMENT: "600s" }

  it.live("once: waits for the answer; twice: leaves; and going on pays nobody twice", () =>
    Effect.gen(function* () {
      const cloud = yield* three
      yield* vouched(cloud)
      const late = yield* hold(cloud)
      const first = yield* Terminal.open(cloud, topup, { env: quick })
      yield* first.see("Go ahead? [y/N]")
      yield* first.type(`y${enter}`)
      yield* first.until(late.arrived)
      yield* first.type(ctrlC)
      yield* first.see("stopping when allowance of 60001")
      yield* first.type(ctrlC)
      assert.strictEqual(yield* first.ended, 4)
      yield* first.see("left at once. Open: allowance of 60001")

      // While it may still take effect, going on waits.
      const waiting = yield* Terminal.open(cloud, [...topup, "--yes"], { env: patient, columns: 70 })
      yield* waiting.see("waiting, ")
      yield* waiting.type(ctrlC)
      assert.strictEqual(yield* waiting.ended, 130, waiting.written())
      yield* waiting.see("Stopped after 0 of 3 members")
      late.release()

      const answered = yield* hold(cloud)
      const second = yield* Terminal.open(cloud, [...topup, "--yes"], { env: quick, columns: 70 })
      yield* second.until(answered.arrived)
      yield* second.type(ctrlC)
      yield* second.see("stopping when allowance of 60002")
      answered.release()
      assert.strictEqual(yield* second.ended, 130, second.written())
      yield* second.see("Stopped after 2 of 3 members")

      // Asked about again, as whoever was stopped would do it.
      yield* cloud.gpu.inject({ operation: setAmount, fault: { _tag: "drop-after" } })
      const third = yield* Terminal.open(cloud, [...topup, "--settle", "defer", "--yes"], { env: quick })
      assert.strictEqual(yield* third.ended, 4)
      const fourth = yield* Terminal.open(cloud, topup, { env: quick })
      assert.strictEqual(yield* fourth.ended, 0, fourth.written())
      yield* fourth.see("gpu: 3 already done")
      const ledger = yield* cloud.gpu.ledger
      assert.deepStrictEqual(
        ledger.map(({ amountFen, member }) => [member, amountFen]),
        [60001, 60002, 60003].map((member) => [member, 40_000n])
      )
    })
  )
})
