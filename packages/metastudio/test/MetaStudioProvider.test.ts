/**
 * MetaStudio in configurations: settings, where credentials come from, and what is looked at.
 */
import * as Account from "@cloud-quota/core/Account"
import type * as Provider from "@cloud-quota/core/adapter/Provider"
import * as Transport from "@cloud-quota/core/Transport"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Result, Stream } from "effect"
import { inspect } from "node:util"
import * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import { provider } from "@cloud-quota/metastudio/MetaStudioProvider"

type Env = Readonly<Record<string, string>>

const inEnvironment = (env: Env) => Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))

const issues = (settings: unknown) =>
  Result.match(provider.configure(settings), {
    onSuccess: () => [],
    onFailure: (all) => all.map(({ message, path }) => `${path.join(".")}: ${message}`)
  })

const configured = (settings: unknown) =>
  Effect.fromResult(Result.mapError(provider.configure(settings), (all) => new Error(inspect(all))))

/** Asks the account of these settings who is in it, which needs credentials that are good. */
const members = Effect.fnUntraced(function* (settings: unknown, env: Env) {
  const { layer } = yield* configured(settings)
  return yield* Effect.gen(function* () {
    const account = yield* Account.Account
    return (yield* Stream.runCollect(account.quotas.list())).length > 0 ? account.identity.scope : "nobody"
  }).pipe(Effect.provide(layer), inEnvironment(env))
})

const diagnosed = Effect.fnUntraced(function* (settings: unknown, env: Env) {
  const { diagnose } = yield* configured(settings)
  return yield* inEnvironment(env)(diagnose)
})

const brief = (all: ReadonlyArray<Provider.Diagnosis>) =>
  all.map(({ check, verdict }) => `${check} ${verdict}`).join(", ")

const { accessKey, agency, domain, domainId, password, projectId, secretKey, user } =
  MetaStudioEmulator.defaults
const emulated = MetaStudioEmulator.start({ size: 3, seed: 2 })
const studio = { provider: "metastudio", region: "cn-north-4" }

/** In this process, under the test's clock. */
const over = (transport: Transport.Transport) => Effect.provide(Layer.succeed(Transport.Transport, transport))
const keys = { HUAWEICLOUD_SDK_AK: accessKey, HUAWEICLOUD_SDK_SK: secretKey }

