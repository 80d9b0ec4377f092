/**
 * The documents, as their readers would use them: links are followed, commands exist. What they tell to run
 * is run by `readme.proof.test.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import { ConfigFile } from "@cloud-quota/core"
import { CompShareProvider } from "@cloud-quota/compshare"
import { MetaStudioProvider } from "@cloud-quota/metastudio"
import { Effect } from "effect"
import type { Command } from "effect/cli"
import { existsSync, globSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as CloudQuota from "../packages/cli/src/CloudQuota.ts"
import { blocksOf, inFolder, read, readmes, root, withoutComments } from "./support/documents.ts"

const documents = globSync(["*.md", "docs/*.md", "packages/*/README.md"], { cwd: root })

const command = await CloudQuota.load([])

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
