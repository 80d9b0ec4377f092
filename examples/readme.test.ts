/**
 * The documents, as their readers would use them: scripts are run, links are followed, commands exist.
 */
import { assert, describe, it } from "@effect/vitest"
import { ConfigFile } from "@cloud-quota/core"
import { CompShareProvider } from "@cloud-quota/compshare"
import { MetaStudioProvider } from "@cloud-quota/metastudio"
import { Effect } from "effect"
import type { Command } from "effect/cli"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { command } from "../packages/cli/src/CloudQuota.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const readmes = ["README.md", "README.zh-CN.md"]
const documents = globSync(["*.md", "docs/*.md", "packages/*/README.md"], { cwd: root })

const read = (file: string): string => readFileSync(join(root, file), "utf8")

/** The blocks of code of a document, each with its language. */
const blocksOf = (text: string) =>
  Array.from(text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm), ([, language = "", code = ""]) => ({
    language,
    code
  }))

const withoutComments = (code: string): string => code.replaceAll(/ *(\/\/|#) .*$/gm, "")

const inFolder = async (parent: string, use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(parent, "pasted-"))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Whether there is a subcommand of these words; an argument may follow only where no subcommand has to. */
const isCommand = (words: ReadonlyArray<string>): boolean => {
  let there: Command.Command.Any = command
  for (const word of words) {
    const subcommands = there.subcommands.flatMap(({ commands }) => commands)
    const next = subcommands.find(({ name }) => name === word)
    if (next === undefined) return there !== command && subcommands.length === 0
    there = next
  }
  return there !== command
}

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

  it("has a configuration that is understood", () =>
    inFolder(tmpdir(), async (folder) => {
      const yaml = blocksOf(read("README.md")).find(({ language }) => language === "yaml")
      writeFileSync(join(folder, "cloud-quota.yaml"), yaml?.code ?? "")
      const providers = [CompShareProvider.provider, MetaStudioProvider.provider]
      const { accounts, people } = await Effect.runPromise(ConfigFile.load({ providers, directory: folder }))
      assert.deepStrictEqual(
        accounts.map(({ name }) => name),
        ["gpu", "studio"]
      )
      const ada = await Effect.runPromise(people.memberOf("ada@example.com", "gpu"))
      assert.strictEqual(ada, "60001")
    }))

  it("has commands that work one after the other", () =>
    inFolder(tmpdir(), async (folder) => {
      const [first = "", ...others] = blocksOf(read("README.md"))
        .filter(({ language }) => language === "sh")
        .flatMap(({ code }) => withoutComments(code).trim().split("\n"))
        .filter((line) => line.startsWith("cloud-quota "))
      const tool = join(folder, "cloud-quota")
      const main = join(root, "packages/cli/src/main.ts")
      const node = `exec '${process.execPath}' --conditions=@cloud-quota/source '${main}' "$@"`
      writeFileSync(tool, `#!/bin/sh\n${node}\n`, { mode: 0o755 })
      const usual = { HOME: folder, PATH: `${folder}:${process.env["PATH"]}` }
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
        assert.lengthOf(outputs, 5)
        assert.match(run("cloud-quota quota get 60001 -a gpu --csv"), /,1000\.00,CNY,/)
      } finally {
        emulator.kill("SIGINT")
        await once(emulator, "exit")
      }
    }))

  it("says the same in both languages", () => {
    const [english = "", chinese = ""] = readmes.map(read)
    const codeOf = (text: string) =>
      blocksOf(text).map(({ code, language }) => `${language}\n${withoutComments(code)}`)
    assert.deepStrictEqual(codeOf(chinese), codeOf(english))
    const shapeOf = (text: string) => ({
      headings: Array.from(text.matchAll(/^#+ /gm), ([marks]) => marks),
      items: Array.from(text.matchAll(/^- /gm)).length,
      rows: Array.from(text.matchAll(/^\|/gm)).length,
      links: Array.from(text.matchAll(/\]\(((?!README)[^)]+)\)/g), ([, to]) => to).toSorted()
    })
    assert.deepStrictEqual(shapeOf(chinese), shapeOf(english))
    assert.include(english, "(README.zh-CN.md)")
    assert.include(chinese, "(README.md)")
  })
})

describe("documents", () => {
  it("link to what there is", () => {
    const links = documents.flatMap((file) =>
      Array.from(read(file).matchAll(/\]\(([^)\s]+)\)/g), ([, to = ""]) => ({ file, to }))
    )
    assert.isAbove(links.length, 20)
    const headingsOf = (file: string) =>
      Array.from(read(file).matchAll(/^#+ (.*)$/gm), ([, heading = ""]) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
          .replaceAll(" ", "-")
      )
    const broken = links.filter(({ file, to }) => {
      if (/^https:/.test(to)) return false
      const [path = "", anchor] = to.split("#")
      const target = path === "" ? file : join(dirname(file), path)
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !headingsOf(target).includes(anchor)
    })
    assert.deepStrictEqual(broken, [])
  })

  it("name commands that there are", () => {
    const commands = documents.flatMap((file) => {
      const text = read(file)
      const lines = blocksOf(text).flatMap(({ code, language }) =>
        language === "sh" ? code.split("\n") : []
      )
      const spans = Array.from(text.matchAll(/`(cloud-quota [^`\n]+)`/g), ([, span = ""]) => span)
      return [...lines, ...spans]
        .filter((line) => /^cloud-quota [a-z]/.test(line))
        .map((line) => ({
          file,
          words: /^[a-z -]*(?= |$)/.exec(line)?.[0].trim().split(/ +/).slice(1) ?? []
        }))
    })
    assert.isAbove(commands.length, 20)
    assert.deepStrictEqual(
      commands.filter(({ words }) => !isCommand(words)),
      []
    )
  })

  it("have every room in the map, and none that is not there", () => {
    const [, map = ""] = /^## Rooms\n([\s\S]*?)^## /m.exec(read("ARCHITECTURE.md")) ?? []
    const [ofCore = "", ofAdapters = ""] = map.split("Both adapters")
    const roomsIn = (text: string) => Array.from(text.matchAll(/^\| `(\w+)\/`/gm), ([, room = ""]) => room)
    const foldersOf = (name: string) =>
      globSync("*/", { cwd: join(root, "packages", name, "src") }).map((folder) => folder.replace("/", ""))
    assert.deepStrictEqual(roomsIn(ofCore).toSorted(), foldersOf("core").toSorted())
    for (const adapter of ["compshare", "metastudio"]) {
      assert.deepStrictEqual(roomsIn(ofAdapters).toSorted(), foldersOf(adapter).toSorted())
    }
  })
})
