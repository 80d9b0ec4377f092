/**
 * Keys in the environment and in the file of compshare-cli, on a real disk.
 */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Logger, Redacted, Schema } from "effect"
import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { inspect } from "node:util"
import * as CompShareClient from "@cloud-quota/compshare/CompShareClient"
import * as CredentialChain from "@cloud-quota/compshare/CredentialChain"

const usual = ".config/compshare/config.json"

/** A home folder with these files, each readable for its owner alone. */
const homeWith = Effect.fnUntraced(function* (files: Readonly<Record<string, unknown>>) {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "compshare-home-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  for (const [name, content] of Object.entries(files)) {
    const path = join(home, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 })
  }
  return home
})

const inEnvironment = (env: Readonly<Record<string, string>>) =>
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))

/** Discovers in a home folder of its own, with variables made of its path. */
const discover = Effect.fnUntraced(function* (
  files: Readonly<Record<string, unknown>>,
  env: (home: string) => Readonly<Record<string, string>> = () => ({}),
  options?: CredentialChain.Options
) {
  const home = yield* homeWith(files)
  return yield* CredentialChain.discover(options).pipe(
    inEnvironment({ HOME: home, USERPROFILE: home, ...env(home) })
  )
})

const keys = (name: string) => ({ public_key: `${name}-public`, private_key: `${name}-private` })
const value = (name: string) => ({
  publicKey: `${name}-public`,
  privateKey: Redacted.make(`${name}-private`)
})
const config = {
  language: "zh",
  current_profile: "team",
  profiles: { default: keys("default"), team: keys("team"), 生产: keys("prod"), broken: ["no-profile"] }
}
const own = { COMPSHARE_PUBLIC_KEY: "own-public", COMPSHARE_PRIVATE_KEY: "own-private" }
const ucloud = { UCLOUD_PUBLIC_KEY: "ucloud-public", UCLOUD_PRIVATE_KEY: "ucloud-private" }

describe("the order", () => {
  it.effect("is CompShare's variables, UCloud's variables, the file", () =>
    Effect.gen(function* () {
      // A broken file does not matter as long as nobody has to read it.
      for (const file of [config, "{"]) {
        assert.deepStrictEqual(yield* discover({ [usual]: file }, () => ({ ...ucloud, ...own })), {
          value: value("own"),
          source: "environment: COMPSHARE_PUBLIC_KEY and COMPSHARE_PRIVATE_KEY",
          warnings: []
        })
        assert.deepStrictEqual(yield* discover({ [usual]: file }, () => ucloud), {
          value: value("ucloud"),
          source: "environment: UCLOUD_PUBLIC_KEY and UCLOUD_PRIVATE_KEY",
          warnings: []
        })
      }
      assert.deepStrictEqual(yield* discover({ [usual]: config }), {
        value: value("team"),
        source: `file ~/${usual}, profile team`,
        warnings: []
      })
    })
  )

  it.effect("of files is the chosen one, XDG's, the usual one", () =>
    Effect.gen(function* () {
      const of = (name: string) => ({ profiles: { default: keys(name) } })
      const files = {
        "chosen.json": of("chosen"),
        "xdg/compshare/config.json": of("xdg"),
        [usual]: of("usual")
      }
      const xdg = (home: string) => ({ XDG_CONFIG_HOME: join(home, "xdg") })
      const where = (file: string) => `file ~/${file}, profile default`
      const chosen = (home: string) => ({ ...xdg(home), COMPSHARE_CONFIG_FILE: "~/chosen.json" })
      assert.strictEqual((yield* discover(files, chosen)).source, where("chosen.json"))
      assert.strictEqual((yield* discover(files, xdg)).source, where("xdg/compshare/config.json"))
      assert.strictEqual((yield* discover(files)).source, where(usual))
      // A relative path does not count: what is found must not depend on where a program was started.
      assert.strictEqual((yield* discover(files, () => ({ XDG_CONFIG_HOME: "xdg" }))).source, where(usual))
    })
  )

  it.effect("of profiles is the option, the variable, the current one, default", () =>
    Effect.gen(function* () {
      const { current_profile: _, ...withoutCurrent } = config
      const variable = () => ({ COMPSHARE_PROFILE: "生产" })
      const profileOf = (found: { readonly source: string }) => found.source.split(", profile ")[1]
      const files = { [usual]: config }
      assert.strictEqual(profileOf(yield* discover(files, variable, { profile: "default" })), "default")
      assert.deepStrictEqual((yield* discover(files, variable)).value, value("prod"))
      assert.strictEqual(profileOf(yield* discover(files, variable)), "生产")
      assert.strictEqual(profileOf(yield* discover(files)), "team")
      assert.strictEqual(profileOf(yield* discover({ [usual]: withoutCurrent })), "default")
      assert.strictEqual(
        profileOf(yield* discover({ [usual]: { ...config, current_profile: null } })),
        "default"
      )
    })
  )
})

