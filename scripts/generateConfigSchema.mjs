// Writes the JSON Schema of cloud-quota.yaml, which editors take, from the schemas that decode it.
import { CompShareProvider } from "@cloud-quota/compshare"
import { ConfigFile } from "@cloud-quota/core"
import { MetaStudioProvider } from "@cloud-quota/metastudio"
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"

const file = "packages/core/cloud-quota.schema.json"
const schema = ConfigFile.jsonSchema([CompShareProvider.provider, MetaStudioProvider.provider])
writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)
execFileSync("biome", ["format", "--write", file], { stdio: "inherit" })
