/**
 * The README's first script, run as its reader would run it.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

describe("README", () => {
  it("has a first script that works when pasted into a new file", { timeout: 60_000 }, () => {
    const [, script = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8")) ?? []
    // Inside the repository, as the README says: there the packages are found by name.
    const folder = mkdtempSync(join(root, "examples", "pasted-"))
    try {
      const file = join(folder, "first.ts")
      writeFileSync(file, script)
      const output = execFileSync(process.execPath, ["--conditions=@cloud-quota/source", file], {
        encoding: "utf8"
      })
      assert.match(output, /^Changed allowance of \d+ \(\+[\d.]+ CNY\)\./m)
      assert.match(output, /^\d+: 2000\.00 CNY of [\d.]+ CNY$/m)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
