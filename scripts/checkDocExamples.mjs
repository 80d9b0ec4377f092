// Type-checks every @example of the packages' doc comments, and the TypeScript of the documents, as their
// readers would paste it.
import { execFileSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const folder = "doc-examples"
const example = /@example\n((?:\s*\*.*\n)+?)\s*\*\//g

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
try {
  let count = 0
  for (const file of globSync("packages/*/src/**/*.ts")) {
    for (const [, comment = ""] of readFileSync(file, "utf8").matchAll(example)) {
      // A comment may have several.
      for (const one of comment.split(/^\s*\* @example\n/m)) {
        count += 1
        const code = one.replaceAll(/^\s*\* ?/gm, "")
        writeFileSync(join(folder, `${count}.ts`), `// ${file}\n${code}\nexport {}\n`)
      }
    }
  }
  if (count === 0) throw new Error("no @example was found: the pattern that finds them is broken")
  const documents = globSync(["*.md", "docs/*.md", "packages/*/README.md"])
  let blocks = 0
  for (const file of documents) {
    for (const [, code = ""] of readFileSync(file, "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
      blocks += 1
      writeFileSync(join(folder, `document-${blocks}.ts`), `// ${file}\n${code}\nexport {}\n`)
    }
  }
  if (blocks === 0) throw new Error("no document has TypeScript: the pattern that finds it is broken")
  const options = {
    noEmit: true,
    noUnusedLocals: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false
  }
  const config = { extends: "../tsconfig.base.json", compilerOptions: options, include: ["."] }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
  execFileSync("tsc", ["-p", folder], { stdio: "inherit" })
  console.log(`${count} examples of doc comments and ${blocks} of documents are sound`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
