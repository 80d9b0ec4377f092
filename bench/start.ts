/** The start of processes, built as they are published: the command, and imports of the packages. */
import { type ExecFileSyncOptions, execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { privateKey, publicKey } from "./clients/keys.ts"
import { atExit } from "./frame/cleanUp.ts"
import type { Measured } from "./frame/rows.ts"
import { difference, ratio } from "./frame/samples.ts"
import { serve } from "./frame/serve.ts"
import type { targets } from "./targets.ts"

const rounds = 9

const root = fileURLToPath(new URL("..", import.meta.url))
const cli = join(root, "packages/cli")

const build = (): void => {
  const options: Pick<ExecFileSyncOptions, "stdio"> = { stdio: ["ignore", "ignore", "inherit"] }
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-b"], { cwd: root, ...options })
  const rolldown = join(root, "node_modules/.bin/rolldown")
  execFileSync(rolldown, ["--config", "rolldown.config.ts", "--log-level", "silent"], {
    cwd: cli,
    ...options
  })
}

/** Milliseconds of one process. */
interface Taken {
  readonly wall: number
  readonly cpu: number
}

/** Runs Node, and returns the time that it took. Throws if it fails. */
const start = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): Taken => {
  const timed = `TIMEFORMAT='%R %U %S'; time "$@" >/dev/null`
  const said = execFileSync("bash", ["-c", `{ ${timed}; } 2>&1`, "bash", process.execPath, ...args], {
    cwd: root,
    env,
    encoding: "utf8"
  })
  const [wall = 0, user = 0, system = 0] = said.trim().split(/\s+/).map(Number)
  return { wall: wall * 1000, cpu: (user + system) * 1000 }
}

const importing = (...names: ReadonlyArray<string>): ReadonlyArray<string> => [
  "--input-type=module",
  "-e",
  names.map((name) => `await import("${name}")`).join("; ")
]

export const run = async (): Promise<Measured<typeof targets.start>> => {
  build()
  await using server = await serve("clouds", { members: 100 })
  const directory = mkdtempSync(join(tmpdir(), "cloud-quota-bench-"))
  atExit(() => rmSync(directory, { recursive: true, force: true }))
  const config = join(directory, "cloud-quota.yaml")
  writeFileSync(
    config,
    `accounts:\n  gpu: { provider: compshare, team: 1001, endpoint: "${server.origin}" }\n`
  )
  const env = { ...process.env, COMPSHARE_PUBLIC_KEY: publicKey, COMPSHARE_PRIVATE_KEY: privateKey }
  const command = join(cli, "dist/cloud-quota.mjs")
  const programs = {
    node: ["-e", "0"],
    version: [command, "--version"],
    list: [command, "quota", "list", "--config", config],
    effect: importing("effect/Effect", "effect/Layer", "effect/Stream", "effect/Schema"),
    coreSubpath: importing("@cloud-quota/core/Account"),
    adapterSubpath: importing("@cloud-quota/compshare/CompShare"),
    core: importing("@cloud-quota/core"),
    compshare: importing("@cloud-quota/compshare"),
    metastudio: importing("@cloud-quota/metastudio"),
    promise: importing(
      "@cloud-quota/core/promise",
      "@cloud-quota/compshare/promise",
      "@cloud-quota/metastudio/promise"
    )
  }
  const taken = new Map(Object.keys(programs).map((name) => [name, [] as Taken[]]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, args] of Object.entries(programs)) {
      const one = start(args, env)
      // The first round fills the caches of the disk.
      if (round > 0) taken.get(name)?.push(one)
    }
  }
  const cpu = (name: keyof typeof programs) => (taken.get(name) ?? []).map((one) => one.cpu)
  const wall = (name: keyof typeof programs) => (taken.get(name) ?? []).map((one) => one.wall)
  const overEffect = (name: keyof typeof programs) => difference(cpu(name), cpu("effect"))
  return {
    version: ratio(cpu("version"), cpu("node")),
    versionWall: ratio(wall("version"), wall("node")),
    list: ratio(cpu("list"), cpu("node")),
    listWall: ratio(wall("list"), wall("node")),
    effect: difference(cpu("effect"), cpu("node")),
    coreSubpath: overEffect("coreSubpath"),
    adapterSubpath: overEffect("adapterSubpath"),
    core: overEffect("core"),
    compshare: overEffect("compshare"),
    metastudio: overEffect("metastudio"),
    promise: overEffect("promise")
  }
}
