/**
 * Modules that only some programs need are loaded on demand: the emulator, and undici.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import manifest from "../package.json" with { type: "json" }

const folder = fileURLToPath(new URL("..", import.meta.url))

/** The modules on demand that a program loads, in a process of its own. */
const loadedBy = async (program: string): Promise<ReadonlyArray<string>> => {
  const script = `
    import { registerHooks } from "node:module"
    const loaded = []
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context) } })
    ${program}
    console.log(JSON.stringify(loaded))`
  const args = ["--conditions=@cloud-quota/source", "--input-type=module", "--eval", script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder })
  const urls: ReadonlyArray<string> = JSON.parse(stdout)
  assert.isNotEmpty(urls)
  return urls.filter((url) => /\/src\/(emulator|testing)\/|\/node_modules\/undici\//.test(url))
}

const importOf = (entry: string) => `await import(${JSON.stringify(entry.replace(".", manifest.name))})`

describe("modules on demand", () => {
  it("are loaded by no entry but those for tests", async () => {
    const entries = Object.keys(manifest.exports).filter((entry) => entry !== "./package.json")
    const [forTests, others] = [
      entries.filter((entry) => entry.startsWith("./testing")),
      entries.filter((entry) => !entry.startsWith("./testing"))
    ]
    assert.deepStrictEqual(await loadedBy(others.map(importOf).join("\n")), [])
    for (const entry of forTests) assert.isNotEmpty(await loadedBy(importOf(entry)), entry)
  })

  it("are loaded when an emulator is started", async () => {
    const start = "await (await emulate({ size: 1 })).close()"
    const loaded = await loadedBy(`const { emulate } = ${importOf("./promise")}\n${start}`)
    assert.include(loaded.join(), "/MetaStudioEmulator.ts")
  })
})