describe("warnings", () => {
  it.effect.skipIf(process.platform === "win32")(
    "tell that others have access to the file, in the log once",
    () =>
      Effect.gen(function* () {
        const home = yield* homeWith({ [usual]: config })
        chmodSync(join(home, usual), 0o644)
        const here = inEnvironment({ HOME: home, COMPSHARE_TEAM_ID: "1001" })
        const warning = `others than you have access to ~/${usual} (mode 644): run chmod 600 on it`
        assert.deepStrictEqual((yield* here(CredentialChain.discover())).warnings, [warning])

        const lines: Array<unknown> = []
        const logger = Logger.make(({ message }) => lines.push(message))
        const client = yield* Effect.provide(
          CompShareClient.CompShareClient,
          CompShareClient.layerConfig
        ).pipe(here, Effect.provide(Logger.layer([logger])))
        assert.strictEqual(client.teamId, 1001)
        assert.deepStrictEqual(lines, [[`compshare configure: ${warning}`]])
      })
  )

  it.effect("tell that a profile which was asked for is passed over", () =>
    Effect.gen(function* () {
      const warning =
        "profile team was not looked at, since keys of the environment come first: unset them to use it"
      const byOption = yield* discover({ [usual]: config }, () => own, { profile: "team" })
      assert.deepStrictEqual([byOption.value, byOption.warnings], [value("own"), [warning]])
      const byVariable = yield* discover({}, () => ({ ...ucloud, COMPSHARE_PROFILE: "team" }))
      assert.deepStrictEqual(byVariable.warnings, [warning])
    })
  )
})

describe("an error", () => {
  it.effect("tells all places if there is nothing in any of them", () =>
    Effect.gen(function* () {
      const nothing = Effect.fnUntraced(function* (
        files: Readonly<Record<string, unknown>>,
        env?: Readonly<Record<string, string>>
      ) {
        const { message, reason } = yield* Effect.flip(discover(files, () => env ?? {}))
        assert.strictEqual(reason._tag, "Unauthenticated")
        assert.include(
          message,
          "set COMPSHARE_PUBLIC_KEY and COMPSHARE_PRIVATE_KEY, or run `compshare config`"
        )
        assert.include(message, "get your keys from https://")
        const [, looked] = message.split("looked at ")
        const [one, two, three, ...more] = looked?.split("; ") ?? []
        assert.strictEqual(one, "environment: COMPSHARE_PUBLIC_KEY and COMPSHARE_PRIVATE_KEY (not set)")
        assert.strictEqual(two, "environment: UCLOUD_PUBLIC_KEY and UCLOUD_PRIVATE_KEY (not set)")
        assert.deepStrictEqual(more, [])
        return three
      })
      const empty = { HOME: "", USERPROFILE: "" }
      assert.strictEqual(
        yield* nothing({}, empty),
        `file ${join("~/.config", "compshare", "config.json")} (the home folder is not known)`
      )
      assert.strictEqual(yield* nothing({}), `file ~/${usual} (not there)`)
      assert.strictEqual(
        yield* nothing({ [usual]: { profiles: { a: keys("a"), b: keys("b") } } }),
        `file ~/${usual}, profile default (no such profile: it has a, b)`
      )
      assert.strictEqual(
        yield* nothing({ [usual]: { profiles: null } }),
        `file ~/${usual}, profile default (no such profile: it has none)`
      )
      assert.strictEqual(
        yield* nothing({ [usual]: { profiles: { default: { public_key: "", private_key: null } } } }),
        `file ~/${usual}, profile default (has no keys)`
      )
      // What every object has is no profile.
      assert.strictEqual(
        yield* nothing({ [usual]: {} }, { COMPSHARE_PROFILE: "constructor" }),
        `file ~/${usual}, profile constructor (no such profile: it has none)`
      )
    })
  )

  it.effect("names the half of a pair that is missing, and never takes it from elsewhere", () =>
    Effect.gen(function* () {
      const half = Effect.fnUntraced(function* (
        env: Readonly<Record<string, string>>,
        missing: string,
        present: string,
        file: unknown = config
      ) {
        const error = yield* Effect.flip(discover({ [usual]: file }, () => env))
        assert.strictEqual(error.reason._tag, "Unauthenticated")
        assert.include(error.message, `${missing} is missing beside ${present}`)
        return error.message
      })
      const { COMPSHARE_PRIVATE_KEY, COMPSHARE_PUBLIC_KEY } = own
      const { UCLOUD_PRIVATE_KEY, UCLOUD_PUBLIC_KEY } = ucloud
      yield* half({ COMPSHARE_PUBLIC_KEY, ...ucloud }, "COMPSHARE_PRIVATE_KEY", "COMPSHARE_PUBLIC_KEY")
      yield* half({ COMPSHARE_PRIVATE_KEY, ...ucloud }, "COMPSHARE_PUBLIC_KEY", "COMPSHARE_PRIVATE_KEY")
      yield* half({ UCLOUD_PUBLIC_KEY }, "UCLOUD_PRIVATE_KEY", "UCLOUD_PUBLIC_KEY")
      yield* half({ UCLOUD_PRIVATE_KEY }, "UCLOUD_PUBLIC_KEY", "UCLOUD_PRIVATE_KEY")
      const { private_key, public_key } = keys("team")
      const message = yield* half({}, "private_key", "public_key", { profiles: { default: { public_key } } })
      assert.include(message, `(file ~/${usual}, profile default)`)
      yield* half({}, "public_key", "private_key", { profiles: { default: { private_key } } })
    })
  )

  it.effect.each<[unknown, string]>([
    ["{", "is not valid JSON"],
    ["[]", "is not an object"],
    ["null", "is not an object"],
    [{ current_profile: 5 }, "current_profile is not what it should be"],
    [{ profiles: [] }, "profiles is not what it should be"],
    [{ profiles: { default: ["x"] } }, "profiles.default is not what it should be"],
    [{ profiles: { default: { public_key: 5 } } }, "profiles.default.public_key is not what it should be"],
    [
      { current_profile: "a b", profiles: { "a b": { private_key: {} } } },
      'profiles."a b".private_key is not what it should be'
    ]
  ])("names what is wrong in a file, by its place (%#)", ([file, problem]) =>
    Effect.gen(function* () {
      const { reason } = yield* Effect.flip(discover({ [usual]: file }))
      assert.deepInclude(reason, { _tag: "InvalidRequest", field: `~/${usual}` })
      assert.include(reason.message, `${problem}`)
      assert.include(reason.message, "`compshare config`")
    })
  )

  it.effect("refuses what is not the name of a profile", () =>
    Effect.gen(function* () {
      for (const profile of ["", 5, null]) {
        const options = { profile } as unknown as CredentialChain.Options
        const { reason } = yield* Effect.flip(discover({}, () => own, options))
        assert.deepInclude(reason, { _tag: "InvalidRequest", field: "profile" })
      }
    })
  )
})

