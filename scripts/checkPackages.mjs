// Packs every package, and uses the tarballs as their reader would: in an empty project, as ESM, as
// TypeScript, by `require`, and as a command, on the oldest Node that is supported and on the present one.
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { publint } from "publint"
import { formatMessage } from "publint/utils"

const names = ["core", "compshare", "metastudio", "cli"]
const oldestNode = "22.19.0"
const root = resolve(import.meta.dirname, "..")
const folder = mkdtempSync(join(tmpdir(), "cloud-quota-packages-"))

const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], ...options })

const npm = (args, cwd) => run("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd })

const fail = (message) => {
  throw new Error(message)
}

/** Packs one package, and gives the tarball. */
const pack = (name) => {
  const cwd = join(root, "packages", name)
  const out = join(folder, `${name}.tgz`)
  run("npx", ["--yes", "pnpm@12", "pack", "--out", out], { cwd })
  return out
}

const lint = async (name, tarball) => {
  const bytes = readFileSync(tarball)
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true })
  const problems = messages.filter(({ type }) => type !== "suggestion")
  if (problems.length > 0) {
    fail(`${name}: ${problems.map((message) => formatMessage(message, pkg)).join("\n")}`)
  }
}

/**
 * Whether the types are where each way of importing looks for them. The packages are ESM alone, which
 * `require` can load from Node 22.12 on; the resolution of TypeScript 4 and older knows no `exports`.
 */
const checkTypes = async (name, tarball) => {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))))
  if (analysis.types === false) fail(`${name}: there are no types`)
  const problems = analysis.problems.filter(
    ({ kind, resolutionKind }) => kind !== "CJSResolvesToESM" && resolutionKind !== "node10"
  )
  if (problems.length > 0) fail(`${name}: ${JSON.stringify(problems, undefined, 2)}`)
}

/** An empty project with everything in it that a reader would install. */
const makeProject = (tarballs) => {
  const project = join(folder, "project")
  mkdirSync(project)
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "project", private: true, type: "module" })
  )
  const versions = {
    ...JSON.parse(readFileSync(join(root, "packages", "core", "package.json"), "utf8")).devDependencies,
    ...JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies
  }
  const others = ["effect", "@effect/sql-pg", "typescript", "@types/node"]
  npm(["install", ...tarballs, ...others.map((name) => `${name}@${versions[name]}`)], project)
  return project
}

/** The present Node, and the oldest one that is supported. */
const nodes = () => {
  const prefix = join(folder, "node")
  mkdirSync(prefix)
  writeFileSync(join(prefix, "package.json"), JSON.stringify({ name: "node-of-then", private: true }))
  npm(["install", `node@${oldestNode}`], prefix)
  return [process.execPath, join(prefix, "node_modules", "node", "bin", "node")]
}

/** The README's first script, as it stands there. */
const firstScript = (file) => {
  const [, script] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, file), "utf8")) ?? []
  return script ?? fail(`${file} has no script`)
}

const esm = `
import * as core from "@cloud-quota/core"
import * as door from "@cloud-quota/core/promise"
import * as postgres from "@cloud-quota/core/PostgresJournal"
import * as compshare from "@cloud-quota/compshare"
import * as metastudio from "@cloud-quota/metastudio"
for (const [name, module] of Object.entries({ core, door, compshare, metastudio })) {
  if (Object.keys(module).length === 0) throw new Error(name + " exports nothing")
}
console.log(typeof door.connect, typeof core.Quota.Quota, typeof compshare.CompShare.layer, typeof metastudio.MetaStudio.layer)
`

const common = `
const { connect } = require("@cloud-quota/core/promise")
const { emulate } = require("@cloud-quota/compshare/promise")
const main = async () => {
  const emulator = await emulate({ size: 3 })
  const cloud = await connect({ accounts: { gpu: emulator.account } })
  let count = 0
  for await (const member of cloud.account("gpu").members.list()) count += member.name === undefined ? 0 : 1
  await cloud.close()
  await emulator.close()
  console.log(count)
}
main()
`

const types = `
import { Account, type Quota } from "@cloud-quota/core"
import { CompShare } from "@cloud-quota/compshare"
import { MetaStudio } from "@cloud-quota/metastudio"
import { connect, type Report } from "@cloud-quota/core/promise"
import { compshare } from "@cloud-quota/compshare/promise"
import { metastudio } from "@cloud-quota/metastudio/promise"
import type { Layer } from "effect"
export const layers: ReadonlyArray<Layer.Layer<Account.Services, unknown>> = [CompShare.layerConfig, MetaStudio.layerConfig]
export const state = (quota: Quota.QuotaState): string => quota.member
export const accounts = [compshare, metastudio]
export const change = async (): Promise<Report> => {
  await using cloud = await connect()
  return cloud.account("gpu").quotas.change("60001", { allowance: { topUpTo: "500 CNY" } }, { run: "topup" })
}
`

const tsconfig = (moduleResolution) => ({
  compilerOptions: {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: "ES2023",
    lib: ["ES2024", "ESNext.Disposable"],
    types: ["node"],
    module: moduleResolution === "bundler" ? "ESNext" : "NodeNext",
    moduleResolution
  },
  include: ["types.ts"]
})

try {
  const tarballs = names.map(pack)
  for (const [index, name] of names.entries()) {
    await lint(name, tarballs[index])
    if (name !== "cli") await checkTypes(name, tarballs[index])
  }
  console.log(`${names.length} tarballs are sound`)

  const project = makeProject(tarballs)
  writeFileSync(join(project, "esm.mjs"), esm)
  writeFileSync(join(project, "common.cjs"), common)
  writeFileSync(join(project, "types.ts"), types)
  writeFileSync(join(project, "first.ts"), firstScript("README.md"))
  for (const moduleResolution of ["nodenext", "bundler"]) {
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(tsconfig(moduleResolution)))
    run(process.execPath, [join("node_modules", "typescript", "bin", "tsc")], {
      cwd: project,
      stdio: "inherit"
    })
  }
  console.log("TypeScript finds the types, by nodenext and by bundler")

  for (const node of nodes()) {
    const version = run(node, ["--version"]).trim()
    const home = join(folder, `home-${version}`)
    mkdirSync(home)
    const env = { PATH: process.env.PATH, HOME: home }
    const expect = (pattern, args) => {
      const said = run(node, args, { cwd: project, env })
      if (!pattern.test(said)) fail(`${version} ${args.join(" ")} said ${JSON.stringify(said)}`)
    }
    expect(/^function function function function\n$/, ["esm.mjs"])
    expect(/^\d+\n$/, ["common.cjs"])
    expect(/CNY/, ["--disable-warning=ExperimentalWarning", "first.ts"])
    expect(/\d+\.\d+\.\d+/, [
      join("node_modules", "@cloud-quota", "cli", "dist", "cloud-quota.mjs"),
      "--version"
    ])
    console.log(`Node ${version} imports, requires and runs them`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
