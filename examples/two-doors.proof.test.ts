/**
 * The examples of docs/two-doors.md, run as they stand there: both forms of each say the same.
 */
import { assert, describe, it } from "@effect/vitest"
import { emulate as emulateGpu } from "@cloud-quota/compshare/promise"
import { emulate as emulateStudio } from "@cloud-quota/metastudio/promise"
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const root = fileURLToPath(new URL("..", import.meta.url))
const text = readFileSync(join(root, "docs", "two-doors.md"), "utf8")

/** The sections with their examples, and the configuration that is shown. */
const sections = text
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    title: section.slice(0, section.indexOf("\n")),
    scripts: Array.from(section.matchAll(/```ts\n([\s\S]*?)```/g), ([, script = ""]) => script)
  }))
const [, configuration = ""] = /```yaml\n([\s\S]*?)```/.exec(text) ?? []

/** Sections in which the second form finds what the first one has done. */
const prints: Readonly<Record<string, RegExp>> = {
  "Who is low on quota": /^60001 allowance 700\.00 CNY\n[\s\S]*voice-clones-advance/,
  "Topping everybody up": /^60001 Applied\n60003 Applied\n60005 Applied\n$/,
  "Last month's orders": /^order-\S+ 2026-10-\S+Z [\d.]+ CNY\n[\s\S]*agrees\n$/,
  "Giving up": /^0\n$/,
  "When something fails": /^NotFound not-moved compshare\/gpu quotas\.get: .*999999\n$/,
  "Trying it without a cloud": /^3\n$/
}

describe("docs/two-doors.md", () => {
  it("has two forms of each example", () => {
    assert.deepStrictEqual(
      sections.map(({ scripts, title }) => [title, scripts.length]),
      Object.keys(prints).map((title) => [title, 2])
    )
  })

  it.each(sections)("$title", { timeout: 240_000 }, async ({ scripts, title }) => {
    await using gpu = await emulateGpu({ size: 5 })
    await using studio = await emulateStudio({ size: 4 })
    // Inside the repository, where the packages are found by name.
    const folder = mkdtempSync(join(root, "examples", "pasted-"))
    try {
      const [first, second] = [gpu, studio].map(({ origin }) => origin)
      writeFileSync(
        join(folder, "cloud-quota.yaml"),
        configuration
          .replace("team: 1001", `team: 1001, endpoint: "${first}"`)
          .replace("region: cn-north-4", `endpoint: "${second}", iamEndpoint: "${second}"`)
      )
      const said: Array<string> = []
      for (const [index, script] of scripts.entries()) {
        const file = join(folder, `${index}.ts`)
        writeFileSync(file, script)
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ["--conditions=@cloud-quota/source", "--disable-warning=ExperimentalWarning", file],
          {
            cwd: folder,
            env: {
              PATH: process.env["PATH"],
              HOME: folder,
              CLOUD_QUOTA_CONFIG: join(folder, "cloud-quota.yaml"),
              ...gpu.environment,
              ...studio.environment
            }
          }
        )
        said.push(stdout)
      }
      assert.match(said[0] ?? "", prints[title] ?? /^$/)
      // What the first form has changed is no change for the second one, which is another process.
      const again: Readonly<Record<string, string>> = {
        "Topping everybody up": said[0]?.replaceAll("Applied", "NoChange") ?? ""
      }
      assert.strictEqual(said[1], again[title] ?? said[0])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
