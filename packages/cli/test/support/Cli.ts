/**
 * The command as people run it: a process of its own, in a folder of its own, over emulated clouds that are
 * served by the test's process.
 */
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import { ConfigTrust } from "@cloud-quota/core"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { command } from "../../../../test/command/Command.ts"
import { testVariable } from "../../../../test/secrets/Recording.ts"

/** What became of a run. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A run that is under way. */
export interface Running {
  readonly process: ChildProcess
  /** What was written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits until this stands in what it wrote to stderr. */
  readonly says: (text: string) => Effect.Effect<void>
  /** Waits until something has happened meanwhile. */
  readonly until: (event: Promise<unknown>) => Effect.Effect<void>
  readonly ended: Promise<Ended>
}

/** How a run differs from the usual one. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly stdin?: string
}

/** Two clouds, and a folder with a configuration of them. */
export interface World {
  readonly folder: string
  /** All variables that the command gets. */
  readonly environment: Readonly<Record<string, string>>
  readonly gpu: CompShareEmulator.CompShareEmulator
  readonly studio: MetaStudioEmulator.MetaStudioEmulator
  readonly origins: { readonly gpu: string; readonly studio: string }
  /** Writes the configuration anew, and trusts it. */
  readonly configure: (yaml: string) => void
  readonly start: (args: ReadonlyArray<string>, options?: RunOptions) => Running
  readonly run: (args: ReadonlyArray<string>, options?: RunOptions) => Promise<Ended>
}

/** Accounts `gpu` and `studio`, a person `ada@example.com` on both, and a journal in the folder. */
export const configuration = (
  origins: World["origins"],
  ids: { readonly gpu: string; readonly studio: string }
) =>
  `accounts:
  gpu: { provider: compshare, team: 1001, endpoint: "${origins.gpu}" }
  studio:
    provider: metastudio
    project: ${MetaStudioEmulator.defaults.projectId}
    endpoint: "${origins.studio}"
    iamEndpoint: "${origins.studio}"
    bssEndpoint: "${origins.studio}"
people:
  ada@example.com: { gpu: "${ids.gpu}", studio: ${ids.studio} }
journal: { sqlite: ./journal }
`

/** What a process needs of our environment to be recorded, and to start fast. */
const recorded = () =>
  Object.fromEntries(
    ["NODE_OPTIONS", "NODE_COMPILE_CACHE", testVariable].map((name) => [name, process.env[name] ?? ""])
  )

/** How the clouds are. */
export interface Settings {
  readonly gpu?: CompShareEmulator.Settings
  readonly studio?: MetaStudioEmulator.Settings
}

/** Makes clouds and a folder, until the scope closes. */
export const world = (settings: Settings = {}) =>
  Effect.gen(function* () {
    const gpu = yield* CompShareEmulator.make({ size: 12, ...settings.gpu })
    const studio = yield* MetaStudioEmulator.make({ size: 4, ...settings.studio })
    const origins = { gpu: (yield* gpu.serve()).origin, studio: (yield* studio.serve()).origin }
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "cloud-quota-cli-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    const { accessKey, domainId, secretKey } = MetaStudioEmulator.defaults
    const environment = {
      PATH: process.env["PATH"] ?? "",
      ...recorded(),
      // Nothing of whoever runs the tests: no keys, no configuration, no journal.
      HOME: folder,
      XDG_STATE_HOME: join(folder, "state"),
      XDG_CONFIG_HOME: join(folder, "config"),
      COMPSHARE_PUBLIC_KEY: CompShareEmulator.publicKey,
      COMPSHARE_PRIVATE_KEY: CompShareEmulator.privateKey,
      HUAWEICLOUD_SDK_AK: accessKey,
      HUAWEICLOUD_SDK_SK: secretKey,
      HUAWEICLOUD_SDK_DOMAIN_ID: domainId
    }
    const configure = (yaml: string) => {
      const file = join(folder, "cloud-quota.yaml")
      writeFileSync(file, yaml, { mode: 0o600 })
      Effect.runSync(
        Effect.provide(ConfigTrust.add(file), ConfigProvider.layer(ConfigProvider.fromEnvRecord(environment)))
      )
    }
    const [someone] = yield* studio.users
    configure(configuration(origins, { gpu: "60001", studio: someone?.userId ?? "" }))
    const start: World["start"] = (args, options = {}) => {
      const env = Object.entries({ ...environment, ...options.env })
      const child = spawn(process.execPath, [command(), ...args], {
        cwd: folder,
        env: Object.fromEntries(env.filter(([, value]) => value !== undefined))
      })
      return watch(child, options.stdin)
    }
    const made: World = {
      folder,
      environment,
      gpu,
      studio,
      origins,
      configure,
      start,
      run: (args, options) => start(args, options).ended
    }
    return made
  })

/** Requests that wait for a test. */
export interface Held {
  /** The first of them has come. */
  readonly arrived: Promise<unknown>
  /** Lets them take effect, those that come later too. */
  readonly release: () => void
}

/** Holds the next request about money until it is released. */
export const hold = ({ gpu }: Pick<World, "gpu">) =>
  Effect.gen(function* () {
    const arrived = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const until = Effect.promise(() => {
      arrived.resolve()
      return released.promise
    })
    yield* gpu.inject({ operation: "SetCompShareTeamAmount", fault: { _tag: "held", until } })
    const held: Held = { arrived: arrived.promise, release: released.resolve }
    return held
  })

/** Gathers what a process writes. What is waited for in vain is told as soon as it has ended. */
export const watch = (child: ChildProcess, stdin = ""): Running => {
  const written = { stdout: "", stderr: "" }
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      written[name] += text
    })
  }
  child.stdin?.on("error", () => {})
  child.stdin?.end(stdin)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ code, signal, ...written }))
  })
  const inTime = (event: Promise<unknown>, what: string) =>
    Effect.promise(async () => {
      const gone = ended.then(({ code, stderr }) => {
        throw new Error(`ended with ${code}, and never ${what}:\n${stderr}`)
      })
      await Promise.race([event, gone])
    })
  const said = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!written.stderr.includes(text)) return
        child.stderr?.off("data", look)
        resolve()
      }
      child.stderr?.on("data", look)
      look()
    })
  return {
    process: child,
    ended,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    says: (text) => Effect.suspend(() => inTime(said(text), `said ${JSON.stringify(text)}`)),
    until: (event) => inTime(event, "did what was waited for")
  }
}
