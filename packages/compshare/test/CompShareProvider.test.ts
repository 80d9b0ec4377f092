/**
 * CompShare in configurations: settings, where keys come from, and what is looked at.
 */
import * as Account from "@cloud-quota/core/Account"
import type * as Provider from "@cloud-quota/core/adapter/Provider"
import * as Transport from "@cloud-quota/core/Transport"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Fiber, Layer, Result, Stream } from "effect"
import { TestClock } from "effect/testing"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { provider } from "@cloud-quota/compshare/CompShareProvider"

type Env = Readonly<Record<string, string>>

const inEnvironment = (env: Env) => Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))

const issues = (settings: unknown) =>
  Result.match(provider.configure(settings), {
    onSuccess: () => [],
    onFailure: (all) => all.map(({ message, path }) => `${path.join(".")}: ${message}`)
  })

const configured = (settings: unknown) =>
  Effect.fromResult(Result.mapError(provider.configure(settings), (all) => new Error(inspect(all))))

/** Asks the account of these settings who is in it, which needs keys that are good. */
const members = Effect.fnUntraced(function* (settings: unknown, env: Env) {
  const { layer } = yield* configured(settings)
  return yield* Effect.gen(function* () {
    const account = yield* Account.Account
    return (yield* Stream.runCollect(account.members.list())).length
  }).pipe(Effect.provide(layer), inEnvironment(env))
})

const diagnosed = Effect.fnUntraced(function* (settings: unknown, env: Env) {
  const { diagnose } = yield* configured(settings)
  return yield* inEnvironment(env)(diagnose)
})

/** `credentials ok, network failed`. */
const brief = (all: ReadonlyArray<Provider.Diagnosis>) =>
  all.map(({ check, verdict }) => `${check} ${verdict}`).join(", ")

const { privateKey, publicKey } = CompShareEmulator
const keys = { COMPSHARE_PUBLIC_KEY: publicKey, COMPSHARE_PRIVATE_KEY: privateKey }

/** A served emulator, and the settings of its account. */
const emulated = Effect.map(CompShareEmulator.start({ size: 7, seed: 3 }), (all) => ({
  ...all,
  env: all.environment
}))

const gpu = { provider: "compshare", team: 1001 }

describe("settings", () => {
  it("that are the vendor's own need no trust, and no others", () => {
    const foreign = (settings: object) =>
      Result.match(provider.configure({ ...gpu, ...settings }), {
        onSuccess: ({ foreign }) => foreign.map(({ path }) => path.join(".")),
        onFailure: (all) => [inspect(all)]
      })
    const env = { publicKey: "UCLOUD_PUBLIC_KEY", privateKey: "COMPSHARE_PRIVATE_KEY" }
    assert.deepStrictEqual(foreign({ endpoint: "https://api.compshare.cn", credentials: { env } }), [])
    assert.deepStrictEqual(foreign({ credentials: { profile: "lab" } }), [])
    for (const endpoint of [
      "https://api.compshare.cn.evil.test",
      "https://api.ucloud.cn",
      "http://localhost"
    ]) {
      assert.deepStrictEqual(foreign({ endpoint }), ["endpoint"])
    }
    // The public key is sent as it is: the vendor's private key is none of its variables.
    const swapped = { ...env, publicKey: "COMPSHARE_PRIVATE_KEY", securityToken: "HOME" }
    assert.deepStrictEqual(foreign({ credentials: { env: swapped } }), [
      "credentials.env.publicKey",
      "credentials.env.securityToken"
    ])
  })

  it("are a team, and what is not as usual", () => {
    for (const settings of [
      gpu,
      { ...gpu, team: "4294967295" },
      { ...gpu, region: "cn-sh2", endpoint: "https://api.example.com", projectId: "org-1" },
      { ...gpu, credentials: { profile: "生产" } },
      { ...gpu, credentials: { env: { publicKey: "A", privateKey: "B", securityToken: "C" } } }
    ]) {
      assert.deepStrictEqual(issues(settings), [], inspect(settings))
    }
  })

  it("are refused with what would be right", () => {
    const team = "team: give the team's number, 1 to 4294967295, as the console shows it"
    for (const wrong of [undefined, null, 0, 4294967296, "team", 1.5, ""]) {
      assert.deepStrictEqual(issues({ provider: "compshare", team: wrong }), [team], String(wrong))
    }
    assert.deepStrictEqual(issues({ ...gpu, tema: 1 }), ["tema: did you mean team?"])
    assert.match(issues({ ...gpu, provider: "other" })[0] ?? "", /^provider: write compshare/)
    assert.match(issues({ ...gpu, endpoint: "http://api.example.com" })[0] ?? "", /^endpoint: only https/)
    for (const credentials of [{}, { profile: "a", env: { publicKey: "A", privateKey: "B" } }]) {
      assert.match(issues({ ...gpu, credentials })[0] ?? "", /^credentials: give one of the two/)
    }
    const half = issues({ ...gpu, credentials: { env: { publicKey: "A" } } })
    assert.match(half[0] ?? "", /^credentials\.env\.privateKey: give the name of an environment variable/)
  })

  it("have no keys in them", () => {
    for (const settings of [
      { ...gpu, privateKey: "hunter2" },
      { ...gpu, credentials: { privateKey: "hunter2" } }
    ]) {
      const [message = ""] = issues(settings)
      assert.match(message, /no key is written here: name the environment variable that has it/)
      assert.notInclude(message, "hunter2")
    }
  })
})

