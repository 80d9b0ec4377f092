// Writes the JSON Schemas that are published, from the schemas that decode the same: that of cloud-quota.yaml,
// which editors take, and those of the rows that `--json`, `--ndjson` and `Export` write. With --check it writes
// nothing, and fails if they are not what it would write.
import { CompShareProvider } from "@cloud-quota/compshare"
import { Billing, ConfigFile, Member, Metric, Quota, Report } from "@cloud-quota/core"
import { MetaStudioProvider } from "@cloud-quota/metastudio"
import * as Schema from "effect/Schema"
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"

/** What each file describes. */
const rows = {
  quota: [Quota.QuotaState, "One metric of one member: a row of cloud-quota quota list and quota get."],
  metric: [Metric.Metric, "One thing that is limited: a row of cloud-quota metrics."],
  member: [Member.MemberInfo, "One member: a row of cloud-quota members list, show and find."],
  order: [Billing.Order, "One order: a row of cloud-quota orders and unpaid."],
  result: [
    Report.Result,
    "What became of one change: a row of cloud-quota quota set, topup, adjust and reclaim."
  ],
  report: [Report.Report, "What became of one call, with a row for each change."]
}

const rowSchema = ([schema, description]) => {
  const { definitions, schema: described } = Schema.toJsonSchemaDocument(schema, {
    onExcessProperty: "error"
  })
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    description,
    ...described,
    $defs: definitions
  }
}

const config = ConfigFile.jsonSchema([CompShareProvider.provider, MetaStudioProvider.provider])
const files = {
  "packages/core/cloud-quota.schema.json": config,
  ...Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [`packages/core/schemas/${name}.schema.json`, rowSchema(row)])
  )
}

/** The formatter has its own view of how JSON is broken into lines. */
const isUpToDate = (file, schema) =>
  existsSync(file) && JSON.stringify(JSON.parse(readFileSync(file, "utf8"))) === JSON.stringify(schema)

const stale = Object.entries(files).filter(([file, schema]) => !isUpToDate(file, schema))
if (process.argv.includes("--check")) {
  for (const [file] of stale) {
    console.error(`${file} is not what the schemas say: write it with pnpm try scripts/generateSchemas.mjs`)
    process.exitCode = 1
  }
} else if (stale.length > 0) {
  for (const [file, schema] of stale) writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)
  execFileSync("biome", ["format", "--write", ...stale.map(([file]) => file)], { stdio: "inherit" })
}
