/**
 * Keys in the environment and in the credentials file of Huawei Cloud's SDKs, on a real disk.
 */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Logger, Redacted, Schema } from "effect"
import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { inspect } from "node:util"
import * as CredentialChain from "@cloud-quota/metastudio/CredentialChain"
import * as MetaStudioClient from "@cloud-quota/metastudio/MetaStudioClient"

const usual = ".huaweicloud/credentials"

/** A home folder with these files, each readable for its owner alone. */
const homeWith = Effect.fnUntraced(function* (files: Readonly<Record<string, string>>) {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "huaweicloud-home-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  for (const [name, content] of Object.entries(files)) {
    const path = join(home, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content, { mode: 0o600 })
  }
  return home
})

const environment = (env: Readonly<Record<string, string>>) =>
  ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))

/** Discovers in a home folder of its own. */
const discover = Effect.fnUntraced(function* (
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {}
) {
  const home = yield* homeWith(files)
  return yield* Effect.provide(
    CredentialChain.discover,
    environment({ HOME: home, USERPROFILE: home, ...env })
  )
})

const key = (name: string) => ({ accessKey: `${name}-AK`, secretKey: Redacted.make(`${name}-SK`) })
const sdk = { HUAWEICLOUD_SDK_AK: "sdk-AK", HUAWEICLOUD_SDK_SK: "sdk-SK" }
const example = { CLOUD_SDK_AK: "example-AK", CLOUD_SDK_SK: "example-SK" }
const file = `
# as the vendor's manual has it
[basic]
ak = file-AK
sk = file-SK
project_id = file-project
iam_endpoint = https://iam.cn-north-4.myhuaweicloud.com

[global]
ak = file-AK
sk = file-SK
domain_id = file-domain
`

describe("the order", () => {
  it.effect("is the SDKs' variables, the examples' variables, the file", () =>
    Effect.gen(function* () {
      // A broken file does not matter as long as nobody has to read it.
      for (const content of [file, "ak"]) {
        assert.deepStrictEqual(yield* discover({ [usual]: content }, { ...sdk, ...example }), {
          value: { credentials: key("sdk") },
          source: "environment: HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK",
          warnings: []
        })
        assert.deepStrictEqual(yield* discover({ [usual]: content }, example), {
          value: { credentials: key("example") },
          source: "environment: CLOUD_SDK_AK and CLOUD_SDK_SK",
          warnings: []
        })
      }
      assert.deepStrictEqual(yield* discover({ [usual]: file }), {
        value: {
          credentials: key("file"),
          projectId: "file-project",
          domainId: "file-domain",
          iamEndpoint: "https://iam.cn-north-4.myhuaweicloud.com"
        },
        source: `file ~/${usual}, section basic`,
        warnings: []
      })
    })
  )

  it.effect("of files is the chosen one, the usual one", () =>
    Effect.gen(function* () {
      const files = { [usual]: file, "chosen.ini": "[basic]\nak: c-AK\nSK: c-SK\nsecurity_token: c/T+==\n" }
      const chosen = yield* discover(files, { HUAWEICLOUD_SDK_CREDENTIALS_FILE: "~/chosen.ini" })
      assert.strictEqual(chosen.source, "file ~/chosen.ini, section basic")
      assert.deepStrictEqual(chosen.value, {
        credentials: { ...key("c"), securityToken: Redacted.make("c/T+==") }
      })
    })
  )

  it.effect("of sections is basic, global", () =>
    Effect.gen(function* () {
      const global = "[global]\nak=g-AK\nsk=g-SK\ndomain_id=g-domain\n"
      const alone = yield* discover({ [usual]: `[basic]\nak =\nsk =\n${global}` })
      assert.deepStrictEqual(
        [alone.value, alone.source],
        [{ credentials: key("g"), domainId: "g-domain" }, `file ~/${usual}, section global`]
      )
      // The domain of another key says nothing about this one's.
      const two = yield* discover({ [usual]: `${global}[basic]\r\nak=b-AK\r\nsk=b-SK\r\n` })
      assert.deepStrictEqual(two.value, { credentials: key("b") })
    })
  )

  it.effect("of what is told beside a key is its own place, the variables", () =>
    Effect.gen(function* () {
      const env = {
        HUAWEICLOUD_SDK_PROJECT_ID: "env-project",
        HUAWEICLOUD_SDK_DOMAIN_ID: "env-domain",
        HUAWEICLOUD_SDK_IAM_ENDPOINT: "https://iam.example.com",
        HUAWEICLOUD_SDK_SECURITY_TOKEN: "of another key"
      }
      const bare = yield* discover({ [usual]: "[basic]\nak=b-AK\nsk=b-SK" }, env)
      assert.deepStrictEqual(bare.value, {
        credentials: key("b"),
        projectId: "env-project",
        domainId: "env-domain",
        iamEndpoint: "https://iam.example.com"
      })
      const full = yield* discover({ [usual]: file }, env)
      assert.deepInclude(full.value, { projectId: "file-project", domainId: "file-domain" })
    })
  )
})