describe("secrets", () => {
  it.effect.prop("are in nothing that people get to see", [Schema.Int], ([seed]) =>
    Effect.gen(function* () {
      const secretOf = (what: string) => createHash("sha256").update(`${what} ${seed}`).digest("base64")
      const [id, secret] = [secretOf("id"), secretOf("secret")]
      const pair = { public_key: id, private_key: secret }
      const cases: ReadonlyArray<[file: unknown, env: Readonly<Record<string, string>>]> = [
        [{ profiles: { default: pair } }, {}],
        [{ profiles: { default: pair } }, { COMPSHARE_PROFILE: "other" }],
        [{ profiles: { default: { ...pair, public_key: undefined } } }, {}],
        [{ profiles: { default: { ...pair, private_key: [secret] } } }, {}],
        [{ profiles: { default: { ...pair, private_key: `${secret} ` } } }, {}],
        [{ profiles: { default: [id, secret] } }, {}],
        [{ profiles: [pair] }, {}],
        [JSON.stringify({ profiles: { default: pair } }).slice(0, -3), {}],
        [`${id}:${secret}`, {}],
        [{}, { COMPSHARE_PUBLIC_KEY: id, COMPSHARE_PRIVATE_KEY: secret, COMPSHARE_PROFILE: "x" }],
        [{}, { COMPSHARE_PUBLIC_KEY: id, COMPSHARE_PRIVATE_KEY: `${secret}\n` }],
        [{}, { COMPSHARE_PRIVATE_KEY: secret }],
        [{}, { UCLOUD_PUBLIC_KEY: id, COMPSHARE_REGION: "" }]
      ]
      for (const [file, env] of cases) {
        const result = yield* Effect.result(discover({ [usual]: file }, () => env))
        const inside = inspect(result, { depth: 20, showHidden: true }) + JSON.stringify(result)
        assert.notInclude(inside, secret)
        const forPeople =
          result._tag === "Failure"
            ? inside + result.failure.message + String(result.failure)
            : [result.success.source, ...result.success.warnings].join()
        assert.notInclude(forPeople, secret)
        assert.notInclude(forPeople, id)
      }
    })
  )
})
