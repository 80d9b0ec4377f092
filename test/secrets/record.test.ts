/**
 * The recorder is part of every test run, and would be deaf in silence if what it listens to were elsewhere
 * one day. So there is a process that leaks on purpose.
 */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { find } from "./Leaks.ts"
import { optionsFor, read } from "./Recording.ts"

const leaky = fileURLToPath(new URL("fixtures/leaky.ts", import.meta.url))

describe("a process that is recorded", () => {
  it("is heard in every way in which it can say a secret", () => {
    const folder = mkdtempSync(join(tmpdir(), "cloud-quota-leaky-"))
    try {
      const { status, stderr, stdout } = spawnSync(
        process.execPath,
        ["--conditions=@cloud-quota/source", leaky],
        // Its own recording: in that of this run, it would make the run fail.
        { env: { ...process.env, NODE_OPTIONS: optionsFor(folder) }, encoding: "utf8" }
      )
      assert.strictEqual(status, 0, stderr)
      const { said, secrets } = read(folder)
      const waysOf = (secret: string) => [...new Set(find(said, [secret]).map(({ kind }) => kind))].sort()
      const ways = [...secrets]
        .filter((secret) => secret.startsWith("secret-of-"))
        .map((secret) => [secret.replace("secret-of-", ""), waysOf(secret)])
      assert.deepStrictEqual(Object.fromEntries(ways), {
        failure: ["error"],
        defect: ["error"],
        span: ["span"],
        event: ["log", "output", "span"],
        log: ["log"],
        sqlite: ["journal"],
        exec: ["journal"],
        postgres: ["journal"],
        collector: ["span"],
        stdout: ["output"],
        stderr: ["output"],
        child: ["output"],
        unsaid: []
      })

      const [signature, authorization, token, fingerprint] = stdout.trim().split("\n").slice(-4)
      for (const secret of [signature, authorization, token]) {
        assert.isTrue(secrets.has(secret ?? "none"), secret)
      }
      assert.isFalse(secrets.has(fingerprint ?? ""))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
