/**
 * The journal, read by the real command after the library wrote it.
 */
import { assert, describe, it } from "@effect/vitest"
import { CompShare } from "@cloud-quota/compshare"
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import { Account, Settlement, SqliteJournal } from "@cloud-quota/core"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { join } from "node:path"
import * as Cli from "./support/Cli.ts"
import * as Csv from "./support/Csv.ts"

/** A settlement that fits an emulator, whose readings are never old. */
const quick: Settlement.Timings = {
  ...Settlement.defaults,
  own: Duration.millis(200),
  readLag: Duration.zero
}

/** A world in which a run was carried out. */
const changed = Effect.gen(function* () {
  const world = yield* Cli.world()
  yield* Effect.gen(function* () {
    const { changes, quotas } = yield* Account.Account
    yield* changes.baseline()
    const spec = { allowance: { adjust: "12.50 CNY" } }
    const report = yield* quotas.change(["60001", "60003"], spec, { run: "bonus/2026-11" })
    assert.deepStrictEqual(
      report.results.map(({ outcome }) => outcome._tag),
      ["Applied", "Applied"]
    )
  }).pipe(
    Effect.provide(
      CompShare.layer({
        endpoint: world.origins.gpu,
        teamId: 1001,
        publicKey: CompShareEmulator.publicKey,
        privateKey: Redacted.make(CompShareEmulator.privateKey)
      })
    ),
    Effect.provide(SqliteJournal.layer({ directory: join(world.folder, "journal") })),
    Effect.provideService(Settlement.Settlement, quick)
  )
  return world
})

describe("journal", () => {
  it.live("lists changes, shows their steps, and exports all of it", () =>
    Effect.gen(function* () {
      const world = yield* changed
      const run = (...args: ReadonlyArray<string>) => Effect.promise(() => world.run(["journal", ...args]))

      const listed = yield* run("list", "--json")
      assert.strictEqual(listed.code, 0, listed.stderr)
      const rows: ReadonlyArray<Record<string, unknown>> = JSON.parse(listed.stdout)
      assert.deepStrictEqual(
        rows.map(({ account, delta, member, person, run, state }) => ({
          account,
          delta,
          member,
          person,
          run,
          state
        })),
        [
          {
            account: "gpu",
            run: "bonus/2026-11",
            member: "60001",
            person: "ada@example.com",
            delta: { unit: "CNY", amount: "12.50" },
            state: "applied"
          },
          {
            account: "gpu",
            run: "bonus/2026-11",
            member: "60003",
            person: null,
            delta: { unit: "CNY", amount: "12.50" },
            state: "applied"
          }
        ]
      )
      const csv = yield* run("list", "--csv")
      assert.deepStrictEqual(
        Csv.parse(csv.stdout).map(({ id }) => id),
        rows.map(({ id }) => id)
      )
      const table = yield* run("list")
      assert.match(table.stdout, /12\.50 CNY +applied/)

      for (const args of [
        ["--member", "ADA@example.com"],
        ["--member", "60001"]
      ]) {
        const some: ReadonlyArray<unknown> = JSON.parse((yield* run("list", "--json", ...args)).stdout)
        assert.deepStrictEqual(some, [rows[0]])
      }
      for (const args of [
        ["--run", "other"],
        ["--state", "conflict"],
        ["-a", "studio"]
      ]) {
        assert.deepStrictEqual(JSON.parse((yield* run("list", "--json", ...args)).stdout), [])
      }

      const id = String(rows[0]?.["id"])
      const steps = yield* run("show", id, "--json")
      const states: ReadonlyArray<Record<string, unknown>> = JSON.parse(steps.stdout)
      assert.deepStrictEqual(
        states.map(({ from, to }) => [from, to]),
        [
          [null, "sending"],
          ["sending", "applied"]
        ]
      )
      assert.match(steps.stderr, /^gpu: adjust 12\.50 CNY, run bonus\/2026-11/)
      const missing = yield* run("show", "nothing")
      assert.strictEqual(missing.code, 1)
      assert.match(missing.stderr, /next: cloud-quota journal list/)

      const exported = yield* run("export")
      const lines = exported.stdout
        .trim()
        .split("\n")
        .map((line): unknown => JSON.parse(line).kind)
      assert.deepStrictEqual(lines, ["intent", "intent", "step", "step", "step", "step"])
      assert.notInclude(exported.stdout, CompShareEmulator.privateKey)
      assert.strictEqual((yield* run("export", "-a", "studio")).stdout, "")
    })
  )

  it.live("can be read without the keys of its accounts", () =>
    Effect.gen(function* () {
      const world = yield* changed
      const env = { COMPSHARE_PRIVATE_KEY: undefined, COMPSHARE_PUBLIC_KEY: undefined }
      const { code, stdout } = yield* Effect.promise(() => world.run(["journal", "list", "--json"], { env }))
      assert.strictEqual(code, 0)
      assert.strictEqual(JSON.parse(stdout)[0].account, "compshare/1001")
    })
  )
})