describe("the client's options", () => {
  const optionsIn = Effect.fnUntraced(function* (env: Readonly<Record<string, string>>) {
    const home = yield* homeWith({ [usual]: file })
    return yield* Effect.provide(
      MetaStudioClient.optionsConfig,
      environment({ HOME: home, USERPROFILE: home, ...env })
    )
  })

  it.effect("come from the file and from MetaStudio's own variables, which go before it", () =>
    Effect.gen(function* () {
      const iamEndpoint = "https://iam.cn-north-4.myhuaweicloud.com"
      const credentials = key("file")
      assert.deepInclude(yield* optionsIn({ METASTUDIO_REGION: "cn-north-4" }), {
        credentials,
        projectId: "file-project",
        domainId: "file-domain",
        region: "cn-north-4",
        iamEndpoint
      })
      const own = { METASTUDIO_PROJECT_ID: "own-project", METASTUDIO_ENDPOINT: "http://127.0.0.1:1" }
      assert.deepInclude(yield* optionsIn(own), {
        credentials,
        projectId: "own-project",
        endpoint: "http://127.0.0.1:1",
        iamEndpoint
      })
      const error = yield* Effect.flip(optionsIn({ ...sdk, METASTUDIO_ENDPOINT: "http://127.0.0.1:1" }))
      assert.deepInclude(error.reason, { _tag: "InvalidRequest", field: "METASTUDIO_PROJECT_ID" })
    })
  )

  it.effect("are those of the environment that is in force where the layer is provided", () =>
    Effect.gen(function* () {
      const layerOf = (METASTUDIO_PROJECT_ID: string) =>
        Layer.provide(
          MetaStudioClient.layerConfig,
          environment({ ...sdk, METASTUDIO_PROJECT_ID, METASTUDIO_ENDPOINT: "http://127.0.0.1:1" })
        )
      const project = Effect.map(MetaStudioClient.MetaStudioClient, ({ projectId }) => projectId)
      const inner = Effect.gen(function* () {
        return [yield* project, yield* Effect.provide(project, layerOf("inner"))]
      })
      assert.deepStrictEqual(yield* Effect.provide(inner, layerOf("outer")), ["outer", "inner"])
    })
  )

  it.effect.skipIf(process.platform === "win32")("log once that others have access to the file", () =>
    Effect.gen(function* () {
      const home = yield* homeWith({ [usual]: file })
      chmodSync(join(home, usual), 0o640)
      const lines: Array<unknown> = []
      const logger = Logger.make(({ message }) => lines.push(message))
      const client = yield* MetaStudioClient.MetaStudioClient.pipe(
        Effect.provide(MetaStudioClient.layerConfig),
        Effect.provide(environment({ HOME: home, METASTUDIO_REGION: "cn-north-4" })),
        Effect.provide(Logger.layer([logger]))
      )
      assert.strictEqual(client.projectId, "file-project")
      assert.deepStrictEqual(lines, [
        [`metastudio configure: others than you have access to ~/${usual} (mode 640): run chmod 600 on it`]
      ])
    })
  )
})

