/**
 * The recorder is part of every test run, and would be deaf in silence if what it listens to were elsewhere
 * one day. So there is a process that leaks on purpose.
 */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { bundle } from "../command/Command.ts"
import { find } from "./Leaks.ts"
import { optionsFor, read } from "./Recording.ts"

/** Has the use of a folder for recordings. It is no part of the recording of this run, which would fail. */
const inFolder = async (use: (folder: string) => void | Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "cloud-quota-leaky-"))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Runs a script that leaks, and looks whether everything was heard, and what else. */
const hearsAll = (script: string, folder: string, options: string, unsaid: ReadonlyArray<string>): void => {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ["--conditions=@cloud-quota/source", script],
    { env: { ...process.env, NODE_OPTIONS: options }, encoding: "utf8" }
  )
  assert.strictEqual(status, 0, stderr)
  const { said, secrets } = read(folder)
  const waysOf = (secret: string) => [...new Set(find(said, [secret]).map(({ kind }) => kind))].sort()
  const ways = [...secrets]
    .filter((secret) => secret.startsWith("secret-of-"))
    .map((secret) => [secret.replace("secret-of-", ""), waysOf(secret)])
  assert.deepStrictEqual(Object.fromEntries(ways), {
    failure: ["error"],
    defect: ["error"],
    span: ["span"],
    event: ["log", "output", "span"],
    log: ["log"],
    sqlite: ["journal"],
    exec: ["journal"],
    postgres: ["journal"],
    collector: ["span"],
    stdout: ["output"],
    stderr: ["output"],
    child: ["output"],
    unsaid
  })

  const [signature, authorization, token, fingerprint] = stdout.trim().split("\n").slice(-4)
  for (const secret of [signature, authorization, token]) {
    assert.isTrue(secrets.has(secret ?? "none"), secret)
  }
  assert.isFalse(secrets.has(fingerprint ?? ""))
}

describe("a process that is recorded", () => {
  it("is heard in every way in which it can say a secret", () =>
    inFolder((folder) => {
      const leaky = fileURLToPath(new URL("fixtures/leaky.ts", import.meta.url))
      hearsAll(leaky, folder, optionsFor(folder), [])
    }))

  it("is heard as well if it is bundled as the command is", () =>
    inFolder(async (folder) => {
      const recordings = join(folder, "recordings")
      mkdirSync(recordings)
      const leaky = join(folder, "leaky.mjs")
      await bundle(new URL("fixtures/bundled.ts", import.meta.url), leaky)
      // No error in a bundle is one that a test has made: all of them are heard.
      hearsAll(leaky, recordings, optionsFor(recordings, [leaky]), ["error"])
    }))

  it("does not start as a bundle without being recorded", () =>
    inFolder(async (folder) => {
      const leaky = join(folder, "leaky.mjs")
      await bundle(new URL("fixtures/bundled.ts", import.meta.url), leaky)
      const env = { ...process.env, NODE_OPTIONS: "" }
      const { status, stderr } = spawnSync(process.execPath, [leaky], { env, encoding: "utf8" })
      assert.strictEqual(status, 1)
      assert.match(stderr, /nobody records/)
    }))
})
