/**
 * What the documents tell to run, run as it stands there.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { globSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { command } from "../test/command/Command.ts"
import { blocksOf, inFolder, read, readmes, root, withoutComments } from "./support/documents.ts"

describe("README", () => {
  for (const file of [...readmes, ...globSync("packages/*/README.md", { cwd: root })]) {
    const script = blocksOf(read(file)).find(({ language }) => language === "ts")
    if (script === undefined) continue
    it(`${file} has a first script that works when pasted into a new file`, () =>
      // Inside the repository, as the README says: there the packages are found by name.
      inFolder(join(root, "examples"), async (folder) => {
        const first = join(folder, "first.ts")
        writeFileSync(first, script.code)
        const args = ["--conditions=@cloud-quota/source", first]
        const said = execFileSync(process.execPath, args, { encoding: "utf8" })
        assert.match(said, /^gpu \d+ allowance: [\d.]+ CNY of [\d.]+ CNY available$|^studio \w+ [\w-]+: /m)
        if (!readmes.includes(file)) return
        assert.match(said, /^Changed allowance of \d+ \(\+[\d.]+ CNY\)\. It is [\d.]+ CNY now\.$/m)
        assert.match(said, /^gpu \d+ allowance: 2000\.00 CNY of [\d.]+ CNY available$/m)
      }))
  }

  it("has commands that work one after the other", () =>
    inFolder(tmpdir(), async (folder) => {
      const [first = "", ...others] = blocksOf(read("README.md"))
        .filter(({ language }) => language === "sh")
        .flatMap(({ code }) => withoutComments(code).trim().split("\n"))
        .filter((line) => line.startsWith("cloud-quota "))
      const tool = join(folder, "cloud-quota")
      writeFileSync(tool, `#!/bin/sh\nexec '${process.execPath}' '${command()}' "$@"\n`, { mode: 0o755 })
      const usual = {
        HOME: folder,
        PATH: `${folder}:${process.env["PATH"]}`,
        // For the recorder.
        NODE_OPTIONS: process.env["NODE_OPTIONS"]
      }
      const emulator = spawn("sh", ["-c", `exec ${first}`], { cwd: folder, env: usual })
      try {
        let said = ""
        for await (const text of emulator.stderr) {
          said += text
          if (said.includes("Ctrl-C")) break
        }
        const exported = String(emulator.stdout.read()).matchAll(/^export (\w+)='(.*)'$/gm)
        const env = {
          ...usual,
          ...Object.fromEntries(Array.from(exported, ([, name, value]) => [name, value]))
        }
        const run = (line: string) => execFileSync("sh", ["-c", line], { cwd: folder, env, encoding: "utf8" })
        const outputs = others.map((line) =>
          run(line.includes(" quota topup ") ? `${line} --yes` : line.replace(/ baseline .*$/, "$& --yes"))
        )
        assert.lengthOf(outputs, 6)
        assert.match(run("cloud-quota quota get 60001 -a gpu --csv"), /,1000\.00,CNY,/)
      } finally {
        emulator.kill("SIGINT")
        await once(emulator, "exit")
      }
    }))
})
