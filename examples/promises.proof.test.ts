/**
 * The scripts in the Promise form, run as their readers would: as processes, over a `cloud-quota.yaml`, here of
 * two emulated clouds.
 */
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { clouds } from "./fixtures/clouds.ts"

const timeout = 300_000

interface Ended {
  readonly code: number | null
  readonly lines: ReadonlyArray<string>
  readonly complaints: string
}

/** The clouds, a folder with a configuration of both, and a way to run a script there. */
const project = Effect.gen(function* () {
  const { gpu, origins, studio } = yield* clouds
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "cloud-quota-promises-"))),
    (made) => Effect.sync(() => rmSync(made, { recursive: true }))
  )
  const config = {
    accounts: {
      gpu: { provider: "compshare", team: 1001, endpoint: origins.gpu },
      studio: {
        provider: "metastudio",
        project: MetaStudioEmulator.defaults.projectId,
        endpoint: origins.studio,
        iamEndpoint: origins.studio,
        bssEndpoint: origins.studio
      }
    },
    people: { "ada@example.com": { gpu: "60001", studio: "ada" } }
  }
  writeFileSync(join(folder, "cloud-quota.yaml"), JSON.stringify(config))
  const env = {
    HOME: folder,
    CLOUD_QUOTA_CONFIG: join(folder, "cloud-quota.yaml"),
    COMPSHARE_PUBLIC_KEY: CompShareEmulator.publicKey,
    COMPSHARE_PRIVATE_KEY: CompShareEmulator.privateKey,
    HUAWEICLOUD_SDK_AK: MetaStudioEmulator.defaults.accessKey,
    HUAWEICLOUD_SDK_SK: MetaStudioEmulator.defaults.secretKey
  }
  const run = (script: string, ...args: ReadonlyArray<string>) =>
    Effect.callback<Ended>((resume) => {
      const file = fileURLToPath(new URL(`promises/${script}.ts`, import.meta.url))
      const options = ["--conditions=@cloud-quota/source", file, ...args]
      const child = execFile(process.execPath, options, { cwd: folder, env }, (_error, said, complaints) => {
        const lines = said.split("\n").filter((line) => line !== "")
        resume(Effect.succeed({ code: child.exitCode, lines, complaints }))
      })
    })
  return { folder, gpu, run, studio }
})

/** What a script says that has nothing to complain about. */
const fine = ({ code, complaints, lines }: Ended) => {
  assert.strictEqual(complaints, "")
  assert.strictEqual(code, 0)
  return lines
}

describe("the scripts in promises", () => {
  it.live(
    "give a newcomer a first quota once, and say who is low",
    () =>
      Effect.gen(function* () {
        const { gpu, run, studio } = yield* project
        yield* gpu.spend(60001, 400_00n)
        fine(yield* run("onboard", "ada@example.com"))
        fine(yield* run("onboard", "ada@example.com"))
        const paid = (yield* gpu.ledger).map(({ amountFen, member }) => [member, amountFen])
        assert.deepStrictEqual(paid, [[60001, 100_00n]])
        assert.strictEqual((yield* studio.user("ada"))?.quota.video_time_2d_model, 60)

        yield* gpu.spend(60002, 150_00n)
        yield* studio.use("ada", "video_time_2d_model", 15)
        const low = fine(yield* run("low"))
        assert.lengthOf(low, 2, low.join("\n"))
        assert.match(low[0] ?? "", /60002.*50\.00 CNY/)
        assert.match(low[1] ?? "", /ada.*55 min/)

        const invited = yield* run("onboard", "cleo@example.com", "50003")
        assert.match(invited.lines[0] ?? "", /50003 is invited, and has to accept/)
        assert.match(invited.complaints, /cleo@example\.com/)
        assert.strictEqual(invited.code, 1)
      }),
    { timeout }
  )

  it.live(
    "top everybody up when told to, and before that only say so",
    () =>
      Effect.gen(function* () {
        const { gpu, run } = yield* project
        fine(yield* run("top-up", "2026-12"))
        assert.lengthOf(yield* gpu.ledger, 0)
        fine(yield* run("top-up", "2026-12", "--yes"))
        const paid = (yield* gpu.ledger).map(({ amountFen, member }) => [member, amountFen])
        assert.deepStrictEqual(paid, [[60002, 300_00n]])
      }),
    { timeout }
  )

  it.live(
    "may have a journal of their own beside the configuration",
    () =>
      Effect.gen(function* () {
        const { folder, run } = yield* project
        const { code, lines } = yield* run("../fixtures/journal-beside")
        assert.deepStrictEqual([code, lines], [0, ["1 changed; +5.00 CNY"]])
        assert.include(readdirSync(join(folder, "beside")), "journal.sqlite")
        assert.notInclude(readdirSync(folder), ".local")
      }),
    { timeout }
  )

  it.live(
    "take back what somebody has left, list last month's orders, and have nothing to review",
    () =>
      Effect.gen(function* () {
        const { gpu, run } = yield* project
        const left = fine(yield* run("offboard", "ada@example.com"))
        assert.lengthOf(left, 2)
        assert.strictEqual((yield* gpu.state).members[0]?.availableFen, 0n)

        const orders = fine(yield* run("orders"))
        for (const order of orders) assert.match(order, /^(gpu|studio)\t\d{4}-\d\d-\d\dT[\d:.]+Z\t\S+\t\w+\t/)
        assert.deepStrictEqual(fine(yield* run("review")), [])
      }),
    { timeout }
  )
})
