/**
 * Files of keys on a real disk.
 */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted } from "effect"
import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as CredentialFile from "@cloud-quota/core/adapter/CredentialFile"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "credentials-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const read = (path: string) => CredentialFile.read({ provider: "a-cloud", path, name: "~/keys" })

/** A file with this content and mode. */
const written = Effect.fnUntraced(function* (content: string | Uint8Array, mode = 0o600) {
  const path = join(yield* folder, "keys")
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
})

const posix = it.effect.skipIf(process.platform === "win32")

describe("a file", () => {
  it.effect("of one's own is read without a warning", () =>
    Effect.gen(function* () {
      const file = yield* read(yield* written("密钥"))
      assert.deepStrictEqual(file, { text: Redacted.make("密钥"), warnings: [] })
    })
  )

  it.effect("that is not there is none", () =>
    Effect.gen(function* () {
      const path = yield* written("")
      assert.isUndefined(yield* read(`${path}-of-somebody-else`))
      assert.isUndefined(yield* read(join(path, "below-a-file")))
    })
  )

  posix("to which others have access has a warning that names it", () =>
    Effect.gen(function* () {
      for (const mode of [0o640, 0o604, 0o620, 0o602]) {
        const { warnings } = (yield* read(yield* written("x", mode))) ?? {}
        const digits = mode.toString(8)
        assert.deepStrictEqual(warnings, [
          `others than you have access to ~/keys (mode ${digits}): run chmod 600 on it`
        ])
      }
      assert.deepStrictEqual((yield* read(yield* written("x", 0o400)))?.warnings, [])
    })
  )

  it.effect("that cannot be one of keys is an error that names it", () =>
    Effect.gen(function* () {
      const refused = Effect.fnUntraced(function* (path: string, message: string) {
        const { money, reason } = yield* Effect.flip(read(path))
        assert.strictEqual(money, "not-moved")
        assert.deepInclude(reason, { _tag: "InvalidRequest", field: "~/keys" })
        assert.include(reason.message, message)
      })
      yield* refused(yield* written(Uint8Array.of(0x61, 0xff)), "not UTF-8")
      yield* refused(yield* written("x".repeat(1024 * 1024 + 1)), "larger than 1 MiB")
      assert.isDefined(yield* read(yield* written("x".repeat(1024 * 1024))))
      const directory = join(yield* folder, "d")
      mkdirSync(directory)
      yield* refused(directory, process.platform === "win32" ? "cannot be read" : "not a regular file")
    })
  )

  posix("that is a pipe is refused without waiting for anybody to write", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "pipe")
      execFileSync("mkfifo", [path])
      const { reason } = yield* Effect.flip(read(path))
      assert.include(reason.message, "not a regular file")
    })
  )
})

describe("the home folder", () => {
  const homeOf = (env: Readonly<Record<string, string>>) =>
    CredentialFile.home("a-cloud").pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env))))

  it.effect("is what the environment says, and nothing else", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* homeOf({ HOME: "/home/li", USERPROFILE: "/home/li" }), "/home/li")
      assert.isUndefined(yield* homeOf({ HOME: "", USERPROFILE: "" }))
      assert.isUndefined(yield* homeOf({}))
    })
  )

  posix("is written as ~, and ~ is it", () =>
    Effect.sync(() => {
      const { expand, shown } = CredentialFile
      assert.strictEqual(expand("~/.x/y", "/home/li"), "/home/li/.x/y")
      assert.strictEqual(expand("~", "/home/li"), "/home/li")
      assert.strictEqual(expand("~li/x", "/home/li"), "~li/x")
      assert.strictEqual(expand("/etc/x", undefined), "/etc/x")
      assert.isUndefined(expand("~/x", undefined))
      assert.strictEqual(shown("/home/li/.x/y", "/home/li"), "~/.x/y")
      assert.strictEqual(shown("/home/li/.x/y", "/home/li/"), "~/.x/y")
      assert.strictEqual(shown("/home/lin/x", "/home/li"), "/home/lin/x")
      assert.strictEqual(shown("/home/li/x", undefined), "/home/li/x")
    })
  )
})