describe("keys", () => {
  it.effect("come from the chain, from the variables that are named, or from a profile", () =>
    Effect.gen(function* () {
      const { env, settings } = yield* emulated
      assert.strictEqual(yield* members(settings, env), 7)
      const named = { ...settings, credentials: { env: { publicKey: "THEIR_ID", privateKey: "THEIR_KEY" } } }
      const theirs = { THEIR_ID: publicKey, THEIR_KEY: privateKey }
      assert.strictEqual(yield* members(named, theirs), 7)
      const wrong = { COMPSHARE_PUBLIC_KEY: "not", COMPSHARE_PRIVATE_KEY: "these" }
      assert.strictEqual(yield* members(named, { ...theirs, ...wrong }), 7)
      const missing = yield* Effect.flip(members(named, keys))
      assert.match(missing.message, /set THEIR_ID and THEIR_KEY, which the configuration names/)

      const home = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "compshare-provider-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      mkdirSync(join(home, ".config/compshare"), { recursive: true })
      writeFileSync(
        join(home, ".config/compshare/config.json"),
        JSON.stringify({ profiles: { lab: { public_key: publicKey, private_key: privateKey } } }),
        { mode: 0o600 }
      )
      const profile = { ...settings, credentials: { profile: "lab" } }
      const atHome = { HOME: home, USERPROFILE: home }
      assert.strictEqual(yield* members(profile, atHome), 7)
      // The profile that one account names is not to lose to the keys of another one.
      assert.strictEqual(yield* members(profile, { ...atHome, ...wrong }), 7)
      const other = yield* Effect.flip(members({ ...settings, credentials: { profile: "x" } }, atHome))
      assert.match(other.message, /no such profile: it has lab/)
      // Keys of the environment are not looked at, so that they are no remedy either.
      assert.match(other.message, /compshare config.* for the profile x/)
      assert.notInclude(other.message, "PUBLIC_KEY")
    })
  )

  it.effect("of the environment make an account, if there is a team to it", () =>
    Effect.gen(function* () {
      const { env } = yield* emulated
      const found = yield* inEnvironment(env)(provider.discover)
      assert.strictEqual(yield* members(found, env), 7)
      assert.isUndefined(yield* inEnvironment(keys)(provider.discover))
      assert.notInclude(inspect(found), privateKey)
    })
  )
})

describe("a rate limit", () => {
  it.effect("holds for the account's requests, and not for a diagnosis", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ size: 1 })
      const settings = { ...gpu, rateLimit: { requests: 1, perSeconds: 60 } }
      const { diagnose, layer } = yield* configured(settings)
      const inProcess = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
        effect.pipe(
          Effect.provide(Layer.succeed(Transport.Transport, emulator.transport)),
          inEnvironment(keys)
        )
      const asked = Effect.map(emulator.requests, (requests) => requests.length)
      yield* inProcess(diagnose)
      const before = yield* asked
      assert.isTrue(before > 1)
      const { members } = yield* inProcess(Effect.provide(Account.Account, layer))
      const reading = yield* Effect.forkChild(Effect.repeat(Stream.runCollect(members.list()), { times: 1 }))
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(yield* asked, before + 1)
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.join(reading)
      assert.strictEqual(yield* asked, before + 2)
    })
  )
})

