/**
 * What a configuration file may say that nobody named: where keys come from and go is for the user to trust.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chmodSync, cpSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as ConfigTrust from "@cloud-quota/core/ConfigTrust"
import { folder, inEnvironment, loadFrom } from "./fixtures/configured.ts"

const account = (settings: string) => `accounts: { gpu: { provider: memory, team: 1, ${settings} } }`

/** A folder with a file, and a user's own folder. */
const found = Effect.fnUntraced(function* (text: string) {
  const directory = yield* folder({ "cloud-quota.yaml": text })
  const home = yield* folder()
  const env = { HOME: home, USERPROFILE: home, XDG_STATE_HOME: join(home, "state") }
  const file = join(directory, "cloud-quota.yaml")
  return { directory, env, file, store: join(env.XDG_STATE_HOME, "cloud-quota/trusted") }
})

const refusal = (directory: string, env: Readonly<Record<string, string>>) =>
  Effect.map(Effect.flip(loadFrom(directory, { env })), ({ message }) => message)

const remedy =
  "this file was found by searching: read it, then run `cloud-quota trust cloud-quota.yaml`, or name it with --config or CLOUD_QUOTA_CONFIG"

describe("a file that was found", () => {
  it.effect("may have the vendor's hosts and variables", () =>
    Effect.gen(function* () {
      const { directory, env } = yield* found(
        account('key: MEMORY_KEY, endpoint: "https://api.memory.test/"')
      )
      assert.lengthOf((yield* loadFrom(directory, { env })).accounts, 1)
    })
  )

  for (const [what, text, problem] of [
    [
      "another host",
      account('endpoint: "https://api.memory.test.evil.test"'),
      "1:57 accounts.gpu.endpoint: is not a host of the vendor"
    ],
    [
      "another port",
      account('endpoint: "https://api.memory.test:8443"'),
      "1:57 accounts.gpu.endpoint: is not a host of the vendor"
    ],
    [
      "loopback",
      account('endpoint: "http://127.0.0.1:4000"'),
      "1:57 accounts.gpu.endpoint: is not a host of the vendor"
    ],
    [
      "another variable",
      account("key: AWS_SECRET_ACCESS_KEY"),
      "1:52 accounts.gpu.key: is not a variable that the vendor's tools read for this"
    ],
    [
      "a journal",
      `${account("region: a")}\njournal: { sqlite: ./journal }`,
      "2:1 journal: chooses a journal"
    ],
    [
      "a database",
      `${account("region: a")}\njournal: { postgres: { url: { env: DATABASE_URL } } }`,
      "2:1 journal: chooses a journal"
    ]
  ] as const) {
    it.effect(`needs trust for ${what}, or a name`, () =>
      Effect.gen(function* () {
        const { directory, env, file } = yield* found(text)
        assert.strictEqual(yield* refusal(directory, env), `cloud-quota.yaml:${problem}; ${remedy}`)
        assert.lengthOf((yield* loadFrom(directory, { env, path: file })).accounts, 1)
        const named = { ...env, CLOUD_QUOTA_CONFIG: file }
        assert.lengthOf((yield* loadFrom(directory, { env: named })).accounts, 1)
        yield* inEnvironment(env)(ConfigTrust.add(file))
        assert.lengthOf((yield* loadFrom(directory, { env })).accounts, 1)
      })
    )
  }

  it.effect("is trusted with its text, and in its place", () =>
    Effect.gen(function* () {
      const text = account('endpoint: "http://127.0.0.1:4000"')
      const { directory, env, file } = yield* found(text)
      yield* inEnvironment(env)(ConfigTrust.add(file))
      writeFileSync(file, text.replace("4000", "4001"))
      assert.match(yield* refusal(directory, env), /not a host of the vendor/)
      writeFileSync(file, text)
      assert.lengthOf((yield* loadFrom(directory, { env })).accounts, 1)
      const elsewhere = yield* folder()
      cpSync(file, join(elsewhere, "cloud-quota.yaml"))
      assert.match(yield* refusal(elsewhere, env), /not a host of the vendor/)
      // Each place is trusted by itself.
      yield* inEnvironment(env)(ConfigTrust.add(join(elsewhere, "cloud-quota.yaml")))
      for (const place of [directory, elsewhere]) {
        assert.lengthOf((yield* loadFrom(place, { env })).accounts, 1)
      }
      // Relative paths would go from the link's folder.
      const linking = yield* folder()
      symlinkSync(file, join(linking, "cloud-quota.yaml"))
      assert.match(yield* refusal(linking, env), /not a host of the vendor/)
    })
  )

  it.effect("is no longer trusted once that is revoked", () =>
    Effect.gen(function* () {
      const { directory, env, file } = yield* found(account('endpoint: "http://127.0.0.1:4000"'))
      const { add, list, revoke } = ConfigTrust
      const { hash } = yield* inEnvironment(env)(add(file))
      assert.deepStrictEqual(yield* inEnvironment(env)(list), [{ file, hash, isCurrent: true }])
      writeFileSync(file, account("region: a"))
      assert.deepStrictEqual(yield* inEnvironment(env)(list), [{ file, hash, isCurrent: false }])
      yield* inEnvironment(env)(add(file))
      assert.strictEqual(yield* inEnvironment(env)(revoke(file)), 2)
      assert.deepStrictEqual(yield* inEnvironment(env)(list), [])
      writeFileSync(file, account('endpoint: "http://127.0.0.1:4000"'))
      assert.match(yield* refusal(directory, env), /not a host of the vendor/)
    })
  )

  it.effect.skipIf(process.platform === "win32")("is trusted by private files alone", () =>
    Effect.gen(function* () {
      const { directory, env, file, store } = yield* found(account('endpoint: "http://127.0.0.1:4000"'))
      yield* inEnvironment(env)(ConfigTrust.add(file))
      const entry = join(store, readdirSync(store)[0] ?? "")
      assert.deepStrictEqual([statSync(store).mode & 0o777, statSync(entry).mode & 0o777], [0o700, 0o600])
      chmodSync(entry, 0o666)
      assert.match(yield* refusal(directory, env), /not a host of the vendor/)
    })
  )

  it.effect("cannot be trusted without a place to write it down, or without the file", () =>
    Effect.gen(function* () {
      const { env, file } = yield* found(account("region: a"))
      const nowhere = yield* Effect.flip(inEnvironment({})(ConfigTrust.add(file)))
      assert.match(nowhere.message, /HOME: is not set/)
      const gone = yield* Effect.flip(inEnvironment(env)(ConfigTrust.add(`${file}.gone`)))
      assert.match(gone.message, /cloud-quota\.yaml\.gone: is not there$/)
    })
  )
})
