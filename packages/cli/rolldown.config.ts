/**
 * Makes what is published: a small entry, and the parts that it loads when they are needed. They have everything
 * in them, so that the command starts fast and needs nothing but Node. Beside them are the licences of what is in
 * them.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { type Plugin, defineConfig } from "rolldown"

interface Package {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly directory: string
}

/** The package that a file is part of: the nearest package.json above it that has a name. */
const packageOf = (file: string): Package | undefined => {
  for (let directory = dirname(file); directory !== dirname(directory); directory = dirname(directory)) {
    const path = join(directory, "package.json")
    if (!existsSync(path)) continue
    const { license, name, version } = JSON.parse(readFileSync(path, "utf8"))
    if (name !== undefined && version !== undefined) return { name, version, license, directory }
  }
  return undefined
}

const licenseText = ({ directory }: Package): string => {
  const files = readdirSync(directory).filter((name) => /^(licen[cs]e|notice)/i.test(name))
  return files.map((name) => readFileSync(join(directory, name), "utf8").trim()).join("\n\n")
}

/** Writes the licences of all packages of which something is in the bundle. */
const licences: Plugin = {
  name: "licences",
  generateBundle(_options, bundle) {
    const files = Object.values(bundle).flatMap((output) => (output.type === "chunk" ? output.moduleIds : []))
    const packages = new Map<string, Package>()
    for (const file of files.filter((id) => id.includes("node_modules"))) {
      const found = packageOf(file)
      if (found !== undefined) packages.set(`${found.name}@${found.version}`, found)
    }
    const texts = [...packages]
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([id, found]) => `${id} (${found.license ?? "no licence is named"})\n\n${licenseText(found)}\n`)
    const source = `The files of this command have parts of these packages in them.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`
    this.emitFile({ type: "asset", fileName: "THIRD-PARTY.txt", source })
  }
}

/** Runs before everything else: an older Node would fail somewhere in the middle of it. */
const refuseOldNode = [
  "const [major, minor] = process.versions.node.split('.').map(Number)",
  "if (major < 22 || (major === 22 && minor < 19)) {",
  "  console.error('cloud-quota needs Node 22.19 or newer: this is ' + process.versions.node)",
  "  process.exit(1)",
  "}"
].join("\n")

// biome-ignore lint/style/noDefaultExport: it is what rolldown reads.
export default defineConfig({
  input: "src/main.ts",
  platform: "node",
  // The sources of this repository: nothing has to be built first.
  resolve: { conditionNames: ["@cloud-quota/source", "node", "import", "default"] },
  plugins: [licences],
  output: {
    dir: "dist",
    entryFileNames: "cloud-quota.mjs",
    format: "esm",
    minify: true,
    chunkFileNames: "parts/[name].mjs",
    cleanDir: true,
    // One file instead of thirty for the modules that most commands need: each file takes a millisecond.
    codeSplitting: { groups: [{ name: "shared", minShareCount: 6 }] },
    banner: ({ isEntry }) => (isEntry ? `#!/usr/bin/env node\n{\n${refuseOldNode}\n}` : "")
  }
})