describe("an error", () => {
  it.effect("tells all places if there is nothing in any of them", () =>
    Effect.gen(function* () {
      const nothing = Effect.fnUntraced(function* (
        files: Readonly<Record<string, string>>,
        env?: Readonly<Record<string, string>>
      ) {
        const { message, reason } = yield* Effect.flip(discover(files, env))
        assert.strictEqual(reason._tag, "Unauthenticated")
        assert.include(message, "set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or write ak and sk into")
        assert.include(message, "My Credentials")
        const [, looked] = message.split("looked at ")
        const [one, two, three, ...more] = looked?.split("; ") ?? []
        assert.strictEqual(one, "environment: HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK (not set)")
        assert.strictEqual(two, "environment: CLOUD_SDK_AK and CLOUD_SDK_SK (not set)")
        assert.deepStrictEqual(more, [])
        return three
      })
      assert.strictEqual(
        yield* nothing({}, { HOME: "", USERPROFILE: "" }),
        `file ~/${usual} (the home folder is not known)`
      )
      assert.strictEqual(yield* nothing({}), `file ~/${usual} (not there)`)
      for (const empty of ["", "[basic]\n", "[other]\nak = x\nsk = y\n", "; nothing"]) {
        assert.strictEqual(
          yield* nothing({ [usual]: empty }),
          `file ~/${usual} (no ak and sk in the sections basic and global)`
        )
      }
    })
  )

  it.effect("names the half of a key that is missing, and never takes it from elsewhere", () =>
    Effect.gen(function* () {
      const { HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK } = sdk
      const { CLOUD_SDK_AK, CLOUD_SDK_SK } = example
      const half = (env: Readonly<Record<string, string>>, content = file) =>
        Effect.map(Effect.flip(discover({ [usual]: content }, env)), ({ message, reason }) => {
          assert.strictEqual(reason._tag, "Unauthenticated")
          return message
        })
      assert.include(
        yield* half({ HUAWEICLOUD_SDK_AK, ...example }),
        "HUAWEICLOUD_SDK_SK is missing beside HUAWEICLOUD_SDK_AK"
      )
      assert.include(
        yield* half({ HUAWEICLOUD_SDK_SK }),
        "HUAWEICLOUD_SDK_AK is missing beside HUAWEICLOUD_SDK_SK"
      )
      assert.include(yield* half({ CLOUD_SDK_AK }), "CLOUD_SDK_SK is missing beside CLOUD_SDK_AK")
      assert.include(
        yield* half({ HUAWEICLOUD_SDK_SK, CLOUD_SDK_SK }),
        "HUAWEICLOUD_SDK_AK is missing beside HUAWEICLOUD_SDK_SK"
      )
      const message = yield* half({}, "[basic]\nak = b-AK\n[global]\nak = g-AK\nsk = g-SK\n")
      assert.include(message, `sk is missing beside ak`)
      assert.include(message, `(file ~/${usual}, section basic)`)
    })
  )

  it.effect("is not made of a secret that is left over beside a whole key; a warning is", () =>
    Effect.gen(function* () {
      const { HUAWEICLOUD_SDK_SK } = sdk
      const found = yield* discover({}, { HUAWEICLOUD_SDK_SK, ...example })
      assert.deepStrictEqual(found, {
        value: { credentials: key("example") },
        source: "environment: CLOUD_SDK_AK and CLOUD_SDK_SK",
        warnings: ["HUAWEICLOUD_SDK_SK was not used: HUAWEICLOUD_SDK_AK is not set"]
      })
    })
  )

  it.effect.each([
    ["[basic]\nak = a\nsk\n", "line 3 is neither [section] nor name = value"],
    ["[basic] # mine\nak = a\n", "line 1 is neither [section] nor name = value"],
    ["ak = a\n[basic]\n", "line 1 comes before the first [section]"],
    ["[basic]\nak = a\nAK = b\n", "line 3 gives a name that is there already"],
    ["[basic]\n\n[basic]\n", "line 3 begins a section that is there already"],
    ["[basic]\nak = a\nsk = s # of mine\n", "sk in section basic has spaces, quotes, a comment"],
    ["[basic]\nak = a\nsk = s#1\n", "sk in section basic has spaces, quotes, a comment"],
    ["[basic]\nak = a\nsk = s%1\n", "sk in section basic has spaces, quotes, a comment"],
    ['[basic]\nak = "a"\nsk = s\n', "ak in section basic has spaces, quotes, a comment"],
    ["[basic]\nak = a\nsk = s\nsecurity_token = t;\n", "security_token in section basic has spaces"],
    ["[basic]\nak = a\nsk = s\nproject_id = p q\n", "project_id in section basic has spaces"]
  ] as const)("names what is wrong in a file, by its place (%#)", ([content, problem]) =>
    Effect.gen(function* () {
      const { reason } = yield* Effect.flip(discover({ [usual]: content }))
      assert.deepInclude(reason, { _tag: "InvalidRequest", field: `~/${usual}` })
      assert.include(reason.message, problem)
    })
  )
})

describe("secrets", () => {
  it.effect.prop("are in nothing that people get to see", [Schema.Int], ([seed]) =>
    Effect.gen(function* () {
      const secretOf = (what: string) => createHash("sha256").update(`${what} ${seed}`).digest("base64")
      const [id, secret, token] = [secretOf("ak"), secretOf("sk"), secretOf("token")]
      const section = `[basic]\nak = ${id}\nsk = ${secret}\nsecurity_token = ${token}\n`
      const env = {
        HUAWEICLOUD_SDK_AK: id,
        HUAWEICLOUD_SDK_SK: secret,
        HUAWEICLOUD_SDK_SECURITY_TOKEN: token
      }
      const cases: ReadonlyArray<[content: string, env: Readonly<Record<string, string>>]> = [
        [section, {}],
        [section.replace("basic", "other"), {}],
        [section.replace("[basic]", ""), {}],
        [section.replace("sk = ", ""), {}],
        [section.replace("ak = ", "xk = "), {}],
        [section.replace("sk = ", "sk = '"), {}],
        [section.replace(token, `${token} ${token}`), {}],
        [`${section}${section}`, {}],
        [`${section}sk = ${secret}`, {}],
        [`[basic]\nak = ${id}\nsk ${secret}\n`, {}],
        [`[${secret} ${secret}\n`, {}],
        ["", env],
        ["", { ...env, HUAWEICLOUD_SDK_AK: "" }],
        ["", { ...env, HUAWEICLOUD_SDK_SECURITY_TOKEN: `${token}\n` }],
        ["", { HUAWEICLOUD_SDK_SK: secret, CLOUD_SDK_AK: id, CLOUD_SDK_SK: secret }]
      ]
      for (const [content, variables] of cases) {
        const result = yield* Effect.result(discover({ [usual]: content }, variables))
        const inside = inspect(result, { depth: 20, showHidden: true }) + JSON.stringify(result)
        const forPeople =
          result._tag === "Failure"
            ? inside + result.failure.message + String(result.failure)
            : [result.success.source, ...result.success.warnings].join()
        for (const text of [secret, token]) assert.notInclude(inside + forPeople, text)
        assert.notInclude(forPeople, id)
      }
    })
  )
})
