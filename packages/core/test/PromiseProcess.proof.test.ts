/**
 * Scripts of users, in projects of their own, as processes of their own.
 */
import { assert, describe, it } from "@effect/vitest"
import { emulate } from "@cloud-quota/compshare/promise"
import type { Emulated } from "@cloud-quota/core/promise"
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../..", import.meta.url))

/** Where each package is that a project may have installed. */
const places: Readonly<Record<string, string>> = {
  "@cloud-quota/core": join(root, "packages/core"),
  "@cloud-quota/compshare": join(root, "packages/compshare"),
  effect: join(root, "node_modules/effect")
}

interface Run {
  readonly files?: Readonly<Record<string, string>>
  readonly packages?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  /** Whether core is in the folder itself, from where no other package of the workspace is seen. */
  readonly alone?: boolean
  /** `main.mjs` by default. */
  readonly name?: string
}

interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a script in an empty folder that has these files and packages. It is killed if it does not end. */
const run = async (script: string, given: Run = {}): Promise<Said> => {
  const folder = mkdtempSync(join(tmpdir(), "cloud-quota-script-"))
  const { alone = false, env = {}, files = {}, name = "main.mjs" } = given
  try {
    for (const [path, text] of Object.entries({ ...files, [name]: script })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const core = join(folder, "core")
    if (alone) {
      cpSync(join(root, "packages/core/src"), join(core, "src"), { recursive: true })
      cpSync(join(root, "packages/core/package.json"), join(core, "package.json"))
      symlinkSync(join(root, "packages/core/node_modules"), join(core, "node_modules"))
    }
    const installed = alone ? { "@cloud-quota/core": core } : places
    for (const [each, place] of Object.entries(installed)) {
      const link = join(folder, "node_modules", each)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(place, link)
    }
    return await new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ["--conditions=@cloud-quota/source", "--disable-warning=ExperimentalWarning", name],
        { cwd: folder, env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env }, timeout: 180_000 },
        (_error, out, err) => resolve({ code: child.exitCode, out, err })
      )
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const keysOf = ({ environment }: Emulated) => {
  const { COMPSHARE_PRIVATE_KEY = "", COMPSHARE_PUBLIC_KEY = "" } = environment
  return { COMPSHARE_PRIVATE_KEY, COMPSHARE_PUBLIC_KEY }
}

const configOf = ({ origin }: Emulated, rest = "") =>
  `accounts:\n  gpu: { provider: compshare, team: 1001, endpoint: "${origin}" }\n${rest}`

const listing = `
import { connect } from "@cloud-quota/core/promise"
await using cloud = await connect()
for (const { name, provider } of cloud.accounts) console.log(name, provider)
let count = 0
for await (const quota of cloud.quotas()) count += quota.available === undefined ? 0 : 1
console.log(count)
`

describe("a script", () => {
  it("finds its configuration, and the adapter that it names", async () => {
    await using emulator = await emulate({ size: 5 })
    const people = "people: { ada@example.com: { gpu: 60001 } }\n"
    const files = { "cloud-quota.yaml": configOf(emulator, people) }
    const trusting = `
import { ConfigTrust } from "@cloud-quota/core"
import { Effect } from "effect"
await Effect.runPromise(ConfigTrust.add("cloud-quota.yaml"))
`
    const said = await run(
      `${trusting}${listing}console.log((await cloud.account("gpu").quotas.get("ada@example.com"))[0].member)`,
      { files, env: keysOf(emulator) }
    )
    assert.deepStrictEqual(said, { code: 0, out: "gpu compshare\n3\n60001\n", err: "" })
  })

  it("sends nothing to where a configuration leads that was found and is not trusted", async () => {
    await using emulator = await emulate({ size: 5 })
    const { code, err } = await run(listing, {
      files: { "cloud-quota.yaml": configOf(emulator) },
      env: keysOf(emulator)
    })
    assert.strictEqual(code, 1)
    assert.match(err, /accounts\.gpu\.endpoint: is not a host of the vendor; .*cloud-quota trust/)
  })

  it("has its own adapters before those that lie beside a configuration", async () => {
    await using emulator = await emulate({ size: 5 })
    const files = {
      "elsewhere/team.yaml": configOf(emulator),
      "elsewhere/node_modules/@cloud-quota/compshare/package.json": '{ "exports": "./index.mjs" }',
      "elsewhere/node_modules/@cloud-quota/compshare/index.mjs": 'console.log("planted")'
    }
    const script = listing.replace("connect()", 'connect({ config: "elsewhere/team.yaml" })')
    const said = await run(script, { files, env: keysOf(emulator) })
    assert.deepStrictEqual(said, { code: 0, out: "gpu compshare\n3\n", err: "" })
  })

  it.skipIf(process.platform === "win32")("runs no adapter from a folder that others can write", async () => {
    const planted = "elsewhere/node_modules/@cloud-quota/acme"
    const files = {
      "elsewhere/team.yaml": "accounts:\n  mine: { provider: acme }\n",
      [`${planted}/package.json`]: '{ "exports": "./index.mjs" }',
      [`${planted}/index.mjs`]: 'console.log("acme was run")'
    }
    const opened = (folder: string, mode: number) => `
import { chmodSync } from "node:fs"
import { connect } from "@cloud-quota/core/promise"
chmodSync("${folder}", ${mode})
await connect({ config: "elsewhere/team.yaml" })
`
    for (const folder of ["elsewhere", "elsewhere/node_modules", planted, `${planted}/index.mjs`]) {
      const { code, err, out } = await run(opened(folder, 0o777), { files })
      assert.deepStrictEqual([code, out], [1, ""], err)
      assert.match(err, /@cloud-quota\/acme was found in .*elsewhere.*, which another user owns or can write/)
    }
    assert.match((await run(opened("elsewhere", 0o755), { files })).out, /acme was run/)
    // Others can write into it, and cannot replace what is ours.
    assert.match((await run(opened("elsewhere", 0o1777), { files })).out, /acme was run/)
  })

  it("names its configuration", async () => {
    await using emulator = await emulate({ size: 5 })
    const files = { "sub/team.yaml": configOf(emulator) }
    const script = listing.replace("connect()", 'connect({ config: "sub/team.yaml" })')
    const said = await run(script, { files, env: keysOf(emulator) })
    assert.deepStrictEqual(said, { code: 0, out: "gpu compshare\n3\n", err: "" })
  })

  it("needs no configuration where the environment has an account", async () => {
    await using emulator = await emulate({ size: 5 })
    const said = await run(listing, { env: emulator.environment })
    assert.deepStrictEqual(said, { code: 0, out: "compshare compshare\n3\n", err: "" })
  })

  it("is told everything that is wrong with its configuration, and where", async () => {
    const files = {
      "cloud-quota.yaml":
        "accounts:\n  gpu: { provider: compshare, tema: 1001 }\n  other: { provider: compshar }\nzone: Mars\n"
    }
    const script = `
import { ConfigError, connect } from "@cloud-quota/core/promise"
const error = await connect().catch((error) => error)
console.log(error instanceof ConfigError, error.issues.map(({ field, file, line }) => file + ":" + line + " " + field))
throw error
`
    const { code, err, out } = await run(script, { files })
    assert.strictEqual(code, 1)
    assert.match(out, /^true/)
    for (const place of [
      "cloud-quota.yaml:2 accounts.gpu.tema",
      "cloud-quota.yaml:3 accounts.other.provider"
    ]) {
      assert.include(out, place)
    }
    assert.match(err, /ConfigError: cloud-quota.yaml:2:\d+ accounts\.gpu/)
    assert.match(err, /did you mean compshare\?/)
    assert.match(err, /at .*main\.mjs:3/)
    assert.notMatch(err, /effect|Fiber|_tag/)
  })

  it("is told which account has no keys", async () => {
    await using emulator = await emulate({ size: 1 })
    const files = { "cloud-quota.yaml": configOf(emulator) }
    const { code, err } = await run(listing, { files, env: { CLOUD_QUOTA_CONFIG: "cloud-quota.yaml" } })
    assert.strictEqual(code, 1)
    assert.match(err, /CloudQuotaError: compshare\/gpu .*COMPSHARE_PUBLIC_KEY/)
    assert.match(err, /reason: 'Unauthenticated'/)
  })

  it("is told what to install", async () => {
    await using emulator = await emulate({ size: 1 })
    const files = { "cloud-quota.yaml": configOf(emulator) }
    const named = await run(listing, { files, alone: true })
    assert.match(named.err, /needs @cloud-quota\/compshare, .*: npm install @cloud-quota\/compshare$/m)
    const none = await run(listing, { alone: true })
    assert.match(none.err, /npm install @cloud-quota\/compshare @cloud-quota\/metastudio$/m)
  })

  it("may have an adapter of its own", async () => {
    const files = {
      "cloud-quota.yaml": "accounts:\n  mine: { provider: acme }\n",
      "node_modules/@cloud-quota/acme/package.json":
        '{ "name": "@cloud-quota/acme", "exports": "./index.mjs" }',
      "node_modules/@cloud-quota/acme/index.mjs": `
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
export const AcmeProvider = {
  provider: {
    id: "acme",
    title: "Acme",
    jsonSchema: {},
    configure: () => Result.fail([{ path: [], message: "acme was asked" }]),
    discover: Effect.succeed(undefined)
  }
}
`
    }
    assert.match((await run(listing, { files })).err, /accounts\.mine: acme was asked/)
  })

  it("ends by itself, whether or not it closes its cloud", async () => {
    await using emulator = await emulate({ size: 5 })
    const script = (end: string) => `
import { connect } from "@cloud-quota/core/promise"
const cloud = await connect()
const spec = { allowance: { topUpTo: "2000 CNY" } }
const { members, quotas } = cloud.account("compshare")
const report = await quotas.change(members.list({ status: "active" }), spec, { run: "a" })
console.log(report.exitCode)
for await (const member of members.list()) break
${end}
`
    for (const end of ["await cloud.close()", "", "cloud.members()[Symbol.asyncIterator]().next()"]) {
      const said = await run(script(end), { env: emulator.environment })
      assert.deepStrictEqual(said, { code: 0, out: "0\n", err: "" })
    }
  })

  it("shares the journal of the environment, unless it chooses one", async () => {
    const script = `
import { emulate } from "@cloud-quota/compshare/promise"
import { connect } from "@cloud-quota/core/promise"
import { existsSync } from "node:fs"
const emulator = await emulate({ size: 3 })
for (const choice of [{ journal: { sqlite: "./own" } }, {}]) {
  const cloud = await connect({ accounts: { gpu: emulator.account }, ...choice })
  await cloud.account("gpu").changes.baseline()
  await cloud.close()
  console.log(existsSync("own/journal.sqlite"), existsSync("shared/journal.sqlite"))
}
await emulator.close()
`
    const shared = await run(script, { env: { CLOUD_QUOTA_JOURNAL: "./shared" } })
    assert.deepStrictEqual(shared, { code: 0, out: "true false\ntrue true\n", err: "" })
    const empty = await run(script, { env: { CLOUD_QUOTA_JOURNAL: "" } })
    assert.match(empty.err, /CLOUD_QUOTA_JOURNAL: is empty/)
    const { code, err } = await run(script, { env: { CLOUD_QUOTA_JOURNAL: "mysql://there" } })
    assert.strictEqual(code, 1)
    assert.match(err, /CLOUD_QUOTA_JOURNAL: is of no kind that is known/)
  })

  it("may be CommonJS", async () => {
    const script = `
const { connect } = require("@cloud-quota/core/promise")
const { emulate } = require("@cloud-quota/compshare/promise")
const main = async () => {
  const emulator = await emulate({ size: 3 })
  const cloud = await connect({ accounts: { gpu: emulator.account } })
  console.log((await cloud.account("gpu").members.list().toArray()).length > 0)
  await cloud.close()
  await emulator.close()
}
main()
`
    assert.deepStrictEqual(await run(script, { name: "main.cjs" }), { code: 0, out: "true\n", err: "" })
  })

  it("keeps warnings out of its output", async () => {
    await using emulator = await emulate({ size: 5 })
    const { out, err } = await run(listing, {
      env: { ...emulator.environment, COMPSHARE_PROFILE: "team" }
    })
    assert.strictEqual(out, "compshare compshare\n3\n")
    assert.match(
      err,
      /CloudQuotaWarning: compshare .*COMPSHARE_PROFILE|CloudQuotaWarning: compshare .*profile/
    )
  })
})
