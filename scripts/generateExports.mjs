// Writes the `exports` of the published packages from their entries, and a report of all public names beside
// them, so that a change of either shows in review. With --check, fails if they are not up to date.
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"

/** The entries of each package; each module that one exports has a subpath under it. */
const packages = {
  core: {
    entries: {
      ".": "index",
      "./promise": "promise/index",
      "./adapter": "adapter",
      "./testing": "testing/index"
    },
    // Needs `@effect/sql-pg`, which not every program has: no entry loads it.
    alone: { "./PostgresJournal": "journal/PostgresJournal" },
    files: Object.fromEntries(
      [
        "./cloud-quota.schema.json",
        ...["quota", "metric", "member", "order", "result", "report"].map(
          (row) => `./schemas/${row}.schema.json`
        )
      ].map((file) => [file, file])
    )
  },
  compshare: {
    entries: { ".": "index", "./promise": "account/promise", "./testing": "emulator/index" }
  },
  metastudio: {
    entries: { ".": "index", "./promise": "account/promise", "./testing": "emulator/index" }
  }
}

const read = (file) => readFileSync(file, "utf8")

/** The modules that a file exports as namespaces, by name; those of barrels by following them. */
const modulesOf = (file) => {
  const found = new Map()
  for (const [, name, path] of read(file).matchAll(/^export \* as (\w+) from "(.+)"$/gm)) {
    found.set(name, join(dirname(file), path))
  }
  for (const [, names, path] of read(file).matchAll(/^export \{([^}]*)\} from "(.+\/index\.ts)"$/gm)) {
    const inner = modulesOf(join(dirname(file), path))
    for (const name of names.split(",").map((word) => word.trim())) found.set(name, inner.get(name))
  }
  return found
}

/** The names that a module declares or passes on, such as `type QuotaState`. */
const namesOf = (file) => {
  const text = read(file)
  const names = new Map()
  const add = (name, isType) => names.set(name, (names.get(name) ?? true) && isType)
  for (const [, kind, name] of text.matchAll(
    /^export (?:declare )?(const|function|class|interface|type) (\w+)/gm
  )) {
    add(name, kind === "interface" || kind === "type")
  }
  for (const [, type, list] of text.matchAll(/^export (type )?\{([^}]*)\}/gm)) {
    for (const item of list.split(",").map((word) => word.trim())) {
      if (item === "") continue
      add(item.replace(/^type /, "").replace(/^\w+ as /, ""), type !== undefined || item.startsWith("type "))
    }
  }
  for (const [, path] of text.matchAll(/^export \* from "(.+)"$/gm)) {
    for (const [name, isType] of namesOf(join(dirname(file), path)))
      if (!names.has(name)) names.set(name, isType)
  }
  for (const [, name] of text.matchAll(/^export \* as (\w+) from/gm)) add(name, false)
  return names
}

/** The formatter has its own view of how JSON is broken into lines. */
const isSame = (a, b, file) =>
  file.endsWith(".json") ? JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b)) : a === b

const isCheck = process.argv.includes("--check")
const stale = []
const write = (file, text) => {
  if (existsSync(file) && isSame(read(file), text, file)) return
  if (isCheck) stale.push(file)
  else writeFileSync(file, text)
}

for (const [name, { alone = {}, entries, files = {} }] of Object.entries(packages)) {
  const folder = join("packages", name)
  const source = join(folder, "src")
  const subpaths = new Map()
  const report = [`# Public names of @cloud-quota/${name}`]
  for (const [entry, path] of Object.entries(entries)) {
    const file = join(source, `${path}.ts`)
    subpaths.set(entry, file)
    report.push("", entry)
    const modules = modulesOf(file)
    for (const [module, inner] of [...modules].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const subpath = `${entry}/${module}`
      const known = [...subpaths].find(([, other]) => other === inner)
      if (known === undefined) {
        subpaths.set(subpath, inner)
        report.push(`  ${module} (${subpath})`)
        for (const line of listed(inner)) report.push(`    ${line}`)
      } else report.push(`  ${module} (${known[0]})`)
    }
    for (const line of listed(file)) if (!modules.has(line)) report.push(`  ${line}`)
  }
  for (const [subpath, path] of Object.entries(alone)) {
    const file = join(source, `${path}.ts`)
    subpaths.set(subpath, file)
    report.push("", subpath, ...listed(file).map((line) => `  ${line}`))
  }
  const exports = Object.fromEntries(
    [...subpaths].map(([subpath, file]) => {
      const built = `./dist/${relative(source, file).replace(/\.ts$/, "")}`
      const from = `./${relative(folder, file)}`
      return [subpath, { "@cloud-quota/source": from, types: `${built}.d.ts`, default: `${built}.js` }]
    })
  )
  const manifest = join(folder, "package.json")
  const written = {
    ...JSON.parse(read(manifest)),
    exports: { ...exports, ...files, "./package.json": "./package.json" }
  }
  write(manifest, `${JSON.stringify(written, null, 2)}\n`)
  write(join(folder, "exports.txt"), `${report.join("\n")}\n`)
}

function listed(file) {
  return [...namesOf(file)]
    .map(([name, isType]) => (isType ? `type ${name}` : name))
    .sort((a, b) => (a.replace("type ", "") < b.replace("type ", "") ? -1 : 1))
}

if (stale.length > 0) {
  console.error(`not up to date, run node scripts/generateExports.mjs: ${stale.join(", ")}`)
  process.exitCode = 1
}