describe("a diagnosis", () => {
  it.effect("finds all well, and says whose keys it used without showing them", () =>
    Effect.gen(function* () {
      const { env, settings } = yield* emulated
      const all = yield* diagnosed(settings, env)
      assert.strictEqual(brief(all), "credentials ok, network ok, clock ok, permission ok")
      assert.strictEqual(
        all[0]?.message,
        "environment: COMPSHARE_PUBLIC_KEY and COMPSHARE_PRIVATE_KEY (key …_key)"
      )
      assert.match(all[3]?.message ?? "", /^team 1001 can be read: \d+ members and invitations$/)
      for (const { remedy, verdict } of all) assert.strictEqual(remedy === undefined, verdict === "ok")
      for (const secret of [publicKey, privateKey]) assert.notInclude(inspect(all), secret)
    })
  )

  it.effect("tells what is wrong from what cannot be known", () =>
    Effect.gen(function* () {
      const { emulator, env, settings } = yield* emulated
      const wrongKey = { ...env, COMPSHARE_PRIVATE_KEY: "hunter2" }
      const cases: ReadonlyArray<readonly [unknown, Env, string]> = [
        [settings, {}, "credentials failed, network skipped, clock skipped, permission skipped"],
        [settings, wrongKey, "credentials failed, network ok, clock ok, permission skipped"],
        [{ ...settings, team: 7 }, env, "credentials ok, network ok, clock ok, permission failed"]
      ]
      for (const [some, environment, expected] of cases) {
        const before = (yield* emulator.requests).length
        const all = yield* diagnosed(some, environment)
        assert.strictEqual(brief(all), expected, inspect(all))
        for (const { remedy, verdict } of all) assert.strictEqual(remedy === undefined, verdict === "ok")
        assert.notInclude(inspect(all), "hunter2")
        const asked = (yield* emulator.requests).slice(before).map(({ operation }) => operation)
        assert.isTrue(
          asked.every((one) => /^(Describe|Get)/.test(one)),
          String(asked)
        )
      }
    })
  )

  it.effect("finds a network that leads nowhere, a slow clock, and a provider in trouble", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ size: 1 })
      const over = (transport: Transport.Transport) =>
        diagnosed(gpu, keys).pipe(Effect.provide(Layer.succeed(Transport.Transport, transport)))
      yield* emulator.refuseConnections()
      const nowhere = yield* over(emulator.transport)
      assert.strictEqual(brief(nowhere), "credentials ok, network failed, clock skipped, permission skipped")
      assert.match(nowhere[1]?.remedy ?? "", /HTTPS_PROXY/)

      const at = (date: string): Transport.Transport => ({
        ...emulator.transport,
        request: (request) =>
          Effect.map(emulator.transport.request(request), (response) => ({
            ...response,
            headers: { ...response.headers, date }
          }))
      })
      // The test's clock stands at 1970.
      const late = yield* over(at("Thu, 01 Jan 1970 00:10:00 GMT"))
      assert.strictEqual(brief(late), "credentials ok, network ok, clock warning, permission ok")
      assert.match(late[2]?.message ?? "", /the clock of this machine is 60[01] s behind the provider's/)
      assert.match((yield* over(at("Wed, 31 Dec 1969 23:50:00 GMT")))[2]?.message ?? "", /ahead of/)

      const silent = yield* over(at(""))
      assert.strictEqual(brief(silent), "credentials ok, network ok, clock skipped, permission ok")

      yield* emulator.inject({
        operation: "GetCompShareTeamInfo",
        fault: { _tag: "answer", response: { status: 500, headers: {}, body: "oops" }, effect: false }
      })
      const trouble = yield* over(emulator.transport)
      assert.strictEqual(brief(trouble), "credentials ok, network ok, clock ok, permission failed")
    })
  )
})

describe("an emulator", () => {
  it.effect("on a port that is taken is an error that names it", () =>
    Effect.gen(function* () {
      const { origin } = yield* emulated
      const port = Number(new URL(origin).port)
      const error = yield* Effect.flip(CompShareEmulator.start({ port }))
      assert.match(error.message, /compshare emulate: port: port \d+ on 127.0.0.1 is in use/)
      assert.strictEqual(error.reason._tag, "InvalidRequest")
    })
  )

  it.effect("has no secret in its settings", () =>
    Effect.gen(function* () {
      const { settings } = yield* emulated
      assert.notInclude(JSON.stringify(settings), privateKey)
      assert.deepStrictEqual(issues(settings), [])
    })
  )
})
