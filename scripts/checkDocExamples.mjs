// Type-checks every @example of the packages' doc comments, as its reader would paste it.
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
      count += 1
      const code = comment.replaceAll(/^\s*\* ?/gm, "")
      writeFileSync(join(folder, `${count}.ts`), `// ${file}\n${code}\nexport {}\n`)
    }
  }
  if (count === 0) throw new Error("no @example was found: the pattern that finds them is broken")
  const options = {
    noEmit: true,
    noUnusedLocals: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false
  }
  const config = { extends: "../tsconfig.base.json", compilerOptions: options, include: ["."] }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
  execFileSync("tsc", ["-p", folder], { stdio: "inherit" })
  console.log(`${count} examples of doc comments are sound`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
