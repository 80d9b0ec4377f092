/**
 * The documents of this repository, for tests that use them as their readers would.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))
export const readmes = ["README.md", "README.zh-CN.md"]

export const read = (file: string): string => readFileSync(join(root, file), "utf8")

/** The blocks of code of a document, each with its language. */
export const blocksOf = (text: string) =>
  Array.from(text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm), ([, language = "", code = ""]) => ({
    language,
    code
  }))

export const withoutComments = (code: string): string => code.replaceAll(/ *(\/\/|#) .*$/gm, "")

/** Has the use of a new folder. */
export const inFolder = async (parent: string, use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(parent, "pasted-"))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
