/**
 * The one file that is published, in a folder where there is nothing else.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type OutputOptions, build } from "rolldown"
import config from "../rolldown.config.ts"
import * as Cli from "./support/Cli.ts"

describe("the bundle", () => {
  it.live("stands alone, reads from Postgres, and brings the licences of what is in it", () =>
    Effect.gen(function* () {
      const world = yield* Cli.world()
      const dir = join(world.folder, "published")
      const output: OutputOptions = { ...(Array.isArray(config.output) ? {} : config.output), dir }
      const cwd = fileURLToPath(new URL("..", import.meta.url))
      yield* Effect.promise(() => build({ ...config, cwd, output, logLevel: "silent" }))
      const file = join(dir, "cloud-quota.mjs")
      const run = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
        Effect.promise(
          () =>
            Cli.watch(
              spawn(process.execPath, [file, ...args], {
                cwd: world.folder,
                env: { ...world.environment, ...env }
              })
            ).ended
        )

      const version = yield* run(["--version"])
      assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/, version.stderr)
      const quotas = yield* run(["quota", "list", "--ndjson"])
      assert.strictEqual(quotas.code, 0, quotas.stderr)
      // Its driver is loaded late, and has to be in the file all the same.
      const journal = yield* run(["journal", "list"], { CLOUD_QUOTA_JOURNAL: "postgres://127.0.0.1:1/none" })
      assert.strictEqual(journal.code, 1)
      assert.match(journal.stderr, /Postgres.*no connection/)

      assert.match(readFileSync(file, "utf8"), /^#!\/usr\/bin\/env node\n/)
      const licences = readFileSync(join(dir, "THIRD-PARTY.txt"), "utf8")
      for (const name of ["effect", "undici", "yaml", "string-width"]) {
        assert.match(licences, new RegExp(`^${name}@[\\d.]+ \\(\\w+`, "m"))
      }
    })
  )
})
