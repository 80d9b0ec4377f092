/**
 * What docs/configuration.md shows works as it stands there, and the published JSON Schema is that of the
 * schemas that decode the file.
 */
import { CompShareProvider } from "@cloud-quota/compshare"
import { ConfigFile } from "@cloud-quota/core"
import { MetaStudioProvider } from "@cloud-quota/metastudio"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const providers = [CompShareProvider.provider, MetaStudioProvider.provider]
const page = readFileSync("docs/configuration.md", "utf8")

const load = (text: string) =>
  Effect.gen(function* () {
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "configuration-page-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    )
    writeFileSync(join(directory, "cloud-quota.yaml"), text, { mode: 0o644 })
    return yield* ConfigFile.load({ providers, directory, path: "cloud-quota.yaml" })
  }).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({}))))

/** The first column of a table, without the marks of code. */
const firstColumn = (heading: string) => {
  const rows = page.slice(page.indexOf(heading)).split("\n\n")[0]?.split("\n").slice(2) ?? []
  return rows.map((row) => row.split("|")[1]?.trim() ?? "")
}

const section = (title: string) => page.split(/^##+ /m).find((text) => text.startsWith(title)) ?? ""

describe("docs/configuration.md", () => {
  it.effect("begins with a file that works", () =>
    Effect.gen(function* () {
      const text = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? ""
      const { accounts, people } = yield* load(text)
      assert.deepStrictEqual(
        accounts.map(({ name, provider }) => [name, provider.id]),
        [
          ["gpu", "compshare"],
          ["studio", "metastudio"]
        ]
      )
      assert.strictEqual(yield* people.memberOf("ada@example.com", "gpu"), "60001")
    })
  )

  for (const [title, entry] of [
    ["UCloud CompShare", "provider: compshare, team: 1"],
    ["Huawei Cloud MetaStudio", "provider: metastudio, region: cn-north-4"]
  ] as const) {
    it.effect(`has credentials of ${title} as they are written`, () =>
      Effect.gen(function* () {
        const shown = [...section(title).matchAll(/^\| `(\{.*?\})` \|/gm)].map((match) => match[1] ?? "")
        assert.isTrue(shown.length >= 2)
        for (const credentials of shown) {
          yield* load(`accounts: { a: { ${entry}, credentials: ${credentials} } }`)
        }
      })
    )
  }

  it.effect("has journals and rate limits as they are written", () =>
    Effect.gen(function* () {
      const shown = firstColumn("| `journal` | is").filter((text) => text.startsWith("`{"))
      assert.strictEqual(shown.length, 2)
      const account = "a: { provider: compshare, team: 1, rateLimit: { requests: 60, perSeconds: 60 } }"
      for (const journal of shown) yield* load(`accounts: { ${account} }\njournal: ${journal.slice(1, -1)}`)
    })
  )

  it("names every setting that there is", () => {
    for (const { jsonSchema, title } of providers) {
      const text = section(title)
      for (const name of Object.keys(jsonSchema["properties"] as object)) {
        assert.include(text, `\`${name}\``, `${title}: ${name}`)
      }
    }
    const { properties } = ConfigFile.jsonSchema(providers)
    for (const name of Object.keys(properties as object)) assert.include(page, `## \`${name}\``)
  })
})

describe("packages/core/cloud-quota.schema.json", () => {
  it("is up to date: scripts/generateSchemas.mjs writes it", () => {
    const published = JSON.parse(readFileSync("packages/core/cloud-quota.schema.json", "utf8"))
    assert.deepStrictEqual(published, JSON.parse(JSON.stringify(ConfigFile.jsonSchema(providers))))
  })
})
