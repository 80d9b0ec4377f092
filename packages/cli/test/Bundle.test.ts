/**
 * The files that are published, in a folder where there is nothing else.
 */
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { spawn } from "node:child_process"
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type OutputOptions, build } from "rolldown"
import config from "../rolldown.config.ts"
import * as Cli from "./support/Cli.ts"

class Bundle extends Context.Service<
  Bundle,
  {
    readonly world: Cli.World
    readonly dir: string
    readonly run: (
      args: ReadonlyArray<string>,
      env?: Readonly<Record<string, string>>
    ) => Effect.Effect<Cli.Ended>
  }
>()("test/Bundle") {}

const bundle = Layer.effect(
  Bundle,
  Effect.gen(function* () {
    const world = yield* Cli.world()
    const dir = join(world.folder, "published")
    const output: OutputOptions = { ...(Array.isArray(config.output) ? {} : config.output), dir }
    const cwd = fileURLToPath(new URL("..", import.meta.url))
    yield* Effect.promise(() => build({ ...config, cwd, output, logLevel: "silent" }))
    const run = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
      Effect.promise(
        () =>
          Cli.watch(
            spawn(process.execPath, [join(dir, "cloud-quota.mjs"), ...args], {
              cwd: world.folder,
              env: { ...world.environment, ...env }
            })
          ).ended
      )
    return { world, dir, run }
  })
)

/** As a user has it, who names no other cache. */
const cachesIn = (folder: string) => ({ NODE_COMPILE_CACHE: "", XDG_CACHE_HOME: folder })

layer(bundle, { excludeTestServices: true })("the bundle", (it) => {
  it.effect("stands alone, reads from Postgres, and brings the licences of what is in it", () =>
    Effect.gen(function* () {
      const { dir, run } = yield* Bundle
      const version = yield* run(["--version"])
      assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/, version.stderr)
      const quotas = yield* run(["quota", "list", "--ndjson"])
      assert.strictEqual(quotas.code, 0, quotas.stderr)
      // Its driver is loaded late, and has to be there all the same.
      const journal = yield* run(["journal", "list"], { CLOUD_QUOTA_JOURNAL: "postgres://127.0.0.1:1/none" })
      assert.strictEqual(journal.code, 1)
      assert.match(journal.stderr, /Postgres.*no connection/)

      assert.match(readFileSync(join(dir, "cloud-quota.mjs"), "utf8"), /^#!\/usr\/bin\/env node\n/)
      const licences = readFileSync(join(dir, "THIRD-PARTY.txt"), "utf8")
      for (const name of ["effect", "undici", "yaml", "string-width"]) {
        assert.match(licences, new RegExp(`^${name}@[\\d.]+ \\(\\w+`, "m"))
      }
    })
  )

  it.effect("answers --version alone as the parser does elsewhere, without its other parts", () =>
    Effect.gen(function* () {
      const { dir, run } = yield* Bundle
      const parsed = yield* run(["quota", "--version"])
      const [program = "", hidden = ""] = ["program.mjs", "hidden.mjs"].map((name) =>
        join(dir, "parts", name)
      )
      renameSync(program, hidden)
      const version = yield* run(["--version"])
      const help = yield* run(["--help"])
      renameSync(hidden, program)
      assert.strictEqual(version.stdout, parsed.stdout)
      assert.strictEqual(version.code, 0)
      assert.notStrictEqual(help.code, 0)
    })
  )

  it.effect("keeps compiled code in a folder of the user's own", () =>
    Effect.gen(function* () {
      const { run, world } = yield* Bundle
      const folder = join(world.folder, "caches")
      const ended = yield* run(["accounts"], cachesIn(folder))
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.isNotEmpty(readdirSync(join(folder, "cloud-quota")))
    })
  )

  it.effect("neither reads nor writes compiled code in a folder that others may write to", () =>
    Effect.gen(function* () {
      const { run, world } = yield* Bundle
      const cache = join(world.folder, "shared", "cloud-quota")
      mkdirSync(cache, { recursive: true })
      chmodSync(cache, 0o777)
      const ended = yield* run(["accounts"], cachesIn(join(world.folder, "shared")))
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.isEmpty(readdirSync(cache))
    })
  )

  it.effect("works where compiled code cannot be kept", () =>
    Effect.gen(function* () {
      const { run, world } = yield* Bundle
      const file = join(world.folder, "no-folder")
      writeFileSync(file, "")
      const ended = yield* run(["accounts"], cachesIn(file))
      assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
    })
  )
})