describe("settings", () => {
  it("that are the vendor's own need no trust, and no others", () => {
    const foreign = (settings: object) =>
      Result.match(provider.configure({ ...studio, ...settings }), {
        onSuccess: ({ foreign }) => foreign.map(({ path }) => path.join(".")),
        onFailure: (all) => [inspect(all)]
      })
    const env = { accessKey: "CLOUD_SDK_AK", secretKey: "HUAWEICLOUD_SDK_SK" }
    const origin = (service: string) => `https://${service}.myhuaweicloud.com`
    const vendors = {
      endpoint: origin("metastudio.cn-east-3"),
      iamEndpoint: origin("iam"),
      bssEndpoint: origin("bss"),
      credentials: { env: { ...env, securityToken: "HUAWEICLOUD_SDK_SECURITY_TOKEN" } }
    }
    assert.deepStrictEqual(foreign(vendors), [])
    // Customers have hosts below the same domain.
    for (const host of ["my-bucket.obs.cn-north-4", "evil.metastudio.cn-north-4", "metastudio.evil"]) {
      assert.deepStrictEqual(foreign({ iamEndpoint: origin(host) }), ["iamEndpoint"])
    }
    const where = (credentials: object) => foreign({ credentials })
    assert.deepStrictEqual(where({ env: { ...env, accessKey: "HUAWEICLOUD_SDK_SK" } }), [
      "credentials.env.accessKey"
    ])
    assert.deepStrictEqual(where({ token: { env: "HUAWEICLOUD_SDK_SK" } }), ["credentials.token.env"])
    const user = { domain: "a", name: "b", password: { env: "HUAWEICLOUD_SDK_SK" } }
    assert.deepStrictEqual(where({ user }), ["credentials.user.password.env"])
    assert.deepStrictEqual(where({ agency: { name: "a", domain: "b", env: { ...env, accessKey: "X" } } }), [
      "credentials.agency.env.accessKey"
    ])
  })

  it("are a region or an endpoint, and what is not as usual", () => {
    const env = { accessKey: "A", secretKey: "B", securityToken: "C" }
    const secret = { env: "SECRET" }
    for (const settings of [
      studio,
      { provider: "metastudio", endpoint: "https://studio.example.com" },
      {
        ...studio,
        project: projectId,
        domain: domainId,
        iamEndpoint: "https://i.cn",
        bssEndpoint: "https://b.cn"
      },
      { ...studio, credentials: { env } },
      { ...studio, credentials: { token: secret } },
      { ...studio, credentials: { user: { domain: "d", name: "n", password: secret } } },
      { ...studio, credentials: { agency: { name: "a", domain: "d", env } } },
      { ...studio, credentials: { agency: { name: "a", domainId } } }
    ]) {
      assert.deepStrictEqual(issues(settings), [], inspect(settings))
    }
  })

  it("are refused with what would be right", () => {
    const place = "region: give the region, cn-north-4 or cn-east-3, or an endpoint"
    assert.deepStrictEqual(issues({ provider: "metastudio" }), [place])
    assert.deepStrictEqual(issues({ ...studio, region: "mars" }), [place])
    assert.deepStrictEqual(issues({ ...studio, projct: "x" }), ["projct: did you mean project?"])
    assert.match(issues({ ...studio, project: "a/b" })[0] ?? "", /^project: give the id of the project/)
    const said = (credentials: unknown) => issues({ ...studio, credentials })[0] ?? ""
    assert.match(said({}), /^credentials: give one of/)
    assert.match(
      said({ token: { env: "A" }, env: { accessKey: "A", secretKey: "B" } }),
      /^credentials: give one of/
    )
    assert.match(
      said({ user: { domain: "d", name: "n", password: "hunter2" } }),
      /password: name the environ/
    )
    assert.match(said({ agency: { name: "a" } }), /^credentials\.agency: give the name of the account that/)
    assert.match(said({ secretKey: "hunter2" }), /^credentials\.secretKey: no key is written here/)
  })
})

describe("credentials", () => {
  it.effect("come from the chain, or from the variables that are named", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ size: 3 })
      const ask = (settings: unknown, env: Env) => members(settings, env).pipe(over(emulator.transport))
      assert.strictEqual(yield* ask(studio, keys), projectId)
      const named = { ...studio, credentials: { env: { accessKey: "AK", secretKey: "SK" } } }
      assert.strictEqual(yield* ask(named, { AK: accessKey, SK: secretKey }), projectId)
      const missing = yield* Effect.flip(ask(named, keys))
      assert.match(missing.message, /set AK and SK, which the configuration names/)
    })
  )

  it.effect("may be a user's password, a token, or an agency", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ size: 3 })
      const ask = (credentials: unknown, env: Env) =>
        members({ ...studio, project: projectId, credentials }, env).pipe(over(emulator.transport))
      const byUser = { user: { domain, name: user, password: { env: "PASSWORD" } } }
      assert.strictEqual(yield* ask(byUser, { PASSWORD: password }), projectId)
      assert.match((yield* Effect.flip(ask(byUser, keys))).message, /set PASSWORD, which the configuration/)
      const byAgency = { agency: { name: agency, domain } }
      assert.strictEqual(yield* ask(byAgency, keys), projectId)
      const withKey = { agency: { name: agency, domain, env: { accessKey: "AK", secretKey: "SK" } } }
      assert.strictEqual(yield* ask(withKey, { AK: accessKey, SK: secretKey }), projectId)
      const refused = yield* Effect.flip(ask({ token: { env: "TOKEN" } }, { TOKEN: "hunter2" }))
      assert.strictEqual("reason" in refused && refused.reason._tag, "Unauthenticated")
      assert.notInclude(inspect(refused), "hunter2")
    })
  )

  it.effect("of the environment make an account, if there is a region or an endpoint to it", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ size: 3 })
      const env = { ...keys, METASTUDIO_REGION: "cn-north-4", METASTUDIO_PROJECT_ID: projectId }
      const found = yield* inEnvironment(env)(provider.discover)
      assert.strictEqual(yield* members(found, env).pipe(over(emulator.transport)), projectId)
      assert.isUndefined(yield* inEnvironment(keys)(provider.discover))
    })
  )
})

