// Writes docs/operations.md: every operation of the vendors' APIs that the typed clients have, from the values
// that describe it. With --check it writes nothing, and fails if the page is not up to date.
import { Operations as CompShare } from "@cloud-quota/compshare"
import { Operations as MetaStudio } from "@cloud-quota/metastudio"
import { existsSync, readFileSync, writeFileSync } from "node:fs"

const clients = [
  { title: "CompShare: `CompShareClient`", operations: CompShare.operations },
  { title: "MetaStudio: `MetaStudioClient`", operations: MetaStudio.operations.metastudio },
  { title: "IAM: `IamClient`", operations: MetaStudio.operations.iam },
  { title: "Billing (BSS): `BssClient`", operations: MetaStudio.operations.bss }
]

const cell = (text) => text.replaceAll("|", "\\|")

const rowOf = ([method, { doc, method: verb, name, page, path, safety, safetyOf, secret, source }]) => {
  const place = path === undefined ? `\`${name}\`` : `\`${verb} ${path}\``
  const classes = safetyOf === undefined ? safety : `${safety}, or safer by the request`
  const pages = page === undefined ? "" : `${page.largest} a page`
  const secrets = secret === undefined ? "" : ` Secret: ${secret.map((field) => `\`${field}\``).join(", ")}.`
  return `| \`${method}\` | ${place} | ${classes} | ${pages} | ${cell(doc)}${secrets} | ${cell(source)} |`
}

const text = `# Operations

The operations of the vendors' APIs that the typed clients have a method for. The table is made from the values
that describe them (\`Operations\` of each adapter), as are the methods, the checks before sending, the decoding
and the retries.

- **Safety**: \`read\` and \`idempotent-write\` are repeated after a passing failure; \`create\` only if it is proven
  that nothing happened; \`delta\` never.
- **Pages**: operations that come in pages also have a stream under \`stream\`.

${clients
  .map(
    ({ operations, title }) => `## ${title}

| method | operation | safety | pages | does | source |
|---|---|---|---|---|---|
${Object.entries(operations).map(rowOf).join("\n")}
`
  )
  .join("\n")}`

const file = "docs/operations.md"
const isCurrent = existsSync(file) && readFileSync(file, "utf8") === text
if (!process.argv.includes("--check")) writeFileSync(file, text)
else if (!isCurrent) {
  console.error(`not up to date, run node --conditions=@cloud-quota/source ${process.argv[1]}: ${file}`)
  process.exitCode = 1
}