describe("a diagnosis", () => {
  it.effect("finds all well, and what stands in the way", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<
        readonly [MetaStudioEmulator.Settings, { readonly settings?: object; readonly env?: Env }, string]
      > = [
        [{}, {}, "credentials ok, network ok, clock ok, permission ok, isolation ok"],
        [{ isolation: false }, {}, "credentials ok, network ok, clock ok, permission ok, isolation failed"],
        [
          {},
          { env: {} },
          "credentials failed, network skipped, clock skipped, permission skipped, isolation skipped"
        ],
        [
          {},
          { env: { ...keys, HUAWEICLOUD_SDK_SK: "hunter2" } },
          "credentials failed, network ok, clock ok, permission skipped, isolation skipped"
        ],
        [
          {},
          { settings: { project: "of-somebody-else" } },
          "credentials ok, network ok, clock ok, permission failed, isolation failed"
        ]
      ]
      for (const [rules, { env = keys, settings }, expected] of cases) {
        const emulator = yield* MetaStudioEmulator.make({ size: 3, ...rules })
        const all = yield* diagnosed({ ...studio, project: projectId, ...settings }, env).pipe(
          over(emulator.transport)
        )
        assert.strictEqual(brief(all), expected, inspect(all))
        for (const { remedy, verdict } of all) assert.strictEqual(remedy === undefined, verdict === "ok")
        for (const secret of ["hunter2", accessKey, secretKey]) assert.notInclude(inspect(all), secret)
        const asked = (yield* emulator.requests).map(({ request }) => request.method)
        assert.isTrue(
          asked.every((method) => method === "GET"),
          String(asked)
        )
        const isolation = all.find(({ check }) => check === "isolation")
        if (rules.isolation === false) assert.match(isolation?.remedy ?? "", /IAM User Isolation/)
      }
    })
  )

  it.effect("tells a wrong clock from wrong keys", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ size: 3 })
      yield* emulator.inject({
        operation: "ListUserQuotas",
        fault: {
          _tag: "answer",
          effect: false,
          response: {
            status: 401,
            headers: {},
            body: JSON.stringify({
              error_code: "APIGW.0301",
              error_msg:
                "Incorrect IAM authentication information: Signature expired, signature time:19700101T000000Z,server time:19700101T003000Z"
            })
          }
        }
      })
      const all = yield* diagnosed({ ...studio, project: projectId }, keys).pipe(over(emulator.transport))
      assert.strictEqual(
        brief(all),
        "credentials ok, network ok, clock failed, permission skipped, isolation skipped"
      )
      assert.match(all[2]?.message ?? "", /30 min 0 s behind the clock of Huawei Cloud/)
    })
  )

  it.effect("says that the project cannot be found", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ size: 3, projectName: "cn-south-1" })
      const all = yield* diagnosed(studio, keys).pipe(over(emulator.transport))
      assert.strictEqual(
        brief(all),
        "credentials ok, network ok, clock ok, permission failed, isolation skipped"
      )
      assert.match(all[3]?.message ?? "", /project_id: is missing: give the id of the project/)
    })
  )
})

describe("an emulator", () => {
  it.live("is reached by its settings and environment, billing included", () =>
    Effect.gen(function* () {
      const { environment, settings } = yield* emulated
      assert.strictEqual(yield* members(settings, environment), projectId)
      assert.notInclude(JSON.stringify(settings), secretKey)
      const found = yield* inEnvironment(environment)(provider.discover)
      assert.strictEqual(yield* members(found, environment), projectId)
      const { layer } = yield* configured(settings)
      const balance = yield* Effect.gen(function* () {
        const { billing } = yield* Account.Account
        return yield* billing.balance
      }).pipe(Effect.provide(layer), inEnvironment(environment), Effect.result)
      // Whatever the balance is: the billing service was reached.
      assert.notInclude(inspect(balance), "bssEndpoint")
    })
  )
})
